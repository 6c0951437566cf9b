"""Listeners for tests that look at services from outside: brokers, databases, and whatever else may sit at a port."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable

_numbers = itertools.count(1)


def loopback() -> str:
    """A loopback address that no other test uses now, for services whose ports are fixed."""
    pid, number = os.getpid(), next(_numbers)
    return f"127.{16 + pid % 200}.{1 + pid // 200 % 250}.{1 + number % 250}"


class Peer:
    """Accepts connections at an address until it is closed, and hands each to a function.

    Args:
        serve: What happens with a connection; it is closed afterwards.
        address: The address to listen at.
        port: The port, 0 for any.
        tls: Context that makes the connections TLS.
    """

    def __init__(
        self,
        serve: Callable[[socket.socket], None],
        address: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.connections = 0
        self._serve = serve
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server((address, port))
        self.address = address
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def place(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, struct.error):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection:
                self._serve(connection)

    def close(self) -> None:
        """Stop listening, and end the connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def silent(connection: socket.socket) -> None:
    """Take whatever comes and say nothing."""
    while connection.recv(4096):
        pass


def saying(greeting: bytes) -> Callable[[socket.socket], None]:
    """Send a greeting, then take whatever comes."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(greeting)
        silent(connection)

    return serve


def mysql_greeting(version: bytes = b"8.0.39-cluster") -> bytes:
    """The first packet of a MySQL server, as its protocol documents it (handshake, version 10)."""
    body = bytes([10]) + version + b"\0" + struct.pack("<I", 7) + b"saltsalt\0" + b"\xff\xff"
    return struct.pack("<I", len(body))[:3] + b"\0" + body


def mysql_refusal(text: bytes) -> bytes:
    """The packet with which a MySQL server turns a host away before any greeting."""
    body = b"\xff" + struct.pack("<H", 1130) + text
    return struct.pack("<I", len(body))[:3] + b"\0" + body


def http2(connection: socket.socket) -> None:
    """Begin as an HTTP/2 server does."""
    if _exactly(connection, 24) == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":
        connection.sendall(b"\0\0\0\x04\0\0\0\0\0")
        silent(connection)


def broker(*advertised: tuple[str, int]) -> Callable[[socket.socket], None]:
    """Answer metadata requests (version 5) as a Kafka broker that advertises these addresses."""

    def serve(connection: socket.socket) -> None:
        while True:
            (size,) = struct.unpack(">i", _exactly(connection, 4))
            request = _exactly(connection, size)
            key, version, correlation, length = struct.unpack_from(">hhih", request)
            assert (key, version) == (3, 5), (key, version)
            rest = request[10 + length :]
            assert rest == b"\0\0\0\0\0", rest  # no topics, none to be made
            brokers = b"".join(
                struct.pack(">i", number) + _text(host) + struct.pack(">i", port) + _text(None)
                for number, (host, port) in enumerate(advertised)
            )
            body = struct.pack(">iii", correlation, 0, len(advertised)) + brokers
            body += _text("cluster") + struct.pack(">ii", 0, 0)
            connection.sendall(struct.pack(">i", len(body)) + body)

    return serve


def _text(text: str | None) -> bytes:
    return struct.pack(">h", -1) if text is None else struct.pack(">h", len(text)) + text.encode()


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise OSError("closed")
        data += piece
    return data
