"""Schemas of tags. A tag that has one takes only values that the schema allows; any other name takes any value."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from hopsworks.local.app import Server, json_response
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request, Response, no_content
from hopsworks.local.json_schema import SchemaError, UnsupportedKeyword, check_schema, faults

SCHEMA = """
CREATE TABLE IF NOT EXISTS tag_schemas (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
"""

_SIMPLE_KEYWORDS = {"$schema", "$id", "title", "description", "type", "properties"}


def _missing(name: str) -> ApiError:
    return ApiError(404, 370000, "Tag schema not found.", f"There is no tag schema {name!r}.")


def _json(row: sqlite3.Row) -> dict[str, Any]:
    schema = json.loads(row["value"])
    properties = [p for p in schema.get("properties", {}).values() if isinstance(p, dict)]
    return {
        "name": row["name"],
        "value": row["value"],
        "hasNestedTypes": any(p.get("type") in ("object", "array") for p in properties),
        "hasAdditionalRules": bool(set(schema) - _SIMPLE_KEYWORDS),
    }


def _one(server: Server, name: str) -> sqlite3.Row:
    row = server.metadata.one("SELECT * FROM tag_schemas WHERE name = ?", (name,))
    if row is None:
        raise _missing(name)
    return row


def list_schemas(request: Request, server: Server) -> dict[str, Any]:
    """GET tags."""
    rows = server.metadata.all("SELECT * FROM tag_schemas ORDER BY name")
    found: dict[str, Any] = {"href": request.href, "count": len(rows)}
    if rows:
        found["items"] = [_json(row) for row in rows]
    return found


def get_schema(request: Request, server: Server) -> dict[str, Any]:
    """GET tags/{name}."""
    return {"href": request.href, **_json(_one(server, request.params["name"]))}


def create_schema(request: Request, server: Server) -> Response:
    """POST tags?name=&archive=; the body is the schema."""
    name = request.query("name") or ""
    if not name or len(name) > 255:
        raise ApiError(
            400, 370001, "Tag schema is not valid.", "The name must have 1 to 255 characters."
        )
    if request.flag("archive"):
        raise ApiError(
            501,
            120012,
            "Feature is not available.",
            "The embedded server does not keep the values of removed tags; leave archive out.",
        )
    try:
        schema = json.loads(request.body)
        check_schema(schema)
    except UnsupportedKeyword as error:
        raise ApiError(501, 120012, "Feature is not available.", str(error)) from None
    except (ValueError, SchemaError) as error:
        raise ApiError(
            400, 370001, "Tag schema is not valid.", f"The schema of {name!r}: {error}."
        ) from None
    with server.metadata.transaction() as db:
        if db.execute("SELECT 1 FROM tag_schemas WHERE name = ?", (name,)).fetchone():
            raise ApiError(
                409, 370003, "Tag schema exists.", f"There is a tag schema {name!r} already."
            )
        db.execute("INSERT INTO tag_schemas VALUES (?, ?)", (name, json.dumps(schema)))
    return json_response({"href": request.href, **_json(_one(server, name))}, 201)


def delete_schema(request: Request, server: Server) -> Response:
    """DELETE tags/{name}; tags that are attached stay."""
    name = request.params["name"]
    with server.metadata.transaction() as db:
        if not db.execute("DELETE FROM tag_schemas WHERE name = ?", (name,)).rowcount:
            raise _missing(name)
    return no_content()


def check_value(server: Server, name: str, text: str) -> None:
    """Raise the protocol's error for a value that the schema of the tag, if there is one, does not allow.

    Text arrives as JSON text or as it is, depending on the request; either may be meant.
    """
    row = server.metadata.one("SELECT value FROM tag_schemas WHERE name = ?", (name,))
    if row is None:
        return
    schema = json.loads(row["value"])
    try:
        meant = json.loads(text)
    except ValueError:
        meant = text
    found = faults(schema, meant)
    if found and faults(schema, text):
        raise ApiError(
            400,
            370005,
            "Tag value is not valid.",
            f"The schema of tag {name!r} does not allow the value: {found[0]}.",
        )


ROUTES = [
    ("GET", "tags", list_schemas),
    ("POST", "tags", create_schema),
    ("GET", "tags/{name}", get_schema),
    ("DELETE", "tags/{name}", delete_schema),
]
