"""Print every public name that we expose with a test that calls it; names without one do not count as done.

    ./dev api-report                    run the tests with the tracer, then report
    ./dev api-report --untested         only the names without a test
    ./dev api-report --reuse            report on the last trace
    ./dev api-report tests/local        trace these tests only

The names are those of the reference inventory (``../shared/api``, or the folder that ``HOPSWORKS_SHARED`` names) that
our packages have; without an inventory, every public name of our packages. A test counts when it asserts something;
a case of the oracle does: what it returns and sends is compared with the official client's.
"""

from __future__ import annotations

import argparse
import ast
import functools
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from api_trace import MET, RAN, code_of, find  # noqa: E402

CASES = "tests/oracle/test_cases.py"
TRACE = ROOT / ".cache" / "api-trace.json"
ATTRIBUTES = ("attribute", "property")


def inventory() -> dict[str, str]:
    """Return the kind of each public name that we have, by name."""
    shared = Path(os.environ.get("HOPSWORKS_SHARED", ROOT.parent / "shared"))
    files = sorted((shared / "api").glob("hopsworks-*.json")) if shared.exists() else []
    if files:
        wanted = {
            symbol["id"]: symbol["kind"] for symbol in json.loads(files[-1].read_text())["symbols"]
        }
    else:
        wanted = dict(_own_names())
    return {name: kind for name, kind in wanted.items() if _exists(name)}


def _exists(name: str) -> bool:
    try:
        find(name)
    except LookupError:
        return False
    return True


def _own_names() -> Iterator[tuple[str, str]]:
    for package in ("hopsworks", "hsfs", "hsml"):
        root = importlib.import_module(package)
        modules = [
            package,
            *(info.name for info in pkgutil.walk_packages(root.__path__, package + ".")),
        ]
        for name in modules:
            if "._" in name or ".local" in name or name.endswith("__main__"):
                continue
            module = importlib.import_module(name)
            for key, value in vars(module).items():
                if key.startswith("_") or getattr(value, "__module__", None) != name:
                    continue
                yield f"{name}.{key}", "class" if inspect.isclass(value) else "function"
                if inspect.isclass(value):
                    for member, entry in vars(value).items():
                        if not member.startswith("_"):
                            kind = "method" if inspect.isroutine(entry) else "attribute"
                            yield f"{name}.{key}.{member}", kind


def trace(tests: list[str], names: list[str], out: Path) -> dict[str, list[str]]:
    """Run the tests with the tracer and return the tests that called each name."""
    out.parent.mkdir(exist_ok=True)
    out.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(names, file)
        file.flush()
        variables = {
            "HOPSWORKS_API_TRACE_NAMES": file.name,
            "HOPSWORKS_API_TRACE_OUT": str(out),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "tools"), os.environ.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "-m", "pytest", "-p", "api_trace", *tests]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables})
    if not out.exists():
        sys.exit(done.returncode or 1)
    return json.loads(out.read_text())


@functools.cache
def _functions(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _body(test: str) -> ast.FunctionDef | None:
    file, _, rest = test.partition("::")
    return _functions(file).get(rest.split("::")[-1].split("[")[0])


@functools.cache
def asserts(test: str) -> bool:
    """Return whether a test asserts something, by itself or through a function of its file."""
    function = _body(test)
    if function is None:
        return False
    if _asserts_here(function):
        return True
    local = _functions(test.partition("::")[0])
    called = {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return any(_asserts_here(local[name]) for name in called if name in local)


def _asserts_here(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Attribute)
            and node.attr in ("raises", "warns", "assert_frame_equal")
        )
        for node in ast.walk(function)
    )


@functools.cache
def words_of(test: str) -> frozenset[str]:
    """Return the attribute names, keywords and strings in a test's text and in the functions of its file it uses."""
    if test.startswith(CASES + "::"):
        name = test.rpartition("[")[2][:-1]
        return _words(
            [ast.parse((ROOT / CASES).with_name("cases").joinpath(f"{name}.py").read_text())]
        )
    function = _body(test)
    if function is None:
        return frozenset()
    local = _functions(test.partition("::")[0])
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    used |= {argument.arg for argument in function.args.args}
    return _words([function, *(local[name] for name in used if name in local)])


def _words(sources: list[ast.AST]) -> frozenset[str]:
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(source):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


def tests_of(names: dict[str, str], calls: dict[str, list[str]]) -> dict[str, str | None]:
    """Return a test for each name, or None."""
    result: dict[str, str | None] = {}
    # A test that is run once for each public name carries the name in its id.
    named = {test.rpartition("[")[2][:-1]: test for test in calls.get(RAN, []) if "[" in test}
    for name, kind in names.items():
        owner, _, last = name.rpartition(".")
        tests = calls.get(name, []) or [named[key] for key in (name,) if key in named]
        if not tests and kind in ATTRIBUTES and (code_of(find(name)) is None or _replaced(name)):
            tests = [test for test in calls.get(MET + owner, []) if last in words_of(test)]
        if not tests and kind == "function":
            tests = _of_shared(name, names, calls)
        if not tests and getattr(find(name), "__isabstractmethod__", False):
            tests = [test for other in _overriding(name) for test in calls.get(other, [])]
        if not tests and kind == "class":
            members = [test for key, test in named.items() if key.startswith(name + ".")]
            tests = members or calls.get(MET + name, []) or _naming(last, calls)
        if not tests and kind == "constant":
            tests = _naming(last, calls)
        good = [test for test in tests if asserts(test)]
        result[name] = good[0] if good else None
    return result


def _replaced(name: str) -> bool:
    """Return whether every subclass has an attribute of its own in place of this one, as below an abstract base."""
    owner, _, last = name.rpartition(".")
    try:
        cls = find(owner)
    except LookupError:
        return False
    below = cls.__subclasses__() if inspect.isclass(cls) else []
    return bool(below) and all(
        inspect.getattr_static(sub, last) is not vars(cls).get(last) for sub in below
    )


def _of_shared(name: str, names: dict[str, str], calls: dict[str, list[str]]) -> list[str]:
    """Return the tests of a function that several modules offer, which name the module that is meant."""
    code = code_of(find(name))
    own = set(name.split("."))
    found = []
    for other in names:
        if other != name and code is not None and code_of(find(other)) is code:
            only = own.difference(other.split("."))
            found += [
                test
                for test in calls.get(other, [])
                if only & (words_of(test) | _plain_names(test) | {test.rpartition("[")[2][:-1]})
            ]
    return found


def _overriding(name: str) -> list[str]:
    """Return the public names of the methods of subclasses that stand in for an abstract one."""
    owner, _, last = name.rpartition(".")
    return [
        f"{kind.__module__}.{kind.__qualname__}.{last}" for kind in find(owner).__subclasses__()
    ]


def _naming(word: str, calls: dict[str, list[str]]) -> list[str]:
    """Return the tests whose text names a class that leaves no object behind: an exception or a warning."""
    every = sorted({test for tests in calls.values() for test in tests})
    return [test for test in every if word in words_of(test) or word in _plain_names(test)]


@functools.cache
def _plain_names(test: str) -> frozenset[str]:
    function = _body(test)
    nodes = ast.walk(function) if function else ()
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev api-report", description=__doc__.split("\n")[0])
    parser.add_argument("tests", nargs="*", default=["tests/unit", "tests/local", CASES])
    parser.add_argument(
        "--untested", action="store_true", help="print only the names without a test"
    )
    parser.add_argument("--reuse", action="store_true", help="do not run the tests again")
    parser.add_argument("--trace", type=Path, default=TRACE, help="where the trace is kept")
    parser.add_argument("--strict", action="store_true", help="fail when a name has no test")
    options = parser.parse_args()
    names = inventory()
    if options.reuse:
        calls = json.loads(options.trace.read_text())
    else:
        calls = trace(options.tests, sorted(names), options.trace.resolve())
    found = tests_of(names, calls)
    for name, test in sorted(found.items()):
        if test is None:
            print(f"UNTESTED  {name}  ({names[name]})")
        elif not options.untested:
            print(f"{name}  {test}")
    tested = sum(test is not None for test in found.values())
    print(f"\n{tested} of {len(found)} public names are called by a test that asserts something")
    return 1 if options.strict and tested < len(found) else 0


if __name__ == "__main__":
    sys.exit(main())
