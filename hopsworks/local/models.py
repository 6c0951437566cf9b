"""The model registry: versions of models, their metadata, and the links to their training data.

The files of a version are ordinary dataset files below ``Models/<name>/<version>``; this module
keeps what is known about them.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from typing import Any

from hopsworks.local import model_links, sharing, tags
from hopsworks.local.accounts import OWNER, user_json
from hopsworks.local.app import Project, Server, json_response, now_ms
from hopsworks.local.errors import ApiError, illegal_argument, invalid_query
from hopsworks.local.file_changes import remove_tree
from hopsworks.local.http import Request, Response, no_content, number_of_digits

SCHEMA = """
CREATE TABLE IF NOT EXISTS model_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    description TEXT,
    framework TEXT,
    metrics TEXT,
    environment TEXT,
    program TEXT,
    feature_view TEXT,
    training_dataset_version INTEGER,
    created INTEGER NOT NULL,
    creator INTEGER NOT NULL DEFAULT 1,
    UNIQUE (project_id, name, version)
);
"""

FRAMEWORKS = ("TENSORFLOW", "TORCH", "PYTHON", "SKLEARN", "LLM")
RESERVED_IDS = ("huggingface",)


def model_not_found(which: str) -> ApiError:
    """No such model or version."""
    return ApiError(404, 360000, "Model not found.", f"There is no model version {which!r}.")


def registry_project(request: Request, server: Server) -> Project:
    """The project whose registry the path names, after a check that it may be used so.

    It is the project of the request, or one that shares its models with that.
    """
    project = server.project(request)
    registry = request.params["registry"]
    number = number_of_digits(registry)
    if number is None:
        raise ApiError(400, 360006, "Model registry not found.", f"{registry!r} is not a number.")
    try:
        owner = server.project_by_id(number)
    except ApiError:
        raise ApiError(
            400, 360006, "Model registry not found.", f"There is no model registry {registry}."
        ) from None
    sharing.check(
        server,
        request.user,
        project,
        owner,
        sharing.MODELS,
        write=request.rule.writes,
        refusal=sharing.as_object(sharing.MODELS),
    )
    return owner


def find_version(server: Server, project_id: int, model_id: str) -> sqlite3.Row | None:
    """A version by ``name_version`` (split at the last underscore) or by its number."""
    name, underscore, text = model_id.rpartition("_")
    version = number_of_digits(text)
    if underscore and version is not None:
        row = server.metadata.one(
            "SELECT * FROM model_versions WHERE project_id = ? AND name = ? AND version = ?",
            (project_id, name, version),
        )
        if row is not None:
            return row
    number = number_of_digits(model_id)
    if number is None:
        return None
    return server.metadata.one(
        "SELECT * FROM model_versions WHERE project_id = ? AND id = ?", (project_id, number)
    )


def model_json(server: Server, project: Project, row: sqlite3.Row, href: str) -> dict[str, Any]:
    """A model version as clients read it; unknown frameworks and empty members are left out."""
    user = server.accounts.user(row["creator"])
    files = f"{href.split('/hopsworks-api/')[0]}/hopsworks-api/api/project/{project.id}/dataset"
    return {
        "href": href,
        "id": f"{row['name']}_{row['version']}",
        "name": row["name"],
        "version": row["version"],
        "projectName": project.name,
        "modelRegistryId": project.id,
        "description": row["description"],
        "created": row["created"],
        "creator": user_json(user),
        "userFullName": user.full_name,
        "framework": row["framework"],
        "metrics": json.loads(row["metrics"]) if row["metrics"] else {},
        "environment": row["environment"],
        "program": row["program"],
        "modelSchema": {"href": f"{files}/Models%2F{row['name']}%2F{row['version']}"},
        "inputExample": {"href": f"{files}/Models%2F{row['name']}%2F{row['version']}"},
        "featureView": json.loads(row["feature_view"]) if row["feature_view"] else None,
        "trainingDatasetVersion": row["training_dataset_version"],
    }


def _expanded(
    request: Request, server: Server, project: Project, row: sqlite3.Row, href: str
) -> dict[str, Any]:
    about = model_json(server, project, row, href)
    if "tags" in request.query_list("expand"):
        found = tags.of(server, "model", tag_key(project, row))
        about["tags"] = {"count": len(found), "items": found}
    return about


def tag_key(project: Project, row: sqlite3.Row) -> str:
    """The key of a version in the table of tags."""
    return f"{project.id}/{row['id']}"


def _key_of(request: Request, server: Server) -> str:
    project = registry_project(request, server)
    row = find_version(server, project.id, request.params["model"])
    if row is None:
        raise model_not_found(request.params["model"])
    return tag_key(project, row)


# -- reading -----------------------------------------------------------------------------------


def get_model(request: Request, server: Server) -> Response:
    """One version."""
    project = registry_project(request, server)
    row = find_version(server, project.id, request.params["model"])
    if row is None:
        raise model_not_found(request.params["model"])
    return json_response(_expanded(request, server, project, row, request.href))


def list_models(request: Request, server: Server) -> Response:
    """Versions, filtered, sorted by name or by a metric, and paged."""
    project = registry_project(request, server)
    rows = server.metadata.all(
        "SELECT * FROM model_versions WHERE project_id = ? ORDER BY name, version", (project.id,)
    )
    for condition in request.query_list("filter_by"):
        rows = _filtered(rows, condition)
    for order in reversed(",".join(request.query_list("sort_by")).split(",")):
        if order:
            rows = _sorted(rows, order)
    offset = max(0, request.integer("offset") or 0)
    limit = request.integer("limit")
    page = rows[offset:] if limit is None else rows[offset : offset + max(0, limit)]
    body: dict[str, Any] = {"href": request.href, "count": len(rows)}
    if page:
        body["items"] = [
            _expanded(
                request, server, project, row, f"{request.href}/{row['name']}_{row['version']}"
            )
            for row in page
        ]
    return json_response(body)


def _filtered(rows: list[sqlite3.Row], condition: str) -> list[sqlite3.Row]:
    key, _, value = condition.partition(":")
    match key.lower():
        case "name_eq":
            return [row for row in rows if row["name"] == value]
        case "name_like":
            return [row for row in rows if value in row["name"]]
        case "version" if (version := number_of_digits(value)) is not None:
            return [row for row in rows if row["version"] == version]
        case "latest_version":
            latest: dict[str, int] = {}
            for row in rows:
                latest[row["name"]] = max(row["version"], latest.get(row["name"], 0))
            return [row for row in rows if row["version"] == latest[row["name"]]]
    raise invalid_query(
        f"filter_by cannot be {condition!r}; it is name_eq:<name>, name_like:<part>,"
        " version:<number> or latest_version."
    )


def _sorted(rows: list[sqlite3.Row], order: str) -> list[sqlite3.Row]:
    """Sort by name or metric; versions without the metric come last in both directions."""
    key, _, direction = order.partition(":")
    if direction.lower() not in ("", "asc", "desc"):
        raise invalid_query(f"sort_by can be ascending (asc) or descending (desc), not {order!r}.")
    descending = direction.lower() == "desc"
    if key.lower() == "name":
        return sorted(rows, key=lambda row: row["name"], reverse=descending)
    if key.lower() == "version":
        return sorted(rows, key=lambda row: row["version"], reverse=descending)

    def metric(row: sqlite3.Row) -> float | None:
        value = json.loads(row["metrics"] or "{}").get(key)
        return None if value is None else float(value)

    known = [(value, row) for row in rows if (value := metric(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in known] + [row for row in rows if metric(row) is None]


# -- writing -----------------------------------------------------------------------------------


def put_model(request: Request, server: Server) -> Response:
    """Register a version, or update the metadata of a registered one."""
    project = registry_project(request, server)
    body = request.json_object()
    model_id = request.params["model"]
    name, _, number = model_id.rpartition("_")
    name = body.get("name") or name
    version = body.get("version")
    if version is None:
        version = number_of_digits(number)
    if (
        not isinstance(name, str)
        or not re.fullmatch(r"[A-Za-z0-9_]+", name)
        or (model_id in RESERVED_IDS)
    ):
        raise illegal_argument(
            f"{name!r} is not a model name: use letters, digits and underscores only."
        )
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise illegal_argument(f"version must be a number from 1 on, not {version!r}.")
    if f"{name}_{version}" != model_id:
        raise illegal_argument(f"The path says {model_id!r}, the body {name}_{version}.")
    framework = body.get("framework")
    if framework is not None and framework not in FRAMEWORKS:
        raise illegal_argument(
            f"framework must be one of {', '.join(FRAMEWORKS)}, not {framework!r}."
        )
    values = {
        "description": body.get("description"),
        "framework": framework,
        "metrics": json.dumps(_metrics(body.get("metrics"))),
        "environment": body.get("environment"),
        "program": body.get("program"),
        "feature_view": model_links.feature_view_text(body.get("featureView")),
        "training_dataset_version": body.get("trainingDatasetVersion"),
    }
    with server.metadata.transaction() as db:
        row = find_version(server, project.id, model_id)
        if row is None:
            columns = ["project_id", "name", "version", "created", "creator", *values]
            db.execute(
                f"INSERT INTO model_versions ({', '.join(columns)})"
                f" VALUES ({', '.join('?' * len(columns))})",
                (project.id, name, version, now_ms(), request.user.id, *values.values()),
            )
        else:
            db.execute(
                f"UPDATE model_versions SET {', '.join(f'{c} = ?' for c in values)} WHERE id = ?",
                (*values.values(), row["id"]),
            )
        stored = find_version(server, project.id, model_id)
        assert stored is not None
        tags.attach_all(server, "model", tag_key(project, stored), body.get("tags"))
    return json_response(model_json(server, project, stored, request.href), 201)


def _metrics(metrics: Any) -> dict[str, float]:
    if metrics is None:
        return {}
    if not isinstance(metrics, dict):
        raise ApiError(404, 360001, "Metrics are not valid.", "metrics must be an object.")
    checked = {}
    for key, value in metrics.items():
        try:
            checked[key] = float(value)
        except (TypeError, ValueError):
            raise ApiError(
                400, 360002, "Metric is not a number.", f"The metric {key!r} is {value!r}."
            ) from None
        # Whole numbers stay whole for clients that compare them.
        if isinstance(value, int) and not isinstance(value, bool):
            checked[key] = value
    return checked


def patch_model(request: Request, server: Server) -> Response:
    """Change framework, description or metrics of a version."""
    project = registry_project(request, server)
    row = find_version(server, project.id, request.params["model"])
    if row is None:
        raise model_not_found(request.params["model"])
    body = request.json_object()
    changes: dict[str, Any] = {k: body[k] for k in ("framework", "description") if k in body}
    if "metrics" in body:
        changes["metrics"] = json.dumps(_metrics(body["metrics"]))
    if changes.get("framework") not in (None, *FRAMEWORKS):
        raise illegal_argument(f"framework must be one of {', '.join(FRAMEWORKS)}.")
    with server.metadata.transaction() as db:
        for column, value in changes.items():
            db.execute(f"UPDATE model_versions SET {column} = ? WHERE id = ?", (value, row["id"]))
    return get_model(request, server)


def delete_model(request: Request, server: Server) -> Response:
    """Delete a version with its files, unless a deployment uses it."""
    project = registry_project(request, server)
    model_id = request.params["model"]
    row = find_version(server, project.id, model_id)
    if row is None:
        name = model_id.rpartition("_")[0]
        if server.metadata.one(
            "SELECT 1 FROM model_versions WHERE project_id = ? AND name = ?", (project.id, name)
        ):
            return no_content()
        raise model_not_found(model_id)
    user = server.metadata.one(
        "SELECT name FROM deployments WHERE project_id = ? AND model_name = ? AND model_version = ?",
        (project.id, row["name"], row["version"]),
    )
    if user is not None:
        raise ApiError(
            400,
            360009,
            "Model is used by a deployment.",
            f"{model_id} is used by the deployment {user['name']!r}. Delete that first.",
        )
    with server.metadata.transaction() as db:
        tags.drop(db, "model", tag_key(project, row))
        db.execute("DELETE FROM model_versions WHERE id = ?", (row["id"],))
    folder = project.folder / "Models" / row["name"]
    remove_tree(server, folder / str(row["version"]))
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
    return no_content()


# -- registries --------------------------------------------------------------------------------


def _registry(request: Request, project: Project) -> dict[str, Any]:
    return {
        "href": f"{request.base_url}/hopsworks-api/api/project/{project.id}/modelregistries/{project.id}",
        "id": project.id,
        "name": project.name,
    }


def list_registries(request: Request, server: Server) -> dict[str, Any]:
    """The registries that the project can use: its own, and those that are shared with it."""
    project = server.project(request)
    shares = sharing.sharing(server).shared_with(project.id, sharing.MODELS)
    found = [project, *(server.project_by_id(s.project) for s in shares if s.accepted)]
    return {
        "href": request.href,
        "count": len(found),
        "items": [_registry(request, owner) for owner in found],
    }


def get_registry(request: Request, server: Server) -> dict[str, Any]:
    """One registry."""
    return _registry(request, registry_project(request, server))


def provenance(request: Request, server: Server) -> Response:
    """The training dataset and feature view that a version came from."""
    project = registry_project(request, server)
    row = find_version(server, project.id, request.params["model"])
    if row is None:
        raise model_not_found(request.params["model"])
    levels = request.integer("upstreamLvls") or 0
    about = model_json(server, project, row, request.href)
    return json_response(
        model_links.tree(server, server.project(request), project, row, about, levels)
    )


def models_of_feature_view(
    server: Server, reader: Project, feature_store_id: int, name: str, version: int
) -> list[dict[str, Any]]:
    """The model versions that were trained from a feature view, in the registries that a project may read."""
    found, shares = [], sharing.sharing(server)
    for row in server.metadata.all("SELECT * FROM model_versions WHERE feature_view IS NOT NULL"):
        view = json.loads(row["feature_view"])
        if (view.get("featurestoreId"), view.get("name"), view.get("version")) == (
            feature_store_id,
            name,
            version,
        ):
            project = server.project_by_id(row["project_id"])
            if shares.readable(project, sharing.MODELS, reader.id):
                found.append(model_json(server, project, row, ""))
    return found


def prepare(server: Server) -> None:
    """Models of an earlier release, which had one user, are the owner's."""
    server.metadata.add_column("model_versions", "creator", f"INTEGER NOT NULL DEFAULT {OWNER}")


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Forget the registry of a project."""
    db.execute("DELETE FROM model_versions WHERE project_id = ?", (project.id,))


_BASE = "project/{project_id}/modelregistries"
_MODEL = _BASE + "/{registry}/models/{model}"

ROUTES = [
    ("GET", _BASE, list_registries),
    ("GET", _BASE + "/{registry}", get_registry),
    ("GET", _BASE + "/{registry}/models", list_models),
    ("GET", _MODEL, get_model),
    ("PUT", _MODEL, put_model),
    ("PATCH", _MODEL, patch_model),
    ("DELETE", _MODEL, delete_model),
    ("GET", _MODEL + "/provenance/links", provenance),
    *tags.tag_routes(_MODEL, "model", _key_of),
]
