"""Members of projects: who they are, and what each may do."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import parse_qs

from hopsworks.local.access import require_role
from hopsworks.local.accounts import DATA_OWNER, DATA_SCIENTIST, RANKS, User
from hopsworks.local.app import Project, Server, inline, json_response, now_ms
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.file_changes import remove_tree
from hopsworks.local.http import Request, Response
from hopsworks.local.projects import membership


@inline
def members(request: Request, server: Server) -> Response:
    """GET projectMembers."""
    project = server.project(request)
    return json_response(
        [membership(server, project, user) for user in server.accounts.members(project.id)]
    )


def _role(given: Any) -> str:
    for known in RANKS:
        if isinstance(given, str) and given.casefold() == known.casefold():
            return known
    raise illegal_argument(f"The role must be one of {', '.join(RANKS)}, not {given!r}.")


def add(request: Request, server: Server) -> dict[str, Any]:
    """POST projectMembers: all that are named, or nobody."""
    project = server.project(request)
    wanted: dict[int, str] = {}
    strangers, known = [], []
    team = server.accounts.members(project.id)
    given_team = request.json_object().get("projectTeam") or []
    if not isinstance(given_team, list):
        raise illegal_argument("projectTeam must be a list of members.")
    for given in given_team:
        key = given.get("projectTeamPK") if isinstance(given, dict) else None
        email = key.get("teamMember") if isinstance(key, dict) else None
        if not isinstance(email, str):
            raise illegal_argument("Each member needs the e-mail address projectTeamPK.teamMember.")
        user = server.accounts.named(email)
        if user is None:
            strangers.append(email)
        elif user.id in team:
            known.append(email)
        else:
            wanted[user.id] = _role(given.get("teamRole") or DATA_SCIENTIST)
    if known and not wanted and not strangers:
        raise ApiError(400, 150024, "Already a member.", f"{known[0]} is a member already.")
    if known or strangers:
        reasons = [f"{email} is a member already" for email in known]
        reasons += [f"this server has no user {email}" for email in strangers]
        raise ApiError(
            400, 150081, "Adding members failed.", f"Nobody was added: {'; '.join(reasons)}."
        )
    with server.accounts.change() as db:
        for number, role in wanted.items():
            join(server, db, project, server.accounts.user(number), role)
    return {"successMessage": f"{len(wanted)} members added."}


def join(server: Server, db: sqlite3.Connection, project: Project, user: User, role: str) -> None:
    """Make a user a member, with a folder of their own in the project."""
    db.execute(
        "INSERT INTO project_members VALUES (?, ?, ?, ?)", (project.id, user.id, role, now_ms())
    )
    db.execute(
        "DELETE FROM left_folders WHERE project = ? AND username = ?", (project.id, user.username)
    )
    (project.folder / "Users" / user.username).mkdir(mode=0o700, parents=True, exist_ok=True)


def _member(request: Request, server: Server, project: Project, code: int, message: str) -> User:
    """The member that the path names; refuses the owner, who stays what they are."""
    email = request.params["email"]
    user = server.accounts.named(email)
    if user is not None and user.id == project.owner:
        raise ApiError(403, code, message, f"{email} owns project {project.name}.")
    if user is None or user.id not in server.accounts.members(project.id):
        raise ApiError(
            404, 150023, "Not a member.", f"{email} is no member of project {project.name}."
        )
    return user


def set_role(request: Request, server: Server) -> dict[str, Any]:
    """POST projectMembers/{email}: the role is in a form."""
    project = server.project(request)
    require_role(request.user, server, project, DATA_OWNER)
    user = _member(request, server, project, 150014, "The role of the owner cannot change.")
    form = parse_qs(request.body.decode("utf-8", "replace"))
    role = _role(form.get("role", [""])[0])
    with server.accounts.change() as db:
        db.execute(
            "UPDATE project_members SET role = ? WHERE project = ? AND user = ?",
            (role, project.id, user.id),
        )
    return {"successMessage": f"{user.email} is {role} now."}


def remove(request: Request, server: Server) -> dict[str, Any]:
    """DELETE projectMembers/{email}: by a data owner, or by the member, who leaves."""
    project = server.project(request)
    named = server.accounts.named(request.params["email"])
    if named is None or named.id != request.user.id:
        require_role(request.user, server, project, DATA_OWNER)
    user = _member(request, server, project, 150013, "The owner cannot be removed.")
    heir = _heir(request, server, project, user)
    home = project.folder / "Users" / user.username
    with server.accounts.change() as db:
        db.execute(
            "DELETE FROM project_members WHERE project = ? AND user = ?", (project.id, user.id)
        )
        if not request.flag("deleteHomeDir"):
            _leave_folder(db, project.id, user.username, heir.id)
    if request.flag("deleteHomeDir"):
        remove_tree(server, home)
    return {"successMessage": f"{user.email} is no member of {project.name} any more."}


def _heir(request: Request, server: Server, project: Project, leaving: User) -> User:
    """The data owner who takes over a leaving member's folder."""
    team = server.accounts.members(project.id)
    wanted = request.query("newFileOwner")
    if not wanted:
        owners = [m.user for m in team.values() if m.role == DATA_OWNER and m.user != leaving.id]
        return server.accounts.user(owners[0] if owners else project.owner)
    user = server.accounts.named(wanted)
    if user is None or user.id == leaving.id or user.id not in team:
        raise ApiError(
            404, 150023, "Not a member.", f"{wanted} is no other member of project {project.name}."
        )
    if team[user.id].role != DATA_OWNER:
        raise illegal_argument(
            f"newFileOwner must be a data owner; {wanted} is {team[user.id].role}."
        )
    return user


def _leave_folder(db: sqlite3.Connection, project: int, username: str, owner: int) -> None:
    db.execute("INSERT OR REPLACE INTO left_folders VALUES (?, ?, ?)", (project, username, owner))


def on_project_created(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Its maker is its first data owner."""
    join(server, db, project, server.accounts.user(project.owner), DATA_OWNER)


def on_user_deleted(server: Server, db: sqlite3.Connection, user: User) -> None:
    """The folders that a deleted user has in projects go to the owners of these."""
    for number in server.accounts.projects_of(user.id):
        project = server.project_by_id(number)
        _leave_folder(db, project.id, user.username, project.owner)


ROUTES = [
    ("GET", "project/{project_id}/projectMembers", members),
    ("POST", "project/{project_id}/projectMembers", add),
    ("POST", "project/{project_id}/projectMembers/{email}", set_role),
    ("DELETE", "project/{project_id}/projectMembers/{email}", remove),
]
