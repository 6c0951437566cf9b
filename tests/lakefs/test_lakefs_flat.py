"""The interface of the first design, beside the released one."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions


@pytest.fixture
def main(lake: lakefs.Repository) -> lakefs.Branch:
    """The branch."""
    return lake.branch("main")


def paths(listed: Any) -> list[str]:
    return [one.path for one in listed]


def test_repositories(server: LakeFSServer, client: lakefs.Client) -> None:
    made = lakefs.Repository("new-lake", client)
    assert made.get_or_create("mem://new", "trunk", include_samples=True) is made
    assert server.requests[0].json["sample_data"] is True
    again = lakefs.Repository("new-lake", client).get_or_create("mem://other")
    assert again.properties.storage_namespace == "mem://new"
    assert again.properties.default_branch == "trunk"
    lake = lakefs.Repository("lake", client)
    for name in ("b1", "b2", "c1"):
        lake.branch(name).create("main")
        lake.tag(name).create("main")
    assert [one.id for one in lake.list_branches(1, "b1", "b")] == ["b2"]
    assert [one.id for one in lake.list_branches()] == ["b1", "b2", "c1", "main"]
    assert [one.id for one in lake.list_tags(max_amount=2)] == ["b1", "b2"]
    assert [one.id for one in lake.list_tags(after="b1", prefix="b")] == ["b2"]


def test_reading(server: LakeFSServer, lake: lakefs.Repository) -> None:
    for reference in (lake.ref("main"), lake.tag("v1").create("main"), lake.branch("main")):
        assert reference.download("a/1") == b"one"
        assert paths(reference.list_objects()) == ["a/", "b"]
        assert paths(reference.list_objects(delimiter="")) == ["a/1", "a/2", "b"]
        assert paths(reference.list_objects(max_amount=1, after="a/1", prefix="a/")) == ["a/2"]
        assert reference.stat_object("a/1").size_bytes == 3
        with reference.open("a/1") as file:
            assert file.read() == "one"
        with reference.open("a/1", "rb", pre_signed=False) as file:
            assert file.read() == b"one"
        assert reference.metadata() == {}
        assert reference.commit_message() == "first objects"
    with pytest.raises(exceptions.ObjectNotFoundException):
        lake.ref("main").download("none")
    for mode in ("w", "wb", "x", "a", ""):
        with pytest.raises(ValueError, match="mode"):
            lake.ref("main").open("a/1", mode)


class Unseekable(io.RawIOBase):
    """A file that only gives pieces."""

    def __init__(self, content: bytes) -> None:
        self.left = content
        self.largest = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "read whole"
        self.largest = max(self.largest, size)
        piece, self.left = self.left[:size], self.left[size:]
        return piece


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"bytes", b"bytes"),
        (bytearray(b"array"), b"array"),
        (memoryview(b"view"), b"view"),
        ("täxt", "täxt".encode()),
        (io.BytesIO(b"file"), b"file"),
        (io.StringIO("täxt file"), "täxt file".encode()),
        (Unseekable(b"x" * 3_000_000), b"x" * 3_000_000),
        (b"", b""),
    ],
    ids=["bytes", "bytearray", "memoryview", "str", "file", "text file", "pieces", "empty"],
)
def test_uploads(server: LakeFSServer, main: lakefs.Branch, data: Any, content: bytes) -> None:
    info = main.upload(data, "new", "text/plain", {"k": "v"})
    assert isinstance(info, lakefs.ObjectInfo)
    assert (info.path, info.size_bytes, info.content_type) == ("new", len(content), "text/plain")
    assert info.metadata == {"k": "v"}
    assert main.download("new") == content
    assert main.upload(b"again", "new", pre_signed=False).size_bytes == 5
    assert server.said().count("GET /repositories/lake/refs/main/objects/stat") == 0


def test_an_upload_of_a_file_on_disk(main: lakefs.Branch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(100_000))
    with open(tmp_path / "file", "rb") as file:
        file.seek(10)
        assert main.upload(file, "new").size_bytes == 99_990
    assert main.upload(tmp_path / "file", "new").size_bytes == 100_000


@pytest.mark.parametrize("data", [5, None, ["a"], object()])
def test_what_cannot_be_uploaded(server: LakeFSServer, main: lakefs.Branch, data: Any) -> None:
    with pytest.raises(exceptions.ValidationError, match="data must be str, bytes"):
        main.upload(data, "new")
    assert not any(request.verb == "POST" for request in server.requests)


def test_files_by_mode(main: lakefs.Branch) -> None:
    with main.open("new", "w", content_type="text/plain", metadata={"k": "v"}) as file:
        file.write("täxt\n")
        file.write("more")
    with main.open("new") as file:
        assert file.read() == "täxt\nmore"
    with main.open("new", "rb", pre_signed=False) as file:
        assert file.read(5) == b"t\xc3\xa4xt"
    assert main.stat_object("new").metadata == {"k": "v"}
    with pytest.raises(exceptions.ObjectExistsException):
        main.open("new", "xb")
    with main.open("newer", "x") as file:
        file.write("text")
    for mode in ("a", "r+", "", "rw"):
        with pytest.raises(ValueError, match="mode"):
            main.open("new", mode)


def test_copies(server: LakeFSServer, lake: lakefs.Repository, main: lakefs.Branch) -> None:
    work = lake.branch("work").create("main")
    main.upload(b"only on main", "new")
    info = work.copy_object(main, "new")
    assert (info.path, info.size_bytes) == ("new", 12)
    assert work.copy_object("main", "new", "other").path == "other"
    assert paths(work.list_uncommitted()) == ["new", "other"]
    with pytest.raises(exceptions.NotFoundException):
        work.copy_object(main, "none")
    with pytest.raises(exceptions.ValidationError, match="from_reference must be the name"):
        work.copy_object(5, "new")  # type: ignore[arg-type]


def test_changes(server: LakeFSServer, main: lakefs.Branch) -> None:
    main.upload(b"1", "new/1")
    main.upload(b"2", "new/2")
    main.upload(b"3", "x")
    assert paths(main.list_uncommitted()) == ["new/1", "new/2", "x"]
    assert paths(main.list_uncommitted(1, "new/1", "new/")) == ["new/2"]
    main.reset("new/1")
    assert paths(main.list_uncommitted()) == ["new/2", "x"]
    main.reset("new/")
    assert paths(main.list_uncommitted()) == ["x"]
    main.reset()
    assert paths(main.list_uncommitted()) == []
    with pytest.raises(exceptions.ValidationError, match="path is empty"):
        main.reset("")
    main.upload(b"1", "new")
    made = main.commit_changes("one more", {"k": "v"})
    assert (made.commit_message(), made.metadata()) == ("one more", {"k": "v"})
    assert main.head().id == made.id == main.head.id
    undone = main.reverse(made)
    assert undone.id == main.head.id
    assert paths(main.list_objects(delimiter="")) == ["a/1", "a/2", "b"]


def test_values_of_a_branch_can_be_deleted(server: LakeFSServer, main: lakefs.Branch) -> None:
    next(main.list_objects(prefix="a/")).delete()
    main.stat_object("a/2").delete()
    main.upload(b"x", "new").delete()
    main.reset()
    with main.transact("less") as tx:
        next(tx.objects(prefix="b")).delete()
    assert server.said().count("DELETE /repositories/lake/branches/main/objects") == 3
    with pytest.raises(exceptions.ValidationError, match="was not listed on a branch"):
        lakefs.Reference("lake", "main~1", main._client).stat_object("b").delete()
    with pytest.raises(exceptions.ValidationError, match="was not listed on a branch"):
        next(lakefs.Tag("lake", "main", main._client).objects()).delete()
