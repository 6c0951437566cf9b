"""Projects and the one user who owns them."""

from __future__ import annotations

import re
import shutil
import sqlite3
from typing import Any

from hopsworks.local.app import Project, Server, inline, iso_time, json_response
from hopsworks.local.errors import ApiError, project_not_found
from hopsworks.local.folders import sync_folder
from hopsworks.local.http import Request, Response

SERVICES = ["JOBS", "HIVE", "SERVING", "FEATURESTORE"]
BASE_DATASETS = [
    "Logs",
    "Resources",
    "Models",
    "Deployments",
    "{name}_Training_Datasets",
    "Statistics",
    "Jupyter",
    "Experiments",
    "DataValidation",
    "Ingestion",
    "Users",
]
_RESERVED = frozenset(("projects", "hops_system", "python38"))


def user_json(server: Server) -> dict[str, Any]:
    """The user in the form that members and owners have; names in both spellings."""
    user = server.user
    return {
        "uid": user.id,
        "username": user.username,
        "email": user.email,
        "fname": user.first_name,
        "lname": user.last_name,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "status": 2,
    }


def membership(server: Server, project: Project) -> dict[str, Any]:
    """The user's membership of a project."""
    return {
        "projectTeamPK": {"projectId": project.id, "teamMember": server.user.email},
        "teamRole": "Data owner",
        "timestamp": iso_time(project.created),
        "project": {
            "id": project.id,
            "name": project.name,
            "created": iso_time(project.created),
            "description": project.description,
            "owner": user_json(server),
        },
        "user": user_json(server),
    }


def project_json(server: Server, project: Project) -> dict[str, Any]:
    """The project object."""
    found = project.folder.stat() if project.folder.exists() else None
    return {
        "projectId": project.id,
        "projectName": project.name,
        "owner": server.user.email,
        "description": project.description,
        "created": iso_time(project.created),
        "services": SERVICES,
        "projectTeam": [membership(server, project)],
        "datasets": [],
        "inodeid": found.st_ino if found else 0,
        "creationStatus": "DONE",
        "isOldDockerImage": False,
        "isPreinstalledDockerImage": True,
        "featureStoreTopic": project.feature_store_topic,
        "namespace": project.namespace,
        "projectNamespace": project.namespace,
    }


@inline
def list_projects(request: Request, server: Server) -> Response:
    """The memberships of the user, a bare array."""
    return json_response([membership(server, p) for p in server.all_projects()])


@inline
def project_info(request: Request, server: Server) -> dict[str, Any]:
    """A project by its name."""
    project = server.project_by_name(request.params["name"])
    if project is None:
        raise project_not_found(f"named {request.params['name']!r}")
    return project_json(server, project)


@inline
def get_project(request: Request, server: Server) -> dict[str, Any]:
    """A project by its id."""
    return project_json(server, server.project(request))


def check_name(name: str) -> None:
    """Raise the protocol's error for a name that no project may have."""
    if len(name) > 88:
        raise ApiError(400, 150075, "Project name too long.", "At most 88 characters are allowed.")
    if name.lower() in _RESERVED:
        raise ApiError(400, 150073, "Reserved project name.", f"{name!r} is reserved.")
    if (
        not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", name)
        or "__" in name
        or name.endswith("_")
        or name.lower().endswith("_featurestore")
        or name.isdigit()
    ):
        raise ApiError(
            400,
            150003,
            "Invalid project name.",
            f"{name!r} must consist of letters, digits and single underscores, begin with a letter"
            " or digit, not end with '_' or '_featurestore' and not be a number.",
        )


def create_project(request: Request, server: Server) -> Response:
    """Make a project with its datasets."""
    body = request.json_object()
    name = body.get("projectName") or request.query("projectName") or ""
    check_name(name)
    try:
        server.create_project(
            name, body.get("description"), body.get("namespace"), body.get("featureStoreTopic")
        )
    except sqlite3.IntegrityError:
        raise ApiError(
            409, 150001, "Project exists.", f"There is a project named {name!r} already."
        ) from None
    return json_response({"successMessage": f"Project {name} created."}, 201)


def delete_project(request: Request, server: Server) -> dict[str, Any]:
    """Delete a project, its files and all that the modules keep for it."""
    project = server.project(request)
    with server.metadata.transaction() as db:
        for module in server.modules:
            if hook := getattr(module, "on_project_deleted", None):
                hook(server, db, project)
        db.execute("DELETE FROM projects WHERE id = ?", (project.id,))
    server.forget_project(project.id)
    shutil.rmtree(project.folder, ignore_errors=True)
    return {"successMessage": f"Project {project.name} deleted."}


def on_project_created(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Make the folders of the datasets that every project has."""
    for dataset in BASE_DATASETS:
        (project.folder / dataset.format(name=project.name)).mkdir(
            mode=0o700, parents=True, exist_ok=True
        )
    (project.folder / "Users" / server.user.username).mkdir(mode=0o700, exist_ok=True)
    sync_folder(project.folder)
    sync_folder(project.folder.parent)


@inline
def profile(request: Request, server: Server) -> dict[str, Any]:
    """The profile of the user."""
    user = server.user
    return {
        "href": request.href,
        "id": user.id,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "email": user.email,
        "username": user.username,
        "accountType": "M_ACCOUNT_TYPE",
        "twoFactor": False,
        "toursState": 0,
        "status": 2,
        "maxNumProjects": 1000,
        "numActiveProjects": len(server.all_projects()),
        "role": [{"gid": 1, "groupName": "HOPS_USER", "groupDesc": "User"}],
    }


ROUTES = [
    ("GET", "project", list_projects),
    ("POST", "project", create_project),
    ("GET", "project/getProjectInfo/{name}", project_info),
    ("GET", "project/{project_id}", get_project),
    ("POST", "project/{project_id}/delete", delete_project),
    ("GET", "users/profile", profile),
]
