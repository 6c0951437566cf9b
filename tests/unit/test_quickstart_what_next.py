"""The lines that the quickstart says to try: valid Python, and commands that exist where they are said to be."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from hopsworks.quickstart.what_next import what_next


def lines(text: str) -> str:
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))


@pytest.mark.parametrize("host", ["local", "local:/data/it's here", "my.cluster"])
def test_the_lines_are_python(host: str) -> None:
    tree = ast.parse(lines(what_next(host, 50.0)))
    logins = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    assert any(isinstance(value, ast.Constant) and value.value == host for value in logins)


def test_the_commands_are_where_the_shell_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a clone" / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "hopsworks"):
        (folder / name).touch(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(folder.parents[1])
    text = what_next("local", 1.0)
    assert "in .venv/bin/python:" in text
    assert "`.venv/bin/hopsworks local stop`" in text
    monkeypatch.chdir("/usr")
    assert f"`'{folder}/hopsworks' local stop`" in what_next("local", 1.0)
    monkeypatch.setenv("PATH", str(folder))
    assert "`hopsworks local reset`" in what_next("local", 1.0)


def test_a_data_folder_is_named_and_a_cluster_is_not_stopped() -> None:
    assert re.search(r"local stop --data '/my data'`", what_next("local:/my data", 1.0))
    assert "local stop" not in what_next("my.cluster", 1.0)
