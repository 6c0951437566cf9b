"""The place of :class:`hopsworks.job_schedule.JobSchedule` in ``hsfs``."""

from hopsworks.job_schedule import JobSchedule

__all__ = ["JobSchedule"]
