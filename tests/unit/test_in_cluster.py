"""The client inside a cluster: a container's variables, token and stores; tokens that run out; what is missing is named."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import hopsworks
from hopsworks import _transport, config, in_cluster
from hopsworks.certificates import project_certificates
from hopsworks.client.exceptions import (
    FeatureStoreException,
    HopsworksSSLClientError,
    InternalClientError,
    LimitExceededError,
    NoHopsworksConnectionError,
    ProjectException,
    ServiceUnreachableError,
    UnauthorizedError,
)
from hopsworks.core.service_address import service_host
from hopsworks.diagnostics.report import OK
from hopsworks.local.certificates import Authority
from hsfs.online import rest_interface
from tests import java_stores
from tests.oracle.inside import STORE_PASSWORD, USER, InsideCluster, make_material
from tests.oracle.stand_in import API_KEY, OWNER, PROJECT_ID

SECRETS = {"GET users/secrets": [{"items": [{"name": "warehouse", "visibility": "PRIVATE"}]}]}
NAMES = ("HADOOP_USER_NAME", "HDFS_USER", "MATERIAL_DIRECTORY", "REST_ENDPOINT", "SECRETS_DIR")


@pytest.fixture(autouse=True)
def clean_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variables of ours or of a cluster, an empty home and working folder, and nobody logged in."""
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") or name in NAMES:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    _transport._warned_unverified.clear()
    hopsworks.logout()
    yield
    hopsworks.logout()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and stores of a cluster, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    make_material(folder)
    return folder


@pytest.fixture
def routes() -> dict:
    return SECRETS


@pytest.fixture
def cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Path, routes: dict
) -> Iterator[InsideCluster]:
    """A cluster, and this process as a program inside it."""
    server = InsideCluster(Path(shutil.copytree(made, tmp_path / "cluster")), routes)
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    yield server
    server.close()


def sent(cluster: InsideCluster) -> list[str]:
    return [f"{entry['method']} {entry['path'].split('/api/')[1]}" for entry in cluster.requests]


def secret_names() -> list[str]:
    return [secret.name for secret in hopsworks.get_secrets_api().get_secrets()]


# ------------------------------------------------------------------------------------------------------ settings


def test_a_container_says_everything(
    cluster: InsideCluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    project = hopsworks.login()
    assert (project.name, project.id) == ("demo", PROJECT_ID)
    assert sent(cluster) == ["GET variables/versions", "GET project/getProjectInfo/demo"]
    connection = hopsworks.get_current_project()._session.connection
    assert connection.is_internal
    assert connection.host == "127.0.0.1"
    assert connection.port == cluster.port
    assert project.get_url() == "https://hopsworks.example.com/p/119"
    assert secret_names() == ["warehouse"]
    settings = connection._settings
    assert settings.sources["host"] == "REST_ENDPOINT"
    assert settings.sources["project"] == "HOPSWORKS_PROJECT_NAME"
    assert settings.sources["api_key"] == f"file {cluster.token_file}"
    shown = [repr(settings), repr(connection), repr(connection.client), repr(project), caplog.text]
    assert not [text for text in shown if cluster.accepted in text or STORE_PASSWORD in text]


def test_without_a_public_host_addresses_are_those_of_the_endpoint(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOPSWORKS_PUBLIC_HOST")
    assert hopsworks.login().get_url() == f"https://127.0.0.1:{cluster.port}/p/119"


def test_arguments_for_another_host_do_not_count(cluster: InsideCluster) -> None:
    project = hopsworks.login(
        host="elsewhere.example", port=8181, project="other", api_key_value="a.b"
    )
    assert project.name == "demo"
    with hopsworks.connection("elsewhere.example", 443, "other", api_key_value="a.b") as connection:
        assert connection.get_project().name == "demo"
        assert connection.host == "127.0.0.1"


def test_the_embedded_server_can_be_asked_for(cluster: InsideCluster) -> None:
    settings = config.resolve("local")
    assert settings.is_local
    assert not settings.inside


@pytest.mark.parametrize(
    ("variable", "value", "source"),
    [("HADOOP_USER_NAME", USER, "HADOOP_USER_NAME"), ("HDFS_USER", USER, "HDFS_USER")],
)
def test_the_user_of_the_container_names_the_project(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, source: str
) -> None:
    for name in ("HOPSWORKS_PROJECT_NAME", "HADOOP_USER_NAME"):
        monkeypatch.delenv(name)
    monkeypatch.setenv(variable, value)
    settings = config.resolve()
    assert (settings.project, settings.sources["project"]) == ("demo", source)


def test_the_number_of_the_project_is_enough(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOPSWORKS_PROJECT_NAME")
    monkeypatch.delenv("HADOOP_USER_NAME")
    monkeypatch.setenv("HOPSWORKS_HOSTNAME_VERIFICATION", "true")
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PATH", str(cluster.ca_file))
    assert hopsworks.login().name == "demo"
    hopsworks.logout()
    monkeypatch.setenv("HOPSWORKS_PROJECT_ID", "7")
    with pytest.raises(ProjectException, match=r"no project 7 .*HOPSWORKS_PROJECT_NAME"):
        hopsworks.login()


def test_a_key_file_stands_for_the_token(cluster: InsideCluster) -> None:
    cluster.token_file.unlink()
    (cluster.token_file.parent / "api.key").write_text(f"{API_KEY}\n")
    with pytest.raises(UnauthorizedError, match="SECRETS_DIR") as caught:
        hopsworks.login()
    assert caught.value.attempts == 1  # a key that is refused is refused for good
    assert API_KEY not in str(caught.value)
    assert config.resolve().api_key == API_KEY


# ------------------------------------------------------------------------------------------------ what is missing


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SECRETS_DIR": "/nowhere"}, r"token\.jwt or api\.key, and the folder /nowhere"),
        ({"MATERIAL_DIRECTORY": "/nowhere"}, rf"k_certificate or /nowhere/{USER}__kstore\.jks"),
        ({"MATERIAL_DIRECTORY": None}, r"k_certificate does not exist.*MATERIAL_DIRECTORY"),
        ({"HOPSWORKS_PROJECT_NAME": None, "HADOOP_USER_NAME": None, "HOPSWORKS_PROJECT_ID": None},
         "HOPSWORKS_PROJECT_NAME or HOPSWORKS_PROJECT_ID"),
        ({"HOPSWORKS_PROJECT_NAME": None, "HADOOP_USER_NAME": None, "HOPSWORKS_PROJECT_ID": "x"},
         "HOPSWORKS_PROJECT_ID is 'x'"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_before_anything_is_sent(
    cluster: InsideCluster,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str | None],
    words: str,
) -> None:
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(InternalClientError, match=words):
        hopsworks.login()
    assert cluster.requests == []


def test_an_endpoint_that_cannot_be(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REST_ENDPOINT", "http://hopsworks.service.consul:8182")
    with pytest.raises(ValueError, match=r"REST_ENDPOINT is 'http:.*in the clear"):
        hopsworks.login()


@pytest.mark.parametrize("content", ["", "two words", "x" * 40000])
def test_a_token_that_cannot_be(cluster: InsideCluster, content: str) -> None:
    cluster.token_file.write_text(content)
    with pytest.raises((ValueError, LimitExceededError)) as caught:
        hopsworks.login()
    assert str(cluster.token_file) in str(caught.value)
    assert content == "" or content not in str(caught.value)
    assert cluster.requests == []


def test_a_wrong_store_password(cluster: InsideCluster) -> None:
    password = cluster.folder / "material" / f"{USER}__cert.key"
    password.write_text("guess-of-mine")
    with pytest.raises(
        InternalClientError, match=rf"{USER}__kstore\.jks cannot be used.*wrong"
    ) as caught:
        hopsworks.login()
    assert "guess-of-mine" not in str(caught.value)
    assert cluster.requests == []


# ---------------------------------------------------------------------------------------------------- TLS, stores


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_stores_in_the_working_folder(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    monkeypatch.delenv("MATERIAL_DIRECTORY")
    client = cluster.folder / "tls"
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    from hopsworks.local.certificates import Authority

    material = Authority.load(cluster.folder).client_material(USER)
    java_stores.key_store(
        work / "k_certificate", material.certificate, material.key, "pass-word", kind
    )
    java_stores.trust_store(work / "t_certificate", client / "ca.pem", "pass-word", kind)
    (work / "material_passwd").write_text("pass-word\n")
    hopsworks.login()
    assert secret_names() == ["warehouse"]
    assert sorted(os.listdir(work)) == ["k_certificate", "material_passwd", "t_certificate"]


def test_certificates_come_from_stores_and_cluster(cluster: InsideCluster) -> None:
    session = hopsworks.login()._session
    own = project_certificates(session)
    material = in_cluster.find_material()
    assert own.key_store == Path(material.key_store).read_bytes()
    assert own.trust_store == Path(material.trust_store).read_bytes()
    assert own.password == STORE_PASSWORD == material.password
    assert own.ca_chain.split() == cluster.ca_file.read_text().split()
    assert own.client_certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert sent(cluster)[-1] == "GET project/119/credentials"
    assert STORE_PASSWORD not in repr(material)


def test_another_authority_is_refused_before_the_token_is_sent(
    cluster: InsideCluster, tmp_path: Path
) -> None:
    import trustme

    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    store = Path(in_cluster.find_material().trust_store)
    store.unlink()
    java_stores.trust_store(store, stranger, STORE_PASSWORD)
    with pytest.raises(HopsworksSSLClientError, match="not trusted") as caught:
        hopsworks.login()
    assert f"Authorities come from {store}" in str(caught.value)
    assert cluster.requests == []
    assert hopsworks.login(trust_store_path=str(cluster.ca_file)).name == "demo"


def test_without_the_host_name_the_authority_is_still_checked_with_one_warning(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOPSWORKS_HOSTNAME_VERIFICATION", "false")
    with pytest.warns(UserWarning, match="any host name") as told:
        hopsworks.login()
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hopsworks.login()
    hopsworks.logout()
    monkeypatch.setenv("MATERIAL_DIRECTORY", "/nowhere")
    _transport._warned_unverified.clear()
    with pytest.warns(UserWarning, match="is not verified") as told:
        assert hopsworks.login().name == "demo"
    assert len(told) == 1


# --------------------------------------------------------------------------------------------------------- tokens


def test_a_new_token_is_taken_and_the_request_repeated(
    cluster: InsideCluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hopsworks.login()
    tokens = [cluster.accepted]
    cluster.expire()
    tokens.append(cluster.accepted)
    assert secret_names() == ["warehouse"]
    assert cluster.refused == 1
    cluster.expire(late=2)
    tokens.append(cluster.accepted)
    began = time.monotonic()
    assert secret_names() == ["warehouse"]
    assert time.monotonic() - began >= 0.6
    assert cluster.refused == 3
    assert secret_names() == ["warehouse"]
    assert cluster.refused == 3
    assert not [token for token in tokens if token in caplog.text]
    assert "trying again in 0.60 s" in caplog.text


def test_threads_that_meet_an_old_token_together(cluster: InsideCluster) -> None:
    hopsworks.login()
    secret_names()
    with ThreadPoolExecutor(16) as pool:
        for _ in range(5):
            cluster.expire()
            before = cluster.refused
            assert list(pool.map(lambda _: secret_names(), range(32))) == [["warehouse"]] * 32
            assert 1 <= cluster.refused - before <= 16


def test_a_forked_child_takes_new_tokens_too(cluster: InsideCluster) -> None:
    hopsworks.login()
    cluster.expire()
    child = os.fork()
    if child == 0:
        os._exit(0 if secret_names() == ["warehouse"] else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert secret_names() == ["warehouse"]


received: list[bytes] = []
UPLOADS = {
    "GET project/119/dataset/{path}": [(404, {"errorCode": 110018, "errorMsg": "No such path."})],
    "POST project/119/dataset/upload/{path}": [lambda request: received.append(request["body"])],
}


@pytest.mark.parametrize("routes", [UPLOADS])
def test_the_pieces_of_an_upload_are_sent_again(cluster: InsideCluster, tmp_path: Path) -> None:
    received.clear()
    files = hopsworks.login().get_dataset_api()
    content = os.urandom(3_000_000)
    (tmp_path / "numbers.bin").write_bytes(content)
    assert not files.exists("Resources/numbers.bin")
    cluster.expire()
    files.upload(str(tmp_path / "numbers.bin"), "Resources", overwrite=True, chunk_size=1 << 20)
    assert cluster.refused >= 1
    assert all(content[at : at + 1000] in b"".join(received) for at in (0, 1_500_000, 2_999_000))


PROGRAM = """
import hopsworks
hopsworks.login()
print("ready", flush=True)
input()
try:
    hopsworks.get_secrets_api().get_secrets()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_the_wait_for_a_token(cluster: InsideCluster) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    cluster.expire(late=1000)
    process.stdin.write("go\n")
    process.stdin.flush()
    while cluster.refused < 2 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)  # uninterrupted, it would wait for ten minutes
    assert output == "interrupted\n"


def test_closing_the_connection_ends_the_wait_for_a_token(cluster: InsideCluster) -> None:
    hopsworks.login()
    api = hopsworks.get_secrets_api()
    cluster.expire(late=1000)
    ended: list[Exception] = []

    def wait() -> None:
        try:
            api.get_secrets()
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while cluster.refused < 2:
        time.sleep(0.02)
    hopsworks.logout()
    thread.join(10)
    assert [type(error) for error in ended] == [NoHopsworksConnectionError]


def test_outside_a_cluster_a_refused_key_is_not_tried_again(
    cluster: InsideCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REST_ENDPOINT")
    assert OWNER["username"] not in os.environ.values()
    with warnings.catch_warnings(), pytest.raises(UnauthorizedError) as caught:
        hopsworks.login(
            host="127.0.0.1",
            port=cluster.port,
            api_key_value="a.b",
            trust_store_path=str(cluster.ca_file),
        )
    assert caught.value.attempts == 1
    assert cluster.refused == 1


def test_a_diagnosis_uses_the_token_and_the_stores_of_the_container(cluster: InsideCluster) -> None:
    found = {check.name: check for check in hopsworks.diagnose(timeout=5)}
    for name in ("REST connection", "TLS", "REST version", "API key", "project"):
        assert found[name].state == OK, found[name]
    assert cluster.refused == 0
    assert not [check for check in found.values() if cluster.accepted in str(check)]


# ------------------------------------------------------------------------------------------------- other services

DOMAIN = {"GET variables/service_discovery_domain": [{"successMessage": "cluster.invalid"}]}


@pytest.mark.parametrize("routes", [DOMAIN])
def test_services_are_found_under_their_names_in_the_cluster(cluster: InsideCluster) -> None:
    session = hopsworks.login()._session
    assert service_host(session, "flyingduck", "feature_query", "it", "") == (
        "flyingduck.service.cluster.invalid"
    )
    with pytest.raises(ServiceUnreachableError, match=r"rdrs\.service\.cluster\.invalid"):
        rest_interface.open_scope(session, {"api_key": API_KEY})
    assert not [entry for entry in sent(cluster) if "loadbalancer" in entry]


def test_a_cluster_that_does_not_tell_its_domain(cluster: InsideCluster) -> None:
    session = hopsworks.login()._session
    with pytest.raises(FeatureStoreException, match=r"service_discovery_domain .* Ask somebody\."):
        service_host(session, "flyingduck", "feature_query", "it", "Ask somebody.")


def test_the_online_store_is_verified_with_the_stores_of_the_container(
    cluster: InsideCluster, tmp_path: Path
) -> None:
    session = hopsworks.login()._session
    at = {"host": "127.0.0.1", "port": cluster.port, "api_key": API_KEY}
    scope, timeout = rest_interface.open_scope(session, at)
    assert timeout == 2.0
    with pytest.raises(UnauthorizedError):  # the stand-in takes nothing but its token
        scope.call("online.ping")
    # Authorities of the user's go before those of the container.
    make_material(tmp_path)
    other = {**at, "ca_certs": str(Authority.load(tmp_path).certificate_file)}
    with pytest.raises(HopsworksSSLClientError):
        rest_interface.open_scope(session, other)
    rest_interface.open_scope(session, {**other, "verify_certs": False})


def test_the_online_store_wants_a_key_instead_of_the_token(cluster: InsideCluster) -> None:
    session = hopsworks.login()._session
    with pytest.raises(FeatureStoreException, match=r"config_rest_client=\{'api_key': …\}"):
        rest_interface.open_scope(session, {"host": "127.0.0.1", "port": cluster.port})
    assert cluster.refused == 0
