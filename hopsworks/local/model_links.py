"""Where a model came from: the tree model → training dataset → feature view.

The model keeps the feature view it was saved with; whether that still exists is looked up when the
links are read, so a deleted one is shown as deleted.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from hopsworks.local.app import Project, Server
from hopsworks.local.feature_groups import store_id, store_project
from hopsworks.local.sharing import FEATURE_STORE, sharing


def feature_view_text(view: Any) -> str | None:
    """What is kept of the feature view in a model's body: JSON text, or None for no view."""
    if not isinstance(view, dict) or not view.get("name"):
        return None
    return json.dumps(view)


def tree(
    server: Server,
    reader: Project,
    project: Project,
    row: sqlite3.Row,
    model: dict[str, Any],
    upstream_levels: int,
) -> dict[str, Any]:
    """The link tree of a model, ``upstream_levels`` deep.

    Args:
        server: the server.
        reader: the project that looks at it; of a feature store that it may not read only names are told.
        project: the project of the model.
        row: the model's row.
        model: the model's object.
        upstream_levels: how far up to go.
    """
    upstream: list[dict[str, Any]] = []
    view = json.loads(row["feature_view"]) if row["feature_view"] else None
    if view is not None and row["training_dataset_version"] and upstream_levels > 0:
        store = int(view.get("featurestoreId") or store_id(project))
        owner = store_project(server, str(store))
        shares = sharing(server)
        hidden = owner is not None and not shares.readable(owner, FEATURE_STORE, reader.id)
        known = None if hidden else store
        above = [_view_node(server, project, known, view)] if upstream_levels > 1 else []
        upstream = [
            _dataset_node(server, project, known, view, int(row["training_dataset_version"]), above)
        ]
    return _node("MODEL", model, True, upstream)


def _view_node(
    server: Server, project: Project, store: int | None, view: dict[str, Any]
) -> dict[str, Any]:
    from hopsworks.local import feature_views

    name, version = str(view["name"]), int(view.get("version") or 1)
    if store is None:
        return _hidden("FEATURE_VIEW", _short(project, name, version), [])
    found = feature_views.artifact(server, store, name, version)
    if found is None:
        return _node("FEATURE_VIEW", _short(project, name, version), False, [])
    return _node("FEATURE_VIEW", found, True, [])


def _dataset_node(
    server: Server,
    project: Project,
    store: int | None,
    view: dict[str, Any],
    number: int,
    upstream: list[dict[str, Any]],
) -> dict[str, Any]:
    from hopsworks.local import training_datasets

    name, version = str(view["name"]), int(view.get("version") or 1)
    short = _short(project, f"{name}_{version}", number)
    if store is None:
        return _hidden("TRAINING_DATASET", short, upstream)
    found = training_datasets.artifact(server, store, name, version, number)
    if found is None:
        return _node("TRAINING_DATASET", short, False, upstream)
    return _node("TRAINING_DATASET", found, True, upstream)


def _short(project: Project, name: str, version: int) -> dict[str, Any]:
    return {"id": 0, "project": project.name, "name": name, "version": version}


def _hidden(kind: str, artifact: dict[str, Any], upstream: list[dict[str, Any]]) -> dict[str, Any]:
    """What lies in a feature store that may not be read: whether it exists is not told."""
    found = _node(kind, artifact, False, upstream)
    found["node"]["deleted"] = False
    return found


def _node(
    kind: str, artifact: dict[str, Any], exists: bool, upstream: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "node": {
            "artifactType": kind,
            "artifact": artifact,
            "accessible": exists,
            "deleted": not exists,
            "traversed": True,
            "shared": False,
        },
        "upstream": upstream,
        "downstream": [],
    }
