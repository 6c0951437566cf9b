"""The life of the local server: start, find, refuse a second one, stop, reset, survive a kill."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from hopsworks.cli.main import main
from hopsworks.local import lifecycle, lock, protocol, rest
from hopsworks.local.address import data_folder, socket_folder


@pytest.fixture
def folder(tmp_path: Path):
    path = tmp_path / "data"
    yield path
    lifecycle.stop(path)


def test_starts_is_found_and_stops(folder: Path) -> None:
    assert lifecycle.find(folder) is None
    address = lifecycle.ensure_running(folder)
    assert address.data == folder
    assert lifecycle.find(folder).pid == address.pid
    assert lifecycle.ensure_running(folder).pid == address.pid
    assert lifecycle.status(folder)["projects"] == ["local"]
    assert lifecycle.stop(folder) is True
    assert lifecycle.find(folder) is None
    assert lifecycle.stop(folder) is True


def test_private_files_and_own_session(folder: Path) -> None:
    address = lifecycle.ensure_running(folder)
    for path, mode in (
        (folder, 0o700),
        (Path(address.socket).parent, 0o700),
        (Path(address.socket), 0o600),
        (folder / "api.key", 0o600),
        (folder / "server.log", 0o600),
        (folder / "metadata.sqlite", 0o600),
        (folder / "projects" / "local" / "Models", 0o700),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path
    assert os.getsid(address.pid) != os.getsid(0)
    assert address.api_key not in repr(address)
    prefix, _, secret = address.api_key.partition(".")
    assert len(prefix) == 16
    assert len(secret) == 64


def test_environment_is_minimal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPSWORKS_API_KEY", "topsecret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
    address = lifecycle.ensure_running(folder)
    environment = Path(f"/proc/{address.pid}/environ").read_bytes()
    assert b"topsecret" not in environment
    assert b"PYTHONPATH=" in environment


def test_second_server_on_the_same_folder_is_refused(folder: Path) -> None:
    address = lifecycle.ensure_running(folder)
    before = sorted(p.name for p in folder.iterdir())
    result = subprocess.run(
        [sys.executable, "-m", "hopsworks.local.server", "--data", str(folder)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert result.returncode == 1
    assert f"process {address.pid}" in result.stderr
    with pytest.raises(lock.DataFolderBusyError) as caught:
        lock.FolderLock.take(folder)
    assert str(folder) in str(caught.value)
    assert str(address.pid) in str(caught.value)
    assert "hopsworks local stop" in str(caught.value)
    assert lifecycle.find(folder).pid == address.pid
    assert sorted(p.name for p in folder.iterdir()) == before


def _start_in_process(folder: str, queue: multiprocessing.Queue) -> None:
    queue.put(lifecycle.ensure_running(folder).pid)


def test_clients_that_start_at_once_share_one_server(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    clients = [
        context.Process(target=_start_in_process, args=(str(folder), queue)) for _ in range(4)
    ]
    for client in clients:
        client.start()
    pids = {queue.get(timeout=30) for _ in clients}
    for client in clients:
        client.join(10)
    assert len(pids) == 1


def test_kill_leaves_nothing_stale(folder: Path) -> None:
    first = lifecycle.ensure_running(folder)
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while lock.holder(folder) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Path(first.socket).exists()
    second = lifecycle.ensure_running(folder)
    assert second.pid != first.pid
    assert second.api_key == first.api_key


def test_start_while_the_last_server_is_ending(folder: Path) -> None:
    seen = set()
    for number in (signal.SIGTERM, signal.SIGKILL) * 5:
        address = lifecycle.ensure_running(folder, lease=False)
        seen.add(address.pid)
        os.kill(address.pid, number)
    assert len(seen) >= 5
    assert lifecycle.stop(folder) is True
    address = lifecycle.ensure_running(folder)
    assert lifecycle.status(folder)["pid"] == address.pid


def test_server_of_a_deleted_folder_is_replaced(folder: Path) -> None:
    first = lifecycle.ensure_running(folder, lease=False)
    shutil.rmtree(folder)
    second = lifecycle.ensure_running(folder)
    assert second.pid != first.pid
    assert second.api_key != first.api_key
    assert lifecycle.status(folder)["projects"] == ["local"]


def test_long_log_is_put_aside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock.prepare(folder)
    (folder / "server.log").write_text("old" * 100)
    monkeypatch.setattr(lifecycle, "LOG_BYTES", 200)
    lifecycle.ensure_running(folder)
    assert (folder / "server.log.1").read_text() == "old" * 100
    assert "old" not in (folder / "server.log").read_text()


def test_another_release_is_replaced_when_idle(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lifecycle.ensure_running(folder, lease=False)
    monkeypatch.setattr(lifecycle, "_version", lambda: "9.9.9+1")
    second = lifecycle.ensure_running(folder, lease=False)
    assert second.pid != first.pid


def test_another_release_in_use_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lifecycle.ensure_running(folder)
    monkeypatch.setattr(lifecycle, "_version", lambda: "9.9.9+1")
    with pytest.raises(lifecycle.LocalServerError, match="hopsworks local stop") as caught:
        lifecycle.ensure_running(folder)
    assert first.version in str(caught.value)
    assert "9.9.9" in str(caught.value)
    monkeypatch.undo()
    assert lifecycle.find(folder).pid == first.pid


def test_memory_is_given_back_after_work_only(monkeypatch: pytest.MonkeyPatch) -> None:
    given_back = []
    monkeypatch.setattr(rest, "AFTER_SECONDS", 0.04)
    monkeypatch.setattr(rest, "give_back", lambda: given_back.append(1))

    class Work:
        last_used, in_flight, leases = time.monotonic(), 1, 1

        async def run(self, function) -> None:
            function()

    async def watch() -> None:
        work = Work()
        task = asyncio.ensure_future(rest.watch(work))
        await asyncio.sleep(0.15)
        assert given_back == []
        work.last_used = time.monotonic()
        await asyncio.sleep(0.15)
        assert given_back == [1]
        work.in_flight, work.last_used = 2, time.monotonic()
        await asyncio.sleep(0.15)
        assert given_back == [1]
        task.cancel()

    asyncio.run(watch())
    monkeypatch.undo()
    rest.give_back()


def test_idle_exit_waits_for_the_last_client(folder: Path) -> None:
    lock.prepare(folder)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "hopsworks.local.server"),
            *("--data", str(folder), "--idle-seconds", "0.4"),
        ]
    )
    deadline = time.monotonic() + 10
    address = None
    while address is None and time.monotonic() < deadline:
        address = lifecycle.find(folder)
        time.sleep(0.02)
    address.hold()
    time.sleep(1.2)
    assert server.poll() is None
    address.release()
    assert server.wait(10) == 0
    assert lifecycle.find(folder) is None


def test_reset_deletes_the_data_and_only_that(folder: Path, tmp_path: Path) -> None:
    for _ in range(3):
        lifecycle.ensure_running(folder, lease=False)
        lifecycle.reset(folder)
        assert not folder.exists()
    foreign = tmp_path / "photos"
    foreign.mkdir()
    (foreign / "cat.jpg").write_bytes(b"x")
    with pytest.raises(lock.DataFolderError, match="nothing was deleted"):
        lifecycle.reset(foreign)
    assert (foreign / "cat.jpg").exists()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(lock.DataFolderError, match="HOPSWORKS_LOCAL_DATA"):
        lifecycle.ensure_running(tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("mount", "found"),
    [
        ("1 0 0:1 / / rw - ext4 /dev/vda rw", None),
        ("1 0 0:1 / /home rw - nfs4 server:/home rw,vers=4.2", "nfs4"),
        ("1 0 0:1 / /home/ann rw - cifs //server/ann rw", "cifs"),
        ("1 0 0:1 / /home rw - fuse.sshfs ann@host: rw", "fuse.sshfs"),
        ("1 0 0:1 / /home rw - 9p drvfs rw,aname=drvfs,trans=fd", None),
        ("1 0 0:1 / /home rw - 9p share rw,trans=virtio", "9p"),
        ("1 0 0:1 / /other rw - nfs4 server:/ rw", None),
    ],
)
def test_network_file_systems(tmp_path: Path, mount: str, found: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text("0 0 0:0 / / rw - ext4 /dev/root rw\n" + mount + "\n")
    assert lock.network_file_system(Path("/home/ann/data"), str(mounts)) == found


def test_network_folder_is_refused_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "network_file_system", lambda path: "nfs4")
    with pytest.raises(lock.DataFolderError) as caught:
        lifecycle.ensure_running(folder)
    assert "nfs4" in str(caught.value)
    assert "HOPSWORKS_LOCAL_DATA" in str(caught.value)


def test_missing_packages_are_named_before_anything_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "NEEDED", ("uvicorn", "no_such_package"))
    with pytest.raises(ModuleNotFoundError, match=r"no_such_package.*hopsworks\[local\]") as caught:
        lifecycle.ensure_running(folder)
    assert caught.value.name == "no_such_package"
    assert not folder.exists()


def test_data_folder_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOPSWORKS_LOCAL_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert data_folder() == tmp_path / "share" / "hopsworks" / "local"
    monkeypatch.setenv("HOPSWORKS_LOCAL_DATA", str(tmp_path / "env"))
    assert data_folder() == tmp_path / "env"
    assert data_folder(tmp_path / "arg") == tmp_path / "arg"


def test_socket_path_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    assert len(str(socket_folder(tmp_path / "d" / "flight.sock"))) < 90
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    assert str(socket_folder(tmp_path)).startswith("/tmp/hopsworks/")


def test_peer_of_another_user_is_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "probe.sock"
    monkeypatch.setattr(protocol, "peer_uid", lambda sock: os.getuid() + 1)

    async def probe() -> bytes:
        config = Config(None, http=protocol.LocalProtocol, ws="none", lifespan="off")
        state = ServerState()
        loop = asyncio.get_running_loop()
        await loop.create_unix_server(
            lambda: protocol.LocalProtocol(config, state, {}, loop), str(path)
        )
        reader, writer = await asyncio.open_unix_connection(str(path))
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET /hopsworks-local/version HTTP/1.1\r\nhost: x\r\n\r\n")
            return await reader.read()
        return b""

    assert asyncio.run(probe()) == b""


def test_peer_uid_is_the_kernels() -> None:
    left, right = socket.socketpair(socket.AF_UNIX)
    with left, right:
        assert protocol.peer_uid(left) == os.getuid()


def test_quick_enough(folder: Path) -> None:
    start = time.perf_counter()
    address = lifecycle.ensure_running(folder)
    cold = time.perf_counter() - start
    start = time.perf_counter()
    lifecycle.ensure_running(folder)
    warm = time.perf_counter() - start
    assert cold < 3.0
    assert warm < 0.2
    assert lifecycle.status(folder)["memoryBytes"] < 150 * 2**20
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(address.socket)


def test_what_start_says_opens_that_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["local", "start", "--data", str(folder)]) == 0
    said = capsys.readouterr().out
    assert f'Connect with hopsworks.login(host="local:{folder}").' in said
