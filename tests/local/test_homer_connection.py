"""The connection of homer, row by row: what the guides of the first clients say of it, and what homer makes of it.

Rows of the other clients are in test_older_interface.py. Everything that is not named here is proved there for the
connection that homer's stands on.

row                                                                  proved by
one connection is one instance and one project, several at once      test_several_connections_side_by_side
purposes: a key from outside first, certificates after it            test_certificates_are_written_when_asked_for
homer.connection() beside the class Connection                       test_the_factory_and_the_class
the constructor connects                                             test_the_factory_and_the_class
host: required outside the cluster                                   test_what_is_missing
port: 443; project: positional                                       test_positions
project: HOPSWORKS_PROJECT                                           test_the_project_of_the_variable
engine: accepted, hive is python, unknown ones refused               test_engines
region_name, secrets_store                                           test_positions, test_a_key_from_a_secret_store
hostname_verification: True, the variable decides, False obeyed      test_whether_the_host_is_verified
trust_store_path                                                     test_a_trust_store
cert_folder: "hops", relative to the working directory               test_certificates_are_written_when_asked_for
api_key_file, api_key_value: order, stripped                         test_where_the_key_is_taken_from
positional order of the first clients                                test_positions
scopes of the key                                                    test_the_scopes_that_a_key_needs, docs/homer.md
close: idempotent, removes what was written; connect: reopens        test_close_and_connect
get_model_registry, optional project                                 test_the_registry_of_a_connection, test_homer_sharing.py
setters only while closed; closed connections refuse calls           test_close_and_connect
inside a cluster no arguments                                        test_inside_a_cluster
Databricks, SageMaker, Azure, plain Python: store, key file, value   test_a_key_from_a_secret_store, test_where_the_key_is_taken_from
sharing a registry: <project>::Models                                test_homer_sharing.py
get_feature_store() is not offered                                   test_the_factory_and_the_class
secret stores: precedence, names, region, role, local, boto3         test_a_key_from_a_secret_store, test_stores_that_cannot_be
no key anywhere: the three ways to give one                          test_what_is_missing
HOPSWORKS_API_KEY before the store                                   test_a_key_from_a_secret_store
certificate folder: rights, six files, reuse, removal                test_certificates_are_written_when_asked_for
certificate folder: a refusal advises another                        test_a_folder_that_cannot_be_written
certificates only when asked for                                     test_certificates_are_written_when_asked_for
one shared library below, reachable under its names                  test_one_library_below, test_older_interface.py
connection(), get_project(), get_jobs_api(), start, wait             test_older_interface.py
"""

from __future__ import annotations

import json
import os
import pickle
import stat
import sys
from importlib import import_module
from pathlib import Path

import pytest
from homer_registry import folder, snapshot  # noqa: F401

import homer
import hopsworks
import hsml
from hopsworks import secret_store
from hopsworks.certificates import FILES
from hopsworks.client.exceptions import (
    ExternalClientError,
    HopsworksConnectionError,
    HopsworksSSLClientError,
    NoHopsworksConnectionError,
    UnknownSecretStorageError,
)
from tests.scripted_server import ScriptedServer, Step

VERSIONS = Step("*", body=b'[{"software": "hopsworks", "version": "5.2.1"}]')


@pytest.fixture(autouse=True)
def clean_start(tmp_path, monkeypatch):
    """No variables of ours or of a cloud, and an empty working folder."""
    for name in list(os.environ):
        ours = name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA"
        if ours or name.startswith("AWS_") or name == "REST_ENDPOINT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def url(server):
    return f"http://localhost:{server.port}"


def test_the_factory_and_the_class(local_project):
    for make in (homer.connection, homer.Connection):
        connection = make(host="local", project=local_project)
        assert type(connection) is homer.Connection
        assert connection.project == local_project
        assert not hasattr(connection, "get_feature_store")
        connection.close()


def test_one_library_below(local_project):
    assert homer is hopsworks.homer is sys.modules["hopsworks.homer"]
    short, long = (import_module(f"{name}.model_registry") for name in ("homer", "hopsworks.homer"))
    assert short is long
    with homer.connection("local", 443, local_project) as connection:
        with hsml.connection("local", 443, local_project) as other:
            assert (
                connection.get_model_registry().project_name
                == other.get_model_registry().project_name
            )


def test_several_connections_side_by_side(local_project, folder):
    with hopsworks.connection(host="local") as owner:
        owner.create_project(f"{local_project}b")
    with homer.connection("local", 443, local_project) as first:
        with homer.connection("local", 443, f"{local_project}b") as second:
            registries = [first.get_model_registry(), second.get_model_registry()]
            for number, registry in enumerate(registries):
                registry.create_model("m", number + 1, folder)
            assert [registry.get_model("m").version for registry in registries] == [1, 2]
            model = registries[1].get_model("m")
        for call in (model.download, lambda: registries[1].get_model("m")):
            with pytest.raises(NoHopsworksConnectionError):
                call()
        assert registries[0].get_model("m").version == 1


def test_what_is_missing():
    with pytest.raises(ExternalClientError, match=r"host is missing.*HOPSWORKS_HOST") as caught:
        homer.connection(project="demo", api_key_value="a.b")
    assert isinstance(caught.value, TypeError)
    with pytest.raises(ExternalClientError) as caught:
        homer.connection("my.host")
    for way in ("api_key_value", "api_key_file", "HOPSWORKS_API_KEY"):
        assert way in str(caught.value)


def test_positions(tmp_path):
    (tmp_path / "my.key").write_text("key.of-file\n")
    with ScriptedServer([VERSIONS]) as server:
        connection = homer.connection(
            url(server),
            443,
            None,
            "hive",
            "eu-north-1",
            "local",
            True,
            None,
            "certs",
            "my.key",
            None,
        )
        assert connection.port == server.port
        assert connection.engine == "python"
        assert connection.project is None
        assert connection.hostname_verification is True
        assert connection.trust_store_path is None
        assert connection.cert_folder == str(tmp_path / "certs")
        assert (connection.api_key_file, connection.api_key_value) == ("my.key", None)
        assert "key.of-file" not in repr(connection)
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(connection)
        connection.close()
    assert server.requests[0].headers["authorization"] == "ApiKey key.of-file"
    with pytest.raises(TypeError, match="positional argument"):
        homer.connection(*[None] * 12)
    with pytest.raises(TypeError, match="unexpected keyword argument 'hosts'"):
        homer.connection(hosts="x")


def test_the_project_of_the_variable(local_project, monkeypatch):
    monkeypatch.setenv("HOPSWORKS_PROJECT", local_project)
    with homer.connection("local") as connection:
        assert connection.project == local_project
        assert connection.get_model_registry().project_name == local_project


def test_engines(local_project):
    for given, engine in ((None, "python"), ("hive", "python"), ("training", "training")):
        with homer.connection("local", 443, local_project, given) as connection:
            assert connection.engine == engine
            assert connection.get_model_registry().get_models() == []
    with pytest.raises(ConnectionError, match="hadoop"):
        homer.connection("local", engine="hadoop")


@pytest.mark.parametrize(
    ("arguments", "variable", "verified"),
    [
        ({}, None, True),
        ({"hostname_verification": True}, None, True),
        ({}, "false", False),
        ({}, "true", True),
        ({"hostname_verification": False}, None, False),
        ({"hostname_verification": False}, "true", False),
    ],
)
def test_whether_the_host_is_verified(monkeypatch, arguments, variable, verified):
    if variable is not None:
        monkeypatch.setenv("HOPSWORKS_HOSTNAME_VERIFICATION", variable)
    with ScriptedServer([VERSIONS]) as server:
        with homer.connection(url(server), api_key_value="a.b", **arguments) as connection:
            assert connection.hostname_verification is verified


def test_a_trust_store(tmp_path):
    import ssl

    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with ScriptedServer([VERSIONS], tls=context, complete=False) as server:
        with pytest.raises(HopsworksSSLClientError):
            homer.connection("localhost", server.port, api_key_value="a.b")
        assert server.requests == []
        connection = homer.connection(
            "localhost", server.port, trust_store_path=str(tmp_path / "ca.pem"), api_key_value="a.b"
        )
        assert connection.trust_store_path == str(tmp_path / "ca.pem")
        connection.close()
    assert len(server.requests) == 1


def test_where_the_key_is_taken_from(tmp_path):
    (tmp_path / "my.key").write_text("  key.of-file \n\n")
    for arguments, key in (
        ({"api_key_file": "my.key"}, "key.of-file"),
        ({"api_key_file": "my.key", "api_key_value": " key.of-value\n"}, "key.of-value"),
    ):
        with ScriptedServer([VERSIONS]) as server:
            homer.connection(url(server), **arguments).close()
        assert server.requests[0].headers["authorization"] == f"ApiKey {key}"


def test_a_key_from_a_secret_store(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(secret_store, "is_installed", lambda: True)
    monkeypatch.setattr(
        secret_store,
        "read_api_key",
        lambda store, region: asked.append((store, region)) or "key.of-store",
    )
    (tmp_path / "my.key").write_text("key.of-file")

    def key_sent(**arguments):
        with ScriptedServer([VERSIONS]) as server:
            homer.connection(url(server), **arguments).close()
        return server.requests[0].headers["authorization"].removeprefix("ApiKey ")

    assert key_sent() == "key.of-store"
    assert key_sent(secrets_store="secretsmanager", region_name="us-west-2") == "key.of-store"
    assert asked == [("parameterstore", "default"), ("secretsmanager", "us-west-2")]
    monkeypatch.setenv("HOPSWORKS_API_KEY", "key.of-variable")
    assert key_sent(secrets_store="secretsmanager") == "key.of-variable"
    assert key_sent(secrets_store="local", api_key_file="my.key") == "key.of-file"
    assert (
        key_sent(secrets_store="local", api_key_file="my.key", api_key_value="key.of-value")
        == "key.of-value"
    )
    assert len(asked) == 2


def test_stores_that_cannot_be(monkeypatch):
    with pytest.raises(
        UnknownSecretStorageError, match=r"'vault'.*local, parameterstore, secretsmanager"
    ):
        homer.connection("my.host", secrets_store="vault")
    with pytest.raises(ExternalClientError, match="api_key_file"):
        homer.connection("my.host", secrets_store="local")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match="boto3"):
        homer.connection("my.host", secrets_store="secretsmanager")


def test_inside_a_cluster(tmp_path, monkeypatch):
    (tmp_path / "token.jwt").write_text("token-of-the-container")
    steps = [
        VERSIONS,
        Step("*", body=json.dumps({"projectId": 7, "projectName": "demo"}).encode()),
        Step("*", body=b'{"attributes": {"path": "/Projects/demo/Models"}}'),
    ]
    with ScriptedServer(steps) as server:
        monkeypatch.setenv("REST_ENDPOINT", url(server))
        monkeypatch.setenv("HOPSWORKS_PROJECT_NAME", "demo")
        monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
        with homer.connection() as connection:
            assert connection.project == "demo"
            assert connection.get_model_registry().project_name == "demo"
    assert {request.headers["authorization"] for request in server.requests} == {
        "Bearer token-of-the-container"
    }


def test_close_and_connect(local_project, tmp_path):
    connection = homer.connection("local", 443, local_project)
    for name in ("host", "port", "project", "cert_folder", "api_key_file", "api_key_value",
                 "trust_store_path", "hostname_verification"):  # fmt: skip
        with pytest.raises(HopsworksConnectionError):
            setattr(connection, name, None)
    with pytest.raises(HopsworksConnectionError):
        connection.connect()
    connection.close()
    connection.close()
    for call in (connection.get_model_registry, connection.materialize_certificates):
        with pytest.raises(NoHopsworksConnectionError, match=r"connect\(\)"):
            call()
    connection.cert_folder = "elsewhere"
    connection.connect()
    assert connection.get_model_registry().project_name == local_project
    assert connection.cert_folder == str(tmp_path / "elsewhere")
    with connection as same:
        assert same is connection
    with pytest.raises(NoHopsworksConnectionError):
        connection.get_model_registry()
    with connection:
        assert connection.get_model_registry().get_models() == []


def test_the_registry_of_a_connection(local_project):
    with homer.connection("local", 443, local_project) as connection:
        own = connection.get_model_registry()
        assert repr(own) == f"ModelRegistry(project={local_project!r})"
        assert connection.get_model_registry(local_project).project_name == local_project
        with pytest.raises(homer.RegistryAccessError, match=r"'nobody' is shared with") as caught:
            connection.get_model_registry("nobody")
        assert isinstance(
            caught.value.__cause__, hopsworks.client.exceptions.ModelRegistryException
        )


def test_certificates_are_written_when_asked_for(local_project, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    connection = homer.connection("local", 443, local_project)
    connection.get_model_registry().get_models()
    assert not (tmp_path / "hops").exists()
    monkeypatch.chdir(other)  # relative to where the connection was opened
    place = Path(connection.materialize_certificates())
    assert place == tmp_path / "hops"
    assert connection.materialize_certificates() == str(place)
    assert sorted(os.listdir(place)) == sorted(FILES)
    assert len(FILES) == 6
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE((place / name).stat().st_mode) for name in FILES} == {0o600}
    (place / "mine.txt").write_text("stays")
    connection.close()
    assert os.listdir(place) == ["mine.txt"]
    monkeypatch.chdir(tmp_path)
    connection.connect()
    assert connection.materialize_certificates() == str(place)
    (place / "mine.txt").unlink()
    connection.close()
    assert not place.exists()


def test_a_folder_that_cannot_be_written(local_project, tmp_path, monkeypatch):
    from hopsworks import certificate_folders

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(tmp_path / "hops"))

    monkeypatch.setattr(certificate_folders, "_open_own", refuse)  # root may write everywhere
    with homer.connection("local", 443, local_project) as connection:
        with pytest.raises(PermissionError, match=r"hops.*cert_folder"):
            connection.materialize_certificates()


def test_the_scopes_that_a_key_needs(folder, tmp_path_factory):
    from people import People

    people = People(tmp_path_factory.mktemp("homer-scopes") / "data")
    try:
        project = people.project()
        email = people.user()["email"]
        people.owner.get_project(project).add_member(email, "Data owner")
        key = people.key(
            email, "PROJECT", "DATASET_VIEW", "DATASET_CREATE", "DATASET_DELETE", "MODELREGISTRY"
        )
        served = people.served
        arguments = {"trust_store_path": str(served.authority)}
        with homer.connection(
            served.host, served.port, project, api_key_value=key, **arguments
        ) as connection:
            mr = connection.get_model_registry()
            mr.create_model("m", 1, folder)
            mr.create_model("m", 1, folder, overwrite=True)
            assert snapshot(Path(mr.get_model("m").download())) == snapshot(folder)
            mr.get_model("m").delete()
        with homer.connection(
            served.host,
            served.port,
            project,
            api_key_value=people.key(email, "PROJECT", "DATASET_VIEW"),
            **arguments,
        ) as connection:
            with pytest.raises(homer.RegistryAccessError) as caught:
                connection.get_model_registry().get_models()
            assert caught.value.status_code == 403
    finally:
        people.close()
