"""Projects, as those see them who are members."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from hopsworks.local.access import require_role
from hopsworks.local.accounts import RESTRICTED, user_json
from hopsworks.local.app import Project, Server, inline, iso_time, json_response
from hopsworks.local.errors import ApiError, project_not_found
from hopsworks.local.file_changes import remove_tree
from hopsworks.local.folders import sync_folder
from hopsworks.local.http import Request, Response
from hopsworks.local.sharing import FEATURE_STORE, sharing
from hopsworks.local.users import owned_projects

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
    FEATURE_STORE,
]
_RESERVED = frozenset(("projects", "hops_system", "python38"))


def membership(server: Server, project: Project, number: int) -> dict[str, Any]:
    """The membership of a user in a project."""
    user = server.accounts.user(number)
    member = server.accounts.members(project.id)[number]
    return {
        "projectTeamPK": {"projectId": project.id, "teamMember": user.email},
        "teamRole": member.role,
        "timestamp": iso_time(member.added),
        "project": {
            "id": project.id,
            "name": project.name,
            "created": iso_time(project.created),
            "description": project.description,
            "owner": user_json(server.accounts.user(project.owner)),
        },
        "user": user_json(user),
    }


def project_json(server: Server, project: Project) -> dict[str, Any]:
    """The project object."""
    found = project.folder.stat() if project.folder.exists() else None
    return {
        "projectId": project.id,
        "projectName": project.name,
        "owner": server.accounts.user(project.owner).email,
        "description": project.description,
        "created": iso_time(project.created),
        "services": SERVICES,
        "projectTeam": [
            membership(server, project, user) for user in server.accounts.members(project.id)
        ],
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
    user = request.user.id
    return json_response(
        [
            membership(server, server.project_by_id(number), user)
            for number in server.accounts.projects_of(user)
        ]
    )


@inline
def project_info(request: Request, server: Server) -> dict[str, Any]:
    """A project by its name."""
    project = server.project_by_name(request.params["name"])
    if project is None:
        raise project_not_found(f"named {request.params['name']!r}")
    require_role(request.user, server, project, RESTRICTED)
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
    if owned_projects(server, request.user) >= request.user.max_projects:
        raise ApiError(
            400,
            150002,
            "Too many projects.",
            f"{request.user.email} may own {request.user.max_projects} projects and has as many."
            " Delete one, or ask an administrator for more.",
        )
    try:
        server.create_project(
            name,
            body.get("description"),
            body.get("namespace"),
            body.get("featureStoreTopic"),
            request.user.id,
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
        # While no other can be made: a new project of that name must not find the files of this one.
        remove_tree(server, project.folder)
    server.forget_project(project.id)
    sharing(server).reload()
    return {"successMessage": f"Project {project.name} deleted."}


def on_project_created(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Make the folders of the datasets that every project has."""
    for dataset in BASE_DATASETS:
        (project.folder / dataset.format(name=project.name)).mkdir(
            mode=0o700, parents=True, exist_ok=True
        )
    sync_folder(project.folder)
    sync_folder(project.folder.parent)


async def on_start(server: Server) -> None:
    """Give the projects of an earlier release the dataset that stands for their feature store."""
    for project in server.all_projects():
        if project.folder.is_dir():
            (project.folder / FEATURE_STORE).mkdir(mode=0o700, exist_ok=True)


ROUTES = [
    ("GET", "project", list_projects),
    ("POST", "project", create_project),
    ("GET", "project/getProjectInfo/{name}", project_info),
    ("GET", "project/{project_id}", get_project),
    ("POST", "project/{project_id}/delete", delete_project),
]
