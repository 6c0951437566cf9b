"""A lakeFS server and a client of it; no settings of the person who runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import client as client_module

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home folder with nothing in it, an environment that says nothing, no default client."""
    for name in os.environ:
        if name.startswith(("LAKECTL_", "AWS_")) or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(client_module._Default, "client", None)
    return folder


@pytest.fixture
def server() -> Iterator[LakeFSServer]:
    """A server with the repository ``lake``: main with a few committed objects."""
    with LakeFSServer() as running:
        running.repository("lake", **{"a/1": b"one", "a/2": b"two", "b": b"three"})
        yield running


@pytest.fixture
def client(server: LakeFSServer) -> Iterator[lakefs.Client]:
    """A client of the server."""
    with lakefs.Client(**server.settings) as made:
        yield made


@pytest.fixture
def lake(client: lakefs.Client) -> lakefs.Repository:
    """The repository."""
    return lakefs.Repository("lake", client)
