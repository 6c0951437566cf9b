"""Metadata of training data."""

from __future__ import annotations

from hopsworks import _native


class TrainingDatasetBase:
    """What every training dataset has: where it lives and how it was split."""

    __slots__ = ()

    IN_MEMORY = "IN_MEMORY_TRAINING_DATASET"
    HOPSFS = "HOPSFS_TRAINING_DATASET"
    EXTERNAL = "EXTERNAL_TRAINING_DATASET"
    ENTITY_TYPE = "trainingdatasets"
    NOT_FOUND_ERROR_CODE = 270012


class TrainingDataset(TrainingDatasetBase, _native.TrainingDataset):
    """Metadata of training data: its splits, time range, format and place.

    Training datasets are made by the methods of a feature view.

    Example:
        ```python
        for dataset in fv.get_training_datasets():
            print(dataset.version, dataset.data_format, [split.name for split in dataset.splits])
        ```
    """

    schema = _native.TrainingDataset.features
    feature_store_id = _native.TrainingDataset.featurestore_id
    feature_store_name = _native.TrainingDataset.featurestore_name
    query = _native.TrainingDataset.querydto
