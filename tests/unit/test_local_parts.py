"""Parts of the local server that need no server: routes, forms, ranges, key stores, logs, results."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import errno
import hashlib
import json
import os
import socket
import sqlite3
import struct
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hopsworks.local import downloads, keystore, predictor_host, predictor_logs
from hopsworks.local.access import rule_for
from hopsworks.local.auth import ApiKey
from hopsworks.local.certificates import Authority, common_name
from hopsworks.local.downloads import byte_range
from hopsworks.local.errors import ApiError, storage_full
from hopsworks.local.http import without_nulls
from hopsworks.local.metadata import Metadata, iso_time
from hopsworks.local.multipart import FormError, boundary_of, read_chunk_form
from hopsworks.local.routing import Router


# -- routes ------------------------------------------------------------------------------------
@pytest.fixture
def router() -> Router:
    router = Router()
    for path in (
        "project",
        "project/{p}",
        "project/getProjectInfo/{name}",
        "project/{p}/dataset/{path*}",
        "project/{p}/dataset/upload/{path*}",
        "/0.1.0/ping",
    ):
        router.add("GET", path, lambda path=path: path)
    router.add(("POST", "PUT"), "project/{p}", lambda: "written")
    return router


@pytest.mark.parametrize(
    ("path", "route", "parameters"),
    [
        ("project", "project", {}),
        ("project/", "project", {}),
        ("project/7", "project/{p}", {"p": "7"}),
        ("project/a%2Fb%20c", "project/{p}", {"p": "a/b c"}),
        ("project/getProjectInfo/x", "project/getProjectInfo/{name}", {"name": "x"}),
        ("project/getProjectInfo", "project/{p}", {"p": "getProjectInfo"}),
        ("project/7/dataset/", "project/{p}/dataset/{path*}", {"p": "7", "path": ""}),
        ("project/7/dataset", "project/{p}/dataset/{path*}", {"p": "7", "path": ""}),
        ("project/7/dataset/a/b%2Fc", "project/{p}/dataset/{path*}", {"p": "7", "path": "a/b/c"}),
        ("project/7/dataset/%2FX", "project/{p}/dataset/{path*}", {"p": "7", "path": "/X"}),
        (
            "project/7/dataset/upload/y",
            "project/{p}/dataset/upload/{path*}",
            {"p": "7", "path": "y"},
        ),
    ],
)
def test_routes(router: Router, path: str, route: str, parameters: dict) -> None:
    handler, found = router.find("GET", "/hopsworks-api/api/" + path)
    assert handler() == route
    assert found == parameters


def test_routes_that_are_missing(router: Router) -> None:
    assert router.find("GET", "/0.1.0/ping")[0]() == "/0.1.0/ping"
    assert router.find("PUT", "/hopsworks-api/api/project/7")[0]() == "written"
    assert router.find("DELETE", "/hopsworks-api/api/project/7") is None
    assert router.find("GET", "/hopsworks-api/api/project/7/none") is None
    assert router.find("GET", "/") is None
    with pytest.raises(ValueError, match="must be the last"):
        router.add("GET", "a/{rest*}/b", lambda: None)


# -- forms -------------------------------------------------------------------------------------
CONTENT = b"line\r\n--B\r\nnot the end\r\n--Bx--\r\n"


def _form(content: bytes = CONTENT) -> bytes:
    fields = b"".join(
        b'--BND\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair
        for pair in ((b"flowChunkSize", b"100"), (b"flowFilename", "ü".encode()))
    )
    head = b'--BND\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    return fields + head + content + b"\r\n--BND--\r\n"


def _read(pieces: list[bytes], size: int) -> tuple[dict, bytes]:
    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def read() -> tuple[dict, bytes]:
        form = await read_chunk_form(b"multipart/form-data; boundary=BND", body())
        return form.fields, b"".join([piece async for piece in form.content(size)])

    return asyncio.run(read())


def test_form_split_at_every_byte() -> None:
    whole = _form()
    for cut in range(len(whole)):
        fields, content = _read([whole[:cut], whole[cut:]], len(CONTENT))
        assert fields == {"flowChunkSize": "100", "flowFilename": "ü"}
        assert content == CONTENT


def test_form_byte_by_byte() -> None:
    whole = _form()
    assert _read([whole[i : i + 1] for i in range(len(whole))], len(CONTENT))[1] == CONTENT


def test_content_that_holds_the_boundary() -> None:
    content = b"x\r\n--BND--\r\ny"
    assert _read([_form(content)], len(content))[1] == content


@pytest.mark.parametrize("size", [0, 1, len(CONTENT) - 1, len(CONTENT) + 1, 10_000])
def test_content_of_another_size(size: int) -> None:
    with pytest.raises(FormError, match=str(size)):
        _read([_form()], size)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b"--BND--\r\n",
        b'--BND\r\nContent-Disposition: form-data; name="a"\r\n\r\nvalue',
        b"--BND\r\nContent-Type: x\r\n\r\nvalue\r\n--BND--",
        b'--BND\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"v" * 200_000,
    ],
)
def test_bodies_that_are_no_chunk(body: bytes) -> None:
    with pytest.raises(FormError):
        _read([body], 1)
    with pytest.raises(FormError):
        _read([body[i : i + 7] for i in range(0, len(body), 7)], 1)


def test_boundaries() -> None:
    assert boundary_of(b'multipart/form-data; boundary="a b"') == b"a b"
    assert boundary_of(b"Multipart/Form-Data;charset=x;Boundary=ab") == b"ab"
    for wrong in (b"", b"application/json", b"multipart/form-data", b"text/plain; boundary=x"):
        with pytest.raises(FormError):
            boundary_of(wrong)


# -- ranges ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 5)),
        ("bytes=-3", (7, 3)),
        ("bytes=-30", (0, 10)),
        ("bytes=2-99", (2, 8)),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=1-2,4-5", None),
        ("items=1-2", None),
    ],
)
def test_byte_ranges(text: str, found: tuple[int, int] | None) -> None:
    assert byte_range(text, 10) == found


@pytest.mark.parametrize("text", ["bytes=10-", "bytes=11-12", "bytes=-0"])
def test_byte_ranges_outside(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        byte_range(text, 10)
    assert caught.value.status == 416


@pytest.mark.parametrize("has_sendfile", [True, False])
def test_file_to_a_slow_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_sendfile: bool
) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "f").write_bytes(content)

    def refuse(*_: object) -> int:
        raise OSError(errno.EINVAL, "not for this socket")

    if not has_sendfile:
        monkeypatch.setattr(os, "sendfile", refuse)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs, open(tmp_path / "f", "rb") as file:
        sender = threading.Thread(
            target=downloads._send_file, args=(ours.fileno(), file.fileno(), 1000, 2_000_000)
        )
        sender.start()
        received = b""
        while len(received) < 2_000_000:
            received += theirs.recv(50_000)
        sender.join()
        assert received == content[1000:2_001_000]
        (tmp_path / "f").write_bytes(b"")
        with pytest.raises(OSError, match="shorter"):
            downloads._send_file(ours.fileno(), file.fileno(), 0, 10)


# -- keys and key stores -----------------------------------------------------------------------
def test_api_key_is_made_once_and_hidden(tmp_path: Path) -> None:
    key = ApiKey.load(tmp_path)
    assert ApiKey.load(tmp_path).text == key.text
    assert (tmp_path / "api.key").stat().st_mode & 0o777 == 0o600
    assert key.text == f"{key.prefix}.{key.secret}"
    assert key.secret not in repr(key)


def test_names_in_certificates_are_told_apart() -> None:
    assert common_name("demo__ann00000") == "demo__ann00000"
    long = ["p" * 80 + end for end in ("a", "b")]
    names = {common_name(f"{name}__{user}") for name in long for user in ("ann00000", "bob00000")}
    assert len(names) == 4
    assert all(len(name) <= 64 for name in names)


def test_every_route_has_its_rule() -> None:
    with pytest.raises(LookupError, match="no area"):
        rule_for("GET", "elsewhere/{id}")
    query = rule_for("PUT", "project/{project_id}/featurestores/query")
    assert (query.writes, query.role) == (False, "Feature store restricted")
    assert rule_for("DELETE", "project/{project_id}/dataset/{path*}").scopes == ("DATASET_DELETE",)
    assert rule_for("POST", "project/{project_id}/dataset/{path*}").scopes == ("DATASET_CREATE",)
    assert rule_for("GET", "/hopsworks-local/keys").socket_only
    assert rule_for("GET", "project/{project_id}/dataset/download/with_token/{path*}").public


def _unmask(masked: bytes, password: str) -> bytes:
    """The key of a store's entry, by the description of the format."""
    secret = password.encode("utf-16-be")
    salt, middle, check = masked[:20], masked[20:-20], masked[-20:]
    plain, block = b"", salt
    while len(plain) < len(middle):
        block = hashlib.sha1(secret + block).digest()
        plain += bytes(a ^ b for a, b in zip(middle[len(plain) :], block, strict=False))
    assert hashlib.sha1(secret + plain).digest() == check
    return plain


def test_key_store_holds_the_key(tmp_path: Path) -> None:
    material = Authority.load(tmp_path).client_material("demo__local000")
    chain, key = material.certificate.read_text(), material.key.read_text()
    store = keystore.key_store(chain, key, "pässword")
    assert struct.unpack(">III", store[:12]) == (0xFEEDFEED, 2, 1)
    seal = "pässword".encode("utf-16-be") + b"Mighty Aphrodite" + store[:-20]
    assert hashlib.sha1(seal).digest() == store[-20:]
    plain = keystore._der(key, "PRIVATE KEY")
    start = store.index(bytes.fromhex("2b060104012a021101010500")) + 12
    assert store[start] == 0x04
    size = struct.unpack(">H", store[start + 2 : start + 4])[0] if store[start + 1] == 0x82 else 0
    head = 4
    if not size:
        head = 3 if store[start + 1] == 0x81 else 2
        size = store[start + head - 1]
    masked = store[start + head : start + head + size]
    assert _unmask(masked, "pässword") == plain
    trust = keystore.trust_store(material.authority.read_text(), "p")
    assert keystore._certificates(material.authority.read_text())[0] in trust


# -- predictors --------------------------------------------------------------------------------
def test_rows_of_a_payload() -> None:
    assert predictor_host.rows_of({"instances": [1], "inputs": [2]}) == [1]
    assert predictor_host.rows_of({"inputs": [2]}) == [2]
    assert predictor_host.rows_of({"other": 3}) == {"other": 3}
    assert predictor_host.rows_of([4]) == [4]


class _Echo:
    def predict(self, inputs: object) -> object:
        return inputs


class _Later:
    async def predict(self, inputs: object) -> object:
        return {"later": inputs}


def test_answers() -> None:
    host = predictor_host.Host(_Echo(), None)
    assert json.loads(host.answer(b'{"instances": [[1]]}')) == {"predictions": [[1]]}
    assert json.loads(host.answer(b"")) == {}
    later = predictor_host.Host(_Later(), None)
    assert json.loads(later.answer(b'{"instances": [1]}')) == {"later": [1]}
    with pytest.raises(ValueError, match="Expecting"):
        host.answer(b"{")


def test_plain_values() -> None:
    encode = predictor_host.plain
    assert encode(datetime.date(2020, 1, 2)) == "2020-01-02"
    assert encode(decimal.Decimal("1.10")) == "1.10"
    assert encode(b"ab") == "YWI="
    assert encode({1}) == [1]
    with pytest.raises(TypeError, match="object"):
        encode(object())


@pytest.mark.parametrize(
    ("text", "error"), [("x = 1", "no class Predict"), ("Predict = 3", "no class Predict")]
)
def test_scripts_without_a_class(tmp_path: Path, text: str, error: str) -> None:
    script = tmp_path / "script_without_class.py"
    script.write_text(text)
    with pytest.raises(ImportError, match=error):
        predictor_host.load_class(str(script), "Predict")


# -- logs --------------------------------------------------------------------------------------
def test_log_lines_across_pieces(tmp_path: Path) -> None:
    log = predictor_logs.InstanceLog(tmp_path / "logs", "d-1-0")
    for piece in (b"first li", b"ne\nsecond\n\nlast wi", b"thout end"):
        log.feed(piece)
    log.close(tmp_path / "kept")
    lines = [text for _, text in predictor_logs.read_lines(log.path)]
    assert lines == ["first line", "second", "", "last without end"]
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.name.endswith("_d-1-0_predictor.log")
    assert kept.read_text() == "first line\nsecond\n\nlast without end\n"
    log.close(tmp_path / "kept")
    assert log.last_line == "last without end"


def test_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor_logs, "LIMIT", 2000)
    log = predictor_logs.InstanceLog(tmp_path, "d-1-0")
    for number in range(200):
        log.feed(f"line {number}\n".encode())
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 5000
    assert predictor_logs.read_lines(log.path)[-1][1] == "line 199"
    log.feed(b"x" * 200_000)
    assert len(predictor_logs.read_lines(log.path)[-1][1]) > 100_000
    log.close(tmp_path / "kept")


def test_log_entries_by_time_and_instance(tmp_path: Path) -> None:
    for number, name in enumerate(("d-1-0", "d-2-0")):
        path = tmp_path / f"{name}_predictor.log"
        path.write_text(
            f"2024-01-01T0{number}:00:00.000000Z a\n2024-01-01T0{number}:30:00.000000Z b c\n"
        )
        os.utime(path, (number, number))

    def contents(**given: object) -> list[str]:
        filters = {"tail": None, "since": None, "until": None, "instance": None}
        found = predictor_logs.entries(tmp_path, "predictor", timestamps=False, **(filters | given))
        return [entry["content"] for entry in found]

    assert contents() == ["a\nb c", "a\nb c"]
    assert contents(tail=1) == ["b c", "b c"]
    assert contents(instance="d-2-0") == ["a\nb c"]
    assert contents(since="2024-01-01T00:45:00Z") == ["a\nb c"]
    assert contents(until="2024-01-01T01:10:00+01:00", instance="d-1-0") == ["a"]
    assert contents(since="not a time", instance="d-1-0") == ["a\nb c"]
    assert (
        predictor_logs.entries(
            tmp_path, "transformer", tail=1, since=None, until=None, instance=None, timestamps=True
        )
        == []
    )


# -- metadata ----------------------------------------------------------------------------------
def test_transactions_nest_and_roll_back(tmp_path: Path) -> None:
    store = Metadata(tmp_path / "m.sqlite")
    assert (tmp_path / "m.sqlite").stat().st_mode & 0o777 == 0o600
    store.create("CREATE TABLE t (x INTEGER)")

    def fail() -> None:
        with store.transaction() as db:
            db.execute("INSERT INTO t VALUES (1)")
            with store.transaction() as inner:
                inner.execute("INSERT INTO t VALUES (2)")
            assert len(store.all("SELECT x FROM t")) == 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.all("SELECT x FROM t") == []
    with store.transaction() as db:
        db.execute("INSERT INTO t VALUES (3)")
    assert store.one("SELECT x FROM t")["x"] == 3
    assert store.one("PRAGMA journal_mode")[0] == "wal"
    assert store.one("PRAGMA synchronous")[0] == 2
    store.close()


def test_writers_in_threads_take_turns(tmp_path: Path) -> None:
    store = Metadata(tmp_path / "m.sqlite")
    store.create("CREATE TABLE t (x INTEGER)")

    def write() -> None:
        for _ in range(20):
            with store.transaction() as db:
                seen = db.execute("SELECT count(*) FROM t").fetchone()[0]
                db.execute("INSERT INTO t VALUES (?)", (seen,))

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["x"] for row in store.all("SELECT x FROM t ORDER BY x")] == list(range(100))
    store.close()


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (
            RuntimeError("Generic LocalFileSystem error: No space left on device (os error 28)"),
            True,
        ),
        (RuntimeError("other"), False),
        (sqlite3.OperationalError("locked"), False),
    ],
)
def test_full_disks_are_recognised(error: Exception, full: bool) -> None:
    found = storage_full(error, "Resources/x")
    assert (found is not None) == full
    if found is not None:
        assert found.code == 110055
        assert "Resources/x" in str(found)
        assert "Free space" in str(found)


def test_full_database_is_recognised(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.sqlite") as db:
        db.execute("PRAGMA max_page_count=3")
        db.execute("CREATE TABLE t (x)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            db.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))
    assert storage_full(caught.value).code == 110055


def test_times_and_nulls() -> None:
    assert iso_time(1_739_174_019_007) == "2025-02-10T07:53:39.007Z"
    assert without_nulls({"a": None, "b": [None, {"c": None}]}) == {"b": [None, {}]}
