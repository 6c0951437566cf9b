"""Where the settings of a connection come from.

Each setting is taken from the first of: argument, environment variable, file ``~/.hops.toml`` (table ``default``),
default. Variables and the file are read when a connection is made, never at import. :class:`Settings` keeps, for
every value, the source that it came from.
"""

from __future__ import annotations

import os
import sys

from hopsworks import in_cluster
from hopsworks.client.exceptions import ExternalClientError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from os import PathLike
    from typing import Any

DEFAULT_HOST = "eu-west.cloud.hopsworks.ai"
DEFAULT_PORT = 443
DEFAULT_CERT_FOLDER = "/tmp"
ENGINES = ("python", "training", "spark", "spark-no-metastore", "spark-delta")

# Seconds; None is no limit. They have no argument, because login() and connection() have those of the reference API.
TIMEOUTS = {"connect_timeout": 10.0, "read_timeout": 60.0, "total_timeout": None}

_TRUE = ("true", "1", "y", "yes", "on")
_FALSE = ("false", "0", "n", "no", "off")


class Settings:
    """The resolved settings of one connection.

    Attributes:
        host (str): Host name, or ``"local"`` for the embedded server.
        port (int): Port of the REST interface.
        project (str | None): Name of the project to open.
        api_key (str | None): The key; ``None`` while none was found. Never part of the repr.
        hostname_verification (bool): Whether the certificate must name the host.
        trust_store_path (str | None): PEM file or Java trust store of certificate authorities to trust.
        cert_folder (str): Folder for certificate files that foreign libraries need.
        engine (str): One of :data:`ENGINES`.
        local_data (str | None): Data folder of the embedded server; ``None`` is its default folder.
        connect_timeout (float | None): Seconds for address, connection and TLS handshake; None for no limit.
        read_timeout (float | None): Seconds in which at least one byte must move; None for no limit.
        total_timeout (float | None): Seconds for a call with its attempts and pauses; None for no limit.
        scheme (str): ``"https"``, or ``"http"`` for a loopback address that was given as such.
        token_file (str | None): Inside a cluster, the file with the token that stands for the API key.
        inside (bool): Whether the program runs inside a cluster and speaks to that one.
        public_host (str | None): Inside a cluster, the host that users reach it by.
        sources (dict[str, str]): Setting name to where its value came from.
    """

    __slots__ = (
        "api_key",
        "cert_folder",
        "connect_timeout",
        "engine",
        "host",
        "hostname_verification",
        "inside",
        "local_data",
        "port",
        "project",
        "public_host",
        "read_timeout",
        "scheme",
        "sources",
        "token_file",
        "total_timeout",
        "trust_store_path",
    )

    host: str
    port: int
    project: str | None
    api_key: str | None
    hostname_verification: bool
    trust_store_path: str | None
    cert_folder: str
    connect_timeout: float | None
    read_timeout: float | None
    total_timeout: float | None
    engine: str
    local_data: str | None
    scheme: str
    token_file: str | None
    inside: bool
    public_host: str | None
    sources: dict[str, str]

    @property
    def is_local(self) -> bool:
        """Whether the embedded server is meant."""
        return self.host == "local"

    @property
    def base_url(self) -> str:
        """Scheme, host and port as a URL without path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return (
            f"{self.scheme}://{host}"
            if self.port == default
            else f"{self.scheme}://{host}:{self.port}"
        )

    def __repr__(self) -> str:
        shown = (
            f"{name}={getattr(self, name, None)!r}"
            for name in self.__slots__
            if name not in ("api_key", "sources")
        )
        return f"Settings({', '.join(shown)}, api_key={'***' if self.api_key else None!r})"

    def __reduce__(self) -> Any:
        raise TypeError(
            "Settings hold an API key and are not pickled; resolve them where they are needed."
        )


def config_file() -> str:
    """Path of the configuration file, whether it exists or not."""
    return os.path.join(os.path.expanduser("~"), ".hops.toml")


def read_file() -> dict[str, Any]:
    """The table ``default`` of the configuration file.

    Returns:
        A dict, empty when there is no file.

    Raises:
        ValueError: If the file is not TOML; the message names it.
    """
    path = config_file()
    try:
        with open(path, "rb") as file:
            text = file.read()
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return {}
    import tomllib

    try:
        table = tomllib.loads(text.decode("utf-8")).get("default", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is not a valid TOML file: {error}. Correct it or remove it."
        ) from error
    return table if isinstance(table, dict) else {}


def parse_flag(value: bool | str, name: str) -> bool:
    """Read a yes-or-no value the way it is written in variables.

    Parameters:
        value: ``True``, ``False``, or a word such as ``"true"``, ``"0"``, ``"yes"``.
        name: What the value is, for the error.

    Returns:
        The value as a bool.

    Raises:
        ValueError: If the word is none of those.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{name} is {value!r}; use one of {', '.join(_TRUE + _FALSE)}.")


def parse_port(value: int | str, name: str = "port") -> int:
    """Read a port number.

    Raises:
        ValueError: If it is not a whole number from 1 to 65535.
    """
    try:
        port = int(str(value).strip())
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise ValueError(f"{name} is {value!r}; a port is a whole number from 1 to 65535.")
    return port


def parse_seconds(value: float | str, name: str) -> float | None:
    """Read a limit of time.

    Parameters:
        value: A positive number of seconds, or ``0`` or ``"none"`` for no limit.
        name: What the value is, for the error.

    Returns:
        The seconds, or None for no limit.

    Raises:
        ValueError: If it is neither.
    """
    word = str(value).strip().lower()
    try:
        seconds = 0.0 if word == "none" else float(word)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e9:
        raise ValueError(
            f"{name} is {value!r}; use a number of seconds, or 0 or 'none' for no limit."
        )
    return seconds or None


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def parse_host(text: str, name: str = "host") -> tuple[str, str, int | None, str | None]:
    """Split what the user gave as host.

    Parameters:
        text: ``"my.host"``, ``"my.host:8181"``, ``"https://my.host"``, ``"[::1]:443"``, ``"local"`` or
            ``"local:/data/folder"``.
        name: What the text is, for the error.

    Returns:
        Scheme, host, port or ``None``, data folder or ``None``.

    Raises:
        TypeError: If it is no text.
        ValueError: If the text is not a host, or asks for plain HTTP to another machine.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"{name} is of type {type(text).__name__}, not str; give a host name such as 'my.hopsworks.host'."
        )
    text = text.strip()
    if text == "local":
        return "http", "local", None, None
    if text.startswith("local:") and not text[6:].isdigit():
        folder = os.path.abspath(os.path.expanduser(text[6:])) if text[6:] else None
        return "http", "local", None, folder
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "https", text
    rest = rest.rstrip("/")
    if scheme not in ("https", "http") or not rest or any(c in rest for c in "/?#@ \t\r\n\\"):
        raise ValueError(
            f"{name} is {text!r}; give a host name such as 'my.hopsworks.host', without path or user."
        )
    port = None
    if rest.startswith("["):
        host, _, tail = rest[1:].partition("]")
        if tail:
            port = parse_port(tail.removeprefix(":"), f"the port in {name}")
    elif rest.count(":") == 1:
        host, _, number = rest.partition(":")
        port = parse_port(number, f"the port in {name}")
    else:
        host = rest
    if scheme == "http" and not _is_loopback(host):
        raise ValueError(
            f"{name} is {text!r}: plain HTTP would send the API key in the clear. Use https, or a loopback address."
        )
    return scheme, host, port, None


def resolve(
    host: str | None = None,
    port: int | str = DEFAULT_PORT,
    project: str | None = None,
    engine: str | None = None,
    hostname_verification: bool | None = None,
    trust_store_path: str | PathLike[str] | None = None,
    cert_folder: str | None = None,
    api_key_file: str | PathLike[str] | None = None,
    api_key_value: str | None = None,
    *,
    default_host: str | None = DEFAULT_HOST,
) -> Settings:
    """Resolve the settings of a connection from arguments, variables, file and defaults.

    Inside a cluster (see :mod:`hopsworks.in_cluster`) host, project and key are those of the container, whatever the
    arguments say; only ``host="local"`` still means the embedded server.

    Parameters:
        host: Host name; see :func:`parse_host` for the forms.
        port: Port; the default number counts as not given.
        project: Project name.
        engine: One of :data:`ENGINES`, or ``"hive"``, the older name of ``"python"``.
        hostname_verification: ``False`` to accept a certificate for another host.
        trust_store_path: PEM file or Java trust store of certificate authorities.
        cert_folder: Folder for certificate files.
        api_key_file: File that holds the API key.
        api_key_value: The API key itself.
        default_host: Host to use when none is given; ``None`` makes it an error.

    Returns:
        A :class:`Settings`. Its ``api_key`` is ``None`` when no key was found; see :func:`require_api_key`.

    Raises:
        ExternalClientError: If there is no host and no default for it.
        InternalClientError: If something is missing that a cluster gives to its programs.
        ValueError: If a value cannot be what it is meant to be; the message names the setting and its source.
        OSError: If ``api_key_file`` or the trust store cannot be read.
        ConnectionError: If the engine is unknown.
    """
    environ = os.environ
    file = read_file()
    settings = Settings()
    sources: dict[str, str] = {}
    settings.sources = sources

    def pick(name: str, argument: Any, variable: str, default: Any = None) -> Any:
        if argument is not None:
            sources[name] = "argument"
            return argument
        if environ.get(variable):
            sources[name] = variable
            return environ[variable]
        if file.get(name) is not None:
            sources[name] = config_file()
            return file[name]
        sources[name] = "default"
        return default

    asks_for_local = host is not None and parse_host(host)[1:3] == ("local", None)
    settings.inside = in_cluster.is_inside() and not asks_for_local
    settings.token_file = settings.public_host = None
    if settings.inside:
        _resolve_inside(settings)
    else:
        given = pick("host", host, "HOPSWORKS_HOST", default_host)
        if given is None:
            raise ExternalClientError(
                "host", "Pass host, or set HOPSWORKS_HOST; host='local' starts an embedded server."
            )
        settings.scheme, settings.host, port_in_host, settings.local_data = parse_host(given)

        port = pick("port", None if port == DEFAULT_PORT else port, "HOPSWORKS_PORT")
        if port_in_host is not None and _rank(sources["host"]) < _rank(sources["port"]):
            settings.port, sources["port"] = port_in_host, sources["host"]
        elif port is not None:
            settings.port = parse_port(
                port, sources["port"] if sources["port"] != "argument" else "port"
            )
        else:
            settings.port = DEFAULT_PORT if settings.scheme == "https" else 80
        settings.project = pick("project", project, "HOPSWORKS_PROJECT")

    settings.cert_folder = pick(
        "cert_folder", cert_folder, "HOPSWORKS_CERT_FOLDER", DEFAULT_CERT_FOLDER
    )
    if settings.cert_folder != DEFAULT_CERT_FOLDER:
        # A relative one is meant from here, wherever the program goes before the first file is written.
        settings.cert_folder = os.path.abspath(os.path.expanduser(os.fspath(settings.cert_folder)))
    flag = pick(
        "hostname_verification", hostname_verification, "HOPSWORKS_HOSTNAME_VERIFICATION", True
    )
    settings.hostname_verification = parse_flag(flag, sources["hostname_verification"])
    settings.trust_store_path = pick(
        "trust_store_path", trust_store_path, "HOPSWORKS_TRUST_STORE_PATH"
    )
    if settings.trust_store_path is not None and not settings.is_local:
        settings.trust_store_path = os.path.abspath(
            os.path.expanduser(os.fspath(settings.trust_store_path))
        )
        if not os.path.exists(settings.trust_store_path):
            raise FileNotFoundError(
                f"The trust store {settings.trust_store_path} (from {sources['trust_store_path']}) does not exist. "
                "It must be a PEM file or a Java trust store of certificate authorities."
            )
    settings.engine = _engine(pick("engine", engine, "HOPSWORKS_ENGINE", "python"))
    for name, usual in TIMEOUTS.items():
        value = pick(name, None, f"HOPSWORKS_{name.upper()}", usual)
        setattr(settings, name, value if value is usual else parse_seconds(value, sources[name]))
    if not settings.inside:
        settings.api_key, sources["api_key"] = _api_key(settings, api_key_value, api_key_file, file)
    return settings


def _rank(source: str) -> int:
    """How early a source is looked at; the smaller one wins."""
    return {"argument": 0, config_file(): 2, "default": 3}.get(source, 1)


def _resolve_inside(settings: Settings) -> None:
    """Take host, project and credential from the container that this program runs in."""
    sources = settings.sources
    endpoint = os.environ[in_cluster.REST_ENDPOINT]
    settings.scheme, settings.host, port, settings.local_data = parse_host(
        endpoint, in_cluster.REST_ENDPOINT
    )
    settings.port = port or (DEFAULT_PORT if settings.scheme == "https" else 80)
    sources["host"] = sources["port"] = in_cluster.REST_ENDPOINT
    settings.public_host = os.environ.get("HOPSWORKS_PUBLIC_HOST") or None
    settings.project, sources["project"] = in_cluster.project_name()
    settings.token_file, key_file = in_cluster.secrets()
    settings.api_key = read_key_file(key_file) if key_file else None
    sources["api_key"] = f"file {settings.token_file or key_file}"


def _engine(name: str) -> str:
    word = str(name).strip().lower()
    if word == "hive":
        return "python"
    if word not in ENGINES:
        raise ConnectionError(
            f"engine is {name!r}; it must be one of {', '.join(map(repr, ENGINES))}."
        )
    return word


def _api_key(
    settings: Settings,
    value: str | None,
    file_name: str | PathLike[str] | None,
    config: dict[str, Any],
) -> tuple[str | None, str]:
    if value is not None:
        if not isinstance(value, str):
            raise TypeError(
                f"api_key_value is of type {type(value).__name__}, not str. Pass the API key as text."
            )
        return _clean_key(value, "api_key_value"), "argument"
    if file_name is not None:
        return read_key_file(file_name), f"file {os.fspath(file_name)}"
    if settings.host == DEFAULT_HOST:
        cached = cached_key_file()
        if os.path.isfile(cached):
            return read_key_file(cached), f"file {cached}"
    if os.environ.get("HOPSWORKS_API_KEY"):
        return _clean_key(os.environ["HOPSWORKS_API_KEY"], "HOPSWORKS_API_KEY"), "HOPSWORKS_API_KEY"
    # A saved key belongs to the host that it was saved with and is never sent to another one.
    if (
        config.get("api_key")
        and config.get("host")
        and parse_host(config["host"])[1] == settings.host
    ):
        return _clean_key(config["api_key"], config_file()), config_file()
    return None, "default"


def _clean_key(text: str, name: str) -> str:
    key = str(text).strip()
    if not key:
        raise ValueError(f"The API key in {name} is empty.")
    if any(ord(c) < 33 or ord(c) > 126 for c in key):
        raise ValueError(
            f"The API key in {name} holds a blank or a character that keys do not have."
        )
    return key


def _looks_like_key(text: str) -> bool:
    prefix, _, secret = text.partition(".")
    return prefix.isalnum() and secret.isalnum() and len(prefix) >= 16 and len(secret) >= 16


def read_key_file(path: str | PathLike[str]) -> str:
    """Read an API key from a file.

    Parameters:
        path: The file; its text without surrounding white space is the key.

    Returns:
        The key.

    Raises:
        OSError: If the file cannot be read; the message names it.
        ValueError: If it holds no key.
    """
    path = os.path.expanduser(os.fspath(path))
    if not os.path.exists(path):
        if _looks_like_key(path):  # which must not end up in a log
            raise FileNotFoundError(
                "api_key_file is the name of a file, and an API key was given. Pass the key as api_key_value."
            )
        raise FileNotFoundError(f"The API key file {path} does not exist. Check api_key_file.")
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read(65536)
    return _clean_key(text, f"the file {path}")


def cached_key_file() -> str:
    """Where the key of the managed service is kept between sessions, whether it exists or not."""
    name = ".hw_api_key"
    here = os.path.join(os.getcwd(), name)
    if os.path.exists(here):
        return here
    import getpass

    folder = f".{getpass.getuser()}_hopsworks_app"
    home = os.path.expanduser("~")
    if os.access(home, os.W_OK | os.X_OK):
        return os.path.join(home, folder, name)
    import tempfile

    return os.path.join(tempfile.gettempdir(), folder, name)


def save_key(path: str, key: str) -> None:
    """Write an API key to a file that only its owner can read.

    Parameters:
        path: The file; its folder is made when missing.
        key: The key.
    """
    from hopsworks.config_file import write_private

    write_private(path, key)


def interactive() -> bool:
    """Whether a question can be put to a person: a terminal, or a notebook that takes input."""
    ipython = sys.modules.get("IPython")
    if ipython is not None:
        shell = ipython.get_ipython()
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            return bool(getattr(kernel, "_allow_stdin", False))
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def require_api_key(settings: Settings) -> str:
    """The API key of the settings, asked for at the terminal when there is none.

    Parameters:
        settings: A :class:`Settings`; a key that was typed is stored in it.

    Returns:
        The key.

    Raises:
        ExternalClientError: If there is no key and nobody to ask; the message names the ways to give one.
    """
    if settings.api_key:
        return settings.api_key
    if not interactive():
        raise ExternalClientError(
            "api_key_value",
            f"There is no API key for {settings.host}: pass api_key_value or api_key_file, "
            "or set the variable HOPSWORKS_API_KEY. The embedded server, host='local', needs none.",
        )
    import getpass

    managed = settings.host == DEFAULT_HOST
    where = f"https://{settings.host}/account/api/generated"
    settings.api_key = _clean_key(
        getpass.getpass(f"API key for {settings.host} (made at {where}): "), "the input"
    )
    settings.sources["api_key"] = "prompt"
    if managed:
        save_key(cached_key_file(), settings.api_key)
    return settings.api_key
