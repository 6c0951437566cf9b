"""The schema of a model's inputs or outputs."""

from __future__ import annotations

import json
import sys

from hsml.utils.schema.columnar_schema import ColumnarSchema
from hsml.utils.schema.tensor_schema import TensorSchema

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Schema:
    """Schema of the inputs or of the outputs of a model.

    An array, or a list of dicts that all have a shape, makes a tensor schema; everything else a columnar one.

    Parameters:
        object: A DataFrame, a Series, a training dataset, a numpy array, or a list of dicts with ``type`` and, where
            known, ``name``, ``shape`` and ``description``.

    Raises:
        TypeError: If the object is of another type.
        ValueError: If an entry of a list has no type.

    Example:
        ```python
        from hsml.schema import Schema

        inputs = Schema([{"name": "distance", "type": "double"}, {"name": "carrier", "type": "string"}])
        outputs = Schema([{"name": "late", "type": "double", "shape": "[None, 1]"}])
        ```
    """

    def __init__(self, object: Any = None, **kwargs: Any) -> None:
        numpy = sys.modules.get("numpy")
        is_array = numpy is not None and isinstance(object, numpy.ndarray)
        if is_array or (isinstance(object, list) and all("shape" in entry for entry in object)):
            self.tensor_schema = TensorSchema(object).tensors
        else:
            self.columnar_schema = ColumnarSchema(object).columns

    def _get_type(self):
        return "tensor" if hasattr(self, "tensor_schema") else "columnar"

    def json(self) -> str:
        """The schema as JSON text with sorted keys.

        Returns:
            str: Indented JSON.
        """
        return schema_text(self)

    def to_dict(self) -> dict[str, Any]:
        """The schema as a dict.

        Returns:
            dict: ``columnar_schema`` or ``tensor_schema``.
        """
        return json.loads(self.json())

    def __repr__(self):
        return f"Schema(type: {self._get_type()!r})"


def schema_text(schema: Any) -> str:
    """JSON text of a schema object: its attributes, in sorted order.

    Parameters:
        schema: A schema, or a model schema.

    Returns:
        str: Indented JSON.
    """
    return json.dumps(schema, default=vars, sort_keys=True, indent=2)
