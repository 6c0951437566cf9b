"""The environment of the official client: PyPI's ``hopsworks``, apart from ours.

``HOPSWORKS_ORACLE_PYTHON`` names an interpreter that has it. Otherwise it is installed once under the cache folder.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

REQUIREMENT = "hopsworks[python]==5.2.1"
ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("HOPSWORKS_ORACLE_CACHE", ROOT / ".cache" / "official-client"))


def interpreter() -> Path:
    """Return the Python interpreter that has the official client, making its environment when there is none."""
    named = os.environ.get("HOPSWORKS_ORACLE_PYTHON")
    if named:
        return Path(named)
    python = CACHE / "bin" / "python"
    done = CACHE / ".installed"
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with open(CACHE.parent / ".official-client.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != REQUIREMENT:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(CACHE)], check=True)
            subprocess.run(
                [str(python), "-m", "pip", "install", "-q", "--prefer-binary", REQUIREMENT],
                check=True,
            )
            done.write_text(REQUIREMENT)
    return python


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the variables for a client's process: none of ours leak in, bars and colours are off."""
    kept = ("PATH", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")
    clean = {name: os.environ[name] for name in kept if name in os.environ}
    return {**clean, "PYTHONDONTWRITEBYTECODE": "1", "TQDM_DISABLE": "1", **extra}
