"""The official package ``lakefs`` and ours run the same program against the same server: the same requests, the same values."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from environments import official_lakefs
from lakefs_server import KEY_ID, SECRET, LakeFSServer, Request

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("both_clients.py")
TRANSACTION = re.compile(r"tx-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Where nobody says how large a page is to be, ours asks for the largest.
LARGE_PAGE = ("amount", "1000")
BOOLEANS = {"True": "true", "False": "false"}
# Members that the official client always sends, and ours only where the API's table has them.
DEFAULTS = ("force", "read_only")


def run(python: str, path: Path | None) -> tuple[dict[str, Any], list[str]]:
    """What each step gave, and the requests."""
    with LakeFSServer({"": {}, "b": {"blockstore_type": "s3"}}) as server:
        objects = {f"many/{i:04}": b"x" * i for i in range(90)}
        server.repository(**objects, **{"a/1": b"1", "a/2": b"22", "b c": b"3"})
        lake = server.repositories["lake"]
        lake.metadata = {"team": "data"}
        for i in range(30):
            lake.branches[f"b{i:02}"] = type(lake.branches["main"])(lake.branches["main"].head)
        environment = {**os.environ, "PYTHONPATH": str(path or "")}
        done = subprocess.run(
            [python, "-W", "ignore", str(PROGRAM), server.url, KEY_ID, SECRET],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        lines = [json.loads(TRANSACTION.sub("tx", line)) for line in done.stdout.splitlines()]
        return {line.pop("step"): line for line in lines}, [_told(r) for r in server.requests]


def _told(request: Request) -> str:
    """A request in the words that both are compared by."""
    query = sorted((k, BOOLEANS.get(v, v)) for k, v in request.query if (k, v) != LARGE_PAGE)
    body = json.loads(request.body) if request.body else None
    if isinstance(body, dict):
        body = _without_defaults(body)
    text = f"{request} {query} {json.dumps(body, sort_keys=True)}"
    return TRANSACTION.sub("tx", text)


def _without_defaults(body: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in body.items():
        if isinstance(value, dict):
            value = _without_defaults(value)
        if not (name in DEFAULTS and value is False):
            kept[name] = value
    return kept


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    return run(str(official_lakefs()), None), run(sys.executable, ROOT / "packages" / "lakefs")


def test_every_step_gives_the_same(both: tuple[Any, Any]) -> None:
    (official, _), (ours, _) = both
    assert list(official) == list(ours)
    different = {
        step: (official[step], ours[step]) for step in official if official[step] != ours[step]
    }
    assert different == {}


def test_the_same_is_asked(both: tuple[Any, Any]) -> None:
    (_, official), (_, ours) = both
    assert ours == official
