"""``hopsworks.diagnose()`` against listeners that are as they should be, and against all that can stand there instead."""

from __future__ import annotations

import datetime
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from oracle.inside import InsideCluster
from oracle.stand_in import API_KEY, LOGIN, MEMBERSHIP, StandIn
from peers import Peer, broker, http2, loopback, mysql_greeting, mysql_refusal, saying, silent

import hopsworks
from hopsworks.cli.main import main
from hopsworks.diagnostics.report import FAILED, NOT_CHECKED, NOT_CONFIGURED, OK, Check, Diagnosis
from hopsworks.local.certificates import Authority

REST = ["REST address", "REST connection", "TLS", "REST version", "API key", "project"]
SERVICES = [
    "Kafka brokers",
    "Kafka listener",
    "query service",
    "online store REST",
    "online store MySQL",
]
INSIDE = ("HADOOP_USER_NAME", "HDFS_USER", "MATERIAL_DIRECTORY", "REST_ENDPOINT", "SECRETS_DIR")
FLIGHT_NAME = "flyingduck.service.consul"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but those of the test."""
    for name in list(os.environ):
        if name == "HOPSWORKS_LOCAL_DATA":  # of the session's server
            continue
        if name.startswith("HOPSWORKS_") or name in INSIDE or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


class Cluster:
    """A stand-in for a cluster whose services are real listeners at their usual ports of a loopback address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host, self.services = loopback(), loopback()
        self.authority = Authority.load(folder)
        self.material = self.authority.server_material(
            [self.host, "localhost", self.services, FLIGHT_NAME]
        )
        self.routes: dict[str, list[Any]] = {}
        self.opened: list[Any] = []
        self.variable("service_discovery_domain", "consul")

    def variable(self, name: str, value: str) -> None:
        self.routes[f"GET variables/{name}"] = [{"successMessage": value}]

    def tls(self, client: Path | None = None) -> ssl.SSLContext:
        """A server's context; `client`: the authority of the certificates that clients must show."""
        context = self.material.context()
        if client is not None:
            context.load_verify_locations(client)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def own_clients(self) -> ssl.SSLContext:
        return self.tls(self.material.authority)

    def peer(self, serve: Any, port: int = 0, tls: ssl.SSLContext | None = None) -> Peer:
        peer = Peer(serve, self.services, port, tls)
        self.opened.append(peer)
        return peer

    def brokers(self, *places: str) -> None:
        self.routes["GET project/119/kafka/clusterinfo"] = [{"brokers": list(places)}]

    def kafka(self) -> None:
        """One broker that advertises another one."""
        other = self.peer(broker(), tls=self.own_clients())
        advertised = [(self.services, other.port)]
        first = self.peer(broker(*advertised), tls=self.own_clients())
        self.brokers(first.place)

    def query_service(self, serve: Any = http2, tls: ssl.SSLContext | None = None) -> Peer:
        self.variable("enable_flyingduck", "true")
        self.variable("loadbalancer_external_domain_feature_query", self.services)
        context = tls or self.own_clients()
        context.set_alpn_protocols(["h2"])
        return self.peer(serve, 5005, context)

    def online_rest(self, *answers: Any) -> None:
        self.variable("loadbalancer_external_domain_online_store_rest_server", self.services)
        self.opened.append(Online(self, list(answers) or [None]))

    def mysql(self, serve: Any) -> None:
        self.variable("loadbalancer_external_domain_mysqld", self.services)
        self.peer(serve, 3306)

    def diagnose(self, **given: Any) -> Diagnosis:
        self.rest = StandIn(self.folder, self.routes, self.host)
        self.opened.append(self.rest)
        arguments = {
            "host": self.host,
            "port": self.rest.port,
            "api_key_value": API_KEY,
            "trust_store_path": self.rest.ca_file,
            "timeout": 10.0,
        }
        return hopsworks.diagnose(**{**arguments, **given})


class Online(StandIn):
    """The REST server of the online store."""

    def __init__(self, cluster: Cluster, answers: list[Any]) -> None:
        self.keys: list[str | None] = []
        import http.server

        original = http.server.ThreadingHTTPServer.server_bind
        port = 4406

        def bind(server: Any) -> None:
            server.server_address = (cluster.services, port)
            original(server)

        http.server.ThreadingHTTPServer.server_bind = bind  # the stand-in takes any port
        try:
            super().__init__(cluster.folder, {"GET /0.1.0/ping": answers}, cluster.services)
        finally:
            http.server.ThreadingHTTPServer.server_bind = original

    def answer(self, verb: str, target: str, headers: Any, body: bytes) -> Any:
        self.keys.append(headers.get("X-API-KEY"))
        return super().answer(verb, target, {"Authorization": f"ApiKey {API_KEY}"}, body)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    for opened in made.opened:
        opened.close()


def states(found: Diagnosis) -> dict[str, str]:
    return {check.name: check.state for check in found}


# ------------------------------------------------------------------------------------------------- what works


def test_everything_works(cluster: Cluster) -> None:
    cluster.kafka()
    cluster.query_service()
    cluster.online_rest()
    cluster.mysql(saying(mysql_greeting()))
    found = cluster.diagnose()
    assert states(found) == dict.fromkeys(REST + SERVICES, OK), found
    assert found.ok
    assert found.failed == []
    assert found.address == f"https://{cluster.host}:{cluster.rest.port}"
    assert found["project"].message == "demo, number 119"
    assert "meb10000" in found["API key"].message
    assert "1 advertised address reachable" in found["Kafka listener"].message
    assert "MySQL 8.0.39-cluster" in found["online store MySQL"].message
    facts = found["TLS"].message
    assert "signed by Hopsworks local authority" in facts
    assert cluster.host in facts
    assert "SHA-256 " in facts
    year = datetime.datetime.now(datetime.UTC).year + 1
    assert f"valid until {year}" in facts or f"valid until {year + 1}" in facts
    asked = [
        request["path"].removeprefix("/hopsworks-api/api/") for request in cluster.rest.requests
    ]
    assert asked[:2] == ["variables/versions", "project"]
    external = [r["query"] for r in cluster.rest.requests if r["path"].endswith("clusterinfo")]
    assert external == [{"external": ["True"]}]
    assert cluster.opened[-2] is not None
    assert all(request["method"] == "GET" for request in cluster.rest.requests)


def test_the_online_store_gets_the_key_of_the_login(cluster: Cluster) -> None:
    cluster.online_rest()
    assert cluster.diagnose()["online store REST"].state == OK
    (online,) = [opened for opened in cluster.opened if isinstance(opened, Online)]
    assert online.keys == [API_KEY]


def test_what_is_not_configured_is_no_failure(cluster: Cluster) -> None:
    cluster.brokers()
    found = cluster.diagnose()
    assert found.ok
    assert states(found) == {
        **dict.fromkeys(REST, OK),
        **dict.fromkeys(SERVICES, NOT_CONFIGURED),
    }
    for name in SERVICES:
        assert found[name].message
    assert "enable_flyingduck" in found["query service"].message
    assert "loadbalancer_external_domain_mysqld" in found["online store MySQL"].message


def test_the_open_connection_is_diagnosed_when_nothing_is_given(cluster: Cluster) -> None:
    cluster.brokers()
    rest = StandIn(cluster.folder, cluster.routes, cluster.host)
    cluster.opened.append(rest)
    with hopsworks.connection(
        host=cluster.host,
        port=rest.port,
        project="demo",
        api_key_value=API_KEY,
        trust_store_path=rest.ca_file,
    ) as connection:
        found = hopsworks.diagnose(connection=connection)
    assert found.ok, found
    assert found.address == f"https://{cluster.host}:{rest.port}"
    assert found["project"].message == "demo, number 119"


def test_a_closed_connection_and_its_chosen_project(cluster: Cluster) -> None:
    other = {**MEMBERSHIP, "project": {"id": 7, "name": "lab", "owner": {}}}
    cluster.routes["GET project"] = [[other, MEMBERSHIP]]
    cluster.brokers()
    rest = StandIn(cluster.folder, cluster.routes, cluster.host)
    cluster.opened.append(rest)
    connection = hopsworks.connection(
        host=cluster.host, port=rest.port, api_key_value=API_KEY, trust_store_path=rest.ca_file
    )
    connection.get_project("demo")
    assert hopsworks.diagnose(connection=connection)["project"].message == "demo, number 119"
    connection.close()
    connection.trust_store_path = None
    found = hopsworks.diagnose(connection=connection)
    assert found.address == f"https://{cluster.host}:{rest.port}"
    assert found["TLS"].state == FAILED


def test_the_login_is_diagnosed_when_nothing_is_given(local_server: Any) -> None:
    project = hopsworks.login(host="local", project="local")
    try:
        found = hopsworks.diagnose()
    finally:
        hopsworks.logout()
    assert found.address == "the embedded server"
    assert found["project"].message == f"local, number {project.id}"


def test_the_embedded_server(local_server: Any) -> None:
    found = hopsworks.diagnose(host="local", project="local")
    assert found.ok, found
    assert states(found)["REST connection"] == OK
    assert states(found)["query service"] in (OK, NOT_CONFIGURED)
    assert found["TLS"].state == NOT_CONFIGURED
    assert "embedded server takes rows itself" in found["Kafka listener"].message
    assert "answers for online features" in found["online store MySQL"].message


def test_the_flight_socket_of_the_embedded_server(project: Any) -> None:
    import pandas as pd

    fs = project.get_feature_store()
    group = fs.get_or_create_feature_group("trips", version=1, primary_key=["id"])
    group.insert(pd.DataFrame({"id": [1, 2]}))
    assert len(group.read()) == 2  # starts the service
    connection = project._session.connection
    assert hopsworks.diagnose(connection=connection)["query service"].state == OK


def test_an_embedded_server_that_cannot_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = hopsworks.diagnose(host=f"local:{tmp_path}/file/x")
    assert not found.ok
    assert found["REST address"].state == FAILED
    assert "HOPSWORKS_LOCAL_DATA" in found["REST address"].message
    assert found["project"].state == NOT_CHECKED
    assert "REST address" in found["project"].message


# ------------------------------------------------------------------------------------------------ the way there


def test_a_host_without_address(tmp_path: Path) -> None:
    found = hopsworks.diagnose(host="no-such-host.invalid", api_key_value=API_KEY)
    check = found["REST address"]
    assert check.state == FAILED
    assert "no-such-host.invalid" in check.message
    assert "the argument" in check.remedy
    assert {found[name].state for name in REST[1:] + SERVICES} == {NOT_CHECKED}


def test_a_closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer(silent) as peer:
        port = peer.port
    monkeypatch.setenv("HOPSWORKS_HOST", "127.0.0.1")
    monkeypatch.setenv("HOPSWORKS_PORT", str(port))
    found = hopsworks.diagnose()
    check = found["REST connection"]
    assert check.state == FAILED
    assert f"127.0.0.1:{port} refuses connections" in check.message
    assert "HOPSWORKS_HOST" in check.remedy
    assert "HOPSWORKS_PORT" in check.remedy


def test_a_silent_port() -> None:
    with Peer(silent) as peer:
        found = hopsworks.diagnose(
            host=peer.address, port=peer.port, api_key_value=API_KEY, timeout=2.0
        )
    check = found["TLS"]
    assert check.state == FAILED
    assert "does not complete a TLS handshake within 2 s" in check.message
    assert str(peer.port) in check.remedy


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
)
def test_a_port_that_speaks_another_protocol(greeting: bytes) -> None:
    with Peer(saying(greeting)) as peer:
        found = hopsworks.diagnose(host=peer.address, port=peer.port, api_key_value=API_KEY)
    assert found["TLS"].state == FAILED
    assert "does not speak TLS" in found["TLS"].message
    assert "HTTPS port" in found["TLS"].remedy


def test_a_port_that_hangs_up() -> None:
    with Peer(lambda connection: None) as peer:
        found = hopsworks.diagnose(host=peer.address, port=peer.port, api_key_value=API_KEY)
    assert found["TLS"].state == FAILED
    assert "closes the connection without an answer" in found["TLS"].message


@pytest.mark.parametrize("kind", ["expired", "other host", "unknown authority", "not yet"])
def test_certificates_that_are_not_accepted(kind: str, tmp_path: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    authority = trustme.CA()
    trusted = trustme.CA() if kind == "unknown authority" else authority
    times = {
        "expired": {"not_before": now - 9 * day, "not_after": now - 2 * day},
        "not yet": {"not_before": now + 2 * day, "not_after": now + 9 * day},
    }.get(kind, {})
    name = "other.example" if kind == "other host" else "127.0.0.1"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, **times).configure_cert(context)
    trusted.cert_pem.write_to_path(tmp_path / "ca.pem")
    with Peer(silent, tls=context) as peer:
        found = hopsworks.diagnose(
            host="127.0.0.1",
            port=peer.port,
            api_key_value=API_KEY,
            trust_store_path=tmp_path / "ca.pem",
        )
    check = found["TLS"]
    assert check.state == FAILED
    assert "SHA-256" in check.message
    said, remedy = {
        "expired": ("has expired", "renewed"),
        "not yet": ("not valid before", "clock"),
        "other host": ("valid for other.example", "by one of those names"),
        "unknown authority": ("is not trusted", "trust_store_path"),
    }[kind]
    assert said in check.message
    assert remedy in check.remedy
    assert found["API key"].state == NOT_CHECKED


def test_a_certificate_that_is_not_verified_is_told(cluster: Cluster) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cluster.diagnose(hostname_verification=False, trust_store_path=None)
    assert found["TLS"].state == OK
    assert "not verified" in found["TLS"].message
    assert "trust_store_path" in found["TLS"].remedy


def test_a_certificate_that_ends_soon_is_told(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3, hours=1)
    authority.issue_cert("127.0.0.1", not_after=end).configure_cert(context)
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with Peer(saying(answer), tls=context) as peer:
        found = hopsworks.diagnose(
            host="127.0.0.1",
            port=peer.port,
            api_key_value=API_KEY,
            trust_store_path=tmp_path / "ca.pem",
        )
    assert found["TLS"].state == OK
    assert "it ends in 3 days" in found["TLS"].message
    # It is a web server, and none of Hopsworks.
    assert found["REST version"].state == FAILED
    assert "does not answer as the REST interface" in found["REST version"].message


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer(
        saying(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    ) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:pr0xyPassw0rd@{proxy.place}")
        found = hopsworks.diagnose(host="my.example", api_key_value=API_KEY)
    assert proxy.place in found["REST connection"].message
    assert "407" in found["REST version"].message
    assert not found.ok
    assert "pr0xyPassw0rd" not in repr(found) + json.dumps(found.to_dict())


# ----------------------------------------------------------------------------------------- key, project, version


def test_a_wrong_key(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_API_KEY", "wrongKey00000001.ofNobody")
    found = cluster.diagnose(api_key_value=None)
    check = found["API key"]
    assert check.state == FAILED
    assert "HOPSWORKS_API_KEY" in check.message
    assert "320013" in check.message
    assert "hopsworks login" in check.remedy
    assert "wrongKey00000001" not in repr(found)
    assert found["project"].state == NOT_CHECKED
    assert found["Kafka brokers"].message == "it needs what failed: API key"


def test_no_key_and_nobody_is_asked(cluster: Cluster) -> None:
    found = cluster.diagnose(api_key_value=None)
    assert found["REST version"].state == NOT_CHECKED
    assert found["API key"].state == FAILED
    assert "HOPSWORKS_API_KEY" in found["API key"].remedy


def test_a_key_without_the_scope(cluster: Cluster) -> None:
    cluster.routes["GET project"] = [(403, {"errorCode": 320004, "errorMsg": "No valid scope."})]
    found = cluster.diagnose()
    assert found["API key"].state == FAILED
    assert "scope PROJECT" in found["API key"].remedy


@pytest.mark.parametrize("version", ["4.1.0", "5.3.0-SNAPSHOT"])
def test_another_version(cluster: Cluster, version: str) -> None:
    cluster.routes["GET variables/versions"] = [[{"software": "hopsworks", "version": version}]]
    check = cluster.diagnose()["REST version"]
    assert check.state == FAILED
    assert version in check.message
    assert f"hopsworks=={version[:3]}.*" in check.remedy


def test_a_server_that_tells_no_version(cluster: Cluster) -> None:
    cluster.routes["GET variables/versions"] = [[]]
    assert "does not tell a version" in cluster.diagnose()["REST version"].message


def test_projects(cluster: Cluster) -> None:
    other = {**MEMBERSHIP, "project": {"id": 7, "name": "lab", "owner": {}}}
    cluster.routes["GET project"] = [[MEMBERSHIP, other]]
    found = cluster.diagnose(project="nowhere")
    assert found["project"].state == FAILED
    assert "no project nowhere" in found["project"].message
    assert "demo, lab" in found["project"].message
    assert found["Kafka brokers"].state == NOT_CHECKED
    assert found["online store MySQL"].state == NOT_CONFIGURED
    found = cluster.diagnose()
    assert found["project"].state == NOT_CONFIGURED
    assert "HOPSWORKS_PROJECT" in found["project"].remedy
    assert found["query service"].message == "it needs a project"
    assert found.ok
    assert cluster.diagnose(project="lab")["project"].message == "lab, number 7"
    cluster.routes["GET project"] = [[]]
    assert "create_project" in cluster.diagnose()["project"].remedy


# ------------------------------------------------------------------------------------------------------ Kafka


def test_a_broker_that_does_not_listen(cluster: Cluster) -> None:
    gone = cluster.peer(broker())
    gone.close()
    cluster.brokers(gone.place, f"EXTERNAL://{gone.place}")
    found = cluster.diagnose()
    assert found["Kafka brokers"].state == OK
    check = found["Kafka listener"]
    assert check.state == FAILED
    assert f"{gone.place} refuses connections" in check.message
    assert "2 of 2 brokers" in check.message
    assert "firewall" in check.remedy


def test_a_broker_that_speaks_no_tls(cluster: Cluster) -> None:
    cluster.brokers(cluster.peer(saying(b"\0\0\0\0 plain text ")).place)
    check = cluster.diagnose()["Kafka listener"]
    assert check.state == FAILED
    assert "does not speak TLS" in check.message


def test_a_broker_that_trusts_another_authority(cluster: Cluster, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    cluster.brokers(cluster.peer(broker(), tls=cluster.tls(tmp_path / "other.pem")).place)
    check = cluster.diagnose()["Kafka listener"]
    assert check.state == FAILED
    assert "refuses the secure connection" in check.message
    assert "certificates of the project" in check.remedy


def test_a_broker_with_a_foreign_certificate(cluster: Cluster) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(cluster.services).configure_cert(context)
    cluster.brokers(cluster.peer(broker(), tls=context).place)
    check = cluster.diagnose()["Kafka listener"]
    assert check.state == FAILED
    assert "certificate that is not accepted" in check.message


def test_a_silent_broker(cluster: Cluster) -> None:
    cluster.brokers(cluster.peer(silent, tls=cluster.own_clients()).place)
    check = cluster.diagnose(timeout=2.0)["Kafka listener"]
    assert check.state == FAILED
    assert "does not answer within 2 s" in check.message


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\x0c" + b"\xff" * 12]
)
def test_no_broker_at_all(cluster: Cluster, answer: bytes) -> None:
    cluster.brokers(cluster.peer(saying(answer), tls=cluster.own_clients()).place)
    check = cluster.diagnose()["Kafka listener"]
    assert check.state == FAILED
    assert "Kafka broker" in check.remedy


@pytest.mark.parametrize("advertised", [("kafka-0.internal.invalid", 9091), ("127.0.0.1", 1)])
def test_an_advertised_address_that_is_not_reachable(
    cluster: Cluster, advertised: tuple[str, int]
) -> None:
    cluster.brokers(cluster.peer(broker(advertised), tls=cluster.own_clients()).place)
    check = cluster.diagnose()["Kafka listener"]
    assert check.state == FAILED
    assert f"advertises {advertised[0]}:{advertised[1]}" in check.message
    assert "advertised.listeners" in check.remedy


def test_brokers_that_are_not_told(cluster: Cluster) -> None:
    refusal = (403, {"errorCode": 320004, "errorMsg": "No valid scope."})
    cluster.routes["GET project/119/kafka/clusterinfo"] = [refusal]
    found = cluster.diagnose()
    assert found["Kafka brokers"].state == FAILED
    assert "scope KAFKA" in found["Kafka brokers"].remedy
    assert found["Kafka listener"].state == NOT_CHECKED


def test_certificates_that_cannot_be_used(cluster: Cluster) -> None:
    cluster.kafka()
    broken = {"caChain": "x", "clientCert": "y", "clientKey": "zSecretz", "password": "p"}
    cluster.routes["GET project/119/credentials"] = [broken]
    found = cluster.diagnose()
    assert found["Kafka listener"].state == FAILED
    assert "certificates of the project" in found["Kafka listener"].message
    assert "zSecretz" not in repr(found)


# ---------------------------------------------------------------------------------- query service, online store


def test_a_query_service_without_address(cluster: Cluster) -> None:
    cluster.variable("enable_flyingduck", "true")
    check = cluster.diagnose()["query service"]
    assert check.state == FAILED
    assert "loadbalancer_external_domain_feature_query" in check.message


def test_a_query_service_that_does_not_listen(cluster: Cluster) -> None:
    cluster.query_service().close()
    check = cluster.diagnose()["query service"]
    assert check.state == FAILED
    assert f"{cluster.services}:5005 refuses connections" in check.message
    assert "loadbalancer_external_domain_feature_query" in check.remedy


def test_a_query_service_with_the_certificate_of_another(cluster: Cluster) -> None:
    cluster.variable("service_discovery_domain", "other")
    cluster.query_service()
    check = cluster.diagnose()["query service"]
    assert check.state == FAILED
    assert "it must be for flyingduck.service.other" in check.message


def test_a_query_service_that_trusts_another_authority(cluster: Cluster, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    cluster.query_service(tls=cluster.tls(tmp_path / "other.pem"))
    check = cluster.diagnose()["query service"]
    assert check.state == FAILED
    assert "refuses the secure connection" in check.message
    assert "certificates of the project" in check.remedy


@pytest.mark.parametrize("serve", [silent, saying(b"220 mail.example ESMTP\r\n")])
def test_something_else_where_the_query_service_should_be(cluster: Cluster, serve: Any) -> None:
    cluster.query_service(serve)
    check = cluster.diagnose(timeout=2.0)["query service"]
    assert check.state == FAILED
    assert "5005" in check.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"errorCode": 320013, "errorMsg": "x"}), "does not accept the API key"),
        ((500, {}), "HTTP 500"),
    ],
)
def test_an_online_store_that_refuses(cluster: Cluster, answer: Any, said: str) -> None:
    cluster.online_rest(answer)
    check = cluster.diagnose()["online store REST"]
    assert check.state == FAILED
    assert said in check.message


def test_an_online_store_that_does_not_listen(cluster: Cluster) -> None:
    cluster.online_rest()
    cluster.opened[-1].close()
    cluster.mysql(silent)
    cluster.opened[-1].close()
    found = cluster.diagnose()
    assert "Connection refused" in found["online store REST"].message
    assert (
        "loadbalancer_external_domain_online_store_rest_server" in found["online store REST"].remedy
    )
    assert "3306 refuses connections" in found["online store MySQL"].message
    assert "loadbalancer_external_domain_mysqld" in found["online store MySQL"].remedy


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (silent, "does not answer within 2 s"),
        (saying(mysql_refusal(b"Host 'x' is not allowed")), "Host 'x' is not allowed"),
        (saying(b"+OK POP3 ready, and a long text follows here\r\n" * 3), "does not speak"),
        (lambda connection: None, "closes the connection"),
    ],
)
def test_something_else_where_mysql_should_be(cluster: Cluster, serve: Any, said: str) -> None:
    cluster.mysql(serve)
    check = cluster.diagnose(timeout=2.0)["online store MySQL"]
    assert check.state == FAILED
    assert said in check.message


def test_every_failure_has_a_remedy(cluster: Cluster) -> None:
    cluster.routes["GET variables/versions"] = [[{"software": "hopsworks", "version": "1.0"}]]
    cluster.brokers("127.0.0.1:1")
    cluster.variable("enable_flyingduck", "true")
    cluster.variable("loadbalancer_external_domain_online_store_rest_server", "nowhere.invalid")
    cluster.variable("loadbalancer_external_domain_mysqld", "nowhere.invalid")
    found = cluster.diagnose()
    assert len(found.failed) == 5
    for check in found.failed:
        assert check.remedy, check


# ------------------------------------------------------------------------------------------- inside the cluster


@pytest.fixture
def inside(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> InsideCluster:
    """This process as a program inside the cluster."""
    cluster.routes["GET project/119/kafka/clusterinfo"] = [{"brokers": []}]
    server = InsideCluster(cluster.folder, cluster.routes, cluster.host)
    cluster.opened.append(server)
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return server


def test_inside_a_cluster_token_and_stores_of_the_container_are_used(
    inside: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOPSWORKS_PROJECT_NAME")
    monkeypatch.delenv("HADOOP_USER_NAME")
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", str(inside.ca_file))
    found = hopsworks.diagnose()
    assert states(found) == {
        **dict.fromkeys(REST, OK),
        "Kafka brokers": NOT_CONFIGURED,
        "Kafka listener": NOT_CONFIGURED,
        "query service": NOT_CONFIGURED,
        "online store REST": FAILED,  # no name service of a cluster here
        "online store MySQL": NOT_CHECKED,
    }
    assert found["project"].message == "demo, number 119"
    assert "rdrs.service.consul" in found["online store REST"].message
    assert "service_discovery_domain" in found["online store REST"].remedy
    assert [r["query"] for r in inside.requests if r["path"].endswith("clusterinfo")] == [
        {"external": ["False"]}
    ]
    assert inside.accepted not in repr(found)


def test_inside_a_cluster_that_does_not_tell_its_domain(
    cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    cluster.variable("service_discovery_domain", "")
    cluster.variable("enable_flyingduck", "true")
    request.getfixturevalue("inside")
    found = hopsworks.diagnose()
    for name, state in (("online store REST", NOT_CONFIGURED), ("query service", FAILED)):
        assert found[name].state == state
        assert "variable service_discovery_domain of the cluster is not set" in found[name].message


def test_inside_a_cluster_its_own_authorities_are_trusted(inside: InsideCluster) -> None:
    assert hopsworks.diagnose()["TLS"].state == OK


def test_inside_a_cluster_kafka_takes_the_stores_of_the_container(
    cluster: Cluster, inside: InsideCluster
) -> None:
    listening = cluster.peer(broker(), tls=cluster.own_clients())
    inside._given["GET project/119/kafka/clusterinfo"] = [{"brokers": [listening.place]}]
    found = hopsworks.diagnose()
    assert found["Kafka listener"].state == OK, found
    assert listening.connections == 1


def test_a_token_that_is_not_accepted(inside: InsideCluster) -> None:
    inside.token_file.write_text("header.stale.signature")
    found = hopsworks.diagnose(timeout=3.0)
    assert not found.ok
    check = found.failed[0]
    assert "token" in check.message
    assert "header.stale" not in repr(found)
    assert "Start the job" in check.remedy


def test_a_container_without_token(inside: InsideCluster) -> None:
    inside.token_file.unlink()
    found = hopsworks.diagnose()
    assert states(found) == {"settings": FAILED}
    assert "SECRETS_DIR" in found["settings"].message


# ------------------------------------------------------------------------------------------ calls and results


def test_settings_that_cannot_be_are_a_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_PORT", "many")
    found = hopsworks.diagnose()
    assert states(found) == {"settings": FAILED}
    assert "HOPSWORKS_PORT is 'many'" in found["settings"].message


@pytest.mark.parametrize("timeout", [0, -1, "5", None, True, float("nan")])
def test_a_timeout_that_cannot_be_is_refused(timeout: Any) -> None:
    with pytest.raises(ValueError, match="timeout is"):
        hopsworks.diagnose(host="local", timeout=timeout)


def test_how_a_diagnosis_is_shown() -> None:
    found = Diagnosis(
        "https://<b>:443",
        [
            Check("one", OK, "all is well"),
            Check("second", FAILED, "it is <i>broken</i>", "mend it"),
            Check("3", NOT_CONFIGURED, "not there"),
        ],
    )
    assert repr(found).splitlines() == [
        "Diagnosis of https://<b>:443: 1 check failed.",
        "one     ok              All is well.",
        "second  failed          It is <i>broken</i>. Mend it.",
        "3       not configured  Not there.",
    ]
    html = found._repr_html_()
    assert "<i>" not in html
    assert "&lt;b&gt;" in html
    assert html.count("<tr>") == 3
    assert [check.name for check in found] == ["one", "second", "3"]
    assert found["one"].to_dict() == {
        "name": "one",
        "state": OK,
        "message": "all is well",
        "remedy": "",
    }
    assert repr(found["second"]) == "<Check second: failed. It is <i>broken</i>. Mend it.>"
    assert found.to_dict()["ok"] is False
    with pytest.raises(KeyError, match="no check 'four'; there are one, second"):
        found["four"]


def test_it_is_not_loaded_before_it_is_asked_for() -> None:
    script = """
import sys, hopsworks
assert not any(name.startswith("hopsworks.diagnostics") for name in sys.modules)
assert callable(hopsworks.diagnose) and hopsworks.diagnose.__module__ == "hopsworks"
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_control_c_ends_it_at_once() -> None:
    script = "import sys, hopsworks; hopsworks.diagnose(host=sys.argv[1], port=int(sys.argv[2]), timeout=60)"
    with Peer(silent) as peer:
        child = subprocess.Popen(
            [sys.executable, "-c", script, peer.address, str(peer.port)], stderr=subprocess.PIPE
        )
        while not peer.connections:
            time.sleep(0.01)
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=20)
    assert child.returncode == -signal.SIGINT
    assert b"KeyboardInterrupt" in said


# ---------------------------------------------------------------------------------------------------- command


def command(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.brokers()
    rest = StandIn(cluster.folder, {**LOGIN, **cluster.routes}, cluster.host)
    cluster.opened.append(rest)
    monkeypatch.setenv("HOPSWORKS_HOST", cluster.host)
    monkeypatch.setenv("HOPSWORKS_PORT", str(rest.port))
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", str(rest.ca_file))


def test_the_command(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(cluster, monkeypatch)
    monkeypatch.setenv("HOPSWORKS_API_KEY", API_KEY)
    assert main(["diagnose"]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == 1 + len(REST + SERVICES)
    assert "nothing failed" in shown
    assert API_KEY not in shown
    assert main(["diagnose", "--json", "--project", "demo"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert [check["name"] for check in found["checks"]] == REST + SERVICES


def test_the_command_when_something_fails(
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    command(cluster, monkeypatch)
    (tmp_path / "key").write_text("wrongKey00000001.ofNobody\n")
    assert main(["diagnose", "--api-key-file", str(tmp_path / "key"), "--timeout", "2"]) == 1
    shown = capsys.readouterr().out
    assert "1 check failed" in shown
    assert "ofNobody" not in shown
    assert main(["diagnose", "--timeout", "0"]) == 2
    assert "timeout" in capsys.readouterr().err
