"""The client's side of the server's life: find it, start it, stop it, ask how it is.

Standard library only and quick: a running server is found in about a millisecond. A server is
started as a process of its own, in its own session, with a minimal environment and its output in
``server.log`` of the data folder; it outlives the client and ends by itself when it is idle.

Example:
    >>> from hopsworks.local import lifecycle
    >>> address = lifecycle.ensure_running("/tmp/example")       # doctest: +SKIP
    >>> address.socket                                           # doctest: +SKIP
    '/tmp/hopsworks-1000/5d41402abc4b2a76/api.sock'
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hopsworks.local import lock
from hopsworks.local.address import LOG_FILE, SOCKET_FILE, data_folder, socket_folder

# Raised when client and server of different releases could misunderstand each other.
PROTOCOL = 1

START_TIMEOUT = 30.0
NEEDED = ("uvicorn", "duckdb", "deltalake", "pyarrow")
# A longer log is put aside at the next start.
LOG_BYTES = 10 * 1024 * 1024


class LocalServerError(ConnectionError):
    """The local server cannot be reached, started or stopped; the text says what to do."""


class Address:
    """Where a running server is.

    Attributes:
        socket: path of the Unix socket.
        api_key: the data folder's API key; not shown by ``repr``.
        data: the data folder.
        pid: the server's process id.
        version: the server's release.

    The object holds a lease: as long as it (or the process) lives, the server does not end for
    being idle. ``release`` gives it back.
    """

    __slots__ = ("_lease", "api_key", "data", "pid", "socket", "version")

    def __init__(self, path: str, data: Path, about: dict[str, Any]) -> None:
        self.socket = path
        self.data = data
        self.pid: int = about["pid"]
        self.version: str = about["version"]
        self.api_key = _read_key(data)
        self._lease: socket.socket | None = None

    def __repr__(self) -> str:
        return f"Address(socket={self.socket!r}, data={str(self.data)!r}, pid={self.pid})"

    def __reduce__(self) -> Any:
        raise TypeError("An address holds an API key and is not pickled; find the server again.")

    def hold(self) -> None:
        """Take the lease; done by ``ensure_running``."""
        if self._lease is None:
            connection = _connect(self.socket, 5.0)
            connection.sendall(_request("GET", "/hopsworks-local/lease"))
            connection.settimeout(None)
            self._lease = connection

    def release(self) -> None:
        """Give the lease back, so that the server may end when it is idle."""
        if self._lease is not None:
            self._lease.close()
            self._lease = None


def ensure_running(data: str | os.PathLike[str] | None = None, *, lease: bool = True) -> Address:
    """The address of the data folder's server, which is started when it does not run.

    Args:
        data: the data folder; default HOPSWORKS_LOCAL_DATA, else the user's data home.
        lease: keep the server from an idle exit while the returned object lives.

    Raises:
        LocalServerError: the server does not start, or another release of it runs and is in use.
        ModuleNotFoundError: a package of the server is missing; the text names the extra.
        hopsworks.local.lock.DataFolderError: the folder cannot be used.
    """
    folder = data_folder(data)
    address = find(folder)
    if address is None:
        address = _start(folder)
    elif address.version != _version():
        if not stop(folder, only_if_idle=True):
            raise LocalServerError(
                f"The local server of {folder} (process {address.pid}) is release"
                f" {address.version}, this client is {_version()}, and it runs deployments or jobs."
                f" Stop it with 'hopsworks local stop --data {folder}'."
            )
        address = _start(folder)
    if lease:
        address.hold()
    return address


def find(data: str | os.PathLike[str] | None = None) -> Address | None:
    """The address of a running server, or None; starts nothing."""
    folder = data_folder(data)
    path = str(socket_folder(folder) / SOCKET_FILE)
    deadline = time.monotonic() + 5.0
    try:
        while True:
            try:
                about = _call(path, "GET", "/hopsworks-local/version", timeout=10.0)
                break
            except (ConnectionResetError, BrokenPipeError):
                # It is just ending; soon its socket is gone.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise LocalServerError(
            f"The local server of {folder} does not answer ({error}). Look at {folder / LOG_FILE},"
            f" or stop it with 'hopsworks local stop --data {folder}'."
        ) from error
    if about.get("gone"):
        # Its data folder was deleted under it, and it is ending.
        deadline = time.monotonic() + 15.0
        while _lives(about["pid"]) and time.monotonic() < deadline:
            time.sleep(0.01)
        return None
    return Address(path, folder, about)


def status(data: str | os.PathLike[str] | None = None) -> dict[str, Any] | None:
    """What a running server says of itself (pid, version, data, uptime, ...), or None."""
    address = find(data)
    return None if address is None else _call(address.socket, "GET", "/hopsworks-local/status")


def ask(data: str | os.PathLike[str] | None, verb: str, target: str) -> dict[str, Any]:
    """One request about the server itself; starts it when it does not run.

    Raises:
        LocalServerError: the server refuses; the message is its reason.
    """
    return _call(ensure_running(data, lease=False).socket, verb, target)


def stop(
    data: str | os.PathLike[str] | None = None, *, only_if_idle: bool = False, timeout: float = 30.0
) -> bool:
    """Stop the server of a data folder and wait until it has ended.

    Args:
        data: the data folder.
        only_if_idle: leave it running when deployments or jobs live in it.
        timeout: seconds to wait before it is killed; what it acknowledged is on the disk.

    Returns:
        True when no server runs any more, False when it was left running.
    """
    folder = data_folder(data)
    path = str(socket_folder(folder) / SOCKET_FILE)
    process = lock.holder(folder)
    try:
        answer = _call(
            path, "POST", f"/hopsworks-local/stop?only_if_idle={only_if_idle}", timeout=10.0
        )
        if not answer.get("stopping"):
            return False
        process = answer["pid"]
    except OSError:
        if process is None:
            return True
        # It holds the lock but does not answer: ask by signal.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, 15)
    deadline = time.monotonic() + timeout
    killed = False
    while lock.holder(folder) is not None or (process is not None and _lives(process)):
        if time.monotonic() > deadline:
            if killed or process is None:
                raise LocalServerError(f"The local server (process {process}) does not end.")
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
            killed, deadline = True, time.monotonic() + 5.0
        time.sleep(0.02)
    return True


def reset(data: str | os.PathLike[str] | None = None) -> Path:
    """Stop the server and delete everything in its data folder; returns the folder.

    A folder that holds files but no data of a local server is refused.
    """
    folder = data_folder(data)
    stop(folder)
    if folder.exists():
        names = set(os.listdir(folder))
        ours = {"lock", "start.lock", LOG_FILE}
        if "metadata.sqlite" not in names and not names <= ours:
            raise lock.DataFolderError(
                f"{folder} holds no data of a local server, so nothing was deleted. Name the right"
                " folder with --data."
            )
        shutil.rmtree(folder)
    shutil.rmtree(socket_folder(folder), ignore_errors=True)
    return folder


def _lives(process: int) -> bool:
    """Whether a process still runs; one that has ended and waits to be collected does not."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _start(folder: Path) -> Address:
    """Start the server; of several clients one starts it and the others wait for that one."""
    _require_packages()
    lock.prepare(folder)
    descriptor = os.open(folder / "start.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        address = find(folder)
        if address is None:
            _await_end(folder)
            _spawn(folder)
            address = find(folder)
        if address is None:
            raise LocalServerError(
                f"The local server ended right after its start. Look at {folder / LOG_FILE}."
            )
        return address
    finally:
        os.close(descriptor)


def _require_packages() -> None:
    """Raise unless what the server is built from is installed."""
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ModuleNotFoundError(
            f"The embedded server needs packages that are not installed ({', '.join(missing)}):"
            " pip install 'hopsworks[local]'.",
            name=missing[0],
        )


def _await_end(folder: Path) -> None:
    """Wait for a server that takes no more connections but has not ended yet."""
    deadline = time.monotonic() + START_TIMEOUT
    while lock.holder(folder) is not None and time.monotonic() < deadline:
        time.sleep(0.01)


def _spawn(folder: Path) -> None:
    """Run the server process and wait for its word that it listens."""
    ready, report = os.pipe()
    with contextlib.suppress(FileNotFoundError):
        if (folder / LOG_FILE).stat().st_size > LOG_BYTES:
            (folder / LOG_FILE).replace(folder / f"{LOG_FILE}.1")
    try:
        log = os.open(
            folder / LOG_FILE, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600
        )
        try:
            starter = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "hopsworks.local.server"),
                    *("--data", str(folder), "--detach", "--ready-fd", str(report)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                pass_fds=(report,),
                start_new_session=True,
            )
        finally:
            os.close(log)
    finally:
        os.close(report)
    try:
        answer = _read_report(ready, time.monotonic() + START_TIMEOUT)
    finally:
        os.close(ready)
        # The starter detaches the server and ends at once.
        with contextlib.suppress(subprocess.TimeoutExpired):
            starter.wait(5.0)
    if answer == "ready":
        return
    kind, _, text = answer.partition(":")
    if kind == "busy":
        raise lock.DataFolderBusyError(text)
    if kind == "folder":
        raise lock.DataFolderError(text)
    detail = text.strip() or "it ended without a word"
    raise LocalServerError(
        f"The local server did not start: {detail}. Look at {folder / LOG_FILE}."
    )


def _read_report(descriptor: int, deadline: float) -> str:
    import select

    collected = b""
    while not collected.endswith(b"\n"):
        wait = deadline - time.monotonic()
        if wait <= 0 or not select.select([descriptor], [], [], wait)[0]:
            return f"error:no answer within {START_TIMEOUT:.0f} s"
        piece = os.read(descriptor, 4096)
        if not piece:
            break
        collected += piece
    return collected.decode("utf-8", "replace").strip()


def _environment() -> dict[str, str]:
    """The server's environment: where Python and its packages are, and the user's home; no more.

    Keys of a cluster, proxies and settings of the client's program stay out.
    """
    kept = ("HOME", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    for name in (
        "XDG_RUNTIME_DIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "COVERAGE_PROCESS_START",
    ):
        if name in os.environ:
            environment[name] = os.environ[name]
    root = str(Path(__file__).resolve().parents[2])
    paths = [root] + [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    # Freed memory can go back to the system: few malloc arenas, and Arrow's buffers among them.
    environment["MALLOC_ARENA_MAX"] = "2"
    environment["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    return environment


def _version() -> str:
    return f"5.2.1+{PROTOCOL}"


def _read_key(data: Path) -> str:
    try:
        return (data / "api.key").read_text().strip()
    except OSError:
        return ""


def _connect(path: str, timeout: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _request(verb: str, target: str) -> bytes:
    length = "content-length: 0\r\n" if verb == "POST" else ""
    return f"{verb} {target} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n".encode()


def _call(path: str, verb: str, target: str, timeout: float = 5.0) -> dict[str, Any]:
    """One small request over the socket, without http.client, whose import alone takes longer."""
    with _connect(path, timeout) as connection:
        connection.sendall(_request(verb, target))
        received = b""
        while b"\r\n\r\n" not in received:
            received += _receive(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += _receive(connection)
    answer: dict[str, Any] = json.loads(body)
    if head.split(b" ", 2)[1] != b"200":
        raise LocalServerError(answer.get("usrMsg") or answer.get("errorMsg"))
    return answer


def _receive(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionResetError("the server closed the connection")
    return piece
