"""The certificates of a project: fetched from the local server, kept in memory, in files only while somebody needs them."""

from __future__ import annotations

import base64
import copy
import gc
import logging
import os
import pickle
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_login import KEY, VERSIONS, ScriptedServer, Step, certificate, project_body

import hopsworks
from hopsworks import _native, certificate_folders, certificates
from hopsworks.certificates import FILES, project_certificates
from hopsworks.client.exceptions import HopsworksSSLClientError


@pytest.fixture(autouse=True)
def claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Claims of these tests apart from those of the user."""
    root = tmp_path / "claims"
    root.mkdir()
    monkeypatch.setattr(certificate_folders, "_CLAIM_ROOTS", (str(root),))
    return root


def held(claims: Path) -> list[str]:
    folder = claims / f"hopsworks-{os.getuid()}" / "certificates"
    return sorted(os.listdir(folder)) if folder.exists() else []


def connect(project: str, **arguments: object) -> hopsworks.connection.Connection:
    return hopsworks.connection(host="local", project=project, **arguments)


def certificates_of(connection: object) -> certificates.ProjectCertificates:
    return project_certificates(connection._project_session())


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_the_stores_hold_what_the_texts_say(local_project: str) -> None:
    with connect(local_project) as connection:
        own = certificates_of(connection)
        assert certificates_of(connection) is own
        key, chain, _ = _native.read_keystore(own.key_store, own.password)
        trusted = _native.read_keystore(own.trust_store, own.password)[2]
        same = ssl.PEM_cert_to_DER_cert
        assert same(trusted.decode()) == same(own.ca_chain)
        first = "-----END CERTIFICATE-----\n"
        assert same(chain.decode().split(first)[0] + first) == same(
            own.client_certificate.split(first)[0] + first
        )
        assert key.decode().split() == own.client_key.split()
        with pytest.raises(ValueError, match="wrong"):
            _native.read_keystore(own.key_store, "another")


def test_nothing_is_written_until_a_path_is_wanted(
    local_project: str, tmp_path: Path, claims: Path
) -> None:
    folder = tmp_path / "certs"
    with connect(local_project, cert_folder=str(folder)) as connection:
        own = certificates_of(connection)
        assert own.ca_chain.startswith("-----BEGIN CERTIFICATE-----")
        assert not folder.exists()
        assert held(claims) == []
        assert "memory only" in repr(own)
        assert own.path("ca_chain.pem") == str(folder / "ca_chain.pem")
        assert str(folder) in repr(own)
        with pytest.raises(ValueError, match=r"other\.pem.*client_key\.pem"):
            own.path("other.pem")


def test_files_layout_and_rights(local_project: str, tmp_path: Path, claims: Path) -> None:
    folder = tmp_path / "deep" / "certs"
    connection = connect(local_project, cert_folder=str(folder))
    own = certificates_of(connection)
    assert own.folder() == own.folder() == str(folder)
    assert sorted(os.listdir(folder)) == sorted(FILES)
    assert mode(folder) == 0o700
    assert {mode(folder / name) for name in FILES} == {0o600}
    assert (folder / "keyStore.jks").read_bytes() == own.key_store
    assert (folder / "trustStore.jks").read_bytes() == own.trust_store
    assert (folder / "material_passwd").read_text() == own.password
    assert (folder / "ca_chain.pem").read_text() == own.ca_chain
    context = ssl.create_default_context(cafile=own.path("ca_chain.pem"))
    context.load_cert_chain(own.path("client_cert.pem"), own.path("client_key.pem"))
    assert len(held(claims)) == 1
    connection.close()
    assert not folder.exists()
    assert held(claims) == []
    connection.connect()
    assert certificates_of(connection) is not own
    assert os.path.exists(certificates_of(connection).path("client_key.pem"))
    connection.close()
    assert not folder.exists()


def test_certificates_that_are_old_are_fetched_again(
    local_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "certs"
    with connect(local_project, cert_folder=str(folder)) as connection:
        own = certificates_of(connection)
        before = (own.folder(), own.fetched)
        (folder / "ca_chain.pem").write_text("old")
        own.ca_chain = "old"
        assert certificates_of(connection).ca_chain == "old"
        monkeypatch.setattr(certificates, "_FRESH_SECONDS", 0.0)
        assert certificates_of(connection) is own
        assert own.ca_chain.startswith("-----BEGIN")
        assert own.fetched > before[1]
        assert own.folder() == before[0]
        assert (folder / "ca_chain.pem").read_text() == own.ca_chain
        assert mode(folder / "ca_chain.pem") == 0o600
        assert sorted(os.listdir(folder)) == sorted(FILES)
    assert not folder.exists()


def test_the_default_folder(
    local_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "tmp"
    base.mkdir()
    monkeypatch.setattr(certificate_folders, "DEFAULT_CERT_FOLDER", str(base))
    with connect(local_project, cert_folder=str(base)) as connection:
        session = connection._project_session()
        folder = Path(certificates_of(connection).folder())
        assert folder == base / "local" / local_project / session.username
        assert mode(folder) == 0o700
        assert mode(folder.parent) == mode(folder.parent.parent) == 0o1777
    assert not folder.exists()
    assert folder.parent.is_dir()


def test_what_else_is_in_the_folder_stays(local_project: str, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    os.chmod(tmp_path, 0o755)
    with connect(local_project, cert_folder=str(tmp_path)) as connection:
        assert certificates_of(connection).folder() == str(tmp_path)
        assert mode(tmp_path) == 0o755
    assert not any((tmp_path / name).exists() for name in FILES)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_folder_that_others_can_write_gets_a_private_one_inside(
    local_project: str, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    os.chmod(shared, 0o777)
    with connect(local_project, cert_folder=str(shared)) as connection:
        folder = Path(certificates_of(connection).folder())
        assert folder.parent == shared
        assert mode(folder) == 0o700
    assert not folder.exists()


def test_two_clients_never_share_a_folder(local_project: str, tmp_path: Path, claims: Path) -> None:
    folder = tmp_path / "certs"
    first = connect(local_project, cert_folder=str(folder))
    second = connect(local_project, cert_folder=str(folder))
    third = connect("local", cert_folder=str(folder))
    places = [Path(certificates_of(each).folder()) for each in (first, second, third)]
    assert places[0] == folder
    assert len(set(places)) == 3
    assert places[1].name.startswith(f"{local_project}-")
    assert places[2].name.startswith("local-")
    for each, place in zip((first, second, third), places, strict=True):
        assert (place / "client_key.pem").read_text() == certificates_of(each).client_key
    first.close()
    assert not (folder / "keyStore.jks").exists()
    assert all((place / name).exists() for place in places[1:] for name in FILES)
    second.close()
    third.close()
    assert not folder.exists()
    assert held(claims) == []


def test_a_connection_that_nobody_holds_leaves_nothing(local_project: str, tmp_path: Path) -> None:
    connection = connect(local_project, cert_folder=str(tmp_path / "certs"))
    certificates_of(connection).folder()
    hopsworks.open_connections.close_all()
    del connection
    gc.collect()
    assert not (tmp_path / "certs").exists()


PROGRAM = """
import os, sys
import hopsworks
from hopsworks import certificate_folders, certificates
certificate_folders._CLAIM_ROOTS = (sys.argv[1],)
connection = hopsworks.connection(host="local", project=sys.argv[2], cert_folder=sys.argv[3])
own = certificates.project_certificates(connection._project_session())
print(own.folder(), flush=True)
second = hopsworks.connection(host="local", project=sys.argv[2], cert_folder=sys.argv[3])
print(certificates.project_certificates(second._project_session()).folder(), flush=True)
if sys.argv[4] == "fork":
    if os.fork() == 0:
        sys.exit()
    os.wait()
    print(set(certificates.FILES) <= set(os.listdir(own.folder())))
if sys.argv[4] == "wait":
    sys.stdin.read()
"""


def start(
    claims: Path, project: str, folder: Path, what: str
) -> tuple[subprocess.Popen, list[Path]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(claims), project, str(folder), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, [Path(process.stdout.readline().strip()) for _ in range(2)]


def test_files_go_at_exit(local_project: str, tmp_path: Path, claims: Path) -> None:
    folder = tmp_path / "certs"
    process, _ = start(claims, local_project, folder, "exit")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not folder.exists()
    assert held(claims) == []


def test_a_forked_child_leaves_the_files_of_its_parent(
    local_project: str, tmp_path: Path, claims: Path
) -> None:
    process, _ = start(claims, local_project, tmp_path / "certs", "fork")
    out, _ = process.communicate(timeout=60)
    assert out.split() == ["True"]
    assert not (tmp_path / "certs").exists()


def test_after_a_crash_the_next_start_removes_them(
    local_project: str, tmp_path: Path, claims: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "certs"
    process, places = start(claims, local_project, folder, "wait")
    assert all((place / name).exists() for place in places for name in FILES)
    with connect(local_project):
        # The other process lives, so its files stay.
        assert all((place / name).exists() for place in places for name in FILES)
        process.kill()
        process.communicate()
    assert folder.exists()
    with caplog.at_level(logging.INFO, "hopsworks"), connect(local_project):
        assert not folder.exists()
    assert held(claims) == []
    assert str(folder) in caplog.text


def test_a_folder_that_cannot_be_written(local_project: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with connect(local_project, cert_folder=str(tmp_path / "file" / "certs")) as connection:
        with pytest.raises(OSError, match="file"):
            certificates_of(connection).folder()
        assert "memory only" in repr(certificates_of(connection))


def test_a_refused_folder_names_the_remedy(
    local_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied", str(tmp_path / "certs"))

    with connect(local_project, cert_folder=str(tmp_path / "certs")) as connection:
        monkeypatch.setattr(certificate_folders, "_open_own", refuse)
        with pytest.raises(PermissionError, match=r"certs.*cert_folder or HOPSWORKS_CERT_FOLDER"):
            certificates_of(connection).folder()


@pytest.mark.parametrize("name", ["../../up", "..", ".", "a/b", "", "\0"])
def test_a_name_from_the_server_is_one_part_of_a_path(name: str) -> None:
    part = certificate_folders._component(name)
    assert part not in ("", ".", "..")
    assert "/" not in part
    assert "\0" not in part


def test_older_clusters_hand_out_stores_only() -> None:
    stores = Path(__file__).parent.parent / "data" / "keystores"
    answer = {
        "kStore": base64.b64encode((stores / "client.jks").read_bytes()).decode(),
        "tStore": base64.b64encode((stores / "trust-pkcs12.jks").read_bytes()).decode(),
        "password": "storepass-of-the-tests",
    }

    class Session:
        project_name = "demo"

    own = certificates.ProjectCertificates(Session(), answer)
    assert own.client_key == (stores / "key.pem").read_text()
    assert own.client_certificate == (stores / "chain.pem").read_text()
    root, mid = (stores / "root.pem").read_text(), (stores / "mid.pem").read_text()
    assert own.ca_chain == root + root + mid
    for wrong in ({**answer, "password": "guess-of-mine"}, {**answer, "kStore": "no base64 !"}):
        with pytest.raises(ValueError, match="handed out") as caught:
            certificates.ProjectCertificates(Session(), wrong)
        assert "guess-of-mine" not in str(caught.value)
        assert "no base64" not in str(caught.value)


def test_secrets_are_shown_nowhere(
    local_project: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        connect(local_project, cert_folder=str(tmp_path / "certs")) as connection,
    ):
        own = certificates_of(connection)
        own.folder()
        shown = [repr(own), str(own), repr(connection), repr(connection._project_session())]
        for call in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled") as caught:
                call(own)
            shown.append(str(caught.value))
    shown.append(caplog.text)
    body = own.client_key.splitlines()[1]
    for text in shown:
        assert own.password not in text
        assert body not in text
        assert "PRIVATE KEY" not in text


def test_login_trusts_a_java_trust_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hopsworks.local.keystore import trust_store

    context, authority = certificate(tmp_path, "localhost")
    java = tmp_path / "truststore.jks"
    java.write_bytes(trust_store(Path(authority).read_text(), "store-password"))
    steps = [
        VERSIONS,
        Step("GET /hopsworks-api/api/project/getProjectInfo/demo", body=project_body("demo")),
    ]
    arguments = {"host": "localhost", "api_key_value": KEY, "project": "demo"}
    for password in (None, "store-password"):
        if password:
            monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PASSWORD", password)
        with ScriptedServer(steps, tls=context) as server:
            project = hopsworks.login(port=server.port, trust_store_path=str(java), **arguments)
            assert project.name == "demo"
            hopsworks.logout()
    monkeypatch.setenv("HOPSWORKS_TRUST_STORE_PASSWORD", "guess-of-mine")
    with pytest.raises(HopsworksSSLClientError, match="HOPSWORKS_TRUST_STORE_PASSWORD") as caught:
        hopsworks.login(port=1, trust_store_path=str(java), **arguments)
    assert "guess-of-mine" not in str(caught.value)
    assert str(java) in str(caught.value)


def test_many_clients_at_once_see_their_own_files_only(tmp_path: Path, claims: Path) -> None:
    folder = tmp_path / "certs"
    wrong: list[str] = []

    class Session:
        project_name = "demo"
        username = "meb10000"

        class connection:
            host = "h.example"
            cert_folder = str(folder)

    def work(thread: int) -> None:
        for turn in range(25):
            text = f"{thread}-{turn}"
            session = Session()
            answer = dict.fromkeys(("caChain", "clientCert", "clientKey", "password"), text)
            own = certificates.ProjectCertificates(session, answer)
            try:
                for name in ("ca_chain.pem", "client_key.pem", "material_passwd"):
                    found = Path(own.path(name)).read_text()
                    wrong.extend([found] if found != text else [])
                if turn % 5 == 0:
                    certificate_folders.remove_abandoned()
            except OSError as error:
                wrong.append(repr(error))
            own.remove()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not folder.exists()
    assert held(claims) == []
