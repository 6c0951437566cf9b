"""What the local server acknowledged stays, whatever happens to it: kills and full disks."""

from __future__ import annotations

import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import Api
from test_server_datasets import _chunk, _path, _upload

from hopsworks.local import lifecycle


class Store(Api):
    """A server of its own that can be killed; one project."""

    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__(lifecycle.ensure_running(data, lease=False))
        self.id = self.call("GET", "project/getProjectInfo/local")["projectId"]
        self.p = f"project/{self.id}"
        self.folder = data / "projects" / "local"

    def kill(self) -> None:
        os.kill(self.address.pid, signal.SIGKILL)
        self.close()
        while lifecycle._lives(self.address.pid):
            time.sleep(0.005)

    def restart(self) -> Store:
        return Store(self.data)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path / "data")
    lifecycle.stop(tmp_path / "data")


def test_upload_goes_on_after_a_kill(store: Store) -> None:
    content = random.Random(5).randbytes(5000)
    _upload(store, "Resources", "f", content, order=[2, 4, 1])
    store.kill()
    assert os.listdir(store.folder / "Resources") == []
    again = store.restart()
    _upload(again, "Resources", "f", content, order=[3])
    assert os.listdir(store.folder / "Resources") == []
    _upload(again, "Resources", "f", content, order=[5])
    assert (store.folder / "Resources" / "f").read_bytes() == content


def test_kill_at_any_moment_loses_nothing_acknowledged(store: Store) -> None:
    """Projects, models, tags, files and folders that were answered with success are all there."""
    seeded = random.Random(20)
    acknowledged: list[tuple[str, str]] = []
    for turn in range(6):
        stop_after = seeded.uniform(0.01, 0.4)
        done: list[tuple[str, str]] = []

        def work(api: Store, turn: int = turn, done: list = done) -> None:
            try:
                for number in range(10_000):
                    name = f"t{turn}n{number}"
                    api.call("POST", f"project?projectName={name}", 201, json={"projectName": name})
                    done.append(("project", name))
                    url = f"{api.p}/modelregistries/{api.id}/models/{name}_1"
                    api.call("PUT", url, 201, json={"name": name, "version": 1})
                    done.append(("model", name))
                    api.call("PUT", f"{url}/tags/t", 201, content=f'"{name}"')
                    done.append(("tag", name))
                    api.call("POST", f"{api.p}/dataset/{_path(f'Resources/{name}')}?action=create")
                    done.append(("folder", name))
                    answer = _upload(api, f"Resources/{name}", "f", name.encode() * 50)
                    if all(a.status_code == 200 for a in answer):
                        done.append(("file", name))
            except (httpx.HTTPError, OSError, RuntimeError):
                return

        worker = threading.Thread(target=work, args=(store,))
        worker.start()
        time.sleep(stop_after)
        os.kill(store.address.pid, signal.SIGKILL)
        worker.join(20)
        while lifecycle._lives(store.address.pid):
            time.sleep(0.005)
        store.close()
        acknowledged += done
        store = store.restart()
        for kind, name in acknowledged:
            url = f"{store.p}/modelregistries/{store.id}/models/{name}_1"
            if kind == "project":
                assert store.call("GET", f"project/getProjectInfo/{name}")["projectName"] == name
                assert (store.data / "projects" / name / "Models").is_dir()
            elif kind == "model":
                assert store.call("GET", url)["name"] == name
            elif kind == "tag":
                assert store.call("GET", f"{url}/tags/t")["items"][0]["value"] == f'"{name}"'
            elif kind == "folder":
                assert (store.folder / "Resources" / name).is_dir()
            else:
                assert (store.folder / "Resources" / name / "f").read_bytes() == name.encode() * 50
        for folder in (store.folder / "Resources").iterdir():
            for file in folder.iterdir():
                assert file.read_bytes() == folder.name.encode() * 50
    assert len(acknowledged) > 20


def test_what_an_ended_client_staged_is_removed(store: Store) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from conftest import Api\n"
        "from test_server_datasets import _upload\n"
        "from hopsworks.local import lifecycle\n"
        "api = Api(lifecycle.find(sys.argv[1]))\n"
        "api.p = 'project/119'\n"
        "_upload(api, 'Resources', 'f', b'x' * 5000, order=[1, 2])\n"
    )
    command = [sys.executable, "-c", script, str(store.data), str(Path(__file__).parent)]
    subprocess.run(command, check=True)
    staging = store.data / "staging"
    assert len(list(staging.iterdir())) == 2
    _upload(store, "Resources", "g", b"x" * 5000, order=[1])
    deadline = time.monotonic() + 25
    while len(list(staging.iterdir())) > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(list(staging.iterdir())) == 2
    _upload(store, "Resources", "g", b"x" * 5000, order=[2, 3, 4, 5])
    assert os.listdir(store.folder / "Resources") == ["g"]


def test_full_disk_is_named_and_leaves_nothing(store: Store) -> None:
    content = os.urandom(3_000_000)
    before = sorted(p.name for p in store.folder.rglob("*"))
    # A limit on the size of files stands for a full disk: the kernel refuses the write.
    resource.prlimit(store.address.pid, resource.RLIMIT_FSIZE, (2_000_000, -1))
    answer = _chunk(store, "Resources", "big", 1, 1, len(content), len(content), content)
    assert answer.status_code == 500
    assert answer.json()["errorCode"] == 110055
    assert "big" in answer.json()["usrMsg"]
    assert "ree space" in answer.json()["usrMsg"]
    assert sorted(p.name for p in store.folder.rglob("*")) == before
    assert list((store.data / "staging").iterdir()) == []
    resource.prlimit(store.address.pid, resource.RLIMIT_FSIZE, (-1, -1))
    assert _upload(store, "Resources", "big", content, chunk_size=3_000_000)[0].status_code == 200


def test_file_larger_than_the_disk_is_refused_at_once(store: Store) -> None:
    total = 1 << 60
    answer = _chunk(store, "Resources", "huge", 1, 10_000, total // 10_000 + 1, total, b"x" * 10)
    assert answer.json()["errorCode"] == 110055
    assert str(total) in answer.json()["usrMsg"]
    assert list((store.data / "staging").iterdir()) == []


def test_copy_that_fails_leaves_nothing(store: Store) -> None:
    _upload(store, "Resources", "f", b"z" * 1_000_000, chunk_size=1_000_000)
    resource.prlimit(store.address.pid, resource.RLIMIT_FSIZE, (500_000, -1))
    url = f"{store.p}/dataset/{_path('Resources/f')}?action=copy&destination_path=Resources%2Fg"
    assert store.error("POST", url) == (500, 110055)
    assert os.listdir(store.folder / "Resources") == ["f"]
    assert list((store.data / "staging").iterdir()) == []


def test_trash_of_a_killed_server_is_emptied(store: Store) -> None:
    store.kill()
    left = store.data / "trash" / "abc"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "f").write_text("x")
    store.restart()
    deadline = time.monotonic() + 5
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not left.exists()


def test_stop_does_not_wait_for_a_reader_that_sleeps(store: Store) -> None:
    _upload(store, "Resources", "big", b"q" * 30_000_000, chunk_size=30_000_000)
    url = f"/hopsworks-api/api/{store.p}/dataset/download/with_auth/{_path('Resources/big')}"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(store.address.socket)
        client.sendall(f"GET {url} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        client.recv(1000)
        started = time.monotonic()
        assert lifecycle.stop(store.data) is True
        assert time.monotonic() - started < 12
    assert not lifecycle._lives(store.address.pid)
