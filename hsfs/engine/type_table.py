"""The one table of data types: Arrow types of incoming frames and the offline types of features.

`offline_type` is used when features are inferred from a frame, `arrow_type` when a table is made from features and when
columns are brought to their stored form. pandas and polars frames come here as Arrow schemas, so both follow this table.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine.optional_packages import require

if TYPE_CHECKING:
    import pyarrow as pa

# The Arrow type's own name, and the offline type that a feature of it gets.
OFFLINE_TYPE_OF_ARROW = {
    "uint8": "int",
    "uint16": "int",
    "int8": "int",
    "int16": "int",
    "int32": "int",
    "uint32": "bigint",
    "int64": "bigint",
    "halffloat": "float",
    "float": "float",
    "double": "double",
    "bool": "boolean",
    "date32[day]": "date",
    "date64[ms]": "date",
    "string": "string",
    "large_string": "string",
    "string_view": "string",
    "binary": "binary",
    "large_binary": "binary",
    "binary_view": "binary",
}

# The offline type, and the name of the pyarrow factory of the type that it is stored as.
ARROW_FACTORY_OF_OFFLINE = {
    "string": "string",
    "bigint": "int64",
    "int": "int32",
    "smallint": "int16",
    "tinyint": "int8",
    "float": "float32",
    "double": "float64",
    "boolean": "bool_",
    "date": "date32",
    "binary": "binary",
}

COMPLEX_PREFIXES = ("map", "array", "struct", "uniontype")


def is_complex(offline: str | None) -> bool:
    """Whether an offline type is an array, map, struct or union."""
    return offline is not None and offline.lower().startswith(COMPLEX_PREFIXES)


def offline_type(arrow: pa.DataType) -> str:
    """The offline type of a column of an Arrow type.

    Parameters:
        arrow: The Arrow type.

    Returns:
        The offline type, such as `bigint` or `array<double>`.

    Raises:
        ValueError: No offline type can hold the values.
    """
    pa = require("pyarrow", "to infer the types of features")
    types = pa.types
    simple = OFFLINE_TYPE_OF_ARROW.get(str(arrow))
    if simple is not None:
        return simple
    if types.is_timestamp(arrow):
        return "timestamp"
    if types.is_decimal128(arrow) or types.is_decimal256(arrow):
        return f"decimal({arrow.precision},{arrow.scale})"
    if types.is_list(arrow) or types.is_large_list(arrow):
        return f"array<{offline_type(arrow.value_type)}>"
    if types.is_map(arrow):
        return f"map<{offline_type(arrow.key_type)},{offline_type(arrow.item_type)}>"
    if types.is_struct(arrow):
        inner = (arrow.field(i) for i in range(arrow.num_fields))
        return "struct<" + ",".join(f"{f.name}:{offline_type(f.type)}" for f in inner) + ">"
    if types.is_dictionary(arrow) and OFFLINE_TYPE_OF_ARROW.get(str(arrow.value_type)) == "string":
        return "string"
    raise ValueError(f"dtype '{arrow}' not supported")


@lru_cache(maxsize=1024)
def arrow_type(offline: str) -> pa.DataType:
    """The Arrow type in which a feature of an offline type is stored.

    Parameters:
        offline: The offline type; upper case and surrounding spaces do not matter.

    Returns:
        The Arrow type; timestamps have microseconds and no zone.

    Raises:
        hopsworks.client.exceptions.FeatureStoreException: The type is not known.
    """
    pa = require("pyarrow", "to convert types of features")
    text = offline.strip().lower()
    factory = ARROW_FACTORY_OF_OFFLINE.get(text)
    if factory is not None:
        return getattr(pa, factory)()
    if text == "timestamp":
        return pa.timestamp("us")
    if text.startswith("decimal"):
        return _decimal(pa, text)
    if text.endswith(">"):
        if text.startswith("array<"):
            return pa.list_(arrow_type(text[6:-1]))
        if text.startswith("map<"):
            parts = _split_outside_brackets(text[4:-1], ",")
            if len(parts) == 2:
                return pa.map_(arrow_type(parts[0]), arrow_type(parts[1]))
        if text.startswith("struct<"):
            fields = []
            for part in _split_outside_brackets(text[7:-1], ","):
                name, colon, inner = part.partition(":")
                if not colon:
                    raise FeatureStoreException(
                        f"The type {offline!r} is not well formed: {part!r} has no colon after its name."
                    )
                fields.append(pa.field(name.strip(), arrow_type(inner), nullable=True))
            return pa.struct(fields)
    raise FeatureStoreException(
        f"The offline type {offline!r} is not known. Use one of {', '.join(sorted(ARROW_FACTORY_OF_OFFLINE))}, timestamp, "
        "decimal(p,s), array<…>, map<…,…> or struct<name:type,…>."
    )


def _decimal(pa: Any, text: str) -> pa.DataType:
    numbers = text[len("decimal") :].strip()
    if not numbers:
        return pa.decimal128(10, 0)
    try:
        precision, scale = (int(number) for number in numbers.strip("()").split(","))
        return pa.decimal128(precision, scale)
    except ValueError as cause:
        raise FeatureStoreException(
            f"The type {text!r} is not well formed; write it as decimal(10,2)."
        ) from cause


def _split_outside_brackets(text: str, separator: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "<(":
            depth += 1
        elif character in ">)":
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return parts
