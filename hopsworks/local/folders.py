"""Paths of the protocol and the files behind them.

A path may be written relative (``Resources/x``), with a leading slash, absolute
(``/Projects/<project>/Resources/x``), as ``hdfs://host/Projects/...``, or ``<project>::Dataset/x``.
Every one is resolved beneath the project's folder; ``..`` and links that lead out are refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, NamedTuple

from hopsworks.local.app import Project, Server, iso_time
from hopsworks.local.errors import ApiError, dataset_not_found, path_not_found

RESERVED_DATASETS = frozenset(("download", "upload", "tags"))


class Place(NamedTuple):
    """A resolved path.

    Attributes:
        project: the project it belongs to.
        parts: the names below the project's folder; empty for the project itself.
        file: the path on disk.
    """

    project: Project
    parts: tuple[str, ...]
    file: Path

    @property
    def absolute(self) -> str:
        """The path in the protocol's absolute form."""
        return "/".join(("/Projects", self.project.name, *self.parts))

    @property
    def is_dataset(self) -> bool:
        """Whether it is a top-level folder of the project."""
        return len(self.parts) == 1


def names_of(project: Project, path: str) -> tuple[str, ...]:
    """The names below the project's folder that a path in any spelling stands for."""
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
    if len(names) >= 2 and names[0] == "Projects":
        if names[1].lower() != project.name.lower():
            raise dataset_not_found(path)
        names = names[2:]
    elif names and "::" in names[0]:
        owner, _, dataset = names[0].partition("::")
        if owner.lower() != project.name.lower():
            raise dataset_not_found(names[0])
        names[0] = dataset
    if any(len(os.fsencode(name)) > 255 for name in names):
        raise ApiError(400, 110028, "Bad name.", "A name has at most 255 bytes.")
    return tuple(names)


def locate(project: Project, path: str) -> Place:
    """Resolve a path beneath the project's folder; it need not exist, its dataset must."""
    names = names_of(project, path)
    place = Place(project, names, project.folder.joinpath(*names))
    if len(names) > 1 and not (project.folder / names[0]).is_dir():
        raise dataset_not_found(names[0])
    if names:
        _refuse_escape(place)
    return place


def locate_existing(project: Project, path: str) -> tuple[Place, os.stat_result]:
    """Resolve a path that must exist, and what the file system says of it."""
    place = locate(project, path)
    try:
        return place, place.file.stat()
    except (FileNotFoundError, NotADirectoryError):
        if place.is_dataset:
            raise dataset_not_found(place.parts[0]) from None
        raise path_not_found(place.absolute) from None


def _refuse_escape(place: Place) -> None:
    root = os.path.realpath(place.project.folder)
    real = os.path.realpath(place.file)
    if real != root and not real.startswith(root + os.sep):
        raise ApiError(
            403, 110050, "Permission denied.", f"{place.absolute} is a link out of the project."
        )


def attributes(server: Server, place: Place, found: os.stat_result) -> dict[str, Any]:
    """The ``attributes`` of a file or folder."""
    folder = stat.S_ISDIR(found.st_mode)
    return {
        "id": found.st_ino,
        "parentId": 0,
        "name": place.parts[-1] if place.parts else place.project.name,
        "path": place.absolute,
        "size": 0 if folder else found.st_size,
        "dir": folder,
        "permission": stat.filemode(found.st_mode)[1:],
        "owner": f"{place.project.name}__{server.user.username}",
        "group": f"{place.project.name}__{place.parts[0] if place.parts else 'Data'}",
        "modificationTime": iso_time(found.st_mtime_ns // 1_000_000),
        "accessTime": iso_time(found.st_atime_ns // 1_000_000),
        "underConstruction": False,
    }


def describe(server: Server, place: Place, found: os.stat_result, href: str) -> dict[str, Any]:
    """An Inode, or a Dataset when the path is top level."""
    about: dict[str, Any] = {
        "href": href,
        "zipState": "NONE",
        "attributes": attributes(server, place, found),
    }
    if place.is_dataset:
        about |= {
            "id": found.st_ino,
            "name": place.parts[0],
            "description": "",
            "datasetType": "DATASET",
            "searchable": True,
            "shared": False,
            "sharedWith": 0,
            "accepted": True,
            "permission": "EDITABLE",
            "publicDataset": 0,
            "projectsSharedWith": [],
        }
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
