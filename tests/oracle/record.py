"""Write the recordings anew: what the official client sends for each part of the thread.

    .venv/bin/python -m tests.oracle.record

Clocks and places are masked, and no header but the content type is kept, so no key or password gets into a recording.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from .comparison import masked
from .conftest import ONLINE_VIEW, Side

RECORDINGS = Path(__file__).with_name("recordings")


def main() -> int:
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        side = Side(Path(folder))
        try:
            runs["write"] = side.run("official", "write")
            runs["read"] = side.run("official", "read")
            side.run("ours", script=ONLINE_VIEW)
            runs["read_online"] = side.run("official", "read_online")
        finally:
            side.close()
    failed = [
        f"{part}, {step}: {found['text']}"
        for part, run in runs.items()
        for step, found in run.found.items()
        if "error" in found
    ]
    if failed:
        print("\n".join(failed), file=sys.stderr)
        return 1
    RECORDINGS.mkdir(exist_ok=True)
    for part, run in runs.items():
        entries = [json.dumps(entry, sort_keys=True) for entry in masked(run.requests)]
        (RECORDINGS / f"{part}.json").write_text("[\n" + ",\n".join(entries) + "\n]\n")
        print(f"{part}: {len(entries)} requests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
