"""Registries that another project shares, against a scripted server: which requests go where."""

import contextlib
import json

import pytest
from scripted_cluster import PROJECT as API
from scripted_cluster import json_step as step
from scripted_cluster import session_on

from hopsworks.client.exceptions import ModelRegistryException
from hsml.model_registry import get_model_registry
from tests.scripted_server import ScriptedServer

MODEL = {
    "id": "m_1",
    "name": "m",
    "version": 1,
    "projectName": "other",
    "framework": "PYTHON",
    "modelRegistryId": 67,
}
REGISTRIES = {"count": 1, "items": [{"id": 67, "name": "other", "href": "x"}]}
EXPAND = "expand=trainingdatasets&expand=mandatorytags"
FIELDS = "searchable=true&generate_readme=false&type=DATASET"


def missing(expect, code):
    return step(expect, {"errorCode": code, "errorMsg": "none", "usrMsg": ""}, 404)


@pytest.fixture
def session():
    with contextlib.ExitStack() as opened:
        yield lambda server: opened.enter_context(session_on(server))


def test_models_of_a_shared_registry_are_read_from_there(session):
    steps = [
        step(f"GET {API}/modelregistries", REGISTRIES),
        step(f"GET {API}/modelregistries/67/models/m_1?{EXPAND}", MODEL),
        step(
            f"GET {API}/modelregistries/67/models?expand=trainingdatasets&filter_by=name_eq%3Am",
            {"count": 1, "items": [MODEL]},
        ),
        step(
            f"GET {API}/modelregistries/67/models/m_1/tags/owner",
            {"name": "owner", "value": '{"a": 1}'},
        ),
        step(f"DELETE {API}/modelregistries/67/models/m_1", status=204),
    ]
    with ScriptedServer(steps) as server:
        mr = get_model_registry(session(server), "other")
        assert (mr.model_registry_id, mr.shared_registry_project_name, mr.project_name) == (
            67,
            "other",
            "demo",
        )
        model = mr.get_model("m", 1)
        assert model.shared_registry_project_name == "other"
        assert model.model_path == "/Projects/other/Models/m"
        assert [m.shared_registry_project_name for m in mr.get_models("m")] == ["other"]
        assert model.get_tag("owner") == {"a": 1}
        model.delete()


def test_models_are_saved_into_a_shared_registry(session, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"abc")
    folder = "%2FProjects%2Fother%2FModels%2Fm"
    steps = [
        step(f"GET {API}/modelregistries", REGISTRIES),
        step(f"GET {API}/dataset/other::Models", {"attributes": {"path": "x", "dir": True}}),
        missing(f"GET {API}/dataset/other::Models%2Fm", 110018),
        step(
            f"POST {API}/dataset/{folder}?action=create&{FIELDS}",
            {"attributes": {"path": "x"}},
            201,
        ),
        step(
            f"GET {API}/dataset/other::Models%2Fm?action=listing&offset=0&limit=1000&sort_by=NAME%3Adesc&expand=inodes",
            {"count": 0, "items": []},
        ),
        missing(f"GET {API}/modelregistries/67/models/m_1?{EXPAND}", 360000),
        step(
            f"POST {API}/dataset/{folder}%2F1?action=create&{FIELDS}",
            {"attributes": {"path": "x"}},
            201,
        ),
        step(
            f"POST {API}/dataset/{folder}%2F1%2FFiles?action=create&{FIELDS}",
            {"attributes": {"path": "x"}},
            201,
        ),
        step(f"POST {API}/dataset/upload/{folder}%2F1%2FFiles"),
        step(f"PUT {API}/modelregistries/67/models/m_1", MODEL, 201),
        step(f"GET {API}/modelregistries/67/models/m_1?{EXPAND}", MODEL),
    ]
    with ScriptedServer(steps) as server:
        mr = get_model_registry(session(server), "other")
        model = mr.python.create_model("m", metrics={"a": 1}).save(tmp_path / "model.pkl")
        assert (model.version, model.project_name) == (1, "other")
        sent = json.loads(server.requests[-2].body)
        assert (sent["id"], sent["projectName"], sent["metrics"]) == ("m_1", "other", {"a": 1})


def test_a_project_that_shares_nothing_is_named(session):
    with ScriptedServer([step(f"GET {API}/modelregistries", REGISTRIES)]) as server:
        with pytest.raises(
            ModelRegistryException,
            match=r"project 'third' is shared.*'demo'; readable registries: 'other'\.",
        ):
            get_model_registry(session(server), "third")
