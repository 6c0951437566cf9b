"""The certificates of a project: fetched once a session, kept in memory, written to files for those who need a path.

Programs of ours take the bytes. Kafka clients, JDBC drivers and the HopsFS library read files; for them
:meth:`ProjectCertificates.folder` writes the six that every Hopsworks client has; see ``certificate_folders.py``.
"""

from __future__ import annotations

import errno
import os
import threading
import time
import weakref

from hopsworks import certificate_folders
from hopsworks._log import get_logger
from hopsworks.certificate_folders import (
    CA_CHAIN,
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    FILES,
    KEY_STORE,
    PASSWORD,
    TRUST_STORE,
)
from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.config import DEFAULT_CERT_FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.session import ProjectSession

_logger = get_logger(__name__)
_lock = threading.Lock()

# Clusters renew the certificates of a project now and then.
_FRESH_SECONDS = 3600.0


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
        self._place: certificate_folders.Place | None = None
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

    def _write(self) -> certificate_folders.Place:
        session = self._require_session()
        content = self._content()
        wanted = session.connection.cert_folder or DEFAULT_CERT_FOLDER
        try:
            place = certificate_folders.take(session, wanted)
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
