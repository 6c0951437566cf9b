"""Jobs that the feature store starts: writing training datasets and computing statistics.

A job runs in a thread of the server. Its state is kept in the metadata store, so a client that
polls learns the outcome, and one that was interrupted by a crash is shown as failed afterwards.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from hopsworks.local import executions, jobs
from hopsworks.local.app import ApiError, Request, Server, now_ms

_log = logging.getLogger(__name__)


def start(request: Request, server: Server, name: str, work: Callable[[], None]) -> dict[str, Any]:
    """Starts work as an execution of a job.

    Parameters:
        request: who asks for it; the job belongs to the project of the request.
        server: the server.
        name: name of the job; made when it does not exist.
        work: what to do; its exception becomes the execution's message.

    Returns:
        The job's object.
    """
    project = server.project(request)
    with server.metadata.transaction() as db:
        db.execute(
            "INSERT INTO jobs(project, name, config, created, creator) VALUES (?,?,?,?,?)"
            " ON CONFLICT DO NOTHING",
            (
                project.id,
                name,
                json.dumps({"type": "pythonJobConfiguration", "appName": name, "defaultArgs": ""}),
                now_ms(),
                request.user.id,
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
        executions.write_logs(project, name, int(execution or 0), message)
        executions.note(server, int(execution or 0), state, message)

    server.executor.submit(run)
    return jobs.describe(server, project, job)
