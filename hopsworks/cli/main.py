"""The ``hopsworks`` command (also ``hops``).

Example:
    $ hopsworks login --host my.hopsworks.host
    $ hopsworks diagnose
    $ hopsworks local status --data ~/experiments/features
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

_EPILOG = """\
Exit status: 0 success, 1 failure, 2 wrong use of the command, 3 no local server runs (local status), 130 interrupted.
Each command shows its options with --help.
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    from hopsworks.cli import account, configuration, diagnosis, local
    from hopsworks.cli.options import common
    from hopsworks.version import __version__

    shared = common()
    parser = argparse.ArgumentParser(
        prog="hopsworks",
        description="Hopsworks from the command line.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hopsworks {__version__}")
    parser.set_defaults(run=None, parser=parser)
    areas = parser.add_subparsers(dest="area", metavar="COMMAND")

    def area(name: str, text: str, description: str) -> argparse.ArgumentParser:
        return areas.add_parser(
            name, help=text, description=description, parents=[shared], allow_abbrev=False
        )

    account.add_login(
        area(
            "login",
            "check an API key and save it for later logins",
            "Check an API key at its host, and save host, project and key in ~/.hops.toml, so that hopsworks.login() needs no "
            "arguments. What is not given is asked for at a terminal. The key is never taken from the words of the command, "
            "because the list of processes shows them to every user of the machine.",
        )
    )
    account.add_logout(
        area(
            "logout",
            "forget the saved host, project and API key",
            "Remove what 'hopsworks login' saved. Other settings in ~/.hops.toml stay.",
        )
    )
    configuration.add_commands(
        area(
            "config",
            "the settings of this machine and user",
            "The settings that a login takes from variables, the configuration file and defaults.",
        ),
        shared,
    )
    diagnosis.add_options(
        area(
            "diagnose",
            "find out what works between this machine and a host",
            "Check the REST interface, Kafka, the query service and the online store, with one line each: what was found, "
            "and what to do about it. Without options, what a login would use is checked. The exit status is 1 when a check failed.",
        )
    )
    local.add_commands(
        area(
            "local",
            "the embedded server of this machine",
            "Start, stop and look at the embedded server. One server serves one data folder.",
        ),
        shared,
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given, unknown = build_parser().parse_known_args(arguments)
    if unknown:
        # Not repeated as they are: one may be an API key.
        options = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        given.parser.error(
            f"unknown options: {', '.join(options)}"
            if options
            else "there are words that belong to no option"
        )
    if given.run is None:
        # No command was named: say which there are.
        given.parser.print_help()
        return 2
    debug = getattr(given, "debug", False)
    if debug:
        logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")
    else:
        # Without a handler, Python itself would show warnings; what the user is to know, a command says.
        logging.getLogger("hopsworks").addHandler(logging.NullHandler())
    try:
        status: int = given.run(given)
        print(end="", flush=True)  # also where the descriptor is closed, and sys.stdout None
    except BrokenPipeError:
        # The reader of the output has gone; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except EOFError:
        print("\nhopsworks: the input ended; nothing was changed.", file=sys.stderr)
        return 1
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        print(f"hopsworks: {_sentence(error)}", file=sys.stderr)
        return 1
    return status


def _sentence(error: Exception) -> str:
    """What an error says; one that was never meant for users is named by its kind."""
    from hopsworks.client.exceptions import (
        NoHopsworksConnectionError,
        ProjectException,
        RestAPIError,
    )

    told = (OSError, ValueError, TypeError, ModuleNotFoundError, RestAPIError, ProjectException)
    text = " ".join(str(error).split())
    if text and isinstance(error, (*told, NoHopsworksConnectionError)):
        return text
    return f"{type(error).__name__}: {text or 'no details'} (add --debug to see where)"


if __name__ == "__main__":
    sys.exit(main())
