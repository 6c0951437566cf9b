"""Names of the connection errors at their place in ``hsml``; see :mod:`hopsworks.client.exceptions`."""

from hopsworks.client.exceptions import HopsworksConnectionError, NoHopsworksConnectionError

__all__ = ["HopsworksConnectionError", "NoHopsworksConnectionError"]
