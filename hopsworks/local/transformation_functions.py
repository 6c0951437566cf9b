"""Transformation functions of a feature store: source text that clients run, kept by name and version."""

from __future__ import annotations

import json
from typing import Any

from hopsworks.local.app import ApiError, Request, Server, now_ms
from hopsworks.local.feature_groups import check_store, store_id

SCHEMA = """
CREATE TABLE IF NOT EXISTS transformation_functions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
"""

_REQUIRED = ("sourceCode", "name", "outputTypes")
_MODES = ("DEFAULT", "PYTHON", "PANDAS")


def create_function(request: Request, server: Server) -> Any:
    """POST transformationfunctions."""
    project = check_store(request, server)
    given = request.json_object()
    udf = dict(given.get("hopsworksUdf") or {})
    lacking = [key for key in _REQUIRED if not udf.get(key)]
    if lacking:
        raise ApiError(
            400,
            270163,
            "The transformation function is not complete.",
            f"hopsworksUdf has no {lacking[0]}.",
        )
    udf.setdefault("transformationFeatures", [])
    mode = str(udf.get("executionMode") or "DEFAULT").upper()
    if mode not in _MODES:
        raise ApiError(
            400,
            270163,
            "The execution mode is not known.",
            f"'{udf['executionMode']}' is none of {', '.join(_MODES)}.",
        )
    udf["executionMode"] = mode
    name, store = str(udf["name"]), store_id(project)
    body = {
        "featurestoreId": store,
        "hopsworksUdf": udf,
        "transformationType": given.get("transformationType"),
    }
    with server.metadata.transaction() as db:
        newest = db.execute(
            "SELECT max(version) FROM transformation_functions WHERE feature_store=? AND name=?",
            (store, name),
        ).fetchone()[0]
        version = int(given["version"]) if given.get("version") is not None else (newest or 0) + 1
        if db.execute(
            "SELECT 1 FROM transformation_functions WHERE feature_store=? AND name=? AND version=?",
            (store, name, version),
        ).fetchone():
            raise ApiError(
                400,
                270159,
                "The transformation function already exists.",
                f"Transformation function '{name}' version {version} exists already. Leave out the version for the next one.",
            )
        body["version"] = version
        cursor = db.execute(
            "INSERT INTO transformation_functions(feature_store, name, version, created, body) VALUES (?,?,?,?,?)",
            (
                store,
                name,
                version,
                now_ms(),
                json.dumps({k: v for k, v in body.items() if v is not None}),
            ),
        )
    return {"id": cursor.lastrowid, **body}


def list_functions(request: Request, server: Server) -> Any:
    """GET transformationfunctions: all, or those of a name and version."""
    project = check_store(request, server)
    name, version = request.query("name"), request.integer("version")
    rows = server.metadata.all(
        "SELECT id, body FROM transformation_functions WHERE feature_store=? AND (? IS NULL OR name=?) AND (? IS NULL OR version=?) ORDER BY name, version",
        (store_id(project), name, name, version, version),
    )
    if name is not None and not rows:
        which = f"'{name}'" + ("" if version is None else f" version {version}")
        raise ApiError(
            404,
            270160,
            "The transformation function does not exist.",
            f"There is no transformation function {which}.",
        )
    items = [{"id": row["id"], **json.loads(row["body"])} for row in rows]
    return {"href": request.href, "count": len(items), "items": items}


def delete_function(request: Request, server: Server) -> Any:
    """DELETE transformationfunctions/{id}."""
    project = check_store(request, server)
    with server.metadata.transaction() as db:
        gone = db.execute(
            "DELETE FROM transformation_functions WHERE feature_store=? AND id=?",
            (store_id(project), request.path_integer("function_id")),
        ).rowcount
    if not gone:
        raise ApiError(
            404,
            270160,
            "The transformation function does not exist.",
            f"There is no transformation function {request.params['function_id']}.",
        )


def on_project_deleted(server: Server, db: Any, project: Any) -> None:
    """Forgets the functions of a project that is being deleted."""
    db.execute("DELETE FROM transformation_functions WHERE feature_store=?", (store_id(project),))


_BASE = "project/{project_id}/featurestores/{feature_store_id}/transformationfunctions"

ROUTES = [
    ("GET", _BASE, list_functions),
    ("POST", _BASE, create_function),
    ("DELETE", _BASE + "/{function_id}", delete_function),
]
