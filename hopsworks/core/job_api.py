"""The jobs of a project."""

from __future__ import annotations

from hopsworks.client.exceptions import JobException
from hopsworks.core.arguments import checked_run_arguments
from hopsworks.core.project_path import absolute_path
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, Literal

    from hopsworks.core.job_configuration import JobConfiguration
    from hopsworks.core.sink_job_configuration import SinkJobConfiguration
    from hopsworks.execution import Execution
    from hopsworks.job import Job
    from hopsworks.job_schedule import JobSchedule

_WITHOUT_SCRIPT = frozenset(
    ("dockerJobConfiguration", "ingestionJobConfiguration", "agentJobConfiguration")
)


class JobApi(Service):
    """Makes, finds and runs jobs. :meth:`hopsworks.project.Project.get_job_api` returns one.

    Example:
        ```python
        job_api = project.get_job_api()
        config = job_api.get_configuration("PYTHON")
        config["appPath"] = "Resources/train.py"
        job = job_api.create_job("train", config)
        execution = job.run(args="--epochs 3")
        ```
    """

    __slots__ = ()

    def create_job(self, name: str, config: dict) -> Job:
        """Make a job, or replace the configuration of the job of that name.

        Parameters:
            name: Name of the job.
            config: Its configuration: that of :meth:`get_configuration` with at least `appPath` set to the path of
                the script in the project. The dict is completed in place.

        Returns:
            The job.

        Raises:
            TypeError: The configuration is no dict.
            hopsworks.client.exceptions.JobException: The configuration lacks its type, script or main class;
                nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            config = job_api.get_configuration("PYTHON")
            config["appPath"] = "Resources/train.py"
            job = job_api.create_job("train", config)
            ```
        """
        complete_configuration(name, config, self._session.project_name)
        return self._call("job.put", config, name=name)

    def create(self, name: str, job_conf: JobConfiguration | SinkJobConfiguration) -> Job:
        """Make a job of a configuration object.

        Parameters:
            name: Name of the job.
            job_conf: The configuration; sent as it is.

        Returns:
            The job.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._call("job.put", job_conf.to_dict(), name=name)

    def get_job(self, name: str) -> Job | None:
        """Get a job.

        Parameters:
            name: Name of the job.

        Returns:
            The job; None when there is none of that name.

        Raises:
            RestAPIError: The server refuses.
        """
        return self._call("job.find", name=name)

    def get(self, name: str) -> Job:
        """Get a job that exists.

        Parameters:
            name: Name of the job.

        Returns:
            The job.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._call("job.get", name=name)

    def get_jobs(self) -> list[Job]:
        """Get all jobs of the project.

        Returns:
            The jobs.

        Raises:
            RestAPIError: The server refuses.

        Example:
            ```python
            names = [job.name for job in job_api.get_jobs()]
            ```
        """
        return self._call("job.list")

    def exists(self, name: str) -> bool:
        """Whether there is a job of that name.

        Parameters:
            name: Name of the job.

        Returns:
            True or False.
        """
        return self.get_job(name) is not None

    def get_configuration(
        self, type: Literal["SPARK", "PYSPARK", "PYTHON", "PYTHON_APP", "DOCKER", "AGENT"]
    ) -> dict:
        """Get the configuration that jobs of a kind begin with.

        Parameters:
            type: `SPARK`, `PYSPARK`, `PYTHON`, `PYTHON_APP`, `DOCKER` or `AGENT`.

        Returns:
            The configuration as a dict, to be completed and given to :meth:`create_job`.

        Raises:
            RestAPIError: The server does not know the kind.
        """
        return self._call("job.configuration", kind=type.lower())

    def launch(self, name: str, args: str | None = None) -> None:
        """Start a job and do not wait for it.

        Parameters:
            name: Name of the job.
            args: Arguments as one text; None for those of the configuration.

        Raises:
            RestAPIError: The job could not be started.
        """
        checked_run_arguments(args)
        self._call("execution.start", args or "", name=name, headers={"Content-Type": "text/plain"})

    def last_execution(self, job: Job) -> list[Execution]:
        """Get the newest execution of a job.

        Parameters:
            job: The job.

        Returns:
            A list with the execution; an empty one when the job has not run.
        """
        return job._newest()

    def create_or_update_schedule_job(
        self, name: str, schedule_config: dict[str, Any] | JobSchedule
    ) -> JobSchedule:
        """Give a job a schedule, or change the one it has.

        Parameters:
            name: Name of the job.
            schedule_config: The schedule, or a dict with its keys on the wire; with an `id` it is changed.

        Returns:
            The schedule.

        Raises:
            RestAPIError: The server refuses, for example because the cron expression is wrong.
        """
        wire = schedule_config if isinstance(schedule_config, dict) else schedule_config.to_dict()
        operation = "job_schedule.update" if wire.get("id") else "job_schedule.create"
        return self._call(operation, wire, name=name)

    def delete_schedule_job(self, name: str) -> None:
        """Take the schedule from a job.

        Parameters:
            name: Name of the job.

        Raises:
            RestAPIError: The job has no schedule.
        """
        self._call("job_schedule.delete", name=name)


JobsApi = JobApi


def complete_configuration(name: str, config: dict[str, Any], project_name: str | None) -> None:
    """Complete the configuration of a job in place: the absolute path of its script, and its main class.

    Parameters:
        name: Name of the job, for errors.
        config: The configuration.
        project_name: Project that a relative path belongs to.

    Raises:
        TypeError: The configuration is no dict.
        hopsworks.client.exceptions.JobException: The configuration lacks its type, script or main class.
    """
    if not isinstance(config, dict):
        raise TypeError(
            f"config of the job {name!r} is of type {type(config).__name__}, not dict. Begin with "
            "get_configuration(\"PYTHON\"), and set its 'appPath'."
        )
    kind, path = config.get("type"), config.get("appPath")
    if not kind:
        raise JobException(
            f"The configuration of the job {name!r} has no 'type'. Begin with get_configuration(\"PYTHON\")."
        )
    if not path and kind not in _WITHOUT_SCRIPT:
        raise JobException(
            f"The configuration of the job {name!r} has no 'appPath'. Set config['appPath'] to the path of its "
            "script in the project, such as 'Resources/train.py'."
        )
    if path and not path.startswith("hdfs://"):
        path = config["appPath"] = f"hdfs://{absolute_path(path, project_name)}"
    if kind == "sparkJobConfiguration":
        if str(path).endswith((".py", ".ipynb")):
            config["mainClass"] = "org.apache.spark.deploy.PythonRunner"
        elif "mainClass" not in config:
            raise JobException(
                f"The configuration of the Spark job {name!r} has no 'mainClass'. Set config['mainClass'] to the "
                "class in the jar that is to run."
            )
