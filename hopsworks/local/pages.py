"""Long lists in pages: `offset` and `limit` of a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hopsworks.local.http import Request

T = TypeVar("T")


def cut(request: Request, found: Sequence[T]) -> Sequence[T]:
    """The part of a list that a request asks for.

    Args:
        request: its `offset` and `limit` choose the part; without them it is everything.
        found: all there are, in order.
    """
    first = max(request.integer("offset", 0) or 0, 0)
    limit = request.integer("limit")
    return found[first:] if limit is None else found[first : first + max(limit, 0)]


def page(
    request: Request, found: Sequence[T], describe: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """The collection that a request asks for: the number of all, and the objects of its page.

    Args:
        request: its `offset` and `limit` choose the page; without them it is everything.
        found: all there are, in order.
        describe: makes the object of one.
    """
    items = [describe(one) for one in cut(request, found)]
    return {"href": request.href, "count": len(found), **({"items": items} if items else {})}
