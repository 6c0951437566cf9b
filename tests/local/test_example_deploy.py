"""The example of a deployment runs as it stands, twice."""

import os
import subprocess
import sys
from pathlib import Path

import hopsworks

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "deploy_a_model" / "deploy.py"


def test_the_example_runs(local_server, local_data, local_project):
    environment = {
        **os.environ,
        "HOPSWORKS_LOCAL_DATA": str(local_data),
        "HOPSWORKS_PROJECT": local_project,
    }
    environment.pop("HOPSWORKS_HOST", None)
    for version in (1, 2):
        done = subprocess.run(
            [sys.executable, str(EXAMPLE)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        first, second = done.stdout.splitlines()
        assert first.startswith("saved; the best version is 1 with accuracy 0.9")
        assert second.endswith(" is setosa")
        with hopsworks.connection(host="local", project=local_project) as connection:
            registry, serving = connection.get_model_registry(), connection.get_model_serving()
            assert [m.version for m in registry.get_models("iris_species")] == list(
                range(1, version + 1)
            )
            assert serving.get_deployment("iris").get_state().status == "Stopped"
