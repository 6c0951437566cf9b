#!/usr/bin/env python3
"""Reads resources/*.toml, and the table of the Auger Hub, and writes what is made from them.

generate.py --c-out DIR   C tables (resource_tables.inc) for a build
generate.py --write       the committed stubs and reference pages
generate.py --check       fails when those are not up to date
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tables import c_rows, model, reference, stubs

ROOT = Path(__file__).resolve().parent.parent


def committed(rows: model.Model) -> dict[Path, str]:
    """The committed files and what they must hold."""
    from tables import hub  # imports the package, which a build has no need of

    made = {ROOT / "hopsworks" / "_native.pyi": stubs.write(rows)}
    made[ROOT / "hopsworks" / "auger" / "resource_methods.pyi"] = hub.stubs()
    pages = reference.write(rows, {hub.PAGE: "Auger Hub"})
    for name, text in {**pages, hub.PAGE: hub.reference()}.items():
        made[ROOT / "docs" / "reference" / name] = text
    return made


def stale(made: dict[Path, str]) -> list[Path]:
    """Files that differ, are missing, or belong to no table any more."""
    pages = set((ROOT / "docs" / "reference").glob("*.md"))
    wrong = [p for p, text in made.items() if not p.exists() or p.read_text("utf-8") != text]
    return sorted([*wrong, *(pages - made.keys())])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resources", type=Path, default=ROOT / "resources")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--c-out", type=Path, metavar="DIR")
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    options = parser.parse_args(argv)
    try:
        rows = model.load(options.resources)
    except model.TableError as error:
        print(f"generate.py: the tables are wrong\n{error}", file=sys.stderr)
        return 1
    if options.c_out:
        options.c_out.mkdir(parents=True, exist_ok=True)
        target = options.c_out / "resource_tables.inc"
        target.write_text(c_rows.write(rows), encoding="utf-8")
        return 0
    made = committed(rows)
    wrong = stale(made)
    if options.check:
        for path in wrong:
            print(f"{path.relative_to(ROOT)} is stale: run ./dev generate", file=sys.stderr)
        return 1 if wrong else 0
    for path in wrong:
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
