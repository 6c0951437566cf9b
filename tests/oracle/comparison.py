"""Masks what must differ between two runs and compares the rest, request by request."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

# Clocks and what is derived from them.
CLOCKS = {
    "commitID",
    "commitDateString",
    "commitTime",
    "lastActiveCommitTime",
    "computationTime",
    "created",
    "tableSize",
}
# Places that hang on the run's own folder.
PLACES = frozenset({"location", "path"})


def masked(entries: list[dict[str, Any]], places: frozenset[str] = PLACES) -> list[dict[str, Any]]:
    """Return the requests with clocks and places masked and nulls left out."""
    return [
        {
            "step": entry["step"],
            "request": f"{entry['method']} {entry['path']}",
            "query": {key: sorted(values) for key, values in sorted(entry["query"].items())},
            "type": entry["type"],
            "body": _mask(entry["body"], places),
            "status": entry["status"],
        }
        for entry in entries
    ]


def differences(official: list[dict[str, Any]], ours: list[dict[str, Any]]) -> list[str]:
    """Return how our requests differ from the official ones, apart from what ``differences.toml`` allows."""
    faults = []
    for step in dict.fromkeys(entry["step"] for entry in [*official, *ours]):
        theirs = [entry for entry in official if entry["step"] == step]
        mine = [entry for entry in ours if entry["step"] == step]
        faults += [f"[{step}] {fault}" for fault in _step_differences(theirs, mine)]
    return faults


def _step_differences(theirs: list[dict[str, Any]], mine: list[dict[str, Any]]) -> list[str]:
    left = list(theirs)
    asked: set[str] = set()
    faults = []
    for entry in mine:
        same = [other for other in left if _line(other) == _line(entry)]
        # Of several with the same line, the one with the most similar body is the counterpart.
        best = min(same, key=lambda other: len(_body_differences(other, entry)), default=None)
        if best is not None:
            left.remove(best)
            asked.add(_line(entry))
            faults += [f"{_line(entry)}: {fault}" for fault in _body_differences(best, entry)]
        elif not _allowed("extra", entry):
            faults.append(f"only ours: {_line(entry)}")
    for entry in left:
        # The same question asked twice within a step needs no second answer.
        repeated = _line(entry) in asked and entry["request"].startswith("GET ")
        if not repeated and not _allowed("not_sent", entry):
            faults.append(f"only official: {_line(entry)}")
    return faults


def _line(entry: dict[str, Any]) -> str:
    query = f" {json.dumps(entry['query'], sort_keys=True)}" if entry["query"] else ""
    return entry["request"] + query


def _body_differences(official: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    ignored = [
        re.compile(row["where"]) for row in _listed().get("body", []) if _is_about(row, ours)
    ]
    faults = list(_compare(official["body"], ours["body"], "body", ignored))
    if official["type"] != ours["type"]:
        faults.append(f"content type: official {official['type']!r}, ours {ours['type']!r}")
    return faults


def _compare(official: Any, ours: Any, where: str, ignored: list[re.Pattern[str]]) -> Iterator[str]:
    if any(pattern.fullmatch(where) for pattern in ignored):
        return
    if isinstance(official, dict) and isinstance(ours, dict):
        for key in sorted({*official, *ours}):
            left, right = official.get(key), ours.get(key)
            yield from _compare(left, right, f"{where}.{key}", ignored)
    elif isinstance(official, list) and isinstance(ours, list) and len(official) == len(ours):
        for index, (left, right) in enumerate(zip(official, ours, strict=True)):
            yield from _compare(left, right, f"{where}[{index}]", ignored)
    elif official != ours and not _close(official, ours):
        yield f"{where}: official {json.dumps(official)[:200]}, ours {json.dumps(ours)[:200]}"


def _close(left: Any, right: Any) -> bool:
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    return numbers and math.isclose(left, right, rel_tol=1e-12)


def _allowed(kind: str, entry: dict[str, Any]) -> bool:
    return any(
        _is_about(row, entry) and not (row.get("plain") and entry["query"])
        for row in _listed().get(kind, [])
    )


def _is_about(row: dict[str, Any], entry: dict[str, Any]) -> bool:
    request, step = row["request"], row.get("step", ".*")
    return all(
        re.fullmatch(pattern, text)
        for pattern, text in ((request, entry["request"]), (step, entry["step"]))
    )


def _mask(value: Any, places: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _masked_value(key, inner, places)
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list):
        return [_mask(inner, places) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # JSON knows one kind of number
    return value


def _masked_value(key: str, value: Any, places: frozenset[str]) -> Any:
    if key in CLOCKS:
        return "<clock>"
    if key in places and isinstance(value, str) and "/" in value:
        return "<place>"
    return _mask(value, places)


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("differences.toml").read_text())
