"""One tensor of a tensor schema."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Tensor:
    """A tensor: its type and shape, and what is known of its name and meaning.

    Parameters:
        type: Type of the values; kept as text.
        shape: Shape, with None for a free dimension; kept as text.
        name: Name of the tensor, None when it has none.
        description: What the tensor holds, None when nothing is said.
    """

    def __init__(self, type: Any, shape: Any, name: Any = None, description: Any = None) -> None:
        self.type = str(type)
        self.shape = str(shape)
        if name is not None:
            self.name = str(name)
        if description is not None:
            self.description = str(description)

    def __repr__(self):
        return f"Tensor({getattr(self, 'name', None)!r}, {self.type!r}, {self.shape})"
