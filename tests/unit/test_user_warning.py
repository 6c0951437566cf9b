"""Warnings name the line of the caller, not one of ours."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from hopsworks.user_warning import warn_user
from hsfs.engine.frames import incoming_table
from hsfs.feature import Feature
from hsfs.util import FeatureGroupWarning, VersionWarning


def test_direct_call() -> None:
    with pytest.warns(VersionWarning, match="version 3") as caught:
        warn_user("version 3", VersionWarning)
    assert caught[0].filename == __file__


def test_through_our_own_calls() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Feature("Trip ID", "bigint")
        incoming_table(pd.DataFrame({"Trip ID": [1]}))
    assert {warning.filename for warning in caught} == {__file__}
    assert [warning.category for warning in caught].count(FeatureGroupWarning) == 2
