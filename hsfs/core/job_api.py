"""The place of :class:`hopsworks.core.job_api.JobApi` in ``hsfs``."""

from hopsworks.core.job_api import JobApi

__all__ = ["JobApi"]
