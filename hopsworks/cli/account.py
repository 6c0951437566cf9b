"""``hopsworks login`` and ``hopsworks logout``: what the next login knows without being told.

A key is saved only after the host has accepted it. It lies in ``~/.hops.toml``, which its owner alone can read.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import Any

from hopsworks.cli.options import add_host_options

# The keys of the file that are about one host. The last three are written by the official command.
OF_A_HOST = (
    "host",
    "port",
    "project",
    "api_key",
    "hostname_verification",
    "trust_store_path",
    "api_key_name",
    "project_id",
    "feature_store_id",
)

_ATTEMPTS = 3


def add_login(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``hopsworks login``."""
    add_host_options(parser)
    parser.add_argument(
        "--no-save",
        "--no-save-key",
        dest="save",
        action="store_false",
        help="only check, save nothing",
    )
    parser.set_defaults(run=login, parser=parser)


def add_logout(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``hopsworks logout``."""
    parser.set_defaults(run=logout, parser=parser)


def login(given: argparse.Namespace) -> int:
    """``hopsworks login``."""
    from hopsworks import config, in_cluster

    if in_cluster.is_inside() and not (given.host or "").startswith("local"):
        print(
            "This is inside the cluster (REST_ENDPOINT is set): hopsworks.login() uses the credentials of the project, "
            "and nothing needs to be saved."
        )
        return 0
    host = _host(given)
    settings = config.resolve(
        host,
        given.port,
        given.project,
        api_key_file=given.api_key_file,
        trust_store_path=given.trust_store,
        hostname_verification=given.verify,
    )
    _leave_other_host_aside(settings)
    prompted = _find_key(settings, given)
    version, user, names = _check(settings, prompted)
    project = _project(settings, names)
    shown = "the embedded server" if settings.is_local else settings.base_url
    as_user = f" as {user}" if user else ""
    print(f"Connected to {shown} (Hopsworks {version or 'of unknown version'}){as_user}.")
    if project is None:
        listed = f": {', '.join(sorted(names))}" if names else " yet"
        print(
            f"No project is chosen{listed}. Add --project NAME, or pass project to hopsworks.login()."
        )
    else:
        print(f"The project is {project}.")
    if given.save:
        _save(settings, project, given)
    else:
        print("Nothing was saved.")
    return 0


def logout(given: argparse.Namespace) -> int:
    """``hopsworks logout``."""
    from hopsworks import config
    from hopsworks.config_file import update

    saved = config.read_file()
    path = config.config_file()
    forgotten = [name for name in OF_A_HOST if name in saved]
    if forgotten:
        update(dict.fromkeys(forgotten))
        print(f"Removed from {path}: {', '.join(forgotten)}.")
    # The one in this folder hides the one at home.
    while os.path.isfile(cached := config.cached_key_file()):
        os.unlink(cached)
        forgotten.append(cached)
        print(f"Removed {cached}.")
    if not forgotten:
        print(f"Nothing is saved in {path}.")
    elif "api_key" in saved and saved.get("host"):
        host = str(saved["host"]).rstrip("/")
        url = host if "://" in host else f"https://{host}"
        print(
            f"The key itself stays valid; delete it at {url}/account/api/generated if nobody else uses it."
        )
    for name in ("HOPSWORKS_API_KEY", "HOPSWORKS_HOST"):
        if os.environ.get(name):
            print(f"{name} is still set in this shell.")
    return 0


# ------------------------------------------------------------------------------------------ host, key and project


def _host(given: argparse.Namespace) -> str | None:
    from hopsworks import config

    saved = config.read_file().get("host")
    host = given.host or os.environ.get("HOPSWORKS_HOST")
    if host:
        return str(host)
    if config.interactive() and not given.api_key_stdin:
        default = str(saved or config.DEFAULT_HOST)
        return _ask(f"Hopsworks host [{default}]: ") or default
    if saved:
        return None
    raise ValueError(
        "There is no host: add --host, or set HOPSWORKS_HOST; --host local is the embedded server."
    )


def _leave_other_host_aside(settings: Any) -> None:
    """What the file says about another host does not hold for this one."""
    from hopsworks import config

    saved = config.read_file()
    if not saved.get("host") or config.parse_host(str(saved["host"]))[1] == settings.host:
        return
    defaults = {"project": None, "trust_store_path": None, "hostname_verification": True}
    for name, value in defaults.items():
        if settings.sources[name] == config.config_file():
            setattr(settings, name, value)
            settings.sources[name] = "default"
    if settings.sources["port"] == config.config_file():
        settings.port = config.DEFAULT_PORT


def _find_key(settings: Any, given: argparse.Namespace) -> bool:
    """Put the key into the settings; True when a person typed it."""
    from hopsworks import config

    if settings.is_local:
        return False
    if given.api_key_stdin and not given.api_key_file:
        terminal = sys.stdin.isatty()
        text = _ask_hidden(settings) if terminal else sys.stdin.readline()
        settings.api_key, settings.sources["api_key"] = (
            config._clean_key(text, "standard input"),
            "stdin",
        )
        return False
    saved = (
        settings.sources["api_key"] not in ("HOPSWORKS_API_KEY", "default")
        and not given.api_key_file
    )
    if settings.api_key and not (saved and config.interactive()):
        return False
    if not config.interactive():
        raise ValueError(
            f"There is no API key for {settings.host}: pipe it into --api-key-stdin, name a file with --api-key-file, or set "
            f"HOPSWORKS_API_KEY. Keys are made at {_where(settings)}."
        )
    _type_key(settings)
    return True


def _type_key(settings: Any) -> None:
    from hopsworks import config

    text = _ask_hidden(settings)
    if text.strip() or not settings.api_key:
        settings.api_key = config._clean_key(text, "the input")
        settings.sources["api_key"] = "prompt"


def _ask_hidden(settings: Any) -> str:
    keep = "Enter keeps the saved one" if settings.api_key else f"made at {_where(settings)}"
    return getpass.getpass(f"API key for {settings.host} ({keep}): ")


def _where(settings: Any) -> str:
    return f"{settings.base_url}/account/api/generated"


def _check(settings: Any, prompted: bool) -> tuple[str, str, list[str]]:
    """Ask the host; a key that was typed may be typed again when it is refused."""
    from hopsworks.client.exceptions import UnauthorizedError

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _answers(settings)
        except UnauthorizedError:
            if not prompted or attempt == _ATTEMPTS:
                raise
            print(f"{settings.host} does not accept this key.", file=sys.stderr)
            settings.api_key = None
            _type_key(settings)
    raise AssertionError("not reached")


def _answers(settings: Any) -> tuple[str, str, list[str]]:
    """Version of the host, name of the user, names of the projects."""
    from hopsworks._transport import open_client

    client, address = open_client(settings)
    try:
        scope = client.scope(None)
        versions = scope.call("variable.versions") or []
        memberships = scope.call("project.list") or []
    finally:
        client.close()
        if address is not None:
            address.release()
    version = next((e.get("version", "") for e in versions if e.get("software") == "hopsworks"), "")
    user = next((e["user"].get("username", "") for e in memberships if e.get("user")), "")
    return version, user, [entry["project"]["name"] for entry in memberships]


def _project(settings: Any, names: list[str]) -> str | None:
    from hopsworks import config
    from hopsworks._login import _ask as choose

    if settings.project:
        if settings.project not in names:
            raise ValueError(
                f"The key sees no project {settings.project} (from {settings.sources['project']}); it sees "
                f"{', '.join(sorted(names)) or 'none'}. Nothing was saved; name another one with --project."
            )
        return str(settings.project)
    if len(names) == 1:
        return names[0]
    return choose(names) if names and config.interactive() else None


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return input().strip()


# ---------------------------------------------------------------------------------------------------- saving


def _save(settings: Any, project: str | None, given: argparse.Namespace) -> None:
    from hopsworks import config
    from hopsworks.config_file import update

    changes: dict[str, str | int | bool | None] = dict.fromkeys(OF_A_HOST)
    changes["project"] = project
    if settings.is_local:
        changes["host"] = f"local:{settings.local_data}" if settings.local_data else "local"
    else:
        changes["host"] = settings.base_url
        changes["api_key"] = settings.api_key
        changes["trust_store_path"] = settings.trust_store_path
        if settings.sources["hostname_verification"] != "default":
            changes["hostname_verification"] = settings.hostname_verification
    path = update(changes)
    names = ", ".join(name for name, value in changes.items() if value is not None)
    print(f"Saved in {path}, which only you can read: {names}.")
    # There, a key that was typed once goes before all others.
    if settings.host == config.DEFAULT_HOST and os.path.isfile(cached := config.cached_key_file()):
        config.save_key(cached, settings.api_key)
        print(f"Replaced the key in {cached}.")
    variables = [f"HOPSWORKS_{name.upper()}" for name in OF_A_HOST[:6]]
    overruling = [name for name in variables if os.environ.get(name)]
    if overruling:
        print(f"In this shell these variables go before the file: {', '.join(overruling)}.")
    rest = "no arguments" if project else "only the project"
    print(f"hopsworks.login() needs {rest} now.")
