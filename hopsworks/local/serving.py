"""Deployments: create, change, start, stop, versions, logs.

What a deployment shall be (its versions, and whether it shall run) is in the metadata store; the
processes are in ``predictors``. A deployment that shall run is started again with the server.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

from hopsworks.local import deployment_spec, predictor_logs, tags
from hopsworks.local.accounts import OWNER
from hopsworks.local.app import Project, Server, iso_time, json_response, now_ms
from hopsworks.local.datasets import remove_tree
from hopsworks.local.env_vars import of_account
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.folders import sync_tree
from hopsworks.local.http import Request, Response, number_of_digits
from hopsworks.local.predictors import Launch, Runner

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL,
    model_name TEXT,
    model_version INTEGER,
    shall_run INTEGER NOT NULL DEFAULT 0,
    revision TEXT,
    deployed INTEGER,
    created INTEGER NOT NULL,
    creator INTEGER NOT NULL DEFAULT 1,
    UNIQUE (project_id, name)
);
CREATE TABLE IF NOT EXISTS deployment_versions (
    deployment_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    spec TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, version)
);
"""


def not_found(which: object) -> ApiError:
    """No such deployment."""
    return ApiError(404, 240000, "Deployment not found.", f"There is no deployment {which}.")


def _no_runners(_: Server) -> dict[int, Runner]:
    return {}


def runners(server: Server) -> dict[int, Runner]:
    """The deployments that were started in this process, by id."""
    return server.kept(_no_runners)


def by_name(server: Server, project: Project, name: str) -> sqlite3.Row | None:
    """The row of a deployment by its name."""
    return server.metadata.one(
        "SELECT * FROM deployments WHERE project_id = ? AND name = ?", (project.id, name)
    )


def _by_request(request: Request, server: Server) -> tuple[Project, sqlite3.Row]:
    project = server.project(request)
    number = number_of_digits(request.params["deployment"])
    row = server.metadata.one(
        "SELECT * FROM deployments WHERE project_id = ? AND id = ?", (project.id, number)
    )
    if row is None:
        raise not_found(request.params["deployment"])
    return project, row


def _spec(server: Server, row: sqlite3.Row) -> dict[str, Any]:
    found = server.metadata.one(
        "SELECT spec FROM deployment_versions WHERE deployment_id = ? AND version = ?",
        (row["id"], row["active"]),
    )
    assert found is not None
    spec: dict[str, Any] = json.loads(found["spec"])
    return spec


def _shown(request: Request, server: Server, project: Project, row: sqlite3.Row) -> dict[str, Any]:
    spec = _spec(server, row)
    state = deployment_spec.state_json(
        row, runners(server).get(row["id"]), bool(spec.get("transformer"))
    )
    href = f"{request.base_url}/hopsworks-api/api/project/{project.id}/serving/{row['id']}"
    return deployment_spec.deployment_json(server, project, row, spec, state, href)


def _folder(project: Project, name: str, version: int) -> Path:
    return project.folder / "Deployments" / name / str(version)


# -- reading -----------------------------------------------------------------------------------


def list_deployments(request: Request, server: Server) -> Response:
    """One object for ``?name=``, else a bare list, filtered by model and status."""
    project = server.project(request)
    name = request.query("name")
    if name is not None:
        row = by_name(server, project, name)
        if row is None:
            raise not_found(repr(name))
        return json_response(_shown(request, server, project, row))
    rows = server.metadata.all(
        "SELECT * FROM deployments WHERE project_id = ? ORDER BY id", (project.id,)
    )
    model = request.query("model")
    if model is not None:
        rows = [r for r in rows if r["model_name"] and model in _spellings(r["model_name"])]
    shown = [_shown(request, server, project, row) for row in rows]
    status = request.query("status")
    if status:
        shown = [d for d in shown if d["status"].lower() == status.lower()]
    return json_response(shown)


def _spellings(model: str) -> tuple[str, str]:
    return model, "".join(c for c in model if c.isalnum())


def get_deployment(request: Request, server: Server) -> Response:
    """One deployment with its state."""
    project, row = _by_request(request, server)
    return json_response(_shown(request, server, project, row))


def list_versions(request: Request, server: Server) -> Response:
    """The versions of a deployment, newest first."""
    _, row = _by_request(request, server)
    found = server.metadata.all(
        "SELECT * FROM deployment_versions WHERE deployment_id = ? ORDER BY version DESC",
        (row["id"],),
    )
    offset, limit = request.integer("offset") or 0, request.integer("limit") or 100
    user = server.accounts.user(row["creator"]).full_name
    items = []
    for version in found[offset : offset + limit]:
        spec = json.loads(version["spec"])
        for role in deployment_spec.SCRIPTS:
            if spec.get(role):
                spec[role] = spec[role].rsplit("/", 1)[-1]
        items.append(
            {k: v for k, v in spec.items() if k in deployment_spec.VERSIONED}
            | {
                "version": version["version"],
                "active": version["version"] == row["active"],
                "created": iso_time(version["created"]),
                "createdBy": user,
                "updated": iso_time(version["updated"]),
                "updatedBy": user,
            }
        )
    return json_response({"href": request.href, "count": len(found), "items": items})


def get_logs(request: Request, server: Server) -> Response:
    """What the instances printed: a bare list, one entry an instance."""
    _, row = _by_request(request, server)
    return json_response(
        predictor_logs.entries(
            _log_folder(server, row["id"]),
            request.query("component") or "predictor",
            tail=request.integer("tail"),
            since=request.query("since"),
            until=request.query("until"),
            instance=request.query("pod"),
            timestamps=request.flag("timestamps"),
        )
    )


def get_schema(request: Request, server: Server) -> Response:
    """The published schema of a deployment."""
    project, row = _by_request(request, server)
    kind = request.query("format") or "schema"
    suffix = {"schema": "", "jsonschema": ".jsonschema", "openapi": ".openapi"}.get(kind)
    number = request.query("schemaId")
    if number is None:
        for entry in _spec(server, row).get("predictorEnvVars") or []:
            if entry.startswith("SERVING_SCHEMA_ID="):
                number = entry.partition("=")[2]
    folder = project.folder / "Deployments" / row["name"] / "resources" / "schema"
    if suffix is None or not number or not number.isalnum():
        raise _no_schema(row["name"])
    try:
        return Response((folder / f"{number}{suffix}.json").read_bytes())
    except FileNotFoundError:
        raise _no_schema(row["name"]) from None


def _no_schema(name: str) -> ApiError:
    return ApiError(404, 240037, "Schema not found.", f"{name!r} has no schema of that kind.")


# -- writing -----------------------------------------------------------------------------------


def put_deployment(request: Request, server: Server) -> Response:
    """Create a deployment, or change it in place or as a new version."""
    project = server.project(request)
    body = request.json_object()
    spec = deployment_spec.check(server, project, body)
    tags.check_all(server, body.get("tags"))
    number = body.get("id")
    if number is None:
        row = _create(server, project, body["name"], spec, request.user.id)
    else:
        found = server.metadata.one(
            "SELECT * FROM deployments WHERE project_id = ? AND id = ?", (project.id, number)
        )
        if found is None:
            raise not_found(number)
        row = found
        if row["name"] != body["name"]:
            raise illegal_argument(f"The name of the deployment {row['name']!r} cannot change.")
        row, changed = _change(server, project, row, spec, request.flag("newVersion"))
        if changed:
            _apply(server, project, row)
    tags.attach_all(server, "deployment", str(row["id"]), body.get("tags"))
    return json_response(_shown(request, server, project, row), 201)


def _create(
    server: Server, project: Project, name: str, spec: dict[str, Any], user: int
) -> sqlite3.Row:
    if by_name(server, project, name) is not None:
        raise ApiError(
            400, 240011, "Deployment exists.", f"There is a deployment named {name!r} already."
        )
    _keep_scripts(server, project, name, 1, spec, None)
    with server.metadata.transaction() as db:
        try:
            number = db.execute(
                "INSERT INTO deployments (project_id, name, active, model_name, model_version,"
                " created, creator) VALUES (?, ?, 1, ?, ?, ?, ?)",
                (
                    *(project.id, name, spec.get("modelName"), spec.get("modelVersion")),
                    *(now_ms(), user),
                ),
            ).lastrowid
        except sqlite3.IntegrityError:
            raise ApiError(
                400, 240011, "Deployment exists.", f"There is a deployment named {name!r} already."
            ) from None
        _store_version(db, number, 1, spec)
    return _row(server, number)


def _change(
    server: Server, project: Project, row: sqlite3.Row, spec: dict[str, Any], as_new: bool
) -> tuple[sqlite3.Row, bool]:
    before = _spec(server, row)
    if spec["modelServer"] != before["modelServer"]:
        raise deployment_spec.invalid(
            240013, "Model server cannot change.", f"{row['name']!r} uses {before['modelServer']}."
        )
    kept = _folder(project, row["name"], row["active"])
    same_files = all(
        _same_file(server, project, kept, spec.get(role), before.get(role), role)
        for role in deployment_spec.SCRIPTS
    )
    comparable = {k: v for k, v in spec.items() if k not in deployment_spec.SCRIPTS}
    if same_files and comparable == {
        k: v for k, v in before.items() if k not in deployment_spec.SCRIPTS
    }:
        return row, False
    version = row["active"]
    if as_new:
        newest = server.metadata.one(
            "SELECT max(version) AS v FROM deployment_versions WHERE deployment_id = ?",
            (row["id"],),
        )
        assert newest is not None
        version = newest["v"] + 1
    _keep_scripts(server, project, row["name"], version, spec, kept)
    with server.metadata.transaction() as db:
        _store_version(db, row["id"], version, spec)
        _activate(db, row["id"], version, spec)
    return _row(server, row["id"]), True


def _same_file(
    server: Server, project: Project, kept: Path, value: str | None, before: str | None, role: str
) -> bool:
    if not value or not before:
        return not value and not before
    file = deployment_spec.script_file(server, project, role, value, kept)
    stored = kept / before
    return file.name == before and stored.read_bytes() == file.read_bytes()


def _keep_scripts(
    server: Server,
    project: Project,
    name: str,
    version: int,
    spec: dict[str, Any],
    kept: Path | None,
) -> None:
    """Copy the scripts into the version's folder; the spec then holds their bare names."""
    folder = _folder(project, name, version)
    files = {
        role: deployment_spec.script_file(server, project, role, spec[role], kept)
        for role in deployment_spec.SCRIPTS
        if spec.get(role)
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for role, file in files.items():
        if file != folder / file.name:
            fresh = folder / f".{file.name}.new"
            shutil.copyfile(file, fresh)
            os.replace(fresh, folder / file.name)
        spec[role] = file.name
    sync_tree(folder)


def _store_version(
    db: sqlite3.Connection, number: int | None, version: int, spec: dict[str, Any]
) -> None:
    db.execute(
        "INSERT INTO deployment_versions VALUES (?, ?, ?, ?, ?) ON CONFLICT (deployment_id, version)"
        " DO UPDATE SET spec = excluded.spec, updated = excluded.updated",
        (number, version, json.dumps(spec), now_ms(), now_ms()),
    )


def _activate(db: sqlite3.Connection, number: int, version: int, spec: dict[str, Any]) -> None:
    db.execute(
        "UPDATE deployments SET active = ?, model_name = ?, model_version = ? WHERE id = ?",
        (version, spec.get("modelName"), spec.get("modelVersion"), number),
    )


def _row(server: Server, number: int | None) -> sqlite3.Row:
    row = server.metadata.one("SELECT * FROM deployments WHERE id = ?", (number,))
    assert row is not None
    return row


def rollback(request: Request, server: Server) -> Response:
    """Make an earlier version the active one."""
    project, row = _by_request(request, server)
    version = request.json_object().get("version")
    if not isinstance(version, int):
        raise illegal_argument(f"version must be a number, not {version!r}.")
    found = server.metadata.one(
        "SELECT spec FROM deployment_versions WHERE deployment_id = ? AND version = ?",
        (row["id"], version),
    )
    if found is None:
        raise illegal_argument(f"{row['name']!r} has no version {version!r}.")
    if version != row["active"]:
        unversioned = {
            k: v for k, v in _spec(server, row).items() if k in deployment_spec.UNVERSIONED
        }
        spec = json.loads(found["spec"]) | unversioned
        with server.metadata.transaction() as db:
            _store_version(db, row["id"], version, spec)
            _activate(db, row["id"], version, spec)
        row = _row(server, row["id"])
        _apply(server, project, row)
    return json_response(_shown(request, server, project, row))


def delete_deployment(request: Request, server: Server) -> Response:
    """Stop a deployment and forget it, with its scripts and logs."""
    project, row = _by_request(request, server)
    with server.metadata.transaction() as db:
        _forget(db, row["id"])
    _on_loop(server, _drop(server, row["id"]))
    remove_tree(server, project.folder / "Deployments" / row["name"])
    remove_tree(server, _log_folder(server, row["id"]))
    return Response(None, 200)


def _forget(db: sqlite3.Connection, number: int) -> None:
    tags.drop(db, "deployment", str(number))
    db.execute("DELETE FROM deployment_versions WHERE deployment_id = ?", (number,))
    db.execute("DELETE FROM deployments WHERE id = ?", (number,))


def prepare(server: Server) -> None:
    """Deployments of an earlier release, which had one user, are the owner's."""
    server.metadata.add_column("deployments", "creator", f"INTEGER NOT NULL DEFAULT {OWNER}")


async def _drop(server: Server, number: int) -> None:
    runner = runners(server).pop(number, None)
    if runner is not None:
        await runner.stop()


# -- running -----------------------------------------------------------------------------------


async def change_state(request: Request, server: Server) -> Response:
    """Start or stop, by ``action``."""
    await request.read()
    project, row = await server.run(_by_request, request, server)
    action = (request.query("action") or "").upper()
    if action == "START":
        return await _start(server, project, row)
    if action == "STOP":
        return await _stop(server, row)
    raise illegal_argument(f"action must be START or STOP, not {action!r}.")


def _on_loop(server: Server, work: Any) -> Any:
    """Run a coroutine on the event loop from a handler's thread and wait for it."""
    assert server.loop is not None
    return asyncio.run_coroutine_threadsafe(work, server.loop).result()


async def _start(server: Server, project: Project, row: sqlite3.Row) -> Response:
    runner = runners(server).get(row["id"])
    if runner is not None and (runner.is_alive or runner.status == "Failed"):
        hint = " Stop it first." if runner.status == "Failed" else ""
        raise ApiError(
            400,
            240003,
            "Deployment cannot be started.",
            f"{row['name']!r} is {runner.status.lower()}.{hint}",
        )
    await server.run(_launch, server, project, row)
    return no_body()


def _launch(server: Server, project: Project, row: sqlite3.Row) -> None:
    """Note that a deployment shall run and start it."""
    launch = _plan(server, project, row)
    runner = runners(server).setdefault(row["id"], Runner(row["name"]))
    assert server.loop is not None
    _on_loop(server, _run(runner, launch))
    with server.metadata.transaction() as db:
        db.execute(
            "UPDATE deployments SET shall_run = 1, revision = ?, deployed = ? WHERE id = ?",
            (runner.revision, now_ms(), row["id"]),
        )


async def _run(runner: Runner, launch: Launch) -> None:
    runner.start(launch)


async def _stop(server: Server, row: sqlite3.Row) -> Response:
    runner = runners(server).get(row["id"])
    if runner is None or runner.status in ("Stopped", "Stopping"):
        raise ApiError(
            400, 240003, "Deployment cannot be stopped.", f"{row['name']!r} is not running."
        )
    await server.run(_shall_not_run, server, row["id"])
    await runner.stop()
    return no_body()


def _shall_not_run(server: Server, number: int) -> None:
    with server.metadata.transaction() as db:
        db.execute("UPDATE deployments SET shall_run = 0 WHERE id = ?", (number,))


def no_body() -> Response:
    """200 without a body."""
    return Response(None, 200)


def _apply(server: Server, project: Project, row: sqlite3.Row) -> None:
    """Bring a running (or failed) deployment to its changed form."""
    runner = runners(server).get(row["id"])
    if runner is not None and runner.status in ("Running", "Starting", "Updating", "Failed"):
        _launch(server, project, row)


def _plan(server: Server, project: Project, row: sqlite3.Row) -> Launch:
    spec = _spec(server, row)
    folder = _folder(project, row["name"], row["active"])
    environment = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR")
        if name in os.environ
    }
    environment |= {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PYTHONUNBUFFERED": "1"}
    environment |= of_account(server, row["creator"])
    for entry in spec.get("predictorEnvVars") or []:
        key, _, value = entry.partition("=")
        environment[key] = value
    environment |= {
        "ARTIFACT_FILES_PATH": str(folder),
        "SCRIPT_PATH": str(folder / spec["predictor"]),
        "SCRIPT_FILE_PATH": str(folder / spec["predictor"]),
        "DEPLOYMENT_NAME": row["name"],
        "DEPLOYMENT_VERSION": str(row["active"]),
        "HOPSWORKS_HOST": f"local:{server.data_dir}",
        "HOPSWORKS_LOCAL_DATA": str(server.data_dir),
        "HOPSWORKS_PROJECT": project.name,
        "HOPSWORKS_PROJECT_NAME": project.name,
        "HOPSWORKS_PROJECT_ID": str(project.id),
    }
    if spec.get("configFile"):
        environment["CONFIG_FILE_PATH"] = str(folder / spec["configFile"])
    if spec.get("modelName"):
        version = project.folder / "Models" / spec["modelName"] / str(spec["modelVersion"])
        files = version / "Files"
        environment |= {
            "MODEL_NAME": spec["modelName"],
            "MODEL_VERSION": str(spec["modelVersion"]),
            "MODEL_FILES_PATH": str(files if files.is_dir() else version),
        }
    return Launch(
        row["name"],
        folder / spec["predictor"],
        folder / spec["transformer"] if spec.get("transformer") else None,
        environment,
        server.api_key,
        _log_folder(server, row["id"]),
        project.folder / "Logs" / "Serving" / row["name"],
        max(1, spec["requestedInstances"]),
    )


def _log_folder(server: Server, number: int) -> Path:
    return server.data_dir / "deployments" / str(number)


# -- life --------------------------------------------------------------------------------------


async def on_start(server: Server) -> None:
    """Start the deployments that shall run."""
    await server.run((server.data_dir / "deployments").mkdir, 0o700, True, True)
    for row in server.metadata.all("SELECT * FROM deployments WHERE shall_run = 1"):
        try:
            launch = _plan(server, server.project_by_id(row["project_id"]), row)
        except Exception:
            # One that cannot be started must not keep the others, or the server, from starting.
            logger.exception("the deployment %s cannot be started", row["name"])
            continue
        runners(server).setdefault(row["id"], Runner(row["name"])).start(launch)


async def on_stop(server: Server) -> None:
    """End all processes; what shall run is started again with the next server."""
    await asyncio.gather(
        *(runner.stop() for runner in runners(server).values()), return_exceptions=True
    )


def keeps_alive(server: Server) -> bool:
    """A running deployment keeps the server from an idle exit."""
    return any(runner.is_alive for runner in runners(server).values())


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Stop and forget the deployments of a project."""
    for row in db.execute(
        "SELECT id FROM deployments WHERE project_id = ?", (project.id,)
    ).fetchall():
        _forget(db, row["id"])
        _on_loop(server, _drop(server, row["id"]))


def _tag_key(request: Request, server: Server) -> str:
    return str(_by_request(request, server)[1]["id"])


_BASE = "project/{project_id}/serving"
_ONE = _BASE + "/{deployment}"

ROUTES = [
    ("GET", _BASE, list_deployments),
    ("PUT", _BASE, put_deployment),
    ("GET", _ONE, get_deployment),
    ("POST", _ONE, change_state),
    ("DELETE", _ONE, delete_deployment),
    ("GET", _ONE + "/versions", list_versions),
    ("POST", _ONE + "/rollback", rollback),
    ("GET", _ONE + "/logs", get_logs),
    ("GET", _ONE + "/schema", get_schema),
    *tags.tag_routes(_ONE, "deployment", _tag_key),
]
