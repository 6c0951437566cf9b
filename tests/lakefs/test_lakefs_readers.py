"""Objects of lakeFS as files to read, against a server in memory."""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lakefs_object_endpoints import ObjectStore
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions
from hopsworks.lakefs import object as lakefs_object

BIG = b"".join(hashlib.sha512(str(i).encode()).digest() for i in range(160_000))  # 10 MiB
LINES = "".join(f"Zeile {i} € {'ä' * (i % 70)}\n" for i in range(20_000)) + "ohne Ende"


@pytest.fixture
def server() -> Iterator[LakeFSServer]:
    with LakeFSServer() as made:
        made.repository(small=b"0123456789", big=BIG, lines=LINES.encode(), empty=b"")
        yield made


@pytest.fixture
def main(server: LakeFSServer) -> lakefs.Branch:
    client = lakefs.Client(**server.settings)
    return lakefs.Repository("lake", client=client).branch("main")


def reader(main: lakefs.Branch, path: str, mode: Any = "rb") -> lakefs.ObjectReader:
    return main.object(path).reader(mode, pre_sign=False)


def ranges(server: LakeFSServer) -> list[str | None]:
    """What was asked of the content, in order."""
    return [
        r.headers.get("range")
        for r in server.requests
        if r.verb == "GET" and r.path.endswith("/objects")
    ]


# --- bytes ----------------------------------------------------------------------------------------------------


def test_a_whole_object_is_one_request(server: LakeFSServer, main: lakefs.Branch) -> None:
    with reader(main, "big") as file:
        assert file.read() == BIG
        assert file.tell() == len(BIG)
        assert file.read() == file.read(5) == b""
    assert ranges(server) == [None]
    (request,) = server.requests
    assert request.target.endswith("/refs/main/objects?path=big&presign=false")


def test_the_rest_is_one_request(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    file.seek(1_000_000)
    assert file.read() == BIG[1_000_000:]
    assert ranges(server) == ["bytes=1000000-"]


def test_pieces_are_read_ahead(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    read = b""
    while piece := file.read(65536):
        read += piece
    assert read == BIG
    asked = ranges(server)
    assert len(asked) == 6
    assert asked[0] == "bytes=0-262143"
    assert asked[-1] == f"bytes=8126464-{len(BIG) - 1}"


def test_a_large_piece_is_a_range_of_its_own(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    assert file.read(5_000_000) == BIG[:5_000_000]
    assert file.read(5_000_000) == BIG[5_000_000:10_000_000]
    assert ranges(server) == ["bytes=0-4999999", "bytes=5000000-9999999"]


def test_a_jump_drops_what_was_read_ahead(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    assert file.read(10) == BIG[:10]
    assert file.seek(100) == 100
    assert file.read(10) == BIG[100:110]
    assert file.seek(9_000_000) == 9_000_000
    assert file.read(10) == BIG[9_000_000:9_000_010]
    assert file.seek(-5, os.SEEK_CUR) == 9_000_005
    assert file.read(5) == BIG[9_000_005:9_000_010]
    assert ranges(server) == ["bytes=0-262143", "bytes=9000000-9262143"]


def test_the_end_is_asked_for_once(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "small")
    assert file.seek(-3, os.SEEK_END) == 7
    assert file.read() == b"789"
    assert file.seek(0, os.SEEK_END) == 10
    assert file.read(3) == b""
    assert [r.path.rpartition("/")[2] for r in server.requests] == ["stat", "objects"]


def test_behind_the_end_is_nothing(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "small")
    assert file.seek(50) == 50
    assert file.read(3) == file.read() == b""
    assert file.tell() == 50
    file.seek(8)
    assert file.read(100) == b"89"
    assert ranges(server) == ["bytes=50-262193", "bytes=8-9"]


@pytest.mark.parametrize("size", [None, 5])
def test_an_empty_object(server: LakeFSServer, main: lakefs.Branch, size: int | None) -> None:
    assert reader(main, "empty").read(size) == b""
    assert reader(main, "empty").readline() == b""


def test_a_refused_range_without_a_size(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET /repositories/lake/refs/main/objects", status=416)
    file = reader(main, "small")
    file.seek(4)
    assert file.read(3) == file.read(3) == b""
    assert len(server.requests) == 1


def test_a_server_that_knows_no_ranges(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault(
        "GET /repositories/lake/refs/main/objects", status=200, body=b"0123456789", times=9
    )
    file = reader(main, "small")
    file.seek(4)
    assert file.read(3) == b"456"
    assert file.read() == b"789"


def test_nothing_is_asked_for_nothing(server: LakeFSServer, main: lakefs.Branch) -> None:
    assert reader(main, "small").read(0) == b""
    assert reader(main, "small", "r").read(0) == ""
    assert server.requests == []


def test_reading_into_memory(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    small, large = bytearray(10), bytearray(len(BIG))
    assert file.readinto(small) == 10
    file.seek(0)
    assert file.readinto(memoryview(large)) == len(BIG)
    assert (small, large) == (BIG[:10], BIG)
    assert file.readinto(small) == 0
    file.seek(-4, os.SEEK_END)
    assert file.readinto(small) == 4
    with pytest.raises(io.UnsupportedOperation):
        reader(main, "small", "r").readinto(small)


def test_lines_of_bytes(main: lakefs.Branch) -> None:
    expected = LINES.encode().splitlines(keepends=True)
    assert list(reader(main, "lines")) == expected
    file = reader(main, "lines")
    assert file.readline(3) == b"Zei"
    assert file.readline() == expected[0][3:]
    assert file.read(4) == expected[1][:4]
    assert file.tell() == len(expected[0]) + 4
    file.seek(1)
    assert file.readlines() == [expected[0][1:], *expected[1:]]


# --- text -----------------------------------------------------------------------------------------------------


def test_text(main: lakefs.Branch) -> None:
    assert reader(main, "lines", "r").read() == LINES
    assert "".join(reader(main, "lines", "r")) == LINES
    assert reader(main, "lines", "r").readline() == "Zeile 0 € \n"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_no_character_is_cut(server: LakeFSServer, main: lakefs.Branch, size: int) -> None:
    text = "aä€😀" * 60
    server.put("lake", "main", {"text": text.encode()})
    file = reader(main, "text", "r")
    pieces = []
    while piece := file.read(size):
        pieces.append(piece)
    assert "".join(pieces) == text
    assert file.tell() == len(text.encode())
    assert all(len(piece.encode()) <= max(size, 4) for piece in pieces)
    file.seek(0)
    assert "".join(iter(lambda: file.readline(size), "")) == text


def test_text_that_is_none(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.put("lake", "main", {"bad": b"abc\xff", "ends": "ab€".encode()[:-1]})
    with pytest.raises(UnicodeDecodeError):
        reader(main, "bad", "r").read()
    file = reader(main, "ends", "r")
    assert file.read(3) == "ab"
    with pytest.raises(UnicodeDecodeError):
        file.read(3)


# --- as a file ------------------------------------------------------------------------------------------------


def test_what_a_reader_is(main: lakefs.Branch) -> None:
    file = reader(main, "small")
    assert isinstance(file, lakefs_object.LakeFSIOBase)
    assert (file.mode, file.name, file.closed) == ("rb", "small", False)
    assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
    assert (file.tell(), file.isatty(), file.pre_sign) == (0, False, False)
    assert repr(file) == 'ObjectReader(path="small", mode="rb")'
    for call in (lambda: file.write(b"x"), file.fileno, file.truncate, lambda: file.seek(0, 7)):
        with pytest.raises(io.UnsupportedOperation):
            call()
    for bad in (lambda: file.seek(-1), lambda: file.read(-1)):
        with pytest.raises(OSError):
            bad()
    file.close()
    file.close()
    assert file.closed
    for call in (file.read, file.tell, file.readline, lambda: file.seek(0), file.readable):
        with pytest.raises(ValueError, match="closed file"):
            call()


def test_modes(main: lakefs.Branch) -> None:
    with pytest.raises(ValueError, match="mode must be one of r, rb, not 'w'"):
        main.object("small").reader("w")  # type: ignore[arg-type]
    assert get_args(lakefs_object.ReadModes) == ("r", "rb")
    assert get_args(lakefs_object.WriteModes) == ("x", "xb", "w", "wb")
    assert set(get_args(lakefs_object.AllModes)) == {"r", "rb", "x", "xb", "w", "wb"}
    with pytest.raises(AttributeError):
        lakefs_object.OtherModes  # type: ignore[attr-defined]


def test_leaving_with_an_exception_closes(main: lakefs.Branch) -> None:
    file = reader(main, "small")
    with pytest.raises(KeyError), file:
        raise KeyError
    assert file.closed


def test_pandas_pyarrow_zipfile_and_csv(server: LakeFSServer, main: lakefs.Branch) -> None:
    table = pa.table({"a": range(50_000), "b": [f"t{i % 7}" for i in range(50_000)]})
    parquet, archive = io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("one.txt", "eins")
        made.writestr("big.bin", BIG[:700_000])
    server.put(
        "lake", "main",
        {"t.parquet": parquet.getvalue(), "t.zip": archive.getvalue(), "t.csv": b"a,b\n1,2\n3,4\n"},
    )  # fmt: skip
    assert pq.read_table(reader(main, "t.parquet")).equals(table)
    assert pa.PythonFile(reader(main, "small")).read() == b"0123456789"
    assert len(pd.read_parquet(reader(main, "t.parquet"))) == 50_000
    for mode in ("r", "rb"):
        assert pd.read_csv(reader(main, "t.csv", mode)).values.tolist() == [[1, 2], [3, 4]]
    with zipfile.ZipFile(reader(main, "t.zip")) as opened:
        assert opened.read("one.txt") == b"eins"
        assert opened.read("big.bin") == BIG[:700_000]
    assert list(csv.reader(reader(main, "t.csv", "r"))) == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert io.TextIOWrapper(reader(main, "t.csv"), "utf-8").read() == "a,b\n1,2\n3,4\n"
    assert io.BufferedReader(reader(main, "small"), 4).read(7) == b"0123456"  # type: ignore[type-var,arg-type]


# --- what goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "builtin"),
    [
        (401, exceptions.PermissionException, PermissionError),
        (403, exceptions.PermissionException, PermissionError),
        (404, exceptions.ObjectNotFoundException, FileNotFoundError),
        (400, exceptions.BadRequestException, Exception),
        (500, exceptions.ServerException, Exception),
        (503, exceptions.ServerException, Exception),
    ],
)
def test_a_refused_read(
    server: LakeFSServer, main: lakefs.Branch, status: int, error: Any, builtin: Any
) -> None:
    server.fault("GET /repositories", status=status, body=b'{"message": "why"}')
    with pytest.raises(error, match="why") as caught:
        reader(main, "small").read()
    assert isinstance(caught.value, builtin)
    assert (caught.value.status_code, caught.value.body) == (status, {"message": "why"})
    assert len(server.requests) == 1


def test_what_is_not_there(main: lakefs.Branch) -> None:
    with pytest.raises(FileNotFoundError, match="object not found: none"):
        reader(main, "none").read(5)


def test_a_broken_read_is_repeated(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET /repositories", truncate=3_000_000, times=2)
    assert reader(main, "big").read() == BIG
    server.fault("GET /repositories", truncate=100_000, times=2)
    file = reader(main, "big")
    assert file.read(10) == BIG[:10]
    server.fault("GET /repositories", truncate=100_000, times=2)
    buffer = bytearray(6_000_000)
    file.seek(0, os.SEEK_END)
    file.seek(1_000_000)
    assert file.readinto(buffer) == len(buffer)
    assert buffer == BIG[1_000_000:7_000_000]


def test_a_read_that_breaks_again_and_again(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET /repositories", truncate=3_000_000, times=100)
    with pytest.raises(exceptions.ServiceUnreachableException):
        reader(main, "big").read()
    assert len(server.requests) == 4


def test_a_server_that_asks_to_come_back(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET /repositories", status=503, headers={"Retry-After": "0"}, times=2)
    assert reader(main, "small").read() == b"0123456789"
    assert len(server.requests) == 3


def test_a_limit_of_time(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault("GET /repositories", delay=1.0)
    file = main.object("small").reader(pre_sign=False, _request_timeout=0.1)
    with pytest.raises(TimeoutError):
        file.read()
    with pytest.raises(TypeError, match=r"reader\(\) got an unexpected keyword argument 'size'"):
        main.object("small").reader(size=3)


def test_an_object_that_is_replaced_meanwhile(server: LakeFSServer, main: lakefs.Branch) -> None:
    file = reader(main, "big")
    file.read(10)
    server.put("lake", "main", {"big": BIG[::-1]})
    with pytest.raises(exceptions.LakeFSException, match="'big' was replaced while it was read"):
        file.read(1_000_000)


def test_a_range_that_begins_elsewhere(server: LakeFSServer, main: lakefs.Branch) -> None:
    server.fault(
        "GET /repositories", status=206, body=b"45", headers={"Content-Range": "bytes 4-5/10"}
    )
    file = reader(main, "small")
    file.seek(3)
    with pytest.raises(exceptions.MalformedResponseException, match="from byte 3 on"):
        file.read(2)


# --- directly from the store ----------------------------------------------------------------------------------


def test_links_lead_to_the_store(server: LakeFSServer, main: lakefs.Branch) -> None:
    with ObjectStore() as store:
        server.store = store
        file = main.object("big").reader(pre_sign=True)
        assert file.read(10) == BIG[:10]
        file.seek(5_000_000)
        assert file.read() == BIG[5_000_000:]
        store.refuse["mem-lake/small"] = 403
        with pytest.raises(PermissionError):
            main.object("small").reader(pre_sign=True).read()
    asked = [headers.get("range") for _, _, headers in store.requests]
    assert asked == ["bytes=0-262143", "bytes=5000000-", None]


@pytest.mark.parametrize("support", [True, False])
def test_who_serves_the_content_is_asked_once(server: LakeFSServer, support: bool) -> None:
    server.storages[""] = {"pre_sign_support": support}
    main = lakefs.Repository("lake", client=lakefs.Client(**server.settings)).branch("main")
    files = [main.object("small").reader() for _ in range(3)]
    assert [file.pre_sign for file in files] == [support] * 3
    assert sorted(server.said()) == ["GET /config", "GET /repositories/lake"]
    files[0].pre_sign = False
    assert files[0].read() == b"0123456789"


def test_a_reader_that_nobody_closed_goes_quietly(main: lakefs.Branch) -> None:
    file = reader(main, "small")
    file.read(1)
    del file
    gc.collect()
