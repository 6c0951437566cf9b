"""Feature views: a query, its labels and helper columns, and the keys by which it is served."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from hopsworks.local import attachments, tags
from hopsworks.local import serving_keys as keys_of
from hopsworks.local.app import ApiError, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.feature_data import feature_data
from hopsworks.local.feature_groups import (
    check_readable,
    check_store,
    creator,
    feature_group_by_id,
    readable_groups,
    store_id,
    store_name,
)
from hopsworks.local.naming import check_description, check_name
from hopsworks.local.query_model import Query, Selected, resolve

SCHEMA = """
CREATE TABLE IF NOT EXISTS feature_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
CREATE TABLE IF NOT EXISTS feature_view_sources (
  feature_view INTEGER NOT NULL REFERENCES feature_views(id) ON DELETE CASCADE,
  feature_group INTEGER NOT NULL,
  PRIMARY KEY (feature_view, feature_group)
) WITHOUT ROWID;
"""

_ROLES = (
    ("label", 270142, "label"),
    ("inferenceHelperColumn", 270225, "inference helper column"),
    ("trainingHelperColumn", 270225, "training helper column"),
)


@dataclass(frozen=True)
class View:
    """A feature view whose query is resolved.

    Parameters:
        body: the stored object, without what is derived from the query.
        query: the resolved query.
        labels: output names of the labels.
        inference_helpers: output names of the inference helper columns.
        training_helpers: output names of the training helper columns.
        keys: the serving keys.
    """

    body: dict[str, Any]
    query: Query
    labels: frozenset[str]
    inference_helpers: frozenset[str]
    training_helpers: frozenset[str]
    keys: tuple[keys_of.ServingKey, ...]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The feature groups that it reads."""
        return [source.feature_group for source in self.query.sources]

    @property
    def id(self) -> int:
        """The view's number."""
        return int(self.body["id"])

    def columns(
        self, labels: bool, inference_helpers: bool, training_helpers: bool
    ) -> list[Selected]:
        """The view's columns in order, with or without the special ones."""
        left_out: set[str] = set()
        for wanted, names in (
            (labels, self.labels),
            (inference_helpers, self.inference_helpers),
            (training_helpers, self.training_helpers),
        ):
            left_out |= set() if wanted else names
        return [s for s in self.query.selected if s.output not in left_out]


# -- reading ------------------------------------------------------------------------------------


def view_of(request: Request, server: Server) -> View:
    """The view that a path names by name and version."""
    project = check_store(request, server)
    name, version = request.params["name"], request.path_integer("version")
    found = find(server, store_id(project), name, version)
    if found is None:
        raise _missing(f"'{name}' version {version}")
    check_readable(server, server.project(request), found.groups)
    return found


def find(server: Server, store: int, name: str, version: int) -> View | None:
    """A view by name and version, or None."""

    def load() -> View | None:
        row = server.metadata.one(
            "SELECT body FROM feature_views WHERE feature_store=? AND name=? AND version=?",
            (store, name, version),
        )
        return None if row is None else _view(server, json.loads(row["body"]))

    return feature_data(server).remembered(("feature view", store, name, version), load)


def artifact(server: Server, store: int, name: str, version: int) -> dict[str, Any] | None:
    """A view's object for provenance, or None when it does not exist."""
    row = server.metadata.one(
        "SELECT body FROM feature_views WHERE feature_store=? AND name=? AND version=?",
        (store, name, version),
    )
    if row is None:
        return None
    return as_json(_view(server, json.loads(row["body"])))


def _missing(which: str) -> ApiError:
    return ApiError(
        404, 270181, "The feature view does not exist.", f"There is no feature view {which}."
    )


def _view(server: Server, body: dict[str, Any]) -> View:
    query = resolve(
        body["query"], lambda group: feature_group_by_id(server, group), time_travel=False
    )
    names = {key: frozenset(body.get("roles", {}).get(key, [])) for key, _, _ in _ROLES}
    labels = names["label"]
    return View(
        body,
        query,
        labels,
        names["inferenceHelperColumn"],
        names["trainingHelperColumn"],
        tuple(keys_of.serving_keys(query, set(labels))),
    )


def as_json(view: View) -> dict[str, Any]:
    """A view as clients read it."""
    body = {k: v for k, v in view.body.items() if k not in ("query", "roles")}
    body["query"] = query_json(view, list(view.query.selected), view.body["query"].get("filter"))
    body["features"] = [_schema_entry(view, i, s) for i, s in enumerate(view.query.selected)]
    body["servingKeys"] = keys_of.as_json(view.query, list(view.keys))
    return body


def _schema_entry(view: View, index: int, column: Selected) -> dict[str, Any]:
    group = view.query.sources[column.source].feature_group
    return {
        "name": column.output,
        "type": column.type,
        "index": index,
        "label": column.output in view.labels,
        "inferenceHelperColumn": column.output in view.inference_helpers,
        "trainingHelperColumn": column.output in view.training_helpers,
        "featureGroupFeatureName": column.name,
        "featuregroup": {
            key: group[key]
            for key in (
                "type",
                "id",
                "name",
                "version",
                "featurestoreId",
                "featurestoreName",
                "onlineEnabled",
                "timeTravelFormat",
            )
        },
    }


def query_json(
    view: View,
    columns: list[Selected],
    condition: dict[str, Any] | None,
    qualified: list[Selected] | None = None,
) -> dict[str, Any]:
    """The view's query as clients send it to the constructor.

    Parameters:
        view: the view.
        columns: its columns that are wanted.
        condition: filter of the whole query, as JSON.
        qualified: further columns, under fully qualified names.
    """
    query = view.query

    def features(position: int) -> list[dict[str, Any]]:
        source = query.sources[position]
        found = [dict(source.feature(s.name) or {}) for s in columns if s.source == position]
        for column in qualified or []:
            if column.source == position:
                found.append({**(source.feature(column.name) or {}), "useFullyQualifiedName": True})
        return found

    def side(position: int, given: dict[str, Any]) -> dict[str, Any]:
        group = query.sources[position].feature_group
        return {
            "featureStoreName": group["featurestoreName"],
            "featureStoreId": group["featurestoreId"],
            "leftFeatureGroup": group,
            "leftFeatures": features(position),
            "filter": given.get("filter"),
            "hiveEngine": bool(view.body["query"].get("hiveEngine")),
            "joins": [],
        }

    stored = view.body["query"]
    whole = side(0, {"filter": condition})
    for position, join in enumerate(stored.get("joins") or [], 1):
        source = query.sources[position]
        whole["joins"].append(
            {
                "query": side(position, join.get("query") or {}),
                "on": [],
                "leftOn": [query.sources[0].feature(a) for a, _ in source.on],
                "rightOn": [source.feature(b) for _, b in source.on],
                "type": source.join_type,
                "prefix": source.prefix or None,
            }
        )
    return whole


def list_views(request: Request, server: Server) -> Any:
    """GET featureview: every view whose feature groups all exist and can be read."""
    project = check_store(request, server)
    return _listed(
        request,
        server,
        server.metadata.all(
            "SELECT body FROM feature_views WHERE feature_store=? ORDER BY name, version",
            (store_id(project),),
        ),
    )


def _listed(request: Request, server: Server, rows: list[Any]) -> dict[str, Any]:
    items = []
    for row in rows:
        try:
            view = _view(server, json.loads(row["body"]))
            check_readable(server, server.project(request), view.groups)
        except ApiError as error:
            if error.code not in (270009, 270024):
                raise
        else:
            items.append(as_json(view))
    return {"href": request.href, "count": len(items), "items": items}


def get_views(request: Request, server: Server) -> Any:
    """GET featureview/{name}: all versions."""
    project = check_store(request, server)
    name = request.params["name"]
    rows = server.metadata.all(
        "SELECT body FROM feature_views WHERE feature_store=? AND name=? ORDER BY version",
        (store_id(project), name),
    )
    if not rows:
        raise _missing(f"'{name}'")
    return _listed(request, server, rows)


def get_view(request: Request, server: Server) -> Any:
    """GET featureview/{name}/version/{version}."""
    return as_json(view_of(request, server))


# -- creating and changing ----------------------------------------------------------------------


def create_view(request: Request, server: Server) -> Any:
    """POST featureview."""
    project = check_store(request, server)
    given = request.json_object()
    tags.check_all(server, given.get("tags"))
    name = str(given.get("name") or "")
    check_name(name)
    check_description(given.get("description"), f"'{name}'")
    wanted = given.get("query") or {}
    query = resolve(wanted, readable_groups(request, server), time_travel=False)
    body: dict[str, Any] = {
        "type": "featureViewDTO",
        "name": name,
        "featurestoreId": store_id(project),
        "featurestoreName": store_name(project),
        "description": given.get("description") or "",
        "creator": creator(server, request.user.id),
        "loggingEnabled": bool(given.get("loggingEnabled")),
        "query": _kept_query(wanted),
        "roles": _roles(given.get("features") or [], query),
        "transformationFunctions": given.get("transformationFunctions") or None,
        "extraLogColumns": given.get("extraLogColumns") or None,
        "maxFeatureAgeSecs": given.get("maxFeatureAgeSecs"),
    }
    with server.metadata.transaction() as db:
        newest = db.execute(
            "SELECT max(version) FROM feature_views WHERE feature_store=? AND name=?",
            (store_id(project), name),
        ).fetchone()[0]
        version = int(given["version"]) if given.get("version") is not None else (newest or 0) + 1
        if db.execute(
            "SELECT 1 FROM feature_views WHERE feature_store=? AND name=? AND version=?",
            (store_id(project), name, version),
        ).fetchone():
            raise ApiError(
                400,
                270179,
                "The feature view already exists.",
                f"Feature view '{name}' version {version} exists already. Get it, or create another version.",
            )
        created = now_ms()
        cursor = db.execute(
            "INSERT INTO feature_views(feature_store, name, version, created, body) VALUES (?,?,?,?,'')",
            (store_id(project), name, version, created),
        )
        body.update(id=cursor.lastrowid, version=version, created=iso_time(created))
        db.execute("UPDATE feature_views SET body=? WHERE id=?", (_text(body), body["id"]))
        for group in {int(s.feature_group["id"]) for s in query.sources}:
            db.execute("INSERT INTO feature_view_sources VALUES (?,?)", (body["id"], group))
    feature_data(server).changed()
    tags.attach_all(server, "feature_view", str(body["id"]), given.get("tags"))
    return json_response(as_json(_view(server, body)), 201)


def _text(body: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in body.items() if v is not None})


def _kept_query(query: dict[str, Any]) -> dict[str, Any]:
    """What of a query is kept: feature groups by id, features by name, conditions as sent."""

    def side(given: dict[str, Any]) -> dict[str, Any]:
        group = given.get("leftFeatureGroup") or {}
        return {
            "leftFeatureGroup": {"id": group.get("id"), "name": group.get("name")},
            "leftFeatures": [
                {k: f[k] for k in ("name", "useFullyQualifiedName") if f.get(k) is not None}
                for f in given.get("leftFeatures") or []
            ],
            "filter": given.get("filter"),
        }

    kept = {**side(query), "hiveEngine": bool(query.get("hiveEngine")), "limit": query.get("limit")}
    kept["joins"] = [
        {
            "query": side(join.get("query") or {}),
            **{
                key: [
                    {"name": f.get("name") if isinstance(f, dict) else f}
                    for f in join.get(key) or []
                ]
                for key in ("on", "leftOn", "rightOn")
            },
            "type": join.get("type"),
            "prefix": join.get("prefix"),
        }
        for join in query.get("joins") or []
    ]
    return kept


def _roles(given: list[dict[str, Any]], query: Query) -> dict[str, list[str]]:
    """Output names of labels and helper columns, each found among the selected columns."""
    roles: dict[str, list[str]] = {key: [] for key, _, _ in _ROLES}
    for feature in given:
        for key, code, word in _ROLES:
            if feature.get(key):
                roles[key].append(_selected(feature, query, code, word))
    return roles


def _selected(feature: dict[str, Any], query: Query, code: int, word: str) -> str:
    name = str(feature.get("name") or "")
    group = (feature.get("featuregroup") or feature.get("featureGroup") or {}).get(
        "id", feature.get("featureGroupId")
    )
    found = [s for s in query.selected if name in (s.name, s.output)]
    if group is not None:
        found = [
            s for s in found if int(query.sources[s.source].feature_group["id"]) == int(group)
        ] or found
    if not found:
        raise ApiError(
            400,
            code,
            f"The {word} does not exist.",
            f"'{name}' is not among the selected features, so it cannot be a {word}. Select it in the query.",
        )
    exact = [s for s in found if s.output == name] or found
    if len(found) > 1 and not any(s.output == name for s in found):
        raise ApiError(
            400,
            270213,
            "The feature name is ambiguous.",
            f"'{name}' is selected from more than one feature group. Name the {word} with its prefix.",
        )
    return exact[0].output


def update_view(request: Request, server: Server) -> Any:
    """PUT featureview/{name}/version/{version}: the description changes."""
    view = view_of(request, server)
    given = request.json_object()
    body = dict(view.body)
    if given.get("description") is not None:
        check_description(given["description"], f"'{body['name']}'")
        body["description"] = given["description"]
    if given.get("loggingEnabled") is not None:
        body["loggingEnabled"] = bool(given["loggingEnabled"])
    with server.metadata.transaction() as db:
        db.execute("UPDATE feature_views SET body=? WHERE id=?", (_text(body), view.id))
    feature_data(server).changed()
    return as_json(replace(view, body=body))


def delete_view(request: Request, server: Server) -> Any:
    """DELETE featureview/{name}[/version/{version}], with its training datasets."""
    project = check_store(request, server)
    name, version = request.params["name"], request.params.get("version")
    rows = server.metadata.all(
        "SELECT id FROM feature_views WHERE feature_store=? AND name=? AND (? IS NULL OR version=?)",
        (store_id(project), name, version, version),
    )
    if not rows:
        raise _missing(f"'{name}'" + (f" version {version}" if version else ""))
    for row in rows:
        _delete(server, int(row["id"]))
    return None


def delete_views_of(server: Server, group: dict[str, Any]) -> None:
    """Deletes the views of a feature group in its own feature store; those of other projects are not its owner's."""
    for row in server.metadata.all(
        "SELECT s.feature_view FROM feature_view_sources s JOIN feature_views v ON v.id = s.feature_view"
        " WHERE s.feature_group=? AND v.feature_store=?",
        (group["id"], group["featurestoreId"]),
    ):
        _delete(server, int(row["feature_view"]))


def _delete(server: Server, view: int) -> None:
    from hopsworks.local import training_datasets

    training_datasets.delete_all_of(server, view)
    with server.metadata.transaction() as db:
        attachments.drop(db, "feature_view", view)
        db.execute("DELETE FROM feature_views WHERE id=?", (view,))
    feature_data(server).changed()


def on_project_deleted(server: Server, db: Any, project: Any) -> None:
    """Removes the views of a project that is being deleted."""
    db.execute("DELETE FROM feature_views WHERE feature_store=?", (store_id(project),))


def _tag_key(request: Request, server: Server) -> str:
    return str(view_of(request, server).id)


_BASE = "project/{project_id}/featurestores/{feature_store_id}/featureview"
_VIEW = _BASE + "/{name}/version/{version}"

ROUTES = [
    ("GET", _BASE, list_views),
    ("POST", _BASE, create_view),
    ("GET", _BASE + "/{name}", get_views),
    ("DELETE", _BASE + "/{name}", delete_view),
    ("GET", _VIEW, get_view),
    ("PUT", _VIEW, update_view),
    ("DELETE", _VIEW, delete_view),
    *tags.tag_routes(_VIEW, "feature_view", _tag_key),
]
