"""Ctrl-C and kills while a model is on its way: nothing half is left, here or there."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from relay import Fault

from hsml.model_registry import get_model_registry

SAVE = """
import sys
sys.path[:0] = {path!r}
import types
from hopsworks import _native
from hopsworks.session import ProjectSession
from hsml.model_registry import get_model_registry

client = _native.Client("http://localhost", unix_socket={socket!r})
connection = types.SimpleNamespace(_variables={{}}, host="local", port=443, is_local=True, client=client)
mr = get_model_registry(ProjectSession(connection, client, {id}, {name!r}))
{action}
"""


@pytest.fixture
def mr(relay, api):
    return get_model_registry(relay.session(api.id, api.name))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("a.bin", "b.bin"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


@pytest.fixture
def program(relay, api):
    """Run an action on the registry in a process of its own."""
    started = []

    def run(action):
        text = SAVE.format(
            path=sys.path, socket=relay.socket, id=api.id, name=api.name, action=action
        )
        process = subprocess.Popen(
            [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def paths(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*"))


@pytest.mark.parametrize("where", ["dataset/upload/", "modelregistries/"])
def test_ctrl_c_during_a_save_leaves_no_trace(mr, relay, api, folder, program, where):
    before = paths(api.folder)
    fault = Fault(500, 110006, delay=30)
    relay.fail("POST" if "upload" in where else "PUT", where, fault)
    process = program(f"mr.python.create_model('m').save({str(folder)!r})")
    assert fault.met.wait(20), process.stderr.read()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=15)
    assert "KeyboardInterrupt" in error
    assert process.returncode != 0
    assert paths(api.folder) == before
    assert mr.get_models("m") == []


def test_a_killed_save_is_not_in_the_way_of_the_next(mr, relay, api, folder, program):
    fault = Fault(500, 110006, delay=30)
    relay.fail("PUT", "modelregistries/", fault)
    process = program(f"mr.python.create_model('m').save({str(folder)!r})")
    assert fault.met.wait(20), process.stderr.read()
    process.kill()
    process.communicate(timeout=10)
    relay.heal()
    assert mr.get_models("m") == []
    saved = mr.python.create_model("m").save(folder)
    assert [m.version for m in mr.get_models("m")] == [saved.version]
    assert saved.version == 2


def test_ctrl_c_during_a_download_leaves_no_trace(mr, relay, folder, program, tmp_path):
    mr.python.create_model("m").save(folder)
    target = tmp_path / "out"
    fault = Fault(500, 110006, delay=30)
    relay.fail("GET", "dataset/download/", fault)
    process = program(f"mr.get_model('m', 1).download({str(target)!r})")
    assert fault.met.wait(20), process.stderr.read()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=15)
    assert "KeyboardInterrupt" in error
    assert paths(target) == []


def test_downloads_at_one_moment_share_one_copy(mr, folder, tmp_path, monkeypatch):
    import hsml.core.model_download as module

    monkeypatch.setattr(module, "cache_folders", lambda: [str(tmp_path / "cache")])
    model = mr.python.create_model("m").save(folder)
    barrier = threading.Barrier(4)
    found = []

    def download():
        barrier.wait()
        found.append(model.download())

    threads = [threading.Thread(target=download) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert paths(found[0]) == [".download_complete", "a.bin", "b.bin"]
    assert paths(Path(found[0]).parent) == ["m_1", *(f"m_1/{name}" for name in paths(found[0]))]
