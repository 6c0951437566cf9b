"""Feature groups end to end: create, insert, read, list, versions, times and deletion."""

from __future__ import annotations

import copy
import datetime
import pickle
import time
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from recorded_calls import record

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.feature import Feature
from hsfs.feature_group import FeatureGroup
from hsfs.util import JobWarning, VersionWarning

pytestmark = pytest.mark.filterwarnings("ignore::hsfs.util.JobWarning")


def trips(keys=(1, 2, 3), start="2024-01-01") -> pd.DataFrame:
    days = pd.to_datetime(start) + pd.to_timedelta(range(len(keys)), unit="D")
    return pd.DataFrame(
        {
            "driver": list(keys),
            "ts": days,
            "km": [float(key) * 1.5 for key in keys],
            "city": [f"city {key}" for key in keys],
        }
    )


def make(feature_store, name="trips", **options) -> FeatureGroup:
    options = {
        "version": 1,
        "primary_key": ["driver"],
        "event_time": "ts",
        "description": "rides",
        **options,
    }
    return feature_store.create_feature_group(name, **options)


def test_a_feature_group_exists_after_its_first_insert(feature_store) -> None:
    group = make(feature_store)
    assert group.id is None
    assert feature_store.get_feature_group("trips", 1) is None
    assert group.insert(trips()) == (None, None)
    assert isinstance(group.id, int)
    found = feature_store.get_feature_group("trips", 1)
    assert type(found) is FeatureGroup
    assert (found.id, found.name, found.version, found.description) == (
        group.id,
        "trips",
        1,
        "rides",
    )
    assert found.primary_key == ["driver"]
    assert found.event_time == "ts"
    assert found.online_enabled is False
    assert found.time_travel_format == "DELTA"
    assert [(f.name, f.type, f.primary) for f in found.columns] == [
        ("driver", "bigint", True),
        ("ts", "timestamp", False),
        ("km", "double", False),
        ("city", "string", False),
    ]
    assert found.column_names == ["driver", "ts", "km", "city"]
    assert found.schema is found.columns
    assert found.feature_store is feature_store
    assert found.feature_store_id == feature_store.id
    assert found.get_fg_name() == "trips_1"
    assert found.statistics_config.enabled is True


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "batch"])
def test_rows_come_back_as_they_were(feature_store, kind: str) -> None:
    frame = trips()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    given = {
        "pandas": frame,
        "polars": pl.from_pandas(frame),
        "arrow": table,
        "batch": table.to_batches()[0],
    }[kind]
    group = make(feature_store)
    group.insert(given)
    read = group.read().sort_values("driver", ignore_index=True)
    pd.testing.assert_frame_equal(read, frame, check_dtype=False)
    assert read.dtypes["driver"] == np.int64
    assert read.dtypes["km"] == np.float64
    assert str(read.dtypes["ts"]) == "datetime64[us]"


def test_every_kind_of_frame_can_be_asked_for(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips((1,)))
    row = [1, datetime.datetime(2024, 1, 1), 1.5, "city 1"]
    assert group.read(dataframe_type="polars").row(0) == tuple(row)
    assert isinstance(group.read(dataframe_type="numpy"), np.ndarray)
    assert group.read(dataframe_type="python") == [[1, pd.Timestamp("2024-01-01"), 1.5, "city 1"]]
    assert group.read(dataframe_type="pandas").shape == (1, 4)
    with pytest.raises(TypeError, match=r"'spark' is not supported; use one of default, pandas"):
        group.read(dataframe_type="spark")


def test_rows_of_the_same_key_and_time_are_replaced(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    changed = trips()
    changed["km"] = 100.0
    changed.loc[2, "ts"] = pd.Timestamp("2025-01-01")
    group.insert(changed)
    read = group.read().sort_values(["driver", "ts"], ignore_index=True)
    assert read[["driver", "km"]].values.tolist() == [[1, 100], [2, 100], [3, 4.5], [3, 100]]
    group.insert(trips((1,)), operation="insert")
    assert len(group.read()) == 5


def test_overwrite_removes_the_rows_before(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    group.insert(trips((9,)), overwrite=True)
    assert group.read()["driver"].tolist() == [9]
    assert feature_store.get_feature_group("trips", 1).id == group.id


def test_values_of_every_type_survive(feature_store) -> None:
    table = pa.table(
        {
            "k": pa.array([1, 2], pa.int64()),
            "i": pa.array([1, None], pa.int32()),
            "f": pa.array([1.5, None], pa.float32()),
            "b": pa.array([True, None]),
            "d": pa.array([datetime.date(2024, 1, 1), None]),
            "t": pa.array(
                [datetime.datetime(2024, 1, 1, 1, 2, 3, 456789), None], pa.timestamp("us")
            ),
            "s": pa.array(["ä", None]),
            "raw": pa.array([b"\x00\xff", None]),
            "n": pa.array([[1.5, 2.5], None], pa.list_(pa.float64())),
            "m": pa.array(
                [{"x": 1, "y": "a"}, None], pa.struct([("x", pa.int64()), ("y", pa.string())])
            ),
            "c": pa.array([12, None], pa.decimal128(10, 2)),
        }
    )
    group = feature_store.create_feature_group("everything", 1, primary_key=["k"])
    group.insert(table)
    with group.select_all().read_batches() as batches:
        read = pa.Table.from_batches(list(batches)).sort_by("k")
    assert read.to_pylist() == table.to_pylist()
    assert group.get_complex_features() == ["n", "m"]


def test_versions_and_lists(feature_store) -> None:
    for version in (1, 2):
        make(feature_store, version=version).insert(trips((version,)))
    third = make(feature_store, version=None)
    with pytest.warns(VersionWarning, match="the server chose 3"):
        third.insert(trips((3,)))
    assert third.version == 3
    assert [g.version for g in feature_store.get_feature_groups("trips")] == [1, 2, 3]
    make(feature_store, name="other").insert(trips())
    assert sorted((g.name, g.version) for g in feature_store.get_feature_groups()) == [
        ("other", 1),
        ("trips", 1),
        ("trips", 2),
        ("trips", 3),
    ]
    assert feature_store.get_feature_groups("nothing") == []
    with pytest.warns(VersionWarning, match="getting version 1"):
        assert feature_store.get_feature_group("trips").version == 1


def test_get_or_create_returns_what_is_there(feature_store) -> None:
    options = {"primary_key": ["driver"], "event_time": "ts"}
    new = feature_store.get_or_create_feature_group("trips", 1, **options)
    assert new.id is None
    new.insert(trips())
    again = feature_store.get_or_create_feature_group("trips", 1, primary_key=["ignored"])
    assert again.id == new.id
    assert again.primary_key == ["driver"]
    again.insert(trips((7,)))
    assert len(new.read()) == 4


def test_features_can_be_given_instead_of_a_frame(feature_store) -> None:
    features = [
        Feature("k", "bigint"),
        Feature("x", "double", "a number"),
        Feature("l", "array<int>"),
    ]
    group = feature_store.create_feature_group("given", 1, primary_key=["k"], features=features)
    assert group.save() == (None, None)
    found = feature_store.get_feature_group("given", 1)
    assert [(f.name, f.type, f.primary) for f in found.columns] == [
        ("k", "bigint", True),
        ("x", "double", False),
        ("l", "array<int>", False),
    ]
    assert found["x"].description == "a number"
    empty = found.read()
    assert (len(empty), list(empty.columns)) == (0, ["k", "x", "l"])
    found.insert(pa.table({"k": [1], "x": [0.5], "l": pa.array([[1, 2]], pa.list_(pa.int32()))}))
    assert found.read()["x"].tolist() == [0.5]
    other = feature_store.create_feature_group("saved", 1, primary_key=["k"])
    assert other.save([Feature("k", "string")]) == (None, None)
    assert other.columns[0].primary is True
    with pytest.raises(FeatureStoreException, match="has no features"):
        feature_store.create_feature_group("none", 1).save()


def test_online_rows_are_the_newest_of_each_key(feature_store) -> None:
    group = make(feature_store, online_enabled=True)
    frame = pd.concat([trips((1, 1, 2)), trips((1,), start="2023-01-01")], ignore_index=True)
    frame["km"] = [10.0, 11.0, 20.0, 9.0]
    group.insert(frame)
    online = group.read(online=True).sort_values("driver", ignore_index=True)
    assert online[["driver", "km"]].values.tolist() == [[1, 11], [2, 20]]
    group.insert(trips((1,), start="2022-01-01"), storage="offline")
    assert len(group.read()) == 5
    assert len(group.read(online=True)) == 2
    group.insert(trips((5,)), storage="online")
    assert sorted(group.read(online=True)["driver"]) == [1, 2, 5]
    assert 5 not in group.read()["driver"].tolist()


def test_reading_as_of_a_time(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips((1,)))
    time.sleep(0.05)
    between = datetime.datetime.now(datetime.UTC)
    time.sleep(0.05)
    group.insert(trips((2, 3)))
    milliseconds = int(between.timestamp() * 1000)
    for moment in (
        between,
        milliseconds,
        between.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1000:03d}",
    ):
        assert group.read(wallclock_time=moment)["driver"].tolist() == [1]
        assert group.as_of(moment).read()["driver"].tolist() == [1]
    assert sorted(group.as_of().read()["driver"]) == [1, 2, 3]
    assert sorted(group.read_changes(between, datetime.datetime.now())["driver"]) == [2, 3]
    details = list(group.commit_details().values())
    assert [(c["rowsInserted"], c["rowsUpdated"], c["rowsDeleted"]) for c in details] == [
        (2, 0, 0),
        (1, 0, 0),
    ]
    assert len(group.commit_details(limit=1)) == 1
    assert list(group.commit_details(wallclock_time=between).values()) == details[1:]
    assert len(details[0]["committedOn"]) == 17


def test_reading_by_event_time(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    assert sorted(group.read(start_time="2024-01-02")["driver"]) == [2, 3]
    assert group.read(end_time=datetime.date(2024, 1, 2))["driver"].tolist() == [1]
    assert group.read(start_time="2024-01-02", end_time="2024-01-03")["driver"].tolist() == [2]
    with pytest.raises(FeatureStoreException, match="one or the other"):
        group.read(wallclock_time="2024-01-01", start_time="2024-01-01")


def test_show_reads_a_few_rows(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips(range(1, 50)))
    assert group.show(5).shape == (5, 4)
    query = group.select(["km"])
    assert query.show(3).shape == (3, 1)
    assert len(query.read()) == 49


def test_rows_can_be_removed_by_their_keys(feature_store) -> None:
    group = make(feature_store, online_enabled=True)
    group.insert(trips())
    assert group.remove_rows(trips()[["driver", "ts"]].head(1)) is None
    assert sorted(group.read()["driver"]) == [2, 3]
    assert sorted(group.read(online=True)["driver"]) == [2, 3]
    group.commit_delete_record(trips().tail(1))
    assert group.read()["driver"].tolist() == [2]
    assert sorted(group.read(online=True)["driver"]) == [2, 3]
    group.remove_rows(pd.DataFrame({"driver": [3]}), storage="online")
    assert group.read(online=True)["driver"].tolist() == [2]
    assert next(iter(group.commit_details(limit=1).values()))["rowsDeleted"] == 1


def test_removal_needs_the_columns_that_tell_rows_apart(feature_store) -> None:
    group = make(feature_store)
    with pytest.raises(FeatureStoreException, match="'trips' is not registered"):
        group.remove_rows(trips())
    group.insert(trips())
    scope = record(group)
    with pytest.raises(
        ValueError, match=r"told apart by driver, ts, and the frame has no ts\. Add"
    ):
        group.remove_rows(pd.DataFrame({"driver": [1]}))
    with pytest.raises(ValueError, match="'driver' of feature group 'trips' is not in the frame"):
        group.remove_rows(pd.DataFrame({"ts": [1]}))
    with pytest.raises(FeatureStoreException, match=r"'driver' has the type 'string'.*'bigint'"):
        group.remove_rows(trips().assign(driver="a"))
    with pytest.raises(FeatureStoreException, match="no online table"):
        group.remove_rows(trips(), storage="online")
    assert scope.sent == []
    assert len(group.read()) == 3


def test_descriptions_can_be_changed(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    assert group.update_description("new words") is group
    assert group.description == "new words"
    group.update_feature_description("km", "kilometres")
    found = feature_store.get_feature_group("trips", 1)
    assert (found.description, found["km"].description) == ("new words", "kilometres")
    assert found.primary_key == ["driver"]
    found.statistics_config.histograms = True
    found.update_statistics_config()
    assert feature_store.get_feature_group("trips", 1).statistics_config.histograms is True


def test_deletion(feature_store) -> None:
    group = make(feature_store, online_enabled=True)
    group.insert(trips())
    with pytest.warns(JobWarning, match="'trips' version 1"):
        group.delete()
    assert feature_store.get_feature_group("trips", 1) is None
    make(feature_store).insert(trips((8,)))
    assert feature_store.get_feature_group("trips", 1).read()["driver"].tolist() == [8]


def test_features_are_reached_by_name(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    assert group["km"] is group.km is group.get_feature("km")
    assert group.get_feature("nothing") is None
    with pytest.raises(KeyError, match="no feature 'nothing'"):
        group["nothing"]
    with pytest.raises(AttributeError, match="get_feature"):
        group.nothing
    with pytest.raises(TypeError, match="by name"):
        group[0]


def test_partitioned_tables(feature_store) -> None:
    group = make(feature_store, partition_key=["city"])
    group.insert(trips())
    group.insert(trips((4,)))
    found = feature_store.get_feature_group("trips", 1)
    assert found.partition_key == ["city"]
    assert sorted(found.read()["driver"]) == [1, 2, 3, 4]


def test_a_frame_may_have_its_columns_in_another_order(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    group.insert(trips((4,))[["city", "km", "ts", "driver"]])
    read = group.read()
    assert list(read.columns) == ["driver", "ts", "km", "city"]
    assert read.set_index("driver").loc[4, "city"] == "city 4"


def test_getting_a_feature_group_runs_few_python_functions(feature_store) -> None:
    import sys

    make(feature_store).insert(trips())
    feature_store.get_feature_group("trips", 1)
    calls = []
    sys.setprofile(
        lambda frame, event, _: calls.append(frame.f_code.co_name) if event == "call" else None
    )
    try:
        group = feature_store.get_feature_group("trips", 1)
    finally:
        sys.setprofile(None)
    assert group.name == "trips"
    assert len(calls) <= 15, calls


def test_data_attributes_are_native_descriptors(feature_store) -> None:
    from hopsworks import _native
    from hsfs.feature_view import FeatureView
    from hsfs.training_dataset import TrainingDataset

    kinds = {type(_native.FeatureGroup.name), type(_native.FeatureGroup.stream)}
    for cls in (FeatureGroup, Feature, FeatureView, TrainingDataset):
        native = getattr(_native, cls.__name__)
        fields = [
            name
            for name, value in vars(native).items()
            if type(value) in kinds and not name.startswith("_")
        ]
        assert len(fields) > 8
        # No Python code stands between a caller and a value.
        assert [name for name in fields if type(getattr(cls, name)) not in kinds] == []


def test_equality_is_about_what_a_server_is_told(feature_store) -> None:
    group = make(feature_store)
    group.insert(trips())
    found = feature_store.get_feature_group("trips", 1)
    for same in (found, copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert same == group
        assert hash(same) == hash(group)
    group.read()
    assert pickle.loads(pickle.dumps(group)) == group
    found["km"].description = "other words"
    assert found != group
    assert group != "trips"


def test_warnings_are_not_raised_without_cause(feature_store) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        group = make(feature_store)
        group.insert(trips())
        group.read()
        feature_store.get_feature_group("trips", version=1)
