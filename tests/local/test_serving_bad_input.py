"""Deployments that cannot be made or asked: what is said, and how many requests are sent."""

from __future__ import annotations

import contextlib

import pytest
from relay import Fault

from hopsworks.client.exceptions import ConflictError, ModelServingException, RestAPIError
from hsml.deployment import Deployment
from hsml.inference_logger import InferenceLogger
from hsml.model_registry import get_model_registry
from hsml.model_serving import get_model_serving
from hsml.resources import PredictorResources
from hsml.scaling_config import PredictorScalingConfig

SCRIPT = "class Predict:\n    def predict(self, inputs):\n        return inputs\n"


@pytest.fixture
def model(session, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"abc")
    return get_model_registry(session).python.create_model("m").save(tmp_path / "model.pkl")


@pytest.fixture
def ms(session, model):
    return get_model_serving(session)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "predict.py"
    path.write_text(SCRIPT)
    return str(path)


@pytest.fixture
def deployment(ms, model, script):
    deployment = model.deploy(name="dep", script_file=script)
    yield deployment
    with contextlib.suppress(ModelServingException):
        deployment.delete(force=True)


@contextlib.contextmanager
def nothing_sent(relay, verbs=()):
    """Within the block no request is sent but of the given verbs."""
    before = len(relay.requests)
    yield
    assert {verb for verb, _ in relay.requests[before:]} <= set(verbs)


# --- predictions --------------------------------------------------------------------------------------------------

NO_ROWS = {
    "both": ({"data": {"instances": [[1]]}, "inputs": [[1]]}, r"both data and inputs\. Pass one"),
    "neither": ({}, r"neither data nor inputs\. Pass inputs"),
    "a number": ({"inputs": 3}, r"inputs is of type int\. Pass a list of rows"),
    "a text": ({"inputs": "row"}, r"inputs is of type str\. Pass a list of rows"),
    "an empty list": ({"inputs": []}, r"inputs is an empty list\. Pass at least one row"),
    "an empty row": ({"inputs": [[]]}, r"first row of inputs is an empty list\. Pass at least one value"),
    "an object": ({"inputs": [[object()]]}, r"a value that JSON cannot carry.*Pass numbers"),
    "data without rows": ({"data": {"rows": [[1]]}}, r"data has no 'instances' \(keys: rows\)\. Pass"),
    "data that is a list": ({"data": [[1]]}, r"data is of type list\. Pass a dict with 'instances'"),
    "instances that are no list": ({"data": {"instances": 3}}, r"data\['instances'\] is of type int\. Pass a list"),
    "no instances": ({"data": {"instances": []}}, r"data\['instances'\] is an empty list\. Pass at least"),
    "no inputs": ({"data": {"inputs": []}}, r"data\['inputs'\] is an empty list\. Pass at least"),
    "single values": ({"data": {"instances": [1, 2]}}, r"data\['instances'\] holds single values\. Pass a list of rows"),
    "an empty object": ({"data": {"instances": [{}]}}, r"first row of data\['instances'\] is empty\. Pass"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_ROWS)
def test_rows_that_are_none(relay, deployment, case):
    arguments, message = NO_ROWS[case]
    with nothing_sent(relay), pytest.raises(ModelServingException, match=message):
        deployment.predict(**arguments)


def test_servers_that_predict_does_not_talk_to(relay, deployment):
    deployment.model_server = "VLLM"
    with (
        nothing_sent(relay),
        pytest.raises(ModelServingException, match=r"'dep' serves a large.*OpenAI"),
    ):
        deployment.predict(inputs=[[1]])
    deployment.model_server = "PYTHON"
    deployment.api_protocol = "GRPC"
    with (
        nothing_sent(relay),
        pytest.raises(ModelServingException, match=r"'dep' takes gRPC.*api_protocol='REST'"),
    ):
        deployment.predict(inputs=[[1]])


def test_a_deployment_that_does_not_run(relay, deployment):
    before = len(relay.requests)
    with pytest.raises(
        ModelServingException,
        match=r"'dep' does not exist or does not run\. Start it with start\(\)",
    ):
        deployment.predict(inputs=[[1]])
    assert len(relay.requests) == before + 1


def test_a_prediction_is_never_sent_twice(relay, deployment):
    deployment.start()
    before = len(relay.sent("POST"))
    relay.fail("POST", ":predict", Fault(503, 0))
    with pytest.raises(RestAPIError) as caught:
        deployment.predict(inputs=[[1]])
    assert caught.value.response.status_code == 503
    assert len(relay.sent("POST")) == before + 1


# --- predictors ---------------------------------------------------------------------------------------------------


def test_a_python_model_without_script(relay, ms, model):
    with (
        nothing_sent(relay),
        pytest.raises(ValueError, match=r"'m' of a Python model needs a script\. Pass script_file"),
    ):
        model.deploy()


@pytest.mark.parametrize("framework", ["tensorflow", "torch", "llm"])
def test_rules_of_frameworks(relay, session, ms, tmp_path, script, framework):
    model = (
        getattr(get_model_registry(session), framework)
        .create_model("other")
        .save(tmp_path / "model.pkl")
    )
    arguments, message = {
        "tensorflow": ({"script_file": script}, r"TensorFlow model takes no script.*Leave it out"),
        "torch": ({}, r"'other' of a Python model needs a script"),
        "llm": ({"vllm_variant": "FAST"}, r"vllm_variant is 'FAST'\. Use one of VLLM, VLLM_OMNI"),
    }[framework]
    with nothing_sent(relay, {"GET"}), pytest.raises(ValueError, match=message):
        ms.create_predictor(model, **arguments)


REFUSED = {
    "a serving tool": ({"serving_tool": "MAGIC"}, r"serving_tool is 'MAGIC'\. Use one of DEFAULT, KSERVE"),
    "reserved variables": ({"env_vars": {"SERVING_SCHEMA_ID": "1"}}, r"SERVING_SCHEMA_ID is set by Hopsworks.*Remove it"),
    "resources": ({"resources": 3}, r"resources is of type int\. Pass a PredictorResources"),
    "a batcher": ({"inference_batcher": "yes"}, r"inference_batcher is of type str\. Pass a InferenceBatcher"),
    "a logger": ({"inference_logger": "ALL"}, r"inference_logger is of type str\. Pass a InferenceLogger"),
    "a transformer": ({"transformer": "t.py"}, r"transformer is of type str\. Pass a Transformer"),
    "no instances": (
        {"scaling_configuration": {"max_instances": 2}}, r"no 'min_instances'; found max_instances",
    ),
    "zero instances": ({"resources": {"num_instances": 0}}, r"Only KServe deployments scale to zero.*Set it to 1"),
    "a request schema": ({"schema": {"a": 1}}, r"schema describes requests.*pass script_file"),
    "the default predictor": ({"default_predictor": True}, r"default_predictor describes.*pass script_file"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_arguments_that_do_not_fit(relay, ms, model, script, case):
    arguments, message = REFUSED[case]
    with nothing_sent(relay, {"GET"}), pytest.raises(ValueError, match=message):
        model.deploy(script_file=script, **arguments)
    assert ms.get_deployments() == []


def test_words_that_do_not_exist():
    with pytest.raises(ValueError, match=r"scale_metric is 'LOAD'\. Use one of CONCURRENCY, RPS"):
        PredictorScalingConfig(min_instances=1, scale_metric="LOAD")
    with pytest.raises(ValueError, match=r"autoscaler is 'MINE'\. Use one of HPA, KEDA"):
        PredictorScalingConfig(min_instances=1, autoscaler="MINE")
    with pytest.raises(ValueError, match="needs min_instances"):
        PredictorScalingConfig(max_instances=3)
    with pytest.raises(ValueError, match="names no metric"):
        PredictorScalingConfig(min_instances=1, additional_scale_metrics=[{"target": 3}])
    with pytest.raises(ValueError, match=r"mode 'SOME' does not exist\. Use one of ALL"):
        InferenceLogger(mode="SOME")
    with pytest.raises(ValueError, match=r"requests is of type str\. Pass a Resources"):
        PredictorResources(requests="much")


def test_unknown_words_of_a_newer_server_are_left_out():
    with pytest.warns(UserWarning, match="unknown scale metric 'MOOD'"):
        config = PredictorScalingConfig.from_response_json(
            {"minInstances": 1, "scaleMetric": "MOOD"}
        )
    assert config.scale_metric is None


def test_a_model_that_is_none(relay, session, ms):
    with (
        nothing_sent(relay),
        pytest.raises(ValueError, match=r"'new' is not saved yet\. Call model\.save"),
    ):
        ms.create_predictor(
            get_model_registry(session).python.create_model("new"), script_file="x.py"
        )
    with pytest.raises(ModelServingException, match="needs a predictor"):
        Deployment(None)
    with pytest.raises(ValueError, match=r"predictor is of type str\. Pass a predictor"):
        Deployment("predictor")


# --- saving -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two words", "", "a/b", "../x"])
def test_names_that_are_not_allowed(relay, ms, model, script, name):
    predictor = ms.create_predictor(model, name=name, script_file=script)
    with (
        nothing_sent(relay),
        pytest.raises(ValueError, match=r"deployment name .* is not allowed\. Use letters"),
    ):
        predictor.deploy()


def test_files_that_do_not_exist(relay, ms, model, script, api, tmp_path):
    (tmp_path / "predict.txt").write_text("x")
    with (
        nothing_sent(relay, {"GET"}),
        pytest.raises(ValueError, match=r"script_file is 'no\.py'.*working directory.*Pass"),
    ):
        model.deploy(script_file="no.py")
    with (
        nothing_sent(relay, {"GET"}),
        pytest.raises(ValueError, match=r"predict\.txt', which is no Python file\. Pass"),
    ):
        model.deploy(script_file=str(tmp_path / "predict.txt"))
    with nothing_sent(relay, {"GET"}), pytest.raises(ValueError, match=r"config_file is 'no\.yml'"):
        model.deploy(script_file=script, config_file="no.yml")
    transformer = ms.create_transformer(script_file="no_transformer.py")
    with (
        nothing_sent(relay, {"GET"}),
        pytest.raises(ValueError, match=r"transformer\.script_file is 'no_transformer\.py'"),
    ):
        model.deploy(script_file=script, transformer=transformer)
    assert not list((api.folder / "Deployments").iterdir())


def test_a_name_that_another_model_has(relay, session, ms, deployment, script, tmp_path):
    other = get_model_registry(session).python.create_model("other").save(tmp_path / "model.pkl")
    with pytest.raises(RestAPIError) as caught:
        other.deploy(name="dep", script_file=script)
    assert isinstance(caught.value, ConflictError)
    assert caught.value.error_code == 240011
    assert "'dep' serves model 'm' version 1. Choose another name" in caught.value.__notes__[0]
    assert ms.get_deployment("dep").model_name == "m"


def test_a_failed_create_leaves_no_deployment(relay, ms, model, script):
    relay.fail("PUT", "/serving", Fault(500, 240002))
    with pytest.raises(RestAPIError):
        model.deploy(name="dep", script_file=script)
    assert ms.get_deployments() == []


def test_new_versions_need_a_deployment_and_a_server_that_keeps_them(
    relay, ms, model, script, deployment
):
    fresh = ms.create_deployment(ms.create_predictor(model, name="fresh", script_file=script))
    with (
        nothing_sent(relay),
        pytest.raises(
            ModelServingException, match=r"'fresh' is not saved yet.*without new_version"
        ),
    ):
        fresh.save(new_version=True)
    relay.fail("GET", "/versions", Fault(404, 0))
    with (
        nothing_sent(relay, {"GET"}),
        pytest.raises(
            ModelServingException, match=r"keeps no versions.*'dep'.*without new_version"
        ),
    ):
        deployment.save(new_version=True)


# --- life ---------------------------------------------------------------------------------------------------------


def test_an_unsaved_deployment_has_no_state(relay, ms, model, script):
    deployment = ms.create_deployment(ms.create_predictor(model, name="fresh", script_file=script))
    for call in (
        deployment.get_state,
        deployment.start,
        deployment.stop,
        deployment.delete,
        deployment.is_running,
    ):
        with (
            nothing_sent(relay),
            pytest.raises(ModelServingException, match=r"'fresh' is not saved yet\. Call save\(\)"),
        ):
            call()


def test_a_deployment_that_was_deleted(relay, ms, deployment):
    ms.get_deployment("dep").delete()
    with pytest.raises(ModelServingException, match=r"'dep' \(id \d+\) does not exist any more"):
        deployment.get_state()


def test_a_running_deployment_is_not_deleted_by_accident(relay, ms, deployment):
    deployment.start()
    with (
        nothing_sent(relay, {"GET"}),
        pytest.raises(ModelServingException, match=r"'dep' is running\. Stop it first"),
    ):
        deployment.delete()
    assert deployment.is_running()
    deployment.delete(force=True)
    assert ms.get_deployment("dep") is None


def test_starting_and_stopping_twice_sends_nothing(relay, deployment, caplog):
    caplog.set_level("INFO")
    deployment.start()
    before = len(relay.sent("POST"))
    deployment.start()
    deployment.stop()
    deployment.stop()
    assert len(relay.sent("POST")) == before + 1
    assert "'dep' is running already" in caplog.text
    assert "'dep' is stopped already" in caplog.text


def test_a_wait_that_is_too_short_says_where_things_stand(relay, ms, model, tmp_path):
    (tmp_path / "slow.py").write_text(f"import time\ntime.sleep(2)\n{SCRIPT}")
    deployment = model.deploy(name="slow", script_file=str(tmp_path / "slow.py"))
    with pytest.raises(
        ModelServingException,
        match=r"'slow' is Starting after 0\.3 s and not yet Running.*get_state\(\)",
    ):
        deployment.start(await_running=0.3)
    with pytest.raises(
        ModelServingException, match=r"'slow' is starting and cannot be changed now\. Wait"
    ):
        deployment.save()
    deployment.delete(force=True)


def test_a_start_that_the_server_refuses_is_stopped_again(relay, deployment):
    relay.fail("POST", "action=START", Fault(500, 240004))
    before = len(relay.sent("POST"))
    with pytest.raises(RestAPIError) as caught:
        deployment.start()
    assert caught.value.error_code == 240004
    assert [path.rpartition("=")[2] for path in relay.sent("POST")[before:]] == ["START", "STOP"]


def test_components_that_do_not_exist(relay, deployment):
    for call in (deployment.get_logs, deployment.read_logs, deployment.tail_logs):
        with (
            nothing_sent(relay),
            pytest.raises(ValueError, match=r"component is 'engine'\. Use one of predictor"),
        ):
            call(component="engine")


def test_a_log_source_that_is_gone(deployment):
    with pytest.warns(DeprecationWarning, match="source='opensearch' is deprecated"):
        deployment.read_logs(source="opensearch")
