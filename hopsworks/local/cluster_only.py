"""What only a cluster has: git, Python environments and apps. Each of their routes says so, and what to use instead."""

from __future__ import annotations

import sys

from hopsworks.local.app import ApiError, Request, Server
from hopsworks.local.routing import Handler

_VERBS = "GET POST PUT DELETE"

# The areas: what there is not and what to use instead, and the paths.
AREAS: list[tuple[str, list[str]]] = [
    (
        "The local server has no git: no repositories, no providers. Clone with git on this machine, and upload the "
        "files that the project needs: project.get_dataset_api().upload(folder, 'Resources').",
        ["project/{project_id}/git/{rest*}", "users/git/{rest*}"],
    ),
    (
        "The local server has no Python environments and installs no libraries: its jobs and deployments run in the "
        f"Python that it was started with. Install libraries there: {sys.executable} -m pip install ...",
        ["project/{project_id}/python/{rest*}"],
    ),
    (
        "The local server runs no apps. Start the program on this machine, for example with `streamlit run app.py`; "
        "hopsworks.login(host='local') works in it.",
        ["project/{project_id}/apps/{rest*}"],
    ),
]


def _refusing(sentence: str) -> Handler:
    def refuse(request: Request, server: Server) -> None:
        if "project_id" in request.params:
            server.project(request)
        raise ApiError(501, 120012, "Feature is not available.", sentence)

    return refuse


ROUTES = [(_VERBS, path, _refusing(sentence)) for sentence, paths in AREAS for path in paths]
