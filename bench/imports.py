"""Time of ``import hopsworks`` and ``import hsfs``, above what bare Python has loaded."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from measure import Row, interleaved

# The last line is what a program has loaded once it works with features and models.
MODULES = (
    ("hopsworks", 12),
    ("hsfs", 25),
    ("homer", 30),
    ("homer.model_registry, homer.signature, homer.saving", 30),
    ("hopsworks, hsfs.feature_group, hsfs.feature_view, hsml.model", None),
)
OURS_ALONE = ("homer",)
CODE = (
    "import time; started = time.perf_counter(); import {module}; "
    "print((time.perf_counter() - started) * 1000)"
)


def rows(ours: str, official: str | None, rounds: int) -> list[Row]:
    """Return a row a module."""
    result = []
    for module, limit in MODULES:
        measurements = {"ours": _import(ours, module)}
        if official and not module.startswith(OURS_ALONE):
            measurements["official"] = _import(official, module)
        for measure in measurements.values():
            measure()
        figures = interleaved(max(rounds, 10), measurements)
        result.append(Row(f"`import {module}`", "ms", limit=limit, **figures))
    return result


def _import(python: str, module: str) -> Callable[[], list[float]]:
    command = [python, "-W", "ignore", "-c", CODE.format(module=module)]
    return lambda: [float(subprocess.check_output(command, cwd="/", text=True).split()[-1])]
