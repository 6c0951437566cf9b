"""Long lists in pages: `offset` and `limit` of a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hopsworks.local.http import Request


def page(
    request: Request, found: Sequence[Any], describe: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """The collection that a request asks for: the number of all, and the objects of its page.

    Args:
        request: its `offset` and `limit` choose the page; without them it is everything.
        found: all there are, in order.
        describe: makes the object of one.
    """
    first = max(request.integer("offset", 0) or 0, 0)
    limit = request.integer("limit")
    wanted = found[first:] if limit is None else found[first : first + max(limit, 0)]
    items = [describe(one) for one in wanted]
    return {"href": request.href, "count": len(found), **({"items": items} if items else {})}
