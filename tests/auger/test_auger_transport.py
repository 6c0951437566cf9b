"""Connections: what is kept and what is not sent again, lost ones, redirects, proxies, TLS, threads, Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from hub import HubApiClient, InThread, ScriptedServer, Step, client_of, raised, reply, unavailable
from scripted_server import tls_context

HUB = HubApiClient
VERBS: dict[str, Any] = {
    "GET": lambda hub: hub.get_trial(1),
    "POST": lambda hub: hub.create_trial(a=1),
    "PATCH": lambda hub: hub.update_trial(1, a=1),
    "DELETE": lambda hub: hub.delete_project(1),
    "POST, compressed": lambda hub: hub.get_fte({"a": 1}),
}


# --- kept connections -------------------------------------------------------------------------------------------


def test_a_connection_is_kept() -> None:
    with ScriptedServer([reply(times=20), unavailable(), reply()]) as server:
        hub = client_of(server)
        for _ in range(21):
            hub.get_trials()
    assert server.connections == 1


@pytest.mark.parametrize("call", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize(
    "lost",
    [
        {"reset": "request"},
        {"silent": 0.0},
        {"raw": b"HTTP/1.1 200"},
        {"reset": "head", "body": b"{}"},
    ],
    ids=["reset", "closed", "half a line", "after the head"],
)
def test_nothing_is_sent_again_when_a_kept_connection_breaks(
    call: Any, lost: dict[str, Any]
) -> None:
    with ScriptedServer([reply(times=3), Step(**lost)]) as server:
        hub = client_of(server, optimizers_url=server.url)
        for _ in range(3):
            hub.get_trials()
        assert type(raised(lambda: call(hub))) is HUB.NetworkError
    assert len(server.requests) == 4
    assert server.connections == 1


@pytest.mark.parametrize("call", VERBS.values(), ids=VERBS)
def test_a_connection_that_ended_while_idle_is_not_noticed(call: Any) -> None:
    with ScriptedServer([reply(close=True), reply(), reply(close=True), reply()]) as server:
        hub = client_of(server, optimizers_url=server.url)
        for _ in range(2):
            hub.get_trials()
            time.sleep(0.05)  # until the end has arrived
            call(hub)
    assert server.connections == 3


def test_a_connection_is_not_kept_for_as_long_as_servers_do() -> None:
    with ScriptedServer([reply(times=3)]) as server:
        hub = client_of(server)
        hub.get_trials()
        hub.get_trials()
        time.sleep(2.2)
        hub.create_trial()
    assert [request.connection for request in server.requests] == [1, 1, 2]


# --- lost connections -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize(
    "step",
    [
        Step(reset="accept"),
        Step(reset="request"),
        Step(reset="head", body=b"{}"),
        Step(silent=0.0),
        Step(raw=b""),
        Step(raw=b"hello\r\n\r\n"),
        Step(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        Step(body=b'{"data": 1}', truncate=5),
        Step(body=b'{"data": 1}', truncate=5, chunked=True),
        Step(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=lambda step: str(step.reset or step.raw or step.body),
)
def test_no_complete_answer(call: Any, step: Step) -> None:
    with ScriptedServer([step]) as server:
        hub = client_of(server, optimizers_url=server.url)
        error = raised(lambda: call(hub))
    assert type(error) is HUB.NetworkError
    assert error.metadata() == {}
    assert isinstance(error.args[0], str)
    assert error.args[0]
    assert str(error) == f"{error.args[0]} {error.request_details}"
    assert str(error.request_details).startswith("on: ")
    assert len(server.requests) == (0 if step.reset == "accept" else 1)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = raised(HUB(hub_app_url=f"http://127.0.0.1:{port}", token="hush").get_trials)
    assert type(error) is HUB.NetworkError
    assert f"127.0.0.1:{port}" in str(error)
    assert "hush" not in str(error)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("no-such-host.invalid", "no-such-host.invalid"), ("bücher.invalid", "xn--bcher-kva.invalid")],
)
def test_a_host_without_address(host: str, shown: str) -> None:
    error = raised(HUB(hub_app_url=f"http://{host}").get_trials)
    assert type(error) is HUB.NetworkError
    assert shown in str(error)


def test_there_is_no_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the other clients of this package take from the environment has no say here.
    monkeypatch.setenv("HOPSWORKS_READ_TIMEOUT", "0.1")
    with ScriptedServer([reply(delay=0.6)]) as server:
        client_of(server).get_trials()


# --- redirects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("status", [307, 308])
def test_redirects_that_keep_verb_and_body(call: Any, status: int) -> None:
    steps = [Step(status=status, headers={"Location": "/moved?x=1"}), reply()]
    with ScriptedServer(steps) as server:
        call(client_of(server, optimizers_url=server.url))
    first, second = server.requests
    assert second.target == "/moved?x=1"
    assert (second.verb, second.body) == (first.verb, first.body)
    assert second.headers["content-type"] == "application/json"
    assert second.headers.get("content-encoding") == first.headers.get("content-encoding")


def test_a_redirect_to_another_server_keeps_verb_and_body() -> None:
    with ScriptedServer([reply()]) as other:
        step = Step(status=307, headers={"Location": f"{other.url}/api/v1/trials"})
        with ScriptedServer([step]) as server:
            mine = server.url.replace("//", "//me:hush@")
            client_of(server, hub_app_url=mine).create_trial(a=1)
    assert "authorization" in server.requests[0].headers
    (request,) = other.requests
    assert "authorization" not in request.headers
    assert (request.verb, request.body) == ("POST", b'{"a": 1, "token": "t"}')
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 302])
def test_a_get_that_is_redirected_keeps_its_parameters(status: int) -> None:
    with ScriptedServer([Step(status=status, headers={"Location": "/b"}), reply()]) as server:
        client_of(server).get_trials()
    first, second = server.requests
    assert (second.verb, second.target, second.body) == ("GET", "/b", first.body)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_that_is_redirected_becomes_a_get(status: int) -> None:
    with ScriptedServer([Step(status=status, headers={"Location": "/b"}), reply()]) as server:
        client_of(server).create_trial(a=1)
    assert (server.requests[1].verb, server.requests[1].body) == ("GET", b"")


def test_a_redirect_to_nowhere_is_an_answer() -> None:
    with ScriptedServer([Step(status=302, reason="Found")]) as server:
        error = raised(lambda: client_of(server).create_trial())
    assert error.args[0] == "status: 302, body: <Response [302]> Found"


@pytest.mark.parametrize("place", ["ftp://h/x", "http://", "http://h:99999/", "http://a b/"])
def test_a_redirect_to_what_is_no_address(place: str) -> None:
    with ScriptedServer([Step(status=307, headers={"Location": place})]) as server:
        error = raised(lambda: client_of(server).create_trial())
    assert type(error) is HUB.NetworkError
    assert "localhost redirects to an address that cannot be used" in str(error)


def test_redirects_have_an_end() -> None:
    step = Step(status=307, headers={"Location": "/round"}, times=31)
    with ScriptedServer([step]) as server:
        assert type(raised(client_of(server).get_trials)) is HUB.NetworkError


# --- threads and processes --------------------------------------------------------------------------------------


def test_threads_share_a_client() -> None:
    count, rounds = 8, 25
    with ScriptedServer([reply(times=count * rounds)], ordered=False) as server:
        hub = client_of(server)

        def work(number: int) -> int:
            for turn in range(rounds):
                hub.update_trial(number, turn=turn)
            return number

        threads = [InThread(lambda number=number: work(number)) for number in range(count)]
        assert [thread.outcome() for thread in threads] == list(range(count))
    sent = {(request.target, request.body) for request in server.requests}
    assert len(sent) == count * rounds
    assert server.connections <= count


def test_a_running_request_lets_other_threads_go_on() -> None:
    with ScriptedServer([reply(delay=0.3)]) as server:
        waiting = InThread(client_of(server).get_trials)
        turns = waiting.turns()
        assert waiting.outcome()["meta"]["status"] == 200
    assert turns > 3


def test_a_forked_child_has_connections_of_its_own() -> None:
    with ScriptedServer([reply(times=3)]) as server:
        hub = client_of(server)
        hub.get_trials()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                hub.get_trials()
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        hub.get_trials()
    assert [request.connection for request in server.requests] == [1, 2, 1]


# --- Ctrl-C -----------------------------------------------------------------------------------------------------


def interrupted(server: ScriptedServer, call: Any) -> float:
    """Press Ctrl-C once a request has come; how long it took to end the call, in seconds."""
    pressed: list[float] = []

    def press() -> None:
        deadline = time.monotonic() + 10
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        call()
    except KeyboardInterrupt:
        return time.monotonic() - pressed[0]
    finally:
        thread.join()
    raise AssertionError("the call was not interrupted")


@pytest.mark.parametrize("call", VERBS.values(), ids=VERBS)
def test_ctrl_c_ends_a_running_request(call: Any) -> None:
    with ScriptedServer([Step(silent=30)]) as server:
        hub = client_of(server, optimizers_url=server.url)
        assert interrupted(server, lambda: call(hub)) < 5
    assert len(server.requests) == 1


def test_ctrl_c_ends_a_wait() -> None:
    with ScriptedServer([unavailable(), reply()]) as server:
        hub = client_of(server, retry_wait_seconds=30)
        assert interrupted(server, hub.get_trials) < 5
        hub.get_trials()  # the client works on
    assert len(server.requests) == 2


def test_ctrl_c_ends_the_pages() -> None:
    step = reply({"data": [1], "meta": {"pagination": {"count": 1}}})
    with ScriptedServer([step, Step(silent=30)]) as server:
        seen: list[int] = []
        hub = client_of(server)
        assert interrupted(server, lambda: hub.iterate_all_trials(seen.append)) < 5
    assert seen == [1]


# --- proxies ----------------------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"a": 1, "token": "t"}).encode()
    step = reply(expect="POST http://hub.example/api/v1/trials", expect_body=body)
    with ScriptedServer([step]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        HUB(hub_app_url="http://hub.example/x", token="t").create_trial(a=1)


def test_hosts_that_need_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([]) as proxy, ScriptedServer([reply()]) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "localhost")
        client_of(server).get_trials()


def test_a_proxy_that_is_not_there_or_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@127.0.0.1:{port}")
    error = raised(HUB(hub_app_url="https://hub.example").get_trials)
    assert type(error) is HUB.NetworkError
    assert "hush" not in str(error)
    refusal = Step(expect="CONNECT hub.example:443", status=403, reason="Forbidden")
    with ScriptedServer([refusal]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = raised(HUB(hub_app_url="https://hub.example").get_trials)
    assert type(error) is HUB.NetworkError
    assert "403" in str(error)


# --- TLS --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secured(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    path = tmp_path / "server.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(path))
    return tls_context(str(path))


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_are_checked(
    variable: str,
    secured: ssl.SSLContext,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedServer([], tls=secured) as server:
        error = raised(client_of(server).get_trials)
        assert type(error) is HUB.NetworkError
        assert "certificate" in str(error)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv(variable, str(bundle))
    with ScriptedServer([reply()], tls=secured) as server:
        client_of(server).get_trials()
    with ScriptedServer([], tls=secured) as server:
        hub = client_of(server, hub_app_url=f"https://127.0.0.1:{server.port}")
        assert type(raised(hub.get_trials)) is HUB.NetworkError


def test_authorities_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    error = raised(HUB(hub_app_url="https://localhost:1").get_trials)
    assert type(error) is HUB.NetworkError
    assert "absent.pem" in str(error)
    with ScriptedServer([reply()]) as server:  # which needs none
        client_of(server).get_trials()


def test_a_server_that_does_not_speak_tls() -> None:
    """It speaks first: without limits of time, one that waits for a line would be waited for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        hub = HUB(hub_app_url=f"https://127.0.0.1:{listener.getsockname()[1]}")
        assert type(raised(hub.get_trials)) is HUB.NetworkError
        thread.join()


# --- size -------------------------------------------------------------------------------------------------------


def test_large_requests_and_replies() -> None:
    rows = [{"id": number, "score": number / 7} for number in range(100_000)]
    answer = reply({"data": rows}, expect_headers={"Expect": None, "Transfer-Encoding": None})
    with ScriptedServer([answer, answer]) as server:
        hub = client_of(server, optimizers_url=server.url)
        assert hub.create_trial(rows=rows)["data"] == rows
        assert hub.get_next_trials({"trials_history": rows})["data"] == rows
    plain, packed = (request.body for request in server.requests)
    assert plain == json.dumps({"rows": rows, "token": "t"}).encode()
    assert len(packed) < len(plain) / 2
