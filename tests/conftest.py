"""What holds for every test: which build of the extension is under test."""

import os

import pytest

from hopsworks import _native


def pytest_configure() -> None:
    """Refuse to test another build than the one that ``HOPSWORKS_TESTED_BUILD`` names (``./dev asan`` sets it)."""
    wanted = os.environ.get("HOPSWORKS_TESTED_BUILD", "")
    if wanted not in (_native.__file__ or ""):
        pytest.exit(
            f"the extension under test is {_native.__file__}, not of {wanted}", returncode=3
        )
