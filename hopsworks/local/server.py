"""The server process: lock, sockets, event loop, orderly end.

``python -m hopsworks.local.server --data FOLDER`` is what ``lifecycle`` starts. Anything that
prevents the start goes to the client through ``--ready-fd`` as one line, and to the log.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hopsworks.local import lock
from hopsworks.local.address import (
    FLIGHT_SOCKET_FILE,
    SOCKET_FILE,
    data_folder,
    make_private,
    socket_folder,
)

logger = logging.getLogger(__name__)

IDLE_SECONDS = 900.0
KEEP_ALIVE_SECONDS = 300


class TlsListener:
    """Where and how ``hopsworks local serve`` listens beside the Unix socket."""

    def __init__(
        self,
        host: str,
        port: int,
        names: list[str],
        *,
        online_port: int | None = None,
        flight_port: int | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.names = names
        self.online_port = online_port
        self.flight_port = flight_port


def serve(
    data_dir: Path,
    *,
    tls: TlsListener | None = None,
    idle_seconds: float | None = IDLE_SECONDS,
    record: Path | None = None,
    on_ready: Any = None,
) -> None:
    """Serve a data folder until a stop request, SIGTERM, SIGINT or an idle exit.

    Args:
        data_dir: the data folder.
        tls: also listen on TCP with TLS and API keys.
        idle_seconds: end after that long without work; None for never.
        record: append each answered request to this file.
        on_ready: called with the ``app.Server`` once requests are answered.

    Raises:
        DataFolderError: the folder is in use or cannot be used.
    """
    lock.prepare(data_dir)
    held = lock.FolderLock.take(data_dir)
    try:
        os.umask(0o077)
        _run(_main(held, data_dir, tls, idle_seconds, record, on_ready))
    finally:
        held.release()


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _main(
    held: lock.FolderLock,
    data_dir: Path,
    tls: TlsListener | None,
    idle_seconds: float | None,
    record: Path | None,
    on_ready: Any,
) -> None:
    from uvicorn import Config
    from uvicorn.server import ServerState

    from hopsworks.local import rest
    from hopsworks.local.app import Server
    from hopsworks.local.protocol import LocalProtocol
    from hopsworks.local.recorder import Recorder

    sockets = socket_folder(data_dir)
    make_private(sockets)
    server = Server(data_dir, sockets / SOCKET_FILE, sockets / FLIGHT_SOCKET_FILE)
    server.folder_lock = held
    if record is not None:
        server.recorder = Recorder(record)
    config = Config(
        server,
        http=LocalProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()

    def connection() -> LocalProtocol:
        return LocalProtocol(config=config, server_state=state, app_state={}, _loop=loop)

    listeners: list[asyncio.AbstractServer] = []
    if tls is not None:
        listeners += await _listen_tls(server, tls, connection)
    # The lock is ours, so a socket file of an earlier server is stale.
    server.socket_path.unlink(missing_ok=True)
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unix.bind(str(server.socket_path))
    server.socket_path.chmod(0o600)
    await server.start()
    listeners.append(await loop.create_unix_server(connection, sock=unix, backlog=512))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop_requested.set)
    logger.info("serving %s (process %d)", data_dir, os.getpid())
    if on_ready is not None:
        on_ready(server)
    resting = loop.create_task(rest.watch(server))
    try:
        await _until_stopped(server, idle_seconds)
    finally:
        logger.info("stopping")
        resting.cancel()
        server.socket_path.unlink(missing_ok=True)
        for listener in listeners:
            listener.close()
        await _finish(state)
        await server.stop()


async def _listen_tls(server: Any, tls: TlsListener, connection: Any) -> list[Any]:
    from hopsworks.local.certificates import Authority
    from hopsworks.local.variables import SERVICE_DOMAIN

    # Clients know the query service by its name in the cluster's own domain.
    names = [*tls.names, f"flyingduck.service.{SERVICE_DOMAIN}"]
    server.tls = Authority.load(server.data_dir).server_material(names)
    server.tls_host, server.flight_port = tls.host, tls.flight_port
    server.public_host = tls.names[0]
    context = server.tls.context()
    first = await _bind(connection, tls.host, tls.port, context, "--port")
    server.public_port = first.sockets[0].getsockname()[1]
    listeners = [first]
    if tls.online_port is not None and tls.online_port != server.public_port:
        listeners.append(
            await _bind(connection, tls.host, tls.online_port, context, "--online-port")
        )
    return listeners


async def _bind(connection: Any, host: str, port: int, context: Any, option: str) -> Any:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(connection, host, port, ssl=context)
    except OSError as error:
        raise OSError(
            error.errno,
            f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); choose another"
            f" with --host or {option}",
        ) from error


async def _until_stopped(server: Any, idle_seconds: float | None) -> None:
    while True:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(
                server.stop_requested.wait(), 60.0 if idle_seconds is None else idle_seconds / 10
            )
            return
        if idle_seconds is not None and server.is_idle(idle_seconds):
            logger.info("idle for %.0f s", idle_seconds)
            return


async def _finish(state: Any) -> None:
    """Let requests that are being answered end, for at most five seconds."""
    for connection in list(state.connections):
        connection.shutdown()
    for _ in range(100):
        if not state.tasks:
            return
        await asyncio.sleep(0.05)
    for task in list(state.tasks):
        task.cancel()


def _detach() -> None:
    """Leave the starter, so that the server's end is not the client's to collect."""
    if os.fork():
        os._exit(0)


def main(arguments: list[str] | None = None) -> int:
    """The command that ``lifecycle`` runs."""
    parser = argparse.ArgumentParser(prog="python -m hopsworks.local.server")
    parser.add_argument("--data", required=True)
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS)
    given = parser.parse_args(arguments)
    if given.detach:
        _detach()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )

    def report(line: str) -> None:
        if given.ready_fd is not None:
            with contextlib.suppress(OSError):
                os.write(given.ready_fd, (line.replace("\n", " ") + "\n").encode())
                os.close(given.ready_fd)

    try:
        serve(
            data_folder(given.data),
            idle_seconds=given.idle_seconds or None,
            on_ready=lambda _server: report("ready"),
        )
    except lock.DataFolderError as error:
        logger.error("%s", error)
        kind = "busy" if isinstance(error, lock.DataFolderBusyError) else "folder"
        report(f"{kind}:{error}")
        return 1
    except Exception as error:
        logger.exception("the server failed")
        report(f"error:{type(error).__name__}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
