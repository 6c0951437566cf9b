"""The exceptions of the client at their place in ``hsml``; see :mod:`hopsworks.client.exceptions`."""

from hopsworks.client.exceptions import *  # noqa: F403
from hopsworks.client.exceptions import __all__ as __all__
