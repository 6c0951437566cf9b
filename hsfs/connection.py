"""The older place of :class:`hopsworks.connection.Connection`; ``hsfs.connection(...)`` opens one."""

import sys
import types

from hopsworks import _classic
from hopsworks.connection import (
    CERT_FOLDER_DEFAULT,
    HOPSWORKS_PORT_DEFAULT,
    HOSTNAME_VERIFICATION_DEFAULT,
    Connection,
)

__all__ = [
    "CERT_FOLDER_DEFAULT",
    "HOPSWORKS_PORT_DEFAULT",
    "HOSTNAME_VERIFICATION_DEFAULT",
    "Connection",
    "connection",
]


def connection(*args, **kwargs):
    """Open a connection to a Hopsworks host; ``hopsworks.login()`` is the newer way.

    Parameters:
        *args: As for :class:`hopsworks.connection.Connection`, or in the order of the first clients.
        **kwargs: As for :class:`hopsworks.connection.Connection`; also ``region_name`` and ``secrets_store``.

    Returns:
        A :class:`hopsworks.connection.Connection`.

    Raises:
        ExternalClientError: If host or API key is missing.
        RestAPIError: If the host refuses.

    Example:
        ```python
        import hsfs

        connection = hsfs.connection(host="local", project="local")
        connection.close()
        ```
    """
    return _classic.connect(args, kwargs)


class _CallableModule(types.ModuleType):
    """``hsfs.connection`` names both the function and this module, whichever was imported first."""

    __call__ = staticmethod(connection)


sys.modules[__name__].__class__ = _CallableModule
__wrapped__ = connection  # where inspect.signature() looks
