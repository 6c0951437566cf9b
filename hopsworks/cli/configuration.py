"""``hopsworks config``: the settings that a login would use, and where each comes from."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

# In the order in which a reader asks for them.
NAMES = (
    "host",
    "port",
    "project",
    "api_key",
    "hostname_verification",
    "trust_store_path",
    "cert_folder",
    "engine",
    "connect_timeout",
    "read_timeout",
    "total_timeout",
)


def add_commands(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Add the commands below ``hopsworks config``; `shared` has the options that all take."""
    parser.set_defaults(run=None, parser=parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    text = "show each setting that login() would use, and where it comes from"
    description = text[0].upper() + text[1:] + ". The API key is not shown."
    shown = commands.add_parser("show", help=text, description=description, parents=[shared])
    shown.add_argument("--json", action="store_true", help="print JSON")
    shown.set_defaults(run=show)


def show(given: argparse.Namespace) -> int:
    """``hopsworks config show``."""
    from hopsworks import config

    settings = config.resolve()
    rows = [(name, _shown(settings, name), _source(settings.sources[name])) for name in NAMES]
    if given.json:
        print(
            json.dumps({name: {"value": value, "source": origin} for name, value, origin in rows})
        )
        return 0
    words = [(name, _word(value), origin) for name, value, origin in rows]
    if settings.cert_folder == config.DEFAULT_CERT_FOLDER:
        # A folder for each user of each project, unlike one that somebody chose.
        below = f"{config.DEFAULT_CERT_FOLDER}/<host>/<project>/<user>"
        words = [(name, below if name == "cert_folder" else word, by) for name, word, by in words]
    widths = [max(len(row[column]) for row in words) for column in (0, 1)]
    for name, value, origin in words:
        print(f"{name:{widths[0]}}  {value:{widths[1]}}  {origin}")
    path = config.config_file()
    state = "read" if os.path.exists(path) else "not there"
    print(f"\nConfiguration file: {path} ({state}).")
    return 0


def _shown(settings: Any, name: str) -> Any:
    if name == "api_key":
        return "***" if settings.api_key or settings.token_file else None
    if name == "host" and settings.is_local and settings.local_data:
        return f"local:{settings.local_data}"
    if name == "port" and settings.is_local:
        return None
    return getattr(settings, name)


def _word(value: Any) -> str:
    if value is None:
        return "-"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _source(source: str) -> str:
    """Where a value came from; a bare name is that of an environment variable."""
    if source in ("default", "argument") or "/" in source or source.startswith("file "):
        return source
    return f"variable {source}"
