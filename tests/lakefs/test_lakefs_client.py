"""The client: what it asks once, what it repeats, how long it waits, who it trusts."""

from __future__ import annotations

import base64
import contextlib
import copy
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from lakefs_server import LakeFSServer
from scripted_server import ScriptedServer, Step, tls_context

from hopsworks import lakefs
from hopsworks.lakefs import exceptions
from hopsworks.lakefs.client import SINGLE_STORAGE_ID, ServerConfiguration

PROPERTIES = (
    b'{"id": "lake", "creation_date": 1, "default_branch": "main", "storage_namespace": "mem://"}'
)
GET = "GET /api/v1/repositories/lake"


def properties(server: ScriptedServer, **settings: Any) -> Any:
    return lakefs.Repository("lake", lakefs.Client(host=server.url, **settings)).properties


# --- what the server says about itself ------------------------------------------------------------------------


def test_the_configuration_is_asked_once(server: LakeFSServer, client: lakefs.Client) -> None:
    assert server.requests == []
    assert client.version == "1.60.0"
    assert client.storage_config.blockstore_type == "mem"
    assert client.storage_config_by_id(SINGLE_STORAGE_ID) is client.storage_config
    assert client.storage_config.blockstore_namespace_validity_regex == "^mem://"
    assert server.said() == ["GET /config"]
    assert ServerConfiguration(client).version == "1.60.0"
    assert server.said() == ["GET /config"] * 2


def test_several_stores_are_told_apart_for_each_client() -> None:
    stores = {"a": {"blockstore_type": "s3", "pre_sign_support": True}, "b": {}}
    with LakeFSServer(stores) as several, LakeFSServer() as one:
        many = lakefs.Client(**several.settings)
        assert many.storage_config_by_id("a").blockstore_type == "s3"
        assert many.storage_config_by_id("a").pre_sign_support is True
        assert many.storage_config_by_id("b").pre_sign_support is False
        for missing in ("", "c"):
            with pytest.raises(KeyError):
                many.storage_config_by_id(missing)
        single = lakefs.Client(**one.settings)
        assert single.storage_config.blockstore_type == "mem"
        with pytest.raises(KeyError):
            single.storage_config_by_id("a")


def test_the_configuration_of_the_default_client(server: LakeFSServer) -> None:
    lakefs.init(**server.settings)
    assert lakefs.ServerConfiguration().storage_config.import_support is True


def test_a_failed_question_is_asked_again(server: LakeFSServer, client: lakefs.Client) -> None:
    server.fault("GET /config", status=401, body=b"{}")
    with pytest.raises(exceptions.NotAuthorizedException):
        client.version
    assert client.version == "1.60.0"


def test_nothing_is_sent_to_make_things(server: LakeFSServer) -> None:
    client = lakefs.Client(**server.settings)
    repository = lakefs.repository("lake", client=client)
    branch = repository.branch("main")
    branch.import_data().prefix("s3://x", "y")
    branch.transact()
    made = [branch, repository.ref("x"), repository.tag("t"), repository.commit("c")]
    assert [type(one).__name__ for one in made] == ["Branch", "Reference", "Tag", "Reference"]
    assert all((branch.uncommitted(), branch.objects(), repository.branches()))
    assert server.requests == []
    assert repr(client) == f'Client(host="{server.url}/api/v1")'


# --- what is repeated -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [413, 429, 503])
def test_an_answer_that_says_when_to_come_back(status: int) -> None:
    steps = [Step(GET, status=status, headers={"Retry-After": "0"}), Step(GET, body=PROPERTIES)]
    with ScriptedServer(steps) as server:
        assert properties(server).id == "lake"


REPEATED: dict[str, Any] = {
    "GET": lambda lake: lake.metadata,
    "HEAD": lambda lake: lake.ref("main").object("b").exists(),
    "PUT": lambda lake: lake.branch("main").reset_changes(),
    "DELETE": lambda lake: lake.branch("main").object("b").delete(),
}


@pytest.mark.parametrize("verb", REPEATED)
@pytest.mark.parametrize(
    "fault", [{"drop": True}, {"status": 503, "headers": {"Retry-After": "0"}}]
)
def test_what_may_be_sent_twice_is_repeated(
    server: LakeFSServer, lake: lakefs.Repository, verb: str, fault: dict[str, Any]
) -> None:
    server.fault(f"{verb} /repositories/lake", **fault)
    REPEATED[verb](lake)
    assert [request.verb for request in server.requests] == [verb] * 2


def test_three_repetitions_are_the_most() -> None:
    with ScriptedServer([Step(GET, status=503, headers={"Retry-After": "0"}, times=4)]) as server:
        with pytest.raises(exceptions.ServerException) as caught:
            properties(server)
    assert caught.value.status_code == 503


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_answer_that_does_not_say_so_is_final(status: int) -> None:
    with ScriptedServer([Step(GET, status=status)]) as server:
        with pytest.raises(exceptions.ServerException) as caught:
            properties(server)
    assert caught.value.status_code == status
    assert type(caught.value) is exceptions.ServerException


def test_a_post_that_may_have_arrived_is_not_sent_again(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    server.fault("POST /repositories/lake/branches", status=503, headers={"Retry-After": "0"})
    with pytest.raises(exceptions.ServerException):
        lake.branch("new").create("main")
    server.fault("POST /repositories/lake/branches", drop=True, after=True)
    with pytest.raises(exceptions.ServiceUnreachableException):
        lake.branch("new").create("main")
    assert server.said() == ["POST /repositories/lake/branches"] * 2


def test_a_broken_read_is_repeated(server: LakeFSServer, lake: lakefs.Repository) -> None:
    server.fault("GET /repositories/lake", drop=True, times=2)
    assert lake.properties.id == "lake"
    server.fault("DELETE /repositories/lake/tags", drop=True)
    lake.tag("v").create("main")
    lake.tag("v").delete()
    server.fault("GET /repositories/lake/metadata", truncate=1, status=200, body=b"{}")
    assert lake.metadata == {}


def test_a_server_that_is_not_there() -> None:
    with ScriptedServer([]) as server:
        url = server.url
    client = lakefs.Client(host=url)
    for call in (
        lambda: lakefs.Repository("lake", client).properties,
        lambda: lakefs.Branch("lake", "b", client).create("main"),
    ):
        with pytest.raises(exceptions.ServiceUnreachableException) as caught:
            call()
        assert isinstance(caught.value, ConnectionError)
        assert isinstance(caught.value, exceptions.LakeFSException)


def test_a_server_that_comes_up_meanwhile_gets_the_post() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        client = lakefs.Client(host=f"http://127.0.0.1:{port}", username="u", password="p")
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(lakefs.Branch("lake", "b", client).create, "main")
            time.sleep(0.1)
            taken.settimeout(30)
            taken.listen()  # until now connections were refused
            connection, _ = taken.accept()
            with connection:
                assert connection.recv(65536).startswith(b"POST /api/v1/repositories/lake/branches")
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                assert call.result(10).id == "b"


# --- redirects ------------------------------------------------------------------------------------------------


def test_redirects_are_followed_three_times_at_most() -> None:
    def to(path: str) -> Step:
        return Step("*", status=302, headers={"Location": path})

    with ScriptedServer([to("/1"), to("/2"), to("/3"), Step("GET /3", body=PROPERTIES)]) as server:
        assert properties(server).id == "lake"
    with ScriptedServer([to("/1"), to("/2"), to("/3"), to("/4")]) as server:
        with pytest.raises(exceptions.LakeFSException):
            properties(server)


def test_another_host_does_not_get_the_credentials() -> None:
    with ScriptedServer([Step("GET /there", body=PROPERTIES)]) as other:
        moved = Step(GET, status=307, headers={"Location": f"{other.url}/there"})
        with ScriptedServer([moved]) as server:
            settings = {"username": "k", "password": "s", "api_key": {"cookie_auth": "c"}}
            assert properties(server, **settings).id == "lake"
    assert {"authorization", "cookie"} <= server.requests[0].headers.keys()
    headers = other.requests[0].headers
    assert "authorization" not in headers
    assert "cookie" not in headers


# --- time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.2, (5, 0.2), [None, 0.2]])
def test_a_call_can_be_given_a_limit(
    server: LakeFSServer, lake: lakefs.Repository, limit: Any
) -> None:
    server.fault("POST /repositories/lake/branches", delay=10)
    began = time.monotonic()
    with pytest.raises(exceptions.RequestTimeoutException) as caught:
        lake.branch("slow").create("main", _request_timeout=limit)
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, ConnectionError)
    assert time.monotonic() - began < 5
    server.fault("GET /repositories/lake/branches", delay=10)
    with pytest.raises(exceptions.RequestTimeoutException):
        list(lake.branches(_request_timeout=limit))


def test_a_client_has_limits_of_its_own(server: LakeFSServer) -> None:
    client = lakefs.Client(**server.settings, timeout=0.2)
    server.fault("POST /repositories/lake/tags", delay=10)
    with pytest.raises(exceptions.RequestTimeoutException):
        lakefs.Tag("lake", "v1", client).create("main")
    assert lakefs.Client(host="h").config.timeout == (10.0, 300.0)


@pytest.mark.parametrize("limit", [0, -1, "5", (1,), (1, 2, 3), (1, "x"), True, float("nan")])
def test_a_limit_must_be_one(server: LakeFSServer, lake: lakefs.Repository, limit: Any) -> None:
    with pytest.raises(exceptions.ValidationError, match="_request_timeout must be a positive"):
        lake.branch("b").create("main", _request_timeout=limit)
    assert server.requests == []


def test_a_slow_answer_is_waited_for(server: LakeFSServer, lake: lakefs.Repository) -> None:
    server.fault("GET /repositories/lake", delay=0.3)
    assert lake.properties.id == "lake"


def test_ctrl_c_ends_a_wait(server: LakeFSServer) -> None:
    server.fault("GET /repositories/lake", delay=30)
    script = (
        "import os, signal, threading, time\n"
        "from hopsworks import lakefs\n"
        f"lake = lakefs.Repository('lake', lakefs.Client(**{server.settings!r}))\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "began = time.monotonic()\n"
        "try: lake.properties\n"
        "except KeyboardInterrupt: print('interrupted', time.monotonic() - began < 10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["interrupted", "True"]


# --- connections ----------------------------------------------------------------------------------------------


def test_connections_are_kept_and_shared_by_threads(
    server: LakeFSServer, client: lakefs.Client
) -> None:
    def work(number: int) -> list[str]:
        branch = lakefs.Repository("lake", client).branch(f"t{number}").create("main")
        branch.delete_objects("a/1")
        branch.commit(f"of {number}")
        return [one.path for one in branch.objects()]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(24))) == [["a/2", "b"]] * 24
    assert len({request.connection for request in server.requests}) <= 8
    messages = {
        one.message for n in range(24) for one in lakefs.Branch("lake", f"t{n}", client).log()
    }
    assert {f"of {n}" for n in range(24)} <= messages


def test_a_closed_client_opens_new_connections(server: LakeFSServer) -> None:
    client = lakefs.Client(**server.settings)
    with client:
        assert client.version
    client.close()
    assert lakefs.Repository("lake", client).properties.id == "lake"
    client.close()


def test_close_ends_calls_of_other_threads(server: LakeFSServer, client: lakefs.Client) -> None:
    server.fault("GET /repositories/lake", delay=30)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(lambda: lakefs.Repository("lake", client).properties)
        while not server.requests:
            time.sleep(0.01)
        client.close()
        with pytest.raises(exceptions.LakeFSException, match="closed"):
            call.result(10)


def test_the_default_client_is_made_once(server: LakeFSServer, monkeypatch: Any) -> None:
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", server.url)
    monkeypatch.setenv("LAKECTL_ACCESS_KEY_ID", server.settings["username"])
    monkeypatch.setenv("LAKECTL_ACCESS_SECRET_KEY", server.settings["password"])
    gate = threading.Barrier(8)

    def own(_: int) -> lakefs.Client | None:
        gate.wait()
        return lakefs.DefaultClient

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(own, range(8)))) == 1


def test_a_forked_process_asks_on_its_own(server: LakeFSServer, client: lakefs.Client) -> None:
    lake = lakefs.Repository("lake", client)
    assert lake.metadata == {}
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(0 if lake.metadata == {} else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert lake.metadata == {}


def test_a_client_can_go_to_another_process(server: LakeFSServer) -> None:
    with lakefs.Client(**server.settings, timeout=7) as client:
        lake = lakefs.Repository("lake", client)
        assert client.version
        assert lake.metadata == {}
        for branch in (
            pickle.loads(pickle.dumps(lake.branch("main"))),
            copy.deepcopy(lake.branch("main")),
        ):
            assert [one.path for one in branch.objects()] == ["a/1", "a/2", "b"]
            assert branch._client.config.timeout == (7, 7)
            assert branch._client.version == client.version
            branch._client.close()
    assert len({request.connection for request in server.requests}) == 3


# --- secrets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings", [{"username": "who", "password": "hush-hush"}, {"access_token": "hush-hush"}]
)
def test_secrets_are_told_to_nobody(
    server: LakeFSServer, settings: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    header = base64.b64encode(b"who:hush-hush").decode()
    client = lakefs.Client(host=server.url, **settings)
    said = [repr(client), str(client), repr(client.config), str(client.config)]
    said += [repr(client.config.credentials), str(client.config.credentials)]
    lake = lakefs.Repository("lake", client)
    for fault in ({"status": 500}, {"drop": True}, {"status": 302}):
        server.fault("POST /repositories/lake", **fault)
        with pytest.raises(exceptions.LakeFSException) as caught:
            lake.branch("new").create("main")
        said += [repr(caught.value), *traceback.format_exception(caught.value)]
    server.fault("GET /repositories/lake", status=200, body=b"{}")
    assert lake.metadata == {}
    said.append(caplog.text)
    assert "/repositories/lake/metadata" in caplog.text
    assert "hush" not in "".join(said)
    assert header not in "".join(said)


# --- trust and proxies ----------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path, Path]:
    """An authority of one's own, its certificate, and that of a server."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        str(tmp_path / "server.pem")
    )
    return made, tmp_path / "ca.pem", tmp_path / "server.pem"


def test_an_authority_of_ones_own(authority: tuple[trustme.CA, Path, Path]) -> None:
    _, trusted, certificate = authority
    with ScriptedServer([Step(GET, body=PROPERTIES)], tls=tls_context(str(certificate))) as server:
        assert properties(server, ssl_ca_cert=trusted).id == "lake"


def test_an_unknown_authority(authority: tuple[trustme.CA, Path, Path], caplog: Any) -> None:
    _, _, certificate = authority
    with ScriptedServer([Step(GET, body=PROPERTIES)], tls=tls_context(str(certificate))) as server:
        with pytest.raises(exceptions.ServiceUnreachableException, match="certificate") as caught:
            properties(server)
        with pytest.raises(exceptions.ServiceUnreachableException) as unread:
            properties(server, ssl_ca_cert="/nonexistent/ca.pem")
        assert properties(server, verify_ssl=False).id == "lake"
    assert "is not verified" in caplog.text
    assert "with ssl_ca_cert, add" in str(caught.value)
    assert str(caught.value).endswith("switch the check off with verify_ssl=False")
    assert "the trust store /nonexistent/ca.pem (ssl_ca_cert) cannot be read" in str(unread.value)


def test_a_proxy_gets_the_requests_for_every_host(monkeypatch: Any) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with ScriptedServer([Step("*", body=PROPERTIES)]) as proxy:
        client = lakefs.Client(host="http://lakefs.example", access_token="t", proxy=proxy.url)
        assert lakefs.Repository("lake", client).properties.id == "lake"
    assert proxy.requests[0].target == "http://lakefs.example/api/v1/repositories/lake"


def test_a_thread_that_changes_the_token_sends_the_new_one(server: LakeFSServer) -> None:
    server.tokens |= {f"t{number}" for number in range(8)}
    client = lakefs.Client(host=server.url, access_token="t0")
    lake = lakefs.Repository("lake", client)
    stop = threading.Event()

    def ask() -> int:
        asked = 0
        while not stop.is_set():
            assert lake.metadata == {}
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(ask) for _ in range(3)]
        try:
            for number in range(60):
                client.config.access_token = f"t{number % 8}"
                lake.branch(f"b{number}").create("main")
        finally:
            stop.set()
        assert all(other.result() for other in others)
    created = [r for r in server.requests if r.verb == "POST"]
    sent = [request.headers["authorization"] for request in created]
    assert sent == [f"Bearer t{number % 8}" for number in range(60)]
