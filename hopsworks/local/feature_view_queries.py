"""Queries of a feature view: batch and training reads, prepared statements, links to parents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hopsworks.local import serving_keys as keys_of
from hopsworks.local import tags
from hopsworks.local.app import ApiError, Request, Server
from hopsworks.local.feature_groups import check_store, feature_group_of, store_id
from hopsworks.local.feature_views import View, as_json, query_json, view_of
from hopsworks.local.query_model import Selected, qualified_name


def batch_query(request: Request, server: Server) -> Any:
    """GET or POST query/batch: the query by which a view's rows are read."""
    view = view_of(request, server)
    labels = request.flag("with_label")
    columns = view.columns(
        labels, request.flag("inference_helper_columns"), request.flag("training_helper_columns")
    )
    extra = []
    if request.flag("with_primary_keys"):
        extra += _unselected(view, columns, lambda source: source.primary_key)
    if request.flag("with_event_time"):
        extra += _unselected(
            view, columns, lambda source: [source.event_time] if source.event_time else []
        )
    condition = view.body["query"].get("filter")
    condition = both(
        condition,
        event_time_filter(view, request.integer("start_time"), request.integer("end_time")),
    )
    version = request.integer("td_version")
    if version is not None:
        from hopsworks.local import training_datasets

        condition = both(condition, training_datasets.extra_filter(server, view, version))
    if request.method == "POST" and request.body:
        condition = both(condition, request.json_object())
    return {
        **query_json(view, columns, condition, extra),
        "hiveEngine": request.flag("is_hive_engine"),
    }


def _unselected(view: View, columns: list[Selected], names_of: Any) -> list[Selected]:
    """Columns of the sources that are not selected, under fully qualified names."""
    selected = {(s.source, s.name) for s in columns}
    found = []
    for position, source in enumerate(view.query.sources):
        for name in names_of(source):
            feature = source.feature(name)
            if feature is not None and (position, name) not in selected:
                found.append(
                    Selected(position, name, qualified_name(source, name), feature["type"])
                )
    return found


def both(left: dict[str, Any] | None, right: dict[str, Any] | None) -> dict[str, Any] | None:
    """The conjunction of two filters given as JSON."""
    if not left or not right:
        return left or right
    return {"type": "AND", "leftLogic": left, "rightLogic": right}


def event_time_filter(view: View, start: int | None, end: int | None) -> dict[str, Any] | None:
    """Rows whose event time is at or after `start` and before `end`, both epoch milliseconds."""
    if start is None and end is None:
        return None
    root = view.query.sources[0]
    if root.event_time is None:
        raise ApiError(
            400,
            270172,
            "The feature group has no event time.",
            f"{root.label} has no event time, so a view over it cannot be read by time. Leave out the start and end time.",
        )
    feature = root.feature(root.event_time) or {}

    def leaf(condition: str, value: int) -> dict[str, Any]:
        return {
            "feature": feature,
            "condition": condition,
            "value": event_time_text(feature["type"], value),
        }

    bounds = [leaf("GREATER_THAN_OR_EQUAL", start)] if start is not None else []
    bounds += [leaf("LESS_THAN", end)] if end is not None else []
    if len(bounds) == 1:
        return {"type": "SINGLE", "leftFilter": bounds[0]}
    return {"type": "AND", "leftFilter": bounds[0], "rightFilter": bounds[1]}


def event_time_text(type_text: str, epoch_ms: int) -> str:
    """An instant as a filter value of an event time of the given type."""
    if type_text == "bigint":
        return str(epoch_ms)
    moment = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=epoch_ms)
    if type_text == "date":
        return moment.strftime("%Y-%m-%d")
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}" if moment.microsecond else text


def prepared_statements(request: Request, server: Server) -> Any:
    """GET preparedstatement."""
    view = view_of(request, server)
    if request.flag("inference_helper_columns"):
        columns = [s for s in view.query.selected if s.output in view.inference_helpers]
    else:
        helpers = request.flag("feature_vector_with_inference_helpers") or request.flag(
            "logging_meta_data"
        )
        columns = view.columns(labels=False, inference_helpers=helpers, training_helpers=False)
    items = keys_of.prepared_statements(view.query, columns, request.flag("batch"))
    return {"href": request.href, "count": len(items), "items": items}


def serving_keys(request: Request, server: Server) -> Any:
    """GET servingKeys."""
    view = view_of(request, server)
    return keys_of.as_json(view.query, list(view.keys))


# -- provenance ---------------------------------------------------------------------------------


def _node(
    kind: str, artifact: dict[str, Any], upstream: list[Any], downstream: list[Any]
) -> dict[str, Any]:
    return {
        "node": {
            "artifactType": kind,
            "artifact": artifact,
            "accessible": True,
            "deleted": False,
            "shared": False,
            "traversed": True,
        },
        "upstream": upstream,
        "downstream": downstream,
    }


def view_links(request: Request, server: Server) -> Any:
    """GET provenance/links of a view: its feature groups above, training datasets and models below."""
    from hopsworks.local import training_datasets

    view = view_of(request, server)
    upstream = []
    if request.integer("upstreamLvls", 1):
        groups = {int(s.feature_group["id"]): s.feature_group for s in view.query.sources}
        upstream = [_node("FEATURE_GROUP", group, [], []) for group in groups.values()]
    downstream = []
    levels = request.integer("downstreamLvls", 0) or 0
    if levels:
        for dataset in training_datasets.all_of(server, view):
            below = (
                [_node("MODEL", model, [], []) for model in _models(server, request, view, dataset)]
                if levels > 1
                else []
            )
            downstream.append(_node("TRAINING_DATASET", dataset, [], below))
    return _node("FEATURE_VIEW", as_json(view), upstream, downstream)


def _models(
    server: Server, request: Request, view: View, dataset: dict[str, Any]
) -> list[dict[str, Any]]:
    """The models that were saved with a training dataset of the view."""
    from hopsworks.local import models

    store, version = int(view.body["featurestoreId"]), int(view.body["version"])
    reader = server.project(request)
    found = models.models_of_feature_view(server, reader, store, view.body["name"], version)
    return [m for m in found if m.get("trainingDatasetVersion") in (None, dataset["version"])]


def group_links(request: Request, server: Server) -> Any:
    """GET provenance/links of a feature group: the views that use it below."""
    group = feature_group_of(request, server)
    downstream = []
    if request.integer("downstreamLvls", 0):
        from hopsworks.local.feature_views import artifact

        rows = server.metadata.all(
            "SELECT v.name, v.version FROM feature_views v JOIN feature_view_sources s ON s.feature_view=v.id WHERE s.feature_group=? ORDER BY v.id",
            (group["id"],),
        )
        store = store_id(check_store(request, server))
        found = [artifact(server, store, row["name"], row["version"]) for row in rows]
        downstream = [_node("FEATURE_VIEW", view, [], []) for view in found if view is not None]
    return _node("FEATURE_GROUP", group, [], downstream)


def _group_key(request: Request, server: Server) -> str:
    return str(feature_group_of(request, server)["id"])


_STORE = "project/{project_id}/featurestores/{feature_store_id}/"
_VIEW = _STORE + "featureview/{name}/version/{version}"
_GROUP = _STORE + "featuregroups/{feature_group_id}"

ROUTES = [
    (("GET", "POST"), _VIEW + "/query/batch", batch_query),
    ("GET", _VIEW + "/preparedstatement", prepared_statements),
    ("GET", _VIEW + "/servingKeys", serving_keys),
    ("GET", _VIEW + "/provenance/links", view_links),
    ("GET", _GROUP + "/provenance/links", group_links),
    *tags.tag_routes(_GROUP, "feature_group", _group_key),
]
