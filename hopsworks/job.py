"""Jobs of a project."""

from __future__ import annotations

import time
from typing import Any

from hopsworks import _native
from hopsworks.client.exceptions import JobException, JobExecutionException

_SUCCEEDED = frozenset(("FINISHED", "SUCCEEDED"))
_FAILED = frozenset(
    ("FAILED", "KILLED", "FRAMEWORK_FAILURE", "APP_MASTER_START_FAILED", "INITIALIZATION_FAILED")
)
# Engines whose own state says FINISHED also when the program failed; only their final status counts.
_FINAL_STATUS_ONLY = frozenset(("SPARK", "PYSPARK"))


class Job(_native.Job):
    """A job of the project, such as the one that writes training data.

    Example:
        ```python
        version, job = fv.create_training_data(data_format="csv", write_options={"wait_for_job": False})
        if job is not None:
            print(job.name, job.get_state())
        ```
    """

    NOT_FOUND_ERROR_CODE = 130009

    def _last_execution(self) -> dict[str, Any]:
        from hsfs.engine.connection_scope import scope_of

        answer = scope_of(self).call("job.last_execution", name=self.name)
        items = answer.get("items") or []
        if not items:
            raise JobException(f"The job {self.name!r} has not run yet, so it has no state.")
        return items[0]

    def get_state(self) -> str:
        """Return the state of the newest execution.

        Returns:
            A word such as `RUNNING` or `FINISHED`.

        Raises:
            hopsworks.client.exceptions.JobException: The job has not run yet.
        """
        return self._last_execution()["state"]

    def get_final_state(self) -> str:
        """Return how the newest execution ended.

        Returns:
            `SUCCEEDED`, `FAILED`, `KILLED`, or `UNDEFINED` while it runs.

        Raises:
            hopsworks.client.exceptions.JobException: The job has not run yet.
        """
        return self._last_execution()["finalStatus"]

    def _wait(self, poll_seconds: float = 3.0) -> None:
        """Wait until the newest execution has ended.

        Raises:
            hopsworks.client.exceptions.JobExecutionException: It failed.
        """
        pause = min(0.05, poll_seconds)
        while True:
            execution = self._last_execution()
            words = [execution.get("finalStatus")]
            if self.job_type not in _FINAL_STATUS_ONLY:
                words.insert(0, execution.get("state"))
            for word in words:
                if word in _SUCCEEDED:
                    return
                if word in _FAILED:
                    raise JobExecutionException(
                        f"The job {self.name!r} ended as {word} (execution {execution.get('id')}). "
                        "Look at its log to see why."
                    )
            time.sleep(pause)
            pause = min(pause * 2, poll_seconds)
