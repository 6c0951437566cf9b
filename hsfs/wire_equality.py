"""Equality of metadata objects: two are equal when they say the same to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


class WireEquality:
    """Compares objects by their form on the wire, so caches and connections do not count.

    Comparing field by field would not do: features inside answer `==` with a filter.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        name: Any
        featurestore_id: Any
        to_dict: Any

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return bool(self.to_dict() == other.to_dict())

    def __hash__(self) -> int:
        # Both stay as they are when the object is saved; versions and identifiers do not.
        return hash((self.featurestore_id, self.name))
