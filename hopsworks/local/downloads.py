"""Downloads: whole files and ranges, sent by the kernel where the transport allows it.

Over the Unix socket the file goes from the page cache to the socket by ``sendfile``, without passing
through this process. Over TLS, or with another HTTP parser, it is read in large pieces.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import hmac
import os
import re
import secrets
import select
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from hopsworks.local.app import Server
from hopsworks.local.errors import ApiError
from hopsworks.local.folders import Place, locate_existing
from hopsworks.local.http import Disconnected, Request, Response

READ_BYTES = 1024 * 1024
SENDFILE_BYTES = 8 * 1024 * 1024
# A client that takes no byte for this long is gone.
STALLED_SECONDS = 120
TOKEN_SECONDS = 300

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")

# Each download waits in a thread of its own, apart from the threads of the handlers.
_threads = ThreadPoolExecutor(16, "hopsworks-download")


class FileResponse(Response):
    """A part of a file, which is open and closed by ``send``."""

    __slots__ = ("descriptor", "offset", "size")

    def __init__(
        self,
        descriptor: int,
        offset: int,
        size: int,
        status: int,
        headers: tuple[tuple[bytes, bytes], ...],
    ) -> None:
        super().__init__(None, status, headers)
        self.descriptor = descriptor
        self.offset = offset
        self.size = size

    async def send(self, request: Request, send: Callable[[Any], Awaitable[None]]) -> None:
        try:
            headers = [(b"content-length", b"%d" % self.size), *self.headers]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            sock = request.connection.raw_socket() if request.method != "HEAD" else None
            if sock is None or not self.size:
                await self._send_pieces(send)
                return
            await request.connection.flushed()
            # A socket object of our own: the transport may close its one while the thread sends.
            try:
                target = socket.socket(fileno=os.dup(sock))
            except OSError:
                raise Disconnected from None
            with target:
                await self._send_in_thread(target, request, send)
            request.connection.body_sent(send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            os.close(self.descriptor)

    async def _send_in_thread(
        self, target: socket.socket, request: Request, send: Callable[[Any], Awaitable[None]]
    ) -> None:
        loop = asyncio.get_running_loop()
        sending = loop.run_in_executor(
            _threads, _send_file, target.fileno(), self.descriptor, self.offset, self.size
        )
        try:
            await asyncio.shield(sending)
        except (OSError, TimeoutError):
            request.connection.abandon(send)
            raise Disconnected from None
        except asyncio.CancelledError:
            # The server ends. The thread uses both descriptors, so it ends before they are closed.
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
            await asyncio.wait((sending,))
            raise

    async def _send_pieces(self, send: Callable[[Any], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        position, end = self.offset, self.offset + self.size
        while position < end:
            piece = await loop.run_in_executor(
                _threads, os.pread, self.descriptor, min(READ_BYTES, end - position), position
            )
            if not piece:
                # Cut short meanwhile; the client sees that bytes are missing.
                raise Disconnected
            position += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _send_file(target: int, source: int, offset: int, size: int) -> None:
    """Send a part of a file to a non-blocking socket; waits while the client takes nothing."""
    writable = select.poll()
    writable.register(target, select.POLLOUT)
    send: Callable[[int, int, int, int], int] = os.sendfile
    end = offset + size
    while offset < end:
        try:
            sent = send(target, source, offset, min(SENDFILE_BYTES, end - offset))
        except BlockingIOError:
            if not writable.poll(STALLED_SECONDS * 1000):
                raise TimeoutError from None
            continue
        except OSError as error:
            if send is _copy or error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
            # Some sandboxes have no sendfile for this kind of socket.
            send = _copy
            continue
        if sent == 0:
            raise OSError("the file became shorter")
        offset += sent


def _copy(target: int, source: int, offset: int, count: int) -> int:
    """``sendfile`` by hand."""
    return os.write(target, os.pread(source, min(READ_BYTES, count), offset))


def byte_range(text: str, size: int) -> tuple[int, int] | None:
    """Offset and size of a Range header's single range; None when it is to be ignored.

    Raises ApiError 416 when the range lies outside.
    """
    found = _RANGE.match(text.strip())
    if found is None or found.group() == "bytes=-":
        return None
    first, last = found.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise ApiError(
            416,
            110021,
            "Download failed.",
            f"The range {text!r} lies outside of the {size} bytes.",
            ((b"content-range", b"bytes */%d" % size),),
        )
    return start, end - start


def download(request: Request, server: Server) -> Response:
    """Send a file, or the range that was asked for."""
    return _send(request, _file(request, server))


def _file(request: Request, server: Server) -> Place:
    place, _ = locate_existing(server, server.project(request), request.params["path"])
    if place.file.is_dir():
        raise ApiError(
            400, 110021, "Download failed.", f"{place.absolute} is a folder; download its files."
        )
    return place


class Tokens:
    """Signs what a browser may download without an API key, for a short time."""

    def __init__(self, server: Server) -> None:
        self._secret = secrets.token_bytes(32)

    def _signature(self, request: Request, expiry: str) -> str:
        text = "\n".join((expiry, request.params["project_id"], request.params["path"]))
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def make(self, request: Request) -> str:
        """A token for the file that a request names."""
        expiry = str(int(time.time()) + TOKEN_SECONDS)
        return f"{expiry}.{self._signature(request, expiry)}"

    def check(self, request: Request) -> None:
        """Raise 401 unless a request has a token for the file that it names, in the same words."""
        expiry, _, signature = (request.query("token") or "").partition(".")
        known = hmac.compare_digest(signature.encode(), self._signature(request, expiry).encode())
        if not known or float(expiry) < time.time():
            raise ApiError(
                401,
                200003,
                "Not authenticated.",
                "The token is not one for this file, or has expired. Ask for another with GET dataset/download/token.",
            )


def token(request: Request, server: Server) -> dict[str, str]:
    """GET download/token: lets whoever has it download the file."""
    _file(request, server)
    return {"data": server.kept(Tokens).make(request)}


def download_with_token(request: Request, server: Server) -> Response:
    """GET download/with_token: without a key."""
    server.kept(Tokens).check(request)
    return _send(request, _file(request, server))


def _send(request: Request, place: Place) -> Response:
    descriptor = os.open(place.file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        tag = f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
        headers = (
            (b"content-type", b"application/octet-stream"),
            (
                b"content-disposition",
                f"attachment; filename*=UTF-8''{quote(place.parts[-1])};"
                f' filename="{quote(place.parts[-1])}"'.encode("latin-1"),
            ),
            (b"accept-ranges", b"bytes"),
            (b"etag", tag.encode()),
        )
        wanted = request.header(b"range").decode("latin-1")
        unless = request.header(b"if-range").decode("latin-1")
        part = byte_range(wanted, found.st_size) if wanted and unless in ("", tag) else None
        if part is None:
            return FileResponse(descriptor, 0, found.st_size, 200, headers)
        start, size = part
        described = f"bytes {start}-{start + size - 1}/{found.st_size}".encode()
        return FileResponse(descriptor, start, size, 206, (*headers, (b"content-range", described)))
    except BaseException:
        os.close(descriptor)
        raise


async def on_stop(server: Server) -> None:
    """Let the threads end with their downloads."""
    _threads.shutdown(wait=False, cancel_futures=True)


_BASE = "project/{project_id}/dataset/download"

ROUTES = [
    ("GET", _BASE + "/with_auth/{path*}", download),
    ("GET", _BASE + "/token/{path*}", token),
    ("GET", _BASE + "/with_token/{path*}", download_with_token),
]
