"""What the local server does not have: git, Python environments and apps. It says so, and the client passes it on."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ProjectApi

from hopsworks.client.exceptions import RestAPIError
from hopsworks.project import Project

RESOURCES = Path(__file__).parents[2] / "resources"
WORDS = {"git": "git on this machine", "environment": "-m pip install", "app": "streamlit run"}
# Paths of these areas that other areas serve too: an app is a job.
ELSEWHERE = "project/{project_id}/jobs/"


def routes() -> list[Any]:
    """Every request of the three areas, as its row in ``resources/`` has it, with the words of the remedy."""
    found = []
    for name, words in WORDS.items():
        table = tomllib.loads((RESOURCES / f"{name}.toml").read_text())
        for row in table["endpoint"]:
            if not row["path"].startswith(ELSEWHERE):
                found.append(pytest.param(row["verb"], row["path"], words, id=row["name"]))
    return found


@pytest.mark.parametrize(("verb", "path", "words"), routes())
def test_every_request_is_answered_with_a_remedy(
    api: ProjectApi, verb: str, path: str, words: str
) -> None:
    path = path.replace("{project_id}", str(api.id)).replace("{", "").replace("}", "")
    response = api.send(verb, path, json={} if verb == "POST" else None)
    answer = response.json()
    assert (response.status_code, answer["errorCode"]) == (501, 120012)
    assert "The local server" in answer["usrMsg"]
    assert words in answer["usrMsg"]


def test_an_unknown_project_is_named_first(api: ProjectApi) -> None:
    for place in ("git", "python/environments", "apps"):
        assert api.error("GET", f"project/999999/{place}") == (404, 150004)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda project: project.get_git_api().get_repos(), "git on this machine"),
        (lambda project: project.get_git_api().get_providers(), "git on this machine"),
        (
            lambda project: project.get_git_api().clone("https://a.org/x.git", "Jupyter", "GitHub"),
            "git on this machine",
        ),
        (lambda project: project.get_environment_api().get_environments(), sys.executable),
        (lambda project: project.get_environment_api().get_environment("train"), sys.executable),
        (lambda project: project.get_environment_api().create_environment("train"), "pip install"),
        (lambda project: project.get_app_api().get_apps(), "streamlit run"),
        (lambda project: project.get_app_api().get_app("board"), "streamlit run"),
    ],
)
def test_the_client_raises_the_sentence_of_the_server(
    project: Project, call: Callable[[Project], Any], words: str
) -> None:
    with pytest.raises(RestAPIError) as caught:
        call(project)
    assert caught.value.response.status_code == 501
    assert caught.value.error_code == 120012
    assert words in str(caught.value)


def test_an_app_cannot_be_made_either(project: Project) -> None:
    with pytest.raises(RestAPIError, match="needs a cluster") as caught:
        project.get_app_api().create_app("board", "Resources/board.py")
    assert caught.value.response.status_code == 501
    assert project.get_job_api().get_jobs() == []
