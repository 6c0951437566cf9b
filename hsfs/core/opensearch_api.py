"""The place of :class:`hopsworks.core.opensearch_api.OpenSearchApi` in ``hsfs``."""

from hopsworks.core.opensearch_api import OPENSEARCH_CONFIG, OpenSearchApi

__all__ = ["OPENSEARCH_CONFIG", "OpenSearchApi"]
