"""Our client against ``hopsworks local serve``: the thread over TLS instead of the socket."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import trustme
from served import Served

import hopsworks
from hopsworks.client.exceptions import HopsworksSSLClientError, RestAPIError


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # The query service has a fixed port, so each server has a loopback address of its own.
    host = f"127.{random.randrange(1, 250)}.{random.randrange(1, 250)}.{random.randrange(2, 250)}"
    server = Served(tmp_path_factory.mktemp("thread") / "data", host, flight_port=5005)
    yield server
    server.stop()


@pytest.fixture
def project(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name in ("HOPSWORKS_API_KEY", "HOPSWORKS_HOST", "HOPSWORKS_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    yield hopsworks.login(
        host=served.host,
        port=served.port,
        api_key_file=str(served.data / "api.key"),
        project="local",
        hostname_verification=True,
        trust_store_path=str(served.authority),
    )
    hopsworks.logout()


def test_files(project: object, tmp_path: Path) -> None:
    content = random.Random(6).randbytes(25_000_000)
    (tmp_path / "large.bin").write_bytes(content)
    datasets = project.get_dataset_api()
    assert datasets.upload(str(tmp_path / "large.bin"), "Resources") == "Resources/large.bin"
    copy = datasets.download("Resources/large.bin", str(tmp_path / "copy.bin"))
    assert Path(copy).read_bytes() == content
    datasets.remove("Resources/large.bin")
    assert not datasets.exists("Resources/large.bin")


def test_features_offline_and_online(project: object, served: Served) -> None:
    store = project.get_feature_store()
    rows = pd.DataFrame({"id": range(100), "x": [n / 2 for n in range(100)]})
    group = store.create_feature_group("over_tls", 1, primary_key=["id"], online_enabled=True)
    group.insert(rows)
    assert sorted(group.read()["id"]) == list(range(100))
    view = store.create_feature_view("over_tls", group.select(["x"]), version=1)
    view.init_serving(1, config_rest_client={"host": served.host, "port": served.online_port})
    assert view.get_feature_vector({"id": 7}) == [3.5]


def test_the_online_store_is_known_by_the_authorities_of_the_project(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # The system vouches for the REST interface at login, and for nobody afterwards.
    monkeypatch.setenv("SSL_CERT_FILE", str(served.authority))
    project = hopsworks.login(
        host=served.host,
        port=served.port,
        api_key_file=str(served.data / "api.key"),
        project="local",
    )
    store = project.get_feature_store()
    group = store.create_feature_group("known", 1, primary_key=["id"], online_enabled=True)
    group.insert(pd.DataFrame({"id": [1, 2], "x": [0.5, 1.5]}))
    view = store.create_feature_view("known", group.select(["x"]), version=1)
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(trustme.CA().cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
    at = {"host": served.host, "port": served.online_port}
    view.init_serving(1, config_rest_client=at)
    assert view.get_feature_vector({"id": 2}) == [1.5]
    with pytest.raises(HopsworksSSLClientError):
        view.init_serving(1, config_rest_client=at | {"ca_certs": str(stranger)})
    hopsworks.logout()


def test_model_deployed(project: object, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "factor.txt").write_text("3")
    model = project.get_model_registry().python.create_model("tls", metrics={"m": 1})
    model.save(str(tmp_path / "model"))
    script = tmp_path / "predict_tls.py"
    script.write_text(
        "import os\n"
        "class Predict:\n"
        "    def predict(self, inputs):\n"
        "        with open(os.environ['MODEL_FILES_PATH'] + '/factor.txt') as file:\n"
        "            return [row[0] * int(file.read()) for row in inputs]\n"
    )
    deployment = model.deploy(script_file=str(script))
    deployment.start()
    assert deployment.predict(inputs=[[2]]) == {"predictions": [6]}
    deployment.stop()
    deployment.delete()


def test_wrong_key_is_refused_by_the_server(served: Served) -> None:
    wrong = served.key[:-1] + ("a" if served.key[-1] != "a" else "b")
    before = len(served.record.read_text().splitlines())
    with pytest.raises(RestAPIError) as caught:
        hopsworks.login(
            host=served.host,
            port=served.port,
            api_key_value=wrong,
            project="local",
            hostname_verification=True,
            trust_store_path=str(served.authority),
        )
    assert caught.value.response.status_code == 401
    assert caught.value.error_code == 320012
    assert wrong not in str(caught.value)
    assert len(served.record.read_text().splitlines()) == before + 1
