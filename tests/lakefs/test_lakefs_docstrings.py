"""The examples in the docstrings run as they stand, each against a server with a small lake."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import fsspec
import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs

FOLDER = Path(lakefs.__file__).parent


def examples() -> dict[str, str]:
    """Every example by its place."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                blocks = re.findall(r"```python\n(.*?)```", ast.get_docstring(node) or "", re.S)
                for number, block in enumerate(blocks):
                    place = f"{path.stem}.{getattr(node, 'name', '')}-{number}"
                    found[place] = textwrap.dedent(block)
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("place", EXAMPLES)
def test_examples(
    place: str, server: LakeFSServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fsspec.register_implementation(
        "lakefs", "hopsworks.lakefs.filesystem.LakeFSFileSystem", clobber=True
    )
    lakefs.init(**server.settings)
    branch = lakefs.repository("lake").branch("main")
    for path in ("numbers.csv", "old.csv"):
        branch.object(path).upload("n\n1\n2\n")
    if ".parquet" in EXAMPLES[place]:
        import pandas as pd

        content = pd.DataFrame({"n": [1, 2]}).to_parquet()
        branch.object("numbers.parquet").upload(content)
    branch.commit("what the examples read")
    code = EXAMPLES[place].replace("http://localhost:8000", server.url)
    for key, example in (("username", "AKIA…"), ("password", "…")):
        code = code.replace(f'{key}="{example}"', f'{key}="{server.settings[key]}"')
    exec(code, {"__name__": "example"})


def test_there_are_examples_of_what_users_begin_with() -> None:
    places = {place.rpartition("-")[0] for place in EXAMPLES}
    for name in ("client.Client", "repository.Repository", "branch.Branch", "branch.transact", "tag.Tag",
                 "object.WriteableObject", "reader.ObjectReader", "writer.ObjectWriter",
                 "import_manager.ImportManager", "filesystem.LakeFSFileSystem"):  # fmt: skip
        assert name in places
