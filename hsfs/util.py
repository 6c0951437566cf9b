"""Warnings that the feature store raises, under the names that programs filter on."""

from __future__ import annotations

from hopsworks.util import (
    FeatureGroupWarning,
    JobWarning,
    StatisticsWarning,
    StorageWarning,
    ValidationWarning,
    VersionWarning,
)

__all__ = [
    "FeatureGroupWarning",
    "JobWarning",
    "StatisticsWarning",
    "StorageWarning",
    "ValidationWarning",
    "VersionWarning",
]
