"""The bytes of an online row, and of its key.

A row is ``<u16 columns><null bits><fixed part><text part>``, little endian: every fixed-width value,
then a 4-byte length for each variable one, then the variable bytes one after the other. Encoding is
done a column at a time in Arrow; decoding is one `struct` call a row, so a lookup imports nothing heavy.
Columns are only ever added at the end, so a row written before an addition is still readable.

A key is the primary key in feature order, encoded such that comparing bytes compares values. The
online table is kept in that order.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import struct
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from hopsworks.local import feature_types
from hopsworks.local.arrow_numbers import column_of, flags, numbers, stable_order
from hopsworks.local.row_reader import FIXED_CODES, RowReader

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_NUMPY = {"b": "<i1", "h": "<i2", "i": "<i4", "q": "<i8", "f": "<f4", "d": "<f8", "B": "<u1"}
_SIGN = 1 << 63
_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_MICROS = dt.timedelta(microseconds=1)


class KeyValueError(ValueError):
    """A key value that cannot be a value of its column."""


class RowCodec:
    """Encodes and decodes the rows of one online table.

    Parameters:
        columns: ``(name, offline type text)`` in feature order.
    """

    __slots__ = ("_all", "_columns", "_fixed", "_types", "_variable", "columns")

    def __init__(self, columns: list[tuple[str, str]]):
        self._columns = columns
        self.columns = [name for name, _ in columns]
        self._types = [feature_types.parse(text) for _, text in columns]
        self._fixed = [
            (i, FIXED_CODES[t.kind]) for i, t in enumerate(self._types) if t.kind in FIXED_CODES
        ]
        self._variable = [i for i, t in enumerate(self._types) if t.kind not in FIXED_CODES]
        self._all = self.reader([(i, i) for i in range(len(self.columns))])

    def reader(self, places: list[tuple[int, int]]) -> RowReader:
        """A reader of some columns.

        Parameters:
            places: pairs of column position and place in the list that the reader fills.
        """
        return RowReader(self._types, places)

    def decode(self, row: bytes) -> list[Any]:
        """The values of a row in column order, in the form of the online REST service."""
        values: list[Any] = [None] * len(self.columns)
        self._all.fill(row, values)
        return values

    def decode_all(self, rows: list[bytes]) -> pa.Table:
        """Decodes many rows at once, into the stored Arrow types."""
        import pyarrow as pa

        types = [feature_types.arrow_type(t) for t in self._types]
        counts = [row[0] | row[1] << 8 for row in rows]
        if all(count == len(self.columns) for count in counts):
            return pa.table(self._decode_alike(rows, types), names=self.columns)
        # Some rows were written before a feature was appended: each kind is read on its own.
        parts, order = [], []
        for count in sorted(set(counts)):
            own = [i for i, c in enumerate(counts) if c == count]
            older = RowCodec(self._columns[:count])
            part = older.decode_all([rows[i] for i in own])
            for name, kind in zip(self.columns[count:], types[count:], strict=True):
                part = part.append_column(name, pa.nulls(len(own), kind))
            parts.append(part)
            order += own
        back = sorted(range(len(order)), key=order.__getitem__)
        return pa.concat_tables(parts).take(pa.array(back, pa.int64())).combine_chunks()

    def _decode_alike(self, rows: list[bytes], types: list[pa.DataType]) -> list[pa.Array]:
        """Decodes rows that have all columns, a column at a time."""
        import numpy as np
        import pyarrow as pa

        record_type = self._record_type()
        head = record_type.itemsize
        record = np.frombuffer(b"".join([row[:head] for row in rows]), record_type)
        arrays: list[Any] = [None] * len(self.columns)
        null_bits = np.unpackbits(record["nulls"], axis=1, bitorder="little")
        for i, _ in self._fixed:
            values, null = record[f"f{i}"], null_bits[:, i].astype(bool)
            arrays[i] = _fixed_column(values, null, types[i])
        if self._variable:
            lengths = np.stack([record[f"l{i}"] for i in self._variable], axis=1).reshape(-1)
            offsets = np.concatenate([np.zeros(1, "<i8"), np.cumsum(lengths, dtype="<i8")])
            data = pa.py_buffer(b"".join([row[head:] for row in rows]))
            texts = pa.Array.from_buffers(
                pa.large_binary(), len(lengths), [None, pa.py_buffer(offsets), data]
            )
            step = len(self._variable)
            for k, i in enumerate(self._variable):
                own = texts.take(column_of(np.arange(k, len(lengths), step)))
                arrays[i] = _variable_column(
                    own, null_bits[:, i].astype(bool), self._types[i], types[i]
                )
        return arrays

    def _record_type(self) -> np.dtype:
        """The fixed part of a row of all columns as a numpy record."""
        import numpy as np

        fields: list[Any] = [("columns", "<u2"), ("nulls", "u1", ((len(self.columns) + 7) // 8,))]
        fields += [(f"f{i}", _NUMPY[code]) for i, code in self._fixed]
        fields += [(f"l{i}", "<u4") for i in self._variable]
        return np.dtype(fields)

    def encode(self, table: pa.Table) -> pa.Array:
        """Encodes every row of a table whose columns are stored types in column order."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        rows, count = table.num_rows, len(self.columns)
        record = np.zeros(rows, dtype=self._record_type())
        record["columns"] = count
        for i in range(count):
            column = table.column(i)
            if column.null_count:
                null = flags(column.is_null())
                record["nulls"][:, i // 8] |= null.astype("u1") << np.uint8(i % 8)
        for i, code in self._fixed:
            record[f"f{i}"] = _fixed_values(table.column(i), self._types[i].kind, _NUMPY[code])
        texts = []
        for i in self._variable:
            text = _variable_bytes(table.column(i), self._types[i].kind)
            record[f"l{i}"] = numbers(pc.binary_length(text))
            texts.append(text)
        head = _binary_column(record.view("u1").reshape(rows, record.itemsize))
        return pc.binary_join_element_wise(head, *texts, pa.scalar(b"")) if texts else head


def _binary_column(matrix: np.ndarray) -> pa.Array:
    """One binary value a row of a byte matrix, without copying the bytes twice."""
    import numpy as np
    import pyarrow as pa

    rows, width = matrix.shape
    if rows * width < 2**31 - 1:
        offsets = (
            np.arange(0, (rows + 1) * width, width, dtype="<i4")
            if width
            else np.zeros(rows + 1, "<i4")
        )
        kind = pa.binary()
    else:
        offsets, kind = np.arange(0, (rows + 1) * width, width, dtype="<i8"), pa.large_binary()
    return pa.Array.from_buffers(
        kind, rows, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix))]
    )


def _fixed_values(column: pa.ChunkedArray, kind: str, code: str) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in ("timestamp", "date"):
        column = column.cast(pa.int64() if kind == "timestamp" else pa.int32())
    elif kind == "boolean":
        column = column.cast(pa.uint8())
    if column.null_count:
        column = pc.fill_null(column, 0)
    return numbers(column).astype(code, copy=False)


def _fixed_column(values: np.ndarray, null: np.ndarray, kind: pa.DataType) -> pa.Array:
    """A number column as an Arrow column of its stored type."""
    import numpy as np
    import pyarrow as pa

    validity = pa.py_buffer(np.packbits(~null, bitorder="little")) if null.any() else None
    if pa.types.is_boolean(kind):
        data = np.packbits(values.astype(bool), bitorder="little")
    else:
        data = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [validity, pa.py_buffer(data)])


def _variable_column(
    texts: pa.Array, null: np.ndarray, feature_type: feature_types.FeatureType, kind: pa.DataType
) -> pa.Array:
    """A column of variable length as an Arrow column of its stored type."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if null.any():
        texts = pc.if_else(column_of(null), pa.scalar(None, texts.type), texts)
    if feature_type.kind in ("string", "binary"):
        return texts.cast(kind)
    values = [None if t is None else _variable_value(feature_type, t) for t in texts.to_pylist()]
    return _arrow_values(values, kind)


def _arrow_values(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Python values as an Arrow column; maps come as dicts."""
    import pyarrow as pa

    if pa.types.is_map(kind):
        values = [None if v is None else list(v.items()) for v in values]
    return pa.array(values, kind)


def _variable_bytes(column: pa.ChunkedArray, kind: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    if kind in ("string", "binary"):
        array = array.cast(pa.binary())
    elif kind == "decimal":
        array = array.cast(pa.string()).cast(pa.binary())
    else:
        texts = [
            None
            if v is None
            else json.dumps(v, default=_json_value, separators=(",", ":")).encode()
            for v in array.to_pylist(maps_as_pydicts="lossy")
        ]
        array = pa.array(texts, pa.binary())
    return pc.fill_null(array, b"") if array.null_count else array


def _json_value(value: Any) -> Any:
    """Values inside arrays, maps and structs for which JSON has no form of its own."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _variable_value(feature_type: feature_types.FeatureType, data: bytes) -> Any:
    """A decimal, array, map or struct in Python's own form."""
    if feature_type.kind == "decimal":
        return Decimal(data.decode("ascii"))
    return _native_value(feature_type, json.loads(data))


def _native_value(feature_type: feature_types.FeatureType, value: Any) -> Any:
    """A value read from JSON in the Python form of its type, which matters inside complex types."""
    kind, inner = feature_type.kind, feature_type.children
    if value is None:
        return None
    if kind == "array":
        return [_native_value(inner[0], v) for v in value]
    if kind == "map":
        return {_native_value(inner[0], k): _native_value(inner[1], v) for k, v in value.items()}
    if kind == "struct":
        return {
            n: _native_value(t, value.get(n))
            for n, t in zip(feature_type.names, inner, strict=True)
        }
    if kind == "timestamp":
        return dt.datetime.fromisoformat(value)
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "binary":
        return base64.b64decode(value)
    if kind == "decimal":
        return Decimal(value)
    return int(value) if feature_type.integral else value


class KeyCodec:
    """Encodes primary keys so that the order of bytes is the order of values.

    Parameters:
        columns: ``(name, offline type text)`` of the primary key, in feature order.
    """

    __slots__ = ("_encoders", "_kinds", "columns")

    def __init__(self, columns: list[tuple[str, str]]):
        self.columns = [name for name, _ in columns]
        self._kinds = [feature_types.parse(text).kind for _, text in columns]
        self._encoders = [_KEY_ENCODERS.get(k) or partial(_key_part, k) for k in self._kinds]

    def encode_one(self, values: list[Any]) -> bytes:
        """The key of one row; raises `KeyValueError` for a value that its column cannot hold."""
        try:
            return b"".join(
                [encode(value) for encode, value in zip(self._encoders, values, strict=True)]
            )
        except (ValueError, TypeError, OverflowError, InvalidOperation):
            raise self._wrong(values) from None

    def _wrong(self, values: list[Any]) -> KeyValueError:
        """The error that names the first value that its column cannot hold."""
        for name, kind, encode, value in zip(
            self.columns, self._kinds, self._encoders, values, strict=True
        ):
            try:
                encode(value)
            except (ValueError, TypeError, OverflowError, InvalidOperation):
                return KeyValueError(f"'{value}' is not a value of '{name}' ({kind})")
        return KeyValueError("the key has too few or too many values")

    def encode(self, table: pa.Table) -> pa.Array:
        """The keys of a table whose columns are the key's columns in order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        parts = [_key_column(table.column(i), kind) for i, kind in enumerate(self._kinds)]
        return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, pa.scalar(b""))

    def order(self, table: pa.Table, *last: np.ndarray) -> np.ndarray:
        """Row numbers in key order; rows of one key are ordered by the `last` columns, then as given."""
        columns = [_sort_codes(table.column(i), kind) for i, kind in enumerate(self._kinds)]
        return stable_order([*columns, *last])

    def starts(self, table: pa.Table) -> np.ndarray:
        """For a table in key order: True where a row's key differs from that of the row before."""
        import numpy as np

        starts = np.zeros(table.num_rows, dtype=bool)
        starts[:1] = True
        for i, kind in enumerate(self._kinds):
            codes = _sort_codes(table.column(i), kind)
            starts[1:] |= codes[1:] != codes[:-1]
        return starts


def _key_part(kind: str, value: Any) -> bytes:
    if value is None:
        raise ValueError("a key value may not be null")
    if kind in ("tinyint", "smallint", "int", "bigint", "boolean", "date", "timestamp"):
        return (_key_number(kind, value) + _SIGN).to_bytes(8, "big")
    if kind in ("float", "double"):
        number = struct.unpack(">Q", struct.pack(">d", float(value) + 0.0))[0]
        return ((number ^ 0xFFFFFFFFFFFFFFFF) if number & _SIGN else number | _SIGN).to_bytes(
            8, "big"
        )
    if kind == "binary":
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
    elif kind == "decimal":
        data = format(Decimal(str(value)).normalize(), "f").encode()
    elif kind == "string":
        if not isinstance(value, str):
            raise TypeError("text is wanted")
        data = value.encode()
    else:
        data = json.dumps(value, default=_json_value, separators=(",", ":")).encode()
    return data.replace(b"\0", b"\0\xff") + b"\0"


def _text_key(value: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    data = value.encode()
    return data.replace(b"\0", b"\0\xff") + b"\0" if b"\0" in data else data + b"\0"


def _whole_key(value: Any) -> bytes:
    number = value if type(value) is int else _whole(value)
    return (number + _SIGN).to_bytes(8, "big")


_KEY_ENCODERS = {
    "string": _text_key,
    "tinyint": _whole_key,
    "smallint": _whole_key,
    "int": _whole_key,
    "bigint": _whole_key,
}


def _key_number(kind: str, value: Any) -> int:
    if kind == "timestamp":
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value)
        if isinstance(value, dt.datetime):
            if value.tzinfo is not None:
                value = value.astimezone(dt.UTC).replace(tzinfo=None)
            return (value - _EPOCH) // _MICROS
        return _whole(value) * 1000
    if kind == "date":
        if isinstance(value, str):
            value = dt.date.fromisoformat(value[:10])
        if isinstance(value, dt.date):
            return value.toordinal() - _EPOCH_DAY
        # A number is the epoch time in milliseconds, as a datetime is sent.
        return _whole(value) // 86_400_000
    return _whole(value)


def _whole(value: Any) -> int:
    if value is None or isinstance(value, str) or value != int(value):
        raise ValueError("a whole number is wanted")
    return int(value)


def _key_column(column: pa.ChunkedArray, kind: str) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in ("tinyint", "smallint", "int", "bigint", "boolean", "date", "timestamp"):
        codes = _sort_codes(column, kind).view("u8") ^ np.uint64(_SIGN)
        return _binary_column(codes.astype(">u8").view("u1").reshape(-1, 8))
    if kind in ("string", "binary"):
        data = _variable_bytes(column, kind)
        if pc.any(pc.match_substring(data, b"\0")).as_py():
            data = pc.replace_substring(data, b"\0", b"\0\xff")
        return pc.binary_join_element_wise(data, pa.scalar(b""), pa.scalar(b"\0"))
    return pa.array([_key_part(kind, value) for value in column.to_pylist()], pa.binary())


def _sort_codes(column: pa.ChunkedArray, kind: str) -> np.ndarray:
    """Numbers that order and compare like the column's values."""
    import numpy as np
    import pyarrow as pa

    if kind in ("tinyint", "smallint", "int", "bigint", "boolean", "date", "timestamp"):
        if kind == "date":
            column = column.cast(pa.int32())
        elif kind == "boolean":
            column = column.cast(pa.uint8())
        return numbers(column.cast(pa.int64()))
    if kind in ("float", "double"):
        return numbers(column)
    if kind in ("string", "binary"):
        array = _variable_bytes(column, kind)
    else:
        array = pa.array([_key_part(kind, value) for value in column.to_pylist()], pa.binary())
    coded = array.dictionary_encode()
    words = np.array(coded.dictionary.to_pylist(), dtype=object)
    rank = np.empty(len(words), dtype="i8")
    rank[np.argsort(words, kind="stable")] = np.arange(len(words))
    return rank[numbers(coded.indices)]
