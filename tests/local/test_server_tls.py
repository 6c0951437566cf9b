"""``hopsworks local serve``: TLS, API keys, certificates; and the command line."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from served import Served

from hopsworks.cli.main import main
from hopsworks.local import lifecycle
from hopsworks.local.certificates import Authority


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(tmp_path_factory.mktemp("served") / "data")
    yield server
    server.stop()


API = "/hopsworks-api/api/"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 200003),
        ({"authorization": "Bearer abc"}, 200003),
        ({"authorization": "ApiKey abc"}, 320012),
        ({"authorization": "ApiKey abc.def"}, 320013),
        ({"authorization": "ApiKey {prefix}.def"}, 320012),
        ({"x-api-key": "abc.def"}, 320013),
    ],
)
def test_without_the_key(served: Served, headers: dict, code: int) -> None:
    prefix = served.key.split(".")[0]
    sent = {name: value.format(prefix=prefix) for name, value in headers.items()}
    response = served.get(API + "project", sent)
    assert response.status_code == 401
    assert response.json()["errorCode"] == code
    assert served.key not in response.text
    if code == 200003:
        assert response.headers["www-authenticate"] == "ApiKey"


def test_with_the_key(served: Served) -> None:
    for headers in ({"authorization": f"ApiKey {served.key}"}, {"X-API-KEY": served.key}):
        assert served.get(API + "project", headers).json()[0]["project"]["name"] == "local"


def test_certificate_is_verified(served: Served) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(served.url + API + "project")
    context = ssl.create_default_context(cafile=str(served.authority))
    for name in ("127.0.0.1", "localhost", "flyingduck.service.consul"):
        with socket.create_connection(("127.0.0.1", served.port)) as plain:
            with context.wrap_socket(plain, server_hostname=name) as secure:
                assert secure.version() in ("TLSv1.2", "TLSv1.3")
    with socket.create_connection(("127.0.0.1", served.port)) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname="other.example")


def test_what_only_the_socket_offers(served: Served) -> None:
    headers = {"authorization": f"ApiKey {served.key}"}
    refused = served.get("/hopsworks-local/status", headers)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, 320003)
    hidden = served.get(API + "variables/native_query", headers)
    assert (hidden.status_code, hidden.json()["errorCode"]) == (404, 100050)
    name = "variables/loadbalancer_external_domain_online_store_rest_server"
    assert served.get(API + name, headers).json() == {"successMessage": "127.0.0.1"}
    assert lifecycle.status(served.data)["pid"] == served.process.pid


def test_credentials(served: Served, tmp_path: Path) -> None:
    headers = {"authorization": f"ApiKey {served.key}"}
    found = served.get(API + "project/119/credentials", headers).json()
    assert found["fileExtension"] == "jks"
    for store in ("kStore", "tStore"):
        assert base64.b64decode(found[store])[:4] == b"\xfe\xed\xfe\xed"
    assert len(found["password"]) == 64
    assert found["clientKey"].startswith("-----BEGIN PRIVATE KEY-----")
    assert found["caChain"] == served.authority.read_text()
    (tmp_path / "cert").write_text(found["clientCert"])
    (tmp_path / "key").write_text(found["clientKey"])
    context = ssl.create_default_context(cafile=str(served.authority))
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    again = served.get(API + "project/119/credentials", headers).json()
    assert again["clientCert"] == found["clientCert"]


def test_requests_are_recorded_without_keys(served: Served) -> None:
    headers = {"authorization": f"ApiKey {served.key}"}
    served.get(API + "variables/versions?x=1&x=2", headers)
    text = served.record.read_text()
    entry = json.loads(text.splitlines()[-1])
    assert entry["path"] == API + "variables/versions"
    assert entry["query"] == {"x": ["1", "2"]}
    assert entry["status"] == 200
    assert served.key not in text


def test_private_keys_are_private(served: Served) -> None:
    for name in ("ca.key", "server.key", "store.password"):
        path = served.data / "tls" / name
        if path.exists():
            assert path.stat().st_mode & 0o077 == 0


def test_authority_and_server_certificate_are_kept(tmp_path: Path) -> None:
    first = Authority.load(tmp_path)
    material = first.server_material(["localhost"])
    before = material.certificate.read_bytes()
    again = Authority.load(tmp_path)
    assert again.certificate_file.read_bytes() == first.certificate_file.read_bytes()
    assert again.server_material(["localhost"]).certificate.read_bytes() == before
    changed = again.server_material(["localhost", "box.example"]).certificate.read_bytes()
    assert changed != before


def test_serve_says_what_to_set_and_keeps_the_key_to_itself(served: Served) -> None:
    said = "".join(served.said)
    assert f"HOPSWORKS_PORT={served.port}" in said
    assert str(served.authority) in said
    assert served.key not in said


def test_serve_refuses_a_folder_in_use(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    address = lifecycle.ensure_running(tmp_path / "d")
    try:
        assert main(["local", "serve", "--data", str(tmp_path / "d"), "--port", "0"]) == 1
        assert "hopsworks local stop" in capsys.readouterr().err
        assert lifecycle.find(tmp_path / "d").pid == address.pid
    finally:
        address.release()
        lifecycle.stop(tmp_path / "d")


def test_port_in_use_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "hopsworks.cli.main", "local", "serve"]
        result = subprocess.run(
            [*command, "--data", str(tmp_path / "d"), "--port", port],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert result.returncode == 1
    assert port in result.stderr
    assert "Traceback" not in result.stderr


def test_commands(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    data = ["--data", str(tmp_path / "d")]
    assert main(["local", "status", *data]) == 3
    assert "No local server" in capsys.readouterr().out
    assert main(["local", "start", *data]) == 0
    assert "started" in capsys.readouterr().out
    assert main(["local", "start", *data]) == 0
    assert "runs already" in capsys.readouterr().out
    assert main(["local", "status", *data]) == 0
    assert str(tmp_path / "d") in capsys.readouterr().out
    assert main(["local", "status", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["projects"] == ["local"]
    assert main(["local", "stop", *data]) == 0
    assert main(["local", "stop", *data]) == 0
    assert "No local server" in capsys.readouterr().out
    assert main(["local", "reset", *data]) == 2
    assert (tmp_path / "d").exists()
    assert main(["local", "reset", "--yes", *data]) == 0
    assert not (tmp_path / "d").exists()


def test_help_of_every_command(capsys: pytest.CaptureFixture) -> None:
    for command in ([], *(["local", c] for c in ("start", "stop", "status", "serve", "reset"))):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0
        assert "usage: hopsworks" in capsys.readouterr().out


def test_data_folder_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    assert main(["local", "start", "--data", str(tmp_path / "file" / "x")]) == 1
    assert "HOPSWORKS_LOCAL_DATA" in capsys.readouterr().err


def test_foreground_server_ends_by_signal(tmp_path: Path) -> None:
    server = Served(tmp_path / "d")
    assert server.stop() == 0
    deadline = time.monotonic() + 5
    while lifecycle.find(server.data) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert lifecycle.find(server.data) is None
    assert os.path.exists(server.data / "metadata.sqlite")
