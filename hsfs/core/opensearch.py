"""The place of :class:`hopsworks.core.opensearch.OpensearchRequestOption` in ``hsfs``."""

from hopsworks.core.opensearch import OpensearchRequestOption

__all__ = ["OpensearchRequestOption"]
