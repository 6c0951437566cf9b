"""Downloading a model: into a folder of the user, or into a cache that later calls and processes share.

Files arrive in a temporary folder and move into place when all of them are complete, so that nobody ever sees half a
model. A cached model carries a marker with the moment of its registration: a version that was deleted and saved again
does not match it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import tempfile
import time

from hopsworks._log import get_logger
from hopsworks.progress import Progress
from hopsworks.resource_scope import scope_of
from hsml.core.project_files import ProjectFiles, absolute_path

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_logger = get_logger(__name__)

MARKER = ".download_complete"
_STAGING = ".incoming-"
_ABANDONED_SECONDS = 24 * 3600
_LEGACY_ARTIFACTS = "Artifacts"


def cache_folders() -> list[str]:
    """Folders that may hold the cache, in the order they are tried.

    Returns:
        list[str]: Absolute paths, none twice.
    """
    candidates = (
        "/tmp/hopsworks/models",
        os.path.join(os.path.expanduser("~"), ".hopsworks", "cache", "models"),
        os.path.join(os.getcwd(), ".hopsworks_cache", "models"),
    )
    return list(dict.fromkeys(os.path.abspath(folder) for folder in candidates))


def download(model: Any, local_path: Any) -> str:
    """Download a model; see :meth:`hsml.model.Model.download`.

    Returns:
        str: The folder with the files.
    """
    if local_path is not None:
        local_path = os.fspath(local_path)
        os.makedirs(local_path, exist_ok=True)
        _fetch(model, local_path)
        return local_path
    if model.project_name is None or model.id is None:
        raise ValueError(
            f"Model '{model.name}' is not saved yet, so it has no files to download. Call save() first, or get it with "
            "mr.get_model()."
        )
    folders = [
        os.path.join(base, model.project_name, model.name, str(model.version), str(model.id))
        for base in cache_folders()
    ]
    for folder in folders:
        if _is_complete(folder, model):
            _logger.info(
                "Using the files of model '%s' version %s in %s", model.name, model.version, folder
            )
            return folder
    failures = []
    for folder in folders:
        try:
            return _fill_cache(model, folder)
        except OSError as error:
            if not _is_local_failure(error):
                raise
            failures.append(error)
            _logger.warning("The model cache cannot use %s: %s", folder, _reason(error))
    raise type(failures[0])(
        failures[0].errno,
        f"Model '{model.name}' cannot be cached in any of {', '.join(folders)} ({_reason(failures[0])}). Pass local_path "
        "with a folder that can be written and has room",
    )


def clear_cache(project_name: Any, model_name: Any, version: Any) -> int:
    """Remove models from the cache; see :meth:`hsml.model.Model.clear_cache`.

    Returns:
        int: Number of model versions removed.
    """
    if model_name is not None and project_name is None:
        raise ValueError(
            "model_name needs project_name: models of one name may lie in several projects. Pass both."
        )
    if version is not None and (project_name is None or model_name is None):
        raise ValueError("version needs project_name and model_name. Pass all three.")
    parts = [str(part) for part in (project_name, model_name, version) if part is not None]
    removed = 0
    for base in cache_folders():
        top = os.path.join(base, *parts)
        if not os.path.isdir(top):
            continue
        levels = 3 - len(parts)
        removed += len(_folders_below(top, levels))
        shutil.rmtree(top)
    return removed


def _folders_below(top, levels):
    found = [top]
    for _ in range(levels):
        found = [
            entry.path
            for folder in found
            for entry in os.scandir(folder)
            if entry.is_dir(follow_symlinks=False)
        ]
    return found


# --- the cache --------------------------------------------------------------------------------------------------


def _is_ours(path: Any):
    """Whether a path is a real folder of this user: /tmp is open to all, and a planted folder could hold anything."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (
        not hasattr(os, "getuid") or status.st_uid == os.getuid()
    )


def _is_complete(folder, model):
    if not _is_ours(folder):
        return False
    try:
        with open(os.path.join(folder, MARKER), encoding="utf-8") as file:
            marker = json.load(file)
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("created") == model.created


def _fill_cache(model, folder):
    parent = os.path.dirname(folder)
    os.makedirs(parent, mode=0o700, exist_ok=True)
    if os.path.lexists(folder) and not _is_ours(folder):
        raise PermissionError(errno.EACCES, "belongs to another user", folder)
    staging = tempfile.mkdtemp(prefix=_STAGING, dir=parent)
    try:
        _fetch(model, staging, into_place=False)
        with open(os.path.join(staging, MARKER), "w", encoding="utf-8") as file:
            json.dump({"created": model.created}, file, default=str)
        _put_in_place(staging, folder, model)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    _prune(parent, folder)
    return folder


def _put_in_place(staging: Any, folder: Any, model: Any) -> None:
    """Give a complete download its name; one that another process has put there meanwhile stays."""
    if _is_complete(folder, model):
        shutil.rmtree(staging, ignore_errors=True)
        return
    if os.path.lexists(folder):
        stale = tempfile.mkdtemp(prefix=_STAGING, dir=os.path.dirname(folder))
        os.rename(folder, os.path.join(stale, "old"))
        shutil.rmtree(stale, ignore_errors=True)
    try:
        os.rename(staging, folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        shutil.rmtree(staging, ignore_errors=True)


def _prune(parent: Any, folder: Any) -> None:
    """Remove copies of the same version under older ids, and what downloads that were killed have left."""
    for name in os.listdir(parent):
        other = os.path.join(parent, name)
        if other == folder or not _is_ours(other):
            continue
        if not name.startswith(_STAGING) or _age(other) > _ABANDONED_SECONDS:
            shutil.rmtree(other, ignore_errors=True)


def _age(path):
    """Seconds since a folder was changed; 0 for one that another download has just put in place or removed."""
    try:
        return time.time() - os.stat(path).st_mtime
    except FileNotFoundError:
        return 0.0


def _is_local_failure(error):
    return error.errno in (
        errno.ENOSPC,
        errno.EFBIG,
        errno.EDQUOT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOTDIR,
    )


def _reason(error):
    return {
        errno.ENOSPC: "no space left",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the file system is read-only",
        errno.ENOTDIR: "a part of the path is a file",
    }.get(error.errno) or f"permission denied: {error.strerror or error}"


# --- the transfer -----------------------------------------------------------------------------------------------


def _fetch(model: Any, folder: Any, into_place: Any = True) -> None:
    """Download every file of the model below a folder."""
    scope = scope_of(model)
    files = ProjectFiles(scope)
    # Old versions keep their files directly in the version folder.
    source = model.model_files_path if files.exists(model.model_files_path) else model.version_path
    tree = list(files.tree(source, skip=(_LEGACY_ARTIFACTS,)))
    for relative, _ in tree:
        if os.path.isabs(relative) or ".." in relative.split("/"):
            raise ValueError(
                f"The model '{model.name}' has a file called '{relative}', which leads out of its folder."
            )
    if not into_place:
        _transfer(files, model, tree, folder)
        return
    for relative, entry in tree:
        target = os.path.join(folder, relative)
        if os.path.lexists(target) and not (entry.get("dir") and os.path.isdir(target)):
            raise FileExistsError(
                errno.EEXIST,
                f"The file '{relative}' of model '{model.name}' exists in {folder}; downloads replace nothing. Pass an "
                "empty folder as local_path, or remove the file",
                target,
            )
    staging = tempfile.mkdtemp(prefix=_STAGING, dir=folder)
    try:
        _transfer(files, model, tree, staging)
        for relative, entry in tree:
            target = os.path.join(folder, relative)
            if entry.get("dir"):
                os.makedirs(target, exist_ok=True)
            else:
                os.rename(os.path.join(staging, relative), target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _transfer(files, model, tree, folder):
    batch = []
    for relative, entry in tree:
        target = os.path.join(folder, relative)
        if entry.get("dir"):
            os.makedirs(target, exist_ok=True)
        else:
            path = absolute_path(entry["path"], model.project_name)
            batch.append((path, target, entry.get("size") or 0, None))
    with Progress(f"Downloading model '{model.name}'") as progress:
        files.download_all(batch, progress)
