"""The environment of the official client: PyPI's ``hopsworks``, apart from ours.

``HOPSWORKS_ORACLE_PYTHON`` names an interpreter that has it. Otherwise it is installed once under the cache folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import environments

REQUIREMENT = "hopsworks[python]==5.2.1"
CACHE = Path(os.environ.get("HOPSWORKS_ORACLE_CACHE", environments.CACHE / "official-client"))


def interpreter() -> Path:
    """Return the Python interpreter that has the official client, making its environment when there is none."""
    named = os.environ.get("HOPSWORKS_ORACLE_PYTHON")
    if named:
        return Path(named)
    return environments.python_with(CACHE, REQUIREMENT)


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return the variables for a client's process: none of ours leak in, bars and colours are off."""
    kept = ("PATH", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")
    clean = {name: os.environ[name] for name in kept if name in os.environ}
    return {**clean, "PYTHONDONTWRITEBYTECODE": "1", "TQDM_DISABLE": "1", **extra}
