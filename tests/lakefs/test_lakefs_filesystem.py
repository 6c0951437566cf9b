"""lakefs:// in fsspec and in the libraries that know it, against a server in memory."""

from __future__ import annotations

import contextlib
import io
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from fsspec.callbacks import Callback

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lakefs_object_endpoints import ObjectStore
from lakefs_server import KEY_ID, SECRET, LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions
from hopsworks.lakefs.filesystem import LakeFSFileSystem

ROOT = Path(__file__).resolve().parents[2]
BIG = bytes(range(256)) * 30_000
FILES = {"a.txt": b"one", "d/b.txt": b"two", "d/e/c.txt": b"three", "d/big": BIG}


@pytest.fixture(autouse=True)
def _registered() -> None:
    fsspec.register_implementation("lakefs", LakeFSFileSystem, clobber=True)


@pytest.fixture
def server() -> Iterator[LakeFSServer]:
    with LakeFSServer() as made:
        made.repository()
        made.put("lake", "main", FILES)
        yield made


@pytest.fixture
def options(server: LakeFSServer) -> dict[str, Any]:
    return dict(server.settings)


@pytest.fixture
def fs(options: dict[str, Any]) -> LakeFSFileSystem:
    found: LakeFSFileSystem = fsspec.filesystem("lakefs", **options)
    return found


def content(server: LakeFSServer, path: str) -> bytes:
    return server.repositories["lake"].entry("main", path).content


def test_the_entry_point_leads_here() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    value = project["entry-points"]["fsspec.specs"]["lakefs"]
    assert EntryPoint("lakefs", value, "fsspec.specs").load() is LakeFSFileSystem
    assert any(row.startswith("fsspec") for row in project["optional-dependencies"]["fsspec"])


def test_a_missing_fsspec_names_its_extra() -> None:
    program = "import sys; sys.modules['fsspec'] = None; import hopsworks.lakefs.filesystem"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "pip install 'hopsworks[fsspec]'" in done.stderr


def test_folders(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    server.repository("other")
    server.repositories["lake"].tags["v1"] = server.repositories["lake"].branches["main"].head
    assert fs.ls("", detail=False) == ["lake", "other"]
    assert fs.ls("lakefs://lake", detail=False) == ["lake/main", "lake/v1"]
    assert fs.ls("lake/v1") == []
    assert fs.ls("lakefs://lake/main/", detail=False) == ["lake/main/a.txt", "lake/main/d"]
    entries = fs.ls("lake/main/d")
    assert [(e["name"], e["type"], e["size"]) for e in entries] == [
        ("lake/main/d/b.txt", "file", 3),
        ("lake/main/d/big", "file", len(BIG)),
        ("lake/main/d/e", "directory", 0),
    ]
    assert [entry["name"] for entry in fs.ls("lake/main/a.txt")] == ["lake/main/a.txt"]
    for missing in ("lake/main/none", "lake/none", "none", "none/main/x"):
        with pytest.raises(FileNotFoundError, match=missing):
            fs.ls(missing)


def test_what_is_known(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    info = fs.info("lakefs://lake/main/a.txt")
    assert (info["type"], info["size"], info["content_type"]) == (
        "file",
        3,
        "application/octet-stream",
    )
    assert [fs.info(p)["type"] for p in ("", "lake", "lake/main", "lake/main/d")] == [
        "directory"
    ] * 4
    assert fs.exists("lake/main/d/e/c.txt")
    assert fs.isdir("lake/main/d")
    assert not fs.exists("lake/main/d/none")
    assert not fs.exists("none/main")
    assert fs.size("lake/main/d/big") == len(BIG)
    assert fs.modified("lake/main/a.txt").year == 2023
    before = fs.ukey("lake/main/a.txt")
    server.put("lake", "main", {"a.txt": b"two"})
    assert fs.ukey("lake/main/a.txt") != before
    server.fault("GET", status=403)
    with pytest.raises(PermissionError):
        fs.info("lake/main/a.txt")


def test_walks(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    names = [f"lake/main/{path}" for path in sorted(FILES)]
    assert fs.find("lake/main") == names
    assert len(server.requests) == 1
    assert fs.find("lake/main/a.txt") == names[:1]
    assert fs.find("lake/main/none") == []
    assert fs.find("lake/main", detail=True)["lake/main/d/b.txt"]["size"] == 3
    assert fs.find("lake/main", maxdepth=1) == names[:1]
    assert fs.glob("lakefs://lake/main/**/*.txt") == [n for n in names if n.endswith("txt")]
    assert fs.glob("lake/main/d/b*") == ["lake/main/d/b.txt", "lake/main/d/big"]
    assert [top for top, _, _ in fs.walk("lake/main")] == [
        "lake/main",
        "lake/main/d",
        "lake/main/d/e",
    ]
    assert fs.du("lake/main/d/e") == 5


@pytest.mark.parametrize("name", ["lake/main/a.txt", "lake/main/d", "lake/main", "lake", "none"])
def test_a_refused_key_is_not_what_is_not_there(options: dict[str, Any], name: str) -> None:
    fs = LakeFSFileSystem(**{**options, "password": "wrong"})
    for asks in (fs.exists, fs.isfile, fs.isdir, fs.glob, fs.find, fs.du):
        with pytest.raises(PermissionError):
            asks(name)
    with pytest.raises(PermissionError):
        fs.glob(f"{name}/*")
    with pytest.raises(PermissionError):
        list(fs.walk(name))
    with pytest.raises(PermissionError):
        list(fs.walk(name, on_error="raise"))
    seen: list[OSError] = []
    assert list(fs.walk(name, on_error=seen.append)) == []
    assert [type(error) for error in seen] == [exceptions.PermissionException]


def test_a_dead_server_is_not_what_is_not_there() -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    fs = LakeFSFileSystem(host=f"http://127.0.0.1:{port}", username="u", password="p")
    for asks in (fs.exists, fs.isfile, fs.isdir, fs.find, lambda name: list(fs.walk(name))):
        with pytest.raises(exceptions.ServiceUnreachableException):
            asks("lake/main/d")
    with pytest.raises(exceptions.ServiceUnreachableException):
        fs.glob("lake/main/*.txt")


def test_what_is_not_there_is_left_out(fs: LakeFSFileSystem) -> None:
    for name in ("lake/main/none", "lake/none/x", "none/main"):
        assert (fs.exists(name), fs.isfile(name), fs.isdir(name)) == (False, False, False)
        assert (fs.find(name), fs.glob(f"{name}/*"), list(fs.walk(name))) == ([], [], [])
        with pytest.raises(FileNotFoundError, match=f"^lakefs://{name}: "):
            fs.info(f"lakefs://{name}")
        with pytest.raises(FileNotFoundError, match=f"^lakefs://{name}: "):
            fs.ls(f"lakefs://{name}/")
    assert fs.isfile("lake/main/a.txt")
    assert not fs.isdir("lake/main/a.txt")
    assert not fs.isfile("lake/main/d")


def test_reading(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    with fs.open("lakefs://lake/main/d/big") as file:
        file.seek(1000)
        assert file.read(10) == BIG[1000:1010]
    with fs.open("lake/main/a.txt", "r") as file:
        assert file.read() == "one"
    assert fs.cat("lake/main/a.txt") == b"one"
    assert fs.cat(["lake/main/a.txt", "lake/main/d/b.txt"]) == {
        "lake/main/a.txt": b"one",
        "lake/main/d/b.txt": b"two",
    }
    server.requests.clear()
    assert fs.cat_file("lake/main/d/big", 10, 20) == BIG[10:20]
    assert fs.cat_file("lake/main/d/big", start=-5) == BIG[-5:]
    assert fs.cat_file("lake/main/d/big", 5, 5) == b""
    assert fs.cat_ranges(["lake/main/a.txt"] * 2, [0, 1], [1, 3]) == [b"o", b"ne"]
    asked = [r.headers.get("range") for r in server.requests if r.path.endswith("/objects")]
    assert asked == [
        "bytes=10-19",
        f"bytes={len(BIG) - 5}-{len(BIG) - 1}",
        "bytes=0-0",
        "bytes=1-2",
    ]
    with pytest.raises(FileNotFoundError):
        fs.cat_file("lake/main/none")
    with pytest.raises(IsADirectoryError, match="is no object"):
        fs.open("lake/main")
    with pytest.raises(ValueError, match="rb, wb or xb"):
        fs.open("lake/main/a.txt", "ab")


def test_writing(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    with fs.open("lakefs://lake/main/n/x", "wb") as file:
        file.write(b"new")
    with fs.open("lake/main/n/y", "w") as file:
        file.write("text ä")
    fs.pipe("lake/main/n/z", b"piped")
    fs.touch("lake/main/n/empty")
    assert [content(server, f"n/{name}") for name in ("x", "y", "z", "empty")] == [
        b"new", "text ä".encode(), b"piped", b"",
    ]  # fmt: skip
    with pytest.raises(FileExistsError):
        fs.pipe_file("lake/main/n/z", b"again", mode="create")
    with pytest.raises(FileExistsError):
        fs.open("lake/main/n/z", "xb")
    with pytest.raises(KeyError), fs.open("lake/main/n/half", "wb") as file:
        {}[file.write(b"half")]
    assert not fs.exists("lake/main/n/half")


def test_transactions(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    with fs.transaction:
        with fs.open("lake/main/t/x", "wb") as file:
            file.write(b"x")
        fs.pipe("lake/main/t/y", b"y")
        fs.put_file(__file__, "lake/main/t/z")
        assert not fs.exists("lake/main/t/x")
        assert not [said for said in server.said() if said.startswith("POST")]
    assert (content(server, "t/x"), content(server, "t/y")) == (b"x", b"y")
    assert content(server, "t/z") == Path(__file__).read_bytes()
    with pytest.raises(KeyError), fs.transaction:
        {}[fs.pipe("lake/main/t/w", b"w")]
    assert not fs.exists("lake/main/t/w")


def test_files_of_this_machine(server: LakeFSServer, fs: LakeFSFileSystem, tmp_path: Path) -> None:
    class Seen(Callback):  # type: ignore[misc]
        def call(self, *_: Any, **__: Any) -> None:
            seen.append((self.size, self.value))

    seen: list[Any] = []
    fs.get_file("lake/main/d/big", str(tmp_path / "sub" / "big"), callback=Seen())
    assert (tmp_path / "sub" / "big").read_bytes() == BIG
    assert seen[-1] == (len(BIG), len(BIG))
    fs.get("lake/main/d", str(tmp_path / "d"), recursive=True)
    assert (tmp_path / "d" / "e" / "c.txt").read_bytes() == b"three"
    memory = io.BytesIO()
    fs.get_file("lake/main/a.txt", memory)
    assert memory.getvalue() == b"one"
    fs.put(str(tmp_path / "d"), "lake/main/up", recursive=True)
    assert fs.find("lake/main/up") == [f"lake/main/up/{p}" for p in ("b.txt", "big", "e/c.txt")]
    assert content(server, "up/big") == BIG


def test_a_download_that_fails_leaves_nothing(
    server: LakeFSServer, fs: LakeFSFileSystem, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    target = folder / "big"
    folder.mkdir()
    target.write_bytes(b"older")
    fs.info("lake/main/d/big")
    server.fault("GET /repositories/lake/refs/main/objects", truncate=2_000_000, times=2)
    server.storages[""] = {"pre_sign_support": False}
    fs.get_file("lake/main/d/big", str(target))
    assert target.read_bytes() == BIG
    server.fault("GET /repositories/lake/refs/main/objects", truncate=100, times=99)
    with pytest.raises(exceptions.ServiceUnreachableException):
        fs.get_file("lake/main/d/big", str(target), pre_sign=False)
    assert [path.name for path in folder.iterdir()] == ["big"]
    assert target.read_bytes() == BIG


def test_copies_and_moves(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    server.repository("other")
    fs.cp_file("lake/main/a.txt", "lake/main/k/a.txt")
    fs.cp("lake/main/d", "lake/main/copied", recursive=True)
    fs.cp_file("lake/main/a.txt", "other/main/a.txt")
    fs.mv("lake/main/k/a.txt", "lake/main/k/b.txt")
    assert fs.find("lake/main/copied") == [
        f"lake/main/copied/{p}" for p in ("b.txt", "big", "e/c.txt")
    ]
    assert fs.cat("other/main/a.txt") == b"one"
    assert fs.find("lake/main/k") == ["lake/main/k/b.txt"]
    with pytest.raises(FileNotFoundError):
        fs.cp_file("lake/main/none", "lake/main/x")


def test_deleting(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    with pytest.raises(IsADirectoryError, match="recursive=True"):
        fs.rm("lake/main/d")
    with pytest.raises(FileNotFoundError):
        fs.rm("lake/main/none")
    with pytest.raises(IsADirectoryError, match="is a repository"):
        fs.rm("lake", recursive=True)
    fs.rm("lake/main/a.txt")
    fs.rm("lake/main/d", recursive=True)
    fs.rm_file("lake/main/none")
    assert fs.find("lake/main") == []
    deletes = [said for said in server.said() if said.endswith("/objects/delete")]
    assert len(deletes) == 2
    server.put("lake", "main", {"protected/x": b""})
    with pytest.raises(PermissionError, match="protected"):
        fs.rm("lake/main/protected/x")
    fs.mkdir("lake/main/f")
    fs.makedirs("lake/main/f/g", exist_ok=True)
    fs.rmdir("lake/main/f")
    assert not fs.exists("lake/main/f")


def test_links(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    with ObjectStore() as store:
        server.store = store
        assert fs.sign("lake/main/a.txt") == store.link("a.txt")


def test_who_asks(server: LakeFSServer, options: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("LAKECTL_CONFIG_FILE", "/nonexistent")
    lakefs.init(**options)
    assert fsspec.filesystem("lakefs").cat("lake/main/a.txt") == b"one"
    client = lakefs.Client(**options)
    assert LakeFSFileSystem(client=client).client is client
    one, two = LakeFSFileSystem(**options), LakeFSFileSystem(**options)
    other = LakeFSFileSystem(**{**options, "password": "wrong"})
    assert one.client is two.client
    assert one.client is not other.client
    with pytest.raises(PermissionError):
        other.cat("lake/main/a.txt")
    with pytest.raises(exceptions.ValidationError, match="not both"):
        LakeFSFileSystem(client=client, host=server.url)
    assert SECRET not in repr(one)


def test_misspelt_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"storage option 'hots'; known are client, .* host, "):
        fsspec.filesystem("lakefs", hots=options["host"])
    with pytest.raises(TypeError, match="'pasword'"):
        pd.read_csv("lakefs://lake/main/a.txt", storage_options={**options, "pasword": "x"})
    made = LakeFSFileSystem(use_listings_cache=False, skip_instance_cache=True, **options)
    assert made.cat("lake/main/a.txt") == b"one"


def test_what_a_file_system_shows(options: dict[str, Any]) -> None:
    assert repr(LakeFSFileSystem(**options)) == f'LakeFSFileSystem(host="{options["host"]}/api/v1")'
    assert repr(LakeFSFileSystem()) == "LakeFSFileSystem()"


def test_pandas(server: LakeFSServer, options: dict[str, Any]) -> None:
    frame = pd.DataFrame({"a": range(1000), "b": ["x", "y"] * 500})
    frame.to_parquet("lakefs://lake/main/f.parquet", storage_options=options)
    frame.to_csv("lakefs://lake/main/f.csv", index=False, storage_options=options)
    read: Any = pd.read_parquet
    assert read("lakefs://lake/main/f.parquet", storage_options=options).equals(frame)
    assert pd.read_csv("lakefs://lake/main/f.csv", storage_options=options).equals(frame)


def test_pyarrow(fs: LakeFSFileSystem) -> None:
    table = pa.table({"a": list(range(100)), "b": ["x", "y"] * 50})
    ds.write_dataset(
        table, "lake/main/set", filesystem=fs, format="parquet", partitioning=["b"],
        existing_data_behavior="overwrite_or_ignore",
    )  # fmt: skip
    found = ds.dataset("lake/main/set", filesystem=fs, partitioning=["b"])
    assert found.to_table().num_rows == 100
    assert pq.read_table("lake/main/set", filesystem=fs).num_rows == 100


def test_polars(server: LakeFSServer, options: dict[str, Any]) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})
    with fsspec.open("lakefs://lake/main/p.parquet", "wb", **options) as file:
        frame.write_parquet(file)
    with fsspec.open("lakefs://lake/main/p.parquet", "rb", **options) as file:
        assert pl.read_parquet(file).equals(frame)
    with fsspec.open("lakefs://lake/main/a.txt", "rb", **options) as file:
        assert pl.read_csv(file, has_header=False).rows() == [("one",)]
    found = pl.scan_pyarrow_dataset(
        ds.dataset("lake/main/p.parquet", filesystem=LakeFSFileSystem(**options))
    )
    assert found.collect().equals(frame)


def test_duckdb(server: LakeFSServer, fs: LakeFSFileSystem) -> None:
    fs.pipe("lake/main/q/1.csv", b"a,b\n1,2\n3,4\n")
    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        query = "SELECT sum(a), max(b) FROM 'lakefs://lake/main/q/*.csv'"
        assert connection.sql(query).fetchall() == [(4, 4)]
        connection.sql("COPY (SELECT 7 AS n) TO 'lakefs://lake/main/q/out.parquet'")
        found = connection.sql("SELECT n FROM 'lakefs://lake/main/q/out.parquet'")
        assert found.fetchall() == [(7,)]


def test_delta_tables(fs: LakeFSFileSystem, tmp_path: Path) -> None:
    local = str(tmp_path / "table")
    write_deltalake(local, pa.table({"a": [1, 2]}))
    write_deltalake(local, pa.table({"a": [3]}), mode="append")
    fs.put(local, "lake/main/table", recursive=True)
    fs.get("lake/main/table", str(tmp_path / "again"), recursive=True)
    table = DeltaTable(str(tmp_path / "again"))
    assert sorted(table.to_pyarrow_table()["a"].to_pylist()) == [1, 2, 3]
    names = [f"lake/main/table/{uri.rpartition('/')[2]}" for uri in table.file_uris()]
    assert ds.dataset(names, filesystem=fs).count_rows() == 3


def test_caches_go_by_the_checksum(
    server: LakeFSServer, options: dict[str, Any], tmp_path: Path
) -> None:
    def cached() -> Any:
        return fsspec.filesystem(
            "filecache", target_protocol="lakefs", target_options=options,
            cache_storage=str(tmp_path), check_files=True,
        )  # fmt: skip

    assert cached().cat("lake/main/a.txt") == b"one"
    server.requests.clear()
    assert cached().cat("lake/main/a.txt") == b"one"
    assert not [r for r in server.requests if r.path.endswith("/objects")]
    server.put("lake", "main", {"a.txt": b"new"})
    assert cached().cat("lake/main/a.txt") == b"new"


def test_settings_are_those_of_the_client() -> None:
    assert LakeFSFileSystem(username=KEY_ID, password=SECRET, host="h").client.config.host == (
        "http://h/api/v1"
    )
