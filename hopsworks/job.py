"""Jobs of a project."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.client.exceptions import JobException
from hopsworks.core.arguments import checked_run_arguments, checked_text
from hopsworks.core.job_api import JobApi, complete_configuration
from hopsworks.core.tagged import Tagged
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, Literal

    from hopsworks.alert import JobAlert
    from hopsworks.core.alerts_api import AlertsApi
    from hopsworks.execution import Execution
    from hopsworks.job_schedule import JobSchedule
    from hopsworks.session import ProjectSession
    from hopsworks.tag import Tag

logger = get_logger(__name__)

# Jobs that write rows which wait in Kafka: two of them at a time would write the same rows.
_ONE_AT_A_TIME = ("offline_fg_materialization", "offline_fg_backfill")


class Job(Tagged, _native.Job):
    """A job of the project: a script with its configuration. :class:`hopsworks.core.job_api.JobApi` makes and finds them.

    Example:
        ```python
        job = project.get_job_api().get_job("train")
        execution = job.run(args="--epochs 3")
        stdout, stderr = execution.download_logs()
        ```
    """

    NOT_FOUND_ERROR_CODE = 130009

    _TAG_ENDPOINT = "job.tag"

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make jobs from what a server sent.

        Parameters:
            json_dict: One job, or a collection of them.
            scope: Where their requests go; None for the default connection.

        Returns:
            The job, or a list for a collection.
        """
        if isinstance(json_dict, dict):
            if "items" in json_dict:
                return [cls.from_response_json(item, scope) for item in json_dict["items"] or ()]
            if "id" not in json_dict:
                return []
        return super().from_response_json(json_dict, scope)

    @property
    def _session(self) -> ProjectSession:
        return scope_of(self).context

    @property
    def _api(self) -> JobApi:
        return JobApi(self._session)

    @property
    def _alerts(self) -> AlertsApi:
        from hopsworks.core.alerts_api import AlertsApi

        return AlertsApi(self._session)

    def _call(self, endpoint: str, body: Any = None, **parameters: Any) -> Any:
        if endpoint.startswith(self._TAG_ENDPOINT):
            parameters["job"] = self.name
        return scope_of(self).call(endpoint, body, **parameters)

    def _owned(self, executions: list[Execution]) -> list[Execution]:
        for execution in executions:
            execution._job = self
        return executions

    @property
    def description(self) -> str | None:
        """What the job is for. A new text is kept in the configuration too; :meth:`save` stores it."""
        if self._description is None and isinstance(self.config, dict):
            return self.config.get("description")
        return self._description

    @description.setter
    def description(self, description: str | None) -> None:
        self._description = description
        if isinstance(self.config, dict):
            self.config["description"] = description

    def get_url(self) -> str:
        """Address of the job in the user interface of the host.

        Returns:
            The address as text.
        """
        session = self._session
        return f"{session.connection.base_url}/p/{session.project_id}/jobs/named/{self.name}"

    def save(self) -> Job:
        """Store the configuration of the job after it was changed.

        Returns:
            The job as it is stored now.

        Raises:
            hopsworks.client.exceptions.JobException: The configuration lacks its script; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            job.config["appPath"] = "Resources/train_v2.py"
            job = job.save()
            ```
        """
        complete_configuration(self.name, self.config, self._session.project_name)
        return self._call("job.put", self.config, name=self.name)

    def delete(self) -> None:
        """Delete the job with its executions, their logs and its schedule. What runs of it is stopped.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("job.delete", name=self.name)

    def run(
        self,
        args: str | None = None,
        await_termination: bool = True,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        logical_date: datetime | None = None,
        env_vars: dict[str, str] | None = None,
    ) -> Execution | None:
        """Run the job.

        Parameters:
            args: Arguments as one text; None for those of the configuration.
            await_termination: Wait until it has ended. A Python app is always waited for until it runs.
            start_time: Beginning of the span of time that the run is for, given to it as `HOPS_START_TIME`. A datetime
                without a time zone is taken as UTC, here and below.
            end_time: End of that span, given to it as `HOPS_END_TIME`.
            logical_date: The date that the run counts for, where it is not `start_time`.
            env_vars: Further environment variables; they come before all others of the same name.

        Returns:
            The execution. None, with a warning, when the job writes waiting rows to a feature group and does so already.

        Raises:
            TypeError: The arguments are no text; nothing is sent.
            hopsworks.client.exceptions.JobExecutionException: It was waited for and failed.
            RestAPIError: The job could not be started.

        Example:
            ```python
            execution = job.run(args="--epochs 3")
            assert execution.success
            ```
        """
        if self.name.endswith(_ONE_AT_A_TIME) and self._runs_already():
            warnings.warn(
                f"The job {self.name!r} runs already, so it is not started again. Wait for its end: "
                "job.get_state() says how it stands.",
                stacklevel=2,
            )
            return None
        execution = self._start(args, start_time, end_time, logical_date, env_vars)
        logger.info("The job %r was started. Follow it at %s", self.name, execution.get_url())
        if self.job_type == "PYTHON_APP":
            execution._await_app()
        elif await_termination:
            execution.await_termination()
        return execution

    def start(self, arguments: str | None = None) -> Execution | None:
        """Run the job and do not wait; the older form of :meth:`run`.

        Parameters:
            arguments: Arguments as one text; None for those of the configuration.

        Returns:
            The execution; `execution.wait()` waits for its end.

        Raises:
            RestAPIError: The job could not be started.
        """
        return self.run(args=arguments, await_termination=False)

    def _start(
        self,
        args: str | None,
        start_time: datetime | None,
        end_time: datetime | None,
        logical_date: datetime | None,
        env_vars: dict[str, str] | None,
    ) -> Execution:
        checked_run_arguments(args)
        if env_vars is not None and not (
            isinstance(env_vars, dict)
            and all(isinstance(word, str) for pair in env_vars.items() for word in pair)
        ):
            raise TypeError(
                "env_vars must be a dict of names and values that are text, such as {'EPOCHS': '3'}."
            )
        if start_time is end_time is logical_date is env_vars is None:
            made = self._call(
                "execution.start",
                args or "",
                name=self.name,
                headers={"Content-Type": "text/plain"},
            )
            return self._owned([made])[0]
        environment = dict(env_vars or {})
        body: dict[str, Any] = {} if args is None else {"args": args}
        if start_time is not None:
            environment.setdefault("HOPS_START_TIME", _iso(start_time))
        if end_time is not None:
            environment.setdefault("HOPS_END_TIME", _iso(end_time))
        if environment:
            body["envVars"] = environment
        if logical_date is not None:
            body["logicalDate"] = _iso(logical_date)
        if end_time is not None:
            body["dataIntervalEnd"] = _iso(end_time)
        return self._owned([self._call("execution.start_with", body, name=self.name)])[0]

    def _runs_already(self) -> bool:
        newest = self._newest()
        return bool(newest) and newest[0].final_status == "UNDEFINED"

    def get_tag_metadata(self, name: str) -> Tag | None:
        """Get a tag with the time at which it was attached.

        Parameters:
            name: Name of the tag.

        Returns:
            The tag; None when it is not attached.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._tags(self._call("job.tag.get", name=name)).get(name)

    def get_tags_metadata(self) -> dict[str, Tag]:
        """Get all tags with the times at which they were attached.

        Returns:
            Tag by name.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._tags(self._call("job.tag.list"))

    @staticmethod
    def _tags(answer: Any) -> dict[str, Tag]:
        from hopsworks.tag import Tag

        return {tag.name: tag for tag in Tag.from_response_json(answer)} if answer else {}

    def get_executions(self) -> list[Execution]:
        """Get the executions of the job, newest first.

        Returns:
            The executions.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._owned(self._call("execution.list", name=self.name))

    def _newest(self) -> list[Execution]:
        return self._owned(self._call("execution.last", name=self.name))

    def _last_execution(self) -> Execution:
        newest = self._newest()
        if not newest:
            raise JobException(
                f"The job {self.name!r} has not run yet, so it has no state. job.run() runs it."
            )
        return newest[0]

    def get_state(self) -> str | None:
        """Return the state of the newest execution.

        Returns:
            A word such as `RUNNING` or `FINISHED`.

        Raises:
            hopsworks.client.exceptions.JobException: The job has not run yet.
        """
        return self._last_execution().state

    def get_final_state(self) -> str | None:
        """Return how the newest execution ended.

        Returns:
            `SUCCEEDED`, `FAILED`, `KILLED`, or `UNDEFINED` while it runs.

        Raises:
            hopsworks.client.exceptions.JobException: The job has not run yet.
        """
        return self._last_execution().final_status

    def _wait(self) -> None:
        """Wait until the newest execution has ended.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: It failed.
        """
        self._last_execution().await_termination()

    def get_alerts(self) -> list[JobAlert]:
        """Get the alerts on the job.

        Returns:
            The alerts.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._alerts.get_job_alerts(self.name)

    def get_alert(self, alert_id: int) -> JobAlert | None:
        """Get an alert on the job.

        Parameters:
            alert_id: Number of the alert.

        Returns:
            The alert; None when the job has none of that number.

        Raises:
            TypeError: The number is no whole number; nothing is sent.
            RestAPIError: The server refuses.
        """
        return self._alerts.get_job_alert(self.name, alert_id)

    def create_alert(
        self,
        receiver: str,
        status: Literal["finished", "failed", "killed", "long_running"],
        severity: Literal["warning", "critical", "info"],
    ) -> JobAlert:
        """Let a receiver be told when a run of the job ends in a certain way.

        Parameters:
            receiver: Name of the receiver.
            status: What to tell: `finished`, `failed`, `killed` or `long_running`.
            severity: `info`, `warning` or `critical`.

        Returns:
            The new alert.

        Raises:
            ValueError: There is no such status or severity, or the receiver is empty; nothing is sent.
            RestAPIError: The server refuses, for example because there is such an alert or no such receiver.

        Example:
            ```python
            alert = job.create_alert("oncall", status="failed", severity="critical")
            ```
        """
        return self._alerts.create_job_alert(self.name, receiver, status, severity)

    def schedule(
        self,
        cron_expression: str,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        *,
        catchup: bool = False,
        max_active_runs: int = 1,
        start_time_offset_seconds: int | None = None,
        end_time_offset_seconds: int | None = None,
        skip_to_date: datetime | None = None,
        max_catchup_runs: int | None = None,
    ) -> JobSchedule:
        """Run the job at certain times, or change the times.

        A run is given the span of time that it is for in the environment variables `HOPS_START_TIME` and
        `HOPS_END_TIME`: from the time of the run before to its own, unless offsets say otherwise.

        Parameters:
            cron_expression: Quartz cron expression, in UTC, such as `"0 0 2 ? * *"` for every night at two.
            start_time: When the schedule begins; None for now. A datetime without a time zone is taken as UTC.
            end_time: When it ends; None for never.
            catchup: Make up for every missed run instead of only the newest.
            max_active_runs: How many runs may go on at a time.
            start_time_offset_seconds: Where the span begins, in seconds from the time of the run.
            end_time_offset_seconds: Where the span ends, in seconds from the time of the run.
            skip_to_date: Missed runs before it are passed over.
            max_catchup_runs: How many missed runs are made up for at most; the newest are kept.

        Returns:
            The schedule.

        Raises:
            TypeError: A time is no datetime, or the cron expression no text; nothing is sent.
            ValueError: The cron expression is empty; nothing is sent.
            RestAPIError: The server refuses, for example because the cron expression is wrong.

        Example:
            ```python
            schedule = job.schedule("0 0 2 ? * *")
            next_run = schedule.next_execution_date_time
            ```
        """
        from hopsworks.job_schedule import JobSchedule, milliseconds_of

        checked_text(
            cron_expression, "cron_expression", "Pass a Quartz cron expression: '0 0 2 ? * *'."
        )
        begin = milliseconds_of(start_time, "start_time")
        return self._store_schedule(
            JobSchedule(
                start_date_time=datetime.now(UTC) if begin is None else begin,
                enabled=True,
                cron_expression=cron_expression,
                id=self.job_schedule.id if self.job_schedule else None,
                end_date_time=milliseconds_of(end_time, "end_time"),
                catchup=catchup,
                max_active_runs=max_active_runs,
                start_time_offset_seconds=start_time_offset_seconds,
                end_time_offset_seconds=end_time_offset_seconds,
                skip_to_date=skip_to_date,
                max_catchup_runs=max_catchup_runs,
            )
        )

    def _store_schedule(self, schedule: JobSchedule) -> JobSchedule:
        self.job_schedule = self._api.create_or_update_schedule_job(self.name, schedule)
        return self.job_schedule

    def unschedule(self) -> None:
        """Take its schedule from the job.

        Raises:
            RestAPIError: It has none.
        """
        self._api.delete_schedule_job(self.name)
        self.job_schedule = None

    def pause_schedule(self) -> JobSchedule:
        """Let the schedule start no runs until :meth:`resume_schedule`.

        Returns:
            The schedule.

        Raises:
            hopsworks.client.exceptions.JobException: The job has no schedule.
        """
        return self._enable_schedule(False)

    def resume_schedule(self) -> JobSchedule:
        """Let a paused schedule start runs again.

        Returns:
            The schedule.

        Raises:
            hopsworks.client.exceptions.JobException: The job has no schedule.
        """
        return self._enable_schedule(True)

    def _enable_schedule(self, enabled: bool) -> JobSchedule:
        from hopsworks.job_schedule import JobSchedule

        known = self.job_schedule
        if known is None:
            raise JobException(
                f"The job {self.name!r} has no schedule. job.schedule(cron_expression) gives it one."
            )
        return self._store_schedule(
            JobSchedule(
                start_date_time=known.start_date_time or datetime.now(UTC),
                enabled=enabled,
                cron_expression=known.cron_expression,
                id=known.id,
                end_date_time=known.end_date_time,
                catchup=known.catchup,
                max_active_runs=known.max_active_runs,
                start_time_offset_seconds=known.start_time_offset_seconds,
                end_time_offset_seconds=known.end_time_offset_seconds,
                skip_to_date=known.skip_to_date,
                max_catchup_runs=known.max_catchup_runs,
            )
        )


def _iso(moment: datetime) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
