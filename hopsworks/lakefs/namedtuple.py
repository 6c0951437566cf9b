"""Values with named fields that take more than they know."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class LenientNamedTuple:
    """Base of values whose fields are the annotations of the class.

    They are made with keywords only. Every field must be given; keywords that are no field go to ``unknown``. After
    that nothing can be assigned.

    Raises:
        TypeError: If fields are missing.

    Example:
        ```python
        from hopsworks.lakefs.namedtuple import LenientNamedTuple

        class Point(LenientNamedTuple):
            x: int
            y: int

        point = Point(x=1, y=2, color="red")
        assert point.x == 1 and point.unknown == {"color": "red"}
        ```
    """

    __slots__ = ()

    def __init__(self, **kwargs: Any) -> None:
        fields = field_names(type(self))
        missing = [name for name in fields if name not in kwargs]
        if missing:
            raise TypeError(
                f"{type(self).__name__}() is missing {len(missing)} fields: {', '.join(missing)}"
            )
        known = {name: kwargs.pop(name) for name in fields}
        self._fill(known, kwargs)

    def _fill(self, fields: dict[str, Any], unknown: dict[str, Any]) -> None:
        self.__dict__.update(fields, _unknown=unknown)

    @property
    def unknown(self) -> dict[str, Any]:
        """Keywords that are no field."""
        return self.__dict__.get("_unknown", {})

    def __setattr__(self, name: str, value: Any) -> None:
        # A class of a user may set fields of its own before it calls ours.
        if "_unknown" in getattr(self, "__dict__", {"_unknown": None}):
            raise AttributeError(f"{type(self).__name__}.{name} cannot be assigned")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, n) == getattr(other, n) for n in field_names(type(self)))

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return str({name: getattr(self, name) for name in field_names(type(self))})

    def __repr__(self) -> str:
        name = type(self).__name__
        if "id" in field_names(type(self)):
            return f'{name}(id="{self.id}")'  # type: ignore[attr-defined]
        return f"{name}()"


def field_names(cls: type) -> list[str]:
    """The fields of a class, those of its bases first.

    Parameters:
        cls: A class that extends :class:`LenientNamedTuple`.

    Returns:
        Names of the annotations.
    """
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        if base is not object and issubclass(base, LenientNamedTuple):
            names.update(dict.fromkeys(getattr(base, "__annotations__", ())))
    return list(names)
