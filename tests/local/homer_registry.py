"""What the tests of homer share: a registry on the local server, with or without a relay before it, and a small model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import homer


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder with its content; None for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(Path(folder).rglob("*"))
    }


@pytest.fixture
def connection(local_project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[homer.Connection]:
    """A connection to a new project."""
    monkeypatch.delenv("HOPSWORKS_PROJECT", raising=False)
    with homer.connection(host="local", project=local_project) as connection:
        yield connection


@pytest.fixture
def mr(connection: homer.Connection) -> homer.ModelRegistry:
    """The registry of a new project."""
    return connection.get_model_registry()


@pytest.fixture
def stored(local_data: Path, local_project: str) -> Path:
    """Where the server keeps the files of that project."""
    return Path(local_data) / "projects" / local_project


@pytest.fixture
def relayed(relay, api) -> homer.ModelRegistry:
    """The registry of a new project behind a relay."""
    registry = homer.ModelRegistry(relay.session(api.id, api.name))
    registry._registry()
    relay.requests.clear()
    return registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A local model: files at two levels."""
    folder = tmp_path / "model"
    (folder / "weights").mkdir(parents=True)
    (folder / "model.pkl").write_bytes(b"model" * 1000)
    (folder / "weights" / "w.bin").write_bytes(bytes(range(256)) * 64)
    return folder
