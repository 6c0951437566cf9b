"""Requests about who may use a dataset: its permission, and sharing it with other projects.

An owner of a project offers a dataset to another project; an owner of that accepts or rejects it.
Then it is ``<project>::<dataset>`` there.
"""

from __future__ import annotations

import os

from hopsworks.local.access import require_role
from hopsworks.local.accounts import DATA_OWNER
from hopsworks.local.app import Project, Server, json_response
from hopsworks.local.errors import ApiError, dataset_not_found, illegal_argument
from hopsworks.local.folders import (
    Place,
    describe,
    locate_existing,
    names_of,
    require_whole_dataset,
)
from hopsworks.local.http import Request, Response, no_content
from hopsworks.local.sharing import PERMISSIONS, READ_ONLY, Share, sharing


def offered_places(server: Server, project: Project) -> list[tuple[Place, os.stat_result]]:
    """The datasets of other projects that have been offered to a project, accepted or not."""
    found = []
    for share in sharing(server).shared_with(project.id):
        owner = server.project_by_id(share.project)
        place = Place(owner, (share.name,), owner.folder / share.name, project)
        try:
            found.append((place, place.file.stat()))
        except FileNotFoundError:
            continue
    return found


def offer_named(server: Server, project: Project, path: str) -> Share | None:
    """What ``{owner}::{dataset}`` names, when it has been offered to the project."""
    name, names = names_of(project, path)
    owner = server.project_by_name(name)
    if owner is None or owner.id == project.id or len(names) != 1:
        return None
    return sharing(server).share(owner.id, names[0], project.id)


def _own_dataset(request: Request, server: Server) -> tuple[Place, os.stat_result]:
    """The dataset of the project that a request of one of its owners names."""
    place, found = locate_existing(server, server.project(request), request.params["path"])
    if not place.is_dataset:
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{place.absolute} is not a dataset: permissions and shares are those of a top-level folder.",
        )
    require_whole_dataset(request, server, place)
    return place, found


def _still_there(place: Place) -> None:
    """Refuse what is asked for a dataset that has just been deleted: it would hold for the next one of that name.

    Inside a transaction, since what is known of a deleted dataset is dropped in one, after its files.
    """
    if not place.file.is_dir():
        raise dataset_not_found(place.parts[0])


def _permission(request: Request, default: str | None = None) -> str:
    given = request.query("permission") or request.query("permissions") or default
    if given is None or given.upper() not in PERMISSIONS:
        raise illegal_argument(
            f"permission must be one of {', '.join(PERMISSIONS)}, not {given!r}."
        )
    return given.upper()


def _target(request: Request, server: Server) -> Project:
    name = request.query("target_project")
    if not name:
        raise illegal_argument("target_project is missing.")
    target = server.project_by_name(name)
    if target is None:
        raise ApiError(
            500, 110053, "Target project not found.", f"There is no project named {name!r}."
        )
    return target


def _share_with(server: Server, place: Place, target: Project) -> Share:
    found = sharing(server).share(place.project.id, place.parts[0], target.id)
    if found is None:
        raise ApiError(
            400,
            110004,
            "Dataset is not shared.",
            f"{place.parts[0]} is not shared with project {target.name}.",
        )
    return found


def share(request: Request, server: Server) -> Response:
    """POST ``action=SHARE``: offer a dataset to a project."""
    place, _ = _own_dataset(request, server)
    permission, target = _permission(request, READ_ONLY), _target(request, server)
    if target.id == place.project.id:
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{place.parts[0]} belongs to {target.name}; name another project.",
        )
    shares = sharing(server)
    with shares.change() as db:
        _still_there(place)
        if shares.share(place.project.id, place.parts[0], target.id):
            raise ApiError(
                400,
                110003,
                "Dataset is shared already.",
                f"{place.parts[0]} is shared with {target.name} already. Unshare it first, or change"
                " the permission of the share.",
            )
        db.execute(
            "INSERT INTO dataset_shares VALUES (?, ?, ?, ?, ?, NULL)",
            (place.project.id, place.parts[0], target.id, permission, request.user.id),
        )
    return no_content()


def unshare(request: Request, server: Server) -> Response:
    """DELETE ``action=UNSHARE``: take a dataset back from a project."""
    place, _ = _own_dataset(request, server)
    _withdraw(server, _share_with(server, place, _target(request, server)))
    return no_content()


def unshare_all(request: Request, server: Server) -> Response:
    """POST ``action=UNSHARE_ALL``: take a dataset back from all projects."""
    place, _ = _own_dataset(request, server)
    for found in sharing(server).shares_of(place.project.id, place.parts[0]):
        _withdraw(server, found)
    return no_content()


def _withdraw(server: Server, found: Share) -> None:
    with sharing(server).change() as db:
        db.execute(
            "DELETE FROM dataset_shares WHERE project = ? AND name = ? AND target = ?", found[:3]
        )


def _offer(request: Request, server: Server) -> Share:
    """The offer to this project that a request of one of its owners names."""
    project = server.project(request)
    found = offer_named(server, project, request.params["path"])
    if found is None:
        raise ApiError(
            400,
            110004,
            "Dataset is not shared.",
            f"{request.params['path']!r} has not been offered to project {project.name}; the name of an offer"
            " is <project>::<dataset>.",
        )
    require_role(request.user, server, project, DATA_OWNER)
    return found


def accept(request: Request, server: Server) -> Response:
    """POST ``action=ACCEPT``: take what was offered."""
    found = _offer(request, server)
    with sharing(server).change() as db:
        db.execute(
            "UPDATE dataset_shares SET accepted_by = coalesce(accepted_by, ?)"
            " WHERE project = ? AND name = ? AND target = ?",
            (request.user.id, *found[:3]),
        )
    return no_content()


def reject(request: Request, server: Server) -> Response:
    """POST ``action=REJECT``: decline what was offered, or give back what was accepted."""
    _withdraw(server, _offer(request, server))
    return no_content()


def set_permission(request: Request, server: Server) -> Response:
    """PUT ``action=PERMISSION``: who may write to a dataset."""
    return _set(request, server, permission=_permission(request))


def set_description(request: Request, server: Server) -> Response:
    """PUT ``action=DESCRIPTION``: what a dataset is for."""
    return _set(request, server, description=request.query("description") or "")


def _set(request: Request, server: Server, **changes: str) -> Response:
    place, found = _own_dataset(request, server)
    shares = sharing(server)
    with shares.change() as db:
        _still_there(place)
        settings = shares.settings(place.project.id, place.parts[0])._replace(**changes)
        db.execute(
            "INSERT OR REPLACE INTO dataset_settings VALUES (?, ?, ?, ?)",
            (place.project.id, place.parts[0], *settings),
        )
    return json_response(describe(server, place, found, request.href))


def set_share_permission(request: Request, server: Server) -> Response:
    """PUT ``action=SHARE_PERMISSION``: what a project may do that a dataset is shared with."""
    place, found = _own_dataset(request, server)
    known = _share_with(server, place, _target(request, server))
    permission = _permission(request)
    with sharing(server).change() as db:
        db.execute(
            "UPDATE dataset_shares SET permission = ? WHERE project = ? AND name = ? AND target = ?",
            (permission, *known[:3]),
        )
    return json_response(describe(server, place, found, request.href))
