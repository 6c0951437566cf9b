"""Logging in: the connection that a program, a notebook or a shell uses unless it names another one."""

from __future__ import annotations

from hopsworks import config, open_connections
from hopsworks._log import get_logger
from hopsworks.client.exceptions import (
    NoHopsworksConnectionError,
    ProjectException,
    UnauthorizedError,
)
from hopsworks.connection import Connection

_logger = get_logger(__name__)

# The project that the embedded server makes in a new data folder.
_FIRST_LOCAL_PROJECT = "local"

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.project import Project

_current_connection: Connection | None = None
_current_project: Project | None = None


class _LoginConnection(Connection):
    """A connection whose host defaults to the managed service and whose project is chosen after connecting."""

    def connect(self) -> None:
        self._default_host = config.DEFAULT_HOST
        super().connect()


def login(
    host: str | None = None,
    port: int = 443,
    project: str | None = None,
    api_key_value: str | None = None,
    api_key_file: str | None = None,
    hostname_verification: bool | None = None,
    trust_store_path: str | None = None,
    cert_folder: str | None = None,
    engine: str | None = None,
) -> Project | Any:  # type checkers need not ask for the rare None after every login
    """Connect to Hopsworks and open a project.

    With ``host="local"`` an embedded server is started when none runs; it needs no account and no network.
    Each value that is not given is read from its variable, then from ``~/.hops.toml``: ``HOPSWORKS_HOST``,
    ``HOPSWORKS_PORT``, ``HOPSWORKS_PROJECT``, ``HOPSWORKS_API_KEY``, ``HOPSWORKS_HOSTNAME_VERIFICATION``,
    ``HOPSWORKS_TRUST_STORE_PATH``, ``HOPSWORKS_CERT_FOLDER``, ``HOPSWORKS_ENGINE``.

    A later login replaces the default connection; handles from an earlier one keep working with their own
    project until :func:`logout`.

    Parameters:
        host: Host name; ``"local"`` or ``"local:/data/folder"`` for the embedded server.
        port: Port of the REST interface.
        project: Name of the project. Without a name the only project is taken; from several, the person at the
            terminal chooses. Without a terminal the embedded server's first project, ``local``, is taken.
        api_key_value: The API key.
        api_key_file: File that holds the API key.
        hostname_verification: Whether the certificate of the server is verified and must name the host;
            ``None`` means yes.
        trust_store_path: PEM file or Java trust store of certificate authorities to trust; the password of the
            latter, where it needs one, is in ``HOPSWORKS_TRUST_STORE_PASSWORD``.
        cert_folder: Folder for certificate files that other libraries need.
        engine: ``"python"`` (default), ``"training"``, ``"spark"``, ``"spark-no-metastore"`` or ``"spark-delta"``.

    Returns:
        The :class:`hopsworks.project.Project`, or ``None`` when the user has no project yet.

    Raises:
        ProjectException: If the project does not exist, or cannot be chosen without a terminal.
        ExternalClientError: If there is no API key and no terminal to ask at.
        UnauthorizedError: If the host does not accept the key.
        ServiceUnreachableError: If there is no connection to the host.
        HopsworksSSLClientError: If the certificate of the host is not accepted.

    Example:
        ```python
        import hopsworks

        project = hopsworks.login(host="local")
        fs = project.get_feature_store()
        ```
    """
    arguments: dict[str, Any] = {
        "host": host,
        "port": port,
        "project": project,
        "engine": engine,
        "hostname_verification": hostname_verification,
        "trust_store_path": trust_store_path,
        "cert_folder": cert_folder,
        "api_key_file": api_key_file,
        "api_key_value": api_key_value,
    }
    try:
        connection = _LoginConnection(**arguments)
    except UnauthorizedError:
        if not _forget_cached_key(arguments):
            raise
        connection = _LoginConnection(**arguments)
    try:
        chosen = connection._first_project or _choose_project(connection)
    except BaseException:
        connection.close()
        raise
    global _current_connection, _current_project
    _current_connection, _current_project = connection, chosen
    if chosen is None:
        _logger.info(
            "Logged in to %s. There is no project yet: hopsworks.create_project('name') makes one.",
            host,
        )
    else:
        open_connections.use(chosen._session)
        _logger.info("Logged in to project %s: %s", chosen.name, chosen.get_url())
    return chosen


def _forget_cached_key(arguments: dict[str, Any]) -> bool:
    """Remove a saved key that the managed service refused; True when there was one and it was used."""
    import os

    settings = config.resolve(**arguments)
    path = config.cached_key_file()
    if settings.host != config.DEFAULT_HOST or settings.sources["api_key"] != f"file {path}":
        return False
    os.unlink(path)
    return True


def _choose_project(connection: Connection) -> Project | None:
    names = connection._project_names()
    if not names:
        if connection.host == config.DEFAULT_HOST:
            raise ProjectException(
                f"The owner of this API key has no project on {connection.host}."
            )
        return None
    if len(names) == 1:
        return connection.get_project(names[0])
    if not config.interactive():
        if connection.is_local and _FIRST_LOCAL_PROJECT in names:
            return connection.get_project(_FIRST_LOCAL_PROJECT)
        raise ProjectException(
            f"There are {len(names)} projects on {connection.host}: {', '.join(names)}. "
            "Pass project to login(), or set HOPSWORKS_PROJECT."
        )
    try:
        chosen = _ask(names)
    except EOFError:
        raise ProjectException(
            "The input ended before a project was chosen. Pass project to login(), or set HOPSWORKS_PROJECT."
        ) from None
    return connection.get_project(chosen)


def _ask(names: list[str]) -> str:
    """Let the person at the terminal choose one of the names by number or by name."""
    menu = "\n".join(f"  ({number}) {name}" for number, name in enumerate(names, 1))
    question = f"Several projects found:\n{menu}\nNumber of the project to use: "
    while True:
        answer = input(question).strip()
        if answer in names:
            return answer
        if answer.isdigit() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        question = f"Enter a number from 1 to {len(names)}: "


def logout() -> None:
    """Close every open connection. Handles that came from them stop working; :func:`login` starts anew.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        hopsworks.logout()
        ```
    """
    global _current_connection
    _current_connection = None
    open_connections.close_all()


def get_current_project() -> Project:
    """The project of the last login.

    Returns:
        The :class:`hopsworks.project.Project`.

    Raises:
        ProjectException: If nobody logged in to a project.
    """
    if _current_project is None:
        raise ProjectException("No project is open. Call hopsworks.login() first.")
    return _current_project


def get_connection() -> Connection:
    """The connection of the last login.

    Returns:
        The :class:`hopsworks.connection.Connection`.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.
    """
    if _current_connection is None or _current_connection._client is None:
        raise NoHopsworksConnectionError()
    return _current_connection


def create_project(
    name: str,
    description: str | None = None,
    feature_store_topic: str | None = None,
    namespace: str | None = None,
) -> Project | None:
    """Make a project on the host of the current login.

    Parameters:
        name: Letters, digits and underscores; unique on the host.
        description: What the project is for.
        feature_store_topic: Name of the Kafka topic of its feature store.
        namespace: Kubernetes namespace; ``None`` lets the server derive one.

    Returns:
        The new :class:`hopsworks.project.Project` when no project was open; it becomes the current one.
        ``None`` when a project is open already: ``login(project=name)`` opens the new one.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.
        ConflictError: If a project of that name exists.

    Example:
        ```python
        import hopsworks

        hopsworks.login(host="local")
        hopsworks.create_project("flights", description="Delays of flights")
        project = hopsworks.login(host="local", project="flights")
        ```
    """
    project = get_connection().create_project(name, description, feature_store_topic, namespace)
    global _current_project
    if _current_project is None or _current_project._session.connection is not _current_connection:
        _current_project = project
        open_connections.use(project._session)
        return project
    _logger.info("Project %s was made; open it with login(project=%r).", name, name)
    return None


# Their public home is the package; this module is only where they are written.
for _function in (login, logout, get_current_project, create_project):
    _function.__module__ = "hopsworks"
