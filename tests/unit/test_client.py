"""The native client against a server that behaves and misbehaves by script."""

from __future__ import annotations

import contextlib
import datetime
import gc
import hashlib
import io
import logging
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import trustme

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import itertools

from scripted_server import ScriptedServer, Step, tls_context

from hopsworks import _native
from hopsworks.client import exceptions

API = "/hopsworks-api/api"
VERSIONS = f"GET {API}/variables/versions"
PROJECT = f"GET {API}/project/3"
SECRET = "abc.very-secret-key"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def client_of(server: ScriptedServer, **settings: Any) -> _native.Client:
    settings.setdefault("headers", {"Authorization": f"ApiKey {SECRET}"})
    return _native.Client(server.url, **settings)


def scope_of(server: ScriptedServer, **settings: Any) -> _native.Scope:
    return client_of(server, **settings).scope("context", project_id=3)


# --- calls ---------------------------------------------------------------------------------------------------


def test_a_call_sends_the_row_and_decodes_the_answer() -> None:
    step = Step(VERSIONS, body=b'[{"software": "hopsworks", "version": "5.2.1"}]')
    step.expect_headers = {"Authorization": f"ApiKey {SECRET}", "User-Agent": "hopsworks"}
    with ScriptedServer([step]) as server:
        answer = scope_of(server).call("variable.versions")
    assert answer == [{"software": "hopsworks", "version": "5.2.1"}]


def test_scope_keeps_context_client_and_parameters() -> None:
    with ScriptedServer([]) as server:
        client = client_of(server)
        scope = client.scope("context", project_id=3)
        assert scope.context == "context"
        assert scope.client is client
        assert scope.params == {"project_id": 3}
        scope.params["project_id"] = 4
        assert scope.params == {"project_id": 3}
        assert client.base_url == server.url
        assert client.unix_socket is None
        assert not client.closed


def test_given_parameters_win_over_fixed_ones() -> None:
    with ScriptedServer(
        [Step(f"GET {API}/project/4", status=404, body=b'{"errorCode": 150004}')]
    ) as server:
        with pytest.raises(exceptions.RestAPIError):
            scope_of(server).call("project.get", project_id=4)


def test_an_unknown_endpoint_is_named_and_nothing_sent() -> None:
    with ScriptedServer([]) as server:
        with pytest.raises(ValueError, match=r"no endpoint \"project.gte\""):
            scope_of(server).call("project.gte")
        assert server.connections == 0


def test_an_unknown_parameter_is_named_and_nothing_sent() -> None:
    with ScriptedServer([]) as server:
        with pytest.raises(ValueError, match="projekt"):
            scope_of(server).call("project.get", projekt=3)
        with pytest.raises(ValueError, match="project_id"):
            client_of(server).scope().call("project.get")
        with pytest.raises(TypeError, match=r"parameter \"project_id\""):
            client_of(server).scope().call("project.get", project_id=object())
        assert server.connections == 0


def test_an_error_answer_carries_everything_but_the_key() -> None:
    body = b'{"errorCode": 150004, "errorMsg": "No project", "usrMsg": "Nothing by that number"}'
    step = Step(PROJECT, status=404, reason="Not Found", body=body, headers={"X-Trace": "t1"})
    with ScriptedServer([step]) as server, pytest.raises(exceptions.RestAPIError) as caught:
        scope_of(server).call("project.get")
    error = caught.value
    assert error.error_code == 150004
    assert error.response.status_code == 404
    assert error.response.content == body
    assert error.response.headers["x-trace"] == "t1"
    assert error.url == f"{server.url}{API}/project/3"
    assert SECRET not in str(error) + repr(error)


def test_secrets_are_not_shown() -> None:
    with ScriptedServer([]) as server:
        client = client_of(server)
        assert SECRET not in repr(client) + repr(client.scope())
        with pytest.raises(ValueError) as caught:
            _native.Client(server.url, headers={"Authorization": f"ApiKey {SECRET}\r\nX: y"})
        assert SECRET not in str(caught.value)


def test_bad_settings_are_named() -> None:
    with pytest.raises(ValueError, match="neither http nor https"):
        _native.Client("ftp://host")
    with pytest.raises(ValueError, match="user name"):
        _native.Client("https://me:pw@host")
    with pytest.raises(ValueError, match="read_timeout is -1"):
        _native.Client("http://host", read_timeout=-1)
    with pytest.raises(TypeError, match="connect_timeout"):
        _native.Client("http://host", connect_timeout="soon")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="headers"):
        _native.Client("http://host", headers=[("a", "b")])  # type: ignore[arg-type]


def test_an_answer_that_is_no_json_is_an_error() -> None:
    with ScriptedServer([Step(VERSIONS, body=b"<html>")]) as server:
        with pytest.raises(exceptions.ResponseDecodeError):
            scope_of(server).call("variable.versions")


# --- timeouts ------------------------------------------------------------------------------------------------


def test_silence_ends_with_the_read_timeout() -> None:
    with ScriptedServer([Step(VERSIONS, silent=10)]) as server:
        scope = scope_of(server, read_timeout=0.3)
        began = time.monotonic()
        with pytest.raises(
            exceptions.ReadTimeoutError, match=r"sent nothing for 0.3 s.*an answer was awaited"
        ):
            scope.call("variable.versions")
        assert 0.29 <= time.monotonic() - began < 1.0
        assert len(server.requests) == 1


def test_drops_do_not_outlive_the_total_timeout() -> None:
    with ScriptedServer([Step(VERSIONS, size=1000, trickle=(1, 0.05))]) as server:
        scope = scope_of(server, read_timeout=0.3)
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="whole request"):
            scope.call("variable.versions", timeout=0.5)
        assert 0.49 <= time.monotonic() - began < 1.2


def test_a_call_may_be_given_more_time_than_the_usual_silence() -> None:
    with ScriptedServer([Step(VERSIONS, delay=0.6, body=b"[]")]) as server:
        assert scope_of(server, read_timeout=0.2).call("variable.versions", timeout=5) == []


def test_an_unreachable_host_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    scope = _native.Client(f"http://127.0.0.1:{port}").scope()
    with pytest.raises(
        exceptions.ServiceUnreachableError, match=f"127.0.0.1:{port}.*refused"
    ) as caught:
        scope.call("variable.versions")
    assert caught.value.attempts == 4


def test_a_host_that_takes_the_connection_and_says_nothing_is_named() -> None:
    with ScriptedServer([], accept=False) as server:
        scope = _native.Client(
            f"https://127.0.0.1:{server.port}", connect_timeout=0.4, verify=False
        ).scope()
        began = time.monotonic()
        with pytest.raises(exceptions.ServiceUnreachableError, match="TLS handshake") as caught:
            scope.call("variable.versions")
        assert time.monotonic() - began < 1.5
        assert server.requests == []
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert "HTTPS port" in str(caught.value)
    assert caught.value.attempts == 1


def test_an_unknown_host_is_named() -> None:
    scope = _native.Client("https://no-such-host.invalid").scope()
    with pytest.raises(exceptions.ServiceUnreachableError, match=r"no-such-host\.invalid"):
        scope.call("variable.versions")


# --- interruption --------------------------------------------------------------------------------------------

INTERRUPTED = """
    import sys, threading, time
    sys.path.insert(0, {tests!r})
    from hopsworks import _native

    scope = _native.Client({url!r}).scope(None, project_id=3)
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    try:
        {action}
    except KeyboardInterrupt:
        sys.stdout.write(f"interrupted {{time.time():.3f}}\\n")
"""


@pytest.mark.parametrize(
    ("step", "action"),
    [
        (Step(VERSIONS, silent=20), 'scope.call("variable.versions")'),
        (Step(VERSIONS, size=1000, trickle=(1, 0.02)), 'scope.call("variable.versions")'),
        (
            Step(VERSIONS, status=503, headers={"Retry-After": "20"}),
            'scope.call("variable.versions")',
        ),
        (
            Step(VERSIONS, size=10000, trickle=(10, 0.5)),
            'scope.open_download("variable.versions").read()',
        ),
    ],
    ids=["silent", "drops", "between-attempts", "download"],
)
def test_ctrl_c_ends_any_wait(step: Step, action: str) -> None:
    with ScriptedServer([step]) as server:
        assert seconds_to_interrupt(server, action) < 0.2


def seconds_to_interrupt(server: ScriptedServer, action: str) -> float:
    """Runs an action in a process, presses Ctrl-C when its request has come, and waits for its end."""
    code = textwrap.dedent(
        INTERRUPTED.format(tests=str(Path(__file__).parent.parent), url=server.url, action=action)
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 10
    while not server.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    sent = time.time()
    child.send_signal(signal.SIGINT)
    word, at = child.stdout.readline().split()
    child.wait(10)
    child.stdout.close()
    assert word == "interrupted"
    return float(at) - sent


UPLOAD = f"POST {API}/project/3/dataset/upload/Resources"
DOWNLOAD = f"GET {API}/project/3/dataset/download/with_auth/a?type=DATASET"
ROWS = f"POST {API}/project/3/featurestores/5/featuregroups/7/rows?ingestion=u1"
WRITE_ROWS = """(lambda rows: [rows.write(bytes(1 << 20)) for _ in range(100)])(scope.open_upload(
            "feature_group.insert_rows", content_type="a/b", feature_store_id=5, id=7, ingestion="u1"))"""


@pytest.mark.parametrize(
    ("step", "action"),
    [
        # The server reads nothing, so the content is stuck half way.
        (Step(UPLOAD, early=True, delay=20), 'scope.upload({big!r}, "Resources", parallel=1)'),
        (Step(UPLOAD, early=True, delay=20), 'scope.upload({big!r}, "Resources", parallel=3)'),
        (Step(UPLOAD, silent=20), 'scope.upload({small!r}, "Resources")'),
        (Step(DOWNLOAD, size=1000, trickle=(1, 0.1)), 'scope.download("a", {out!r}, size=1000)'),
        (
            Step(DOWNLOAD, status=503, headers={"Retry-After": "20"}),
            'scope.download("a", {out!r}, size=1000)',
        ),
        (Step(ROWS, early=True, delay=20), WRITE_ROWS),
    ],
    ids=["sending", "sending-by-threads", "sent", "receiving", "between-attempts", "rows"],
)
def test_ctrl_c_ends_a_transfer(step: Step, action: str, tmp_path: Path) -> None:
    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(bytes(40 << 20))
    small.write_bytes(b"x")
    action = action.format(big=str(big), small=str(small), out=str(tmp_path / "out"))
    with ScriptedServer([step]) as server:
        assert seconds_to_interrupt(server, action) < 0.3
    assert len(server.requests) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big", "small"]


def test_a_local_path_may_be_bytes(tmp_path: Path) -> None:
    path = tmp_path / "caf\u00e9.txt"
    path.write_text("x")
    with ScriptedServer([Step(UPLOAD)]) as server:
        scope_of(server).upload(os.fsencode(path), "Resources")
    assert 'filename="caf\u00e9.txt"'.encode() in server.requests[0].body


def test_closing_ends_a_wait_in_another_thread() -> None:
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            scope.call("variable.versions")
        except BaseException as error:
            failures.append(error)

    with ScriptedServer([Step(VERSIONS, silent=20)]) as server:
        client = client_of(server)
        scope = client.scope()
        thread = threading.Thread(target=wait)
        thread.start()
        while not server.requests:
            time.sleep(0.01)
        began = time.monotonic()
        client.close()
        thread.join(5)
        assert time.monotonic() - began < 0.2
    assert [type(error) for error in failures] == [exceptions.NoHopsworksConnectionError]


def test_a_closed_client_says_so() -> None:
    with ScriptedServer([Step(VERSIONS, body=b"[]")]) as server:
        client = client_of(server)
        scope = client.scope()
        scope.call("variable.versions")
        assert client.connections == 1
        client.close()
        client.close()
        assert client.closed
        assert client.connections == 0
        assert "closed" in repr(client)
        with pytest.raises(exceptions.NoHopsworksConnectionError, match="connect or log in again"):
            scope.call("variable.versions")


# --- retries -------------------------------------------------------------------------------------------------


def test_attempts_are_counted_spaced_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedServer([Step(VERSIONS, status=503, reason="Busy", times=4)]) as server:
        with (
            caplog.at_level(logging.DEBUG, logger="hopsworks.http"),
            pytest.raises(exceptions.RestAPIError) as caught,
        ):
            scope_of(server).call("variable.versions")
        times = [request.at for request in server.requests]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert caught.value.attempts == 4
    assert 0.12 <= gaps[0] <= 0.35
    assert 0.25 <= gaps[1] <= 0.60
    assert 0.50 <= gaps[2] <= 1.10
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3 + ["DEBUG"]
    assert "trying again in" in caplog.records[0].getMessage()
    assert SECRET not in caplog.text


def test_retry_after_is_obeyed() -> None:
    steps = [Step(VERSIONS, status=429, headers={"Retry-After": "1"}), Step(VERSIONS, body=b"[]")]
    with ScriptedServer(steps) as server:
        assert scope_of(server).call("variable.versions") == []
        first, second = (request.at for request in server.requests)
    assert 1.0 <= second - first < 1.6


def test_an_unsafe_request_is_not_sent_again_on_a_fresh_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A kept connection that the server closes under a request is where HTTP libraries repeat by themselves."""
    start = Step(f"POST {API}/project/3/serving/9?action=START", silent=0.05)
    execute = Step(f"POST {API}/project/3/jobs/j/executions", silent=0.05)
    warm = Step(VERSIONS, body=b"[]")
    with (
        ScriptedServer([warm, start, warm, execute]) as server,
        caplog.at_level(logging.DEBUG, logger="hopsworks.http"),
    ):
        scope = scope_of(server)
        for name, params in (
            ("deployment.action", {"id": 9, "action": "START"}),
            ("execution.start", {"name": "j"}),
        ):
            scope.call("variable.versions")
            with pytest.raises(
                exceptions.ServiceUnreachableError, match="may have acted on it"
            ) as caught:
                scope.call(name, **params)
            assert caught.value.attempts == 1
    assert len(server.requests) == 4
    assert len(caplog.records) == 4
    assert server.connections == 2


def test_a_safe_request_on_a_connection_that_had_ended_is_a_logged_attempt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps = [Step(VERSIONS, body=b"[]"), Step(VERSIONS, silent=0.05), Step(VERSIONS, body=b"[]")]
    with (
        ScriptedServer(steps) as server,
        caplog.at_level(logging.DEBUG, logger="hopsworks.http"),
    ):
        scope = scope_of(server)
        assert scope.call("variable.versions") == []
        assert scope.call("variable.versions") == []
    assert [record.levelname for record in caplog.records] == ["DEBUG", "WARNING", "DEBUG"]
    assert "closed before an answer came" in caplog.records[1].getMessage()


def test_foreign_bytes_in_an_answer_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with (
        ScriptedServer([Step(VERSIONS, reason="Gut gem\xe4\xdft", body=b"[]")]) as server,
        caplog.at_level(logging.DEBUG, logger="hopsworks.http"),
    ):
        assert scope_of(server).call("variable.versions") == []
    assert "200 Gut gem" in caplog.text


def test_what_is_not_safe_is_sent_once() -> None:
    create = f"POST {API}/project?projectName=x"
    with ScriptedServer([Step(create, reset="request"), Step(create, status=503)]) as server:
        for _ in range(2):
            with pytest.raises((exceptions.RestAPIError, exceptions.ServiceUnreachableError)):
                scope_of(server).call("project.create", {"projectName": "x"}, project_name="x")
        assert len(server.requests) == 2


# --- TLS -----------------------------------------------------------------------------------------------------


class Certificates:
    """Authority and server certificates in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.store = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.store)

    def server(self, *names: str, **validity: datetime.datetime) -> tuple[ssl.SSLContext, str]:
        """A server's TLS context and the SHA-256 of its certificate."""
        leaf = self.authority.issue_cert(*names, **validity)
        path = str(self.folder / f"{names[0]}-{len(validity)}.pem")
        leaf.private_key_and_cert_chain_pem.write_to_path(path)
        der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
        return tls_context(path), hashlib.sha256(der).hexdigest()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def test_a_trusted_server(certificates: Certificates) -> None:
    tls, _ = certificates.server("localhost")
    with ScriptedServer([Step(VERSIONS, body=b"[]", times=2)], tls=tls) as server:
        scope = scope_of(server, trust_store=certificates.store)
        assert scope.call("variable.versions") == []
        assert scope.call("variable.versions") == []
        assert server.connections == 1


def test_an_expired_certificate(certificates: Certificates) -> None:
    past = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    tls, digest = certificates.server(
        "localhost", not_before=datetime.datetime(2019, 1, 1), not_after=past
    )
    with ScriptedServer([], tls=tls) as server:
        with pytest.raises(exceptions.HopsworksSSLClientError) as caught:
            scope_of(server, trust_store=certificates.store).call("variable.versions")
        assert server.requests == []
        assert server.connections == 1
    message = str(caught.value)
    for part in ("localhost", "expired", "2020-01-02", digest, "hostname_verification=False"):
        assert part in message
    assert SECRET not in message


def test_a_certificate_for_another_host(certificates: Certificates) -> None:
    tls, digest = certificates.server("other.example")
    with ScriptedServer([], tls=tls) as server:
        with pytest.raises(exceptions.HopsworksSSLClientError) as caught:
            scope_of(server, trust_store=certificates.store).call("variable.versions")
        assert server.requests == []
        assert server.connections == 1
    for part in (
        "localhost",
        "for another host",
        "other.example",
        digest,
        "hostname_verification=False",
    ):
        assert part in str(caught.value)
    with ScriptedServer([Step(VERSIONS, body=b"[]")], tls=tls) as server:
        scope = scope_of(server, trust_store=certificates.store, hostname_verification=False)
        assert scope.call("variable.versions") == []


def test_an_unknown_authority(certificates: Certificates, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    tls, digest = certificates.server("localhost")
    with ScriptedServer([], tls=tls) as server:
        with pytest.raises(exceptions.HopsworksSSLClientError) as caught:
            scope_of(server, trust_store=str(other)).call("variable.versions")
        assert server.requests == []
        assert server.connections == 1
    for part in (digest, str(other), "trust_store_path", "HOPSWORKS_TRUST_STORE_PATH"):
        assert part in str(caught.value)
    with ScriptedServer([Step(VERSIONS, body=b"[]")], tls=tls) as server:
        assert scope_of(server, verify=False).call("variable.versions") == []


def test_a_trust_store_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(exceptions.HopsworksSSLClientError, match=r"missing\.pem"):
        _native.Client("https://localhost", trust_store=missing)
    broken = tmp_path / "store.jks"
    broken.write_bytes(b"\xfe\xed\xfe\xed")
    with pytest.raises(exceptions.HopsworksSSLClientError, match="JKS"):
        _native.Client("https://localhost", trust_store=broken)


def test_a_client_certificate(tmp_path: Path, certificates: Certificates) -> None:
    leaf = certificates.authority.issue_cert("localhost")
    path = str(tmp_path / "mutual.pem")
    leaf.private_key_and_cert_chain_pem.write_to_path(path)
    mine = certificates.authority.issue_cert("me")
    with ScriptedServer(
        [Step(VERSIONS, body=b"[]")], tls=tls_context(path, certificates.store)
    ) as server:
        scope = scope_of(
            server,
            trust_store=certificates.store,
            client_certificate=mine.cert_chain_pems[0].bytes(),
            client_key=mine.private_key_pem.bytes(),
        )
        assert scope.call("variable.versions") == []


# --- redirects, sockets, processes, threads ------------------------------------------------------------------


def test_a_redirect_to_another_host_drops_credentials() -> None:
    away = Step(f"GET {API}/there", body=b"[]", expect_headers={"Authorization": None})
    with ScriptedServer([away]) as other:
        location = f"http://127.0.0.1:{other.port}{API}/there"
        with ScriptedServer([Step(VERSIONS, status=302, headers={"Location": location})]) as server:
            assert scope_of(server).call("variable.versions") == []


def test_a_redirect_from_https_to_http_is_refused(certificates: Certificates) -> None:
    tls, _ = certificates.server("localhost")
    step = Step(VERSIONS, status=302, headers={"Location": "http://localhost:1/x"})
    with ScriptedServer([step], tls=tls) as server:
        with pytest.raises(exceptions.ProtocolError, match="plain http"):
            scope_of(server, trust_store=certificates.store).call("variable.versions")


def relay(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_a_tunnel_through_a_proxy(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, _ = certificates.server("localhost")
    proxy = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def tunnel() -> None:
        inner, _ = proxy.accept()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += inner.recv(1)
        asked.append(head)
        outer = socket.create_connection(("127.0.0.1", server.port))
        inner.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=relay, args=(outer, inner), daemon=True).start()
        relay(inner, outer)

    with proxy, ScriptedServer([Step(VERSIONS, body=b"[]")], tls=tls) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        threading.Thread(target=tunnel, daemon=True).start()
        scope = scope_of(server, trust_store=certificates.store)
        assert scope.call("variable.versions") == []
    assert asked[0].startswith(f"CONNECT localhost:{server.port} HTTP/1.1".encode())
    assert SECRET.encode() not in asked[0]


def test_a_proxy_that_refuses_is_named(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Step("CONNECT localhost:1", status=407, reason="Proxy Authentication Required")
    with ScriptedServer([refusal]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        scope = _native.Client("https://localhost:1", trust_store=certificates.store).scope()
        with pytest.raises(exceptions.ServiceUnreachableError, match=r"proxy.*407.*HTTPS_PROXY"):
            scope.call("variable.versions")
        assert len(proxy.requests) == 1


def test_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    path = tmp_path / "api.sock"
    with ScriptedServer([Step(VERSIONS, body=b"[]")], unix_socket=str(path)) as server:
        scope = scope_of(server, unix_socket=path)
        assert scope.call("variable.versions") == []
        assert scope.client.unix_socket == str(path)
    scope = _native.Client("http://localhost", unix_socket=tmp_path / "none.sock").scope()
    with pytest.raises(
        exceptions.ServiceUnreachableError, match=r"none.sock.*hopsworks local start"
    ):
        scope.call("variable.versions")


def test_a_forked_child_opens_its_own_connection(certificates: Certificates) -> None:
    tls, _ = certificates.server("localhost")
    with ScriptedServer([Step(VERSIONS, body=b"[]", times=4)], tls=tls) as server:
        scope = scope_of(server, trust_store=certificates.store)
        scope.call("variable.versions")
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                assert scope.client.connections == 0
                assert scope.call("variable.versions") == []
                assert scope.call("variable.versions") == []
                assert scope.client.connections == 1
                scope.client.close()
                code = 0
            os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert scope.call("variable.versions") == []
        assert scope.client.connections == 1
        assert server.connections == 2
        assert [request.connection for request in server.requests] == [1, 2, 2, 1]


def test_eight_threads_share_a_client() -> None:
    good: list[int] = []

    def work() -> None:
        good.append(sum(len(scope.call("variable.versions")) for _ in range(50)))

    with ScriptedServer([Step(VERSIONS, body=b"[1, 2, 3]", times=400)]) as server:
        scope = scope_of(server)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert good == [150] * 8
        assert server.connections <= 8


# --- streams -------------------------------------------------------------------------------------------------

ROWS = f"POST {API}/project/3/featurestores/5/featuregroups/7/rows?ingestion=u1"


def open_rows(scope: _native.Scope) -> _native.UploadStream:
    return scope.open_upload(
        "feature_group.insert_rows",
        content_type="application/vnd.apache.arrow.stream",
        feature_store_id=5,
        id=7,
        ingestion="u1",
    )


def test_an_upload_stream() -> None:
    step = Step(ROWS, body=b'{"rowsInserted": 2}', expect_body=b"abc" + bytes(1_000_000))
    step.expect_headers = {
        "Content-Type": "application/vnd.apache.arrow.stream",
        "Authorization": f"ApiKey {SECRET}",
    }
    with ScriptedServer([step]) as server:
        stream = open_rows(scope_of(server))
        assert stream.writable()
        assert not stream.readable()
        assert not stream.seekable()
        assert stream.write(b"abc") == 3
        assert stream.write(memoryview(bytearray(1_000_000))) == 1_000_000
        assert stream.tell() == 1_000_003
        assert stream.finish() == {"rowsInserted": 2}
        assert stream.closed
        assert stream.status == 200
        with pytest.raises(ValueError, match="closed"):
            stream.write(b"late")


def test_an_upload_stream_in_a_with_block() -> None:
    with ScriptedServer([Step(ROWS, body=b"{}", expect_body=b"abc")]) as server:
        with open_rows(scope_of(server)) as stream:
            stream.write(b"abc")
        assert stream.closed


def test_an_exception_breaks_an_upload_off() -> None:
    with ScriptedServer([Step(ROWS)]) as server:
        scope = scope_of(server)
        stream = open_rows(scope)
        stream.write(b"abc")
        time.sleep(0.2)
        with pytest.raises(RuntimeError, match="mine"), stream:
            raise RuntimeError("mine")
        assert stream.closed
        assert server.requests == []
        assert scope.client.connections == 0


def test_a_refused_upload_raises_the_servers_answer() -> None:
    body = b'{"errorCode": 270009, "errorMsg": "no such feature group"}'
    with ScriptedServer([Step(ROWS, status=404, reason="Not Found", body=body)]) as server:
        stream = open_rows(scope_of(server))
        stream.write(b"abc")
        with pytest.raises(exceptions.RestAPIError) as caught:
            stream.finish()
    assert caught.value.error_code == 270009


def test_an_arrow_table_goes_through_streams() -> None:
    table = pa.table({"k": list(range(1000)), "s": [f"row {i}" for i in range(1000)]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = sink.getvalue()
    with ScriptedServer([Step(ROWS, body=b"{}"), Step(VERSIONS, body=answer)]) as server:
        scope = scope_of(server)
        with open_rows(scope) as stream, pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table, max_chunksize=100)
        assert pa.ipc.open_stream(server.requests[0].body).read_all().equals(table)
        with scope.open_download("variable.versions") as source:
            assert pa.ipc.open_stream(source).read_all().equals(table)


def test_a_download_stream() -> None:
    content = random.Random(5).randbytes(3_000_000)
    steps = [Step(VERSIONS, body=content, headers={"X-Kind": "random"}, times=3)]
    with ScriptedServer(steps) as server:
        scope = scope_of(server)
        with scope.open_download("variable.versions") as stream:
            assert stream.size == len(content)
            assert stream.headers["X-Kind"] == "random"
            assert stream.status == 200
            assert stream.readable()
            assert not stream.writable()
            assert stream.read(10) == content[:10]
            buffer = bytearray(1_000_000)
            assert stream.readinto(buffer) == 1_000_000
            assert buffer == content[10:1_000_010]
            assert stream.read() == content[1_000_010:]
            assert stream.tell() == len(content)
            assert stream.read(5) == b""
        assert stream.closed
        with scope.open_download("variable.versions") as stream:
            parts = list(iter(lambda: stream.read(100_001), b""))
        assert b"".join(parts) == content
        with io.BufferedReader(scope.open_download("variable.versions")) as reader:  # type: ignore[type-var]
            assert reader.read() == content


def test_a_broken_download_is_an_error() -> None:
    with ScriptedServer([Step(VERSIONS, size=5_000_000, truncate=3_000_000)]) as server:
        with scope_of(server).open_download("variable.versions") as stream:
            with pytest.raises(exceptions.ServiceUnreachableError, match="the rest of the answer"):
                stream.read()
        assert stream.closed


def test_a_refused_download_raises() -> None:
    with ScriptedServer([Step(VERSIONS, status=403, body=b'{"errorCode": 160000}')]) as server:
        with pytest.raises(exceptions.RestAPIError) as caught:
            scope_of(server).open_download("variable.versions")
    assert caught.value.error_code == 160000


# --- life ----------------------------------------------------------------------------------------------------


def test_a_cycle_through_the_context_is_collected() -> None:
    class Session:
        scope: _native.Scope

    with ScriptedServer([]) as server:
        session = Session()
        session.scope = client_of(server).scope(session, project_id=3)
        alive = weakref.ref(session)
        del session
        gc.collect()
        assert alive() is None


def test_memory_stays_flat() -> None:
    import resource

    with ScriptedServer([Step("*", size=20_000, times=3000)]) as server:
        scope = scope_of(server)
        for _ in range(500):
            scope.open_download("variable.versions").read()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(2500):
            scope.open_download("variable.versions").read()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The server lives in this process too and keeps a record of every request.
    assert after - before < 8 * 1024


class Interrupting(logging.Handler):
    """A log handler in which Ctrl-C arrives."""

    def emit(self, record: logging.LogRecord) -> None:
        raise KeyboardInterrupt


class Failing(logging.Handler):
    """A log handler that is broken."""

    def emit(self, record: logging.LogRecord) -> None:
        raise RuntimeError("the disk of the log is full")


def test_ctrl_c_inside_a_log_handler_is_not_lost() -> None:
    logger = logging.getLogger("hopsworks.http")
    handler = Interrupting()
    with ScriptedServer([Step(VERSIONS, status=503, headers={"Retry-After": "20"})]) as server:
        scope = scope_of(server)
        logger.addHandler(handler)
        began = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt):
                scope.call("variable.versions")
        finally:
            logger.removeHandler(handler)
        assert time.monotonic() - began < 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broken_log_handler_changes_nothing() -> None:
    logger = logging.getLogger("hopsworks.http")
    handler = Failing()
    steps = [Step(VERSIONS, status=503), Step(VERSIONS, body=b"[]")]
    with ScriptedServer(steps) as server:
        logger.addHandler(handler)
        try:
            assert scope_of(server).call("variable.versions") == []
        finally:
            logger.removeHandler(handler)
