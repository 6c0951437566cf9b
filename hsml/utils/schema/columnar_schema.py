"""Columnar schemas: from dataframes, training datasets or plain descriptions."""

from __future__ import annotations

import sys

from hsml.utils.schema.column import Column

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class ColumnarSchema:
    """Columns of an object.

    Parameters:
        columnar_obj: A pandas, polars or Spark DataFrame, a Series, a training dataset, or a list of dicts with
            ``type`` and, where known, ``name`` and ``description``.

    Raises:
        TypeError: If the object is of another type.
        ValueError: If a dict of the list has no type.
    """

    def __init__(self, columnar_obj: Any = None) -> None:
        self.columns = _columns(columnar_obj)


def _columns(given):
    if isinstance(given, list):
        return [_column(entry) for entry in given]
    # Only a library that the program has loaded can have made the object.
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if isinstance(given, pandas.DataFrame):
            return [Column(given.dtypes.iloc[i], name=name) for i, name in enumerate(given.columns)]
        if isinstance(given, pandas.Series):
            return [Column(given.dtype, name=given.name)]
    polars = sys.modules.get("polars")
    if polars is not None:
        if isinstance(given, polars.DataFrame):
            return [Column(dtype, name=name) for name, dtype in given.schema.items()]
        if isinstance(given, polars.Series):
            return [Column(given.dtype, name=given.name or None)]
    spark = sys.modules.get("pyspark.sql.dataframe")
    if spark is not None and isinstance(given, spark.DataFrame):
        return [Column(dtype, name=name) for name, dtype in given.dtypes]
    training = sys.modules.get("hsfs.training_dataset")
    if training is not None and isinstance(given, training.TrainingDataset):
        return [Column(feature.type, name=feature.name) for feature in given.schema]
    raise TypeError(
        f"No columnar schema can be made of a {type(given).__name__}. Pass a DataFrame, a Series, a training dataset "
        "or a list of dicts with 'name' and 'type'."
    )


def _column(entry):
    if "type" not in entry:
        raise ValueError(
            f"The schema entry {entry!r} has no 'type'. Give each column a type, for example 'double'."
        )
    return Column(entry["type"], name=entry.get("name"), description=entry.get("description"))
