"""The HTTP protocol of one connection: uvicorn's, plus the identity of the peer.

A Unix-socket connection from another user is closed before a byte of it is read.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import socket
import struct
from typing import Any

from uvicorn.importer import import_from_string

# Without httptools uvicorn's pure-Python parser does the same, more slowly.
SENDS_PAST_TRANSPORT = importlib.util.find_spec("httptools") is not None
_Protocol: Any = import_from_string(
    "uvicorn.protocols.http.httptools_impl:HttpToolsProtocol"
    if SENDS_PAST_TRANSPORT
    else "uvicorn.protocols.http.h11_impl:H11Protocol"
)

logger = logging.getLogger(__name__)

_CREDENTIALS = struct.Struct("3i")


class LocalProtocol(_Protocol):
    """One client connection.

    Attributes:
        peer_uid: the user id of the peer over the Unix socket; None over TCP.
        peer_pid: its process id.
    """

    peer_uid: int | None = None
    peer_pid: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family == socket.AF_UNIX:
            self.peer_uid, self.peer_pid = peer_uid(sock), peer_pid(sock)
            if self.peer_uid not in (os.getuid(), 0):
                logger.warning("closed a connection from user id %d", self.peer_uid)
                transport.abort()  # type: ignore[attr-defined]
                return
        self.app_state = {"connection": self}
        super().connection_made(transport)

    def peer_process(self) -> int:
        """The process id of the peer over the Unix socket, 0 over TCP."""
        return 0 if self.peer_uid is None else self.peer_pid

    def raw_socket(self) -> int | None:
        """The descriptor to which a body may be written past the transport; None when not.

        That needs a plain Unix socket and the parser whose state ``body_sent`` can bring up to date.
        """
        if self.peer_uid is None or not SENDS_PAST_TRANSPORT:
            return None
        sock = self.transport.get_extra_info("socket")
        return None if sock is None else int(sock.fileno())

    async def flushed(self) -> None:
        """Wait until the transport has written all that it was given."""
        while self.transport.get_write_buffer_size():
            await asyncio.sleep(0.001)

    @staticmethod
    def body_sent(send: Any) -> None:
        """Note that the announced body of a response has been written past the transport.

        ``send`` belongs to that response. The connection's current one may be the next already: a
        client that has all bytes goes on before this process knows that they have left.
        """
        send.__self__.expected_content_length = 0

    def abandon(self, send: Any) -> None:
        """Give a response up in the middle: close the connection without another word."""
        if SENDS_PAST_TRANSPORT:
            send.__self__.disconnected = True
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            super().connection_lost(exc)


def peer_uid(sock: Any) -> int:
    """The user id of the process at the other end of a Unix socket."""
    return _credentials(sock)[1]


def peer_pid(sock: Any) -> int:
    """The process id of the process at the other end of a Unix socket."""
    return _credentials(sock)[0]


def _credentials(sock: Any) -> tuple[int, int, int]:
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, group = _CREDENTIALS.unpack(raw)
    return process, user, group
