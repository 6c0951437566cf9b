"""Casting the columns of a result to the types of their features (`read_options={"pandas_types": True}`).

pandas frames get nullable types, so that an integer column with nulls stays an integer column.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hsfs.engine.optional_packages import require
from hsfs.feature import Feature

if TYPE_CHECKING:
    import pyarrow as pa

_PANDAS_TYPE = {
    "bigint": "Int64",
    "int": "Int32",
    "smallint": "Int16",
    "tinyint": "Int8",
    "float": "Float32",
    "double": "Float64",
}
_POLARS_TYPE = _PANDAS_TYPE


def nullable_frame(table: pa.Table, features: Sequence[Feature], *, polars: bool) -> Any:
    """Turn a table into a frame whose columns have the types of the features."""
    if polars:
        module = require("polars", "to return polars frames")
        frame = module.from_arrow(table)
        casts = [
            module.col(feature.name).cast(getattr(module, _POLARS_TYPE[feature.type]))
            for feature in features
            if feature.type in _POLARS_TYPE
        ]
        return frame.with_columns(casts)
    frame = table.to_pandas()
    for feature in features:
        frame[feature.name] = _pandas_column(frame[feature.name], feature.type or "")
    return frame


def _pandas_column(column: Any, offline: str) -> Any:
    pandas = require("pandas", "to return pandas frames")
    if offline in _PANDAS_TYPE:
        return column.astype(_PANDAS_TYPE[offline])
    if offline == "timestamp":
        return pandas.to_datetime(column, utc=True).dt.tz_localize(None)
    if offline == "date":
        return pandas.to_datetime(column, utc=True).dt.date
    if offline.startswith(("array<", "struct<")) or offline == "boolean":
        return column.apply(
            lambda value: ast.literal_eval(value) if isinstance(value, str) else value
        )
    if offline == "string":
        return column.apply(lambda value: str(value) if value is not None else None)
    if offline.startswith("decimal"):
        from decimal import Decimal

        return column.apply(lambda value: value if value is None else Decimal(value))
    return column
