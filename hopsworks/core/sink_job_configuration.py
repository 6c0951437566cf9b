"""Settings of jobs that copy tables of a data source into feature groups."""

from __future__ import annotations

from enum import StrEnum

from hopsworks import _native
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable
    from datetime import date
    from typing import Any

    from hopsworks.core.rest_endpoint import RestEndpointConfig
    from hopsworks.job_schedule import JobSchedule

# What only a job of one table sends, and only a job of several.
_OF_ONE_TABLE = ("loadingConfig", "columnMappings", "featuregroupId")
_OF_SEVERAL = ("targets", "tableParallelism")


class LoadingStrategy(StrEnum):
    """How much of a table each run loads: all of it, or what is new by a number, a moment or a day."""

    FULL_LOAD = "FULL_LOAD"
    INCREMENTAL_ID = "INCREMENTAL_ID"
    INCREMENTAL_TIMESTAMP = "INCREMENTAL_TIMESTAMP"
    INCREMENTAL_DATE = "INCREMENTAL_DATE"


class WriteMode(StrEnum):
    """What becomes of loaded rows: they are added, or replace those with the same primary key."""

    APPEND = "APPEND"
    MERGE = "MERGE"


class FeatureColumnMapping(_native.FeatureColumnMapping):
    """Which column of the source fills which feature.

    Parameters:
        source_column (str): Name of the column in the source.
        feature_name (str): Name of the feature.

    Example:
        ```python
        from hopsworks.core import FeatureColumnMapping

        mapping = FeatureColumnMapping("Customer ID", "customer_id")
        ```
    """

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The mapping by the names of its attributes.

        Returns:
            A dict with `source_column` and `feature_name`.
        """
        return snake_case_keys(self.to_dict())


class FullLoadConfig(_native.FullLoadConfig):
    """Where reading begins when the whole table is loaded each time.

    Parameters:
        source_cursor_field (str | None): Column of the source by which rows are ordered.
        initial_value: Value of that column at which reading begins.

    Example:
        ```python
        from hopsworks.core import FullLoadConfig

        since = FullLoadConfig("id", "1000")
        ```
    """

    __slots__ = ()


class LoadingConfig(_native.LoadingConfig):
    """How much of a table each run loads.

    Parameters:
        loading_strategy: `FULL_LOAD`, `INCREMENTAL_ID`, `INCREMENTAL_TIMESTAMP` or `INCREMENTAL_DATE`.
        source_cursor_field: Column of the source by which new rows are told from old ones.
        initial_value: Value of that column at which the first run begins. For `INCREMENTAL_DATE` a date, a datetime,
            text such as `2026-01-31`, or milliseconds since 1970.
        rest_filter_param: Parameter of a REST request that takes the value of the cursor; of incremental strategies.

    Raises:
        TypeError: The strategy is no text.
        ValueError: There is no such strategy, or the initial value of `INCREMENTAL_DATE` is no date.

    Example:
        ```python
        from hopsworks.core import LoadingConfig

        new_orders = LoadingConfig("INCREMENTAL_ID", source_cursor_field="order_id", initial_value="0")
        assert new_orders.to_dict()["incrementalLoadingConfig"]["sourceCursorField"] == "order_id"
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        loading_strategy: LoadingStrategy | str = LoadingStrategy.FULL_LOAD,
        source_cursor_field: str | None = None,
        initial_value: str | int | date | None = None,
        rest_filter_param: str | None = None,
    ) -> None:
        strategy = _word(LoadingStrategy, loading_strategy, "loading_strategy")
        given = (source_cursor_field, initial_value, rest_filter_param)
        incremental = full = None
        if strategy == LoadingStrategy.FULL_LOAD:
            if given[:2] != (None, None):
                full = FullLoadConfig(source_cursor_field, initial_value)
        elif given != (None, None, None):
            by_date = strategy == LoadingStrategy.INCREMENTAL_DATE
            incremental = _native.IncrementalLoadConfig(
                source_cursor_field,
                rest_filter_param,
                None if by_date else initial_value,
                _milliseconds(initial_value) if by_date else None,
            )
        super().__init__(strategy, incremental, full)

    def to_json(self) -> dict[str, Any]:
        """The settings by their Python names.

        Returns:
            A dict with `loading_strategy`, `incremental_loading_config` and `full_load_config`.
        """
        return snake_case_keys(self.to_dict())


class TableIngestionTarget(_native.TableIngestionTarget):
    """One table of a job that loads several: where it goes, and what differs from the settings of the job.

    What is None here is as the job says.

    Parameters:
        feature_group: Feature group that the table goes to; it must be saved.
        feature_group_id: Its identifier, instead of the feature group.
        enabled: Whether runs load this table.
        loading_config: How much of the table each run loads: a :class:`LoadingConfig` or a dict.
        column_mappings: Which column fills which feature: :class:`FeatureColumnMapping` objects or dicts.
        transform_script_path: Path in the project of a script that changes the rows on their way.
        write_mode: `APPEND` to add rows, `MERGE` to replace those with the same primary key.
        batch_size: How many rows are written at a time.
        sql_source_fetch_chunk_size: How many rows of an SQL source are fetched at a time.
        sql_table_num_partitions: Into how many parts an SQL table is divided for reading.
        max_upload_batch_size_mb: Size of the uploads, in MB, at most.
        source_read_workers: How many workers read.
        data_processing_workers: How many workers process what was read.
        resource_config: Cores and memory of the worker: a dict with `cores`, `memory` in MB and `gpus`.
        endpoint_config: How a REST source is asked: a :class:`hopsworks.core.rest_endpoint.RestEndpointConfig`.

    Raises:
        ValueError: Neither a saved feature group nor an identifier is given, or there is no such write mode.

    Example:
        ```python
        from hopsworks.core import TableIngestionTarget

        target = TableIngestionTarget(feature_group_id=14, write_mode="MERGE")
        assert target.to_dict() == {"featuregroupId": 14, "enabled": True, "writeMode": "MERGE"}
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        feature_group: Any = None,
        *,
        feature_group_id: int | None = None,
        enabled: bool = True,
        loading_config: LoadingConfig | dict[str, Any] | None = None,
        column_mappings: Iterable[FeatureColumnMapping | dict[str, Any]] | None = None,
        transform_script_path: str | None = None,
        write_mode: WriteMode | str | None = None,
        batch_size: int | None = None,
        sql_source_fetch_chunk_size: int | None = None,
        sql_table_num_partitions: int | None = None,
        max_upload_batch_size_mb: int | None = None,
        source_read_workers: int | None = None,
        data_processing_workers: int | None = None,
        resource_config: dict[str, Any] | None = None,
        endpoint_config: RestEndpointConfig | dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            feature_group_id=feature_group_identifier(feature_group, feature_group_id),
            enabled=enabled,
            loading_config=_loading(loading_config),
            column_mappings=None if column_mappings is None else _mappings(column_mappings),
            transform_script_path=transform_script_path,
            write_mode=None if write_mode is None else _word(WriteMode, write_mode, "write_mode"),
            batch_size=batch_size,
            sql_source_fetch_chunk_size=sql_source_fetch_chunk_size,
            source_read_workers=source_read_workers,
            data_processing_workers=data_processing_workers,
            max_upload_batch_size_mb=max_upload_batch_size_mb,
            sql_table_num_partitions=sql_table_num_partitions,
            resource_config=resource_config,
            endpoint_config=_endpoint(endpoint_config),
        )


class SinkJobConfiguration(_native.SinkJobConfiguration):
    """Settings of a job that copies tables of a data source into feature groups.

    A job loads one table, into the feature group that it belongs to, or the tables of `targets`.

    Parameters:
        name: Name of the job; None for one that the server makes up.
        environment_name: Python environment that the job runs in.
        transform_script_path: Path in the project of a script that changes the rows on their way.
        write_mode: `APPEND` to add rows, `MERGE` to replace those with the same primary key.
        batch_size: How many rows are written at a time.
        sql_source_fetch_chunk_size: How many rows of an SQL source are fetched at a time.
        source_read_workers: How many workers read.
        data_processing_workers: How many workers process what was read.
        max_upload_batch_size_mb: Size of the uploads, in MB, at most.
        sql_table_num_partitions: Into how many parts an SQL table is divided for reading.
        loading_config: How much each run loads: a :class:`LoadingConfig` or a dict; None for all.
        column_mappings: Which column fills which feature: :class:`FeatureColumnMapping` objects or dicts.
        endpoint_config: How a REST source is asked: a :class:`hopsworks.core.rest_endpoint.RestEndpointConfig`.
        schedule_config: When the job runs by itself: a :class:`hopsworks.job_schedule.JobSchedule` or a dict.
        targets: The tables of a job that loads several: :class:`TableIngestionTarget` objects or dicts.
        table_parallelism: How many of them are loaded at the same time.

    Raises:
        TypeError: One of them is of another type.
        ValueError: There is no such write mode.

    Example:
        ```python
        from hopsworks.core import LoadingConfig, SinkJobConfiguration

        config = SinkJobConfiguration(
            name="load_orders", write_mode="MERGE", loading_config=LoadingConfig("INCREMENTAL_ID", "order_id")
        )
        job = project.get_job_api().create("load_orders", config)
        ```
    """

    __slots__ = ()

    DTO_TYPE = "ingestionJobConfiguration"
    DEFAULT_ENVIRONMENT_NAME = "dlthub-ingestion-pipeline"

    def __init__(
        self,
        name: str | None = None,
        environment_name: str | None = DEFAULT_ENVIRONMENT_NAME,
        transform_script_path: str | None = None,
        write_mode: WriteMode | str | None = WriteMode.APPEND,
        batch_size: int | None = 100000,
        sql_source_fetch_chunk_size: int | None = 50000,
        source_read_workers: int | None = 1,
        data_processing_workers: int | None = 1,
        max_upload_batch_size_mb: int | None = 128,
        sql_table_num_partitions: int | None = 2,
        loading_config: LoadingConfig | dict[str, Any] | None = None,
        column_mappings: Iterable[FeatureColumnMapping | dict[str, Any]] | None = None,
        endpoint_config: RestEndpointConfig | dict[str, Any] | None = None,
        schedule_config: JobSchedule | dict[str, Any] | None = None,
        targets: Iterable[TableIngestionTarget | dict[str, Any]] | None = None,
        table_parallelism: int | None = 1,
    ) -> None:
        super().__init__(
            name=name,
            environment_name=environment_name,
            transform_script_path=transform_script_path,
            batch_size=batch_size,
            sql_source_fetch_chunk_size=sql_source_fetch_chunk_size,
            source_read_workers=source_read_workers,
            data_processing_workers=data_processing_workers,
            max_upload_batch_size_mb=max_upload_batch_size_mb,
            sql_table_num_partitions=sql_table_num_partitions,
            endpoint_config=_endpoint(endpoint_config),
            table_parallelism=table_parallelism,
        )
        self.write_mode = write_mode
        self.loading_config = LoadingConfig() if loading_config is None else loading_config
        self.column_mappings = column_mappings
        self.schedule_config = schedule_config
        self.targets = targets

    def _after_decode(self) -> None:
        if self._loading_config is None:
            self._loading_config = LoadingConfig()

    @property
    def write_mode(self) -> WriteMode | str:
        """What becomes of loaded rows: `APPEND` adds them, `MERGE` replaces those with the same primary key."""
        # A word that only a newer server knows is handed out as it came.
        mode = self._write_mode
        return WriteMode[mode] if mode in WriteMode.__members__ else mode

    @write_mode.setter
    def write_mode(self, mode: WriteMode | str | None) -> None:
        self._write_mode = _word(WriteMode, mode or WriteMode.APPEND, "write_mode")

    @property
    def loading_config(self) -> LoadingConfig | None:
        """How much each run loads; a dict that is set becomes a :class:`LoadingConfig`."""
        return self._loading_config

    @loading_config.setter
    def loading_config(self, config: LoadingConfig | dict[str, Any] | None) -> None:
        self._loading_config = _loading(config)

    @property
    def column_mappings(self) -> list[FeatureColumnMapping]:
        """Which column fills which feature; dicts that are set become :class:`FeatureColumnMapping` objects."""
        return self._column_mappings

    @column_mappings.setter
    def column_mappings(
        self, mappings: Iterable[FeatureColumnMapping | dict[str, Any]] | None
    ) -> None:
        self._column_mappings = [] if mappings is None else _mappings(mappings)

    @property
    def schedule_config(self) -> JobSchedule | None:
        """When the job runs by itself; a dict that is set becomes a :class:`hopsworks.job_schedule.JobSchedule`."""
        return self._schedule_config

    @schedule_config.setter
    def schedule_config(self, schedule: JobSchedule | dict[str, Any] | None) -> None:
        from hopsworks.job_schedule import JobSchedule

        self._schedule_config = _object(JobSchedule, schedule, "schedule_config")

    @property
    def targets(self) -> list[TableIngestionTarget] | None:
        """The tables of a job that loads several; None for a job of one."""
        return self._targets

    @targets.setter
    def targets(self, targets: Iterable[TableIngestionTarget | dict[str, Any]] | None) -> None:
        self._targets = (
            None
            if targets is None
            else [
                _object(TableIngestionTarget, one, "targets")
                for one in _several(targets, "targets", "TableIngestionTarget")
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The settings as they are sent.

        Returns:
            The settings by their names on the wire: those of a job of one table, or of several.
        """
        wire = super().to_dict()
        for key in _OF_ONE_TABLE if self._targets else _OF_SEVERAL:
            wire.pop(key, None)
        return wire

    def json(self) -> str:
        """The settings as JSON text.

        Returns:
            JSON of :meth:`to_dict`.
        """
        import json

        return json.dumps(self.to_dict())


def feature_group_identifier(feature_group: Any, given: int | None) -> int:
    """The identifier of a feature group that is given as an object or by its identifier.

    Parameters:
        feature_group: The feature group, or None.
        given: The identifier, or None; it comes before that of the object.

    Returns:
        The identifier.

    Raises:
        ValueError: Neither is given, or the feature group is not saved yet.
    """
    found = given if given is not None else getattr(feature_group, "id", None)
    if found is None:
        raise ValueError(
            "The feature group has no identifier yet. Save it before it becomes the target of a job, or pass "
            "feature_group_id."
        )
    return found


def _word(words: type[StrEnum], value: Any, argument: str) -> str:
    if not isinstance(value, str):
        raise TypeError(
            f"{argument} is of type {type(value).__name__}. Pass one of {', '.join(words)} as text."
        )
    word = value.upper()
    if word not in words.__members__:
        raise ValueError(f"{argument} is {str(value)!r}. Use one of {', '.join(words)}.")
    return word


def _milliseconds(moment: Any) -> int | None:
    # A number is taken as it is: milliseconds.
    if moment is None or isinstance(moment, int):
        return moment
    from datetime import datetime

    from hsfs.engine.event_time import to_milliseconds

    if isinstance(moment, str) and "T" in moment:
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            pass  # The error of the other spellings names them all.
    return to_milliseconds(moment)


def _loading(given: Any) -> LoadingConfig | None:
    if isinstance(given, dict) and given.keys() <= {
        "loading_strategy",
        "source_cursor_field",
        "initial_value",
        "rest_filter_param",
    }:
        return LoadingConfig(**given)
    return _object(LoadingConfig, given, "loading_config")


def _endpoint(given: Any) -> RestEndpointConfig | None:
    if given is None:
        return None
    from hopsworks.core.rest_endpoint import RestEndpointConfig

    return _object(RestEndpointConfig, given, "endpoint_config")


def _mappings(given: Any) -> list[FeatureColumnMapping]:
    return [
        _object(FeatureColumnMapping, one, "column_mappings")
        for one in _several(given, "column_mappings", "FeatureColumnMapping")
    ]


def _several(given: Any, argument: str, kind: str) -> Iterable[Any]:
    # The entries of a text or of a dict are texts, which would be reported one by one.
    if isinstance(given, (str, dict)) or not hasattr(given, "__iter__"):
        raise TypeError(
            f"{argument} is of type {type(given).__name__}. Pass a list of {kind} objects."
        )
    return given


def _object(kind: Any, given: Any, argument: str) -> Any:
    if given is None or isinstance(given, kind):
        return given
    if isinstance(given, dict):
        return kind.from_response_json(given)
    raise TypeError(
        f"{argument} holds a value of type {type(given).__name__}. Pass a {kind.__name__}, or a dict with its keys."
    )
