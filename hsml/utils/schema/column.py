"""One column of a columnar schema."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Column:
    """A column: its type, and what is known of its name and meaning.

    Parameters:
        type: Type of the values; kept as text.
        name: Name of the column, None when it has none.
        description: What the column holds, None when nothing is said.
    """

    def __init__(self, type: Any, name: Any = None, description: Any = None) -> None:
        # Only what is given becomes an attribute: the attributes are the JSON.
        self.type = str(type)
        if name is not None:
            self.name = str(name)
        if description is not None:
            self.description = str(description)

    def __repr__(self):
        return f"Column({getattr(self, 'name', None)!r}, {self.type!r})"
