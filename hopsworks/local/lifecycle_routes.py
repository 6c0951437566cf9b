"""Routes about the server itself, over the Unix socket only: version, status, lease, stop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

from hopsworks.local.app import Server, inline
from hopsworks.local.http import Request, StreamResponse
from hopsworks.local.lifecycle import PROTOCOL, _version

_STARTED = time.monotonic()


@inline
def version(request: Request, server: Server) -> dict[str, Any]:
    """The handshake. A server whose data folder was deleted says so and ends."""
    gone = server.folder_lock is not None and not server.folder_lock.is_current()
    if gone:
        server.stop_requested.set()
    return {
        "gone": gone,
        "version": _version(),
        "protocol": PROTOCOL,
        "pid": os.getpid(),
        "data": str(server.data_dir),
    }


@inline
def status(request: Request, server: Server) -> dict[str, Any]:
    """What ``hopsworks local status`` shows."""
    return {
        **version(request, server),
        "uptimeSeconds": round(time.monotonic() - _STARTED, 1),
        "memoryBytes": resident_bytes(),
        "socket": str(server.socket_path),
        "projects": [p.name for p in server.all_projects()],
        "busy": server.keeps_alive(),
        "clients": server.leases,
    }


async def lease(request: Request, server: Server) -> StreamResponse:
    """A response that lasts as long as the client lives; it keeps the server from an idle exit."""
    await request.read()

    async def hold() -> AsyncIterator[bytes]:
        server.leases += 1
        try:
            yield b"held\n"
            # The next event of a complete request is the end of its connection.
            receiver = asyncio.ensure_future(request._receive())
            stopper = asyncio.ensure_future(server.stop_requested.wait())
            await asyncio.wait((receiver, stopper), return_when=asyncio.FIRST_COMPLETED)
            receiver.cancel()
            stopper.cancel()
        finally:
            server.leases -= 1

    return StreamResponse(hold())


@inline
def stop(request: Request, server: Server) -> dict[str, Any]:
    """End the process after this answer."""
    if request.flag("only_if_idle") and (server.keeps_alive() or server.leases):
        return {"stopping": False, "pid": os.getpid()}
    assert server.loop is not None
    server.loop.call_later(0.02, server.stop_requested.set)
    return {"stopping": True, "pid": os.getpid()}


def resident_bytes() -> int:
    """The resident memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


ROUTES = [
    ("GET", "/hopsworks-local/version", version),
    ("GET", "/hopsworks-local/status", status),
    ("GET", "/hopsworks-local/lease", lease),
    ("POST", "/hopsworks-local/stop", stop),
]
