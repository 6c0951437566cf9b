"""The connection of homer: one Hopsworks host and one project, whose registry is used."""

from __future__ import annotations

from hopsworks import _classic, config
from hopsworks.homer.errors import failures

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.homer.model_registry import ModelRegistry
    from hopsworks.session import ProjectSession


def _setting(name: str, doc: str) -> Any:
    """A setting of the connection below: readable always, changeable while it is closed."""

    def read(self: Connection) -> Any:
        return getattr(self._connection, name)

    def write(self: Connection, value: Any) -> None:
        setattr(self._connection, name, value)

    return property(read, write, doc=doc)


class Connection:
    """One Hopsworks host, reached with one API key, and one of its projects.

    The constructor connects. A connection is a context manager; leaving the block closes it. The key comes from
    ``api_key_value``, else from ``api_key_file``, else from ``HOPSWORKS_API_KEY`` or ``~/.hops.toml``, else from the
    secret store. It needs the scopes ``PROJECT``, ``DATASET_VIEW``, ``DATASET_CREATE``, ``DATASET_DELETE`` and
    ``MODELREGISTRY``.

    Parameters:
        host (str | None): Host name without scheme, or ``"local"`` for the embedded server. None reads
            ``HOPSWORKS_HOST``; needed outside a cluster.
        port (int): Port of the REST interface.
        project (str | None): Name of the project. None reads ``HOPSWORKS_PROJECT``; inside a cluster, the current one.
        engine (str | None): Accepted as by the other clients; homer reads and writes no features.
        region_name (str): AWS region of the secret stores; ``"default"`` for that of the environment.
        secrets_store (str | None): ``"parameterstore"``, ``"secretsmanager"`` or ``"local"``, which reads
            ``api_key_file``. None asks the parameter store where boto3 is installed and no key is given.
        hostname_verification (bool): Whether the certificate of the host is verified and must name it. The default
            lets ``HOPSWORKS_HOSTNAME_VERIFICATION`` decide where that is set; False is obeyed.
        trust_store_path (str | None): Certificate authorities to trust instead of those of the system.
        cert_folder (str): Folder for :meth:`materialize_certificates`; a relative one counts from the working
            directory.
        api_key_file (str | None): File that holds the API key.
        api_key_value (str | None): The API key; wins over the file. Keep it out of notebooks that others see.

    Raises:
        ExternalClientError: If host or API key is missing.
        UnknownSecretStorageError: If there is no such secret store.
        ServiceUnreachableError: If there is no connection to the host.
        UnauthorizedError: If the host does not accept the key.
        ProjectException: If the project does not exist.

    Example:
        ```python
        import homer

        with homer.connection(host="local", project="local") as connection:
            print(connection.get_model_registry().get_models("mnist"))
        ```
    """

    host = _setting("host", "Host name as given.")
    port = _setting("port", "Port of the REST interface.")
    project = _setting("project", "Name of the project.")
    hostname_verification = _setting(
        "hostname_verification", "Whether the certificate must be valid for the host."
    )
    trust_store_path = _setting("trust_store_path", "Certificate authorities to trust.")
    cert_folder = _setting("cert_folder", "Folder for certificate files.")
    api_key_file = _setting("api_key_file", "File that holds the API key.")
    api_key_value = _setting("api_key_value", "The API key as given to this connection.")

    def __init__(
        self,
        host: str | None = None,
        port: int = config.DEFAULT_PORT,
        project: str | None = None,
        engine: str | None = None,
        region_name: str = "default",
        secrets_store: str | None = None,
        hostname_verification: bool = True,
        trust_store_path: str | None = None,
        cert_folder: str = "hops",
        api_key_file: str | None = None,
        api_key_value: str | None = None,
    ) -> None:
        self._connection = _classic.connection(
            host=host,
            port=port,
            project=project,
            engine=engine,
            region_name=region_name,
            secrets_store=secrets_store,
            # True is what the client below settles on when no variable says otherwise.
            hostname_verification=None if hostname_verification is True else hostname_verification,
            trust_store_path=trust_store_path,
            cert_folder=cert_folder,
            api_key_file=api_key_file,
            api_key_value=api_key_value,
        )

    # ------------------------------------------------------------------------------------------- life cycle

    def connect(self) -> None:
        """Open the connection again after :meth:`close`, with the settings as they are now.

        Raises:
            HopsworksConnectionError: If the connection is open.
        """
        self._connection.connect()

    def close(self) -> None:
        """Close the connection and remove the certificate files that it wrote. May be called again."""
        self._connection.close()

    def __enter__(self) -> Connection:
        self._connection.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __repr__(self) -> str:
        return repr(self._connection)

    def __reduce__(self) -> Any:
        return self._connection.__reduce__()

    @property
    def engine(self) -> str:
        """Name of the engine; homer itself has no use for it."""
        return self._connection.engine

    # ---------------------------------------------------------------------------------------------- handles

    def get_model_registry(self, project: str | None = None) -> ModelRegistry:
        """The model registry of the connection's project, or one that is shared with it.

        Parameters:
            project (str | None): Project that owns the registry; None for the connection's own.

        Returns:
            ModelRegistry: The registry.

        Raises:
            RegistryAccessError: If there is no such registry, or it is not shared with the project.
            NoHopsworksConnectionError: If the connection is closed.

        Example:
            ```python
            own, shared = connection.get_model_registry(), connection.get_model_registry("other_project")
            ```
        """
        from hopsworks.homer.model_registry import ModelRegistry

        registry = ModelRegistry(self._session(), project)
        registry._registry()
        return registry

    def materialize_certificates(self) -> str:
        """Write the certificates of the project to files, for programs that need a path to them.

        homer itself needs none. The files are ``keyStore.jks``, ``trustStore.jks``, ``material_passwd``,
        ``ca_chain.pem``, ``client_cert.pem`` and ``client_key.pem``, readable by their owner only; :meth:`close`
        removes them.

        Returns:
            str: Absolute path of the folder.

        Raises:
            PermissionError: If the folder cannot be written; the message says to pass another ``cert_folder``.
            HomerError: If the host does not hand the certificates out.
            NoHopsworksConnectionError: If the connection is closed.

        Example:
            ```python
            folder = connection.materialize_certificates()
            ```
        """
        from hopsworks.certificates import project_certificates

        session = self._session()
        with failures("get the certificates of the project"):
            return project_certificates(session).folder()

    def _session(self) -> ProjectSession:
        return self._connection._project_session()


connection = Connection
