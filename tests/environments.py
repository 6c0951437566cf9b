"""Python environments of their own, for tests that need packages which the project does not have."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache"


def python_with(folder: Path, *requirements: str) -> Path:
    """Return an interpreter that has packages, making its environment when there is none.

    Parameters:
        folder: Where the environment is kept for the next run.
        requirements: What pip installs into it.
    """
    python, done = folder / "bin" / "python", folder / ".installed"
    wanted = "\n".join(requirements)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f".{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            pip = [str(python), "-m", "pip", "install", "-q", "--prefer-binary"]
            subprocess.run([*pip, *requirements], check=True)
            done.write_text(wanted)
    return python


def official_hub_client() -> Path:
    """Return an interpreter that has the last official client of the Auger Hub."""
    return python_with(CACHE / "auger-client", "auger-hub-api-client==0.7.4")
