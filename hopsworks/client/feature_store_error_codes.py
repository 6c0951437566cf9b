"""The codes of the feature store, public as ``RestAPIError.FeatureStoreErrorCode``.

In a module of its own, since ``enum`` takes a good part of the time of a login to load, and few programs ask for it.
"""

from enum import Enum


class FeatureStoreErrorCode(int, Enum):
    """Codes of the feature store that callers react to; members equal the plain number."""

    __module__ = "hopsworks.client.exceptions"
    __qualname__ = "RestAPIError.FeatureStoreErrorCode"

    FEATURE_GROUP_COMMIT_NOT_FOUND = 270227
    STATISTICS_NOT_FOUND = 270228
    DATA_SOURCE_CREDENTIALS_NOT_PROVIDED = 270334
    DATA_SOURCE_CREDENTIALS_INCOMPLETE = 270335
    DATA_SOURCE_CREDENTIALS_INVALID = 270336

    def __eq__(self, other):
        return int.__eq__(self, other) is True

    __hash__ = int.__hash__
