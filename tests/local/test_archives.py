"""Zip archives of a project: packed and unpacked in the background, whole or not there."""

from __future__ import annotations

import copy
import io
import os
import random
import sqlite3
import stat
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_server_durability import Store

from hopsworks.client.exceptions import DatasetException, NotFoundError, RestAPIError
from hopsworks.core.dataset_api import DatasetApi
from hopsworks.local import archives, lifecycle


@pytest.fixture
def files(project: Any) -> DatasetApi:
    return project.get_dataset_api()


@pytest.fixture
def resources(project: Any, local_data: Path) -> Path:
    return local_data / "projects" / project.name / "Resources"


def _fill(folder: Path, seed: int = 1, size: int = 1000) -> dict[str, bytes]:
    """Make a folder with files and folders; returns the content by path."""
    seeded = random.Random(seed)
    content = {
        "a.bin": seeded.randbytes(size),
        "empty": b"",
        "größe mit blank.txt": "ä".encode() * size,
        "deep/er/b.bin": seeded.randbytes(3 * size),
        "deep/c.tar.gz": seeded.randbytes(size),
    }
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "no files").mkdir()
    return content


def _read(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_folder_is_packed_and_unpacked(files: DatasetApi, resources: Path) -> None:
    content = _fill(resources / "data.v1")
    (resources / "data.v1" / "link").symlink_to("/etc/passwd")
    assert files.zip("Resources/data.v1", block=True)
    with zipfile.ZipFile(resources / "data.v1.zip") as archive:
        assert archive.testzip() is None
        assert {n for n in archive.namelist() if not n.endswith("/")} == {
            f"data.v1/{name}" for name in content
        }
    assert files.get("Resources/data.v1.zip")["zipState"] == "NONE"
    files.mkdir("Resources/out")
    files.move("Resources/data.v1.zip", "Resources/out/data.zip")
    assert files.unzip("Resources/out/data.zip", block=True)
    # The archive's own folder has another name than the archive, so it stays.
    assert _read(resources / "out" / "data" / "data.v1") == content
    assert (resources / "out" / "data" / "data.v1" / "no files").is_dir()


def test_what_was_packed_comes_back_as_it_was(files: DatasetApi, resources: Path) -> None:
    content = _fill(resources / "box")
    files.mkdir("Logs/archives")
    assert files.zip("Resources/box", "Logs/archives", block=True)
    assert files.unzip("Logs/archives/box.zip", block=True)
    assert _read(resources.parent / "Logs" / "archives" / "box") == content
    for path in (resources.parent / "Logs" / "archives" / "box").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert files.zip("Resources/box/a.bin", block=True)
    assert files.unzip("Resources/box/a.bin.zip", block=True) is True
    assert _read(resources / "box" / "a") == {"a.bin": content["a.bin"]}
    # A whole dataset needs another place for its archive.
    with pytest.raises(RestAPIError, match="destination_path") as raised:
        files.zip("Resources")
    assert raised.value.error_code == 110001
    files.mkdir("Logs/whole")
    assert files.zip("Resources", "Logs/whole", block=True)
    assert files.exists("Logs/whole/Resources.zip")


def test_without_block_the_state_is_told(files: DatasetApi, resources: Path) -> None:
    _fill(resources / "large", size=8_000_000)
    assert files.zip("Resources/large") is True
    assert files.get("Resources/large")["zipState"] == "ZIPPING"
    assert not files.exists("Resources/large.zip")
    with pytest.raises(RestAPIError, match="ZIPPING already") as raised:
        files.zip("Resources/large", "Logs")
    assert raised.value.error_code == 120002
    deadline = time.monotonic() + 60
    while files.get("Resources/large")["zipState"] != "NONE":
        assert time.monotonic() < deadline
    assert files.exists("Resources/large.zip")
    assert files.zip("Resources/large", "Logs", block=True, timeout=0) is False
    assert files.zip("Resources/large/a.bin", "Logs", block=True, timeout=None) is True


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda f: f.zip("Resources/nothing"), 110018),
        (lambda f: f.unzip("Resources/nothing.zip"), 110018),
        (lambda f: f.zip("Resources/box", "Logs/nothing"), 110018),
        (lambda f: f.zip("Resources/taken"), 110012),
        (lambda f: f.unzip("Resources/taken.zip"), 110012),
        (lambda f: f.zip("Resources/box", "Resources/box"), 110001),
        (lambda f: f.unzip("Resources/box"), 110001),
        (lambda f: f.unzip("Resources/text.zip"), 110001),
        (lambda f: f.unzip("Resources/.zip"), 110001),
        (lambda f: f.zip("Resources/box", "/"), 110001),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    files: DatasetApi, resources: Path, call: Any, code: int
) -> None:
    _fill(resources / "box")
    _fill(resources / "taken")
    with zipfile.ZipFile(resources / "taken.zip", "w") as archive:
        archive.writestr("x", b"x")
    (resources / "text.zip").write_text("no archive")
    (resources / ".zip").write_text("no name")
    before = _read(resources)
    with pytest.raises(RestAPIError) as raised:
        call(files)
    assert raised.value.error_code == code
    assert _read(resources) == before


def _archive(*entries: tuple[str, bytes], link: str | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
        if link is not None:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def _bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros", "w") as entry:
            for _ in range(100):
                entry.write(bytes(1024 * 1024))
    return made.getvalue()


def _encrypted() -> bytes:
    raw = bytearray(_archive(("x", b"secret")))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_archive(("ok", b"x"), ("../out", b"x")), "leads out of its folder"),
        (_archive(("a/../../out", b"x")), "leads out of its folder"),
        (_archive(("/tmp/out", b"x")), "leads out of its folder"),
        (_archive(link="passwd"), "a link or a device"),
        (_archive(("n" * 256, b"x")), "255 bytes"),
        (_bomb(), "traps"),
        (_encrypted(), "encrypted"),
        (_archive(("x", b"y" * 100))[:-10], "no zip archive"),
        (b"", "no zip archive"),
    ],
)
def test_archives_that_would_do_harm_are_refused(
    files: DatasetApi, resources: Path, content: bytes, words: str
) -> None:
    (resources / "bad.zip").write_bytes(content)
    with pytest.raises(RestAPIError, match=words) as raised:
        files.unzip("Resources/bad.zip")
    assert raised.value.error_code == 110001
    assert os.listdir(resources) == ["bad.zip"]
    assert not (resources.parent / "out").exists()


def test_an_archive_with_too_many_entries(
    files: DatasetApi, resources: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(resources / "many.zip", "w") as archive:
        for number in range(archives.MOST_ENTRIES + 1):
            archive.writestr(f"{number}/", b"")
    with pytest.raises(RestAPIError, match="entries"):
        files.unzip("Resources/many.zip")


def test_a_broken_archive_leaves_nothing_and_is_told(files: DatasetApi, resources: Path) -> None:
    raw = bytearray(_archive(("a", b"first"), ("b", os.urandom(5000))))
    raw[raw.index(b"PK\x03\x04", 10) + 200] ^= 0xFF
    (resources / "broken.zip").write_bytes(raw)
    with pytest.raises(DatasetException, match=r"zipState is FAILED"):
        files.unzip("Resources/broken.zip", block=True)
    assert os.listdir(resources) == ["broken.zip"]
    assert files.get("Resources/broken.zip")["zipState"] == "FAILED"
    # Another under that name, or another attempt, begins anew.
    files.remove("Resources/broken.zip")
    (resources / "broken.zip").write_bytes(_archive(("a", b"first")))
    assert files.get("Resources/broken.zip")["zipState"] == "NONE"
    assert files.unzip("Resources/broken.zip", block=True)
    assert _read(resources / "broken") == {"a": b"first"}


def test_two_entries_of_one_name(files: DatasetApi, resources: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = _archive(("a", b"1"), ("a", b"2"))
    (resources / "twice.zip").write_bytes(content)
    with pytest.raises(DatasetException):
        files.unzip("Resources/twice.zip", block=True)
    assert os.listdir(resources) == ["twice.zip"]


# -- kills -----------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path / "data")
    lifecycle.stop(tmp_path / "data")


def _state(store: Store, path: str) -> str:
    return store.call("GET", f"{store.p}/dataset/{path.replace('/', '%2F')}")["zipState"]


def _await(store: Store, path: str) -> str:
    deadline = time.monotonic() + 60
    while (state := _state(store, path)) in ("ZIPPING", "UNZIPPING"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return state


@pytest.mark.parametrize("work", ["zip", "unzip"])
def test_a_kill_in_the_middle_leaves_it_whole_or_absent(store: Store, work: str) -> None:
    """What was asked for is done after the next start; never is half of it seen."""
    seeded = random.Random(7)
    folder = store.folder / "Resources" / "data"
    content = _fill(folder, size=1_500_000)
    source, result = "Resources/data", store.folder / "Resources" / "data.zip"
    if work == "unzip":
        store.call("POST", f"{store.p}/dataset/Resources%2Fdata?action=zip", 204)
        assert _await(store, source) == "NONE"
        folder.rename(store.folder / "elsewhere")
        source, result = "Resources/data.zip", folder
    interrupted = 0
    for _ in range(8):
        store.call("POST", f"{store.p}/dataset/{source.replace('/', '%2F')}?action={work}", 204)
        time.sleep(seeded.uniform(0.0, 0.3))
        store.kill()
        interrupted += not result.exists()
        if result.exists():
            _check(result, content)
        store = store.restart()
        assert _await(store, source) == "NONE"
        _check(result, content)
        assert not list((store.data / "staging").glob("archive-*"))
        store.call("DELETE", f"{store.p}/dataset/Resources%2F{result.name}", 204)
    assert interrupted


def _check(result: Path, content: dict[str, bytes]) -> None:
    if result.is_dir():
        assert _read(result) == content
        return
    with zipfile.ZipFile(result) as archive:
        for name, data in content.items():
            assert archive.read(f"data/{name}") == data


def test_an_orderly_stop_in_the_middle(store: Store) -> None:
    content = _fill(store.folder / "Resources" / "data", size=4_000_000)
    store.call("POST", f"{store.p}/dataset/Resources%2Fdata?action=zip", 204)
    started = time.monotonic()
    lifecycle.stop(store.data)
    assert time.monotonic() - started < 20
    store.close()
    store = store.restart()
    assert _await(store, "Resources/data") == "NONE"
    _check(store.folder / "Resources" / "data.zip", content)


def test_a_failure_is_remembered_over_a_restart(store: Store) -> None:
    (store.folder / "Resources" / "bad.zip").write_bytes(_archive(("a", b"1"), ("a/b", b"2")))
    store.call("POST", f"{store.p}/dataset/Resources%2Fbad.zip?action=unzip", 204)
    assert _await(store, "Resources/bad.zip") == "FAILED"
    store.kill()
    store = store.restart()
    assert _state(store, "Resources/bad.zip") == "FAILED"
    assert not (store.folder / "Resources" / "bad").exists()


def test_an_archive_that_was_replaced_after_it_was_asked_for(store: Store) -> None:
    """What is unpacked is what was checked, also when the work waits, as here for the next start."""
    resources = store.folder / "Resources"
    (resources / "a.zip").write_bytes(_archive(("../../../out", b"x")))
    lifecycle.stop(store.data)
    store.close()
    with sqlite3.connect(store.data / "metadata.sqlite") as db:
        db.execute(
            "INSERT INTO archive_tasks (kind, source_project, source, target_project, target)"
            " VALUES ('UNZIPPING', ?, 'Resources/a.zip', ?, 'Resources/a')",
            (store.id, store.id),
        )
    db.close()
    store = store.restart()
    assert _await(store, "Resources/a.zip") == "FAILED"
    assert os.listdir(resources) == ["a.zip"]
    assert not list(store.data.parent.rglob("out"))


def test_an_archive_whose_list_of_contents_is_too_long(files: DatasetApi, resources: Path) -> None:
    """It is refused before it is read into memory."""
    with zipfile.ZipFile(resources / "long.zip", "w") as archive:
        info = zipfile.ZipInfo("x")
        info.comment = bytes(60_000)
        for number in range(archives.MOST_DIRECTORY_BYTES // 60_000 + 1):
            info.filename = str(number)
            archive.writestr(copy.copy(info), b"")
    with pytest.raises(RestAPIError, match="list of contents"):
        files.unzip("Resources/long.zip")


def test_what_is_not_there_raises(files: DatasetApi) -> None:
    with pytest.raises(NotFoundError):
        files.unzip("Resources/none.zip", block=True)
