"""The live log of an execution."""

from hopsworks._native import ExecutionPodLog

__all__ = ["ExecutionPodLog"]
