"""Objects of lakeFS that are written, copied and deleted, against a server in memory."""

from __future__ import annotations

import gc
import gzip
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lakefs_object_endpoints import ObjectStore
from lakefs_server import LakeFSServer
from lakefs_store import Entry

from hopsworks import lakefs
from hopsworks.lakefs import exceptions, spool, upload

BRANCH = "/repositories/lake/branches/main"


@pytest.fixture
def server() -> Iterator[LakeFSServer]:
    with LakeFSServer() as made:
        made.repository(small=b"0123456789")
        yield made


@pytest.fixture
def store(server: LakeFSServer) -> Iterator[ObjectStore]:
    with ObjectStore() as made:
        server.store = made
        yield made


@pytest.fixture
def main(server: LakeFSServer) -> lakefs.Branch:
    return lakefs.Repository("lake", client=lakefs.Client(**server.settings)).branch("main")


def entry(server: LakeFSServer, path: str) -> Entry:
    return server.repositories["lake"].entry("main", path)


def content(server: LakeFSServer, path: str) -> bytes:
    return entry(server, path).content


class Pipe(io.RawIOBase):
    """A file that cannot seek."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size)


# --- objects --------------------------------------------------------------------------------------------------


def test_what_an_object_is(server: LakeFSServer, main: lakefs.Branch) -> None:
    found = main.object("a/b c")
    assert (found.repo, found.ref, found.path, str(found)) == ("lake", "main", "a/b c", "a/b c")
    assert repr(found) == 'WriteableObject(repository="lake", reference="main", path="a/b c")'
    stored = lakefs.StoredObject("lake", "v1", "x")
    assert repr(stored) == 'StoredObject(repository="lake", reference="v1", path="x")'
    with pytest.raises(exceptions.ValidationError, match="path must be a str, not int"):
        main.object(7)  # type: ignore[arg-type]
    assert server.requests == []


def test_stat_is_kept_until_an_upload(server: LakeFSServer, main: lakefs.Branch) -> None:
    found = main.object("small")
    first = found.stat()
    assert found.stat() is first
    assert (first.size_bytes, first.path, first.metadata) == (10, "small", {})
    found.upload(b"longer content", pre_sign=False)
    assert found.stat().size_bytes == 14
    found.delete()
    with pytest.raises(exceptions.ObjectNotFoundException):
        found.stat(user_metadata=False)
    assert [r.verb for r in server.requests] == ["GET", "POST", "GET", "DELETE", "GET"]
    with pytest.raises(TypeError, match=r"stat\(\) got an unexpected keyword argument 'x'"):
        found.stat(x=1)


def test_a_link_is_asked_for_each_time(
    server: LakeFSServer, store: ObjectStore, main: lakefs.Branch
) -> None:
    found = main.object("small")
    assert found.stat().physical_address.startswith("mem://")
    linked = found.stat(pre_sign=True)
    assert linked.physical_address == store.link("small")
    assert linked.physical_address_expiry == 7
    assert found.stat().physical_address.startswith("mem://")
    assert len(server.requests) == 2


def test_exists(server: LakeFSServer, main: lakefs.Branch) -> None:
    assert main.object("small").exists()
    assert not main.object("none").exists()
    server.fault("HEAD", status=401)
    with pytest.raises(PermissionError):
        main.object("small").exists()
    server.fault("HEAD", status=500)
    with pytest.raises(exceptions.ServerException):
        main.object("small").exists()


def test_copies(server: LakeFSServer, main: lakefs.Branch) -> None:
    copied = main.object("small").copy("main", "b/c d")
    assert (copied.path, copied.ref) == ("b/c d", "main")
    assert content(server, "b/c d") == b"0123456789"
    assert main.copy_object("main", "small", "e").size_bytes == 10
    with pytest.raises(exceptions.NotFoundException):
        main.object("none").copy("main", "x")


def test_deleting(server: LakeFSServer, main: lakefs.Branch) -> None:
    main.object("small").delete()
    main.object("small").delete()
    assert not main.object("small").exists()
    server.fault("DELETE", status=403)
    with pytest.raises(PermissionError):
        main.object("small").delete()


def test_storage_ids_are_asked_once(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.repositories["lake"].storage_id = "b"
    assert [main.object(name).storage_id() for name in "xyz"] == ["b", "b", "b"]
    assert server.said() == ["GET /repositories/lake"]
    with pytest.raises(exceptions.ObjectNotFoundException):
        lakefs.StoredObject("none", "main", "x", main._client).storage_id()


# --- uploads through the server -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        ("Zahl €", "Zahl €".encode()),
        (b"bytes", b"bytes"),
        (bytearray(b"array"), b"array"),
        (memoryview(b"xviewx")[1:5], b"view"),
        ("", b""),
        (io.BytesIO(b"of a file"), b"of a file"),
        (io.StringIO("text €"), "text €".encode()),
        (Pipe(b"of a pipe"), b"of a pipe"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_can_be_uploaded(
    server: LakeFSServer, main: lakefs.Branch, data: Any, sent: bytes
) -> None:
    written = main.object("new/ä")
    assert written.upload(data, pre_sign=False) is written
    (request,) = server.requests
    assert request.target == f"/api/v1{BRANCH}/objects?path=new%2F%C3%A4"
    assert request.headers["x-lakefs-client"] == "python-lakefs"
    assert content(server, "new/ä") == sent
    assert entry(server, "new/ä").content_type == "application/octet-stream"


def test_files_are_uploaded_from_where_they_stand(
    server: LakeFSServer, main: lakefs.Branch, tmp_path: Path
) -> None:
    path = tmp_path / "big"
    path.write_bytes(bytes(range(256)) * 20_000)
    with path.open("rb") as file:
        file.seek(256)
        main.object("part").upload(file, pre_sign=False)
    main.object("whole").upload(path, pre_sign=False)
    with path.with_name("text").open("w+", encoding="utf-16") as file:
        file.write("ä\n")
        file.seek(0)
        main.object("text").upload(file, pre_sign=False)
    assert content(server, "whole") == path.read_bytes()
    assert content(server, "part") == path.read_bytes()[256:]
    assert content(server, "text") == "ä\n".encode()
    with pytest.raises(FileNotFoundError):
        main.object("x").upload(tmp_path / "none", pre_sign=False)


def test_type_and_metadata(server: LakeFSServer, main: lakefs.Branch) -> None:
    main.object("a").upload(
        "1", content_type="text/csv", metadata={"team": "data", "note": "a b"}, pre_sign=False
    )
    assert entry(server, "a").content_type == "text/csv"
    assert entry(server, "a").metadata == (("team", "data"), ("note", "a b"))
    assert main.upload("2", "b", "text/csv", {"x": "y"}, False).metadata == {"x": "y"}


def test_bad_arguments_send_nothing(server: LakeFSServer, main: lakefs.Branch) -> None:
    found = main.object("a")
    for bad in (7, None, ["x"]):
        with pytest.raises(exceptions.ValidationError, match="data must be str, bytes"):
            found.upload(bad, pre_sign=False)  # type: ignore[arg-type]
    for metadata in ({"a": 1}, {"a b": "c"}, {"a": "b\r\nc: d"}, [1]):
        with pytest.raises(exceptions.ValidationError):
            found.upload("x", metadata=metadata, pre_sign=False)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mode must be one of x, xb, w, wb, not 'r'"):
        found.upload("x", mode="r", pre_sign=False)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'kind'"):
        found.upload("x", kind="y")
    with pytest.raises(exceptions.ValidationError, match="_request_timeout"):
        found.upload("x", _request_timeout=-1)
    assert server.requests == []


def test_an_upload_with_a_known_store_is_one_request(
    server: LakeFSServer, main: lakefs.Branch
) -> None:
    main.object("a").upload("1")
    assert sorted(server.said()[:2]) == ["GET /config", "GET /repositories/lake"]
    main.object("b").upload("2")
    assert server.said()[2:] == [f"POST {BRANCH}/objects"] * 2


def test_an_upload_is_never_sent_twice(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("POST", drop=True)
    with pytest.raises(exceptions.ServiceUnreachableException):
        main.object("a").upload("1", pre_sign=False)
    server.fault("POST", status=503, headers={"Retry-After": "0"})
    with pytest.raises(exceptions.ServerException):
        main.object("a").upload("1", pre_sign=False)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, exceptions.BadRequestException),
        (401, exceptions.NotAuthorizedException),
        (403, exceptions.ForbiddenException),
        (404, exceptions.NotFoundException),
        (409, exceptions.ConflictException),
        (412, exceptions.ServerException),
    ],
)
def test_a_refused_upload(
    server: LakeFSServer, main: lakefs.Branch, status: int, error: type[Exception]
) -> None:
    server.fault("POST", status=status, body=b'{"message": "no"}')
    with pytest.raises(error, match="no") as caught:
        main.object("a").upload("1", pre_sign=False)
    assert type(caught.value) is error


# --- only what is not there -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["x", "xb"])
def test_what_is_there_is_kept(server: LakeFSServer, main: lakefs.Branch, mode: Any) -> None:
    with pytest.raises(FileExistsError, match="'small' is there already"):
        main.object("small").upload("new", mode=mode, pre_sign=False)
    with pytest.raises(exceptions.ObjectExistsException):
        main.object("small").writer(mode, pre_sign=False)
    assert [r.verb for r in server.requests] == ["HEAD", "HEAD"]
    main.object("new").upload("new", mode=mode, pre_sign=False)
    assert server.requests[-1].headers["if-none-match"] == "*"
    assert content(server, "new") == b"new"


def test_who_comes_between_is_kept(
    server: LakeFSServer, store: ObjectStore, main: lakefs.Branch
) -> None:
    for pre_sign in (False, True):
        path = f"race-{pre_sign}"
        writer = main.object(path).writer("x", pre_sign=pre_sign)
        writer.write("mine")
        server.put("lake", "main", {path: b"theirs"})
        with pytest.raises(exceptions.ObjectExistsException) as caught:
            writer.close()
        assert caught.value.status_code == 412
        assert writer.closed
        assert content(server, path) == b"theirs"


# --- writers --------------------------------------------------------------------------------------------------


def test_what_a_writer_is(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = main.object("a").writer(pre_sign=False, content_type="text/plain", metadata={"a": "b"})
    assert (file.mode, file.name, file.closed, file.pre_sign) == ("wb", "a", False, False)
    assert (file.readable(), file.seekable(), file.writable()) == (False, False, True)
    assert file.write("ä") == 2
    assert file.write(memoryview(b"bc")) == 2
    assert file.write(pa.py_buffer(b"de")) == 2
    assert (file.tell(), file.isatty()) == (6, False)
    file.flush()
    for call in (file.read, file.readline, lambda: file.seek(0), file.fileno, file.truncate):
        with pytest.raises(io.UnsupportedOperation):
            call()
    with pytest.raises(TypeError):
        file.write(7)
    assert server.requests == []
    file.content_type, file.metadata = "text/csv", {"c": "d"}
    file.close()
    file.close()
    assert len(server.requests) == 1
    assert content(server, "a") == "äbcde".encode()
    assert (entry(server, "a").content_type, entry(server, "a").metadata) == (
        "text/csv",
        (("c", "d"),),
    )
    for call in (file.tell, lambda: file.write("x"), file.flush, file.writable):
        with pytest.raises(ValueError, match="closed file"):
            call()


def test_an_exception_uploads_nothing(server: LakeFSServer, main: lakefs.Branch) -> None:
    with pytest.raises(TypeError), main.object("a").writer(pre_sign=False) as file:
        file.write(["half"])
    discarded = main.object("a").writer(pre_sign=False)
    discarded.write("half")
    discarded.discard()
    assert file.closed
    assert discarded.closed
    forgotten = main.object("a").writer(pre_sign=False)
    forgotten.write("half")
    del forgotten
    gc.collect()
    assert server.requests == []


def test_a_refused_upload_leaves_the_writer_closed(
    server: LakeFSServer, main: lakefs.Branch
) -> None:
    server.fault("POST", status=500)
    file = main.object("a").writer(pre_sign=False)
    file.write("x")
    with pytest.raises(exceptions.ServerException):
        file.close()
    assert file.closed
    file.close()
    assert len(server.requests) == 1


def test_much_goes_through_a_file(
    server: LakeFSServer, main: lakefs.Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 1000)
    with main.object("a").writer(pre_sign=False) as file:
        for i in range(100):
            file.write(f"{i:099}\n")
        assert not isinstance(file._spool._file, io.BytesIO)
        file.write(bytes(5000))
    assert content(server, "a") == b"".join(b"%099d\n" % i for i in range(100)) + bytes(5000)


def test_pandas_and_pyarrow_write(server: LakeFSServer, main: lakefs.Branch) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    for mode in ("w", "wb"):
        with main.object("t.csv").writer(mode, pre_sign=False) as file:  # type: ignore[arg-type]
            frame.to_csv(file, index=False)
        assert content(server, "t.csv") == b"a\n1\n2\n"
    with main.object("t.parquet").writer(pre_sign=False) as file:
        pq.write_table(pa.table({"a": [1, 2]}), file)
    assert pq.read_table(io.BytesIO(content(server, "t.parquet"))).to_pydict() == {"a": [1, 2]}


# --- directly to the store ------------------------------------------------------------------------------------


@pytest.mark.parametrize("md5", [False, True])
@pytest.mark.parametrize("kind", [None, "text/csv"])
def test_uploads_by_a_link(
    server: LakeFSServer, store: ObjectStore, main: lakefs.Branch, md5: bool, kind: str | None
) -> None:
    store.md5 = md5
    main.object("d/a").upload("content", pre_sign=True, content_type=kind, metadata={"a": "b"})
    assert server.said() == [f"GET {BRANCH}/staging/backing", f"PUT {BRANCH}/staging/backing"]
    ((verb, key, headers),) = store.requests
    assert (verb, key, headers.get("content-type")) == ("PUT", "staged-d-a", kind)
    assert content(server, "d/a") == b"content"
    assert entry(server, "d/a").metadata == (("a", "b"),)


def test_uploads_by_a_link_to_azure(
    server: LakeFSServer, store: ObjectStore, main: lakefs.Branch
) -> None:
    store.azure = True
    server.storages[""] = {"blockstore_type": "azure", "pre_sign_support": True}
    main.object("a").upload(io.BytesIO(b"content"))
    assert content(server, "a") == b"content"


def test_a_store_that_refuses(
    server: LakeFSServer, store: ObjectStore, main: lakefs.Branch
) -> None:
    store.refuse["staged-small"] = 403
    with pytest.raises(exceptions.ForbiddenException) as caught:
        main.object("small").upload("new", pre_sign=True)
    assert "s3cret" not in str(caught.value)
    assert server.said() == [f"GET {BRANCH}/staging/backing"]
    assert content(server, "small") == b"0123456789"


def test_a_place_without_a_link(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET", status=200, body=b'{"physical_address": "s3://x"}')
    with pytest.raises(exceptions.MalformedResponseException, match="no presigned_url"):
        main.object("a").upload("x", pre_sign=True)


@pytest.fixture
def parts(server: LakeFSServer, store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    server.storages[""] = {"pre_sign_support": True, "pre_sign_multipart_upload": True}
    monkeypatch.setattr(upload, "PART_SIZE", 1_000_000)
    return store


PARTED = bytes(range(256)) * 10_000  # three parts


@pytest.mark.parametrize("kind", ["bytes", "file", "writer"])
def test_much_goes_in_parts(
    server: LakeFSServer,
    parts: ObjectStore,
    main: lakefs.Branch,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = main.object("a")
    how: dict[str, Any] = {"multipart_threshold": 2_000_000, "metadata": {"k": "v"}}
    if kind == "bytes":
        target.upload(PARTED, **how)
    elif kind == "file":
        path = tmp_path / "x"
        path.write_bytes(b"head" + PARTED)
        with path.open("rb") as file:
            file.seek(4)
            target.upload(file, **how)
    else:
        monkeypatch.setattr(spool, "IN_MEMORY", 1_500_000)
        with target.writer(**how) as writer:
            writer.write(PARTED[:1_000_000])
            writer.write(PARTED[1_000_000:])
    assert content(server, "a") == PARTED
    assert entry(server, "a").metadata == (("k", "v"),)
    assert [r.verb for r in server.requests[2:]] == ["POST", "PUT"]
    assert server.requests[2].target.endswith("pmpu?path=a&parts=3")
    assert sorted(key for _, key, _ in parts.requests) == ["parts-a-1", "parts-a-2", "parts-a-3"]


def test_a_file_in_memory_goes_in_parts(
    server: LakeFSServer, parts: ObjectStore, main: lakefs.Branch
) -> None:
    main.object("a").upload(io.BytesIO(PARTED), multipart_threshold=2_000_000)
    assert content(server, "a") == PARTED


def test_a_compressed_file_is_uploaded_as_it_reads(
    server: LakeFSServer, parts: ObjectStore, main: lakefs.Branch, tmp_path: Path
) -> None:
    path = tmp_path / "x.gz"
    with gzip.open(path, "wb") as file:
        file.write(PARTED)
    with gzip.open(path, "rb") as file:
        main.object("a").upload(file, multipart_threshold=2_000_000)
    assert content(server, "a") == PARTED


def test_what_goes_in_one_piece(
    server: LakeFSServer, parts: ObjectStore, main: lakefs.Branch
) -> None:
    main.object("a").upload(PARTED)
    main.object("b").upload(PARTED, mode="x", multipart_threshold=2_000_000)
    assert not [said for said in server.said() if "pmpu" in said]
    assert content(server, "b") == PARTED


def test_parts_that_fail_are_dropped(
    server: LakeFSServer, parts: ObjectStore, main: lakefs.Branch
) -> None:
    parts.refuse["parts-a-2"] = 403
    with pytest.raises(exceptions.ForbiddenException):
        main.object("a").upload(PARTED, multipart_threshold=2_000_000)
    assert server.requests[-1].verb == "DELETE"
    assert server.requests[-1].json == {"physical_address": "s3://bucket/parts-a"}
    assert parts.content == {}
    assert not main.object("a").exists()
    server.fault("PUT", status=500)
    server.fault("DELETE", status=500)
    parts.refuse.clear()
    with pytest.raises(exceptions.ServerException) as caught:
        main.object("a").upload(PARTED, multipart_threshold=2_000_000)
    assert any("could not be dropped" in note for note in caught.value.__notes__)


# --- many at once ---------------------------------------------------------------------------------------------


def test_many_objects(server: LakeFSServer, main: lakefs.Branch, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("of a file")
    objects: dict[str, Any] = {f"many/{i}": str(i) for i in range(200)}
    objects |= {"many/file": path, "many/stream": io.BytesIO(b"stream")}
    made = main.upload_objects(objects, parallel=4, content_type="text/plain")
    assert list(made) == list(objects)
    assert made["many/17"].size_bytes == 2
    assert {p: content(server, p) for p in ("many/17", "many/file", "many/stream")} == {
        "many/17": b"17",
        "many/file": b"of a file",
        "many/stream": b"stream",
    }
    assert entry(server, "many/17").content_type == "text/plain"
    posts = [r.connection for r in server.requests if r.verb == "POST"]
    assert len(posts) == 202
    assert 1 <= len(set(posts)) <= 4
    assert main.upload_objects({}) == {}


def test_one_of_many_is_refused(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("POST", status=403)
    before = threading.active_count()
    with pytest.raises(exceptions.ForbiddenException) as caught:
        main.upload_objects({str(i): "x" for i in range(1000)}, parallel=2, pre_sign=False)
    assert any("was not written" in note for note in caught.value.__notes__)
    assert any("of 1000 objects were written" in note for note in caught.value.__notes__)
    assert sum(r.verb == "POST" for r in server.requests) < 1000
    assert threading.active_count() <= before + 2  # the server's connections


def test_bad_input_among_many_sends_nothing(
    server: LakeFSServer, main: lakefs.Branch, tmp_path: Path
) -> None:
    bad: Any
    for bad, match in (
        ({"a": "x", "b": 7}, "the content of 'b' must be"),
        ({"a": "x", 7: "b"}, "a path must be a str"),
        ({"a": tmp_path / "none"}, "there is no file"),
        (["a"], "objects must be a dict"),
    ):
        with pytest.raises(exceptions.ValidationError, match=match):
            main.upload_objects(bad)
    with pytest.raises(exceptions.ValidationError, match="parallel must be 1 to 64, not 0"):
        main.upload_objects({"a": "x"}, parallel=0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'mode'"):
        main.upload_objects({"a": "x"}, mode="x")
    assert server.requests == []


def test_an_interrupt_ends_many_uploads(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("POST", delay=0.2, times=1000)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        main.upload_objects({str(i): "x" for i in range(1000)}, parallel=2, pre_sign=False)
    assert time.monotonic() - began < 5
    assert any("of 1000 objects were written" in note for note in caught.value.__notes__)


def test_an_interrupt_ends_an_upload(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("POST", delay=3.0)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        main.object("a").upload(io.BytesIO(b"x"), pre_sign=False)
    assert time.monotonic() - began < 2
