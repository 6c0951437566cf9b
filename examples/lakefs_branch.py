"""Try out new data on a branch, and let it into main when it holds what it should.

    LAKECTL_SERVER_ENDPOINT_URL=http://localhost:8000 LAKECTL_CREDENTIALS_ACCESS_KEY_ID=… \
        LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY=… python examples/lakefs_branch.py REPOSITORY FILE.csv

The file goes to a branch of its own and is checked there. If all is well, the branch is committed, merged into main and
tagged, in one transaction; if not, main never sees it.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from hopsworks import lakefs
from hopsworks.lakefs.exceptions import LakeFSException, NoAuthenticationFound

TARGET = "tables/arrivals.csv"


class BadData(Exception):
    """The new file must not get into main."""


def checked_rows(reference: lakefs.Reference) -> int:
    """Count the rows of the table at a reference; each must have a flight and a number of minutes."""
    with reference.object(TARGET).reader("r") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, 2):
        if not row.get("flight") or not (row.get("minutes") or "").lstrip("-").isdecimal():
            raise BadData(f"line {number} is no arrival: {row}")
    return len(rows)


def publish(repository: lakefs.Repository, source: Path) -> str:
    """Put a new version of the table into main; the name of its tag."""
    main = repository.branch("main")
    version = f"arrivals-{1 + sum(1 for _ in repository.tags(prefix='arrivals-'))}"
    with main.transact(f"arrivals of {source.name}", tag=version) as work:
        with open(source, "rb") as file:
            work.object(TARGET).upload(file, content_type="text/csv")
        rows = checked_rows(work)
        work.commit_metadata = {"rows": str(rows)}
        for change in work.uncommitted():
            print(f"{change.type}: {change.path}")
    return version


def main() -> None:
    name, source = sys.argv[1:]
    try:
        repository = lakefs.repository(name)
        version = publish(repository, Path(source))
        rows = (repository.tag(version).get_commit().parents, checked_rows(repository.tag(version)))
    except BadData as problem:
        sys.exit(f"nothing was published: {problem}")
    except NoAuthenticationFound as problem:
        sys.exit(str(problem))
    except LakeFSException as problem:
        sys.exit(f"lakeFS did not do it: {problem}")
    print(f"{version} has {rows[1]} rows; its merge joins {len(rows[0])} commits")


if __name__ == "__main__":
    main()
