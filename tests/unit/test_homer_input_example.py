"""Input examples of homer as text and back, each with its types; and the one row that other clients read."""

from __future__ import annotations

import datetime
import json
import math
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

from hopsworks.homer.input_example import Example, decode

FRAMES = {
    "an int, a text and a bytes column": pd.DataFrame({"i": [1, 2], "t": ["a", "b"], "b": [b"\x00\xff", b"q"]}, index=["x", "y"]),
    "floats that are none": pd.DataFrame({"f": [1.5, math.nan, math.inf], "g": np.array([0.1, 2, 3], "float32"), "b": [True, False, True]}),
    "types with missing values": pd.DataFrame({"i": pd.array([1, None], dtype="Int64"), "b": pd.array([None, True], dtype="boolean"), "f": pd.array([None, 0.5], dtype="Float32")}),
    "moments": pd.DataFrame({"d": pd.to_datetime(["2026-01-01T00:00:00.123456789", None]), "z": pd.to_datetime(["2026-03-29T00:30", "2026-10-25T01:30"]).tz_localize("UTC").tz_convert("Europe/Stockholm")}),
    "categories": pd.DataFrame({"c": pd.Categorical(["a", None, "b"], categories=["b", "a", "z"], ordered=True), "n": pd.Categorical([2, 1, 2])}),
    "text with missing values": pd.DataFrame({"s": pd.array(["x", None], dtype="string"), "p": pd.array(["x", None], dtype="string[python]"), "t": ["x", None]}),
    "bytes with missing values": pd.DataFrame({"b": pd.Series([b"1", None], dtype=object)}),
    "objects of all kinds": pd.DataFrame({"o": pd.Series([1, "a", None, b"x", math.nan, [1, {"a": b"x"}], datetime.date(2026, 1, 1)], dtype=object)}),
    "types of Arrow": pd.DataFrame({"p": pd.array([1, None], dtype="int64[pyarrow]")}),
    "small and large numbers": pd.DataFrame({"u": np.array([2**64 - 1, 0], "uint64"), "i": np.array([-1, 2], "int8")}),
    "an index of two levels": pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None])),
    "columns of two levels": pd.DataFrame(np.arange(4).reshape(2, 2), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "l"])),
    "an index of moments": pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2026-01-01", periods=2, tz="UTC", name="when")),
    "an index of floats": pd.DataFrame({"a": [1, 2]}, index=[1.5, math.nan]),
    "a range": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(5, 9, 2, name="r")),
    "columns with numbers as names": pd.DataFrame({0: [1, 2], 1: [3.5, 4]}),
    "one cell": pd.DataFrame({"a": [0]}),
}  # fmt: skip
SERIES = {
    "numbers": pd.Series([1, 2], name="n", index=["a", "b"]),
    "bytes": pd.Series([b"1", b"2"]),
    "floats": pd.Series([1.5, math.nan], name=("x", 1)),
    "text": pd.Series(["a", None]),
    "categories": pd.Series(pd.Categorical([1, 2])),
}
ARRAYS = {
    "whole numbers": np.arange(6).reshape(2, 3),
    "floats": np.array([[1.5, math.nan], [math.inf, -math.inf]], "float32"),
    "half floats": np.array([0.1], "float16"),
    "another byte order": np.arange(3, dtype=">f8"),
    "bytes": np.array([b"ab\x00c", b"d"]),
    "text": np.array(["å", "bc"]),
    "no dimension": np.array(5),
    "flags": np.array([True]),
    "moments": np.array(["2026-01-01T00:00:00.123456789", "NaT"], "datetime64[ns]"),
    "days": np.array(["2026-01-01"], "datetime64[D]"),
    "objects": np.array([[b"x", None], [[1], {"a": 1}]], object),
    "four dimensions": np.ones((2, 1, 1, 3), "uint8"),
}
VALUES = {
    "list": [1, "a", b"x", None, [True, 1.5], -math.inf],
    "tuple": (1, [2]),
    "dict": {"a": [1, {"b": b"q"}], "c": None},
    "empty inside": {"a": [], "b": {}},
    "moments": [datetime.datetime(2026, 1, 1, 5, 6, 7, 8), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), datetime.date(2026, 1, 1)],
    "nanoseconds": [pd.Timestamp("2026-01-01T00:00:00.123456789")],
    "int": 3, "float": 1.5, "text": "ä", "flag": True, "infinity": math.inf, "moment": datetime.datetime(2026, 1, 1),
}  # fmt: skip


def there_and_back(value):
    return decode(json.loads(Example(value).text))


@pytest.mark.parametrize("kind", FRAMES)
def test_frames(kind):
    frame = FRAMES[kind]
    pd.testing.assert_frame_equal(there_and_back(frame), frame, check_index_type="exact")


@pytest.mark.parametrize("kind", SERIES)
def test_series(kind):
    pd.testing.assert_series_equal(
        there_and_back(SERIES[kind]), SERIES[kind], check_index_type="exact"
    )


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays(kind):
    found = there_and_back(ARRAYS[kind])
    np.testing.assert_array_equal(found, ARRAYS[kind])
    assert (found.dtype, found.shape) == (ARRAYS[kind].dtype, ARRAYS[kind].shape)


@pytest.mark.parametrize("kind", VALUES)
def test_values(kind):
    found = there_and_back(VALUES[kind])
    assert found == VALUES[kind]
    assert type(found) is type(VALUES[kind])


def test_values_that_equal_nothing():
    [found] = there_and_back([math.nan])
    assert math.isnan(found)
    assert there_and_back([pd.NaT, pd.NA, np.datetime64("NaT")]) == [None, None, None]


def test_numbers_of_numpy_become_plain_ones():
    found = there_and_back(
        [np.int8(1), np.float32(0.5), np.bool_(True), np.bytes_(b"x"), np.str_("y")]
    )
    assert found == [1, 0.5, True, b"x", "y"]
    assert [type(value) for value in found] == [int, float, bool, bytes, str]
    assert there_and_back(np.int64(7)) == 7


def test_arrays_in_a_dict():
    found = there_and_back({"x": np.ones((2, 2), "float32"), "y": [np.array([1])]})
    np.testing.assert_array_equal(found["x"], np.ones((2, 2), "float32"))
    assert (found["x"].dtype, found["y"][0].dtype) == ("float32", "int64")


def test_the_text_of_each_type():
    def text(value):
        return json.loads(Example(value).text)

    frame = pd.DataFrame({"i": [1], "b": [b"\x00\xff"], "f": [math.nan]}, index=["x"])
    found = text(frame)
    assert found["type"] == "dataframe"
    assert {key: found["data"][key] for key in ("columns", "index", "data", "dtypes")} == {
        "columns": ["i", "b", "f"],
        "index": ["x"],
        "data": [[1, "AP8=", None]],
        "dtypes": {"i": "int64", "b": "bytes", "f": "float64"},
    }
    found = text(pd.Series([1, 2], index=["a", "b"], name="n"))
    assert {key: found["data"][key] for key in ("name", "index", "data", "dtype")} == {
        "name": "n", "index": ["a", "b"], "data": [1, 2], "dtype": "int64",
    }  # fmt: skip
    assert text(np.array([[0.5, math.nan]], "float32")) == {
        "type": "ndarray",
        "data": {"dtype": "float32", "shape": [1, 2], "data": [[0.5, {"__float__": "nan"}]]},
    }
    assert text(np.array([b"a"])) == {
        "type": "ndarray",
        "data": {"dtype": "S1", "shape": [1], "data": ["YQ=="]},
    }
    assert text(b"\x00\xff" * 60)["data"] == "AP8A/wD/" * 20
    assert text([b"a", datetime.datetime(2026, 1, 1)]) == {
        "type": "list", "data": [{"__bytes__": "YQ=="}, {"__datetime__": "2026-01-01T00:00:00"}],
    }  # fmt: skip
    assert text({"a": 1}) == {"type": "dict", "data": {"a": 1}}
    assert text(3) == {"type": "scalar", "data": 3}


def test_the_row_for_the_other_clients():
    rows = {
        "[1, \"a\"]": pd.DataFrame({"i": [1, 2], "t": ["a", "b"]}),
        "[1.5, null]": pd.Series([1.5, math.nan]),
        "[[1, 2]]": np.array([[1, 2]]),
        "{\"a\": [1]}": {"a": np.array([1])},
        "\"AP8=\"": b"\x00\xff",
        "[3]": 3,
        "[1, 2]": (1, 2),
    }  # fmt: skip
    for row, value in rows.items():
        assert Example(value).row == row


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (pd.DataFrame(), ValueError, "empty DataFrame. Pass at least one value"),
        (pd.Series([], dtype=float), ValueError, "empty Series"),
        (np.array([]), ValueError, "empty ndarray"),
        ([], ValueError, "empty list"),
        ((), ValueError, "empty tuple"),
        ({}, ValueError, "empty dict"),
        (object(), TypeError, "input_example is of type object, which cannot be stored. Pass a pandas"),
        ({1, 2}, TypeError, "of type set"),
        (pl.DataFrame({"a": [1]}), TypeError, "of type DataFrame, which cannot be stored. Pass a pandas DataFrame"),
        (1j, TypeError, "of type complex"),
        ([{"a": [object()]}], TypeError, r"input_example\[0\]\['a'\]\[0\] is of type object"),
        ({1: 2}, TypeError, "key 1 of type int. Keys of a dict are text"),
        ({"__bytes__": "x"}, ValueError, "only key '__bytes__'.*Rename the key"),
        (np.array([1j]), TypeError, "array of type complex128"),
        (np.ma.array([1]), TypeError, r"masked array. Pass array\.filled"),
        (np.array([5], "timedelta64[s]"), TypeError, "array of type timedelta64"),
        (datetime.timedelta(1), TypeError, "of type timedelta"),
        (pd.DataFrame({"p": pd.period_range("2025", "2026", freq="Y")}), TypeError, "column 'p' of input_example is of type period"),
        (pd.Series([1j]), TypeError, "input_example is of type complex128"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "several columns named 'a'"),
    ],
)  # fmt: skip
def test_what_cannot_be_stored(value, kind, message):
    with pytest.raises(kind, match=message):
        Example(value)


def test_a_type_of_a_later_version():
    with pytest.raises(ValueError, match="of type 'tensor', which this version does not know"):
        decode({"type": "tensor", "data": 1})


def test_a_library_that_is_not_installed_is_named():
    code = (
        "import sys; sys.modules['pandas'] = sys.modules['numpy'] = None\n"
        "from hopsworks.homer.input_example import decode\n"
        "from hopsworks.homer import infer_signature\n"
        "assert decode({'type': 'list', 'data': [1]}) == [1]\n"
        "for call in (lambda: infer_signature([1]),\n"
        "             lambda: decode({'type': 'series', 'data': {'dtype': 'int64', 'data': [1]}})):\n"
        "    try:\n"
        "        call()\n"
        "    except ModuleNotFoundError as error:\n"
        "        assert \"pip install 'hopsworks[pandas]'\" in str(error), error\n"
        "    else:\n"
        "        raise SystemExit('nothing was said')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
