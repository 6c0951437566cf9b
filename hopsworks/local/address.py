"""Where a data folder's server is: pure path arithmetic, shared by client and server."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

LOCK_FILE = "lock"
LOG_FILE = "server.log"
SOCKET_FILE = "api.sock"
FLIGHT_SOCKET_FILE = "flight.sock"


def data_folder(data: str | os.PathLike[str] | None = None) -> Path:
    """The data folder: argument, HOPSWORKS_LOCAL_DATA, or the user's data home; links resolved."""
    if data is None or os.fspath(data) == "":
        data = os.environ.get("HOPSWORKS_LOCAL_DATA") or None
    if data is None:
        home = os.environ.get("XDG_DATA_HOME") or os.path.join(
            os.path.expanduser("~"), ".local", "share"
        )
        data = os.path.join(home, "hopsworks", "local")
    return Path(os.path.realpath(os.path.expanduser(os.fspath(data))))


def socket_folder(data_dir: Path) -> Path:
    """The folder of the sockets of a data folder: short, on a local disk, owner only.

    A Unix socket's path has at most 107 bytes, so it cannot lie in the data folder itself.
    """
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and len(runtime) < 60 and os.access(runtime, os.W_OK | os.X_OK):
        return Path(runtime, "hopsworks", digest)
    return Path(f"/tmp/hopsworks-{os.getuid()}", digest)


def make_private(folder: Path) -> None:
    """Make a folder and its parent for the owner only; refuse one that belongs to somebody else."""
    for path in (folder.parent, folder):
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            pass
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(
                f"{path} must be a folder of the current user, but it belongs to user id"
                f" {found.st_uid}. Remove it or set XDG_RUNTIME_DIR to a folder of yours."
            )
        if found.st_mode & 0o077:
            path.chmod(0o700)
