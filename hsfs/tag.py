"""Tags under the name that feature store code has always used."""

from hopsworks.tag import Tag  # noqa: F401
