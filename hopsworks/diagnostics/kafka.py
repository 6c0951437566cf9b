"""Checks of Kafka: the brokers that the cluster names, and the addresses that the brokers themselves advertise.

A Kafka client connects to one of the brokers it was told, and then only to the addresses that this broker advertises. When the
second ones are names inside the cluster, everything looks right and nothing arrives; so both are tried.
"""

from __future__ import annotations

import struct

from hopsworks.certificates import pem_texts
from hopsworks.client.exceptions import RestAPIError
from hopsworks.diagnostics import probe
from hopsworks.diagnostics.parallel import side_by_side
from hopsworks.diagnostics.report import FAILED, NOT_CONFIGURED, OK, Check

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import ssl
    from collections.abc import Callable, Iterator

    from hopsworks.diagnostics.target import Target

BROKERS, LISTENER = "Kafka brokers", "Kafka listener"
NAMES = (BROKERS, LISTENER)

_METADATA, _VERSION, _CORRELATION = 3, 5, 1
_MAX_ANSWER = 1 << 20
_WHERE = "the brokers that the cluster announces"


def check(target: Target) -> Iterator[Check]:
    """Check the brokers of the cluster with the certificates of the project."""
    if target.variable("native_ingest") == "true":
        for name in NAMES:
            yield Check(
                name, NOT_CONFIGURED, "not needed: this server takes rows itself, without Kafka"
            )
        return
    external = not target.inside
    try:
        answer = target.call("kafka.brokers", project_id=target.project_id, external=str(external))
    except RestAPIError as error:
        yield Check(
            BROKERS,
            FAILED,
            f"the cluster does not tell its brokers: {error}",
            "Ask an administrator whether the project has the Kafka service, and use a key with the scope KAFKA",
        )
        return
    brokers = [text.rpartition("://")[2] for text in (answer or {}).get("brokers") or []]
    if not brokers:
        yield Check(
            BROKERS,
            NOT_CONFIGURED,
            f"the cluster announces no {'external ' if external else ''}listener",
            "Ask an administrator for one, if this machine is to write to online feature groups",
        )
        yield Check(LISTENER, NOT_CONFIGURED, "there are no brokers")
        return
    yield Check(BROKERS, OK, ", ".join(brokers))
    context = probe.client_context(*pem_texts(target.credentials()))
    yield _listener(target, brokers, context)


def _listener(target: Target, brokers: list[str], context: ssl.SSLContext) -> Check:
    deadline = probe.Deadline(target.seconds)
    found = side_by_side([_asking(broker, context, deadline) for broker in brokers], deadline)
    failures = [(b, f) for b, f in zip(brokers, found, strict=True) if isinstance(f, BaseException)]
    if failures:
        broker, error = failures[0]
        others = f" ({len(failures)} of {len(brokers)} brokers)" if len(failures) > 1 else ""
        return Check(
            LISTENER,
            FAILED,
            f"the broker {broker} {probe.reason(error, deadline)}{others}",
            probe.remedy(error, _WHERE, "Kafka broker"),
        )
    advertised = {entry for answer in found for entry in answer}
    beyond = sorted(advertised - {_split(broker) for broker in brokers})
    reached = side_by_side([_reaching(entry, context, deadline) for entry in beyond], deadline)
    for (host, port), error in zip(beyond, reached, strict=True):
        if isinstance(error, BaseException):
            return Check(
                LISTENER,
                FAILED,
                f"a broker advertises {probe.place(host, port)} to its clients, which {probe.reason(error, deadline)}",
                "Ask an administrator to set advertised.listeners of the external listener to an address that is "
                "known and reachable here",
            )
    count = len(advertised)
    return Check(
        LISTENER,
        OK,
        f"TLS with the certificates of the project; {count} advertised {'address' if count == 1 else 'addresses'} reachable",
    )


def _asking(
    broker: str, context: ssl.SSLContext, deadline: probe.Deadline
) -> Callable[[], list[tuple[str, int]]]:
    def ask() -> list[tuple[str, int]]:
        host, port = _split(broker)
        with probe.secure(
            probe.connect(host, port, deadline), context, host, deadline
        ) as connection:
            return advertised_brokers(connection, deadline)

    return ask


def _reaching(
    entry: tuple[str, int], context: ssl.SSLContext, deadline: probe.Deadline
) -> Callable[[], None]:
    def reach() -> None:
        probe.secure(probe.connect(*entry, deadline), context, entry[0], deadline).close()

    return reach


def advertised_brokers(
    connection: ssl.SSLSocket, deadline: probe.Deadline
) -> list[tuple[str, int]]:
    """Ask a broker for the addresses that it advertises: a metadata request of the Kafka protocol, for no topics.

    Raises:
        EOFError: If the answer is not one of Kafka.
        OSError: If none comes.
    """
    client = b"hopsworks-diagnose"
    body = struct.pack(">hhih", _METADATA, _VERSION, _CORRELATION, len(client)) + client
    body += struct.pack(">i?", 0, False)  # no topics, and none is to be made
    if probe.unasked(connection, 1, deadline):
        raise EOFError("no silence, as a broker keeps it")
    connection.settimeout(deadline.left())
    connection.sendall(struct.pack(">i", len(body)) + body)
    (size,) = struct.unpack(">i", probe.read_exactly(connection, 4, deadline))
    if not 12 <= size <= _MAX_ANSWER:
        raise EOFError("no answer of Kafka")
    answer = probe.read_exactly(connection, size, deadline)
    try:
        return _brokers_of(answer)
    except (struct.error, UnicodeDecodeError):
        raise EOFError("no answer of Kafka") from None


def _brokers_of(answer: bytes) -> list[tuple[str, int]]:
    correlation, _, count = struct.unpack_from(">iii", answer)
    if correlation != _CORRELATION or not 0 <= count <= 10_000:
        raise struct.error
    at = 12
    brokers = []

    def text() -> str:
        nonlocal at
        (length,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(length, 0)
        if at > len(answer):
            raise struct.error
        return answer[at - max(length, 0) : at].decode()

    for _ in range(count):
        at += 4  # number of the broker
        host = text()
        (port,) = struct.unpack_from(">i", answer, at)
        at += 4
        text()  # rack
        brokers.append((host, port))
    return brokers


def _split(broker: str) -> tuple[str, int]:
    host, _, port = broker.rpartition(":")
    if not port.isdigit():
        raise OSError(f"{broker!r} is no host and port")
    return host.strip("[]"), int(port)
