"""The examples for Databricks and SageMaker, as those platforms start them: programs with parameters, a key file and a role.

``hopsworks local serve`` with TLS is the cluster, moto the secret stores of AWS.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served

import hopsworks
from tests.aws import REGION, ROLE, Aws, serving

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # The query service has a fixed port, so each server has a loopback address of its own.
    host = f"127.{random.randrange(1, 250)}.{random.randrange(1, 250)}.{random.randrange(2, 250)}"
    server = Served(tmp_path_factory.mktemp("platforms") / "data", host, flight_port=5005)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with serving() as account:
        yield account


def run(
    script: str, served: Served, folder: Path, variables: dict[str, str], *more: str
) -> subprocess.CompletedProcess[str]:
    """Run an example the way a platform does: in a folder of its own, with parameters."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    folder.mkdir(exist_ok=True)
    words = ["--host", served.host, "--port", served.port, "--project", "local"]
    words += ["--trust-store", served.authority, *more]
    return subprocess.run(
        [sys.executable, str(EXAMPLES / script), *map(str, words)],
        env={**kept, "HOME": str(folder), "PYTHONPATH": str(EXAMPLES.parent), **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_features_from_databricks_and_training_on_sagemaker(
    served: Served, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(
        "databricks_job.py",
        served,
        tmp_path / "databricks",
        {},
        "--key-file",
        served.data / "api.key",
    )
    assert (done.returncode, done.stdout) == (0, "150 flowers written to project local\n"), (
        done.stderr
    )
    assert os.listdir(tmp_path / "databricks") == []  # no certificates, no key

    aws.put_secret(json.dumps({"api-key": served.key}))
    aws.put_parameter(served.key, region="us-west-2")
    model = tmp_path / "sagemaker" / "model"
    job = {**aws.variables(), "SM_MODEL_DIR": str(model)}
    for version, more in (
        (1, ["--region", REGION]),
        (2, ["--region", "us-west-2", "--secrets-store", "parameterstore"]),
    ):
        done = run("sagemaker_train.py", served, tmp_path / "sagemaker", job, *more)
        assert done.returncode == 0, done.stderr
        assert re.match(rf"version {version} has accuracy (0\.[789]|1\.0)", done.stdout)
        assert served.key not in done.stdout + done.stderr
        assert sorted(os.listdir(tmp_path / "sagemaker")) == ["model"]

    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA":
            monkeypatch.delenv(name)
    with hopsworks.connection(
        served.host,
        served.port,
        "local",
        api_key_file=str(served.data / "api.key"),
        trust_store_path=str(served.authority),
    ) as connection:
        group = connection.get_feature_store().get_feature_group("flowers", 1)
        assert len(group.read()) == 150
        models = connection.get_model_registry().get_models("flowers")
        assert [found.version for found in models] == [1, 2]
        assert models[0].training_metrics["accuracy"] > 0.7


def test_a_role_without_a_key_is_told_what_to_do(served: Served, aws: Aws, tmp_path: Path) -> None:
    job = aws.variables("role-without-a-key")
    done = run("sagemaker_train.py", served, tmp_path / "sagemaker", job)
    assert done.returncode != 0
    told = done.stderr.strip().splitlines()[-1]
    assert f"secret hopsworks/role/role-without-a-key in region {REGION}" in told
    assert ROLE not in told
    for way in ("api_key_value", "api_key_file", "HOPSWORKS_API_KEY"):
        assert way in told


def test_a_key_file_that_is_not_there(served: Served, tmp_path: Path) -> None:
    done = run("databricks_job.py", served, tmp_path / "databricks", {})
    assert done.returncode != 0
    assert "/dbfs/FileStore/hopsworks/api.key does not exist" in done.stderr
