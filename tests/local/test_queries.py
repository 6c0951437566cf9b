"""Queries end to end: selecting, joining, filtering, limits, batches and their SQL."""

from __future__ import annotations

import datetime
import logging
import os

import numpy as np
import pandas as pd
import pytest

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.constructor.query import Query


@pytest.fixture
def groups(feature_store):
    """Flights, planes and hourly weather, small enough to compute joins by hand."""
    hours = pd.date_range("2024-01-01", periods=4, freq="h")
    flights = pd.DataFrame(
        {
            "id": [1, 2, 3, 4, 5],
            "ts": [
                hours[0],
                hours[1] + pd.Timedelta("30min"),
                hours[2],
                hours[3],
                pd.Timestamp("2023-01-01"),
            ],
            "origin": ["JFK", "JFK", "LGA", "EWR", "JFK"],
            "tail": ["A", "B", "A", None, "C"],
            "distance": [100.0, 200.0, 300.0, 400.0, 500.0],
        }
    )
    planes = pd.DataFrame({"tail": ["A", "B"], "seats": [10, 20], "distance": [7.0, 8.0]})
    weather = pd.DataFrame(
        {
            "origin": ["JFK"] * 4 + ["LGA"],
            "ts": [*hours, hours[3]],
            "temp": [1.0, 2.0, 3.0, 4.0, 9.0],
        }
    )
    made = []
    for name, frame, key, event_time in (
        ("flights", flights, "id", "ts"),
        ("planes", planes, "tail", None),
        ("weather", weather, "origin", "ts"),
    ):
        group = feature_store.create_feature_group(
            name, 1, primary_key=[key], event_time=event_time, online_enabled=True
        )
        group.insert(frame)
        made.append(group)
    return made


def test_selections(groups) -> None:
    flights = groups[0]
    assert list(flights.select(["origin", "id"]).read().columns) == ["origin", "id"]
    assert list(flights.select(flights["origin"]).read().columns) == ["origin"]
    assert list(flights.select_all().read().columns) == ["id", "ts", "origin", "tail", "distance"]
    assert list(flights.select_except(["ts", flights["tail"]]).read().columns) == [
        "id",
        "origin",
        "distance",
    ]
    assert [f.name for f in flights.select_features().features] == ["origin", "tail", "distance"]
    assert flights.select_all(include_primary_key=False).features[0].name == "ts"
    assert list(flights.select(["id"]).append_feature("tail").read().columns) == ["id", "tail"]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        (lambda f: f["distance"] > 200, [3, 4, 5]),
        (lambda f: f["distance"] >= 200, [2, 3, 4, 5]),
        (lambda f: f["distance"] < 200, [1]),
        (lambda f: f["distance"] <= 200, [1, 2]),
        (lambda f: f["origin"] == "JFK", [1, 2, 5]),
        (lambda f: f["origin"] != "JFK", [3, 4]),
        (lambda f: f["origin"].isin(["LGA", "EWR"]), [3, 4]),
        (lambda f: f["origin"].like("%K"), [1, 2, 5]),
        (lambda f: f["tail"] == None, [4]),  # noqa: E711
        (lambda f: f["ts"] > "2024-01-01 01:00:00", [2, 3, 4]),
        (lambda f: f["ts"] < datetime.datetime(2024, 1, 1), [5]),
        (lambda f: (f["origin"] == "JFK") & (f["distance"] > 100), [2, 5]),
        (lambda f: (f["origin"] == "LGA") | (f["distance"] == 100), [1, 3]),
        (lambda f: ((f["origin"] == "LGA") | (f["origin"] == "JFK")) & (f["id"] > 1), [2, 3, 5]),
        (lambda f: f["origin"] == "it's; DROP TABLE flights", []),
    ],
)
def test_filters(groups, condition, ids: list[int]) -> None:
    flights = groups[0]
    assert sorted(flights.filter(condition(flights)).read()["id"]) == ids


def test_filters_add_up(groups) -> None:
    flights = groups[0]
    query = (
        flights.select(["id"]).filter(flights["origin"] == "JFK").filter(flights["distance"] > 100)
    )
    assert sorted(query.read()["id"]) == [2, 5]
    assert query.filters.type == "AND"


def test_limit_and_show(groups) -> None:
    flights = groups[0]
    assert len(flights.select_all().limit(2).read()) == 2
    assert len(flights.select_all().show(1)) == 1


@pytest.mark.parametrize(
    ("how", "ids"),
    [
        ("left", [1, 2, 3, 4, 5]),
        ("inner", [1, 2, 3]),
        ("LEFT", [1, 2, 3, 4, 5]),
        ("full", [1, 2, 3, 4, 5]),
    ],
)
def test_join_types(groups, how: str, ids: list[int]) -> None:
    flights, planes, _ = groups
    read = (
        flights.select(["id", "tail"])
        .join(planes.select(["seats"]), on=["tail"], join_type=how)
        .read()
    )
    assert sorted(read["id"]) == ids
    assert read.set_index("id").loc[3, "seats"] == 10


def test_join_on_columns_of_other_names_with_a_prefix(groups) -> None:
    flights, planes, _ = groups
    query = flights.select(["id", "distance"]).join(
        planes.select(["distance", "seats"]), left_on=["tail"], right_on=["tail"], prefix="plane_"
    )
    read = query.read().set_index("id")
    assert list(read.columns) == ["distance", "plane_distance", "plane_seats"]
    assert read.loc[2].tolist() == [200.0, 8.0, 20.0]
    assert query.get_feature("plane_seats").name == "seats"
    assert query["seats"].name == "seats"
    assert query.seats.name == "seats"
    with pytest.raises(FeatureStoreException, match=r"selects no feature 'nothing'.*plane_seats"):
        query.get_feature("nothing")
    with pytest.raises(AttributeError, match="selects no feature 'nothing'"):
        query.nothing


def test_joins_meet_the_newest_row_before(groups) -> None:
    flights, _, weather = groups
    query = flights.select(["id", "ts", "origin"]).join(
        weather.select(["temp"]), on=["origin"], prefix="w_"
    )
    read = query.read().sort_values("id").set_index("id")
    # Flight 2 leaves at 1:30, so it meets the weather of 1:00; LGA has none before 3:00, EWR none at all.
    expected = {1: 1.0, 2: 2.0, 3: np.nan, 4: np.nan, 5: np.nan}
    pd.testing.assert_series_equal(
        read["w_temp"],
        pd.Series(expected, name="w_temp"),
        check_index_type=False,
        check_names=False,
    )


def test_three_feature_groups(groups) -> None:
    flights, planes, weather = groups
    query = (
        flights.select(["id"])
        .join(planes.select(["seats"]), on=["tail"])
        .join(weather.select(["temp"]), on=["origin"])
        .filter(flights["origin"] == "JFK")
    )
    assert [g.name for g in query.featuregroups] == ["flights", "planes", "weather"]
    assert [f.name for f in query.features] == ["id", "seats", "temp"]
    read = query.read()
    # Planes have no event time, so this is no point-in-time join: each flight meets every hour of its origin.
    assert sorted(read["id"]) == [1] * 4 + [2] * 4 + [5] * 4
    assert read.groupby("id")["temp"].sum().tolist() == [10.0, 10.0, 10.0]


def test_ambiguous_names_are_told(groups, caplog) -> None:
    flights, planes, _ = groups
    query = flights.select(["distance"]).join(planes.select(["distance"]), on=["tail"])
    assert query.get_ambiguous_features() == {"distance": {"flights version 1", "planes version 1"}}
    with caplog.at_level(logging.WARNING, "hsfs"):
        query.check_and_warn_ambiguous_features()
    assert "'distance'" in caplog.text
    assert "prefix" in caplog.text
    with pytest.raises(
        FeatureStoreException, match=r"more than one feature group.*planes version 1.*prefix"
    ):
        query.get_feature("distance")


def test_batches_are_streamed(groups) -> None:
    flights = groups[0]
    with flights.select(["id"]).read_batches(batch_size=2) as batches:
        sizes = [batch.num_rows for batch in batches]
    assert sum(sizes) == 5
    assert max(sizes) <= 2
    with flights.select(["id"]).read_batches(batch_size=1) as batches:
        assert next(batches).num_rows == 1
    with pytest.raises(ValueError, match="batch_size is 0"):
        with flights.select(["id"]).read_batches(batch_size=0):
            pass


def test_nullable_types_can_be_asked_for(groups) -> None:
    flights = groups[0]
    read = flights.select_all().read(read_options={"pandas_types": True})
    assert str(read["id"].dtype) == "Int64"
    assert str(read["distance"].dtype) == "Float64"
    joined = flights.select_all().join(groups[1].select(["seats"]), on=["tail"])
    with pytest.raises(ValueError, match="pandas_types works for queries without joins"):
        joined.read(read_options={"pandas_types": True})


def test_the_sql_is_what_the_server_made(groups) -> None:
    flights, _, weather = groups
    sql = flights.select(["id"]).to_string()
    assert "`id`" in sql
    assert "flights_1" in sql
    pit = flights.select(["id"]).join(weather.select(["temp"]), on=["origin"])
    assert "pit_rank_hopsworks" in str(pit)
    assert "ASOF" in pit.to_string(arrow_flight=True)
    assert "flights_1" in flights.select(["id"]).to_string(online=True)


def test_a_query_comes_back_as_it_went(groups) -> None:
    flights, planes, _ = groups
    query = (
        flights.select(["id", "distance"])
        .join(planes.select(["seats"]), on=["tail"], prefix="p_")
        .filter(flights["distance"] > 100)
        .limit(3)
    )
    again = Query.from_response_json(query.json())
    assert again.to_dict() == query.to_dict()
    assert again.joins[0].prefix == "p_"
    assert again.left_feature_group.primary_key == ["id"]
    assert len(again.read()) == 3
    assert query.is_cache_feature_group_only()
    assert not query.is_time_travel()
    assert query.as_of("2024-01-01").is_time_travel()
    assert query.joins[0].query.left_feature_group_end_time == 1704067200000


def test_reading_after_a_fork_says_what_to_do(groups) -> None:
    flights = groups[0]
    assert len(flights.read()) == 5
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            flights.read()
            said = "read"
        except FeatureStoreException as error:
            said = str(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        said = answer.read()
    assert "does not survive a fork" in said
    assert "'spawn'" in said
    assert len(flights.read()) == 5
