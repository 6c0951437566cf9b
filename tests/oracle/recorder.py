"""A TLS proxy between a client and the embedded server. It changes nothing and writes every request down.

A client's script marks the step that it begins by a request to ``/recorder/step/<name>``, which stays here.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PASSED_ON = ("authorization", "content-type", "accept", "x-api-key", "range", "if-range")


class Recorder:
    """Listens on a port of its own and passes requests on.

    Parameters:
        upstream: Host and port of the embedded server.
        upstream_ca: PEM file that the embedded server's certificate is checked with.
        certificate, key: PEM files that this proxy shows to clients.
        address: The loopback address to listen on.
        hidden: Names of variables that are answered as unknown, so that a client takes a cluster's path.

    Attributes:
        port: Where clients connect.
        requests: What has been seen, oldest first.
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
        self.requests: list[dict[str, Any]] = []
        self.step = "start"
        self._lock = threading.Lock()
        recorder = self

        class Handler(_Handler):
            proxy = recorder

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def begin(self) -> None:
        """Forget what has been seen."""
        with self._lock:
            self.requests = []
            self.step = "start"

    def note(self, entry: dict[str, Any]) -> None:
        """Keep one request."""
        with self._lock:
            self.requests.append({"step": self.step, **entry})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Recorder

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

    def _pass_on(self) -> None:
        body = self._body()
        url = urlsplit(self.path)
        if url.path.startswith("/recorder/step/"):
            self.proxy.step = url.path.rsplit("/", 1)[1]
            self._answer(204, [], b"")
            return
        if url.path.rsplit("/", 1)[-1] in self.proxy.hidden and "/variables/" in url.path:
            unknown = {"errorCode": 100050, "errorMsg": "Variable not found.", "usrMsg": ""}
            self._answer(404, [("Content-Type", "application/json")], json.dumps(unknown).encode())
            return
        connection = http.client.HTTPSConnection(
            *self.proxy.upstream, context=self.proxy.upstream_trust
        )
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        headers["Content-Length"] = str(len(body))
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        payload = answer.read()
        self.proxy.note(
            {
                "method": self.command,
                "path": url.path,
                "query": parse_qs(url.query, keep_blank_values=True),
                "body": readable(self.headers.get("Content-Type", ""), body),
                "status": answer.status,
            }
        )
        kept = [
            (name, value)
            for name, value in answer.getheaders()
            if name.lower() in ("content-type", "content-range", "accept-ranges", "retry-after")
        ]
        connection.close()
        self._answer(answer.status, kept, payload)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _pass_on

    def _answer(self, status: int, headers: list[tuple[str, str]], payload: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(payload)


def readable(content_type: str, body: bytes) -> Any:
    """Return a body as JSON where it is JSON, a form as its fields, anything else as its size."""
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
    try:
        return {"json": json.loads(body)}
    except ValueError:
        return {"type": content_type.split(";")[0], "bytes": len(body)}
