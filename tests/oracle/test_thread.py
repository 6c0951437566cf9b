"""The official client and ours on each other's work, request by request and result by result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .comparison import differences, masked
from .conftest import Run, Side
from .contract import unknown

RECORDINGS = Path(__file__).with_name("recordings")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def official_writes(written_by_official: tuple[Side, Run]) -> Run:
    return written_by_official[1]


@pytest.fixture(scope="module")
def our_writes(written_by_ours: tuple[Side, Run]) -> Run:
    return written_by_ours[1]


@pytest.fixture(scope="module")
def readings(
    written_by_official: tuple[Side, Run], written_by_ours: tuple[Side, Run]
) -> dict[tuple[str, str], Run]:
    """What each client reads (second) of what each client wrote (first)."""
    sides = {"official": written_by_official[0], "ours": written_by_ours[0]}
    return {
        (writer, reader): side.run(reader, "read")
        for writer, side in sides.items()
        for reader in ("official", "ours")
    }


@pytest.fixture(scope="module")
def online_readings(written_by_ours: tuple[Side, Run]) -> dict[str, Run]:
    return {
        reader: written_by_ours[0].run(reader, "read_online") for reader in ("official", "ours")
    }


def errors(run: Run) -> dict[str, str]:
    return {step: found["trace"] for step, found in run.found.items() if "error" in found}


def strict(run: Run) -> list[str]:
    return sorted({fault for entry in run.requests for fault in unknown(entry)})


def in_any_order(entries: list[dict]) -> list[str]:
    """The requests sorted, each once: files travel in parallel, and a state is asked for until it is reached."""
    return sorted({json.dumps(entry, sort_keys=True) for entry in entries})


def values(run: Run) -> dict:
    return {step: found.get("value") for step, found in run.found.items()}


def test_official_writes(official_writes: Run) -> None:
    assert errors(official_writes) == {}
    assert strict(official_writes) == []


def test_ours_writes(our_writes: Run) -> None:
    assert errors(our_writes) == {}
    assert strict(our_writes) == []


def test_both_find_the_same_while_writing(official_writes: Run, our_writes: Run) -> None:
    assert values(our_writes) == values(official_writes)


def test_both_send_the_same_while_writing(official_writes: Run, our_writes: Run) -> None:
    assert differences(masked(official_writes.requests), masked(our_writes.requests)) == []


@pytest.mark.parametrize("writer", ["official", "ours"])
@pytest.mark.parametrize("reader", ["official", "ours"])
def test_each_reads_what_each_wrote(readings, writer: str, reader: str) -> None:
    run = readings[writer, reader]
    assert errors(run) == {}
    assert strict(run) == []
    assert values(run) == values(readings["official", "official"])


@pytest.mark.parametrize("writer", ["official", "ours"])
def test_both_send_the_same_while_reading(readings, writer: str) -> None:
    theirs, mine = readings[writer, "official"], readings[writer, "ours"]
    assert differences(masked(theirs.requests), masked(mine.requests)) == []


def test_online_rows(online_readings: dict[str, Run]) -> None:
    theirs, mine = online_readings["official"], online_readings["ours"]
    assert errors(theirs) == {}
    assert errors(mine) == {}
    assert strict(theirs) == []
    assert values(mine) == values(theirs)
    assert differences(masked(theirs.requests), masked(mine.requests)) == []
    assert values(theirs)["vectors"][1][1] == 30.25, "the newest row of the key"


@pytest.mark.parametrize("part", ["write", "read", "read_online"])
def test_recordings_are_current(
    part: str, official_writes: Run, readings, online_readings: dict[str, Run]
) -> None:
    """The committed recordings are what the official client sends today."""
    run = {
        "write": official_writes,
        "read": readings["official", "official"],
        "read_online": online_readings["official"],
    }[part]
    recorded = json.loads((RECORDINGS / f"{part}.json").read_text())
    changed = "see tests/oracle/__init__.py: python -m tests.oracle.record"
    assert in_any_order(masked(run.requests)) == in_any_order(recorded), changed


@pytest.mark.parametrize("part", ["write", "read", "read_online"])
def test_recordings_hold_no_secret(part: str, written_by_ours: tuple[Side, Run]) -> None:
    text = (RECORDINGS / f"{part}.json").read_text()
    key = (written_by_ours[0].data / "api.key").read_text().strip()
    assert key not in text
    assert "PRIVATE KEY" not in text
    assert "ApiKey" not in text
