"""Alerts that have gone off: by the end of a job, or because somebody asked for it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

from hopsworks.local.alert_receivers import illegal, pairs, receivers_for
from hopsworks.local.app import Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.http import Response
from hopsworks.local.pages import page

SCHEMA = """
CREATE TABLE IF NOT EXISTS triggered_alerts (
  project INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  receivers TEXT NOT NULL,
  generator TEXT,
  starts INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (project, fingerprint)
) WITHOUT ROWID;
"""

# An alert that does not say when it is over can be seen for a day.
_SHOWN_MS = 24 * 3600 * 1000
_ENDED = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "was stopped"}


def trigger(
    db: sqlite3.Connection,
    project: Project,
    labels: dict[str, str],
    annotations: dict[str, str],
    receivers: list[str],
    starts: int | None = None,
    ends: int | None = None,
    generator: str | None = None,
) -> None:
    """Let an alert go off. One with the same labels that is not over yet is told again, with its receivers.

    Args:
        db: the transaction.
        project: the project it belongs to.
        labels: what tells it apart.
        annotations: what it says.
        receivers: full names of those who are told.
        starts, ends: epoch milliseconds; None for now, and for a day later.
        generator: address of what caused it.
    """
    now = now_ms()
    labels = {"project": project.name} | labels
    text = json.dumps(labels, sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
    db.execute("DELETE FROM triggered_alerts WHERE project=? AND ends<=?", (project.id, now))
    known = db.execute(
        "SELECT receivers FROM triggered_alerts WHERE project=? AND fingerprint=?",
        (project.id, fingerprint),
    ).fetchone()
    if known is not None:
        receivers = list(dict.fromkeys([*json.loads(known["receivers"]), *receivers]))
    begin = now if starts is None else starts
    db.execute(
        "INSERT OR REPLACE INTO triggered_alerts VALUES (?,?,?,?,?,?,?,?,?)",
        (
            *(project.id, fingerprint, text, json.dumps(annotations), json.dumps(receivers)),
            *(generator, begin, begin + _SHOWN_MS if ends is None else ends, now),
        ),
    )


def on_execution_ended(
    server: Server, db: sqlite3.Connection, execution: int, state: str, message: str | None
) -> None:
    """Let the alerts go off that wait for the end of an execution, in the transaction that notes its end.

    Args:
        server: the server.
        db: the transaction.
        execution: number of the execution.
        state: its final state.
        message: why it ended so; None when it finished.
    """
    job = db.execute(
        "SELECT j.* FROM jobs j JOIN executions e ON e.job = j.id WHERE e.id=?", (execution,)
    ).fetchone()
    if job is None:
        return
    project = server.project_by_id(job["project"])
    waiting = db.execute(
        "SELECT severity, receiver FROM alerts WHERE (kind='job' AND object=? AND status=?)"
        " OR (kind='project' AND object=? AND status=?) ORDER BY id",
        (str(job["id"]), state, str(project.id), f"JOB_{state}"),
    ).fetchall()
    for alert in waiting:
        labels = {
            "alertname": f"Job{state.capitalize()}",
            "job": job["name"],
            "executionId": str(execution),
            "severity": alert["severity"].lower(),
            "status": state,
        }
        annotations = {
            "title": f"Job {job['name']}: {state}",
            "summary": f"Execution {execution} of the job {job['name']} {_ENDED[state]}.",
            "description": message or f"Its logs are in Logs/Python/{job['name']}/{execution}.",
        }
        trigger(db, project, labels, annotations, [alert["receiver"]])


def _describe(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "labels": json.loads(row["labels"]),
        "annotations": json.loads(row["annotations"]),
        "receivers": [{"name": name} for name in json.loads(row["receivers"])],
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "fingerprint": row["fingerprint"],
        "startsAt": iso_time(row["starts"]),
        "endsAt": iso_time(row["ends"]),
        "updatedAt": iso_time(row["updated"]),
        "generatorURL": row["generator"] or "",
    }


def list_triggered(request: Request, server: Server) -> dict[str, Any]:
    """GET alerts: those that are not over. Nothing is ever silenced or inhibited here."""
    project = server.project(request)
    active = request.flag("active", True)
    request.flag("silenced"), request.flag("inhibited")  # must be readable
    rows = server.metadata.all(
        "SELECT * FROM triggered_alerts WHERE project=? AND ends>? ORDER BY starts, fingerprint",
        (project.id, now_ms()),
    )
    return page(request, rows if active else [], _describe)


def post_alerts(request: Request, server: Server) -> Response:
    """POST alerts: lets alerts go off, all of them or none."""
    project = server.project(request)
    given = request.json_object().get("alerts")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise illegal("The body needs 'alerts', a list of objects.")
    read = [(one, pairs(one.get("labels"), "labels")) for one in given]
    with server.metadata.transaction() as db:
        for alert, labels in read:
            if not labels.get("alertname"):
                raise illegal("An alert needs the label 'alertname'.")
            starts, ends = (_moment(alert.get(key), key) for key in ("startsAt", "endsAt"))
            if ends is not None and ends <= (starts or 0):
                raise illegal("endsAt must come after startsAt.")
            trigger(
                db,
                project,
                labels,
                pairs(alert.get("annotations"), "annotations"),
                receivers_for(db, project, labels),
                starts,
                ends,
                alert.get("generatorURL"),
            )
    return json_response({"successMessage": f"{len(read)} alerts were triggered."}, 201)


def _moment(value: Any, key: str) -> int | None:
    """Epoch milliseconds of a date in the protocol's form; one without a time zone is UTC."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        moment = datetime.fromisoformat(value)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        raise illegal(
            f"{key} must be a date such as 2026-01-31T12:00:00.000Z, not {value!r}."
        ) from None


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Forgets the alerts that have gone off in a project that is being deleted."""
    db.execute("DELETE FROM triggered_alerts WHERE project=?", (project.id,))


ROUTES = [
    ("GET", "project/{project_id}/alerts", list_triggered),
    ("POST", "project/{project_id}/alerts", post_alerts),
]
