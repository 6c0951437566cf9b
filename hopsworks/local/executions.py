"""Executions of jobs: their start, state, end and logs.

The logs of an execution are files of the project, below ``Logs/Python``. They exist before the
script starts and are on the disk before a final state is.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import logging
import os
import shlex
import shutil
import signal
from pathlib import Path
from typing import Any

from hopsworks.local.app import ApiError, Project, Request, Server, iso_time, json_response, now_ms
from hopsworks.local.env_vars import of_account
from hopsworks.local.errors import illegal_argument
from hopsworks.local.folders import locate_existing
from hopsworks.local.http import Response, no_content
from hopsworks.local.job_process import STOP_SECONDS, JobProcess, Launch
from hopsworks.local.jobs import JOB, named
from hopsworks.local.triggered_alerts import on_execution_ended

logger = logging.getLogger(__name__)

_FINAL_STATUS = {"FINISHED": "SUCCEEDED", "FAILED": "FAILED", "KILLED": "KILLED"}
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR")


class Running:
    """The executions whose processes live in this server.

    Attributes:
        processes: by the number of the execution.
        tasks: the tasks that see them to their ends, by the same number.
    """

    def __init__(self, server: Server) -> None:
        self.processes: dict[int, JobProcess] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}


# -- what an execution is --------------------------------------------------------------------------


def log_folder(project: Project, job: str, execution: int) -> Path:
    """Where the logs of an execution are kept."""
    return project.folder / "Logs" / "Python" / job / str(execution)


def remove_logs(project: Project, job: str, execution: int | None = None) -> None:
    """Remove the logs of an execution, or of all executions of a job."""
    folder = project.folder / "Logs" / "Python" / job
    shutil.rmtree(folder if execution is None else folder / str(execution), ignore_errors=True)


def describe(server: Server, project: Project, job: Any, row: Any) -> dict[str, Any]:
    """An execution's object."""
    details = _details(server, row["id"])
    finished = row["finished"]
    user = server.accounts.user(details["user"] if details else job["creator"])
    found = {
        "href": f"/hopsworks-api/api/project/{project.id}/jobs/{job['name']}/executions/{row['id']}",
        "id": row["id"],
        "state": row["state"],
        "finalStatus": _FINAL_STATUS.get(row["state"], "UNDEFINED"),
        "submissionTime": iso_time(row["submitted"]),
        "duration": (finished or now_ms()) - row["submitted"],
        "progress": 0.0 if finished is None else 1.0,
        "args": details["args"] if details else "",
        "hdfsUser": f"{project.name}__{user.username}",
        "jobName": job["name"],
        "user": {
            "username": user.username,
            "email": user.email,
            "firstname": user.first_name,
            "lastname": user.last_name,
        },
        "monitoring": {},
        "rerunCount": details["reruns"] if details else 0,
    }
    base = f"/Projects/{project.name}/Logs/Python/{job['name']}/{row['id']}"
    found |= {"stdoutPath": f"{base}/stdout.log", "stderrPath": f"{base}/stderr.log"}
    return found


def _details(server: Server, execution: int) -> Any:
    return server.metadata.one("SELECT * FROM execution_details WHERE execution=?", (execution,))


def _one(request: Request, server: Server) -> tuple[Project, Any, Any]:
    project, job = named(request, server)
    row = server.metadata.one(
        "SELECT * FROM executions WHERE job=? AND id=?",
        (job["id"], request.path_integer("execution")),
    )
    if row is None:
        raise ApiError(
            404,
            130007,
            "Execution not found.",
            f"The job {job['name']!r} has no execution {request.params['execution']}.",
        )
    return project, job, row


# -- start and end ---------------------------------------------------------------------------------


def _not_started(job: Any, reason: str) -> ApiError:
    return ApiError(
        400, 130000, "Job could not be started.", f"The job {job['name']!r} did not start: {reason}"
    )


def _plan(
    server: Server,
    project: Project,
    job: Any,
    execution: int,
    args: str,
    given: dict[str, str],
    user: int,
) -> Launch:
    """What to run for an execution; refuses what cannot run before anything is noted."""
    config = json.loads(job["config"])
    if not config.get("appPath"):
        raise _not_started(job, "the feature store starts it when it is needed.")

    def file_of(path: str) -> Path:
        try:
            place, _ = locate_existing(server, project, path)
        except ApiError as error:
            raise _not_started(job, error.user_message or error.message) from None
        if not place.file.is_file():
            raise _not_started(job, f"{place.absolute} is no file.")
        return place.file

    try:
        arguments = shlex.split(args)
    except ValueError as error:
        raise _not_started(
            job, f"its arguments {args!r} have an open quotation: {error}."
        ) from None
    files = [path.strip() for path in str(config.get("files") or "").split(",") if path.strip()]
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PYTHONUNBUFFERED": "1"}
    environment |= of_account(server, user) | given
    environment |= {
        "HOPSWORKS_HOST": f"local:{server.data_dir}",
        "HOPSWORKS_LOCAL_DATA": str(server.data_dir),
        "HOPSWORKS_PROJECT": project.name,
        "HOPSWORKS_PROJECT_NAME": project.name,
        "HOPSWORKS_PROJECT_ID": str(project.id),
        "HOPSWORKS_JOB_NAME": job["name"],
        "HOPSWORKS_JOB_EXECUTION_ID": str(execution),
    }
    logs = log_folder(project, job["name"], execution)
    return Launch(
        file_of(config["appPath"]),
        arguments,
        environment,
        server.data_dir / "jobs" / str(execution),
        [file_of(path) for path in files],
        logs / "stdout.log",
        logs / "stderr.log",
    )


def start(
    server: Server,
    project: Project,
    job: Any,
    args: str | None,
    environment: dict[str, str],
    scheduled: bool = False,
    user: int | None = None,
) -> Any:
    """Start an execution and return its row. Runs in a handler thread.

    Args:
        server: the server.
        project: the project of the job.
        job: the job's row.
        args: the arguments as text; None or empty for those of the configuration.
        environment: further environment variables.
        scheduled: whether the schedule of the job started it.
        user: who started it; None for who made the job.
    """
    args = args or str(json.loads(job["config"]).get("defaultArgs") or "")
    user = user or job["creator"]
    _plan(server, project, job, 0, args, environment, user)
    with server.metadata.transaction() as db:
        execution = db.execute(
            "INSERT INTO executions(job, state, submitted) VALUES (?,'INITIALIZING',?)",
            (job["id"], now_ms()),
        ).lastrowid
        assert execution is not None
        db.execute(
            "INSERT INTO execution_details(execution, args, environment, scheduled, user)"
            " VALUES (?,?,?,?,?)",
            (execution, args, json.dumps(environment), int(scheduled), user),
        )
    _launch(server, _plan(server, project, job, execution, args, environment, user), execution)
    return server.metadata.one("SELECT * FROM executions WHERE id=?", (execution,))


def _launch(server: Server, launch: Launch, execution: int) -> None:
    launch.stdout.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for log in (launch.stdout, launch.stderr):
        os.close(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    assert server.loop is not None
    server.loop.call_soon_threadsafe(_begin, server, launch, execution)


def _begin(server: Server, launch: Launch, execution: int) -> None:
    running = server.kept(Running)
    process = running.processes[execution] = JobProcess(launch)
    task = asyncio.get_running_loop().create_task(_see_through(server, process, execution, launch))
    running.tasks[execution] = task


async def _see_through(server: Server, process: JobProcess, execution: int, launch: Launch) -> None:
    state, message = "FAILED", None
    try:
        await server.run(note, server, execution, "RUNNING", None)
        code = await process.run()
        if process.stop_requested:
            state, message = "KILLED", "The execution was stopped."
        elif code == 0:
            state = "FINISHED"
        elif code is not None and code < 0:
            message = f"The script was killed by {signal.Signals(-code).name}."
        else:
            message = f"The script ended with exit code {code}."
    except Exception as error:
        logger.exception("execution %d failed", execution)
        message = f"The script could not be run: {type(error).__name__}: {error}"
    try:
        if message is not None:
            await server.run(_append, launch.stderr, message)
        await server.run(note, server, execution, state, message)
    finally:
        running = server.kept(Running)
        del running.processes[execution], running.tasks[execution]


def _append(log: Path, message: str) -> None:
    """Say at the end of a log how the script ended; of a deleted execution there is none."""
    if log.parent.is_dir():
        with open(log, "a", encoding="utf-8") as file:
            file.write(message + "\n")
            file.flush()
            os.fsync(file.fileno())


def note(server: Server, execution: int, state: str, message: str | None) -> None:
    """Note the state of an execution; with a final one the alerts go off that wait for it."""
    with server.metadata.transaction() as db:
        db.execute(
            "UPDATE executions SET state=?, finished=?, message=? WHERE id=?",
            (state, now_ms() if state in _FINAL_STATUS else None, message, execution),
        )
        if state in _FINAL_STATUS:
            on_execution_ended(server, db, execution, state, message)


def write_logs(project: Project, job: str, execution: int, message: str | None) -> None:
    """See that both logs exist, with a last word at the end of that of standard error."""
    logs = log_folder(project, job, execution)
    logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("stdout.log", "stderr.log"):
        (logs / name).touch(0o600)
    if message:
        _append(logs / "stderr.log", message)


def fail(server: Server, job: Any, execution: int, message: str) -> None:
    """Note that an execution could not be run, with the reason in its log."""
    write_logs(server.project_by_id(job["project"]), job["name"], execution, message)
    note(server, execution, "FAILED", message)


def end_processes(server: Server, executions: list[int], wait: bool = True) -> None:
    """End the processes of executions. Runs in a handler thread."""

    async def end() -> None:
        running = server.kept(Running)
        found = [i for i in executions if i in running.processes]
        tasks = [running.tasks[i] for i in found]
        await asyncio.gather(*(running.processes[i].stop() for i in found))
        # Their last words are in the logs and the store only when the tasks have ended too.
        await asyncio.gather(*tasks, return_exceptions=True)

    assert server.loop is not None
    ending: concurrent.futures.Future[None] = asyncio.run_coroutine_threadsafe(end(), server.loop)
    if wait:
        ending.result(STOP_SECONDS * 3)


# -- requests --------------------------------------------------------------------------------------


def post_execution(request: Request, server: Server) -> Response:
    """POST executions: text is the arguments; JSON may also carry environment variables."""
    project, job = named(request, server)
    args = request.body.decode("utf-8", "replace")
    environment: dict[str, str] = {}
    if request.header(b"content-type").startswith(b"application/json"):
        body = request.json_object() if request.body else {}
        args, environment = body.get("args") or "", body.get("envVars") or {}
        if not isinstance(args, str):
            raise illegal_argument("args must be text.")
        if not isinstance(environment, dict) or not all(
            isinstance(value, str) and "\0" not in key + value and "=" not in key and key
            for key, value in environment.items()
        ):
            raise illegal_argument("envVars must be an object of names and texts.")
    if "\0" in args:
        raise illegal_argument("The arguments hold a NUL character.")
    row = start(server, project, job, args, environment, user=request.user.id)
    return json_response(describe(server, project, job, row), 201)


def list_executions(request: Request, server: Server) -> Response:
    """GET executions, newest first."""
    project, job = named(request, server)
    offset, limit = request.integer("offset", 0) or 0, request.integer("limit")
    count = server.metadata.one("SELECT count(*) n FROM executions WHERE job=?", (job["id"],))
    rows = server.metadata.all(
        "SELECT * FROM executions WHERE job=? ORDER BY id DESC LIMIT ? OFFSET ?",
        (job["id"], -1 if limit is None else max(limit, 0), max(offset, 0)),
    )
    items = [describe(server, project, job, row) for row in rows]
    assert count is not None
    return json_response(
        {"href": request.href, "count": count["n"], **({"items": items} if items else {})}
    )


def get_execution(request: Request, server: Server) -> Response:
    """GET executions/{id}."""
    return json_response(describe(server, *_one(request, server)))


def stop_execution(request: Request, server: Server) -> Response:
    """PUT executions/{id}/status: ends an execution; one that has ended stays as it is.

    The body is passed over: clients send it in a form that its content type does not announce.
    """
    project, job, row = _one(request, server)
    if row["finished"] is None and _details(server, row["id"]) is None:
        raise ApiError(
            400,
            130001,
            "Job could not be stopped.",
            f"The feature store runs the job {job['name']!r} itself; it ends when its work is done.",
        )
    end_processes(server, [row["id"]], wait=False)
    return json_response(describe(server, project, job, row), 202)


def delete_execution(request: Request, server: Server) -> Response:
    """DELETE executions/{id}: ends it where it runs, and forgets it with its logs."""
    project, job, row = _one(request, server)
    end_processes(server, [row["id"]])
    with server.metadata.transaction() as db:
        db.execute("DELETE FROM executions WHERE id=?", (row["id"],))
    remove_logs(project, job["name"], row["id"])
    return no_content()


def rerun_execution(request: Request, server: Server) -> Response:
    """POST executions/{id}/rerun: runs a failed or stopped execution once more, under its number."""
    project, job, row = _one(request, server)
    details = _details(server, row["id"])
    if row["state"] not in ("FAILED", "KILLED") or details is None:
        raise ApiError(
            400,
            130000,
            "Job could not be started.",
            f"Execution {row['id']} is {row['state']}: only one that failed or was stopped runs again.",
        )
    environment = json.loads(details["environment"])
    launch = _plan(server, project, job, row["id"], details["args"], environment, details["user"])
    kept = launch.stdout.parent / f"attempt-{details['reruns'] + 1}"
    with server.metadata.transaction() as db:
        changed = db.execute(
            "UPDATE executions SET state='INITIALIZING', finished=NULL, message=NULL"
            " WHERE id=? AND finished IS NOT NULL",
            (row["id"],),
        ).rowcount
        if not changed:
            raise _not_started(job, f"execution {row['id']} is running again already.")
        db.execute("UPDATE execution_details SET reruns=reruns+1 WHERE execution=?", (row["id"],))
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        for log in (launch.stdout, launch.stderr):
            if log.exists():
                os.replace(log, kept / log.name)
    _launch(server, launch, row["id"])
    return get_execution(request, server)


def stop_table(request: Request, server: Server) -> Response:
    """PUT executions/{id}/tables/{i}/status: only ingestion from databases has tables."""
    _, job, _ = _one(request, server)
    raise ApiError(
        501,
        130002,
        "Job type is not supported.",
        f"The job {job['name']!r} ingests no tables; that needs a cluster.",
    )


def _log(project: Project, job: Any, row: Any, stream: str, limit: int = 1 << 20) -> str:
    """The end of a log as text; of a job of the feature store why it failed."""
    try:
        with open(log_folder(project, job["name"], row["id"]) / f"std{stream}.log", "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
            return file.read(limit).decode("utf-8", "replace")
    except FileNotFoundError:
        return (row["message"] or "") if stream == "err" else ""


def get_log(request: Request, server: Server) -> Response:
    """GET executions/{id}/log/{out|err}: the end of a log."""
    project, job, row = _one(request, server)
    stream = request.params["stream"].lower()
    if stream not in ("out", "err"):
        raise illegal_argument(f"There is a log 'out' and a log 'err', but none {stream!r}.")
    return json_response(
        {
            "type": stream.upper(),
            "log": _log(project, job, row, stream),
            "path": describe(server, project, job, row)[f"std{stream}Path"],
        }
    )


def get_pod_logs(request: Request, server: Server) -> Response:
    """GET executions/{id}/pod-logs: what a running script has printed so far."""
    project, job, row = _one(request, server)
    if row["finished"] is not None:
        return json_response(
            {
                "status": "LOGS_UNAVAILABLE",
                "available": False,
                "message": "The execution has ended. Its logs are files now: download them.",
            }
        )
    limit, lines = request.integer("limitBytes"), request.integer("lines")
    limit = 1 << 20 if limit is None else max(0, min(limit, 1 << 20))
    text = _log(project, job, row, "out", limit)
    if lines is not None:
        text = "".join(text.splitlines(keepends=True)[-lines:]) if lines > 0 else ""
    return json_response(
        {
            "status": "AVAILABLE",
            "available": True,
            "log": text,
            "podName": f"{job['name']}-{row['id']}",
            "containerName": "python",
        }
    )


# -- life ------------------------------------------------------------------------------------------


async def on_start(server: Server) -> None:
    """Marks what a crash interrupted as failed."""
    await server.run(_mark_interrupted, server)


def _mark_interrupted(server: Server) -> None:
    shutil.rmtree(server.data_dir / "jobs", ignore_errors=True)
    message = "The server ended before the job."
    for row in server.metadata.all(
        "SELECT e.id, j.name, j.project FROM executions e JOIN jobs j ON j.id = e.job"
        " WHERE e.finished IS NULL"
    ):
        fail(server, row, row["id"], message)


async def on_stop(server: Server) -> None:
    """Ends all processes and notes that they were stopped."""
    running = server.kept(Running)
    await asyncio.gather(
        *(process.stop() for process in list(running.processes.values())), return_exceptions=True
    )
    await asyncio.gather(*list(running.tasks.values()), return_exceptions=True)


def keeps_alive(server: Server) -> bool:
    """True while an execution runs."""
    return (
        server.metadata.one("SELECT 1 FROM executions WHERE finished IS NULL LIMIT 1") is not None
    )


_EXECUTION = JOB + "/executions/{execution}"

ROUTES = [
    ("GET", JOB + "/executions", list_executions),
    ("POST", JOB + "/executions", post_execution),
    ("GET", _EXECUTION, get_execution),
    ("DELETE", _EXECUTION, delete_execution),
    ("PUT", _EXECUTION + "/status", stop_execution),
    ("POST", _EXECUTION + "/rerun", rerun_execution),
    ("PUT", _EXECUTION + "/tables/{table}/status", stop_table),
    ("GET", _EXECUTION + "/log/{stream}", get_log),
    ("GET", _EXECUTION + "/pod-logs", get_pod_logs),
]
