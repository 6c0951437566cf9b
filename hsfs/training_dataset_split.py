"""The parts into which training data is split."""

from __future__ import annotations

from hopsworks import _native


class TrainingDatasetSplit(_native.TrainingDatasetSplit):
    """One part of the training data, chosen by share or by time.

    Example:
        ```python
        from hsfs.training_dataset_split import TrainingDatasetSplit

        split = TrainingDatasetSplit("train", TrainingDatasetSplit.RANDOM_SPLIT, percentage=0.8)
        assert split.percentage == 0.8
        ```
    """

    __slots__ = ()

    TIME_SERIES_SPLIT = "TIME_SERIES_SPLIT"
    RANDOM_SPLIT = "RANDOM_SPLIT"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
