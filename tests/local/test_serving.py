"""Deployments end to end: real scripts in real processes of the local server, through the public API."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import hopsworks
from hopsworks.client.exceptions import ModelServingException, RestAPIError
from hsml.resources import PredictorResources, Resources
from hsml.scaling_config import PredictorScalingConfig

# The kind of script that deployments have always had: nothing in it knows this client.
SCRIPT = '''
import os

import joblib


class Predict(object):

    def __init__(self):
        """Loads the model that was saved in the registry"""
        self.model = joblib.load(os.environ["MODEL_FILES_PATH"] + "/model.pkl")
        print("Initialization Complete")

    def predict(self, inputs):
        """Serves a prediction request"""
        print("Inputs:", inputs)
        return self.model.predict(inputs).tolist()
'''

TRANSFORMER = """
class Transformer:
    def preprocess(self, inputs):
        print("before", inputs)
        inputs["instances"] = [[row["x"]] for row in inputs["instances"]]
        return inputs

    def postprocess(self, outputs):
        outputs["predictions"] = [round(value) for value in outputs["predictions"]]
        outputs["by"] = "transformer"
        return outputs
"""


@pytest.fixture
def project(local_project):
    project = hopsworks.login(host="local", project=local_project)
    yield project
    for deployment in project.get_model_serving().get_deployments():
        deployment.delete(force=True)
    hopsworks.logout()


@pytest.fixture
def ms(project):
    return project.get_model_serving()


@pytest.fixture
def model(project, tmp_path):
    """A saved model that doubles its input."""
    regression = LinearRegression().fit([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0])
    joblib.dump(regression, tmp_path / "model.pkl")
    return (
        project.get_model_registry().sklearn.create_model("double_it").save(tmp_path / "model.pkl")
    )


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "predict_example.py"
    path.write_text(SCRIPT)
    return str(path)


def approx(values):
    return pytest.approx(values, abs=1e-9)


# --- the whole life -----------------------------------------------------------------------------------------------


def test_a_model_is_deployed_started_asked_stopped_and_deleted(model, script, ms, capfd):
    deployment = model.deploy(script_file=script)
    assert (deployment.name, deployment.version) == ("doubleit", 1)
    assert deployment.get_state().status == "Created"
    assert deployment.is_created()
    assert deployment.is_stopped()
    assert not deployment.is_stopped(or_created=False)
    assert not deployment.is_running()

    begin = time.monotonic()
    deployment.start()
    assert time.monotonic() - begin < 20
    assert deployment.is_running()
    state = deployment.get_state()
    assert (state.status, state.condition.type, state.condition.status) == (
        "Running",
        "READY",
        True,
    )
    assert state.available_predictor_instances == 1
    assert repr(state) == "PredictorState(status: 'Running')"

    assert deployment.predict(inputs=[[4.0], [5.0]])["predictions"] == approx([8.0, 10.0])
    assert deployment.predict(inputs=[4.0])["predictions"] == approx([8.0])
    assert deployment.predict({"instances": [[1.0]], "signature_name": "x"})[
        "predictions"
    ] == approx([2.0])
    assert deployment.predict(inputs=np.array([[1.5]]))["predictions"] == approx([3.0])
    assert deployment.predict(inputs=[[np.float32(2.5)]])["predictions"] == approx([5.0])

    logs = deployment.read_logs()
    assert "Initialization Complete" in logs
    assert "Inputs: [[4.0], [5.0]]" in logs
    deployment.get_logs(tail=1)
    assert "Inputs: [[2.5]]" in capfd.readouterr().out

    assert ms.get_deployment("doubleit").id == deployment.id
    begin = time.monotonic()
    deployment.stop()
    assert time.monotonic() - begin < 10
    assert deployment.is_stopped(or_created=False)
    deployment.delete()
    assert ms.get_deployment("doubleit") is None
    assert ms.get_deployment_by_id(deployment.id) is None


def test_a_deployment_is_read_back_as_it_was_saved(model, script, ms, tmp_path):
    (tmp_path / "settings.yml").write_text("a: 1")
    saved = model.deploy(
        name="with-all_of-it",
        description="doubles",
        script_file=script,
        config_file=str(tmp_path / "settings.yml"),
        resources=PredictorResources(requests=Resources(0.5, 128, 0), limits=Resources(1, 512, 0)),
        scaling_configuration=PredictorScalingConfig(
            min_instances=1, max_instances=2, scale_metric="CPU", target=70
        ),
        inference_batcher={"enabled": True, "max_batch_size": 4},
        env_vars={"MODE": "a=b"},
        environment="python-app-pipeline",
    )
    read = ms.get_deployment("with-all_of-it")
    assert read.to_dict() == saved.to_dict()
    assert read.description == "doubles"
    assert (read.script_file, read.config_file) == ("predict_example.py", "settings.yml")
    assert (read.resources.requests.memory, read.resources.limits.cores) == (128, 1)
    assert read.scaling_configuration.max_instances == 2
    assert str(read.scaling_configuration.scale_metric) == "CPU"
    assert (read.inference_batcher.enabled, read.inference_batcher.max_batch_size) == (True, 4)
    assert read.env_vars == {"MODE": "a=b"}
    assert read.environment == "python-app-pipeline"
    assert (read.model_name, read.model_version, read.model_server) == ("double_it", 1, "PYTHON")
    assert read.has_model
    assert read.get_model().to_dict() == model.to_dict()
    assert read.creator
    assert read.created_at
    assert read.requested_instances == 1
    assert repr(read) == "Deployment(name: 'with-all_of-it', description: 'doubles')"
    assert "with-all_of-it" in read._repr_html_()


def test_a_transformer_runs_before_and_after(model, script, ms, tmp_path):
    (tmp_path / "transformer.py").write_text(TRANSFORMER)
    transformer = ms.create_transformer(script_file=str(tmp_path / "transformer.py"))
    deployment = model.deploy(name="withtransformer", script_file=script, transformer=transformer)
    deployment.start()
    answer = deployment.predict(inputs=[{"x": 4.0}, {"x": 5.0}])
    assert answer == {"predictions": [8, 10], "by": "transformer"}
    assert deployment.requested_instances == 2
    assert ms.get_deployment("withtransformer").transformer.script_file == "transformer.py"


def test_the_environment_of_a_script_is_the_documented_one(project, tmp_path):
    (tmp_path / "weights.txt").write_text("7")
    (tmp_path / "env.py").write_text(
        "import os\n"
        "class Predict:\n"
        "    def predict(self, inputs):\n"
        "        names = ['DEPLOYMENT_NAME', 'DEPLOYMENT_VERSION', 'MODEL_NAME', 'MODEL_VERSION', 'MINE']\n"
        "        files = os.listdir(os.environ['MODEL_FILES_PATH'])\n"
        "        found = [os.path.basename(os.environ['SCRIPT_PATH']), os.path.isdir(os.environ['ARTIFACT_FILES_PATH'])]\n"
        "        found.append(open(os.environ['CONFIG_FILE_PATH']).read())\n"
        "        return [[os.environ.get(n) for n in names], files, found]\n"
    )
    model = project.get_model_registry().python.create_model("m").save(tmp_path / "weights.txt")
    (tmp_path / "settings.yml").write_text("a: 1")
    deployment = model.deploy(
        name="env",
        script_file=str(tmp_path / "env.py"),
        config_file=str(tmp_path / "settings.yml"),
        env_vars={"MINE": "yes"},
    )
    deployment.start()
    assert deployment.predict(inputs=[[1]])["predictions"] == [
        ["env", "1", "m", "1", "yes"],
        ["weights.txt"],
        ["env.py", True, "a: 1"],
    ]


# --- changing -----------------------------------------------------------------------------------------------------


def test_a_running_deployment_takes_a_new_script_over(model, script, ms, tmp_path):
    deployment = model.deploy(script_file=script)
    deployment.start()
    (tmp_path / "other.py").write_text(
        "class Predict:\n    def predict(self, inputs):\n        return ['other'] * len(inputs)\n"
    )
    deployment.script_file = str(tmp_path / "other.py")
    deployment.save()
    assert deployment.is_running()
    assert deployment.predict(inputs=[[1.0], [2.0]]) == {"predictions": ["other", "other"]}
    assert ms.get_deployment(deployment.name).script_file == "other.py"


def test_a_stopped_deployment_keeps_its_id_when_changed(model, script, ms):
    deployment = model.deploy(script_file=script)
    number = deployment.id
    deployment.description = "new words"
    deployment.save()
    assert deployment.id == number
    assert ms.get_deployment_by_id(number).description == "new words"


def test_the_same_name_and_model_give_the_same_deployment(model, script, caplog):
    first = model.deploy(name="once", script_file=script)
    second = model.deploy(name="once", script_file=script)
    assert second.id == first.id
    assert "'once'" in caplog.text
    assert "exists already" in caplog.text


def test_restart_starts_what_is_stopped_too(model, script):
    deployment = model.deploy(script_file=script)
    deployment.restart()
    assert deployment.is_running()
    before = deployment.get_state().revision
    deployment.restart()
    assert deployment.is_running()
    assert deployment.get_state().revision != before


# --- finding ------------------------------------------------------------------------------------------------------


def test_deployments_are_listed_by_model_and_state(model, script, ms, project, tmp_path):
    other = project.get_model_registry().sklearn.create_model("other").save(tmp_path / "model.pkl")
    one = model.deploy(name="one", script_file=script)
    two = other.deploy(name="two", script_file=script)
    two.start()
    assert {d.name for d in ms.get_deployments()} == {"one", "two"}
    assert [d.id for d in ms.get_deployments(model=model)] == [one.id]
    assert [d.id for d in ms.get_deployments(model="other")] == [two.id]
    assert [d.id for d in ms.get_deployments(status="running")] == [two.id]
    assert ms.get_deployments(status="Failed") == []
    with pytest.raises(ValueError, match=r"'Asleep'\. Use one of Creating"):
        ms.get_deployments(status="asleep")


def test_a_program_inside_a_deployment_finds_its_own(model, script, ms, monkeypatch):
    model.deploy(name="mine", script_file=script)
    with pytest.raises(ValueError, match="Pass name"):
        ms.get_deployment()
    monkeypatch.setenv("DEPLOYMENT_NAME", "mine")
    assert ms.get_deployment().name == "mine"


def test_the_handle_of_serving(ms, project):
    assert ms.project_name == project.name
    assert ms.project_path == f"/Projects/{project.name}"
    assert repr(ms) == f"ModelServing(project: {project.name!r})"
    assert isinstance(ms.get_inference_endpoints(), list)


def test_predictors_are_made_step_by_step(model, script, ms):
    predictor = ms.create_predictor(model, script_file=script)
    assert predictor.name == "doubleit"
    deployment = ms.create_deployment(
        predictor, name="stepwise", tags={"name": "owner", "value": "risk"}
    )
    assert deployment.id is None
    deployment.save()
    assert deployment.get_tag("owner") == "risk"
    deployment.add_tag("stage", {"n": 1})
    assert deployment.get_tags() == {"owner": "risk", "stage": {"n": 1}}
    deployment.delete_tag("owner")
    assert deployment.get_tag("owner") is None


# --- logs ---------------------------------------------------------------------------------------------------------


def test_logs_are_followed_as_they_come(model, script):
    deployment = model.deploy(script_file=script)
    deployment.start()
    got = []

    def follow():
        for lines in deployment.tail_logs(since=None, interval=0.1, timeout=3):
            got.append(lines)

    thread = threading.Thread(target=follow)
    thread.start()
    for number in range(3):
        time.sleep(0.4)
        deployment.predict(inputs=[[float(number)]])
    thread.join()
    lines = "".join(got).splitlines()
    assert lines.count("Initialization Complete") == 1
    assert [line for line in lines if line.startswith("Inputs")] == [
        f"Inputs: [[{n}.0]]" for n in range(3)
    ]


def test_following_ends_with_a_state(model, script):
    deployment = model.deploy(script_file=script)
    deployment.start()
    deployment.stop()
    assert list(deployment.tail_logs(interval=0.05, stop_on_status="Stopped")) in ([], [""])


# --- files --------------------------------------------------------------------------------------------------------


def test_the_files_of_a_deployment_can_be_downloaded(model, script, tmp_path):
    deployment = model.deploy(script_file=script)
    folder = deployment.download_artifact_files(str(tmp_path / "files"))
    assert (Path(folder) / "predict_example.py").read_text() == SCRIPT
    assert (Path(deployment.download_artifact_files()) / "predict_example.py").exists()


def test_scripts_in_the_project_are_used_where_they_are(model, project, script):
    project.get_dataset_api().upload(script, "Resources")
    deployment = model.deploy(name="remote", script_file="Resources/predict_example.py")
    deployment.start()
    assert deployment.predict(inputs=[[1.0]])["predictions"] == approx([2.0])


# --- failures -----------------------------------------------------------------------------------------------------


def test_a_script_that_fails_is_reported_with_its_reason(model, tmp_path):
    (tmp_path / "broken.py").write_text(
        "class Predict:\n    def __init__(self):\n        raise RuntimeError('no weights')\n"
    )
    deployment = model.deploy(name="broken", script_file=str(tmp_path / "broken.py"))
    with pytest.raises(ModelServingException, match=r"'broken' failed:.*read_logs\("):
        deployment.start()
    assert deployment.get_state().status == "Failed"
    assert "no weights" in deployment.read_logs()
    deployment.stop()
    assert deployment.is_stopped()


def test_an_error_of_the_script_points_at_the_logs(model, script):
    deployment = model.deploy(script_file=script)
    deployment.start()
    with pytest.raises(RestAPIError) as caught:
        deployment.predict(inputs=[["not a number"]])
    assert any("read_logs" in note for note in caught.value.__notes__)
    assert deployment.predict(inputs=[[1.0]])["predictions"] == approx([2.0])


def test_frames_are_rows(model, tmp_path):
    (tmp_path / "rows.py").write_text(
        "class Predict:\n    def predict(self, inputs):\n        return inputs\n"
    )
    deployment = model.deploy(name="rows", script_file=str(tmp_path / "rows.py"))
    deployment.start()
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert deployment.predict(inputs=frame) == {
        "predictions": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    }
    assert deployment.predict(inputs={"a": 1}) == {"predictions": [{"a": 1}]}
