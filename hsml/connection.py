"""The older place of :class:`hopsworks.connection.Connection`; ``hsml.connection(...)`` opens one."""

import sys

from hopsworks._classic import CallableModule, connection
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

sys.modules[__name__].__class__ = CallableModule
__wrapped__ = connection  # where inspect.signature() looks
