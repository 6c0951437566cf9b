"""Folders with the certificate files of a project: ours alone while in use, and removed afterwards.

The files are readable by the owner only, in a folder that no other client uses at the same time. They go when the
connection closes and when the process ends. A process that was killed leaves them; the next one that connects removes
them, which is what the claims are for: one locked file for each folder in use, and the kernel lets go of the lock when
its process is gone.

A login looks for what was left, so that this module loads little.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from hopsworks._log import get_logger
from hopsworks.config import DEFAULT_CERT_FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.session import ProjectSession

_logger = get_logger(__name__)

KEY_STORE = "keyStore.jks"
TRUST_STORE = "trustStore.jks"
PASSWORD = "material_passwd"
CA_CHAIN = "ca_chain.pem"
CLIENT_CERTIFICATE = "client_cert.pem"
CLIENT_KEY = "client_key.pem"
_FRESH = ".new"
FILES = (KEY_STORE, TRUST_STORE, PASSWORD, CA_CHAIN, CLIENT_CERTIFICATE, CLIENT_KEY)

# How long a folder is tried for while other clients come and go there.
_PATIENCE_SECONDS = 10.0

# Where claims lie, the first that can be written: on this machine's own disk, since a lock is worth nothing elsewhere,
# and rather where a restart leaves them.
_CLAIM_ROOTS = ("/var/tmp", "/tmp")


class Place:
    """A folder that is ours alone while its claim is held."""

    __slots__ = ("_claim", "_made_in", "folder", "process")

    def __init__(self, folder: str, claim: Claim, made_in: str | None = None) -> None:
        self.folder = folder
        self.process = os.getpid()
        self._claim = claim
        self._made_in = made_in

    def write(self, content: dict[str, bytes]) -> None:
        """Write the files, each under a temporary name first; what lies under their names is replaced."""
        folder = _open_own(self.folder)
        try:
            for name, data in content.items():
                fresh = name + _FRESH
                try:
                    os.unlink(fresh, dir_fd=folder)
                except FileNotFoundError:
                    pass
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with open(os.open(fresh, flags, 0o600, dir_fd=folder), "wb") as file:
                    file.write(data)
                os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(folder)

    def remove(self) -> None:
        """Delete the files, and the folder when nothing else is in it. Nothing in a forked child."""
        if os.getpid() != self.process:
            return
        _clear(self.folder)
        if self._made_in is not None:
            # The folder around it belongs to whoever holds its claim; without one, an empty one goes too.
            try:
                around = Claim.take(self._made_in)
                if around is not None:
                    try:
                        os.rmdir(self._made_in)
                    except OSError:
                        pass
                    around.release()
            except OSError:
                pass
        self._claim.release()


def take(session: ProjectSession, wanted: str) -> Place:
    """Take a folder for the certificates of a session: the wanted one, or one inside it when another client has that.

    Parameters:
        session: The project and its connection.
        wanted: The folder; the default one gets a subfolder for each host, project and user.

    Raises:
        OSError: If no folder can be made there.
    """
    folder = os.path.realpath(os.path.expanduser(wanted))
    if wanted == DEFAULT_CERT_FOLDER:
        parts = [session.connection.host, session.project_name, session.username]
        names = [_component(str(part)) for part in parts]
        for shared in (os.path.join(folder, names[0]), os.path.join(folder, *names[:2])):
            if not _make_shared(shared):
                return _take_new("hopsworks-", folder)
        folder = os.path.join(folder, *names)
    claim = Claim.take(folder)
    if claim is not None:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            if _is_safe(folder):
                if wanted == DEFAULT_CERT_FOLDER:
                    os.chmod(folder, 0o700)
                return Place(folder, claim)
        except BaseException:
            claim.release()
            raise
        claim.release()
        if wanted == DEFAULT_CERT_FOLDER:  # our name, but somebody else's folder
            return _take_new("hopsworks-", os.path.realpath(wanted))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            return _take_new(f"{_component(str(session.project_name))}-", folder, folder)
        except (FileNotFoundError, FileExistsError):
            # Another client has closed in between and taken the folder with it; it may happen several times in a row.
            if time.monotonic() > deadline or (
                os.path.lexists(folder) and not os.path.isdir(folder)
            ):
                raise
            time.sleep(0.001)


def _take_new(prefix: str, parent: str, made_in: str | None = None) -> Place:
    """A new folder that nobody can know of yet."""
    import tempfile

    folder = tempfile.mkdtemp(prefix=prefix, dir=parent)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        claim = Claim.take(folder)
        if claim is not None:
            return Place(folder, claim, made_in)
        # Somebody who looks for abandoned folders holds the new claim for a moment.
        time.sleep(0.01)
    os.rmdir(folder)
    raise PermissionError(errno.EBUSY, "another process keeps the folder locked", folder)


def _is_safe(folder: str) -> bool:
    """Whether nobody but us can put other files in the place of ours there."""
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _component(text: str) -> str:
    """A name as one part of a path, whatever a server calls its projects."""
    safe = "".join(c if c.isalnum() or c in "._-@" else "_" for c in text)
    return safe if safe.strip(".") else "_"


def _make_shared(folder: str) -> bool:
    """Make a folder in which every user of the machine may have one of their own.

    Returns:
        False when somebody else owns it, who could then put their own certificates in the place of ours.
    """
    try:
        os.mkdir(folder)
        os.chmod(folder, 0o1777)
    except FileExistsError:
        pass
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and found.st_uid in (os.getuid(), 0)


def _open_own(folder: str) -> int:
    """A descriptor of a folder that belongs to us."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    if os.fstat(descriptor).st_uid != os.getuid():
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "it belongs to another user", folder)
    return descriptor


def _delete_files(folder: int) -> None:
    for name in (*FILES, *(name + _FRESH for name in FILES)):
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            pass


def _clear(folder: str) -> None:
    """Delete the files of a folder and, when it is empty then, the folder."""
    try:
        descriptor = _open_own(folder)
    except OSError:  # gone, or not ours
        return
    try:
        _delete_files(descriptor)
    except OSError as error:
        _logger.warning("Certificates are left in %s: %s", folder, error)
    finally:
        os.close(descriptor)
    try:
        os.rmdir(folder)
    except OSError:
        pass


def _claims(make: bool = False) -> str | None:
    """The folder of the claims of this user; None when there is none yet and none is to be made."""
    for root in _CLAIM_ROOTS:
        user = os.path.join(root, f"hopsworks-{os.getuid()}")
        folder = os.path.join(user, "certificates")
        try:
            for path in (user, folder) if make else ():
                try:
                    os.mkdir(path, 0o700)
                except FileExistsError:
                    pass
            if _is_safe(user) and _is_safe(folder):
                return folder
        except OSError:
            continue
    if make:
        raise PermissionError(
            errno.EACCES, "a folder for one user cannot be made there", _CLAIM_ROOTS[0]
        )
    return None


class Claim:
    """A locked file that names a folder in use. The lock goes with its process, the file with :meth:`release`."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: str) -> Claim | None:
        """Claim a folder; None when another client, here or in another process, has it."""
        import hashlib

        name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
        path = os.path.join(str(_claims(make=True)), name)
        claim = cls.lock(path, os.O_RDWR | os.O_CREAT)
        if claim is not None:
            os.ftruncate(claim._descriptor, 0)
            os.pwrite(claim._descriptor, os.fsencode(folder), 0)
        return claim

    @classmethod
    def lock(cls, path: str, flags: int) -> Claim | None:
        """Lock a claim by the path of its file; None when it is held."""
        import fcntl

        while True:
            descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The holder before us may have removed the file between our open and our lock.
                if os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                    return cls(path, descriptor)
            except BlockingIOError:
                os.close(descriptor)
                return None
            except FileNotFoundError:
                pass
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def folder(self) -> str:
        """The folder that the file names."""
        return os.fsdecode(os.pread(self._descriptor, 65536, 0))

    def release(self) -> None:
        """Give the folder up."""
        try:
            os.unlink(self._path)
        except OSError:
            pass
        os.close(self._descriptor)


def remove_abandoned() -> list[str]:
    """Remove the certificate files of processes that ended without closing, for example because they were killed.

    Called when a connection opens. Files of living processes stay.

    Returns:
        The folders that were cleared.
    """
    claims = _claims()
    if claims is None:
        return []
    abandoned = []
    for name in os.listdir(claims):
        try:
            claim = Claim.lock(os.path.join(claims, name), os.O_RDWR)
            if claim is not None:
                abandoned.append((claim.folder(), claim))
        except OSError:
            pass  # removed by another process just now
    # Folders inside others first, so that all of them become empty.
    for folder, claim in sorted(abandoned, key=lambda item: len(item[0]), reverse=True):
        if folder:
            _clear(folder)
        claim.release()
    cleared = [folder for folder, _ in abandoned if folder]
    if cleared:
        _logger.info("Removed certificates that an earlier process left: %s.", ", ".join(cleared))
    return cleared
