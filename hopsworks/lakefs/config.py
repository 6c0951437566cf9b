"""Where the settings of a lakeFS client come from.

Keywords, else the file of ``lakectl`` with the environment over it. Both are read when a client is made, never at
import.
"""

from __future__ import annotations

import os
from enum import Enum

from hopsworks.lakefs import arguments, lakectl_file
from hopsworks.lakefs.exceptions import (
    InvalidEnvVarFormat,
    NoAuthenticationFound,
    UnsupportedCredentialsProviderType,
    ValidationError,
)
from hopsworks.lakefs.namedtuple import LenientNamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

API_PATH = "/api/v1"
DEFAULT_TIMEOUT = (10.0, 300.0)
TOKEN_TTL_SECONDS = 3600
URL_PRESIGN_TTL_SECONDS = 60

# The names of the first design.
_ALIASES = {
    "endpoint_url": "host",
    "access_key_id": "username",
    "secret_access_key": "password",
    "jwt_token": "access_token",
}
_KEYWORDS = (
    "host", "username", "password", "access_token", "api_key", "api_key_prefix", "ssl_ca_cert",
)  # fmt: skip
_PREFIX = "LAKECTL_CREDENTIALS"
_IAM_PREFIX = f"{_PREFIX}_PROVIDER_AWS_IAM"
# Variables with a key and its secret; the second pair has the names of the first design.
_KEY_PAIRS = (
    (f"{_PREFIX}_ACCESS_KEY_ID", f"{_PREFIX}_SECRET_ACCESS_KEY"),
    ("LAKECTL_ACCESS_KEY_ID", "LAKECTL_ACCESS_SECRET_KEY"),
)


class ClientConfig:
    """The settings of a client.

    Any keyword besides ``verify_ssl``, ``proxy`` and ``timeout`` means that only keywords count. Without one, the file
    that ``LAKECTL_CONFIG_FILE`` names, or ``~/.lakectl.yaml``, is read, and then the variables ``LAKECTL_*`` over it.

    Parameters:
        verify_ssl: Whether the server's certificate is verified.
        proxy: Address of a proxy that every request goes through. None: as the environment says.
        timeout: Seconds to connect and of silence, as a pair, or one number for both; None is no limit.
        kwargs: ``host`` (or ``endpoint_url``), ``username`` (``access_key_id``), ``password``
            (``secret_access_key``), ``access_token`` (``jwt_token``), ``api_key``, ``api_key_prefix``, ``ssl_ca_cert``.

    Attributes:
        host (str): Address of the API, its path included.
        username (str | None): Access key id.
        password (str | None): Secret of the key.
        access_token (str | None): Token; may be assigned, and is sent from the next call on.
        ssl_ca_cert (str | None): File with the authorities to trust.

    Raises:
        NoAuthenticationFound: If nothing says who asks.
        UnsupportedCredentialsProviderType: If a provider other than ``aws_iam`` is named.
        InvalidEnvVarFormat: If a variable does not hold what it must.
    """

    class AuthType(Enum):
        """How a client says who it is."""

        SESSION_TOKEN = 1
        CREDENTIALS = 2
        IAM = 3

    class ProviderType(Enum):
        """Who proves the client's identity."""

        AWS_IAM = "aws_iam"
        UNKNOWN = "unknown"

    class Server(LenientNamedTuple):
        """The part ``server`` of the file."""

        endpoint_url: str

    class Credentials(LenientNamedTuple):
        """A key pair."""

        access_key_id: str
        secret_access_key: str

        def __str__(self) -> str:
            return f"{{'access_key_id': '{self.access_key_id}', 'secret_access_key': '***'}}"

    class AWSIAMProviderConfig:
        """How to log in with an identity of AWS.

        Attributes:
            token_ttl_seconds (int): How long the token of lakeFS is to hold.
            url_presign_ttl_seconds (int): How long the signed proof is to hold.
            token_request_headers (dict | None): Headers to sign in place of the server's id.
        """

        def __init__(
            self,
            token_ttl_seconds: int,
            url_presign_ttl_seconds: int,
            token_request_headers: dict[str, str] | None,
        ) -> None:
            self.token_ttl_seconds = token_ttl_seconds
            self.url_presign_ttl_seconds = url_presign_ttl_seconds
            self.token_request_headers = token_request_headers

        def __eq__(self, other: object) -> bool:
            return type(self) is type(other) and vars(self) == vars(other)

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            return (
                f"AWSIAMProviderConfig(token_ttl_seconds={self.token_ttl_seconds},"
                f" url_presign_ttl_seconds={self.url_presign_ttl_seconds},"
                f" token_request_headers={self.token_request_headers})"
            )

    class IAMProvider:
        """Who proves the client's identity, and how.

        Attributes:
            type (ClientConfig.ProviderType): Who.
            aws_iam (ClientConfig.AWSIAMProviderConfig): How.
        """

        def __init__(
            self, type: ClientConfig.ProviderType, aws_iam: ClientConfig.AWSIAMProviderConfig
        ) -> None:
            self.type = type
            self.aws_iam = aws_iam

        def __eq__(self, other: object) -> bool:
            return isinstance(other, ClientConfig.IAMProvider) and vars(self) == vars(other)

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            return f"IAMProvider(type={self.type}, aws_iam={self.aws_iam})"

    # Counts assignments, so that a client sees that it must take up the settings anew.
    _changes = 0

    host: str
    username: str | None = None
    password: str | None = None
    access_token: str | None = None
    api_key: dict[str, str]
    api_key_prefix: dict[str, str]
    ssl_ca_cert: str | None = None
    verify_ssl: bool
    proxy: str | None

    def __init__(
        self,
        verify_ssl: bool | None = None,
        proxy: str | None = None,
        timeout: Any = DEFAULT_TIMEOUT,
        **kwargs: Any,
    ) -> None:
        self._iam_provider: ClientConfig.IAMProvider | None = None
        self.verify_ssl = verify_ssl is None or bool(verify_ssl)
        self.proxy = None if proxy is None else arguments.text(proxy, "proxy")
        limit = arguments.timeout(timeout, "timeout")
        self.timeout: tuple[float | None, float | None] = (
            limit if isinstance(limit, tuple) else (limit, limit)
        )
        self.api_key = {}
        self.api_key_prefix = {}
        endpoint = ""
        if kwargs:
            endpoint = self._take_keywords(kwargs)
        else:
            endpoint = self._read_environment(self._read_file())
            if self.get_auth_type() is None:
                raise NoAuthenticationFound(
                    "nothing says who asks lakeFS: give Client(host=…, username=…, password=…),"
                    " set LAKECTL_SERVER_ENDPOINT_URL, LAKECTL_CREDENTIALS_ACCESS_KEY_ID and"
                    f" LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY, or run 'lakectl config', which"
                    f" writes {_file_path()}{_half_settings()}"
                )
        self.host = endpoint_url(endpoint)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        object.__setattr__(self, "_changes", self._changes + 1)

    def get_auth_type(self) -> AuthType | None:
        """How the client says who it is.

        Returns:
            The first of provider, token and key pair that is there, or None.
        """
        if self._iam_provider is not None:
            return ClientConfig.AuthType.IAM
        if self.access_token is not None:
            return ClientConfig.AuthType.SESSION_TOKEN
        if self.username and self.password:
            return ClientConfig.AuthType.CREDENTIALS
        return None

    @property
    def iam_provider(self) -> IAMProvider | None:
        """Who proves the client's identity."""
        return self._iam_provider

    @property
    def credentials(self) -> Credentials | None:
        """The key pair, as the file has it."""
        if not self.username or not self.password:
            return None
        return ClientConfig.Credentials(
            access_key_id=self.username, secret_access_key=self.password
        )

    @property
    def server(self) -> Server:
        """The endpoint, as the file has it."""
        return ClientConfig.Server(endpoint_url=self.host)

    def __repr__(self) -> str:
        kind = self.get_auth_type()
        return f'ClientConfig(host="{self.host}", auth_type={None if kind is None else kind.name})'

    # --- keywords ---------------------------------------------------------------------------------------

    def _take_keywords(self, kwargs: dict[str, Any]) -> str:
        given: dict[str, Any] = {}
        for name, value in kwargs.items():
            real = _ALIASES.get(name, name)
            if real not in _KEYWORDS:
                raise TypeError(f"Client() got an unexpected keyword argument '{name}'")
            if real in given:
                raise TypeError(f"Client() got '{real}' twice: '{name}' is another name of it")
            given[real] = value
        for name in ("username", "password", "access_token"):
            value = given.get(name)
            setattr(self, name, None if value is None else arguments.text(value, name))
        for name in ("api_key", "api_key_prefix"):
            setattr(self, name, arguments.metadata(given.get(name), name) or {})
        certificate = given.get("ssl_ca_cert")
        self.ssl_ca_cert = None if certificate is None else os.fspath(certificate)
        return given.get("host") or ""

    # --- file -------------------------------------------------------------------------------------------

    def _read_file(self) -> str:
        content = lakectl_file.read(_file_path())
        server, credentials = _part(content, "server"), _part(content, "credentials")
        key, secret = credentials.get("access_key_id"), credentials.get("secret_access_key")
        if key and secret:
            self.username, self.password = str(key), str(secret)
        else:
            self._iam_provider = _provider_of_file(_part(credentials, "provider"))
        return str(server.get("endpoint_url") or "")

    # --- environment ------------------------------------------------------------------------------------

    def _read_environment(self, endpoint: str) -> str:
        endpoint = os.environ.get("LAKECTL_SERVER_ENDPOINT_URL", endpoint)
        token = os.environ.get(f"{_PREFIX}_SESSION_TOKEN")
        if token:
            self.access_token = token
            self.username = self.password = self._iam_provider = None
            return endpoint
        for key_name, secret_name in _KEY_PAIRS:
            key, secret = os.environ.get(key_name), os.environ.get(secret_name)
            if key and secret:
                self.username, self.password, self._iam_provider = key, secret, None
                return endpoint
        if not (self.username and self.password):
            self._iam_provider = _provider_of_environment(self._iam_provider)
        return endpoint


def _file_path() -> str:
    return os.environ.get("LAKECTL_CONFIG_FILE") or os.path.expanduser("~/.lakectl.yaml")


def _half_settings() -> str:
    """What was begun and is not complete, for the message that nothing says who asks. It names no value."""
    told = []
    path = _file_path()
    if os.environ.get("LAKECTL_CONFIG_FILE") and not os.path.exists(path):
        told.append(f"LAKECTL_CONFIG_FILE names {path}, which does not exist")
    content = lakectl_file.read(path)
    credentials = _part(content, "credentials")
    if content and not credentials:
        told.append(f"{path} has no 'credentials'; its keys are {', '.join(map(str, content))}")
    pairs = [(credentials, "access_key_id", "secret_access_key", f"{path}: credentials.")]
    for key, secret in _KEY_PAIRS:
        pairs.append((dict(os.environ), key, secret, ""))
    for values, key, secret, where in pairs:
        if bool(values.get(key)) != bool(values.get(secret)):
            there, missing = (key, secret) if values.get(key) else (secret, key)
            told.append(f"{where}{there} is there, {missing} is not")
    return "".join(f"; {one}" for one in told)


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of the file; what is no mapping counts as none."""
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _seconds(value: Any, default: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return default


def _new_provider(seconds: Any, presign: Any, headers: Any) -> ClientConfig.IAMProvider:
    return ClientConfig.IAMProvider(
        ClientConfig.ProviderType.AWS_IAM,
        ClientConfig.AWSIAMProviderConfig(
            _seconds(seconds, TOKEN_TTL_SECONDS),
            _seconds(presign, URL_PRESIGN_TTL_SECONDS),
            headers if isinstance(headers, dict) else None,
        ),
    )


def _check_provider(kind: Any) -> None:
    if kind != ClientConfig.ProviderType.AWS_IAM.value:
        raise UnsupportedCredentialsProviderType(
            f"the provider of credentials '{kind}' is not known; aws_iam is"
        )


def _provider_of_file(part: dict[str, Any]) -> ClientConfig.IAMProvider | None:
    kind = part.get("type")
    if kind is None:
        return None
    _check_provider(kind)
    iam = _part(part, "aws_iam")
    return _new_provider(
        iam.get("token_ttl_seconds"),
        iam.get("url_presign_ttl_seconds"),
        iam.get("token_request_headers"),
    )


def _provider_of_environment(
    known: ClientConfig.IAMProvider | None,
) -> ClientConfig.IAMProvider | None:
    kind = os.environ.get(f"{_PREFIX}_PROVIDER_TYPE")
    if kind is None:
        return known
    _check_provider(kind)
    provider = known or _new_provider(None, None, None)
    iam = provider.aws_iam
    iam.token_ttl_seconds = _seconds(
        os.environ.get(f"{_IAM_PREFIX}_TOKEN_TTL_SECONDS"), iam.token_ttl_seconds
    )
    presign = os.environ.get(f"{_IAM_PREFIX}_PRESIGNED_URL_TTL_SECONDS") or os.environ.get(
        f"{_IAM_PREFIX}_URL_PRESIGN_TTL_SECONDS"
    )
    iam.url_presign_ttl_seconds = _seconds(presign, iam.url_presign_ttl_seconds)
    name = f"{_IAM_PREFIX}_TOKEN_REQUEST_HEADERS"
    headers = os.environ.get(name)
    if headers is not None:
        iam.token_request_headers = _json_headers(name, headers)
    return provider


def _json_headers(name: str, value: str) -> dict[str, str]:
    import json

    try:
        headers = json.loads(value)
    except ValueError as error:
        raise InvalidEnvVarFormat(
            f"{name} must be a JSON object, which it is not: {error}"
        ) from error
    if not isinstance(headers, dict):
        raise InvalidEnvVarFormat(f"{name} must be a JSON object, not {type(headers).__name__}")
    return {str(key): str(item) for key, item in headers.items()}


def endpoint_url(text: Any) -> str:
    """The address of the API.

    Parameters:
        text: An endpoint: with or without scheme, with or without path.

    Returns:
        With a scheme; with the path of the API unless there was one.

    Raises:
        ValidationError: If it is no address.

    Example:
        ```python
        from hopsworks.lakefs.config import endpoint_url

        assert endpoint_url("lakefs.example:8000") == "http://lakefs.example:8000/api/v1"
        ```
    """
    if not isinstance(text, str):
        raise ValidationError(f"host must be a str, not {type(text).__name__}")
    if not text:
        return API_PATH
    address = text if "://" in text else f"http://{text}"
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    # A slash in a password that is not quoted makes a part of it look like the port.
    if "@" in host or ("@" in path and ":" in host and not host[-1].isdecimal()):
        raise ValidationError(
            "host must not hold a user name and password; give them as username=… and password=…"
        )
    if not host or scheme not in ("http", "https"):
        raise ValidationError(f"host '{text}' must be an address like https://lakefs.example")
    return (
        f"{scheme}://{host}{API_PATH}" if not path.strip("/") else f"{scheme}://{host}{slash}{path}"
    )
