"""The older interface, row by row: what the first clients' guides say of connections and of the SDK.

row                                                                  proved by
one connection is one instance and one project, several at once      test_several_connections_side_by_side
several feature stores at once                                       test_several_connections_side_by_side
a key from outside first, certificates after it                      test_certificates_are_fetched_when_first_needed
factories hsml.connection, hsfs.connection; class Connection         test_factories_return_the_one_class
the constructor connects                                             test_the_constructor_connects
host: required outside the cluster                                   test_host_is_required
port, project: positional, 443, open until chosen                    test_positions_of_the_first_clients, test_a_connection_without_a_project
project: HOPSWORKS_PROJECT                                           test_a_connection_without_a_project
engine: spark, hive, training; unknown ones refused                  test_engines
engine: training is metadata only                                    test_training_reads_and_writes_no_data
region_name, secrets_store                                           test_positions_of_the_first_clients, tests/unit/test_secret_store.py
hostname_verification: default, variable, sixth or fifth place       test_the_fifth_argument, tests/local/test_login.py
trust_store_path                                                     tests/local/test_login.py (test_where_authorities_come_from)
cert_folder                                                          test_the_certificate_folder_of_the_first_clients
api_key_file, api_key_value: order, stripped                         test_where_the_key_is_taken_from
the key's scopes                                                     docs/connecting.md
close: idempotent, removes what was written; connect: reopens        test_close_and_connect
setters only while closed; closed connections refuse calls           test_close_and_connect
get_feature_store, get_model_registry, get_model_serving             test_handles_of_a_connection
environments: inside no arguments, stores, key file, value           tests/unit/test_in_cluster.py, tests/unit/test_secret_store.py, tests/local/test_examples_platforms.py
secret stores: precedence, names, roles, local, missing boto3        tests/unit/test_secret_store.py
certificate folder: rights, layout, reuse, refusal, removal          test_the_certificate_folder_of_the_first_clients, tests/local/test_certificates.py
one package hopsworks; hopsworks.hsfs, hopsworks.hsml                test_the_libraries_by_their_other_names
conn.get_project(name)                                               test_handles_of_a_connection
project.get_jobs_api, job.start(arguments=…), execution.wait         test_jobs_as_the_sdk_proposed_them
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import hopsworks
import hsfs
import hsml
from hopsworks import secret_store
from hopsworks.certificates import FILES, project_certificates
from hopsworks.client.exceptions import (
    ExternalClientError,
    FeatureStoreException,
    HopsworksConnectionError,
    NoHopsworksConnectionError,
    ProjectException,
)
from hopsworks.connection import Connection
from tests.scripted_server import ScriptedServer, Step

MODULES = [hopsworks, hsfs, hsml]


@pytest.fixture(autouse=True)
def clean_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variables of ours or of a cloud, an empty working folder, nobody logged in."""
    for name in list(os.environ):
        ours = name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA"
        if ours or name.startswith("AWS_") or name == "REST_ENDPOINT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    hopsworks.logout()
    yield
    hopsworks.logout()


def answering(*more: Step) -> ScriptedServer:
    versions = Step("*", body=b'[{"software": "hopsworks", "version": "5.2.1"}]')
    return ScriptedServer([versions, *more])


def url(server: ScriptedServer) -> str:
    return f"http://localhost:{server.port}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_factories_return_the_one_class(module: object, local_project: str) -> None:
    with module.connection(host="local", project=local_project) as connection:  # type: ignore[attr-defined]
        assert type(connection) is Connection
        assert connection.get_project().name == local_project


def test_the_constructor_connects(local_project: str) -> None:
    connection = Connection(host="local", project=local_project)
    assert connection.backend_version == "5.2.1"
    connection.close()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_host_is_required(module: object) -> None:
    with pytest.raises(ExternalClientError, match=r"host is missing.*HOPSWORKS_HOST") as caught:
        module.connection(project="demo", api_key_value="a.b")  # type: ignore[attr-defined]
    assert isinstance(caught.value, TypeError)


def test_several_connections_side_by_side(local_project: str) -> None:
    with hsfs.connection("local", 443, local_project) as first:
        first.create_project(f"{local_project}b")
        with hsfs.connection("local", 443, f"{local_project}b") as second:
            stores = [first.get_feature_store(), second.get_feature_store()]
            assert [store.project_name for store in stores] == [local_project, f"{local_project}b"]
            groups = [
                store.create_feature_group("trips", version=1, primary_key=["id"])
                for store in stores
            ]
            for number, group in enumerate(groups):
                group.save([hsfs_feature("id", "bigint"), hsfs_feature(f"of_{number}", "bigint")])
            for number, store in enumerate(stores):
                names = [feature.name for feature in store.get_feature_group("trips", 1).features]
                assert names == ["id", f"of_{number}"]
        with pytest.raises(NoHopsworksConnectionError):
            stores[1].get_feature_group("trips", 1)
        assert stores[0].get_feature_group("trips", 1).version == 1


def hsfs_feature(name: str, kind: str) -> object:
    from hsfs.feature import Feature

    return Feature(name, kind)


def test_a_connection_without_a_project(
    local_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hopsworks.connection(host="local") as connection:
        assert connection.project is None
        with pytest.raises(ProjectException, match=rf"{local_project}.*HOPSWORKS_PROJECT"):
            connection.get_feature_store()
        assert connection.get_project(local_project).name == local_project
        assert connection.get_feature_store().project_name == local_project
    monkeypatch.setenv("HOPSWORKS_PROJECT", local_project)
    with hopsworks.connection(host="local") as connection:
        assert connection.project == local_project


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_positions_of_the_first_clients(module: object, tmp_path: Path) -> None:
    (tmp_path / "my.key").write_text("key.of-file\n")
    with answering() as server:
        connection = module.connection(  # type: ignore[attr-defined]
            url(server),
            443,
            None,
            "hive",
            "eu-north-1",
            "local",
            True,
            None,
            "hops",
            "my.key",
            None,
        )
        assert connection.port == server.port
        assert connection.engine == "python"
        assert connection.hostname_verification is True
        assert connection.trust_store_path is None
        assert connection.cert_folder == str(tmp_path / "hops")
        assert (connection.api_key_file, connection.api_key_value) == ("my.key", None)
        connection.close()
    assert server.requests[0].headers["authorization"] == "ApiKey key.of-file"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize(("fifth", "verified"), [(True, True), (False, False), ("us-west-2", True)])
def test_the_fifth_argument(module: object, fifth: object, verified: bool) -> None:
    with answering() as server:
        connection = module.connection(  # type: ignore[attr-defined]
            url(server), 443, None, "python", fifth, api_key_value="a.b"
        )
        assert connection.hostname_verification is verified
        connection.close()


def test_arguments_that_are_too_many_or_unknown() -> None:
    with pytest.raises(TypeError, match="at most 9 positional arguments, 10 were given"):
        hopsworks.connection("h", 443, None, None, True, None, "c", None, None, "x")
    with pytest.raises(TypeError, match="at most 11 positional arguments, 12 were given"):
        hopsworks.connection("h", 443, None, None, "region", *[None] * 7)
    with pytest.raises(TypeError, match="two values for 'region_name'"):
        hopsworks.connection("h", 443, None, None, "region", region_name="other")


def test_where_the_key_is_taken_from(tmp_path: Path) -> None:
    (tmp_path / "my.key").write_text("  key.of-file \n\n")
    for arguments, key in (
        ({"api_key_file": "my.key"}, "key.of-file"),
        ({"api_key_file": "my.key", "api_key_value": " key.of-value\n"}, "key.of-value"),
    ):
        with answering() as server:
            connection = hsml.connection(url(server), **arguments)
            assert connection.api_key == key
            connection.close()
        assert server.requests[0].headers["authorization"] == f"ApiKey {key}"
    with pytest.raises(OSError, match=r"no\.key"):
        hsml.connection("my.host", api_key_file="no.key")


def test_close_and_connect(local_project: str) -> None:
    connection = hsfs.connection("local", 443, local_project)
    for name in ("host", "port", "project", "cert_folder", "api_key_file", "api_key_value",
                 "trust_store_path", "hostname_verification"):  # fmt: skip
        with pytest.raises(HopsworksConnectionError):
            setattr(connection, name, None)
    with pytest.raises(HopsworksConnectionError):
        connection.connect()
    folder = Path(project_certificates(connection._project_session()).folder())
    assert folder.is_dir()
    connection.close()
    connection.close()
    assert not folder.exists()
    for call in (connection.get_project, connection.get_feature_store,
                 connection.get_model_registry, connection.get_model_serving):  # fmt: skip
        with pytest.raises(NoHopsworksConnectionError, match=r"connect\(\)"):
            call()
    connection.cert_folder = "hops"
    connection.connect()
    assert connection.get_project().name == local_project
    assert connection.cert_folder == str(Path.cwd() / "hops")
    with connection as same:
        assert same is connection
    with pytest.raises(NoHopsworksConnectionError):
        connection.get_projects()
    with connection:
        assert connection.project_exists(local_project)


def test_handles_of_a_connection(local_project: str) -> None:
    with hopsworks.connection("local", 443, local_project) as connection:
        project = connection.get_project(local_project)
        assert isinstance(project, hopsworks.Project)
        assert connection.get_feature_store().project_id == project.id
        assert connection.get_feature_store(local_project).project_id == project.id
        assert connection.get_model_registry().project_id == project.id
        assert connection.get_model_registry(project=local_project).project_id == project.id
        assert connection.get_model_serving().project_id == project.id
        with pytest.raises(ProjectException, match="nobody_has_this"):
            connection.get_project("nobody_has_this")


def test_certificates_are_fetched_when_first_needed(local_project: str, tmp_path: Path) -> None:
    with hsfs.connection("local", 443, local_project, cert_folder="hops") as connection:
        assert not (tmp_path / "hops").exists()
        assert project_certificates(connection._project_session()).password
        assert not (tmp_path / "hops").exists()


def test_the_certificate_folder_of_the_first_clients(
    local_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    connection = hsfs.connection(
        "local", 443, local_project, "python", "default", "local", True, None, "hops"
    )
    monkeypatch.chdir(other)  # relative to where the connection was opened
    folder = Path(project_certificates(connection._project_session()).folder())
    assert folder == tmp_path / "hops"  # the folder itself, nothing for host or project below it
    assert sorted(os.listdir(folder)) == sorted(FILES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in FILES} == {0o600}
    (folder / "mine.txt").write_text("stays")
    connection.close()
    assert os.listdir(folder) == ["mine.txt"]
    monkeypatch.chdir(tmp_path)
    connection.connect()  # a folder that is there is used again
    assert project_certificates(connection._project_session()).folder() == str(folder)
    connection.close()
    assert os.listdir(folder) == ["mine.txt"]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_engines(module: object, local_project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for given, engine in ((None, "python"), ("hive", "python"), ("HIVE", "python"),
                          ("Python", "python"), ("training", "training")):  # fmt: skip
        with module.connection("local", 443, local_project, given) as connection:  # type: ignore[attr-defined]
            assert connection.engine == engine
    with pytest.raises(ConnectionError, match=r"hadoop.*'spark-delta'"):
        module.connection("local", engine="hadoop")  # type: ignore[attr-defined]


def test_training_reads_and_writes_no_data(local_project: str, tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"id": [1, 2], "km": [1.5, 2.5]})
    with hsfs.connection("local", 443, local_project) as writer:
        store = writer.get_feature_store()
        group = store.get_or_create_feature_group(
            "trips", version=1, primary_key=["id"], online_enabled=True
        )
        group.insert(frame)
        view = store.create_feature_view("trips", version=1, query=group.select_all())
        view.create_train_test_split(test_size=0.5, data_format="csv")
    with hsfs.connection("local", 443, local_project, "training", cert_folder="hops") as connection:
        store = connection.get_feature_store()
        group, view = store.get_feature_group("trips", 1), store.get_feature_view("trips", 1)
        assert [feature.name for feature in group.features] == ["id", "km"]
        assert view.query.to_string()
        assert len(view.get_training_datasets()) == 1
        for call in (
            group.read,
            lambda: group.read(online=True),
            lambda: group.select(["km"]).show(1),
            lambda: group.insert(frame),
            lambda: group.commit_delete_record(frame[["id"]]),
            view.get_batch_data,
            lambda: view.train_test_split(test_size=0.5),
            lambda: view.get_train_test_split(1),
            lambda: view.get_feature_vector({"id": 1}),
            lambda: project_certificates(connection._project_session()),
        ):
            with pytest.raises(FeatureStoreException, match=r"metadata only.*engine='python'"):
                call()
        assert len(view.get_training_datasets()) == 1  # nothing was made on the way
        assert not (tmp_path / "hops").exists()


def test_the_libraries_by_their_other_names(local_project: str) -> None:
    import hopsworks.hsfs as aliased_hsfs
    import hopsworks.hsml as aliased_hsml

    assert aliased_hsfs is hsfs
    assert aliased_hsml is hsml
    with aliased_hsfs.connection("local", 443, local_project) as connection:
        assert connection.get_feature_store().project_name == local_project
    with aliased_hsml.connection("local", 443, local_project) as connection:
        assert connection.get_model_registry().project_name == local_project


def test_jobs_as_the_sdk_proposed_them(local_project: str, tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text("import sys\nassert sys.argv[1:] == ['1', '2', '3']\n")
    with hopsworks.connection("local", 443, local_project) as connection:
        project = connection.get_project(local_project)
        project.get_dataset_api().upload(str(tmp_path / "count.py"), "Resources")
        jobs = project.get_jobs_api()
        configuration = jobs.get_configuration("PYTHON") | {"appPath": "Resources/count.py"}
        job = jobs.create_job("count", configuration)
        execution = job.start(arguments="1 2 3")
        execution.wait(timeout=60)
        assert execution.success is True


def test_a_store_that_is_not_needed_is_not_asked(
    local_project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_store, "read_api_key", lambda *_: pytest.fail("asked"))
    hsfs.connection("local", 443, local_project, secrets_store="parameterstore").close()
    with answering() as server:
        hsfs.connection(url(server), api_key_value="a.b", secrets_store="secretsmanager").close()
