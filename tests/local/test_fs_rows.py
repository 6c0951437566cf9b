"""Rows of the local server over plain HTTP: insert, replace, delete, refuse, read as of a time."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from feature_store_access import ARROW, FeatureStoreAccess, stream_of, where

AT = dt.datetime(2020, 1, 1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(api: Any) -> FeatureStoreAccess:
    """The feature store of a new project."""
    return FeatureStoreAccess(api)


@pytest.fixture
def trips(store: FeatureStoreAccess) -> dict[str, Any]:
    """An online feature group with an event time."""
    return store.create(
        "trips",
        {"id": "bigint", "ts": "timestamp", "km": "double"},
        ("id",),
        eventTime="ts",
        onlineEnabled=True,
    )


def rows(*values: tuple[int | None, dt.datetime, float]) -> pa.Table:
    """Rows of `trips`."""
    ids, times, km = zip(*values, strict=True)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "ts": pa.array(times, pa.timestamp("us")),
            "km": pa.array(km, pa.float64()),
        }
    )


def kept(
    store: FeatureStoreAccess, group: dict[str, Any], online: bool = False
) -> list[tuple[Any, ...]]:
    """All rows as sorted tuples."""
    return sorted(
        tuple(r.values()) for r in store.read(store.select(group), online=online).to_pylist()
    )


def test_offline_keeps_history_and_online_the_newest(
    store: FeatureStoreAccess, trips: dict[str, Any]
) -> None:
    answer = store.insert(trips, rows((1, AT, 1.0), (1, AT + HOUR, 2.0), (2, AT, 3.0)))
    assert (answer["rowsInserted"], answer["rowsUpdated"], answer["onlineRows"]) == (3, 0, 2)
    assert len(kept(store, trips)) == 3
    assert kept(store, trips, online=True) == [(1, AT + HOUR, 2.0), (2, AT, 3.0)]
    # An older event does not replace a newer one online, an equal one does.
    store.insert(trips, rows((1, AT, 9.0), (2, AT, 8.0)))
    assert kept(store, trips) == [(1, AT, 9.0), (1, AT + HOUR, 2.0), (2, AT, 8.0)]
    assert kept(store, trips, online=True) == [(1, AT + HOUR, 2.0), (2, AT, 8.0)]


def test_an_upsert_takes_the_last_of_equal_rows_and_an_insert_all(
    store: FeatureStoreAccess, trips: dict[str, Any]
) -> None:
    store.insert(trips, rows((1, AT, 1.0), (1, AT, 2.0)))
    assert kept(store, trips) == [(1, AT, 2.0)]
    answer = store.insert(trips, rows((1, AT, 3.0), (1, AT, 4.0)), operation="insert")
    assert answer["rowsInserted"] == 2
    assert kept(store, trips) == [(1, AT, 2.0), (1, AT, 3.0), (1, AT, 4.0)]
    assert kept(store, trips, online=True) == [(1, AT, 4.0)]


def test_one_store_only(store: FeatureStoreAccess, trips: dict[str, Any]) -> None:
    store.insert(trips, rows((1, AT, 1.0)), storage="offline")
    store.insert(trips, rows((2, AT, 2.0)), storage="ONLINE")
    assert kept(store, trips) == [(1, AT, 1.0)]
    assert kept(store, trips, online=True) == [(2, AT, 2.0)]


def test_overwrite_and_delete(store: FeatureStoreAccess, trips: dict[str, Any]) -> None:
    store.insert(trips, rows((1, AT, 1.0), (2, AT, 2.0)))
    store.insert(trips, rows((3, AT, 3.0), (4, AT, 4.0)), overwrite="True")
    for online in (False, True):
        assert kept(store, trips, online) == [(3, AT, 3.0), (4, AT, 4.0)]
    answer = store.insert(trips, rows((3, AT, 3.0)).select(["id", "ts"]), operation="delete")
    assert answer["rowsDeleted"] == 1
    for online in (False, True):
        assert kept(store, trips, online) == [(4, AT, 4.0)]


def test_a_repeated_uuid_answers_the_same_and_does_nothing(
    store: FeatureStoreAccess, trips: dict[str, Any]
) -> None:
    ingestion = str(uuid.uuid4())
    first = store.insert(trips, rows((1, AT, 1.0)), ingestion)
    assert store.insert(trips, rows((2, AT, 2.0)), ingestion) == first
    assert first["ingestionId"] == ingestion
    assert kept(store, trips) == [(1, AT, 1.0)]


def test_no_rows(store: FeatureStoreAccess, trips: dict[str, Any]) -> None:
    answer = store.insert(trips, rows((1, AT, 1.0)).slice(0, 0))
    assert (answer["rowsInserted"], answer["onlineRows"]) == (0, 0)
    assert kept(store, trips) == []


def column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """A table with one column replaced."""
    return table.set_column(table.column_names.index(name), name, values)


GOOD = rows((1, AT, 1.0), (2, AT, 2.0))


@pytest.mark.parametrize(
    ("bad", "code", "named"),
    [
        (GOOD.drop_columns(["id"]), 270121, "'id'"),
        (GOOD.drop_columns(["km"]), 270082, "'km'"),
        (GOOD.append_column("speed", pa.array([1, 2])), 270082, "'speed'"),
        (
            pa.Table.from_arrays([*GOOD.columns, GOOD["km"]], names=["id", "ts", "km", "km"]),
            270224,
            "'km'",
        ),
        (column(GOOD, "km", pa.array(["far", "near"])), 270212, "'km'"),
        (column(GOOD, "km", pa.array([1, 2])), 270212, "double"),
        (column(GOOD, "id", pa.array([1, None], pa.int64())), 270121, "1 null"),
    ],
)
def test_wrong_rows_are_refused_and_nothing_is_written(
    store: FeatureStoreAccess,
    trips: dict[str, Any],
    local_data: Path,
    bad: pa.Table,
    code: int,
    named: str,
) -> None:
    store.insert(trips, rows((7, AT, 7.0)))
    before = files(local_data)
    response = store.api.send("POST", store.rows_path(trips), content=stream_of(bad), headers=ARROW)
    assert (response.status_code, response.json()["errorCode"]) == (400, code)
    assert named in response.json()["usrMsg"]
    assert "trips version 1" in response.json()["usrMsg"] or code == 270224
    assert files(local_data) == before
    for online in (False, True):
        assert kept(store, trips, online) == [(7, AT, 7.0)]


def files(folder: Path) -> dict[str, int]:
    """The data files of the feature store and their sizes, but for the online file.

    SQLite moves its pages about on its own time; the rows in it are compared instead.
    """
    root = folder / "featurestore"
    return {
        str(p): p.stat().st_size
        for p in root.rglob("*")
        if p.is_file() and not p.name.startswith("online.sqlite")
    }


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("ingestion=7", b""),
        ("operation=merge", b""),
        ("storage=disk", b""),
        ("", b"not arrow"),
        ("", b""),
    ],
)
def test_a_wrong_request_is_refused(
    store: FeatureStoreAccess, trips: dict[str, Any], query: str, body: bytes
) -> None:
    path = store.rows_path(trips)
    path = path.split("?")[0] + "?" + query if query.startswith("ingestion") else f"{path}&{query}"
    assert store.api.send("POST", path, content=body, headers=ARROW).status_code == 400


def test_rows_for_what_does_not_exist_or_is_not_online(
    store: FeatureStoreAccess, trips: dict[str, Any]
) -> None:
    assert store.api.error("POST", store.rows_path({"id": 4711}), content=stream_of(GOOD)) == (
        404,
        270009,
    )
    offline = store.create("plain", {"id": "bigint"}, ("id",))
    assert store.api.error(
        "POST", store.rows_path(offline, storage="online"), content=stream_of(pa.table({"id": [1]}))
    ) == (400, 270064)


def test_a_text_too_long_for_the_online_store(store: FeatureStoreAccess) -> None:
    group = store.create("names", {"id": "bigint", "name": "string"}, ("id",), onlineEnabled=True)
    long = pa.table({"id": [1], "name": ["x" * 101]})
    assert store.api.error("POST", store.rows_path(group), content=stream_of(long)) == (400, 270176)
    assert store.insert(group, long, storage="offline")["rowsInserted"] == 1


def test_columns_of_other_libraries_and_units(store: FeatureStoreAccess) -> None:
    features = {
        "id": "bigint",
        "at": "timestamp",
        "on": "date",
        "name": "string",
        "kind": "string",
        "v": "array<float>",
        "n": "smallint",
    }
    group = store.create("mixed", features, ("id",))
    frame = pl.DataFrame(
        {"id": [1, 2], "name": ["a", None], "v": [[1.0], None]},
        schema_overrides={"v": pl.List(pl.Float32)},
    ).to_arrow()
    frame = frame.append_column(
        "at", pa.array([1_577_836_800_123_456_789, None], pa.timestamp("ns", "Europe/Stockholm"))
    )
    frame = frame.append_column("on", pa.array([dt.date(2020, 1, 1), None], pa.date64()))
    frame = frame.append_column("kind", pa.array(["x", "y"]).dictionary_encode())
    frame = frame.append_column("n", pa.array([5, None], pa.int8()))
    store.insert(group, frame)
    found = store.read(store.select(group)).sort_by("id").to_pylist()
    assert found[0] == {
        "id": 1, "at": dt.datetime(2020, 1, 1, 0, 0, 0, 123456), "on": dt.date(2020, 1, 1), "name": "a", "kind": "x", "v": [1.0], "n": 5,
    }  # fmt: skip
    assert found[1] == {
        "id": 2,
        "at": None,
        "on": None,
        "name": None,
        "kind": "y",
        "v": None,
        "n": None,
    }


def test_partitions_are_kept_apart_and_read_together(store: FeatureStoreAccess) -> None:
    group = store.create(
        "trips", {"id": "bigint", "city": "string", "km": "double"}, ("id",), partitions=("city",)
    )
    cities = ["Umeå", "a b", None, "x/y"]
    store.insert(group, pa.table({"id": [1, 2, 3, 4], "city": cities, "km": [1.0, 2.0, 3.0, 4.0]}))
    store.insert(group, pa.table({"id": [2, 5], "city": ["a b", "Lund"], "km": [9.0, 5.0]}))
    found = {r["id"]: (r["city"], r["km"]) for r in store.read(store.select(group)).to_pylist()}
    assert found == {
        1: ("Umeå", 1.0),
        2: ("a b", 9.0),
        3: (None, 3.0),
        4: ("x/y", 4.0),
        5: ("Lund", 5.0),
    }
    one = store.read(store.select(group, ["km"], filter=where(group, "city", "EQUALS", "x/y")))
    assert one.to_pylist() == [{"km": 4.0}]


def test_reading_as_of_a_time_and_what_changed_since(
    store: FeatureStoreAccess, trips: dict[str, Any]
) -> None:
    first = store.insert(trips, rows((1, AT, 1.0), (2, AT, 2.0)))["commitTime"]
    time.sleep(0.01)
    second = store.insert(trips, rows((2, AT, 9.0), (3, AT, 3.0)))["commitTime"]
    time.sleep(0.01)
    store.insert(trips, rows((4, AT, 4.0)))

    def read(**times: int) -> list[tuple[int, float]]:
        found = store.read(store.select(trips, ["id", "km"], **times))
        return sorted((r["id"], r["km"]) for r in found.to_pylist())

    assert read(leftFeatureGroupEndTime=first) == [(1, 1.0), (2, 2.0)]
    assert read(leftFeatureGroupEndTime=second) == [(1, 1.0), (2, 9.0), (3, 3.0)]
    assert read(leftFeatureGroupStartTime=first) == [(2, 9.0), (3, 3.0), (4, 4.0)]
    assert read(leftFeatureGroupStartTime=1) == [(1, 1.0), (2, 9.0), (3, 3.0), (4, 4.0)]
    assert read(leftFeatureGroupStartTime=first, leftFeatureGroupEndTime=second) == [
        (2, 9.0),
        (3, 3.0),
    ]
    with pytest.raises(pa.flight.FlightServerError, match="No commits found"):
        read(leftFeatureGroupEndTime=first - 1000)


def test_rows_past_their_time_to_live_are_not_online(store: FeatureStoreAccess) -> None:
    group = store.create(
        "events",
        {"id": "bigint", "ts": "timestamp"},
        ("id",),
        eventTime="ts",
        onlineEnabled=True,
        ttl=3600,
        ttlEnabled=True,
    )
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    store.insert(
        group, pa.table({"id": [1, 2], "ts": pa.array([now, now - 2 * HOUR], pa.timestamp("us"))})
    )
    assert kept(store, group, online=True) == [(1, now)]
    assert len(kept(store, group)) == 2


def test_many_clients_insert_at_once(store: FeatureStoreAccess, trips: dict[str, Any]) -> None:
    other = store.create(
        "other",
        {"id": "bigint", "ts": "timestamp", "km": "double"},
        ("id",),
        eventTime="ts",
        onlineEnabled=True,
    )
    with ThreadPoolExecutor(6) as clients:
        jobs = [
            clients.submit(
                store.insert, group, rows(*((100 * n + i, AT, float(n)) for i in range(50)))
            )
            for n in range(12)
            for group in (trips, other)
        ]
        assert sum(job.result()["rowsInserted"] for job in jobs) == 2 * 12 * 50
    for group in (trips, other):
        assert len(kept(store, group)) == len(kept(store, group, online=True)) == 600


def test_deleting_while_rows_arrive(store: FeatureStoreAccess, trips: dict[str, Any]) -> None:
    with ThreadPoolExecutor(4) as clients:
        jobs = [
            clients.submit(
                store.api.send,
                "POST",
                store.rows_path(trips),
                content=stream_of(GOOD),
                headers=ARROW,
            )
            for _ in range(8)
        ]
        store.api.call("DELETE", f"{store.path}/featuregroups/{trips['id']}")
        assert {job.result().status_code for job in jobs} <= {200, 404}
    again = store.create("trips", {"id": "bigint"}, ("id",), onlineEnabled=True)
    for online in (False, True):
        assert store.read(store.select(again), online=online).num_rows == 0


def test_damaged_streams_do_no_harm(store: FeatureStoreAccess) -> None:
    group = store.create(
        "damaged",
        {"id": "bigint", "name": "string", "v": "array<double>"},
        ("id",),
        onlineEnabled=True,
    )
    whole = stream_of(
        pa.table(
            {
                "id": list(range(20)),
                "name": [f"name {i}" for i in range(20)],
                "v": [[float(i)] * (i % 3) for i in range(20)],
            }
        )
    )
    chance = random.Random(99)
    seen = {200: 0, 400: 0}
    for _ in range(120):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            body[chance.randrange(len(body) - 8)] = chance.randrange(256)
        response = store.api.send(
            "POST", store.rows_path(group), content=bytes(body), headers=ARROW
        )
        seen[response.status_code] += 1
        if response.status_code == 400:
            assert response.json()["usrMsg"]
    assert seen[400] > 0
    assert seen[200] > 0
    # What was taken can be read, in both stores.
    assert (
        store.read(store.select(group)).num_rows
        == store.read(store.select(group), online=True).num_rows
    )
