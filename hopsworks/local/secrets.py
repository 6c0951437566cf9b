"""Secrets of the user.

They lie in the metadata store, which only the owner of the data folder can read. Their values leave it in the answer
to a request for that one secret, and are erased from its files when the secret is removed.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from hopsworks.local.access import require_role
from hopsworks.local.accounts import OWNER, RESTRICTED, User
from hopsworks.local.app import Project, Server, iso_time, json_response, now_ms
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.http import Request, Response

SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    project INTEGER,
    created INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (user, name)
) WITHOUT ROWID;
"""

VALUE_LIMIT = 9000
NAME_LIMIT = 200


def missing(name: object) -> ApiError:
    """No secret of that name."""
    return ApiError(404, 160048, "Secret not found.", f"There is no secret {name!r}.")


def exists(server: Server, user: User, name: str) -> bool:
    """Whether the user has a secret of that name."""
    return (
        server.metadata.one("SELECT 1 FROM secrets WHERE user = ? AND name = ?", (user.id, name))
        is not None
    )


def checked_scope(request: Request, server: Server, visibility: Any, scope: Any) -> int | None:
    """The project that something is shared with, one of the user's; None for visibility PRIVATE."""
    if visibility in (None, "PRIVATE"):
        return None
    if visibility != "PROJECT":
        raise illegal_argument(f"visibility must be PRIVATE or PROJECT, not {visibility!r}.")
    if not isinstance(scope, int) or isinstance(scope, bool):
        raise illegal_argument("Visibility PROJECT needs the number of a project.")
    project = server.project_by_id(scope)
    require_role(request.user, server, project, RESTRICTED)
    return project.id


def _json(row: sqlite3.Row, with_value: bool) -> dict[str, Any]:
    return {
        "name": row["name"],
        "secret": row["value"] if with_value else None,
        "addedOn": iso_time(row["created"]),
        "visibility": "PRIVATE" if row["project"] is None else "PROJECT",
        "scope": row["project"],
    }


def list_secrets(request: Request, server: Server) -> dict[str, Any]:
    """GET users/secrets: all of the user's, without values."""
    rows = server.metadata.all(
        "SELECT * FROM secrets WHERE user = ? ORDER BY name", (request.user.id,)
    )
    return {"href": request.href, "items": [_json(row, with_value=False) for row in rows]}


def _one(server: Server, user: User, name: str) -> sqlite3.Row:
    row = server.metadata.one("SELECT * FROM secrets WHERE user = ? AND name = ?", (user.id, name))
    if row is None:
        raise missing(name)
    return row


def get_secret(request: Request, server: Server) -> dict[str, Any]:
    """GET users/secrets/{name}."""
    row = _one(server, request.user, request.params["name"])
    return {"href": request.href, "items": [_json(row, with_value=True)]}


def get_shared(request: Request, server: Server) -> dict[str, Any]:
    """GET users/secrets/shared?name&owner: only what is shared with a project of the caller."""
    owner = server.accounts.named(request.query("owner") or "")
    if owner is None:
        raise ApiError(
            404, 160002, "User not found.", f"There is no user {request.query('owner')!r}."
        )
    name = request.query("name") or ""
    row = _one(server, owner, name)
    if row["project"] is None:
        raise ApiError(
            403, 160047, "Secret is private.", f"The secret {name!r} is shared with no project."
        )
    require_role(request.user, server, server.project_by_id(row["project"]), RESTRICTED)
    found = _json(row, with_value=True) | {"owner": owner.username}
    return {"href": request.href, "items": [found]}


def create_secret(request: Request, server: Server) -> Response:
    """POST users/secrets."""
    body = request.json_object()
    name, value = body.get("name"), body.get("secret")
    if not isinstance(name, str) or not name or not isinstance(value, str) or not value:
        raise ApiError(
            404, 160048, "Secret is empty.", "Both name and secret must be text and not empty."
        )
    if len(name) > NAME_LIMIT or name == "shared":
        raise illegal_argument(f"A name may have {NAME_LIMIT} characters and not be 'shared'.")
    if len(value) > VALUE_LIMIT:
        raise illegal_argument(f"A secret may have {VALUE_LIMIT} characters, not {len(value)}.")
    project = checked_scope(request, server, body.get("visibility"), body.get("scope"))
    with server.metadata.transaction() as db:
        if exists(server, request.user, name):
            raise ApiError(
                409,
                160049,
                "Secret exists.",
                f"There is a secret {name!r} already; delete it first.",
            )
        db.execute(
            "INSERT INTO secrets VALUES (?, ?, ?, ?, ?)",
            (name, value, project, now_ms(), request.user.id),
        )
    return json_response({"successMessage": f"Secret {name} added."})


def delete_secret(request: Request, server: Server) -> None:
    """DELETE users/secrets/{name}: nothing happens when there is none."""
    name = request.params["name"]
    with server.metadata.erasing() as db:
        used = db.execute(
            "SELECT name FROM env_vars WHERE user = ? AND secret = ?", (request.user.id, name)
        ).fetchone()
        if used is not None:
            raise ApiError(
                400,
                160056,
                "Secret is in use.",
                f"The environment variable {used['name']!r} takes its value from the secret {name!r}. Delete or "
                "change the variable first.",
            )
        db.execute("DELETE FROM secrets WHERE user = ? AND name = ?", (request.user.id, name))


def prepare(server: Server) -> None:
    """Give the secrets of an earlier release, which had one user, to the owner."""
    give_to_owner(server, "secrets", SCHEMA)


def give_to_owner(server: Server, table: str, schema: str) -> None:
    """Make a table that had one user's rows one of several users, whose column is the last."""
    columns = server.metadata.columns(table)
    if not columns or "user" in columns:
        return
    with server.metadata.erasing() as db:
        db.execute(f"ALTER TABLE {table} RENAME TO {table}_of_owner")
        db.execute(schema)
        db.execute(f"INSERT INTO {table} SELECT *, {OWNER} FROM {table}_of_owner")
        db.execute(f"DROP TABLE {table}_of_owner")


def on_user_deleted(server: Server, db: sqlite3.Connection, user: User) -> None:
    """A user's secrets and variables go with the account."""
    db.execute("DELETE FROM env_vars WHERE user = ?", (user.id,))
    db.execute("DELETE FROM secrets WHERE user = ?", (user.id,))


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """What was shared with the project becomes private again."""
    db.execute("UPDATE secrets SET project = NULL WHERE project = ?", (project.id,))


ROUTES = [
    ("GET", "users/secrets", list_secrets),
    ("POST", "users/secrets", create_secret),
    ("GET", "users/secrets/shared", get_shared),
    ("GET", "users/secrets/{name}", get_secret),
    ("DELETE", "users/secrets/{name}", delete_secret),
]
