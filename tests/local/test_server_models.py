"""The model registry of the local server over plain HTTP."""

from __future__ import annotations

import json

import pytest


def _put(api, name="m", version=1, **members):
    body = {
        "id": f"{name}_{version}",
        "name": name,
        "version": version,
        "projectName": api.name,
        "description": "d",
        "framework": "SKLEARN",
        "metrics": {"auc": 0.5},
        "environment": None,
        "program": None,
        "modelSchema": None,
        "inputExample": None,
        "featureView": None,
        "trainingDatasetVersion": None,
    } | members
    return api.call(
        "PUT", f"{api.p}/modelregistries/{api.id}/models/{name}_{version}", 201, json=body
    )


def _get(api, model="m_1", query="?expand=trainingdatasets&expand=mandatorytags"):
    return api.call("GET", f"{api.p}/modelregistries/{api.id}/models/{model}{query}")


def test_put_and_get(api) -> None:
    made = _put(api, metrics={"auc": 0.75, "f1Score": "1", "n": 3})
    found = _get(api)
    for model in (made, found):
        assert model["id"] == "m_1"
        assert model["modelRegistryId"] == api.id
        assert model["projectName"] == api.name
        assert model["metrics"] == {"auc": 0.75, "f1Score": 1.0, "n": 3}
        assert model["framework"] == "SKLEARN"
        assert isinstance(model["created"], int)
        assert model["creator"]["email"]
        assert "count" not in model
        assert "environment" not in model


def test_unknown_framework_is_left_out_and_wrong_refused(api) -> None:
    assert "framework" not in _put(api, framework=None)
    base = f"{api.p}/modelregistries/{api.id}/models"
    wrong = {"name": "m", "version": 2, "framework": "COBOL"}
    assert api.error("PUT", f"{base}/m_2", json=wrong) == (422, 120001)


@pytest.mark.parametrize(
    ("model", "body", "error"),
    [
        ("a-b_1", {"name": "a-b", "version": 1}, (422, 120001)),
        ("m_1", {"name": "m", "version": 0}, (422, 120001)),
        ("m_1", {"name": "m", "version": 2}, (422, 120001)),
        ("m_1", {"name": "m", "version": 1, "metrics": {"a": "x"}}, (400, 360002)),
        ("m_1", {"name": "m", "version": 1, "metrics": [1]}, (404, 360001)),
        ("huggingface", {"name": "huggingface", "version": 1}, (422, 120001)),
    ],
)
def test_what_cannot_be_registered(api, model, body, error) -> None:
    assert api.error("PUT", f"{api.p}/modelregistries/{api.id}/models/{model}", json=body) == error
    listing = api.call("GET", f"{api.p}/modelregistries/{api.id}/models")
    assert listing["count"] == 0
    assert "items" not in listing


def test_body_that_is_not_json(api) -> None:
    url = f"{api.p}/modelregistries/{api.id}/models/m_1"
    assert api.error("PUT", url, content=b"{") == (422, 120001)
    assert api.error("PUT", url, content=b"[]") == (422, 120001)


def test_missing_models_and_registries(api) -> None:
    base = f"{api.p}/modelregistries"
    assert api.error("GET", f"{base}/{api.id}/models/none_1") == (404, 360000)
    assert api.error("GET", f"{base}/999999/models/none_1") == (400, 360006)
    assert api.error("GET", f"{base}/x/models/none_1") == (400, 360006)
    assert api.error("GET", f"project/999999/modelregistries/{api.id}/models") == (404, 150004)
    assert api.call("GET", base)["items"][0]["id"] == api.id
    assert api.call("GET", f"{base}/{api.id}")["name"] == api.name


def test_second_put_changes_in_place(api) -> None:
    _put(api)
    _put(api, description="new", metrics={"auc": 1})
    listing = api.call("GET", f"{api.p}/modelregistries/{api.id}/models")
    assert listing["count"] == 1
    assert listing["items"][0]["description"] == "new"
    assert listing["items"][0]["metrics"] == {"auc": 1}


def test_names_with_underscores_and_numbers(api) -> None:
    _put(api, "a_b_1", 2)
    _put(api, "a_b", 1)
    assert _get(api, "a_b_1_2")["name"] == "a_b_1"
    assert _get(api, "a_b_1")["name"] == "a_b"


def test_list_filter_sort_page(api) -> None:
    for version, metrics in enumerate(({"auc": 0.7}, {"auc": 0.9}, {}, {"auc": 0.8}), 1):
        _put(api, "m", version, metrics=metrics)
    _put(api, "other", 1)

    def versions(query: str) -> list[int]:
        found = api.call(
            "GET", f"{api.p}/modelregistries/{api.id}/models?filter_by=name_eq:m&{query}"
        )
        return [item["version"] for item in found.get("items", [])]

    assert versions("expand=trainingdatasets") == [1, 2, 3, 4]
    assert versions("sort_by=auc:desc") == [2, 4, 1, 3]
    assert versions("sort_by=auc:asc") == [1, 4, 2, 3]
    assert versions("sort_by=auc:desc&limit=1") == [2]
    assert versions("sort_by=none:desc&limit=1") == [1]
    assert versions("offset=2&limit=5") == [3, 4]
    assert versions("filter_by=version:3") == [3]
    assert versions("filter_by=latest_version") == [4]
    base = f"{api.p}/modelregistries/{api.id}/models"
    page = api.call("GET", f"{base}?filter_by=name_eq:m&limit=1")
    assert page["count"] == 4
    assert api.call("GET", f"{base}?filter_by=name_like:the")["items"][0]["name"] == "other"
    assert api.error("GET", f"{base}?sort_by=auc:up") == (404, 310000)
    assert api.error("GET", f"{base}?filter_by=colour:red") == (404, 310000)


def test_tags(api) -> None:
    _put(
        api,
        tags={
            "count": 2,
            "items": [{"name": "a", "value": '{"x": 1}'}, {"name": "b", "value": "t"}],
        },
    )
    base = f"{api.p}/modelregistries/{api.id}/models/m_1/tags"
    found = api.call("GET", base)
    assert found["count"] == 2
    assert {t["name"]: t["value"] for t in found["items"]} == {"a": '{"x": 1}', "b": "t"}
    api.call("PUT", f"{base}/c", 201, content=json.dumps("5"))
    api.call("PUT", f"{base}/c", 200, content=json.dumps({"k": [1]}))
    assert json.loads(api.call("GET", f"{base}/c")["items"][0]["value"]) == {"k": [1]}
    api.call("DELETE", f"{base}/c", 204)
    assert api.error("GET", f"{base}/c") == (404, 370002)
    assert api.error("PUT", f"{base}/c", content=b"null") == (400, 370005)
    assert api.error("GET", f"{api.p}/modelregistries/{api.id}/models/no_1/tags") == (404, 360000)
    with_tags = _get(api, query="?expand=tags")
    assert with_tags["tags"]["count"] == 2


def test_patch(api) -> None:
    _put(api)
    url = f"{api.p}/modelregistries/{api.id}/models/m_1"
    assert api.call("PATCH", url, json={"framework": "LLM"})["framework"] == "LLM"
    assert api.error("PATCH", url, json={"framework": "X"}) == (422, 120001)


def test_delete_removes_files_and_last_folder(api) -> None:
    for version in (1, 2):
        _put(api, "m", version)
        (api.folder / "Models" / "m" / str(version) / "Files").mkdir(parents=True)
    base = f"{api.p}/modelregistries/{api.id}/models"
    api.call("DELETE", f"{base}/m_1", 204)
    assert api.error("GET", f"{base}/m_1") == (404, 360000)
    assert not (api.folder / "Models/m/1").exists()
    assert (api.folder / "Models/m/2").exists()
    api.call("DELETE", f"{base}/m_1", 204)
    api.call("DELETE", f"{base}/m_2", 204)
    assert not (api.folder / "Models/m").exists()
    assert api.error("DELETE", f"{base}/m_2") == (404, 360000)


def test_provenance_without_a_feature_view(api) -> None:
    _put(api)
    url = f"{api.p}/modelregistries/{api.id}/models/m_1/provenance/links"
    tree = api.call("GET", f"{url}?expand=provenance_artifacts&upstreamLvls=2&downstreamLvls=0")
    assert tree["node"]["artifactType"] == "MODEL"
    assert tree["upstream"] == []
    assert tree["downstream"] == []


def test_registries_of_projects_are_apart(api, local_server, local_project) -> None:
    _put(api)
    other = api.call("GET", f"project/getProjectInfo/{local_project}")["projectId"]
    assert api.call("GET", f"project/{other}/modelregistries/{other}/models")["count"] == 0
    foreign = f"project/{other}/modelregistries/{api.id}/models"
    assert api.error("GET", foreign) == (403, 360007)
    assert api.error("GET", f"project/{other}/modelregistries/4711/models") == (400, 360006)
