"""Number columns between Arrow and numpy, as views of the same memory, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def numbers(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """The values of a column of whole numbers or fractions that has no nulls; not to be written to."""
    import numpy as np
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        if column.num_chunks == 1:
            column = column.chunk(0)
        else:
            parts = [numbers(chunk) for chunk in column.chunks]
            return np.concatenate(parts) if parts else np.empty(0, _dtype(column.type))
    if column.null_count:
        raise ValueError("a column with nulls has no plain number array")
    dtype = _dtype(column.type)
    data = column.buffers()[1]
    if data is None:
        return np.empty(0, dtype)
    return np.frombuffer(data, dtype, count=len(column), offset=column.offset * dtype.itemsize)


def flags(column: pa.ChunkedArray) -> np.ndarray:
    """The values of a boolean column without nulls."""
    import pyarrow as pa

    return numbers(column.cast(pa.uint8())).astype(bool)


def column_of(values: np.ndarray) -> pa.Array:
    """Numbers or flags of a numpy array as an Arrow array."""
    import numpy as np
    import pyarrow as pa

    if values.dtype == bool:
        packed = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(packed)])
    whole = np.ascontiguousarray(values, dtype="<i8")
    return pa.Array.from_buffers(pa.int64(), len(whole), [None, pa.py_buffer(whole)])


def rising(values: np.ndarray) -> bool:
    """True when every value is greater than the one before it."""
    return bool((values[1:] > values[:-1]).all())


def stable_order(columns: list[np.ndarray]) -> np.ndarray:
    """Row numbers such that the columns, the first one foremost, are in order; ties keep their order.

    Whole numbers of neighbouring columns are packed into one as far as their ranges allow, because
    sorting one column is much faster than sorting several.
    """
    import numpy as np

    packed: list[np.ndarray] = []
    room = 0
    for column in columns:
        if column.dtype.kind not in "iu" or not len(column):
            packed.append(column)
            room = 0
            continue
        low, high = int(column.min()), int(column.max())
        width = high - low + 1
        if width >= 2**62:
            packed.append(column)
            room = 0
        elif room and room * width < 2**62:
            packed[-1] = packed[-1] * width + (column.astype("i8") - low)
            room *= width
        else:
            packed.append(column.astype("i8") - low)
            room = width
    if len(packed) == 1:
        return (
            np.arange(len(packed[0])) if rising(packed[0]) else np.argsort(packed[0], kind="stable")
        )
    return np.lexsort(packed[::-1])


def _dtype(kind: pa.DataType) -> np.dtype:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_floating(kind):
        return np.dtype(f"<f{kind.bit_width // 8}")
    sign = "u" if pa.types.is_unsigned_integer(kind) else "i"
    return np.dtype(f"<{sign}{kind.bit_width // 8}")
