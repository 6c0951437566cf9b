"""Writing rows: the way through the server, and the way past it.

A server that announces the variable `native_ingest` takes the rows as one Arrow stream and writes offline and online tables
itself. Everywhere else the client writes the Delta table and registers the commit.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hopsworks._log import get_logger
from hopsworks.client.exceptions import FeatureStoreException, ServiceUnreachableError
from hopsworks.resource_scope import scope_of
from hsfs.engine import insert_checks
from hsfs.engine.data_access import require_data_access
from hsfs.engine.frames import features_of, incoming_table, stored_batches, stored_schema
from hsfs.engine.new_feature_group import complete, register
from hsfs.engine.optional_packages import require
from hsfs.feature import Feature

if TYPE_CHECKING:
    import pyarrow as pa

    from hopsworks.session import ProjectSession
    from hsfs.feature_group import FeatureGroup

_logger = get_logger(__name__)

ARROW_STREAM = "application/vnd.apache.arrow.stream"
_OPERATIONS = ("upsert", "insert")
_STORAGES = (None, "offline", "online")
_ATTEMPTS = 3


def insert(
    group: FeatureGroup,
    frame: Any,
    *,
    overwrite: bool,
    operation: str,
    storage: str | None,
    write_options: dict[str, Any],
    validation_options: dict[str, Any],
) -> None:
    """Check a frame, create the feature group if it is new, and write the rows."""
    if operation not in _OPERATIONS:
        raise FeatureStoreException(f"operation is {operation!r}; use 'upsert' or 'insert'.")
    storage = _checked_storage(group, storage)
    require_data_access(scope_of(group).context, f"insert into the feature group {group.name!r}")
    if group.id is None:
        complete(group)
    table = incoming_table(frame)
    features = features_of(table, group.columns or ())
    if validation_options.get("schema_validation", True) and validation_options.get(
        "online_schema_validation", True
    ):
        insert_checks.check_keys(group, table)
        insert_checks.check_text_lengths(group, table, features)
    if group.columns:
        insert_checks.check_schema(group, features)
    scope = scope_of(group)
    native = _server_takes_rows(scope.context)
    if not native:
        _check_client_can_write(group, storage)
    if group.id is None:
        register(group, features, write_options)
        # Another program may have been first, with features of its own.
        insert_checks.check_schema(group, features)
    if native:
        _send(group, table, overwrite=overwrite, operation=operation, storage=storage)
    else:
        from hsfs.engine import delta_table

        if overwrite:
            scope.call("feature_group.clear", feature_store_id=group.feature_store_id, id=group.id)
        delta_table.write(group, table, operation, write_options)


def _server_takes_rows(session: ProjectSession) -> bool:
    """Whether the server announces that it takes rows itself; asked once a session."""
    answer = session.cache.get("server_takes_rows")
    if answer is None:
        answer = session.cache["server_takes_rows"] = session.variable("native_ingest") == "true"
    return bool(answer)


def remove(group: FeatureGroup, frame: Any, storage: str | None) -> None:
    """Remove the rows whose keys are in a frame."""
    if group.id is None:
        raise FeatureStoreException(
            f"The feature group {group.name!r} is not registered, so it has no rows to remove. Insert rows first."
        )
    storage = _checked_storage(group, storage)
    require_data_access(scope_of(group).context, f"delete rows of the feature group {group.name!r}")
    table = incoming_table(frame)
    insert_checks.check_keys(group, table)
    keys = [*group.primary_key, *filter(None, [group.event_time]), *(group.partition_key or ())]
    columns = list(dict.fromkeys(keys))
    if storage == "online":
        columns = [key for key in columns if key in table.column_names]
    missing = [key for key in columns if key not in table.column_names]
    if missing:
        raise ValueError(
            f"Rows of {group.name!r} are told apart by {', '.join(columns)}, and the frame has no {', '.join(missing)}. "
            "Add the column."
        )
    table = table.select(columns)
    insert_checks.check_schema(group, features_of(table, group.columns), only=columns)
    if _server_takes_rows(scope_of(group).context):
        _send(group, table, overwrite=False, operation="delete", storage=storage)
        return
    _check_client_can_write(group, storage)
    from hsfs.engine import delta_table

    delta_table.delete(group, table)


def _checked_storage(group: FeatureGroup, storage: str | None) -> str | None:
    storage = storage.lower() if isinstance(storage, str) else storage
    if storage not in _STORAGES:
        raise FeatureStoreException(
            f"storage is {storage!r}; use 'offline', 'online' or leave it out for both."
        )
    if storage == "online" and not group.online_enabled:
        raise FeatureStoreException(
            f"The feature group {group.name!r} has no online table. Leave storage out, or create it with online_enabled=True."
        )
    return storage


def create_empty_table(group: FeatureGroup, write_options: dict[str, Any]) -> None:
    """Create the offline table of a feature group that was registered with features only.

    A server that takes rows itself makes the table too.
    """
    if group.time_travel_format != "DELTA" or group.stream:
        return
    if _server_takes_rows(scope_of(group).context):
        return
    from hsfs.engine import delta_table

    delta_table.create_empty(group, write_options)


def _check_client_can_write(group: FeatureGroup, storage: str | None) -> None:
    if group.stream or (group.online_enabled and storage != "offline"):
        raise FeatureStoreException(
            f"Rows of the feature group {group.name!r} go to this cluster's online store through Kafka, which this release does "
            "not write to. Insert with storage='offline', or use a server that takes rows itself, such as login(host='local')."
        )
    if group.time_travel_format != "DELTA":
        raise FeatureStoreException(
            f"The feature group {group.name!r} has the format {group.time_travel_format}; this client writes DELTA. "
            "Create it with time_travel_format='DELTA'."
        )
    require("deltalake", "to write offline feature groups")


def _send(
    group: FeatureGroup, table: pa.Table, *, overwrite: bool, operation: str, storage: str | None
) -> None:
    """Stream the rows to the server. A broken attempt is repeated under the same identifier, so rows never count twice."""
    ingestion = str(uuid.uuid4())
    schema = stored_schema(_in_table_order(group.columns, table))
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = _send_once(group, table, schema, ingestion, overwrite, operation, storage)
        except ServiceUnreachableError as error:
            if attempt == _ATTEMPTS:
                raise
            _logger.info(
                "Insert %s was interrupted, attempt %d of %d: %s",
                ingestion,
                attempt,
                _ATTEMPTS,
                error,
            )
            time.sleep(0.2 * 2**attempt)
        else:
            _logger.info(
                "Insert %s into %s version %s: %s", ingestion, group.name, group.version, answer
            )
            return


def _in_table_order(features: Sequence[Feature], table: pa.Table) -> list[Feature]:
    present = set(table.column_names)
    return [feature for feature in features if feature.name in present]


def _send_once(
    group: FeatureGroup,
    table: pa.Table,
    schema: pa.Schema,
    ingestion: str,
    overwrite: bool,
    operation: str,
    storage: str | None,
) -> Any:
    ipc = require("pyarrow", "to insert rows").ipc
    stream = scope_of(group).open_upload(
        "feature_group.insert_rows",
        content_type=ARROW_STREAM,
        feature_store_id=group.feature_store_id,
        id=group.id,
        ingestion=ingestion,
        operation=operation,
        storage=storage,
        overwrite=True if overwrite else None,
    )
    try:
        # Not as a context manager: its end writes to the stream again, and what that raises on a stream
        # that has failed would hide the reason.
        writer = ipc.new_stream(stream, schema)
        for batch in stored_batches(table, schema):
            writer.write_batch(batch)
        writer.close()
        return stream.finish()
    except BaseException:
        # Also on Ctrl-C: the server throws away a stream that does not end properly.
        stream.abort()
        raise
