"""Queries of the local server: constructed over HTTP, run over Arrow Flight, compared with pandas."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.flight as pf
import pytest
from feature_store_access import FeatureStoreAccess, where

START = dt.datetime(2020, 1, 1)


@pytest.fixture
def store(api: Any) -> FeatureStoreAccess:
    """The feature store of a new project."""
    return FeatureStoreAccess(api)


def times(minutes: Any) -> pa.Array:
    """Minutes after the start as timestamps."""
    return pa.array(
        [None if m is None else START + dt.timedelta(minutes=int(m)) for m in minutes],
        pa.timestamp("us"),
    )


def join(
    query: dict[str, Any], *keys: str, kind: str = "LEFT", prefix: str | None = None
) -> dict[str, Any]:
    """A join on keys of the same name."""
    return {
        "query": query,
        "on": [{"name": k} for k in keys],
        "leftOn": [],
        "rightOn": [],
        "type": kind,
        "prefix": prefix,
    }


@pytest.fixture
def sample(store: FeatureStoreAccess) -> dict[str, Any]:
    """Trips and weather with event times, drivers without, seeded and awkward: ties, gaps, nulls."""
    chance = np.random.default_rng(11)
    trips = pd.DataFrame(
        {
            "id": np.arange(500),
            "city": chance.choice(["a", "b", "c", "d"], 500),
            "minute": chance.integers(0, 600, 500),
        }
    )
    trips["driver"] = chance.integers(0, 30, 500)
    weather = pd.DataFrame(
        {"city": chance.choice(["a", "b", "c"], 300), "minute": chance.integers(60, 600, 300)}
    )
    weather = weather.drop_duplicates(["city", "minute"]).reset_index(drop=True)
    weather["temp"] = chance.normal(size=len(weather)).round(3)
    groups = {
        "trips": store.create(
            "trips",
            {"id": "bigint", "city": "string", "ts": "timestamp", "driver": "bigint"},
            ("id",),
            eventTime="ts",
        ),
        "weather": store.create(
            "weather",
            {"city": "string", "ts": "timestamp", "temp": "double"},
            ("city",),
            eventTime="ts",
        ),
        "drivers": store.create("drivers", {"driver": "bigint", "name": "string"}, ("driver",)),
    }
    store.insert(
        groups["trips"],
        pa.table(
            {
                "id": trips.id.to_numpy(),
                "city": trips.city.tolist(),
                "ts": times(trips.minute),
                "driver": trips.driver.to_numpy(),
            }
        ),
    )
    # Several inserts make several files, whose order must not matter.
    for part in (weather.iloc[:100], weather.iloc[100:]):
        store.insert(
            groups["weather"],
            pa.table(
                {"city": part.city.tolist(), "ts": times(part.minute), "temp": part.temp.to_numpy()}
            ),
        )
    store.insert(
        groups["drivers"],
        pa.table({"driver": list(range(20)), "name": [f"driver {i}" for i in range(20)]}),
    )
    return {"trips": trips, "weather": weather, **{f"{n}_fg": g for n, g in groups.items()}}


def latest(trips: pd.DataFrame, weather: pd.DataFrame) -> list[float | None]:
    """For each trip the newest temperature of its city that is not later, the slow and plain way."""
    found: list[float | None] = []
    for trip in trips.itertuples():
        known = weather[(weather.city == trip.city) & (weather.minute <= trip.minute)]
        found.append(None if known.empty else float(known.loc[known.minute.idxmax()].temp))
    return found


def test_point_in_time_join_takes_the_newest_earlier_row(
    store: FeatureStoreAccess, sample: dict[str, Any]
) -> None:
    query = store.select(
        sample["trips_fg"],
        joins=[join(store.select(sample["weather_fg"], ["temp"]), "city", prefix="w_")],
    )
    rows = store.read(query)
    assert rows.schema.names == ["id", "city", "ts", "driver", "w_temp"]
    expected = latest(sample["trips"], sample["weather"])
    assert rows["id"].to_pylist() == sample["trips"].id.tolist(), "left rows keep their order"
    assert rows["w_temp"].to_pylist() == expected
    assert None in expected
    assert store.read(query).equals(rows), (
        "the same query twice gives the same rows in the same order"
    )
    query["joins"][0]["type"] = "INNER"
    assert store.read(query)["w_temp"].to_pylist() == [t for t in expected if t is not None]


def test_a_filter_and_a_limit_apply_to_the_joined_rows(
    store: FeatureStoreAccess, sample: dict[str, Any]
) -> None:
    warm = where(sample["weather_fg"], "temp", "GREATER_THAN", "0.5")
    in_a = where(sample["trips_fg"], "city", "EQUALS", "a")
    query = store.select(
        sample["trips_fg"],
        ["id"],
        filter=in_a,
        joins=[join(store.select(sample["weather_fg"], ["temp"], filter=warm), "city")],
    )
    expected = [
        i for i, city, t in zip(sample["trips"].id, sample["trips"].city, latest(sample["trips"], sample["weather"]), strict=True) if city == "a" and t is not None and t > 0.5
    ]  # fmt: skip
    assert store.read(query)["id"].to_pylist() == expected
    assert store.read({**query, "limit": 3})["id"].to_pylist() == expected[:3]


def test_plain_joins_of_every_kind(store: FeatureStoreAccess, sample: dict[str, Any]) -> None:
    trips, drivers = sample["trips_fg"], sample["drivers_fg"]
    counts = {}
    for kind in ("INNER", "LEFT", "RIGHT", "FULL", "CROSS", "COMMA", "LEFT_SEMI_JOIN"):
        keys = () if kind in ("CROSS", "COMMA") else ("driver",)
        counts[kind] = store.read(
            store.select(
                trips, ["id"], joins=[join(store.select(drivers, ["name"]), *keys, kind=kind)]
            )
        ).num_rows
    known = int((sample["trips"].driver < 20).sum())
    unused = 20 - sample["trips"].driver[sample["trips"].driver < 20].nunique()
    assert counts == {
        "INNER": known, "LEFT": 500, "RIGHT": known + unused, "FULL": 500 + unused, "CROSS": 10000, "COMMA": 10000, "LEFT_SEMI_JOIN": known,
    }  # fmt: skip


def test_a_right_join_by_time_is_refused(store: FeatureStoreAccess, sample: dict[str, Any]) -> None:
    query = store.select(
        sample["trips_fg"],
        joins=[join(store.select(sample["weather_fg"], ["temp"]), "city", kind="RIGHT")],
    )
    with pytest.raises(pf.FlightServerError, match="LEFT or INNER, not RIGHT"):
        store.read(query)


@pytest.mark.parametrize(
    ("name", "condition", "value", "expected"),
    [
        ("n", "EQUALS", "2", [2]),
        ("n", "GREATER_THAN", "1.5", [2, 3]),
        ("n", "LESS_THAN", "99999999999999999999999", [1, 2, 3]),
        ("n", "NOT_EQUALS", "2", [1, 3]),
        ("n", "IN", "[1, 3, null]", [1, 3, 4]),
        ("n", "EQUALS", None, [4]),
        ("n", "NOT_EQUALS", None, [1, 2, 3]),
        ("f", "EQUALS", "0.1", [1]),
        ("b", "EQUALS", "True", [1]),
        ("s", "EQUALS", "it's; DROP TABLE x --", [2]),
        ("s", "LIKE", "it%", [2]),
        ("s", "IN", json.dumps(["a", "b"]), [1, 3]),
        ("d", "GREATER_THAN_OR_EQUAL", "2020-01-02", [2, 3]),
        ("ts", "LESS_THAN", "2020-01-01 00:02:00", [1]),
        ("ts", "LESS_THAN_OR_EQUAL", "1577836920000", [1, 2]),
        ("m", "EQUALS", "1.50", [1]),
        ("k", "GREATER_THAN", json.dumps({"name": "n"}), [3]),
    ],
)
def test_filters_on_every_type(
    store: FeatureStoreAccess, name: str, condition: str, value: Any, expected: list[int]
) -> None:
    types = {
        "k": "int",
        "n": "bigint",
        "f": "float",
        "b": "boolean",
        "s": "string",
        "d": "date",
        "ts": "timestamp",
        "m": "decimal(10,2)",
    }
    group = store.create("typed", types, ("k",))
    from decimal import Decimal

    store.insert(
        group,
        pa.table(
            {
                "k": pa.array([1, 2, 3, 4], pa.int32()), "n": [1, 2, 3, None] if name != "k" else [1, 2, 2, 4], "f": pa.array([0.1, 0.2, None, None], pa.float32()),
                "b": [True, False, None, None], "s": ["a", "it's; DROP TABLE x --", "b", None], "d": [dt.date(2020, 1, i) for i in (1, 2, 3)] + [None],
                "ts": times([1, 2, 3, None]), "m": pa.array([Decimal("1.50"), Decimal("2.00"), None, None], pa.decimal128(10, 2)),
            }
        ),
    )  # fmt: skip
    query = store.select(group, ["k"], filter=where(group, name, condition, value))
    assert sorted(store.read(query)["k"].to_pylist()) == expected


def test_reading_what_is_empty_has_the_right_schema(store: FeatureStoreAccess) -> None:
    group = store.create(
        "empty",
        {"id": "bigint", "v": "array<double>", "m": "map<string,int>", "st": "struct<a:int>"},
        ("id",),
    )
    rows = store.read(store.select(group))
    assert rows.num_rows == 0
    assert rows.schema.field("v").type == pa.list_(pa.float64())
    store.insert(
        group,
        pa.table(
            {
                "id": [1],
                "v": [[1.0]],
                "m": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
                "st": pa.array([{"a": 1}], pa.struct([("a", pa.int32())])),
            }
        ),
    )
    assert store.read(store.select(group)).to_pylist() == [
        {"id": 1, "v": [1.0], "m": [("a", 1)], "st": {"a": 1}}
    ]


def test_event_times_of_different_types_are_compared_as_instants(store: FeatureStoreAccess) -> None:
    left = store.create("clicks", {"id": "bigint", "at": "bigint"}, ("id",), eventTime="at")
    right = store.create(
        "prices", {"id": "bigint", "day": "date", "price": "double"}, ("id",), eventTime="day"
    )
    day = 86_400_000
    store.insert(left, pa.table({"id": [1, 1], "at": [18262 * day + 5, 18264 * day - 1]}))
    store.insert(
        right,
        pa.table({"id": [1, 1], "day": pa.array([18262, 18263], pa.date32()), "price": [1.0, 2.0]}),
    )
    query = store.select(left, joins=[join(store.select(right, ["price"]), "id")])
    assert sorted(store.read(query)["price"].to_pylist()) == [1.0, 2.0]


def test_the_constructor_answers_what_clients_require(
    store: FeatureStoreAccess, sample: dict[str, Any]
) -> None:
    query = store.select(
        sample["trips_fg"],
        ["id"],
        joins=[join(store.select(sample["weather_fg"], ["temp"]), "city")],
    )
    answer = store.construct(query)
    assert answer["onDemandFeatureGroups"] == answer["hudiCachedFeatureGroups"] == []
    assert {"query", "pitQuery", "pitQueryAsof", "hqsPayload", "hqsPayloadSignature"} <= set(answer)
    assert set(json.loads(answer["hqsPayload"])) == {"plan"}, "clients hold a plan id, never SQL"
    assert "queryOnline" not in answer
    without = store.api.call("PUT", f"{store.api.p}/featurestores/query?hqs=False", json=query)
    assert "hqsPayload" not in without


def test_the_query_service_runs_plans_and_nothing_else(
    store: FeatureStoreAccess, sample: dict[str, Any]
) -> None:
    for command in (
        b'{"plan": "unknown"}',
        b'{"query_string": "SELECT 1"}',
        b"SELECT 1",
        b'{"plan": 7}',
    ):
        with pytest.raises(pf.FlightServerError, match="construct the query again"):
            store.flight.get_flight_info(pf.FlightDescriptor.for_command(command))
    answer = store.construct(store.select(sample["trips_fg"], ["id"]))
    ticket = pf.Ticket(answer["hqsPayload"].encode())
    signed = pf.FlightCallOptions(
        headers=[(b"hopsworks-signature", answer["hqsPayloadSignature"].encode())]
    )
    assert store.flight.do_get(ticket, signed).read_all().num_rows == 500
    forged = pf.FlightCallOptions(headers=[(b"hopsworks-signature", b"0" * 64)])
    with pytest.raises(pf.FlightUnauthorizedError):
        store.flight.do_get(ticket, forged)


def test_the_query_service_answers_its_actions(store: FeatureStoreAccess) -> None:
    assert {a.type for a in store.flight.list_actions()} == {
        "healthcheck",
        "get-version",
        "register-client-certificates",
        "create-training-dataset",
    }
    assert [r.body.to_pybytes() for r in store.flight.do_action(pf.Action("get-version", b""))] == [
        b"5.2.1"
    ]
    assert len(list(store.flight.do_action(pf.Action("healthcheck", b"")))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/Projects/{name}/../../metadata.sqlite",
        "/Projects/nobody/x.parquet",
        "/Projects/{name}",
    ],
)
def test_paths_outside_a_project_are_not_read(store: FeatureStoreAccess, path: str) -> None:
    with pytest.raises(pf.FlightServerError, match="No data found"):
        store.flight.get_flight_info(pf.FlightDescriptor.for_path(path.format(name=store.api.name)))
