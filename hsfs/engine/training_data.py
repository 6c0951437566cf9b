"""Training data of feature views: read into memory, or written as files by the server."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException, RestAPIError
from hopsworks.resource_scope import scope_of
from hsfs.constructor.filter import Filter, Logic, as_logic
from hsfs.constructor.query import Query
from hsfs.engine import reading, splits
from hsfs.engine.data_access import require_data_access
from hsfs.engine.event_time import to_milliseconds
from hsfs.engine.frames import check_dataframe_type, shaped
from hsfs.engine.optional_packages import require
from hsfs.engine.profile import statistics_of
from hsfs.engine.query_service import is_available, query_service
from hsfs.feature import qualified_name
from hsfs.training_dataset import TrainingDataset
from hsfs.training_dataset_split import TrainingDatasetSplit

if TYPE_CHECKING:
    import pyarrow as pa

    from hopsworks._native import FeatureView


_NO_EVENT_TIME = 270172


def require_reading(view: FeatureView) -> None:
    """Raise FeatureStoreException on a connection for metadata only."""
    require_data_access(
        scope_of(view).context, f"read rows or training data of the feature view {view.name!r}"
    )


def batch_query(
    view: FeatureView,
    *,
    start_time: Any = None,
    end_time: Any = None,
    with_label: bool = False,
    primary_keys: bool = False,
    event_time: bool = False,
    inference_helper_columns: bool = False,
    training_helper_columns: bool = False,
    training_dataset_version: int | None = None,
    extra_filter: Filter | Logic | None = None,
) -> Query:
    """Ask the server for the query that reads rows of a feature view."""
    condition = as_logic(extra_filter)
    parameters = {
        "feature_store_id": view.featurestore_id,
        "name": view.name,
        "version": view.version,
        "start_time": to_milliseconds(start_time),
        "end_time": to_milliseconds(end_time),
        "with_label": with_label,
        "with_primary_keys": primary_keys,
        "with_event_time": event_time,
        "inference_helper_columns": inference_helper_columns,
        "training_helper_columns": training_helper_columns,
        "is_hive_engine": True,
        "td_version": training_dataset_version,
    }
    call = scope_of(view).call
    try:
        if condition is None:
            return call("feature_view.batch_query", **parameters)
        return call("feature_view.batch_query_filtered", condition, **parameters)
    except RestAPIError as error:
        if error.error_code == _NO_EVENT_TIME:
            raise ValueError(
                f"Rows of the feature view {view.name!r} cannot be chosen by time, because its left feature group has no event "
                "time. Leave out the start and end times."
            ) from error
        raise


def create_metadata(view: FeatureView, dataset: TrainingDataset) -> TrainingDataset:
    """Register the metadata of training data and return it as the server has it."""
    return scope_of(view).call(
        "training_dataset.create",
        dataset,
        feature_store_id=view.featurestore_id,
        name=view.name,
        version=view.version,
    )


def get_metadata(view: FeatureView, version: int) -> TrainingDataset:
    """Return the metadata of one training dataset of a feature view."""
    return scope_of(view).call(
        "training_dataset.get",
        feature_store_id=view.featurestore_id,
        name=view.name,
        version=view.version,
        td_version=version,
    )


_GETTERS = {0: "get_training_data", 2: "get_train_test_split", 3: "get_train_validation_test_split"}


def check_splits(dataset: TrainingDataset, wanted: tuple[str, ...]) -> None:
    """Raise ValueError that names the right method when a training dataset has other splits than a getter returns."""
    if len(wanted) != len(dataset.splits):
        raise ValueError(
            f"Training dataset version {dataset.version} has {len(dataset.splits) or 'no'} splits. "
            f"Use feature_view.{_GETTERS.get(len(dataset.splits), 'get_training_data')}() for it."
        )


def read(
    view: FeatureView,
    dataset: TrainingDataset,
    wanted: tuple[str, ...],
    *,
    read_options: dict[str, Any] | None,
    primary_keys: bool,
    event_time: bool,
    training_helper_columns: bool,
    dataframe_type: str,
) -> tuple[Any, ...]:
    """Read training data: the frames of features, then the frames of labels, each in the order of `wanted`."""
    check_splits(dataset, wanted)
    kind = check_dataframe_type(dataframe_type)
    options = read_options or {}
    if dataset.training_dataset_type == TrainingDataset.IN_MEMORY:
        tables, indexes = _read_query(
            view, dataset, options, primary_keys, event_time, training_helper_columns
        )
        finish = _in_background(lambda: _save_statistics(view, dataset, tables))
    else:
        from hsfs.engine.training_files import read_files

        tables = read_files(
            view, dataset, options, primary_keys, event_time, training_helper_columns
        )
        indexes, finish = {}, _nothing
    try:
        frames = [
            _features_and_labels(view, tables[name], indexes.get(name), kind)
            for name in wanted or ("",)
        ]
    finally:
        finish()
    return (*(features for features, _ in frames), *(labels for _, labels in frames))


def _read_query(
    view: FeatureView,
    dataset: TrainingDataset,
    read_options: dict[str, Any],
    primary_keys: bool,
    event_time: bool,
    training_helper_columns: bool,
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    query = batch_query(
        view,
        start_time=dataset.event_start_time,
        end_time=dataset.event_end_time,
        with_label=True,
        primary_keys=primary_keys,
        event_time=event_time,
        training_helper_columns=training_helper_columns,
        training_dataset_version=dataset.version,
    )
    if not dataset.splits:
        return {"": reading.read_table(query, False, read_options)}, {}
    time_column, added = None, False
    if dataset.splits[0].split_type == TrainingDatasetSplit.TIME_SERIES_SPLIT:
        time_column, added = _select_event_time(query)
    table = reading.read_table(query, False, read_options)
    masks = splits.masks(table, dataset.splits, dataset.seed, time_column)
    if added:
        table = table.drop_columns([time_column])
    return {name: table.filter(mask) for name, mask in masks.items()}, masks


def _select_event_time(query: Query) -> tuple[str, bool]:
    """Make sure that a query selects the event time of its left feature group; return its column and whether it was added."""
    group = query.left_feature_group
    for feature in query.features:
        if feature.name == group.event_time and feature.feature_group_id == group.id:
            return feature._output_name(group), False
    if not group.event_time:
        raise FeatureStoreException(
            f"The feature group {group.name!r} has no event time, so its rows cannot be split by time. Split by share instead."
        )
    added = copy.copy(group[group.event_time])
    added.use_fully_qualified_name = True
    query.append_feature(added)
    return qualified_name(group, added.name), True


def _save_statistics(
    view: FeatureView, dataset: TrainingDataset, tables: dict[str, pa.Table]
) -> None:
    if dataset.statistics_config is None or not dataset.statistics_config.enabled:
        return
    statistics = statistics_of(tables if dataset.splits else tables[""], dataset.statistics_config)
    scope_of(view).call(
        "statistics.save_for_training_dataset",
        statistics,
        feature_store_id=view.featurestore_id,
        name=view.name,
        version=view.version,
        td_version=dataset.version,
    )


def _nothing() -> None:
    return None


def _in_background(work: Callable[[], None]) -> Callable[[], None]:
    """Start work in a thread; the function that is returned waits for it and raises what it raised.

    Statistics are computed and sent while the rows are turned into frames: both leave the interpreter lock most of the time.
    """
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="hopsworks-statistics", daemon=True)
    thread.start()

    def finish() -> None:
        thread.join()
        if errors:
            raise errors[0]

    return finish


def _features_and_labels(
    view: FeatureView, table: pa.Table, mask: Any, kind: str
) -> tuple[Any, Any]:
    labels = [label for label in view.labels if label in table.column_names]
    if not labels:
        return _frame(table, mask, kind), None
    return _frame(table.drop_columns(labels), mask, kind), _frame(table.select(labels), mask, kind)


def _frame(table: pa.Table, mask: Any, kind: str) -> Any:
    if kind == "polars":
        return require("polars", "to return polars frames").from_arrow(table)
    frame = table.to_pandas()
    if mask is not None:
        # Rows keep the numbers that they had before the split.
        numpy = require("numpy", "to return pandas frames")
        frame.index = numpy.flatnonzero(mask.to_numpy(zero_copy_only=False))
    return shaped(frame, kind)


def materialise(view: FeatureView, dataset: TrainingDataset, write_options: dict[str, Any]) -> Any:
    """Have the rows of a training dataset written as files.

    Returns:
        The job that writes them; None when the query service wrote them already.
    """
    query = batch_query(
        view,
        start_time=dataset.event_start_time,
        end_time=dataset.event_end_time,
        with_label=True,
        primary_keys=True,
        event_time=True,
        training_helper_columns=True,
        training_dataset_version=dataset.version,
    )
    session = scope_of(view).context
    own_place = bool(dataset.data_source and dataset.data_source.path)
    if (
        dataset.data_format == "parquet"
        and not dataset.splits
        and not own_place
        and not write_options.get("use_spark")
        and is_available(session)
    ):
        timeout = (write_options.get("arrow_flight_config") or {}).get("timeout")
        query_service(session).create_training_dataset(
            view, dataset, reading.service_command(query), timeout
        )
        return None
    options = {
        **write_options,
        "training_helper_columns": True,
        "primary_keys": True,
        "event_time": True,
    }
    spark = options.pop("spark", None)
    job = scope_of(view).call(
        "training_dataset.compute",
        {
            "query": query.to_dict(),
            "overwrite": True,
            "writeOptions": [{"name": name, "value": value} for name, value in options.items()],
            "sparkJobConfiguration": spark,
        },
        feature_store_id=view.featurestore_id,
        name=view.name,
        version=view.version,
        td_version=dataset.version,
    )
    if options.get("wait_for_job", True):
        job._wait()
    return job
