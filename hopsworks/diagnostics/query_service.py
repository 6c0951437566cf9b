"""The check of the query service: Arrow Flight over mutual TLS."""

from __future__ import annotations

import ssl
import struct

from hopsworks.certificates import pem_texts
from hopsworks.diagnostics import probe
from hopsworks.diagnostics.report import FAILED, NOT_CONFIGURED, OK, Check

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import socket
    from collections.abc import Iterator

    from hopsworks.diagnostics.target import Target

NAME = "query service"
PORT = 5005

_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEAD, _SETTINGS = 9, 4


def check(target: Target) -> Iterator[Check]:
    """Check that the query service takes the certificates of the project and speaks its protocol."""
    if target.variable("enable_flyingduck") != "true":
        yield Check(
            NAME,
            NOT_CONFIGURED,
            "the cluster has none (its variable enable_flyingduck is not 'true')",
            "Ask an administrator to enable it, if this machine is to read the offline store without Spark",
        )
        return
    host, variable = target.service_host("flyingduck", "feature_query")
    if not host:
        yield Check(
            NAME,
            FAILED,
            f"its address is not known: the variable {variable} of the cluster is not set",
            "Ask an administrator to set it",
        )
        return
    # Its certificate names it as programs inside the cluster do.
    name = f"flyingduck.service.{target.variable('service_discovery_domain') or ''}"
    context = probe.client_context(*pem_texts(target.credentials()))
    context.check_hostname = True
    context.set_alpn_protocols(["h2"])
    place, deadline = probe.place(host, PORT), probe.Deadline(target.seconds)
    try:
        with probe.secure(
            probe.connect(host, PORT, deadline), context, name, deadline
        ) as connection:
            greet(connection, deadline)
    except (OSError, EOFError) as error:
        where = f"the variable {variable} of the cluster"
        what = probe.reason(error, deadline)
        if isinstance(error, ssl.SSLCertVerificationError):
            what += f"; it must be for {name}"
        yield Check(NAME, FAILED, f"{place} {what}", probe.remedy(error, where, "query service"))
        return
    yield Check(NAME, OK, f"{place} accepts the certificates of the project")


def greet(connection: socket.socket, deadline: probe.Deadline) -> None:
    """Exchange the first frames of HTTP/2, on which Arrow Flight is built.

    Raises:
        EOFError: If the other side speaks something else.
        OSError: If no answer comes.
    """
    head = probe.unasked(connection, _HEAD, deadline)
    if not head:
        connection.settimeout(deadline.left())
        connection.sendall(_HELLO + struct.pack(">BHBBI", 0, 0, _SETTINGS, 0, 0))
    head += probe.read_exactly(connection, _HEAD - len(head), deadline)
    if head[3] != _SETTINGS:
        raise EOFError("no HTTP/2")
