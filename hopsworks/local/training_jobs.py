"""Jobs that the feature store starts: writing training datasets and computing statistics.

A job runs in a thread of the server. Its state is kept in the metadata store, so a client that
polls learns the outcome, and one that was interrupted by a crash is shown as failed afterwards.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, now_ms
from hopsworks.local.feature_groups import creator
from hopsworks.local.http import no_content

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project INTEGER NOT NULL,
  name TEXT NOT NULL,
  config TEXT NOT NULL,
  created INTEGER NOT NULL,
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
"""

_log = logging.getLogger(__name__)
_FINAL = {"FINISHED": "SUCCEEDED", "FAILED": "FAILED"}


async def on_start(server: Server) -> None:
    """Marks what a crash interrupted as failed."""
    message = "The server ended before the job."
    interrupted = server.metadata.all(
        "SELECT e.id, j.name, j.project FROM executions e JOIN jobs j ON j.id=e.job"
        " WHERE e.finished IS NULL"
    )
    for row in interrupted:
        project = server.project_by_id(row["project"])
        _write_logs(project, row["name"], row["id"], message)
        with server.metadata.transaction() as db:
            db.execute(
                "UPDATE executions SET state='FAILED', finished=?, message=? WHERE id=?",
                (now_ms(), message, row["id"]),
            )


def keeps_alive(server: Server) -> bool:
    """True while a job runs."""
    return (
        server.metadata.one("SELECT 1 FROM executions WHERE finished IS NULL LIMIT 1") is not None
    )


def start(server: Server, project: Project, name: str, work: Callable[[], None]) -> dict[str, Any]:
    """Starts work as an execution of a job.

    Parameters:
        server: the server.
        project: the project that owns the job.
        name: name of the job; made when it does not exist.
        work: what to do; its exception becomes the execution's message.

    Returns:
        The job's object.
    """
    with server.metadata.transaction() as db:
        db.execute(
            "INSERT INTO jobs(project, name, config, created) VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
            (
                project.id,
                name,
                json.dumps({"type": "pythonJobConfiguration", "appName": name, "defaultArgs": ""}),
                now_ms(),
            ),
        )
        job = db.execute(
            "SELECT * FROM jobs WHERE project=? AND name=?", (project.id, name)
        ).fetchone()
        execution = db.execute(
            "INSERT INTO executions(job, state, submitted) VALUES (?,'RUNNING',?)",
            (job["id"], now_ms()),
        ).lastrowid

    def run() -> None:
        state, message = "FINISHED", None
        try:
            work()
        except ApiError as error:
            state, message = "FAILED", error.user_message or error.message
        except Exception as error:
            _log.exception("job %s failed", name)
            state, message = "FAILED", f"{type(error).__name__}: {error}"
        # Clients wait for the logs once they have seen a final state.
        _write_logs(project, name, int(execution or 0), message)
        with server.metadata.transaction() as db:
            db.execute(
                "UPDATE executions SET state=?, finished=?, message=? WHERE id=?",
                (state, now_ms(), message, execution),
            )

    server.executor.submit(run)
    return _job(server, project, job)


def _log_file(name: str, execution: int, stream: str) -> str:
    """Where the log of an execution lies, below the project's folder."""
    return f"Logs/Python/{name}/{execution}/{stream}.log"


def _write_logs(project: Project, name: str, execution: int, message: str | None) -> None:
    for stream, text in (("stdout", ""), ("stderr", f"{message}\n" if message else "")):
        path = project.folder / _log_file(name, execution, stream)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _job(server: Server, project: Project, row: Any) -> dict[str, Any]:
    return {
        "href": f"/hopsworks-api/api/project/{project.id}/jobs/{row['name']}",
        "id": row["id"],
        "name": row["name"],
        "creationTime": iso_time(row["created"]),
        "config": json.loads(row["config"]),
        "jobType": "PYTHON",
        "creator": creator(server),
    }


def _execution(project: Project, job: Any, row: Any) -> dict[str, Any]:
    duration = (row["finished"] or now_ms()) - row["submitted"]
    return {
        "href": f"/hopsworks-api/api/project/{project.id}/jobs/{job['name']}/executions/{row['id']}",
        "id": row["id"],
        "state": row["state"],
        "finalStatus": _FINAL.get(row["state"], "UNDEFINED"),
        "submissionTime": iso_time(row["submitted"]),
        "duration": duration,
        "progress": 0.0 if row["finished"] is None else 1.0,
        "stdoutPath": f"/Projects/{project.name}/{_log_file(job['name'], row['id'], 'stdout')}",
        "stderrPath": f"/Projects/{project.name}/{_log_file(job['name'], row['id'], 'stderr')}",
        "args": "",
        "hdfsUser": f"{project.name}__local",
        "jobName": job["name"],
        "monitoring": {},
    }


def _named(request: Request, server: Server) -> tuple[Project, Any]:
    project = server.project(request)
    row = server.metadata.one(
        "SELECT * FROM jobs WHERE project=? AND name=?", (project.id, request.params["job"])
    )
    if row is None:
        raise ApiError(404, 130009, "Job not found.", f"There is no job '{request.params['job']}'.")
    return project, row


def list_jobs(request: Request, server: Server) -> Any:
    """GET jobs."""
    project = server.project(request)
    items = [
        _job(server, project, row)
        for row in server.metadata.all(
            "SELECT * FROM jobs WHERE project=? ORDER BY id", (project.id,)
        )
    ]
    return {"href": request.href, "count": len(items), **({"items": items} if items else {})}


def get_job(request: Request, server: Server) -> Any:
    """GET jobs/{name}."""
    project, row = _named(request, server)
    return _job(server, project, row)


def delete_job(request: Request, server: Server) -> Any:
    """DELETE jobs/{name}."""
    _, row = _named(request, server)
    with server.metadata.transaction() as db:
        db.execute("DELETE FROM jobs WHERE id=?", (row["id"],))
    return no_content()


def list_executions(request: Request, server: Server) -> Any:
    """GET jobs/{name}/executions, newest first."""
    project, job = _named(request, server)
    rows = server.metadata.all(
        "SELECT * FROM executions WHERE job=? ORDER BY id DESC", (job["id"],)
    )
    offset, limit = request.integer("offset", 0) or 0, request.integer("limit")
    page = rows[offset:] if limit is None else rows[offset : offset + limit]
    items = [_execution(project, job, row) for row in page]
    return {"href": request.href, "count": len(rows), **({"items": items} if items else {})}


def _one_execution(request: Request, server: Server) -> tuple[Project, Any, Any]:
    project, job = _named(request, server)
    row = server.metadata.one(
        "SELECT * FROM executions WHERE job=? AND id=?",
        (job["id"], request.path_integer("execution")),
    )
    if row is None:
        raise ApiError(
            404,
            130007,
            "Execution not found.",
            f"Job '{job['name']}' has no execution {request.params['execution']}.",
        )
    return project, job, row


def get_execution(request: Request, server: Server) -> Any:
    """GET jobs/{name}/executions/{id}."""
    return _execution(*_one_execution(request, server))


def get_log(request: Request, server: Server) -> Any:
    """GET jobs/{name}/executions/{id}/log/{out|err}: why an execution failed."""
    _, _, row = _one_execution(request, server)
    stream = request.params["stream"].upper()
    return {"type": stream, "log": (row["message"] or "") if stream == "ERR" else ""}


def on_project_deleted(server: Server, db: Any, project: Project) -> None:
    """Forgets the jobs of a project that is being deleted."""
    db.execute("DELETE FROM jobs WHERE project=?", (project.id,))


_JOB = "project/{project_id}/jobs/{job}"

ROUTES = [
    ("GET", "project/{project_id}/jobs", list_jobs),
    ("GET", _JOB, get_job),
    ("DELETE", _JOB, delete_job),
    ("GET", _JOB + "/executions", list_executions),
    ("GET", _JOB + "/executions/{execution}", get_execution),
    ("GET", _JOB + "/executions/{execution}/log/{stream}", get_log),
]
