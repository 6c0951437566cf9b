"""Client.request and its streams: requests to plain targets, for services without rows in resources/."""

from __future__ import annotations

import contextlib
import gc
import gzip
import io
import os
import signal
import socket
import sys
import threading
import time
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripted_server import ScriptedServer, Step, tls_context

from hopsworks import _native
from hopsworks.client import exceptions

MINE = {"Authorization": "Bearer very-secret", "X-Of-Client": "yes"}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Failed(Exception):
    """What the hook of these tests makes."""

    def __init__(self, kind: str, message: str, **facts: Any) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.facts = facts


def client_of(server: ScriptedServer, **settings: Any) -> _native.Client:
    settings.setdefault("headers", MINE)
    settings.setdefault("retry_delay", 0.01)
    return _native.Client(server.url, **settings)


# --- what is sent, and what comes back ------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_verb_may_have_a_body(verb: str) -> None:
    step = Step(f"{verb} /a?x=1", expect_body=b"{}", status=201, reason="Made it", body=b"answer")
    step.expect_headers = {"Content-Length": "2", "Content-Type": "application/json", **MINE}
    step.headers = {"X-Twice": "a", "x-twice": "b"}
    with ScriptedServer([step]) as server:
        answer = client_of(server).request(
            verb, "/a?x=1", body=b"{}", headers={"Content-Type": "application/json"}
        )
    assert (answer.status, answer.reason, answer.content) == (201, "Made it", b"answer")
    assert answer.headers == {"x-twice": "a, b", "content-length": "6"}
    assert answer.url == f"{server.url}/a?x=1"
    assert repr(answer) == "<Response 201 Made it>"


def test_an_error_answer_is_an_answer() -> None:
    with ScriptedServer([Step("GET /a", status=503, reason="", body=b"later")]) as server:
        answer = client_of(server).request("GET", "/a")
    assert (answer.status, answer.reason, answer.content) == (503, "", b"later")


def test_headers_of_the_request_win_over_those_of_the_client() -> None:
    step = Step("GET /a", expect_headers={"Authorization": "Basic other", "X-Of-Client": "yes"})
    with ScriptedServer([step]) as server:
        client_of(server).request("GET", "/a", headers={"authorization": "Basic other"})


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("chunked", [False, True])
def test_compressed_answers_are_decompressed(coding: str, chunked: bool) -> None:
    body = gzip.compress(b"plain") if coding == "gzip" else zlib.compress(b"plain")
    step = Step("GET /a", body=body, chunked=chunked, headers={"Content-Encoding": coding})
    with ScriptedServer([step]) as server:
        assert client_of(server).request("GET", "/a").content == b"plain"


def test_a_file_is_sent_from_where_it_stands() -> None:
    file = io.BytesIO(b"head" + b"x" * 3_000_000)
    file.seek(4)
    step = Step("PUT /f", expect_body=b"x" * 3_000_000)
    step.expect_headers = {"Content-Length": "3000000", "Transfer-Encoding": None}
    with ScriptedServer([step]) as server:
        assert client_of(server).request("PUT", "/f", body=file).status == 200


def test_a_file_that_cannot_seek_is_sent_chunked() -> None:
    class Pipe:
        def __init__(self) -> None:
            self.pieces = [b"one ", bytearray(b"two"), b""]

        def read(self, size: int) -> Any:
            return self.pieces.pop(0)

    step = Step("PUT /f", expect_body=b"one two", expect_headers={"Transfer-Encoding": "chunked"})
    with ScriptedServer([step]) as server:
        assert client_of(server).request("PUT", "/f", body=Pipe()).status == 200


def test_a_file_is_sent_again_from_its_start() -> None:
    steps = [
        Step("PUT /f", expect_body=b"content", reset="request"),
        Step("PUT /f", expect_body=b"content"),
    ]
    with ScriptedServer(steps) as server:
        answer = client_of(server).request("PUT", "/f", body=io.BytesIO(b"content"), retry="safe")
    assert answer.status == 200


def test_what_reading_a_file_raises_comes_out() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise KeyError("disk")

    class Shrunk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b""

    class Text(io.RawIOBase):
        def read(self, size: int = -1) -> str:  # type: ignore[override]
            return "text"

    with ScriptedServer([Step("PUT /f", times=3)], complete=False) as server:
        client = client_of(server)
        with pytest.raises(KeyError, match="disk"):
            client.request("PUT", "/f", body=Broken(b"content"))
        with pytest.raises(OSError, match="ended after 0 of 7 bytes"):
            client.request("PUT", "/f", body=Shrunk(b"content"))
        with pytest.raises(TypeError, match="binary mode"):
            client.request("PUT", "/f", body=Text())  # type: ignore[arg-type]


def test_bad_arguments_are_refused_and_nothing_is_sent() -> None:
    with ScriptedServer([]) as server:
        client = client_of(server)
        for verb, target in [
            ("get", "/a"),
            ("GET", "a"),
            ("GET", ""),
            ("GET", "/a b"),
            ("GET", "/a\n"),
            ("GET", "/a\0b"),
            ("GET", "/ä"),
            ("GET", "ftp://localhost/a"),
            ("GET", "http://"),
            ("GET", "http://me:secret@localhost/"),
            ("GET", f"{server.url}/a#b"),
        ]:
            with pytest.raises(ValueError) as caught:
                client.request(verb, target)
            assert "secret" not in str(caught.value)
        for bad in ({"A B": "c"}, {"A": "b\r\nC: d"}):
            with pytest.raises(ValueError, match="header"):
                client.request("GET", "/a", headers=bad)
        with pytest.raises(
            ValueError, match='retry is "never", "unsent" or "safe", not \'always\''
        ):
            client.request("GET", "/a", retry="always")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="read_timeout is -1"):
            client.request("GET", "/a", read_timeout=-1)
        with pytest.raises(TypeError, match="body must be bytes-like or a binary file"):
            client.request("POST", "/a", body="text")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="a file of text; open it in binary mode"):
            client.request("POST", "/a", body=io.StringIO("text"))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="a header value must be str"):
            client.request("POST", "/a", headers={"A": 1})  # type: ignore[dict-item]
        with pytest.raises(TypeError, match="target must be str"):
            client.request("POST", 7)  # type: ignore[arg-type]
        assert server.connections == 0


# --- other hosts ----------------------------------------------------------------------------------------------


def test_an_absolute_url_of_the_same_origin_gets_everything() -> None:
    with ScriptedServer([Step("GET /b", expect_headers=dict(MINE))]) as server:
        assert client_of(server).request("GET", f"{server.url}/b").url == f"{server.url}/b"


def test_another_origin_gets_only_the_headers_of_the_request() -> None:
    own = {"x-ms-blob-type": "BlockBlob", "Content-Type": "text/csv"}
    step = Step("PUT /store?sig=s3cret", expect_headers={**dict.fromkeys(MINE), **own})
    with ScriptedServer([]) as home, ScriptedServer([step]) as store:
        answer = client_of(home).request(
            "PUT", f"{store.url}/store?sig=s3cret", body=b"x", headers=own
        )
    assert answer.status == 200


def test_the_permission_in_a_url_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "hopsworks.http")
    with ScriptedServer([]) as home:
        client = client_of(home, errors=Failed)
        with pytest.raises(Failed) as caught:
            client.request("PUT", "http://127.0.0.1:1/store?sig=s3cret")
        assert caught.value.facts["url"] == "http://127.0.0.1:1/store"
    with ScriptedServer([Step("GET /x?sig=s3cret", status=403)]) as store:
        with pytest.raises(Failed) as caught:
            client.open_download("GET", f"{store.url}/x?sig=s3cret")
        assert f"GET {store.url}/x at localhost -> 403" in caplog.text
    assert "s3cret" not in caplog.text + str(caught.value) + repr(caught.value.facts)


@pytest.mark.parametrize("status", [307, 308])
def test_redirects_keep_verb_and_body(status: int) -> None:
    steps = [
        Step("POST /a", status=status, headers={"Location": "/b"}),
        Step("POST /b", expect_body=b"{}", expect_headers=dict(MINE), body=b"there"),
    ]
    with ScriptedServer(steps) as server:
        answer = client_of(server).request("POST", "/a", body=b"{}")
    assert (answer.content, answer.url) == (b"there", f"{server.url}/b")


@pytest.mark.parametrize("plain", [True, False])
def test_redirects_take_a_file_from_its_start(plain: bool, tmp_path: Path) -> None:
    steps = [
        Step("PUT /a", status=307, headers={"Location": "/b"}, expect_body=b"content"),
        Step("PUT /b", expect_body=b"content"),
    ]
    path = tmp_path / "f"
    path.write_bytes(b"--content")
    with ScriptedServer(steps) as server:
        with path.open("rb") if plain else io.BytesIO(path.read_bytes()) as file:
            file.seek(2)
            assert client_of(server).request("PUT", "/a", body=file).status == 200


def test_a_file_that_shrinks_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    os.truncate(path, 100_000_000)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        """Reads nothing until much of the file is still to be sent when it is cut."""
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            time.sleep(0.2)
            os.truncate(path, 1000)
            while connection.recv(1_000_000):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    client = _native.Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
    with path.open("rb") as file:
        with pytest.raises(OSError, match=r"the body ended after \d+ of 100000000 bytes"):
            client.request("PUT", "/f", body=file)
    thread.join()
    listener.close()


@pytest.mark.parametrize("status", [301, 302, 303])
def test_redirects_of_a_post_become_a_get(status: int) -> None:
    steps = [
        Step("POST /a", status=status, headers={"Location": "/b"}),
        Step("GET /b", expect_body=b""),
    ]
    with ScriptedServer(steps) as server:
        assert client_of(server).request("POST", "/a", body=b"{}").status == 200


def test_a_redirect_to_another_host_keeps_what_is_harmless() -> None:
    own = {"Range": "bytes=1-2", "Content-Encoding": "gzip", "X-Own": "private"}
    expected = {**dict.fromkeys([*MINE, "X-Own", "Cookie"]), "Range": "bytes=1-2"}
    expected["Content-Encoding"] = "gzip"
    with ScriptedServer([Step("POST /s", expect_headers=expected, expect_body=b"zip")]) as store:
        away = Step("POST /a", status=307, headers={"Location": f"{store.url}/s"})
        with ScriptedServer([away]) as home:
            answer = client_of(home).request(
                "POST", "/a", body=b"zip", headers={**own, "Cookie": "c=1"}
            )
    assert answer.url == f"{store.url}/s"


def test_redirects_of_a_named_host_keep_its_headers_only_there() -> None:
    steps = [
        Step("GET /a", status=302, headers={"Location": "/b"}, expect_headers={"X-Own": "1"}),
        Step("GET /b", expect_headers={"X-Own": "1", **dict.fromkeys(MINE)}),
    ]
    with ScriptedServer([]) as home, ScriptedServer(steps) as store:
        client_of(home).request("GET", f"{store.url}/a", headers={"X-Own": "1"})


def test_redirects_are_followed_so_often() -> None:
    def hop(n: int) -> Step:
        return Step(f"GET /{n}", status=302, headers={"Location": f"/{n + 1}"})

    with ScriptedServer([hop(0), hop(1), hop(2), Step("GET /3")]) as server:
        assert client_of(server, max_redirects=3).request("GET", "/0").status == 200
    with ScriptedServer([hop(0), hop(1), hop(2), hop(3)]) as server:
        with pytest.raises(Failed, match="redirected more than 3 times") as caught:
            client_of(server, max_redirects=3, errors=Failed).request("GET", "/0")
        assert caught.value.kind == "protocol"
    away = Step("GET /0", status=302, headers={"Location": "/1"}, body=b"see there")
    with ScriptedServer([away]) as server:
        answer = client_of(server, max_redirects=0).request("GET", "/0")
    assert (answer.status, answer.headers["location"], answer.content) == (302, "/1", b"see there")


@pytest.mark.parametrize("place", ["ftp://h/x", "http://", "http://h:99999/", "http://me:hush@h/"])
def test_redirects_to_what_is_no_address(place: str) -> None:
    away = Step("POST /0", status=307, headers={"Location": place})
    with ScriptedServer([away]) as server:
        with pytest.raises(Failed, match="localhost redirects to an address that cannot") as caught:
            client_of(server, errors=Failed).request("POST", "/0", body=b"{}")
    assert caught.value.kind == "protocol"
    assert "hush" not in str(caught.value)


def test_a_local_socket_leads_to_no_other_host(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with ScriptedServer([Step("GET /a")], unix_socket=path) as server:
        client = _native.Client(server.url, unix_socket=path)
        assert client.request("GET", "http://localhost/a").status == 200
        with pytest.raises(ValueError, match=r"far\.example cannot be asked through the socket"):
            client.request("GET", "http://far.example/a")


# --- what is repeated -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["GET", "POST", "PATCH", "DELETE"])
def test_nothing_is_sent_again_by_itself(verb: str) -> None:
    steps = [Step(f"{verb} /a"), Step(f"{verb} /b", reset="request")]
    with ScriptedServer(steps) as server:
        client = client_of(server, errors=Failed)
        client.request(verb, "/a", body=b"{}")
        with pytest.raises(Failed) as caught:
            client.request(verb, "/b", body=b"{}")
        assert caught.value.kind == "io"
        assert caught.value.facts["attempts"] == 1
        assert server.connections == 1


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("secure", [False, True])
def test_a_connection_that_was_closed_while_idle_is_no_error(
    verb: str, secure: bool, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {}
    tls = None
    if secure:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        path = str(tmp_path / "server.pem")
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(path)
        tls = tls_context(path)
        settings["trust_store"] = tmp_path / "ca.pem"
    with ScriptedServer([Step(f"{verb} /a", close=True, times=3)], tls=tls) as server:
        client = client_of(server, errors=Failed, **settings)
        for _ in range(3):
            assert client.request(verb, "/a", body=b"{}").status == 200
            time.sleep(0.05)
        assert server.connections == 3


def test_a_short_body_is_a_failure() -> None:
    with ScriptedServer([Step("GET /a", body=b"0123456789", truncate=4)]) as server:
        with pytest.raises(Failed) as caught:
            client_of(server, errors=Failed).request("GET", "/a")
    assert caught.value.kind == "io"


@pytest.mark.parametrize("retry", ["never", "unsent", "safe"])
def test_a_refused_connection_is_repeated_for_every_request_when_asked_for(retry: Any) -> None:
    settings: dict[str, Any] = {"retries": 2, "retry_delay": 0.001, "errors": Failed}
    always = _native.Client("http://127.0.0.1:1", retry_connection_failures=True, **settings)
    usual = _native.Client("http://127.0.0.1:1", **settings)
    with pytest.raises(Failed) as caught:
        always.request("POST", "/a", body=b"x", retry=retry)
    assert (caught.value.kind, caught.value.facts["attempts"]) == ("connect", 3)
    with pytest.raises(Failed) as caught:
        usual.request("POST", "/a", body=b"x", retry=retry)
    assert caught.value.facts["attempts"] == (1 if retry == "never" else 3)


def test_broken_answers_are_repeated_when_that_is_safe() -> None:
    steps = [
        Step("GET /a", reset="request"),
        Step("GET /a", body=b"whole", reset="head"),
        Step("GET /a", body=b"whole", truncate=2),
        Step("GET /a", body=b"whole"),
    ]
    with ScriptedServer(steps) as server:
        assert client_of(server, retries=3).request("GET", "/a", retry="safe").content == b"whole"
    with ScriptedServer(steps[:3]) as server:
        with pytest.raises(Failed) as caught:
            client_of(server, retries=2, errors=Failed).request("GET", "/a", retry="safe")
    assert caught.value.facts["attempts"] == 3


@pytest.mark.parametrize("status", [413, 429, 503])
def test_answers_are_repeated_as_the_client_says(status: int) -> None:
    settings: dict[str, Any] = {"retry_statuses": (413, 429, 503), "retry_only_when_told": True}
    told = Step("PUT /a", status=status, headers={"Retry-After": "0"})
    with ScriptedServer([told, Step("PUT /a")]) as server:
        assert client_of(server, **settings).request("PUT", "/a", retry="safe").status == 200
    with ScriptedServer([told]) as server:
        assert client_of(server, **settings).request("PUT", "/a").status == status
    with ScriptedServer([Step("PUT /a", status=status)]) as server:
        assert client_of(server, **settings).request("PUT", "/a", retry="safe").status == status
    with ScriptedServer([Step("PUT /a", status=502, headers={"Retry-After": "0"})]) as server:
        assert client_of(server, **settings).request("PUT", "/a", retry="safe").status == 502


def test_no_repetition_at_all() -> None:
    with ScriptedServer([Step("GET /a", status=503)]) as server:
        assert client_of(server, retries=0).request("GET", "/a", retry="safe").status == 503


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("retries", -1, ValueError),
        ("retries", 1.5, ValueError),
        ("retry_delay", -1.0, ValueError),
        ("retry_statuses", [503], ValueError),
        ("retry_statuses", (200,), ValueError),
        ("retry_statuses", tuple(range(500, 520)), ValueError),
        ("max_redirects", -1, ValueError),
        ("errors", 3, TypeError),
        ("proxy", "ftp://host:1", ValueError),
        ("proxy", "http://", ValueError),
        ("proxy", 3, TypeError),
    ],
)
def test_bad_settings_are_refused(setting: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=setting if setting != "proxy" else "proxy|str"):
        _native.Client("http://localhost", **{setting: value})


# --- limits of time -------------------------------------------------------------------------------------------


def test_limits_of_one_request() -> None:
    with ScriptedServer([Step(silent=5.0, times=2), Step("GET /a", delay=0.2)]) as server:
        client = client_of(server, errors=Failed, read_timeout=0.1)
        began = time.monotonic()
        with pytest.raises(Failed, match=r"nothing for 0\.1 s") as caught:
            client.request("GET", "/a")
        assert caught.value.kind == "timeout"
        with pytest.raises(Failed, match="whole request"):
            client.request("GET", "/a", read_timeout=None, total_timeout=0.2)
        assert time.monotonic() - began < 3
        assert client.request("GET", "/a", connect_timeout=..., read_timeout=None).status == 200


def test_an_interrupt_ends_a_request_at_once() -> None:
    with ScriptedServer([Step(silent=20.0)]) as server:
        client = client_of(server, read_timeout=None)
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.request("POST", "/a", connect_timeout=None)
        assert time.monotonic() - began < 5


# --- the hook for errors --------------------------------------------------------------------------------------


def test_the_hook_gets_what_is_known() -> None:
    refused = Step("GET /a?b=c", status=404, reason="Gone", body=b"why", headers={"X-Why": "w"})
    with ScriptedServer([refused]) as server, pytest.raises(Failed) as caught:
        client_of(server, errors=Failed).open_download("GET", "/a?b=c")
    assert caught.value.kind == "http"
    assert caught.value.facts == {
        "operation": "GET /a",
        "url": f"{server.url}/a?b=c",
        "status": 404,
        "reason": "Gone",
        "headers": [("X-Why", "w"), ("Content-Length", "3")],
        "body": b"why",
        "service_code": None,
        "attempts": 1,
        "os_error": 0,
    }


def test_rows_use_the_hook_of_their_client() -> None:
    with pytest.raises(Failed) as caught:
        _native.Client("http://127.0.0.1:1", errors=Failed, retries=0).scope().call(
            "variable.versions"
        )
    assert caught.value.kind == "connect"


def test_without_a_hook_the_usual_exceptions_come() -> None:
    client = _native.Client("http://127.0.0.1:1")
    with pytest.raises(exceptions.ServiceUnreachableError):
        client.request("GET", "/")


def test_a_hook_may_raise_and_must_give_an_exception() -> None:
    def raising(*_: Any, **__: Any) -> BaseException:
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        _native.Client("http://127.0.0.1:1", errors=raising).request("GET", "/")
    with pytest.raises(TypeError, match="must be exceptions, not 'text'"):
        _native.Client("http://127.0.0.1:1", errors=lambda *_, **__: "text").request(  # type: ignore[arg-type,return-value]
            "GET", "/"
        )


def test_a_hook_that_knows_its_client_does_not_keep_it_alive() -> None:
    class Owner:
        def __init__(self) -> None:
            self.client = _native.Client("http://127.0.0.1:1", errors=self.make)

        def make(self, *_: Any, **__: Any) -> BaseException:
            return OSError()

    owner = Owner()
    with pytest.raises(OSError):
        owner.client.request("GET", "/")
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


# --- a proxy --------------------------------------------------------------------------------------------------


def test_a_proxy_gets_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    steps = [Step("GET http://far.example/a"), Step("GET http://localhost:9/b")]
    steps[0].expect_headers = {"Proxy-Authorization": "Basic bWU6cHc="}
    with ScriptedServer(steps) as proxy:
        address = f"http://me:pw@127.0.0.1:{proxy.port}"
        client = _native.Client("http://far.example", proxy=address)
        assert client.request("GET", "/a").status == 200
        assert client.request("GET", "http://localhost:9/b").status == 200


def test_a_proxy_may_lack_its_scheme() -> None:
    with ScriptedServer([Step("GET http://far.example/a")]) as proxy:
        client = _native.Client("http://far.example", proxy=f"127.0.0.1:{proxy.port}")
        assert client.request("GET", "/a").status == 200


def test_an_empty_proxy_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with ScriptedServer([Step("GET /a")]) as server:
        assert client_of(server, proxy="").request("GET", "/a").status == 200


def test_a_proxy_that_nobody_serves_is_named_by_its_setting() -> None:
    client = _native.Client("http://far.example", proxy="http://me:pw@127.0.0.1:1", errors=Failed)
    with pytest.raises(Failed, match="the client's setting of a proxy") as caught:
        client.request("GET", "/a")
    assert "pw" not in str(caught.value)


# --- streams --------------------------------------------------------------------------------------------------


@pytest.fixture
def pieces() -> Iterator[_native.DownloadStream]:
    body = bytes(range(256)) * 4
    step = Step("POST /d", body=body, expect_body=b"{}", expect_headers=dict(MINE))
    with ScriptedServer([step]) as server:
        yield client_of(server).open_download("POST", "/d", body=b"{}")


def test_a_download_is_read_in_pieces(pieces: _native.DownloadStream) -> None:
    assert (pieces.status, pieces.size) == (200, 1024)
    assert repr(pieces) == "<DownloadStream of POST /d>"
    assert pieces.read(2) == b"\0\1"
    buffer = bytearray(254)
    assert pieces.readinto(buffer) == 254
    assert buffer == bytes(range(2, 256))
    assert pieces.read() == bytes(range(256)) * 3
    assert pieces.read() == b""
    pieces.close()
    assert repr(pieces) == "<DownloadStream of POST /d closed>"


@pytest.mark.parametrize("size", [None, 10, 11, 5])
def test_a_download_that_ends_early_is_a_failure(size: int | None) -> None:
    with ScriptedServer([Step("GET /d", body=b"0123456789", truncate=4)]) as server:
        # When all has come before the head is looked at, opening finds it out.
        with pytest.raises(Failed) as caught:
            client_of(server, errors=Failed).open_download("GET", "/d").read(size)
    assert caught.value.kind == "io"


def test_an_upload_is_written_in_pieces() -> None:
    step = Step("POST /u", expect_body=b"onetwo", status=201, body=b"got it")
    step.expect_headers = {"Content-Type": "text/plain", "Transfer-Encoding": "chunked", **MINE}
    with ScriptedServer([step]) as server:
        stream = client_of(server).open_upload("POST", "/u", headers={"Content-Type": "text/plain"})
        stream.write(b"one")
        stream.write(memoryview(b"two"))
        answer = stream.finish()
    assert (answer.status, answer.content, stream.status) == (201, b"got it", 201)


def test_an_upload_that_is_refused_is_an_answer() -> None:
    with ScriptedServer([Step("POST /u", status=409, body=b"no")]) as server:
        stream = client_of(server).open_upload("POST", "/u")
        stream.write(b"one")
        answer = stream.finish()
    assert (answer.status, answer.content) == (409, b"no")


def test_streams_show_no_query() -> None:
    with ScriptedServer([Step("GET /d?sig=s3cret", body=b"x")]) as server:
        stream = client_of(server).open_download("GET", f"{server.url}/d?sig=s3cret")
        assert repr(stream) == f"<DownloadStream of GET {server.url}/d>"
        stream.close()


def test_several_threads_share_a_client() -> None:
    with ScriptedServer([Step("POST /a", body=b"ok", times=80)], ordered=False) as server:
        client = client_of(server)
        found: list[bytes] = []

        def work() -> None:
            found.extend(client.request("POST", "/a", body=b"{}").content for _ in range(20))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [b"ok"] * 80


def test_an_answer_that_comes_twice_is_not_taken_for_the_next_one() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for body in (b"first", b"second"):
            connection, _ = listener.accept()
            with connection:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += connection.recv(1)
                answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
                connection.sendall(answer)
                time.sleep(0.05)
                connection.sendall(answer)
                with contextlib.suppress(ConnectionResetError):
                    connection.recv(1000)  # until the client leaves

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with _native.Client(url, read_timeout=10) as client:
        assert client.request("POST", "/1").content == b"first"
        time.sleep(0.2)
        assert client.request("POST", "/2").content == b"second"
    thread.join(5)
    listener.close()
