"""Turning a user's input example into the JSON that is stored beside a model."""

from __future__ import annotations

import base64
import datetime
import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class NumpyEncoder(json.JSONEncoder):
    """JSON encoder that also takes numpy values, dates and bytes.

    Numbers of numpy become numbers, arrays lists, dates ISO text, bytes base64 with a line break each 76 characters.
    """

    def default(self, o: Any) -> Any:
        """The JSON value of an object that JSON itself does not know.

        Parameters:
            o: The object.

        Returns:
            A value that JSON knows.

        Raises:
            TypeError: If there is none.
        """
        value = _plain(o)
        return super().default(o) if value is o else value


def _plain(value):
    pandas = sys.modules.get("pandas")
    if pandas is not None and (value is pandas.NA or value is pandas.NaT):
        return None
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.encodebytes(bytes(value)).decode("ascii")
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            return (
                [_plain(item) for item in value.tolist()]
                if value.dtype.kind in "OS"
                else value.tolist()
            )
        if isinstance(value, numpy.datetime64):
            return str(value)
        if isinstance(value, numpy.generic):
            return value.item()
    return value


def example_values(example: Any) -> Any:
    """The JSON value of an input example.

    Parameters:
        example: A numpy array, a dict, a list, a pandas or polars DataFrame (its first row is taken), or a Series.

    Returns:
        Lists, dicts, numbers and text; may hold values that :class:`NumpyEncoder` has to encode.

    Raises:
        ValueError: If the example is empty.
        TypeError: If it is of another type.
    """
    if isinstance(example, dict):
        return example
    if isinstance(example, list):
        return _not_empty(example, len(example))
    numpy, pandas, polars = (sys.modules.get(name) for name in ("numpy", "pandas", "polars"))
    if numpy is not None and isinstance(example, numpy.ndarray):
        return _not_empty(example, example.size).tolist()
    if pandas is not None and isinstance(example, pandas.DataFrame):
        return _not_empty(example, example.size).iloc[0].tolist()
    if pandas is not None and isinstance(example, pandas.Series):
        return _not_empty(example, example.size).tolist()
    if polars is not None and isinstance(example, polars.DataFrame):
        return list(_not_empty(example, example.height * example.width).row(0))
    if polars is not None and isinstance(example, polars.Series):
        return _not_empty(example, example.len()).to_list()
    raise TypeError(
        f"input_example is of type {type(example).__name__}. Pass a dict, a list, a numpy array, a DataFrame or a Series."
    )


def _not_empty(example, size):
    if not size:
        raise ValueError(
            f"input_example is an empty {type(example).__name__}. Pass at least one value, or leave input_example out."
        )
    return example


def example_text(example: Any) -> str:
    """The JSON text of an input example, as it is stored.

    Parameters:
        example: As for :func:`example_values`.

    Returns:
        str: JSON.
    """
    return json.dumps(example_values(example), cls=NumpyEncoder)
