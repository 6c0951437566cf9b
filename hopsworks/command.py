"""Commands that make Python environments or change their libraries."""

from hopsworks._native import Command

__all__ = ["Command"]
