"""A local server for the tests: one per session on a fresh data folder, a project per test, and ways to reach it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from relay import Relay, relay_to

import hopsworks
from hopsworks.local import lifecycle
from hopsworks.project import Project
from hopsworks.session import ProjectSession
from hsfs.feature_store import FeatureStore
from hsml.model_registry import ModelRegistry

API = "/hopsworks-api/api/"
_numbers = itertools.count(1)


class Api:
    """Requests to a server over its socket, checked for their status."""

    def __init__(self, address: lifecycle.Address) -> None:
        self.address = address
        self.client = httpx.Client(
            transport=httpx.HTTPTransport(uds=address.socket),
            base_url="http://localhost",
            timeout=60.0,
        )

    def send(self, verb: str, path: str, **kwargs: object) -> httpx.Response:
        """One request; a path without a leading slash is below the API's base path."""
        return self.client.request(verb, path if path.startswith("/") else API + path, **kwargs)

    def call(self, verb: str, path: str, status: int | None = None, **kwargs: object) -> object:
        """One request that must succeed (or have ``status``); its JSON, or None."""
        response = self.send(verb, path, **kwargs)
        expected = response.is_success if status is None else response.status_code == status
        assert expected, f"{verb} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def error(self, verb: str, path: str, **kwargs: object) -> tuple[int, int]:
        """One request that must fail; its HTTP status and error code."""
        response = self.send(verb, path, **kwargs)
        assert not response.is_success, f"{verb} {path}: {response.status_code}"
        body = response.json()
        assert body["errorMsg"]
        return response.status_code, body["errorCode"]

    def close(self) -> None:
        self.client.close()


class ProjectApi(Api):
    """The same for one project: ``p`` is the path of the project."""

    def __init__(self, address: lifecycle.Address, name: str) -> None:
        super().__init__(address)
        self.name = name
        self.call("POST", f"project?projectName={name}", 201, json={"projectName": name})
        self.id = self.call("GET", f"project/getProjectInfo/{name}")["projectId"]
        self.p = f"project/{self.id}"
        self.folder = Path(address.data) / "projects" / name


@pytest.fixture(scope="session")
def local_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the session's server."""
    return tmp_path_factory.mktemp("local-data")


@pytest.fixture(scope="session")
def local_server(local_data: Path) -> Iterator[lifecycle.Address]:
    """The address of a running server; also the default of ``login(host="local")``."""
    before = os.environ.get("HOPSWORKS_LOCAL_DATA")
    os.environ["HOPSWORKS_LOCAL_DATA"] = str(local_data)
    address = lifecycle.ensure_running(local_data)
    api = Api(address)
    # Nearly every test has a project of its own.
    api.call("PUT", "admin/users/1", 200, json={"maxNumProjects": 100_000})
    api.close()
    try:
        yield address
    finally:
        address.release()
        lifecycle.stop(local_data)
        if before is None:
            os.environ.pop("HOPSWORKS_LOCAL_DATA", None)
        else:
            os.environ["HOPSWORKS_LOCAL_DATA"] = before


@pytest.fixture
def local_project(local_server: lifecycle.Address) -> str:
    """The name of a new project of the session's server."""
    name = f"test{os.getpid()}n{next(_numbers)}"
    api = Api(local_server)
    api.call("POST", f"project?projectName={name}", 201, json={"projectName": name})
    api.close()
    return name


@pytest.fixture
def api(local_server: lifecycle.Address) -> Iterator[ProjectApi]:
    """Plain HTTP access to a new project of the session's server."""
    access = ProjectApi(local_server, f"api{os.getpid()}n{next(_numbers)}")
    yield access
    access.close()


@pytest.fixture
def project(local_project: str) -> Iterator[Project]:
    """A new project, through the public client."""
    yield hopsworks.login(host="local", project=local_project)
    hopsworks.logout()


@pytest.fixture
def feature_store(project: Project) -> FeatureStore:
    """The feature store of a new project."""
    return project.get_feature_store()


@pytest.fixture
def mr(project: Project) -> ModelRegistry:
    """The model registry of a new project."""
    return project.get_model_registry()


@pytest.fixture
def relay(local_server: lifecycle.Address) -> Iterator[Relay]:
    """Stands before the session's server; counts requests and breaks those that it is told to."""
    with relay_to(local_server.socket) as relay:
        yield relay


@pytest.fixture
def session(relay: Relay, api: ProjectApi) -> ProjectSession:
    """A session of a new project through the relay."""
    return relay.session(api.id, api.name)
