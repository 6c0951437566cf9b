"""Schedules of jobs: cron expressions, and the runs that are due.

One task of the server looks at the schedules when the next one is due. A run that was missed, because
the server did not run or an earlier run lasted, is made up for: the newest of them only, or every one
with ``catchup``. A run is told the span of time it is for in ``HOPS_START_TIME`` and ``HOPS_END_TIME``.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import logging
from typing import Any

from hopsworks.local import executions
from hopsworks.local.app import ApiError, Request, Server, json_response, now_ms
from hopsworks.local.cron import Cron, CronError
from hopsworks.local.errors import illegal_argument
from hopsworks.local.http import Response, no_content
from hopsworks.local.jobs import JOB, named

logger = logging.getLogger(__name__)

_LONGEST_SLEEP = 60.0
_BUSY_SLEEP = 0.25
_MOST_MISSED = 10_000
_DEFAULTS: dict[str, Any] = {
    "startDateTime": None,
    "endDateTime": None,
    "catchup": False,
    "maxActiveRuns": 1,
    "startTimeOffsetSeconds": None,
    "endTimeOffsetSeconds": None,
    "skipToDate": None,
    "maxCatchupRuns": None,
}
_LOOK_BACK = tuple(
    datetime.timedelta(seconds=s) for s in (60, 3600, 86400, 32 * 86400, 367 * 86400)
)


class Clock:
    """The task that starts due runs, and the event that wakes it early."""

    def __init__(self, server: Server) -> None:
        self.task: asyncio.Task[None] | None = None
        self.changed = asyncio.Event()


def _moment(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)


def _milliseconds(moment: datetime.datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def describe(row: Any) -> dict[str, Any]:
    """A schedule's object."""
    return {
        "id": row["id"],
        **json.loads(row["definition"]),
        "enabled": bool(row["enabled"]),
        "nextExecutionDateTime": row["next_run"],
    }


def _definition(body: dict[str, Any]) -> dict[str, Any]:
    """What a request says about a schedule, checked."""
    found = {name: body.get(name, default) for name, default in _DEFAULTS.items()}
    for name in ("startDateTime", "endDateTime", "skipToDate"):
        value = found[name]
        if value is not None and (type(value) is not int or not 0 <= value < 4_102_444_800_000):
            raise illegal_argument(f"{name} must be epoch milliseconds until 2099, not {value!r}.")
    for name, least in (("maxActiveRuns", 1), ("maxCatchupRuns", 0)):
        value = found[name] = _DEFAULTS[name] if found[name] is None else found[name]
        if value is not None and (type(value) is not int or value < least):
            raise illegal_argument(f"{name} must be a whole number from {least}, not {value!r}.")
    for name in ("startTimeOffsetSeconds", "endTimeOffsetSeconds"):
        value = found[name]
        if value is not None and (type(value) is not int or abs(value) > 10**9):
            raise illegal_argument(f"{name} must be whole seconds, not {value!r}.")
    if found["startDateTime"] is None:
        found["startDateTime"] = now_ms()
    try:
        Cron(body.get("cronExpression") or "")
    except CronError as error:
        raise illegal_argument(str(error)) from None
    found["cronExpression"] = body["cronExpression"]
    found["catchup"] = bool(found["catchup"])
    return found


def _first(definition: dict[str, Any], earliest: int) -> int | None:
    """The first run at or after a time, in milliseconds; None when the schedule is over by then."""
    before = _moment(earliest) - datetime.timedelta(milliseconds=1)
    return _until_end(definition, Cron(definition["cronExpression"]).after(before))


def _until_end(definition: dict[str, Any], moment: datetime.datetime | None) -> int | None:
    run, end = _milliseconds(moment), definition["endDateTime"]
    return None if run is None or (end is not None and run >= end) else run


# -- requests --------------------------------------------------------------------------------------


def get_schedule(request: Request, server: Server) -> Response:
    """GET jobs/{name}/schedule/v2."""
    return json_response(describe(_row(server, named(request, server)[1])))


def _row(server: Server, job: Any) -> Any:
    row = server.metadata.one("SELECT * FROM job_schedules WHERE job=?", (job["id"],))
    if row is None:
        raise ApiError(
            404, 130042, "Schedule not found.", f"The job {job['name']!r} has no schedule."
        )
    return row


def post_schedule(request: Request, server: Server) -> Response:
    """POST jobs/{name}/schedule/v2: gives a job its schedule, in place of one that it has."""
    _, job = named(request, server)
    body = request.json_object()
    definition = _definition(body)
    return json_response(
        _store(server, job, definition, body, _first(definition, definition["startDateTime"])), 201
    )


def put_schedule(request: Request, server: Server) -> Response:
    """PUT jobs/{name}/schedule/v2: changes a schedule, or pauses it; runs it missed are passed over."""
    _, job = named(request, server)
    body = request.json_object()
    if type(body.get("id")) is not int:
        raise illegal_argument("To change a schedule, send its id.")
    if _row(server, job)["id"] != body["id"]:
        raise ApiError(
            404,
            130042,
            "Schedule not found.",
            f"The job {job['name']!r} has no schedule {body['id']}.",
        )
    definition = _definition(body)
    earliest = max(definition["startDateTime"], now_ms())
    if definition["catchup"]:
        earliest = definition["startDateTime"]
    return json_response(_store(server, job, definition, body, _first(definition, earliest)))


def _store(
    server: Server, job: Any, definition: dict[str, Any], body: dict[str, Any], run: int | None
) -> dict[str, Any]:
    enabled = body.get("enabled", True) is not False and run is not None
    with server.metadata.transaction() as db:
        db.execute(
            "INSERT INTO job_schedules(job, definition, enabled, next_run) VALUES (?,?,?,?)"
            " ON CONFLICT (job) DO UPDATE SET definition=excluded.definition,"
            " enabled=excluded.enabled, next_run=excluded.next_run",
            (job["id"], json.dumps(definition), int(enabled), run),
        )
    _wake(server)
    return describe(_row(server, job))


def delete_schedule(request: Request, server: Server) -> Response:
    """DELETE jobs/{name}/schedule/v2; runs that have started go on."""
    _, job = named(request, server)
    row = _row(server, job)
    with server.metadata.transaction() as db:
        db.execute("DELETE FROM job_schedules WHERE id=?", (row["id"],))
    return no_content()


def _wake(server: Server) -> None:
    assert server.loop is not None
    server.loop.call_soon_threadsafe(server.kept(Clock).changed.set)


# -- due runs --------------------------------------------------------------------------------------


def due_runs(definition: dict[str, Any], next_run: int, now: int) -> list[int]:
    """The runs from ``next_run`` until now that are to be made up for, oldest first.

    Args:
        definition: the schedule's definition.
        next_run: when the first of them is due, in milliseconds.
        now: the time, in milliseconds.
    """
    cron = Cron(definition["cronExpression"])
    first = next_run
    if not definition["catchup"]:
        # Only the newest counts, so begin close to the present.
        for span in _LOOK_BACK:
            near = _milliseconds(cron.after(_moment(now) - span))
            if near is not None and next_run <= near <= now:
                first = near
                break
    found: list[int] = []
    run: int | None = first
    while run is not None and run <= now and len(found) < _MOST_MISSED:
        found.append(run)
        run = _until_end(definition, cron.after(_moment(run)))
    if definition["skipToDate"] is not None:
        found = [run for run in found if run >= definition["skipToDate"]]
    if not definition["catchup"]:
        return found[-1:]
    # The newest is due in its own right; the limit is for those that were missed.
    most = definition["maxCatchupRuns"]
    return found if most is None else found[-(most + 1) :]


def _span(definition: dict[str, Any], run: int, previous: int | None) -> dict[str, str]:
    """The environment variables that tell a run which span of time it is for."""
    begin, end = definition["startTimeOffsetSeconds"], definition["endTimeOffsetSeconds"]
    start_time = previous if begin is None else run + begin * 1000
    end_time = run if end is None else run + end * 1000
    if start_time is None:
        start_time = definition["startDateTime"]
    return {
        "HOPS_START_TIME": _moment(start_time).isoformat(),
        "HOPS_END_TIME": _moment(end_time).isoformat(),
    }


def _start_due(server: Server) -> float:
    """Start what is due, and return the seconds until the next look. Runs in a thread."""
    now, pause = now_ms(), _LONGEST_SLEEP
    for row in server.metadata.all(
        "SELECT s.*, j.project FROM job_schedules s JOIN jobs j ON j.id = s.job WHERE s.enabled=1"
    ):
        try:
            wait = _start_one(server, row, now)
        except Exception:
            logger.exception("schedule %d could not start its run", row["id"])
            wait = _LONGEST_SLEEP
        pause = min(pause, wait)
    return max(0.001, pause)


def _start_one(server: Server, row: Any, now: int) -> float:
    if row["next_run"] > now:
        return float(row["next_run"] - now) / 1000
    definition = json.loads(row["definition"])
    active = server.metadata.one(
        "SELECT count(*) n FROM executions e JOIN execution_details d ON d.execution = e.id"
        " WHERE e.job=? AND e.finished IS NULL",
        (row["job"],),
    )
    if active is not None and active["n"] >= definition["maxActiveRuns"]:
        return _BUSY_SLEEP
    due = due_runs(definition, row["next_run"], now)
    cron = Cron(definition["cronExpression"])
    after = _moment(due[0]) if due else _moment(now)
    following = _until_end(definition, cron.after(after))
    with server.metadata.transaction() as db:
        # Noted before the run starts: after a crash it may be missing, but never runs twice.
        changed = db.execute(
            "UPDATE job_schedules SET next_run=coalesce(?, next_run), enabled=? WHERE id=?"
            " AND enabled=1 AND next_run=? AND definition=?",
            (
                following,
                int(following is not None),
                row["id"],
                row["next_run"],
                row["definition"],
            ),
        ).rowcount
    if changed and due:
        job = server.metadata.one("SELECT * FROM jobs WHERE id=?", (row["job"],))
        if job is not None:
            project = server.project_by_id(row["project"])
            span = _span(definition, due[0], _previous(cron, due[0], definition))
            try:
                executions.start(server, project, job, None, span, scheduled=True)
            except ApiError as error:
                _note_failure(server, job, span, error.user_message or error.message)
    return 0.0


def _previous(cron: Cron, run: int, definition: dict[str, Any]) -> int | None:
    """The run before a run, not before the start of the schedule."""
    for span in _LOOK_BACK:
        last, near = None, cron.after(_moment(run) - span - datetime.timedelta(seconds=1))
        while near is not None and (at := int(near.timestamp() * 1000)) < run:
            last, near = at, cron.after(near)
        if last is not None:
            return max(last, definition["startDateTime"])
    return None


def _note_failure(server: Server, job: Any, span: dict[str, str], message: str) -> None:
    """Keep a run that could not start, so that its reason is found among the executions."""
    logger.warning("scheduled run: %s", message)
    with server.metadata.transaction() as db:
        execution = db.execute(
            "INSERT INTO executions(job, state, submitted) VALUES (?,'INITIALIZING',?)",
            (job["id"], now_ms()),
        ).lastrowid
        assert execution is not None
        db.execute(
            "INSERT INTO execution_details(execution, args, environment, scheduled) VALUES (?,'',?,1)",
            (execution, json.dumps(span)),
        )
        executions.fail(server, job, execution, message)


async def _run_clock(server: Server, clock: Clock) -> None:
    while True:
        clock.changed.clear()
        pause = await server.run(_start_due, server)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(clock.changed.wait(), pause)


async def on_start(server: Server) -> None:
    """Begins to watch the schedules."""
    clock = server.kept(Clock)
    clock.task = asyncio.get_running_loop().create_task(_run_clock(server, clock))


async def on_stop(server: Server) -> None:
    """Starts nothing more."""
    task = server.kept(Clock).task
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def keeps_alive(server: Server) -> bool:
    """True while a schedule is to start further runs."""
    return server.metadata.one("SELECT 1 FROM job_schedules WHERE enabled=1 LIMIT 1") is not None


_SCHEDULE = JOB + "/schedule/v2"

ROUTES = [
    ("GET", _SCHEDULE, get_schedule),
    ("POST", _SCHEDULE, post_schedule),
    ("PUT", _SCHEDULE, put_schedule),
    ("DELETE", _SCHEDULE, delete_schedule),
]
