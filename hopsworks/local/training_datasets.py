"""Training datasets of feature views: their metadata and routes. Files are made in `training_files`."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

from hopsworks.local import attachments, tags
from hopsworks.local.access import require_role
from hopsworks.local.accounts import DATA_SCIENTIST, User
from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.feature_groups import (
    check_sharing,
    check_store,
    creator,
    readable_groups,
    store_id,
)
from hopsworks.local.feature_views import View, find, view_of
from hopsworks.local.query_model import resolve
from hopsworks.local.sharing import training_datasets_name

SCHEMA = """
CREATE TABLE IF NOT EXISTS training_datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  feature_view INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_view, version)
);
"""

WRITTEN_FORMATS = ("parquet", "csv", "tsv")
_FORMATS = (
    *WRITTEN_FORMATS,
    "tfrecords",
    "tfrecord",
    "hdf5",
    "npy",
    "orc",
    "avro",
    "image",
    "petastorm",
)
_IN_MEMORY = "IN_MEMORY_TRAINING_DATASET"
_STORED = "HOPSFS_TRAINING_DATASET"
_SPLIT_NAME = re.compile(r"[a-z0-9_]+")
_KEPT = (
    "description", "dataFormat", "coalesce", "trainingDatasetType", "seed", "trainSplit",
    "eventStartTime", "eventEndTime", "extraFilter", "spineAnchored",
)  # fmt: skip
_STATISTICS = {
    "enabled": True,
    "correlations": False,
    "histograms": False,
    "exactUniqueness": False,
    "columns": [],
}


# -- reading ------------------------------------------------------------------------------------


def _row(server: Server, view: int, version: int) -> dict[str, Any] | None:
    row = server.metadata.one(
        "SELECT body FROM training_datasets WHERE feature_view=? AND version=?", (view, version)
    )
    return None if row is None else json.loads(row["body"])


def dataset_of(request: Request, server: Server) -> tuple[View, dict[str, Any]]:
    """The view and training dataset that a path names."""
    view = view_of(request, server)
    version = request.path_integer("td_version")
    found = _row(server, view.id, version)
    if found is None:
        raise missing(view, version)
    return view, found


def missing(view: View, version: int) -> ApiError:
    """The error for a training dataset that does not exist."""
    which = f"{view.body['name']} version {view.body['version']}"
    return ApiError(
        404,
        270012,
        "The training dataset does not exist.",
        f"Feature view {which} has no training dataset version {version}.",
    )


def artifact(
    server: Server, store: int, name: str, version: int, number: int
) -> dict[str, Any] | None:
    """A training dataset's object for provenance, or None when it does not exist."""
    row = server.metadata.one(
        "SELECT t.body FROM training_datasets t JOIN feature_views v ON v.id=t.feature_view WHERE v.feature_store=? AND v.name=? AND v.version=? AND t.version=?",
        (store, name, version, number),
    )
    return None if row is None else json.loads(row["body"])


def all_of(server: Server, view: View) -> list[dict[str, Any]]:
    """The training datasets of a view, oldest version first."""
    rows = server.metadata.all(
        "SELECT body FROM training_datasets WHERE feature_view=? ORDER BY version", (view.id,)
    )
    return [json.loads(row["body"]) for row in rows]


def extra_filter(server: Server, view: View, version: int) -> dict[str, Any] | None:
    """The filter that a training dataset was made with, as JSON."""
    found = _row(server, view.id, version)
    if found is None:
        raise missing(view, version)
    return found.get("extraFilter") or None


def list_datasets(request: Request, server: Server) -> Any:
    """GET trainingdatasets."""
    items = all_of(server, view_of(request, server))
    return {"href": request.href, "count": len(items), "items": items}


def get_dataset(request: Request, server: Server) -> Any:
    """GET trainingdatasets/version/{n}."""
    return dataset_of(request, server)[1]


def find_datasets(request: Request, server: Server) -> Any:
    """GET trainingdatasets/{name} of a feature store: by their own name, with a version or all of them."""
    store, name = store_id(check_store(request, server)), request.params["name"]
    version = request.integer("version")
    rows = server.metadata.all(
        "SELECT t.body FROM training_datasets t WHERE t.feature_store=? ORDER BY t.version",
        (store,),
    )
    bodies = [json.loads(row["body"]) for row in rows]
    found = [body for body in bodies if body["name"] == name and version in (None, body["version"])]
    if not found:
        which = name if version is None else f"{name} version {version}"
        raise ApiError(
            404,
            270012,
            "The training dataset does not exist.",
            f"There is no training dataset {which}.",
        )
    return found


# -- creating -----------------------------------------------------------------------------------


def create_dataset(request: Request, server: Server) -> Any:
    """POST trainingdatasets."""
    view = view_of(request, server)
    project = check_store(request, server)
    given = request.json_object()
    tags.check_all(server, given.get("tags"))
    body = _checked(given, view)
    name = f"{view.body['name']}_{view.body['version']}"
    with server.metadata.transaction() as db:
        newest = db.execute(
            "SELECT max(version) FROM training_datasets WHERE feature_view=?", (view.id,)
        ).fetchone()[0]
        version = int(given["version"]) if given.get("version") is not None else (newest or 0) + 1
        if db.execute(
            "SELECT 1 FROM training_datasets WHERE feature_view=? AND version=?", (view.id, version)
        ).fetchone():
            raise ApiError(
                400,
                270016,
                "The training dataset already exists.",
                f"Training dataset {name} version {version} exists already. Leave out the version for the next one.",
            )
        created = now_ms()
        store = int(view.body["featurestoreId"])
        cursor = db.execute(
            "INSERT INTO training_datasets(feature_store, feature_view, version, created, body) VALUES (?,?,?,?,'')",
            (store, view.id, version, created),
        )
        stored = body["trainingDatasetType"] == _STORED
        body.update(
            type="trainingDatasetDTO",
            id=cursor.lastrowid,
            name=name,
            version=version,
            featurestoreId=store,
            featurestoreName=view.body["featurestoreName"],
            created=iso_time(created),
            creator=creator(server, request.user.id),
            location=f"/Projects/{project.name}/{training_datasets_name(project)}/{name}_{version}"
            if stored
            else "",
            dataSource={"metrics": [], "dimensions": []},
            features=_features(view),
        )
        db.execute(
            "UPDATE training_datasets SET body=? WHERE id=?",
            (json.dumps({k: v for k, v in body.items() if v is not None}), body["id"]),
        )
    tags.attach_all(server, "training_dataset", str(body["id"]), given.get("tags"))
    return json_response(body, 201)


def _checked(given: dict[str, Any], view: View) -> dict[str, Any]:
    """The stored part of a creation request, checked."""
    body = {key: given[key] for key in _KEPT if given.get(key) is not None}
    kind = body.setdefault("trainingDatasetType", _STORED)
    if kind not in (_STORED, _IN_MEMORY):
        raise ApiError(
            400,
            270042,
            "The storage connector does not exist.",
            "A local server writes training datasets to the project only. Leave out the storage connector.",
        )
    data_format = str(
        body.get("dataFormat") or ("tsv" if kind == _IN_MEMORY else "parquet")
    ).lower()
    if data_format not in _FORMATS:
        raise ApiError(
            400,
            270057,
            "The data format is not known.",
            f"'{data_format}' is none of {', '.join(_FORMATS)}.",
        )
    if kind == _STORED and data_format not in WRITTEN_FORMATS:
        raise ApiError(
            400,
            270057,
            "The data format cannot be written.",
            f"A local server writes {', '.join(WRITTEN_FORMATS)}, not {data_format}. Choose one of these.",
        )
    body["dataFormat"] = data_format
    body.setdefault("coalesce", False)
    if len(str(body.get("description") or "")) > 256:
        raise ApiError(
            400,
            270092,
            "The description is too long.",
            "The description of a training dataset has at most 256 characters.",
        )
    config = given.get("statisticsConfig")
    body["statisticsConfig"] = (
        {**_STATISTICS, **config}
        if isinstance(config, dict)
        else {**_STATISTICS, "enabled": config is not False}
    )
    body["splits"] = _splits(given.get("splits") or [], view)
    if body["splits"] and not body.get("trainSplit"):
        body["trainSplit"] = (
            "train"
            if any(s["name"] == "train" for s in body["splits"])
            else body["splits"][0]["name"]
        )
    return body


def _splits(given: list[dict[str, Any]], view: View) -> list[dict[str, Any]]:
    names = [str(s.get("name") or "") for s in given]
    for name in names:
        if not _SPLIT_NAME.fullmatch(name):
            raise ApiError(
                400,
                270098,
                "The name of a split is not valid.",
                f"'{name}' may hold only lower-case letters, digits and underscores.",
            )
        if names.count(name) > 1:
            raise ApiError(400, 270106, "Duplicate split.", f"Split '{name}' is given twice.")
    timed = [s for s in given if s.get("splitType") == "TIME_SERIES_SPLIT"]
    for split in given:
        share = split.get("percentage")
        if split not in timed and (share is None or not 0 <= float(share) <= 1):
            raise ApiError(
                400,
                270099,
                "The share of a split is not valid.",
                f"Split '{split.get('name')}' has share {share}; it must be between 0 and 1.",
            )
    if (
        given
        and not timed
        and not math.isclose(sum(float(s["percentage"]) for s in given), 1.0, abs_tol=1e-6)
    ):
        raise ApiError(
            400,
            270099,
            "The shares of the splits do not add up.",
            "The shares of all splits together must be 1.",
        )
    if timed and view.query.sources[0].event_time is None:
        raise ApiError(
            400,
            270172,
            "The feature group has no event time.",
            f"{view.query.sources[0].label} has no event time, so its rows cannot be split by time. Split by share instead.",
        )
    for split in timed:
        start, end = split.get("startTime"), split.get("endTime")
        if start is not None and end is not None and int(start) >= int(end):
            raise ApiError(
                400,
                270206,
                "The times of a split are not in order.",
                f"Split '{split['name']}' ends before it starts. Give an end time after the start time.",
            )
    return [
        {
            k: s[k]
            for k in ("name", "percentage", "splitType", "startTime", "endTime")
            if s.get(k) is not None
        }
        for s in given
    ]


def _features(view: View) -> list[dict[str, Any]]:
    return [
        {
            "name": s.output,
            "type": s.type,
            "index": i,
            "label": s.output in view.labels,
            "featureGroupFeatureName": s.name,
        }
        for i, s in enumerate(view.query.selected)
    ]


def update_dataset(request: Request, server: Server) -> Any:
    """PUT trainingdatasets/version/{n}."""
    _, body = dataset_of(request, server)
    given = request.json_object()
    if request.flag("updateMetadata") and given.get("description") is not None:
        body["description"] = given["description"]
    if request.flag("updateStatsConfig") and isinstance(given.get("statisticsConfig"), dict):
        body["statisticsConfig"] = {**_STATISTICS, **given["statisticsConfig"]}
    with server.metadata.transaction() as db:
        db.execute("UPDATE training_datasets SET body=? WHERE id=?", (json.dumps(body), body["id"]))
    return body


# -- files --------------------------------------------------------------------------------------


def folder_of(project: Project, body: dict[str, Any]) -> Path:
    """The folder that holds the files of a training dataset."""
    return project.folder / training_datasets_name(project) / f"{body['name']}_{body['version']}"


def compute_dataset(request: Request, server: Server) -> Any:
    """POST trainingdatasets/version/{n}/compute: writes the files in a job."""
    from hopsworks.local import training_files, training_jobs

    view, body = dataset_of(request, server)
    given = request.json_object()
    _refuse_transformations(view)
    query = resolve(given.get("query") or {}, readable_groups(request, server))
    target = folder_of(check_store(request, server), body)
    if target.exists() and given.get("overwrite") is False:
        raise ApiError(
            400,
            270016,
            "The training dataset has data.",
            f"{body['name']} version {body['version']} was written already. Ask for overwrite.",
        )
    name = f"{body['name']}_{body['version']}_create_fv_td"
    job = training_jobs.start(
        request,
        server,
        name,
        lambda: training_files.write(server, view, body, query, target),
    )
    return json_response(job, 201)


def write_from_plan(server: Server, wanted: dict[str, Any], plan: Any, user: User) -> None:
    """Writes a training dataset for the query service's action, and returns when it is there.

    Parameters:
        server: the server.
        wanted: the action's body, with project, view and training dataset version.
        plan: the plan of the query.
        user: who asked for it.
    """
    from hopsworks.local import training_files

    project = server.project_by_name(str(wanted.get("project_name")))
    view = project and find(
        server, store_id(project), str(wanted.get("fv_name")), int(wanted.get("fv_version") or 0)
    )
    body = view and _row(server, view.id, int(wanted.get("tds_version") or 0))
    if not project or not view or not body:
        raise ApiError(
            404,
            270012,
            "The training dataset does not exist.",
            f"There is no training dataset {wanted.get('tds_version')} of feature view '{wanted.get('fv_name')}'.",
        )
    require_role(user, server, plan.project, DATA_SCIENTIST)
    check_sharing(server, user, plan.project, project, write=True)
    _refuse_transformations(view)
    training_files.write(server, view, body, plan.query, folder_of(project, body))


def _refuse_transformations(view: View) -> None:
    if view.body.get("transformationFunctions"):
        raise ApiError(
            400, 270162, "Transformation functions cannot be run here.",
            f"Feature view '{view.body['name']}' has transformation functions, which a local server does not run. Use train_test_split or training_data, which run them in the client.",
        )  # fmt: skip


def _remove_files(project: Project, body: dict[str, Any]) -> None:
    shutil.rmtree(folder_of(project, body), ignore_errors=True)


def _delete(server: Server, project: Project, body: dict[str, Any]) -> None:
    with server.metadata.transaction() as db:
        attachments.drop(db, "training_dataset", body["id"])
        db.execute("DELETE FROM training_datasets WHERE id=?", (body["id"],))
    _remove_files(project, body)


def delete_dataset(request: Request, server: Server) -> Any:
    """DELETE trainingdatasets/version/{n}."""
    _, body = dataset_of(request, server)
    _delete(server, check_store(request, server), body)


def delete_datasets(request: Request, server: Server) -> Any:
    """DELETE trainingdatasets."""
    for body in all_of(server, view_of(request, server)):
        _delete(server, check_store(request, server), body)


def purge_dataset(request: Request, server: Server) -> Any:
    """DELETE trainingdatasets/version/{n}/data: the files go, the metadata stays."""
    _, body = dataset_of(request, server)
    _remove_files(check_store(request, server), body)


def purge_datasets(request: Request, server: Server) -> Any:
    """DELETE trainingdatasets/data."""
    for body in all_of(server, view_of(request, server)):
        _remove_files(check_store(request, server), body)


def delete_all_of(server: Server, view: int) -> None:
    """Deletes the training datasets of a view that is being deleted, by its id."""
    for row in server.metadata.all(
        "SELECT feature_store, body FROM training_datasets WHERE feature_view=?", (view,)
    ):
        project = next(p for p in server.all_projects() if store_id(p) == row["feature_store"])
        _delete(server, project, json.loads(row["body"]))


def on_project_deleted(server: Server, db: Any, project: Any) -> None:
    """Removes the training datasets of a project that is being deleted."""
    db.execute("DELETE FROM training_datasets WHERE feature_store=?", (store_id(project),))


def _tag_key(request: Request, server: Server) -> str:
    return str(dataset_of(request, server)[1]["id"])


_BASE = "project/{project_id}/featurestores/{feature_store_id}/featureview/{name}/version/{version}/trainingdatasets"
_ONE = _BASE + "/version/{td_version}"

ROUTES = [
    (
        "GET",
        "project/{project_id}/featurestores/{feature_store_id}/trainingdatasets/{name}",
        find_datasets,
    ),
    ("GET", _BASE, list_datasets),
    ("POST", _BASE, create_dataset),
    ("DELETE", _BASE, delete_datasets),
    ("DELETE", _BASE + "/data", purge_datasets),
    ("GET", _ONE, get_dataset),
    ("PUT", _ONE, update_dataset),
    ("DELETE", _ONE, delete_dataset),
    ("DELETE", _ONE + "/data", purge_dataset),
    ("POST", _ONE + "/compute", compute_dataset),
    *tags.tag_routes(_ONE, "training_dataset", _tag_key),
]
