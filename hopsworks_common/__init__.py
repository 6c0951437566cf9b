"""The older name of :mod:`hopsworks`: importing it gives that very module."""

import sys

import hopsworks

sys.modules[__name__] = hopsworks
