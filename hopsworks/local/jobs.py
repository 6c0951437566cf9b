"""Jobs: named configurations of scripts that the server can run.

The local server runs Python scripts. It refuses every other kind of job when it is to be made, so
that nothing looks as if it could run.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from hopsworks.local import attachments, tags
from hopsworks.local.accounts import OWNER
from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.errors import illegal_argument
from hopsworks.local.feature_groups import creator
from hopsworks.local.http import Response, no_content
from hopsworks.local.pages import page

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  created INTEGER NOT NULL,
  creator INTEGER NOT NULL DEFAULT 1,
  UNIQUE (project, name)
);
CREATE TABLE IF NOT EXISTS executions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  submitted INTEGER NOT NULL,
  finished INTEGER,
  message TEXT
);
CREATE INDEX IF NOT EXISTS executions_of_job ON executions(job, id);
CREATE TABLE IF NOT EXISTS execution_details (
  execution INTEGER PRIMARY KEY REFERENCES executions(id) ON DELETE CASCADE,
  args TEXT NOT NULL,
  environment TEXT NOT NULL,
  scheduled INTEGER NOT NULL,
  reruns INTEGER NOT NULL DEFAULT 0,
  user INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS job_schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job INTEGER NOT NULL UNIQUE REFERENCES jobs(id) ON DELETE CASCADE,
  definition TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  next_run INTEGER
);
"""

_FORBIDDEN = re.compile(r"[\s/\\?*:|'\"<>%()&;#\0]")
_PYTHON = "pythonJobConfiguration"
_DEFAULT_CONFIG = {
    "type": _PYTHON,
    "environmentName": "python-feature-pipeline",
    "resourceConfig": {"cores": 1.0, "memory": 2048, "gpus": 0},
    "logRedirection": True,
    "jobType": "PYTHON",
}


_CLUSTER_KINDS = frozenset(
    [
        *("SPARK", "PYSPARK", "FLINK", "YARN", "DOCKER", "PYTHON_APP", "AGENT", "INGESTION"),
        *(
            f"{kind}JobConfiguration"
            for kind in ("spark", "flink", "yarn", "docker", "pythonApp", "agent", "ingestion")
        ),
    ]
)


def not_here(kind: str) -> ApiError:
    """The refusal of a kind of job: one that needs a cluster, or one that nobody knows."""
    if kind not in _CLUSTER_KINDS:
        return ApiError(
            400,
            130002,
            "Job type is not supported.",
            f"There is no type of job named {kind!r}; the local server runs PYTHON jobs ({_PYTHON}).",
        )
    return ApiError(
        501,
        130002,
        "Job type is not supported.",
        f"The local server runs Python scripts; a job of type {kind!r} needs a cluster.",
    )


def describe(server: Server, project: Project, row: Any) -> dict[str, Any]:
    """A job's object."""
    from hopsworks.local.schedules import describe as describe_schedule

    config = json.loads(row["config"])
    found = {
        "href": f"/hopsworks-api/api/project/{project.id}/jobs/{row['name']}",
        "id": row["id"],
        "name": row["name"],
        "creationTime": iso_time(row["created"]),
        "config": config,
        "jobType": "PYTHON",
        "creator": creator(server, row["creator"]),
        "description": config.get("description"),
    }
    schedule = server.metadata.one("SELECT * FROM job_schedules WHERE job=?", (row["id"],))
    if schedule is not None:
        found["jobSchedule"] = describe_schedule(schedule)
    return found


def job_row(server: Server, project: Project, name: str) -> Any:
    """The row of a job; 404 when there is none."""
    row = server.metadata.one("SELECT * FROM jobs WHERE project=? AND name=?", (project.id, name))
    if row is None:
        raise ApiError(404, 130009, "Job not found.", f"There is no job {name!r}.")
    return row


def named(request: Request, server: Server) -> tuple[Project, Any]:
    """The project and the job that a request names."""
    project = server.project(request)
    return project, job_row(server, project, request.params["job"])


def list_jobs(request: Request, server: Server) -> Response:
    """GET jobs."""
    project = server.project(request)
    rows = server.metadata.all("SELECT * FROM jobs WHERE project=? ORDER BY id", (project.id,))
    return json_response(page(request, rows, lambda row: describe(server, project, row)))


def get_job(request: Request, server: Server) -> Response:
    """GET jobs/{name}."""
    return json_response(describe(server, *named(request, server)))


def get_configuration(request: Request, server: Server) -> dict[str, Any]:
    """GET jobs/{type}/configuration: the defaults of a kind of job."""
    server.project(request)
    kind = request.params["job"]
    if kind.lower() != "python":
        raise not_here(kind.upper())
    return _DEFAULT_CONFIG


def put_job(request: Request, server: Server) -> Response:
    """PUT jobs/{name}: makes a job, or replaces its configuration."""
    project = server.project(request)
    config = request.json_object()
    kind = config.get("type")
    if not isinstance(kind, str):
        raise illegal_argument("The configuration of a job needs its 'type'.")
    name = config.get("appName") or request.params["job"]
    if not isinstance(name, str) or not name.strip("."):
        raise _bad_name(name, "it is empty")
    if _FORBIDDEN.search(name) or len(name.encode()) > 255:
        raise _bad_name(name, "use letters, digits, '-', '_' and '.', at most 255 bytes")
    if kind != _PYTHON:
        raise not_here(kind)
    path = config.get("appPath")
    if not isinstance(path, str) or not path:
        raise illegal_argument(f"The configuration of the job {name!r} needs an 'appPath'.")
    if not path.endswith(".py"):
        raise ApiError(
            501,
            130002,
            "Job type is not supported.",
            f"The local server runs Python scripts, whose names end with .py; {path!r} is none.",
        )
    config |= {"appName": name, "jobType": "PYTHON"}
    with server.metadata.transaction() as db:
        known = db.execute(
            "SELECT 1 FROM jobs WHERE project=? AND name=?", (project.id, name)
        ).fetchone()
        db.execute(
            "INSERT INTO jobs(project, name, config, created, creator) VALUES (?,?,?,?,?)"
            " ON CONFLICT (project, name) DO UPDATE SET config=excluded.config",
            (project.id, name, json.dumps(config), now_ms(), request.user.id),
        )
    row = job_row(server, project, name)
    return json_response(describe(server, project, row), 200 if known else 201)


def _bad_name(name: object, reason: str) -> ApiError:
    return ApiError(400, 130006, "Job name is not valid.", f"{name!r} is no job name: {reason}.")


def delete_job(request: Request, server: Server) -> Response:
    """DELETE jobs/{name}: ends what runs of it and forgets it with its executions and schedule."""
    from hopsworks.local import executions

    project, row = named(request, server)
    with server.metadata.transaction() as db:
        ids = [r["id"] for r in db.execute("SELECT id FROM executions WHERE job=?", (row["id"],))]
        db.execute("DELETE FROM jobs WHERE id=?", (row["id"],))
        attachments.drop(db, "job", row["id"])
    executions.end_processes(server, ids)
    executions.remove_logs(project, row["name"])
    return no_content()


def prepare(server: Server) -> None:
    """Jobs and executions of an earlier release, which had one user, are the owner's."""
    server.metadata.add_column("jobs", "creator", f"INTEGER NOT NULL DEFAULT {OWNER}")
    server.metadata.add_column("execution_details", "user", f"INTEGER NOT NULL DEFAULT {OWNER}")


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Ends and forgets the jobs of a project that is being deleted."""
    from hopsworks.local import executions

    rows = db.execute(
        "SELECT e.id FROM executions e JOIN jobs j ON j.id = e.job WHERE j.project=?", (project.id,)
    ).fetchall()
    for job in db.execute("SELECT id FROM jobs WHERE project=?", (project.id,)).fetchall():
        attachments.drop(db, "job", job["id"])
    db.execute("DELETE FROM jobs WHERE project=?", (project.id,))
    executions.end_processes(server, [row["id"] for row in rows], wait=False)


JOB = "project/{project_id}/jobs/{job}"

ROUTES = [
    ("GET", "project/{project_id}/jobs", list_jobs),
    ("GET", JOB, get_job),
    ("PUT", JOB, put_job),
    ("DELETE", JOB, delete_job),
    ("GET", JOB + "/configuration", get_configuration),
    *tags.tag_routes(JOB, "job", lambda request, server: str(named(request, server)[1]["id"])),
]
