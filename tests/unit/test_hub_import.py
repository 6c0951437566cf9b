"""Importing models from Hugging Face, against a scripted server."""

import contextlib

import pytest
from scripted_cluster import json_step as step
from scripted_cluster import session_on

from hopsworks.client.exceptions import HuggingFaceImportException, RestAPIError
from hsml.model_registry import get_model_registry
from tests.scripted_server import ScriptedServer

HUB = "/hopsworks-api/api/project/119/modelregistries/119/models/huggingface"
LIST = "GET /hopsworks-api/api/project/119/modelregistries/119/models?expand=trainingdatasets&filter_by=name_eq%3AQwen2_5_0_5B"


def state(status, **more):
    return step(
        f"GET {HUB}/status/j1", {"status": status, "totalFiles": 2, "completedFiles": 1, **more}
    )


def models(*versions):
    items = [
        {"id": f"m_{v}", "name": "Qwen2_5_0_5B", "version": v, "framework": "LLM"} for v in versions
    ]
    return step(LIST, {"count": len(items), "items": items})


STARTED = step(f"POST {HUB}", {"jobId": "j1"}, 202)


@pytest.fixture
def registry():
    with contextlib.ExitStack() as opened:

        def make(server):
            session = opened.enter_context(session_on(server))
            session.cache["models_dataset"] = True
            return get_model_registry(session)

        yield make


def test_an_import_is_awaited_and_found(registry):
    start = step(
        f"POST {HUB}",
        {"jobId": "j1"},
        202,
        expect_body=b'{"huggingFaceModelId": "Qwen/Qwen2.5-0.5B", "hfToken": "t", "selectedFormats": ["safetensors"], "revision": "main"}',
    )
    with ScriptedServer(
        [start, state("QUEUED"), state("RUNNING"), state("COMPLETED"), models(1, 3, 2)]
    ) as server:
        model = registry(server).hf_download(
            "Qwen/Qwen2.5-0.5B", hf_token="t", selected_formats=["safetensors"], revision="main"
        )
    assert (model.name, model.version, type(model).__module__) == (
        "Qwen2_5_0_5B",
        3,
        "hsml.llm.model",
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("auth_required: ask for access", "auth_required"),
        (None, "unknown_error"),
        ("no_disk_space", "no_disk_space"),
    ],
)
def test_an_import_that_fails_says_why(registry, error, code):
    with ScriptedServer([STARTED, state("FAILED", error=error)]) as server:
        with pytest.raises(HuggingFaceImportException) as caught:
            registry(server).hf_download("a/b")
    assert caught.value.error_code == code
    assert str(caught.value) == (error or "The import of 'a/b' ended as FAILED.")


@pytest.mark.parametrize("key", ["error", "errorCode"])
def test_an_import_that_cannot_begin_says_why(registry, key):
    body = {key: "model_not_found", "errorMsg": "no such repository", "usrMsg": "look again"}
    with ScriptedServer([step(f"POST {HUB}", body, 400)]) as server:
        with pytest.raises(HuggingFaceImportException, match="look again") as caught:
            registry(server).hf_download("a/b")
    assert caught.value.error_code == HuggingFaceImportException.MODEL_NOT_FOUND


def test_other_refusals_stay_what_they_are(registry):
    with ScriptedServer(
        [step(f"POST {HUB}", {"errorCode": 360007, "errorMsg": "no"}, 403)]
    ) as server:
        with pytest.raises(RestAPIError) as caught:
            registry(server).hf_download("a/b")
    assert caught.value.error_code == 360007


def test_an_import_that_takes_too_long_is_cancelled(registry):
    cancel = step(f"DELETE {HUB}/status/j1?cleanup=true", status=204)
    with ScriptedServer([STARTED, state("RUNNING"), cancel]) as server:
        with pytest.raises(
            HuggingFaceImportException, match=r"'a/b' did not end within 0 s and was cancelled"
        ):
            registry(server).hf_download("a/b", timeout=0)


def test_an_import_without_a_result_is_told(registry):
    listing = step(LIST.replace("Qwen2_5_0_5B", "b"), {"count": 0})
    with ScriptedServer([STARTED, state("COMPLETED"), listing]) as server:
        with pytest.raises(
            HuggingFaceImportException, match=r"no model 'b' is in the registry"
        ) as caught:
            registry(server).hf_download("a/b")
    assert caught.value.error_code == "registration_failed"


def test_a_start_without_a_job_is_told(registry):
    with ScriptedServer([step(f"POST {HUB}", {}, 202)]) as server:
        with pytest.raises(HuggingFaceImportException, match="did not say which job"):
            registry(server).hf_download("a/b")


def test_a_repository_must_be_named(registry):
    with (
        ScriptedServer([]) as server,
        pytest.raises(ValueError, match=r"hugging_face_model_id is ''\. Pass the name"),
    ):
        registry(server).hf_download("")
