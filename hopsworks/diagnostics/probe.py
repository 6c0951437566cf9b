"""Plain sockets with deadlines: addresses, connections, TLS handshakes, certificates.

The services beside REST are looked at from the outside, as far as a firewall, a name service or a certificate can stand in
the way of their client libraries.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from typing import Any

_FIRST_MOMENT = 0.25

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL: also the certificate that has expired is to be described.
_ANY_TIME = 0x200000

# What peers that do not speak TLS look like to OpenSSL.
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")


class Deadline:
    """The moment at which a check has to be over.

    Parameters:
        seconds: How long it may take from now on.
    """

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, at least a moment, so that a socket never waits for ever."""
        return max(self._end - time.monotonic(), 0.001)

    def renew(self) -> None:
        """Begin again, for the next check."""
        self._end = time.monotonic() + self.seconds


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which they would be tried.

    Raises:
        socket.gaierror: If there is none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that answers.

    Raises:
        OSError: If none does.
    """
    failure: OSError | None = None
    for address in addresses(host, port):
        try:
            return socket.create_connection((address, port), deadline.left())
        except OSError as error:
            failure = failure or error
    assert failure is not None
    raise failure


def place(host: str, port: int) -> str:
    """Host and port as they are written in addresses."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def secure(
    plain: socket.socket, context: ssl.SSLContext, name: str | None, deadline: Deadline
) -> ssl.SSLSocket:
    """Make a connection a TLS connection. The plain socket is closed on failure.

    Raises:
        OSError: If there is no handshake; see :func:`reason`.
    """
    plain.settimeout(deadline.left())
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def read_exactly(connection: socket.socket, count: int, deadline: Deadline) -> bytes:
    """Read a number of bytes.

    Raises:
        EOFError: If the connection ends before.
        OSError: If they do not come in time.
    """
    pieces = []
    while count:
        connection.settimeout(deadline.left())
        piece = connection.recv(count)
        if not piece:
            raise EOFError("the connection was closed")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def unasked(connection: socket.socket, count: int, deadline: Deadline) -> bytes:
    """What the other side says in the first moment without being asked, at most `count` bytes.

    A server that refuses the certificate of a client says so only after the handshake, and the word is lost when
    something is sent to it in the meantime.

    Raises:
        OSError: If it refuses.
        EOFError: If it ends the connection.
    """
    connection.settimeout(min(_FIRST_MOMENT, deadline.left()))
    try:
        said = connection.recv(count)
    except TimeoutError:
        return b""
    if not said:
        raise EOFError("the connection was closed")
    return said


def unverified_context() -> ssl.SSLContext:
    """A context that accepts any certificate: it only looks, nothing secret is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def client_context(authorities: str, certificate: str, key: str) -> ssl.SSLContext:
    """A context with the certificates of a project: what Kafka and the query service ask for.

    Parameters:
        authorities: PEM of the certificates to trust.
        certificate: PEM of the client's certificate and its chain.
        key: PEM of the client's private key.

    Raises:
        ValueError: If they are not PEM.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(cadata=authorities)
        with _file_in_memory((certificate + "\n" + key).encode()) as path:
            context.load_cert_chain(path)
    except (ssl.SSLError, ValueError) as error:
        raise ValueError(f"the certificates of the project cannot be used ({error})") from None
    return context


@contextlib.contextmanager
def _file_in_memory(content: bytes) -> Iterator[str]:
    """A path under which the content can be read while the block runs: ``ssl`` takes a key only by a path."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("diagnose", os.MFD_CLOEXEC)
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{descriptor}"
        return
    import tempfile

    with tempfile.NamedTemporaryFile() as file:  # readable by the owner only
        file.write(content)
        file.flush()
        yield file.name


class Certificate:
    """What is known of a certificate that a server showed.

    Attributes:
        protocol (str): TLS version of the connection.
        sha256 (str): Fingerprint, as hexadecimal digits.
        names (list[str]): Names that it is for.
        issuer (str): Common name, or organisation, of who signed it; ``""`` when it cannot be told.
        days_left (int | None): Days until it ends, negative when it has ended.
        until (str): When it ends.
    """

    __slots__ = ("days_left", "issuer", "names", "protocol", "sha256", "until")

    def __init__(self, protocol: str, der: bytes, facts: dict[str, Any]) -> None:
        import hashlib

        self.protocol = protocol
        self.sha256 = hashlib.sha256(der).hexdigest()
        self.names = [str(name) for _, name in facts.get("subjectAltName", ())]
        issuer = {key: value for group in facts.get("issuer", ()) for key, value in group}
        self.issuer = str(issuer.get("commonName") or issuer.get("organizationName") or "")
        self.days_left: int | None = None
        self.until = ""
        if "notAfter" in facts:
            end = ssl.cert_time_to_seconds(facts["notAfter"])
            self.days_left = int((end - time.time()) // 86400)
            self.until = time.strftime("%Y-%m-%d", time.gmtime(end))

    def __str__(self) -> str:
        parts = [f"certificate for {', '.join(self.names)}" if self.names else "certificate"]
        if self.issuer:
            parts.append(f"signed by {self.issuer}")
        if self.days_left is not None:
            ended = self.days_left < 0
            parts.append(f"{'ended on' if ended else 'valid until'} {self.until}")
        return f"{self.protocol}, {', '.join(parts)}, SHA-256 {self.sha256}"


def certificate(host: str, port: int, deadline: Deadline) -> Certificate:
    """Look at the certificate of a server, whether it can be trusted or not.

    Raises:
        OSError: If there is no handshake.
    """
    with secure(connect(host, port, deadline), unverified_context(), host, deadline) as first:
        der = first.getpeercert(binary_form=True) or b""
        protocol = first.version() or "TLS"
    # ssl describes only certificates that it has verified: once more, with this very certificate as the only trusted one.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    facts: dict[str, Any] = {}
    with contextlib.suppress(OSError, EOFError):
        context.load_verify_locations(cadata=der)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags |= _ANY_TIME
        with secure(connect(host, port, deadline), context, host, deadline) as second:
            facts = second.getpeercert() or {}
    return Certificate(protocol, der, facts)


def reason(error: BaseException, deadline: Deadline) -> str:
    """Why there is no connection, in words that follow "my.host:443 " or stand alone.

    Parameters:
        error: What an operation of this module raised.
        deadline: The deadline that it had.
    """
    if isinstance(error, socket.gaierror):
        return "has no known address"
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections: nobody listens there"
    if isinstance(error, TimeoutError):
        return f"does not answer within {deadline.seconds:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that is not accepted ({error.verify_message})"
    if isinstance(error, ssl.SSLError) and error.reason:
        if error.reason in _NOT_TLS:
            return "does not speak TLS"
        if "ALERT" in error.reason:
            return f"refuses the secure connection ({error.reason.replace('_', ' ').lower()})"
        if "EOF" not in error.reason:
            return f"makes no secure connection ({error.reason.replace('_', ' ').lower()})"
    if isinstance(error, (EOFError, ConnectionResetError, BrokenPipeError, ssl.SSLError)):
        return "closes the connection without an answer"
    return f"cannot be reached ({getattr(error, 'strerror', None) or error})"


def remedy(error: BaseException, what: str, service: str) -> str:
    """What to do about a failed connection.

    Parameters:
        error: What an operation of this module raised.
        what: Where the address comes from, for example ``"the variable x of the cluster"``.
        service: The service that should be there.
    """
    if isinstance(error, socket.gaierror):
        return f"Check {what} and the name service of this machine"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Have the certificate of the {service} renewed, or ask an administrator which authority signs it"
    if isinstance(error, ssl.SSLError) and error.reason and "ALERT" in error.reason:
        return f"The {service} does not accept the certificates of the project: ask an administrator to have them renewed"
    if isinstance(error, (ssl.SSLError, EOFError, ConnectionResetError)):
        return f"Something else than the {service} seems to listen there: check {what}"
    return f"Check that the {service} runs and that no firewall is in the way; its address comes from {what}"
