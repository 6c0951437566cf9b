"""A relay in front of the local server: it notes each request, and can answer in the server's place or lose answers."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import os
import socket
import socketserver
import tempfile
import threading
import time
import types
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from hopsworks import _native
from hopsworks.session import ProjectSession

BASE = "/hopsworks-api/api/"


class Fault:
    """What the relay does with a request instead of passing it on.

    Args:
        status: Status of the answer; None loses the answer.
        code: Service error code of the answer.
        reaches: Whether the server gets the request all the same.
        times: How many matching requests it applies to.
        delay: Seconds before anything is done.
    """

    def __init__(
        self,
        status: int | None,
        code: int = 0,
        *,
        reaches: bool = False,
        times: int = 1,
        delay: float = 0.0,
    ) -> None:
        self.status = status
        self.code = code
        self.reaches = reaches
        self.times = times
        self.delay = delay
        self.met = threading.Event()


class _Upstream(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    relay: Relay

    def log_message(self, *args: object) -> None:
        return

    def address_string(self) -> str:
        return "unix"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(self.path.removeprefix(BASE))
        relay = self.server.relay
        relay.requests.append((self.command, path))
        fault = relay.fault_for(self.command, path)
        if fault is not None:
            fault.met.set()
            time.sleep(fault.delay)
        if fault is None or fault.reaches:
            upstream = _Upstream(relay.target)
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in ("connection", "host")
            }
            upstream.request(self.command, self.path, body, {**headers, "Host": "localhost"})
            answer = upstream.getresponse()
            content, status, kind = answer.read(), answer.status, answer.headers.get("Content-Type")
            extra = {
                k: v
                for k, v in answer.headers.items()
                if k.lower() in ("content-range", "accept-ranges", "etag")
            }
            upstream.close()
        if fault is not None:
            if fault.status is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, kind, extra = fault.status, "application/json", {}
            content = json.dumps(
                {"errorCode": fault.code, "errorMsg": "made to fail", "usrMsg": ""}
            ).encode()
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = _pass


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return


class Relay:
    """The relay; ``requests`` holds verb and decoded path (with query) of all it saw."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.requests: list[tuple[str, str]] = []
        self._faults: list[tuple[Callable[[str, str], bool], Fault]] = []
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self._folder.name, "relay.sock")
        self._server = _Server(self.socket, _Handler)
        self._server.relay = self
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def fail(self, verb: str, part: str, fault: Fault) -> None:
        """Apply a fault to requests of a verb whose path holds a text."""
        self._faults.append((lambda v, p: v == verb and part in p, fault))

    def heal(self) -> None:
        """End every fault."""
        self._faults.clear()

    def fault_for(self, verb: str, path: str) -> Fault | None:
        with self._lock:
            for matches, fault in self._faults:
                if fault.times and matches(verb, path):
                    fault.times -= 1
                    return fault
        return None

    def sent(self, verb: str | None = None) -> list[str]:
        """Paths of the requests, of one verb or of all."""
        return [path for v, path in self.requests if verb is None or v == verb]

    def session(self, project_id: int, project_name: str) -> ProjectSession:
        """A session of a project through the relay."""
        client = _native.Client("http://localhost", unix_socket=self.socket)
        connection = types.SimpleNamespace(
            _variables={}, host="local", port=443, is_local=True, client=client
        )
        return ProjectSession(connection, client, project_id, project_name)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()


@contextlib.contextmanager
def relay_to(target: str) -> Iterator[Relay]:
    """A relay for the time of a block."""
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.close()
