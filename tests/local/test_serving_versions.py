"""Versions of deployments, their stored logs and their settings of tracing and logging."""

from __future__ import annotations

from pathlib import Path

import pytest
from relay import Fault

from hopsworks.client.exceptions import ModelServingException
from hsml.deployment_logging_config import DeploymentLoggingConfig
from hsml.deployment_tracing_config import DeploymentTracingConfig
from hsml.model_registry import get_model_registry
from hsml.model_serving import get_model_serving


def script(tmp_path, answer):
    path = tmp_path / f"{answer}.py"
    path.write_text(
        f"class Predict:\n    def predict(self, inputs):\n        print('{answer} asked')\n        return ['{answer}']\n"
    )
    return str(path)


@pytest.fixture
def model(session, tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"abc")
    return get_model_registry(session).python.create_model("m").save(tmp_path / "model.pkl")


@pytest.fixture
def deployment(model, session, tmp_path):
    deployment = model.deploy(name="dep", script_file=script(tmp_path, "first"))
    yield deployment
    for left in get_model_serving(session).get_deployments():
        left.delete(force=True)


def ask(deployment):
    return deployment.predict(inputs=[[1]])["predictions"][0]


def test_a_new_version_is_made_listed_and_taken_back(deployment, tmp_path):
    deployment.start()
    assert ask(deployment) == "first"
    deployment.script_file = script(tmp_path, "second")
    deployment.save(new_version=True)
    assert deployment.version == 2
    assert ask(deployment) == "second"

    versions = deployment.get_versions()
    assert [(v.version, v.active, v.predictor) for v in versions] == [
        (2, True, "second.py"),
        (1, False, "first.py"),
    ]
    assert versions[0].model_name == "m"
    assert versions[0].predictor_scaling_config.min_instances == 1
    assert versions[0].predictor_resources.limits.memory == 1024
    assert versions[0].created
    assert repr(versions[1]) == "DeploymentVersion(version: 1, active: False)"

    deployment.rollback(versions[1])
    assert (deployment.version, deployment.script_file) == (1, "first.py")
    assert ask(deployment) == "first"
    assert [v.active for v in deployment.get_versions()] == [False, True]


def test_a_plain_save_keeps_the_version(deployment, tmp_path):
    deployment.script_file = script(tmp_path, "second")
    deployment.save()
    assert deployment.version == 1
    assert [v.version for v in deployment.get_versions()] == [1]


def test_rolling_back_to_the_active_version_sends_only_questions(deployment, relay):
    before = len(relay.requests)
    deployment.rollback(1)
    assert {verb for verb, _ in relay.requests[before:]} == {"GET"}


def test_a_version_that_does_not_exist_is_named(deployment, relay):
    before = len(relay.requests)
    with pytest.raises(
        ModelServingException, match=r"'dep' has no version 7; its versions: 1\. Choose"
    ):
        deployment.rollback(7)
    assert {verb for verb, _ in relay.requests[before:]} == {"GET"}


def test_a_server_without_versions_is_named(deployment, relay):
    relay.fail("GET", "/versions", Fault(404, 0))
    with pytest.raises(
        ModelServingException, match=r"keeps no versions.*'dep'.*older than version 5\.2"
    ):
        deployment.get_versions()


def test_an_unsaved_deployment_has_no_versions(model, session, tmp_path, relay):
    ms = get_model_serving(session)
    deployment = ms.create_deployment(
        ms.create_predictor(model, script_file=script(tmp_path, "x")), name="fresh"
    )
    before = len(relay.requests)
    with pytest.raises(ModelServingException, match=r"'fresh' is not saved yet"):
        deployment.get_versions()
    with pytest.raises(ModelServingException, match=r"'fresh' is not saved yet"):
        deployment.rollback(1)
    assert len(relay.requests) == before


def test_logs_of_ended_instances_can_be_downloaded(deployment, tmp_path):
    with pytest.raises(
        ModelServingException, match=r"No logs of deployment 'dep' are stored in Logs/Serving/dep"
    ):
        deployment.download_logs(str(tmp_path))
    with pytest.raises(
        ModelServingException, match=r"no folder '.*nowhere'\. Pass an existing folder"
    ):
        deployment.download_logs(str(tmp_path / "nowhere"))
    deployment.start()
    ask(deployment)
    deployment.stop()
    (file,) = deployment.download_logs(str(tmp_path))
    assert Path(file).parent.parent == tmp_path
    assert Path(file).parent.name.startswith("logs-deployment-dep_")
    assert "first asked" in Path(file).read_text()
    assert len(deployment.download_logs(str(tmp_path), latest=True)) == 1


def test_tracing_and_logging_settings_are_kept(deployment, session, tmp_path, model):
    ms = get_model_serving(session)
    predictor = ms.create_predictor(
        model,
        name="traced",
        script_file=script(tmp_path, "x"),
        tracing=DeploymentTracingConfig(enabled=True, otel_tracing_storage="both"),
        feature_logging={"batch_rows": 10, "transport": "realtime"},
    )
    predictor.deploy()
    read = ms.get_deployment("traced")
    assert (read.tracing.enabled, read.tracing.otel_tracing_storage) == (True, "both")
    assert (read.feature_logging.batch_rows, read.feature_logging.transport) == (10, "realtime")
    read.feature_logging.batch_rows = 20
    read.save()
    assert ms.get_deployment("traced").feature_logging.batch_rows == 20


WRONG = {
    "a zero": ({"batch_rows": 0}, r"batch_rows is 0\. Pass a whole number"),
    "a truth": ({"queue_size": True}, r"queue_size is True\. Pass a whole number"),
    "no cpu": ({"sidecar_cpu": -1}, r"sidecar_cpu is -1\. Pass a positive"),
    "a transport": ({"transport": "pigeon"}, r"transport is 'pigeon'\. Use one of realtime, job"),
    "a buffer": (
        {"transport": "realtime", "flush_bytes": 5},
        r"flush_bytes has no meaning.*transport='job'",
    ),
    "an order": ({"batch_rows": 9, "queue_size": 3}, r"batch_rows is 9 and queue_size is 3"),
}


@pytest.mark.parametrize("case", WRONG)
def test_logging_settings_that_cannot_be(case):
    arguments, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        DeploymentLoggingConfig(**arguments)


def test_a_setting_that_became_wrong_is_not_sent(deployment, relay):
    deployment.feature_logging = DeploymentLoggingConfig(batch_rows=5)
    deployment.feature_logging.batch_rows = -5
    before = len(relay.sent("PUT"))
    with pytest.raises(ValueError, match=r"batch_rows is -5"):
        deployment.save()
    assert len(relay.sent("PUT")) == before


def test_a_tracing_storage_that_does_not_exist():
    with pytest.raises(
        ValueError, match=r"otel_tracing_storage is 'attic'\. Use one of online, offline, both"
    ):
        DeploymentTracingConfig(otel_tracing_storage="attic")
