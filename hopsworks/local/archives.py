"""Packing files and folders into zip archives, and unpacking these, in the background.

An archive or folder appears when it is complete. What has been asked for is recorded, so that a
server that was killed does it again at its next start. Archives that would write outside of their
folder, or that unpack to far more than they are, are refused before anything is unpacked.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
import stat
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from hopsworks.local.app import Server
from hopsworks.local.errors import ApiError, storage_full
from hopsworks.local.file_changes import free_place, rename_to_free
from hopsworks.local.folders import (
    Place,
    ZipStates,
    locate_existing,
    sync_folder,
    sync_tree,
    work_folder,
)
from hopsworks.local.http import Request, Response, no_content

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS archive_tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    source_project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    target_project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    inode INTEGER,
    failed INTEGER NOT NULL DEFAULT 0
);
"""

ROUTES: list[Any] = []

ZIP, UNZIP = "ZIPPING", "UNZIPPING"
FAILED = "FAILED"
COPY_BYTES = 1024 * 1024
MOST_ENTRIES = 100_000
MOST_DIRECTORY_BYTES = 32 * 1024 * 1024
# The record at the end of an archive, with the longest comment and the record for large archives before it.
_LONGEST_END = 22 + 65_535 + 20 + 56
# An archive that grows by more than this, to more than that many bytes, is a trap.
MOST_GROWTH, HARMLESS_BYTES = 250, 64 * 1024 * 1024


class _Stopped(Exception):
    """The server ends in the middle of the work."""


class Archives:
    """The work under way: two threads, apart from those of the handlers."""

    def __init__(self, server: Server) -> None:
        self.threads = ThreadPoolExecutor(2, "hopsworks-archive")
        self.stopping = threading.Event()
        self.running: set[int] = set()


# -- requests --------------------------------------------------------------------------------------


def zip_action(request: Request, server: Server) -> Response:
    """POST ``action=zip``: pack a file or folder into ``<name>.zip``."""
    source = _source(request, server)
    folder = request.query("destination_path")
    if folder is None and source.is_dataset:
        raise ApiError(
            400,
            110001,
            "Invalid operation.",
            f"{source.absolute} is a whole dataset: say with destination_path where its archive shall be.",
        )
    above = source.absolute.rpartition("/")[0] if folder is None else folder.rstrip("/")
    target = free_place(request, server, f"{above}/{source.parts[-1]}.zip", source, False)
    _begin(server, ZIP, source, target)
    return no_content()


def unzip_action(request: Request, server: Server) -> Response:
    """POST ``action=unzip``: unpack an archive into a folder beside it, named like it up to the first dot."""
    source = _source(request, server)
    name = source.parts[-1].partition(".")[0]
    if not source.file.is_file() or not name:
        raise _refused(source.absolute, "is no file with a name before its first dot")
    above = source.absolute.rpartition("/")[0]
    target = free_place(request, server, f"{above}/{name}", source, True)
    try:
        _open_archive(server, source.file, source.absolute).close()
    except (zipfile.BadZipFile, zlib.error, ValueError) as error:
        raise _refused(source.absolute, f"is no zip archive ({error})") from None
    _begin(server, UNZIP, source, target)
    return no_content()


def _source(request: Request, server: Server) -> Place:
    source, _ = locate_existing(server, server.project(request), request.params["path"])
    if not source.parts:
        raise ApiError(
            400, 110001, "Invalid operation.", "That is a whole project, not a path in it."
        )
    state = server.kept(ZipStates).get(source.file)
    if state not in (None, FAILED):
        raise ApiError(
            400,
            120002,
            "Illegal state.",
            f"{source.absolute} is {state} already; wait until its zipState is NONE.",
        )
    return source


def _refused(name: str, reason: str) -> ApiError:
    return ApiError(400, 110001, "Invalid operation.", f"{name} {reason}.")


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    return tuple(part for part in info.filename.split("/") if part not in ("", "."))


def _open_archive(server: Server, file: Path, name: str) -> zipfile.ZipFile:
    """Open an archive; refuses one that cannot be unpacked without harm."""
    if _directory_bytes(file) > MOST_DIRECTORY_BYTES:
        raise _refused(name, f"has a list of contents of more than {MOST_DIRECTORY_BYTES} bytes")
    archive = zipfile.ZipFile(file)
    try:
        _check_archive(server, archive, file.stat().st_size, name)
    except BaseException:
        archive.close()
        raise
    return archive


def _directory_bytes(file: Path) -> int:
    """How long the list of contents at an archive's end claims to be, which is read into memory as a whole."""
    size = file.stat().st_size
    with open(file, "rb") as archive:
        archive.seek(max(0, size - _LONGEST_END))
        end = archive.read()
    claims = [0]
    for form, first, last in ((b"PK\5\6", 12, 16), (b"PK\6\6", 40, 48)):
        for record in re.finditer(re.escape(form), end):
            begin = record.start()
            claims.append(int.from_bytes(end[begin + first : begin + last], "little"))
    # One that is longer than the file stands for "see the other record", or makes the archive unreadable.
    return max(claim for claim in claims if claim <= size)


def _check_archive(server: Server, archive: zipfile.ZipFile, size: int, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _refused(name, f"holds {len(entries)} entries; at most {MOST_ENTRIES} are unpacked")
    for info in entries:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.filename.startswith("/") or ".." in info.filename.split("/"):
            raise _refused(name, f"holds {info.filename!r}, which leads out of its folder")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(name, f"holds {info.filename!r}, which is a link or a device")
        if info.flag_bits & 1:
            raise _refused(name, "is encrypted; unpack it where its password is known")
        if any(len(os.fsencode(part)) > 255 for part in _parts(info)):
            raise _refused(name, "holds a name of more than 255 bytes")
    total = sum(info.file_size for info in entries)
    if total > HARMLESS_BYTES and total > MOST_GROWTH * size:
        raise _refused(
            name, f"has {size} bytes and claims to unpack to {total}; such archives are traps"
        )
    about = os.statvfs(server.data_dir)
    free = about.f_bavail * about.f_frsize
    if total > free:
        raise ApiError(
            500,
            110055,
            "Storage is full.",
            f"{name} unpacks to {total} bytes, but the disk of the data folder has only {free} left."
            " Free space and try again.",
        )


# -- the work --------------------------------------------------------------------------------------


def _begin(server: Server, kind: str, source: Place, target: Place) -> None:
    """Record what is to be done, which from then on is done, and start."""
    with server.metadata.transaction() as db:
        forget_failure(db, source)
        number = db.execute(
            "INSERT INTO archive_tasks (kind, source_project, source, target_project, target)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                *(kind, source.project.id, "/".join(source.parts)),
                *(target.project.id, "/".join(target.parts)),
            ),
        ).lastrowid
    assert number is not None
    _submit(server, kind, number, source.file, target.file)


def _submit(server: Server, kind: str, number: int, source: Path, target: Path) -> None:
    archives = server.kept(Archives)
    server.kept(ZipStates)[source] = kind
    archives.running.add(number)
    archives.threads.submit(_run, server, archives, kind, number, source, target)


def _run(
    server: Server, archives: Archives, kind: str, number: int, source: Path, target: Path
) -> None:
    states = server.kept(ZipStates)
    staged = work_folder(server, "staging") / f"archive-{number}"
    try:
        _remove(staged)
        if kind == ZIP:
            _pack(source, staged, archives.stopping)
        else:
            # Checked again: another file may have that name by now.
            with _open_archive(server, source, source.name) as archive:
                _unpack(archive, source.name.partition(".")[0], staged, archives.stopping)
        sync_tree(staged)
        with server.metadata.transaction() as db:
            # Tells, after a kill, our own work from what another has put there.
            db.execute(
                "UPDATE archive_tasks SET inode = ? WHERE id = ?", (staged.stat().st_ino, number)
            )
        rename_to_free(staged, target)
        sync_folder(target.parent)
        _finished(server, number)
        states.pop(source, None)
    except _Stopped:
        logger.info("%s of %s goes on at the next start", kind, source)
    except Exception as error:
        reason = storage_full(error) or error
        logger.warning("%s of %s failed: %s", kind, source, reason)
        with server.metadata.transaction() as db:
            db.execute("UPDATE archive_tasks SET failed = 1 WHERE id = ?", (number,))
        states[source] = FAILED
    finally:
        _remove(staged)
        archives.running.discard(number)


def _finished(server: Server, number: int) -> None:
    with server.metadata.transaction() as db:
        db.execute("DELETE FROM archive_tasks WHERE id = ?", (number,))


def _remove(staged: Path) -> None:
    if staged.is_dir():
        shutil.rmtree(staged)
    else:
        staged.unlink(missing_ok=True)


def _pack(source: Path, staged: Path, stopping: threading.Event) -> None:
    """Pack a file, or a folder with all below it; links are left out."""
    with zipfile.ZipFile(staged, "x", zipfile.ZIP_DEFLATED) as archive:
        if not source.is_dir():
            _add(archive, source, source.name, stopping)
            return
        for folder, folders, files in os.walk(source):
            folders.sort()
            inside = Path(source.name, Path(folder).relative_to(source))
            archive.write(folder, f"{inside}/")
            for name in sorted(files):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    _add(archive, path, f"{inside}/{name}", stopping)


def _add(archive: zipfile.ZipFile, path: Path, name: str, stopping: threading.Event) -> None:
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = zipfile.ZIP_DEFLATED
    with open(path, "rb") as file, archive.open(info, "w", force_zip64=True) as entry:
        _pour(file, entry, stopping)


def _unpack(archive: zipfile.ZipFile, name: str, staged: Path, stopping: threading.Event) -> None:
    """Unpack a checked archive; one that holds a single folder of that name gives what is in that."""
    staged.mkdir(mode=0o700)
    entries = [(info, _parts(info)) for info in archive.infolist()]
    entries = [(info, parts) for info, parts in entries if parts]
    wrapped = all(parts[0] == name and (len(parts) > 1 or info.is_dir()) for info, parts in entries)
    for info, parts in entries:
        path = staged.joinpath(*parts[1:] if wrapped else parts)
        if info.is_dir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Reading ends at the size that the archive claims, and checks its sum.
        with archive.open(info) as entry, open(path, "xb") as file:
            _pour(entry, file, stopping)


def _pour(source: IO[bytes], target: IO[bytes], stopping: threading.Event) -> None:
    while piece := source.read(COPY_BYTES):
        if stopping.is_set():
            raise _Stopped
        target.write(piece)


# -- life ------------------------------------------------------------------------------------------


def forget_failure(db: sqlite3.Connection, source: Place) -> None:
    """Forget that packing or unpacking something failed."""
    db.execute(
        "DELETE FROM archive_tasks WHERE failed AND source_project = ? AND source = ?",
        (source.project.id, "/".join(source.parts)),
    )


def gone(server: Server, place: Place) -> None:
    """Forget what failed of a path that was moved or deleted, and of all below it."""
    states = server.kept(ZipStates)
    failed = [p for p, state in list(states.items()) if state == FAILED]
    for path in failed:
        if path == place.file or place.file in path.parents:
            states.pop(path, None)
            parts = path.relative_to(place.project.folder).parts
            with server.metadata.transaction() as db:
                forget_failure(db, place._replace(parts=parts))


def keeps_alive(server: Server) -> bool:
    """True while something is packed or unpacked."""
    return bool(server.kept(Archives).running)


async def on_start(server: Server) -> None:
    """Do what a killed process had taken on and not finished."""
    for task in server.metadata.all("SELECT * FROM archive_tasks ORDER BY id"):
        source = server.project_by_id(task["source_project"]).folder / task["source"]
        target = server.project_by_id(task["target_project"]).folder / task["target"]
        if task["failed"]:
            server.kept(ZipStates)[source] = FAILED
        elif task["inode"] and target.exists() and target.stat().st_ino == task["inode"]:
            _finished(server, task["id"])
            _remove(work_folder(server, "staging") / f"archive-{task['id']}")
        else:
            _submit(server, task["kind"], task["id"], source, target)


async def on_stop(server: Server) -> None:
    """Stop in the middle; the next start begins again."""
    archives = server.kept(Archives)
    archives.stopping.set()
    await server.run(archives.threads.shutdown)
