"""Tensor schemas: from numpy arrays or plain descriptions."""

from __future__ import annotations

import sys

from hsml.utils.schema.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class TensorSchema:
    """Tensors of an object.

    Parameters:
        tensor_obj: A numpy array (one tensor), or a list of dicts with ``type``, ``shape`` and, where known, ``name``
            and ``description``.

    Raises:
        TypeError: If the object is of another type.
        ValueError: If a dict of the list has no type or no shape.
    """

    def __init__(self, tensor_obj: Any = None) -> None:
        numpy = sys.modules.get("numpy")
        self.tensors: Tensor | list[Tensor]
        if isinstance(tensor_obj, list):
            self.tensors = [_tensor(entry) for entry in tensor_obj]
        elif numpy is not None and isinstance(tensor_obj, numpy.ndarray):
            self.tensors = Tensor(tensor_obj.dtype, tensor_obj.shape)
        else:
            raise TypeError(
                f"No tensor schema can be made of a {type(tensor_obj).__name__}. Pass a numpy array or a list of dicts "
                "with 'type' and 'shape'."
            )


def _tensor(entry):
    for key in ("type", "shape"):
        if key not in entry:
            raise ValueError(
                f"The schema entry {entry!r} has no '{key}'. Give each tensor a type and a shape."
            )
    return Tensor(
        entry["type"], entry["shape"], name=entry.get("name"), description=entry.get("description")
    )
