"""The place of :class:`hopsworks.core.search_api.SearchApi`, and of what it finds, in ``hsfs``."""

from hopsworks.core.search_api import (
    FeatureGroupSearchResult,
    FeatureSearchResult,
    FeaturestoreSearchResult,
    FeatureViewSearchResult,
    SearchApi,
    TagSearchFilter,
    TrainingDatasetSearchResult,
)

__all__ = [
    "FeatureGroupSearchResult",
    "FeatureSearchResult",
    "FeatureViewSearchResult",
    "FeaturestoreSearchResult",
    "SearchApi",
    "TagSearchFilter",
    "TrainingDatasetSearchResult",
]
