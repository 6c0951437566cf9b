"""Features, the columns of feature groups.

Comparing a feature with a value does not answer true or false: it makes a filter, so that conditions on data can be
written as Python expressions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from hopsworks import _native
from hopsworks.user_warning import warn_user
from hsfs.constructor.filter import Filter

if TYPE_CHECKING:
    from hsfs.feature_group import FeatureGroupBase


def feature_name(name: str, *, warn: bool = False) -> str:
    """The name under which a feature is kept: lower case, with underscores for spaces.

    Parameters:
        name: The name as the user wrote it.
        warn: Whether to warn when it is changed.
    """
    if not isinstance(name, str):
        raise TypeError(f"The name of a feature is text, not {type(name).__name__}.")
    kept = name.lower().replace(" ", "_")
    if warn and kept != name:
        warn_user(f"The feature {name!r} is kept under the name {kept!r}.")
    return kept


class Feature(_native.Feature):
    """A column of a feature group: name, data type and role.

    Features of a feature group are reached as `fg.columns`, `fg["name"]` or `fg.name`. Comparison operators make filters.

    Parameters:
        name: Name; it is kept in lower case with underscores for spaces.
        type: Data type in the offline store, such as `bigint` or `array<double>`.
        description: What the feature means.
        primary: Whether it belongs to the primary key.
        foreign: Whether it is a foreign key.
        partition: Whether the offline table is partitioned by it.
        hudi_precombine_key: Whether Hudi uses it to choose between rows of one key.
        offline_only: Whether it is left out of the online store.
        online_type: Data type in the online store; the server chooses when it is not given.
        default_value: Value, as text, for rows written before the feature was appended.
        feature_group_id: Identifier of its feature group.
        feature_group: Its feature group, instead of the identifier.
        on_demand: Whether an on-demand transformation computes it.
        use_fully_qualified_name: Whether it is named `<project>_<feature group>_<version>_<name>` in results.
        column_name: Name of the column in the data source, if it differs.

    Example:
        ```python
        from hsfs.feature import Feature

        price = Feature("price", "double")
        cheap_or_free = (price < 10) | (price == 0)
        assert cheap_or_free.type == "OR"
        ```
    """

    __slots__ = ()

    COMPLEX_TYPES: ClassVar[list[str]] = ["MAP", "ARRAY", "STRUCT", "UNIONTYPE"]

    def __init__(
        self,
        name: str,
        type: str | None = None,
        description: str | None = None,
        primary: bool = False,
        foreign: bool = False,
        partition: bool = False,
        hudi_precombine_key: bool = False,
        offline_only: bool = False,
        online_type: str | None = None,
        default_value: str | None = None,
        feature_group_id: int | None = None,
        feature_group: FeatureGroupBase | None = None,
        on_demand: bool = False,
        use_fully_qualified_name: bool = False,
        column_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name=feature_name(name, warn=True),
            type=type,
            description=description,
            primary=primary,
            foreign=foreign,
            partition=partition,
            hudi_precombine_key=hudi_precombine_key,
            offline_only=bool(offline_only),
            online_type=online_type,
            default_value=default_value,
            feature_group_id=feature_group_id if feature_group is None else feature_group.id,
            on_demand=on_demand,
            use_fully_qualified_name=use_fully_qualified_name,
            column_name=name if column_name is None else column_name,
        )

    @property
    def original_name(self) -> str:
        """The name as it was before it was brought to lower case."""
        return self.column_name or self.name

    def is_complex(self) -> bool:
        """Whether the type is an array, map, struct or union.

        Returns:
            True for such types.

        Example:
            ```python
            assert Feature("embedding", "array<double>").is_complex()
            ```
        """
        return self.type is not None and self.type.upper().startswith(tuple(self.COMPLEX_TYPES))

    def _comparable(self, value: Any) -> Any:
        if self.type == "timestamp" and not isinstance(value, Feature):
            from hsfs.engine.event_time import filter_text

            return filter_text(value)
        return value

    def __lt__(self, other: Any) -> Filter:
        return Filter(self, Filter.LT, self._comparable(other))

    def __le__(self, other: Any) -> Filter:
        return Filter(self, Filter.LE, self._comparable(other))

    def __eq__(self, other: Any) -> Filter:  # type: ignore[override]
        return Filter(self, Filter.EQ, self._comparable(other))

    def __ne__(self, other: Any) -> Filter:  # type: ignore[override]
        return Filter(self, Filter.NE, self._comparable(other))

    def __ge__(self, other: Any) -> Filter:
        return Filter(self, Filter.GE, self._comparable(other))

    def __gt__(self, other: Any) -> Filter:
        return Filter(self, Filter.GT, self._comparable(other))

    def __hash__(self) -> int:
        return hash((self.feature_group_id, self.name))

    def isin(self, other: str | list[Any]) -> Filter:
        """Make a filter that keeps rows whose value is one of several.

        Parameters:
            other: A value or a list of values.

        Returns:
            The filter.

        Example:
            ```python
            busy = fg.get_feature("origin").isin(["JFK", "LGA"])
            ```
        """
        return Filter(self, Filter.IN, json.dumps(other))

    def contains(self, other: str | list[Any]) -> Filter:
        """Make the same filter as `isin`, which is the name to use.

        Parameters:
            other: A value or a list of values.

        Returns:
            The filter.
        """
        return self.isin(other)

    def like(self, other: Any) -> Filter:
        """Make a filter that keeps rows whose text matches a pattern.

        Parameters:
            other: The pattern; `%` stands for any text and `_` for one character.

        Returns:
            The filter.

        Example:
            ```python
            boeing = fg.get_feature("manufacturer").like("BOEING%")
            ```
        """
        return Filter(self, Filter.LK, other)

    def _output_name(
        self, feature_group: FeatureGroupBase | None = None, prefix: str | None = None
    ) -> str:
        """The name of the column that the feature becomes in a result."""
        if self.use_fully_qualified_name and feature_group is not None:
            return qualified_name(feature_group, self.name)
        return f"{prefix}{self.name}" if prefix else self.name

    def __str__(self) -> str:
        return self.json()


def qualified_name(feature_group: FeatureGroupBase, name: str) -> str:
    """The name of a feature with its project, feature group and version before it."""
    project = str(feature_group.featurestore_name or "").lower().removesuffix("_featurestore")
    return f"{project}_{feature_group.name}_{feature_group.version}_{name}"


def as_feature(feature: str | Feature | dict[str, Any]) -> Feature:
    """Turn a name, a dictionary or a feature into a feature."""
    if isinstance(feature, Feature):
        return feature
    if isinstance(feature, str):
        return Feature(feature)
    if isinstance(feature, dict):
        return Feature(**feature)
    raise TypeError(f"A feature is given as text, Feature or dict, not {type(feature).__name__}.")


def as_features(features: Any) -> list[Feature]:
    """Turn one or several names, dictionaries or features into a list of features."""
    if not features:
        return []
    if isinstance(features, (str, Feature, dict)):
        return [as_feature(features)]
    return [as_feature(feature) for feature in features]
