"""Signatures: what goes into a model and what comes out of it."""

from __future__ import annotations

import operator
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable
    from typing import Any


class _Spec:
    """What column and tensor specifications share: values that compare, and that travel as a dict."""

    __slots__ = ("description", "name", "type")

    _FIELDS: tuple[str, ...] = ("type", "name", "description")

    def __init__(self, type: Any, name: Any, description: str | None) -> None:
        text = str(type) if type is not None else ""
        if not text:
            raise ValueError("A column or tensor needs a type. Pass one, for example 'float64'.")
        if description is not None and not isinstance(description, str):
            raise TypeError(
                f"description is of type {description.__class__.__name__}. Pass a text."
            )
        self.type = text
        self.name = name if name is None or isinstance(name, (str, int)) else str(name)
        self.description = description

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON holds them.

        Returns:
            dict: Value by name.
        """
        return {field: getattr(self, field) for field in self._FIELDS}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.type, self.name, self.description))

    def __repr__(self) -> str:
        shown = [repr(self.type)]
        shown += [
            f"{field}={getattr(self, field)!r}"
            for field in self._FIELDS[1:]
            if getattr(self, field) is not None
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class ColSpec(_Spec):
    """One column.

    Parameters:
        type (str): Its type, for example ``"int64"``, ``"string"`` or ``"binary"``.
        name (str | None): Its name.
        description (str | None): What it holds.

    Raises:
        ValueError: If there is no type.

    Example:
        ```python
        import homer

        homer.Schema([homer.ColSpec("float64", "distance"), homer.ColSpec("string", "carrier")])
        ```
    """

    __slots__ = ()

    def __init__(self, type: Any, name: Any = None, description: str | None = None) -> None:
        super().__init__(type, name, description)


class TensorSpec(_Spec):
    """One tensor.

    Parameters:
        type (str): Type of its elements, for example ``"float32"``.
        shape: Its dimensions; -1 (or None) for one whose size varies.
        name (str | None): Its name.
        description (str | None): What it holds.

    Raises:
        ValueError: If there is no type, or a dimension is below -1.
        TypeError: If the shape is no sequence of whole numbers.

    Example:
        ```python
        import homer

        homer.TensorSpec("float32", (-1, 28, 28), name="image")
        ```
    """

    __slots__ = ("shape",)

    _FIELDS = ("type", "shape", "name", "description")

    def __init__(
        self,
        type: Any,
        shape: Iterable[int | None],
        name: Any = None,
        description: str | None = None,
    ) -> None:
        super().__init__(type, name, description)
        try:
            self.shape = tuple(-1 if size is None else operator.index(size) for size in shape)
        except TypeError:
            raise TypeError(
                f"shape is {shape!r}. Pass the dimensions as whole numbers, for example (-1, 28, 28)."
            ) from None
        if any(size < -1 for size in self.shape):
            raise ValueError(
                f"shape is {shape!r}. A dimension is -1, which stands for any size, or at least 0."
            )

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON holds them.

        Returns:
            dict: Value by name.
        """
        return {**super().to_dict(), "shape": list(self.shape)}


class Schema(tuple):
    """The columns, or the tensors, of an input or an output: a sequence that does not change.

    Parameters:
        specs: Objects of :class:`ColSpec`, or of :class:`TensorSpec`, never both.

    Raises:
        TypeError: If something else is among them.
        ValueError: If both are, or there is none.

    Example:
        ```python
        import homer

        schema = homer.Schema([homer.ColSpec("float64", "distance")])
        assert schema[0].name == "distance"
        ```
    """

    __slots__ = ()

    def __new__(cls, specs: Iterable[ColSpec | TensorSpec]) -> Schema:
        made = super().__new__(cls, specs)
        for spec in made:
            if not isinstance(spec, (ColSpec, TensorSpec)):
                raise TypeError(
                    f"A schema holds {type(spec).__name__}. Pass objects of ColSpec or of TensorSpec."
                )
        if not made:
            raise ValueError("A schema is empty. Pass at least one ColSpec or TensorSpec.")
        if len({type(spec) for spec in made}) > 1:
            raise ValueError(
                "A schema holds columns and tensors. Pass objects of ColSpec only, or of TensorSpec only."
            )
        return made

    @property
    def is_tensor(self) -> bool:
        """Whether it describes tensors, not columns."""
        return isinstance(self[0], TensorSpec)

    def to_dict(self) -> list[dict[str, Any]]:
        """The specifications as JSON holds them.

        Returns:
            list[dict]: One dict a column or tensor.
        """
        return [spec.to_dict() for spec in self]

    @classmethod
    def from_dict(cls, specs: list[dict[str, Any]]) -> Schema:
        """Read what :meth:`to_dict` has written.

        Parameters:
            specs (list[dict]): One dict a column or tensor; those with ``shape`` are tensors.

        Returns:
            Schema: The schema.
        """
        return cls((TensorSpec if "shape" in spec else ColSpec)(**spec) for spec in specs)

    def __repr__(self) -> str:
        return f"Schema({list(self)!r})"


class ModelSignature:
    """What goes into a model and what comes out of it.

    Parameters:
        inputs (Schema | None): Schema of the inputs.
        outputs (Schema | None): Schema of the outputs.

    Raises:
        TypeError: If one of them is no schema.
        ValueError: If both are missing.

    Example:
        ```python
        import homer

        signature = homer.ModelSignature(
            inputs=homer.Schema([homer.ColSpec("float64", "distance")]),
            outputs=homer.Schema([homer.TensorSpec("float32", (-1, 2))]),
        )
        ```
    """

    __slots__ = ("inputs", "outputs")

    def __init__(self, inputs: Schema | None = None, outputs: Schema | None = None) -> None:
        for what, schema in (("inputs", inputs), ("outputs", outputs)):
            if schema is not None and not isinstance(schema, Schema):
                raise TypeError(
                    f"{what} is of type {type(schema).__name__}. Pass a Schema, or use infer_signature()."
                )
        if inputs is None and outputs is None:
            raise ValueError("A signature has neither inputs nor outputs. Pass at least one.")
        self.inputs = inputs
        self.outputs = outputs

    def to_dict(self) -> dict[str, Any]:
        """The signature as JSON holds it.

        Returns:
            dict: ``inputs`` and ``outputs``: a list of dicts each, or None.
        """
        return {
            "inputs": None if self.inputs is None else self.inputs.to_dict(),
            "outputs": None if self.outputs is None else self.outputs.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelSignature:
        """Read what :meth:`to_dict` has written.

        Parameters:
            values (dict): ``inputs`` and ``outputs``.

        Returns:
            ModelSignature: The signature.
        """
        inputs, outputs = (values.get(what) for what in ("inputs", "outputs"))
        return cls(
            None if inputs is None else Schema.from_dict(inputs),
            None if outputs is None else Schema.from_dict(outputs),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelSignature) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.inputs, self.outputs))

    def __repr__(self) -> str:
        return f"ModelSignature(inputs={self.inputs!r}, outputs={self.outputs!r})"


# --- inference ----------------------------------------------------------------------------------------------------


def infer_signature(model_input: Any, model_output: Any = None) -> ModelSignature:
    """Infer a signature from example data.

    Parameters:
        model_input: Inputs: a DataFrame or Series of pandas or polars, a numpy array, a dict of arrays, a list or a
            scalar. The first dimension of an array counts as one whose size varies.
        model_output: Outputs that belong to them, likewise; None leaves them out.

    Returns:
        ModelSignature: The signature.

    Raises:
        TypeError: If no schema can be made of the data.
        ValueError: If the data is empty, or a list of lists has rows of different lengths.
        ModuleNotFoundError: If numpy is needed and not installed.

    Example:
        ```python
        import homer
        import numpy as np

        signature = homer.infer_signature(np.zeros((5, 4)), np.zeros(5))
        assert signature.inputs[0].shape == (-1, 4)
        ```
    """
    return ModelSignature(
        _inferred(model_input, "model_input"),
        None if model_output is None else _inferred(model_output, "model_output"),
    )


def checked_signature(signature: Any) -> ModelSignature | None:
    """The signature that a user gave.

    Parameters:
        signature: A signature, a pair of input and output data, or None.

    Returns:
        ModelSignature | None: The signature.

    Raises:
        TypeError: If it is something else.
    """
    if signature is None or isinstance(signature, ModelSignature):
        return signature
    if isinstance(signature, tuple) and len(signature) == 2:
        return infer_signature(*signature)
    raise TypeError(
        f"signature is of type {type(signature).__name__}. Pass a ModelSignature, or a pair (input data, output data)."
    )


def _inferred(data: Any, argument: str) -> Schema:
    # Only a library that the program has loaded can have made the data.
    for name in ("pandas", "polars"):
        library = sys.modules.get(name)
        if library is None:
            continue
        if isinstance(data, library.DataFrame):
            columns = [(name, data[name]) for name in data.columns] if len(data.columns) else []
            _refuse_duplicates([name for name, _ in columns], argument)
            return _schema(
                [ColSpec(_column_type(column), name) for name, column in columns], argument
            )
        if isinstance(data, library.Series):
            named = data.name if data.name not in (None, "") else None
            return Schema([ColSpec(_column_type(data), named)])
    if isinstance(data, dict):
        if all(_is_scalar(value) for value in data.values()):
            specs: list[Any] = [
                ColSpec(_tensor(value, argument).type, name) for name, value in data.items()
            ]
        else:
            specs = [_tensor(value, argument, name) for name, value in data.items()]
        return _schema(specs, argument)
    return Schema([_tensor(data, argument)])


def _schema(specs, argument):
    if not specs:
        raise ValueError(f"{argument} is empty. Pass at least one column or array.")
    return Schema(specs)


def _refuse_duplicates(names, argument):
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{argument} has several columns named {name!r}. Give each its own.")


def _is_scalar(value):
    return isinstance(value, (str, bytes, bool, int, float)) or (
        hasattr(value, "dtype") and getattr(value, "shape", None) == ()
    )


def _column_type(column):
    """Name of the type of a column; of a column of objects, that of all its values."""
    name = str(column.dtype)
    if name == "str":  # what pandas 3 makes of text
        return "string"
    if name not in ("object", "Object"):
        return name
    values = [value for value in column if not _is_missing(value)]
    for kind, found in ((str, "string"), (bytes, "binary")):
        if values and all(isinstance(value, kind) for value in values):
            return found
    return "object"


def _is_missing(value):
    # The marks of pandas compare with nothing, itself included.
    kinds = ("NoneType", "NAType", "NaTType")
    return type(value).__name__ in kinds or (isinstance(value, float) and value != value)


def _tensor(value, argument, name=None):
    from hopsworks.homer.input_example import numpy_module

    numpy = numpy_module()
    if isinstance(value, numpy.ndarray) or hasattr(value, "__array__"):
        array = numpy.asarray(value)
    elif isinstance(value, (list, tuple)) or _is_scalar(value):
        try:
            array = numpy.asarray(value)
        except ValueError:
            raise ValueError(
                f"{argument} holds lists of different lengths, which make no array. Pad them, or pass a Schema."
            ) from None
    else:
        raise TypeError(
            f"No schema can be made of a {type(value).__name__} in {argument}. Pass a DataFrame, a Series, an array, a "
            "dict of arrays, a list or a scalar."
        )
    shape = (-1, *array.shape[1:]) if array.ndim else ()
    return TensorSpec(_array_type(array), shape, name)


def _array_type(array):
    kind = array.dtype.kind
    if kind == "O":
        return _column_type(array.ravel())
    return {"U": "string", "S": "binary"}.get(kind) or str(array.dtype)


# --- the form of the registry -------------------------------------------------------------------------------------


def to_registry(signature: ModelSignature) -> dict[str, Any]:
    """A signature as ``model_schema.json`` holds it, which every client reads: lists of texts.

    Parameters:
        signature (ModelSignature): The signature.

    Returns:
        dict: ``input_schema`` and ``output_schema``, each where known.
    """
    found = {}
    for key, schema in (("input_schema", signature.inputs), ("output_schema", signature.outputs)):
        if schema is not None:
            kind = "tensor_schema" if schema.is_tensor else "columnar_schema"
            found[key] = {kind: [_registry_entry(spec) for spec in schema]}
    return found


def _registry_entry(spec):
    entry = {
        key: str(value)
        for key, value in (
            ("name", spec.name),
            ("type", spec.type),
            ("description", spec.description),
        )
        if value is not None
    }
    if isinstance(spec, TensorSpec):
        entry["shape"] = str([None if size == -1 else size for size in spec.shape])
    return entry


def from_registry(values: Any) -> ModelSignature | None:
    """The signature in a ``model_schema.json`` of any client.

    Parameters:
        values (dict): What the file holds.

    Returns:
        ModelSignature | None: The signature; None when it describes nothing.
    """
    schemas = [_registry_schema(values.get(key)) for key in ("input_schema", "output_schema")]
    return ModelSignature(*schemas) if any(schema is not None for schema in schemas) else None


def _registry_schema(values):
    values = values or {}
    tensors, columns = values.get("tensor_schema"), values.get("columnar_schema")
    if isinstance(tensors, dict):  # of one array
        tensors = [tensors]
    if tensors:
        return Schema(
            TensorSpec(t["type"], _shape(t["shape"]), t.get("name"), t.get("description"))
            for t in tensors
        )
    if columns:
        return Schema(ColSpec(c["type"], c.get("name"), c.get("description")) for c in columns)
    return None


def _shape(text):
    import ast

    shape = ast.literal_eval(text) if isinstance(text, str) else text
    return shape if isinstance(shape, (list, tuple)) else (shape,)
