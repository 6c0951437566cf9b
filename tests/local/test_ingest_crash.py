"""SIGKILL of the server in the middle of inserts: what was acknowledged is there, once, in both stores."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from conftest import ProjectApi
from feature_store_access import ARROW, FeatureStoreAccess, stream_of

from hopsworks.local import lifecycle

MOMENTS = 50
ROWS = 1000
SEED = 20261121


class Rig:
    """A server that is killed and started again, and one online feature group in it.

    Parameters:
        data: the data folder.
    """

    def __init__(self, data: Path):
        self.data = data
        self.address = lifecycle.ensure_running(data)
        self.api = ProjectApi(self.address, "crash")
        self.store = FeatureStoreAccess(self.api)
        self.group = self.store.create(
            "rows",
            {"id": "bigint", "batch": "bigint", "revision": "bigint", "text": "string"},
            ("id",),
            onlineEnabled=True,
        )

    def restart(self) -> None:
        """Connects to a fresh process."""
        self.address.release()
        self.address = lifecycle.ensure_running(self.data)
        self.api.client.close()
        self.api.client = httpx.Client(
            transport=httpx.HTTPTransport(uds=self.address.socket),
            base_url="http://localhost",
            timeout=60.0,
        )
        self.store._flight = None

    def kill(self) -> None:
        """SIGKILL, and waits until the process is gone."""
        os.kill(self.address.pid, signal.SIGKILL)
        for _ in range(2000):
            try:
                # The server may be a child of this process, whose remains must be collected.
                os.waitpid(self.address.pid, os.WNOHANG)
            except ChildProcessError:
                pass
            try:
                os.kill(self.address.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.002)
        raise AssertionError("the killed server is still there")

    def send(self, rows: pa.Table, ingestion: str) -> dict[str, Any] | None:
        """Inserts; the answer, or None when the server went away first."""
        try:
            response = self.api.client.post(
                "/hopsworks-api/api/" + self.store.rows_path(self.group, ingestion),
                content=stream_of(rows),
                headers=ARROW,
            )
        except httpx.TransportError:
            return None
        assert response.status_code == 200, response.text
        return response.json()

    def seen(self, online: bool) -> pa.Table:
        """All rows of one store, by id."""
        return self.store.read(self.store.select(self.group), online=online).sort_by("id")

    def close(self) -> None:
        """Stops the last process."""
        self.api.close()
        self.address.release()
        lifecycle.stop(self.data)


def rows_of(batch: int, first: int, revision: int) -> pa.Table:
    """The rows of one insert: ids from `first`, recognisable by batch and revision."""
    ids = range(first, first + ROWS)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "batch": pa.array([batch] * ROWS, pa.int64()),
            "revision": pa.array([revision] * ROWS, pa.int64()),
            "text": pa.array([f"row {i} of batch {batch}" for i in ids]),
        }
    )


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    """A rig on a fresh data folder."""
    made = Rig(tmp_path / "data")
    yield made
    made.close()


@pytest.mark.timeout(900)
def test_killed_at_fifty_moments_a_fresh_process_sees_what_was_acknowledged(rig: Rig) -> None:
    chance = random.Random(SEED)
    expected = rows_of(0, 0, 0)
    assert rig.send(expected, str(uuid.uuid4())) is not None
    whole = _seconds_of_an_insert(rig, expected)
    outcomes = {"acknowledged": 0, "completed later": 0, "not begun": 0}
    for moment in range(1, MOMENTS + 1):
        # Every second batch replaces rows of the one before, so merges are interrupted too.
        batch, ingestion = rows_of(moment, ROWS * (moment // 2), moment), str(uuid.uuid4())
        delay = chance.uniform(0.0, whole * 1.2)
        answer = _interrupted(rig, batch, ingestion, delay)
        rig.restart()
        with_batch = _upserted(expected, batch)
        offline, online = rig.seen(online=False), rig.seen(online=True)
        where = f"after moment {moment}, {delay:.4f} s into an insert of {whole:.4f} s"
        assert offline.equals(online), f"the stores differ {where}"
        if answer is not None:
            assert offline.equals(with_batch), f"acknowledged rows are missing {where}"
            outcomes["acknowledged"] += 1
        elif offline.equals(with_batch):
            outcomes["completed later"] += 1
        else:
            assert offline.equals(expected), f"half an insert is visible {where}"
            outcomes["not begun"] += 1
        # The client repeats what it has no answer for: the rows are there once.
        answer = rig.send(batch, ingestion)
        assert answer is not None
        assert answer["rowsInserted"] + answer["rowsUpdated"] == ROWS
        assert rig.seen(online=False).equals(with_batch)
        assert not list((rig.data / "featurestore" / "staging").iterdir())
        expected = with_batch
    assert rig.seen(online=True).equals(expected)
    assert outcomes["not begun"] > 0, outcomes
    assert outcomes["acknowledged"] + outcomes["completed later"] > 0, outcomes
    # One insert, three to measure, and each interrupted one once.
    assert _total_rows(rig) == (1 + 3 + MOMENTS) * ROWS


def _seconds_of_an_insert(rig: Rig, rows: pa.Table) -> float:
    """How long an insert takes when nothing disturbs it."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        assert rig.send(rows, str(uuid.uuid4())) is not None
        times.append(time.perf_counter() - begun)
    return sorted(times)[1]


def _interrupted(rig: Rig, batch: pa.Table, ingestion: str, delay: float) -> dict[str, Any] | None:
    """Sends rows and kills the server meanwhile; the answer if it came all the same."""
    answers: list[dict[str, Any] | None] = []
    sender = threading.Thread(target=lambda: answers.append(rig.send(batch, ingestion)))
    sender.start()
    time.sleep(delay)
    rig.kill()
    sender.join()
    return answers[0]


def _upserted(before: pa.Table, batch: pa.Table) -> pa.Table:
    replaced = pc.is_in(before["id"], value_set=batch["id"].combine_chunks())
    kept = before.filter(pc.invert(replaced))
    return pa.concat_tables([kept, batch]).sort_by("id").combine_chunks()


def _total_rows(rig: Rig) -> int:
    """Rows written according to the commits: each insert counts once."""
    commits = rig.api.call("GET", f"{rig.store.path}/featuregroups/{rig.group['id']}/commits")
    return sum(c["rowsInserted"] + c["rowsUpdated"] for c in commits["items"])


def test_a_repeated_ingestion_does_nothing(rig: Rig) -> None:
    ingestion = str(uuid.uuid4())
    first = rig.send(rows_of(1, 0, 1), ingestion)
    again = rig.send(rows_of(1, 0, 1), ingestion)
    other = rig.send(rows_of(2, 0, 2), ingestion)
    assert first == again == other
    assert rig.seen(online=True)["revision"].unique().to_pylist() == [1]
    assert _total_rows(rig) == ROWS


def test_a_client_that_leaves_in_the_middle_changes_nothing(rig: Rig) -> None:
    body = stream_of(rows_of(1, 0, 1))

    def half() -> Any:
        yield body[: len(body) // 2]
        raise ConnectionError("the client is gone")

    with pytest.raises(ConnectionError):
        rig.api.client.post(
            "/hopsworks-api/api/" + rig.store.rows_path(rig.group), content=half(), headers=ARROW
        )
    for _ in range(200):
        if not list((rig.data / "featurestore" / "staging").iterdir()):
            break
        time.sleep(0.01)
    assert not list((rig.data / "featurestore" / "staging").iterdir())
    assert rig.seen(online=False).num_rows == 0
    assert rig.seen(online=True).num_rows == 0


def test_a_stream_without_its_end_is_refused(rig: Rig) -> None:
    body = stream_of(rows_of(1, 0, 1))[:-8]
    response = rig.api.client.post(
        "/hopsworks-api/api/" + rig.store.rows_path(rig.group), content=body, headers=ARROW
    )
    assert response.status_code == 400
    assert "no end" in response.json()["usrMsg"]
    assert rig.seen(online=False).num_rows == 0
