"""Commits of a git repository."""

from hopsworks._native import GitCommit

__all__ = ["GitCommit"]
