"""Every attribute of every resource, by its public name: read from what a server sends, and written back.

The cases follow from ``resources/*.toml``, so a new field is under test from its first day.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hopsworks import _native

ROOT = Path(__file__).parents[2]
TABLES = [tomllib.loads(path.read_text()) for path in sorted((ROOT / "resources").glob("*.toml"))]
TYPES: dict[str, dict] = {kind["name"]: kind for table in TABLES for kind in table.get("type", [])}
SCALARS: dict[str, Any] = {
    "int": 7,
    "float": 2.5,
    "str": "some text",
    "bool": True,
    "any": "anything",
    "date": "2025-01-02T03:04:05.000Z",
    "epoch": 1_735_689_600_000,
}


METHODS = ("from_response_json", "update_from_response_json", "to_dict", "json")


class Case(NamedTuple):
    """One field of one type."""

    kind: str
    field: dict


def fields_of(name: str) -> dict[str, dict]:
    """The fields of a type with those that it takes over from another."""
    kind = TYPES[name]
    taken = fields_of(kind["extends"]) if "extends" in kind else {}
    dropped = kind.get("omit", ())
    snake = kind.get("keys") == "snake"
    own = {
        field["name"]: {"key": field["name"], **field} if snake else field
        for field in kind.get("field", [])
    }
    return {key: value for key, value in {**taken, **own}.items() if key not in dropped}


def key_of(field: dict) -> str:
    first, *others = field["name"].split("_")
    return field.get("key", first + "".join(word.capitalize() for word in others))


def is_native(kind: str, name: str) -> bool:
    """Whether an attribute or method is the table's own, not one of the Python class."""
    for base in python_class(kind).__mro__:
        if name in vars(base):
            entry = vars(base)[name]
            return not isinstance(entry, property) and not hasattr(
                getattr(entry, "__func__", entry), "__code__"
            )
    return False


def python_class(kind: str) -> type:
    """The class that decoding yields."""
    place = TYPES[kind].get("python")
    if place is None:
        return getattr(_native, kind)
    module, _, name = place.partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


def public_name(kind: str) -> str:
    cls = python_class(kind)
    return f"{cls.__module__}.{cls.__qualname__}"


def kinds() -> Iterator[str]:
    """The types that are read and written by their table alone; tests of hsml have the others."""
    for kind, table in TYPES.items():
        if not table.get("abstract") and all(is_native(kind, method) for method in METHODS):
            yield kind


def cases() -> Iterator[Any]:
    for kind in kinds():
        for field in fields_of(kind).values():
            travels = field.get("access", "rw") != "w" and key_of(field)
            if not travels or field["name"].startswith("_") or not is_native(kind, field["name"]):
                continue
            if field["kind"] == "date" and hasattr(python_class(kind), "_after_decode"):
                continue  # the class makes a datetime of it
            if field["kind"] in (*SCALARS, "list:str", "list:any", "map:any", "map:str", "json"):
                yield pytest.param(Case(kind, field), id=f"{public_name(kind)}.{field['name']}")


def sample(kind: str) -> Any:
    """A value of a kind, as it stands in JSON."""
    if kind in SCALARS:
        return SCALARS[kind]
    return {
        "list:str": ["one", "two"],
        "list:any": [{"name": "one"}],
        "map:any": {"someKey": 1},
        "map:str": {"someKey": "one"},
        "json": json.dumps({"someKey": 1}),
    }[kind]


def smallest(kind: str) -> dict:
    """The least that a server sends for a type: its required plain fields."""
    return {
        key_of(field): sample(field["kind"])
        for field in fields_of(kind).values()
        if field.get("required") and field["kind"] in SCALARS and key_of(field)
    }


def of_every_type(method: str) -> Any:
    """Run a test for every type, under the public name of its method."""
    given = [pytest.param(kind, id=f"{public_name(kind)}.{method}") for kind in kinds()]
    return pytest.mark.parametrize("kind", given)


@pytest.mark.parametrize("case", list(cases()))
def test_a_field_is_read_and_written_back(case: Case) -> None:
    kind, field = case
    given = sample(field["kind"])
    made = python_class(kind).from_response_json({**smallest(kind), key_of(field): given})
    expected = json.loads(given) if field["kind"] == "json" else given
    assert getattr(made, field["name"]) == expected
    if field.get("send", "set") != "never" and field["kind"] != "json":
        assert json.loads(made.json())[key_of(field)] == given


@of_every_type("from_response_json")
def test_the_answer_of_a_server_becomes_an_object(kind: str) -> None:
    cls = python_class(kind)
    for body in (smallest(kind), json.dumps(smallest(kind)), json.dumps(smallest(kind)).encode()):
        made = cls.from_response_json(body)
        assert type(made) is cls
        for field in fields_of(kind).values():
            if key_of(field) in smallest(kind) and is_native(kind, field["name"]):
                assert getattr(made, field["name"]) == sample(field["kind"])


@of_every_type("to_dict")
def test_an_object_becomes_what_is_sent(kind: str) -> None:
    made = python_class(kind).from_response_json({**smallest(kind), "keyOfANewerServer": [1]})
    sent = made.to_dict()
    assert sent["keyOfANewerServer"] == [1], "nothing that a newer server sent is lost"
    for field in fields_of(kind).values():
        if field.get("send") == "always" and key_of(field):
            assert key_of(field) in sent


@of_every_type("json")
def test_the_text_says_the_same_as_the_dict(kind: str) -> None:
    made = python_class(kind).from_response_json(smallest(kind))
    assert json.loads(made.json()) == json.loads(json.dumps(made.to_dict()))


@of_every_type("update_from_response_json")
def test_an_object_takes_over_a_later_answer(kind: str) -> None:
    made = python_class(kind).from_response_json(smallest(kind))
    changed = 0
    for field in fields_of(kind).values():
        if field["kind"] == "str" and key_of(field) and field.get("access", "rw") != "w":
            if not is_native(kind, field["name"]):
                continue
            updated = made.update_from_response_json({**smallest(kind), key_of(field): "later"})
            assert updated is made
            assert getattr(made, field["name"]) == "later"
            changed += 1
    assert changed or not any(field["kind"] == "str" for field in fields_of(kind).values())
