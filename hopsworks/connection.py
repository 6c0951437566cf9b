"""Connections: one Hopsworks host and one API key each, from which project handles are made.

Most programs use :func:`hopsworks.login`, which makes a connection and keeps it as the default of the process.
Any number of connections can be open at once; objects remember the connection that they came from.
"""

from __future__ import annotations

import sys

from hopsworks import certificate_folders, config, in_cluster, open_connections
from hopsworks._log import get_logger
from hopsworks._transport import open_client
from hopsworks.client.exceptions import (
    HopsworksConnectionError,
    NoHopsworksConnectionError,
    NotFoundError,
    ProjectException,
    RestAPIError,
)
from hopsworks.session import ProjectSession
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from types import ModuleType
    from typing import Any

    from hopsworks import _native
    from hopsworks.local.lifecycle import Address
    from hopsworks.project import Project
    from hsfs.feature_store import FeatureStore
    from hsml.model_registry import ModelRegistry
    from hsml.model_serving import ModelServing
else:
    ModuleType = type(sys)

HOPSWORKS_PORT_DEFAULT = config.DEFAULT_PORT
CERT_FOLDER_DEFAULT = config.DEFAULT_CERT_FOLDER
HOSTNAME_VERIFICATION_DEFAULT = None
HOPSWORKS_HOSTNAME_VERIFICATION_DEFAULT = HOSTNAME_VERIFICATION_DEFAULT
PROJECT_ID = "HOPSWORKS_PROJECT_ID"
PROJECT_NAME = "HOPSWORKS_PROJECT_NAME"

_logger = get_logger(__name__)


def _setting(name: str, doc: str) -> Any:
    """A connection setting: readable always, changeable while the connection is closed."""

    def read(self: Connection) -> Any:
        return self._arguments[name] if self._settings is None else self._resolved(name)

    def write(self: Connection, value: Any) -> None:
        if self._client is not None:
            raise HopsworksConnectionError()
        self._arguments[name] = value
        self._settings = None

    return property(read, write, doc=doc)


class Connection:
    """One Hopsworks host, reached with one API key.

    The constructor connects. A connection is a context manager; leaving the block closes it. A connection that
    nobody holds any more closes itself.

    Parameters:
        host: Host name without scheme, ``"local"`` for the embedded server with its default data folder, or
            ``"local:/folder"`` for another data folder. ``None`` reads ``HOPSWORKS_HOST``.
        port: Port of the REST interface. The default reads ``HOPSWORKS_PORT``.
        project: Name of the project to open. ``None`` reads ``HOPSWORKS_PROJECT``; a connection may also stay
            without a project.
        engine: ``"python"``, ``"training"``, ``"spark"``, ``"spark-no-metastore"`` or ``"spark-delta"``.
            ``None`` reads ``HOPSWORKS_ENGINE`` and falls back to ``"python"``.
        hostname_verification: Whether the certificate of the server is verified and must name the host. ``None``
            reads ``HOPSWORKS_HOSTNAME_VERIFICATION`` and falls back to ``True``. With ``False``, the certificate is
            checked against ``trust_store_path`` only, or not at all when there is none.
        trust_store_path: Certificate authorities to trust instead of those of the system: a PEM file, or a Java
            trust store (JKS or PKCS#12) whose password, where it needs one, is in
            ``HOPSWORKS_TRUST_STORE_PASSWORD``. ``None`` reads ``HOPSWORKS_TRUST_STORE_PATH``.
        cert_folder: Folder for certificate files that other libraries need; they are written when first needed
            and removed when the connection closes. ``None`` reads ``HOPSWORKS_CERT_FOLDER`` and falls back to
            ``/tmp/<host>/<project>/<user>``.
        api_key_file: File that holds the API key.
        api_key_value: The API key; wins over the file. ``None`` for both reads ``HOPSWORKS_API_KEY``.

    Raises:
        ExternalClientError: If host or API key is missing.
        ServiceUnreachableError: If there is no connection to the host.
        HopsworksSSLClientError: If the certificate of the host is not accepted.
        UnauthorizedError: If the host does not accept the key.
        ProjectException: If the project does not exist.

    Example:
        ```python
        import hopsworks

        with hopsworks.connection(host="local") as connection:
            project = connection.get_project("local")
        ```
    """

    host = _setting("host", "Host name as given.")
    port = _setting("port", "Port of the REST interface.")
    hostname_verification = _setting(
        "hostname_verification", "Whether the certificate must be valid for the host."
    )
    trust_store_path = _setting(
        "trust_store_path", "PEM file or Java trust store of certificate authorities."
    )
    cert_folder = _setting("cert_folder", "Folder for certificate files that other libraries need.")
    api_key_file = _setting("api_key_file", "File that holds the API key.")
    api_key_value = _setting("api_key_value", "The API key as given to this connection.")

    def __init__(
        self,
        host: str | None = None,
        port: int = HOPSWORKS_PORT_DEFAULT,
        project: str | None = None,
        engine: str | None = None,
        hostname_verification: bool | None = HOSTNAME_VERIFICATION_DEFAULT,
        trust_store_path: str | None = None,
        cert_folder: str | None = CERT_FOLDER_DEFAULT,
        api_key_file: str | None = None,
        api_key_value: str | None = None,
    ) -> None:
        self._arguments: dict[str, Any] = {
            "host": host,
            "port": port,
            "project": project,
            "engine": engine,
            "hostname_verification": hostname_verification,
            "trust_store_path": trust_store_path,
            "cert_folder": None if cert_folder == CERT_FOLDER_DEFAULT else cert_folder,
            "api_key_file": api_key_file,
            "api_key_value": api_key_value,
        }
        self._settings: config.Settings | None = None
        self._client: _native.Client | None = None
        self._address: Address | None = None
        self._session: ProjectSession | None = None
        self._sessions: dict[int, ProjectSession] = {}
        self._variables: dict[str, str] = {}
        self._backend_version: str | None = None
        self._username: str | None = None
        self._project_name: str | None = None
        self._first_project: Project | None = None
        self._default_host: str | None = None
        self.connect()

    def _resolved(self, name: str) -> Any:
        if name in ("api_key_file", "api_key_value"):
            return self._arguments[name]
        return getattr(self._settings, name)

    # ------------------------------------------------------------------------------------------- life cycle

    def connect(self) -> None:
        """Open the connection again after :meth:`close`, with the settings as they are now.

        Raises:
            HopsworksConnectionError: If the connection is open.
        """
        if self._client is not None:
            raise HopsworksConnectionError("The connection is open already.")
        settings = self._settings = config.resolve(
            **self._arguments, default_host=self._default_host
        )
        if settings.engine.startswith("spark"):
            from hopsworks import spark_stores

            spark_stores.require_spark(settings.engine)
        try:
            certificate_folders.remove_abandoned()
        except OSError:
            pass  # what cannot be cleaned up must not keep anybody out
        self._client, self._address = open_client(settings)
        self._sessions = {}
        self._variables = {}
        try:
            self._session = ProjectSession(self, self._client)
            self._check_version()
            name = settings.project
            if name is None and settings.inside:
                name = self._name_of_own_project()
            if name is not None:
                self._first_project = self._open_project(name)
        except BaseException:
            self.close()
            raise
        open_connections.add(self)
        _logger.info(
            "Connected to %s.", "the embedded server" if settings.is_local else settings.base_url
        )

    def close(self) -> None:
        """Close the connection. Objects that came from it can no longer reach the server. May be called again."""
        client, self._client = self._client, None
        if client is None:
            return
        client.close()
        for session in self._sessions.values():
            session.forget_certificates()
        if self._address is not None:
            self._address.release()
            self._address = None
        self._session = None
        self._sessions = {}
        open_connections.discard(self)
        _logger.info("Connection to %s closed.", self.host)

    def __enter__(self) -> Connection:
        if self._client is None:
            self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "open" if self._client is not None else "closed"
        return (
            f"Connection(host={self.host!r}, port={self.port!r}, project={self.project!r}, {state})"
        )

    def __reduce__(self) -> Any:
        raise TypeError(
            "A connection holds an API key and is not pickled. Connect again in the other process."
        )

    # --------------------------------------------------------------------------------------------- settings

    @property
    def project(self) -> str | None:
        """Name of the project that the connection is for, or ``None``."""
        return self._project_name if self._project_name is not None else self._arguments["project"]

    @project.setter
    def project(self, name: str | None) -> None:
        if self._client is not None:
            raise HopsworksConnectionError()
        self._arguments["project"] = name
        self._project_name = None

    @property
    def backend_version(self) -> str | None:
        """Version of the server, for example ``"5.2.1"``; ``None`` when it does not tell."""
        return self._backend_version

    @backend_version.setter
    def backend_version(self, version: str) -> None:
        self._backend_version = version.split("-SNAPSHOT")[0].strip()

    @property
    def engine(self) -> str:
        """Name of the engine that reads and writes data."""
        return self._arguments["engine"] if self._settings is None else self._settings.engine

    @property
    def is_local(self) -> bool:
        """Whether this is the embedded server, reached over its socket."""
        return self._settings is not None and self._settings.is_local

    @property
    def is_internal(self) -> bool:
        """Whether this program runs inside the cluster, where its services have other addresses."""
        return self._settings is not None and self._settings.inside

    @property
    def base_url(self) -> str:
        """Where users reach the server: scheme, host and port.

        ``"http://localhost"`` for the embedded one, whose socket has no port. Inside a cluster, the host is that of
        ``HOPSWORKS_PUBLIC_HOST``.
        """
        settings = self._settings
        if settings is None or settings.is_local:
            return "http://localhost"
        if settings.public_host is not None:
            return f"{settings.scheme}://{settings.public_host}"
        return settings.base_url

    @property
    def api_key(self) -> str | None:
        """The API key in force, wherever it came from; None for a token, and on the embedded server."""
        return None if self._settings is None else self._settings.api_key

    @property
    def client(self) -> _native.Client:
        """Native client of the open connection.

        Raises:
            NoHopsworksConnectionError: If the connection is closed.
        """
        return self._require_open()

    def _scope(self) -> _native.Scope:
        """Scope for calls that belong to no project."""
        self._require_open()
        assert self._session is not None
        return self._session.scope

    def _require_open(self) -> _native.Client:
        if self._client is None:
            raise NoHopsworksConnectionError(
                f"The connection to {self.host} is closed. Call connect() on it, or hopsworks.login()."
            )
        return self._client

    # --------------------------------------------------------------------------------------------- projects

    def get_project(self, name: str | None = None) -> Project:
        """A project by name.

        Parameters:
            name: Its name; ``None`` for the project of this connection.

        Returns:
            The :class:`hopsworks.project.Project`.

        Raises:
            ProjectException: If there is no project of that name that the key can see.
            ValueError: If no name is given and the connection has no project.
            NoHopsworksConnectionError: If the connection is closed.

        Example:
            ```python
            project = connection.get_project("demo")
            ```
        """
        self._require_open()
        name = name or self._project_name
        if not name:
            raise ValueError(
                "name is missing, and the connection was made without a project. Pass the project name."
            )
        return self._open_project(name)

    def get_projects(self) -> list[Project]:
        """All projects that the key can see.

        Returns:
            A list of :class:`hopsworks.project.Project`.
        """
        return [self._open_project(name, first=False) for name in self._project_names()]

    def project_exists(self, name: str) -> bool:
        """Whether there is a project of that name that the key can see.

        Parameters:
            name: Name of the project.
        """
        self._require_open()
        try:
            self._scope().call("project.get_by_name", name=name)
        except RestAPIError as error:
            if error.response.status_code in (400, 403, 404):
                return False
            raise
        return True

    def create_project(
        self,
        name: str,
        description: str | None = None,
        feature_store_topic: str | None = None,
        namespace: str | None = None,
    ) -> Project:
        """Make a project.

        Parameters:
            name: Letters, digits and underscores; unique on the host.
            description: What the project is for.
            feature_store_topic: Name of the Kafka topic of its feature store.
            namespace: Kubernetes namespace; ``None`` lets the server derive one.

        Returns:
            The :class:`hopsworks.project.Project`.

        Raises:
            ConflictError: If a project of that name exists.
            RestAPIError: If the server refuses the name.
        """
        self._require_open()
        body = {
            "projectName": name,
            "description": description,
            "featureStoreTopic": feature_store_topic,
        }
        if namespace is not None:
            body["namespace"] = namespace
        self._scope().call("project.create", body, project_name=name)
        return self._open_project(name, first=False)

    def _project_names(self) -> list[str]:
        self._require_open()
        memberships = self._scope().call("project.list") or []
        for membership in memberships:
            username = (membership.get("user") or {}).get("username")
            if username and self._username is None:
                self._username = username
        return [membership["project"]["name"] for membership in memberships]

    def _name_of_own_project(self) -> str:
        """Name of the project whose number is all that the container of this program says."""
        number = in_cluster.project_id()
        for membership in self._scope().call("project.list") or []:
            if membership["project"]["id"] == number:
                return str(membership["project"]["name"])
        raise ProjectException(
            f"There is no project {number} on {self.host} that this container can see. Check HOPSWORKS_PROJECT_ID, or set "
            "HOPSWORKS_PROJECT_NAME."
        )

    def _fetch_username(self) -> str | None:
        if self._username is None:
            self._project_names()
        if self._username is None:
            profile = self._scope().call("user.profile") or {}
            self._username = profile.get("username")
        return self._username

    def _open_project(self, name: str, first: bool = True) -> Project:
        """Fetch a project and bind it to a session of its own. `first`: may become the connection's project."""
        try:
            project = self._scope().call("project.get_by_name", name=name)
        except NotFoundError as error:
            raise ProjectException(
                f"Could not find project {name} on {self.host}. Check the name, and that the owner of the API key "
                "is a member; hopsworks.create_project() makes a new one."
            ) from error
        if self.engine == "spark" and not self.is_internal:
            from hopsworks import spark_stores

            spark_stores.configuration()  # a cluster that is not set up is told now, not at the first read
        session = self._sessions.get(project.id)
        if session is None:
            session = self._sessions[project.id] = ProjectSession(
                self, self.client, project.id, project.name
            )
        project._scope = session.scope
        if first and self._project_name is None:
            self._project_name = project.name
        if first:
            open_connections.use(session, weak=True)
        return project

    # ------------------------------------------------------------------------------------ shortcuts, set-up

    def _project_session(self) -> ProjectSession:
        self._require_open()
        if self._project_name is None:
            names = self._project_names()
            if len(names) != 1:
                raise ProjectException(
                    f"The connection has no project; there are {len(names)} on {self.host}: {', '.join(names)}. "
                    "Pass project to connection(), or set HOPSWORKS_PROJECT."
                )
            return self._open_project(names[0])._session
        for session in self._sessions.values():
            if session.project_name == self._project_name:
                return session
        return self._open_project(self._project_name)._session

    def get_feature_store(self, name: str | None = None) -> FeatureStore:
        """The feature store of the connection's project, or one that is shared with it.

        Parameters:
            name: Project that owns the feature store; ``None`` for the connection's own.

        Returns:
            A :class:`hsfs.feature_store.FeatureStore`.

        Raises:
            ForbiddenError: If that project does not share its feature store with the connection's, or the offer has
                not been accepted; see :meth:`hopsworks.core.dataset_api.DatasetApi.share`.
            NotFoundError: If there is no such feature store.

        Example:
            ```python
            own, shared = connection.get_feature_store(), connection.get_feature_store("other_project")
            ```
        """
        from hsfs.feature_store import get_feature_store

        return get_feature_store(self._project_session(), name)

    def get_model_registry(self, project: str | None = None) -> ModelRegistry:
        """The model registry of the connection's project, or one that is shared with it.

        Parameters:
            project: Project that owns the registry; ``None`` for the connection's own.

        Returns:
            A :class:`hsml.model_registry.ModelRegistry`.

        Raises:
            ModelRegistryException: If that project does not share its models with the connection's, or the offer has
                not been accepted; see :meth:`hopsworks.core.dataset_api.DatasetApi.share`.
        """
        from hsml.model_registry import get_model_registry

        return get_model_registry(self._project_session(), project)

    def get_model_serving(self) -> ModelServing:
        """The model serving of the connection's project.

        Returns:
            A :class:`hsml.model_serving.ModelServing`.
        """
        from hsml.model_serving import get_model_serving

        return get_model_serving(self._project_session())

    def _check_version(self) -> None:
        for entry in self._scope().call("variable.versions") or []:
            if entry.get("software") == "hopsworks":
                self.backend_version = entry.get("version", "")
        ours = __version__.split(".")[:2]
        theirs = (self._backend_version or "").split(".")[:2]
        if len(theirs) == 2 and all(part.isdigit() for part in theirs) and theirs != ours:
            import warnings

            warnings.warn(
                f"This client speaks the interface of Hopsworks {'.'.join(ours)}; the server is "
                f"{self._backend_version}. Some calls may not work: install hopsworks=={'.'.join(theirs)}.*",
                stacklevel=4,
            )


def connection(
    host: str | None = None,
    port: int = HOPSWORKS_PORT_DEFAULT,
    project: str | None = None,
    engine: str | None = None,
    hostname_verification: bool | None = HOSTNAME_VERIFICATION_DEFAULT,
    trust_store_path: str | None = None,
    cert_folder: str | None = CERT_FOLDER_DEFAULT,
    api_key_file: str | None = None,
    api_key_value: str | None = None,
) -> Connection:
    """Open a connection; see :class:`Connection` for the parameters.

    ``hopsworks.connection(...)`` takes the arguments of the first clients too: ``region_name`` and ``secrets_store``
    (``"parameterstore"``, ``"secretsmanager"`` or ``"local"``), by name or in their old places, the fifth and sixth. A
    text in the fifth place is a region; a bool is ``hostname_verification``.

    Returns:
        A :class:`Connection`.

    Example:
        ```python
        import hopsworks

        with hopsworks.connection(host="local", project="local") as connection:
            fs = connection.get_feature_store()
        ```
    """
    return Connection(
        host,
        port,
        project,
        engine,
        hostname_verification,
        trust_store_path,
        cert_folder,
        api_key_file,
        api_key_value,
    )


class _CallableModule(ModuleType):
    """This module can be called: ``hopsworks.connection`` names both the function and the module.

    Importing ``hopsworks.connection`` binds the module to that name in the package, so a plain function there
    would be lost as soon as somebody imports the module.
    """

    @staticmethod
    def __call__(*args: Any, **kwargs: Any) -> Connection:
        """Open a connection, also with the arguments of the first clients; see :func:`connection`."""
        from hopsworks import _classic

        return _classic.connection(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableModule
__wrapped__ = connection  # where inspect.signature() looks
