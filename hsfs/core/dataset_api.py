"""The place of :class:`hopsworks.core.dataset_api.DatasetApi` in ``hsfs``."""

from hopsworks.core.dataset_api import DatasetApi

__all__ = ["DatasetApi"]
