"""Users under the name that feature store code has always used."""

from hopsworks.user import User

__all__ = ["User"]
