"""Options that several commands take."""

from __future__ import annotations

import argparse


def common() -> argparse.ArgumentParser:
    """A parent parser with what every command takes."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help="log every request, and show where an error came from",
    )
    return parser


def port_number(text: str) -> int:
    """Read a port of the command line; 0, where it is allowed, stands for any or none.

    Parameters:
        text: What was written.

    Raises:
        argparse.ArgumentTypeError: If it is no port.
    """
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port, which is a number up to 65535")
    return int(text)


def add_host_options(parser: argparse.ArgumentParser) -> None:
    """Add what names a host, a project and an API key. A key itself is never a word of the command line."""
    parser.add_argument(
        "--host",
        help="host name, also with scheme and port; 'local' for the embedded server ($HOPSWORKS_HOST)",
    )
    parser.add_argument(
        "--port", type=port_number, default=443, help="port of the host ($HOPSWORKS_PORT)"
    )
    parser.add_argument("--project", metavar="NAME", help="project to use ($HOPSWORKS_PROJECT)")
    parser.add_argument("--api-key-file", metavar="FILE", help="file that holds the API key")
    parser.add_argument("--api-key", nargs="?", action=_RefuseKey, help=argparse.SUPPRESS)
    parser.add_argument("--api-key-value", nargs="?", action=_RefuseKey, help=argparse.SUPPRESS)
    parser.add_argument(
        "--api-key-stdin", action="store_true", help="read the API key from standard input"
    )
    parser.add_argument(
        "--trust-store",
        metavar="FILE",
        help="PEM file or Java trust store of the authorities to trust ($HOPSWORKS_TRUST_STORE_PATH)",
    )
    parser.add_argument(
        "--verify",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether the certificate of the host must be valid (default: yes)",
    )


_HOW = (
    "the list of processes shows the words of a command to every user of the machine. "
    "Pipe the key into --api-key-stdin, name a file with --api-key-file, or set HOPSWORKS_API_KEY"
)


class _RefuseKey(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        parser.error(f"{option_string} is not taken, because {_HOW}.")
