"""A pytest plugin that writes down which public names a test calls. Loaded by ``tools/api_report.py`` only.

Functions, methods and Python properties are seen at run time, through the interpreter's profiling hook: a name counts
for a test only if the test really got there. A native attribute leaves no trace of its own; for it the report looks at
the text of the tests that made or met an object of its class.

``HOPSWORKS_API_TRACE_NAMES`` names a JSON file with the names to look for, ``HOPSWORKS_API_TRACE_OUT`` the file to write.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import threading
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

_codes: dict[CodeType, str] = {}
_builtins: dict[str, str] = {}
_calls: dict[str, set[str]] = {}
_seen: set[str] = set()


def find(name: str) -> Any:
    """Return the object of a dotted public name, or raise LookupError."""
    parts = name.split(".")
    for split in range(len(parts) - 1, 0, -1):
        try:
            target: Any = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        try:
            for part in parts[split:]:
                target = (
                    inspect.getattr_static(target, part)
                    if inspect.isclass(target)
                    else getattr(target, part)
                )
        except AttributeError:
            raise LookupError(name) from None
        return target
    raise LookupError(name)


def code_of(target: Any) -> CodeType | None:
    """Return the code that runs when a name is used, or None for what is native."""
    if isinstance(target, (staticmethod, classmethod)):
        target = target.__func__
    if isinstance(target, property):
        target = target.fget
    if inspect.isclass(target):
        target = target.__init__
    target = inspect.unwrap(target) if callable(target) else target
    return getattr(target, "__code__", None)


def _profile(frame: Any, event: str, argument: Any) -> None:
    if event == "call":
        name = _codes.get(frame.f_code)
        if name is not None:
            _seen.add(name)
    elif event == "c_call":
        name = _builtins.get(getattr(argument, "__qualname__", ""))
        if name is not None:
            _seen.add(name)


def pytest_configure(config: pytest.Config) -> None:
    names = json.loads(Path(os.environ["HOPSWORKS_API_TRACE_NAMES"]).read_text())
    for name in names:
        try:
            target = find(name)
        except LookupError:
            continue
        code = code_of(target)
        if code is not None:
            _codes.setdefault(code, name)
        elif inspect.isroutine(target):
            _builtins.setdefault(".".join(name.rsplit(".", 2)[-2:]), name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Fixtures count for the test that asks for them: they are its first steps."""
    _seen.clear()
    sys.setprofile(_profile)
    threading.setprofile(_profile)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
        for name in _seen:
            _calls.setdefault(name, set()).add(item.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    out = {name: sorted(tests) for name, tests in sorted(_calls.items())}
    Path(os.environ["HOPSWORKS_API_TRACE_OUT"]).write_text(json.dumps(out))
