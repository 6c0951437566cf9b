"""The constants have the values that the official client 5.2.1 gives them; programs compare with them.

``recorded_constants.json`` was read off that client. Names that we do not have yet are left out here; the comparison
of public names (``tools/parity_level.py``) knows them.
"""

from __future__ import annotations

import enum
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

RECORDED = json.loads(Path(__file__).with_name("recorded_constants.json").read_text())
# docs/differences.md: certificates are verified unless a program says otherwise.
DIFFERENT = {"hsfs.connection.HOSTNAME_VERIFICATION_DEFAULT": None}
ABSENT = object()


def ours(name: str) -> Any:
    """The object of a dotted name, or ABSENT."""
    parts = name.split(".")
    for split in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part, ABSENT)
        return found
    return ABSENT


PRESENT = [name for name in RECORDED if ours(name) is not ABSENT]


def plain(value: Any) -> Any:
    """A value, ours or a recorded one, with lists for tuples; dicts and inner tuples are recorded under their kind."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("dict", "tuple"):
            return plain(next(iter(value.values())))
        return {key: plain(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("name", PRESENT)
def test_a_constant_has_its_value(name: str) -> None:
    assert plain(ours(name)) == DIFFERENT.get(name, plain(RECORDED[name]))


def test_most_are_there() -> None:
    assert len(PRESENT) > 240
