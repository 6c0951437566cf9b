"""Joins: a query on the right side of another one."""

from __future__ import annotations

from typing import Any

from hopsworks import _native
from hsfs.feature import as_features


class Join(_native.Join):
    """A query joined to the right of another one.

    Joins are made by `Query.join`.

    Parameters:
        query: The query on the right side.
        on: Names or features that both sides share.
        left_on: Names or features of the left side.
        right_on: Names or features of the right side.
        join_type: One of the constants of this class; None means LEFT.
        prefix: Text put before the names of the features of the right side.
    """

    INNER = "INNER"
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    FULL = "FULL"
    CROSS = "CROSS"
    LEFT_SEMI_JOIN = "LEFT_SEMI_JOIN"
    COMMA = "COMMA"

    def __init__(
        self,
        query: Any,
        on: Any,
        left_on: Any,
        right_on: Any,
        join_type: str | None,
        prefix: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            query,
            as_features(on),
            as_features(left_on),
            as_features(right_on),
            join_type or self.LEFT,
            prefix,  # type: ignore[arg-type]
        )
