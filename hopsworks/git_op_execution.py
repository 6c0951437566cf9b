"""Runs of git commands."""

from hopsworks._native import GitOpExecution

__all__ = ["GitOpExecution"]
