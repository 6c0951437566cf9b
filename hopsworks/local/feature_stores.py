"""Feature stores and their storage connectors. Each project has one of its own, and may use those that others share with it."""

from __future__ import annotations

from typing import Any

from hopsworks.local.app import ApiError, Project, Request, Server, iso_time
from hopsworks.local.feature_groups import check_store, store_id, store_name
from hopsworks.local.sharing import FEATURE_STORE, sharing


def _store(server: Server, project: Project) -> dict[str, Any]:
    def count(table: str) -> int:
        row = server.metadata.one(
            f"SELECT count(*) AS n FROM {table} WHERE feature_store=?", (store_id(project),)
        )
        return int(row["n"]) if row else 0

    return {
        "featurestoreId": store_id(project),
        "featurestoreName": store_name(project),
        "created": iso_time(project.created),
        "projectName": project.name,
        "projectId": project.id,
        "offlineFeaturestoreName": store_name(project),
        "onlineFeaturestoreName": project.name.lower(),
        "onlineEnabled": True,
        "numFeatureGroups": count("feature_groups"),
        "numFeatureViews": count("feature_views"),
        "numTrainingDatasets": count("training_datasets"),
        "numStorageConnectors": 0,
    }


def list_stores(request: Request, server: Server) -> Any:
    """GET featurestores: an array of the project's own and those that are shared with it."""
    project = server.project(request)
    found = [project]
    if request.flag("include_shared", True):
        shares = sharing(server).shared_with(project.id, FEATURE_STORE)
        found += [server.project_by_id(share.project) for share in shares if share.accepted]
    return [_store(server, owner) for owner in found]


def get_store(request: Request, server: Server) -> Any:
    """GET featurestores/{id or name}."""
    return _store(server, check_store(request, server))


def list_connectors(request: Request, server: Server) -> Any:
    """GET storageconnectors: a local server has none to offer."""
    check_store(request, server)
    return {"href": request.href, "count": 0, "items": []}


def get_connector(request: Request, server: Server) -> Any:
    """GET storageconnectors/{name}."""
    check_store(request, server)
    name = request.params["name"]
    if name == "onlinefeaturestore":
        raise ApiError(
            404, 270136, "The online store has no SQL endpoint.",
            "A local server serves online rows over its REST API only: use init_serving(init_rest_client=True, init_sql_client=False).",
        )  # fmt: skip
    if name == "kafka_connector":
        raise ApiError(
            404,
            270136,
            "There is no Kafka broker.",
            "A local server takes online rows straight from its own client. Other clients insert with storage='offline'.",
        )
    raise ApiError(
        404,
        270042,
        "The storage connector does not exist.",
        f"There is no storage connector '{name}'.",
    )


_BASE = "project/{project_id}/featurestores"

ROUTES = [
    ("GET", _BASE, list_stores),
    ("GET", _BASE + "/{feature_store_id}", get_store),
    ("GET", _BASE + "/{feature_store_id}/storageconnectors", list_connectors),
    ("GET", _BASE + "/{feature_store_id}/storageconnectors/{name}", get_connector),
    ("GET", _BASE + "/{feature_store_id}/storageconnectors/{name}/byok", get_connector),
]
