"""Conditions: comparing features makes filters, joining filters makes logic, and both travel as the contract says."""

from __future__ import annotations

import copy
import datetime
import json
import pickle

import pandas as pd
import pytest

from hsfs.constructor.filter import Filter, Logic, as_logic
from hsfs.feature import Feature

PRICE = Feature("price", "double", feature_group_id=7)
ORIGIN = Feature("origin", "string", feature_group_id=7)
WHEN = Feature("ts", "timestamp", feature_group_id=7)


@pytest.mark.parametrize(
    ("made", "condition", "value", "text"),
    [
        (PRICE < 1, "LESS_THAN", 1, "1"),
        (PRICE <= 1.5, "LESS_THAN_OR_EQUAL", 1.5, "1.5"),
        (PRICE == 2, "EQUALS", 2, "2"),
        (PRICE != "x", "NOT_EQUALS", "x", "x"),
        (PRICE >= True, "GREATER_THAN_OR_EQUAL", True, "True"),
        (PRICE > -3, "GREATER_THAN", -3, "-3"),
        (PRICE.__eq__(None), "EQUALS", None, None),
        (ORIGIN.isin(["JFK", "LGA"]), "IN", '["JFK", "LGA"]', '["JFK", "LGA"]'),
        (ORIGIN.contains("JFK"), "IN", '"JFK"', '"JFK"'),
        (ORIGIN.like("J%"), "LIKE", "J%", "J%"),
    ],
    ids=lambda value: value.condition if isinstance(value, Filter) else None,
)
def test_comparisons_make_filters(made: Filter, condition: str, value: object, text: str) -> None:
    assert isinstance(made, Filter)
    assert made.condition == condition
    assert made.value == value
    sent = made.to_dict()
    assert (sent["condition"], sent["value"]) == (condition, text)
    assert sent["feature"]["featureGroupId"] == 7


@pytest.mark.parametrize(
    "moment",
    [
        "2024-01-31 12:30:00",
        "20240131123000",
        datetime.datetime(2024, 1, 31, 12, 30),
        datetime.datetime(
            2024, 1, 31, 13, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1))
        ),
        pd.Timestamp("2024-01-31 12:30"),
        1706704200,
        1706704200000,
    ],
    ids=repr,
)
def test_timestamps_are_written_as_utc_text(moment: object) -> None:
    assert (moment <= WHEN).value == "2024-01-31 12:30:00"


def test_timestamps_that_are_not_understood_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'yesterday'.*YYYY-MM-DD"):
        WHEN.__gt__("yesterday")
    with pytest.raises(ValueError, match="empty value; give a time"):
        WHEN.__gt__(0)


def test_a_feature_can_be_compared_with_a_feature() -> None:
    sent = json.loads((PRICE > ORIGIN).to_dict()["value"])
    assert (sent["name"], sent["featureGroupId"]) == ("origin", 7)


def test_logic_keeps_the_sides_as_they_were_written() -> None:
    cheap, jfk, late = PRICE < 10, ORIGIN == "JFK", WHEN > "2024-01-01"
    both = cheap & jfk
    assert (both.type, both.left_f, both.right_f) == ("AND", cheap, jfk)
    either = both | late
    assert (either.type, either.left_l, either.right_f) == ("OR", both, late)
    mixed = cheap | both
    assert (mixed.left_f, mixed.right_l) == (cheap, both)
    assert mixed.get_left_filter_or_logic() is cheap
    assert mixed.get_right_filter_or_logic() is both
    nested = both & either
    assert (nested.left_l, nested.right_l) == (both, either)


def test_logic_travels_with_all_keys() -> None:
    sent = ((PRICE < 10) & (ORIGIN == "JFK")).to_dict()
    assert set(sent) == {"type", "leftFilter", "rightFilter", "leftLogic", "rightLogic"}
    assert sent["type"] == "AND"
    assert sent["leftLogic"] is None
    assert sent["rightFilter"]["value"] == "JFK"
    single = as_logic(PRICE < 10).to_dict()
    assert single["type"] == "SINGLE"
    assert single["rightFilter"] is None


def test_logic_comes_back_as_it_went() -> None:
    logic = ((PRICE < 10) & (ORIGIN == "JFK")) | WHEN.isin(["a"])
    again = Logic.from_response_json(logic.to_dict())
    assert again.to_dict() == logic.to_dict()
    assert isinstance(again.left_l.left_f, Filter)
    assert again.left_l.left_f.value == "10"
    assert isinstance(again.left_l.left_f.feature, Feature)
    assert Logic.from_response_json(None) is None


@pytest.mark.parametrize("other", [True, 1, "a", None])
def test_only_conditions_can_be_joined(other: object) -> None:
    for left in (PRICE < 1, (PRICE < 1) & (PRICE > 0)):
        with pytest.raises(TypeError, match="operator &.*" + type(other).__name__):
            left & other
        with pytest.raises(TypeError, match=r"operator \|"):
            left | other
    with pytest.raises(TypeError, match=r"Filter or a Logic|operator"):
        as_logic("price < 1")


def test_features_are_hashable_by_group_and_name() -> None:
    assert hash(PRICE) == hash(Feature("price", "int", feature_group_id=7))
    assert len({PRICE, ORIGIN, WHEN}) == 3


def test_filters_can_be_copied_and_pickled() -> None:
    made = (PRICE < 10) & (ORIGIN == "JFK")
    for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert other.to_dict() == made.to_dict()
        assert other.left_f.value == 10
    assert "LESS_THAN" in repr(made)
    assert json.loads(str(made))["type"] == "AND"
