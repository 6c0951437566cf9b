"""The place of :class:`hopsworks.job.Job` in ``hsfs``."""

from hopsworks.job import Job

__all__ = ["Job"]
