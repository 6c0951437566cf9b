"""What a type checker sees of the installed packages: the names of each, with their types, and misspelt ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """\
import homer
import hopsworks
import hsfs
import hsml
from hopsworks.auger import HubApiClient

project = hopsworks.login(host="local")
for connection in (hopsworks.connection("h"), hsfs.connection(host="h"), hsml.connection(host="h")):
    connection.get_project("demo").get_feature_store()
with homer.connection(host="local") as registry:
    made: homer.Model = registry.get_model_registry().sklearn.create_model("m", tags=homer.Tag("a", 1))
    registry.get_model_registry().sklearn.create("m")  # "create"
HubApiClient(hub_app_url="x", token="t").get_trials(limit=1)["data"]
HubApiClient()  # hub_app_url
HubApiClient(hub_app_url="x", tokn="t")  # tokn
hopsworks.logn()  # "logn"
hopsworks.login(hots="local")  # hots
project.get_featur_store()  # get_featur_store
hopsworks.connection(host="h").get_projetcs()  # get_projetcs
homer.conection()  # conection
hsfs.conection()  # conection
hsml.conection()  # conection
"""


def test_misspelt_names_are_found_and_others_have_types(tmp_path: Path) -> None:
    # Installed packages count for a type checker only with a marker.
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    for name in ("hopsworks", "hopsworks_common", "hsfs", "hsml", "homer"):
        (packages / name).symlink_to(ROOT / name)
        assert (ROOT / name / "py.typed").exists() == (name != "hopsworks_common")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            str(tmp_path / "cache"),
            "--python-executable",
            str(venv / "bin" / "python"),
            str(program),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        env={},
    )
    found = {
        int(line.split(":")[1]): line for line in done.stdout.splitlines() if ": error: " in line
    }
    wanted = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(PROGRAM.splitlines(), 1)
        if "  # " in line
    }
    assert found.keys() == wanted.keys(), done.stdout + done.stderr
    for number, word in wanted.items():
        assert word in found[number]
