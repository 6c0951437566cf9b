"""Jobs that copy several tables of one data source into feature groups."""

from __future__ import annotations

from copy import copy

from hopsworks.core.arguments import checked_text
from hopsworks.core.sink_job_configuration import (
    SinkJobConfiguration,
    TableIngestionTarget,
    feature_group_identifier,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.core.job_api import JobApi
    from hopsworks.core.sink_job_configuration import WriteMode
    from hopsworks.execution import Execution
    from hopsworks.job import Job
    from hopsworks.job_schedule import JobSchedule


class MultiTableIngestionJob:
    """A job that copies several tables of one data source into feature groups.

    Parameters:
        data_source: Where the tables come from; its storage connector must be saved.
        name: Name of the job.
        table_parallelism: How many tables are loaded at the same time.
        environment_name: Python environment that the job runs in. This and what follows holds for each table that does
            not say otherwise; None means the default of :class:`hopsworks.core.SinkJobConfiguration`.
        transform_script_path: Path in the project of a script that changes the rows on their way.
        write_mode: `APPEND` to add rows, `MERGE` to replace those with the same primary key.
        batch_size: How many rows are written at a time.
        sql_source_fetch_chunk_size: How many rows of an SQL source are fetched at a time.
        source_read_workers: How many workers read.
        data_processing_workers: How many workers process what was read.
        max_upload_batch_size_mb: Size of the uploads, in MB, at most.
        sql_table_num_partitions: Into how many parts an SQL table is divided for reading.
        schedule_config: When the job runs by itself: a :class:`hopsworks.job_schedule.JobSchedule` or a dict.

    Raises:
        ValueError: The name is empty, or no table would be loaded at a time.

    Example:
        ```python
        from hopsworks.core import MultiTableIngestionJob

        job = MultiTableIngestionJob(data_source, "load_sales", table_parallelism=2)
        job.add_target(customers).add_target(orders, write_mode="MERGE")
        execution = job.run(await_termination=True)
        ```
    """

    def __init__(
        self,
        data_source: Any,
        name: str,
        *,
        table_parallelism: int = 1,
        environment_name: str | None = None,
        transform_script_path: str | None = None,
        write_mode: WriteMode | str | None = None,
        batch_size: int | None = None,
        sql_source_fetch_chunk_size: int | None = None,
        source_read_workers: int | None = None,
        data_processing_workers: int | None = None,
        max_upload_batch_size_mb: int | None = None,
        sql_table_num_partitions: int | None = None,
        schedule_config: JobSchedule | dict[str, Any] | None = None,
    ) -> None:
        checked_text(name, "name", "Pass the name of the job.")
        if table_parallelism < 1:
            raise ValueError(
                f"table_parallelism is {table_parallelism}. Pass how many tables are loaded at a time, at least 1."
            )
        given = {
            "environment_name": environment_name,
            "transform_script_path": transform_script_path,
            "write_mode": write_mode,
            "batch_size": batch_size,
            "sql_source_fetch_chunk_size": sql_source_fetch_chunk_size,
            "source_read_workers": source_read_workers,
            "data_processing_workers": data_processing_workers,
            "max_upload_batch_size_mb": max_upload_batch_size_mb,
            "sql_table_num_partitions": sql_table_num_partitions,
        }
        settings: dict[str, Any] = {key: one for key, one in given.items() if one is not None}
        self._data_source = data_source
        self._name = name
        self._config = SinkJobConfiguration(
            name,
            schedule_config=schedule_config,
            table_parallelism=table_parallelism,
            **settings,
        )
        self._targets: dict[int, TableIngestionTarget] = {}
        # Targets that were added or replaced since the job was saved.
        self._unsaved: set[int] = set()
        self._job: Job | None = None
        self._schedule_id: int | None = None

    @property
    def name(self) -> str:
        """Name of the job."""
        return self._name

    @property
    def job(self) -> Job | None:
        """The job as the server has it; None until it is saved."""
        return self._job

    @property
    def targets(self) -> list[TableIngestionTarget]:
        """The tables in the order in which they were added, a copy of the list."""
        return list(self._targets.values())

    def add_target(
        self, feature_group: Any = None, *, feature_group_id: int | None = None, **overrides: Any
    ) -> MultiTableIngestionJob:
        """Add a table, or replace the settings of the one that goes to the same feature group.

        :meth:`save` and :meth:`run` store it.

        Parameters:
            feature_group: Feature group that the table goes to; it must be saved.
            feature_group_id: Its identifier, instead of the feature group.
            overrides: What differs for this table: further parameters of
                :class:`hopsworks.core.TableIngestionTarget`.

        Returns:
            This job.

        Raises:
            TypeError: There is no such setting.
            ValueError: Neither a saved feature group nor an identifier is given.

        Example:
            ```python
            job.add_target(orders, write_mode="MERGE", batch_size=5000)
            ```
        """
        number = feature_group_identifier(feature_group, feature_group_id)
        self._targets[number] = TableIngestionTarget(feature_group_id=number, **overrides)
        self._unsaved.add(number)
        return self

    def set_table_enabled(
        self,
        feature_group: Any = None,
        *,
        feature_group_id: int | None = None,
        enabled: bool = True,
    ) -> MultiTableIngestionJob:
        """Let runs load a table, or pass it over. Of a saved job this is stored at once, and nothing else of it changes.

        Parameters:
            feature_group: Feature group that the table goes to.
            feature_group_id: Its identifier, instead of the feature group.
            enabled: Whether runs load the table.

        Returns:
            This job.

        Raises:
            ValueError: No table goes to that feature group.
            RestAPIError: The server refuses.

        Example:
            ```python
            job.set_table_enabled(orders, enabled=False)
            ```
        """
        wanted = feature_group_identifier(feature_group, feature_group_id)
        if self._job is None or wanted in self._unsaved:
            self._target(wanted)._enabled = enabled
            return self
        # Somebody else may have changed the job since it was read.
        self._take(self._api.get(self.name))
        self._target(wanted)
        for target in self._job.config["targets"]:
            if target["featuregroupId"] == wanted:
                target["enabled"] = enabled
        self._take(self._api._call("job.put", self._job.config, name=self.name))
        return self

    def save(self) -> Job:
        """Store the job with its tables and its schedule.

        Returns:
            The job.

        Raises:
            ValueError: There is no table, or the data source has no saved storage connector; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            job.save().run()
            ```
        """
        if not self._targets:
            raise ValueError(
                f"The job {self.name!r} has no tables. Add one with add_target(feature_group) before it is saved."
            )
        connector = getattr(self._data_source, "storage_connector", None)
        config = self._config
        config._featurestore_id = _attribute(connector, "_featurestore_id", "featurestoreId")
        config._storage_connector_id = _attribute(connector, "id", "id")
        if config._featurestore_id is None or config._storage_connector_id is None:
            raise ValueError(
                f"The data source of the job {self.name!r} has no saved storage connector. Pass a data source that a "
                "storage connector of the feature store gave."
            )
        config.targets = self.targets
        self._job = job = self._api.create(self.name, config)
        self._unsaved.clear()
        schedule = config.schedule_config
        if schedule is not None:
            if job.job_schedule is not None:
                self._schedule_id = job.job_schedule.id
            changed = copy(schedule)
            changed._set(id=self._schedule_id)
            self._schedule_id = job._store_schedule(changed).id
        return job

    def run(self, await_termination: bool = False) -> Execution | None:
        """Run the job; one that is not saved, or has tables that are not, is saved first.

        Parameters:
            await_termination: Wait until the run has ended.

        Returns:
            The execution.

        Raises:
            ValueError: The job cannot be saved, see :meth:`save`.
            hopsworks.client.exceptions.JobExecutionException: It was waited for and failed.
            RestAPIError: The server refuses.

        Example:
            ```python
            execution = job.run(await_termination=True)
            ```
        """
        job = self.save() if self._job is None or self._unsaved else self._job
        return job.run(await_termination=await_termination)

    @property
    def _api(self) -> JobApi:
        from hopsworks.core.job_api import JobApi

        scope = getattr(self._data_source, "_scope", None)
        return JobApi(None if scope is None else scope.context)

    def _target(self, wanted: int) -> TableIngestionTarget:
        if wanted not in self._targets:
            raise ValueError(
                f"No table of the job {self.name!r} goes to the feature group {wanted}. Add it with "
                f"add_target(feature_group_id={wanted})."
            )
        return self._targets[wanted]

    def _take(self, job: Job) -> None:
        """Take over a job of the server; tables that it does not know yet stay as they are here."""
        self._job = job
        sent = job.config.get("targets") or []
        known = [TableIngestionTarget.from_response_json(one) for one in sent]
        unsaved = {number: self._targets[number] for number in self._unsaved}
        self._targets = {target._feature_group_id: target for target in known} | unsaved


def _attribute(connector: Any, name: str, key: str) -> Any:
    return connector.get(key) if isinstance(connector, dict) else getattr(connector, name, None)
