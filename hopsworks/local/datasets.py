"""Datasets: stat, listing, new folder, delete, copy, move, and what else is done to a path by its ``action``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hopsworks.local import archives, dataset_sharing, dataset_tags, sharing
from hopsworks.local.app import Server, json_response
from hopsworks.local.errors import ApiError, destination_exists, illegal_argument, invalid_query
from hopsworks.local.file_changes import (
    copy_tree,
    empty,
    free_place,
    move_tree,
    refused_by_disk,
    remove_tree,
    require_removable,
)
from hopsworks.local.folders import (
    Place,
    check_dataset_name,
    describe,
    locate,
    locate_existing,
    require_whole_dataset,
    require_write,
    sync_folder,
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
    place, found = locate_existing(server, project, request.params["path"])
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
    places = [(place.below(name), about) for name, about in entries]
    _sort(places, request)
    if not place.parts:
        offered = dataset_sharing.offered_places(server, place.project)
        _sort(offered, request)
        places += offered
    offset = max(0, request.integer("offset") or 0)
    limit = request.integer("limit")
    limit = MOST_ITEMS if limit is None else max(0, min(limit, MOST_ITEMS))
    items = [
        describe(server, item, about, _href(request, item))
        for item, about in places[offset : offset + limit]
    ]
    return json_response({"href": request.href, "count": len(places), "items": items})


def _href(request: Request, place: Place) -> str:
    name = f"{place.project.name}::{place.parts[-1]}" if place.is_shared else place.parts[-1]
    return f"{request.base_url}/hopsworks-api/api/project/{place.reader.id}/dataset/{name}"


def _sort(places: list[tuple[Place, os.stat_result]], request: Request) -> None:
    for order in reversed(",".join(request.query_list("sort_by")).split(",")):
        key, _, direction = order.partition(":")
        if not key:
            continue
        value = _SORT_KEYS.get(key.upper())
        if value is None or direction.lower() not in ("", "asc", "desc"):
            raise invalid_query(f"sort_by cannot be {order!r}; keys are {', '.join(_SORT_KEYS)}.")
        places.sort(
            key=lambda item: value(item[0].parts[-1], item[1]), reverse=direction.lower() == "desc"
        )


Action = Callable[[Request, Server], Any]


def _act(actions: dict[str, Action], request: Request, server: Server) -> Any:
    """Do what ``action`` says."""
    action = (request.query("action") or "").upper()
    found = actions.get(action)
    if found is not None:
        return found(request, server)
    if action in _OF_A_CLUSTER:
        raise ApiError(
            501,
            120012,
            "Not available here.",
            f"The local server has no {action}: public datasets need a cluster. Share the dataset instead.",
        )
    raise invalid_query(f"action must be one of {', '.join(actions)}, not {action!r}.")


def post(request: Request, server: Server) -> Any:
    """POST: by ``action``, see ``_POST``."""
    return _act(_POST, request, server)


def put(request: Request, server: Server) -> Any:
    """PUT: by ``action``, see ``_PUT``."""
    return _act(_PUT, request, server)


def _create(request: Request, server: Server) -> Response:
    place = locate(server, server.project(request), request.params["path"])
    if not place.parts:
        raise illegal_argument("The name of the folder is missing.")
    if place.is_dataset:
        require_whole_dataset(request, server, place)
        check_dataset_name(place)
    else:
        require_write(request, server, place)
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


def _copy_action(request: Request, server: Server) -> Response:
    source, destination = _two_places(request, server)
    copy_tree(server, source, destination)
    return no_content()


def _move_action(request: Request, server: Server) -> Response:
    source, destination = _two_places(request, server)
    require_removable(request, server, source)
    renaming = source.is_dataset and destination.is_dataset
    if renaming:
        # Before the move: a kill must not leave a dataset without its permission.
        with sharing.sharing(server).change() as db:
            sharing.copy(db, source.project.id, source.parts[0], destination.parts[0])
    try:
        with dataset_tags.moving(server, source, destination):
            move_tree(source, destination)
    except BaseException:
        if renaming:
            _forget_dataset(server, destination)
        raise
    if source.is_dataset:
        _forget_dataset(server, source)
    archives.gone(server, source)
    return no_content()


def _two_places(request: Request, server: Server) -> tuple[Place, Place]:
    """What a copy or move takes, and where to, which the request may write."""
    project = server.project(request)
    path = request.query("destination_path")
    if not path:
        raise illegal_argument("destination_path is missing.")
    source, _ = locate_existing(server, project, request.params["path"])
    return source, free_place(request, server, path, source, source.file.is_dir())


def delete(request: Request, server: Server) -> Response:
    """DELETE: a file, or a folder with all below it; with ``action=UNSHARE``, what was shared."""
    action = (request.query("action") or "").upper()
    if action == "UNSHARE":
        return dataset_sharing.unshare(request, server)
    if action not in ("", "CORRUPTED"):
        raise invalid_query(f"action must be UNSHARE or CORRUPTED, not {action!r}.")
    project = server.project(request)
    offer = dataset_sharing.offer_named(server, project, request.params["path"])
    if offer is not None:
        # A project that is offered a dataset has only the offer to delete.
        return dataset_sharing.reject(request, server)
    place, _ = locate_existing(server, project, request.params["path"])
    if not place.parts:
        raise ApiError(400, 110001, "Invalid operation.", "A project's root cannot be deleted.")
    require_removable(request, server, place)
    remove_tree(server, place.file)
    if place.is_dataset:
        _forget_dataset(server, place)
    dataset_tags.removed(server, place)
    archives.gone(server, place)
    return no_content()


def _forget_dataset(server: Server, place: Place) -> None:
    with sharing.sharing(server).change() as db:
        sharing.forget(db, place.project.id, place.parts[0])


async def on_start(server: Server) -> None:
    """Empty the trash that a killed process left, and drop the copies that it was making."""
    trash, staging = work_folder(server, "trash"), work_folder(server, "staging")
    for leftover in (*trash.iterdir(), *staging.glob("copy-*")):
        server.executor.submit(empty, leftover)


_POST: dict[str, Action] = {
    "CREATE": _create,
    "COPY": _copy_action,
    "MOVE": _move_action,
    "ZIP": archives.zip_action,
    "UNZIP": archives.unzip_action,
    "SHARE": dataset_sharing.share,
    "ACCEPT": dataset_sharing.accept,
    "REJECT": dataset_sharing.reject,
    "UNSHARE_ALL": dataset_sharing.unshare_all,
}
_PUT: dict[str, Action] = {
    "PERMISSION": dataset_sharing.set_permission,
    "SHARE_PERMISSION": dataset_sharing.set_share_permission,
    "DESCRIPTION": dataset_sharing.set_description,
}
_OF_A_CLUSTER = ("PUBLISH", "UNPUBLISH", "IMPORT")

ROUTES = [
    ("GET", "project/{project_id}/dataset/{path*}", get),
    ("POST", "project/{project_id}/dataset/{path*}", post),
    ("PUT", "project/{project_id}/dataset/{path*}", put),
    ("DELETE", "project/{project_id}/dataset/{path*}", delete),
]
