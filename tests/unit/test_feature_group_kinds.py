"""Feature groups as servers describe them: kinds, derived keys, and groups built with the bare constructor."""

from __future__ import annotations

import json

import pytest

from hopsworks import _native
from hopsworks.client.exceptions import FeatureStoreException, ResponseDecodeError
from hsfs.core.data_source import DataSource
from hsfs.engine.new_feature_group import complete
from hsfs.engine.reading import _check_readable
from hsfs.feature import Feature
from hsfs.feature_group import ExternalFeatureGroup, FeatureGroup, FeatureGroupBase, SpineGroup
from hsfs.statistics_config import StatisticsConfig, as_statistics_config

STORED = {
    "id": 12,
    "name": "trips",
    "version": 1,
    "featurestoreId": 7,
    "features": [
        {"name": "driver", "type": "bigint", "primary": True, "featureGroupId": 12},
        {"name": "city", "type": "string", "partition": True, "featureGroupId": 12},
        {"name": "shop", "type": "bigint", "foreign": True, "featureGroupId": 12},
    ],
}


def decoded(**more: object) -> FeatureGroupBase:
    return _native.decode_response("feature_group.get", json.dumps([{**STORED, **more}]).encode())


def test_the_type_on_the_wire_chooses_the_class() -> None:
    assert type(decoded(type="cachedFeaturegroupDTO")) is FeatureGroup
    assert decoded(type="cachedFeaturegroupDTO").stream is False
    assert decoded(type="streamFeatureGroupDTO").stream is True
    assert type(decoded(type="onDemandFeaturegroupDTO", spine=False)) is ExternalFeatureGroup
    assert type(decoded(type="onDemandFeaturegroupDTO", spine=True)) is SpineGroup
    with pytest.raises((ResponseDecodeError, ValueError), match="surpriseDTO"):
        decoded(type="surpriseDTO")


def test_keys_come_from_the_flags_of_the_features() -> None:
    group = decoded(type="cachedFeaturegroupDTO")
    assert (group.primary_key, group.partition_key, group.foreign_key) == (
        ["driver"],
        ["city"],
        ["shop"],
    )
    assert [f.name for f in group.select_features().features] == []
    assert [f.name for f in group.select_all(include_foreign_key=False).features] == [
        "driver",
        "city",
    ]
    external = decoded(type="onDemandFeaturegroupDTO", spine=False)
    assert external.primary_key == ["driver"]
    assert [f.name for f in external.select_features().features] == ["city"]
    assert decoded(type="onDemandFeaturegroupDTO", spine=True).primary_key == ["driver"]


def test_what_the_query_service_does_not_read_is_named() -> None:
    for group, words in (
        (decoded(type="cachedFeaturegroupDTO", timeTravelFormat="NONE"), "kept as NONE"),
        (decoded(type="onDemandFeaturegroupDTO", spine=True), "kept as a frame of the caller"),
        (decoded(type="onDemandFeaturegroupDTO", spine=False), "kept as HOPSFS"),
    ):
        with pytest.raises(
            ValueError, match=f"'trips' version 1 are {words}.*DELTA, HUDI, ICEBERG"
        ):
            _check_readable(group.select_all(), online=False)
    source = {"storageConnector": {"storageConnectorType": "SNOWFLAKE", "name": "dwh"}}
    external = decoded(type="onDemandFeaturegroupDTO", spine=False, dataSource=source)
    _check_readable(external.select_all(), online=False)
    assert not external.select_all().is_cache_feature_group_only()


def test_the_bare_constructor_is_completed_before_it_is_sent() -> None:
    group = FeatureGroup("data", 1, 7, primary_key=["Key"], event_time="my_time")
    with pytest.warns(UserWarning, match="'Key' is kept under the name 'key'"):
        complete(group)
    assert (group.primary_key, group.partition_key, group.event_time) == (["key"], [], "my_time")
    assert isinstance(group.statistics_config, StatisticsConfig)
    assert isinstance(group.data_source, DataSource)
    sent = group.to_dict()
    assert sent["statisticsConfig"] == {
        "enabled": True,
        "correlations": False,
        "histograms": False,
        "exactUniqueness": False,
        "columns": [],
    }
    assert sent["dataSource"] == {
        "query": None,
        "database": None,
        "group": None,
        "table": None,
        "path": None,
        "format": None,
        "metrics": [],
        "dimensions": [],
        "restEndpoint": None,
        "spreadsheetId": None,
    }


def test_statistics_configs_can_be_written_in_short() -> None:
    assert as_statistics_config(None).enabled is True
    assert as_statistics_config(False).enabled is False
    assert as_statistics_config({"columns": ["x"]}).columns == ["x"]
    given = StatisticsConfig(kll=True, histogram_bins=20)
    assert as_statistics_config(given) is given
    assert given.to_dict()["kll"] is True
    assert given.to_dict()["histogramBins"] == 20
    with pytest.raises(TypeError, match="not int"):
        as_statistics_config(1)


def test_data_sources_take_the_connector_that_they_came_with() -> None:
    assert DataSource.from_response_json(None) is None
    one = DataSource.from_response_json({"table": "t"}, storage_connector={"name": "c"})
    assert (one.table, one.storage_connector) == ("t", {"name": "c"})
    many = DataSource.from_response_json(
        {"count": 2, "items": [{"table": "a"}, {"table": "b"}]}, "c"
    )
    assert [(source.table, source.storage_connector) for source in many] == [("a", "c"), ("b", "c")]


def test_names_of_features_that_are_methods_too() -> None:
    group = FeatureGroup("data", 1, 7, features=[Feature("filter", "int"), Feature("x", "int")])
    assert callable(group.filter)
    assert group.get_feature("filter").name == group["filter"].name == "filter"
    with pytest.raises(
        KeyError, match=r"^The feature group 'data' version 1 has no feature 'y'\.$"
    ):
        group["y"]
    with pytest.raises(FeatureStoreException, match="no feature 'y'"):
        group.select(["y"])


def test_unknown_keys_survive_a_round_trip() -> None:
    group = decoded(type="cachedFeaturegroupDTO", brandNew={"deep": [1, {"camelCase": 2}]})
    assert group.to_dict()["brandNew"] == {"deep": [1, {"camelCase": 2}]}
