"""The older connection factories ``hsfs.connection(...)`` and ``hsml.connection(...)``.

Both are :func:`connection` of this module. It accepts today's arguments and those of the first clients, whose
positional order had the region and the secret store between engine and host name verification.
"""

from __future__ import annotations

import types

from hopsworks.client.exceptions import ExternalClientError, UnknownSecretStorageError
from hopsworks.connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

SECRET_STORES = ("local", "parameterstore", "secretsmanager")

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

    Parameters:
        *args: As for :class:`hopsworks.connection.Connection`, or in the order of the first clients; the fifth tells
            them apart, which is a region name there and a flag here.
        **kwargs: As for :class:`hopsworks.connection.Connection`; also ``region_name`` and ``secrets_store``.

    Returns:
        A :class:`hopsworks.connection.Connection`.

    Raises:
        TypeError: For too many, repeated or unknown arguments.
        UnknownSecretStorageError: If ``secrets_store`` is none of :data:`SECRET_STORES`.
        ExternalClientError: If host or API key is missing.
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
    if store is not None:
        if store not in SECRET_STORES:
            raise UnknownSecretStorageError(
                f"secrets_store is {store!r}; it must be one of {', '.join(SECRET_STORES)}"
            )
        if arguments.get("api_key_value") is None and arguments.get("api_key_file") is None:
            if store == "local":
                raise ExternalClientError(
                    "api_key_file", "secrets_store='local' reads the API key from that file."
                )
            from hopsworks.secret_store import read_api_key

            arguments["api_key_value"] = read_api_key(store, region)
    return Connection(**arguments)


class CallableModule(types.ModuleType):
    """``hsfs.connection`` and ``hsml.connection`` name both the function and a module, whichever came first."""

    __call__ = staticmethod(connection)
