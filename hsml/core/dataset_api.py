"""The place of :class:`hopsworks.core.dataset_api.DatasetApi` in ``hsml``."""

from hopsworks.core.dataset_api import DatasetApi

__all__ = ["DatasetApi"]
