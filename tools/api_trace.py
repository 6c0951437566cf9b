"""A pytest plugin that writes down which public names a test calls. Loaded by ``tools/api_report.py`` only.

Functions, methods and Python properties are seen at run time, through the interpreter's profiling hook: a name counts
for a test only if the test really got there, and on an object of that class. A native attribute leaves no trace of its
own: for it this plugin notes which classes a test had objects of, and the report looks at the text of those tests.

``HOPSWORKS_API_TRACE_NAMES`` names a JSON file with the names to look for, ``HOPSWORKS_API_TRACE_OUT`` the file to write.

A test may run a script in a process of its own, as the oracle does. It then runs ``api_trace.py SCRIPT …`` instead, where
``HOPSWORKS_API_TRACE_SCRIPTS`` names a folder; what the script called counts for that test.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import runpy
import sys
import tempfile
import threading
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

TESTS = str(Path(__file__).resolve().parent.parent / "tests")
MET = "objects of "
RAN = "all tests"

_wanted: set[str] = set()
_codes: dict[CodeType, list[str]] = {}
_native_names: set[str] = set()
_class_ids: dict[type, list[str]] = {}
_calls: dict[str, set[str]] = {}
_seen: set[str] = set()
_failed: set[str] = set()


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
    if inspect.ismodule(target) and callable(target):
        target = inspect.getattr_static(type(target), "__call__")
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
        names = _codes.get(frame.f_code)
        if names is not None:
            _seen.update(names if len(names) == 1 else _of_class(frame, names))
    elif event == "c_call":
        if argument.__name__ in _native_names:
            holder = getattr(argument, "__self__", None)
            kind = holder if isinstance(holder, type) else type(holder)
            found = {f"{name}.{argument.__name__}" for name in _ids(kind)}
            _seen.update(found & _wanted)
    elif event == "return":
        if frame.f_code.co_filename.startswith(TESTS):
            for value in list(frame.f_locals.values()):
                _meet(value, 4)
        elif frame.f_code in _codes:
            _meet(argument, 2)  # what a test may use without giving it a name


def _of_class(frame: Any, names: list[str]) -> set[str]:
    """Of the names that share this code by inheritance, return those of the class it runs for."""
    code = frame.f_code
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    owners = set(_ids(first if isinstance(first, type) else type(first)))
    return {name for name in names if name.rpartition(".")[0] in owners} or {names[0]}


def _ids(kind: type) -> list[str]:
    return [name for base in kind.__mro__ for name in _class_ids.get(base, ())]


def _meet(value: Any, depth: int) -> None:
    """Note the classes of a value, of a container's items, and of what a native object holds."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value[:20] if depth else ():
            _meet(item, depth - 1)
        return
    ids = _ids(type(value))
    if not ids:
        return
    _seen.update(MET + name for name in ids)
    if depth:
        for base in type(value).__mro__:
            for name, entry in vars(base).items():
                if inspect.ismemberdescriptor(entry) or inspect.isgetsetdescriptor(entry):
                    _meet(getattr(value, name, None), depth - 1)


def _prepare() -> None:
    names = json.loads(Path(os.environ["HOPSWORKS_API_TRACE_NAMES"]).read_text())
    _wanted.update(names)
    for name in names:
        try:
            target = find(name)
        except LookupError:
            continue
        if inspect.isclass(target):
            _class_ids.setdefault(target, []).append(name)
        code = code_of(target)
        if code is not None:
            _codes.setdefault(code, []).append(name)
        elif inspect.isroutine(target) or isinstance(target, (staticmethod, classmethod)):
            _native_names.add(name.rpartition(".")[2])


def _trace(how: Any) -> None:
    sys.setprofile(how)
    threading.setprofile(how)


def pytest_configure(config: pytest.Config) -> None:
    _prepare()
    os.environ["HOPSWORKS_API_TRACE_SCRIPTS"] = tempfile.mkdtemp(prefix="api-trace-")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Fixtures count for the test that asks for them: they are its first steps."""
    _seen.clear()
    _trace(_profile)
    try:
        return (yield)
    finally:
        _trace(None)
        for file in Path(os.environ["HOPSWORKS_API_TRACE_SCRIPTS"]).iterdir():
            _seen.update(json.loads(file.read_text()))
            file.unlink()
        for name in list(_seen):
            _calls.setdefault(name, set()).add(item.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.add(report.nodeid)
    elif report.when == "call":
        _calls.setdefault(RAN, set()).add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    out = {name: sorted(tests - _failed) for name, tests in sorted(_calls.items())}
    Path(os.environ["HOPSWORKS_API_TRACE_OUT"]).write_text(json.dumps(out))
    Path(os.environ["HOPSWORKS_API_TRACE_SCRIPTS"]).rmdir()


def main() -> None:
    """Run a script with its arguments and write down the names that it used."""
    del sys.argv[0]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    _prepare()
    _trace(_profile)
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        _trace(None)
        folder = Path(os.environ["HOPSWORKS_API_TRACE_SCRIPTS"])
        (folder / f"{os.getpid()}.json").write_text(json.dumps(sorted(_seen)))


if __name__ == "__main__":
    main()
