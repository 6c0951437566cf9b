"""A lakeFS server for tests: strict about every request, in memory, and able to misbehave.

It knows the endpoints of the API with their query and body keys. Whatever else comes is answered with 599 and noted in
``failures``; leaving ``with`` raises for them. A :class:`Fault` answers a request in place of the server: with another
status, late, cut short, or not at all.

In Python::

    with LakeFSServer() as server:
        server.repository("lake")
        server.fault("GET /repositories/lake", status=503, headers={"Retry-After": "0"})
        ...  # server.url, server.requests
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lakefs_endpoints import ROWS, Answer, Request, Row
from lakefs_object_endpoints import ObjectStore  # which adds rows
from lakefs_store import Entry, Refused, Repository

API = "/api/v1"
KEY_ID, SECRET, TOKEN = "AKIAIOSFOLQUICKSTART", "wJalrXUtnFEMI/secret", "token-1"


@dataclasses.dataclass
class Fault:
    """What is done with the next requests like ``expect`` (a verb and the beginning of a path).

    Attributes:
        status: Answer with this; 0 leaves the answer to the server.
        body: Content of that answer.
        headers: More headers.
        delay: Seconds before the answer.
        truncate: Bytes of the content that are sent before the connection breaks.
        drop: Whether the connection breaks instead of an answer.
        after: Whether the request is carried out all the same.
        times: How many requests.
    """

    expect: str
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    delay: float = 0.0
    truncate: int | None = None
    drop: bool = False
    after: bool = False
    times: int = 1


class LakeFSServer:
    """The server; it runs in threads of its own inside ``with``.

    Args:
        storages: Stores by id; the one of ``""`` is the server's only one.
        address: Where to listen.
    """

    def __init__(
        self, storages: dict[str, dict[str, Any]] | None = None, address: str = "127.0.0.1"
    ) -> None:
        self.repositories: dict[str, Repository] = {}
        self.requests: list[Request] = []
        self.failures: list[str] = []
        self.faults: list[Fault] = []
        self.storages = storages if storages is not None else {"": {}}
        self.tokens = {TOKEN}
        self.logins: list[dict[str, Any]] = []
        self.import_polls = 1  # questions until an import is done
        self.store: ObjectStore | None = None  # takes and gives content by links
        self.lock = threading.RLock()
        self._open: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer((address, 0), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Address of the server, without the path of the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Keywords for a client."""
        return {"host": self.url, "username": KEY_ID, "password": SECRET}

    def repository(self, name: str = "lake", **objects: bytes) -> Repository:
        """A repository that is there from the start, with committed objects on main."""
        made = self.repositories[name] = Repository(name, f"mem://{name}", "main")
        if objects:
            self.put(name, "main", objects)
            made.commit("main", {"message": "first objects"})
        return made

    def put(self, repository: str, branch: str, objects: dict[str, bytes]) -> None:
        """Objects that are there from the start, not committed."""
        for path, content in objects.items():
            address = f"mem://{repository}/{path}"
            self.repositories[repository].stage(branch, path, Entry(content, address))

    def fault(self, expect: str, **how: Any) -> Fault:
        """Misbehave at the next requests like this."""
        made = Fault(expect, **how)
        self.faults.append(made)
        return made

    def said(self) -> list[str]:
        """What was asked, as "VERB /path"."""
        return [str(request) for request in self.requests]

    def check(self) -> None:
        """Raises for requests that the API does not know."""
        assert not self.failures, "; ".join(self.failures)

    def start(self) -> LakeFSServer:
        """Begins to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends every connection."""
        self._http.shutdown()
        self._http.server_close()
        with self.lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def __enter__(self) -> LakeFSServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if kind is None:
            self.check()

    # --- requests -----------------------------------------------------------------------------------------

    def take_fault(self, request: Request) -> Fault | None:
        """The fault for a request."""
        with self.lock:
            for fault in self.faults:
                if str(request).startswith(fault.expect):
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def answer(self, request: Request, raw_path: str) -> Answer:
        """The answer to a request; 599 for what the API does not know."""
        for row in ROWS:
            found = row.pattern.match(raw_path)
            if row.verb == request.verb and found:
                named = {k: urllib.parse.unquote(v) for k, v in found.groupdict().items()}
                problem = _problem(row, request)
                if problem:
                    break
                if row.secured and not self.known(request):
                    return Answer(401, {"message": "error authenticating request"})
                with self.lock:
                    try:
                        return row.handler(self, request, **named)
                    except Refused as no:
                        return Answer(no.status, {"message": no.message})
        else:
            problem = "is no endpoint"
        self.failures.append(f"{request.verb} {request.target}: {problem}")
        return Answer(599, {"message": problem})

    def known(self, request: Request) -> bool:
        """Whether the server knows who asks."""
        kind, _, proof = request.headers.get("authorization", "").partition(" ")
        pair = base64.b64encode(f"{KEY_ID}:{SECRET}".encode()).decode()
        return (kind == "Basic" and proof == pair) or (kind == "Bearer" and proof in self.tokens)

    def find(self, name: str) -> Repository:
        """A repository, or 404."""
        if name not in self.repositories:
            raise Refused(404, f"repository not found: {name}")
        return self.repositories[name]


def _problem(row: Row, request: Request) -> str:
    unknown = {key for key, _ in request.query} - set(row.query)
    if unknown:
        return f"unknown in the query: {', '.join(sorted(unknown))}"
    if row.raw:
        return ""
    if request.headers.get("x-lakefs-client") != "python-lakefs":
        return "no X-Lakefs-Client"
    if not row.needed and not row.optional:
        return "a body that was not expected" if request.body else ""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return f"the body is {request.headers.get('content-type')}"
    body = request.json
    missing = set(row.needed) - body.keys()
    extra = body.keys() - set(row.needed) - set(row.optional)
    nulls = [key for key, value in body.items() if value is None]
    return "; ".join(
        f"{what}: {', '.join(sorted(keys))}"
        for what, keys in (("missing", missing), ("unknown", extra), ("null", nulls))
        if keys
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: LakeFSServer

    def setup(self) -> None:
        super().setup()
        with self.owner.lock:
            self.owner._open.add(self.connection)

    def finish(self) -> None:
        with self.owner.lock:
            self.owner._open.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def _handle(self) -> None:
        raw_path, _, query = self.path.partition("?")
        inside = raw_path.startswith(f"{API}/")
        raw_path = raw_path.removeprefix(API) if inside else raw_path
        if self.headers.get("expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        request = Request(
            self.command,
            self.path,
            urllib.parse.unquote(raw_path),
            urllib.parse.parse_qsl(query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self._body(),
            self.client_address,
            time.monotonic(),
        )
        with self.owner.lock:
            self.owner.requests.append(request)
        fault = self.owner.take_fault(request)
        if fault is None:
            self._send(self.owner.answer(request, raw_path))
            return
        if fault.after:
            self.owner.answer(request, raw_path)
        time.sleep(fault.delay)
        if fault.drop:
            self.close_connection = True
            return
        if fault.status:
            self._send(Answer(fault.status, fault.body, fault.headers), fault.truncate)
        else:
            self._send(self.owner.answer(request, raw_path), fault.truncate)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle

    def _send(self, answer: Answer, truncate: int | None = None) -> None:
        content = answer.content
        if not isinstance(content, bytes):
            content = b"" if content is None else json.dumps(content).encode()
            answer.headers.setdefault("Content-Type", "application/json")
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", answer.headers.get("X-Length", str(len(content))))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (204, 304):
            self.wfile.write(content[:truncate])
        if truncate is not None:
            self.wfile.flush()
            self.close_connection = True
