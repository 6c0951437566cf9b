"""Signatures of homer: what is inferred of data, how they compare, and the forms they travel in."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

import homer
from homer import ColSpec, ModelSignature, Schema, TensorSpec, infer_signature
from hopsworks.homer.signature import from_registry, to_registry

FRAME = pd.DataFrame(
    {
        "i": [1, 2],
        "f": np.array([0.5, 1], "float32"),
        "t": ["a", None],
        "b": pd.Series([b"x", None], dtype=object),
        "m": pd.Series(["a", 1], dtype=object),
        "l": pd.Series([[1, 2], np.arange(3)], dtype=object),
        "o": pd.Series(["a", pd.NA], dtype=object),
        "n": pd.Series([None, None], dtype=object),
        "c": pd.Categorical(["a", "b"]),
        "d": pd.to_datetime(["2026-01-01", None]).as_unit("ns"),
    }
)

INFERRED = {
    "frame": (
        FRAME,
        [
            ColSpec(kind, name)
            for name, kind in (
                ("i", "int64"), ("f", "float32"), ("t", "string"), ("b", "binary"), ("m", "object"), ("l", "object"),
                ("o", "string"), ("n", "object"), ("c", "category"), ("d", "datetime64[ns]"),
            )
        ],
    ),
    "series": (pd.Series([1, 2], name="a"), [ColSpec("int64", "a")]),
    "series without a name": (pd.Series(["x"]), [ColSpec("string")]),
    "polars": (pl.DataFrame({"a": [1], "t": ["x"]}), [ColSpec("Int64", "a"), ColSpec("String", "t")]),
    "array": (np.zeros((5, 28, 28), "float32"), [TensorSpec("float32", (-1, 28, 28))]),
    "array of one dimension": (np.arange(3), [TensorSpec("int64", (-1,))]),
    "array of text": (np.array(["a", "bc"]), [TensorSpec("string", (-1,))]),
    "array of bytes": (np.array([b"a", b"bc"]), [TensorSpec("binary", (-1,))]),
    "array of objects": (np.array(["a", None], object), [TensorSpec("string", (-1,))]),
    "dict of arrays": (
        {"x": np.zeros((2, 3)), "y": [1, 2]}, [TensorSpec("float64", (-1, 3), "x"), TensorSpec("int64", (-1,), "y")],
    ),
    "dict of scalars": (
        {"a": 1, "b": "x", "c": 0.5, "d": b"x"},
        [ColSpec("int64", "a"), ColSpec("string", "b"), ColSpec("float64", "c"), ColSpec("binary", "d")],
    ),
    "list": ([[1.0, 2.0], [3.0, 4.0]], [TensorSpec("float64", (-1, 2))]),
    "scalar": (3, [TensorSpec("int64", ())]),
    "text": ("a", [TensorSpec("string", ())]),
    "bytes": (b"a", [TensorSpec("binary", ())]),
}  # fmt: skip


@pytest.mark.parametrize("kind", INFERRED)
def test_what_is_inferred(kind):
    data, specs = INFERRED[kind]
    signature = infer_signature(data)
    assert signature == ModelSignature(Schema(specs))
    assert signature.outputs is None
    assert infer_signature([1], data).outputs == Schema(specs)
    # Both forms hold all of it.
    assert ModelSignature.from_dict(json.loads(json.dumps(signature.to_dict()))) == signature
    assert from_registry(json.loads(json.dumps(to_registry(signature)))) == signature


def test_values_compare_and_show():
    column = ColSpec("int64", "a", "how many")
    tensor = TensorSpec(np.dtype("float32"), (None, 28), name="image")
    assert tensor.shape == (-1, 28)
    assert repr(column) == "ColSpec('int64', name='a', description='how many')"
    assert repr(tensor) == "TensorSpec('float32', shape=(-1, 28), name='image')"
    assert column != ColSpec("int64", "a")
    assert ColSpec("int64") != TensorSpec("int64", ())
    assert len({column, ColSpec("int64", "a", "how many"), tensor}) == 2
    schema = Schema([column])
    assert repr(schema) == f"Schema([{column!r}])"
    assert (len(schema), schema[0], list(schema), schema.is_tensor) == (1, column, [column], False)
    signature = ModelSignature(schema, Schema([tensor]))
    assert signature == ModelSignature(Schema([column]), Schema([tensor]))
    assert hash(signature) == hash(ModelSignature(Schema([column]), Schema([tensor])))
    assert signature != ModelSignature(schema)
    assert repr(ModelSignature(schema)) == f"ModelSignature(inputs={schema!r}, outputs=None)"
    assert signature.to_dict() == {
        "inputs": [{"type": "int64", "name": "a", "description": "how many"}],
        "outputs": [{"type": "float32", "shape": [-1, 28], "name": "image", "description": None}],
    }


def test_names_that_are_numbers():
    signature = infer_signature(pd.DataFrame(np.zeros((1, 2))))
    assert [spec.name for spec in signature.inputs] == [0, 1]
    assert ModelSignature.from_dict(signature.to_dict()) == signature
    assert to_registry(signature)["input_schema"]["columnar_schema"][0]["name"] == "0"


def test_the_form_of_the_registry():
    signature = ModelSignature(
        Schema([ColSpec("int64", "age", "years"), ColSpec("object")]),
        Schema([TensorSpec("float32", (-1, 10, -1), "probs")]),
    )
    assert to_registry(signature) == {
        "input_schema": {"columnar_schema": [{"name": "age", "type": "int64", "description": "years"}, {"type": "object"}]},
        "output_schema": {"tensor_schema": [{"name": "probs", "type": "float32", "shape": "[None, 10, None]"}]},
    }  # fmt: skip


def test_what_other_clients_write():
    assert from_registry(
        {"input_schema": {"tensor_schema": {"type": "int64", "shape": "(2, 3)"}}}
    ) == ModelSignature(Schema([TensorSpec("int64", (2, 3))]))
    assert from_registry(
        {"output_schema": {"tensor_schema": [{"type": "int64", "shape": "(5,)"}]}}
    ).outputs[0].shape == (5,)
    assert from_registry({"input_schema": {"columnar_schema": []}}) is None
    assert from_registry({}) is None


REFUSED = {
    "a mixed schema": (
        lambda: Schema([ColSpec("a"), TensorSpec("b", ())]), ValueError, "columns and tensors. Pass objects of ColSpec only",
    ),
    "an empty schema": (lambda: Schema([]), ValueError, "empty. Pass at least one ColSpec"),
    "a schema of texts": (lambda: Schema(["int64"]), TypeError, "holds str. Pass objects of ColSpec"),
    "a column without type": (lambda: ColSpec(""), ValueError, "needs a type. Pass one"),
    "a description that is no text": (lambda: ColSpec("a", description=3), TypeError, "description is of type int"),
    "a shape that is text": (lambda: TensorSpec("a", "ab"), TypeError, "shape is 'ab'. Pass the dimensions"),
    "a shape that is a number": (lambda: TensorSpec("a", 3), TypeError, "shape is 3. Pass the dimensions"),
    "a shape below": (lambda: TensorSpec("a", (-2,)), ValueError, "-1, which stands for any size"),
    "a signature of lists": (lambda: ModelSignature([]), TypeError, "inputs is of type list. Pass a Schema"),
    "a signature of nothing": (ModelSignature, ValueError, "neither inputs nor outputs"),
    "an empty frame": (lambda: infer_signature(pd.DataFrame()), ValueError, "model_input is empty"),
    "an empty dict": (lambda: infer_signature({}), ValueError, "model_input is empty"),
    "columns of one name": (
        lambda: infer_signature(pd.DataFrame([[1, 2]], columns=["a", "a"])), ValueError, "several columns named 'a'",
    ),
    "lists of several lengths": (lambda: infer_signature([[1], [1, 2]]), ValueError, "different lengths"),
    "an object": (lambda: infer_signature([1], object()), TypeError, "object in model_output. Pass a DataFrame"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    make, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message.replace("(", r"\(")):
        make()
    assert homer.Schema is Schema
