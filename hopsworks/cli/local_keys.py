"""``hopsworks local key``: API keys with which users enter a server that others can reach."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add_commands(
    parser: argparse.ArgumentParser, data_help: str, shared: argparse.ArgumentParser
) -> None:
    """Add the commands below ``hopsworks local key``; `shared` has the options that all take."""
    parser.set_defaults(run=None, parser=parser)
    commands = parser.add_subparsers(dest="action", metavar="ACTION")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        description = text[0].upper() + text[1:] + "."
        made = commands.add_parser(name, help=text, description=description, parents=[shared])
        made.add_argument("--data", metavar="FOLDER", help=data_help)
        made.set_defaults(run=run)
        return made

    made = command("create", create, "make a key and print it, once: only a digest of it is kept")
    made.add_argument("--user", required=True, help="e-mail address or username of the key's user")
    made.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="SCOPE",
        help="what may be done with it, for example DATASET_VIEW; may be repeated (default: everything)",
    )
    made.add_argument("--name", help="a name for the key (default: key1, key2, …)")
    shown = command("list", show, "show which keys there are, without their secrets")
    shown.add_argument("--user", help="only those of one user")
    shown.add_argument("--json", action="store_true", help="print JSON")
    gone = command("delete", delete, "delete a key: it is refused from then on")
    gone.add_argument("prefix", help="the part of the key before the dot, as 'list' shows it")


def create(given: argparse.Namespace) -> int:
    """``hopsworks local key create``: the key alone goes to standard output."""
    made = _ask(given, "POST", "", user=given.user, scope=given.scope, name=given.name)
    print(made["key"])
    print(
        f"Key {made['name']} of {made['user']}: {', '.join(made['scopes'])}. It is not shown again.",
        file=sys.stderr,
    )
    if not made["active"]:
        print(
            f"The account of {made['user']} is not active: the key is refused until an administrator activates it with "
            "hopsworks.get_users_api().activate_user(user_id).",
            file=sys.stderr,
        )
    return 0


def show(given: argparse.Namespace) -> int:
    """``hopsworks local key list``."""
    keys = _ask(given, "GET", "", user=given.user)["items"]
    if given.json:
        print(json.dumps(keys))
        return 0
    rows = [
        ("PREFIX", "USER", "NAME", "CREATED", "SCOPES"),
        *(
            (key["prefix"], key["user"], key["name"], key["created"], ",".join(key["scopes"]))
            for key in keys
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print(
            *(f"{text:{width}}" for text, width in zip(row, widths, strict=False)), row[4], sep="  "
        )
    return 0


def delete(given: argparse.Namespace) -> int:
    """``hopsworks local key delete``."""
    prefix = given.prefix.partition(".")[0]  # a whole key is not repeated
    _ask(given, "DELETE", f"/{_quoted(prefix)}")
    print(f"The key {prefix} is deleted.")
    return 0


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _ask(given: argparse.Namespace, verb: str, below: str, **query: Any) -> dict[str, Any]:
    from urllib.parse import urlencode

    from hopsworks.local import lifecycle

    asked = urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)
    return lifecycle.ask(given.data, verb, f"/hopsworks-local/keys{below}?{asked}")
