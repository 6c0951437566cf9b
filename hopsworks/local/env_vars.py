"""Environment variables of the user's account. Those that take their value from a secret keep only its name."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from hopsworks.local.app import Project, Server, iso_time, json_response, now_ms
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.http import Request, Response
from hopsworks.local.secrets import checked_scope, exists, give_to_owner, missing

SCHEMA = """
CREATE TABLE IF NOT EXISTS env_vars (
    name TEXT NOT NULL,
    value TEXT,
    secret TEXT,
    project INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (user, name)
) WITHOUT ROWID;
"""

VALUE_LIMIT = 8192
COUNT_LIMIT = 64
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Set by the server itself for what it starts.
_RESERVED = re.compile(r"API_KEY|PATH|HOME|PYTHONPATH|(HOPS|HOPSWORKS)_.*", re.IGNORECASE)


def _json(row: sqlite3.Row, with_value: bool = True) -> dict[str, Any]:
    return {
        "name": row["name"],
        "value": row["value"] if with_value else None,
        "secretName": row["secret"],
        "secretBacked": row["secret"] is not None,
        "visibility": "PRIVATE" if row["project"] is None else "PROJECT",
        "projectIdScope": row["project"],
        "addedOn": iso_time(row["created"]),
        "updatedOn": iso_time(row["updated"]),
    }


def _absent(name: str) -> ApiError:
    return ApiError(
        404,
        160070,
        "Environment variable not found.",
        f"There is no environment variable {name!r}.",
    )


def _one(request: Request, server: Server, name: str) -> dict[str, Any]:
    row = server.metadata.one(
        "SELECT * FROM env_vars WHERE user = ? AND name = ?", (request.user.id, name)
    )
    if row is None:
        raise _absent(name)
    return _json(row)


def of_account(server: Server, user: int) -> dict[str, str]:
    """The environment of the programs that are started for a user; values of secrets are those of this moment."""
    rows = server.metadata.all(
        "SELECT v.name, coalesce(v.value, s.value) value FROM env_vars v"
        " LEFT JOIN secrets s ON s.user = v.user AND s.name = v.secret WHERE v.user = ?",
        (user,),
    )
    # No environment can hold a NUL.
    return {name: value for name, value in rows if value is not None and "\0" not in value}


def list_env_vars(request: Request, server: Server) -> dict[str, Any]:
    """GET users/envvars?includeValue."""
    with_value = request.flag("includeValue")
    rows = server.metadata.all(
        "SELECT * FROM env_vars WHERE user = ? ORDER BY name", (request.user.id,)
    )
    return {"href": request.href, "items": [_json(row, with_value) for row in rows]}


def get_env_var(request: Request, server: Server) -> dict[str, Any]:
    """GET users/envvars/{name}."""
    return {"href": request.href, "items": [_one(request, server, request.params["name"])]}


def _content(
    request: Request, server: Server, name: str, body: dict[str, Any]
) -> tuple[str | None, str | None]:
    """Value and secret of a request, one of them None."""
    secret = body.get("secretName")
    if secret is not None:
        if not isinstance(secret, str) or not exists(server, request.user, secret):
            raise missing(secret)
        return None, secret
    value = body.get("value")
    if not isinstance(value, str):
        raise illegal_argument(f"{name!r} needs a value, which is text, or a secretName.")
    if len(value) > VALUE_LIMIT:
        raise illegal_argument(f"A value may have {VALUE_LIMIT} characters, not {len(value)}.")
    return value, None


def create_env_var(request: Request, server: Server) -> Response:
    """POST users/envvars."""
    body = request.json_object()
    name = body.get("name")
    if not isinstance(name, str) or len(name) > 255 or not _NAME.fullmatch(name):
        raise illegal_argument(
            f"{name!r} is no name of an environment variable: letters, digits and underscores, no digit first."
        )
    if _RESERVED.fullmatch(name):
        raise illegal_argument(f"{name!r} is set by the server itself; choose another name.")
    value, secret = _content(request, server, name, body)
    project = checked_scope(request, server, body.get("visibility"), body.get("projectIdScope"))
    with server.metadata.transaction() as db:
        mine = (request.user.id, name)
        if db.execute("SELECT 1 FROM env_vars WHERE user = ? AND name = ?", mine).fetchone():
            raise ApiError(
                409,
                120002,
                "Illegal state.",
                f"There is an environment variable {name!r} already; update it.",
            )
        count = db.execute("SELECT count(*) FROM env_vars WHERE user = ?", mine[:1]).fetchone()[0]
        if count >= COUNT_LIMIT:
            raise ApiError(
                400,
                120002,
                "Illegal state.",
                f"An account may have {COUNT_LIMIT} environment variables; delete one first.",
            )
        now = now_ms()
        db.execute(
            "INSERT INTO env_vars VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, value, secret, project, now, now, request.user.id),
        )
    return json_response({"href": request.href, "items": [_one(request, server, name)]}, 201)


def update_env_var(request: Request, server: Server) -> dict[str, Any]:
    """PUT users/envvars/{name}; the visibility stays when the body has none."""
    name, body = request.params["name"], request.json_object()
    known = _one(request, server, name)
    value, secret = _content(request, server, name, body)
    project = known.get("projectIdScope")
    if body.get("visibility") is not None:
        project = checked_scope(request, server, body["visibility"], body.get("projectIdScope"))
    with server.metadata.erasing() as db:
        db.execute(
            "UPDATE env_vars SET value = ?, secret = ?, project = ?, updated = ?"
            " WHERE user = ? AND name = ?",
            (value, secret, project, now_ms(), request.user.id, name),
        )
    return {"href": request.href, "items": [_one(request, server, name)]}


def delete_env_var(request: Request, server: Server) -> None:
    """DELETE users/envvars/{name}."""
    name = request.params["name"]
    with server.metadata.erasing() as db:
        mine = (request.user.id, name)
        if not db.execute("DELETE FROM env_vars WHERE user = ? AND name = ?", mine).rowcount:
            raise _absent(name)


def delete_all(request: Request, server: Server) -> None:
    """DELETE users/envvars."""
    with server.metadata.erasing() as db:
        db.execute("DELETE FROM env_vars WHERE user = ?", (request.user.id,))


def prepare(server: Server) -> None:
    """Give the variables of an earlier release, which had one user, to the owner."""
    give_to_owner(server, "env_vars", SCHEMA)


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """What was shared with the project becomes private again."""
    db.execute("UPDATE env_vars SET project = NULL WHERE project = ?", (project.id,))


ROUTES = [
    ("GET", "users/envvars", list_env_vars),
    ("POST", "users/envvars", create_env_var),
    ("DELETE", "users/envvars", delete_all),
    ("GET", "users/envvars/{name}", get_env_var),
    ("PUT", "users/envvars/{name}", update_env_var),
    ("DELETE", "users/envvars/{name}", delete_env_var),
]
