"""Every case of ``cases/`` under both clients: the same requests, known to the contract, and the same values."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from . import stand_in
from .comparison import differences, masked
from .conftest import Run, Side, next_address, run_script
from .contract import unknown

CASES = sorted(Path(__file__).with_name("cases").glob("[a-z]*.py"))
RUNNER = Path(__file__).with_name("scripts") / "case.py"
CLIENTS = ("official", "ours")
pytestmark = pytest.mark.timeout(600)


def load(case: Path) -> ModuleType:
    """Return the module of a case."""
    spec = importlib.util.spec_from_file_location(f"oracle_case_{case.stem}", case)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(case: Path, client: str, folder: Path) -> Run:
    """Run a case under one client, against a server of its own."""
    module = load(case)
    folder.mkdir()
    if module.SERVER == "local":
        side = Side(folder)
        try:
            return side.run(client, str(case), script=RUNNER)
        finally:
            side.close()
    assert module.SERVER == "stand-in", f"{case.name}: SERVER is {module.SERVER!r}"
    address = next_address()
    server = stand_in.StandIn(folder, module.ROUTES, address)
    config = {
        "host": address,
        "port": server.port,
        "api_key": stand_in.API_KEY,
        "ca_file": str(server.ca_file),
        "project": stand_in.PROJECT,
    }
    try:
        found = run_script(client, RUNNER, [str(case)], config, folder)
        assert server.unanswered == [], f"{client}: add a route to {case.name}"
        return Run(found, list(server.requests))
    finally:
        server.close()


def faults(client: str, steps: dict[str, Any]) -> list[str]:
    """Return the steps that ended as they should not have."""
    found = []
    for name, step in steps.items():
        expected, error = step["expected"], step.get("error")
        if (error is None) != (expected is None) or (error and expected not in error):
            how = step["trace"] if error else f"returned {step['value']!r}"
            found.append(f"{client}, step {name!r}: expected {expected or 'a value'}; {how}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, tmp_path: Path) -> None:
    theirs, mine = (run(case, client, tmp_path / client) for client in CLIENTS)
    assert faults("official", theirs.found) + faults("ours", mine.found) == []
    assert sorted({fault for entry in theirs.requests for fault in unknown(entry)}) == []
    assert sorted({fault for entry in mine.requests for fault in unknown(entry)}) == []
    outcome = {name: (step.get("value"), step.get("code")) for name, step in mine.found.items()}
    expected = {name: (step.get("value"), step.get("code")) for name, step in theirs.found.items()}
    assert outcome == expected
    no_places: frozenset[str] = frozenset()
    assert differences(masked(theirs.requests, no_places), masked(mine.requests, no_places)) == []
