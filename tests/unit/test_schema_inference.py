"""The table of types: what features are inferred from pandas, polars and Arrow, and how they are stored."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine.frames import features_of, incoming_table, stored_batches, stored_schema
from hsfs.engine.type_table import arrow_type, offline_type
from hsfs.feature import Feature
from hsfs.util import FeatureGroupWarning

ARROW = [
    (pa.uint8(), "int"),
    (pa.uint16(), "int"),
    (pa.int8(), "int"),
    (pa.int16(), "int"),
    (pa.int32(), "int"),
    (pa.uint32(), "bigint"),
    (pa.int64(), "bigint"),
    (pa.float16(), "float"),
    (pa.float32(), "float"),
    (pa.float64(), "double"),
    (pa.bool_(), "boolean"),
    (pa.timestamp("s"), "timestamp"),
    (pa.timestamp("ms"), "timestamp"),
    (pa.timestamp("us"), "timestamp"),
    (pa.timestamp("ns"), "timestamp"),
    (pa.timestamp("us", tz="UTC"), "timestamp"),
    (pa.timestamp("ns", tz="Europe/Stockholm"), "timestamp"),
    (pa.date32(), "date"),
    (pa.date64(), "date"),
    (pa.string(), "string"),
    (pa.large_string(), "string"),
    (pa.dictionary(pa.int8(), pa.string()), "string"),
    (pa.dictionary(pa.int32(), pa.large_string(), ordered=True), "string"),
    (pa.binary(), "binary"),
    (pa.large_binary(), "binary"),
    (pa.decimal128(10, 2), "decimal(10,2)"),
    (pa.decimal256(50, 5), "decimal(50,5)"),
    (pa.list_(pa.float64()), "array<double>"),
    (pa.large_list(pa.int8()), "array<int>"),
    (pa.list_(pa.list_(pa.string())), "array<array<string>>"),
    (pa.map_(pa.string(), pa.int64()), "map<string,bigint>"),
    (
        pa.struct([("a", pa.int64()), ("b", pa.list_(pa.string()))]),
        "struct<a:bigint,b:array<string>>",
    ),
]
REFUSED = [
    pa.uint64(),
    pa.duration("s"),
    pa.time32("s"),
    pa.null(),
    pa.list_(pa.uint64()),
    pa.list_(pa.int8(), 3),
]


@pytest.mark.parametrize(("arrow", "offline"), ARROW, ids=str)
def test_each_arrow_type_has_its_offline_type(arrow: pa.DataType, offline: str) -> None:
    assert offline_type(arrow) == offline


@pytest.mark.parametrize("arrow", REFUSED, ids=str)
def test_types_that_cannot_be_stored_are_refused_by_name(arrow: pa.DataType) -> None:
    table = pa.table({"odd": pa.array([], arrow)})
    with pytest.raises(
        FeatureStoreException, match=r"Feature 'odd': dtype '.*' not supported; .*drop it"
    ):
        features_of(table)


@pytest.mark.parametrize(
    ("offline", "arrow"),
    [
        ("string", pa.string()),
        ("BIGINT ", pa.int64()),
        ("int", pa.int32()),
        ("smallint", pa.int16()),
        ("tinyint", pa.int8()),
        ("float", pa.float32()),
        ("double", pa.float64()),
        ("boolean", pa.bool_()),
        ("timestamp", pa.timestamp("us")),
        ("date", pa.date32()),
        ("binary", pa.binary()),
        ("decimal(12,3)", pa.decimal128(12, 3)),
        ("decimal", pa.decimal128(10, 0)),
        ("array<array<int>>", pa.list_(pa.list_(pa.int32()))),
        ("map<string,array<double>>", pa.map_(pa.string(), pa.list_(pa.float64()))),
        ("map<string,decimal(4,2)>", pa.map_(pa.string(), pa.decimal128(4, 2))),
        (
            "struct<a:int,b:map<string,int>>",
            pa.struct([("a", pa.int32()), ("b", pa.map_(pa.string(), pa.int32()))]),
        ),
    ],
)
def test_each_offline_type_has_its_stored_type(offline: str, arrow: pa.DataType) -> None:
    assert arrow_type(offline) == arrow


@pytest.mark.parametrize("offline", ["text", "array<", "struct<a>", "map<string>", "decimal(x)"])
def test_unknown_offline_types_are_named(offline: str) -> None:
    with pytest.raises(
        FeatureStoreException, match=offline.replace("(", r"\(").replace(")", r"\)")
    ):
        arrow_type(offline)


def test_pandas_frame() -> None:
    frame = pd.DataFrame(
        {
            "i8": np.array([1], "int8"),
            "i64": [1],
            "nullable": pd.array([None], dtype="Int32"),
            "f32": np.array([1], "float32"),
            "f64": [1.0],
            "flag": [True],
            "text": ["a"],
            "category": pd.Categorical(["a"]),
            "ts": [pd.Timestamp("2024-01-01")],
            "zone": [pd.Timestamp("2024-01-01", tz="Asia/Tokyo")],
            "day": [datetime.date(2024, 1, 1)],
            "amount": [decimal.Decimal("1.50")],
            "items": [[1.0, 2.0]],
            "point": [{"x": 1, "y": 2.0}],
            "raw": [b"a"],
        }
    )
    types = {feature.name: feature.type for feature in features_of(incoming_table(frame))}
    assert types == {
        "i8": "int",
        "i64": "bigint",
        "nullable": "int",
        "f32": "float",
        "f64": "double",
        "flag": "boolean",
        "text": "string",
        "category": "string",
        "ts": "timestamp",
        "zone": "timestamp",
        "day": "date",
        "amount": "decimal(3,2)",
        "items": "array<double>",
        "point": "struct<x:bigint,y:double>",
        "raw": "binary",
    }


def test_polars_frame_and_arrow_objects_give_the_same_features() -> None:
    columns = {
        "k": [1, 2],
        "s": ["a", None],
        "l": [[1.5], []],
        "t": [datetime.datetime(2024, 1, 1), None],
    }
    expected = [("k", "bigint"), ("s", "string"), ("l", "array<double>"), ("t", "timestamp")]
    table = pa.table(columns)
    for frame in (pl.DataFrame(columns), table, table.to_batches()[0], table.to_reader()):
        assert [(f.name, f.type) for f in features_of(incoming_table(frame))] == expected


def test_zones_become_utc_without_a_zone() -> None:
    stockholm = pd.Timestamp("2024-07-01 12:00", tz="Europe/Stockholm")
    for frame in (
        pd.DataFrame({"t": [stockholm]}),
        pl.DataFrame({"t": [stockholm.to_pydatetime()]}),
    ):
        column = incoming_table(frame).column("t")
        assert column.type.tz is None
        assert column.to_pylist() == [datetime.datetime(2024, 7, 1, 10)]


def test_names_are_sanitised_with_a_warning() -> None:
    with pytest.warns(FeatureGroupWarning) as warned:
        table = incoming_table(pd.DataFrame({"Flight Date": [1]}))
    assert table.column_names == ["flight_date"]
    assert all("Flight Date" in str(warning.message) for warning in warned)


@pytest.mark.filterwarnings("ignore::hsfs.util.FeatureGroupWarning")
def test_duplicates_are_named_also_when_only_case_differs() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["price", "Price"])
    with pytest.raises(
        FeatureStoreException, match=r"more than one column .*'price'.*Rename or drop"
    ):
        incoming_table(frame)
    with pytest.raises(FeatureStoreException, match="'a'"):
        incoming_table(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_other_objects_are_refused_by_type() -> None:
    for value in ([[1, 2]], np.zeros((2, 2)), {"a": 1}):
        with pytest.raises(TypeError, match=f"'{type(value).__name__}'.*pandas or polars"):
            incoming_table(value)


def test_mixed_columns_are_named() -> None:
    with pytest.raises(FeatureStoreException, match=r"Feature 'mixed': .*astype"):
        incoming_table(pd.DataFrame({"fine": [1, 2], "mixed": [1, "a"]}))


def test_a_null_column_takes_the_type_of_the_feature() -> None:
    table = incoming_table(pa.table({"empty": pa.nulls(2)}))
    assert features_of(table, [Feature("empty", "double")])[0].type == "double"
    with pytest.raises(FeatureStoreException, match="give the column a type"):
        features_of(table)


def test_stored_batches_have_the_stored_types_and_share_memory() -> None:
    table = pa.table(
        {
            "small": pa.array([1, None], pa.uint8()),
            "ts": pa.array([1, 2], pa.timestamp("s")),
            "text": pa.array(["a", "b"], pa.large_string()),
            "category": pa.array(["x", None]).dictionary_encode(),
            "same": pa.array([1.5, 2.5]),
        }
    )
    schema = stored_schema(features_of(table))
    (batch,) = stored_batches(table, schema)
    assert batch.schema.types == [
        pa.int32(),
        pa.timestamp("us"),
        pa.string(),
        pa.string(),
        pa.float64(),
    ]
    assert batch.to_pydict()["category"] == ["x", None]
    assert (
        batch.column("same").buffers()[1].address
        == table.column("same").chunk(0).buffers()[1].address
    )


def test_lost_precision_is_warned_about_once_a_column() -> None:
    table = pa.table({"ts": pa.array([1_001], pa.timestamp("ns"))})
    with pytest.warns(UserWarning, match="'ts' are finer than microseconds"):
        (batch,) = stored_batches(table, stored_schema([Feature("ts", "timestamp")]))
    assert batch.column(0).cast(pa.int64()).to_pylist() == [1]


def test_an_object_with_the_arrow_stream_interface_is_read_once() -> None:
    class Stream:
        def __init__(self) -> None:
            self.reads = 0

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            self.reads += 1
            return pa.table({"A b": [1, 2]}).__arrow_c_stream__(requested_schema)

    stream = Stream()
    with pytest.warns(FeatureGroupWarning):
        table = incoming_table(stream)
    assert table.to_pydict() == {"a_b": [1, 2]}
    assert stream.reads == 1
