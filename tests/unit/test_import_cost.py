"""What importing the packages loads and changes: next to nothing."""

import subprocess
import sys
import textwrap

import pytest

from tests.scripted_server import ScriptedServer, Step

HEAVY = (
    "asyncio",
    "inspect",
    "dataclasses",
    "typing",
    "json",
    "logging",
    "ssl",
    "socket",
    "http.client",
    "urllib.request",
    "tempfile",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "deltalake",
    "duckdb",
    "starlette",
    "requests",
    "tqdm",
    "hopsworks.local",
)


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, "-S", "-c", textwrap.dedent(script), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )


def loaded_by(statement):
    result = run(
        f"""
        import sys
        before = set(sys.modules)
        {statement}
        print("\\n".join(set(sys.modules) - before))
        """
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


@pytest.mark.parametrize("name", ["hopsworks", "hsfs", "hsml", "homer"])
def test_an_import_loads_only_the_package_itself(name):
    loaded = loaded_by(f"import {name}")
    assert not loaded.intersection(HEAVY)
    outside = {
        module for module in loaded if not module.startswith(("hopsworks", "hsfs", "hsml", "homer"))
    }
    assert outside <= {"__future__"}


@pytest.mark.parametrize(
    "statement",
    [
        "from hopsworks import login",
        "import hopsworks.connection",
        "import hsfs.connection",
        "import homer.model_registry, homer.saving, homer.signature, homer.input_example",
        "from hopsworks.client.exceptions import RestAPIError",
    ],
)
def test_the_modules_of_login_load_no_data_frames_and_no_event_loop(statement):
    loaded = loaded_by(statement)
    unwanted = {
        "asyncio",
        "inspect",
        "dataclasses",
        "numpy",
        "pandas",
        "polars",
        "pyarrow",
        "tqdm",
        "requests",
    }
    assert not loaded.intersection(unwanted)


def test_importing_changes_no_state_of_the_process():
    result = run(
        """
        import logging, os, random, signal, sys, threading, warnings
        random.seed(7)
        before = (random.getstate(), dict(os.environ), list(warnings.filters), warnings.formatwarning,
                  list(logging.getLogger().handlers), threading.active_count(), os.getcwd(), sys.getrecursionlimit(),
                  signal.getsignal(signal.SIGINT))
        import hopsworks, hsfs, hsml
        after = (random.getstate(), dict(os.environ), list(warnings.filters), warnings.formatwarning,
                 list(logging.getLogger().handlers), threading.active_count(), os.getcwd(), sys.getrecursionlimit(),
                 signal.getsignal(signal.SIGINT))
        assert before == after
        """
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == result.stderr == ""


def test_variables_are_read_at_login_not_at_import(monkeypatch):
    result = run(
        """
        import os
        import hopsworks
        from hopsworks import config
        os.environ["HOPSWORKS_HOST"] = "late.example"
        os.environ["HOME"] = "/nonexistent"
        assert config.resolve().host == "late.example"
        """
    )
    assert result.returncode == 0, result.stderr


def test_the_codes_of_the_feature_store_are_loaded_when_asked_for():
    result = run(
        """
        import sys
        from hopsworks.client.exceptions import NotFoundError, RestAPIError
        assert "enum" not in sys.modules
        codes = NotFoundError.FeatureStoreErrorCode
        assert codes is RestAPIError.FeatureStoreErrorCode is vars(RestAPIError)["FeatureStoreErrorCode"]
        assert codes.STATISTICS_NOT_FOUND == 270228
        import pickle
        assert pickle.loads(pickle.dumps(codes.STATISTICS_NOT_FOUND)) is codes.STATISTICS_NOT_FOUND
        """
    )
    assert result.returncode == 0, result.stderr


def test_the_first_login_loads_nothing_that_takes_long():
    program = """
        import sys
        import hopsworks
        project = hopsworks.login(host=sys.argv[1], project="demo", api_key_value="key.0123456789")
        assert project.id == 119
        print("\\n".join(sys.modules))
        """
    steps = [
        Step(
            "GET /hopsworks-api/api/variables/versions",
            body=b'[{"software": "hopsworks", "version": "5.2.1"}]',
        ),
        Step(
            "GET /hopsworks-api/api/project/getProjectInfo/demo",
            body=b'{"projectId": 119, "projectName": "demo"}',
        ),
    ]
    with ScriptedServer(steps) as server:
        result = run(program, server.url)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    unwanted = {
        "contextlib",
        "collections",
        "enum",
        "functools",
        "importlib",
        "re",
        "threading",
        "traceback",
        "types",
        "warnings",
        "weakref",
    }
    assert not set(result.stdout.split()).intersection({*HEAVY, *unwanted})
