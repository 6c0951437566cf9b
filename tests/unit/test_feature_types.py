"""The type language of features and its Arrow, online and Avro counterparts."""

from __future__ import annotations

import pyarrow as pa
import pytest

from hopsworks.local import feature_types as ft


@pytest.mark.parametrize(
    ("text", "arrow"),
    [
        ("bigint", pa.int64()),
        ("INT", pa.int32()),
        ("smallint", pa.int16()),
        ("tinyint", pa.int8()),
        ("float", pa.float32()),
        ("double", pa.float64()),
        ("boolean", pa.bool_()),
        ("string", pa.string()),
        ("timestamp", pa.timestamp("us")),
        ("date", pa.date32()),
        ("binary", pa.binary()),
        ("decimal(12, 3)", pa.decimal128(12, 3)),
        ("decimal", pa.decimal128(10, 0)),
        ("array< bigint >", pa.list_(pa.int64())),
        ("map<string,double>", pa.map_(pa.string(), pa.float64())),
        (
            "struct<a:int,b:array<string>>",
            pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))]),
        ),
    ],
)
def test_every_type_has_an_arrow_type_and_reads_back(text: str, arrow: pa.DataType) -> None:
    parsed = ft.parse(text)
    assert ft.arrow_type(parsed) == arrow
    assert ft.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("arrow", "text"),
    [
        (pa.uint8(), "int"),
        (pa.int16(), "int"),
        (pa.uint32(), "bigint"),
        (pa.float16(), "float"),
        (pa.date64(), "date"),
        (pa.timestamp("ns", "Europe/Stockholm"), "timestamp"),
        (pa.large_string(), "string"),
        (pa.string_view(), "string"),
        (pa.dictionary(pa.int8(), pa.string()), "string"),
        (pa.large_list(pa.float32()), "array<float>"),
        (pa.uint64(), None),
        (pa.null(), None),
        (pa.duration("s"), None),
    ],
)
def test_columns_are_inferred_as_the_contract_says(arrow: pa.DataType, text: str | None) -> None:
    assert ft.offline_type(arrow) == text


@pytest.mark.parametrize(
    ("text", "malformed", "named"),
    [
        ("array<int", True, "'>' is missing"),
        ("struct<a>", True, "name:type"),
        ("map<string>", True, "takes 2"),
        ("intt", False, "'intt' is not a feature type"),
        ("", True, "a type name is missing"),
        ("int>", True, "unexpected '>'"),
    ],
)
def test_a_bad_type_is_named(text: str, malformed: bool, named: str) -> None:
    with pytest.raises(ft.FeatureTypeError, match="type '") as caught:
        ft.parse(text)
    assert caught.value.malformed is malformed
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("offline", "declared", "online"),
    [
        ("bigint", None, "bigint"),
        ("boolean", None, "tinyint"),
        ("string", None, "varchar(100)"),
        ("array<double>", None, "varbinary(100)"),
        ("string", "VARCHAR(500)", "varchar(500)"),
        ("timestamp", None, "timestamp"),
    ],
)
def test_online_types(offline: str, declared: str | None, online: str) -> None:
    assert ft.online_type(offline, declared) == online


def test_online_types_that_fit_and_their_sizes() -> None:
    assert ft.online_type_fits("string", "text")
    assert ft.online_type_fits("array<int>", "varbinary(2000)")
    assert not ft.online_type_fits("string", "bigint")
    assert ft.online_size("varchar(100)") == 400
    assert ft.online_size("varbinary(100)") == 140
    assert ft.online_size("bigint") == 8
    assert ft.online_type_is_key("varchar(10)")
    assert not ft.online_type_is_key("timestamp")


def test_avro_schema_in_feature_order_with_nullable_fields() -> None:
    schema = ft.avro_schema(
        "trips_1",
        "Demo",
        [
            {"name": "id", "type": "bigint"},
            {"name": "at", "type": "timestamp"},
            {"name": "v", "type": "array<float>"},
        ],
    )
    assert schema["name"] == "trips_1"
    assert schema["namespace"] == "demo_featurestore"
    assert schema["fields"][0] == {"name": "id", "type": ["null", "long"]}
    assert schema["fields"][1]["type"][1] == {"type": "long", "logicalType": "timestamp-micros"}
    assert schema["fields"][2]["type"][1] == {"type": "array", "items": ["null", "float"]}


def test_a_map_key_that_is_not_text_has_no_avro_schema() -> None:
    with pytest.raises(ft.FeatureTypeError, match="key of a map"):
        ft.avro_schema("t_1", "p", [{"name": "m", "type": "map<int,int>"}])
