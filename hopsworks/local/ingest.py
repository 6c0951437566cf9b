"""Ingestion: rows of a staged Arrow stream into the offline and the online store, exactly once.

The order of work makes a kill at any moment harmless. The stream is on the disk before an intent
is recorded; the intent is recorded before anything changes; the Delta commit carries the
ingestion's uuid; online rows and "done" become visible in one SQLite transaction. After a crash an
open intent is done again: the Delta commit is recognised by its uuid and not repeated.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hopsworks.local import feature_types
from hopsworks.local.arrow_numbers import column_of, rising
from hopsworks.local.errors import ApiError
from hopsworks.local.feature_data import FeatureData
from hopsworks.local.offline_store import CommitCounts, OfflineTable
from hopsworks.local.online_store import OnlineBatch
from hopsworks.local.row_codec import KeyCodec

if TYPE_CHECKING:
    import pyarrow as pa

_log = logging.getLogger(__name__)

# What the parts call a write that the disk, a quota or a limit on file sizes refuses.
_DISK_FULL = (
    "No space left on device",
    "File too large",
    "Disk quota exceeded",
    "database or disk is full",
    "disk I/O error",
)
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


@dataclass(frozen=True)
class IngestRequest:
    """What a client asked to do with its rows.

    Parameters:
        ingestion: uuid text that makes the request repeatable.
        operation: ``upsert``, ``insert`` or ``delete``.
        storage: ``offline``, ``online`` or None for every store that the feature group has.
        overwrite: True to replace what is there.
    """

    ingestion: str
    operation: str = "upsert"
    storage: str | None = None
    overwrite: bool = False


class Ingestor:
    """Carries out ingestions.

    Parameters:
        data: where rows are.
        feature_group: gives a feature group's JSON object for its id, None if there is none.
    """

    def __init__(self, data: FeatureData, feature_group: Callable[[int], dict[str, Any] | None]):
        self._data = data
        self._feature_group = feature_group

    # -- the way of one request ---------------------------------------------------------------

    def result(self, ingestion: str) -> dict[str, Any] | None:
        """The answer of an ingestion that is done, else None."""
        row = self._data.online.reader.execute(
            "SELECT result FROM ingestion WHERE id=? AND state='done'", (ingestion,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def accept(
        self, feature_group: dict[str, Any], request: IngestRequest, arrived: Path
    ) -> dict[str, Any]:
        """Checks a stream that has arrived whole and carries it out.

        Parameters:
            feature_group: the target's JSON object.
            request: what to do.
            arrived: the file that holds the stream; removed or moved away in every case.
        """
        with self._data.lock(feature_group["id"]):
            known = self.result(request.ingestion)
            if known is not None:
                arrived.unlink(missing_ok=True)
                return known
            # Waiting for the lock, the feature group may have been changed or deleted.
            current = self._feature_group(int(feature_group["id"]))
            if current is None:
                arrived.unlink(missing_ok=True)
                raise ApiError(
                    404,
                    270009,
                    "The feature group does not exist.",
                    f"Feature group '{feature_group['name']}' was deleted meanwhile.",
                )
            feature_group = current
            try:
                rows = self._read(feature_group, request, arrived)
                staged = self._stage(request, arrived)
            except BaseException as error:
                arrived.unlink(missing_ok=True)
                raise _as_answer(error) from error
            resumed = self._intend(feature_group, request)
            return self._perform(feature_group, request, rows, staged, resumed)

    def recover(self) -> int:
        """Does again what a crash interrupted, and removes what never became an intent.

        Returns:
            The number of ingestions that were completed.
        """
        open_intents = self._data.online.reader.execute(
            "SELECT id, feature_group, request FROM ingestion WHERE state='open' ORDER BY started"
        ).fetchall()
        done, kept = 0, set()
        for ingestion, group, request_text in open_intents:
            staged = self._staged(ingestion)
            feature_group = self._feature_group(group)
            if feature_group is None or not staged.exists():
                self._withdraw(ingestion)
                continue
            request = IngestRequest(**json.loads(request_text))
            try:
                with self._data.lock(group):
                    rows = self._read(feature_group, request, staged)
                    self._perform(feature_group, request, rows, staged, resumed=True)
            except Exception:
                # The server must start all the same; the next start, or the client, tries again.
                _log.exception("ingestion %s could not be completed", ingestion)
                kept.add(staged.name)
                continue
            done += 1
        for leftover in self._data.staging.iterdir():
            if leftover.name not in kept:
                leftover.unlink(missing_ok=True)
        if done:
            _log.info("completed %d interrupted ingestion(s)", done)
        return done

    # -- steps ---------------------------------------------------------------------------------

    def _staged(self, ingestion: str) -> Path:
        return self._data.staging / f"{ingestion}.arrows"

    def _read(self, feature_group: dict[str, Any], request: IngestRequest, path: Path) -> pa.Table:
        """The rows of a stream in stored types, checked against the feature group."""
        import pyarrow as pa

        with open(path, "rb") as stream:
            stream.seek(0, os.SEEK_END)
            if stream.tell() >= 8:
                stream.seek(-8, os.SEEK_END)
            if stream.read(8) != _END_OF_STREAM:
                raise ApiError(
                    400,
                    270121,
                    "The rows could not be read.",
                    "The Arrow stream has no end: send it again whole.",
                )
        try:
            with pa.memory_map(str(path)) as source:
                rows = pa.ipc.open_stream(source).read_all()
                # Offsets and texts come from outside: nothing may be read past a buffer's end.
                rows.validate(full=True)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise ApiError(
                400,
                270121,
                "The rows could not be read.",
                f"The body is not an Arrow stream: {error}",
            ) from error
        return conform(rows, feature_group, request)

    def _stage(self, request: IngestRequest, arrived: Path) -> Path:
        staged = self._staged(request.ingestion)
        _sync(arrived)
        os.replace(arrived, staged)
        _sync(self._data.staging)
        return staged

    def _intend(self, feature_group: dict[str, Any], request: IngestRequest) -> bool:
        """Records the intent; True when an earlier attempt had recorded it already."""
        with self._data.online.transaction() as db:
            known = db.execute(
                "SELECT 1 FROM ingestion WHERE id=?", (request.ingestion,)
            ).fetchone()
            if known is None:
                db.execute(
                    "INSERT INTO ingestion(id, feature_group, state, request, started) VALUES (?,?,'open',?,?)",
                    (
                        request.ingestion,
                        feature_group["id"],
                        json.dumps(asdict(request)),
                        time.time_ns(),
                    ),
                )
        return known is not None

    def _withdraw(self, ingestion: str) -> None:
        with self._data.online.transaction() as db:
            db.execute("DELETE FROM ingestion WHERE id=? AND state='open'", (ingestion,))
        self._staged(ingestion).unlink(missing_ok=True)

    def _perform(
        self,
        feature_group: dict[str, Any],
        request: IngestRequest,
        rows: pa.Table,
        staged: Path,
        resumed: bool,
    ) -> dict[str, Any]:
        offline = self._data.offline(feature_group) if request.storage != "online" else None
        online = bool(feature_group.get("onlineEnabled")) and request.storage != "offline"
        before: list[int | None] = []
        started = time.time() - 1.0
        counts: CommitCounts | None = None
        with ThreadPoolExecutor(1, "delta") as beside:
            # The Delta commit runs outside the interpreter's lock, so encoding online rows meanwhile
            # costs no time of its own.
            commit = (
                beside.submit(_commit, offline, request, rows, resumed, before) if offline else None
            )
            try:
                batch = None
                if online:
                    batch = OnlineBatch(
                        self._data.layout(feature_group), rows, request.operation == "delete"
                    )
                with self._data.online.transaction() as db:
                    if batch is not None and request.overwrite:
                        db.execute(f"DROP TABLE IF EXISTS {batch.layout.table}")
                    touched = batch.write(db) if batch is not None else 0
                    counts = (
                        commit.result()
                        if commit
                        else CommitCounts(-1, time.time_ns() // 1_000_000, 0, 0, 0)
                    )
                    answer = self._done(db, feature_group, request, counts, touched)
            except BaseException as error:
                self._undo(request, commit, offline, before, started)
                raise _as_answer(error) from error
        staged.unlink(missing_ok=True)
        return answer

    def _done(
        self,
        db: Any,
        feature_group: dict[str, Any],
        request: IngestRequest,
        counts: CommitCounts,
        touched: int,
    ) -> dict[str, Any]:
        made = counts.time
        if counts.version >= 0:
            made = record_commit(db, int(feature_group["id"]), counts)
        answer = {
            "ingestionId": request.ingestion,
            "rowsInserted": counts.inserted,
            "rowsUpdated": counts.updated,
            "rowsDeleted": counts.deleted,
            "onlineRows": touched,
            "commitTime": made,
        }
        db.execute(
            "UPDATE ingestion SET state='done', result=? WHERE id=?",
            (json.dumps(answer), request.ingestion),
        )
        return answer

    def _undo(
        self,
        request: IngestRequest,
        commit: Any,
        offline: OfflineTable | None,
        before: list[int | None],
        started: float,
    ) -> None:
        """Takes back the offline half of an ingestion that failed; if it cannot, the intent stays open."""
        try:
            counts = commit.result() if commit else None
        except BaseException:
            counts = None
        try:
            if counts is not None and counts.version >= 0:
                if offline is None or not before:
                    # The commit was made by an earlier attempt, whose rows may have been seen.
                    return
                offline.restore(before[0])
            elif offline is not None:
                offline.discard_since(started)
            self._withdraw(request.ingestion)
        except Exception:
            _log.exception(
                "ingestion %s stays open; it is completed when repeated or at the next start",
                request.ingestion,
            )


def _as_answer(error: BaseException) -> BaseException:
    """The error for the client: a full disk is named as such."""
    codes = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    full = isinstance(error, OSError) and error.errno in codes
    if full or any(text in str(error) for text in _DISK_FULL):
        return ApiError(
            507,
            120001,
            "The rows could not be kept.",
            "The disk of the data folder is full. No row was inserted: make room and insert again.",
        )
    return error


def _commit(
    offline: OfflineTable,
    request: IngestRequest,
    rows: pa.Table,
    resumed: bool,
    before: list[int | None],
) -> CommitCounts:
    """The offline half of an ingestion; what was committed before a crash is not committed again."""
    if resumed:
        found = offline.committed(request.ingestion)
        if found is not None:
            return found
    table = offline.open()
    before.append(None if table is None else table.version())
    if request.operation == "delete":
        return offline.delete(rows, request.ingestion)
    if request.overwrite:
        return offline.replace(rows, request.ingestion)
    if request.operation == "insert":
        return offline.append(rows, request.ingestion)
    return offline.merge(rows, request.ingestion)


def record_commit(db: Any, feature_group_id: int, counts: CommitCounts) -> int:
    """Enters a commit in the list that clients see; gives its time, which is its identity."""
    made = counts.time
    while db.execute(
        "SELECT 1 FROM fg_commit WHERE feature_group=? AND time=?", (feature_group_id, made)
    ).fetchone():
        made += 1
    db.execute(
        "INSERT INTO fg_commit(feature_group, time, inserted, updated, deleted) VALUES (?,?,?,?,?)",
        (feature_group_id, made, counts.inserted, counts.updated, counts.deleted),
    )
    return made


# -- checks ------------------------------------------------------------------------------------


def conform(rows: pa.Table, feature_group: dict[str, Any], request: IngestRequest) -> pa.Table:
    """Rows in the feature group's column order and stored types; raises `ApiError` naming a fault."""
    import pyarrow as pa

    target = f"{feature_group['name']} version {feature_group['version']}"
    features = feature_group["features"]
    names = rows.column_names
    double = sorted({n for n in names if names.count(n) > 1})
    if double:
        raise ApiError(
            400,
            270224,
            "Duplicate feature.",
            f"Column '{double[0]}' is given twice. Rename or drop one of them.",
        )
    if request.storage == "online" and not feature_group.get("onlineEnabled"):
        raise ApiError(
            400,
            270064,
            "The feature group is not online enabled.",
            f"{target} keeps no online rows. Leave out storage='online'.",
        )
    keys = [f["name"] for f in features if f.get("primary")]
    lacking = [k for k in keys if k not in names]
    if lacking:
        raise ApiError(
            400,
            270121,
            "A primary key is required.",
            f"Primary key column '{lacking[0]}' of {target} is missing from the rows.",
        )
    if request.operation == "delete":
        if not keys:
            raise ApiError(
                400,
                270121,
                "A primary key is required.",
                f"{target} has no primary key, so rows cannot be named for removal.",
            )
        kept = {
            *keys,
            *[f["name"] for f in features if f.get("partition")],
            feature_group.get("eventTime"),
        }
        features = [f for f in features if f["name"] in kept and f["name"] in names]
    else:
        known = {f["name"] for f in features}
        extra = [n for n in names if n not in known]
        if extra:
            raise ApiError(
                400,
                270082,
                "The feature does not exist.",
                f"{target} has no feature '{extra[0]}'. Drop that column, or append the feature first.",
            )
        absent = [f["name"] for f in features if f["name"] not in names]
        if absent:
            raise ApiError(
                400,
                270082,
                "A feature is missing.",
                f"Feature '{absent[0]}' of {target} is missing from the rows. Add the column; it may hold nulls.",
            )
    columns = [_stored(rows.column(f["name"]), f, target) for f in features]
    table = pa.table(columns, names=[f["name"] for f in features])
    for key in keys:
        nulls = table.column(key).null_count
        if nulls:
            raise ApiError(
                400,
                270121,
                "A primary key may not be null.",
                f"Primary key column '{key}' of {target} has {nulls} null(s). Fill or drop these rows.",
            )
    if feature_group.get("onlineEnabled") and request.storage != "offline":
        for feature in features:
            _check_length(table.column(feature["name"]), feature, target)
    if request.operation == "upsert":
        table = _newest_of_each(table, feature_group)
    return table


def _stored(column: pa.ChunkedArray, feature: dict[str, Any], target: str) -> pa.ChunkedArray:
    """A column cast to its feature's stored type, refused when it is of another type."""
    import pyarrow as pa

    wanted = feature_types.parse(feature["type"])
    stored = feature_types.arrow_type(wanted)
    if column.type == stored:
        return column
    if pa.types.is_null(column.type):
        return column.cast(stored)
    found = feature_types.offline_type(column.type)
    narrow = wanted.kind in ("smallint", "tinyint") and found == "int"
    if not narrow and (found is None or not feature_types.same_type(found, feature["type"])):
        raise ApiError(
            400, 270212, "The type of a column does not fit its feature.",
            f"Column '{feature['name']}' of {target} has type {found or column.type}, but the feature has type {feature['type']}. Cast the column first.",
        )  # fmt: skip
    try:
        if pa.types.is_timestamp(column.type):
            # The zone is dropped after the instant is known in UTC; finer units are cut to micros.
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
            return column.cast(pa.int64()).cast(stored)
        return column.cast(stored, safe=not wanted.complex)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ApiError(
            400, 270212, "The values of a column do not fit its feature.",
            f"Column '{feature['name']}' of {target} cannot be kept as {feature['type']}: {error}. Cast the column first.",
        ) from error  # fmt: skip


def _check_length(column: pa.ChunkedArray, feature: dict[str, Any], target: str) -> None:
    import re

    import pyarrow as pa
    import pyarrow.compute as pc

    if feature.get("offlineOnly") or not pa.types.is_string(column.type):
        return
    limit = re.match(r"varchar\((\d+)\)", feature.get("onlineType") or "")
    if limit is None:
        return
    longest = pc.max(pc.utf8_length(column)).as_py() or 0
    if longest > int(limit.group(1)):
        raise ApiError(
            400, 270176, "A text is too long for the online store.",
            f"Column '{feature['name']}' of {target} has a text of {longest} characters, but its online type is {feature['onlineType']}. "
            "Shorten the text, or create the feature group with a longer online type.",
        )  # fmt: skip


def _newest_of_each(table: pa.Table, feature_group: dict[str, Any]) -> pa.Table:
    """The rows without earlier ones of the same primary key and event time, in their order."""
    import numpy as np

    merge = OfflineTable(
        Path(), feature_group["features"], feature_group.get("eventTime")
    ).merge_keys()
    if not merge or table.num_rows < 2:
        return table
    types = {f["name"]: f["type"] for f in feature_group["features"]}
    codec = KeyCodec([(name, types[name]) for name in merge])
    keys = table.select(merge)
    if any(column.null_count for column in keys.columns):
        # A null equals nothing, so such rows are never the same row.
        return table
    order = codec.order(keys)
    starts = codec.starts(keys if rising(order) else keys.take(column_of(order)))
    if starts.all():
        return table
    last = np.ones(len(order), dtype=bool)
    last[:-1] = starts[1:]
    return table.take(column_of(np.sort(order[last])))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
