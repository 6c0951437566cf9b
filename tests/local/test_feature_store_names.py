"""Names of the feature store that no other test needs: older spellings, marks, and fields that stay as they are."""

from __future__ import annotations

import pandas as pd
import pytest

import hopsworks.util
import hsfs
import hsfs.util
from hsfs.core.data_source import DataSource
from hsfs.core.feature_descriptive_statistics import FeatureDescriptiveStatistics
from hsfs.feature import Feature
from hsfs.feature_group import ExternalFeatureGroup, FeatureGroup, SpineGroup
from hsfs.training_dataset import TrainingDataset
from hsfs.training_dataset_feature import TrainingDatasetFeature

pytestmark = pytest.mark.filterwarnings("ignore::hsfs.util.VersionWarning")


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"k": [1, 2], "ts": pd.to_datetime(["2024-01-01", "2024-01-02"]), "x": [1.0, 2.0]}
    )


@pytest.fixture
def group(feature_store):
    made = feature_store.create_feature_group("data", 1, primary_key=["k"], event_time="ts")
    made.insert(rows())
    return made


def test_a_connection_of_its_own_reaches_the_same_feature_store(
    feature_store, group, local_project: str
) -> None:
    connection = hsfs.connection(host="local", project=local_project)
    try:
        store = connection.get_feature_store()
        assert store.id == feature_store.id
        assert len(store.get_feature_group("data", 1).read()) == 2
    finally:
        connection.close()


def test_names_of_the_store(feature_store, group) -> None:
    name = feature_store.name
    assert name.endswith("_featurestore")
    assert group.feature_store_name == name
    view = feature_store.create_feature_view("data", group.select(["x"]), 1)
    assert view.feature_store_name == name
    assert (feature_store.offline_featurestore_name, feature_store.online_enabled) == (name, True)
    assert feature_store.project_name + "_featurestore" == name
    assert feature_store.project_id == feature_store._scope.context.project_id
    assert feature_store.online_featurestore_name == feature_store.project_name


def test_deprecation_marks(feature_store, group) -> None:
    assert group.update_deprecated() is group
    assert group.deprecated is True
    with pytest.warns(UserWarning, match="'data' version 1 is deprecated"):
        group.check_deprecated()
    with pytest.warns(UserWarning, match="deprecated"):
        found = feature_store.get_feature_group("data", 1)
    found.update_deprecated(False)
    assert feature_store.get_feature_group("data", 1).deprecated is False


def test_batch_data_with_the_filter_of_a_training_dataset(feature_store, group) -> None:
    view = feature_store.create_feature_view("data", group.select(["x"]), 1)
    view.training_data(extra_filter=group["x"] > 1)
    assert sorted(view.get_batch_data()["x"]) == [1.0, 2.0]
    view.init_batch_scoring(training_dataset_version=1)
    assert view.get_batch_data()["x"].tolist() == [2.0]


def test_features_keep_the_name_that_they_were_given() -> None:
    with pytest.warns(UserWarning, match="'price_usd'"):
        feature = Feature("Price USD")
    assert (feature.name, feature.original_name, feature.column_name) == (
        "price_usd",
        "Price USD",
        "Price USD",
    )
    kept = feature.contains(["a"])
    assert (kept.condition, kept.value) == ("IN", '["a"]')
    assert TrainingDatasetFeature(
        "x", transformation_function={"name": "f"}
    ).on_demand_transformation_function == {"name": "f"}


def test_options_of_formats_that_take_rows_through_kafka(feature_store) -> None:
    hudi = feature_store.create_feature_group(
        "hudi",
        1,
        primary_key=["k"],
        time_travel_format="hudi",
        hudi_precombine_key="ts",
        offline_backfill_every_hr=3,
    )
    assert (hudi.time_travel_format, hudi.stream) == ("HUDI", True)
    assert (hudi.hudi_precombine_key, hudi.offline_backfill_every_hr) == ("ts", 3)
    assert (
        feature_store.create_feature_group("plain", 1, hudi_precombine_key="ts").hudi_precombine_key
        is None
    )


def test_groups_whose_rows_are_elsewhere() -> None:
    external = ExternalFeatureGroup(name="dwh", version=1, featurestore_id=7, featurestore_name="s")
    assert external.feature_store_name == "s"
    with pytest.raises(ValueError, match="'dwh' version 1 are kept as HOPSFS"):
        external.read(dataframe_type="pandas")
    with pytest.raises(ValueError, match="'dwh' version 1 are kept as HOPSFS"):
        external.show(5)
    frame = rows()
    spine = SpineGroup(name="spine", version=1, featurestore_id=7, dataframe=frame)
    assert spine.dataframe is frame
    assert "dataframe" not in spine.to_dict()


def test_fields_of_training_datasets_and_sources() -> None:
    dataset = TrainingDataset(
        "d", 1, "csv", 7, featurestore_name="s", label=["y"], querydto={"limit": 1}
    )
    assert (dataset.feature_store_id, dataset.feature_store_name, dataset.label) == (7, "s", ["y"])
    assert dataset.query == {"limit": 1}
    dataset.schema = [TrainingDatasetFeature("x")]
    assert dataset.features[0].name == "x"
    source = DataSource(rest_endpoint={"relativeUrl": "/a"}, spreadsheet_id="s1")
    assert (source.rest_endpoint.relative_url, source.spreadsheet_id) == ("/a", "s1")
    statistics = FeatureDescriptiveStatistics("x", std_dev=1.5)
    assert statistics.stddev == 1.5
    assert statistics.get_value("stddev") == 1.5
    assert statistics.get_value("percentiles") is None


def test_warnings_have_one_home() -> None:
    for name in (
        "StatisticsWarning",
        "StorageWarning",
        "ValidationWarning",
        "JobWarning",
        "VersionWarning",
    ):
        assert getattr(hsfs.util, name) is getattr(hopsworks.util, name)
    assert issubclass(hsfs.util.StatisticsWarning, Warning)
    assert issubclass(hsfs.util.StorageWarning, Warning)
    assert issubclass(hsfs.util.ValidationWarning, Warning)


def test_statistics_of_no_rows_warn(feature_store) -> None:
    group = feature_store.create_feature_group("empty", 1, features=[Feature("x", "double")])
    group.save()
    view = feature_store.create_feature_view("empty", group.select(["x"]), 1)
    with pytest.warns(hsfs.util.StatisticsWarning, match="no rows"):
        view.training_data(statistics_config={"columns": ["x"]})
    assert view.get_training_dataset_statistics(1).feature_descriptive_statistics[0].count == 0
    assert isinstance(group, FeatureGroup)
