"""Statistics of Arrow tables, as the server keeps them.

They follow what the Python client has always sent: counts, range, moments and quartiles of numbers, and the number of distinct
values of everything else. Percentiles other than the quartiles are zero.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hopsworks.user_warning import warn_user
from hsfs.core.feature_descriptive_statistics import FeatureDescriptiveStatistics
from hsfs.engine.optional_packages import require
from hsfs.engine.type_table import offline_type
from hsfs.split_statistics import SplitStatistics
from hsfs.statistics import Statistics
from hsfs.util import StatisticsWarning

if TYPE_CHECKING:
    import pyarrow as pa

    from hsfs.statistics_config import StatisticsConfig


_KINDS = {
    "float": "Fractional",
    "double": "Fractional",
    "int": "Integral",
    "bigint": "Integral",
    "boolean": "Boolean",
}
_QUARTILES = {24: 0.25, 49: 0.5, 74: 0.75}


def statistics_of(
    tables: pa.Table | Mapping[str, pa.Table], config: StatisticsConfig
) -> Statistics:
    """Compute the statistics of a table, or of each split of a training dataset.

    Parameters:
        tables: One table, or one for each split by name.
        config: Which features and which statistics.

    Returns:
        The statistics, with the time of now.
    """
    now = int(time.time() * 1000)
    if isinstance(tables, Mapping):
        splits = [SplitStatistics(name, _profile(table, config)) for name, table in tables.items()]
        return Statistics(now, split_statistics=splits)
    return Statistics(now, feature_descriptive_statistics=_profile(tables, config))


def _profile(table: pa.Table, config: StatisticsConfig) -> list[FeatureDescriptiveStatistics]:
    wanted = list(config.columns or ())
    if table.num_rows == 0:
        warn_user(
            "There are no rows to compute statistics of; perhaps rows were only inserted into the online store.",
            StatisticsWarning,
        )
        return [FeatureDescriptiveStatistics(name, count=0) for name in wanted]
    names = [name for name in table.column_names if not wanted or name in wanted]
    return [_describe(name, table.column(name), config.exact_uniqueness) for name in names]


def _describe(name: str, column: pa.ChunkedArray, exact: bool) -> FeatureDescriptiveStatistics:
    try:
        offline = offline_type(column.type)
    except ValueError:
        offline = "string"
    kind = _KINDS.get(offline, "String")
    values: dict[str, Any] = {"feature_type": kind, "completeness": 1}
    if offline.startswith(("array", "map", "struct")):
        return FeatureDescriptiveStatistics(name, **values)
    if kind in ("Fractional", "Integral"):
        values.update(_numbers(column))
    else:
        values.update(_distinct(column, exact))
    if values["count"] == 0:
        return FeatureDescriptiveStatistics(name, feature_type=kind, count=0)
    return FeatureDescriptiveStatistics(name, **values)


def _numbers(column: pa.ChunkedArray) -> dict[str, Any]:
    pa = require("pyarrow", "to compute statistics")
    compute = require("pyarrow.compute", "to compute statistics")
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_floating(column.type) and compute.any(compute.is_nan(column)).as_py():
        # NaN means "no value" here, as it does in pandas.
        column = compute.if_else(compute.is_nan(column), None, column)
    count = len(column) - column.null_count
    if count == 0:
        return {"count": 0}
    ends = compute.min_max(column).as_py()
    mean = compute.mean(column).as_py()
    deviation = compute.stddev(column, ddof=1).as_py() if count > 1 else None
    found = compute.quantile(column, q=list(_QUARTILES.values())).to_pylist()
    percentiles: list[Any] = [0] * 100
    for position, value in zip(_QUARTILES, found, strict=True):
        percentiles[position] = _finite(value)
    return {
        "count": count,
        "min": _finite(ends["min"]),
        "max": _finite(ends["max"]),
        "mean": _finite(mean),
        "sum": _finite(mean * count),
        "std_dev": _finite(deviation),
        "percentiles": percentiles,
    }


def _distinct(column: pa.ChunkedArray, exact: bool) -> dict[str, Any]:
    pa = require("pyarrow", "to compute statistics")
    compute = require("pyarrow.compute", "to compute statistics")
    count = len(column) - column.null_count
    if pa.types.is_null(column.type) or count == 0:
        return {"count": 0}
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    distinct = compute.count_distinct(column, mode="only_valid").as_py()
    found = {"count": count, "approx_num_distinct_values": distinct}
    if exact:
        found["exact_num_distinct_values"] = distinct
    return found


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
