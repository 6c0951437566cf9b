"""Executions: the runs of a job."""

from __future__ import annotations

import math
import os
import time
import uuid

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.client.exceptions import JobExecutionException
from hopsworks.core.polling import attempts

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

    from hopsworks._native import ExecutionPodLog
    from hopsworks.core.dataset_api import DatasetApi
    from hopsworks.job import Job

logger = get_logger(__name__)

_SUCCEEDED = frozenset(("FINISHED", "SUCCEEDED"))
FAILED = frozenset(
    ("FAILED", "KILLED", "FRAMEWORK_FAILURE", "APP_MASTER_START_FAILED", "INITIALIZATION_FAILED")
)
# Engines whose own state says FINISHED also when the program failed; only their final status counts.
_FINAL_STATUS_ONLY = frozenset(("SPARK", "PYSPARK"))
_LONGEST_PAUSE = 3.0
# Clusters collect the logs of some engines only after the end.
_LOG_SECONDS = 360.0


class Execution(_native.Execution):
    """One run of a job. :meth:`hopsworks.job.Job.run` starts one, :meth:`hopsworks.job.Job.get_executions` lists them.

    Example:
        ```python
        execution = job.run(await_termination=False)
        execution.await_termination(timeout=600)
        stdout, stderr = execution.download_logs()
        ```
    """

    @classmethod
    def from_response_json(cls, json_dict: Any, job: Any = None) -> Any:
        """Make executions from what a server sent.

        Parameters:
            json_dict: One execution, or a collection of them.
            job: The job that they are runs of.

        Returns:
            The execution, or a list for a collection.
        """
        if isinstance(json_dict, dict) and "count" in json_dict:
            return [cls.from_response_json(item, job) for item in json_dict.get("items") or ()]
        made = super().from_response_json(json_dict)
        made._job = job
        return made

    @property
    def _known_job(self) -> Job:
        job: Job | None = self._job
        if job is None:
            raise JobExecutionException(
                f"Execution {self.id} does not know its job. Get it from job.get_executions()."
            )
        return job

    def _call(self, operation: str, body: Any = None, **params: Any) -> Any:
        job = self._known_job
        return job._call(operation, body, name=job.name, id=self.id, **params)

    def _refresh(self) -> None:
        answer = self._call("execution.get")
        self.update_from_response_json(answer.to_dict())

    @property
    def job_name(self) -> str:
        """Name of the job that this is a run of."""
        return self._known_job.name

    @property
    def job_type(self) -> str:
        """Kind of the job that this is a run of, such as `PYTHON`."""
        return self._known_job.job_type

    @property
    def rerun_count(self) -> int:
        """How often the execution was run again after it had failed."""
        return self._rerun_count or 0

    @property
    def success(self) -> bool | None:
        """True when it ended well, False when it failed or was stopped, None while it runs."""
        words = [self.final_status]
        if (self.job_type or "").upper() not in _FINAL_STATUS_ONLY:
            words.insert(0, self.state)
        for word in words:
            if word in FAILED:
                return False
            if word in _SUCCEEDED:
                return True
        return None

    @property
    def app_url(self) -> str | None:
        """Address of the page of a Python app that runs; None for everything else."""
        address = (self._monitoring or {}).get("appUrl") if self.state == "RUNNING" else None
        if not address:
            return None
        return address_of_page(address, self._known_job._session.connection.base_url)

    def get_url(self) -> str:
        """Address of the executions of the job in the user interface of the host.

        Returns:
            The address as text.
        """
        return f"{self._known_job.get_url()}/executions"

    def await_termination(self, timeout: float | None = None) -> None:
        """Wait until the execution has ended and its logs are there; the object is brought up to date.

        The server is asked often at first, then every three seconds.

        Parameters:
            timeout: Longest time to wait, in seconds; None for as long as it takes. When it is over the call
                returns, and `success` is None.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: The execution failed or was stopped.
            RestAPIError: The server does not say how it stands.

        Example:
            ```python
            execution = job.run(await_termination=False)
            execution.await_termination(timeout=600)
            if execution.success is None:
                execution.stop()
            ```
        """
        began = time.monotonic()
        if not self._poll(lambda: self.success is not None, timeout):
            logger.info(
                "The job %r still runs after %s s (execution %s).", self.job_name, timeout, self.id
            )
            return
        left = math.inf if timeout is None else began + timeout - time.monotonic()
        self._await_logs(min(left, _LOG_SECONDS))
        if self.success is False:
            raise self._failure()

    def wait(self, timeout: float | None = None) -> None:
        """The older name of :meth:`await_termination`.

        Parameters:
            timeout: Longest time to wait, in seconds; None for as long as it takes.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: The execution failed or was stopped.
        """
        self.await_termination(timeout)

    def _await_app(self, timeout: float = 120.0) -> None:
        """Wait until a Python app runs, or has failed to."""
        over = _SUCCEEDED | FAILED | {"RUNNING"}
        self._poll(lambda: self.state in over, timeout)
        if self.state in FAILED:
            raise self._failure()

    def _poll(self, is_reached: Callable[[], bool], seconds: float | None) -> bool:
        """Bring the object up to date until something is reached; False when the time is over first."""
        last = None
        for _ in attempts(seconds, _LONGEST_PAUSE):
            self._refresh()
            if is_reached():
                return True
            if self.state != last:
                last = self.state
                logger.info("The job %r is %s (execution %s).", self.job_name, last, self.id)
        return False

    def _await_logs(self, seconds: float) -> None:
        """Wait until the files of the logs are there, as long as the server names any."""
        files = self._files
        for number, _ in enumerate(attempts(seconds, _LONGEST_PAUSE)):
            if number > 0:
                self._refresh()
            paths = [path for path in (self.stdout_path, self.stderr_path) if path]
            if all(files.exists(path) for path in paths):
                return

    @property
    def _files(self) -> DatasetApi:
        from hopsworks.core.dataset_api import DatasetApi

        return DatasetApi(self._known_job._session)

    def _failure(self) -> JobExecutionException:
        is_spark = (self.job_type or "").upper() in _FINAL_STATUS_ONLY
        status = self.final_status if is_spark else self.state
        name = f"The job {self.job_name!r}"
        if status == "KILLED":
            return JobExecutionException(f"{name} was stopped (execution {self.id} is KILLED).")
        return JobExecutionException(
            f"{name} ended as {status} (execution {self.id}). Its logs say why: get this execution from "
            "job.get_executions() and call download_logs() on it."
        )

    def download_logs(self, path: str | None = None) -> tuple[str | None, str | None]:
        """Download what the execution has printed.

        The files are put into a new folder.

        Parameters:
            path: Folder to make that folder in; None for the working directory.

        Returns:
            Paths of the logs of standard output and standard error; None for a log that does not exist.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: There is no such folder; nothing is sent.
            RestAPIError: The server does not hand out a log.

        Example:
            ```python
            stdout, stderr = execution.download_logs("/tmp")
            text = open(stdout).read()
            ```
        """
        parent = os.getcwd() if path is None else os.path.expanduser(path)
        if not os.path.isdir(parent):
            raise JobExecutionException(
                f"The folder {parent} does not exist. Make it, or choose another path."
            )
        name = f"logs-job-{self.job_name}-exec-{self.id}_{str(uuid.uuid4())[:16]}"
        folder, files = os.path.join(parent, name), self._files
        os.mkdir(folder)
        found: list[str | None] = []
        for remote in (self.stdout_path, self.stderr_path):
            if remote is not None and files.exists(remote):
                found.append(files.download(remote, folder, overwrite=True))
            else:
                found.append(None)
        return found[0], found[1]

    def get_pod_logs(
        self,
        table_index: int | None = None,
        lines: int | None = None,
        limit_bytes: int | None = None,
    ) -> ExecutionPodLog:
        """Read what the execution has printed so far, while it runs.

        Parameters:
            table_index: Of an ingestion of several tables, the one whose log is read.
            lines: Number of lines from the end.
            limit_bytes: Largest number of bytes.

        Returns:
            The log with its `status`, which says why when there is none.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            live = execution.get_pod_logs(lines=20)
            if live.available:
                tail = live.log
            ```
        """
        return self._call(
            "execution.pod_logs", table=table_index, lines=lines, limit_bytes=limit_bytes
        )

    def stop(self) -> None:
        """Stop the execution. The call does not wait for its end; :meth:`await_termination` does.

        Raises:
            RestAPIError: The server refuses.
        """
        # The service reads no JSON here, and yet wants this content type.
        self._call("execution.stop", "state=stopped", headers={"Content-Type": "application/json"})

    def stop_table(self, table_index: int) -> None:
        """Stop one table of an ingestion of several; the others go on.

        Parameters:
            table_index: Place of the table in the job's list of targets.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("execution.stop_table", table=table_index)

    def rerun(self) -> None:
        """Run a failed or stopped execution again, under its number and with its arguments.

        Raises:
            RestAPIError: It runs, or it ended well.

        Example:
            ```python
            if execution.success is False:
                execution.rerun()
                execution.await_termination()
            ```
        """
        self.update_from_response_json(self._call("execution.rerun").to_dict())

    def delete(self) -> None:
        """Delete the execution and its logs. One that runs is stopped.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("execution.delete")


def address_of_page(address: str, base_url: str) -> str:
    """The whole address of the page of an app.

    Parameters:
        address: As the server tells it: whole, or a path below the REST interface.
        base_url: Address of the host.
    """
    if address.startswith(("http://", "https://")):
        return address
    path = address.lstrip("/")
    if not path.startswith("hopsworks-api/"):
        path = f"hopsworks-api/{path}"
    return f"{base_url.rstrip('/')}/{path}"
