"""The short name of :mod:`hopsworks.homer`: importing it gives that very module."""

import sys

import hopsworks.homer

TYPE_CHECKING = False
if TYPE_CHECKING:  # what type checkers and editors see
    from hopsworks.homer import *  # noqa: F403

sys.modules[__name__] = hopsworks.homer
