"""Input examples as text, and back: what was given comes out again, with its types.

``homer_input_example.json`` holds ``{"type": …, "data": …}``. Frames are in split orientation, arrays are nested lists;
beside the data stands what JSON has no word for: types, shape and index. Inside of any container, bytes, moments, numbers
that are none and arrays are dicts with one key of :data:`MARKS`.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

MARKS = ("__bytes__", "__datetime__", "__float__", "__ndarray__")

# Types of columns whose values JSON has no form for.
_NO_COLUMN = ("period", "interval", "timedelta", "duration", "Sparse", "complex")


def numpy_module() -> Any:
    """numpy.

    Raises:
        ModuleNotFoundError: If it is not installed; names the extra.
    """
    return _module("numpy")


def _module(name):
    from importlib import import_module

    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{name} is needed for this data and is not installed: pip install 'hopsworks[pandas]'",
            name=error.name,
        ) from None


class Example:
    """An input example, encoded.

    Attributes:
        type (str): ``dataframe``, ``series``, ``ndarray``, ``list``, ``dict``, ``bytes`` or ``scalar``.
        text (str): The whole example as JSON text.
        row (str): One row of it as JSON text, in the form that serving and the other clients read.
    """

    __slots__ = ("row", "text", "type")

    def __init__(self, given: Any) -> None:
        encoded = encode(given)
        self.type: str = encoded["type"]
        self.text = json.dumps(encoded, allow_nan=False)
        self.row = _row(self.type, given, encoded)


def _row(kind, given, encoded):
    if kind == "bytes":
        return json.dumps(encoded["data"])
    if kind == "scalar":
        given = [given]
    from hsml.core.input_example import example_text

    text = example_text(list(given) if isinstance(given, tuple) else given)
    # Python writes numbers that are none as words that JSON does not have.
    return json.dumps(json.loads(text, parse_constant=lambda _: None))


# --- encoding -----------------------------------------------------------------------------------------------------


def encode(example: Any) -> dict[str, Any]:
    """An input example as JSON holds it.

    Parameters:
        example: A pandas DataFrame or Series, a numpy array, bytes, a list, a tuple, a dict or a scalar.

    Returns:
        dict: ``type`` and ``data``; a tuple has ``tuple`` besides.

    Raises:
        TypeError: If it is, or holds, something else.
        ValueError: If it is empty.
    """
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None:
        if isinstance(example, pandas.DataFrame):
            _refuse_empty(example, example.size)
            return {"type": "dataframe", "data": _frame(example)}
        if isinstance(example, pandas.Series):
            _refuse_empty(example, example.size)
            return {"type": "series", "data": _series(example)}
    if numpy is not None and isinstance(example, numpy.ndarray):
        _refuse_empty(example, example.size)
        return {"type": "ndarray", "data": _array(example, "input_example")}
    if isinstance(example, (bytes, bytearray)):
        return {"type": "bytes", "data": _base64(example)}
    if isinstance(example, dict):
        _refuse_empty(example, len(example))
        return {"type": "dict", "data": _value(example, "input_example")}
    if isinstance(example, (list, tuple)):
        _refuse_empty(example, len(example))
        encoded = {"type": "list", "data": _value(example, "input_example")}
        return {**encoded, "tuple": True} if isinstance(example, tuple) else encoded
    return {"type": "scalar", "data": _value(example, "input_example")}


def _refuse_empty(example, size):
    if not size:
        raise ValueError(
            f"input_example is an empty {type(example).__name__}. Pass at least one value, or leave input_example out."
        )


def _base64(value):
    return base64.b64encode(value).decode("ascii")


def _value(value, where):
    """One value of a container."""
    if value is None or isinstance(value, (str, bool)):
        return value
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        if value.dtype.kind == "M":
            return None if numpy.isnat(value) else {"__datetime__": str(value)}
        if value.dtype.kind == "S":  # a subclass of bytes, as U is of str
            return {"__bytes__": _base64(value)}
        if value.dtype.kind != "m":
            value = value.item()
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"__float__": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"__bytes__": _base64(value)}
    pandas = sys.modules.get("pandas")
    if pandas is not None and (value is pandas.NaT or value is pandas.NA):
        return None
    if isinstance(value, datetime.date):
        return {"__datetime__": value.isoformat()}
    if isinstance(value, dict):
        return _mapping(value, where)
    if isinstance(value, (list, tuple)):
        return [_value(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if numpy is not None and isinstance(value, numpy.ndarray):
        return {"__ndarray__": _array(value, where)}
    raise TypeError(
        f"{where} is of type {type(value).__name__}, which cannot be stored. Pass a pandas DataFrame or Series, a numpy "
        "array, bytes, or a list, dict or scalar of numbers, text, bytes, dates and arrays."
    )


def _mapping(value, where):
    for key in value:
        if not isinstance(key, str):
            raise TypeError(
                f"{where} has the key {key!r} of type {type(key).__name__}. Keys of a dict are text in JSON: pass {key!r} as text."
            )
    if len(value) == 1 and next(iter(value)) in MARKS:
        raise ValueError(
            f"{where} is a dict with the only key {next(iter(value))!r}, which stands for something else. Rename the key."
        )
    return {key: _value(item, f"{where}[{key!r}]") for key, item in value.items()}


# --- arrays -------------------------------------------------------------------------------------------------------


def _array(array, where):
    numpy = sys.modules["numpy"]
    kind = array.dtype.kind
    if isinstance(array, numpy.ma.MaskedArray):
        raise TypeError(f"{where} is a masked array. Pass array.filled(value).")
    if kind not in "biufSUOM" or (kind == "f" and array.dtype.itemsize > 8):
        raise TypeError(
            f"{where} is an array of type {array.dtype}, which cannot be stored. Pass one of numbers, text, bytes or dates."
        )
    flat = array.ravel()
    if kind == "f":
        values = [_value(value, where) for value in flat.tolist()]
    elif kind == "S":
        values = [_base64(value) for value in flat.tolist()]
    elif kind == "O":
        values = [_value(value, where) for value in flat.tolist()]
    elif kind == "M":
        values = [
            None if missing else {"__datetime__": text}
            for text, missing in zip(
                numpy.datetime_as_string(flat).tolist(), numpy.isnat(flat).tolist(), strict=True
            )
        ]
    else:
        values = flat.tolist()
    name = f"S{array.dtype.itemsize}" if kind == "S" else str(array.dtype)
    return {"dtype": name, "shape": list(array.shape), "data": _nested(values, array.shape)}


def _nested(values, shape):
    """A flat list as lists in lists."""
    if not shape:
        return values[0]
    for size in reversed(shape[1:]):
        # With a dimension of zero there is nothing to cut up; the shape tells.
        values = [values[i : i + size] for i in range(0, len(values), size)] if size else []
    return values


def _restored_array(data):
    numpy = numpy_module()
    shape = tuple(data["shape"])
    values = data["data"] if shape else [data["data"]]
    for _ in shape[1:]:
        values = [item for part in values for item in part]
    dtype = numpy.dtype(data["dtype"])
    if dtype.kind == "S":
        values = [base64.b64decode(value) for value in values]
    elif dtype.kind == "M":
        values = ["NaT" if value is None else value["__datetime__"] for value in values]
    else:
        values = [restore_value(value) for value in values]
    flat = numpy.empty(len(values), dtype)
    if dtype.kind == "O":
        # Item by item: numpy would take lists among the objects apart.
        for i, value in enumerate(values):
            flat[i] = value
    else:
        flat[:] = values
    return flat.reshape(shape)


# --- frames -------------------------------------------------------------------------------------------------------


def _frame(frame):
    columns = list(frame.columns)
    texts = [str(column) for column in columns]
    for text in texts:
        if texts.count(text) > 1:
            raise ValueError(
                f"input_example has several columns named {text!r}. Give each its own name."
            )
    series = [frame.iloc[:, i] for i in range(len(columns))]
    encoded = [
        _column(values, f"column {name!r} of input_example")
        for values, name in zip(series, columns, strict=True)
    ]
    data = {
        "columns": [_value(_label(column), "a column name") for column in columns],
        **_index(frame.index),
        "data": [list(row) for row in zip(*(values for _, values, _ in encoded), strict=True)],
        "dtypes": {text: dtype for text, (dtype, _, _) in zip(texts, encoded, strict=True)},
    }
    categories = {text: c for text, (_, _, c) in zip(texts, encoded, strict=True) if c is not None}
    if categories:
        data["categories"] = categories
    names = [_value(_label(name), "a name of the columns") for name in frame.columns.names]
    if frame.columns.nlevels > 1 or names != [None]:
        data["column_names"] = names
    return data


def _series(series):
    dtype, values, categories = _column(series, "input_example")
    data = {
        "name": _value(_label(series.name), "the name of input_example"),
        **_index(series.index),
        "data": values,
        "dtype": dtype,
    }
    if categories is not None:
        data["categories"] = categories
    return data


def _label(label):
    return list(label) if isinstance(label, tuple) else label


def _index(index):
    """An index: its values, and what is needed to make the same one of them."""
    pandas = sys.modules["pandas"]
    levels = (
        [index.get_level_values(i) for i in range(index.nlevels)] if index.nlevels > 1 else [index]
    )
    encoded = [
        _column(pandas.Series(level, index=range(len(level))), "the index of input_example")
        for level in levels
    ]
    values = [values for _, values, _ in encoded]
    types: list[Any] = [dtype for dtype, _, _ in encoded]
    if isinstance(index, pandas.RangeIndex):
        types = [["range", index.start, index.stop, index.step]]
    return {
        "index": [list(key) for key in zip(*values, strict=True)] if len(levels) > 1 else values[0],
        "index_names": [_value(_label(name), "a name of the index") for name in index.names],
        "index_dtypes": types,
        "index_categories": [categories for _, _, categories in encoded],
        "index_freq": getattr(index, "freqstr", None),
    }


def _column(series, where):
    """Type, values and, where there are any, categories of a column."""
    pandas = sys.modules["pandas"]
    dtype = series.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        kind, values, _ = _column(
            pandas.Series(dtype.categories, index=range(len(dtype.categories))), where
        )
        codes = [None if code < 0 else code for code in series.cat.codes.tolist()]
        return "category", codes, {"dtype": kind, "values": values, "ordered": bool(dtype.ordered)}
    name = _dtype_name(dtype)
    if name.startswith(_NO_COLUMN):
        raise TypeError(
            f"{where} is of type {name}, which cannot be stored. Convert it to numbers or text first."
        )
    items = series.tolist()
    if name == "object":
        if _all_bytes(items):
            return "bytes", [None if v is None else _base64(v) for v in items], None
        return name, [_value(item, where) for item in items], None
    # The type tells what null stands for here.
    missing = series.isna().tolist()
    return (
        name,
        [None if m else _value(item, where) for item, m in zip(items, missing, strict=True)],
        None,
    )


def _all_bytes(items):
    return any(isinstance(item, bytes) for item in items) and all(
        item is None or isinstance(item, bytes) for item in items
    )


def _dtype_name(dtype):
    storage = getattr(dtype, "storage", None)
    # "string" alone leaves open where pandas keeps the text.
    if str(dtype) == "string" and storage is not None:
        return f"string[{storage}]"
    return str(dtype)


def _restored_column(pandas, dtype, values, categories):
    """The values of a column as a Series with an index of its own."""
    if dtype == "category":
        known = _restored_column(
            pandas, categories["dtype"], categories["values"], categories.get("categories")
        )
        codes = [-1 if code is None else code for code in values]
        return pandas.Series(
            pandas.Categorical.from_codes(
                codes, categories=pandas.Index(known), ordered=categories["ordered"]
            )
        )
    if dtype == "bytes":
        plain = [None if value is None else base64.b64decode(value) for value in values]
        return pandas.Series(plain, dtype="object")
    if dtype.startswith("datetime64"):
        moments = [
            pandas.NaT if value is None else pandas.Timestamp(value["__datetime__"])
            for value in values
        ]
        return _moments(pandas, moments, dtype)
    found = [restore_value(value) for value in values]
    if dtype in ("float16", "float32", "float64"):
        found = [math.nan if value is None else value for value in found]
    return pandas.Series(found, dtype=dtype)


def _moments(pandas, moments, dtype):
    unit = dtype.partition("[")[2].rstrip("]").partition(",")
    zone = unit[2].strip()
    if not zone:
        return pandas.Series(moments, dtype=dtype)
    # Moments of a zone with summer time differ in their offset; in UTC they are of one kind.
    moments = [moment if moment is pandas.NaT else moment.tz_convert("UTC") for moment in moments]
    return pandas.Series(moments, dtype=f"datetime64[{unit[0]}, UTC]").astype(dtype)


def _restored_index(pandas, data):
    names = [_tuple(name) for name in map(restore_value, data["index_names"])]
    types = data["index_dtypes"]
    if isinstance(types[0], list):
        return pandas.RangeIndex(*types[0][1:], name=names[0])
    values = data["index"]
    levels = zip(*values, strict=True) if len(types) > 1 else [values]
    arrays = [
        pandas.Index(_restored_column(pandas, dtype, list(level), categories))
        for dtype, level, categories in zip(types, levels, data["index_categories"], strict=True)
    ]
    if len(arrays) > 1:
        return pandas.MultiIndex.from_arrays(arrays, names=names)
    found = arrays[0].rename(names[0])
    if data["index_freq"] is not None:
        found.freq = data["index_freq"]
    return found


def _tuple(label):
    return tuple(label) if isinstance(label, list) else label


def _restored_frame(data):
    pandas = _module("pandas")
    labels = [_tuple(label) for label in map(restore_value, data["columns"])]
    dtypes = data["dtypes"]
    index = _restored_index(pandas, data) if "index_dtypes" in data else data.get("index")
    columns = list(zip(*data["data"], strict=True))
    frame = pandas.DataFrame(
        {
            i: _restored_column(
                pandas,
                dtypes[str(label)],
                list(column),
                data.get("categories", {}).get(str(label)),
            )
            for i, (label, column) in enumerate(zip(labels, columns, strict=True))
        }
    )
    names = [_tuple(name) for name in map(restore_value, data.get("column_names", [None]))]
    if len(names) > 1:
        frame.columns = pandas.MultiIndex.from_tuples(labels, names=names)
    else:
        frame.columns = pandas.Index(labels, name=names[0])
    frame.index = index
    return frame


def _restored_series(data):
    pandas = _module("pandas")
    series = _restored_column(pandas, data["dtype"], data["data"], data.get("categories"))
    series.index = (
        _restored_index(pandas, data) if "index_dtypes" in data else pandas.Index(data["index"])
    )
    return series.rename(_tuple(restore_value(data["name"])))


# --- decoding -----------------------------------------------------------------------------------------------------


def restore_value(value: Any) -> Any:
    """A value of a container as it was before it was encoded.

    Parameters:
        value: What JSON holds.

    Returns:
        The value.
    """
    if isinstance(value, list):
        return [restore_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(mark, inner)] = value.items()
        if mark == "__bytes__":
            return base64.b64decode(inner)
        if mark == "__float__":
            return float(inner)
        if mark == "__datetime__":
            return _restored_moment(inner)
        if mark == "__ndarray__":
            return _restored_array(inner)
    return {key: restore_value(item) for key, item in value.items()}


def _restored_moment(text):
    if "T" not in text:
        return datetime.date.fromisoformat(text)
    fraction = text.rpartition(".")[2].partition("+")[0].partition("-")[0]
    if "." in text and len(fraction) > 6:
        return _module("pandas").Timestamp(text)  # nanoseconds, which only pandas has
    return datetime.datetime.fromisoformat(text)


def decode(encoded: dict[str, Any]) -> Any:
    """An input example as it was given.

    Parameters:
        encoded (dict): What :func:`encode` made.

    Returns:
        The example.

    Raises:
        ValueError: If it is of a type that this version does not know.
        ModuleNotFoundError: If numpy or pandas is needed and not installed.
    """
    kind, data = encoded["type"], encoded["data"]
    if kind == "dataframe":
        return _restored_frame(data)
    if kind == "series":
        return _restored_series(data)
    if kind == "ndarray":
        return _restored_array(data)
    if kind == "bytes":
        return base64.b64decode(data)
    if kind in ("list", "dict", "scalar"):
        value = restore_value(data)
        return tuple(value) if encoded.get("tuple") else value
    raise ValueError(
        f"The input example is of type {kind!r}, which this version does not know. A newer version of hopsworks may."
    )
