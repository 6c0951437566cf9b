"""``lakefs`` is ``hopsworks.lakefs``: the same modules under the name that programs import."""

import sys

import hopsworks.lakefs
from hopsworks import _aliases

_aliases.add(__name__, "hopsworks.lakefs")
sys.modules[__name__] = hopsworks.lakefs
