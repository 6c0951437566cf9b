"""The version of this package; it follows the release of the client interface that it implements."""

__version__ = "5.2.1"
