"""Answers that hold one thing or many."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any


def one_or_all(read: Callable[[Any, Any], Any], json_dict: Any, scope: Any) -> Any:
    """Make objects of an answer: a collection, which has a `count`, or one thing.

    Parameters:
        read: Makes one object of its JSON and a scope.
        json_dict: The decoded answer.
        scope: Where the requests of the objects go.

    Returns:
        The object, or a list for a collection.
    """
    if "count" in json_dict:
        return [read(item, scope) for item in json_dict.get("items") or ()]
    return read(json_dict, scope)
