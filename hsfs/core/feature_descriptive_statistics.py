"""Statistics of one feature."""

from __future__ import annotations

from typing import Any

from hopsworks import _native

_SINGLE_VALUES = frozenset(
    (
        "count",
        "completeness",
        "num_non_null_values",
        "num_null_values",
        "approx_num_distinct_values",
        "min",
        "max",
        "sum",
        "mean",
        "std_dev",
        "stddev",
        "distinctness",
        "entropy",
        "uniqueness",
        "exact_num_distinct_values",
    )
)


class FeatureDescriptiveStatistics(_native.FeatureDescriptiveStatistics):
    """Statistics of one feature: counts, range, moments, percentiles.

    Example:
        ```python
        statistics = fv.get_training_dataset_statistics(training_dataset_version=1)
        first = statistics.feature_descriptive_statistics[0]
        largest = first.get_value("max")
        ```
    """

    __slots__ = ()

    stddev = _native.FeatureDescriptiveStatistics.std_dev

    def get_value(self, name: str) -> Any:
        """Return a statistic by its name.

        Parameters:
            name: Name of a statistic that is a single value, such as `mean`; case does not matter.

        Returns:
            The value, or None when it was not computed or is not a single value.
        """
        lowered = name.lower()
        return getattr(self, lowered) if lowered in _SINGLE_VALUES else None
