"""Deployments behind an inference gateway, against two scripted servers: the cluster, and its gateway."""

import contextlib
import copy
import json
import warnings

import pytest
from hsml_cases import FULL_DEPLOYMENT
from scripted_cluster import PROJECT as API
from scripted_cluster import json_step as step
from scripted_cluster import session_on

from hopsworks.client.exceptions import ModelServingException
from hsml.model_serving import get_model_serving
from tests.scripted_server import ScriptedServer

PREDICT = "POST /v1/demo/iris/v1/models/iris:predict"
METADATA = "GET /v1/demo/iris/v1/models/iris"
DEPLOYMENT = {**FULL_DEPLOYMENT, "status": "Running", "transformer": None}
CLUSTER = {
    "enable_data_science_profile": "true",
    "kube_kserve_installed": "true",
    "kube_serving_min_num_instances": "1",
}


def find(**changes):
    return step(
        f"GET {API}/serving?name=iris&expand=mandatorytags",
        {**copy.deepcopy(DEPLOYMENT), **changes},
    )


def state(**changes):
    return step(f"GET {API}/serving/7", {**copy.deepcopy(DEPLOYMENT), **changes})


def endpoints(gateway, kind="LOAD_BALANCER", name="HTTP"):
    port = {"name": name, "number": gateway.port}
    return step(
        f"GET {API}/inference/endpoints", [{"type": kind, "hosts": ["localhost"], "ports": [port]}]
    )


@pytest.fixture
def serving():
    """Model serving of a cluster with KServe."""
    with contextlib.ExitStack() as opened:

        def make(server, **changes):
            session = opened.enter_context(
                session_on(
                    server,
                    {"Authorization": "ApiKey outer"},
                    _variables={**CLUSTER, **changes},
                    port=server.port,
                    api_key="outer",
                    hostname_verification=True,
                    trust_store_path=None,
                )
            )
            session.cache["models_dataset"] = True
            return get_model_serving(session)

        yield make


def test_predictions_go_to_the_gateway(serving):
    answers = [
        step(
            PREDICT,
            {"predictions": [1]},
            expect_body=b'{"instances": [[4]]}',
            expect_headers={"Authorization": "ApiKey outer"},
        ),
        step(PREDICT, {"predictions": [2]}),
    ]
    with ScriptedServer(answers) as gateway:
        # The addresses are asked for once.
        with ScriptedServer([find(), endpoints(gateway)]) as server:
            deployment = serving(server).get_deployment("iris")
            assert deployment.predict(inputs=[[4]]) == {"predictions": [1]}
            assert deployment.predict(inputs=[[4]]) == {"predictions": [2]}
            base = f"http://localhost:{gateway.port}/v1/demo/iris"
            assert deployment.get_endpoint_url() == base
            assert deployment.get_inference_url() == f"{base}/v1/models/iris:predict"
            assert deployment.get_openai_url() is None
            deployment.model_server = "VLLM"
            assert deployment.get_openai_url() == f"{base}/v1"
            assert deployment.get_inference_url() is None


def test_programs_inside_the_cluster_use_its_own_address(serving, monkeypatch):
    monkeypatch.setenv("SERVING_API_KEY", "inner")
    with ScriptedServer(
        [step(PREDICT, {"predictions": []}, expect_headers={"Authorization": "ApiKey inner"})]
    ) as gateway:
        with ScriptedServer([find(), endpoints(gateway, "KUBE_CLUSTER")]) as server:
            assert serving(server).get_deployment("iris").predict(inputs=[[4]]) == {
                "predictions": []
            }


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [{"type": "NODE", "hosts": ["h"], "ports": []}],
        [{"type": "LOAD_BALANCER", "hosts": [], "ports": []}],
    ],
)
def test_without_a_gateway_predictions_go_through_hopsworks(serving, sent):
    steps = [
        find(),
        step(f"GET {API}/inference/endpoints", sent),
        step(f"POST {API}/inference/models/iris:predict", {"predictions": [3]}),
    ]
    with ScriptedServer(steps) as server:
        deployment = serving(server).get_deployment("iris")
        assert deployment.predict(inputs=[[4]]) == {"predictions": [3]}
        assert deployment.get_endpoint_url() is None
        assert deployment.get_openai_url() is None
        assert deployment.get_inference_url() == f"{server.url}{API}/inference/models/iris:predict"


def test_deployments_without_kserve_do_not_ask_for_a_gateway(serving):
    steps = [
        find(servingTool="DEFAULT"),
        step(f"POST {API}/inference/models/iris:predict", {"predictions": [3]}),
    ]
    with ScriptedServer(steps) as server:
        assert serving(server).get_deployment("iris").predict(inputs=[[4]]) == {"predictions": [3]}


def test_a_route_that_is_missing_reads_as_not_running(serving):
    with ScriptedServer([step(PREDICT, status=404)]) as gateway:
        with ScriptedServer([find(), endpoints(gateway)]) as server:
            with pytest.raises(
                ModelServingException, match=r"'iris' does not exist or does not run"
            ):
                serving(server).get_deployment("iris").predict(inputs=[[4]])


def test_a_structured_answer_of_the_predictor_is_its_own_error(serving):
    from hopsworks.client.exceptions import RestAPIError

    body = {"detail": {"code": "ENTITY_NOT_FOUND", "message": "no such key"}}
    with ScriptedServer([step(PREDICT, body, 404)]) as gateway:
        with ScriptedServer([find(), endpoints(gateway)]) as server:
            with pytest.raises(RestAPIError) as caught:
                serving(server).get_deployment("iris").predict(inputs=[[4]])
    assert caught.value.response.json() == body


STOPPED = {"status": "Stopped", "availableInstances": 0}


def test_a_start_waits_for_the_route(serving):
    with ScriptedServer(
        [step(METADATA, status=404, times=3), step(METADATA, {"name": "iris"})]
    ) as gateway:
        steps = [
            find(),
            state(**STOPPED),
            step(f"POST {API}/serving/7?action=START"),
            state(),
            endpoints(gateway),
        ]
        with ScriptedServer(steps) as server:
            serving(server).get_deployment("iris").start()


def test_any_answer_of_the_model_server_is_a_route(serving):
    with ScriptedServer([step(METADATA, {"detail": "no such page"}, 404)]) as gateway:
        steps = [
            find(),
            state(**STOPPED),
            step(f"POST {API}/serving/7?action=START"),
            state(),
            endpoints(gateway),
        ]
        with ScriptedServer(steps) as server:
            serving(server).get_deployment("iris").start()


def test_a_route_that_does_not_come_is_only_warned_of(serving):
    with ScriptedServer([step(METADATA, status=404, times=40)], ordered=True) as gateway:
        steps = [
            find(),
            state(**STOPPED),
            step(f"POST {API}/serving/7?action=START"),
            state(),
            endpoints(gateway),
        ]
        with ScriptedServer(steps) as server:
            with pytest.warns(
                UserWarning, match=r"'iris' runs, and the inference gateway does not reach it yet"
            ):
                serving(server).get_deployment("iris").start(await_running=0.5)
        gateway._steps.clear()


def test_a_gateway_that_is_down_is_only_warned_of(serving):
    with ScriptedServer([]) as gateway:
        pass
    steps = [
        find(),
        state(**STOPPED),
        step(f"POST {API}/serving/7?action=START"),
        state(),
        endpoints(gateway),
    ]
    with ScriptedServer(steps) as server:
        with pytest.warns(UserWarning, match="does not reach it yet"):
            serving(server).get_deployment("iris").start(await_running=0.3)


def test_image_tags_of_llm_servers(serving):
    sent = {
        "items": [{"variant": "VLLM", "tags": ["2", "1"]}, {"variant": "VLLM_OMNI", "tags": ["o"]}]
    }
    steps = [
        step(f"GET {API}/serving/vllmImageTags", sent, times=2),
        step(f"GET {API}/serving/vllmImageTags", {}),
    ]
    with ScriptedServer(steps) as server:
        ms = serving(server)
        assert ms.get_vllm_image_tags() == ["2", "1"]
        assert ms.get_vllm_image_tags("VLLM_OMNI") == ["o"]
        assert ms.get_vllm_image_tags() == []
        with pytest.raises(ValueError, match=r"variant is 'FAST'\. Use one of VLLM, VLLM_OMNI"):
            ms.get_vllm_image_tags("FAST")


def test_endpoints_are_deployed_from_git(serving):
    saved = {**copy.deepcopy(DEPLOYMENT), "name": "api", "id": 9, "status": "Created"}
    for key in ("modelName", "modelPath", "modelVersion", "modelFramework"):
        del saved[key]
    with ScriptedServer([step(f"PUT {API}/serving", saved, 201)]) as server:
        predictor = serving(server).create_endpoint(
            "api", "app/serve.py", git_url="https://example.org/a.git", git_provider="github", git_branch="main",
            git_auto_redeploy=True,
        )  # fmt: skip
        deployment = predictor.deploy()
        sent = json.loads(server.requests[0].body)
    assert (sent["predictor"], sent["gitUrl"], sent["gitProvider"]) == (
        "app/serve.py",
        "https://example.org/a.git",
        "GitHub",
    )
    assert (sent["gitBranch"], sent["gitAutoRedeploy"], "modelName" in sent) == (
        "main",
        True,
        False,
    )
    assert (deployment.id, deployment.has_model) == (9, False)


WRONG_GIT = {
    "no repository": ({"git_branch": "main"}, r"'api' has git_branch and no git_url\. Pass the repository"),
    "redeploy alone": ({"git_auto_redeploy": True}, r"git_auto_redeploy and no git_url"),
    "an insecure address": ({"git_url": "http://x"}, r"git_url 'http://x'\. Pass an address that begins with https"),
    "no provider": ({"git_url": "https://x"}, r"git_provider None\. Use one of GitHub, GitLab, BitBucket"),
    "a branch": ({"git_url": "https://x", "git_provider": "GitLab", "git_branch": "a b"}, r"git_branch 'a b'\. Use letters"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_GIT)
def test_git_settings_that_cannot_be(serving, case):
    settings, message = WRONG_GIT[case]
    with ScriptedServer([]) as server, pytest.raises(ValueError, match=message):
        serving(server).create_endpoint("api", "serve.py", **settings)


@pytest.mark.parametrize("script", ["/serve.py", "../serve.py", "serve.sh"])
def test_programs_stay_inside_their_repository(serving, script):
    with (
        ScriptedServer([]) as server,
        pytest.raises(ValueError, match=r"Pass the path of a \.py file inside"),
    ):
        serving(server).create_endpoint("api", script, git_url="https://x", git_provider="GitHub")


def test_preparing_opens_the_connection_that_predictions_use(serving):
    answers = [step(METADATA, {"detail": "not there"}, 404), step(PREDICT, {"predictions": [1]})]
    with ScriptedServer(answers) as gateway:
        with ScriptedServer([find(), endpoints(gateway)]) as server:
            deployment = serving(server).get_deployment("iris")
            deployment.init_predict()
            assert deployment.predict(inputs=[[4]]) == {"predictions": [1]}
        assert gateway.connections == 1


def test_preparing_without_a_gateway_asks_for_nothing(serving):
    with ScriptedServer([find(servingTool="DEFAULT")]) as server:
        serving(server).get_deployment("iris").init_predict()
        assert len(server.requests) == 1


def test_preparing_tells_of_a_gateway_that_is_down(serving):
    from hopsworks.client.exceptions import ServiceUnreachableError

    with ScriptedServer([]) as gateway:
        pass
    with ScriptedServer([find(), endpoints(gateway)]) as server:
        with pytest.raises(ServiceUnreachableError):
            serving(server).get_deployment("iris").init_predict()


def test_nothing_is_warned_of_without_reason(serving):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ScriptedServer([find()]) as server:
            assert serving(server).get_deployment("iris").name == "iris"
