"""The router: a tree of path segments.

Paths are split before they are decoded, so ``%2F`` inside a segment stays part of that segment.
A literal segment wins over a parameter; ``{name*}`` at the end takes all that is left, joined by
slashes, and also matches nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

BASE_PATH = "/hopsworks-api/api/"

Handler = Callable[..., Any]


class _Node:
    __slots__ = ("handlers", "literals", "parameter", "rest")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.rest: dict[str, tuple[Handler, tuple[str, ...]]] = {}
        self.handlers: dict[str, tuple[Handler, tuple[str, ...]]] = {}


class Router:
    """Finds the handler of a verb and a raw path."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, methods: str | tuple[str, ...] | list[str], path: str, handler: Handler) -> None:
        """Add a route; a path that does not start with a slash is below ``/hopsworks-api/api/``."""
        full = path if path.startswith("/") else BASE_PATH + path
        verbs = methods.split() if isinstance(methods, str) else methods
        node = self._root
        names: list[str] = []
        segments = full[1:].split("/")
        for position, segment in enumerate(segments):
            if segment.startswith("{") and segment.endswith("*}"):
                if position != len(segments) - 1:
                    raise ValueError(f"{segment} must be the last segment of {path}")
                names.append(segment[1:-2])
                for verb in verbs:
                    node.rest[verb] = (handler, tuple(names))
                return
            if segment.startswith("{") and segment.endswith("}"):
                names.append(segment[1:-1])
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        for verb in verbs:
            node.handlers[verb] = (handler, tuple(names))

    def find(self, method: str, raw_path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler and its decoded path parameters, or None."""
        segments = raw_path[1:].split("/")
        values: list[str] = []
        found = _match(self._root, segments, 0, method, values)
        if found is None:
            return None
        handler, names = found
        return handler, {
            name: unquote(value) if "%" in value else value
            for name, value in zip(names, values, strict=True)
        }


def _match(
    node: _Node, segments: list[str], position: int, method: str, values: list[str]
) -> tuple[Handler, tuple[str, ...]] | None:
    if position == len(segments):
        found = node.handlers.get(method)
        if found is None and (found := node.rest.get(method)) is not None:
            values.append("")
        return found
    segment = segments[position]
    child = node.literals.get(segment)
    if child is not None:
        found = _match(child, segments, position + 1, method, values)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        values.append(segment)
        found = _match(node.parameter, segments, position + 1, method, values)
        if found is not None:
            return found
        values.pop()
    found = node.rest.get(method)
    if found is not None:
        values.append("/".join(segments[position:]))
        return found
    if segment == "" and position == len(segments) - 1:
        return node.handlers.get(method)
    return None
