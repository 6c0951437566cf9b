"""Feature views end to end: create, get, list, versions, helpers, batch data and deletion."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from hopsworks.client.exceptions import FeatureStoreException, RestAPIError
from hsfs.feature_view import FeatureView
from hsfs.serving_key import ServingKey
from hsfs.training_dataset_feature import TrainingDatasetFeature
from hsfs.util import JobWarning, VersionWarning

pytestmark = [
    pytest.mark.filterwarnings("ignore::hsfs.util.JobWarning"),
    pytest.mark.filterwarnings("ignore::hsfs.util.VersionWarning"),
]


@pytest.fixture
def groups(feature_store):
    hours = pd.date_range("2024-01-01", periods=6, freq="h")
    flights = pd.DataFrame(
        {
            "id": range(6),
            "ts": hours + pd.Timedelta("10min"),
            "origin": ["JFK", "LGA"] * 3,
            "distance": [100.0 * i for i in range(6)],
            "late": [i % 2 == 0 for i in range(6)],
        }
    )
    weather = pd.DataFrame(
        {
            "origin": ["JFK"] * 6 + ["LGA"] * 6,
            "ts": [*hours, *hours],
            "temp": [float(i) for i in range(12)],
            "visib": [10.0] * 12,
        }
    )
    made = []
    for name, frame, key in (("flights", flights, "id"), ("weather", weather, "origin")):
        group = feature_store.create_feature_group(
            name, 1, primary_key=[key], event_time="ts", online_enabled=True
        )
        group.insert(frame)
        made.append(group)
    return made


@pytest.fixture
def query(groups):
    flights, weather = groups
    return flights.select(["origin", "distance", "late"]).join(
        weather.select(["temp", "visib"]), on=["origin"], prefix="w_"
    )


def test_a_feature_view_knows_its_columns(feature_store, groups, query) -> None:
    view = feature_store.create_feature_view(
        "lateness",
        query,
        version=1,
        description="late flights",
        labels=["late"],
        inference_helper_columns=["w_visib"],
    )
    assert type(view) is FeatureView
    assert isinstance(view.id, int)
    assert (view.name, view.version, view.description) == ("lateness", 1, "late flights")
    assert view.labels == ["late"]
    assert view.inference_helper_columns == ["w_visib"]
    assert view.training_helper_columns == []
    assert view.featurestore_id == feature_store.id
    assert [(c.name, c.type, c.label) for c in view.features] == [
        ("origin", "string", False),
        ("distance", "double", False),
        ("late", "boolean", True),
        ("w_temp", "double", False),
        ("w_visib", "double", False),
    ]
    column = view.features[3]
    assert type(column) is TrainingDatasetFeature
    assert (column.feature_group_feature_name, column.feature_group.id) == ("temp", groups[1].id)
    assert not column.is_complex()
    assert view.schema is view.features
    assert view.get_root_fg().name == "flights"
    assert view.get_feature("w_temp").name == "temp"
    assert view.get_training_dataset_schema() is view.features
    found = feature_store.get_feature_view("lateness", 1)
    assert (found.id, found.labels, found.inference_helper_columns) == (
        view.id,
        ["late"],
        ["w_visib"],
    )
    assert found.query.joins[0].prefix == "w_"


def test_serving_keys(feature_store, query) -> None:
    view = feature_store.create_feature_view("lateness", query, version=1, labels=["late"])
    assert all(type(key) is ServingKey for key in view.serving_keys)
    assert {key.required_serving_key for key in view.serving_keys} == view.primary_keys
    by_name = {key.feature_name: key for key in view.serving_keys}
    assert by_name["id"].required is True
    assert by_name["id"].join_index == 0
    assert by_name["origin"].join_index == 1
    assert by_name["origin"].feature_group.name == "weather"


def test_versions(feature_store, query) -> None:
    for version in (1, 2):
        feature_store.create_feature_view("lateness", query, version=version)
    assert feature_store.create_feature_view("lateness", query).version == 3
    assert [v.version for v in feature_store.get_feature_views("lateness")] == [1, 2, 3]
    assert feature_store.get_feature_views("nothing") == []
    assert feature_store.get_feature_view("nothing", 1) is None
    with pytest.warns(VersionWarning, match="getting version 1"):
        assert feature_store.get_feature_view("lateness").version == 1
    with pytest.raises(RestAPIError) as raised:
        feature_store.create_feature_view("lateness", query, version=1)
    assert raised.value.error_code == 270179


def test_get_or_create(feature_store, query) -> None:
    first = feature_store.get_or_create_feature_view("lateness", query, 1, labels=["late"])
    again = feature_store.get_or_create_feature_view("lateness", query, 1)
    assert again.id == first.id
    assert again.labels == ["late"]


def test_descriptions_can_be_changed(feature_store, query) -> None:
    view = feature_store.create_feature_view("lateness", query, version=1)
    view.description = "new words"
    assert view.update() is view
    assert feature_store.get_feature_view("lateness", 1).description == "new words"


def test_batch_data_has_no_labels(feature_store, groups, query) -> None:
    view = feature_store.create_feature_view(
        "lateness", query, version=1, labels=["late"], inference_helper_columns=["w_visib"]
    )
    batch = view.get_batch_data()
    assert list(batch.columns) == ["origin", "distance", "w_temp"]
    assert len(batch) == 6
    batch = batch.sort_values("distance", ignore_index=True)
    # Each flight meets the weather of its own hour at its own origin.
    assert batch["w_temp"].tolist() == [0.0, 7.0, 2.0, 9.0, 4.0, 11.0]
    some = view.get_batch_data(
        start_time="2024-01-01 02:00:00", end_time=datetime.datetime(2024, 1, 1, 4)
    )
    assert sorted(some["distance"]) == [200.0, 300.0]
    more = view.get_batch_data(primary_key=True, event_time=True, inference_helper_columns=True)
    assert {"w_visib", "origin", "distance", "w_temp"} < set(more.columns)
    assert any(name.endswith("_flights_1_id") for name in more.columns)
    assert any(name.endswith("_flights_1_ts") for name in more.columns)
    flights = groups[0]
    far = view.get_batch_data(extra_filter=flights["distance"] > 300)
    assert sorted(far["distance"]) == [400.0, 500.0]
    assert view.get_batch_data(dataframe_type="polars").shape == (6, 3)
    assert "flights_1" in view.get_batch_query()


def test_times_need_an_event_time(feature_store) -> None:
    group = feature_store.create_feature_group("plain", 1, primary_key=["k"])
    group.insert(pd.DataFrame({"k": [1], "x": [2.0]}))
    view = feature_store.create_feature_view("plain", group.select(["x"]), version=1)
    with pytest.raises(ValueError, match=r"has no event time\. Leave out the start and end times"):
        view.get_batch_data(start_time="2024-01-01")
    assert view.get_batch_data()["x"].tolist() == [2.0]


def test_deletion(feature_store, query) -> None:
    view = feature_store.create_feature_view("lateness", query, version=1)
    with pytest.warns(JobWarning, match=r"'lateness' version 1"):
        view.delete()
    assert feature_store.get_feature_view("lateness", 1) is None
    feature_store.create_feature_view("lateness", query, version=1)
    FeatureView.clean(feature_store.id, "lateness", 1)
    assert feature_store.get_feature_view("lateness", 1) is None
    with pytest.raises(ValueError, match=r"use fs\.id"):
        FeatureView.clean("67", "lateness", 1)


def test_a_view_whose_feature_group_is_gone_says_so(feature_store, groups, query) -> None:
    feature_store.create_feature_view("lateness", query, version=1)
    groups[1].delete(force=True)
    with pytest.raises(
        ValueError, match=r"'lateness' cannot be read, .*was deleted.*FeatureView\.clean"
    ):
        feature_store.get_feature_view("lateness", 1)


def test_a_view_comes_back_as_it_went(feature_store, query) -> None:
    view = feature_store.create_feature_view("lateness", query, version=1, labels=["late"])
    again = FeatureView.from_response_json(view.json())
    assert again.to_dict() == view.to_dict()
    assert again.labels == ["late"]
    assert repr(view) == "FeatureView('lateness', version=1, labels=['late'])"


@pytest.mark.parametrize(
    "option",
    [{"transformation_functions": [len]}, {"logging_enabled": True}, {"extra_log_columns": [{}]}],
    ids=lambda option: next(iter(option)),
)
def test_parts_that_are_not_there_are_refused_by_name(feature_store, query, option) -> None:
    with pytest.raises(FeatureStoreException, match=f"'lateness' asks for {next(iter(option))}"):
        feature_store.create_feature_view("lateness", query, version=1, **option)
    with pytest.raises(TypeError, match="unexpected keyword argument 'prediction_times'"):
        feature_store.create_feature_view("lateness", query, version=1).get_batch_data(
            prediction_times=1
        )
