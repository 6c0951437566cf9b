"""When jobs run by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hopsworks import _native

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class JobSchedule(_native.JobSchedule):
    """The schedule of a job. :meth:`hopsworks.job.Job.schedule` makes one.

    Parameters:
        start_date_time: When the schedule begins; a datetime, or milliseconds since 1970. A datetime without a
            time zone is taken as UTC, and a date as its first moment in UTC, here and below.
        enabled (bool): Whether it starts runs.
        cron_expression (str): Quartz cron expression, in UTC.
        next_execution_date_time: When the next run is due.
        id (int | None): Identifier; None for a new schedule.
        end_date_time: When the schedule ends; None for never.
        catchup (bool): Make up for every missed run instead of only the newest.
        max_active_runs (int): How many runs may go on at a time.
        start_time_offset_seconds (int | None): Where `HOPS_START_TIME` lies from the time of the run; None for the
            time of the run before.
        end_time_offset_seconds (int | None): Where `HOPS_END_TIME` lies from the time of the run; None for that time.
        skip_to_date: Missed runs before it are passed over.
        max_catchup_runs (int | None): How many missed runs are made up for at most.

    Raises:
        TypeError: If a time is neither.

    Example:
        ```python
        from datetime import UTC, datetime
        from hopsworks.job_schedule import JobSchedule

        nightly = JobSchedule(datetime(2026, 1, 1, tzinfo=UTC), True, "0 0 2 ? * *")
        assert nightly.to_dict()["startDateTime"] == 1767225600000
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        start_date_time: datetime | int,
        enabled: bool,
        cron_expression: str,
        next_execution_date_time: datetime | int | None = None,
        id: int | None = None,
        end_date_time: datetime | int | None = None,
        catchup: bool = False,
        max_active_runs: int = 1,
        start_time_offset_seconds: int | None = None,
        end_time_offset_seconds: int | None = None,
        skip_to_date: datetime | int | None = None,
        max_catchup_runs: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            milliseconds_of(start_date_time, "start_date_time"),
            enabled,
            cron_expression,
            milliseconds_of(next_execution_date_time, "next_execution_date_time"),
            id,
            milliseconds_of(end_date_time, "end_date_time"),
            bool(catchup),
            1 if max_active_runs is None else max_active_runs,
            start_time_offset_seconds,
            end_time_offset_seconds,
            milliseconds_of(skip_to_date, "skip_to_date"),
            max_catchup_runs,
        )

    @property
    def start_date_time(self) -> datetime | None:
        """When the schedule begins."""
        return _moment(self._start_date_time)

    @property
    def end_date_time(self) -> datetime | None:
        """When the schedule ends; None for never."""
        return _moment(self._end_date_time)

    @property
    def next_execution_date_time(self) -> datetime | None:
        """When the next run is due; None when that is not known or there is none."""
        return _moment(self._next_execution_date_time)

    @property
    def skip_to_date(self) -> datetime | None:
        """Missed runs before this time are passed over."""
        return _moment(self._skip_to_date)


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds_of(value: Any, argument: str) -> Any:
    """A time that a user passed, in milliseconds since 1970.

    Parameters:
        value: A datetime, a date, or milliseconds; None stays None.
        argument: Name of the argument.

    Raises:
        TypeError: If it is something else.
    """
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, date):
        # The server keeps instants; the zone of this machine has no part in them.
        full = value if isinstance(value, datetime) else datetime.combine(value, time())
        instant = full if full.tzinfo else full.replace(tzinfo=UTC)
        return int(instant.timestamp() * 1000)
    raise TypeError(
        f"{argument} is {value!r}. Pass a datetime, such as datetime(2026, 1, 31, 2, 30, tzinfo=UTC) or "
        "datetime.fromisoformat('2026-01-31T02:30:00+00:00'), or milliseconds since 1970."
    )
