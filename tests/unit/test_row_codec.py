"""The bytes of online rows and keys."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from hopsworks.local import feature_types as ft
from hopsworks.local.row_codec import KeyCodec, KeyValueError, RowCodec

COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "k": ("bigint", [1, -(2**63), 2**63 - 1, None]),
    "i": ("int", [0, None, -5, 7]),
    "t": ("tinyint", [127, -128, None, 1]),
    "f": ("float", [0.1, None, 1e30, -0.0]),
    "d": ("double", [0.1, 2.5, None, float("inf")]),
    "b": ("boolean", [True, False, None, True]),
    "s": ("string", ["", "åäö\0x", None, "z" * 300]),
    "at": ("timestamp", [dt.datetime(2020, 1, 2, 3, 4, 5, 678), None, dt.datetime(1960, 1, 1), dt.datetime(2020, 1, 1)]),
    "on": ("date", [dt.date(2020, 2, 29), dt.date(1900, 1, 1), None, dt.date(1970, 1, 1)]),
    "bin": ("binary", [b"", b"\0\xff", None, b"x"]),
    "dec": ("decimal(10,2)", [Decimal("1.50"), Decimal("-2.25"), None, Decimal("0.00")]),
    "a": ("array<double>", [[1.5, None], [], None, [2.0]]),
    "m": ("map<string,int>", [{"x": 1}, {}, None, {"y": None}]),
    "st": ("struct<a:int,b:array<string>,c:timestamp>", [{"a": 1, "b": ["q"], "c": dt.datetime(2021, 1, 1)}, {"a": None, "b": None, "c": None}, None, {"a": 2, "b": [], "c": None}]),
}  # fmt: skip


def table(names: list[str]) -> pa.Table:
    """The sample columns as stored."""
    arrays = []
    for name in names:
        text, values = COLUMNS[name]
        kind = ft.arrow_type(ft.parse(text))
        shaped = [
            list(v.items()) if isinstance(v, dict) and text.startswith("map") else v for v in values
        ]
        arrays.append(pa.array(shaped, kind))
    return pa.table(arrays, names=names)


def codec(names: list[str]) -> RowCodec:
    """A codec for the sample columns."""
    return RowCodec([(name, COLUMNS[name][0]) for name in names])


@pytest.mark.parametrize("chunks", [1, 3])
def test_rows_of_every_type_read_back(chunks: int) -> None:
    names = list(COLUMNS)
    rows = pa.concat_tables([table(names)] * chunks)
    encoded = codec(names).encode(rows).to_pylist()
    assert codec(names).decode_all(encoded).equals(rows.combine_chunks())
    decoded = [codec(names).decode(row) for row in encoded]
    assert decoded[0][1:4] == [0, 127, 0.1]
    assert decoded[0][names.index("m")] == {"x": 1}
    assert [row[names.index("s")] for row in decoded[:4]] == COLUMNS["s"][1]


def test_a_reader_takes_the_wanted_columns_only() -> None:
    names = list(COLUMNS)
    encoded = codec(names).encode(table(names)).to_pylist()
    wanted = ["dec", "k", "s"]
    reader = codec(names).reader([(names.index(n), place + 1) for place, n in enumerate(wanted)])
    for row in encoded:
        values = ["kept", None, None, None]
        reader.fill(row, values)
        full = dict(zip(names, codec(names).decode(row), strict=True))
        assert values == ["kept", *[full[n] for n in wanted]]


def test_values_for_json_are_what_the_rest_service_sends() -> None:
    names = ["f", "d", "b", "at", "on", "bin", "dec", "a"]
    first, _, nulls, last = [
        codec(names).decode(row) for row in codec(names).encode(table(names)).to_pylist()
    ]
    assert first == [
        0.1,
        0.1,
        1,
        "2020-01-02 03:04:05.000678",
        "2020-02-29",
        "",
        "1.50",
        [1.5, None],
    ]
    assert nulls[2:] == [None, "1960-01-01 00:00:00", None, None, None, None]
    assert last[1] is None, "JSON has no infinity"


def test_a_row_written_before_a_feature_was_appended() -> None:
    old = codec(["k", "s"]).encode(table(["k", "s"])).to_pylist()
    wide = codec(["k", "s", "d", "a"])
    assert wide.decode(old[0]) == [1, "", None, None]
    both = old[:1] + wide.encode(table(["k", "s", "d", "a"])).to_pylist()[1:2]
    mixed = wide.decode_all([both[1], both[0], both[1]])
    assert mixed["d"].to_pylist() == [2.5, None, 2.5]
    assert mixed["s"].to_pylist() == ["åäö\0x", "", "åäö\0x"]
    assert mixed["a"].to_pylist() == [[], None, []]


def test_slices_and_no_rows() -> None:
    rows = table(["k", "s", "b"]).slice(1, 2)
    encoded = codec(["k", "s", "b"]).encode(rows).to_pylist()
    assert codec(["k", "s", "b"]).decode_all(encoded).equals(rows.combine_chunks())
    assert codec(["k", "s", "b"]).encode(rows.slice(0, 0)).to_pylist() == []
    assert codec(["k", "s", "b"]).decode_all([]).num_rows == 0


def test_key_bytes_order_and_compare_like_values() -> None:
    chance = random.Random(7)
    words = ["", "a", "a\0", "a\0b", "ab", "b", "å", "z" * 20]
    keys = [
        (
            chance.randint(-3, 3),
            chance.choice(words),
            dt.date(1969, 12, 30) + dt.timedelta(days=chance.randint(0, 4)),
        )
        for _ in range(200)
    ]
    kinds = [("n", "int"), ("s", "string"), ("d", "date")]
    columns = pa.table(
        {
            "n": pa.array([k[0] for k in keys], pa.int32()),
            "s": [k[1] for k in keys],
            "d": pa.array([k[2] for k in keys], pa.date32()),
        }
    )
    key = KeyCodec(kinds)
    encoded = key.encode(columns).to_pylist()
    assert encoded == [key.encode_one(list(k)) for k in keys]
    by_value = sorted(range(200), key=lambda i: (keys[i][0], keys[i][1].encode(), keys[i][2]))
    assert [encoded[i] for i in by_value] == sorted(encoded)
    order = key.order(columns)
    assert [encoded[i] for i in order] == sorted(encoded)
    starts = key.starts(columns.take(pa.array(order)))
    assert int(starts.sum()) == len(set(keys))


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        ("bigint", [7, 7.0]),
        (
            "timestamp",
            [
                dt.datetime(2020, 1, 1),
                "2020-01-01 00:00:00",
                1577836800000,
                "2020-01-01T01:00:00+01:00",
            ],
        ),
        ("date", [dt.date(2020, 1, 1), "2020-01-01", 1577836800000]),
        ("decimal(5,2)", [Decimal("1.50"), "1.5"]),
        ("double", [1.0, 1]),
    ],
)
def test_forms_of_one_key_value(kind: str, same: list[Any]) -> None:
    assert len({KeyCodec([("k", kind)]).encode_one([value]) for value in same}) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bigint", "7"),
        ("int", 1.5),
        ("string", 7),
        ("date", "soon"),
        ("bigint", None),
        ("bigint", 2**70),
    ],
)
def test_a_value_of_another_type_is_named(kind: str, value: Any) -> None:
    with pytest.raises(KeyValueError, match="'k'"):
        KeyCodec([("k", kind)]).encode_one([value])
