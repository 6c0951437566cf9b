"""The tag schemas of the host, under the name that feature store programs use."""

from hopsworks.core.tag_schemas_api import TagSchemasApi

__all__ = ["TagSchemasApi"]
