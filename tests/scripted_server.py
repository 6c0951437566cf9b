"""A strict HTTP server for tests: it answers by a script and refuses whatever the script does not expect.

A script is a list of steps. Each request must be the one that the next step expects, in order; anything else is
answered with 599 and noted as a failure, and so is a step that was never reached. The server speaks over TCP, TLS
or a Unix socket, and can misbehave: answer late, in drops, half, not at all, or break the connection.

In Python::

    with ScriptedServer([Step("GET /a", body=b"{}")]) as server:
        ...  # server.url, server.requests

For the tests of the core it is a program: the script comes as JSON in the first argument, the port goes to the
first line of its output, and when its input ends it writes a report and exits with 1 if anything was unexpected.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
from typing import Any

_END = b"\r\n"
_DRAIN_SECONDS = 2.0


@dataclasses.dataclass
class Step:
    """One expected request and what happens then.

    Args:
        expect: Verb and target, for example ``"GET /a?x=1"``; ``"*"`` expects anything.
        status: Status of the answer.
        reason: Its phrase.
        headers: Headers of the answer, in addition to the length; ``{port}`` in a value becomes the server's port.
        body: Content of the answer.
        size: Length of a made-up content, instead of ``body``.
        delay: Seconds before the answer.
        trickle: Bytes a piece and seconds between pieces of the content.
        chunked: Whether the content is sent chunked.
        truncate: Number of bytes of content after which the connection ends.
        reset: ``"accept"`` (before anything is read), ``"request"`` (after the request was read) or ``"head"``
            (after the head of the answer): the connection is reset there.
        silent: Seconds without any answer, then the connection ends.
        last: Whether the server stops listening and ends the connection without an answer.
        close: Whether the connection ends after the answer.
        early: Whether the answer comes before the content of the request is read; the connection then ends.
        raw: Bytes sent instead of an answer; the connection then ends.
        expect_body: What the content of the request must be.
        expect_headers: Headers that the request must have; a value of None means that it must not have it.
        times: How many requests in a row this step is for.
    """

    expect: str = "*"
    status: int = 200
    reason: str = "OK"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    size: int | None = None
    delay: float = 0.0
    trickle: tuple[int, float] | None = None
    chunked: bool = False
    truncate: int | None = None
    reset: str | None = None
    silent: float | None = None
    last: bool = False
    close: bool = False
    early: bool = False
    raw: bytes | None = None
    expect_body: bytes | None = None
    expect_headers: dict[str, str | None] = dataclasses.field(default_factory=dict)
    times: int = 1


@dataclasses.dataclass
class Request:
    """A request as it was received."""

    verb: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    at: float


class _Gone(Exception):
    """The peer left."""


class ScriptedServer:
    """The server. It runs in threads of its own from ``start()`` to ``stop()``.

    Args:
        steps: The script.
        tls: Context that makes the connections TLS.
        unix_socket: Path to listen at instead of a port.
        ordered: Whether requests must come in the order of the steps; otherwise each may use any step left.
        accept: Whether connections are accepted at all; otherwise they stay in the backlog.
        complete: Whether every step must be reached.
    """

    def __init__(
        self,
        steps: list[Step],
        *,
        tls: ssl.SSLContext | None = None,
        unix_socket: str | None = None,
        ordered: bool = True,
        accept: bool = True,
        complete: bool = True,
    ) -> None:
        self.requests: list[Request] = []
        self.failures: list[str] = []
        self.connections = 0
        self._steps = [step for step in steps for _ in range(step.times)]
        self._tls = tls
        self._ordered = ordered
        self._accept = accept
        self._complete = complete
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._acceptor: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake, self._waker = socket.socketpair()
        if unix_socket is None:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.port = self._listener.getsockname()[1]
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(unix_socket)
            self._listener.listen(64)
            self.port = 0

    @property
    def url(self) -> str:
        """Address of the server."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://localhost:{self.port}" if self.port else "http://localhost"

    def start(self) -> ScriptedServer:
        """Begins to accept connections."""
        if self._accept:
            self._listener.setblocking(False)
            self._acceptor = threading.Thread(target=self._serve, daemon=True)
            self._acceptor.start()
        return self

    def stop(self) -> None:
        """Ends every connection, after everything that has arrived was read.

        A client may have left long ago: what it sent still counts, whether it was expected or not. So connections
        that wait to be accepted are accepted, and those that are open take no new bytes but give out the old ones.
        """
        self._stopping.set()
        self._waker.close()
        if self._acceptor is not None:
            self._acceptor.join()
        self._listener.close()
        self._shut(socket.SHUT_RD)
        deadline = time.monotonic() + _DRAIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._shut(socket.SHUT_RDWR)
        self._wake.close()

    def _shut(self, how: int) -> None:
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    # Not the method of a TLS connection, which would forget how to decrypt.
                    socket.socket.shutdown(connection, how)

    def check(self) -> None:
        """Raises AssertionError for a request that was not expected and for a step that was not reached."""
        left = [step.expect for step in self._steps]
        assert not self.failures, "; ".join(self.failures)
        assert not (left and self._complete), f"never requested: {', '.join(left)}"

    def __enter__(self) -> ScriptedServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if kind is None:
            self.check()

    # --- connections ---------------------------------------------------------------------------------------

    def _serve(self) -> None:
        last = False
        while not last:
            ready, _, _ = select.select([self._listener, self._wake], [], [])
            last = self._wake in ready
            with contextlib.suppress(OSError):  # until nobody waits
                while True:
                    connection, _ = self._listener.accept()
                    connection.setblocking(True)
                    with self._lock:
                        self.connections += 1
                        number = self.connections
                        self._open.add(connection)
                    thread = threading.Thread(
                        target=self._run, args=(connection, number), daemon=True
                    )
                    self._threads.append(thread)
                    thread.start()

    def _run(self, plain: socket.socket, number: int) -> None:
        connection = plain
        with self._lock:
            first = self._steps[0] if self._steps and self._ordered else None
        if first is not None and first.reset == "accept":
            with self._lock:
                self._steps.pop(0)
                self._open.discard(plain)
            self._reset(connection)
            return
        try:
            if self._tls is not None:
                connection = self._secured(plain)
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = connection.makefile("rb")
            while self._exchange(connection, reader, number):
                pass
        except (OSError, ValueError, _Gone):
            pass
        finally:
            with self._lock:
                self._open -= {plain, connection}
            connection.close()

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None
        connection = self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.discard(plain)
            self._open.add(connection)
        try:
            connection.do_handshake()
        except OSError:
            connection.close()
            raise
        return connection

    @staticmethod
    def _reset(connection: socket.socket) -> None:
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # detach() so that TLS says no good-bye first.
        os.close(connection.detach())

    def _take(self, verb: str, target: str) -> Step | None:
        with self._lock:
            for i, step in enumerate(self._steps):
                if step.expect in ("*", f"{verb} {target}"):
                    return self._steps.pop(i)
                if self._ordered:
                    break
            expected = self._steps[0].expect if self._steps else "nothing more"
            self.failures.append(f"got {verb} {target}, expected {expected}")
        return None

    def _exchange(self, connection: socket.socket, reader: Any, number: int) -> bool:
        line = reader.readline(65536)
        if not line:
            return False
        verb, target, _ = line.decode("latin-1").split(" ", 2)
        headers = _read_headers(reader)
        at = time.monotonic()
        step = self._take(verb, target)
        early = step is not None and step.early
        body = b"" if early else _read_body(reader, headers, connection)
        request = Request(verb, target, headers, body, number, at)
        with self._lock:
            self.requests.append(request)
            if step is not None:
                self.failures.extend(_differences(step, request))
        if step is None:
            _send_head(connection, 599, "Unexpected", {"Content-Length": "0"})
            return False
        return self._answer(connection, verb, step)

    def _answer(self, connection: socket.socket, verb: str, step: Step) -> bool:
        if step.delay:
            self._stopping.wait(step.delay)
        if step.silent is not None:
            self._stopping.wait(step.silent)
            return False
        if step.last:
            self._waker.close()
            if self._acceptor is not None:
                self._acceptor.join()
            self._listener.close()
            return False
        if step.reset == "request":
            self._reset(connection)
            raise _Gone
        if step.raw is not None:
            connection.sendall(step.raw)
            return False
        length = len(step.body) if step.size is None else step.size
        headers = {
            name: value.replace("{port}", str(self.port)) for name, value in step.headers.items()
        }
        if step.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif step.status not in (204, 304):
            headers.setdefault("Content-Length", str(length))
        _send_head(connection, step.status, step.reason, headers)
        if step.reset == "head":
            self._reset(connection)
            raise _Gone
        if verb != "HEAD" and step.status not in (204, 304):
            self._send_body(connection, step, length)
        return not (step.close or step.early or step.truncate is not None)

    def _send_body(self, connection: socket.socket, step: Step, length: int) -> None:
        limit = length if step.truncate is None else min(length, step.truncate)
        piece, pause = step.trickle or (65536, 0.0)
        filler = bytes(range(256)) * (piece // 256 + 1)
        sent = 0
        while sent < limit and not self._stopping.is_set():
            count = min(piece, limit - sent)
            if step.size is None:
                data = step.body[sent : sent + count]
            else:
                start = sent % 256
                data = filler[start : start + count]
                data += filler[: count - len(data)]
            connection.sendall(b"%x\r\n%s\r\n" % (count, data) if step.chunked else data)
            sent += count
            if pause:
                self._stopping.wait(pause)
        if step.chunked and step.truncate is None:
            connection.sendall(b"0\r\n\r\n")


def _read_headers(reader: Any) -> dict[str, str]:
    headers: dict[str, str] = {}
    while True:
        line = reader.readline(65536)
        if not line:
            raise _Gone
        if line in (b"\r\n", b"\n"):
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()


def _read_exactly(reader: Any, count: int) -> bytes:
    data = reader.read(count)
    if len(data) < count:
        raise _Gone
    return data


def _read_body(reader: Any, headers: dict[str, str], connection: socket.socket) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while True:
            count = int(reader.readline(), 16)
            parts.append(_read_exactly(reader, count))
            reader.readline()
            if count == 0:
                return b"".join(parts)
    return _read_exactly(reader, int(headers.get("content-length", "0")))


def _differences(step: Step, request: Request) -> list[str]:
    found = []
    if step.expect_body is not None and request.body != step.expect_body:
        found.append(f"{request.verb} {request.target} had the body {request.body[:200]!r}")
    for name, value in step.expect_headers.items():
        if request.headers.get(name.lower()) != value:
            found.append(
                f"{request.verb} {request.target}: {name} is {request.headers.get(name.lower())!r}"
            )
    return found


def _send_head(
    connection: socket.socket, status: int, reason: str, headers: dict[str, str]
) -> None:
    lines = [f"HTTP/1.1 {status} {reason}".encode("latin-1")]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers.items()]
    connection.sendall(_END.join([*lines, b"", b""]))


def tls_context(certificate: str, client_authority: str | None = None) -> ssl.SSLContext:
    """The context of a server with a PEM file of certificate and key; a client authority makes it ask for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority)
    return context


def _step_of(row: dict[str, Any]) -> Step:
    for key in ("body", "raw", "expect_body"):
        if key in row:
            row[key] = row[key].encode("latin-1")
    return Step(**row)


def main() -> int:
    """Runs a script given as JSON until the input ends: ``{"steps": […], "tls": PEM, "unix_socket": path, …}``."""
    script = json.loads(sys.argv[1])
    steps = [_step_of(row) for row in script.pop("steps")]
    certificate = script.pop("tls", None)
    authority = script.pop("client_authority", None)
    tls = None if certificate is None else tls_context(certificate, authority)
    server = ScriptedServer(steps, tls=tls, **script).start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()
    report = [f"connections {server.connections}", f"requests {len(server.requests)}"]
    report += [
        f"{r.verb} {r.target} {r.connection} {len(r.body)} {r.at:.3f}" for r in server.requests
    ]
    sys.stdout.write("\n".join(report) + "\n")
    try:
        server.check()
    except AssertionError as problem:
        sys.stderr.write(f"scripted server: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
