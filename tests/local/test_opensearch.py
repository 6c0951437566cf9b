"""OpenSearch: what the local server says instead, and requests of the real package with the settings of a cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import opensearchpy
import pytest
from test_login import KEY, VERSIONS, ScriptedServer, Step, certificate, project_body

import hopsworks
from hopsworks.client.exceptions import FeatureStoreException, RestAPIError
from hopsworks.core.opensearch import OpensearchRequestOption
from hopsworks.core.opensearch_api import OpenSearchApi


def test_the_local_server_has_none(project: Any, api: Any) -> None:
    opensearch = project.get_opensearch_api()
    with pytest.raises(FeatureStoreException, match="The embedded server has no OpenSearch"):
        opensearch.get_default_py_config()
    answer = api.send("GET", f"elastic/jwt/{api.id}")
    assert (answer.status_code, answer.json()["errorCode"]) == (501, 120012)
    assert "no OpenSearch" in answer.json()["usrMsg"]
    assert api.error("GET", "elastic/jwt/1") == (404, 150004)
    with pytest.raises(RestAPIError) as raised:
        project._session.scope.call("opensearch.token")
    assert raised.value.error_code == 120012


def test_names_of_indices(project: Any) -> None:
    name = f"{project.name}_clicks_2026".lower()
    assert project.get_opensearch_api().get_project_index("Clicks_2026") == name
    assert OpenSearchApi().get_project_index("clicks_2026") == name
    with pytest.raises(ValueError, match="index is empty"):
        OpenSearchApi().get_project_index("")
    with pytest.raises(TypeError, match="index is of type int"):
        OpenSearchApi().get_project_index(5)


def test_the_package_reaches_a_cluster_with_the_settings(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path, "127.0.0.1")
    credentials = {
        "kStore": "", "tStore": "", "password": "x",
        "caChain": Path(authority).read_text(), "clientCert": "chain", "clientKey": "key",
    }  # fmt: skip
    base = "GET /hopsworks-api/api/"
    steps = [
        VERSIONS,
        Step(f"{base}project/getProjectInfo/demo", body=project_body("demo")),
        Step(
            f"{base}variables/loadbalancer_external_domain_opensearch",
            body=b'{"successMessage": "127.0.0.1"}',
        ),
        Step(f"{base}elastic/jwt/7", body=b'{"token": "Bearer abc.def"}'),
        Step(f"{base}project/7/credentials", body=json.dumps(credentials).encode()),
    ]
    found = Step("POST /demo_clicks/_count", headers={"Content-Type": "application/json"},
                 body=b'{"count": 3}', expect_headers={"Authorization": "Bearer abc.def"})  # fmt: skip
    with (
        ScriptedServer(steps, tls=context) as cluster,
        ScriptedServer([found], tls=context) as search,
    ):
        project = hopsworks.login(
            host="127.0.0.1",
            port=cluster.port,
            project="demo",
            api_key_value=KEY,
            trust_store_path=authority,
            cert_folder=str(tmp_path / "certificates"),
        )
        opensearch = project.get_opensearch_api()
        settings = opensearch.get_default_py_config()
        assert settings["hosts"] == [{"host": "127.0.0.1", "port": 9200}]
        # The port is the cluster's in real life.
        client = opensearchpy.OpenSearch(
            **settings | {"hosts": [{"host": "127.0.0.1", "port": search.port}]}
        )
        options = OpensearchRequestOption.get_options({"timeout": 9})
        counted = client.count(index=opensearch.get_project_index("clicks"), params=options)
        assert counted == {"count": 3}
        client.close()
        hopsworks.logout()
        assert not Path(settings["ca_certs"]).exists()


def test_options_for_each_release(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OpensearchRequestOption.get_version() == tuple(opensearchpy.__version__[:2])
    options = OpensearchRequestOption.get_options
    assert options({}) == options(None) == OpensearchRequestOption.DEFAULT_OPTION_MAP_V2_3
    assert options({"timeout": 5, "unknown": 1}) == {"timeout": 5}
    monkeypatch.setattr(opensearchpy, "__version__", (2, 2, 1))
    assert OpensearchRequestOption.get_version() == (2, 2)
    assert options({}) == OpensearchRequestOption.DEFAULT_OPTION_MAP == {"timeout": "30s"}
    assert options({"timeout": 5}) == {"timeout": "5s"}
    assert options({"timeout": "1m"}) == {"timeout": "1m"}
    options({})["timeout"] = "changed"
    assert options({}) == {"timeout": "30s"}
