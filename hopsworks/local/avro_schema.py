"""Avro schemas: parsed with all that the specification forbids, and whether one can read what another wrote."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_PRIMITIVES = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_ORDERS = ("ascending", "descending", "ignore")
_RANGES = {"int": 2**31, "long": 2**63}

# What a reader of the type on the left makes of data that was written as one of those on the right.
_PROMOTIONS = {
    "long": ("int",),
    "float": ("int", "long"),
    "double": ("int", "long", "float"),
    "string": ("bytes",),
    "bytes": ("string",),
}


class AvroError(ValueError):
    """A text is no Avro schema; the message says where and why."""


class Field(NamedTuple):
    """A field of a record."""

    name: str
    type: AvroType
    aliases: frozenset[str]
    has_default: bool


class AvroType:
    """One type of a schema.

    Attributes:
        kind: name of a primitive type, or record, enum, array, map, fixed, union.
        name: full name of a record, enum or fixed.
        aliases: full names under which a record, enum or fixed was known before.
        fields: those of a record.
        symbols: those of an enum.
        has_default: whether an enum has a symbol for those it does not know.
        branches: the types of a union; the type of the items of an array or of the values of a map.
        size: bytes of a fixed.
    """

    __slots__ = ("aliases", "branches", "fields", "has_default", "kind", "name", "size", "symbols")

    def __init__(self, kind: str, name: str = "", aliases: frozenset[str] = frozenset()) -> None:
        self.kind = kind
        self.name = name
        self.aliases = aliases
        self.fields: list[Field] = []
        self.symbols: list[str] = []
        self.has_default = False
        self.branches: list[AvroType] = []
        self.size = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


def parse(text: str) -> AvroType:
    """Parse the text of a schema.

    Raises:
        AvroError: it is no schema.
    """
    try:
        value = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise AvroError(f"it is no JSON: {error}") from None
    return _Parser().schema(value)


def canonical(text: str) -> str:
    """A text that two texts of one schema have in common, whatever their blanks and the order of their keys."""
    return json.dumps(json.loads(text), sort_keys=True)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


# ---------------------------------------------------------------------------------------------------- parsing


class _Parser:
    def __init__(self) -> None:
        self._named: dict[str, AvroType] = {}
        # A default may be of a type that is still being read, so all of them are looked at in the end.
        self._defaults: list[tuple[str, AvroType, Any]] = []

    def schema(self, value: Any) -> AvroType:
        found = self._type(value, "")
        for place, kind, default in self._defaults:
            if not _is_value(kind, default):
                raise AvroError(f"the default of {place}, {json.dumps(default)}, is no {kind}")
        return found

    def _type(self, value: Any, namespace: str) -> AvroType:
        if isinstance(value, str):
            return self._by_name(value, namespace)
        if isinstance(value, list):
            return self._union(value, namespace)
        if not isinstance(value, dict):
            raise AvroError(f"a type is text, a list or an object, not {json.dumps(value)}")
        kind = value.get("type")
        if not isinstance(kind, str):
            raise AvroError(f"the 'type' of {_shown(value)} is missing or no text")
        if kind in ("record", "error"):
            return self._record(value, namespace)
        if kind == "enum":
            return self._enum(value, namespace)
        if kind == "fixed":
            return self._fixed(value, namespace)
        if kind in ("array", "map"):
            member = "items" if kind == "array" else "values"
            if member not in value:
                raise AvroError(f"the {kind} {_shown(value)} has no {member!r}")
            made = AvroType(kind)
            made.branches = [self._type(value[member], namespace)]
            return made
        return self._by_name(kind, namespace)

    def _by_name(self, name: str, namespace: str) -> AvroType:
        if name in _PRIMITIVES:
            return AvroType(name)
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full not in self._named:
            raise AvroError(f"there is no type {full!r}; a type is defined before it is named")
        return self._named[full]

    def _union(self, value: list[Any], namespace: str) -> AvroType:
        made = AvroType("union")
        made.branches = [self._type(branch, namespace) for branch in value]
        kinds = [str(branch) for branch in made.branches]
        if "union" in kinds:
            raise AvroError("a union must not hold a union itself")
        if (twice := _repeated(kinds)) is not None:
            raise AvroError(f"a union holds {twice} twice")
        return made

    def _define(self, kind: str, value: dict[str, Any], namespace: str) -> tuple[AvroType, str]:
        """A named type, known from now on, and the namespace of what is inside."""
        name = value.get("name")
        if not isinstance(name, str) or not _FULL_NAME.fullmatch(name):
            raise AvroError(
                f"the name of the {kind} {_shown(value)} is missing or not of letters, digits and '_'"
            )
        if "." in name:
            namespace = name.rpartition(".")[0]
        elif value.get("namespace") is not None:
            namespace = value["namespace"]
            if not isinstance(namespace, str) or (
                namespace and not _FULL_NAME.fullmatch(namespace)
            ):
                raise AvroError(f"the namespace of the {kind} {name!r} is no name")
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full in _PRIMITIVES:
            raise AvroError(f"a {kind} cannot be named {full!r} like a primitive type")
        if full in self._named:
            raise AvroError(f"the name {full!r} is defined twice")
        aliases = _names(value.get("aliases", []), f"the aliases of the {kind} {full!r}")
        absolute = (
            alias if "." in alias or not namespace else f"{namespace}.{alias}" for alias in aliases
        )
        made = self._named[full] = AvroType(kind, full, frozenset(absolute))
        return made, namespace

    def _record(self, value: dict[str, Any], namespace: str) -> AvroType:
        made, inside = self._define("record", value, namespace)
        fields = value.get("fields")
        if not isinstance(fields, list):
            raise AvroError(f"the 'fields' of {made} are missing or no list")
        for field in fields:
            made.fields.append(self._field(field, made, inside))
        if (twice := _repeated([field.name for field in made.fields])) is not None:
            raise AvroError(f"{made} has two fields {twice!r}")
        return made

    def _field(self, field: Any, record: AvroType, namespace: str) -> Field:
        if not isinstance(field, dict):
            raise AvroError(f"a field of {record} is no object: {json.dumps(field)}")
        name = field.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise AvroError(
                f"the name of the field {_shown(field)} of {record} is missing or not of letters, digits and '_'"
            )
        place = f"the field {name!r} of {record}"
        if "type" not in field:
            raise AvroError(f"{place} has no 'type'")
        if field.get("order", "ascending") not in _ORDERS:
            raise AvroError(f"the order of {place} is none of {', '.join(_ORDERS)}")
        kind = self._type(field["type"], namespace)
        if "default" in field:
            self._defaults.append((place, kind, field["default"]))
        aliases = _names(field.get("aliases", []), f"the aliases of {place}")
        return Field(name, kind, frozenset(aliases), "default" in field)

    def _enum(self, value: dict[str, Any], namespace: str) -> AvroType:
        made, _ = self._define("enum", value, namespace)
        made.symbols = _names(value.get("symbols"), f"the symbols of {made}", _NAME)
        if len(set(made.symbols)) != len(made.symbols):
            raise AvroError(f"{made} has a symbol twice")
        made.has_default = "default" in value
        if made.has_default and value["default"] not in made.symbols:
            raise AvroError(f"the default of {made} is none of its symbols")
        return made

    def _fixed(self, value: dict[str, Any], namespace: str) -> AvroType:
        made, _ = self._define("fixed", value, namespace)
        size = value.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise AvroError(f"the size of {made} is missing or no number of bytes")
        made.size = size
        return made


def _repeated(names: list[str]) -> str | None:
    """The first name that comes a second time, or None."""
    known: set[str] = set()
    for name in names:
        if name in known:
            return name
        known.add(name)
    return None


def _names(value: Any, what: str, shape: re.Pattern[str] = _FULL_NAME) -> list[str]:
    if not isinstance(value, list):
        raise AvroError(f"{what} are missing or no list")
    for name in value:
        if not isinstance(name, str) or not shape.fullmatch(name):
            raise AvroError(f"{what} hold {json.dumps(name)}, which is no name")
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _is_value(kind: AvroType, value: Any) -> bool:
    """Whether a JSON value stands for a value of a type, as defaults do."""
    if kind.kind == "union":
        return any(_is_value(branch, value) for branch in kind.branches)
    if kind.kind == "null":
        return value is None
    if kind.kind == "boolean":
        return isinstance(value, bool)
    if kind.kind in _RANGES:
        limit = _RANGES[kind.kind]
        return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit
    if kind.kind in ("float", "double"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind.kind == "array":
        return isinstance(value, list) and all(_is_value(kind.branches[0], v) for v in value)
    if kind.kind == "map":
        return isinstance(value, dict) and all(
            _is_value(kind.branches[0], v) for v in value.values()
        )
    if kind.kind == "record":
        return isinstance(value, dict) and all(
            _is_value(field.type, value[field.name]) if field.name in value else field.has_default
            for field in kind.fields
        )
    if not isinstance(value, str):
        return False
    if kind.kind == "enum":
        return value in kind.symbols
    if kind.kind in ("bytes", "fixed") and any(ord(letter) > 255 for letter in value):
        return False
    return kind.kind != "fixed" or len(value) == kind.size


# --------------------------------------------------------------------------------------------- compatibility


def obstacle(reader: AvroType, writer: AvroType) -> str | None:
    """Why a reader with one schema cannot read all that was written with another; None when it can.

    These are the rules of schema resolution of the Avro specification.
    """
    return _obstacle(reader, writer, set(), {})


_Pair = tuple[int, int]


def _obstacle(
    reader: AvroType, writer: AvroType, begun: set[_Pair], failed: dict[_Pair, str]
) -> str | None:
    pair = (id(reader), id(writer))
    # What has failed once fails wherever it is met; without that, unions in unions would take forever.
    if pair in failed:
        return failed[pair]
    # A type that contains itself is compared once: deeper down the answer would be the same.
    if pair in begun:
        return None
    begun.add(pair)
    reason = _compared(reader, writer, begun, failed)
    if reason is not None:
        failed[pair] = reason
    return reason


def _compared(
    reader: AvroType, writer: AvroType, begun: set[_Pair], failed: dict[_Pair, str]
) -> str | None:
    if writer.kind == "union":
        for branch in writer.branches:
            if reason := _obstacle(reader, branch, begun, failed):
                return reason
        return None
    if reader.kind == "union":
        # What is found out about a branch that does not fit must not count elsewhere.
        for branch in reader.branches:
            tried = set(begun)
            if _obstacle(branch, writer, tried, failed) is None:
                begun |= tried
                return None
        return f"no branch of the union can hold {writer}"
    if reader.kind != writer.kind:
        if writer.kind in _PROMOTIONS.get(reader.kind, ()):
            return None
        return f"{writer} cannot be read as {reader}"
    if reader.kind in ("array", "map"):
        return _obstacle(reader.branches[0], writer.branches[0], begun, failed)
    if reader.name and not _same_name(reader, writer):
        return f"{writer} cannot be read as {reader}, which has another name"
    if reader.kind == "fixed" and reader.size != writer.size:
        return f"{reader} has {reader.size} bytes instead of {writer.size}"
    if reader.kind == "enum":
        unknown = [symbol for symbol in writer.symbols if symbol not in reader.symbols]
        if unknown and not reader.has_default:
            return f"{reader} lacks the symbol {unknown[0]!r} and has no default"
        return None
    return _field_obstacle(reader, writer, begun, failed) if reader.kind == "record" else None


def _same_name(reader: AvroType, writer: AvroType) -> bool:
    # As the specification has it, namespaces need not be the same.
    return (
        reader.name.rpartition(".")[2] == writer.name.rpartition(".")[2]
        or writer.name in reader.aliases
    )


def _field_obstacle(
    reader: AvroType, writer: AvroType, begun: set[_Pair], failed: dict[_Pair, str]
) -> str | None:
    written = {field.name: field for field in writer.fields}
    for field in reader.fields:
        names = [field.name, *sorted(field.aliases)]
        found = next((written[name] for name in names if name in written), None)
        if found is None:
            if not field.has_default:
                return f"the field {field.name!r} of {reader} is new and has no default"
        elif reason := _obstacle(field.type, found.type, begun, failed):
            return f"the field {field.name!r} of {reader}: {reason}"
    return None
