"""Routes over the rows of a feature group: insert, commits, activity, online ingestion records."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from pathlib import Path
from typing import Any

from hopsworks.local.app import ApiError, Request, Server, json_response, now_ms
from hopsworks.local.feature_data import feature_data, warm_up
from hopsworks.local.feature_groups import (
    creator,
    feature_group_by_id,
    feature_group_of,
)
from hopsworks.local.http import number_of_digits, whole_number
from hopsworks.local.ingest import Ingestor, IngestRequest
from hopsworks.local.pages import cut

_OPERATIONS = ("upsert", "insert", "delete")
_PIECE = 4 * 1024 * 1024
_SETTLE_BYTES = 4 * 1024 * 1024


def ingestor(server: Server) -> Ingestor:
    """The ingestor of a server."""
    return Ingestor(feature_data(server), lambda group: feature_group_by_id(server, group))


async def on_start(server: Server) -> None:
    """Completes what a crash interrupted before any request is answered."""
    if (Path(server.data_dir) / "featurestore" / "online.sqlite").exists():
        await server.run(lambda: ingestor(server).recover())


async def on_stop(server: Server) -> None:
    """Closes the online file."""
    data = getattr(server, "feature_data", None)
    if data is not None:
        await server.run(data.close)


async def insert_rows(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/rows: an Arrow stream becomes rows, once for each ingestion uuid."""
    group = await server.run(feature_group_of, request, server)
    warm_up()
    wanted = _ingest_request(request)
    work = ingestor(server)
    known = await server.run(work.result, wanted.ingestion)
    data = feature_data(server)
    arrived = data.staging / f"{wanted.ingestion}.{uuid.uuid4().hex}.part"
    try:
        await _receive(request, server, None if known else arrived)
        answer = known or await server.run(work.accept, group, wanted, arrived)
    finally:
        arrived.unlink(missing_ok=True)
    log = data.online.path.with_name(data.online.path.name + "-wal")
    if log.exists() and log.stat().st_size > _SETTLE_BYTES:
        asyncio.get_running_loop().run_in_executor(server.executor, data.online.settle)
    return answer


async def _receive(request: Request, server: Server, target: Path | None) -> None:
    """Writes the body to a file in large pieces; without a target it is read and dropped."""
    if target is None:
        async for _ in request.stream():
            pass
        return
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    file = await server.run(os.open, target, flags, 0o600)
    try:
        pieces: list[bytes] = []
        size = 0
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size >= _PIECE:
                await server.run(_write, file, b"".join(pieces))
                pieces, size = [], 0
        await server.run(_write, file, b"".join(pieces))
    except OSError as error:
        raise ApiError(
            507,
            120001,
            "The rows could not be kept.",
            f"Writing them to the data folder failed: {error.strerror}. Make room and insert again.",
        ) from error
    finally:
        await server.run(os.close, file)


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _ingest_request(request: Request) -> IngestRequest:
    text = request.query("ingestion") or ""
    try:
        ingestion = str(uuid.UUID(text))
    except ValueError:
        raise ApiError(
            400, 120001, "Illegal argument.", f"ingestion must be a uuid, not '{text}'."
        ) from None
    operation = (request.query("operation") or "upsert").lower()
    if operation == "bulk_insert":
        operation = "insert"
    if operation not in _OPERATIONS:
        raise ApiError(
            400,
            120001,
            "Illegal argument.",
            f"operation '{operation}' is none of {', '.join(_OPERATIONS)}.",
        )
    storage = (request.query("storage") or "").lower() or None
    if storage not in (None, "offline", "online"):
        raise ApiError(
            400, 120001, "Illegal argument.", f"storage '{storage}' is neither offline nor online."
        )
    return IngestRequest(ingestion, operation, storage, request.flag("overwrite"))


def update_table_schema(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/updatetableschema: appended features become columns of the table.

    Rows sent to this server need it not; writers that open the Delta table themselves do.
    """
    from hopsworks.local import training_jobs

    group = feature_group_of(request, server)
    data = feature_data(server)

    def work() -> None:
        with data.lock(group["id"]):
            data.offline(group).add_missing_columns()

    name = f"{group['name']}_{group['version']}_update_table_schema"
    return json_response(training_jobs.start(request, server, name, work))


# -- commits ------------------------------------------------------------------------------------


def _commit(request: Request, row: Any) -> dict[str, Any]:
    made = row["time"]
    base = request.raw_path.split("/commits", 1)[0].split("/activity", 1)[0]
    return {
        "href": f"{request.base_url}{base}/commits/{made}",
        "commitID": made,
        "commitDateString": _date_string(made),
        "commitTime": made,
        "rowsInserted": row["inserted"],
        "rowsUpdated": row["updated"],
        "rowsDeleted": row["deleted"],
        "archived": bool(row["archived"]),
    }


def _date_string(epoch_ms: int) -> str:
    import time

    return time.strftime("%Y%m%d%H%M%S", time.gmtime(epoch_ms // 1000)) + f"{epoch_ms % 1000:03d}"


def _commits(server: Server, group: dict[str, Any], until: int | None) -> list[Any]:
    import sqlite3

    reader = feature_data(server).online.reader
    cursor = reader.execute(
        "SELECT * FROM fg_commit WHERE feature_group=? AND (? IS NULL OR time<=?) ORDER BY time DESC",
        (group["id"], until, until),
    )
    cursor.row_factory = sqlite3.Row
    return cursor.fetchall()


def list_commits(request: Request, server: Server) -> Any:
    """GET featuregroups/{id}/commits, newest first."""
    group = feature_group_of(request, server)
    until = None
    for text in request.query_list("filter_by"):
        name, _, value = text.partition(":")
        if name in ("commited_on_ltoeq", "committed_on_ltoeq"):
            until = whole_number(value)
    found = _commits(server, group, until)
    if any(s.endswith(":asc") for s in request.query_list("sort_by")):
        found.reverse()
    return {
        "href": request.href,
        "count": len(found),
        "items": [_commit(request, row) for row in cut(request, found)],
    }


def register_commit(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/commits: a commit that a client made in the Delta table itself."""
    group = feature_group_of(request, server)
    body = request.json_object()
    made = int(body.get("commitTime") or body.get("commitID") or now_ms())
    with feature_data(server).online.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO fg_commit(feature_group, time, inserted, updated, deleted, body) VALUES (?,?,?,?,?,?)",
            (
                group["id"],
                made,
                int(body.get("rowsInserted") or 0),
                int(body.get("rowsUpdated") or 0),
                int(body.get("rowsDeleted") or 0),
                json.dumps(body),
            ),
        )
        if body.get("lastActiveCommitTime"):
            db.execute(
                "UPDATE fg_commit SET archived=1 WHERE feature_group=? AND time<?",
                (group["id"], int(body["lastActiveCommitTime"])),
            )
    row = next(r for r in _commits(server, group, made) if r["time"] == made)
    return json_response(
        {
            **_commit(request, row),
            **{
                k: body[k]
                for k in ("validationId", "lastActiveCommitTime", "tableSize")
                if body.get(k) is not None
            },
        }
    )


def list_activity(request: Request, server: Server) -> Any:
    """GET featuregroups/{id}/activity: creation and commits, newest first."""
    import calendar
    import time

    group = feature_group_of(request, server)
    wanted = {t.upper() for t in request.query_list("activityType")}
    user = group.get("creator") or creator(server)
    created = calendar.timegm(
        time.strptime(group["created"][:19], "%Y-%m-%dT%H:%M:%S")
    ) * 1000 + int(group["created"][20:23])
    items = [
        {"type": "COMMIT", "timestamp": row["time"], "commit": _commit(request, row), "user": user}
        for row in _commits(server, group, None)
    ]
    items.append(
        {
            "type": "METADATA",
            "timestamp": created,
            "metadata": "Feature group was created",
            "user": user,
        }
    )
    items = [item for item in items if not wanted or item["type"] in wanted]
    offset, limit = request.integer("offset", 0) or 0, request.integer("limit", 100) or 100
    page = [{"id": i, "href": f"{request.href}/{i}", **item} for i, item in enumerate(items)][
        offset : offset + limit
    ]
    return {"href": request.href, "count": len(items), "items": page}


# -- online ingestion records -------------------------------------------------------------------


def create_online_ingestion(request: Request, server: Server) -> Any:
    """POST featuregroups/{id}/online_ingestion."""
    group = feature_group_of(request, server)
    entries = request.json_object().get("numEntries")
    with feature_data(server).online.transaction() as db:
        cursor = db.execute(
            "INSERT INTO online_tracking(feature_group, entries) VALUES (?,?)",
            (group["id"], entries),
        )
        number = cursor.lastrowid
    return {"id": number, "numEntries": entries, "results": []}


def get_online_ingestion(request: Request, server: Server) -> Any:
    """GET featuregroups/{id}/online_ingestion."""
    group = feature_group_of(request, server)
    number = None
    for text in request.query_list("filter_by"):
        name, _, value = text.partition(":")
        if name.upper() == "ID":
            number = number_of_digits(value)
    rows = (
        feature_data(server)
        .online.reader.execute(
            "SELECT id, entries FROM online_tracking WHERE feature_group=? AND (? IS NULL OR id=?) ORDER BY id",
            (group["id"], number, number),
        )
        .fetchall()
    )
    items = [{"id": row[0], "numEntries": row[1], "results": []} for row in rows]
    return {"href": request.href, "count": len(items), "items": items}


def expectation_suite(request: Request, server: Server) -> Any:
    """GET featuregroups/{id}/expectationsuite: none is attached; clients ask before every insert."""
    feature_group_of(request, server)
    return {"href": request.href, "count": 0}


_BASE = "project/{project_id}/featurestores/{feature_store_id}/featuregroups/{feature_group_id}/"

ROUTES = [
    ("POST", _BASE + "rows", insert_rows),
    ("POST", _BASE + "updatetableschema", update_table_schema),
    ("GET", _BASE + "commits", list_commits),
    ("POST", _BASE + "commits", register_commit),
    ("GET", _BASE + "activity", list_activity),
    ("GET", _BASE + "expectationsuite", expectation_suite),
    ("POST", _BASE + "online_ingestion", create_online_ingestion),
    ("GET", _BASE + "online_ingestion", get_online_ingestion),
]
