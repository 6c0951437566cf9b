"""Bad input to the feature store: the class of the error, the thing named, the remedy, what was sent, and files before = after."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from recorded_calls import RecordedScope, record

from hopsworks.client.exceptions import FeatureStoreException

pytestmark = pytest.mark.filterwarnings("ignore::hsfs.util.FeatureGroupWarning")


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame(
        {"k": [1, 2], "ts": pd.to_datetime(["2024-01-01"] * 2), "x": [1.0, 2.0], **columns}
    )


def digest(folder: Path) -> dict[str, str]:
    """Every data file below a folder with the hash of its content; the database and logs of the server change by themselves."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".parquet", ".json")
    }


@pytest.fixture
def group(feature_store):
    made = feature_store.create_feature_group(
        "data", 1, primary_key=["k"], event_time="ts", online_enabled=True
    )
    made.insert(frame())
    return made


@pytest.fixture
def scope(group) -> RecordedScope:
    # The connection asks once which way rows go; that question is not part of an insert.
    group._scope.context.cache["server_takes_rows"] = True
    return record(group)


INSERTS = {
    "missing column": (
        lambda: frame().drop(columns="x"),
        FeatureStoreException,
        r"'data' version 1\.\n - 'x' \(double\) is not in the frame\n.*add or drop",
    ),
    "unknown column": (
        lambda: frame(y=[1, 2]),
        FeatureStoreException,
        r"'y' \(bigint\) is not in the feature group\n.*create a new version",
    ),
    "wrong type": (
        lambda: frame(x=["a", "b"]),
        FeatureStoreException,
        r"'x' has the type 'string' in the frame and 'double' in the feature group\nCast",
    ),
    "two faults at once": (
        lambda: frame(k=["1", "2"], y=[1, 2]),
        FeatureStoreException,
        r"'k' has the type 'string'(.|\n)*'y' \(bigint\)",
    ),
    "duplicate column": (
        lambda: pd.DataFrame([[1, 2.0, 3.0]], columns=["k", "x", "X"]),
        FeatureStoreException,
        r"more than one column for the feature\(s\) 'x'.*Rename or drop",
    ),
    "primary key missing": (
        lambda: frame().drop(columns="k"),
        ValueError,
        r"primary key column 'k' of feature group 'data' is not in the frame.*Add the column",
    ),
    "primary key null": (
        lambda: frame(k=pd.array([1, None], dtype="Int64")),
        ValueError,
        r"primary key of feature group 'data' holds nulls: 'k' \(1 of 2 rows\).*Drop those rows",
    ),
    "a type that cannot be stored": (
        lambda: pa.table({"k": [1], "x": pa.array([1], pa.duration("s"))}),
        FeatureStoreException,
        r"Feature 'x': dtype 'duration\[s\]' not supported; convert the column",
    ),
    "mixed types": (
        lambda: frame(x=[1, "a"]),
        FeatureStoreException,
        r"Feature 'x': .*one type.*astype",
    ),
    "no frame": (
        lambda: [[1, 2]],
        TypeError,
        r"'list'.*pandas or polars DataFrame or a pyarrow Table",
    ),
}


@pytest.mark.parametrize("case", INSERTS)
def test_bad_rows_are_refused_before_anything_is_sent(
    case: str, group, scope, local_data: Path
) -> None:
    make, kind, words = INSERTS[case]
    before = digest(local_data)
    with pytest.raises(kind, match=words) as raised:
        group.insert(make())
    assert type(raised.value) is kind
    assert scope.sent == []
    assert digest(local_data) == before
    assert len(group.read()) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"operation": "delete"}, r"operation is 'delete'; use 'upsert' or 'insert'"),
        ({"storage": "disk"}, r"storage is 'disk'; use 'offline', 'online'"),
    ],
    ids=["operation", "storage"],
)
def test_bad_options_are_refused_before_anything_is_sent(options, words, group, scope) -> None:
    with pytest.raises(FeatureStoreException, match=words):
        group.insert(frame(), **options)
    assert scope.sent == []


def test_text_that_is_too_long_for_its_online_column(feature_store) -> None:
    group = feature_store.create_feature_group("texts", 1, primary_key=["k"], online_enabled=True)
    group.insert(pd.DataFrame({"k": [1], "s": ["a" * 150]}))
    assert group["s"].online_type == "varchar(200)"
    scope = record(group)
    with pytest.raises(ValueError, match=r"'s' holds 300 characters and takes 200\. Shorten"):
        group.insert(pd.DataFrame({"k": [1], "s": ["ä" * 300]}))
    assert scope.sent == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"primary_key": ["nothing"]}, r"primary key column 'nothing'"),
        (
            {"primary_key": ["k"], "event_time": "when"},
            r"event time 'when' of feature group 'new' is not among its features",
        ),
        ({"primary_key": ["k"], "partition_key": ["region"]}, r"partition key 'region'"),
    ],
    ids=["primary key", "event time", "partition key"],
)
def test_keys_of_a_new_feature_group_must_be_columns(feature_store, options, words) -> None:
    group = feature_store.create_feature_group("new", 1, **options)
    scope = record(group)
    with pytest.raises((ValueError, FeatureStoreException), match=words):
        group.insert(frame())
    assert scope.sent == []
    assert feature_store.get_feature_group("new", 1) is None


def test_unknown_features_in_a_query(group, scope) -> None:
    with pytest.raises(
        FeatureStoreException,
        match=r"'data' version 1 has no feature 'xx'. Did you mean 'x'\?.*k, ts, x",
    ):
        group.select(["k", "xx"])
    query = group.select(["k"])
    with pytest.raises(
        FeatureStoreException,
        match=r"Cannot join on 'id': the left feature group 'data' .*k, ts, x",
    ):
        query.join(group.select(["x"]), on=["id"])
    with pytest.raises(FeatureStoreException, match=r"the right feature group 'data'"):
        query.join(group.select(["x"]), left_on=["k"], right_on=["id"])
    with pytest.raises(FeatureStoreException, match=r"left_on names 2 feature\(s\) and right_on 1"):
        query.join(group.select(["x"]), left_on=["k", "x"], right_on=["k"])
    with pytest.raises(TypeError, match="brackets"):
        query.filter(True)
    with pytest.raises(FeatureStoreException, match=r"time.*one or the other"):
        group.read(wallclock_time="2024-01-01", start_time="2024-01-01")
    with pytest.raises(ValueError, match=r"'soon' as a time.*YYYY-MM-DD"):
        group.read(wallclock_time="soon")
    assert scope.sent == []


def test_unknown_labels_and_helpers(feature_store, group) -> None:
    scope = record(feature_store)
    query = group.select(["x"])
    for role in ("labels", "inference_helper_columns", "training_helper_columns"):
        with pytest.raises(
            FeatureStoreException, match=r"selects no feature 'late'. It selects: x\. Add it"
        ):
            feature_store.create_feature_view("view", query, 1, **{role: ["late"]})
    with pytest.raises(TypeError, match=r"is a Query, not FeatureGroup.*select"):
        feature_store.create_feature_view("view", group, 1)
    assert scope.sent == []


def test_an_offline_feature_group_has_no_online_rows(feature_store) -> None:
    group = feature_store.create_feature_group("offline", 1, primary_key=["k"], event_time="ts")
    group.insert(frame())
    scope = record(group)
    with pytest.raises(
        FeatureStoreException, match=r"'offline' has no online table.*online_enabled=True"
    ):
        group.insert(frame(), storage="online")
    with pytest.raises(FeatureStoreException, match=r"no online table. Read it with online=False"):
        group.read(online=True)
    assert scope.sent == []


@pytest.mark.parametrize("package", ["pyarrow", "pandas"])
def test_missing_packages_are_named_with_the_command_that_brings_them(
    package: str, local_server
) -> None:
    program = f"""
import sys
sys.modules[{package!r}] = None
import hopsworks
project = hopsworks.login(host="local", project="local")
store = project.get_feature_store()
try:
    if {package!r} == "pyarrow":
        import polars
        store.create_feature_group("g", 1, primary_key=["k"]).insert(polars.DataFrame({{"k": [1]}}))
    else:
        from hsfs.engine.frames import check_dataframe_type
        check_dataframe_type("default")
except ModuleNotFoundError as error:
    print(error)
print(store.get_feature_group("g", 1))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    extra = {"pyarrow": "python", "pandas": "pandas"}[package]
    assert f"The package '{package}' is needed to" in done.stdout
    assert f"pip install 'hopsworks[{extra}]'" in done.stdout
    assert done.stdout.strip().endswith("None")
