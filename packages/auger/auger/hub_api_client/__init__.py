"""``auger.hub_api_client`` is ``hopsworks.auger``: the same modules under the name that programs import."""

import sys

try:
    import hopsworks.auger
except ModuleNotFoundError as error:
    if error.name != "hopsworks.auger":
        raise
    raise ImportError(
        "auger.hub_api_client: the package hopsworks that is installed is another one, without"
        " hopsworks.auger; run 'pip install .' in the checkout that this distribution comes from"
    ) from error
from hopsworks import _aliases
from hopsworks.auger import HubApiClient

__all__ = ["HubApiClient"]

_aliases.add(__name__, "hopsworks.auger")
sys.modules[__name__] = hopsworks.auger
