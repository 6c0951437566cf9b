"""Paths of the protocol and the files behind them.

A path may be written relative (``Resources/x``), with a leading slash, absolute
(``/Projects/<project>/Resources/x``), as ``hdfs://host/Projects/...``, or ``<project>::Dataset/x``.
Every one is resolved beneath the folder of a project, that of the request or one that shares the
dataset with it; ``..`` and links that lead out are refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, NamedTuple

from hopsworks.local import sharing
from hopsworks.local.access import require_role
from hopsworks.local.accounts import DATA_OWNER, user_json
from hopsworks.local.app import Project, Server, iso_time
from hopsworks.local.errors import ApiError, dataset_not_found, path_not_found
from hopsworks.local.http import Request

_RESERVED_DATASETS = frozenset(("download", "upload", "tags"))


class Place(NamedTuple):
    """A resolved path.

    Attributes:
        project: the project it belongs to.
        parts: the names below the project's folder; empty for the project itself.
        file: the path on disk.
        reader: the project from which it is looked at: its own, or one that it is shared with.
    """

    project: Project
    parts: tuple[str, ...]
    file: Path
    reader: Project

    @property
    def absolute(self) -> str:
        """The path in the protocol's absolute form."""
        return "/".join(("/Projects", self.project.name, *self.parts))

    @property
    def is_dataset(self) -> bool:
        """Whether it is a top-level folder of a project."""
        return len(self.parts) == 1

    @property
    def is_shared(self) -> bool:
        """Whether it belongs to another project."""
        return self.reader.id != self.project.id

    def below(self, name: str) -> Place:
        """What has that name in the folder."""
        return self._replace(parts=(*self.parts, name), file=self.file / name)


def names_of(project: Project, path: str) -> tuple[str, tuple[str, ...]]:
    """The name of the project that a path in any spelling leads to, and the names below its folder."""
    if path.startswith(("hdfs://", "hopsfs://")):
        path = path.split("://", 1)[1]
        path = path[path.find("/") :] if "/" in path else ""
    if "\0" in path:
        raise ApiError(400, 110028, "Bad name.", "A path cannot hold a NUL character.")
    names = [name for name in path.split("/") if name not in ("", ".")]
    if ".." in names:
        raise ApiError(
            403, 110050, "Permission denied.", f"{path!r} leads out of the project: no '..' please."
        )
    if any(len(os.fsencode(name)) > 255 for name in names):
        raise ApiError(400, 110028, "Bad name.", "A name has at most 255 bytes.")
    owner = project.name
    if len(names) >= 2 and names[0] == "Projects":
        owner = names[1]
        names = names[2:]
    if names and "::" in names[0]:
        owner, _, names[0] = names[0].partition("::")
        if not names[0]:
            raise dataset_not_found(f"{owner}::")
    return owner, tuple(names)


def locate(server: Server, project: Project, path: str) -> Place:
    """Resolve a path as seen from a project; it need not exist, its dataset must.

    A path into another project is refused unless its dataset is shared with this one.
    """
    name, names = names_of(project, path)
    owner: Project | None = project
    if name.lower() != project.name.lower():
        owner = server.project_by_name(name)
        if owner is None or not names:
            raise dataset_not_found(path)
    assert owner is not None
    place = Place(owner, names, owner.folder.joinpath(*names), project)
    if place.is_shared:
        # Reading is all that is asked for here, and it does not depend on who reads.
        sharing.check(server, server.user, project, owner, names[0], write=False)
    if len(names) > 1 and not (owner.folder / names[0]).is_dir():
        raise dataset_not_found(names[0])
    if names:
        _refuse_escape(place)
    return place


def locate_existing(server: Server, project: Project, path: str) -> tuple[Place, os.stat_result]:
    """Resolve a path that must exist, and what the file system says of it."""
    place = locate(server, project, path)
    try:
        return place, place.file.stat()
    except (FileNotFoundError, NotADirectoryError):
        if place.is_dataset:
            raise dataset_not_found(place.parts[0]) from None
        raise path_not_found(place.absolute) from None


def require_write(request: Request, server: Server, place: Place) -> None:
    """Refuse a request that may not change what a path names: by role, permission or share."""
    if not place.parts:
        raise ApiError(
            400, 110001, "Invalid operation.", "That is a whole project, not a path in it."
        )
    name = place.parts[0]
    if name == sharing.FEATURE_STORE:
        raise ApiError(
            403,
            110050,
            "Permission denied.",
            f"{name} stands for the feature store, which keeps its rows itself: use its feature groups.",
        )
    sharing.check(server, request.user, place.reader, place.project, name, write=True)
    if name == "Users" and len(place.parts) > 1:
        accounts = server.accounts
        whose = accounts.folder_owner(place.project.id, place.project.owner, place.parts[1])
        if whose.id != request.user.id:
            require_role(request.user, server, place.reader, DATA_OWNER)


def require_whole_dataset(request: Request, server: Server, place: Place) -> None:
    """Refuse a request that makes, removes or shares a whole dataset, unless a data owner sends it."""
    if place.is_shared:
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{place.project.name}::{place.parts[0]} belongs to project {place.project.name}; only that can do this.",
        )
    require_role(request.user, server, place.project, DATA_OWNER)


def check_dataset_name(place: Place) -> None:
    """Refuse a name for a new dataset whose address the protocol has another use for."""
    if place.parts[0].lower() in _RESERVED_DATASETS:
        raise ApiError(
            400,
            110028,
            "Bad name.",
            f"A dataset cannot be named {place.parts[0]!r}; choose another name.",
        )


def _refuse_escape(place: Place) -> None:
    roots = [place.project.folder]
    if place.is_shared:
        # Of another project no more than the dataset that it shares.
        roots.append(place.project.folder / place.parts[0])
    real = os.path.realpath(place.file)
    for root in map(os.path.realpath, roots):
        if real != root and not real.startswith(root + os.sep):
            raise ApiError(
                403,
                110050,
                "Permission denied.",
                f"{place.absolute} is a link out of what may be used.",
            )


def attributes(server: Server, place: Place, found: os.stat_result) -> dict[str, Any]:
    """The ``attributes`` of a file or folder."""
    folder = stat.S_ISDIR(found.st_mode)
    project = place.project
    owner = server.accounts.user(project.owner)
    if len(place.parts) > 1 and place.parts[0] == "Users":
        owner = server.accounts.folder_owner(project.id, project.owner, place.parts[1])
    return {
        "id": found.st_ino,
        "parentId": 0,
        "name": place.parts[-1] if place.parts else project.name,
        "path": place.absolute,
        "size": 0 if folder else found.st_size,
        "dir": folder,
        "permission": stat.filemode(found.st_mode)[1:],
        "owner": f"{project.name}__{owner.username}",
        "group": f"{project.name}__{place.parts[0] if place.parts else 'Data'}",
        "modificationTime": iso_time(found.st_mtime_ns // 1_000_000),
        "accessTime": iso_time(found.st_atime_ns // 1_000_000),
        "underConstruction": False,
    }


class ZipStates(dict[Path, str]):
    """What is being packed or unpacked, or failed to be, by its path on disk."""

    def __init__(self, server: Server) -> None:
        super().__init__()


_TYPES = {sharing.FEATURE_STORE: "FEATURESTORE", sharing.MODELS: "MODELREGISTRY"}


def describe(server: Server, place: Place, found: os.stat_result, href: str) -> dict[str, Any]:
    """An Inode, or a Dataset when the path is top level."""
    about: dict[str, Any] = {
        "href": href,
        "zipState": server.kept(ZipStates).get(place.file, "NONE"),
        "attributes": attributes(server, place, found),
    }
    if place.is_dataset:
        about |= {"id": found.st_ino, **_dataset(server, place)}
    return about


def _dataset(server: Server, place: Place) -> dict[str, Any]:
    known, users = sharing.sharing(server), server.accounts
    name = place.parts[0]
    shares = known.shares_of(place.project.id, name)
    settings = known.settings(place.project.id, name)
    about = {
        "name": name,
        "description": settings.description,
        "datasetType": _TYPES.get(name, "DATASET"),
        "searchable": True,
        "shared": False,
        "sharedWith": len(shares),
        "accepted": True,
        "permission": settings.permission,
        "publicDataset": 0,
    }
    if not place.is_shared:
        about["projectsSharedWith"] = [
            {
                "id": target.id,
                "name": target.name,
                "owner": users.user(target.owner).email,
                "permission": share.permission,
                "accepted": share.accepted,
            }
            for share in shares
            for target in (server.project_by_id(share.target),)
        ]
        return about
    mine = known.share(place.project.id, name, place.reader.id)
    if mine is not None:
        about |= {
            "name": f"{place.project.name}::{name}",
            "shared": True,
            "accepted": mine.accepted,
            "permission": mine.permission,
            "sharedBy": user_json(users.user(mine.shared_by)),
        }
        if mine.accepted_by is not None:
            about["acceptedBy"] = user_json(users.user(mine.accepted_by))
    return about


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Put a file, or a folder with all below it, on the disk."""
    if not root.is_dir():
        descriptor = os.open(root, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                sync_tree(path)
        sync_folder(Path(folder))


def work_folder(server: Server, name: str) -> Path:
    """A folder of the server beside the projects, on the same file system: staging, trash."""
    folder = server.data_dir / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
