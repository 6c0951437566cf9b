"""Cron expressions of schedules, and which runs are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hopsworks.local.cron import Cron, CronError
from hopsworks.local.schedules import due_runs

NOW = datetime(2026, 11, 21, 4, 40, 30, tzinfo=UTC)  # a Saturday


def next_times(expression: str, count: int = 3) -> list[str]:
    found, moment = [], NOW
    for _ in range(count):
        moment = Cron(expression).after(moment)
        if moment is None:
            break
        found.append(f"{moment:%Y-%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("* * * ? * *", ["2026-11-21 04:40:31", "2026-11-21 04:40:32", "2026-11-21 04:40:33"]),
        ("0 */10 * ? * * *", ["2026-11-21 04:50:00", "2026-11-21 05:00:00", "2026-11-21 05:10:00"]),
        ("0 5/20 * ? * *", ["2026-11-21 04:45:00", "2026-11-21 05:05:00", "2026-11-21 05:25:00"]),
        (
            "0 0 12 ? * MON-FRI",
            ["2026-11-23 12:00:00", "2026-11-24 12:00:00", "2026-11-25 12:00:00"],
        ),
        ("0 0 12 ? * 1", ["2026-11-22 12:00:00", "2026-11-29 12:00:00", "2026-12-06 12:00:00"]),
        ("0 0 0 ? * L", ["2026-11-28 00:00:00", "2026-12-05 00:00:00", "2026-12-12 00:00:00"]),
        ("0 0 0 L * ?", ["2026-11-30 00:00:00", "2026-12-31 00:00:00", "2027-01-31 00:00:00"]),
        ("0 0 0 ? * 6L", ["2026-11-27 00:00:00", "2026-12-25 00:00:00", "2027-01-29 00:00:00"]),
        ("0 0 0 ? * FRI#2", ["2026-12-11 00:00:00", "2027-01-08 00:00:00", "2027-02-12 00:00:00"]),
        ("0 0 0 29 FEB ?", ["2028-02-29 00:00:00", "2032-02-29 00:00:00", "2036-02-29 00:00:00"]),
        ("0 0 22-2/2 ? * *", ["2026-11-21 22:00:00", "2026-11-22 00:00:00", "2026-11-22 02:00:00"]),
        (
            "0 0 0 ? * FRI-MON",
            ["2026-11-22 00:00:00", "2026-11-23 00:00:00", "2026-11-27 00:00:00"],
        ),
        ("0 0 0 1,15 JAN,7 ? 2027", ["2027-01-01 00:00:00", "2027-01-15 00:00:00"]),
        ("0 0 0 30 2 ?", []),
        ("0 0 0 1 1 ? 2020", []),
    ],
)
def test_the_next_times_of_an_expression(expression: str, expected: list[str]) -> None:
    assert next_times(expression)[: len(expected)] == expected
    assert bool(next_times(expression)) == bool(expected)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "0 fields"),
        ("*/5 * * * *", "5 fields"),
        ("0 0 0 1 * MON", "exactly one"),
        ("0 0 0 ? * ?", "exactly one"),
        ("60 0 0 ? * *", "'60' is no second"),
        ("0 0 24 ? * *", "'24' is no hour"),
        ("0 0 0 15W * ?", "'15W' is no day of the month"),
        ("0 0 0 L-3 * ?", "'L' is no day of the month"),
        ("0 0/0 0 ? * *", "step"),
        ("0 0 0 ? * 6#7", "#1 to #5"),
        ("0 0 0 ? * FUN", "'FUN' is no day of the week"),
        ("0 0 0 ? * * 2030-2020", "ends before it begins"),
        ("0 0 0 ? * * 12345678901234567890", "is no year"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_field(expression: str, reason: str) -> None:
    with pytest.raises(CronError, match=reason):
        Cron(expression)


def definition(**changes: object) -> dict[str, object]:
    found = {"cronExpression": "0 0 * ? * *", "endDateTime": None, "catchup": False}
    return found | {"skipToDate": None, "maxCatchupRuns": None} | changes


def hours(runs: list[int]) -> list[int]:
    return [datetime.fromtimestamp(run / 1000, UTC).hour for run in runs]


def due(**changes: object) -> list[int]:
    first = int(datetime(2026, 11, 20, 20, tzinfo=UTC).timestamp() * 1000)
    return hours(due_runs(definition(**changes), first, int(NOW.timestamp() * 1000)))


def test_only_the_newest_missed_run_is_made_up_for() -> None:
    assert due() == [4]


def test_with_catchup_every_missed_run_is_made_up_for() -> None:
    assert due(catchup=True) == [20, 21, 22, 23, 0, 1, 2, 3, 4]
    assert due(catchup=True, maxCatchupRuns=2) == [2, 3, 4]
    midnight = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    assert due(catchup=True, skipToDate=midnight) == [0, 1, 2, 3, 4]


def test_no_run_is_due_after_the_end_of_the_schedule() -> None:
    end = int(datetime(2026, 11, 20, 22, tzinfo=UTC).timestamp() * 1000)
    assert due(catchup=True, endDateTime=end) == [20, 21]


def test_the_newest_run_is_found_quickly_after_a_year_of_seconds() -> None:
    first = int((NOW - timedelta(days=365)).timestamp() * 1000)
    every_second = definition(cronExpression="* * * ? * *")
    found = due_runs(every_second, first, int(NOW.timestamp() * 1000))
    assert found == [int(NOW.timestamp() * 1000)]
