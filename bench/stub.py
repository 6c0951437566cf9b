"""nginx as a stub of a cluster: TLS, kept connections, and canned answers in place of a server's work.

So what is measured is the client: its requests, its parsing and its objects.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import trustme

PROJECT_ID = 119
STORE_ID = 67
PROJECT = "bench"
API_KEY = "bench.0123456789"

# What an Auger Hub would answer, from the root.
HUB_TRIAL = "api/v1/trials/7"

CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  keepalive_requests 1000000;
  keepalive_timeout 600s;
  open_file_cache max=100;
  default_type application/json;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
{locations}
    location / {{ root {folder}/answers; try_files $uri.json =404; }}
  }}
}}
"""


class Stub:
    """A running nginx.

    Parameters:
        folder: Where its files go.
        port: Port on the loopback address.
        locations: More of nginx's configuration, for answers that hang on more than a path; ``{folder}`` is the folder
            of the canned answers.

    Attributes:
        url: Base of the REST paths.
        ca_file: PEM file that its certificate is checked with.
    """

    def __init__(self, folder: Path, port: int, locations: str = ""):
        self.port = port
        self.url = f"https://127.0.0.1:{port}/hopsworks-api/api"
        self.ca_file = prepare(folder)
        (folder / "tmp").mkdir()
        # Workers of an nginx started by root run as nobody, who must be able to read the answers.
        for parent in [folder, *folder.parents]:
            if parent.stat().st_uid == folder.stat().st_uid and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o711)
        config = folder / "nginx.conf"
        more = locations.replace("{folder}", str(folder / "answers"))
        config.write_text(CONFIG.format(folder=folder, port=port, locations=more))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = subprocess.Popen([nginx, "-c", str(config), "-p", str(folder)])
        self._wait()

    def _wait(self) -> None:
        import ssl

        trust = ssl.create_default_context(cafile=str(self.ca_file))
        deadline = time.monotonic() + 10
        while True:
            try:
                urlopen(f"{self.url}/variables/versions", context=trust, timeout=2).read()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        """Stop nginx."""
        self._process.terminate()
        self._process.wait(10)


def prepare(folder: Path) -> Path:
    """Write a certificate (``server.pem``, ``server.key``) and the canned answers (below ``answers``).

    Returns:
        PEM file that the certificate is checked with.
    """
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    client = authority.issue_cert("client")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    (folder / "server.pem").write_bytes(
        b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    )
    answers = {f"hopsworks-api/api/{path}": a for path, a in canned(authority, client).items()}
    for path, answer in {**answers, HUB_TRIAL: hub_trial()}.items():
        target = folder / "answers" / f"{path}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(answer))
    return folder / "ca.pem"


def canned(authority: Any, client: Any) -> dict[str, Any]:
    """Return the answers by path below the API's base."""
    project = f"project/{PROJECT_ID}"
    store = f"{project}/featurestores/{STORE_ID}"
    user = {"uid": 1, "username": "bench000", "email": "bench@localhost"}
    return {
        "variables/versions": [{"software": "hopsworks", "version": "5.2.1"}],
        f"project/getProjectInfo/{PROJECT}": {
            "projectId": PROJECT_ID,
            "projectName": PROJECT,
            "owner": user["email"],
            "created": "2025-01-02T03:04:05.000Z",
            "services": ["JOBS"],
            "inodeid": 42,
        },
        "project": [
            {
                "projectTeamPK": {"projectId": PROJECT_ID, "teamMember": user["email"]},
                "teamRole": "Data owner",
                "timestamp": "2025-01-02T03:04:05.000Z",
                "project": {"id": PROJECT_ID, "name": PROJECT, "owner": user},
                "user": user,
            }
        ],
        f"{project}/credentials": {
            "fileExtension": "jks",
            "kStore": "eA==",
            "tStore": "eA==",
            "password": "-",
            "caChain": authority.cert_pem.bytes().decode(),
            "clientCert": client.cert_chain_pems[0].bytes().decode(),
            "clientKey": client.private_key_pem.bytes().decode(),
        },
        f"{project}/featurestores/{PROJECT}_featurestore": {
            "featurestoreId": STORE_ID,
            "featurestoreName": f"{PROJECT}_featurestore",
            "created": "2025-01-01T00:00:00.000Z",
            "projectName": PROJECT,
            "projectId": PROJECT_ID,
            "offlineFeaturestoreName": f"{PROJECT}_featurestore",
            "onlineEnabled": True,
        },
        f"{store}/featuregroups/narrow": [feature_group("narrow", 20)],
        f"{store}/featuregroups/wide": [feature_group("wide", 1000)],
        f"{project}/dataset/Models": {
            "attributes": {
                "id": 1,
                "name": "Models",
                "path": f"/Projects/{PROJECT}/Models",
                "dir": True,
            },
            "datasetType": "DATASET",
            "zipState": "NONE",
        },
        f"{project}/jobs/one": job(0, "one"),
        f"{project}/jobs": {
            "href": "https://127.0.0.1/jobs",
            "count": 2000,
            "items": [job(index, f"job_{index}") for index in range(2000)],
        },
        f"{project}/modelregistries/{PROJECT_ID}/models": {
            "href": "https://127.0.0.1/models",
            "count": 500,
            "items": [model(version) for version in range(1, 501)],
        },
    }


def feature_group(name: str, features: int) -> dict[str, Any]:
    """Return a feature group as a cluster describes it."""
    return {
        "type": "streamFeatureGroupDTO",
        "id": 12,
        "name": name,
        "version": 1,
        "featurestoreId": STORE_ID,
        "featurestoreName": f"{PROJECT}_featurestore",
        "description": "",
        "created": "2025-01-01T00:00:00.000Z",
        "location": f"hopsfs://nn:8020/apps/hive/warehouse/{PROJECT}_featurestore.db/{name}_1",
        "onlineEnabled": True,
        "onlineTopicName": f"{PROJECT}_onlinefs",
        "timeTravelFormat": "DELTA",
        "eventTime": "f1",
        "deprecated": False,
        "statisticsConfig": {
            "enabled": True,
            "histograms": False,
            "correlations": False,
            "exactUniqueness": False,
            "columns": [],
        },
        "features": [
            {
                "name": f"f{index}",
                "type": "timestamp" if index == 1 else "bigint" if index % 2 == 0 else "double",
                "onlineType": "timestamp"
                if index == 1
                else "bigint"
                if index % 2 == 0
                else "double",
                "description": f"Feature number {index}",
                "primary": index == 0,
                "partition": False,
                "hudiPrecombineKey": False,
                "featureGroupId": 12,
                "onDemand": False,
            }
            for index in range(features)
        ],
    }


def hub_trial() -> dict[str, Any]:
    """Return a trial as an Auger Hub describes it."""
    names = ("C", "gamma", "kernel", "degree", "tol", "max_iter")
    return {
        "data": {
            "object": "trial",
            "id": 7,
            "deleted": False,
            "experiment_session_id": "a1b2c3d4e5f6",
            "crossValidationFolds": 5,
            "algorithm_name": "sklearn.svm.SVC",
            "algorithm_params": {name: at / 7 for at, name in enumerate(names)},
            "score_name": "f1_macro",
            "score_value": 0.8412345678,
            "all_scores": {f"metric_{at}": at / 13 for at in range(20)},
            "estimated_time": 12.5,
        },
        "meta": {"status": 200},
    }


def job(number: int, name: str) -> dict[str, Any]:
    """Return a job as a cluster describes it."""
    return {
        "href": f"https://127.0.0.1/jobs/{name}",
        "id": number,
        "name": name,
        "creationTime": "2025-02-10T07:53:39.000Z",
        "jobType": "PYSPARK",
        "config": {
            "type": "sparkJobConfiguration",
            "appName": name,
            "appPath": f"hdfs:///Projects/{PROJECT}/Resources/{name}.py",
            "mainClass": "org.apache.spark.deploy.PythonRunner",
            "amQueue": "default",
            "amMemory": 2048,
            "amVCores": 1,
            "defaultArgs": f"--number {number}",
            "environmentName": "spark-feature-pipeline",
            "experimentType": "EXPERIMENT",
            "spark.executor.instances": 1,
            "spark.executor.cores": 1,
            "spark.executor.memory": 4096,
            "spark.executor.gpus": 0,
            "spark.dynamicAllocation.enabled": True,
            "spark.dynamicAllocation.minExecutors": 1,
            "spark.dynamicAllocation.maxExecutors": 2,
            "spark.dynamicAllocation.initialExecutors": 1,
            "spark.blacklist.enabled": False,
        },
        "creator": {
            "href": "https://127.0.0.1/users/1",
            "username": "bench000",
            "email": "bench@localhost",
            "firstname": "B",
            "lastname": "M",
        },
        "executions": {"href": f"https://127.0.0.1/jobs/{name}/executions"},
    }


def model(version: int) -> dict[str, Any]:
    """Return a model version as a cluster describes it."""
    return {
        "href": f"https://127.0.0.1/models/churn_{version}",
        "id": f"churn_{version}",
        "name": "churn",
        "version": version,
        "description": "A collection of models for churn",
        "projectName": PROJECT,
        "created": 1_735_689_600_000 + version,
        "creator": {
            "username": "bench000",
            "email": "bench@localhost",
            "firstname": "B",
            "lastname": "M",
        },
        "userFullName": "Ben Chmark",
        "metrics": {"auc": 0.5 + version / 1500, "accuracy": 0.7, "loss": 0.31},
        "framework": "SKLEARN",
        "modelRegistryId": PROJECT_ID,
        "trainingDatasetVersion": 1,
    }
