"""The example of homer runs as it stands, twice."""

import os
import subprocess
import sys
from pathlib import Path

import homer

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "homer_register.py"


def test_the_example_runs(local_server, local_data, local_project):
    environment = {
        **os.environ,
        "HOPSWORKS_LOCAL_DATA": str(local_data),
        "HOPSWORKS_PROJECT": local_project,
    }
    environment.pop("HOPSWORKS_HOST", None)
    for runs in (1, 2):
        done = subprocess.run(
            [sys.executable, str(EXAMPLE)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert f"the best is version {2 * runs}: Logistic regression, C=1.0" in lines
        assert "it takes sepal length (cm) (float64), " in done.stdout
        assert lines[-1] == "for its example it says [0, 1, 1]"
        with homer.connection("local", project=local_project) as connection:
            found = connection.get_model_registry().get_models("iris_species")
            assert [model.version for model in found] == list(range(2 * runs, 0, -1))
