"""Conditions on features.

Filters come from comparing a feature with a value, and `&` and `|` join them. They travel as small trees; every value
travels as text.
"""

from __future__ import annotations

from typing import Any

from hopsworks import _native


def _joined(operation: str, left: Filter | Logic, right: Any) -> Logic:
    sides: dict[str, Any] = {}
    for side, value in (("left", left), ("right", right)):
        if isinstance(value, Filter):
            sides[f"{side}_f"] = value
        elif isinstance(value, Logic):
            sides[f"{side}_l"] = value
        else:
            symbol = "&" if operation == Logic.AND else "|"
            raise TypeError(
                f"The operator {symbol} joins filters, and got a value of type {type(value).__name__}. Put each comparison in "
                "brackets, and reach a feature whose name the feature group has for itself, such as id, with fg['id']."
            )
    return Logic(operation, **sides)


class Filter(_native.Filter):
    """One condition on one feature.

    Filters are made by comparing a feature with a value and are joined with `&` and `|`. Put each comparison in brackets:
    Python binds `&` more tightly than `==`.

    Parameters:
        feature: The feature.
        condition: One of the constants of this class.
        value: What the feature is compared with: a value, or another feature.

    Example:
        ```python
        from hsfs.feature import Feature

        late = Feature("arr_delay", "double") > 15
        assert (late.condition, late.value) == ("GREATER_THAN", 15)
        ```
    """

    GE = "GREATER_THAN_OR_EQUAL"
    GT = "GREATER_THAN"
    NE = "NOT_EQUALS"
    EQ = "EQUALS"
    LE = "LESS_THAN_OR_EQUAL"
    LT = "LESS_THAN"
    IN = "IN"
    LK = "LIKE"

    def __init__(self, feature: Any, condition: str, value: Any, **kwargs: Any) -> None:
        super().__init__(feature, condition, None if value is None else str(value))
        if value is not None and not isinstance(value, str):
            self._given = value

    @property
    def value(self) -> Any:
        """What the feature is compared with; text when the filter came from the server."""
        return self.__dict__.get("_given", _TEXT.__get__(self))

    def __and__(self, other: Filter | Logic) -> Logic:
        return _joined(Logic.AND, self, other)

    def __or__(self, other: Filter | Logic) -> Logic:
        return _joined(Logic.OR, self, other)

    def __repr__(self) -> str:
        return f"Filter({self.feature!r}, {self.condition!r}, {self.value!r})"

    def __str__(self) -> str:
        return self.json()


_TEXT = _native.Filter.__dict__["value"]


class Logic(_native.Logic):
    """Two filters joined by AND or OR, or a single filter.

    Parameters:
        type: `AND`, `OR` or `SINGLE`.
        left_f: The filter on the left side.
        right_f: The filter on the right side.
        left_l: The logic on the left side.
        right_l: The logic on the right side.

    Example:
        ```python
        condition = (fg["distance"] > 500) & ((fg["origin"] == "JFK") | (fg["origin"] == "LGA"))
        df = fg.filter(condition).read()
        ```
    """

    AND = "AND"
    OR = "OR"
    SINGLE = "SINGLE"

    def __and__(self, other: Filter | Logic) -> Logic:
        return _joined(Logic.AND, self, other)

    def __or__(self, other: Filter | Logic) -> Logic:
        return _joined(Logic.OR, self, other)

    def get_left_filter_or_logic(self) -> Filter | Logic | None:
        """Return the left side.

        Returns:
            The filter or logic on the left side.
        """
        return self.left_l if self.left_f is None else self.left_f

    def get_right_filter_or_logic(self) -> Filter | Logic | None:
        """Return the right side.

        Returns:
            The filter or logic on the right side; None for a single filter.
        """
        return self.right_l if self.right_f is None else self.right_f

    def __repr__(self) -> str:
        return f"Logic({self.type!r}, {self.left_f!r}, {self.right_f!r}, {self.left_l!r}, {self.right_l!r})"

    def __str__(self) -> str:
        return self.json()


def as_logic(condition: Filter | Logic | None) -> Logic | None:
    """Wrap a lone filter in a logic; logics and None pass through.

    Raises:
        TypeError: The condition is neither.
    """
    if condition is None or isinstance(condition, Logic):
        return condition
    if isinstance(condition, Filter):
        return Logic(Logic.SINGLE, left_f=condition)
    raise TypeError(
        f"A condition is a Filter or a Logic, not {type(condition).__name__}. Write comparisons of features, "
        "each in brackets: (fg['a'] > 1) & (fg['b'] == 'x')."
    )
