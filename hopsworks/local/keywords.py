"""Keywords of feature groups, feature views and training datasets."""

from __future__ import annotations

import re
from typing import Any

from hopsworks.local.app import ApiError, Request, Server
from hopsworks.local.feature_groups import check_store, feature_group_of, store_id
from hopsworks.local.feature_views import view_of
from hopsworks.local.training_datasets import dataset_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS keywords (
  feature_store INTEGER NOT NULL,
  kind TEXT NOT NULL,
  object INTEGER NOT NULL,
  keyword TEXT NOT NULL,
  PRIMARY KEY (kind, object, keyword)
) WITHOUT ROWID;
"""

_KEYWORD = re.compile(r"[a-zA-Z0-9_]{1,63}")
_KINDS = {
    "feature_group": lambda request, server: feature_group_of(request, server)["id"],
    "feature_view": lambda request, server: view_of(request, server).id,
    "training_dataset": lambda request, server: dataset_of(request, server)[1]["id"],
}


def _of(server: Server, kind: str, number: int) -> list[str]:
    rows = server.metadata.all(
        "SELECT keyword FROM keywords WHERE kind=? AND object=? ORDER BY keyword", (kind, number)
    )
    return [row["keyword"] for row in rows]


def _routes(base: str, kind: str) -> list[tuple[str, str, Any]]:
    number_of = _KINDS[kind]

    def get(request: Request, server: Server) -> Any:
        return {"keywords": _of(server, kind, number_of(request, server))}

    def replace(request: Request, server: Server) -> Any:
        number = number_of(request, server)
        wanted = request.json_object().get("keywords") or []
        bad = [k for k in wanted if not isinstance(k, str) or not _KEYWORD.fullmatch(k)]
        if bad:
            raise ApiError(
                400,
                270134,
                "The keyword is not valid.",
                f"'{bad[0]}' may hold only letters, digits and underscores, at most 63.",
            )
        store = store_id(check_store(request, server))
        with server.metadata.transaction() as db:
            db.execute("DELETE FROM keywords WHERE kind=? AND object=?", (kind, number))
            db.executemany(
                "INSERT INTO keywords VALUES (?,?,?,?)",
                [(store, kind, number, k) for k in sorted(set(wanted))],
            )
        return {"keywords": _of(server, kind, number)}

    def remove(request: Request, server: Server) -> Any:
        number = number_of(request, server)
        with server.metadata.transaction() as db:
            db.execute(
                "DELETE FROM keywords WHERE kind=? AND object=? AND keyword=?",
                (kind, number, request.query("keyword")),
            )
        return {"keywords": _of(server, kind, number)}

    return [("GET", base, get), ("POST", base, replace), ("DELETE", base, remove)]


def all_keywords(request: Request, server: Server) -> Any:
    """GET featurestores/keywords: every keyword in use in the project."""
    project = server.project(request)
    rows = server.metadata.all(
        "SELECT DISTINCT keyword FROM keywords WHERE feature_store=? ORDER BY keyword",
        (store_id(project),),
    )
    return {"keywords": [row["keyword"] for row in rows]}


def on_project_deleted(server: Server, db: Any, project: Any) -> None:
    """Forgets the keywords of a project that is being deleted."""
    db.execute("DELETE FROM keywords WHERE feature_store=?", (store_id(project),))


_STORE = "project/{project_id}/featurestores/{feature_store_id}/"
_VIEW = _STORE + "featureview/{name}/version/{version}"

ROUTES = [
    ("GET", "project/{project_id}/featurestores/keywords", all_keywords),
    *_routes(_STORE + "featuregroups/{feature_group_id}/keywords", "feature_group"),
    *_routes(_VIEW + "/keywords", "feature_view"),
    *_routes(_VIEW + "/trainingdatasets/version/{td_version}/keywords", "training_dataset"),
]
