"""Alerts on projects, jobs, feature groups and feature views.

Those on jobs go off when a job ends (:mod:`hopsworks.local.triggered_alerts`). Those on validation and monitoring are
kept; they wait for what a local server does not do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from hopsworks.core.alert_statuses import known_status
from hopsworks.local import jobs
from hopsworks.local.alert_receivers import check_exists
from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.feature_groups import feature_group_of
from hopsworks.local.feature_views import view_of
from hopsworks.local.http import Response, no_content
from hopsworks.local.pages import page

# `kind` and `object` as in the other tables of what is attached to things.
SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  receiver TEXT NOT NULL,
  threshold INTEGER NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (kind, object, status)
);
"""

_SEVERITIES = ("INFO", "WARNING", "CRITICAL")
_RUNS = ("FINISHED", "FAILED", "KILLED", "LONG_RUNNING")
_VALIDATION = ("VALIDATION_SUCCESS", "VALIDATION_WARNING", "VALIDATION_FAILURE")
_MONITORING = (
    "MONITORING_SHIFT_UNDETECTED",
    "MONITORING_SHIFT_DETECTED",
    "MONITORING_EMPTY_DETECTION_WINDOW",
)
_SERVICES = {
    "JOBS": tuple(f"JOB_{outcome}" for outcome in _RUNS),
    "FEATURESTORE": (*_VALIDATION, *_MONITORING),
}


class Place(NamedTuple):
    """What a request's alerts are on.

    Attributes:
        project: the project.
        key: the object, as text.
        about: what an alert's object says of it.
    """

    project: Project
    key: str
    about: dict[str, Any]


class Kind(NamedTuple):
    """A kind of alert.

    Attributes:
        name: its name in the table.
        path: the path of the collection.
        statuses: what it can wait for.
        codes: of an alert that is missing, one that cannot be, and one that exists already.
        place: finds what a request names.
        with_threshold: whether its objects carry a threshold.
    """

    name: str
    path: str
    statuses: tuple[str, ...]
    codes: tuple[int, int, int]
    place: Callable[[Request, Server], Place]
    with_threshold: bool = False


def _of_project(request: Request, server: Server) -> Place:
    project = server.project(request)
    return Place(project, str(project.id), {"projectName": project.name})


def _of_job(request: Request, server: Server) -> Place:
    project, job = jobs.named(request, server)
    return Place(project, str(job["id"]), {"jobId": job["id"], "jobName": job["name"]})


def _of_feature_group(request: Request, server: Server) -> Place:
    group, project = feature_group_of(request, server), server.project(request)
    about = {
        "featureStoreName": group["featurestoreName"],
        "featureGroupId": group["id"],
        "featureGroupName": group["name"],
    }
    return Place(project, str(group["id"]), about)


def _of_feature_view(request: Request, server: Server) -> Place:
    view, project = view_of(request, server), server.project(request)
    about = {
        "featureStoreName": view.body["featurestoreName"],
        "featureViewId": view.id,
        "featureViewName": view.body["name"],
        "featureViewVersion": view.body["version"],
    }
    return Place(project, str(view.id), about)


_STORE = "project/{project_id}/featurestores/{feature_store_id}/"
_ALL_OF_PROJECT = (*_SERVICES["JOBS"], *_SERVICES["FEATURESTORE"])

KINDS = (
    Kind(
        "project",
        "project/{project_id}/service/alerts",
        _ALL_OF_PROJECT,
        (150078, 150079, 150080),
        _of_project,
        True,
    ),
    Kind("job", jobs.JOB + "/alerts", _RUNS, (130034, 130035, 130036), _of_job, True),
    Kind(
        "feature_group",
        _STORE + "featuregroups/{feature_group_id}/alerts",
        (*_VALIDATION, *_MONITORING),
        (270155, 270156, 270157),
        _of_feature_group,
    ),
    Kind(
        "feature_view",
        _STORE + "featureview/{name}/version/{version}/alerts",
        _MONITORING,
        (270155, 270156, 270157),
        _of_feature_view,
    ),
)


def _describe(kind: Kind, place: Place, request: Request, row: sqlite3.Row) -> dict[str, Any]:
    found = {
        "href": f"{request.href.removesuffix('/' + str(row['id']))}/{row['id']}",
        "id": row["id"],
        "status": row["status"],
        "severity": row["severity"],
        "receiver": row["receiver"],
        "alertType": "PROJECT_ALERT",
        "created": iso_time(row["created"]),
        **place.about,
    }
    if kind.name == "project":
        found["service"] = "JOBS" if row["status"] in _SERVICES["JOBS"] else "FEATURESTORE"
    if kind.with_threshold:
        found["threshold"] = row["threshold"]
    return found


def _routes(kind: Kind) -> list[tuple[str, str, Any]]:
    missing_code, illegal_code, exists_code = kind.codes

    def illegal(detail: str) -> ApiError:
        return ApiError(400, illegal_code, "Illegal argument of an alert.", detail)

    def one(request: Request, server: Server) -> tuple[Place, sqlite3.Row]:
        place = kind.place(request, server)
        row = server.metadata.one(
            "SELECT * FROM alerts WHERE kind=? AND object=? AND id=?",
            (kind.name, place.key, request.path_integer("alert")),
        )
        if row is None:
            number = request.params["alert"]
            raise ApiError(404, missing_code, "Alert not found.", f"There is no alert {number}.")
        return place, row

    def get_all(request: Request, server: Server) -> dict[str, Any]:
        place = kind.place(request, server)
        rows = server.metadata.all(
            "SELECT * FROM alerts WHERE kind=? AND object=? ORDER BY id", (kind.name, place.key)
        )
        return page(request, rows, lambda row: _describe(kind, place, request, row))

    def get_one(request: Request, server: Server) -> dict[str, Any]:
        place, row = one(request, server)
        return _describe(kind, place, request, row)

    def create(request: Request, server: Server) -> Response:
        place = kind.place(request, server)
        body = request.json_object()
        status, severity = body.get("status"), body.get("severity")
        status = known_status(status) if isinstance(status, str) else None  # or an older word
        allowed = kind.statuses
        if kind.name == "project":
            allowed = _SERVICES.get(str(body.get("service")), ())
            if not allowed:
                raise illegal(f"service must be one of {', '.join(_SERVICES)}.")
        if status not in allowed:
            raise illegal(
                f"status must be one of {', '.join(allowed)}, not {body.get('status')!r}."
            )
        if severity not in _SEVERITIES:
            raise illegal(f"severity must be one of {', '.join(_SEVERITIES)}, not {severity!r}.")
        if str(status).endswith("LONG_RUNNING"):
            raise ApiError(
                501,
                illegal_code,
                "Alerts on long runs are not supported.",
                "The local server does not watch how long jobs run; that needs a cluster.",
            )
        threshold = body.get("threshold") or 0
        if not isinstance(threshold, int):
            raise illegal(f"threshold must be a whole number, not {threshold!r}.")
        receiver = check_exists(server, place.project, body.get("receiver"))
        values = (place.project.id, kind.name, place.key, status, severity, receiver, threshold)
        try:
            with server.metadata.transaction() as db:
                number = db.execute(
                    "INSERT INTO alerts(project, kind, object, status, severity, receiver, threshold,"
                    " created) VALUES (?,?,?,?,?,?,?,?)",
                    (*values, now_ms()),
                ).lastrowid
        except sqlite3.IntegrityError:
            raise ApiError(
                400,
                exists_code,
                "Alert already exists.",
                f"There is an alert for {status} here already; remove it, or choose another status.",
            ) from None
        row = server.metadata.one("SELECT * FROM alerts WHERE id=?", (number,))
        assert row is not None
        return json_response(_describe(kind, place, request, row), 201)

    def remove(request: Request, server: Server) -> Response:
        _, row = one(request, server)
        with server.metadata.transaction() as db:
            db.execute("DELETE FROM alerts WHERE id=?", (row["id"],))
        return no_content()

    return [
        ("GET", kind.path, get_all),
        ("POST", kind.path, create),
        ("GET", kind.path + "/{alert}", get_one),
        ("DELETE", kind.path + "/{alert}", remove),
    ]


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Forgets the alerts of a project that is being deleted, on whatever in it."""
    db.execute("DELETE FROM alerts WHERE project=?", (project.id,))


ROUTES = [route for kind in KINDS for route in _routes(kind)]
