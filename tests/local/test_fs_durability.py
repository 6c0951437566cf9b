"""Inserts that the disk refuses, and inserts that end between their two stores."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.flight as pf
import pytest
from feature_store_access import ARROW, stream_of
from test_ingest_crash import Rig

from hopsworks.local import lifecycle

ROWS = 100_000
LIMIT = 6_000_000


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    """A server of its own."""
    made = Rig(tmp_path / "data")
    yield made
    made.close()


def many(revision: int) -> pa.Table:
    """Rows of some megabytes whose texts do not compress."""
    noise = np.random.default_rng(revision).bytes(ROWS * 12).hex()
    return pa.table(
        {
            "id": pa.array(np.arange(ROWS)),
            "batch": pa.array(np.full(ROWS, 1)),
            "revision": pa.array(np.full(ROWS, revision)),
            "text": [noise[i * 24 : i * 24 + 24] for i in range(ROWS)],
        }
    )


def files(rig: Rig) -> dict[str, int]:
    """Data files of the feature store and their sizes."""
    root = rig.data / "featurestore"
    return {
        str(p.relative_to(root)): p.stat().st_size
        for p in root.rglob("*")
        if p.is_file() and not p.name.startswith("online.sqlite")
    }


def refused(rig: Rig, rows: pa.Table, ingestion: str) -> None:
    """Sends rows that the disk refuses."""
    response = rig.api.client.post(
        "/hopsworks-api/api/" + rig.store.rows_path(rig.group, ingestion),
        content=stream_of(rows),
        headers=ARROW,
    )
    assert response.status_code == 507, response.text
    assert response.json()["errorCode"] == 120001
    assert "insert again" in response.json()["usrMsg"]


def limit_files(rig: Rig, size: int) -> None:
    """A limit on the size of files stands for a full disk: the kernel refuses the write."""
    resource.prlimit(rig.address.pid, resource.RLIMIT_FSIZE, (size, -1))


def test_a_stream_that_cannot_be_staged_leaves_nothing(rig: Rig) -> None:
    before, ingestion = files(rig), str(uuid.uuid4())
    limit_files(rig, 1_000_000)
    refused(rig, many(1), ingestion)
    assert files(rig) == before
    limit_files(rig, -1)
    assert rig.send(many(1), ingestion)["rowsInserted"] == ROWS


@pytest.mark.parametrize("first", [True, False])
def test_rows_that_the_online_file_cannot_take_are_not_kept_offline_either(
    rig: Rig, first: bool
) -> None:
    small = many(1).slice(0, 10)
    if not first:
        assert rig.send(small, str(uuid.uuid4())) is not None
    before, ingestion = files(rig), str(uuid.uuid4())
    limit_files(rig, LIMIT)
    assert len(stream_of(many(2))) < LIMIT, "the stream itself can be staged"
    refused(rig, many(2), ingestion)
    limit_files(rig, -1)
    kept = (
        {}
        if first
        else dict(zip(small["id"].to_pylist(), small["revision"].to_pylist(), strict=True))
    )
    for online in (False, True):
        seen = rig.seen(online)
        assert dict(zip(seen["id"].to_pylist(), seen["revision"].to_pylist(), strict=True)) == kept
    assert not list((rig.data / "featurestore" / "staging").iterdir())
    if first:
        assert files(rig) == before
    # The same ingestion may be sent again and counts once.
    assert rig.send(many(2), ingestion) is not None
    for online in (False, True):
        assert rig.seen(online)["revision"].unique().to_pylist() == [2]


def test_killed_between_the_two_stores_the_online_rows_follow(rig: Rig) -> None:
    ingestion = str(uuid.uuid4())
    database = rig.data / "featurestore" / "online.sqlite"
    log = rig.data / "featurestore" / "crash_featurestore.db" / "rows_1" / "_delta_log"
    watcher = sqlite3.connect(database, isolation_level=None, timeout=0.0)
    watcher.execute("PRAGMA busy_timeout=0")
    sender = threading.Thread(target=rig.send, args=(many(3), ingestion))
    sender.start()
    while not watcher.execute("SELECT 1 FROM ingestion WHERE id=?", (ingestion,)).fetchone():
        time.sleep(0.0005)
    # Holding the write lock keeps the server from its second half while Delta commits.
    watcher.execute("BEGIN IMMEDIATE")
    deadline = time.monotonic() + 30
    while not (log.is_dir() and any(p.suffix == ".json" for p in log.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.kill(rig.address.pid, signal.SIGSTOP)
    rig.kill()
    sender.join()
    state = watcher.execute("SELECT state FROM ingestion WHERE id=?", (ingestion,)).fetchone()
    watcher.execute("ROLLBACK")
    watcher.close()
    assert state == ("open",)
    rig.restart()
    assert len([p for p in log.iterdir() if p.suffix == ".json"]) == 1, (
        "the commit is not made twice"
    )
    offline, online = rig.seen(online=False), rig.seen(online=True)
    assert offline.num_rows == ROWS
    assert offline.equals(online)
    answer = rig.send(many(3), ingestion)
    assert (answer["rowsInserted"], answer["onlineRows"]) == (ROWS, ROWS)
    assert rig.seen(online=False).num_rows == ROWS


@pytest.mark.parametrize("reading", [False, True])
def test_a_server_that_stops_does_not_wait_for_readers(rig: Rig, reading: bool) -> None:
    for revision in range(6):
        rows = many(revision)
        moved = rows.set_column(0, "id", pa.array(np.arange(ROWS) + ROWS * revision))
        rig.store.insert(rig.group, moved, storage="offline")
    command = rig.store.construct(rig.store.select(rig.group))["hqsPayload"]
    stream = rig.store.flight.do_get(pf.Ticket(command.encode()))
    begun = time.monotonic()
    stopper = threading.Thread(target=lifecycle.stop, args=(rig.data,))
    stopper.start()
    if not reading:
        stopper.join()
    with pytest.raises(pf.FlightError):
        _read_slowly(stream)
    stopper.join()
    assert time.monotonic() - begun < 15


def _read_slowly(stream: Any) -> None:
    """Reads a stream to its end, more slowly than the server would send it."""
    while True:
        try:
            stream.read_chunk()
        except StopIteration:
            return
        time.sleep(0.1)
