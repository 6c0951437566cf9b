"""Handles for the services of a project, one module each; :class:`hopsworks.project.Project` hands them out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.core.execution_pod_log import ExecutionPodLog as ExecutionPodLog


def __getattr__(name: str) -> Any:
    """Load the one class that is also found here when it is first asked for."""
    if name == "ExecutionPodLog":
        from hopsworks.core.execution_pod_log import ExecutionPodLog

        return ExecutionPodLog
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
