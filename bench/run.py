"""Measure everything and print one table. Called by ``./dev bench``.

    ./dev bench                      all rows, 5 rounds
    ./dev bench --only imports remote
    ./dev bench --rounds 9 --json out.json
    ./dev bench --write docs/benchmarks.md

The official client is measured where it can do the same work, in an environment of its own that is made once (see
``tests/oracle/official.py``); ``--without-official`` leaves it out. Rounds are interleaved: each does every measurement
once. Read the ratios rather than the absolute figures, and run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]
os.environ.setdefault("HOPSWORKS_DISABLE_PROGRESS", "1")
# An installed package has its bytecode on disk.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from measure import Row, table  # noqa: E402

# The lines of a page between which the table stands.
BEGIN, END = "<!-- written by ./dev bench -->", "<!-- end -->"
PARTS = (
    "imports",
    "remote",
    "files",
    "auger",
    "lakefs",
    "lakefs-objects",
    "server",
    "flights",
    "transfers",
)

# Parts that the official client of Hopsworks has no figure in.
WITHOUT_HOPSWORKS = {"server", "auger", "lakefs", "lakefs-objects"}


def measure(part: str, options: argparse.Namespace, official: str | None) -> list[Row]:
    """Return the rows of one part."""
    ours, rounds = sys.executable, options.rounds
    if part == "imports":
        import imports

        return imports.rows(ours, official, rounds)
    if part == "remote":
        import remote

        return remote.rows(ours, official, rounds)
    if part == "files":
        import cluster_files

        return cluster_files.rows(ours, official, rounds, options.cluster_gib * 1024**3)
    if part == "auger":
        import auger

        return auger.rows(ours, not options.without_official, rounds)
    if part == "lakefs":
        import lakefs

        return lakefs.rows(ours, not options.without_official, rounds)
    if part == "lakefs-objects":
        import lakefs_objects

        return lakefs_objects.rows(ours, not options.without_official, rounds)
    if part == "server":
        import local_server

        return local_server.rows(rounds)
    from served import serving

    with tempfile.TemporaryDirectory() as folder, serving(Path(folder, "data")) as served:
        if part == "flights":
            import local_flights

            return local_flights.rows(served, Path(folder), official, rounds)
        import transfers

        return transfers.rows(served, Path(folder), official, rounds, options.gib * 1024**3)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gib", type=int, default=1, help="size of the transferred file")
    parser.add_argument("--cluster-gib", type=int, default=2, help="the same, for a cluster")
    parser.add_argument("--without-official", action="store_true")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "latest.json")
    parser.add_argument("--write", type=Path, help="a page whose table is to be replaced")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    official = None
    if not options.without_official and not WITHOUT_HOPSWORKS.issuperset(options.only):
        from oracle.official import interpreter

        official = str(interpreter())
    rows: list[Row] = []
    for part in options.only:
        print(f"measuring: {part}", file=sys.stderr, flush=True)
        rows += measure(part, options, official)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(
        json.dumps(
            {"machine": machine, "rounds": options.rounds, "rows": [row.as_dict() for row in rows]},
            indent=1,
        )
    )
    print(f"\n{machine}; {options.rounds} rounds\n\n{table(rows)}\n")
    if options.write:
        before, _, rest = options.write.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        text = f"{machine}; {options.rounds} rounds.\n\n{table(rows)}\n"
        options.write.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
    missed = [row.what for row in rows if row.good is False]
    for what in missed:
        print(f"not reached: {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
