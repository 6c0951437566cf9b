"""The short name of :mod:`hopsworks.homer`: importing it gives that very module."""

import sys

import hopsworks.homer

sys.modules[__name__] = hopsworks.homer
