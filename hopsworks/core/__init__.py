"""Handles for the services of a project, one module each; :class:`hopsworks.project.Project` hands them out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.core.execution_pod_log import ExecutionPodLog as ExecutionPodLog
    from hopsworks.core.sink_job_configuration import FeatureColumnMapping as FeatureColumnMapping
    from hopsworks.core.sink_job_configuration import FullLoadConfig as FullLoadConfig
    from hopsworks.core.sink_job_configuration import LoadingConfig as LoadingConfig
    from hopsworks.core.sink_job_configuration import SinkJobConfiguration as SinkJobConfiguration
    from hopsworks.core.sink_job_configuration import TableIngestionTarget as TableIngestionTarget
    from hsfs.core.multi_table_ingestion import MultiTableIngestionJob as MultiTableIngestionJob

# The classes that are also found here, and the modules that they are in.
_LAZY = {
    "ExecutionPodLog": "hopsworks.core.execution_pod_log",
    "FeatureColumnMapping": "hopsworks.core.sink_job_configuration",
    "FullLoadConfig": "hopsworks.core.sink_job_configuration",
    "LoadingConfig": "hopsworks.core.sink_job_configuration",
    "MultiTableIngestionJob": "hsfs.core.multi_table_ingestion",
    "SinkJobConfiguration": "hopsworks.core.sink_job_configuration",
    "TableIngestionTarget": "hopsworks.core.sink_job_configuration",
}


def __getattr__(name: str) -> Any:
    """Load a class when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
