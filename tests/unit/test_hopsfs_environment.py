"""Writing Delta tables on HopsFS from outside: the address, the environment of the library, and what is left behind."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from hopsworks import certificate_folders
from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine.delta_table import _delta, _storage_options
from hsfs.feature_group import FeatureGroup

LOCATION = "hopsfs://nn.internal:8020/apps/hive/warehouse/demo_featurestore.db/trips_1"
LOAD_BALANCERS = {
    "loadbalancer_external_domain_namenode": "name.example.com",
    "loadbalancer_external_domain_datanode": "data.example.com",
}
PEMS = {"caChain": "CA", "clientCert": "CERT", "clientKey": "KEY"}


class Session:
    """What the module reads of a session; ordinary, so that it can be referred to weakly."""

    project_name = "demo"
    username = "meb10000"

    def __init__(self) -> None:
        self.cache: dict = {}


def group_on(
    variables: dict[str, str], data_source: dict | None = None, folder: Path | None = None
) -> FeatureGroup:
    group = FeatureGroup.from_response_json(
        {
            "type": "cachedFeaturegroupDTO",
            "id": 1,
            "name": "trips",
            "version": 1,
            "featurestoreId": 7,
            "location": LOCATION,
            "dataSource": data_source or {},
        }
    )
    scope = SimpleNamespace(
        call=lambda operation: PEMS if operation == "project.credentials" else None
    )
    session = Session()
    session.variable, session.scope = variables.get, scope
    session.connection = SimpleNamespace(
        host="demo.example.com", cert_folder=str(folder), engine="python", is_internal=False
    )
    group._scope = SimpleNamespace(context=session, call=scope.call)
    return group


def test_the_library_is_told_where_and_as_whom_for_as_long_as_it_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(certificate_folders, "_CLAIM_ROOTS", (str(tmp_path),))
    monkeypatch.setenv("LIBHDFS_DEFAULT_USER", "before")
    monkeypatch.delenv("PEMS_DIR", raising=False)
    group = group_on(LOAD_BALANCERS, folder=tmp_path / "certs")
    with _delta(group) as (_, location, options):
        assert (
            location
            == "hdfs://name.example.com:8020/apps/hive/warehouse/demo_featurestore.db/trips_1"
        )
        assert options is None
        folder = os.environ["PEMS_DIR"]
        assert os.environ["HOPSFS_CLOUD_DATANODE_HOSTNAME_OVERRIDE"] == "data.example.com"
        assert os.environ["LIBHDFS_DEFAULT_USER"] == "demo__meb10000"
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        found = {}
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            with open(path) as file:
                found[name] = file.read()
        texts = {"ca_chain.pem": "CA", "client_cert.pem": "CERT", "client_key.pem": "KEY"}
        assert {name: found[name] for name in texts} == texts
    group._scope.context.cache["certificates"].remove()
    assert not os.path.exists(folder)
    assert "PEMS_DIR" not in os.environ
    assert os.environ["LIBHDFS_DEFAULT_USER"] == "before"


def test_who_writes_to_another_project_waits_until_the_environment_is_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(certificate_folders, "_CLAIM_ROOTS", (str(tmp_path),))
    monkeypatch.delenv("LIBHDFS_DEFAULT_USER", raising=False)
    groups = [group_on(LOAD_BALANCERS, folder=tmp_path / name) for name in ("a", "b")]
    groups[1]._scope.context.project_name = "other"
    entered, go_on = threading.Event(), threading.Event()
    seen = []

    def write() -> None:
        with _delta(groups[1]):
            seen.append(os.environ["LIBHDFS_DEFAULT_USER"])
            entered.set()
            go_on.wait(10)

    thread = threading.Thread(target=write)
    with _delta(groups[0]):
        with _delta(groups[0]):  # the same project need not wait
            thread.start()
            assert not entered.wait(0.2)
        assert os.environ["LIBHDFS_DEFAULT_USER"] == "demo__meb10000"
    assert entered.wait(10)
    assert seen == [os.environ["LIBHDFS_DEFAULT_USER"]] == ["other__meb10000"]
    go_on.set()
    thread.join(10)
    assert "LIBHDFS_DEFAULT_USER" not in os.environ
    for group in groups:
        group._scope.context.cache["certificates"].remove()


@pytest.mark.parametrize("missing", ["namenode", "datanode"])
def test_load_balancers_that_are_not_set_up_are_named(missing: str) -> None:
    variables = {
        f"loadbalancer_external_domain_{host}": "x"
        for host in ("namenode", "datanode")
        if host != missing
    }
    with (
        pytest.raises(
            FeatureStoreException,
            match=f"'trips' .*loadbalancer_external_domain_{missing}.*administrator",
        ),
        _delta(group_on(variables)),
    ):
        pass


def test_inside_a_cluster_the_table_lies_where_the_server_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PEMS_DIR", raising=False)
    group = group_on({})
    group._scope.context.connection.is_internal = True
    with _delta(group) as (_, location, options):
        assert (location, options) == (LOCATION.replace("hopsfs:", "hdfs:"), None)
        assert "PEMS_DIR" not in os.environ


def test_other_storage_is_used_as_it_is() -> None:
    source = {
        "storageConnector": {
            "storageConnectorType": "S3",
            "accessKey": "a",
            "secretKey": "s",
            "region": "eu",
        }
    }
    with _delta(group_on({}, source)) as (_, location, options):
        assert location == LOCATION
        assert options == {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_REGION": "eu",
        }
    assert _storage_options("S3", {}) is None
    assert _storage_options("GCS", {"keyPath": "/k.json"}) == {
        "GOOGLE_SERVICE_ACCOUNT_PATH": "/k.json"
    }
    azure = {"accountName": "n", "applicationId": "i", "serviceCredential": "c", "directoryId": "d"}
    assert _storage_options("ADLS", azure) == {
        "AZURE_STORAGE_ACCOUNT_NAME": "n",
        "AZURE_CLIENT_ID": "i",
        "AZURE_CLIENT_SECRET": "c",
        "AZURE_TENANT_ID": "d",
    }
