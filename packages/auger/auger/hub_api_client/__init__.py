"""``auger.hub_api_client`` is ``hopsworks.auger``: the same modules under the name that programs import."""

import sys

import hopsworks.auger
from hopsworks import _aliases
from hopsworks.auger import HubApiClient

__all__ = ["HubApiClient"]

_aliases.add(__name__, "hopsworks.auger")
sys.modules[__name__] = hopsworks.auger
