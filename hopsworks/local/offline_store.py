"""Offline rows: one Delta table a feature group.

Writes are Delta commits that carry the ingestion's uuid as an application transaction, so a commit
that was made before a crash is recognised and not made twice. Each commit is forced to the disk
before it counts. Reading is done elsewhere, from the list of Parquet files of a version.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hopsworks.local import feature_types

if TYPE_CHECKING:
    import deltalake
    import pyarrow as pa

# No change data feed: it would double the work of every merge, and what changed between two
# versions can be told from their files.
_PROPERTIES = {
    # Reads as of a time need every version, however old.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
_ENGINE_INFO = "hopsworks-local"


class NoCommitError(LookupError):
    """No commit exists at or before the time asked for."""


@dataclass(frozen=True)
class CommitCounts:
    """What one commit did.

    Parameters:
        version: Delta version, -1 when nothing was committed.
        time: epoch milliseconds of the commit.
        inserted: rows that were new.
        updated: rows that replaced another.
        deleted: rows removed.
    """

    version: int
    time: int
    inserted: int
    updated: int
    deleted: int


@dataclass(frozen=True)
class Snapshot:
    """The Parquet files that make up a table at one version.

    Parameters:
        folder: the table's folder.
        version: Delta version, None when the table has no commit.
        files: absolute paths.
        columns: columns that the table has at that version.
        partitions: the partition columns among them.
    """

    folder: str
    version: int | None
    files: list[str]
    columns: frozenset[str]
    partitions: tuple[str, ...] = ()
    utc: frozenset[str] = field(default_factory=frozenset)


class OfflineTable:
    """The Delta table of one feature group.

    Parameters:
        folder: where it lies; made by the first write.
        features: feature objects in order.
        event_time: name of the event time feature or None.
    """

    def __init__(self, folder: Path, features: list[dict[str, Any]], event_time: str | None):
        self.folder = folder
        self.features = features
        self.event_time = event_time

    @classmethod
    def of(cls, feature_group: dict[str, Any], folder: Path) -> OfflineTable:
        """The table of a feature group given as its JSON object."""
        return cls(folder, feature_group["features"], feature_group.get("eventTime") or None)

    # -- reading -----------------------------------------------------------------------------

    def open(self, version: int | None = None) -> deltalake.DeltaTable | None:
        """The Delta table, or None while nothing was written."""
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        if not (self.folder / "_delta_log").is_dir():
            return None
        try:
            return DeltaTable(str(self.folder), version=version)
        except TableNotFoundError:
            return None

    def snapshot(self, as_of: int | None = None) -> Snapshot:
        """The files of the newest version, or of the newest at or before `as_of` (epoch ms)."""
        version = None if as_of is None else self.version_at(as_of)
        table = self.open(version)
        if table is None:
            return Snapshot(str(self.folder), None, [], frozenset())
        fields = table.schema().fields
        return Snapshot(
            str(self.folder),
            table.version(),
            _files_in_order(table, self.folder),
            frozenset(f.name for f in fields),
            tuple(table.metadata().partition_columns),
            frozenset(f.name for f in fields if getattr(f.type, "type", "") == "timestamp"),
        )

    def versions(self) -> list[tuple[int, int]]:
        """``(version, epoch ms)`` of every commit, oldest first."""
        table = self.open()
        if table is None:
            return []
        return sorted((int(h["version"]), int(h.get("timestamp") or 0)) for h in table.history())

    def version_at(self, as_of: int) -> int:
        """The newest version at or before a time; raises `NoCommitError` if there is none."""
        found = [version for version, made in self.versions() if made <= as_of]
        if not found:
            raise NoCommitError(f"no commit at or before {as_of}")
        return found[-1]

    # -- writing -----------------------------------------------------------------------------

    def arrow_schema(self) -> pa.Schema:
        """The stored Arrow schema, features in order."""
        import pyarrow as pa

        return pa.schema(
            [
                (f["name"], feature_types.arrow_type(feature_types.parse(f["type"])))
                for f in self.features
            ]
        )

    def merge_keys(self) -> list[str]:
        """Columns that identify a row: primary key, event time, partition keys."""
        keys = [f["name"] for f in self.features if f.get("primary")]
        if not keys:
            return []
        partitions = self.partition_columns()
        for name in ([self.event_time] if self.event_time else []) + partitions:
            if name not in keys:
                keys.append(name)
        return keys

    def partition_columns(self) -> list[str]:
        """Names of the partition features, in order."""
        return [f["name"] for f in self.features if f.get("partition")]

    def append(self, rows: pa.Table, transaction: str) -> CommitCounts:
        """Adds rows without looking for existing ones."""
        from deltalake import write_deltalake

        table = self.open()
        write_deltalake(
            str(self.folder) if table is None else table,
            rows,
            mode="append",
            schema_mode=None if table is None else "merge",
            partition_by=(self.partition_columns() or None) if table is None else None,
            configuration=_PROPERTIES if table is None else None,
            commit_properties=_commit_properties(transaction),
        )
        version, made = self._settle()
        return CommitCounts(version, made, rows.num_rows, 0, 0)

    def merge(self, rows: pa.Table, transaction: str) -> CommitCounts:
        """Replaces rows with equal merge keys and adds the others."""
        table = self.open()
        if table is None or not table.file_uris() or not self.merge_keys():
            return self.append(rows, transaction)
        metrics = (
            table.merge(
                rows,
                predicate=self._predicate(),
                source_alias="updates",
                target_alias="target",
                merge_schema=True,
                commit_properties=_commit_properties(transaction),
            )
            .when_matched_update_all()
            .when_not_matched_insert_all()
            .execute()
        )
        version, made = self._settle()
        return CommitCounts(
            version,
            made,
            int(metrics["num_target_rows_inserted"]),
            int(metrics["num_target_rows_updated"]),
            0,
        )

    def delete(self, keys: pa.Table, transaction: str) -> CommitCounts:
        """Removes the rows whose merge keys, as far as `keys` has them, are equal."""
        table = self.open()
        if table is None:
            return CommitCounts(-1, _now(), 0, 0, 0)
        metrics = (
            table.merge(
                keys,
                predicate=self._predicate(set(keys.column_names)),
                source_alias="updates",
                target_alias="target",
                commit_properties=_commit_properties(transaction),
            )
            .when_matched_delete()
            .execute()
        )
        version, made = self._settle()
        return CommitCounts(version, made, 0, 0, int(metrics["num_target_rows_deleted"]))

    def replace(self, rows: pa.Table, transaction: str) -> CommitCounts:
        """Puts rows in the place of everything that the table holds, in one commit."""
        from deltalake import write_deltalake

        table = self.open()
        if table is None:
            return self.append(rows, transaction)
        write_deltalake(
            table,
            rows,
            mode="overwrite",
            schema_mode="overwrite",
            partition_by=self.partition_columns() or None,
            commit_properties=_commit_properties(transaction),
        )
        version, made = self._settle()
        return CommitCounts(version, made, rows.num_rows, 0, 0)

    def _predicate(self, among: set[str] | None = None) -> str:
        keys = [k for k in self.merge_keys() if among is None or k in among]
        # Names follow the store's naming rule, so they hold nothing that would need quoting.
        return " AND ".join(f"target.{name} = updates.{name}" for name in keys)

    def committed(self, transaction: str) -> CommitCounts | None:
        """The commit that an ingestion made before it was interrupted, if it came that far."""
        table = self.open()
        if table is None or table.transaction_version(transaction) is None:
            return None
        for entry in table.history():
            if entry.get("ingestion") == transaction:
                return CommitCounts(int(entry["version"]), int(entry["timestamp"]), *_counts(entry))
        return CommitCounts(table.version(), _now(), 0, 0, 0)

    def add_missing_columns(self) -> None:
        """Adds the features that the table does not have yet; their old values are null."""
        from deltalake import Schema

        table = self.open()
        if table is None:
            return
        known = {field.name for field in table.schema().fields}
        wanted = Schema.from_arrow(self.arrow_schema()).fields
        lacking = [field for field in wanted if field.name not in known]
        if lacking:
            table.alter.add_columns(lacking)
            self._settle()

    def restore(self, version: int | None) -> None:
        """Makes the table what it was at a version; None means before its first commit."""
        if version is None:
            self.remove()
            return
        table = self.open()
        if table is not None:
            table.restore(version)
            self._settle()

    def discard_since(self, started: float) -> None:
        """Removes data files that a failed write left behind.

        Parameters:
            started: when the write began, seconds since the epoch; older files are not looked at.
        """
        table = self.open()
        if table is None:
            self.remove()
            return
        wanted = set(_files(table, self.folder))
        for folder, _, names in os.walk(self.folder):
            if "_delta_log" in folder:
                continue
            for name in names:
                path = os.path.join(folder, name)
                if path not in wanted and os.stat(path).st_mtime >= started:
                    os.unlink(path)

    def remove(self) -> None:
        """Deletes the table's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _settle(self) -> tuple[int, int]:
        """Forces the newest commit and the files that it added to the disk."""
        log = self.folder / "_delta_log"
        newest = max(p for p in os.listdir(log) if p.endswith(".json") and p[:-5].isdigit())
        folders = {self.folder, log, self.folder.parent}
        made = 0
        with open(log / newest, encoding="utf-8") as lines:
            for line in lines:
                action = json.loads(line)
                if "commitInfo" in action:
                    made = int(action["commitInfo"].get("timestamp") or 0)
                if added := action.get("add"):
                    path = self.folder / unquote(added["path"])
                    _sync(path)
                    folders.add(path.parent)
        _sync(log / newest)
        for folder in folders:
            _sync(folder)
        return int(newest[:-5]), made or _now()


def _files(table: deltalake.DeltaTable, folder: Path) -> list[str]:
    """Paths of the files as they are on the disk."""
    # Delta quotes the table's own folder as in a URL, but not what comes below it.
    root = table.table_uri.removeprefix("file://").rstrip("/") + "/"
    return [
        os.path.join(folder, uri[len(root) :]) if uri.startswith(root) else uri
        for uri in table.file_uris()
    ]


def _files_in_order(table: deltalake.DeltaTable, folder: Path) -> list[str]:
    """Paths of the files, oldest first, so that reading twice gives rows in the same order."""
    files = _files(table, folder)
    if len(files) < 2:
        return files
    import pyarrow as pa

    actions = pa.table(table.get_add_actions(flatten=True)).select(["path", "modification_time"])
    # The file names are unique; folders of partitions are written differently in the two lists.
    made = {a["path"].rpartition("/")[2]: a["modification_time"] for a in actions.to_pylist()}
    return sorted(files, key=lambda path: (made.get(path.rpartition("/")[2], 0), path))


def _commit_properties(transaction: str) -> Any:
    from deltalake import CommitProperties, Transaction

    return CommitProperties(
        custom_metadata={"ingestion": transaction, "engine": _ENGINE_INFO},
        app_transactions=[Transaction(transaction, 1)],
    )


def _counts(entry: dict[str, Any]) -> tuple[int, int, int]:
    """Rows inserted, updated and deleted by a commit, from its entry in the table's history."""
    metrics = entry.get("operationMetrics") or {}

    def number(*names: str) -> int:
        for name in names:
            if metrics.get(name) is not None:
                return int(metrics[name])
        return 0

    if entry.get("operation") == "MERGE":
        return (
            number("numTargetRowsInserted", "num_target_rows_inserted"),
            number("numTargetRowsUpdated", "num_target_rows_updated"),
            number("numTargetRowsDeleted", "num_target_rows_deleted"),
        )
    return number("numOutputRows", "num_added_rows"), 0, 0


def _now() -> int:
    return int(dt.datetime.now(dt.UTC).timestamp() * 1000)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
