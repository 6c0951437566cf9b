"""Feature groups: their metadata, its checks, and the routes over it.

A feature group is kept as the JSON object that clients read, one row each. What its rows look like
on disk is the business of `feature_data`; the names of codes follow the service's error table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from hopsworks.local import attachments, feature_types, sharing, tags
from hopsworks.local.accounts import OWNER, User
from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.feature_data import feature_data, warm_up
from hopsworks.local.feature_group_schema import (
    check_event_time,
    check_online,
    feature_object,
    new_features,
)
from hopsworks.local.http import number_of_digits
from hopsworks.local.naming import check_description, check_name

SCHEMA = """
CREATE TABLE IF NOT EXISTS feature_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
"""

# Ids of feature stores and projects differ, so that mistaking one for the other shows.
STORE_OFFSET = -52
_TYPES = ("cachedFeaturegroupDTO", "streamFeatureGroupDTO")
_FORMATS = ("DELTA", "NONE", "HUDI", "ICEBERG")
_KEPT = (
    "description", "topicName", "notificationTopicName", "eventTime", "statisticsConfig", "transformationFunctions",
    "onlineConfig", "ttl", "ttlEnabled", "partitionedBy", "zorderBy", "clusteredBy", "sortOrder", "bucketIndex",
    "onlinePartitionColumns", "sinkEnabled", "parents",
)  # fmt: skip
_UPDATABLE = (
    "description", "topicName", "notificationTopicName", "onlineConfig", "ttl", "ttlEnabled",
    "partitionedBy", "zorderBy", "clusteredBy", "sortOrder", "bucketIndex",
)  # fmt: skip
_STATISTICS = {
    "enabled": True,
    "correlations": False,
    "histograms": False,
    "exactUniqueness": False,
    "columns": [],
}


# -- the feature store that a path names --------------------------------------------------------


def store_id(project: Project) -> int:
    """The id of a project's feature store."""
    return project.id + STORE_OFFSET


def store_name(project: Project) -> str:
    """The name of a project's feature store."""
    return f"{project.name.lower()}_featurestore"


def store_project(server: Server, wanted: str) -> Project | None:
    """The project that owns the feature store of an id or name, or None."""
    number = number_of_digits(wanted)
    if number is not None:
        try:
            return server.project_by_id(number - STORE_OFFSET)
        except ApiError:
            return None
    return server.project_by_name(wanted.removesuffix("_featurestore"))


def check_store(request: Request, server: Server) -> Project:
    """The project that owns the feature store which a path names, after a check that it may be used so.

    It is the project of the request, or one that shares its feature store with that.
    """
    project = server.project(request)
    wanted = request.params["feature_store_id"]
    own = wanted in (str(store_id(project)), store_name(project))
    owner = project if own else store_project(server, wanted)
    if owner is None:
        raise ApiError(
            404,
            270008,
            "The feature store does not exist.",
            f"Project {project.name} has no feature store '{wanted}'.",
        )
    if not own or request.rule.writes:
        check_sharing(server, request.user, project, owner, request.rule.writes)
    return owner


def check_sharing(
    server: Server, user: User, reader: Project, owner: Project, write: bool = False
) -> None:
    """Refuse what a user may not do in a project with the feature store of another, or of the project itself."""
    sharing.check(
        server,
        user,
        reader,
        owner,
        sharing.FEATURE_STORE,
        write=write,
        refusal=sharing.as_object(sharing.FEATURE_STORE),
    )


def check_readable(server: Server, reader: Project, groups: Iterable[dict[str, Any]]) -> None:
    """Refuse feature groups of stores that are not shared with a project."""
    for store in {int(group["featurestoreId"]) for group in groups}:
        if store != store_id(reader):
            owner = server.project_by_id(store - STORE_OFFSET)
            check_sharing(server, server.user, reader, owner)


def readable_groups(request: Request, server: Server) -> Callable[[int], dict[str, Any] | None]:
    """Finds feature groups by id, among those that the project of a request may read."""
    project = server.project(request)

    def find(number: int) -> dict[str, Any] | None:
        group = feature_group_by_id(server, number)
        if group is not None:
            check_readable(server, project, [group])
        return group

    return find


# -- reading ------------------------------------------------------------------------------------


def feature_group_by_id(server: Server, feature_group_id: int) -> dict[str, Any] | None:
    """A feature group's JSON object, or None."""

    def load() -> dict[str, Any] | None:
        row = server.metadata.one("SELECT body FROM feature_groups WHERE id=?", (feature_group_id,))
        return None if row is None else json.loads(row["body"])

    return feature_data(server).remembered(("feature group", int(feature_group_id)), load)


def feature_group_of(
    request: Request, server: Server, parameter: str = "feature_group_id"
) -> dict[str, Any]:
    """The feature group that a path names by id; 404 with the not-found code when there is none."""
    project = check_store(request, server)
    text = request.params[parameter]
    number = number_of_digits(text)
    found = None if number is None else feature_group_by_id(server, number)
    if found is None or found["featurestoreId"] != store_id(project):
        raise feature_group_missing(text, project.name)
    return found


def feature_group_missing(which: object, project: str) -> ApiError:
    """The error for a feature group that does not exist."""
    return ApiError(
        404,
        270009,
        "The feature group does not exist.",
        f"There is no feature group {which} in the feature store of project {project}.",
    )


def _versions(server: Server, store: int, name: str, version: int | None) -> list[dict[str, Any]]:
    rows = server.metadata.all(
        "SELECT body FROM feature_groups WHERE feature_store=? AND name=? AND (? IS NULL OR version=?) ORDER BY version",
        (store, name, version, version),
    )
    return [json.loads(row["body"]) for row in rows]


def list_feature_groups(request: Request, server: Server) -> Any:
    """GET featuregroups."""
    project = check_store(request, server)
    rows = server.metadata.all(
        "SELECT body FROM feature_groups WHERE feature_store=? ORDER BY name, version",
        (store_id(project),),
    )
    items = [_answer(request, json.loads(row["body"])) for row in rows]
    return {"href": request.href, "count": len(items), "items": items}


def get_feature_group(request: Request, server: Server) -> Any:
    """GET featuregroups/{id or name}: one object by id, an array by name."""
    project = check_store(request, server)
    which = request.params["feature_group_id"]
    if number_of_digits(which) is not None:
        return _answer(request, feature_group_of(request, server))
    found = _versions(server, store_id(project), which, request.integer("version"))
    if not found:
        version = request.query("version")
        raise feature_group_missing(
            f"'{which}'" + (f" version {version}" if version else ""), project.name
        )
    return [_answer(request, group) for group in found]


def _answer(request: Request, group: dict[str, Any]) -> dict[str, Any]:
    base = request.raw_path.split("/featuregroups", 1)[0]
    return {"href": f"{request.base_url}{base}/featuregroups/{group['id']}", **group}


# -- creating -----------------------------------------------------------------------------------


def create_feature_group(request: Request, server: Server) -> Any:
    """POST featuregroups."""
    project = check_store(request, server)
    warm_up()
    body = request.json_object()
    group = _new_group(body, project, server, request.user.id)
    tags.check_all(server, body.get("tags"))
    store, data = store_id(project), feature_data(server)
    with server.metadata.transaction() as db:
        newest = db.execute(
            "SELECT max(version) FROM feature_groups WHERE feature_store=? AND name=?",
            (store, group["name"]),
        ).fetchone()[0]
        version = group["version"] if group.get("version") is not None else (newest or 0) + 1
        if db.execute(
            "SELECT 1 FROM feature_groups WHERE feature_store=? AND name=? AND version=?",
            (store, group["name"], version),
        ).fetchone():
            raise ApiError(
                400,
                270089,
                "The feature group already exists.",
                f"Feature group '{group['name']}' version {version} exists already. Get it, or create another version.",
            )
        created = now_ms()
        cursor = db.execute(
            "INSERT INTO feature_groups(feature_store, name, version, created, body) VALUES (?,?,?,?,'')",
            (store, group["name"], version, created),
        )
        group["id"], group["version"], group["created"] = (
            cursor.lastrowid,
            version,
            iso_time(created),
        )
        for feature in group["features"]:
            feature["featureGroupId"] = group["id"]
        # A table left behind by a deletion that was interrupted must not become this one's.
        data.offline(group).remove()
        group["location"] = data.table_folder(group).as_uri()
        db.execute("UPDATE feature_groups SET body=? WHERE id=?", (_text(group), group["id"]))
    if group["onlineEnabled"]:
        data.online.create(group["id"])
    data.changed()
    tags.attach_all(server, "feature_group", str(group["id"]), body.get("tags"))
    return json_response(_answer(request, group), 201)


def _new_group(body: dict[str, Any], project: Project, server: Server, user: int) -> dict[str, Any]:
    """The stored object of a creation request, checked."""
    kind = body.get("type") or "cachedFeaturegroupDTO"
    name = str(body.get("name") or "")
    check_name(name)
    if kind not in _TYPES:
        raise ApiError(
            400, 270136, "This kind of feature group needs a data source.",
            f"'{name}' is an external feature group or a spine; a local server keeps only feature groups with rows of their own.",
        )  # fmt: skip
    check_description(body.get("description"), f"'{name}'")
    group: dict[str, Any] = {
        "type": kind,
        "name": name,
        "featurestoreId": store_id(project),
        "featurestoreName": store_name(project),
    }
    group["version"] = None if body.get("version") is None else int(body["version"])
    group.update({key: body[key] for key in _KEPT if body.get(key) is not None})
    group["description"] = body.get("description") or ""
    group["creator"] = creator(server, user)
    group["deprecated"] = False
    group["statisticsConfig"] = {**_STATISTICS, **(body.get("statisticsConfig") or {})}
    if body.get("embeddingIndex"):
        raise ApiError(
            400,
            270239,
            "An embedding index needs a vector database.",
            f"'{name}' has an embedding index, but a local server has no vector database. Leave out embedding_index.",
        )
    time_travel = str(body.get("timeTravelFormat") or "DELTA").upper()
    if time_travel not in _FORMATS:
        raise ApiError(
            400,
            270136,
            "The time travel format is not known.",
            f"'{body.get('timeTravelFormat')}' is none of {', '.join(_FORMATS)}.",
        )
    # Whatever format a client would have chosen on a cluster, this store keeps Delta tables.
    group["timeTravelFormat"] = "DELTA"
    group["onlineEnabled"] = bool(body.get("onlineEnabled"))
    group["features"] = new_features(body.get("features") or [], group)
    check_event_time(group)
    if group["onlineEnabled"]:
        check_online(group)
        group["onlineTopicName"] = f"{project.name}_onlinefs"
    # A data source that is not HopsFS makes Delta writers take the location as it is written.
    group["dataSource"] = {
        "metrics": [],
        "dimensions": [],
        "format": "DELTA",
        "storageConnector": {
            "id": 0,
            "name": "local_files",
            "featurestoreId": store_id(project),
            "storageConnectorType": "S3",
            "type": "featurestoreS3ConnectorDTO",
            "arguments": [],
        },
    }
    return group


def creator(server: Server, number: int = OWNER) -> dict[str, Any]:
    """The user of that number as a creator; the owner of the data folder stands in for one who is gone."""
    user = server.accounts.user(number)
    return {
        "username": user.username,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
    }


def update_feature_group(request: Request, server: Server) -> Any:
    """PUT featuregroups/{id}: what changes is said by the query."""
    group = dict(feature_group_of(request, server))
    body = request.json_object() if request.body else {}
    if request.flag("updateMetadata"):
        _update_metadata(group, body)
    if request.flag("updateStatsConfig") and body.get("statisticsConfig") is not None:
        group["statisticsConfig"] = {**_STATISTICS, **body["statisticsConfig"]}
    if request.query("deprecate") is not None:
        group["deprecated"] = request.flag("deprecate")
    if request.flag("enableOnline") and not group["onlineEnabled"]:
        group["onlineEnabled"] = True
        group["features"] = [feature_object(f, group) for f in group["features"]]
        check_online(group)
        feature_data(server).online.create(group["id"])
    if request.flag("disableOnline"):
        group["onlineEnabled"] = False
    save_feature_group(server, group)
    return _answer(request, group)


def save_feature_group(server: Server, group: dict[str, Any]) -> None:
    """Replaces the stored object of a feature group."""
    with server.metadata.transaction() as db:
        db.execute("UPDATE feature_groups SET body=? WHERE id=?", (_text(group), group["id"]))
    feature_data(server).changed()


def _update_metadata(group: dict[str, Any], body: dict[str, Any]) -> None:
    for key in _UPDATABLE:
        if key in body and body[key] is not None:
            group[key] = body[key]
    check_description(group.get("description"), f"'{group['name']}'")
    if not body.get("features"):
        return
    given = {f.get("name"): f for f in body["features"]}
    kept = []
    for feature in group["features"]:
        new = given.pop(feature["name"], None)
        same = new is not None and feature_types.same_type(new.get("type") or "", feature["type"])
        if (
            new is None
            or not same
            or any(bool(new.get(k)) != feature[k] for k in ("primary", "partition"))
        ):
            raise _illegal_update(
                group,
                f"feature '{feature['name']}' must stay as it is; only its description may change.",
            )
        kept.append(
            {
                **feature,
                **(
                    {"description": new["description"]}
                    if new.get("description") is not None
                    else {}
                ),
            }
        )
    for new in given.values():
        if new.get("primary") or new.get("partition"):
            raise _illegal_update(
                group, f"the appended feature '{new.get('name')}' may not be a key."
            )
        kept.append(feature_object(new, group))
    if len(kept) > len(group["features"]):
        group["schemaVersion"] = group.get("schemaVersion", 1) + 1
    group["features"] = kept
    if group["onlineEnabled"]:
        check_online(group)


def _illegal_update(group: dict[str, Any], reason: str) -> ApiError:
    return ApiError(
        400, 270114, "The feature group cannot be changed so.", f"'{group['name']}': {reason}"
    )


def delete_feature_group(request: Request, server: Server) -> Any:
    """DELETE featuregroups/{id}, with its rows; optionally with the views that use it."""
    group = feature_group_of(request, server)
    if request.flag("deleteFeatureViews"):
        from hopsworks.local import feature_views

        feature_views.delete_views_of(server, group)
    with server.metadata.transaction() as db:
        _forget(db, group["id"])
    feature_data(server).drop(group)
    return None


def _forget(db: Any, number: int) -> None:
    """Removes a feature group and what is attached to it from the metadata."""
    attachments.drop(db, "feature_group", number)
    db.execute("DELETE FROM feature_groups WHERE id=?", (number,))


def clear_feature_group(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/clear: the rows go, the feature group and its id stay."""
    group = feature_group_of(request, server)
    data = feature_data(server)
    data.drop(group, ingestions=False)
    if group["onlineEnabled"]:
        data.online.create(group["id"])
    return _answer(request, group)


def drop_project(server: Server, db: Any, project: Project) -> None:
    """Removes the feature groups of a project that is being deleted."""
    rows = db.execute(
        "SELECT body FROM feature_groups WHERE feature_store=?", (store_id(project),)
    ).fetchall()
    for row in rows:
        group = json.loads(row["body"])
        _forget(db, group["id"])
        feature_data(server).drop(group)


on_project_deleted = drop_project


def kafka_subject(server: Server, project: Project, subject: str) -> dict[str, Any] | None:
    """The Avro schema of the feature group that a subject is named after; None when there is no such group."""
    name, _, text = subject.rpartition("_")
    version = number_of_digits(text)
    found = [] if version is None else _versions(server, store_id(project), name, version)
    if not found:
        return None
    group = found[0]
    try:
        schema = feature_types.avro_schema(subject, project.name, group["features"])
    except feature_types.FeatureTypeError as error:
        raise ApiError(400, 270152, "The features have no Avro schema.", str(error)) from None
    return {
        "id": group["id"],
        "subject": subject,
        "version": group.get("schemaVersion", 1),
        "schema": json.dumps(schema),
    }


def _text(group: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in group.items() if v is not None})


_BASE = "project/{project_id}/featurestores/{feature_store_id}/"

ROUTES = [
    ("GET", _BASE + "featuregroups", list_feature_groups),
    ("POST", _BASE + "featuregroups", create_feature_group),
    ("GET", _BASE + "featuregroups/{feature_group_id}", get_feature_group),
    ("PUT", _BASE + "featuregroups/{feature_group_id}", update_feature_group),
    ("DELETE", _BASE + "featuregroups/{feature_group_id}", delete_feature_group),
    ("POST", _BASE + "featuregroups/{feature_group_id}/clear", clear_feature_group),
]
