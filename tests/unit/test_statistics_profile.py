"""Descriptive statistics, compared with numpy and pandas."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hopsworks.local.statistics_profile import profile

NUMBERS = np.random.default_rng(3).normal(10, 4, 1000)
FRAME = pd.DataFrame({"x": NUMBERS, "y": NUMBERS * 2 + 1, "n": np.arange(1000) % 7})
FRAME.loc[::10, "x"] = np.nan
TABLE = pa.table(
    {
        "x": pa.array(FRAME.x, from_pandas=True),
        "y": pa.array(FRAME.y),
        "n": pa.array(FRAME.n),
        "s": ["abc"[i % 3] for i in range(1000)],
        "b": [i % 4 == 0 for i in range(1000)],
        "t": pa.array([dt.datetime(2020, 1, 1)] * 1000, pa.timestamp("us")),
        "a": [[1.0]] * 1000,
    }
)
PLAIN = {"columns": [], "histograms": False, "correlations": False, "exactUniqueness": False}


def statistics(**config: object) -> dict[str, dict[str, object]]:
    """Statistics of the sample by feature."""
    return {s["featureName"]: s for s in profile(TABLE, {}, {**PLAIN, **config})}


def test_numbers() -> None:
    x = statistics()["x"]
    valid = FRAME.x.dropna()
    assert (x["featureType"], x["count"], x["numNullValues"], x["numNonNullValues"]) == (
        "Fractional",
        1000,
        100,
        900,
    )
    assert x["completeness"] == 0.9
    assert x["approxNumDistinctValues"] == valid.nunique()
    for key, expected in (
        ("min", valid.min()),
        ("max", valid.max()),
        ("mean", valid.mean()),
        ("sum", valid.sum()),
        ("stdDev", valid.std()),
    ):
        assert x[key] == pytest.approx(expected)
    assert x["percentiles"] == pytest.approx([valid.quantile(i / 100) for i in range(1, 101)])
    assert statistics()["n"]["featureType"] == "Integral"


def test_other_columns() -> None:
    found = statistics()
    assert (found["s"]["featureType"], found["b"]["featureType"], found["t"]["featureType"]) == (
        "String",
        "Boolean",
        "String",
    )
    assert "mean" not in found["s"]
    assert "a" not in found, "arrays have no statistics"
    assert list(statistics(columns=["n", "s"])) == ["n", "s"]


def test_uniqueness_histograms_and_correlations() -> None:
    found = statistics(exactUniqueness=True, histograms=True, correlations=True)
    assert found["s"]["exactNumDistinctValues"] == 3
    assert found["s"]["uniqueness"] == 0.0
    assert found["s"]["entropy"] == pytest.approx(math.log(3), abs=1e-4)
    extended = json.loads(str(found["s"]["extendedStatistics"]))
    assert extended["unique_values"] == ["a", "b", "c"]
    assert extended["histogram"][0] == {"value": "a", "count": 334, "ratio": 0.334}
    bins = json.loads(str(found["y"]["extendedStatistics"]))["histogram"]
    assert len(bins) == 20
    assert sum(b["count"] for b in bins) == 1000
    to_others = {
        c["column"]: c["correlation"]
        for c in json.loads(str(found["x"]["extendedStatistics"]))["correlations"]
    }
    assert to_others["y"] == pytest.approx(1.0)
    assert to_others["n"] == pytest.approx(FRAME.dropna()[["x", "n"]].corr().iloc[0, 1])


def test_nothing_and_not_a_number() -> None:
    table = pa.table({"e": pa.array([], pa.float64()), "s": pa.array([], pa.string())})
    empty = {
        s["featureName"]: s
        for s in profile(
            table, {}, {**PLAIN, "histograms": True, "correlations": True, "exactUniqueness": True}
        )
    }
    assert (empty["e"]["count"], empty["e"]["completeness"]) == (0, 0.0)
    assert "mean" not in empty["e"]
    (odd,) = profile(pa.table({"f": [1.0, float("nan"), None]}), {}, PLAIN)
    assert (odd["numNullValues"], odd["mean"], odd["stdDev"]) == (2, 1.0, 0.0)
    json.dumps(odd, allow_nan=False)
