"""Files of a project against the local server: what arrives, what stays as it was, and how much is sent for it."""

import logging
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import hopsworks
from hopsworks.client.exceptions import (
    ConflictError,
    DatasetException,
    NoHopsworksConnectionError,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core import file_transfer

MIB = 1 << 20


@pytest.fixture
def project(local_project):
    with hopsworks.connection(host="local", project=local_project) as connection:
        yield connection.get_project()


@pytest.fixture
def datasets(project):
    return project.get_dataset_api()


@pytest.fixture
def folder(local_data, local_project):
    """The project's folder on the server's disk."""
    return local_data / "projects" / local_project


@pytest.fixture
def requests_sent(caplog):
    caplog.set_level(logging.DEBUG, logger="hopsworks.http")

    def lines(verb=""):
        found = [
            record.getMessage().split(" at ")[0]
            for record in caplog.records
            if record.name == "hopsworks.http"
        ]
        return [line for line in found if line.startswith(verb)]

    return lines


def some_file(path, size, seed=0):
    path.write_bytes(random.Random(seed).randbytes(size))
    return path


def tree(path):
    """Every file below a path with its content; what a failed call must leave as it was."""
    return {
        str(found.relative_to(path)): found.read_bytes() if found.is_file() else None
        for found in Path(path).rglob("*")
    }


# -------------------------------------------------------------------------------------------------------- content


@pytest.mark.parametrize("size", [0, 1, 999, MIB, 3 * MIB + 7])
@pytest.mark.parametrize("chunk_size", [MIB, 10 * MIB])
def test_what_is_uploaded_is_what_is_downloaded(datasets, tmp_path, size, chunk_size):
    source = some_file(tmp_path / "source.bin", size, size)
    path = datasets.upload(source, "Resources", chunk_size=chunk_size)
    assert path == "Resources/source.bin"
    assert datasets.get(path)["attributes"]["size"] == size
    target = datasets.download(path, tmp_path / "target.bin")
    assert target == str(tmp_path / "target.bin")
    assert Path(target).read_bytes() == source.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["source.bin", "target.bin"]


def test_a_large_file_travels_in_ranges(datasets, tmp_path, requests_sent, folder):
    source = some_file(tmp_path / "large.bin", 40 * MIB + 3)
    datasets.upload(source, "Resources")
    assert len(requests_sent("POST")) == 5
    assert (folder / "Resources" / "large.bin").read_bytes() == source.read_bytes()
    target = datasets.download("Resources/large.bin", tmp_path / "again.bin")
    assert Path(target).read_bytes() == source.read_bytes()
    assert len([line for line in requests_sent("GET") if "with_auth" in line]) == 6


@pytest.mark.parametrize(
    "name", ["plain.txt", "with blank.txt", "größe € 好.txt", 'quo"te.txt', "a+b&c=d#e%20.txt"]
)
def test_names_survive_the_way_there_and_back(datasets, tmp_path, name, folder):
    (tmp_path / "sub").mkdir()
    source = some_file(tmp_path / "sub" / name, 100)
    path = datasets.upload(source, "Resources")
    assert datasets.list("Resources") == [f"/Resources/{name}"]
    assert (folder / "Resources" / name).read_bytes() == source.read_bytes()
    assert Path(datasets.download(path, tmp_path)).name == name
    assert datasets.read_content("/" + path).content == source.read_bytes()


def test_a_folder_with_all_it_holds(datasets, tmp_path):
    source = tmp_path / "model"
    (source / "a" / "b").mkdir(parents=True)
    (source / "empty").mkdir()
    for number in range(12):
        some_file(source / "a" / f"{number}.bin", 1000 * number, number)
    some_file(source / "a" / "b" / "deep.bin", 3 * MIB, 99)
    assert datasets.upload(source, "Resources", chunk_size=MIB) == "Resources/model"
    assert datasets.list("Resources/model") == [
        "/Resources/model/a",
        "/Resources/model/empty",
    ] or set(datasets.list("Resources/model")) == {"/Resources/model/a", "/Resources/model/empty"}
    for relative, content in tree(source).items():
        if content is not None:
            assert datasets.read_content(f"/Resources/model/{relative}").content == content


def test_working_folder_and_existing_folder_as_target(datasets, tmp_path, monkeypatch):
    some_file(tmp_path / "x.bin", 10)
    datasets.upload(str(tmp_path / "x.bin"), "Resources/")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert datasets.download("Resources/x.bin") == str(tmp_path / "here" / "x.bin")
    (tmp_path / "there").mkdir()
    assert datasets.download("Resources/x.bin", "../there") == str(tmp_path / "there" / "x.bin")


def test_progress_is_told_and_ends_at_the_total(project, tmp_path):
    source = some_file(tmp_path / "x.bin", 12 * MIB)
    told = []
    project._session.scope.upload(
        source, "Resources", chunk_size=MIB, progress=lambda *pair: told.append(pair)
    )
    assert told[-1] == (12 * MIB, 12 * MIB)
    assert told == sorted(told)
    told.clear()
    project._session.scope.download(
        "Resources/x.bin", tmp_path / "y", size=12 * MIB, progress=lambda *pair: told.append(pair)
    )
    assert told[-1] == (12 * MIB, 12 * MIB)


def test_an_error_in_the_progress_callback_ends_the_transfer(project, tmp_path):
    source = some_file(tmp_path / "x.bin", 60 * MIB)

    def fail(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        project._session.scope.upload(source, "Resources", chunk_size=50_000, progress=fail)
    assert project.get_dataset_api().list("Resources") == []


def test_the_memory_of_the_client_is_bounded(local_project, tmp_path):
    source = some_file(tmp_path / "x.bin", 200 * MIB)
    script = textwrap.dedent(
        """
        import resource, sys
        import hopsworks
        datasets = hopsworks.login(host="local", project=sys.argv[1]).get_dataset_api()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        datasets.upload(sys.argv[2], "Resources")
        datasets.download("Resources/x.bin", sys.argv[2], overwrite=True)
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", script, local_project, str(source)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(result.stdout) <= 64


# ------------------------------------------------------------------------------------------------ status, changes


def test_exists_list_mkdir_remove(datasets):
    assert not datasets.exists("Resources/d")
    assert datasets.mkdir("Resources/d").endswith("/Resources/d")
    assert datasets.exists("Resources/d")
    assert datasets.path_exists("/Resources/d")
    assert datasets.get("Resources/d")["attributes"]["dir"] is True
    with pytest.raises(ConflictError):
        datasets.mkdir("Resources/d")
    assert datasets.list("Resources") == ["/Resources/d"]
    assert "/Resources" in datasets.list("/")
    datasets.remove("Resources/d")
    assert datasets.list("/Resources") == []
    with pytest.raises(NotFoundError):
        datasets.rm("Resources/d")
    with pytest.raises(NotFoundError):
        datasets.list("Resources/d")


def test_list_takes_offset_and_limit(datasets, tmp_path):
    source = tmp_path / "many"
    source.mkdir()
    for number in range(7):
        (source / f"{number}").write_text("x")
    datasets.upload(source, "Resources")
    everything = datasets.list("Resources/many")
    assert len(everything) == 7
    assert datasets.list("Resources/many", offset=2, limit=3) == everything[2:5]
    assert datasets.list("Resources/many", offset=6, limit=3) == everything[6:]


def test_copy_and_move(datasets, tmp_path):
    datasets.upload(some_file(tmp_path / "a.bin", 500), "Resources")
    content = (tmp_path / "a.bin").read_bytes()
    datasets.copy("Resources/a.bin", "Resources/b.bin")
    datasets.move("Resources/b.bin", "Logs/c.bin")
    assert datasets.read_content("/Resources/a.bin").content == content
    assert datasets.read_content("/Logs/c.bin").content == content
    assert not datasets.exists("Resources/b.bin")
    for action in (datasets.copy, datasets.move):
        with pytest.raises(DatasetException, match=r"Logs/c\.bin exists already.*overwrite=True"):
            action("Resources/a.bin", "Logs/c.bin")
        with pytest.raises(NotFoundError):
            action("Resources/none.bin", "Resources/new.bin")


@pytest.mark.parametrize("action", ["copy", "move"])
def test_overwriting_with_a_missing_source_leaves_the_destination(
    datasets, tmp_path, action, folder
):
    datasets.upload(some_file(tmp_path / "old.bin", 500), "Resources")
    before = tree(folder / "Resources")
    with pytest.raises(NotFoundError):
        getattr(datasets, action)("Resources/none.bin", "Resources/old.bin", overwrite=True)
    assert tree(folder / "Resources") == before


@pytest.mark.parametrize("action", ["copy", "move"])
def test_copy_and_move_replace_when_asked(datasets, tmp_path, action):
    datasets.upload(some_file(tmp_path / "new.bin", 500, 1), "Resources")
    datasets.upload(some_file(tmp_path / "old.bin", 900, 2), "Resources")
    getattr(datasets, action)("Resources/new.bin", "Resources/old.bin", overwrite=True)
    assert (
        datasets.read_content("/Resources/old.bin").content == (tmp_path / "new.bin").read_bytes()
    )
    assert datasets.exists("Resources/new.bin") == (action == "copy")
    assert [path for path in datasets.list("Resources") if "part" in path] == []


def test_upload_replaces_only_when_asked(datasets, tmp_path):
    source = some_file(tmp_path / "x.bin", 500, 1)
    datasets.upload(source, "Resources")
    some_file(source, 700, 2)
    with pytest.raises(DatasetException, match=r"Resources/x\.bin exists already.*overwrite=True"):
        datasets.upload(source, "Resources")
    datasets.upload(source, "Resources", overwrite=True)
    assert datasets.read_content("/Resources/x.bin").content == source.read_bytes()
    assert datasets.list("Resources") == ["/Resources/x.bin"]


def test_a_folder_is_replaced_as_a_whole(datasets, tmp_path):
    source = tmp_path / "model"
    source.mkdir()
    (source / "old.txt").write_text("old")
    datasets.upload(source, "Resources")
    (source / "old.txt").unlink()
    (source / "new.txt").write_text("new")
    datasets.upload(source, "Resources", overwrite=True)
    assert datasets.list("Resources/model") == ["/Resources/model/new.txt"]
    assert datasets.list("Resources") == ["/Resources/model"]


# ------------------------------------------------------------------------------------------------------ bad input


def test_a_missing_local_file_sends_nothing(datasets, tmp_path, requests_sent):
    before = len(requests_sent())
    with pytest.raises(FileNotFoundError, match=r"none\.bin"):
        datasets.upload(tmp_path / "none.bin", "Resources")
    assert len(requests_sent()) == before


def test_an_existing_local_file_is_kept_and_nothing_is_sent(datasets, tmp_path, requests_sent):
    (tmp_path / "x.bin").write_bytes(b"mine")
    before = len(requests_sent())
    with pytest.raises(FileExistsError, match=r"x\.bin exists already.*overwrite=True"):
        datasets.download("Resources/x.bin", tmp_path / "x.bin")
    with pytest.raises(FileNotFoundError, match="no-folder does not exist"):
        datasets.download("Resources/x.bin", tmp_path / "no-folder" / "x.bin")
    (tmp_path / "dir" / "x.bin").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        datasets.download("Resources/x.bin", tmp_path / "dir", overwrite=True)
    assert len(requests_sent()) == before
    assert (tmp_path / "x.bin").read_bytes() == b"mine"


def test_a_missing_remote_file_changes_nothing_here(datasets, tmp_path, requests_sent):
    (tmp_path / "x.bin").write_bytes(b"mine")
    before, sent = tree(tmp_path), len(requests_sent())
    with pytest.raises(NotFoundError) as caught:
        datasets.download("Resources/none.bin", tmp_path / "x.bin", overwrite=True)
    assert caught.value.error_code == 110018
    assert "none.bin" in str(caught.value)
    assert len(requests_sent()) == sent + 1
    assert tree(tmp_path) == before
    with pytest.raises(NotFoundError):
        datasets.read_content("/Resources/none.bin")


def test_a_folder_comes_back_with_all_it_holds(datasets, tmp_path, monkeypatch, requests_sent):
    monkeypatch.setattr(file_transfer, "_PAGE", 3)
    source = tmp_path / "model"
    (source / "a" / "b c").mkdir(parents=True)
    (source / "empty").mkdir()
    for number in range(7):
        some_file(source / "a" / f"{number} ü.bin", 1000 * number, number)
    some_file(source / "a" / "b c" / "deep.bin", 20 * MIB, 99)
    datasets.upload(source, "Resources")
    (tmp_path / "back").mkdir()
    target = datasets.download("Resources/model/", tmp_path / "back")
    assert target == str(tmp_path / "back" / "model")
    assert tree(target) == tree(source)
    assert os.listdir(tmp_path / "back") == ["model"]
    before = len(requests_sent())
    with pytest.raises(IsADirectoryError):
        datasets.download("Resources/model", tmp_path / "back", overwrite=True)
    assert len(requests_sent()) == before
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="a folder replaces nothing"):
        datasets.download("Resources/model", tmp_path / "file", overwrite=True)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_costs_one_request_a_file(datasets, tmp_path, requests_sent):
    source = tmp_path / "many"
    (source / "sub").mkdir(parents=True)
    for number in range(50):
        (source / "sub" / str(number)).write_text("x")
    before = len(requests_sent())
    datasets.upload(source, "Resources")
    verbs = [line.split()[0] for line in requests_sent()[before:]]
    # Status of the name, two folders, the files, and the name for the whole.
    assert verbs == ["GET", "POST", "POST", *["POST"] * 50, "POST"]
    before = len(requests_sent())
    datasets.download("Resources/many", tmp_path / "back")
    verbs = [line.split()[0] for line in requests_sent()[before:]]
    # Status, two listings, and the files.
    assert verbs == ["GET"] * (1 + 2 + 50)


def test_a_folder_that_cannot_be_put_in_place_leaves_nothing(
    datasets, tmp_path, folder, monkeypatch
):
    source = tmp_path / "model"
    source.mkdir()
    for number in range(5):
        some_file(source / f"{number}.bin", 100, number)
    datasets.upload(source, "Resources")
    (folder / "Resources" / "model" / "a folder").mkdir()
    (tmp_path / "back").mkdir()

    def refuse(*_):
        raise OSError("no folder can be made")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(OSError, match="no folder can be made"):
        datasets.download("Resources/model", tmp_path / "back")
    assert os.listdir(tmp_path / "back") == []


def test_an_upload_into_nowhere_names_the_folder(datasets, tmp_path):
    source = some_file(tmp_path / "x.bin", 10)
    with pytest.raises(RestAPIError) as caught:
        datasets.upload(source, "NoSuchDataset")
    assert "NoSuchDataset" in str(caught.value)


def test_a_dataset_as_a_whole_is_not_replaced(datasets, tmp_path):
    (tmp_path / "Resources").mkdir()
    with pytest.raises(DatasetException, match="as a whole"):
        datasets.upload(
            tmp_path / "Resources", "/Projects/" + datasets._session.project_name, overwrite=True
        )


@pytest.mark.parametrize(
    "arguments",
    [
        {"chunk_size": 0},
        {"simultaneous_chunks": 0},
        {"max_chunk_retries": -1},
        {"chunk_retry_interval": -1},
        {"chunk_retry_interval": float("nan")},
    ],
)
def test_impossible_arguments_send_nothing(datasets, tmp_path, arguments, requests_sent):
    source = some_file(tmp_path / "x.bin", 10)
    before = len(requests_sent())
    with pytest.raises(ValueError, match="at least"):
        datasets.upload(source, "Resources", **arguments)
    assert len(requests_sent()) == before


def test_more_than_the_core_can_do_counts_as_what_it_can(datasets, tmp_path):
    source = some_file(tmp_path / "x.bin", 100_000)
    many = {"simultaneous_chunks": 100, "simultaneous_uploads": 100, "max_chunk_retries": 5000}
    path = datasets.upload(source, "Resources", chunk_size=1000, **many)
    assert datasets.read_content(path).content == source.read_bytes()


def test_a_source_that_changes_while_it_is_sent_is_noticed(project, tmp_path):
    source = some_file(tmp_path / "x.bin", 60 * MIB)

    def grow(done, total):
        with open(source, "ab") as file:
            file.write(b"more")

    with pytest.raises(DatasetException, match=r"x\.bin changed while it was being uploaded"):
        project._session.scope.upload(
            source, "Resources", chunk_size=50_000, parallel=2, progress=grow
        )


# -------------------------------------------------------------------------------- full disks, interrupts and kills


def run_client(script, *arguments, **kwargs):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


def test_a_full_disk_is_noticed_before_anything_is_fetched(datasets, local_project, tmp_path):
    datasets.upload(some_file(tmp_path / "x.bin", 12 * MIB), "Resources")
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "x.bin").write_bytes(b"mine")
    before = tree(tmp_path / "small")
    client = run_client(
        """
        import logging, resource, sys
        import hopsworks
        lines = []
        class Keep(logging.Handler):
            def emit(self, record): lines.append(record.getMessage())
        logging.getLogger("hopsworks.http").addHandler(Keep())
        logging.getLogger("hopsworks.http").setLevel(logging.DEBUG)
        datasets = hopsworks.login(host="local", project=sys.argv[1]).get_dataset_api()
        resource.setrlimit(resource.RLIMIT_FSIZE, (5 << 20, 5 << 20))
        sent = len(lines)
        try:
            datasets.download("Resources/x.bin", sys.argv[2], overwrite=True)
        except OSError as error:
            print(type(error).__name__, error, len(lines) - sent, sep="|")
        """,
        local_project,
        tmp_path / "small",
    )
    output, errors = client.communicate(timeout=60)
    name, text, sent = output.strip().split("|")
    assert name == "OSError", errors
    assert str(tmp_path / "small") in text
    assert "choose another folder" in text
    assert sent == "1"
    assert tree(tmp_path / "small") == before


def test_the_space_that_is_left_is_told(datasets, tmp_path):
    free = os.statvfs("/dev/shm").f_bavail * os.statvfs("/dev/shm").f_frsize
    target = f"/dev/shm/hopsworks-test-{os.getpid()}.bin"
    with pytest.raises(
        OSError, match=r"No space left in folder /dev/shm .* MiB are free"
    ) as caught:
        datasets._session.scope.download("Resources/x.bin", target, size=free + (64 << 20))
    assert caught.value.errno == 28
    own = f"hopsworks-test-{os.getpid()}"
    assert not [name for name in os.listdir("/dev/shm") if own in name]


INTERRUPTED = """
    import signal, sys, threading, time
    import hopsworks
    datasets = hopsworks.login(host="local", project=sys.argv[1]).get_dataset_api()
    scope = datasets._session.scope
    def slowly(done, total):
        if done:
            print("moving", flush=True)
        time.sleep(0.02)
    try:
        if sys.argv[2] == "upload":
            scope.upload(sys.argv[3], "Resources", chunk_size=100_000, parallel=2, progress=slowly)
        else:
            scope.download("Resources/x.bin", sys.argv[3], size=int(sys.argv[4]), parallel=2, progress=slowly)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    """


@pytest.mark.parametrize("kind", ["SIGINT", "SIGKILL"])
def test_a_client_that_dies_while_it_uploads_leaves_nothing_there(
    datasets, local_project, tmp_path, folder, kind
):
    source = some_file(tmp_path / "x.bin", 60 * MIB)
    before = tree(folder)
    client = run_client(INTERRUPTED, local_project, "upload", source)
    assert client.stdout.readline() == "moving\n", client.stderr.read()
    begin = time.monotonic()
    client.send_signal(getattr(signal, kind))
    output, _ = client.communicate(timeout=20)
    assert time.monotonic() - begin < 5
    assert ("interrupted" in output) == (kind == "SIGINT")
    assert tree(folder) == before
    assert not datasets.exists("Resources/x.bin")
    datasets.upload(source, "Resources")
    assert (folder / "Resources" / "x.bin").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("kind", ["SIGINT", "SIGKILL"])
def test_an_overwriting_upload_that_dies_leaves_the_old_content(
    datasets, local_project, tmp_path, folder, kind
):
    source = some_file(tmp_path / "x.bin", 1000, 1)
    datasets.upload(source, "Resources")
    old = source.read_bytes()
    some_file(source, 60 * MIB, 2)
    client = run_client(
        """
        import sys, time
        import hopsworks
        from hopsworks.core import file_transfer
        class Slow(file_transfer.Progress):
            def __call__(self, done, total):
                if done:
                    print("moving", flush=True)
                time.sleep(0.02)
        file_transfer.Progress = Slow
        datasets = hopsworks.login(host="local", project=sys.argv[1]).get_dataset_api()
        datasets.upload(sys.argv[2], "Resources", overwrite=True, chunk_size=100_000)
        """,
        local_project,
        source,
    )
    assert client.stdout.readline() == "moving\n", client.stderr.read()
    client.send_signal(getattr(signal, kind))
    client.communicate(timeout=20)
    assert (folder / "Resources" / "x.bin").read_bytes() == old
    assert os.listdir(folder / "Resources") == ["x.bin"]


def test_a_folder_that_fails_half_way_leaves_nothing(datasets, tmp_path, folder, monkeypatch):
    source = tmp_path / "model"
    (source / "sub").mkdir(parents=True)
    some_file(source / "a.bin", 100)
    (source / "sub" / "b.bin").symlink_to(tmp_path / "nowhere")
    before = tree(folder / "Resources")
    with pytest.raises(FileNotFoundError, match=r"b\.bin"):
        datasets.upload(source, "Resources")
    assert tree(folder / "Resources") == before
    (tmp_path / "other" / "model").mkdir(parents=True)
    datasets.upload(tmp_path / "other" / "model", "Resources")
    with pytest.raises(FileNotFoundError):
        datasets.upload(source, "Resources", overwrite=True)
    assert datasets.list("Resources") == ["/Resources/model"]
    assert datasets.list("Resources/model") == []


def test_two_downloads_to_one_target_do_not_mix(project, datasets, tmp_path):
    size = 20 * MIB
    source = some_file(tmp_path / "x.bin", size)
    datasets.upload(source, "Resources")
    failures = []

    def fetch():
        try:
            datasets.download("Resources/x.bin", tmp_path / "t", overwrite=True)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert (tmp_path / "t").read_bytes() == source.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["t", "x.bin"]


def test_a_connection_closed_meanwhile_ends_the_transfer(local_project, tmp_path):
    connection = hopsworks.connection(host="local", project=local_project)
    scope = connection.get_project()._session.scope
    source = some_file(tmp_path / "x.bin", 30 * MIB)

    def close(done, total):
        connection.close()

    with pytest.raises(NoHopsworksConnectionError):
        scope.upload(source, "Resources", chunk_size=100_000, parallel=2, progress=close)
