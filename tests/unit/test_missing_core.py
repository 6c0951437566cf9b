"""A package whose compiled core is missing says so, and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "use",
    [
        "from hopsworks import _native",
        "import hopsworks._native",
        "import homer; homer.Tag",
        "import hopsworks; hopsworks.login(host='h.example', api_key_value='a.b')",
        "from hopsworks.auger import HubApiClient; HubApiClient(hub_app_url='http://h').get_trials()",
    ],
)
def test_the_remedy_is_told(use: str, tmp_path: Path) -> None:
    package = tmp_path / "hopsworks"
    package.mkdir()
    for part in (ROOT / "hopsworks").iterdir():
        if not part.name.startswith(("_native.", "__pycache__")):
            (package / part.name).symlink_to(part)
    for name in ("homer", "hsml", "hsfs"):
        (tmp_path / name).symlink_to(ROOT / name)

    def last_line() -> str:
        done = subprocess.run(
            [sys.executable, "-S", "-c", use],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={},
        )
        assert done.returncode == 1
        return done.stderr.splitlines()[-1]

    assert last_line() == (
        f"ImportError: The package hopsworks in {tmp_path} has no compiled core for this Python. Install it again."
    )
    (tmp_path / "CMakeLists.txt").touch()
    assert last_line() == (
        f"ImportError: hopsworks comes from the source tree {tmp_path}, which has no compiled core. Change to another "
        "folder, where Python finds the installed package, or build the core there: ./dev build"
    )
