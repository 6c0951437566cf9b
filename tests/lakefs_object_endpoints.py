"""The endpoints of the lakeFS API for the content of objects, for tests, and the object store behind a server.

Importing this adds them to the rows of :mod:`lakefs_endpoints`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from lakefs_endpoints import Answer, Request, flag, query_of, route
from lakefs_store import Entry, Refused

if TYPE_CHECKING:
    from lakefs_server import LakeFSServer

META = "x-lakefs-meta-"


class ObjectStore:
    """An object store: it takes and gives content by links, and refuses who shows credentials.

    Args:
        azure: Whether uploads must name the type of their blob.
        md5: Whether answers have ``Content-MD5``.
    """

    def __init__(self, *, azure: bool = False, md5: bool = False) -> None:
        self.content: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.failures: list[str] = []
        self.refuse: dict[str, int] = {}  # key -> status
        self.azure = azure
        self.md5 = md5
        handler = type("Handler", (_StoreHandler,), {"store": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def link(self, key: str) -> str:
        """The link to an address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/{key}?signature=s3cret"

    def __enter__(self) -> ObjectStore:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if kind is None:
            assert not self.failures, "; ".join(self.failures)


class _StoreHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    store: ObjectStore

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def _begin(self) -> str:
        headers = {name.lower(): value for name, value in self.headers.items()}
        key, _, signature = self.path[1:].partition("?")
        self.store.requests.append((self.command, key, headers))
        if signature != "signature=s3cret":
            self.store.failures.append(f"{self.command} {key} without its signature")
        for name in ("authorization", "x-lakefs-client", "cookie"):
            if name in headers:
                self.store.failures.append(f"{self.command} {key} shows {name}: {headers[name]}")
        return key

    def do_PUT(self) -> None:
        key = self._begin()
        if "content-length" not in self.headers:
            self.store.failures.append(f"PUT {key} without Content-Length")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.store.azure and self.headers.get("x-ms-blob-type") != "BlockBlob":
            self.store.failures.append(f"PUT {key} without the type of a blob")
        if key in self.store.refuse:
            self._answer(self.store.refuse[key], b"<Error>AccessDenied</Error>", {})
            return
        self.store.content[key] = body
        digest = hashlib.md5(body)
        headers = {"ETag": f'"{digest.hexdigest()}"'}
        if self.store.md5:
            headers = {"Content-MD5": base64.b64encode(digest.digest()).decode(), "ETag": '"x"'}
        self._answer(201, b"", headers)

    def do_GET(self) -> None:
        key = self._begin()
        if key in self.store.refuse or key not in self.store.content:
            self._answer(self.store.refuse.get(key, 404), b"<Error/>", {})
            return
        status, part, headers = ranged(self.store.content[key], self.headers.get("range", ""))
        self._answer(status, part, headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def ranged(content: bytes, wanted: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, content and headers of the answer to a request with that Range."""
    if not wanted:
        return 200, content, {"ETag": f'"{hashlib.md5(content).hexdigest()}"'}
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, end = int(first), min(int(last or len(content)), len(content) - 1)
    if start >= len(content):
        return 416, b"", {"Content-Range": f"bytes */{len(content)}"}
    return (
        206,
        content[start : end + 1],
        {
            "Content-Range": f"bytes {start}-{end}/{len(content)}",
            "ETag": f'"{hashlib.md5(content).hexdigest()}"',
        },
    )


OBJECT = "/repositories/{repo}/refs/{ref}/objects"
BRANCH = "/repositories/{repo}/branches/{branch}"


def _path(request: Request) -> str:
    path = query_of(request, "path")
    if not path:
        raise Refused(400, "path is empty")
    return path


@route("GET", f"{OBJECT}/stat", query=("path", "user_metadata", "presign"))
def stat(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    path = _path(request)
    entry = server.find(repo).entry(ref, path)
    stats = entry.stats(path, user_metadata=flag(request, "user_metadata", True))
    if flag(request, "presign"):
        stats |= {"physical_address": _store(server).link(path), "physical_address_expiry": 7}
    return Answer(200, stats)


@route("HEAD", OBJECT, query=("path",))
def exists(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    entry = server.find(repo).entry(ref, _path(request))
    return Answer(200, b"", {"X-Length": str(len(entry.content))})


@route("GET", OBJECT, query=("path", "presign"))
def read(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    path = _path(request)
    entry = server.find(repo).entry(ref, path)
    if flag(request, "presign"):
        key = entry.address.replace("://", "-")
        _store(server).content.setdefault(key, entry.content)
        return Answer(302, b"", {"Location": _store(server).link(key)})
    status, part, headers = ranged(entry.content, request.headers.get("range", ""))
    return Answer(status, part, headers)


@route("POST", f"{BRANCH}/objects", query=("path",), raw=True)
def upload(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    path, found = _path(request), server.find(repo)
    if "content-length" not in request.headers:
        server.failures.append(f"{request}: no Content-Length")
    if request.headers.get("if-none-match") == "*" and path in found.tree_of(branch):
        raise Refused(412, "path already exists")
    metadata = tuple(
        (name.removeprefix(META), value)
        for name, value in request.headers.items()
        if name.startswith(META)
    )
    kind = request.headers.get("content-type", "")
    entry = Entry(request.body, f"mem://{repo}/{path}", kind, metadata)
    found.stage(branch, path, entry)
    return Answer(201, entry.stats(path))


@route("DELETE", f"{BRANCH}/objects", query=("path",))
def delete(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    server.find(repo).stage(branch, _path(request), None)
    return Answer(204)


@route(
    "POST",
    f"{BRANCH}/objects/copy",
    query=("dest_path",),
    needed=("src_path",),
    optional=("src_ref", "shallow", "force"),
)
def copy(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    body, path = request.json, query_of(request, "dest_path")
    if body.get("shallow") is not False:
        server.failures.append(f"{request}: shallow is {body.get('shallow')}")
    entry = server.find(repo).entry(body["src_ref"], body["src_path"])
    server.find(repo).stage(branch, path, entry)
    return Answer(201, entry.stats(path))


# --- content that goes directly to the store ----------------------------------------------------------------------


def _store(server: LakeFSServer) -> ObjectStore:
    if server.store is None:
        raise Refused(501, "there is no store that takes links")
    return server.store


def _scheme(server: LakeFSServer) -> str:
    return "https://account.blob" if _store(server).azure else "s3://bucket"


@route("GET", f"{BRANCH}/staging/backing", query=("path", "presign"))
def place(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    server.find(repo).branch(branch)
    if not flag(request, "presign"):
        server.failures.append(f"{request}: not pre-signed")
    key = f"staged-{_path(request).replace('/', '-')}"
    address = f"{_scheme(server)}/{key}"
    return Answer(
        200,
        {
            "physical_address": address,
            "presigned_url": _store(server).link(key),
            "presigned_url_expiry": 1_700_000_900,
            "of_a_later_version": "kept",
        },
    )


@route(
    "PUT",
    f"{BRANCH}/staging/backing",
    query=("path",),
    needed=("staging", "checksum", "size_bytes"),
    optional=("user_metadata", "content_type"),
)
def link(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    body, path, found = request.json, _path(request), server.find(repo)
    staging = body["staging"]
    if staging.get("of_a_later_version") != "kept":
        server.failures.append(f"{request}: the staging place is not as it was given")
    if request.headers.get("if-none-match") == "*" and path in found.tree_of(branch):
        raise Refused(412, "path already exists")
    content = _store(server).content[staging["physical_address"].rpartition("/")[2]]
    if (body["checksum"], body["size_bytes"]) != (hashlib.md5(content).hexdigest(), len(content)):
        server.failures.append(
            f"{request}: checksum {body['checksum']}, {body['size_bytes']} bytes"
        )
    return _linked(server, repo, branch, path, content, body)


def _linked(
    server: LakeFSServer, repo: str, branch: str, path: str, content: bytes, body: Any
) -> Answer:
    metadata = tuple((body.get("user_metadata") or {}).items())
    kind = body.get("content_type") or "application/octet-stream"
    entry = Entry(content, f"{_scheme(server)}/{path}", kind, metadata)
    server.find(repo).stage(branch, path, entry)
    return Answer(200, entry.stats(path))


@route("POST", f"{BRANCH}/staging/pmpu", query=("path", "parts"))
def begin_parts(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    server.find(repo).branch(branch)
    count = int(query_of(request, "parts"))
    key = f"parts-{_path(request).replace('/', '-')}"
    urls = [_store(server).link(f"{key}-{n}") for n in range(1, count + 1)]
    address = f"s3://bucket/{key}"
    return Answer(201, {"upload_id": "u/1", "physical_address": address, "presigned_urls": urls})


@route(
    "PUT",
    f"{BRANCH}/staging/pmpu/{{upload}}",
    query=("path",),
    needed=("physical_address", "parts"),
    optional=("user_metadata", "content_type"),
)
def complete_parts(
    server: LakeFSServer, request: Request, repo: str, branch: str, upload: str
) -> Answer:
    body, store = request.json, _store(server)
    key = body["physical_address"].rpartition("/")[2]
    content = b""
    for number, part in enumerate(body["parts"], 1):
        piece = store.content.pop(f"{key}-{number}")
        if part != {"part_number": number, "etag": hashlib.md5(piece).hexdigest()}:
            server.failures.append(f"{request}: part {number} is {part}")
        content += piece
    return _linked(server, repo, branch, _path(request), content, body)


@route("DELETE", f"{BRANCH}/staging/pmpu/{{upload}}", query=("path",), needed=("physical_address",))
def abort_parts(
    server: LakeFSServer, request: Request, repo: str, branch: str, upload: str
) -> Answer:
    key = request.json["physical_address"].rpartition("/")[2]
    store = _store(server)
    for name in [name for name in store.content if name.startswith(f"{key}-")]:
        del store.content[name]
    return Answer(204)
