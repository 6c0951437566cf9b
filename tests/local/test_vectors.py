"""Online feature vectors end to end: single, many, passed and missing values, types and kinds of results."""

from __future__ import annotations

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from recorded_calls import record

from hopsworks.client.exceptions import FeatureStoreException

pytestmark = [
    pytest.mark.filterwarnings("ignore::hsfs.util.JobWarning"),
    pytest.mark.filterwarnings("ignore::hsfs.util.VersionWarning"),
]
NOON = datetime.datetime(2024, 1, 1, 12, 30, 15, 250000)


@pytest.fixture
def view(feature_store):
    users = pa.table(
        {
            "user": pa.array([1, 2]),
            "city": pa.array(["Oslo", None]),
            "seen": pa.array([NOON, None], pa.timestamp("us")),
            "born": pa.array([datetime.date(2000, 2, 29), None]),
            "active": pa.array([True, False]),
            "raw": pa.array([b"\x00\xff", None]),
            "scores": pa.array([[0.5, 1.5], None], pa.list_(pa.float64())),
            "label": pa.array([0, 1]),
            "hint": pa.array(["h1", "h2"]),
        }
    )
    cities = pa.table({"town": pa.array(["Oslo", "Rome"]), "size": pa.array([7.5, 28.0])})
    user = feature_store.create_feature_group("users", 1, primary_key=["user"], online_enabled=True)
    user.insert(users)
    town = feature_store.create_feature_group("towns", 1, primary_key=["town"], online_enabled=True)
    town.insert(cities)
    query = user.select_all().join(
        town.select(["size"]), left_on=["city"], right_on=["town"], prefix="t_"
    )
    return feature_store.create_feature_view(
        "people", query, 1, labels=["label"], inference_helper_columns=["hint"]
    )


KEYS = {"user": 1, "t_town": "Oslo"}
COLUMNS = ["user", "city", "seen", "born", "active", "raw", "scores", "t_size"]
ONE = [1, "Oslo", NOON, datetime.date(2000, 2, 29), True, b"\x00\xff", [0.5, 1.5], 7.5]


def test_a_vector_has_the_features_in_order_without_labels_and_helpers(view) -> None:
    view.init_serving(training_dataset_version=1)
    assert view.get_feature_vector(KEYS) == ONE
    assert view.get_feature_vector(serving_keys=KEYS, return_type="list") == ONE


def test_serving_prepares_itself(view) -> None:
    assert view.get_feature_vector(KEYS) == ONE


def test_kinds_of_results(view) -> None:
    frame = view.get_feature_vector(KEYS, return_type="pandas")
    assert list(frame.columns) == COLUMNS
    assert frame.iloc[0].tolist() == ONE
    frame = view.get_feature_vector(KEYS, return_type="polars")
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == COLUMNS
    numbers = view.get_feature_vector(KEYS, passed_features={"scores": 1}, return_type="numpy")
    assert isinstance(numbers, np.ndarray)
    assert numbers.shape == (8,)
    with pytest.raises(ValueError, match="'spark'; use one of list, numpy, pandas, polars"):
        view.get_feature_vector(KEYS, return_type="spark")


def test_many_vectors_keep_the_order_of_the_keys(view) -> None:
    second = {"user": 2, "t_town": "Rome"}
    rows = view.get_feature_vectors([second, KEYS, second])
    assert [row[0] for row in rows] == [2, 1, 2]
    assert rows[1] == ONE
    assert rows[0] == [2, None, None, None, False, None, None, 28.0]
    frame = view.get_feature_vectors([second, KEYS], return_type="pandas")
    assert frame["user"].tolist() == [2, 1]
    assert list(frame.columns) == COLUMNS
    assert view.get_feature_vectors([KEYS], return_type="polars").shape == (1, 8)
    array = view.get_feature_vectors(
        [KEYS, second], passed_features=[{"scores": 0}, {"scores": 0}], return_type="numpy"
    )
    assert array.shape == (2, 8)


def test_passed_features_take_the_place_of_stored_ones(view) -> None:
    vector = view.get_feature_vector(KEYS, passed_features={"city": "Paris", "t_size": 1.0})
    assert vector == [1, "Paris", *ONE[2:7], 1.0]
    rows = view.get_feature_vectors([KEYS, KEYS], passed_features=[{"city": "A"}, {}])
    assert [row[1] for row in rows] == ["A", "Oslo"]
    with pytest.raises(ValueError, match="1 entries and serving_keys 2"):
        view.get_feature_vectors([KEYS, KEYS], passed_features=[{}])


def test_rows_that_are_not_there(view) -> None:
    nobody = {"user": 99, "t_town": "Nowhere"}
    assert view.get_feature_vector(nobody) is None
    assert view.get_feature_vectors([nobody, KEYS]) == [ONE]
    assert view.get_feature_vector(nobody, allow_missing=True) == [99, *[None] * 7]
    assert view.get_feature_vectors([nobody, KEYS], allow_missing=True) == [[99, *[None] * 7], ONE]
    frame = view.get_feature_vector(nobody, return_type="pandas")
    assert frame.iloc[0].isna().all()


def test_half_a_row_is_an_error_unless_missing_values_are_allowed(view) -> None:
    half = {"user": 1, "t_town": "Nowhere"}
    with pytest.raises(
        FeatureStoreException, match=r"t_size are missing.*'Nowhere'.*allow_missing=True"
    ):
        view.get_feature_vector(half)
    assert view.get_feature_vector(half, allow_missing=True) == [*ONE[:7], None]
    assert view.get_feature_vector(half, passed_features={"t_size": 3.0}) == [*ONE[:7], 3.0]


def test_keys_are_checked_before_anything_is_sent(view) -> None:
    view.init_serving(1)
    scope = record(view)
    view.init_serving(1)
    reader = view._vector_reader
    reader._scope = scope
    with pytest.raises(FeatureStoreException, match=r"'town' is not a serving key.*user, t_town"):
        view.get_feature_vector({"town": "Oslo"})
    with pytest.raises(
        FeatureStoreException, match=r"these serving keys were not given: t_town \(for t_size\)"
    ):
        view.get_feature_vector({"user": 1})
    for nothing in ({}, None):
        with pytest.raises(
            FeatureStoreException, match=r"No serving keys were given.*user, t_town"
        ):
            view.get_feature_vector(nothing)
        with pytest.raises(FeatureStoreException, match="No serving keys were given"):
            view.get_feature_vectors(nothing)
    assert scope.sent == []
    assert view.get_feature_vector({"user": 1}, passed_features={"t_size": 1.0})[7] == 1.0
    assert view.get_feature_vector({"user": 1}, allow_missing=True) == [*ONE[:7], None]
    assert scope.sent == ["online.vector", "online.vector"]


def test_composite_keys_come_together(feature_store) -> None:
    group = feature_store.create_feature_group(
        "pairs", 1, primary_key=["a", "b"], online_enabled=True
    )
    group.insert(pd.DataFrame({"a": [1, 1], "b": ["x", "y"], "v": [1.5, 2.5]}))
    view = feature_store.create_feature_view("pairs", group.select(["v"]), 1)
    assert view.get_feature_vector({"a": 1, "b": "y"}) == [2.5]
    assert view.get_feature_vector({"b": "x", "a": 1}) == [1.5]
    with pytest.raises(FeatureStoreException, match="a, b belong together"):
        view.get_feature_vector({"a": 1}, allow_missing=True)


def test_helper_columns(view) -> None:
    assert view.get_inference_helper(KEYS, return_type="dict") == {"hint": "h1"}
    frame = view.get_inference_helpers([KEYS, {"user": 2, "t_town": "Rome"}])
    assert frame["hint"].tolist() == ["h1", "h2"]


def test_keys_of_numpy_and_time_types(feature_store) -> None:
    group = feature_store.create_feature_group(
        "typed", 1, primary_key=["k", "d"], online_enabled=True
    )
    day = datetime.date(2024, 5, 17)
    group.insert(pa.table({"k": [7], "d": [day], "v": ["found"]}))
    view = feature_store.create_feature_view("typed", group.select(["v"]), 1)
    assert view.get_feature_vector({"k": np.int64(7), "d": day}) == ["found"]


def test_the_newest_row_is_served(feature_store) -> None:
    group = feature_store.create_feature_group(
        "events", 1, primary_key=["k"], event_time="ts", online_enabled=True
    )
    times = pd.to_datetime(["2024-01-02", "2024-01-01"])
    group.insert(pd.DataFrame({"k": [1, 1], "ts": times, "v": ["new", "old"]}))
    view = feature_store.create_feature_view("events", group.select(["v"]), 1)
    assert view.get_feature_vector({"k": 1}) == ["new"]
    group.insert(pd.DataFrame({"k": [1], "ts": [pd.Timestamp("2024-01-03")], "v": ["newest"]}))
    assert view.get_feature_vector({"k": 1}) == ["newest"]


def test_every_feature_group_must_be_online(feature_store) -> None:
    group = feature_store.create_feature_group("offline", 1, primary_key=["k"])
    group.insert(pd.DataFrame({"k": [1], "v": [1.0]}))
    view = feature_store.create_feature_view("offline", group.select(["v"]), 1)
    with pytest.raises(
        FeatureStoreException, match=r"no online table: 'offline' version 1.*online_enabled=True"
    ):
        view.init_serving(1)


def test_a_view_can_be_copied_to_another_process_while_it_serves(view) -> None:
    assert view.get_feature_vector(KEYS) == ONE
    again = pickle.loads(pickle.dumps(view))
    assert again == view
    assert again.get_feature_vector(KEYS) == ONE


def test_the_older_name_of_the_keys_still_works(view) -> None:
    with pytest.warns(DeprecationWarning, match="serving_keys"):
        assert view.get_feature_vector(entry=KEYS) == ONE
    with pytest.raises(FeatureStoreException, match="two names of one argument"):
        view.get_feature_vector(KEYS, entry=KEYS)


def test_options_of_other_interfaces_are_refused_by_name(view) -> None:
    with pytest.raises(FeatureStoreException, match="force_sql_client"):
        view.get_feature_vector(KEYS, force_sql_client=True)
    with pytest.raises(ValueError, match="default_client is 'ldap'"):
        view.init_serving(1, default_client="ldap")
    with pytest.raises(
        FeatureStoreException, match=r"unknown key\(s\) hosts.*host, http_authorization"
    ):
        view.init_serving(1, config_rest_client={"hosts": "x"})
