"""The Python of the guides runs as it stands, block after block, in a folder and a data folder of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hopsworks.local import lifecycle

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("guide", ["projects.md", "homer.md"])
def test_a_guide_runs(guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / guide).read_text(), re.S | re.M)
    assert len(blocks) > 3
    script = tmp_path / "guide.py"
    # Who follows a guide may do so twice.
    times = 2 if guide == "homer.md" else 1
    script.write_text("\n".join(blocks) + "\nhopsworks.logout()\n")
    data = tmp_path / "data"
    monkeypatch.setenv("HOPSWORKS_LOCAL_DATA", str(data))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv(
        "TMPDIR", str(tmp_path)
    )  # guides with a data folder of their own make it there
    try:
        for _ in range(times):
            done = subprocess.run(
                [sys.executable, str(script)],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=200,
            )
            assert done.returncode == 0, done.stderr
    finally:
        for folder in (data, *tmp_path.glob("*/data")):
            lifecycle.stop(folder)
