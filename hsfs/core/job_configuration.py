"""The place of :class:`hopsworks.core.job_configuration.JobConfiguration` in ``hsfs``."""

from hopsworks.core.job_configuration import JobConfiguration

__all__ = ["JobConfiguration"]
