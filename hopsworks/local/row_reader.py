"""Reads chosen columns of encoded online rows, as the online REST service shows them.

This is the hot path of a feature vector: what depends on the row's layout only is worked out once,
and a row costs one `struct` call and one pass over the wanted columns.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import struct
import sys
from collections.abc import Callable
from typing import Any

from hopsworks.local.feature_types import FeatureType

# The struct code of each type whose values have a fixed width.
FIXED_CODES = {
    "tinyint": "b", "smallint": "h", "int": "i", "bigint": "q", "float": "f", "double": "d",
    "boolean": "B", "date": "i", "timestamp": "q",
}  # fmt: skip

_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_LARGEST = sys.float_info.max


def timestamp_text(micros: int) -> str:
    """Microseconds since the epoch as text in UTC."""
    return (_EPOCH + dt.timedelta(microseconds=micros)).isoformat(" ")


def date_text(days: int) -> str:
    """Days since the epoch as text."""
    return dt.date.fromordinal(days + _EPOCH_DAY).isoformat()


def shortest_float32(value: float) -> float:
    """The shortest decimal that is this 32-bit number, so 0.1 is not shown as 0.10000000149."""
    if not -_LARGEST <= value <= _LARGEST or value == 0:
        return value
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", short))[0] == value:
            return short
    return value


def _finite(value: float) -> float | None:
    return value if -_LARGEST <= value <= _LARGEST else None


def _text(data: bytes) -> str:
    return data.decode("utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# How values of a type are shown; a type that is not here is shown as it is, or as JSON.
_SHOWN_FIXED: dict[str, Callable[[Any], Any]] = {
    "timestamp": timestamp_text,
    "date": date_text,
    "float": lambda value: _finite(shortest_float32(value)),
    "double": _finite,
}
_SHOWN_VARIABLE: dict[str, Callable[[bytes], Any]] = {
    "string": _text,
    "decimal": _text,
    "binary": _base64,
}


class RowReader:
    """Puts chosen columns of a row into places of a list.

    Parameters:
        types: the type of every column, in column order.
        places: pairs of column position and place in the list.
    """

    __slots__ = ("_places", "_plans", "_types")

    def __init__(self, types: list[FeatureType], places: list[tuple[int, int]]):
        self._types = types
        self._places = dict(places)
        self._plans: dict[int, Any] = {}

    def _plan(self, count: int) -> tuple[Any, ...]:
        """What to do with a row of the first `count` columns; rows written earlier have fewer."""
        codes, plain, shown = "", [], []
        fixed = [i for i in range(count) if self._types[i].kind in FIXED_CODES]
        variable = [i for i in range(count) if self._types[i].kind not in FIXED_CODES]
        for at, i in enumerate(fixed, 1):
            kind, place = self._types[i].kind, self._places.get(i)
            codes += FIXED_CODES[kind]
            if place is None:
                continue
            if kind in _SHOWN_FIXED:
                shown.append((at, place, _SHOWN_FIXED[kind]))
            else:
                plain.append((at, place))
        texts = [
            (
                len(fixed) + k,
                self._places.get(i),
                1 << i,
                _SHOWN_VARIABLE.get(self._types[i].kind, json.loads),
            )
            for k, i in enumerate(variable, 1)
        ]
        while texts and texts[-1][1] is None:
            texts.pop()
        nulls = [(1 << i, place) for i, place in self._places.items() if i < count]
        mask = sum(bit for bit, _ in nulls)
        form = struct.Struct(f"<2x{(count + 7) // 8}s{codes}{'I' * len(variable)}")
        plan = (form.unpack_from, form.size, plain, shown, texts, nulls, mask)
        self._plans[count] = plan
        return plan

    def fill(self, row: bytes, values: list[Any]) -> None:
        """Reads a row into a list; places of columns that the row does not have are left alone."""
        count = row[0] | row[1] << 8
        unpack, offset, plain, shown, texts, nulls, mask = self._plans.get(count) or self._plan(
            count
        )
        parts = unpack(row)
        null = int.from_bytes(parts[0], "little") & mask
        for at, place in plain:
            values[place] = parts[at]
        for at, place, show in shown:
            values[place] = show(parts[at])
        for at, place, bit, show in texts:
            end = offset + parts[at]
            if place is not None and not null & bit:
                values[place] = show(row[offset:end])
            offset = end
        if null:
            for bit, place in nulls:
                if null & bit:
                    values[place] = None
