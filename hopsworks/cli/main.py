"""The ``hopsworks`` command (also ``hops``).

Example:
    $ hopsworks local start
    $ hopsworks local status --data ~/experiments/features
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="hopsworks", description="Hopsworks from the command line."
    )
    parser.set_defaults(run=None, parser=parser)
    areas = parser.add_subparsers(dest="area", metavar="AREA")
    local = areas.add_parser(
        "local",
        help="the embedded server of this machine",
        description="Start, stop and look at the embedded server. One server serves one data folder.",
    )
    settings = areas.add_parser(
        "config",
        help="the settings of this machine and user",
        description="The settings that a login takes from variables, the configuration file and defaults.",
    )
    from hopsworks.cli import configuration
    from hopsworks.cli.local import add_commands

    add_commands(local)
    configuration.add_commands(settings)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = build_parser().parse_args(arguments)
    if given.run is None:
        # No command was named: say which there are.
        given.parser.print_help()
        return 2
    try:
        status: int = given.run(given)
        sys.stdout.flush()
    except (OSError, ModuleNotFoundError) as error:
        if isinstance(error, BrokenPipeError):
            # The reader of the output has gone; keep the interpreter from complaining at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        print(f"hopsworks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
