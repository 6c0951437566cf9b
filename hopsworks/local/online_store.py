"""Online rows: one SQLite table a feature group, in primary-key order.

The file also holds the record of ingestions, because a row must become visible in the same
transaction in which its ingestion is recorded as done. A row that is older by event time than the
stored one of its key is not taken, so an online row is always the newest of its key.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hopsworks.local.arrow_numbers import column_of, numbers, rising
from hopsworks.local.row_codec import KeyCodec, RowCodec

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = """
CREATE TABLE IF NOT EXISTS ingestion (
  id TEXT PRIMARY KEY,
  feature_group INTEGER NOT NULL,
  state TEXT NOT NULL,
  request TEXT NOT NULL,
  result TEXT,
  started INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ingestion_open ON ingestion(feature_group) WHERE state <> 'done';
CREATE TABLE IF NOT EXISTS fg_commit (
  feature_group INTEGER NOT NULL,
  time INTEGER NOT NULL,
  inserted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0,
  body TEXT,
  PRIMARY KEY (feature_group, time)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS online_tracking (
  id INTEGER PRIMARY KEY,
  feature_group INTEGER NOT NULL,
  entries INTEGER
);
"""

# Rows whose event time is null count as older than any other.
_KEYS_A_QUERY = 128
NO_EVENT_TIME = -(2**63)
_EVENT_TIME_SECONDS = {"timestamp": 1e-6, "date": 86400.0, "bigint": 1e-3, "int": 1.0}


class OnlineLayout:
    """How rows of one feature group are kept online.

    Parameters:
        feature_group: the feature group's JSON object, with ``id``, ``features`` and ``eventTime``.
    """

    __slots__ = (
        "event_time",
        "event_time_kind",
        "id",
        "keys",
        "names",
        "rows",
        "select_many",
        "select_one",
        "table",
        "ttl",
        "types",
    )

    def __init__(self, feature_group: dict[str, Any]):
        features = [f for f in feature_group["features"] if not f.get("offlineOnly")]
        self.id = int(feature_group["id"])
        # The name is made of a number only, so it needs no quoting.
        self.table = f"online_{self.id}"
        self.select_one = f"SELECT row FROM {self.table} WHERE key=? AND evt>=?"
        marks = ",".join("?" * _KEYS_A_QUERY)
        self.select_many = f"SELECT key, row FROM {self.table} WHERE key IN ({marks}) AND evt>=?"
        self.names = [f["name"] for f in features]
        self.types = {f["name"]: f["type"] for f in features}
        self.rows = RowCodec([(f["name"], f["type"]) for f in features])
        keys = [(f["name"], f["type"]) for f in features if f.get("primary")]
        self.keys = KeyCodec(keys)
        self.event_time = feature_group.get("eventTime") or None
        self.event_time_kind = (
            (self.types.get(self.event_time) or "").lower() if self.event_time else ""
        )
        enabled = feature_group.get("ttlEnabled", feature_group.get("ttl") is not None)
        self.ttl = float(feature_group["ttl"]) if enabled and feature_group.get("ttl") else None

    def oldest(self) -> int:
        """The smallest event time that is still alive under the feature group's time to live."""
        if self.ttl is None:
            return NO_EVENT_TIME
        unit = _EVENT_TIME_SECONDS.get(self.event_time_kind)
        if unit is None:
            return NO_EVENT_TIME
        return int((time.time() - self.ttl) / unit)


class OnlineStore:
    """The online file of a data folder.

    Parameters:
        path: the SQLite file, made when missing.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._writer = self._open()
        self._writer.executescript(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            timeout=30.0,
            cached_statements=512,
        )
        connection.execute("PRAGMA page_size=8192")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # A large insert would otherwise be checkpointed before its answer is sent; see `settle`.
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA cache_size=-16384")
        return connection

    def close(self) -> None:
        """Moves what the log holds into the file and closes the writing connection."""
        with self._lock:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()

    def settle(self) -> None:
        """Moves committed pages from the log into the file; run after an answer was sent."""
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30.0)
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction, on the disk when the block ends without an exception."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @property
    def reader(self) -> sqlite3.Connection:
        """A read-only connection of the calling thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
            connection.execute("PRAGMA query_only=1")
        return connection

    # -- tables ------------------------------------------------------------------------------

    def create(self, feature_group_id: int) -> None:
        """Makes the table of a feature group if it is missing."""
        with self.transaction() as db:
            _create(db, feature_group_id)

    def drop(self, feature_group_id: int, ingestions: bool = True) -> None:
        """Removes the rows of a feature group and, with `ingestions`, all record of it."""
        with self.transaction() as db:
            db.execute(f"DROP TABLE IF EXISTS online_{int(feature_group_id)}")
            db.execute("DELETE FROM fg_commit WHERE feature_group=?", (feature_group_id,))
            if ingestions:
                db.execute("DELETE FROM ingestion WHERE feature_group=?", (feature_group_id,))
                db.execute("DELETE FROM online_tracking WHERE feature_group=?", (feature_group_id,))

    # -- rows --------------------------------------------------------------------------------

    def read(self, layout: OnlineLayout, key: bytes) -> bytes | None:
        """The encoded row of a key, or None."""
        try:
            found = self.reader.execute(layout.select_one, (key, layout.oldest())).fetchone()
        except sqlite3.OperationalError as error:
            _unless_missing(error)
            return None
        return found[0] if found else None

    def read_many(self, layout: OnlineLayout, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The encoded rows of many keys, by key; keys without a row are not in it."""
        wanted = sorted(set(keys))
        found: dict[bytes, bytes] = {}
        oldest, execute = layout.oldest(), self.reader.execute
        try:
            for start in range(0, len(wanted), _KEYS_A_QUERY):
                some = wanted[start : start + _KEYS_A_QUERY]
                # Always the same number of parameters, so that one prepared statement serves.
                some += [some[-1]] * (_KEYS_A_QUERY - len(some))
                found.update(execute(layout.select_many, (*some, oldest)).fetchall())
        except sqlite3.OperationalError as error:
            _unless_missing(error)
        return found

    def count(self, layout: OnlineLayout) -> int:
        """How many rows are online."""
        try:
            row = self.reader.execute(
                f"SELECT count(*) FROM {layout.table} WHERE evt>=?", (layout.oldest(),)
            ).fetchone()
        except sqlite3.OperationalError:
            return 0
        return int(row[0])

    def scan(self, layout: OnlineLayout) -> pa.Table:
        """All live rows as an Arrow table in key order."""
        statement = f"SELECT row FROM {layout.table} WHERE evt>=? ORDER BY key"
        try:
            rows = [row for (row,) in self.reader.execute(statement, (layout.oldest(),))]
        except sqlite3.OperationalError as error:
            _unless_missing(error)
            rows = []
        return layout.rows.decode_all(rows)


def _unless_missing(error: sqlite3.OperationalError) -> None:
    """Raises the error again unless it says that a feature group has no rows yet."""
    if "no such table" not in str(error):
        raise error


def _create(db: sqlite3.Connection, feature_group_id: int) -> None:
    db.execute(
        f"CREATE TABLE IF NOT EXISTS online_{int(feature_group_id)}"
        " (key BLOB PRIMARY KEY, evt INTEGER NOT NULL, row BLOB NOT NULL) WITHOUT ROWID"
    )


class OnlineBatch:
    """Rows ready to be written online: encoded, the newest of each key, in key order.

    Parameters:
        layout: the feature group's layout.
        table: rows in stored types; for deletes the key columns are enough.
        delete: True to remove the keys instead of writing rows.
    """

    __slots__ = ("_events", "_keys", "_rows", "delete", "layout")

    def __init__(self, layout: OnlineLayout, table: pa.Table, delete: bool = False):
        import numpy as np

        self.layout = layout
        self.delete = delete
        keys = table.select(layout.keys.columns)
        events = event_time_numbers(table, layout)
        order = layout.keys.order(keys, events)
        sorted_already = rising(order)
        in_order = keys if sorted_already else keys.take(column_of(order))
        last = np.ones(len(order), dtype=bool)
        last[:-1] = layout.keys.starts(in_order)[1:]
        every = bool(last.all())
        chosen = order if every else order[last]
        self._keys = layout.keys.encode(in_order if every else in_order.filter(column_of(last)))
        self._events = events[chosen]
        self._rows: Any = None
        if delete:
            return
        rows = table.select(layout.names)
        if every:
            # Moving encoded rows is one pass; moving the columns they are made of would be many.
            encoded = layout.rows.encode(rows)
            self._rows = encoded if sorted_already else encoded.take(column_of(order))
        else:
            self._rows = layout.rows.encode(rows.take(column_of(chosen)))

    def __len__(self) -> int:
        return len(self._keys)

    def write(self, db: sqlite3.Connection) -> int:
        """Writes the rows in the caller's transaction; gives the number of keys touched."""
        table = self.layout.table
        _create(db, self.layout.id)
        step = 65536
        for start in range(0, len(self._keys), step):
            keys = self._keys.slice(start, step).to_pylist()
            if self.delete:
                db.executemany(f"DELETE FROM {table} WHERE key=?", ((key,) for key in keys))
                continue
            rows = self._rows.slice(start, step).to_pylist()
            events = self._events[start : start + step].tolist()
            db.executemany(
                f"INSERT INTO {table} VALUES (?,?,?) ON CONFLICT(key) DO UPDATE SET evt=excluded.evt, row=excluded.row"
                " WHERE excluded.evt>=evt",
                zip(keys, events, rows, strict=True),
            )
        return len(self._keys)


def event_time_numbers(table: pa.Table, layout: OnlineLayout) -> Any:
    """The event time of each row as a whole number that compares like it; zeros without one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    name = layout.event_time
    if name is None or name not in table.column_names:
        return np.zeros(table.num_rows, dtype="i8")
    column = table.column(name)
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    column = pc.fill_null(column.cast(pa.int64()), NO_EVENT_TIME)
    return numbers(column)
