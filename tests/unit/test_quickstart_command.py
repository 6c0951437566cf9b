"""``python -m hopsworks.quickstart``: how it ends."""

from __future__ import annotations

import sys

import pytest

from hopsworks.quickstart import tour
from hopsworks.quickstart.__main__ import main


@pytest.mark.parametrize(("differences", "status"), [(0, 0), (3, 1)])
def test_status(monkeypatch: pytest.MonkeyPatch, differences: int, status: int) -> None:
    monkeypatch.setattr(sys, "argv", ["quickstart"])
    monkeypatch.setattr(tour, "run", lambda host, project: {"differences": differences})
    assert main() == status


def test_ctrl_c_ends_it_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(host: str, project: str | None) -> dict:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["quickstart"])
    monkeypatch.setattr(tour, "run", run)
    assert main() == 130
    assert "What was done stays" in capsys.readouterr().err
