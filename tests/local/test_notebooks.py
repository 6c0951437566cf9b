"""The notebooks do what they say: each runs from top to bottom on a data folder of its own."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from hopsworks.local import lifecycle

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A data folder that ``login(host="local")`` finds, with its server stopped afterwards."""
    folder = tmp_path / "data"
    monkeypatch.setenv("HOPSWORKS_LOCAL_DATA", str(folder))
    for name in ("HOPSWORKS_HOST", "HOPSWORKS_PROJECT", "HOPSWORKS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    lifecycle.stop(str(folder))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.timeout(300)
def test_notebook_runs(path: Path, data_folder: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=240,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    outputs = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    assert not [output for output in outputs if output.output_type == "error"]
    assert data_folder.is_dir()
    text = "".join(output.get("text", "") for output in outputs)
    if path.stem == "quickstart":
        assert "every one equals the one made offline" in text
    else:
        assert "model.joblib" in text
