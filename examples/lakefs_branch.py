"""Try out new data on a branch, and let it into main when it holds what it should.

    LAKECTL_SERVER_ENDPOINT_URL=http://localhost:8000 LAKECTL_CREDENTIALS_ACCESS_KEY_ID=… \
        LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY=… python examples/lakefs_branch.py REPOSITORY FILE.csv

The file is checked, goes to a branch of its own and is checked there again, as it arrived. If all is well, the branch is
committed, merged into main and tagged, in one transaction; if not, main never sees it. A file that main has already
changes nothing.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from hopsworks import lakefs
from hopsworks.lakefs.exceptions import LakeFSException, NoAuthenticationFound

TARGET = "tables/arrivals.csv"


class BadData(Exception):
    """The new file must not get into main."""


class NothingNew(Exception):
    """The table in main is the same already."""


def checked_rows(lines: Iterable[str]) -> int:
    """Count the rows of a table; each must have a flight and a number of minutes."""
    rows = list(csv.DictReader(lines))
    for number, row in enumerate(rows, 2):
        if not row.get("flight") or not (row.get("minutes") or "").lstrip("-").isdecimal():
            raise BadData(f"line {number} is no arrival: {row}")
    return len(rows)


def checked_table(reference: lakefs.Reference) -> int:
    """Count the rows of the table at a reference."""
    with reference.object(TARGET).reader("r") as file:
        return checked_rows(file)


def publish(repository: lakefs.Repository, source: Path) -> str:
    """Put a new version of the table into main; the name of its tag."""
    main = repository.branch("main")
    version = f"arrivals-{1 + sum(1 for _ in repository.tags(prefix='arrivals-'))}"
    with main.transact(f"arrivals of {source.name}", tag=version) as work:
        with open(source, "rb") as file:
            work.object(TARGET).upload(file, content_type="text/csv")
        work.commit_metadata = {"rows": str(checked_table(work))}
        changes = list(work.uncommitted())
        if not changes:  # there would be nothing to commit
            raise NothingNew(f"{TARGET} in main is the same already")
        for change in changes:
            print(f"{change.type}: {change.path}")
    return version


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/lakefs_branch.py REPOSITORY FILE.csv")
    name, source = sys.argv[1:]
    try:
        with open(source, encoding="utf-8", newline="") as file:
            checked_rows(file)  # before anything is sent
    except (OSError, UnicodeDecodeError, BadData) as problem:
        sys.exit(f"nothing was published: {problem}")
    try:
        repository = lakefs.repository(name)
        version = publish(repository, Path(source))
        tag = repository.tag(version)
        rows, parents = checked_table(tag), tag.get_commit().parents
    except NothingNew as reason:
        print(f"nothing to do: {reason}")
        return
    except BadData as problem:
        sys.exit(f"nothing was published: {problem}")
    except NoAuthenticationFound as problem:
        sys.exit(str(problem))
    except LakeFSException as problem:
        sys.exit(f"lakeFS did not do it: {problem}")
    print(f"{version} has {rows} rows; its merge joins {len(parents)} commits")


if __name__ == "__main__":
    main()
