"""Progress bars: only where somebody looks, only for long steps, and never in the way."""

import io
import sys
import types

import pytest

from hopsworks import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def bars(monkeypatch):
    """A stand-in for tqdm that notes what is shown, at a terminal."""
    shown = []

    class Bar:
        def __init__(self, total, desc, unit, **options):
            self.total, self.n = total, 0
            shown.append((desc, total, unit, options))
            self.closed = False
            shown.append(self)

        def update(self, count):
            self.n += count

        def close(self):
            self.closed = True

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.delenv("HOPSWORKS_DISABLE_PROGRESS", raising=False)
    # Not sys.stderr itself: pytest puts its own there between the fixture and the test.
    monkeypatch.setattr(
        progress, "sys", types.SimpleNamespace(stderr=Terminal(), modules=sys.modules)
    )
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0)
    return shown


def test_a_long_step_has_a_bar_that_follows_and_ends(bars):
    with progress.Progress("Uploading x") as step:
        step(10, 100)
        step(60, 100)
        step(40, 100)  # a repeated request takes bytes back
    description, bar = bars
    assert description == ("Uploading x", 100, "B", {"unit_scale": True, "unit_divisor": 1024})
    assert bar.n == 40
    assert bar.closed
    step(50, 100)
    assert len(bars) == 2


def test_a_short_step_has_none(bars, monkeypatch):
    monkeypatch.setattr(progress, "DELAY_SECONDS", 60)
    with progress.Progress("Reading", unit="rows") as step:
        step(100, 100)
    assert bars == []


@pytest.mark.parametrize(
    ("value", "shown"), [("1", False), ("true", False), ("0", True), ("", True), ("off", True)]
)
def test_the_variable_switches_them_off(bars, monkeypatch, value, shown):
    monkeypatch.setenv("HOPSWORKS_DISABLE_PROGRESS", value)
    with progress.Progress("Reading") as step:
        step(1, 2)
    assert bool(bars) == shown


def test_without_a_terminal_there_is_none(bars, monkeypatch):
    progress.sys.stderr = io.StringIO()
    with progress.Progress("Reading") as step:
        step(1, 2)
    assert bars == []


def test_without_tqdm_there_is_none(bars, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with progress.Progress("Reading") as step:
        step(1, 2)
        step(2, 2)
    assert bars == []


def test_the_real_tqdm_draws_what_it_is_told(monkeypatch):
    monkeypatch.delenv("HOPSWORKS_DISABLE_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.Progress("Uploading x") as step:
        step(512, 2048)
        step(2048, 2048)
    assert "Uploading x: 100%" in sys.stderr.getvalue()


def test_a_notebook_looks_but_a_loaded_kernel_package_does_not(bars, monkeypatch):
    monkeypatch.setattr(progress.sys, "stderr", io.StringIO())
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    shell = types.SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert progress.wanted() is False
    shell.kernel = object()
    assert progress.wanted() is True
