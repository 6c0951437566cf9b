"""The metadata of new training data: time range, splits, place and format, as the server is told about them."""

from __future__ import annotations

import math
import time
from typing import Any

from hsfs.constructor.filter import Filter, Logic, as_logic
from hsfs.engine.event_time import Moment, to_milliseconds
from hsfs.engine.new_feature_group import as_tags
from hsfs.statistics_config import StatisticsConfig, as_statistics_config
from hsfs.training_dataset import TrainingDataset
from hsfs.training_dataset_split import TrainingDatasetSplit

# Where no start is given, data begins here: early enough for everything, and not 0, which means "not set".
_BEGINNING = 1000

# The file system of the project, spelled out as servers expect it.
PROJECT_FILES = {
    "id": None,
    "name": None,
    "description": None,
    "featurestoreId": None,
    "storageConnectorType": "HOPSFS",
    "type": "featurestoreHopsfsConnectorDTO",
    "hopsfsPath": None,
    "datasetName": None,
}


def two_splits(
    test_size: float | None,
    train: tuple[Moment, Moment],
    test: tuple[Moment, Moment],
) -> list[TrainingDatasetSplit]:
    """The splits train and test as the public methods describe them: by time where a time is given, else by share.

    Parameters:
        test_size: Share of the rows in the test split.
        train: Start and end of the train split.
        test: Start and end of the test split.

    Raises:
        ValueError: The arguments describe no splits.
    """
    if not ((test_size and 0 < test_size < 1) or train[1] or test[0]):
        raise ValueError(
            "The splits are not described. Give test_size, a share between 0 and 1, to split at random; "
            "or train_end or test_start to split by time."
        )
    return _splits_by_time(train, None, test) or _splits_by_share(None, test_size)


def three_splits(
    validation_size: float | None,
    test_size: float | None,
    train: tuple[Moment, Moment],
    validation: tuple[Moment, Moment],
    test: tuple[Moment, Moment],
) -> list[TrainingDatasetSplit]:
    """The splits train, validation and test as the public methods describe them; see :func:`two_splits`.

    Parameters:
        validation_size: Share of the rows in the validation split.
        test_size: Share of the rows in the test split.
        train: Start and end of the train split.
        validation: Start and end of the validation split.
        test: Start and end of the test split.

    Raises:
        ValueError: The arguments describe no splits.
    """
    by_share = (
        validation_size
        and test_size
        and 0 < validation_size < 1
        and 0 < test_size < 1
        and validation_size + test_size < 1
    )
    by_time = (train[1] or validation[0]) and (validation[1] or test[0])
    if not (by_share or by_time):
        raise ValueError(
            "The splits are not described. Give validation_size and test_size, shares whose sum is below 1, to split at random; "
            "or train_end or validation_start, and validation_end or test_start, to split by time."
        )
    return _splits_by_time(train, validation, test) or _splits_by_share(validation_size, test_size)


def _splits_by_share(
    validation_size: float | None, test_size: float | None
) -> list[TrainingDatasetSplit]:
    """The splits train, validation and test by share; a share of None leaves its split out."""
    shares = {
        TrainingDatasetSplit.TRAIN: 1 - (validation_size or 0) - (test_size or 0),
        TrainingDatasetSplit.VALIDATION: validation_size,
        TrainingDatasetSplit.TEST: test_size,
    }
    given = {name: share for name, share in shares.items() if share is not None}
    if not math.isclose(sum(given.values()), 1) or any(
        not 0 <= share <= 1 for share in given.values()
    ):
        raise ValueError(
            f"The shares of the splits are {given}; each must lie between 0 and 1 and all sum up to 1."
        )
    return [
        TrainingDatasetSplit(name, TrainingDatasetSplit.RANDOM_SPLIT, share)
        for name, share in given.items()
    ]


def _splits_by_time(
    train: tuple[Moment, Moment],
    validation: tuple[Moment, Moment] | None,
    test: tuple[Moment, Moment],
) -> list[TrainingDatasetSplit]:
    """The splits train, (validation) and test by time; a bound that is not given is taken from the neighbour."""
    train_start, train_end = map(to_milliseconds, train)
    validation_start, validation_end = map(to_milliseconds, validation or (None, None))
    test_start, test_end = map(to_milliseconds, test)
    bounds = {
        TrainingDatasetSplit.TRAIN: (train_start, train_end or validation_start or test_start)
    }
    if validation is not None:
        bounds[TrainingDatasetSplit.VALIDATION] = (
            validation_start or train_end,
            validation_end or test_start,
        )
    bounds[TrainingDatasetSplit.TEST] = (test_start or validation_end or train_end, test_end)
    return [
        TrainingDatasetSplit(name, TrainingDatasetSplit.TIME_SERIES_SPLIT, None, start, end)
        for name, (start, end) in bounds.items()
        if start or end
    ]


def describe(
    view: Any,
    *,
    in_memory: bool,
    data_format: str,
    description: str | None,
    start_time: Moment = None,
    end_time: Moment = None,
    splits: list[TrainingDatasetSplit] | None = None,
    extra_filter: Filter | Logic | None = None,
    statistics_config: StatisticsConfig | bool | dict | None = None,
    coalesce: bool | None = False,
    seed: int | None = None,
    path: str | None = None,
    tags: Any = None,
) -> TrainingDataset:
    """Make the metadata of new training data of a feature view; missing bounds of time are filled in."""
    from hopsworks._native import DataSource

    start, end = to_milliseconds(start_time), to_milliseconds(end_time)
    splits = splits or []
    if view.query.left_feature_group.event_time:
        now = int(time.time() * 1000)
        if not splits:
            start, end = start or _BEGINNING, end or now
        for split in splits:
            if split.split_type == TrainingDatasetSplit.TIME_SERIES_SPLIT:
                if split.name == TrainingDatasetSplit.TRAIN and not split.start_time:
                    split.start_time = _BEGINNING
                if split.name == TrainingDatasetSplit.TEST and not split.end_time:
                    split.end_time = now
    return TrainingDataset(
        name=view.name,
        version=None,  # type: ignore[arg-type]
        data_format=data_format,
        featurestore_id=view.featurestore_id,
        event_start_time=start,
        event_end_time=end,
        coalesce=coalesce,
        description=description,
        splits=splits,
        seed=seed,
        statistics_config=as_statistics_config(statistics_config),
        training_dataset_type=TrainingDataset.IN_MEMORY if in_memory else TrainingDataset.HOPSFS,
        train_split=TrainingDatasetSplit.TRAIN if splits else None,
        extra_filter=as_logic(extra_filter),
        data_source=DataSource(path=path, storage_connector=dict(PROJECT_FILES)),
        tags=as_tags(tags),
    )
