"""Changes to the files of projects: what a request may change, and changes that are whole or not there.

What is told to a client has reached the disk. Deleting renames into the trash first and copying
builds in the staging folder first, so a kill leaves a path either as it was or as it shall be.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from hopsworks.local import sharing
from hopsworks.local.app import Server
from hopsworks.local.errors import ApiError, destination_exists, path_not_found, storage_full
from hopsworks.local.folders import (
    Place,
    check_dataset_name,
    locate,
    require_whole_dataset,
    require_write,
    sync_folder,
    sync_tree,
    work_folder,
)
from hopsworks.local.http import Request

# Of renameat2: names as they are, seen from the working folder; and what is there stays.
_HERE, _NO_REPLACE = -100, 1


def free_place(request: Request, server: Server, path: str, source: Place, folder: bool) -> Place:
    """A destination that the request may write, that is free, and that has a folder above it.

    Args:
        request: the request.
        server: the server.
        path: the destination.
        source: where its content comes from; it must not lie in that.
        folder: whether it becomes a folder, which a dataset is.
    """
    place = locate(server, server.project(request), path)
    if not place.parts or os.path.lexists(place.file):
        raise destination_exists(place.absolute)
    if not place.file.parent.is_dir():
        raise path_not_found("/".join(("/Projects", place.project.name, *place.parts[:-1])))
    if place.project.id == source.project.id and place.parts[: len(source.parts)] == source.parts:
        raise ApiError(
            400, 110001, "Invalid operation.", f"{place.absolute} lies in {source.absolute} itself."
        )
    if not place.is_dataset:
        require_write(request, server, place)
        return place
    if not folder:
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{place.absolute} would be a file beside the datasets; name a place in one of them.",
        )
    require_whole_dataset(request, server, place)
    check_dataset_name(place)
    return place


def require_removable(request: Request, server: Server, place: Place) -> None:
    """Refuse a request that may not take a path away; a whole dataset only when it is not shared."""
    require_write(request, server, place)
    if not place.is_dataset:
        return
    require_whole_dataset(request, server, place)
    if shares := sharing.sharing(server).shares_of(place.project.id, place.parts[0]):
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{place.parts[0]} is shared with {', '.join(server.project_by_id(s.target).name for s in shares)}. Unshare"
            " it first.",
        )


def copy_tree(server: Server, source: Place, destination: Place) -> None:
    """Copy a file or folder to a free place."""
    staged = work_folder(server, "staging") / f"copy-{secrets.token_hex(8)}"
    try:
        if source.file.is_dir():
            shutil.copytree(source.file, staged, symlinks=True)
        else:
            shutil.copy2(source.file, staged)
        sync_tree(staged)
        rename_to_free(staged, destination.file)
    except FileExistsError:
        raise destination_exists(destination.absolute) from None
    except OSError as error:
        raise refused_by_disk(error, destination.absolute) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if staged.is_file():
            staged.unlink()
    sync_folder(destination.file.parent)


def move_tree(source: Place, destination: Place) -> None:
    """Move a file or folder to a free place."""
    try:
        rename_to_free(source.file, destination.file)
    except FileExistsError:
        raise destination_exists(destination.absolute) from None
    except FileNotFoundError:  # moved or removed meanwhile
        raise path_not_found(source.absolute) from None
    sync_folder(destination.file.parent)
    if source.file.parent != destination.file.parent:
        sync_folder(source.file.parent)


def rename_to_free(source: Path, target: Path) -> None:
    """Give a file or folder another name; FileExistsError when that was taken meanwhile.

    A plain rename would replace a file, which somebody has just been told is there.
    """
    call = _renameat2()
    if call is not None:
        if call(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _NO_REPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(number, os.strerror(number), str(source), None, str(target))
    # Not every kernel and file system can: a file gets its second name first.
    if source.is_symlink() or source.is_dir():
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        os.rename(source, target)
    else:
        os.link(source, target)
        os.unlink(source)


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        name, folder = ctypes.c_char_p, ctypes.c_int
        call.argtypes = (folder, name, folder, name, ctypes.c_uint)
    return call


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
    server.executor.submit(empty, trash)


def empty(trash: Path) -> None:
    """Give back the space of what lies in the trash."""
    if trash.is_dir() and not trash.is_symlink():
        shutil.rmtree(trash, ignore_errors=True)
    else:
        trash.unlink(missing_ok=True)


def refused_by_disk(error: OSError, path: str) -> ApiError:
    """The protocol's error for a write that the disk refused."""
    failed = f"{path}: {error.strerror or error}."
    return storage_full(error, path) or ApiError(500, 110002, "Dataset operation failed.", failed)
