"""``hopsworks diagnose``: what works between this machine and a host, with a line a check."""

from __future__ import annotations

import argparse
import json
import sys

from hopsworks.cli.options import add_host_options


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_host_options(parser)
    parser.add_argument(
        "--timeout",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="how long each check may wait for an answer (default: %(default)g)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=diagnose, parser=parser)


def diagnose(given: argparse.Namespace) -> int:
    """``hopsworks diagnose``: exit status 1 when a check failed."""
    import hopsworks

    if not 0 < given.timeout < 3600:
        print("hopsworks: --timeout must be a number of seconds above 0.", file=sys.stderr)
        return 2
    found = hopsworks.diagnose(
        given.host,
        given.port,
        given.project,
        sys.stdin.readline().strip() if given.api_key_stdin else None,
        api_key_file=given.api_key_file,
        hostname_verification=given.verify,
        trust_store_path=given.trust_store,
        timeout=given.timeout,
    )
    print(json.dumps(found.to_dict(), indent=2) if given.json else repr(found))
    return 0 if found.ok else 1
