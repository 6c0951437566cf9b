"""Frames on their way in and out.

An incoming frame (pandas, polars, pyarrow, or anything with `__arrow_c_stream__`) becomes one Arrow table with sanitised
column names and UTC timestamps; columns that Arrow already holds are not copied. An outgoing Arrow table becomes what the
user asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.user_warning import warn_user
from hsfs.engine.optional_packages import is_pandas_frame, is_polars_frame, require
from hsfs.engine.type_table import arrow_type, offline_type
from hsfs.feature import Feature, feature_name
from hsfs.util import FeatureGroupWarning

if TYPE_CHECKING:
    import pyarrow as pa

_UPPER = re.compile("[A-Z]")

# Rows travel in batches of this size: large enough to be quick, small enough to keep memory flat.
BATCH_ROWS = 65_536

DATAFRAME_TYPES = ("default", "pandas", "polars", "numpy", "python")


def incoming_table(frame: Any) -> pa.Table:
    """Turn a user's frame into an Arrow table with names and timestamps as the feature store has them.

    Parameters:
        frame: A pandas or polars DataFrame, a pyarrow Table or RecordBatch, or an object with `__arrow_c_stream__`.

    Returns:
        The table. Names are in lower case with `_` for spaces; timestamps with a zone are UTC without one.

    Raises:
        TypeError: The object is not a frame.
        hopsworks.client.exceptions.FeatureStoreException: Two columns have the same name, or a column mixes types.
        ModuleNotFoundError: pyarrow is not installed.
    """
    pa = _pyarrow_for(frame)
    if is_pandas_frame(frame):
        # Two columns of one name would fail in the conversion, with less to say about them.
        names = _sanitised_names(list(frame.columns))
        table = _to_table(pa, frame)
    else:
        table = _to_table(pa, frame)
        names = _sanitised_names(table.column_names)
    if table.column_names != names:
        table = table.rename_columns(names)
    for position, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            # Arrow keeps such values in UTC, so dropping the zone changes no bit of them.
            column = table.column(position).cast(pa.timestamp(field.type.unit))
            table = table.set_column(position, field.name, column)
    return table


def arrow_table(frame: Any) -> pa.Table:
    """Turn a user's frame into an Arrow table with names and types as they are.

    Parameters:
        frame: As for :func:`incoming_table`.

    Raises:
        TypeError: The object is not a frame.
        ModuleNotFoundError: pyarrow is not installed.
    """
    return _to_table(_pyarrow_for(frame), frame)


def _pyarrow_for(frame: Any) -> Any:
    """The module pyarrow, once the object is known to be a frame."""
    if not (
        is_pandas_frame(frame)
        or is_polars_frame(frame)
        or hasattr(frame, "__arrow_c_stream__")
        or hasattr(frame, "__arrow_c_array__")
    ):
        raise TypeError(_not_a_frame(frame))
    return require("pyarrow", "to read a frame")


def _to_table(pa: Any, frame: Any) -> pa.Table:
    if is_pandas_frame(frame):
        # A frame with an index of its own keeps it to itself: only columns are features.
        try:
            return pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as cause:
            raise FeatureStoreException(_mixed_column_text(pa, frame, cause)) from cause
    if is_polars_frame(frame):
        return frame.to_arrow()
    if isinstance(frame, pa.Table):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        try:
            return pa.table(frame)
        except pa.ArrowInvalid as cause:
            # A single column offers the interface too.
            if "non-struct" not in str(cause):
                raise
            raise TypeError(_not_a_frame(frame)) from cause
    return pa.Table.from_batches([pa.record_batch(frame)])


def _not_a_frame(frame: Any) -> str:
    return (
        f"Cannot read features from an object of type {type(frame).__name__!r}. "
        "Give a pandas or polars DataFrame or a pyarrow Table."
    )


def _mixed_column_text(pa: Any, frame: Any, cause: Exception) -> str:
    for name in frame.columns:
        try:
            pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            return (
                f"Feature '{name}': the values of the column have no common type ({error}). "
                "Convert the column to one type, for example with astype, before inserting it."
            )
    return f"The frame cannot be converted to Arrow: {cause}"


def _sanitised_names(names: Sequence[Any]) -> list[str]:
    for name in names:
        if not isinstance(name, str):
            raise FeatureStoreException(
                f"The column {name!r} has a name of type {type(name).__name__}; names of features are text. Rename the column."
            )
    upper = [name for name in names if _UPPER.search(name)]
    spaced = [name for name in names if " " in name]
    if upper:
        warn_user(
            f"The columns {upper} contain upper case letters; their features get lower-case names.",
            FeatureGroupWarning,
        )
    if spaced:
        warn_user(
            f"The columns {spaced} contain spaces; their features get underscores instead.",
            FeatureGroupWarning,
        )
    sanitised = [feature_name(name) for name in names]
    if len(set(sanitised)) != len(sanitised):
        twice = sorted({name for name in sanitised if sanitised.count(name) > 1})
        raise FeatureStoreException(
            f"The frame has more than one column for the feature(s) {', '.join(map(repr, twice))} "
            "(case is ignored and spaces count as underscores). Rename or drop the duplicates."
        )
    return sanitised


def features_of(table: pa.Table, known: Sequence[Feature] = ()) -> list[Feature]:
    """Infer the features of a table.

    Parameters:
        table: A table from `incoming_table`.
        known: Features of the feature group, if it exists; they lend their type to columns that hold only nulls.

    Returns:
        One feature a column, in the order of the columns.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: The type of a column cannot be stored.
    """
    types = {feature.name: feature.type for feature in known}
    features = []
    for field in table.schema:
        if str(field.type) == "null" and types.get(field.name):
            inferred = types[field.name]
        else:
            try:
                inferred = offline_type(field.type)
            except ValueError as cause:
                remedy = (
                    "all its values are null; give the column a type"
                    if str(field.type) == "null"
                    else "convert the column to a number, text, time, list, map or struct"
                )
                raise FeatureStoreException(
                    f"Feature '{field.name}': {cause}; {remedy}, or drop it."
                ) from cause
        features.append(Feature(field.name, inferred))
    return features


def stored_schema(features: Sequence[Feature]) -> pa.Schema:
    """The Arrow schema in which features are stored.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: A feature has no type or one that cannot be stored.
    """
    pa = require("pyarrow", "to convert types of features")
    fields = []
    for feature in features:
        if not feature.type:
            raise FeatureStoreException(
                f"Feature '{feature.name}' has no type; give it one, for example 'bigint'."
            )
        fields.append(pa.field(feature.name, arrow_type(feature.type), nullable=True))
    return pa.schema(fields)


def stored_batches(table: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Cut a table into batches whose columns have their stored types; columns that have them already are not copied."""
    pa = require("pyarrow", "to convert types of features")
    lossy = _timestamps_that_lose(pa, table, schema)
    for name in lossy:
        warn_user(
            f"The timestamps of feature '{name}' are finer than microseconds; the rest is cut off.",
            UserWarning,
        )
    table = table.select(schema.names)
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        columns = [
            column
            if column.type == field.type
            else column.cast(field.type, safe=not pa.types.is_timestamp(field.type))
            for column, field in zip(batch.columns, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _timestamps_that_lose(pa: Any, table: pa.Table, schema: pa.Schema) -> list[str]:
    losing = []
    for field in schema:
        source = table.schema.field(field.name).type
        if (
            pa.types.is_timestamp(source)
            and source.unit == "ns"
            and pa.types.is_timestamp(field.type)
        ):
            try:
                table.column(field.name).cast(field.type, safe=True)
            except pa.ArrowInvalid:
                losing.append(field.name)
    return losing


def check_dataframe_type(dataframe_type: str) -> str:
    """Return the name of a kind of frame in lower case, or raise TypeError when it is not one of ours."""
    lowered = dataframe_type.lower() if isinstance(dataframe_type, str) else dataframe_type
    if lowered not in DATAFRAME_TYPES:
        raise TypeError(
            f"dataframe_type {dataframe_type!r} is not supported; use one of {', '.join(DATAFRAME_TYPES)}."
        )
    if lowered == "polars":
        require("polars", "to return polars frames")
    else:
        require("pandas", "to return pandas frames; dataframe_type='polars' does without it")
    return lowered


def outgoing(table: pa.Table, dataframe_type: str) -> Any:
    """Turn an Arrow table into the kind of frame that `check_dataframe_type` returned."""
    if dataframe_type == "polars":
        return require("polars", "to return polars frames").from_arrow(table)
    return shaped(table.to_pandas(), dataframe_type)


def shaped(frame: Any, dataframe_type: str) -> Any:
    """Turn a pandas frame into numpy or lists when these were asked for."""
    if dataframe_type == "numpy":
        return frame.values
    if dataframe_type == "python":
        return frame.values.tolist()
    return frame
