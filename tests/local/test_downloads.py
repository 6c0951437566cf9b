"""Downloads from a server that is slow, breaks off, refuses or changes the file; see tests/file_server.py."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import hopsworks
from hopsworks.client.exceptions import ContentMismatchError, RestAPIError, ServiceUnreachableError
from tests.file_server import MIB, FileServer

SIZE = 40 * MIB + 11
PIECES = 6


@pytest.fixture(scope="module")
def content():
    return random.Random(5).randbytes(SIZE)


@pytest.fixture(autouse=True)
def key(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("HOPSWORKS_") and name != "HOPSWORKS_LOCAL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOPSWORKS_API_KEY", "prefix.secret")
    yield
    hopsworks.logout()


def scope_of(server):
    return hopsworks.login(host=server.host, project="demo")._session.scope


def fetch(server, target, size=SIZE, **kwargs):
    options = {"retry_interval": 0.01, **kwargs}
    scope_of(server).download("Resources/x.bin", target, size=size, **options)


def client(server, target, *, expect="moving"):
    """A process that downloads from the server, once the first bytes have arrived."""
    script = """
        import sys
        import hopsworks
        from hopsworks.core import file_transfer
        class Told(file_transfer.Progress):
            def __call__(self, done, total):
                if done >= int(sys.argv[3]):
                    print("moving", flush=True)
        file_transfer.Progress = Told
        datasets = hopsworks.login(host=sys.argv[1], project="demo").get_dataset_api()
        try:
            datasets.download("Resources/x.bin", sys.argv[2], overwrite=True)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(script),
            server.host,
            str(target),
            str(server.stall_at // 2),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == expect + "\n"
    return process


def test_ranges_are_fetched_side_by_side_and_put_together(content, tmp_path):
    with FileServer(content) as server:
        fetch(server, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == PIECES
    assert server.asked[0] == f"bytes=0-{8 * MIB - 1}"
    assert f"bytes={40 * MIB}-{SIZE - 1}" in server.asked
    assert os.listdir(tmp_path) == ["x"]


def test_a_server_without_ranges_is_asked_once(content, tmp_path):
    with FileServer(content, ranges=False) as server:
        fetch(server, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == 1


def test_a_small_file_is_asked_for_without_a_range(tmp_path):
    with FileServer(b"small") as server:
        fetch(server, tmp_path / "x", 5)
    assert server.asked == [None]
    assert (tmp_path / "x").read_bytes() == b"small"


@pytest.mark.parametrize("at", [1, 3 * MIB, 8 * MIB, 20 * MIB + 5])
def test_a_broken_range_is_continued_where_it_broke(content, tmp_path, at):
    with FileServer(content, break_at=(at,)) as server:
        fetch(server, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == PIECES + 1
    assert any(asked.startswith(f"bytes={at}-") for asked in server.asked)


def test_progress_earns_new_attempts(content, tmp_path):
    breaks = tuple(MIB * number + 7 for number in range(1, 8))
    with FileServer(content, break_at=breaks) as server:
        fetch(server, tmp_path / "x", retries=1)
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == PIECES + len(breaks)


def test_a_broken_whole_answer_begins_anew(content, tmp_path):
    told = []
    with FileServer(content, ranges=False, break_at=(20 * MIB,)) as server:
        fetch(server, tmp_path / "x", progress=lambda *pair: told.append(pair))
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == 2
    assert told[-1] == (SIZE, SIZE)
    assert max(done for done, _ in told) <= SIZE


def test_passing_refusals_are_waited_out(content, tmp_path):
    with FileServer(content, refuse=(503, 429, 502)) as server:
        fetch(server, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == content
    assert len(server.asked) == PIECES + 3


@pytest.mark.parametrize(("status", "requests"), [(403, 1), (500, 1), (503, 3)])
def test_a_lasting_refusal_leaves_nothing(content, tmp_path, status, requests):
    with (
        FileServer(content, refuse=(status,) * 20) as server,
        pytest.raises(RestAPIError) as caught,
    ):
        fetch(server, tmp_path / "x", retries=2)
    assert caught.value.response.status_code == status
    assert len(server.asked) == requests
    assert os.listdir(tmp_path) == []


def test_a_lost_server_is_named_and_leaves_nothing(tmp_path):
    (tmp_path / "x").write_bytes(b"mine")
    with (
        FileServer(b"y" * 100, break_at=(50,) * 9) as server,
        pytest.raises(ServiceUnreachableError) as caught,
    ):
        fetch(server, tmp_path / "x", 100, retries=2)
    assert server.host.removeprefix("http://") in str(caught.value)
    assert len(server.asked) == 3
    assert (tmp_path / "x").read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("difference", [-1, 1])
def test_another_size_than_announced_is_refused(content, tmp_path, ranges, difference):
    with (
        FileServer(content, ranges=ranges) as server,
        pytest.raises(ContentMismatchError, match=r"size|shorter|range|answer"),
    ):
        fetch(server, tmp_path / "x", SIZE + difference, retries=0)
    assert os.listdir(tmp_path) == []


def test_a_file_that_changes_between_ranges_is_refused(content, tmp_path):
    with (
        FileServer(content, etag=['"1"', '"1"'] + ['"2"'] * 20) as server,
        pytest.raises(ContentMismatchError, match="changed"),
    ):
        fetch(server, tmp_path / "x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["SIGINT", "SIGKILL"])
def test_a_client_that_dies_early_leaves_the_old_file(content, tmp_path, kind):
    (tmp_path / "x").write_bytes(b"mine")
    with FileServer(content, stall_at=4 * MIB) as server:
        process = client(server, tmp_path / "x")
        begin = time.monotonic()
        process.send_signal(getattr(signal, kind))
        output, _ = process.communicate(timeout=20)
        assert time.monotonic() - begin < 3
    assert ("interrupted" in output) == (kind == "SIGINT")
    assert (tmp_path / "x").read_bytes() == b"mine"
    if kind == "SIGINT":
        assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize("kind", ["SIGINT", "SIGKILL"])
def test_what_an_interrupted_client_left_is_continued(content, tmp_path, kind):
    """Only the missing ranges are asked for the second time."""
    (tmp_path / "x").write_bytes(b"mine")
    with FileServer(content, stall_at=34 * MIB) as server:
        process = client(server, tmp_path / "x")
        while len(server.asked) < PIECES:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(getattr(signal, kind))
        process.communicate(timeout=20)
        assert (tmp_path / "x").read_bytes() == b"mine"
        assert sorted(os.listdir(tmp_path)) == [".x.hopsworks-part", "x"]
        server.stalled.clear()
        first = len(server.asked)
        datasets = hopsworks.login(host=server.host, project="demo").get_dataset_api()
        datasets.download("Resources/x.bin", tmp_path / "x", overwrite=True)
        assert len(server.asked) - first < PIECES
    assert (tmp_path / "x").read_bytes() == content
    assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize("change", ["time", "size", "damage"])
def test_a_part_of_something_else_is_not_continued(content, tmp_path, change):
    with FileServer(content, stall_at=34 * MIB) as server:
        process = client(server, tmp_path / "x")
        while len(server.asked) < PIECES:
            time.sleep(0.02)
        time.sleep(0.3)
        process.kill()
        process.communicate(timeout=20)
        assert os.listdir(tmp_path) == [".x.hopsworks-part"]
        server.stalled.clear()
        server.content = bytes(reversed(content))
        if change == "time":
            server.modified = "2026-01-02T00:00:00.000Z"
        elif change == "size":
            server.content = server.content[:-5]
            server.announced = len(server.content)
        else:
            with open(tmp_path / ".x.hopsworks-part", "r+b") as file:
                file.seek(SIZE)
                file.write(b"\xff" * 40)
        datasets = hopsworks.login(host=server.host, project="demo").get_dataset_api()
        datasets.download("Resources/x.bin", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == server.content
    assert os.listdir(tmp_path) == ["x"]
