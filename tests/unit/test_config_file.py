"""Edits of ``~/.hops.toml``: what is asked for changes, nothing else does."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hopsworks.config_file import update, write_private


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / ".hops.toml"


def test_a_new_file(file: Path) -> None:
    assert update({"host": "h", "port": 8181, "flag": False, "gone": None}) == str(file)
    assert file.read_text() == '[default]\nhost = "h"\nport = 8181\nflag = false\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[default]", '[default]\nhost = "h"\n'),
        ("[other]\na = 1", '[other]\na = 1\n\n[default]\nhost = "h"\n'),
        ('["default"]\n"host" = 1\n', '["default"]\nhost = "h"\n'),
        ("[default]\na = 1\n\n\n[x]\n", '[default]\na = 1\nhost = "h"\n\n\n[x]\n'),
        ("[default]\r\nhost = 'x' # old\r\nb = 1\r\n", '[default]\r\nhost = "h"\r\nb = 1\r\n'),
    ],
)
def test_where_a_value_goes(file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    update({"host": "h"})
    assert file.read_bytes() == after.encode()


@pytest.mark.parametrize("value", ['quo"te\\back', "tab\tline\nend", "\x7fdel\x01", "Grüße ✓", ""])
def test_any_text_is_read_back(file: Path, value: str) -> None:
    update({"project": value})
    assert tomllib.loads(file.read_text())["default"]["project"] == value


@pytest.mark.parametrize(
    "before",
    [
        'default = { host = "a" }\n',
        'default.host = "a"\n',
        '[default]\nhost = """\na\n"""\n',
        'text = """\n[default]\nhost = "in a text"\n"""\n\n[default]\nhost = "a"\n',
        "[[default]]\nhost = 1\n",
    ],
)
def test_a_file_that_cannot_be_edited_is_not_touched(file: Path, before: str) -> None:
    file.write_text(before)
    with pytest.raises(ValueError, match=r"cannot be edited here.*host"):
        update({"host": "h"})
    assert file.read_text() == before


def test_the_last_key_takes_the_table_along(file: Path) -> None:
    file.write_text('[default]\nhost = "a"\n\n[other]\nb = 1\n')
    update({"host": None})
    assert file.read_text() == "[other]\nb = 1\n"
    file.write_text('[default]\nhost = "a"\n')
    update({"host": None})
    assert not file.exists()
    update({"host": None})
    assert not file.exists()


def test_a_failed_write_leaves_what_was_there(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_private(str(file), "half \udc80")
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]
