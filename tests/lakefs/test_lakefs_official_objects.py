"""The official package ``lakefs`` and ours run the same program about objects against the same server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from environments import official_lakefs
from lakefs_server import KEY_ID, SECRET, LakeFSServer

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("both_object_clients.py")


def run(python: str, path: str) -> tuple[dict[str, Any], list[str]]:
    """What each step gave, and which objects were written."""
    with LakeFSServer() as server:
        lake = server.repository(lines="eins\nzwei ä\n\ndrei".encode(), empty=b"")
        lake.branches["work"] = type(lake.branches["main"])(lake.branches["main"].head)
        done = subprocess.run(
            [python, "-W", "ignore", str(PROGRAM), server.url, KEY_ID, SECRET],
            env={**os.environ, "PYTHONPATH": path},
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        server.failures = [text for text in server.failures if "Content-Length" not in text]
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        return {one.pop("step"): one for one in steps}, sorted(lake.tree_of("main"))


def test_the_same_program_gives_the_same() -> None:
    official, official_objects = run(str(official_lakefs()), "")
    ours, our_objects = run(sys.executable, str(ROOT / "packages" / "lakefs"))
    assert list(official) == list(ours)
    different = {
        step: (official[step], ours[step]) for step in official if official[step] != ours[step]
    }
    assert different == {}
    assert official_objects == our_objects
