"""Descriptive statistics of the columns of a table."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from hopsworks.local.arrow_numbers import numbers

if TYPE_CHECKING:
    import pyarrow as pa

_HISTOGRAM_VALUES = 1000
_BINS = 20


def profile(rows: pa.Table, types: dict[str, str], config: dict[str, Any]) -> list[dict[str, Any]]:
    """One object of statistics a column.

    Parameters:
        rows: the table.
        types: offline type text of each column.
        config: statistics configuration; ``columns`` empty means all.

    Returns:
        Statistics in the order of columns; arrays, maps and structs have none.
    """
    import pyarrow.types as pt

    wanted = config.get("columns") or rows.column_names
    found = []
    for name in rows.column_names:
        column = rows.column(name)
        if name in wanted and not pt.is_nested(column.type):
            found.append(_column(name, column, config))
    if config.get("correlations"):
        _correlate(rows, found)
    for statistics in found:
        extended = statistics.pop("extended")
        if extended:
            statistics["extendedStatistics"] = json.dumps(extended)
    return found


def _kind(column: pa.ChunkedArray) -> str:
    import pyarrow.types as pt

    if pt.is_boolean(column.type):
        return "Boolean"
    if pt.is_integer(column.type):
        return "Integral"
    return "Fractional" if pt.is_floating(column.type) or pt.is_decimal(column.type) else "String"


def _column(name: str, column: pa.ChunkedArray, config: dict[str, Any]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, rows = _kind(column), len(column)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    nulls = column.null_count
    valid = rows - nulls
    distinct = pc.count_distinct(column, mode="only_valid").as_py() if rows else 0
    statistics: dict[str, Any] = {
        "featureName": name,
        "featureType": kind,
        "count": rows,
        "completeness": valid / rows if rows else 0.0,
        "numNonNullValues": valid,
        "numNullValues": nulls,
        "approxNumDistinctValues": distinct,
        "extended": {},
    }
    if kind in ("Integral", "Fractional") and valid:
        _add_numbers(statistics, column.drop_null().cast(pa.float64()))
    if config.get("exactUniqueness"):
        _add_uniqueness(statistics, column, distinct, valid)
    if config.get("histograms") and valid:
        statistics["extended"]["histogram"] = _histogram(column, kind, valid)
    return statistics


def _add_numbers(statistics: dict[str, Any], column: pa.ChunkedArray) -> None:
    import pyarrow.compute as pc

    ends = pc.min_max(column)
    deviation = pc.stddev(column, ddof=1).as_py()
    moments = {
        "min": ends["min"].as_py(),
        "max": ends["max"].as_py(),
        "sum": pc.sum(column).as_py(),
        "mean": pc.mean(column).as_py(),
        "stdDev": deviation if deviation is not None else 0.0,
    }
    statistics.update({k: v for k, v in moments.items() if v is not None and math.isfinite(v)})
    shares = [i / 100 for i in range(1, 101)]
    statistics["percentiles"] = [
        v if math.isfinite(v) else None for v in pc.quantile(column, q=shares).to_pylist()
    ]


def _add_uniqueness(
    statistics: dict[str, Any], column: pa.ChunkedArray, distinct: int, valid: int
) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    counts = pc.value_counts(column.drop_null()).field("counts").to_pylist() if valid else []
    statistics["exactNumDistinctValues"] = distinct
    statistics["distinctness"] = distinct / valid if valid else 0.0
    statistics["uniqueness"] = sum(1 for c in counts if c == 1) / valid if valid else 0.0
    statistics["entropy"] = -sum(c / valid * math.log(c / valid) for c in counts)
    if distinct <= _HISTOGRAM_VALUES and not pa.types.is_floating(column.type):
        values = pc.unique(column.drop_null()).to_pylist()
        statistics["extended"]["unique_values"] = sorted(_plain(v) for v in values)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, float, str)) else str(value)


def _histogram(column: pa.ChunkedArray, kind: str, valid: int) -> list[dict[str, Any]]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in ("Integral", "Fractional"):
        values = numbers(column.drop_null().cast(pa.float64()))
        counts, edges = np.histogram(values[np.isfinite(values)], bins=_BINS)
        return [
            {"value": f"{low:.6g} to {high:.6g}", "count": int(n), "ratio": int(n) / valid}
            for n, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        ]
    counted = pc.value_counts(column.drop_null()).to_pylist()
    counted.sort(key=lambda entry: (-entry["counts"], str(entry["values"])))
    return [
        {"value": str(e["values"]), "count": e["counts"], "ratio": e["counts"] / valid}
        for e in counted[:_HISTOGRAM_VALUES]
    ]


def _correlate(rows: pa.Table, found: list[dict[str, Any]]) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    numeric = [
        s
        for s in found
        if s["featureType"] in ("Integral", "Fractional") and s["numNonNullValues"] > 1
    ]
    if not numeric or rows.num_rows < 2:
        return
    columns = [
        numbers(pc.fill_null(rows.column(s["featureName"]).cast(pa.float64()), float("nan")))
        for s in numeric
    ]
    complete = ~np.any([np.isnan(c) for c in columns], axis=0)
    with np.errstate(all="ignore"):
        matrix = np.atleast_2d(np.corrcoef([c[complete] for c in columns]))
    for i, statistics in enumerate(numeric):
        statistics["extended"]["correlations"] = [
            {"column": other["featureName"], "correlation": float(matrix[i, j])}
            for j, other in enumerate(numeric)
            if np.isfinite(matrix[i, j])
        ]
