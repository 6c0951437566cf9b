"""Moments: every spelling that is understood, and the error for those that are not."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest

from hsfs.engine.event_time import commit_text, to_milliseconds

MORNING = 1706704215000
UTC_PLUS_2 = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("moment", "milliseconds"),
    [
        ("2024-01-31", 1706659200000),
        ("20240131", 1706659200000),
        ("2024/01/31", 1706659200000),
        ("2024-01-31 12", 1706702400000),
        ("2024-01-31 12:30", 1706704200000),
        ("2024-01-31 12:30:15", MORNING),
        ("2024-01-31 12:30:15.123", MORNING + 123),
        ("20240131123015123", MORNING + 123),
        ("2024-01-31T12:30:15Z", MORNING),
        ("2024-01-31T12:30:15.123Z", MORNING + 123),
        ("2024-01-31T12:30:15.123456Z", MORNING + 123),
        (datetime.date(2024, 1, 31), 1706659200000),
        (datetime.datetime(2024, 1, 31, 12, 30, 15, 123456), MORNING + 123),
        (datetime.datetime(2024, 1, 31, 14, 30, 15, tzinfo=UTC_PLUS_2), MORNING),
        (pd.Timestamp("2024-01-31 12:30:15"), MORNING),
        (pd.Timestamp("2024-01-31 21:30:15", tz="Asia/Tokyo"), MORNING),
        (1706704215, MORNING),
        (MORNING, MORNING),
        (9_999_999_999, 9_999_999_999_000),
        (10_000_000_000, 10_000_000_000),
        (None, None),
        ("", None),
        (0, None),
    ],
    ids=repr,
)
def test_spellings(moment: object, milliseconds: int | None) -> None:
    assert to_milliseconds(moment) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2024-13-01",
        "2024-01-31T12:30:15",
        "2024-01-31 12:30:15.123456",
        "20240",
        "٢٠٢٤٠١٣١",
    ],
)
def test_texts_that_are_not_understood_are_shown_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=f"Cannot read '{text}' as a time. Use YYYY-MM-DD"):
        to_milliseconds(text)


@pytest.mark.parametrize("value", [1.5, [1], True, {"a": 1}], ids=repr)
def test_other_types_are_named(value: object) -> None:
    with pytest.raises(ValueError, match=type(value).__name__):
        to_milliseconds(value)


def test_commits_are_written_to_the_millisecond() -> None:
    assert commit_text(MORNING + 7) == "20240131123015007"
    assert to_milliseconds(commit_text(MORNING + 7)) == MORNING + 7
