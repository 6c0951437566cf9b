"""The metadata store: one SQLite file per data folder.

Write-ahead logging with ``synchronous=FULL``: a transaction that has been committed is on the disk,
so what a client was told stays true after a kill or a power cut. One connection writes, guarded by
a lock; each thread reads through a connection of its own and never waits for the writer.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Metadata:
    """Access to the metadata file.

    Example:
        >>> with metadata.transaction() as db:                              # doctest: +SKIP
        ...     db.execute("INSERT INTO projects (name) VALUES (?)", ("demo",))
        >>> metadata.one("SELECT id FROM projects WHERE name = ?", ("demo",))["id"]  # doctest: +SKIP
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._readers: list[sqlite3.Connection] = []
        self._writer = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=30.0
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def create(self, schema: str) -> None:
        """Run the ``CREATE ... IF NOT EXISTS`` statements of a module."""
        with self._lock:
            self._writer.executescript(schema)

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns; none when there is no such table."""
        return [row["name"] for row in self.all(f"PRAGMA table_info({table})")]

    def add_column(self, table: str, name: str, definition: str) -> None:
        """Give a table of an earlier release a column that it has not."""
        known = self.columns(table)
        if known and name not in known:
            with self.transaction() as db:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction; committed (and on disk) when the block ends, else rolled back.

        Blocks nest: an inner block is part of the outer one.
        """
        with self._lock:
            if getattr(self._local, "writing", False):
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            self._local.writing = True
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            else:
                self._writer.execute("COMMIT")
            finally:
                self._local.writing = False

    @contextmanager
    def erasing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction after which what it deleted or replaced is in no file of the store any more."""
        with self._lock:
            self._writer.execute("PRAGMA secure_delete=ON").fetchall()
            try:
                with self.transaction() as db:
                    yield db
            finally:
                self._writer.execute("PRAGMA secure_delete=OFF").fetchall()
            # The log keeps earlier pages until it is emptied.
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's connection; inside a transaction the writing one."""
        if getattr(self._local, "writing", False):
            return self._writer
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
            connection.execute("PRAGMA query_only=ON")
            self._readers.append(connection)
        return connection

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self.reader.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows."""
        return self.reader.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Close all connections; the threads that used them have ended."""
        with self._lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
            self._writer.close()


def now_ms() -> int:
    """The time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def iso_time(epoch_ms: int) -> str:
    """Epoch milliseconds in the protocol's text form, ``2025-02-10T07:53:39.000Z``."""
    seconds, millis = divmod(int(epoch_ms), 1000)
    parts = time.gmtime(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", parts) + f".{millis:03d}Z"
