"""Proxies of the environment, limits of time that a user sets, and the errors of answers, all over real connections."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripted_server import ScriptedServer, Step, tls_context

import hopsworks
from hopsworks import _native
from hopsworks.client import exceptions

API = "/hopsworks-api/api"
VERSIONS = f"{API}/variables/versions"
PASSWORD = "p%40ss-word-of-the-proxy"
DECODED = "p@ss-word-of-the-proxy"
CREDENTIALS = "Basic " + base64.b64encode(f"me:{DECODED}".encode()).decode()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    hopsworks.logout()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Everything logged; checked for the password of the proxy at the end."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    for secret in (PASSWORD, DECODED, CREDENTIALS.removeprefix("Basic ")):
        assert secret not in caplog.text


def silent(error: BaseException) -> str:
    """The text of an error and its causes, which must not tell the password."""
    text = ""
    at: BaseException | None = error
    while at is not None:
        text += f"{at}{at!r}{vars(at)}"
        at = at.__cause__ or at.__context__
    for secret in (PASSWORD, DECODED, CREDENTIALS.removeprefix("Basic ")):
        assert secret not in text
    return text


class Tunnel:
    """A proxy that connects to one server, whatever it is asked for; a context manager."""

    def __init__(self, target: int) -> None:
        self.heads: list[str] = []
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                inner, _ = self._listener.accept()
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += inner.recv(1)
                self.heads.append(head.decode())
                outer = socket.create_connection(("127.0.0.1", self._target))
                inner.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                for pair in ((inner, outer), (outer, inner)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


# --- proxies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("user", ["", f"me:{PASSWORD}@"])
def test_plain_http_through_a_proxy(
    variable: str, user: str, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    step = Step(f"GET http://far.example{VERSIONS}", body=b"[]")
    step.expect_headers = {"Proxy-Authorization": CREDENTIALS if user else None}
    with ScriptedServer([step]) as proxy:
        monkeypatch.setenv(variable, f"http://{user}127.0.0.1:{proxy.port}")
        scope = _native.Client("http://far.example").scope()
        assert scope.call("variable.versions") == []
    assert "variables/versions" in said.text


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("user", ["", f"me:{PASSWORD}@"])
def test_tls_through_a_tunnel(
    variable: str, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    path = str(tmp_path / "server.pem")
    authority.issue_cert("far.example").private_key_and_cert_chain_pem.write_to_path(path)
    step = Step(f"GET {VERSIONS}", body=b"[]")
    # What is for the proxy does not go to the server, and the other way round.
    step.expect_headers = {"Proxy-Authorization": None, "Authorization": "ApiKey a.key"}
    with ScriptedServer([step], tls=tls_context(path)) as server, Tunnel(server.port) as proxy:
        monkeypatch.setenv(variable, f"http://{user}127.0.0.1:{proxy.port}")
        client = _native.Client(
            "https://far.example",
            trust_store=tmp_path / "ca.pem",
            headers={"Authorization": "ApiKey a.key"},
        )
        assert client.scope().call("variable.versions") == []
        client.close()
    (head,) = proxy.heads
    assert head.startswith("CONNECT far.example:443 HTTP/1.1\r\n")
    assert "a.key" not in head
    assert (f"Proxy-Authorization: {CREDENTIALS}\r\n" in head) == bool(user)


@pytest.mark.parametrize(
    "names", ["localhost", "example.org,localhost", "*", ".localhost,localhost"]
)
def test_hosts_that_need_no_proxy(names: str, monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    with ScriptedServer([Step(f"GET {VERSIONS}", body=b"[]")]) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:{PASSWORD}@127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", names)
        assert _native.Client(server.url).scope().call("variable.versions") == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_nobody_serves_is_told_without_its_password(
    scheme: str, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:{PASSWORD}@127.0.0.1:1")
    scope = _native.Client(f"{scheme}://far.example", verify=False).scope()
    with pytest.raises(exceptions.ServiceUnreachableError, match="proxy") as caught:
        scope.call("variable.versions")
    assert "far.example" in silent(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_without_an_address_is_told_without_its_password(
    scheme: str, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:{PASSWORD}@proxy.invalid:3128")
    scope = _native.Client(f"{scheme}://far.example", verify=False).scope()
    with pytest.raises(exceptions.ServiceUnreachableError, match="proxy") as caught:
        scope.call("variable.versions")
    silent(caught.value)


def test_a_proxy_that_refuses_the_password_does_not_see_it_told(
    monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    refusal = Step("CONNECT far.example:443", status=407, reason="Proxy Authentication Required")
    with ScriptedServer([refusal]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{proxy.port}")
        scope = _native.Client("https://far.example", verify=False).scope()
        with pytest.raises(exceptions.ServiceUnreachableError, match=r"407.*HTTPS_PROXY") as caught:
            scope.call("variable.versions")
    silent(caught.value)
    assert PASSWORD not in repr(scope) + repr(scope.client)


# --- limits of time -------------------------------------------------------------------------------------------


def seconds_of_login(url: str, error: type[Exception], match: str) -> float:
    began = time.monotonic()
    with pytest.raises(error, match=match):
        hopsworks.login(host=url, project="demo", api_key_value="a.key")
    return time.monotonic() - began


def test_the_connect_limit_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_CONNECT_TIMEOUT", "0.4")
    with ScriptedServer([], accept=False) as server:
        url = f"https://127.0.0.1:{server.port}"
        took = seconds_of_login(url, exceptions.ServiceUnreachableError, r"within 0\.4 s")
    assert 0.39 <= took < 3


def test_the_read_limit_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_READ_TIMEOUT", "0.3")
    with ScriptedServer([Step(f"GET {VERSIONS}", silent=20)]) as server:
        url = f"http://127.0.0.1:{server.port}"
        took = seconds_of_login(url, exceptions.ReadTimeoutError, r"sent nothing for 0\.3 s")
    assert 0.29 <= took < 3


def test_the_total_limit_of_the_file(tmp_path: Path) -> None:
    (tmp_path / ".hops.toml").write_text("[default]\ntotal_timeout = 0.5\n")
    with ScriptedServer([Step(f"GET {VERSIONS}", size=10_000, trickle=(1, 0.02))]) as server:
        url = f"http://127.0.0.1:{server.port}"
        took = seconds_of_login(url, exceptions.RequestTimeoutError, "whole request")
    assert 0.49 <= took < 3


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_a_limit_that_cannot_be_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_READ_TIMEOUT", value)
    with pytest.raises(ValueError, match=f"HOPSWORKS_READ_TIMEOUT is '{value}'"):
        hopsworks.login(host="127.0.0.1:1", api_key_value="a.key")


@pytest.mark.parametrize("value", ["0", "none", "None"])
def test_no_limit(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_READ_TIMEOUT", value)
    monkeypatch.setenv("HOPSWORKS_API_KEY", "a.key")
    settings = hopsworks.config.resolve(host="h.example")
    assert settings.read_timeout is None
    assert settings.connect_timeout == 10.0
    assert settings.sources["read_timeout"] == "HOPSWORKS_READ_TIMEOUT"


# --- errors of answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [
        (404, 150004, "NotFoundError"),
        (400, 110018, "NotFoundError"),
        (401, 200003, "UnauthorizedError"),
        (403, 160000, "ForbiddenError"),
        (409, 150001, "ConflictError"),
        (413, 0, "QuotaExceededError"),
        (504, 0, "ServerTimeoutError"),
        (408, 0, "ServerTimeoutError"),
        (422, 120001, "RestAPIError"),
        (500, 100001, "RestAPIError"),
    ],
)
def test_an_answer_becomes_the_error_of_its_kind(status: int, code: int, name: str) -> None:
    body = {"errorCode": code, "errorMsg": "What is wrong", "usrMsg": "What to do about it"}
    step = Step(f"DELETE {API}/project/3/dataset/x", status=status, body=json.dumps(body).encode())
    step.times = 4 if status == 504 else 1
    with ScriptedServer([step]) as server:
        scope = _native.Client(server.url).scope(None, project_id=3)
        with pytest.raises(exceptions.RestAPIError) as caught:
            scope.call("dataset.remove", path="x")
    error = caught.value
    assert type(error) is getattr(exceptions, name)
    assert error.url == f"{server.url}{API}/project/3/dataset/x"
    assert error.response.status_code == status
    assert error.response.json() == body
    assert (error.error_code, error.user_message) == (code, "What to do about it")
    assert error.attempts == step.times
    assert isinstance(error, TimeoutError) == (name == "ServerTimeoutError")
    for part in ("DELETE", str(status), "What is wrong", "What to do about it", str(code)):
        assert part in str(error)
