"""What ``hopsworks.connection(...)``, ``hsfs.connection(...)`` and ``hsml.connection(...)`` do with their arguments.

All three are :func:`connection` of this module. It accepts today's arguments and those of the first clients, whose
positional order had the region and the secret store between engine and host name verification.
"""

from __future__ import annotations

import types

from hopsworks import config
from hopsworks.client.exceptions import ExternalClientError, UnknownSecretStorageError
from hopsworks.connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

SECRET_STORES = ("local", "parameterstore", "secretsmanager")
DEFAULT_STORE = "parameterstore"

_CURRENT = (
    "host",
    "port",
    "project",
    "engine",
    "hostname_verification",
    "trust_store_path",
    "cert_folder",
    "api_key_file",
    "api_key_value",
)
_CLASSIC = (*_CURRENT[:4], "region_name", "secrets_store", *_CURRENT[4:])


def connection(*args: Any, **kwargs: Any) -> Connection:
    """Open a connection to a Hopsworks host; ``hopsworks.login()`` is the newer way.

    Without a key (argument, file, ``HOPSWORKS_API_KEY``, ``~/.hops.toml``), the key comes from the secret store: the
    parameter store of AWS, where boto3 is installed, or the one that ``secrets_store`` names.

    Parameters:
        *args: As for :class:`hopsworks.connection.Connection`, or in the order of the first clients; the fifth tells
            them apart, which is a region name there and a flag here.
        **kwargs: As for :class:`hopsworks.connection.Connection`; also ``region_name`` and ``secrets_store``.

    Returns:
        A :class:`hopsworks.connection.Connection`.

    Raises:
        TypeError: For too many, repeated or unknown arguments.
        UnknownSecretStorageError: If ``secrets_store`` is none of :data:`SECRET_STORES`.
        ExternalClientError: If host or API key is missing, or the secret store has no key.
        ImportError: If ``secrets_store`` names a store of AWS and boto3 is not installed.
        RestAPIError: If the host refuses.

    Example:
        ```python
        import hsfs  # or hsml

        connection = hsfs.connection(host="local", project="local")
        connection.close()
        ```
    """
    names = _CLASSIC if len(args) > 4 and isinstance(args[4], str) else _CURRENT
    if len(args) > len(names):
        raise TypeError(
            f"connection() takes at most {len(names)} positional arguments, {len(args)} were given"
        )
    arguments = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name in arguments:
            raise TypeError(f"connection() got two values for {name!r}")
        if name not in _CLASSIC:
            raise TypeError(
                f"connection() has no argument {name!r}; it takes {', '.join(_CLASSIC)}"
            )
        arguments[name] = value
    region = arguments.pop("region_name", "default")
    store = arguments.pop("secrets_store", None)
    if store is not None and store not in SECRET_STORES:
        raise UnknownSecretStorageError(
            f"secrets_store is {store!r}; it must be one of {', '.join(SECRET_STORES)}"
        )
    if _needs_key(arguments):
        key = _stored_key(store, region)
        if key is not None:
            arguments["api_key_value"] = key
    return Connection(**arguments)


def _needs_key(arguments: dict[str, Any]) -> bool:
    """Whether the settings are for a host that wants a key, and none of them is one."""
    settings = config.resolve(**arguments, default_host=None)
    return not (settings.is_local or settings.inside or settings.api_key)


def _stored_key(store: str | None, region: str | None) -> str | None:
    """The key in a secret store; None when no store was named and the default one is not at hand."""
    if store == "local":
        raise ExternalClientError(
            "api_key_file", "secrets_store='local' reads the API key from that file."
        )
    from hopsworks import secret_store

    if store is None and not secret_store.is_installed():
        return None
    try:
        return secret_store.read_api_key(store or DEFAULT_STORE, region)
    except ExternalClientError:
        # Nobody asked for this store by name, and there may be a person to ask for the key.
        if store is None and config.interactive():
            return None
        raise


class CallableModule(types.ModuleType):
    """``hsfs.connection`` and ``hsml.connection`` name both the function and a module, whichever came first."""

    __call__ = staticmethod(connection)
