"""What a request may hold: the paths, query keys and body keys that our tables and the contract list know.

The tables are ``resources/*.toml``, from which our client is made; ``contract.toml`` lists what only the official
client sends. A request with anything else is a finding: either a key is misspelt or the contract has a gap.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BASE = "/hopsworks-api/api/"


class Route(NamedTuple):
    """One kind of request that is known."""

    verb: str
    pattern: re.Pattern[str]
    query: frozenset[str]


@cache
def routes() -> list[Route]:
    """Return every known kind of request."""
    found = []
    for table in _tables():
        for row in table.get("endpoint", []):
            found.append(_route(row["verb"], row["path"], row.get("query", {})))
    for row in _listed().get("request", []):
        found.append(_route(row["verb"], row["path"], row.get("query", [])))
    return found


@cache
def body_keys() -> frozenset[str]:
    """Return every JSON key that a body may hold, at any depth."""
    keys: set[str] = set(_listed().get("body_keys", []))
    for table in _tables():
        for kind in table.get("type", []):
            keys.update(kind.get("constant", {}))
            for field in kind.get("field", []):
                keys.add(field.get("key") or _camel(field["name"]))
    return frozenset(keys)


def unknown(entry: dict[str, Any]) -> list[str]:
    """Return what is unknown about a recorded request; an empty list when nothing is."""
    where = f"{entry['method']} {entry['path']}"
    matching = [
        route
        for route in routes()
        if route.verb == entry["method"] and route.pattern.fullmatch(entry["path"])
    ]
    if not matching:
        return [f"{where}: unknown path"]
    allowed = frozenset().union(*(route.query for route in matching))
    faults = [f"{where}: unknown query key {key!r}" for key in entry["query"] if key not in allowed]
    body = entry["body"] or {}
    free = _listed().get("free_form", [])
    own = any(re.fullmatch(request, where) for request in _listed().get("free_bodies", []))
    names = set() if own else set(_keys(body.get("json"), free)) | set(body.get("form", {}))
    faults += [f"{where}: unknown body key {key!r}" for key in sorted(names - body_keys())]
    return faults


def _route(verb: str, path: str, query: Any) -> Route:
    full = path if path.startswith("/") else BASE + path
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(full))
    return Route(verb, re.compile(pattern), frozenset(query))


def _keys(value: Any, free: list[str]) -> Any:
    """Yield the keys of a JSON value, but not those below a key that holds the user's own names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in free:
                yield from _keys(inner, free)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, free)


@cache
def _tables() -> list[dict[str, Any]]:
    return [tomllib.loads(file.read_text()) for file in sorted((ROOT / "resources").glob("*.toml"))]


@cache
def _listed() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("contract.toml").read_text())


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
