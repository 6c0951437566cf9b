"""The HTTP protocol of one connection: uvicorn's, plus the identity of the peer.

A Unix-socket connection from another user is closed before a byte of it is read.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from typing import Any

try:
    import httptools as _httptools
except ImportError:  # The pure-Python parser of uvicorn does the same, more slowly.
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol
else:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Protocol

    del _httptools

logger = logging.getLogger(__name__)

_CREDENTIALS = struct.Struct("3i")


class LocalProtocol(_Protocol):  # type: ignore[misc,valid-type]
    """One client connection.

    Attributes:
        peer_uid: the user id of the peer over the Unix socket; None over TCP.
    """

    peer_uid: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family == socket.AF_UNIX:
            self.peer_uid = peer_uid(sock)
            if self.peer_uid not in (os.getuid(), 0):
                logger.warning("closed a connection from user id %d", self.peer_uid)
                transport.abort()  # type: ignore[attr-defined]
                return
        self.app_state = {"connection": self}
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            super().connection_lost(exc)


def peer_uid(sock: Any) -> int:
    """The user id of the process at the other end of a Unix socket."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(raw)[1]
    return uid
