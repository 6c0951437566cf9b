"""The part of JSON Schema that tag schemas are made of: types, properties, lists, choices and limits.

A schema with any other keyword is refused as a whole, since values could not be held against it.
"""

from __future__ import annotations

import math
import re
from typing import Any

_ANNOTATIONS = frozenset(
    ("$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated")
)
# Keyword -> the type that its value must have.
_KEYWORDS: dict[str, Any] = {
    "type": (str, list),
    "enum": list,
    "const": object,
    "properties": dict,
    "required": list,
    "additionalProperties": (bool, dict),
    "items": dict,
    "minItems": int,
    "maxItems": int,
    "uniqueItems": bool,
    "minLength": int,
    "maxLength": int,
    "pattern": str,
    "minimum": (int, float),
    "maximum": (int, float),
}
_CLASSES: dict[str, type] = {
    "null": type(None),
    "boolean": bool,
    "object": dict,
    "array": list,
    "number": int,
    "integer": int,
    "string": str,
}
_DEPTH = 32


class SchemaError(Exception):
    """The schema itself is at fault."""


class UnsupportedKeyword(Exception):
    """The schema is sound and says something that is not checked here."""


def check_schema(schema: Any, path: str = "$", depth: int = 0) -> None:
    """Raise :class:`SchemaError` or :class:`UnsupportedKeyword` for a schema that cannot be used."""
    if not isinstance(schema, dict):
        raise SchemaError(f"{path} must be an object")
    if depth > _DEPTH:
        raise SchemaError(f"{path} is nested more than {_DEPTH} levels deep")
    for keyword, value in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        if keyword not in _KEYWORDS:
            raise UnsupportedKeyword(
                f"The embedded server does not check the keyword {keyword!r} at {path}; it knows "
                f"{', '.join(_KEYWORDS)}."
            )
        expected = _KEYWORDS[keyword]
        if not isinstance(value, expected) or (
            isinstance(value, bool) and expected in (int, (int, float))
        ):
            raise SchemaError(f"{path}.{keyword} has a value of the wrong type")
    _check_words(schema, path)
    for name, part in schema.get("properties", {}).items():
        check_schema(part, f"{path}.{name}", depth + 1)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            check_schema(schema[keyword], f"{path}.{keyword}", depth + 1)


def _check_words(schema: dict[str, Any], path: str) -> None:
    kinds = schema.get("type", [])
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _CLASSES:
            raise SchemaError(f"{path}.type is {kind!r}; it must be one of {', '.join(_CLASSES)}")
    if not all(isinstance(name, str) for name in schema.get("required", [])):
        raise SchemaError(f"{path}.required must list names")
    try:
        re.compile(schema.get("pattern", ""))
    except re.error as error:
        raise SchemaError(f"{path}.pattern is no regular expression: {error}") from None


def faults(schema: dict[str, Any], value: Any, path: str = "$") -> list[str]:
    """What a checked schema finds wrong with a value; empty when it is allowed."""
    kinds = schema.get("type")
    if kinds is not None:
        wanted = kinds if isinstance(kinds, list) else [kinds]
        if not any(_is(value, kind) for kind in wanted):
            return [f"{path} must be of type {' or '.join(wanted)}"]
    found = []
    if "enum" in schema and not any(_same(value, choice) for choice in schema["enum"]):
        found.append(f"{path} must be one of {schema['enum']}")
    if "const" in schema and not _same(value, schema["const"]):
        found.append(f"{path} must be {schema['const']!r}")
    if isinstance(value, dict):
        found += _object_faults(schema, value, path)
    elif isinstance(value, list):
        found += _array_faults(schema, value, path)
    elif isinstance(value, str):
        found += _limit_faults(schema, "Length", len(value), f"the length of {path}")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{path} must match {schema['pattern']!r}")
    elif _is(value, "number"):
        found += _limit_faults(schema, "imum", value, path)
    return found


def _object_faults(schema: dict[str, Any], value: dict[str, Any], path: str) -> list[str]:
    found = [f"{path} needs {name!r}" for name in schema.get("required", []) if name not in value]
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, member in value.items():
        if name in properties:
            found += faults(properties[name], member, f"{path}.{name}")
        elif others is False:
            found.append(f"{path} has no {name!r}")
        elif isinstance(others, dict):
            found += faults(others, member, f"{path}.{name}")
    return found


def _array_faults(schema: dict[str, Any], value: list[Any], path: str) -> list[str]:
    found = _limit_faults(schema, "Items", len(value), f"the number of entries of {path}")
    if schema.get("uniqueItems") and any(
        _same(entry, other) for n, entry in enumerate(value) for other in value[:n]
    ):
        found.append(f"{path} must not hold an entry twice")
    if "items" in schema:
        for number, entry in enumerate(value):
            found += faults(schema["items"], entry, f"{path}[{number}]")
    return found


def _limit_faults(schema: dict[str, Any], ending: str, number: float, what: str) -> list[str]:
    found = []
    if number < schema.get(f"min{ending}", -math.inf):
        found.append(f"{what} must be at least {schema[f'min{ending}']}")
    if number > schema.get(f"max{ending}", math.inf):
        found.append(f"{what} must be at most {schema[f'max{ending}']}")
    return found


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float):
        return kind == "number" or (kind == "integer" and value.is_integer())
    return isinstance(value, _CLASSES[kind])


def _same(value: Any, other: Any) -> bool:
    # In JSON, true is not 1.
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return bool(value == other)
