"""Copying, moving and deleting files and datasets: nothing is replaced, nothing is left behind, kills included."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_server_durability import Store

from hopsworks.client.exceptions import DatasetException, RestAPIError
from hopsworks.core.dataset_api import DatasetApi
from hopsworks.local import file_changes, lifecycle


@pytest.fixture
def files(project: Any) -> DatasetApi:
    return project.get_dataset_api()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path / "data")
    lifecycle.stop(tmp_path / "data")


@pytest.fixture(params=["by the kernel", "by hand"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "by hand":
        monkeypatch.setattr(file_changes, "_renameat2", lambda: None)


def test_a_name_that_was_taken_meanwhile_is_not_replaced(way: None, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("new")
    target.write_text("acknowledged")
    with pytest.raises(FileExistsError):
        file_changes.rename_to_free(source, target)
    assert (source.read_text(), target.read_text()) == ("new", "acknowledged")
    target.unlink()
    file_changes.rename_to_free(source, target)
    assert (os.listdir(tmp_path), target.read_text()) == (["target"], "new")
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "empty").mkdir()
    for taken in (target, tmp_path / "empty"):
        with pytest.raises(FileExistsError):
            file_changes.rename_to_free(folder, taken)
    file_changes.rename_to_free(folder, tmp_path / "other")
    assert sorted(os.listdir(tmp_path)) == ["empty", "other", "target"]


def test_many_moves_to_one_name(files: DatasetApi, local_data: Path, project: Any) -> None:
    """One of them has it, and the others are told; no file is lost."""
    folder = local_data / "projects" / project.name / "Resources"
    names = [f"f{number}" for number in range(12)]
    for name in names:
        (folder / name).write_text(name)
    refused = []

    def move(name: str) -> None:
        try:
            files.move(f"Resources/{name}", "Resources/one")
        except (RestAPIError, DatasetException):  # of the server, or found before
            refused.append(name)

    threads = [threading.Thread(target=move, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == len(names) - 1
    assert sorted(path.read_text() for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("name", ["tags", "Upload", "download"])
def test_names_that_no_dataset_can_have(files: DatasetApi, name: str) -> None:
    files.mkdir("Mine")
    for act in (files.move, files.copy):
        with pytest.raises(RestAPIError, match="choose another name") as raised:
            act("Mine", name)
        assert raised.value.error_code == 110028
    with pytest.raises(RestAPIError, match="choose another name"):
        files.mkdir(name)


def test_a_dataset_that_gets_another_name_keeps_its_permission(files: DatasetApi) -> None:
    files.mkdir("Before")
    files.chmod("Before", "EDITABLE_BY_OWNERS")
    files.move("Before", "After")
    assert files.get("After")["permission"] == "EDITABLE_BY_OWNERS"
    files.mkdir("Before")
    assert files.get("Before")["permission"] == "EDITABLE"


def test_copies_that_were_broken_off_give_back_their_space(store: Store) -> None:
    lifecycle.stop(store.data)
    store.close()
    left = store.data / "staging" / "copy-0123"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "file").write_bytes(bytes(1000))
    (store.data / "staging" / "copy-4567").write_bytes(bytes(1000))
    store = store.restart()
    lifecycle.stop(store.data)  # waits for what is under way
    assert os.listdir(store.data / "staging") == []
    store.close()


def test_a_new_project_finds_no_files_of_a_deleted_one(store: Store) -> None:
    made = store.call("POST", "project", 201, json={"projectName": "again"})
    assert made["successMessage"]
    number = store.call("GET", "project/getProjectInfo/again")["projectId"]
    (store.data / "projects" / "again" / "Resources" / "secret.txt").write_text("of before")
    # A folder that cannot be emptied in place is as good as gone all the same.
    (store.data / "projects" / "again" / "Logs" / "x").write_text("x")
    os.chmod(store.data / "projects" / "again" / "Logs", 0o500)
    store.call("POST", f"project/{number}/delete", 200)
    assert not (store.data / "projects" / "again").exists()
    store.call("POST", "project", 201, json={"projectName": "again"})
    assert os.listdir(store.data / "projects" / "again" / "Resources") == []
    for folder in (store.data / "trash").glob("*/Logs"):
        os.chmod(folder, 0o700)
