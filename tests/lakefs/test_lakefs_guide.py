"""The Python of the guide and the example run as they stand, against a server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lakefs_server import LakeFSServer

ROOT = Path(__file__).parents[2]
# What the entry point does where the package is installed.
REGISTERED = (
    "import fsspec\n"
    "fsspec.register_implementation('lakefs', 'hopsworks.lakefs.filesystem.LakeFSFileSystem', True)\n"
)
EXAMPLE = ROOT / "examples" / "lakefs_branch.py"


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", **variables},
    )


def test_the_guide_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "lakefs.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)
    assert len(blocks) >= 9
    code = "\n".join(blocks)
    assert code.count("http://localhost:8000") == 2
    with LakeFSServer() as server:
        script = tmp_path / "guide.py"
        script.write_text(REGISTERED + code.replace("http://localhost:8000", server.url))
        done = run(str(script))
    assert done.returncode == 0, done.stderr


def settings(server: LakeFSServer, **other: str) -> dict[str, str]:
    return {
        "LAKECTL_SERVER_ENDPOINT_URL": server.url,
        "LAKECTL_CREDENTIALS_ACCESS_KEY_ID": server.settings["username"],
        "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY": server.settings["password"],
        **other,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A good file."""
    (tmp_path / "may.csv").write_text("flight,minutes\nDL1,-3\nUA2,17\n")
    return tmp_path / "may.csv"


def test_the_example_runs(server: LakeFSServer, source: Path) -> None:
    done = run(str(EXAMPLE), "lake", str(source), **settings(server))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "added: tables/arrivals.csv",
        "arrivals-1 has 2 rows; its merge joins 2 commits",
    ]
    source.write_text("flight,minutes\nDL1,-3\n")
    done = run(str(EXAMPLE), "lake", str(source), **settings(server))
    assert done.stdout.splitlines() == [
        "changed: tables/arrivals.csv",
        "arrivals-2 has 1 rows; its merge joins 2 commits",
    ]
    done = run(str(EXAMPLE), "lake", str(source), **settings(server))
    assert (done.returncode, done.stdout) == (
        0,
        "nothing to do: tables/arrivals.csv in main is the same already\n",
    )
    assert list(server.repositories["lake"].branches) == ["main"]
    assert list(server.repositories["lake"].tags) == ["arrivals-1", "arrivals-2"]


def test_the_example_looks_at_its_arguments_first(server: LakeFSServer, tmp_path: Path) -> None:
    done = run(str(EXAMPLE), **settings(server))
    assert done.stderr == "usage: python examples/lakefs_branch.py REPOSITORY FILE.csv\n"
    done = run(str(EXAMPLE), "lake", str(tmp_path / "none.csv"), **settings(server))
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was published: [Errno 2] No such file")
    assert server.requests == []


def test_the_example_keeps_bad_data_out(server: LakeFSServer, source: Path) -> None:
    source.write_text("flight,minutes\nDL1,late\n")
    done = run(str(EXAMPLE), "lake", str(source), **settings(server))
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was published: line 2 is no arrival")
    assert list(server.repositories["lake"].branches) == ["main"]
    assert "tables/arrivals.csv" not in server.repositories["lake"].tree_of("main")


def test_the_example_tells_how_it_failed(server: LakeFSServer, source: Path) -> None:
    done = run(str(EXAMPLE), "none", str(source), **settings(server))
    assert done.returncode == 1
    assert "repository not found: none" in done.stderr
    done = run(str(EXAMPLE), "lake", str(source))
    assert done.stderr.startswith("nothing says who asks lakeFS")
    secret = server.settings["password"]
    done = run(
        str(EXAMPLE), "lake", str(source), **settings(server, LAKECTL_CREDENTIALS_ACCESS_KEY_ID="x")
    )
    assert "status 401" in done.stderr
    assert secret not in done.stderr
