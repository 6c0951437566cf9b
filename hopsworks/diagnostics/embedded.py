"""Checks of the embedded server, ``host="local"``: what is there, and why the rest need not be."""

from __future__ import annotations

import socket

from hopsworks.diagnostics import probe, rest
from hopsworks.diagnostics.report import FAILED, NOT_CONFIGURED, OK, Check

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator

    from hopsworks.diagnostics.target import Target


def check(target: Target) -> Iterator[Check]:
    """Check the embedded server; one is started when none runs, as a login would do.

    Yields:
        One check for each of the names of :data:`hopsworks.diagnostics.rest.NAMES`.
    """
    from hopsworks.local import lifecycle

    try:
        address = lifecycle.ensure_running(target.settings.local_data, lease=False)
    except (OSError, ModuleNotFoundError) as error:
        yield Check(rest.ADDRESS, FAILED, f"the embedded server does not run: {error}")
        return
    yield Check(
        rest.ADDRESS,
        OK,
        f"the embedded server is process {address.pid}, with its data in {address.data}",
    )
    yield Check(rest.CONNECTION, OK, f"the socket is {address.socket}")
    yield Check(
        rest.TLS,
        NOT_CONFIGURED,
        "not needed: nothing leaves this machine, and the socket is yours alone",
    )
    target.open(unix_socket=str(address.socket), api_key=address.api_key)
    yield rest.check_version(target, target.call("variable.versions"))
    yield from rest.ask_about_user(target)


def check_query_service(target: Target) -> Iterator[Check]:
    """Check the Arrow Flight socket that the server announces."""
    from hopsworks.diagnostics.query_service import NAME, greet

    path = (target.variable("native_query") or "").removeprefix("grpc+unix://")
    deadline = probe.Deadline(target.seconds)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(deadline.left())
            connection.connect(path)
            greet(connection, deadline)
    except FileNotFoundError:
        yield Check(
            NAME, NOT_CONFIGURED, "not running yet: the first read from the offline store starts it"
        )
        return
    except (OSError, EOFError) as error:
        yield Check(
            NAME,
            FAILED,
            f"the embedded server announces {path or 'no socket'}, which {probe.reason(error, deadline)}",
            "Start the server again: hopsworks local stop",
        )
        return
    yield Check(NAME, OK, f"Arrow Flight answers at {path}")


def not_there(names: tuple[str, ...], text: str) -> Iterator[Check]:
    """What the embedded server does without."""
    for name in names:
        yield Check(name, NOT_CONFIGURED, text)
