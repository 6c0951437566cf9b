"""The REST interface of the online store: where it is and how it is asked.

On a cluster it is a host of its own with a port of its own; the local server answers it on its socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.certificates import project_certificates
from hopsworks.client.exceptions import (
    FeatureStoreException,
    NoHopsworksConnectionError,
    RestAPIError,
)
from hopsworks.core.service_address import service_host

if TYPE_CHECKING:
    from hopsworks.session import ProjectSession

_logger = get_logger(__name__)

_PORT = 4406
_TIMEOUT = 2.0
_KNOWN_OPTIONS = frozenset(
    (
        "host",
        "port",
        "verify_certs",
        "use_ssl",
        "ca_certs",
        "http_authorization",
        "timeout",
        "server_api_version",
        "api_key",
        "max_connections",
    )
)


def open_scope(session: ProjectSession, options: dict[str, Any] | None) -> tuple[Any, float]:
    """Return the scope through which vectors are asked for, and the seconds that an answer may take.

    Parameters:
        session: The project.
        options: What the user configured; keys as in `FeatureView.init_serving(config_rest_client=…)`.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: The address is not known, or an option is not known.
    """
    given = dict(options or {})
    unknown = sorted(set(given) - _KNOWN_OPTIONS)
    if unknown:
        raise FeatureStoreException(
            f"config_rest_client has the unknown key(s) {', '.join(unknown)}. Known are: {', '.join(sorted(_KNOWN_OPTIONS))}."
        )
    timeout = float(given.get("timeout") or _TIMEOUT)
    if timeout >= 500:
        # Such numbers were always meant as milliseconds.
        timeout /= 1000.0
    if session.is_local and "host" not in given:
        return session.scope, timeout
    cached = session.cache.get("online_rest")
    if cached is None or cached[0] != given:
        scope = _connect(session, given)
        cached = session.cache["online_rest"] = (given, scope)
    return cached[1], timeout


def _connect(session: ProjectSession, given: dict[str, Any]) -> Any:
    host = given.get("host") or service_host(
        session,
        "rdrs",
        "online_store_rest_server",
        "the online store",
        "Give config_rest_client={'host': …}, or ask an administrator to set it.",
    )
    scheme = "https" if given.get("use_ssl", True) else "http"
    # What is in force for the connection, wherever it came from: argument, file or environment.
    settings = session.connection._settings
    if settings is None:
        raise NoHopsworksConnectionError()
    key = given.get("api_key") or settings.api_key
    if key is None and settings.inside:
        raise FeatureStoreException(
            "The online store takes an API key only, and this program was given a token. Call "
            "init_serving(config_rest_client={'api_key': …}) with a key that has the scope FEATURESTORE."
        )
    verify = given.get("verify_certs", True)
    trust_store = given.get("ca_certs") or settings.trust_store_path
    trust_pem = None
    if trust_store is None and verify and scheme == "https":
        # Its certificate is signed by the authority of the cluster, which the system need not know.
        trust_pem = project_certificates(session).ca_chain.encode()
    client = _native.Client(
        f"{scheme}://{host}:{given.get('port') or _PORT}",
        headers={"X-API-KEY": key or ""},
        verify=verify,
        hostname_verification=settings.hostname_verification,
        trust_store=trust_store,
        trust_pem=trust_pem,
    )
    scope = client.scope(session)
    try:
        scope.call("online.ping")
    except RestAPIError as error:
        # The server is there; what it says about this call need not hold for others.
        _logger.warning("The online store answered the first call with an error: %s", error)
    return scope
