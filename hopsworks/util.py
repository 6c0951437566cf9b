"""Warnings of the client, under the names that programs filter on."""

from __future__ import annotations


class VersionWarning(Warning):
    """A version was chosen for the user because none was given."""


class JobWarning(Warning):
    """Jobs are removed or started as a consequence of a call."""


class StorageWarning(Warning):
    """Something about the storage deserves attention."""


class StatisticsWarning(Warning):
    """Statistics could not be computed, or describe no data."""


class ValidationWarning(Warning):
    """Data did not meet an expectation."""


class FeatureGroupWarning(Warning):
    """A feature group or the data for it was changed to fit."""
