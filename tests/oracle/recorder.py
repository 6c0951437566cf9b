"""TLS servers that write every request down: one that passes requests on to the embedded server unchanged, and the
base of one that answers by itself (``stand_in.py``).

A client's script marks the step that it begins by a request to ``/recorder/step/<name>``, which stays here.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Mapping
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

PASSED_ON = ("authorization", "content-type", "accept", "x-api-key", "range", "if-range")
PASSED_BACK = ("content-type", "content-range", "accept-ranges", "retry-after")


class Answer(NamedTuple):
    """What goes back to a client, and whether the request is kept among those seen."""

    status: int
    payload: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    kept: bool = True


def problem(status: int, code: int, message: str) -> Answer:
    """Return an error in the protocol's form."""
    body = {"errorCode": code, "errorMsg": message, "usrMsg": ""}
    return Answer(status, json.dumps(body).encode())


class RecordingServer:
    """Listens with TLS and keeps what it is asked; subclasses answer.

    Parameters:
        certificate, key: PEM files that clients are shown.
        address: The loopback address to listen on.

    Attributes:
        port: Where clients connect.
        requests: What has been seen, oldest first.
    """

    def __init__(self, certificate: Path, key: Path, address: str):
        self.requests: list[dict[str, Any]] = []
        self.step = "start"
        self._lock = threading.Lock()
        listener = self

        class Handler(_Handler):
            server_of_requests = listener

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what a client gets for a request."""
        raise NotImplementedError

    def respond(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request and keep it."""
        url = urlsplit(target)
        if url.path.startswith("/recorder/step/"):
            self.step = unquote(url.path.rsplit("/", 1)[1])
            return Answer(204)
        with self._lock:
            step = self.step
        answer = self.answer(verb, target, headers, body)
        entry = {
            "step": step,
            "method": verb,
            "path": url.path,
            "query": parse_qs(url.query, keep_blank_values=True),
            "type": headers.get("Content-Type", "").partition(";")[0] if body else "",
            "body": readable(headers.get("Content-Type", ""), body),
            "status": answer.status,
        }
        if answer.kept:
            with self._lock:
                self.requests.append(entry)
        return answer

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def begin(self) -> None:
        """Forget what has been seen."""
        with self._lock:
            self.requests = []
            self.step = "start"


class Recorder(RecordingServer):
    """Passes requests on.

    Parameters:
        upstream: Host and port of the embedded server.
        upstream_ca: PEM file that the embedded server's certificate is checked with.
        certificate, key: PEM files that this proxy shows to clients.
        address: The loopback address to listen on.
        hidden: Names of variables that are answered as unknown, so that a client takes a cluster's path.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        upstream_ca: Path,
        certificate: Path,
        key: Path,
        address: str = "127.0.0.1",
        hidden: frozenset[str] = frozenset(),
    ):
        self.upstream = upstream
        self.upstream_trust = ssl.create_default_context(cafile=str(upstream_ca))
        self.hidden = hidden
        super().__init__(certificate, key, address)

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what the embedded server answers."""
        path = urlsplit(target).path
        if path.rsplit("/", 1)[-1] in self.hidden and "/variables/" in path:
            return problem(404, 100050, "Variable not found.")._replace(kept=False)
        connection = http.client.HTTPSConnection(*self.upstream, context=self.upstream_trust)
        passed = {name: headers[name] for name in PASSED_ON if name in headers}
        passed["Content-Length"] = str(len(body))
        connection.request(verb, target, body, passed)
        answer = connection.getresponse()
        payload = answer.read()
        kept = tuple(
            (name, value) for name, value in answer.getheaders() if name.lower() in PASSED_BACK
        )
        connection.close()
        return Answer(answer.status, payload, kept)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_requests: RecordingServer

    def log_message(self, *arguments: Any) -> None:
        """Say nothing on standard error."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _respond(self) -> None:
        server = self.server_of_requests
        answer = server.respond(self.command, self.path, self.headers, self._body())
        bare = answer.status in (204, 304)
        self.send_response(answer.status)
        for name, value in () if bare else answer.headers:
            self.send_header(name, value)
        if not bare:
            self.send_header("Content-Length", str(len(answer.payload)))
        self.end_headers()
        if self.command != "HEAD" and not bare:
            self.wfile.write(answer.payload)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _respond


def readable(content_type: str, body: bytes) -> Any:
    """Return a body as JSON where it is JSON, a form as its fields, text as it is, anything else as its size."""
    if not body:
        return None
    if content_type.startswith("multipart/form-data"):
        message = BytesParser().parsebytes(
            b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
        )
        fields: dict[str, Any] = {}
        for part in message.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            is_file = part.get_param("filename", header="content-disposition") is not None
            fields[name] = {"bytes": len(content)} if is_file else content.decode().strip()
        return {"form": fields}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return {"form": dict(parse_qsl(body.decode(), keep_blank_values=True))}
    try:
        return {"json": json.loads(body)}
    except ValueError:
        pass
    try:
        return {"text": body.decode()}
    except ValueError:
        return {"bytes": len(body)}
