"""Statistics of feature groups and training datasets."""

from __future__ import annotations

from hopsworks import _native


class Statistics(_native.Statistics):
    """Statistics of the features of a feature group or training dataset at one moment.

    Example:
        ```python
        statistics = fv.get_training_dataset_statistics(training_dataset_version=1)
        means = {s.feature_name: s.mean for s in statistics.feature_descriptive_statistics}
        ```
    """

    NOT_FOUND_ERROR_CODE = 270228
    DEFAULT_ROW_PERCENTAGE = 1.0
