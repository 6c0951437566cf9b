"""Libraries of Python environments."""

from hopsworks._native import Library

__all__ = ["Library"]
