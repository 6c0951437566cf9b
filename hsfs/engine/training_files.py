"""Reading the files of materialised training data back.

Parquet files come through the query service where there is one; other files are downloaded.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hopsworks.client.exceptions import FeatureStoreException, RestAPIError
from hopsworks.resource_scope import scope_of
from hsfs.constructor.query import Query
from hsfs.engine.optional_packages import require
from hsfs.engine.query_service import is_available, query_service
from hsfs.engine.type_table import arrow_type
from hsfs.feature import qualified_name

if TYPE_CHECKING:
    import pyarrow as pa

    from hopsworks._native import FeatureView
    from hsfs.training_dataset import TrainingDataset

_DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_files(
    view: FeatureView,
    dataset: TrainingDataset,
    read_options: dict[str, Any],
    primary_keys: bool,
    event_time: bool,
    training_helper_columns: bool,
) -> dict[str, pa.Table]:
    """Read the files of a training dataset, one table for each split; the name of an unsplit one is empty."""
    if dataset.data_format not in ("parquet", *_DELIMITERS):
        raise FeatureStoreException(
            f"Training dataset version {dataset.version} has the format {dataset.data_format!r}, which this client does not read. "
            "It reads parquet, csv and tsv."
        )
    unwanted = _unwanted_columns(view, primary_keys, event_time, training_helper_columns)
    base = _location(view, dataset)
    folders = {split.name: f"{base}/{split.name}" for split in dataset.splits} or {
        "": f"{base}/{dataset.name}"
    }
    tables = {}
    for name, folder in folders.items():
        table = _read_folder(view, dataset, folder, read_options)
        tables[name] = table.drop_columns(
            [column for column in table.column_names if column in unwanted]
        )
    return tables


def _location(view: FeatureView, dataset: TrainingDataset) -> str:
    project = scope_of(view).context.project_name
    path = urlsplit(dataset.location).path or dataset.location
    if path.endswith(f"/Projects/{project}/{project}_Training_Datasets"):
        path = f"{path}/{dataset.name}_{dataset.version}"
    return path.rstrip("/")


def _unwanted_columns(
    view: FeatureView, primary_keys: bool, event_time: bool, training_helper_columns: bool
) -> set[str]:
    """Columns that were written beside the features and were not asked for."""
    selected = {feature.name for feature in view.features}
    unwanted: set[str] = set()
    for query, prefix in _parts(view.query):
        group = query.left_feature_group
        chosen = {feature.name for feature in query.left_features}
        columns = [] if primary_keys else list(group.primary_key or ())
        if not event_time and group.event_time:
            columns.append(group.event_time)
        for column in columns:
            unwanted.add(
                (prefix or "") + column if column in chosen else qualified_name(group, column)
            )
    unwanted -= selected
    if not training_helper_columns:
        unwanted.update(view.training_helper_columns)
    return unwanted


def _parts(query: Query, prefix: str | None = None) -> Iterator[tuple[Query, str | None]]:
    yield query, prefix
    for join in query.joins or ():
        yield from _parts(join.query, join.prefix)


def _read_folder(
    view: FeatureView, dataset: TrainingDataset, folder: str, read_options: dict[str, Any]
) -> pa.Table:
    from hopsworks.core.dataset_api import DatasetApi

    pa = require("pyarrow", "to read training data")
    session = scope_of(view).context
    files = DatasetApi(session)
    try:
        paths = sorted(
            path for path in _list(files, folder) if not posixpath.basename(path).startswith("_")
        )
    except RestAPIError as error:
        if error.response.status_code not in (400, 404):
            raise
        paths = []
    if not paths:
        raise FileNotFoundError(
            f"Training dataset version {dataset.version} of feature view {view.name!r} has no files in {folder}. "
            "Write them again with feature_view.recreate_training_dataset()."
        )
    timeout = (read_options.get("arrow_flight_config") or {}).get("timeout")
    through_service = (
        dataset.data_format == "parquet"
        and is_available(session)
        and not read_options.get("use_spark")
    )
    tables = []
    for path in paths:
        if through_service:
            tables.append(query_service(session).read_file(path, timeout))
        else:
            tables.append(_parse(view, dataset, files.read_content(path)))
    return pa.concat_tables(tables, promote_options="default")


def _list(files: Any, folder: str) -> list[str]:
    """Full paths of the entries of a folder; listings give them relative to the project."""
    offset, found = 0, []
    while True:
        page = files.list(folder, offset=offset, limit=100)
        found += [f"{folder}/{posixpath.basename(path)}" for path in page]
        if len(page) < 100:
            return found
        offset += len(page)


def _parse(view: FeatureView, dataset: TrainingDataset, content: Any) -> pa.Table:
    source = io.BytesIO(getattr(content, "content", content))
    if dataset.data_format == "parquet":
        return require("pyarrow.parquet", "to read training data").read_table(source)
    csv = require("pyarrow.csv", "to read training data")
    types = {
        feature.name: arrow_type(feature.type)
        for feature in view.features
        if _is_plain(feature.type)
    }
    return csv.read_csv(
        source,
        parse_options=csv.ParseOptions(
            delimiter=_DELIMITERS[dataset.data_format], newlines_in_values=True
        ),
        convert_options=csv.ConvertOptions(
            column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def _is_plain(offline: str | None) -> bool:
    return offline is not None and not offline.startswith(("array", "map", "struct", "binary"))
