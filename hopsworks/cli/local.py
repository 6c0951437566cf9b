"""``hopsworks local``: the embedded server."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from functools import partial
from pathlib import Path

from hopsworks.cli import local_keys
from hopsworks.cli.options import port_number

# Where clients look on a cluster too.
ONLINE_PORT, FLIGHT_PORT = 4406, 5005

DATA_HELP = "data folder (default: $HOPSWORKS_LOCAL_DATA, else ~/.local/share/hopsworks/local)"


def add_commands(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Add the commands below ``hopsworks local``; `shared` has the options that all take."""
    parser.set_defaults(run=None, parser=parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        description = text[0].upper() + text[1:] + "."
        made = commands.add_parser(name, help=text, description=description, parents=[shared])
        made.add_argument("--data", metavar="FOLDER", help=DATA_HELP)
        made.set_defaults(run=run)
        return made

    command("start", start, "start the server in the background, unless it runs")
    command("stop", stop, "stop the server and wait until it has ended")
    shown = command("status", status, "show whether the server runs and what it does")
    shown.add_argument("--json", action="store_true", help="print JSON")
    wipe = command("reset", reset, "stop the server and delete all its data")
    wipe.add_argument("--yes", action="store_true", help="do not ask")
    served = command(
        "serve", serve, "serve in the foreground, also over TLS with an API key, until Ctrl-C"
    )
    served.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    served.add_argument(
        "--port", type=port_number, default=8182, help="port, 0 for any (%(default)s)"
    )
    served.add_argument(
        "--online-port",
        type=port_number,
        default=ONLINE_PORT,
        help="port of the online feature store's REST API, 0 for none (%(default)s)",
    )
    served.add_argument(
        "--flight-port",
        type=port_number,
        default=FLIGHT_PORT,
        help="port of the query service (Arrow Flight), 0 for none (%(default)s)",
    )
    served.add_argument(
        "--record", metavar="FILE", help="append each answered request to a file of JSON lines"
    )
    served.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="host name in the certificate; may be repeated",
    )
    text = "API keys for the users of a server that others can reach"
    keys = commands.add_parser("key", help=text, description=text + ".", parents=[shared])
    local_keys.add_commands(keys, DATA_HELP, shared)


def start(given: argparse.Namespace) -> int:
    """``hopsworks local start``."""
    from hopsworks.local import lifecycle

    running = lifecycle.find(given.data)
    address = lifecycle.ensure_running(given.data, lease=False)
    word = "runs already" if running is not None and running.pid == address.pid else "started"
    print(f"The local server {word}: process {address.pid}, data in {address.data}.")
    host = f"local:{address.data}" if given.data else "local"
    print(f"Connect with hopsworks.login(host={json.dumps(host)}).")
    return 0


def stop(given: argparse.Namespace) -> int:
    """``hopsworks local stop``."""
    from hopsworks.local import lifecycle

    if lifecycle.find(given.data) is None and not _holder(given.data):
        print("No local server runs on this data folder.")
        return 0
    lifecycle.stop(given.data)
    print("The local server has stopped.")
    return 0


def status(given: argparse.Namespace) -> int:
    """``hopsworks local status``: exit status 0 when it runs, 3 when not."""
    from hopsworks.local import lifecycle
    from hopsworks.local.address import data_folder

    about = lifecycle.status(given.data)
    if given.json:
        print(json.dumps(about))
        return 0 if about else 3
    if about is None:
        print(f"No local server runs on {data_folder(given.data)}.")
        return 3
    print(f"running     process {about['pid']}, release {about['version']}")
    print(f"data        {about['data']}")
    print(f"socket      {about['socket']}")
    print(f"up          {about['uptimeSeconds']:.0f} s")
    print(f"memory      {about['memoryBytes'] / 2**20:.0f} MiB")
    print(f"projects    {', '.join(about['projects'])}")
    print(f"clients     {about['clients']}")
    print(f"deployments {'running' if about['busy'] else 'none running'}")
    return 0


def reset(given: argparse.Namespace) -> int:
    """``hopsworks local reset``."""
    from hopsworks.local import lifecycle
    from hopsworks.local.address import data_folder

    folder = data_folder(given.data)
    if not given.yes:
        if not sys.stdin.isatty():
            print("hopsworks: add --yes to delete all data without a question.", file=sys.stderr)
            return 2
        answer = input(f"Delete all projects, features and models in {folder}? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 1
    lifecycle.reset(folder)
    print(f"Deleted {folder}.")
    return 0


def serve(given: argparse.Namespace) -> int:
    """``hopsworks local serve``."""
    import logging

    from hopsworks.local import lifecycle
    from hopsworks.local.address import data_folder
    from hopsworks.local.server import TlsListener
    from hopsworks.local.server import serve as run

    folder = data_folder(given.data)
    if lifecycle.find(folder) is not None and not lifecycle.stop(folder, only_if_idle=True):
        print(
            f"hopsworks: a local server of {folder} runs in the background and is in use. Stop it"
            f" with: hopsworks local stop --data {shlex.quote(str(folder))}",
            file=sys.stderr,
        )
        return 1
    names = list(dict.fromkeys((*given.name, *_names_of(given.host), "localhost", "127.0.0.1")))
    tls = TlsListener(
        given.host,
        given.port,
        names,
        online_port=given.online_port or None,
        flight_port=given.flight_port or None,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    record = Path(given.record).absolute() if given.record else None
    run(
        folder,
        tls=tls,
        idle_seconds=None,
        record=record,
        on_ready=partial(_say_how_to_connect, given),
    )
    print("The local server has stopped.")
    return 0


def _say_how_to_connect(given: argparse.Namespace, server: object) -> None:
    host, port = server.public_host, server.public_port  # type: ignore[attr-defined]
    data, tls = server.data_dir, server.tls  # type: ignore[attr-defined]
    print(f"Serving {data} at https://{host}:{port}. Ctrl-C stops it.\n")
    print("A client on this machine connects with")
    print(f"  export HOPSWORKS_HOST={host}")
    print(f"  export HOPSWORKS_PORT={port}")
    print(f'  export HOPSWORKS_API_KEY="$(cat {shlex.quote(str(data / "api.key"))})"')
    print("and, to verify the server,")
    print("  export HOPSWORKS_HOSTNAME_VERIFICATION=true")
    print(f"  export HOPSWORKS_TRUST_STORE_PATH={shlex.quote(str(tls.authority))}")
    if given.online_port and given.online_port != ONLINE_PORT:
        print(
            "\nClients look for online vectors at port"
            f" {ONLINE_PORT}; tell them: init_serving(…, config_rest_client={{'port': {given.online_port}}})."
        )
    if given.flight_port != FLIGHT_PORT:
        print(
            f"\nClients look for the query service at port {FLIGHT_PORT} and cannot be told another:"
            " offline reads need that port."
        )
    print(end="", flush=True)


def _names_of(host: str) -> list[str]:
    """The names for a certificate of a server that listens on an address; all, for any address."""
    if host not in ("0.0.0.0", "::"):
        return [host]
    import socket

    names = [socket.gethostname(), socket.getfqdn()]
    try:
        found = socket.getaddrinfo(names[0], None)
    except OSError:
        return names
    return [*names, *(str(entry[4][0]).partition("%")[0] for entry in found)]


def _holder(data: str | None) -> int | None:
    from hopsworks.local import lock
    from hopsworks.local.address import data_folder

    return lock.holder(data_folder(data))
