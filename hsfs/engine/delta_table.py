"""Writing the Delta table of a feature group from this process, and registering the commit.

This is the way on servers that do not take rows themselves. The table is written where the server says; the commit is then
reported, so that the server knows what happened when.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of
from hsfs.engine import hopsfs
from hsfs.engine.event_time import commit_text
from hsfs.engine.frames import stored_batches, stored_schema
from hsfs.engine.optional_packages import require
from hsfs.feature_group_commit import FeatureGroupCommit

if TYPE_CHECKING:
    import pyarrow as pa

    from hsfs.feature_group import FeatureGroup

_CHANGE_DATA_FEED = "delta.enableChangeDataFeed"
_METRICS = {
    "inserted": (
        "num_target_rows_inserted",
        "numTargetRowsInserted",
        "num_added_rows",
        "numOutputRows",
    ),
    "updated": ("num_target_rows_updated", "numTargetRowsUpdated"),
    "deleted": ("num_target_rows_deleted", "numTargetRowsDeleted"),
}


def write(
    group: FeatureGroup, table: pa.Table, operation: str, write_options: dict[str, Any]
) -> FeatureGroupCommit | None:
    """Write rows to the Delta table: append them, or merge them by primary key and event time.

    Parameters:
        group: The feature group, registered on the server.
        table: The rows.
        operation: `upsert` or `insert`.
        write_options: `mode="append"` appends; `delta.enableChangeDataFeed` sets the property of the table;
            `commit_properties={"app_id": …, "version": …}` makes an appending commit a transaction of that application.

    Returns:
        The commit as the server registered it; None when there was nothing to commit.
    """
    pa = require("pyarrow", "to write offline feature groups")
    schema = stored_schema([group[name] for name in table.column_names])
    rows = pa.RecordBatchReader.from_batches(schema, stored_batches(table, schema))
    append = operation == "insert" or str(write_options.get("mode", "")).lower() == "append"
    with _delta(group) as (deltalake, location, storage_options):
        properties = _commit_properties(deltalake, write_options)
        present = _open(deltalake, location, storage_options)
        if present is None:
            _create(group, deltalake, location, storage_options, rows, write_options)
        elif append or _new_partitions_only(group, present, table):
            deltalake.write_deltalake(
                location,
                rows,
                mode="append",
                storage_options=storage_options,
                commit_properties=properties,
            )
        else:
            _merge(group, present, rows, table)
        return _register(group, deltalake.DeltaTable(location, storage_options=storage_options))


def create_empty(group: FeatureGroup, write_options: dict[str, Any]) -> None:
    """Create the Delta table of a feature group without rows, where there is none; that is no commit of the feature group."""
    pa = require("pyarrow", "to write offline feature groups")
    rows = pa.RecordBatchReader.from_batches(stored_schema(group.columns), [])
    with _delta(group) as (deltalake, location, storage_options):
        if _open(deltalake, location, storage_options) is None:
            _create(group, deltalake, location, storage_options, rows, write_options)


def _create(
    group: FeatureGroup,
    deltalake: Any,
    location: str,
    storage_options: dict[str, str] | None,
    rows: Any,
    write_options: dict[str, Any],
) -> None:
    change_data_feed = str(write_options.get(_CHANGE_DATA_FEED, "true")).lower()
    deltalake.write_deltalake(
        location,
        rows,
        partition_by=group.partition_key or None,
        configuration={_CHANGE_DATA_FEED: change_data_feed},
        storage_options=storage_options,
        commit_properties=_commit_properties(deltalake, write_options),
    )


def delete(group: FeatureGroup, table: pa.Table) -> FeatureGroupCommit | None:
    """Remove the rows whose keys are in a table.

    Returns:
        The commit as the server registered it.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: There is no Delta table.
    """
    pa = require("pyarrow", "to write offline feature groups")
    schema = stored_schema([group[name] for name in table.column_names])
    rows = pa.RecordBatchReader.from_batches(schema, stored_batches(table, schema))
    with _delta(group) as (deltalake, location, storage_options):
        present = _open(deltalake, location, storage_options)
        if present is None:
            raise FeatureStoreException(
                f"The feature group {group.name!r} version {group.version} has no Delta table yet. Insert rows first."
            )
        _matching(group, present, rows, table).when_matched_delete().execute()
        return _register(group, deltalake.DeltaTable(location, storage_options=storage_options))


def _open(deltalake: Any, location: str, storage_options: dict[str, str] | None) -> Any:
    try:
        return deltalake.DeltaTable(location, storage_options=storage_options)
    except require("deltalake.exceptions", "to write offline feature groups").TableNotFoundError:
        return None


def _merge(group: FeatureGroup, present: Any, rows: Any, table: pa.Table) -> None:
    matching = _matching(group, present, rows, table)
    matching.when_matched_update_all().when_not_matched_insert_all().execute()


def _matching(group: FeatureGroup, present: Any, rows: Any, table: pa.Table) -> Any:
    """Start a merge that matches rows by primary key, event time and partition key."""
    target, source = (
        f"{group.name}_{group.version}_source",
        f"{group.name}_{group.version}_updates",
    )
    named = [*group.primary_key, *filter(None, [group.event_time]), *(group.partition_key or ())]
    conditions = [f"{target}.{key} == {source}.{key}" for key in dict.fromkeys(named)]
    for key, values in _partition_values(group, table).items():
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        conditions.append(f"{target}.{key} IN ({listed})")
    return present.merge(
        source=rows,
        predicate=" AND ".join(conditions),
        source_alias=source,
        target_alias=target,
    )


def _commit_properties(deltalake: Any, write_options: dict[str, Any]) -> Any:
    given = write_options.get("commit_properties")
    if not given:
        return None
    transactions = given.get("transactions", [given])
    return deltalake.CommitProperties(
        app_transactions=[
            deltalake.Transaction(str(one["app_id"]), int(one["version"])) for one in transactions
        ]
    )


# Partition values of these types read the same in the log of the table and in Python.
_PLAIN_PARTITIONS = ("string", "bigint", "int", "smallint", "tinyint", "date")


def _partition_values(group: FeatureGroup, table: pa.Table) -> dict[str, list[str]]:
    """The partitions that rows are coming for; empty unless all of them can be compared as text."""
    keys = group.partition_key or []
    if any(
        group[key].type not in _PLAIN_PARTITIONS or table.column(key).null_count for key in keys
    ):
        return {}
    compute = require("pyarrow.compute", "to write offline feature groups")
    return {
        key: [str(value) for value in compute.unique(table.column(key)).to_pylist()] for key in keys
    }


def _new_partitions_only(group: FeatureGroup, present: Any, table: pa.Table) -> bool:
    """Whether no file of the table lies in a partition that rows are coming for, so that there is nothing to merge with."""
    values = _partition_values(group, table)
    if not values:
        return False
    present_values = [
        {key: str(value) for key, value in partition.items()} for partition in present.partitions()
    ]
    return not any(
        all(partition.get(key) in found for key, found in values.items())
        for partition in present_values
    )


def _register(group: FeatureGroup, table: Any) -> FeatureGroupCommit | None:
    history = [entry for entry in table.history() if entry.get("operation") in ("WRITE", "MERGE")]
    if not history:
        return None
    newest, oldest = history[0], history[-1]
    metrics = newest.get("operationMetrics") or {}

    def rows(kind: str) -> int:
        return next((int(metrics[name]) for name in _METRICS[kind] if name in metrics), 0)

    commit = FeatureGroupCommit(
        commit_date_string=commit_text(newest["timestamp"]),
        commit_time=newest["timestamp"],
        rows_inserted=rows("inserted"),
        rows_updated=rows("updated"),
        rows_deleted=rows("deleted"),
        last_active_commit_time=oldest["timestamp"],
    )
    return scope_of(group).call(
        "feature_group.commit", commit, feature_store_id=group.featurestore_id, id=group.id
    )


@contextmanager
def _delta(group: FeatureGroup) -> Iterator[tuple[Any, str, dict[str, str] | None]]:
    """The deltalake module, the location of the table and the options of its storage."""
    deltalake = require("deltalake", "to write offline feature groups")
    connector = group.data_source.storage_connector if group.data_source else None
    settings: dict[str, Any] = connector if isinstance(connector, dict) else {}
    kind = settings.get("storageConnectorType", "HOPSFS")
    if kind != "HOPSFS":
        yield deltalake, _location(group), _storage_options(kind, settings)
        return
    with hopsfs.reached(scope_of(group).context, group, _location(group)) as location:
        yield deltalake, location, None


def _location(group: FeatureGroup) -> str:
    if not group.location:
        raise FeatureStoreException(
            f"The server did not say where the offline table of {group.name!r} version {group.version} is. "
            "Get the feature group again."
        )
    return group.location


def _storage_options(kind: str, connector: dict[str, Any]) -> dict[str, str] | None:
    names = {
        "S3": {
            "accessKey": "AWS_ACCESS_KEY_ID",
            "secretKey": "AWS_SECRET_ACCESS_KEY",
            "sessionToken": "AWS_SESSION_TOKEN",
            "region": "AWS_REGION",
        },
        "ADLS": {
            "accountName": "AZURE_STORAGE_ACCOUNT_NAME",
            "applicationId": "AZURE_CLIENT_ID",
            "serviceCredential": "AZURE_CLIENT_SECRET",
            "directoryId": "AZURE_TENANT_ID",
        },
        "GCS": {"keyPath": "GOOGLE_SERVICE_ACCOUNT_PATH"},
    }.get(kind, {})
    return {option: connector[key] for key, option in names.items() if connector.get(key)} or None
