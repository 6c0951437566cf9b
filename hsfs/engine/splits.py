"""Assigning rows to splits.

A random split shuffles exactly as the reference client does, so the same seed gives the same rows everywhere. A split by time
compares the event time of each row with the bounds of the split: the start belongs to it, the end does not.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine.optional_packages import require
from hsfs.training_dataset_split import TrainingDatasetSplit

if TYPE_CHECKING:
    import pyarrow as pa


def masks(
    table: pa.Table,
    splits: Sequence[TrainingDatasetSplit],
    seed: int | None,
    event_time: str | None,
) -> dict[str, pa.Array]:
    """Say for each split which rows of a table belong to it.

    Parameters:
        table: The rows.
        splits: The splits, all of one type.
        seed: Seed of a random split; None for a different one each time.
        event_time: Name of the event-time column, for splits by time.

    Returns:
        For each split, by name, an Arrow array of booleans.
    """
    if splits[0].split_type == TrainingDatasetSplit.TIME_SERIES_SPLIT:
        return _by_time(table, splits, event_time)
    return _by_share(table.num_rows, splits, seed)


def _by_share(
    rows: int, splits: Sequence[TrainingDatasetSplit], seed: int | None
) -> dict[str, pa.Array]:
    pa = require("pyarrow", "to split training data")
    compute = require("pyarrow.compute", "to split training data")
    groups: list[int] = []
    for position, split in enumerate(splits):
        groups += [position] * int(rows * (split.percentage or 0))
    groups += [len(splits) - 1] * (rows - len(groups))
    random.Random(seed).shuffle(groups)
    assigned = pa.array(groups, type=pa.int8())
    return {split.name: compute.equal(assigned, position) for position, split in enumerate(splits)}


def _by_time(
    table: pa.Table, splits: Sequence[TrainingDatasetSplit], event_time: str | None
) -> dict[str, pa.Array]:
    compute = require("pyarrow.compute", "to split training data")
    moments = _milliseconds(table.column(event_time))
    found = {}
    for split in splits:
        inside = None
        if split.start_time is not None:
            inside = compute.greater_equal(moments, int(split.start_time))
        if split.end_time is not None:
            before = compute.less(moments, int(split.end_time))
            inside = before if inside is None else compute.and_(inside, before)
        found[split.name] = compute.fill_null(inside, False)
    return found


def _milliseconds(column: Any) -> Any:
    """Turn an event-time column into milliseconds; numbers of up to ten digits are seconds."""
    pa = require("pyarrow", "to split training data")
    compute = require("pyarrow.compute", "to split training data")
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("ms")).cast(pa.int64())
    if pa.types.is_integer(kind):
        numbers = column.cast(pa.int64())
        seconds = compute.less(numbers, 10_000_000_000)
        return compute.if_else(seconds, compute.multiply(numbers, 1000), numbers)
    raise FeatureStoreException(
        f"The event time has the type {kind}, by which rows cannot be split. Use a timestamp, a date or an integer."
    )
