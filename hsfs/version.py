"""The version of this package."""

from hopsworks.version import __version__

__all__ = ["__version__"]
