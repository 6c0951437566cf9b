"""Inserts on a server that does not take rows itself: the client writes the Delta table and registers the commit."""

from __future__ import annotations

import pandas as pd
import pytest
from deltalake import DeltaTable
from recorded_calls import record

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.feature import Feature

pytestmark = pytest.mark.filterwarnings("ignore::hsfs.util.JobWarning")


@pytest.fixture
def store(feature_store, monkeypatch: pytest.MonkeyPatch):
    """A feature store whose server says nothing about taking rows."""
    monkeypatch.setitem(feature_store._scope.context.cache, "server_takes_rows", False)
    return feature_store


def rows(keys, value: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "k": list(keys),
            "ts": pd.date_range("2024-01-01", periods=len(keys), freq="D"),
            "part": [f"p {key % 2}" for key in keys],
            "x": [value] * len(keys),
        }
    )


def make(store, **options):
    return store.create_feature_group("data", 1, primary_key=["k"], event_time="ts", **options)


def test_rows_are_merged_by_key_and_event_time(store) -> None:
    group = make(store)
    assert group.insert(rows([1, 2, 3])) == (None, None)
    scope = record(group)
    group.insert(rows([1, 2, 3, 4], 2.0))
    assert scope.sent == ["feature_group.commit"]
    assert sorted(group.read()["x"]) == [2.0] * 4
    group.insert(rows([4]), operation="insert")
    assert len(group.read()) == 5
    group.insert(rows([5]), write_options={"mode": "append"})
    details = [(c["rowsInserted"], c["rowsUpdated"]) for c in group.commit_details().values()]
    assert details == [(1, 0), (1, 0), (1, 3), (3, 0)]


def test_the_table_is_a_delta_table_with_the_stored_types(store) -> None:
    group = make(store)
    frame = rows([1, 2])
    frame["small"] = pd.Series([1, 2], dtype="int8")
    group.insert(frame)
    table = DeltaTable(group.location)
    assert table.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    types = {field.name: field.type.type for field in table.schema().fields}
    assert types == {
        "k": "long",
        "ts": "timestamp_ntz",
        "part": "string",
        "x": "double",
        "small": "integer",
    }


def test_overwriting_and_partitions(store) -> None:
    group = make(store, partition_key=["part"])
    group.insert(rows([1, 2, 3]))
    group.insert(rows([1, 2], 5.0))
    assert sorted(group.read()["x"]) == [1.0, 5.0, 5.0]
    group.insert(rows([9]), overwrite=True)
    assert group.read()["k"].tolist() == [9]


def test_rows_are_removed_by_key_and_event_time(store) -> None:
    group = make(store, partition_key=["part"])
    group.insert(rows([1, 2, 3]))
    scope = record(group)
    group.remove_rows(rows([1, 2, 3]).tail(1))
    assert scope.sent == ["feature_group.commit"]
    assert sorted(group.read()["k"]) == [1, 2]
    assert next(iter(group.commit_details().values()))["rowsDeleted"] == 1


def test_a_feature_group_made_of_features_has_an_empty_table(store) -> None:
    group = store.create_feature_group("empty", 1, primary_key=["k"])
    scope = record(group)
    group.save([Feature("k", "bigint"), Feature("l", "array<double>")])
    assert scope.sent == ["feature_group.create"]
    assert len(group.read()) == 0
    assert group.commit_details() == {}
    assert DeltaTable(group.location).version() == 0
    group.insert(pd.DataFrame({"k": [1], "l": [[0.5]]}))
    assert [c["rowsInserted"] for c in group.commit_details().values()] == [1]
    assert len(group.read()) == 1


def test_an_application_transaction_can_be_named(store) -> None:
    group = make(store)
    group.insert(rows([1]))
    options = {"mode": "append", "commit_properties": {"app_id": "loader", "version": 7}}
    group.insert(rows([2]), write_options=options)
    assert DeltaTable(group.location).transaction_version("loader") == 7


def test_online_rows_need_a_server_that_takes_them(store) -> None:
    group = make(store, online_enabled=True)
    words = r"'data' go to .*Kafka.*storage='offline'.*login\(host='local'\)"
    with pytest.raises(FeatureStoreException, match=words):
        group.insert(rows([1]))
    assert store.get_feature_group("data", 1) is None
    group.insert(rows([1]), storage="offline")
    assert len(group.read()) == 1
    hudi = store.create_feature_group("hudi", 1, primary_key=["k"], time_travel_format="HUDI")
    with pytest.raises(FeatureStoreException, match="Kafka"):
        hudi.insert(rows([1]))
