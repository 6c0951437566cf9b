"""Models of homer opened by the official client and by ours, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Side

SCRIPT = Path(__file__).with_name("scripts") / "homer_models.py"
FRAMEWORKS = {
    "python_function": "python",
    "sklearn": "sklearn",
    "pytorch": "torch",
    "tensorflow": "tensorflow",
}
MAIN_FILES = {
    "python_function": "model.bin",
    "sklearn": "model.pkl",
    "pytorch": "model.pt",
    "tensorflow": "saved_model.pb",
}
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    side = Side(tmp_path_factory.mktemp("homer"))
    yield side
    side.close()


def files(name: str) -> dict[str, str]:
    main = MAIN_FILES[name]
    return {main: f"{main} of {name}", "weights/w.bin": f"weights/w.bin of {name}"}


@pytest.fixture(scope="module")
def written(side: Side) -> dict:
    return side.run("ours", "homer_write", script=SCRIPT).found


@pytest.mark.parametrize("client", ["official", "ours"])
def test_a_model_of_homer_opens_with_hopsworks(side: Side, written: dict, client: str) -> None:
    assert written == {**dict.fromkeys(FRAMEWORKS, 1), "replaced": {"AUC": 0.75}}
    found = side.run(client, "read", script=SCRIPT).found
    schema = {
        "input_schema": {
            "columnar_schema": [
                {"name": "distance", "type": "float64"},
                {"name": "carrier", "type": "string"},
                {"name": "seats", "type": "int64"},
            ]
        },
        "output_schema": {"tensor_schema": [{"shape": "[None, 3]", "type": "float32"}]},
    }
    for name, framework in FRAMEWORKS.items():
        replaced = name == "sklearn"
        assert found[name] == {
            "listed": [1],
            "class": f"hsml.{framework}.model",
            "metrics": {"AUC": 0.75} if replaced else {"AUC": 0.5, "RMSE": 2.0},
            "description": f"A collection of models for homer_{name}" if replaced else f"of {name}",
            "example": [1, 2] if replaced else [1400.0, "UA", 180],
            "schema": None if replaced else schema,
            "files": files(name),
            "best": 1,
            "tags": {} if replaced else None,
        }


@pytest.mark.parametrize("client", ["official", "ours"])
def test_a_model_of_hopsworks_opens_with_homer(side: Side, client: str) -> None:
    versions = side.run(client, "write", script=SCRIPT).found
    found = side.run("ours", "homer_read", script=SCRIPT).found
    for name, version in versions.items():
        assert found[name] == {
            "version": version,
            "metrics": {"AUC": 0.5, "RMSE": 2},
            "flavor": name,
            "description": f"of {name}",
            "example": [1400.0, "UA", 180],
            "signature": {
                "inputs": [
                    {"type": "float64", "name": "distance", "description": None},
                    {"type": "int64", "name": "seats", "description": None},
                ],
                "outputs": [
                    {"type": "float32", "shape": [2, 3], "name": None, "description": None}
                ],
            },
            "files": files(name),
            # Among equal ones the higher version comes first.
            "best": version,
        }
