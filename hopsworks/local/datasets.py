"""Datasets: stat, listing, new folder, delete, copy, move.

What is told to a client has reached the disk. Deleting renames into the trash first and copying
builds in the staging folder first, so a kill leaves a path either as it was or as it shall be.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from hopsworks.local import dataset_tags
from hopsworks.local.app import Project, Server, json_response
from hopsworks.local.errors import (
    ApiError,
    destination_exists,
    illegal_argument,
    invalid_query,
    path_not_found,
    storage_full,
)
from hopsworks.local.folders import (
    RESERVED_DATASETS,
    Place,
    describe,
    locate,
    locate_existing,
    sync_folder,
    sync_tree,
    work_folder,
)
from hopsworks.local.http import Request, Response, no_content

MOST_ITEMS = 10_000

_SORT_KEYS = {
    "ID": lambda name, found: found.st_ino,
    "NAME": lambda name, found: name.lower(),
    "MODIFICATION_TIME": lambda name, found: found.st_mtime_ns,
    "ACCESS_TIME": lambda name, found: found.st_atime_ns,
    "SIZE": lambda name, found: found.st_size,
    "TYPE": lambda name, found: found.st_mode & 0o170000,
    "SEARCHABLE": lambda name, found: 0,
    "PUBLIC": lambda name, found: 0,
}


def get(request: Request, server: Server) -> Any:
    """Stat a path, or list it with ``action=listing``."""
    project = server.project(request)
    action = (request.query("action") or "STAT").upper()
    place, found = locate_existing(project, request.params["path"])
    if action == "LISTING" or (action == "STAT" and not place.parts):
        return _listing(request, server, place)
    if action != "STAT":
        raise invalid_query(f"action must be STAT or LISTING, not {action!r}.")
    return json_response(describe(server, place, found, request.href))


def _listing(request: Request, server: Server, place: Place) -> Response:
    if not place.file.is_dir():
        raise ApiError(400, 110019, "Not a folder.", f"{place.absolute} is not a folder.")
    entries = []
    with os.scandir(place.file) as found:
        for entry in found:
            try:
                entries.append((entry.name, entry.stat()))
            except FileNotFoundError:
                # Deleted meanwhile, or a dangling link.
                continue
    if not place.parts:
        entries = [(name, about) for name, about in entries if not name.startswith(".")]
    for order in reversed(",".join(request.query_list("sort_by")).split(",")):
        key, _, direction = order.partition(":")
        if not key:
            continue
        value = _SORT_KEYS.get(key.upper())
        if value is None or direction.lower() not in ("", "asc", "desc"):
            raise invalid_query(f"sort_by cannot be {order!r}; keys are {', '.join(_SORT_KEYS)}.")
        entries.sort(key=lambda e: value(*e), reverse=direction.lower() == "desc")
    offset = max(0, request.integer("offset") or 0)
    limit = request.integer("limit")
    limit = MOST_ITEMS if limit is None else max(0, min(limit, MOST_ITEMS))
    items = [
        describe(
            server,
            Place(place.project, (*place.parts, name), place.file / name),
            about,
            f"{request.base_url}/hopsworks-api/api/project/{place.project.id}/dataset/{name}",
        )
        for name, about in entries[offset : offset + limit]
    ]
    return json_response({"href": request.href, "count": len(entries), "items": items})


def post(request: Request, server: Server) -> Response:
    """Create, copy or move, by ``action``."""
    project = server.project(request)
    path = request.params["path"]
    action = (request.query("action") or "").upper()
    if action == "CREATE":
        return _create(request, server, locate(project, path))
    if action in ("COPY", "MOVE"):
        destination = request.query("destination_path")
        if not destination:
            raise illegal_argument("destination_path is missing.")
        source, _ = locate_existing(project, path)
        (_copy if action == "COPY" else _move)(server, source, _free(project, destination, source))
        return no_content()
    raise invalid_query(f"action must be create, copy or move, not {action!r}.")


def _create(request: Request, server: Server, place: Place) -> Response:
    if not place.parts:
        raise illegal_argument("The name of the folder is missing.")
    if place.is_dataset and place.parts[0].lower() in RESERVED_DATASETS:
        raise ApiError(400, 110028, "Bad name.", f"{place.parts[0]!r} is a reserved name.")
    try:
        place.file.mkdir(mode=0o700)
    except FileExistsError:
        if place.is_dataset:
            raise destination_exists(place.absolute) from None
        raise ApiError(400, 110047, "Folder exists.", f"{place.absolute} exists already.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise illegal_argument(
            f"The folder above {place.absolute} does not exist. Make it first."
        ) from None
    except OSError as error:
        raise refused_by_disk(error, place.absolute) from error
    sync_folder(place.file.parent)
    return json_response(describe(server, place, place.file.stat(), request.href), 201)


def _free(project: Project, path: str, source: Place) -> Place:
    """The destination of a copy or move, which must be free and have a folder above it."""
    place = locate(project, path)
    if not place.parts or os.path.lexists(place.file):
        raise destination_exists(place.absolute)
    if not place.file.parent.is_dir():
        raise path_not_found("/".join(("/Projects", project.name, *place.parts[:-1])))
    if place.parts[: len(source.parts)] == source.parts:
        raise ApiError(
            400, 110001, "Invalid operation.", f"{place.absolute} lies in {source.absolute} itself."
        )
    return place


def _copy(server: Server, source: Place, destination: Place) -> None:
    staged = work_folder(server, "staging") / f"copy-{secrets.token_hex(8)}"
    try:
        if source.file.is_dir():
            shutil.copytree(source.file, staged, symlinks=True)
        else:
            shutil.copy2(source.file, staged)
        sync_tree(staged)
        os.rename(staged, destination.file)
    except OSError as error:
        raise refused_by_disk(error, destination.absolute) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        staged.unlink(missing_ok=True) if staged.is_file() else None
    sync_folder(destination.file.parent)


def _move(server: Server, source: Place, destination: Place) -> None:
    with dataset_tags.moving(server, source, destination):
        os.rename(source.file, destination.file)
    sync_folder(destination.file.parent)
    if source.file.parent != destination.file.parent:
        sync_folder(source.file.parent)


def delete(request: Request, server: Server) -> Response:
    """Delete a file, or a folder with all below it."""
    place, _ = locate_existing(server.project(request), request.params["path"])
    if not place.parts:
        raise ApiError(400, 110001, "Invalid operation.", "A project's root cannot be deleted.")
    remove_tree(server, place.file)
    dataset_tags.removed(server, place)
    return no_content()


def remove_tree(server: Server, path: Path) -> None:
    """Make a file or folder disappear at once and for good; missing ones are no error.

    It is gone with the rename; its space is given back afterwards, in another thread.
    """
    trash = work_folder(server, "trash") / secrets.token_hex(8)
    try:
        os.rename(path, trash)
    except FileNotFoundError:
        return
    sync_folder(path.parent)
    server.executor.submit(_empty, trash)


def _empty(trash: Path) -> None:
    if trash.is_dir() and not trash.is_symlink():
        shutil.rmtree(trash, ignore_errors=True)
    else:
        trash.unlink(missing_ok=True)


def refused_by_disk(error: OSError, path: str) -> ApiError:
    """The protocol's error for a write that the disk refused."""
    failed = f"{path}: {error.strerror or error}."
    return storage_full(error, path) or ApiError(500, 110002, "Dataset operation failed.", failed)


async def on_start(server: Server) -> None:
    """Empty the trash that a killed process left."""
    for leftover in work_folder(server, "trash").iterdir():
        server.executor.submit(_empty, leftover)


ROUTES = [
    ("GET", "project/{project_id}/dataset/{path*}", get),
    ("POST", "project/{project_id}/dataset/{path*}", post),
    ("DELETE", "project/{project_id}/dataset/{path*}", delete),
]
