"""Packages for tests that the project does not have: Python environments of their own, and jars."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache"
LAKEFS = ("lakefs==0.16.0", "boto3", "moto")
# This release of Spark is one that a release of Delta is for.
SPARK = ("pyspark[connect]==4.0.1", "pandas<3")


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


def official_lakefs() -> Path:
    """Return an interpreter that has the last official package ``lakefs``."""
    return python_with(CACHE / "lakefs", *LAKEFS)


def spark() -> Path:
    """Return an interpreter that has pyspark; it needs Java 17 or newer, which ``./dev test`` installs."""
    return python_with(CACHE / "spark", *SPARK)


def jars(organisation: str, module: str, release: str, sums: Path) -> Path:
    """Return a folder with the jars of a module and of all that it needs, fetching them when there is none.

    Ivy fetches them, which comes with Spark.

    Parameters:
        organisation, module, release: What Ivy calls the module.
        sums: File with the SHA-256 and the name of every jar there must be, as ``sha256sum`` writes them.
    """
    folder, fresh = CACHE / f"{module}-{release}", CACHE / f"{module}-{release}.part"
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / f".{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(fresh, ignore_errors=True)
            (ivy,) = (spark().parents[1] / "lib").glob(
                "python*/site-packages/pyspark/jars/ivy-*.jar"
            )
            asked = ["-dependency", organisation, module, release, "-types", "jar", "bundle"]
            places = [
                "-cache",
                str(CACHE / "ivy" / "cache"),
                "-retrieve",
                f"{fresh}/[artifact]-[revision].[ext]",
            ]
            done = subprocess.run(
                ["java", "-jar", str(ivy), *asked, *places],
                capture_output=True,
                text=True,
                timeout=280,
            )
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
            found = {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in fresh.iterdir()
            }
            wanted = dict(line.split()[::-1] for line in sums.read_text().splitlines())
            assert found == wanted
            fresh.rename(folder)
    return folder
