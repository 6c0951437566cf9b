"""Members of projects: each project has one, the user of the data folder, who owns it."""

from __future__ import annotations

from typing import Any

from hopsworks.local.app import Server, inline, json_response
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request, Response
from hopsworks.local.projects import membership


@inline
def members(request: Request, server: Server) -> Response:
    """GET projectMembers."""
    return json_response([membership(server, server.project(request))])


def add(request: Request, server: Server) -> Any:
    """POST projectMembers: nobody can be added, and nobody is."""
    server.project(request)
    team = request.json_object().get("projectTeam")
    keys = [m.get("projectTeamPK") for m in team or [] if isinstance(m, dict)]
    wanted = [key["teamMember"] for key in keys if isinstance(key, dict) and "teamMember" in key]
    if wanted and all(_is_owner(server, email) for email in wanted):
        raise ApiError(400, 150024, "Already a member.", f"{wanted[0]} is a member already.")
    raise ApiError(
        400,
        150081,
        "Adding members failed.",
        f"An embedded server has one user, {server.user.email}; there are no others to add. Projects with several "
        "members need a cluster.",
    )


def set_role(request: Request, server: Server) -> Any:
    """POST projectMembers/{email}: the one member is the owner, whose role is fixed."""
    raise _refusal(request, server, 150014, "The role of the owner cannot change.")


def remove(request: Request, server: Server) -> Any:
    """DELETE projectMembers/{email}: the one member is the owner, who stays."""
    raise _refusal(request, server, 150013, "The owner cannot be removed.")


def _refusal(request: Request, server: Server, code: int, message: str) -> ApiError:
    project, email = server.project(request), request.params["email"]
    if _is_owner(server, email):
        return ApiError(403, code, message, f"{email} owns project {project.name}.")
    return ApiError(
        404, 150023, "Not a member.", f"{email} is no member of project {project.name}."
    )


def _is_owner(server: Server, email: object) -> bool:
    return isinstance(email, str) and email.lower() == server.user.email.lower()


ROUTES = [
    ("GET", "project/{project_id}/projectMembers", members),
    ("POST", "project/{project_id}/projectMembers", add),
    ("POST", "project/{project_id}/projectMembers/{email}", set_role),
    ("DELETE", "project/{project_id}/projectMembers/{email}", remove),
]
