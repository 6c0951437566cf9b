"""Tags under the name that model code has always used."""

from hopsworks.tag import Tag  # noqa: F401
