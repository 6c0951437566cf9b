"""Receivers of alerts, and the routes that lead alerts to them.

Receivers are recorded: the local server tells nobody anything. What would have been told stands in the triggered
alerts, with the receivers' names.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from hopsworks.local.app import ApiError, Project, Request, Server, json_response, now_ms
from hopsworks.local.http import Response
from hopsworks.local.pages import page

SCHEMA = """
CREATE TABLE IF NOT EXISTS alert_receivers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (project, name)
);
CREATE TABLE IF NOT EXISTS alert_routes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  receiver TEXT NOT NULL,
  match TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (project, receiver, match)
);
"""

_GLOBAL = "global-receiver__"

# The addresses of a receiver by their key, with what each address needs.
_CHANNELS = {
    "emailConfigs": ("to",),
    "slackConfigs": ("channel",),
    "pagerDutyConfigs": ("serviceKey", "routingKey"),
    "webhookConfigs": ("url",),
}


def illegal(detail: str) -> ApiError:
    """Something about receivers, routes or triggered alerts that cannot be accepted."""
    return ApiError(400, 390006, "Illegal argument.", detail)


def missing(name: object) -> ApiError:
    """No receiver of that name."""
    return ApiError(400, 390003, "Receiver not found.", f"There is no receiver {name!r}.")


def _full_name(project: Project, name: str) -> str:
    prefix = f"{project.name}__"
    return name if name.startswith(prefix) else prefix + name


def check_exists(server: Server, project: Project, name: Any) -> str:
    """The name of a receiver that must exist; an error when there is none."""
    if not isinstance(name, str):
        raise missing(name)
    return str(_row(server, project, name)["name"])


def _describe(request: Request, row: sqlite3.Row) -> dict[str, Any]:
    body = json.loads(row["body"])
    href = f"{request.base_url}/hopsworks-api/api/project/{row['project']}/alerts/receivers/{row['name']}"
    # Servers have spelled this key in two ways, and so do clients.
    return {"href": href, "name": row["name"], **body, "pagerdutyConfigs": body["pagerDutyConfigs"]}


def list_receivers(request: Request, server: Server) -> dict[str, Any]:
    """GET alerts/receivers: of the project; a local server has no global ones."""
    project = server.project(request)
    rows = server.metadata.all(
        "SELECT * FROM alert_receivers WHERE project=? ORDER BY name", (project.id,)
    )
    return page(request, rows, lambda row: _describe(request, row))


def get_receiver(request: Request, server: Server) -> dict[str, Any]:
    """GET alerts/receivers/{name}: by its full name."""
    return _describe(request, _row(server, server.project(request), request.params["name"]))


def _row(server: Server, project: Project, name: str) -> sqlite3.Row:
    row = server.metadata.one(
        "SELECT * FROM alert_receivers WHERE project=? AND name=?", (project.id, name)
    )
    if row is None:
        raise missing(name)
    return row


def create_receiver(request: Request, server: Server) -> Response:
    """POST alerts/receivers."""
    project = server.project(request)
    body = request.json_object()
    name = body.get("name")
    if not isinstance(name, str) or not name.strip() or "/" in name:
        raise illegal(f"A receiver needs a name without '/', not {name!r}.")
    if name.startswith(_GLOBAL):
        raise ApiError(
            403,
            390010,
            "Access denied.",
            f"{name!r} is a global receiver, which only the administrator of a cluster can make.",
        )
    full = _full_name(project, name)
    if "pagerdutyConfigs" in body:
        body.setdefault("pagerDutyConfigs", body["pagerdutyConfigs"])
    kept = {key: _addresses(body.get(key), key) for key in _CHANNELS}
    if not any(kept.values()):
        raise illegal(f"The receiver {name!r} has no address: give one of {', '.join(_CHANNELS)}.")
    try:
        with server.metadata.transaction() as db:
            db.execute(
                "INSERT INTO alert_receivers(project, name, body, created) VALUES (?,?,?,?)",
                (project.id, full, json.dumps(kept), now_ms()),
            )
    except sqlite3.IntegrityError:
        raise ApiError(
            400, 390001, "Receiver already exists.", f"There is a receiver {full!r} already."
        ) from None
    return json_response(_describe(request, _row(server, project, full)), 201)


def _addresses(given: Any, key: str) -> list[dict[str, Any]]:
    if given is None:
        return []
    needed = _CHANNELS[key]
    found = []
    for address in given if isinstance(given, list) else [None]:
        if not isinstance(address, dict) or not any(
            isinstance(address.get(name), str) and address[name] for name in needed
        ):
            raise illegal(f"{key} must be a list of objects with a text {' or '.join(needed)}.")
        kept = {name: address.get(name) for name in needed}
        found.append(kept | {"sendResolved": bool(address.get("sendResolved"))})
    return found


def get_channels(request: Request, server: Server) -> dict[str, Any]:
    """GET alerts/receivers/default: every kind of receiver can be recorded."""
    server.project(request)
    kinds = ("email", "slack", "pagerDuty", "pagerduty", "webhook")
    return {f"{kind}Configured": True for kind in kinds}


# -- routes --------------------------------------------------------------------------------------


def list_routes(request: Request, server: Server) -> dict[str, Any]:
    """GET alerts/routes: a route works from the moment it is made, so all of them are loaded."""
    project = server.project(request)
    rows = server.metadata.all(
        "SELECT * FROM alert_routes WHERE project=? ORDER BY id", (project.id,)
    )
    return page(request, rows, _describe_route)


def _describe_route(row: sqlite3.Row) -> dict[str, Any]:
    return {"receiver": row["receiver"], "match": json.loads(row["match"])} | json.loads(
        row["body"]
    )


def create_route(request: Request, server: Server) -> Response:
    """POST alerts/routes."""
    project = server.project(request)
    body = request.json_object()
    receiver = check_exists(server, project, body.get("receiver"))
    match = pairs(body.get("match"), "match")
    if not match:
        raise illegal("A route needs the labels that it matches.")
    kept = {
        "status": body.get("status"),
        "groupBy": body.get("groupBy") or ["..."],
        "continue": body.get("continue") is not False,
    }
    try:
        with server.metadata.transaction() as db:
            number = db.execute(
                "INSERT INTO alert_routes(project, receiver, match, body) VALUES (?,?,?,?)",
                (project.id, receiver, json.dumps(match, sort_keys=True), json.dumps(kept)),
            ).lastrowid
    except sqlite3.IntegrityError:
        raise ApiError(
            400,
            390002,
            "A route with the same receiver and match already exists.",
            f"Alerts with these labels are led to {receiver!r} already.",
        ) from None
    row = server.metadata.one("SELECT * FROM alert_routes WHERE id=?", (number,))
    assert row is not None
    return json_response(_describe_route(row), 201)


def pairs(given: Any, what: str) -> dict[str, str]:
    """Labels or annotations that travel as a list of keys and values."""
    found = {}
    for pair in [] if given is None else given if isinstance(given, list) else [None]:
        if not isinstance(pair, dict) or not all(
            isinstance(pair.get(part), str) for part in ("key", "value")
        ):
            raise illegal(f"{what} must be a list of objects with a text key and a text value.")
        found[pair["key"]] = pair["value"]
    return found


def receivers_for(db: sqlite3.Connection, project: Project, labels: dict[str, str]) -> list[str]:
    """Who is told of an alert with the labels."""
    rows = db.execute(
        "SELECT receiver, match FROM alert_routes WHERE project=? ORDER BY id", (project.id,)
    )
    found = [row["receiver"] for row in rows if json.loads(row["match"]).items() <= labels.items()]
    return list(dict.fromkeys(found))


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Forgets the receivers and routes of a project that is being deleted."""
    for table in ("alert_receivers", "alert_routes"):
        db.execute(f"DELETE FROM {table} WHERE project=?", (project.id,))


_RECEIVERS = "project/{project_id}/alerts/receivers"
_ROUTES = "project/{project_id}/alerts/routes"

ROUTES = [
    ("GET", _RECEIVERS, list_receivers),
    ("POST", _RECEIVERS, create_receiver),
    ("GET", _RECEIVERS + "/default", get_channels),
    ("GET", _RECEIVERS + "/{name}", get_receiver),
    ("GET", _ROUTES, list_routes),
    ("POST", _ROUTES, create_route),
]
