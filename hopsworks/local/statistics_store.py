"""Statistics of feature groups, feature views and training datasets: kept, found, computed."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from hopsworks.local.app import ApiError, Request, Server, json_response, now_ms
from hopsworks.local.feature_groups import feature_group_of
from hopsworks.local.feature_views import view_of
from hopsworks.local.pages import cut
from hopsworks.local.training_datasets import dataset_of

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = """
CREATE TABLE IF NOT EXISTS statistics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  object INTEGER NOT NULL,
  computation_time INTEGER NOT NULL,
  row_percentage REAL NOT NULL,
  before_transformation INTEGER NOT NULL,
  window_start_commit_time INTEGER,
  window_end_commit_time INTEGER,
  window_start_event_time INTEGER,
  window_end_event_time INTEGER,
  event_time TEXT,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS statistics_of ON statistics(kind, object, computation_time);
CREATE TABLE IF NOT EXISTS statistics_ids (last INTEGER NOT NULL);
"""

_WINDOWS = {
    "windowStartCommitTime": "window_start_commit_time",
    "windowEndCommitTime": "window_end_commit_time",
    "windowStartEventTime": "window_start_event_time",
    "windowEndEventTime": "window_end_event_time",
    "eventTime": "event_time",
}
_COLUMNS = {"computation_time", "row_percentage", "before_transformation", *_WINDOWS.values()}
_OPERATORS = {"ltoeq": "<=", "gtoeq": ">=", "eq": "=", "lt": "<", "gt": ">"}


def register(server: Server, kind: str, number: int, given: dict[str, Any]) -> dict[str, Any]:
    """Keeps a set of statistics; gives it back with ids."""
    body = dict(given)
    body.setdefault("computationTime", now_ms())
    body.setdefault("rowPercentage", 1.0)
    body["beforeTransformation"] = bool(body.get("beforeTransformation"))
    with server.metadata.transaction() as db:
        row = db.execute("SELECT last FROM statistics_ids").fetchone()
        last = row["last"] if row else 0
        if row is None:
            db.execute("INSERT INTO statistics_ids VALUES (0)")
        for features in [
            body.get("featureDescriptiveStatistics"),
            *[s.get("featureDescriptiveStatistics") for s in body.get("splitStatistics") or []],
        ]:
            for statistics in features or []:
                last += 1
                statistics["id"] = last
        db.execute("UPDATE statistics_ids SET last=?", (last,))
        values = {column: body.get(key) for key, column in _WINDOWS.items()}
        cursor = db.execute(
            "INSERT INTO statistics(kind, object, computation_time, row_percentage, before_transformation, body, "
            + ", ".join(values)
            + ") VALUES (?,?,?,?,?,?"
            + ",?" * len(values)
            + ")",
            (
                kind, number, int(body["computationTime"]), float(body["rowPercentage"]), body["beforeTransformation"],
                json.dumps({k: v for k, v in body.items() if v is not None}), *values.values(),
            ),
        )  # fmt: skip
        body["id"] = cursor.lastrowid
    return body


def register_training(
    server: Server, dataset: dict[str, Any], rows: pa.Table | dict[str, pa.Table]
) -> None:
    """Computes and keeps the statistics of a training dataset that has just been written.

    Parameters:
        server: the server.
        dataset: the training dataset's object.
        rows: its rows, or those of each split.
    """
    from hopsworks.local.statistics_profile import profile

    types = {f["name"]: f["type"] for f in dataset["features"]}
    config = dataset["statisticsConfig"]
    body: dict[str, Any] = {
        "computationTime": now_ms(),
        "rowPercentage": 1.0,
        "beforeTransformation": False,
    }
    if isinstance(rows, dict):
        body["splitStatistics"] = [
            {"name": name, "featureDescriptiveStatistics": profile(part, types, config)}
            for name, part in rows.items()
        ]
    else:
        body["featureDescriptiveStatistics"] = profile(rows, types, config)
    register(server, "training_dataset", dataset["id"], body)


# -- routes -------------------------------------------------------------------------------------


class _Group:
    """Statistics of feature groups."""

    kind = "feature_group"

    @staticmethod
    def of(request: Request, server: Server) -> tuple[int, dict[str, Any]]:
        """The object that a path names: its number, and what an answer says about it."""
        group = feature_group_of(request, server)
        return group["id"], {"featureGroupId": group["id"]}


class _View:
    """Statistics of feature views."""

    kind = "feature_view"

    @staticmethod
    def of(request: Request, server: Server) -> tuple[int, dict[str, Any]]:
        """The object that a path names: its number, and what an answer says about it."""
        view = view_of(request, server)
        return view.id, {
            "featureViewName": view.body["name"],
            "featureViewVersion": view.body["version"],
        }


class _Dataset:
    """Statistics of training datasets."""

    kind = "training_dataset"

    @staticmethod
    def of(request: Request, server: Server) -> tuple[int, dict[str, Any]]:
        """The object that a path names: its number, and what an answer says about it."""
        view, body = dataset_of(request, server)
        return body["id"], {
            "featureViewName": view.body["name"],
            "featureViewVersion": view.body["version"],
            "trainingDatasetVersion": body["version"],
        }


def _routes(base: str, entity: Any) -> list[tuple[str, str, Any]]:
    def post(request: Request, server: Server) -> Any:
        number, about = entity.of(request, server)
        body = register(server, entity.kind, number, request.json_object())
        return json_response({"href": request.href, **body, **about})

    def get(request: Request, server: Server) -> Any:
        number, about = entity.of(request, server)
        found = _find(request, server, entity.kind, number)
        items = [{"href": request.href, **_shown(request, row), **about} for row in found]
        return {"href": request.href, "count": len(items), **({"items": items} if items else {})}

    return [("POST", base, post), ("GET", base, get)]


def _find(request: Request, server: Server, kind: str, number: int) -> list[sqlite3.Row]:
    conditions, values = ["kind=?", "object=?"], [kind, number]
    named = set()
    for text in request.query_list("filter_by"):
        key, _, value = text.partition(":")
        column, operator = _split_filter(key.lower())
        named.add(column)
        conditions.append(f"{column} {_OPERATORS[operator]} ?")
        values.append(_filter_value(column, value))
    if "row_percentage" not in named:
        conditions.append("row_percentage=1.0")
    if "before_transformation" not in named:
        conditions.append("before_transformation=0")
    order = []
    for text in request.query_list("sort_by"):
        column, _, way = text.lower().partition(":")
        if column in _COLUMNS:
            order.append(f"{column} {'DESC' if way == 'desc' else 'ASC'}")
    sql = f"SELECT * FROM statistics WHERE {' AND '.join(conditions)} ORDER BY {', '.join([*order, 'id DESC'])}"
    return list(cut(request, server.metadata.all(sql, values)))


def _split_filter(key: str) -> tuple[str, str]:
    column, _, operator = key.rpartition("_")
    if column not in _COLUMNS or operator not in _OPERATORS:
        raise ApiError(
            400,
            270108,
            "The statistics filter is not known.",
            f"'{key}' is not a filter of statistics.",
        )
    return column, operator


def _filter_value(column: str, value: str) -> Any:
    if column == "before_transformation":
        return 1 if value.lower() == "true" else 0
    if column == "event_time":
        return value
    try:
        return float(value) if column == "row_percentage" else int(value)
    except ValueError:
        raise ApiError(
            400, 270108, "The statistics filter is not valid.", f"'{value}' is not a number."
        ) from None


def _shown(request: Request, row: sqlite3.Row) -> dict[str, Any]:
    """A kept set as it is answered: contents only when asked for, and only of the named features."""
    body = {**json.loads(row["body"]), "id": row["id"]}
    if request.query("fields") != "content":
        body.pop("featureDescriptiveStatistics", None)
        body.pop("splitStatistics", None)
        return body
    names = {n for text in request.query_list("feature_names") for n in text.split(",")}
    if names:
        for part in [body, *(body.get("splitStatistics") or [])]:
            if part.get("featureDescriptiveStatistics"):
                part["featureDescriptiveStatistics"] = [
                    f for f in part["featureDescriptiveStatistics"] if f["featureName"] in names
                ]
    return body


def compute_group(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/statistics/compute: profiles the newest rows in a job."""
    from hopsworks.local import training_jobs
    from hopsworks.local.feature_data import feature_data
    from hopsworks.local.query_engine import execute
    from hopsworks.local.query_model import Query, Selected, Source
    from hopsworks.local.statistics_profile import profile

    group = feature_group_of(request, server)
    end = request.integer("end_commit_time")

    def work() -> None:
        features = group["features"]
        query = Query(
            (Source(group, as_of=end),),
            tuple(Selected(0, f["name"], f["name"], f["type"]) for f in features),
        )
        rows = execute(query, feature_data(server)).read_all()
        versions = feature_data(server).offline(group).versions()
        body = {
            "computationTime": now_ms(),
            "featureDescriptiveStatistics": profile(
                rows, {f["name"]: f["type"] for f in features}, group["statisticsConfig"]
            ),
            "windowEndCommitTime": end or (versions[-1][1] if versions else None),
        }
        register(server, "feature_group", group["id"], body)

    name = f"{group['name']}_{group['version']}_compute_stats"
    return json_response(training_jobs.start(request, server, name, work), 201)


_STORE = "project/{project_id}/featurestores/{feature_store_id}/"
_VIEW = _STORE + "featureview/{name}/version/{version}"

ROUTES = [
    *_routes(_STORE + "featuregroups/{feature_group_id}/statistics", _Group),
    ("POST", _STORE + "featuregroups/{feature_group_id}/statistics/compute", compute_group),
    *_routes(_VIEW + "/statistics", _View),
    *_routes(_VIEW + "/trainingdatasets/version/{td_version}/statistics", _Dataset),
]
