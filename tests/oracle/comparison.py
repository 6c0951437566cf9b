"""Masks what must differ between two runs and compares the rest, request by request."""

from __future__ import annotations

import json
import re
import tomllib
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
PLACES = {"location", "path"}


def masked(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requests with clocks and places masked and nulls left out."""
    return [
        {
            "step": entry["step"],
            "request": f"{entry['method']} {entry['path']}",
            "query": {key: sorted(values) for key, values in sorted(entry["query"].items())},
            "body": _mask(entry["body"]),
            "status": entry["status"],
        }
        for entry in entries
    ]


def differences(official: list[dict[str, Any]], ours: list[dict[str, Any]]) -> list[str]:
    """Return how our requests differ from the official ones, apart from what ``differences.toml`` allows."""
    faults = []
    steps = list(dict.fromkeys(entry["step"] for entry in [*official, *ours]))
    for step in steps:
        theirs = [
            entry for entry in official if entry["step"] == step and not _allowed("not_sent", entry)
        ]
        mine = [entry for entry in ours if entry["step"] == step and not _allowed("extra", entry)]
        left = [_text(entry) for entry in theirs]
        # The same question asked twice within a step needs no second answer.
        asked: set[str] = set()
        for entry in mine:
            text = _text(entry)
            if text in left:
                left.remove(text)
                asked.add(text)
            else:
                faults.append(f"[{step}] only ours:     {text}")
        for text in left:
            if not (text in asked and text.startswith("GET ")):
                faults.append(f"[{step}] only official: {text}")
    return faults


def _text(entry: dict[str, Any]) -> str:
    parts = [entry["request"]]
    if entry["query"]:
        parts.append("?" + json.dumps(entry["query"], sort_keys=True))
    body = _without(entry)
    if body is not None:
        parts.append(json.dumps(body, sort_keys=True))
    return " ".join(parts)


def _allowed(kind: str, entry: dict[str, Any]) -> bool:
    return any(
        re.fullmatch(row["request"], entry["request"])
        and row.get("step", entry["step"]) == entry["step"]
        for row in _listed().get(kind, [])
    )


def _without(entry: dict[str, Any]) -> Any:
    """Return the body without the keys that are listed as different on purpose."""
    dropped = {
        key
        for row in _listed().get("body", [])
        if re.fullmatch(row["request"], entry["request"])
        for key in row["keys"]
    }
    return _drop(entry["body"], dropped) if dropped else entry["body"]


def _drop(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _drop(inner, keys) for key, inner in value.items() if key not in keys}
    if isinstance(value, list):
        return [_drop(inner, keys) for inner in value]
    return value


def _mask(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked_value(key, inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_mask(inner) for inner in value]
    return value


def _masked_value(key: str, value: Any) -> Any:
    if key in CLOCKS:
        return "<clock>"
    if key in PLACES and isinstance(value, str) and "/" in value:
        return "<place>"
    return _mask(value)


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("differences.toml").read_text())
