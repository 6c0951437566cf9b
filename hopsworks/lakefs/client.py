"""The client: one lakeFS server, who asks it, and its connections."""

from __future__ import annotations

import threading

from hopsworks._log import get_logger
from hopsworks.lakefs import exceptions
from hopsworks.lakefs.config import API_PATH, ClientConfig
from hopsworks.lakefs.exceptions import LakeFSException, MalformedResponseException, ValidationError
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from datetime import datetime
    from types import TracebackType
    from typing import Any, Self

    from hopsworks import _native
    from hopsworks.lakefs.models import ServerStorageConfiguration

SINGLE_STORAGE_ID = ""

MAX_REDIRECTS = 3
RETRIES = 3
# Repeated only when the answer says when to come back, and only for requests that are safe to repeat.
RETRY_STATUSES = (413, 429, 503)

# Cookies of the log-ins that a browser makes.
_COOKIES = {
    "cookie_auth": "internal_auth_session",
    "oidc_auth": "oidc_auth_session",
    "saml_auth": "saml_auth_session",
}

_log = get_logger("hopsworks.lakefs")


class ServerConfiguration:
    """What a lakeFS server says about itself; asked once, when this is made.

    Parameters:
        client: Who asks; None is the default client.

    Raises:
        NotAuthorizedException: If the server does not know who asks.
    """

    def __init__(self, client: Client | None = None) -> None:
        answer = (client or default_client())._ask("lakefs.config")
        self._version: str = (answer.version_config and answer.version_config.version) or ""
        self._storages: dict[str, ServerStorageConfiguration] = {
            storage.blockstore_id or SINGLE_STORAGE_ID: storage
            for storage in answer.storage_config_list or ()
        }
        if answer.storage_config is not None:
            self._storages[SINGLE_STORAGE_ID] = answer.storage_config

    @property
    def version(self) -> str:
        """Version of the server; ``""`` when it does not say."""
        return self._version

    @property
    def storage_config(self) -> ServerStorageConfiguration:
        """What the server's store can do."""
        return self.storage_config_by_id()

    def storage_config_by_id(
        self, storage_id: str = SINGLE_STORAGE_ID
    ) -> ServerStorageConfiguration:
        """What one of the server's stores can do.

        Parameters:
            storage_id: Its id; ``""`` where the server has only one.

        Returns:
            Its configuration.

        Raises:
            KeyError: If there is no such store.
        """
        return self._storages[storage_id]


class Client:
    """A lakeFS server and who asks it.

    Without keywords the settings come from the file of ``lakectl`` and from ``LAKECTL_*``; see
    :class:`hopsworks.lakefs.config.ClientConfig`. Nothing is sent before the first call, except to log in with an
    identity of AWS. Any thread may use it.

    Parameters:
        kwargs: ``host``, ``username`` and ``password``, or ``access_token``; ``verify_ssl``, ``ssl_ca_cert``,
            ``proxy``, ``timeout``.

    Raises:
        NoAuthenticationFound: If nothing says who asks.
        TypeError: For an unknown keyword.

    Example:
        ```python
        from hopsworks import lakefs

        client = lakefs.Client(host="http://localhost:8000", username="AKIA…", password="…")
        repository = lakefs.Repository("lake", client=client)
        ```
    """

    def __init__(self, **kwargs: Any) -> None:
        self._conf = ClientConfig(**kwargs)
        self._begin()
        if self._conf.iam_provider is not None:
            self._log_in()

    def _begin(self) -> None:
        """Without connections, and nothing asked yet."""
        self._lock = threading.RLock()
        self._configuration_lock = threading.Lock()
        self._native: _native.Client | None = None
        self._taken_up = 0  # which state of the settings the connections have
        self._server_conf: ServerConfiguration | None = None
        self._storage_ids: dict[str, str] = {}
        self._reset_time: datetime | None = None
        self._logging_in = False

    @property
    def config(self) -> ClientConfig:
        """The settings."""
        return self._conf

    @property
    def version(self) -> str:
        """Version of the server; asked once."""
        return self._server_configuration().version

    @property
    def storage_config(self) -> ServerStorageConfiguration:
        """What the server's store can do; asked once."""
        return self.storage_config_by_id()

    def storage_config_by_id(
        self, storage_id: str = SINGLE_STORAGE_ID
    ) -> ServerStorageConfiguration:
        """What one of the server's stores can do; asked once.

        Parameters:
            storage_id: Its id; ``""`` where the server has only one.

        Returns:
            Its configuration.

        Raises:
            KeyError: If there is no such store.
        """
        return self._server_configuration().storage_config_by_id(storage_id)

    @property
    def reset_time(self) -> datetime | None:
        """When a client with an identity of AWS logs in again; None for others."""
        return self._reset_time

    @reset_time.setter
    def reset_time(self, time: datetime | None) -> None:
        if time is not None and time.tzinfo is None:
            raise ValidationError(
                f"reset_time must be a datetime with a time zone, like datetime.now(UTC), not {time}"
            )
        self._reset_time = time

    def close(self) -> None:
        """Close the connections. Calls in other threads end; a later call opens new ones."""
        with self._lock:
            native, self._native = self._native, None
        if native is not None:
            native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """What goes with a client to another process: the settings, and no connections."""
        return {"_conf": self._conf, "_reset_time": self._reset_time}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._begin()
        vars(self).update(state)

    def __repr__(self) -> str:
        return f'Client(host="{self._conf.host}")'

    def _server_configuration(self) -> ServerConfiguration:
        with self._configuration_lock:
            if self._server_conf is None:
                self._server_conf = ServerConfiguration(self)
            return self._server_conf

    # --- calls --------------------------------------------------------------------------------------------

    def _call(
        self,
        endpoint: str,
        body: Any = None,
        *,
        context: Any = None,
        timeout: Any = None,
        **params: Any,
    ) -> Any:
        """Send the request of a row of resources/lakefs*.toml and decode the answer.

        Parameters:
            endpoint: Name of the row.
            body: What is sent; members of None are left out.
            context: What decoded objects find as ``_scope.context``.
            timeout: Seconds for the whole call, or a pair (to connect, of silence); None for the client's limits.
            params: Values for the row's placeholders; None leaves a query parameter out.

        Returns:
            What the row says; None for an empty answer.

        Raises:
            ServerException: If the server refuses.
            ServiceUnreachableException: If no answer came.
            MalformedResponseException: If the answer is not what the row says.
            ValidationError: If an argument cannot be sent.
        """
        return self._send(endpoint, body, context, timeout, params)

    def _ask(
        self,
        endpoint: str,
        body: Any = None,
        *,
        context: Any = None,
        timeout: Any = None,
        **params: Any,
    ) -> Any:
        """The same for rows that always answer with something."""
        answer = self._send(endpoint, body, context, timeout, params)
        if answer is None:
            raise MalformedResponseException(f"the answer to {endpoint} is empty")
        return answer

    def _send(
        self, endpoint: str, body: Any, context: Any, timeout: Any, params: dict[str, Any]
    ) -> Any:
        for name, value in params.items():
            if value is True or value is False:
                params[name] = "true" if value else "false"
        if isinstance(body, dict) and None in body.values():
            body = {name: value for name, value in body.items() if value is not None}
        native = self._native_client()
        try:
            return native.scope(context).call(endpoint, body, timeout=timeout, **params)
        except ValueError as error:
            if isinstance(error, UnicodeEncodeError):
                raise ValidationError(
                    f"{error.object!r} holds something that is no character, and cannot be sent"
                ) from error
            if type(error) is ValueError:
                raise ValidationError(str(error)) from error
            raise MalformedResponseException(
                f"the answer to {endpoint}: {error}{self._doubt(error)}"
            ) from error

    def _doubt(self, error: ValueError) -> str:
        """What is not JSON is mostly a web page: of a proxy, or of another server."""
        from hopsworks.client.exceptions import MalformedResponseError

        if not isinstance(error, MalformedResponseError):
            return ""
        return f"; is {self._conf.host} the address of a lakeFS server?"

    def _native_client(self) -> _native.Client:
        """The connections, with the credentials as they are now."""
        if self._reset_time is not None and self._conf.iam_provider is not None:
            self._log_in_again()
        return self._connections()

    def _connections(self) -> _native.Client:
        # In this order: who sees that the newest settings were taken up sees their connections.
        if self._taken_up == self._conf._changes and (native := self._native) is not None:
            return native
        with self._lock:
            changes = self._conf._changes
            if self._native is None or self._taken_up != changes:
                # Calls under way keep the connections that they began with.
                self._native = _open(self._conf)
                self._taken_up = changes
            return self._native

    # --- identity of AWS ------------------------------------------------------------------------------------

    def _log_in(self) -> None:
        from hopsworks.lakefs import auth

        provider = self._conf.iam_provider
        assert provider is not None
        token, self._reset_time = auth.access_token_from_aws_iam_role(
            self, auth.endpoint_host(self._conf.host), None, provider.aws_iam
        )
        self._conf.access_token = token

    def _log_in_again(self) -> None:
        """Another log-in where the token is about to end; one thread makes it, the others wait."""
        from datetime import UTC, datetime

        due = self._reset_time
        if due is None or datetime.now(UTC) < due:
            return
        with self._lock:
            # The log-in itself is a call; and another thread may have been faster.
            if self._logging_in or self._reset_time is not due:
                return
            self._logging_in = True
            try:
                self._log_in()
            finally:
                self._logging_in = False


def _open(conf: ClientConfig) -> _native.Client:
    from hopsworks import _native

    if conf.host == API_PATH:
        raise ValidationError(
            "no lakeFS endpoint is known: give Client(host=…), set LAKECTL_SERVER_ENDPOINT_URL, or"
            " write server.endpoint_url into the file of lakectl"
        )
    if not conf.verify_ssl:
        _log.warning("the certificate of %s is not verified: anyone could answer for it", conf.host)
    connect, silence = conf.timeout
    headers = _headers(conf)
    known = "Authorization" in headers or "Cookie" in headers
    try:
        return _native.Client(
            conf.host.rstrip("/"),
            headers=headers,
            verify=conf.verify_ssl,
            hostname_verification=conf.verify_ssl,
            trust_store=conf.ssl_ca_cert,
            connect_timeout=connect,
            read_timeout=silence,
            user_agent=f"hopsworks-lakefs/{__version__}",
            proxy=conf.proxy,
            errors=exceptions.from_native if known else _failure_without_credentials,
            retries=RETRIES,
            retry_statuses=RETRY_STATUSES,
            retry_only_when_told=True,
            retry_connection_failures=True,
            max_redirects=MAX_REDIRECTS,
        )
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _failure_without_credentials(kind: str, message: str, **known: Any) -> BaseException:
    """The exception for a failure of a client that says nothing of who asks."""
    error = exceptions.from_native(kind, message, **known)
    if (
        isinstance(error, exceptions.NotAuthorizedException)
        and not (error.operation or "").endswith("/login")  # where the proof is in the body
    ):
        error.remedy = (
            "this client has no credentials: keywords (like host=) were given, so variables and files"
            " were not read; give username= and password= too, or access_token="
        )
    return error


def _headers(conf: ClientConfig) -> dict[str, str]:
    headers = {"Accept": "application/json", "X-Lakefs-Client": "python-lakefs"}
    if conf.access_token is not None:
        headers["Authorization"] = f"Bearer {_for_header(conf.access_token, 'access_token')}"
    elif conf.username is not None or conf.password is not None:
        from base64 import b64encode

        pair = _utf8(f"{conf.username or ''}:{conf.password or ''}", "the username or password")
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    cookies = []
    for name, value in conf.api_key.items():
        if name not in _COOKIES:
            raise ValidationError(
                f"api_key: '{name}' is not known; known are {', '.join(sorted(_COOKIES))}"
            )
        prefix = conf.api_key_prefix.get(name)
        value = _for_header(f"{prefix} {value}" if prefix else value, f"api_key '{name}'")
        cookies.append(f"{_COOKIES[name]}={value}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return headers


def _for_header(secret: str, name: str) -> str:
    """A secret, if a header can carry it. The message does not show it."""
    if any(byte < 0x20 or byte == 0x7F for byte in _utf8(secret, name)):
        raise ValidationError(
            f"{name} holds a line break or another control character; strip() what was read from a file"
        )
    return secret


def _utf8(secret: str, name: str) -> bytes:
    try:
        return secret.encode()
    except UnicodeEncodeError:
        pass  # whose repr shows the text
    raise ValidationError(f"{name} holds something that is no character, and cannot be sent")


# --- the default client -------------------------------------------------------------------------------------------


class _Default:
    """The client of objects that were made without one."""

    lock = threading.Lock()
    client: Client | None = None


def default_client() -> Client:
    """The client of objects that were made without one; made when it is first needed.

    Returns:
        The client.

    Raises:
        NoAuthenticationFound: If nothing says who asks. Nothing is kept then: a later try may go well.
    """
    with _Default.lock:
        if _Default.client is None:
            _Default.client = Client()
        return _Default.client


def init(**kwargs: Any) -> Client:
    """Make the default client, in place of one that there was.

    Parameters:
        kwargs: As for :class:`Client`; without any, the file of ``lakectl`` and the environment.

    Returns:
        The client.

    Raises:
        NoAuthenticationFound: If nothing says who asks.

    Example:
        ```python
        from hopsworks import lakefs

        lakefs.init(host="http://localhost:8000", username="AKIA…", password="…")
        lakefs.repository("lake").branch("main")
        ```
    """
    client = Client(**kwargs)
    with _Default.lock:
        _Default.client = client
    return client


class ClientBound:
    """Base of everything that asks a server: it has a client, or joins the default one at its first call."""

    def __init__(self, client: Client | None) -> None:
        if client is not None and not isinstance(client, Client):
            raise ValidationError(f"client must be a lakefs.Client, not {type(client).__name__}")
        self._given_client = client

    @property
    def _client(self) -> Client:
        return self._given_client or default_client()


# --- other ways to log in -----------------------------------------------------------------------------------------


def from_aws_role(
    session: Any,
    ttl_seconds: int = 3600,
    presigned_ttl: int = 60,
    additional_headers: dict[str, str] | None = None,
    **kwargs: Any,
) -> Client:
    """A client that logs in with an identity of AWS.

    Parameters:
        session: A ``boto3.Session``, or None for the credentials of the environment, files or machine.
        ttl_seconds: How long the token is to hold.
        presigned_ttl: How long the signed proof is to hold, in seconds.
        additional_headers: Headers to sign in place of ``X-LakeFS-Server-ID``.
        kwargs: As for :class:`Client`; ``host`` at least.

    Returns:
        A client with the token set.

    Raises:
        NotAuthorizedException: If the server does not accept the identity.
    """
    from hopsworks.lakefs import auth

    client = Client(**kwargs)
    settings = ClientConfig.AWSIAMProviderConfig(ttl_seconds, presigned_ttl, additional_headers)
    host = auth.endpoint_host(client.config.host)
    token, client.reset_time = auth.access_token_from_aws_iam_role(client, host, session, settings)
    client.config.access_token = token
    return client


def from_web_identity(
    code: str, state: str, redirect_uri: str, ttl_seconds: int = 3600, **kwargs: Any
) -> Client:
    """A client that logs in with the code of an identity provider.

    Parameters:
        code: What the provider gave.
        state: The state of that exchange.
        redirect_uri: Where the provider sent the browser.
        ttl_seconds: How long the token is to hold.
        kwargs: As for :class:`Client`; ``host`` at least.

    Returns:
        A client with the token set.

    Raises:
        NotAuthorizedException: If the server does not accept the code.
    """
    client = Client(**kwargs)
    body = {"code": code, "state": state, "redirect_uri": redirect_uri, "ttl_seconds": ttl_seconds}
    client.config.access_token = received_token(client._ask("lakefs.login.web", body))
    return client


def received_token(answer: Any) -> str:
    """The token in the answer to a log-in.

    Parameters:
        answer: The decoded answer.

    Returns:
        The token.

    Raises:
        LakeFSException: If there is none.
    """
    if not answer.token:
        raise LakeFSException("the server accepted the log-in and sent no token")
    return str(answer.token)
