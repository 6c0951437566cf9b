"""Training data end to end: in memory, split at random and by time, and as files."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.job import Job
from hsfs.statistics import Statistics
from hsfs.training_dataset import TrainingDataset
from hsfs.util import VersionWarning

pytestmark = [
    pytest.mark.filterwarnings("ignore::hsfs.util.JobWarning"),
    pytest.mark.filterwarnings("ignore::hsfs.util.VersionWarning"),
]
ROWS = 40


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": range(ROWS),
            "ts": pd.date_range("2024-01-01", periods=ROWS, freq="D"),
            "x": [float(i) for i in range(ROWS)],
            "text": [f"t{i % 3}" for i in range(ROWS)],
            "helper": range(ROWS),
            "late": [i % 4 == 0 for i in range(ROWS)],
        }
    )


@pytest.fixture
def view(feature_store):
    group = feature_store.create_feature_group("events", 1, primary_key=["id"], event_time="ts")
    group.insert(frame())
    return feature_store.create_feature_view(
        "events",
        group.select(["x", "text", "helper", "late"]),
        1,
        labels=["late"],
        training_helper_columns=["helper"],
    )


def by_x(features: pd.DataFrame) -> pd.DataFrame:
    return features.sort_values("x", ignore_index=True)


def test_unsplit(view) -> None:
    assert view.get_last_accessed_training_dataset() is None
    with pytest.warns(VersionWarning, match="version 1"):
        features, labels = view.training_data(description="all of it")
    assert list(features.columns) == ["x", "text"]
    assert list(labels.columns) == ["late"]
    expected = frame().set_index("x")["late"]
    assert labels["late"].tolist() == expected.loc[features["x"]].tolist()
    assert view.get_last_accessed_training_dataset() == 1
    again = view.get_training_data(1)
    pd.testing.assert_frame_equal(by_x(again[0]), by_x(features))
    with pytest.raises(ValueError, match=r"no splits. Use feature_view.get_training_data\(\)"):
        view.get_train_test_split(1)


def test_times_bound_the_rows(view) -> None:
    features, _ = view.training_data(start_time="2024-01-05", end_time="2024-01-08")
    assert sorted(features["x"]) == [4.0, 5.0, 6.0]
    assert sorted(view.get_training_data(1)[0]["x"]) == [4.0, 5.0, 6.0]


def test_an_extra_filter_is_remembered(view) -> None:
    features, _ = view.training_data(extra_filter=view.query.left_feature_group["x"] > 36)
    assert sorted(features["x"]) == [37.0, 38.0, 39.0]
    assert sorted(view.get_training_data(1)[0]["x"]) == [37.0, 38.0, 39.0]


def test_keys_and_helpers_come_when_asked_for(view) -> None:
    features, _ = view.training_data(
        primary_key=True, event_time=True, training_helper_columns=True
    )
    assert {"x", "text", "helper"} < set(features.columns)
    assert [name for name in features.columns if name.endswith("_events_1_id")]
    assert [name for name in features.columns if name.endswith("_events_1_ts")]


def test_split_by_share(view) -> None:
    x_train, x_test, y_train, y_test = view.train_test_split(
        test_size=0.25, description="a quarter"
    )
    assert (len(x_train), len(x_test), len(y_train), len(y_test)) == (30, 10, 30, 10)
    assert sorted([*x_train["x"], *x_test["x"]]) == list(range(ROWS))
    assert x_train.index.tolist() == y_train.index.tolist()
    assert sorted([*x_train.index, *x_test.index]) == list(range(ROWS))
    assert view.get_last_accessed_training_dataset() == 1
    with pytest.raises(ValueError, match="get_train_test_split"):
        view.get_training_data(1)
    assert [len(part) for part in view.get_train_test_split(1)] == [30, 10, 30, 10]


def test_three_splits_by_share(view) -> None:
    parts = view.train_validation_test_split(validation_size=0.25, test_size=0.25)
    assert [len(part) for part in parts] == [20, 10, 10, 20, 10, 10]
    assert [len(part) for part in view.get_train_validation_test_split(1)] == [
        20,
        10,
        10,
        20,
        10,
        10,
    ]


def test_a_seed_gives_the_rows_that_the_reference_client_gives() -> None:
    import pyarrow as pa

    from hsfs.engine.splits import masks
    from hsfs.training_dataset_split import TrainingDatasetSplit as Split

    table = pa.table({"a": range(10)})
    splits = [Split("train", Split.RANDOM_SPLIT, 0.7), Split("test", Split.RANDOM_SPLIT, 0.3)]
    groups = [0] * 7 + [1] * 3
    random.Random(42).shuffle(groups)
    found = masks(table, splits, 42, None)
    assert found["train"].to_pylist() == [group == 0 for group in groups]
    assert found["test"].to_pylist() == [group == 1 for group in groups]


def test_split_by_time(view) -> None:
    x_train, x_test, y_train, y_test = view.train_test_split(
        train_start="2024-01-03", train_end="2024-01-20", test_end="2024-01-25"
    )
    assert sorted(x_train["x"]) == [float(i) for i in range(2, 19)]
    assert sorted(x_test["x"]) == [float(i) for i in range(19, 24)]
    # The event time served to split the rows and is not a feature.
    assert list(x_train.columns) == ["x", "text"]
    assert y_train["late"].tolist() == [x % 4 == 0 for x in x_train["x"]]
    assert len(y_test) == 5
    assert sorted(view.get_train_test_split(1)[1]["x"]) == sorted(x_test["x"])
    (dataset,) = view.get_training_datasets()
    assert type(dataset) is TrainingDataset
    assert [(s.name, s.split_type, s.start_time, s.end_time) for s in dataset.splits] == [
        ("train", "TIME_SERIES_SPLIT", 1704240000000, 1705708800000),
        ("test", "TIME_SERIES_SPLIT", 1705708800000, 1706140800000),
    ]
    assert (dataset.train_split, dataset.training_dataset_type) == (
        "train",
        TrainingDataset.IN_MEMORY,
    )


def test_three_splits_by_time(view) -> None:
    parts = view.train_validation_test_split(train_end="2024-01-11", validation_end="2024-01-21")
    assert [len(part) for part in parts[:3]] == [10, 10, 20]


@pytest.mark.parametrize("kind", ["polars", "numpy", "python"])
def test_other_kinds_of_frames(view, kind: str) -> None:
    x_train, x_test, y_train, _ = view.train_test_split(test_size=0.5, dataframe_type=kind)
    assert len(x_train) == len(x_test) == len(y_train) == 20
    if kind == "polars":
        assert x_train.columns == ["x", "text"]
    if kind == "numpy":
        assert isinstance(x_train, np.ndarray)


def test_a_view_without_labels_has_none(feature_store, view) -> None:
    group = view.query.left_feature_group
    plain = feature_store.create_feature_view("plain", group.select(["x"]), 1)
    features, labels = plain.training_data()
    assert labels is None
    assert len(features) == ROWS


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("train_test_split", {}),
        ("train_test_split", {"test_size": 1.5}),
        ("train_test_split", {"train_start": "2024-01-01"}),
        ("train_validation_test_split", {"test_size": 0.2}),
        ("train_validation_test_split", {"validation_size": 0.6, "test_size": 0.6}),
        ("create_train_test_split", {}),
        ("create_train_validation_test_split", {"validation_start": "2024-01-01"}),
    ],
)
def test_splits_must_be_described(view, method: str, arguments: dict) -> None:
    with pytest.raises(ValueError, match=r"The splits are not described\. Give "):
        getattr(view, method)(**arguments)
    assert view.get_training_datasets() == []


def test_statistics_are_kept(view) -> None:
    view.training_data()
    statistics = view.get_training_dataset_statistics(1)
    assert type(statistics) is Statistics
    by_name = {s.feature_name: s for s in statistics.feature_descriptive_statistics}
    values = frame()["x"]
    x = by_name["x"]
    assert (x.count, x.min, x.max, x.mean, x.sum) == (ROWS, 0, 39, values.mean(), values.sum())
    assert x.std_dev == pytest.approx(values.std())
    assert [x.percentiles[i] for i in (24, 49, 74)] == values.quantile([0.25, 0.5, 0.75]).tolist()
    assert (x.feature_type, x.completeness) == ("Fractional", 1)
    assert (by_name["text"].feature_type, by_name["text"].approx_num_distinct_values) == (
        "String",
        3,
    )
    assert (by_name["late"].feature_type, by_name["late"].count) == ("Boolean", ROWS)
    assert x.get_value("Mean") == values.mean()


def test_statistics_of_splits_and_without_any(view) -> None:
    view.train_test_split(test_size=0.25)
    statistics = view.get_training_dataset_statistics(1)
    assert [s.name for s in statistics.split_statistics] == ["train", "test"]
    counts = [s.feature_descriptive_statistics[0].count for s in statistics.split_statistics]
    assert counts == [30, 10]
    view.training_data(statistics_config=False)
    assert view.get_training_dataset_statistics(2) is None


@pytest.mark.parametrize("data_format", ["parquet", "csv", "tsv"])
def test_files(view, data_format: str) -> None:
    version, job = view.create_training_data(data_format=data_format, description="files")
    assert version == 1
    assert job is None if data_format == "parquet" else type(job) is Job
    if job is not None:
        assert job.get_final_state() == "SUCCEEDED"
    features, labels = view.get_training_data(version)
    assert list(features.columns) == ["x", "text"]
    assert by_x(features)["x"].tolist() == list(range(ROWS))
    assert labels["late"].dtype == bool
    assert labels["late"].sum() == 10
    more, _ = view.get_training_data(
        version, primary_key=True, event_time=True, training_helper_columns=True
    )
    assert {"x", "text", "helper"} < set(more.columns)
    assert len(more.columns) == 5
    time = next(name for name in more.columns if name.endswith("_ts"))
    assert str(more[time].dtype).startswith("datetime64")


@pytest.mark.parametrize("data_format", ["parquet", "csv"])
def test_files_of_splits(view, data_format: str) -> None:
    version, job = view.create_train_test_split(train_end="2024-01-31", data_format=data_format)
    assert isinstance(job, Job)
    x_train, x_test, y_train, y_test = view.get_train_test_split(version)
    assert sorted(x_train["x"]) == [float(i) for i in range(30)]
    assert sorted(x_test["x"]) == [float(i) for i in range(30, 40)]
    assert (len(y_train), len(y_test)) == (30, 10)
    second, _ = view.create_train_validation_test_split(
        validation_size=0.25, test_size=0.25, data_format=data_format, seed=1
    )
    assert second == 2
    parts = view.get_train_validation_test_split(second)
    assert sum(len(part) for part in parts[:3]) == ROWS
    assert len({*parts[0]["x"], *parts[1]["x"], *parts[2]["x"]}) == ROWS


def test_files_can_be_purged_and_written_again(view) -> None:
    version, _ = view.create_training_data(data_format="csv")
    view.purge_training_data(version)
    with pytest.raises(FileNotFoundError, match=r"version 1 .*recreate_training_dataset"):
        view.get_training_data(version)
    view.recreate_training_dataset(version)
    assert len(view.get_training_data(version)[0]) == ROWS


def test_training_datasets_can_be_listed_and_deleted(view) -> None:
    view.training_data()
    view.create_training_data()
    assert [(d.version, d.data_format) for d in view.get_training_datasets()] == [
        (1, "tsv"),
        (2, "parquet"),
    ]
    view.delete_training_dataset(1)
    assert [d.version for d in view.get_training_datasets()] == [2]
    view.purge_all_training_data()
    view.delete_all_training_datasets()
    assert view.get_training_datasets() == []


def test_point_in_time_correctness_on_random_data(feature_store) -> None:
    numbers = np.random.default_rng(7)
    left = pd.DataFrame(
        {
            "id": range(500),
            "ts": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(numbers.integers(0, 10_000, 500), unit="min"),
            "place": numbers.choice(["a", "b", "c", "d"], 500),
        }
    )
    right = pd.DataFrame(
        {
            "place": numbers.choice(["a", "b", "c"], 400),
            "ts": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(numbers.integers(0, 10_000, 400), unit="min"),
            "value": numbers.normal(size=400),
        }
    ).drop_duplicates(["place", "ts"])
    groups = []
    for name, data, key in (("lefts", left, "id"), ("rights", right, "place")):
        group = feature_store.create_feature_group(name, 1, primary_key=[key], event_time="ts")
        group.insert(data)
        groups.append(group)
    query = groups[0].select(["id"]).join(groups[1].select(["value"]), on=["place"], prefix="r_")
    features, _ = feature_store.create_feature_view("pit", query, 1).training_data()
    expected = pd.merge_asof(
        left.sort_values("ts"), right.sort_values("ts"), on="ts", by="place", direction="backward"
    ).sort_values("id")
    found = features.sort_values("id")
    np.testing.assert_allclose(found["r_value"].to_numpy(), expected["value"].to_numpy())


def test_parts_that_are_not_there_are_refused_by_name(view) -> None:
    for option in ({"spine_df": frame()}, {"lookback": {}}, {"transformation_context": {"a": 1}}):
        with pytest.raises(FeatureStoreException, match=next(iter(option))):
            view.training_data(**option)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        view.training_data(nonsense=1)
