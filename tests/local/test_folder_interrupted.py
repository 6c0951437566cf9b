"""Folders that are broken off in the middle, both ways: nothing is left, and the end comes at once. What they take."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

FILES = 2000
CLIENT = """
    import json, os, sys, time
    import hopsworks
    from hopsworks.core import file_transfer

    def look():
        status = open("/proc/self/status").read()
        return len(os.listdir("/proc/self/fd")), int(status.split("VmRSS:")[1].split()[0])

    seen = []

    class Told(file_transfer.Progress):
        def __call__(self, done, total):
            seen.append(look())
            if 0 < done < total:
                print("moving", flush=True)

    file_transfer.Progress = Told
    way, project, source, target = sys.argv[1:]
    files = hopsworks.login(host="local", project=project).get_dataset_api()
    files.exists("Resources")
    base = look()
    try:
        if way == "up":
            files.upload(source, "Resources", simultaneous_uploads=8)
        else:
            files.download("Resources/model", target)
    except KeyboardInterrupt:
        print(f"interrupted {time.time():.3f}", flush=True)
    else:
        most = [max(column) - first for column, first in zip(zip(*seen), base)]
        print(json.dumps({"files": most[0], "memory": most[1]}), flush=True)
    """


@pytest.fixture
def source(tmp_path):
    """A folder of many small files."""
    folder = tmp_path / "from" / "model"
    (folder / "sub").mkdir(parents=True)
    dice = random.Random(3)
    for number in range(FILES):
        name = f"sub/{number}.bin" if number % 2 else f"{number}.bin"
        (folder / name).write_bytes(dice.randbytes(10_000))
    return folder


@pytest.fixture
def there(local_data, local_project):
    """The folder of the project on the server's disk."""
    return local_data / "projects" / local_project / "Resources"


def run(way, project, source, target):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CLIENT), way, project, str(source), str(target)],
        stdout=subprocess.PIPE,
        text=True,
    )


def interrupt(way, project, source, target):
    """Break it off in the middle; seconds until the program went on."""
    client = run(way, project, source, target)
    assert client.stdout.readline() == "moving\n"
    pressed = time.time()
    client.send_signal(signal.SIGINT)
    output, _ = client.communicate(timeout=30)
    (line,) = (line for line in output.splitlines() if line.startswith("interrupted"))
    return float(line.split()[1]) - pressed


def content_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_upload_of_a_folder_that_is_broken_off(source, there, local_project, tmp_path):
    # On a busy machine one of three is not held up by others.
    took = [interrupt("up", local_project, source, tmp_path) for _ in range(3)]
    assert min(took) < 0.2
    assert os.listdir(there) == []
    client = run("up", local_project, source, tmp_path)
    output, _ = client.communicate(timeout=60)
    assert content_of(there / "model") == content_of(source)
    check(output)


def test_a_download_of_a_folder_that_is_broken_off(source, there, local_project, tmp_path):
    (source.parent / "model").rename(there / "model")
    target = tmp_path / "to"
    target.mkdir()
    took = [interrupt("down", local_project, source, target) for _ in range(3)]
    assert min(took) < 0.2
    assert os.listdir(target) == []
    client = run("down", local_project, source, target)
    output, _ = client.communicate(timeout=60)
    assert content_of(target / "model") == content_of(there / "model")
    check(output)


def check(output):
    """Files open and memory do not grow with the number of files."""
    used = json.loads(output.splitlines()[-1])
    assert used["files"] <= 8 * 5
    assert used["memory"] <= 16 * 1024
