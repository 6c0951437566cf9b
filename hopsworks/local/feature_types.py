"""The type language of features and its counterparts.

An offline type is Hive text (``bigint``, ``array<double>``, ``struct<a:int>``). This module parses
it and says which Arrow, online (MySQL) and Avro type belongs to it. Parsing needs nothing but the
standard library; pyarrow is imported only where an Arrow type is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

_SIMPLE = frozenset(
    [
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "float",
        "double",
        "boolean",
        "string",
        "timestamp",
        "date",
        "binary",
    ]
)
_INTEGRAL = frozenset(["tinyint", "smallint", "int", "bigint"])
_COMPLEX = ("array", "map", "struct", "uniontype")
_ONLINE_AS_IS = (
    "int",
    "tinyint",
    "smallint",
    "bigint",
    "float",
    "double",
    "decimal",
    "date",
    "timestamp",
)
_ONLINE_KEY = ("int", "tinyint", "smallint", "bigint", "varchar", "varbinary", "date")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class FeatureTypeError(ValueError):
    """A type text that this store does not know or cannot read."""

    def __init__(self, text: str, reason: str, malformed: bool = False):
        super().__init__(f"type '{text}': {reason}")
        self.malformed = malformed


@dataclass(frozen=True)
class FeatureType:
    """A parsed offline type.

    Parameters:
        kind: one of the simple type names, ``decimal``, ``array``, ``map`` or ``struct``.
        precision: digits in all, decimals only.
        scale: digits after the point, decimals only.
        names: field names, structs only.
        children: element, key and value, or field types.
    """

    kind: str
    precision: int = 0
    scale: int = 0
    names: tuple[str, ...] = ()
    children: tuple[FeatureType, ...] = ()

    @property
    def complex(self) -> bool:
        """True for arrays, maps and structs."""
        return self.kind in _COMPLEX

    @property
    def integral(self) -> bool:
        """True for whole numbers."""
        return self.kind in _INTEGRAL

    def __str__(self) -> str:
        if self.kind == "decimal":
            return f"decimal({self.precision},{self.scale})"
        if self.kind == "array":
            return f"array<{self.children[0]}>"
        if self.kind == "map":
            return f"map<{self.children[0]},{self.children[1]}>"
        if self.kind == "struct":
            fields = ",".join(f"{n}:{t}" for n, t in zip(self.names, self.children, strict=True))
            return f"struct<{fields}>"
        return self.kind


def parse(text: str) -> FeatureType:
    """Reads a Hive type text; raises `FeatureTypeError` for text that is not one."""
    compact = re.sub(r"\s+", "", str(text or "")).lower()
    found, end = _parse(compact, 0, text)
    if end != len(compact):
        raise FeatureTypeError(text, f"unexpected '{compact[end:]}' at its end", malformed=True)
    return found


def _parse(text: str, at: int, whole: str) -> tuple[FeatureType, int]:
    match = _NAME.match(text, at)
    if match is None:
        raise FeatureTypeError(whole, "a type name is missing", malformed=True)
    kind, at = match.group(), match.end()
    if kind in _SIMPLE:
        return FeatureType(kind), at
    if kind == "decimal":
        sizes = re.compile(r"\((\d+),(-?\d+)\)").match(text, at)
        if sizes is None:
            return FeatureType("decimal", 10, 0), at
        return FeatureType("decimal", int(sizes.group(1)), int(sizes.group(2))), sizes.end()
    if kind not in ("array", "map", "struct"):
        raise FeatureTypeError(whole, f"'{kind}' is not a feature type")
    if text[at : at + 1] != "<":
        raise FeatureTypeError(whole, f"'<' is missing after '{kind}'", malformed=True)
    names, children = [], []
    at += 1
    while True:
        if kind == "struct":
            field = _NAME.match(text, at)
            if field is None or text[field.end() : field.end() + 1] != ":":
                raise FeatureTypeError(whole, "a struct field is written name:type", malformed=True)
            names.append(field.group())
            at = field.end() + 1
        child, at = _parse(text, at, whole)
        children.append(child)
        mark = text[at : at + 1]
        at += 1
        if mark == ">":
            break
        if mark != ",":
            raise FeatureTypeError(whole, f"'>' is missing after '{kind}'", malformed=True)
    wanted = {"array": 1, "map": 2}.get(kind)
    if wanted is not None and len(children) != wanted:
        raise FeatureTypeError(whole, f"'{kind}' takes {wanted} type(s)", malformed=True)
    return FeatureType(kind, names=tuple(names), children=tuple(children)), at


def is_complex(text: str) -> bool:
    """True when the type text names an array, map, struct or union."""
    return str(text or "").strip().lower().startswith(_COMPLEX)


def same_type(left: str, right: str) -> bool:
    """Compares two type texts as the insert check does: case and spaces do not count."""
    a, b = (re.sub(r"\s+", "", str(t or "")).lower() for t in (left, right))
    return a == b or (a.startswith("struct") and b.startswith("struct"))


def arrow_type(kind: FeatureType) -> pyarrow.DataType:
    """The Arrow type in which columns of this type are stored."""
    import pyarrow as pa

    simple = {
        "string": pa.string, "bigint": pa.int64, "int": pa.int32, "smallint": pa.int16,
        "tinyint": pa.int8, "float": pa.float32, "double": pa.float64, "boolean": pa.bool_,
        "date": pa.date32, "binary": pa.binary,
    }  # fmt: skip
    if kind.kind in simple:
        return simple[kind.kind]()
    if kind.kind == "timestamp":
        return pa.timestamp("us")
    if kind.kind == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    inner = [arrow_type(child) for child in kind.children]
    if kind.kind == "array":
        return pa.list_(inner[0])
    if kind.kind == "map":
        return pa.map_(inner[0], inner[1])
    return pa.struct([pa.field(n, t) for n, t in zip(kind.names, inner, strict=True)])


def offline_type(arrow: pyarrow.DataType) -> str | None:
    """The offline type text of an Arrow type; None for an all-null column or an unknown type."""
    import pyarrow.types as pt

    if pt.is_dictionary(arrow):
        return "string" if _is_text(arrow.value_type) else None
    if (
        pt.is_uint8(arrow)
        or pt.is_uint16(arrow)
        or pt.is_int8(arrow)
        or pt.is_int16(arrow)
        or pt.is_int32(arrow)
    ):
        return "int"
    if pt.is_uint32(arrow) or pt.is_int64(arrow):
        return "bigint"
    if pt.is_float16(arrow) or pt.is_float32(arrow):
        return "float"
    if pt.is_float64(arrow):
        return "double"
    if pt.is_boolean(arrow):
        return "boolean"
    if pt.is_timestamp(arrow):
        return "timestamp"
    if pt.is_date(arrow):
        return "date"
    if _is_text(arrow):
        return "string"
    if pt.is_binary(arrow) or pt.is_large_binary(arrow) or pt.is_binary_view(arrow):
        return "binary"
    if pt.is_decimal128(arrow) or pt.is_decimal256(arrow):
        return f"decimal({arrow.precision},{arrow.scale})"
    if (
        pt.is_list(arrow)
        or pt.is_large_list(arrow)
        or pt.is_fixed_size_list(arrow)
        or pt.is_list_view(arrow)
    ):
        inner = offline_type(arrow.value_type)
        return inner and f"array<{inner}>"
    if pt.is_map(arrow):
        key, item = offline_type(arrow.key_type), offline_type(arrow.item_type)
        return f"map<{key},{item}>" if key and item else None
    if pt.is_struct(arrow):
        fields = [
            (arrow.field(i).name, offline_type(arrow.field(i).type))
            for i in range(arrow.num_fields)
        ]
        return (
            None
            if any(t is None for _, t in fields)
            else "struct<" + ",".join(f"{n}:{t}" for n, t in fields) + ">"
        )
    return None


def _is_text(arrow: pyarrow.DataType) -> bool:
    import pyarrow.types as pt

    return pt.is_string(arrow) or pt.is_large_string(arrow) or pt.is_string_view(arrow)


def online_type(offline: str, declared: str | None = None) -> str:
    """The online (MySQL) type of a feature; a declared one wins."""
    if declared:
        return declared.lower()
    text = offline.strip().lower()
    if text.startswith(_ONLINE_AS_IS):
        return text
    if text == "boolean":
        return "tinyint"
    return "varchar(100)" if text == "string" else "varbinary(100)"


def online_type_fits(offline: str, online: str) -> bool:
    """True when values of the offline type can be kept in the online type."""
    off, on = offline.strip().lower(), online.strip().lower()
    if off == on:
        return True
    if off == "int":
        return on in ("tinyint", "smallint")
    if off == "boolean":
        return on == "tinyint"
    if off == "string":
        return on.startswith("varchar") or on in ("text", "mediumtext", "longtext")
    if is_complex(off) or off == "binary":
        return on.startswith("varbinary") or on in ("blob", "mediumblob", "longblob")
    return False


def online_type_is_key(online: str) -> bool:
    """True when a column of this online type may be part of the primary key."""
    return online.strip().lower().startswith(_ONLINE_KEY)


def online_size(online: str) -> int:
    """Estimated bytes of a value of an online type, as used for the row and key limits."""
    text = online.strip().lower()
    length = re.search(r"\((\d+)", text)
    size = int(length.group(1)) if length else 0
    if text.startswith("varchar"):
        return size if "latin1" in text else 4 * size
    if text.startswith("varbinary"):
        return round(1.4 * size)
    for prefixes, width in (
        (("tinyint",), 1), (("smallint",), 2), (("int", "float"), 4), (("bigint", "double"), 8),
        (("decimal",), 16), (("blob", "text", "mediumblob", "mediumtext", "longblob", "longtext"), 256),
    ):  # fmt: skip
        if text.startswith(prefixes):
            return width
    return 8


def avro_schema(name: str, project: str, features: list[dict[str, Any]]) -> dict[str, Any]:
    """The Avro record that messages of a feature group follow, fields in feature order.

    Parameters:
        name: subject, ``<feature group>_<version>``.
        project: project name; the namespace is ``<project>_featurestore``.
        features: feature objects with ``name`` and ``type``.
    """
    return {
        "type": "record",
        "name": name,
        "namespace": f"{project.lower()}_featurestore",
        "fields": [
            {"name": f["name"], "type": ["null", _avro(parse(f["type"]), f["name"])]}
            for f in features
        ],
    }


def _avro(kind: FeatureType, namespace: str) -> Any:
    simple = {
        "int": "int", "smallint": "int", "tinyint": "int", "bigint": "long", "float": "float",
        "double": "double", "boolean": "boolean", "string": "string", "binary": "bytes",
    }  # fmt: skip
    if kind.kind in simple:
        return simple[kind.kind]
    if kind.kind == "date":
        return {"type": "int", "logicalType": "date"}
    if kind.kind == "timestamp":
        return {"type": "long", "logicalType": "timestamp-micros"}
    if kind.kind == "decimal":
        return {
            "type": "bytes",
            "logicalType": "decimal",
            "precision": kind.precision,
            "scale": kind.scale,
        }
    if kind.kind == "array":
        return {"type": "array", "items": ["null", _avro(kind.children[0], namespace)]}
    if kind.kind == "map":
        if kind.children[0].kind != "string":
            raise FeatureTypeError(str(kind), "the key of a map must be a string")
        return {"type": "map", "values": ["null", _avro(kind.children[1], namespace)]}
    import zlib

    # A struct type needs a name that two processes agree on, so it is derived from the type text.
    record = f"r{zlib.crc32(str(kind).encode())}"
    return {
        "type": "record",
        "name": record,
        "namespace": namespace,
        "fields": [
            {"name": n, "type": ["null", _avro(t, f"{namespace}.{record}")]}
            for n, t in zip(kind.names, kind.children, strict=True)
        ],
    }
