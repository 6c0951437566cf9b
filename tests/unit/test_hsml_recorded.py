"""Models, schemas and the parts of deployments, value by value as the official client makes them."""

import importlib.util
import json
import types
import warnings
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "hsml_recorded.json").read_text("utf-8"))

# Where we differ on purpose: see docs/differences.md.
OURS = {
    # Limits below the requests are refused by servers, so ours grow with them.
    "predictor resources": {
        "requestedInstances": 2,
        "predictorResources": {
            "requests": {"cores": 3, "memory": 4096, "gpus": 0},
            "limits": {"cores": 3, "memory": 4096, "gpus": 0},
        },
    },
}


def _cases():
    spec = importlib.util.spec_from_file_location("hsml_cases", HERE / "hsml_cases.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(json.dumps(module.cases(), default=str))


@pytest.fixture(scope="module")
def values():
    """What our client makes, on a cluster without KServe, with nobody there to ask."""
    import hopsworks.open_connections

    variables = {
        "enable_data_science_profile": "true",
        "kube_kserve_installed": "false",
        "kube_serving_min_num_instances": "1",
        "kube_serving_max_num_instances": "10",
    }
    session = types.SimpleNamespace(
        variable=variables.get,
        project_name="demo",
        project_id=119,
        connection=types.SimpleNamespace(host="example.org"),
    )
    scope = types.SimpleNamespace(context=session)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hopsworks.open_connections, "default_scope", lambda: scope)
        yield _cases()


def test_the_same_cases_were_recorded(values):
    assert values.keys() == RECORDED.keys()


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_value_is_that_of_the_official_client(values, name):
    assert values[name] == OURS.get(name, RECORDED[name])
