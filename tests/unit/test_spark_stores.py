"""Connections on a Spark cluster: certificates from Spark's configuration.

One test begins a real Spark session; where only the configuration differs, a small package stands in for pyspark.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import environments
import pytest

from hopsworks import spark_stores
from hopsworks.local.certificates import Authority
from tests import java_stores
from tests.scripted_server import ScriptedServer, Step

PASSWORD = "password-of-the-cluster"
PYSPARK = """
import json, os

class _Conf:
    def get(self, name, default):
        with open(os.environ["SPARK_SETTINGS"]) as file:
            return json.load(file).get(name, default)

class _Session:
    conf = _Conf()

class _Builder:
    def enableHiveSupport(self):
        return self
    def getOrCreate(self):
        return _Session()

class SparkSession:
    builder = _Builder()
"""
PROGRAM = """
import json, sys
import hopsworks
from hopsworks.certificates import project_certificates
found = {}
try:
    connection = hopsworks.connection(sys.argv[1], 443, "demo", engine=sys.argv[2] or None, api_key_value="a.b")
    found["engine"] = connection.engine
    if connection.engine == "spark":
        own = project_certificates(connection._project_session())
        found["certificates"] = [own.password, own.ca_chain, own.client_certificate, own.client_key]
        found["imported"] = "pyspark" in sys.modules
    connection.close()
except Exception as error:
    found["error"] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""
LOGIN = [
    Step(
        "GET /hopsworks-api/api/variables/versions",
        body=b'[{"software": "hopsworks", "version": "5.2.1"}]',
    ),
    Step(
        "GET /hopsworks-api/api/project/getProjectInfo/demo",
        body=b'{"projectId": 119, "projectName": "demo"}',
    ),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a project on a cluster, and the package that stands in for pyspark."""
    folder = tmp_path_factory.mktemp("cluster")
    authority = Authority.load(folder)
    client = authority.client_material("demo__meb10000")
    java_stores.key_store(folder / "keyStore.jks", client.certificate, client.key, PASSWORD)
    java_stores.trust_store(folder / "trustStore.jks", authority.certificate_file, PASSWORD)
    (folder / "material_passwd").write_text(PASSWORD)
    (folder / "python" / "pyspark" / "sql").mkdir(parents=True)
    (folder / "python" / "pyspark" / "__init__.py").write_text("")
    (folder / "python" / "pyspark" / "sql" / "__init__.py").write_text(PYSPARK)
    return folder


@pytest.fixture
def settings(made: Path) -> dict[str, str]:
    """A configuration that is complete."""
    given = {name: value or "any" for name, value in spark_stores.REQUIRED.items()}
    return given | {
        "spark.hadoop.hops.ssl.trustore.name": str(made / "trustStore.jks"),
        "spark.hadoop.hops.ssl.keystore.name": str(made / "keyStore.jks"),
        "spark.hadoop.hops.ssl.keystores.passwd.name": str(made / "material_passwd"),
    }


def run(
    server: ScriptedServer,
    home: Path,
    engine: str,
    made: Path | None = None,
    settings: dict[str, str] | None = None,
    python: Path = Path(sys.executable),
    **variables: str,
) -> dict:
    """What a program finds that connects with an engine, with the stand-in or without."""
    names = ("PATH", "LANG", "JAVA_HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ} | variables
    root = str(Path(__file__).parents[2])
    path = root if made is None else f"{root}:{made / 'python'}"
    (home / "settings.json").write_text(json.dumps(settings or {}))
    done = subprocess.run(
        [str(python), "-c", PROGRAM, f"http://localhost:{server.port}", engine],
        env={**kept, "HOME": str(home), "PYTHONPATH": path, "SPARK_SETTINGS": str(home / "settings.json")},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_certificates_come_from_the_stores_that_spark_names(
    made: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    with ScriptedServer(LOGIN) as server:  # nobody asks for the credentials of the project
        found = run(server, tmp_path, "Spark", made, settings)
    assert found["engine"] == "spark"
    password, chain, certificate, key = found["certificates"]
    assert password == PASSWORD
    assert chain.split() == (made / "tls" / "ca.pem").read_text().split()
    client = Authority.load(made).client_material("demo__meb10000")
    assert certificate.split() == client.certificate.read_text().split()
    assert key.split() == client.key.read_text().split()


@pytest.mark.timeout(900)
def test_the_configuration_of_a_real_session(
    made: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    python = environments.spark()
    settings["spark.sql.hive.metastore.jars"] = "builtin"
    settings["spark.ui.enabled"] = "false"
    lines = [f"{name} {value}\n" for name, value in settings.items()]
    (tmp_path / "spark-defaults.conf").write_text("".join(lines))
    places = {"SPARK_CONF_DIR": str(tmp_path), "SPARK_LOCAL_IP": "127.0.0.1"}
    with ScriptedServer(LOGIN) as server:
        found = run(server, tmp_path, "spark", python=python, **places)
    assert found["certificates"][0] == PASSWORD
    assert found["certificates"][3].startswith("-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize("name", sorted(spark_stores.REQUIRED))
def test_what_the_configuration_lacks_is_named(
    made: Path, settings: dict[str, str], tmp_path: Path, name: str
) -> None:
    del settings[name]
    with ScriptedServer(LOGIN) as server:
        found = run(server, tmp_path, "spark", made, settings)
    assert found["error"].startswith(
        f"FeatureStoreException: The Spark configuration lacks {name}."
    )


def test_a_setting_of_another_value_and_a_file_that_is_not_there(
    made: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    name = "spark.hadoop.hops.ssl.hostname.verifier"
    with ScriptedServer(LOGIN) as server:
        found = run(server, tmp_path, "spark", made, settings | {name: "STRICT"})
    assert f"{name} = STRICT; it must be ALLOW_ALL" in found["error"]
    missing = {"spark.hadoop.hops.ssl.keystore.name": "/nowhere/keyStore.jks"}
    with ScriptedServer(LOGIN) as server:
        found = run(server, tmp_path, "spark", made, settings | missing)
    assert "FeatureStoreException: /nowhere/keyStore.jks, which the Spark" in found["error"]


@pytest.mark.parametrize("engine", ["spark", "spark-no-metastore", "spark-delta"])
def test_without_pyspark_nothing_is_sent(tmp_path: Path, engine: str) -> None:
    with ScriptedServer([]) as server:
        found = run(server, tmp_path, engine)
    assert found["error"].startswith(f"ModuleNotFoundError: engine='{engine}' needs pyspark")
    assert "hopsworks[spark]" in found["error"]
    assert "engine='python'" in found["error"]
    assert server.requests == []


@pytest.mark.parametrize("engine", ["", "spark-delta", "spark-no-metastore"])
def test_no_other_engine_asks_spark(made: Path, tmp_path: Path, engine: str) -> None:
    with ScriptedServer(LOGIN) as server:
        found = run(server, tmp_path, engine, made, {})
    assert found == {"engine": engine or "python"}  # also where pyspark is installed
