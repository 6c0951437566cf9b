"""Values of feature vectors: what goes out as a key, and what comes back as a value."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pandas as pd
import pytest

from hsfs.online.vector_reader import _DECODERS, _entries_text, _entry_text

NOON = datetime.datetime(2024, 1, 31, 12, 30, 15)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (1, 1),
        ("a", "a"),
        (True, True),
        (1.5, 1.5),
        (np.int64(7), 7),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (NOON, 1706704215000),
        (NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2))), 1706697015000),
        (pd.Timestamp(NOON), 1706704215000),
        (np.datetime64(NOON), 1706704215000),
        (datetime.date(2024, 1, 31), "2024-01-31"),
        (b"\x00\xff", "AP8="),
    ],
    ids=repr,
)
def test_keys_are_written_as_json(value: object, sent: object) -> None:
    assert json.loads(_entry_text({"k": value})) == {"k": sent}
    assert json.loads(_entries_text([{"k": value}, {"k": 1}])) == [{"k": sent}, {"k": 1}]


def test_keys_without_a_value_are_left_out() -> None:
    assert json.loads(_entry_text({"a": 1, "b": None})) == {"a": 1}
    assert json.loads(_entries_text([{"a": 1, "b": None}, {"a": 2}])) == [{"a": 1}, {"a": 2}]


def test_keys_of_other_types_are_named() -> None:
    with pytest.raises(TypeError, match="of type object; use text, a number or a time"):
        _entry_text({"k": object()})


@pytest.mark.parametrize(
    ("offline", "sent", "value"),
    [
        ("timestamp", 1706704215000, NOON),
        ("timestamp", "2024-01-31 12:30:15", NOON),
        ("timestamp", "2024-01-31 12:30:15.250", NOON.replace(microsecond=250000)),
        ("timestamp", "2024-01-31 12:30:15.250001", NOON.replace(microsecond=250001)),
        ("date", "2024-01-31", datetime.date(2024, 1, 31)),
        ("binary", "AP8=", b"\x00\xff"),
    ],
)
def test_values_are_read_by_the_type_of_their_feature(
    offline: str, sent: object, value: object
) -> None:
    assert _DECODERS[offline](sent) == value
