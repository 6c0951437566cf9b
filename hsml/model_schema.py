"""The schema of a model: its inputs and its outputs."""

from __future__ import annotations

import json

from hsml.schema import schema_text

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.schema import Schema


class ModelSchema:
    """Schemas of the inputs and outputs of a model.

    A model that is saved with its feature view and training dataset version gets this schema by itself.

    Parameters:
        input_schema (Schema | None): Schema of the inputs.
        output_schema (Schema | None): Schema of the outputs.

    Example:
        ```python
        from hsml.model_schema import ModelSchema
        from hsml.schema import Schema

        schema = ModelSchema(Schema(features), Schema(labels))
        mr.sklearn.create_model("delays", model_schema=schema)
        ```
    """

    def __init__(
        self, input_schema: Schema | None = None, output_schema: Schema | None = None, **kwargs: Any
    ) -> None:
        # Only what is given becomes an attribute: the attributes are the JSON.
        if input_schema is not None:
            self.input_schema = input_schema
        if output_schema is not None:
            self.output_schema = output_schema

    def json(self) -> str:
        """The schema as JSON text with sorted keys, as it is stored beside the model.

        Returns:
            str: Indented JSON.
        """
        return schema_text(self)

    def to_dict(self) -> dict[str, Any]:
        """The schema as a dict.

        Returns:
            dict: ``input_schema`` and ``output_schema``, each where known.
        """
        return json.loads(self.json())

    def __repr__(self):
        kinds = [
            getattr(getattr(self, name, None), "_get_type", lambda: None)()
            for name in ("input_schema", "output_schema")
        ]
        return f"ModelSchema(input: {kinds[0]!r}, output: {kinds[1]!r})"
