"""One server per data folder: the lock, and the folders that are refused.

The lock is an advisory lock (``flock``) on a file in the data folder. The kernel drops it with the
process, however that ends, so there is nothing stale to clean up.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from pathlib import Path

from hopsworks.local.address import LOCK_FILE

# File systems shared by machines: flock and SQLite's shared memory do not reach across them.
_NETWORK = frozenset(
    [
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "ocfs2",
        "gfs2",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.gcsfuse",
        "fuse.rclone",
        "fuse.glusterfs",
        "fuse.ceph",
        "fuse.davfs",
        "fuse.juicefs",
        "fuse.hopsfs-mount",
        "fuse.hopsfs",
        "fuse.mount-s3",
        "fuse.blobfuse2",
        "davfs",
    ]
)


# Delta takes paths for URLs: these characters, and what looks quoted already, mean other folders to it.
_NOT_FOR_DELTA = re.compile(r"[\[\]\\^|\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}")


class DataFolderError(OSError):
    """The data folder cannot be used; the text says why and what to do."""


class DataFolderBusyError(DataFolderError):
    """Another server uses the data folder."""


class FolderLock:
    """The lock of a data folder, held until ``release`` or the end of the process."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor: int | None = descriptor
        self.path = path

    @classmethod
    def take(cls, data_dir: Path) -> FolderLock:
        """Lock a data folder; DataFolderBusyError names the process that has it."""
        path = data_dir / LOCK_FILE
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _lock_within(descriptor, 0.3)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            who = f"process {holder}" if holder else "another process"
            raise DataFolderBusyError(
                f"A local server ({who}) already uses the data folder {data_dir}. Stop it with"
                f" 'hopsworks local stop --data {data_dir}' or choose another folder."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor, path)

    def is_current(self) -> bool:
        """Whether the data folder still is the one that was locked; it may have been deleted."""
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock_within(descriptor: int, seconds: float) -> None:
    """Take the exclusive lock; ``holder`` of another process may have it for an instant."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)


def holder(data_dir: Path) -> int | None:
    """The process id of the server that holds the lock of a data folder, or None."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    else:
        return None
    finally:
        os.close(descriptor)


def prepare(data_dir: Path) -> None:
    """Make a data folder for the owner only, or raise DataFolderError."""
    unfit = _NOT_FOR_DELTA.search(str(data_dir))
    if unfit:
        raise DataFolderError(
            f"The path of the data folder {str(data_dir)!r} contains {unfit[0]!r}, which Delta tables"
            " cannot have. Choose another folder with HOPSWORKS_LOCAL_DATA or --data."
        )
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data_dir} cannot be made: {error.strerror}. Choose another with"
            " HOPSWORKS_LOCAL_DATA or --data."
        ) from error
    if data_dir.stat().st_uid != os.getuid():
        raise DataFolderError(
            f"The data folder {data_dir} belongs to user id {data_dir.stat().st_uid}. Choose a"
            " folder of your own with HOPSWORKS_LOCAL_DATA or --data."
        )
    data_dir.chmod(0o700)
    kind = network_file_system(data_dir)
    if kind is not None:
        raise DataFolderError(
            f"The data folder {data_dir} is on a network file system ({kind}). File locks and the"
            " database's shared memory do not work there, so data could be lost. Choose a folder on"
            " a local disk with HOPSWORKS_LOCAL_DATA or --data."
        )


def network_file_system(path: Path, mounts: str = "/proc/self/mountinfo") -> str | None:
    """The type of the network file system that holds ``path``; None when it is a local one."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.readlines()
    except OSError:
        return None
    best, kind, options = -1, None, ""
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, about = left.split(), right.split()
        if len(fields) < 5 or not about:
            continue
        # The kernel writes blanks in mount points as octal escapes.
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point == "/" or str(path) == point or str(path).startswith(point + "/")
        # Of two mounts on one point the later one is on top.
        if inside and len(point) >= best:
            best, kind, options = len(point), about[0], about[-1]
    # Sandboxes show their own disk as 9p over a file descriptor; other 9p mounts are shared folders.
    if kind in _NETWORK or (kind == "9p" and "trans=fd" not in options):
        return kind
    return None
