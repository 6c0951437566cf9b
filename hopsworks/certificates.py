"""The certificates of a project: fetched once a session, kept in memory, written to files for those who need a path.

Programs of ours take the bytes. Kafka clients, JDBC drivers and the HopsFS library read files; for them
:meth:`ProjectCertificates.folder` writes the six that every Hopsworks client has, readable by the owner only, into a
folder that no other client uses at the same time. They go when the connection closes and when the process ends. A
process that was killed leaves them; the next one that connects removes them, which is what the claims are for: one
locked file for each folder in use, and the kernel lets go of the lock when its process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import threading
import time
import weakref

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.config import DEFAULT_CERT_FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.session import ProjectSession

_logger = logging.getLogger(__name__)
_lock = threading.Lock()

KEY_STORE = "keyStore.jks"
TRUST_STORE = "trustStore.jks"
PASSWORD = "material_passwd"
CA_CHAIN = "ca_chain.pem"
CLIENT_CERTIFICATE = "client_cert.pem"
CLIENT_KEY = "client_key.pem"
_FRESH = ".new"
FILES = (KEY_STORE, TRUST_STORE, PASSWORD, CA_CHAIN, CLIENT_CERTIFICATE, CLIENT_KEY)

# Clusters renew the certificates of a project now and then.
_FRESH_SECONDS = 3600.0

# How long a folder is tried for while other clients come and go there.
_PATIENCE_SECONDS = 10.0

# Where claims lie, the first that can be written: on this machine's own disk, since a lock is worth nothing elsewhere,
# and rather where a restart leaves them.
_CLAIM_ROOTS = ("/var/tmp", "/tmp")


def project_certificates(session: ProjectSession) -> ProjectCertificates:
    """The certificates of a session's project; fetched when first asked for, and again when they are an hour old.

    Parameters:
        session: The project and its connection.

    Returns:
        A :class:`ProjectCertificates`, the same one each time.

    Raises:
        RestAPIError: If the cluster does not hand them out.
        ValueError: If what it hands out is damaged.
        FeatureStoreException: If the engine of the connection has none, or its Spark session is not set up for them.

    Example:
        ```python
        import hopsworks
        from hopsworks.certificates import project_certificates

        session = hopsworks.login(host="local")._session
        authorities = project_certificates(session).ca_chain
        ```
    """
    found = session.cache.get("certificates")
    if found is not None and time.monotonic() - found.fetched > _FRESH_SECONDS:
        found.refresh()
    if found is None:
        answer = _fetch(session)
        with _lock:
            found = session.cache.get("certificates")
            if found is None:
                found = session.cache["certificates"] = ProjectCertificates(session, answer)
    certificates: ProjectCertificates = found
    return certificates


def _fetch(session: ProjectSession) -> dict[str, Any]:
    """What the cluster hands out; inside a cluster and on its Spark, the stores lie in files there."""
    connection = session.connection
    if connection.engine == "training":
        raise FeatureStoreException(
            "engine='training' is for metadata only, so it fetches no certificates. Connect with engine='python'."
        )
    if connection.engine == "spark" and not connection.is_internal:
        from hopsworks import spark_stores

        return spark_stores.credentials()
    answer: dict[str, Any] = session.scope.call("project.credentials")
    if connection.is_internal:
        from hopsworks import in_cluster

        return in_cluster.with_material(answer)
    return answer


class ProjectCertificates:
    """Key, certificates and stores of one project, for as long as its session lasts.

    Attributes:
        password (str): Password of both stores and of the key. Never part of the repr.
        ca_chain (str): The trusted certificates as PEM.
        client_certificate (str): The client's certificate and those that signed it, as PEM.
        client_key (str): The client's private key as PEM (PKCS#8, not encrypted). Never part of the repr.
        fetched (float): When they came from the cluster, in seconds of ``time.monotonic()``.
    """

    __slots__ = (
        "__weakref__",
        "_finalizer",
        "_guard",
        "_place",
        "_session",
        "_stores",
        "ca_chain",
        "client_certificate",
        "client_key",
        "fetched",
        "password",
    )

    def __init__(self, session: ProjectSession, answer: dict[str, Any]) -> None:
        self._session = weakref.ref(session)
        self._guard = threading.Lock()
        self._place: _Place | None = None
        self._finalizer: weakref.finalize[Any, Any] | None = None
        self.fetched = time.monotonic()
        self._stores = (answer.get("kStore") or "", answer.get("tStore") or "")
        self.password = str(answer.get("password") or "")
        self.ca_chain, self.client_certificate, self.client_key = pem_texts(answer)

    @property
    def key_store(self) -> bytes:
        """Java key store with the client's key and certificates; empty when the cluster hands out none."""
        return _decode(self._stores[0], "kStore")

    @property
    def trust_store(self) -> bytes:
        """Java trust store; empty when the cluster hands out none."""
        return _decode(self._stores[1], "tStore")

    def __repr__(self) -> str:
        session, place = self._session(), self._place
        project = session.project_name if session is not None else None
        return (
            f"<ProjectCertificates of {project!r}, in {place.folder if place else 'memory only'}>"
        )

    def __reduce__(self) -> Any:
        raise TypeError(
            "Certificates are not pickled, since they hold a private key; fetch them again."
        )

    def folder(self) -> str:
        """A folder with the files of :data:`FILES`, written when first asked for.

        Its place is ``/tmp/<host>/<project>/<user>`` unless the connection has another ``cert_folder``, which is then
        used itself. Where another client uses that folder already, a new one is made inside it.

        Returns:
            Absolute path of the folder. It is removed by :meth:`remove`, with the connection, or at exit.

        Raises:
            PermissionError: If the files cannot be written there; the message says where else.
        """
        with self._guard:
            # A forked child writes files of its own: the parent may close at any moment.
            if self._place is None or self._place.process != os.getpid():
                self._place = self._write()
                self._finalizer = weakref.finalize(self, self._place.remove)
            return self._place.folder

    def path(self, name: str) -> str:
        """Path of one of the files, written when first asked for.

        Parameters:
            name: One of :data:`FILES`, for example ``"ca_chain.pem"``.

        Raises:
            ValueError: If there is no such file.
        """
        if name not in FILES:
            raise ValueError(f"name is {name!r}; it must be one of {', '.join(FILES)}.")
        return os.path.join(self.folder(), name)

    def remove(self) -> None:
        """Remove the files, if any were written. A later :meth:`folder` writes them again."""
        with self._guard:
            self._place = None
            if self._finalizer is not None:
                self._finalizer()
                self._finalizer = None

    def refresh(self) -> None:
        """Fetch the certificates again. Files that were written are replaced, each as a whole, and keep their names.

        Raises:
            RestAPIError: If the cluster does not hand them out; what was there stays.
            ValueError: If what it hands out is damaged; what was there stays.
        """
        session = self._require_session()
        fresh = ProjectCertificates(session, _fetch(session))
        with self._guard:
            for name in ("_stores", "ca_chain", "client_certificate", "client_key", "password"):
                setattr(self, name, getattr(fresh, name))
            self.fetched = fresh.fetched
            if self._place is not None and self._place.process == os.getpid():
                self._place.write(self._content())

    def _require_session(self) -> ProjectSession:
        session = self._session()
        if session is None:
            raise RuntimeError("The connection that these certificates belong to is gone.")
        return session

    def _content(self) -> dict[str, bytes]:
        return {
            KEY_STORE: self.key_store,
            TRUST_STORE: self.trust_store,
            PASSWORD: self.password.encode(),
            CA_CHAIN: self.ca_chain.encode(),
            CLIENT_CERTIFICATE: self.client_certificate.encode(),
            CLIENT_KEY: self.client_key.encode(),
        }

    def _write(self) -> _Place:
        session = self._require_session()
        content = self._content()
        wanted = session.connection.cert_folder or DEFAULT_CERT_FOLDER
        try:
            place = _take_place(session, wanted)
        except OSError as error:
            raise _not_writable(wanted, error) from error
        try:
            place.write(content)
        except OSError as error:
            place.remove()
            raise _not_writable(place.folder, error) from error
        except BaseException:
            place.remove()
            raise
        _logger.debug("Certificates of %s written to %s.", session.project_name, place.folder)
        return place


def pem_texts(answer: dict[str, Any]) -> tuple[str, str, str]:
    """What the credentials of a project hold as PEM; taken from the stores where there is no PEM.

    Parameters:
        answer: The credentials as the cluster hands them out.

    Returns:
        Trusted certificates, certificate of the client with its chain, private key of the client.

    Raises:
        ValueError: If the stores are damaged.
    """
    texts = [str(answer.get(key) or "") for key in ("caChain", "clientCert", "clientKey")]
    if not all(texts):
        from hopsworks import _native

        password = str(answer.get("password") or "")
        try:
            key_store = _decode(answer.get("kStore") or "", "kStore")
            key, chain, own = _native.read_keystore(key_store, password)
            trust_store = _decode(answer.get("tStore") or "", "tStore")
            trusted = _native.read_keystore(trust_store, password)[2]
        except ValueError as error:
            raise ValueError(
                f"The certificates that the cluster handed out cannot be used: {error}. Ask an administrator to "
                "have those of the project renewed."
            ) from None
        made = ((own + trusted).decode(), chain.decode(), key.decode())
        texts = [text or other for text, other in zip(texts, made, strict=True)]
    return texts[0], texts[1], texts[2]


def _decode(text: str, key: str) -> bytes:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        # The exception would carry the text, which holds a key.
        raise ValueError(f"The {key} that the cluster handed out is not base64.") from None


def _not_writable(folder: str, error: OSError) -> OSError:
    if not isinstance(error, PermissionError) and error.errno != errno.EROFS:
        return error
    return PermissionError(
        error.errno,
        f"The certificates cannot be written to {error.filename or folder} ({error.strerror or error}). Name a folder of yours with "
        "cert_folder or HOPSWORKS_CERT_FOLDER",
    )


# --------------------------------------------------------------------------------------------------- folders


class _Place:
    """A folder that is ours alone while its claim is held."""

    __slots__ = ("_claim", "_made_in", "folder", "process")

    def __init__(self, folder: str, claim: _Claim, made_in: str | None = None) -> None:
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
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(fresh, dir_fd=folder)
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
            with contextlib.suppress(OSError):
                around = _Claim.take(self._made_in)
                if around is not None:
                    with contextlib.suppress(OSError):
                        os.rmdir(self._made_in)
                    around.release()
        self._claim.release()


def _take_place(session: ProjectSession, wanted: str) -> _Place:
    folder = os.path.realpath(os.path.expanduser(wanted))
    if wanted == DEFAULT_CERT_FOLDER:
        parts = [session.connection.host, session.project_name, session.username]
        names = [_component(str(part)) for part in parts]
        for shared in (os.path.join(folder, names[0]), os.path.join(folder, *names[:2])):
            if not _make_shared(shared):
                return _take_new("hopsworks-", folder)
        folder = os.path.join(folder, *names)
    claim = _Claim.take(folder)
    if claim is not None:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            if _is_safe(folder):
                if wanted == DEFAULT_CERT_FOLDER:
                    os.chmod(folder, 0o700)
                return _Place(folder, claim)
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


def _take_new(prefix: str, parent: str, made_in: str | None = None) -> _Place:
    """A new folder that nobody can know of yet."""
    import tempfile

    folder = tempfile.mkdtemp(prefix=prefix, dir=parent)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        claim = _Claim.take(folder)
        if claim is not None:
            return _Place(folder, claim, made_in)
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
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder)
        os.chmod(folder, 0o1777)
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
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


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
    with contextlib.suppress(OSError):
        os.rmdir(folder)


# ---------------------------------------------------------------------------------------------------- claims


def _claims(make: bool = False) -> str | None:
    """The folder of the claims of this user; None when there is none yet and none is to be made."""
    for root in _CLAIM_ROOTS:
        user = os.path.join(root, f"hopsworks-{os.getuid()}")
        folder = os.path.join(user, "certificates")
        try:
            for path in (user, folder) if make else ():
                with contextlib.suppress(FileExistsError):
                    os.mkdir(path, 0o700)
            if _is_safe(user) and _is_safe(folder):
                return folder
        except OSError:
            continue
    if make:
        raise PermissionError(
            errno.EACCES, "a folder for one user cannot be made there", _CLAIM_ROOTS[0]
        )
    return None


class _Claim:
    """A locked file that names a folder in use. The lock goes with its process, the file with :meth:`release`."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: str) -> _Claim | None:
        """Claim a folder; None when another client, here or in another process, has it."""
        import hashlib

        name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
        path = os.path.join(str(_claims(make=True)), name)
        claim = cls._lock(path, os.O_RDWR | os.O_CREAT)
        if claim is not None:
            os.ftruncate(claim._descriptor, 0)
            os.pwrite(claim._descriptor, os.fsencode(folder), 0)
        return claim

    @classmethod
    def _lock(cls, path: str, flags: int) -> _Claim | None:
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
        with contextlib.suppress(OSError):
            os.unlink(self._path)
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
        with contextlib.suppress(OSError):  # removed by another process just now
            claim = _Claim._lock(os.path.join(claims, name), os.O_RDWR)
            if claim is not None:
                abandoned.append((claim.folder(), claim))
    # Folders inside others first, so that all of them become empty.
    for folder, claim in sorted(abandoned, key=lambda item: len(item[0]), reverse=True):
        if folder:
            _clear(folder)
        claim.release()
    cleared = [folder for folder, _ in abandoned if folder]
    if cleared:
        _logger.info("Removed certificates that an earlier process left: %s.", ", ".join(cleared))
    return cleared
