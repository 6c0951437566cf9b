"""Tags: small named JSON values that can be attached to models, deployments, feature groups, ...

One table for all kinds of objects; each kind mounts the same routes below its own path by
``tag_routes``. Values are kept and answered as JSON text: clients parse it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from hopsworks.local.app import Server, json_response, now_ms
from hopsworks.local.errors import ApiError, tag_not_found
from hopsworks.local.http import Request, Response, no_content
from hopsworks.local.tag_schemas import check_value

SCHEMA = """
CREATE TABLE IF NOT EXISTS tags (
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (kind, object, name)
) WITHOUT ROWID;
"""

ROUTES: list[Any] = []

KeyOf = Callable[[Request, Server], str]


def attach(server: Server, kind: str, key: str, name: str, value: Any) -> bool:
    """Attach a tag or replace its value; True when it is new.

    Text is kept as it is, anything else as JSON text. A value that the tag's schema does not allow is refused.
    """
    text = value if isinstance(value, str) else json.dumps(value)
    check_value(server, name, text)
    with server.metadata.transaction() as db:
        where = "kind = ? AND object = ? AND name = ?"
        known = db.execute(f"SELECT 1 FROM tags WHERE {where}", (kind, key, name)).fetchone()
        if known:
            db.execute(f"UPDATE tags SET value = ? WHERE {where}", (text, kind, key, name))
        else:
            db.execute("INSERT INTO tags VALUES (?, ?, ?, ?, ?)", (kind, key, name, text, now_ms()))
    return known is None


def check_all(server: Server, tags: Any) -> None:
    """Refuse a creation request whose tags :func:`attach_all` would refuse, before anything is made."""
    for name, value in _named(tags):
        check_value(server, name, value if isinstance(value, str) else json.dumps(value))


def _named(tags: Any) -> list[tuple[str, Any]]:
    items = tags.get("items") if isinstance(tags, dict) else tags
    found = [tag for tag in items or [] if isinstance(tag, dict) and tag.get("name")]
    return [(str(tag["name"]), tag.get("value")) for tag in found]


def attach_all(server: Server, kind: str, key: str, tags: Any) -> None:
    """Attach the tags of a creation request: a collection, a list, or nothing."""
    for name, value in _named(tags):
        attach(server, kind, key, name, value)


def of(server: Server, kind: str, key: str) -> list[dict[str, Any]]:
    """The tags of an object, by name."""
    rows = server.metadata.all(
        "SELECT name, value, created FROM tags WHERE kind = ? AND object = ? ORDER BY name",
        (kind, key),
    )
    return [{"name": r["name"], "value": r["value"], "createdOn": r["created"]} for r in rows]


def drop(db: sqlite3.Connection, kind: str, key: str) -> None:
    """Forget the tags of an object that is deleted."""
    db.execute("DELETE FROM tags WHERE kind = ? AND object = ?", (kind, key))


def collection(request: Request, tags: list[dict[str, Any]]) -> dict[str, Any]:
    """Tags as a collection; ``items`` only when there is one."""
    found: dict[str, Any] = {"href": request.href, "count": len(tags)}
    if tags:
        found["items"] = tags
    return found


def tag_routes(
    base: str, kind: str, key_of: KeyOf, every: str = "", one: str = ""
) -> list[tuple[str, str, Any]]:
    """The routes of the tags of one kind of object below ``base``.

    Args:
        base: the path of the object; its tags are at ``{base}/tags`` and ``{base}/tags/{tag}``.
        kind: what the objects are called in the table.
        key_of: gives the key of the object a request names, or raises the error of its absence.
        every, one: other paths of all tags and of one.
    """
    every = every or f"{base}/tags"
    one = one or f"{base}/tags/{{tag}}"

    def get_all(request: Request, server: Server) -> Response:
        return json_response(collection(request, of(server, kind, key_of(request, server))))

    def get_one(request: Request, server: Server) -> Response:
        name = request.params["tag"]
        found = [t for t in of(server, kind, key_of(request, server)) if t["name"] == name]
        if not found:
            raise tag_not_found(name)
        return json_response(collection(request, found))

    def put(request: Request, server: Server) -> Response:
        key = key_of(request, server)
        value = request.json() if request.body else None
        if value is None:
            raise ApiError(400, 370005, "Tag value is not valid.", "The value must not be null.")
        # The JSON text is what is kept: clients parse it back, so the text "5" stays a text.
        new = attach(
            server, kind, key, request.params["tag"], request.body.decode("utf-8", "replace")
        )
        return json_response(collection(request, of(server, kind, key)), 201 if new else 200)

    def put_many(request: Request, server: Server) -> Response:
        key = key_of(request, server)
        body = request.json_object()
        with server.metadata.transaction():  # all of them or none
            if "items" in body:
                attach_all(server, kind, key, body)
            else:
                for name, value in body.items():
                    attach(server, kind, key, name, value)
        return json_response(collection(request, of(server, kind, key)))

    def delete_one(request: Request, server: Server) -> Response:
        key = key_of(request, server)
        with server.metadata.transaction() as db:
            db.execute(
                "DELETE FROM tags WHERE kind = ? AND object = ? AND name = ?",
                (kind, key, request.params["tag"]),
            )
        return no_content()

    def delete_all(request: Request, server: Server) -> Response:
        with server.metadata.transaction() as db:
            drop(db, kind, key_of(request, server))
        return no_content()

    return [
        ("GET", every, get_all),
        ("PUT", every, put_many),
        ("DELETE", every, delete_all),
        ("GET", one, get_one),
        ("PUT", one, put),
        ("DELETE", one, delete_one),
    ]
