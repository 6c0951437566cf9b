"""Choosing features of a feature group, by name or for a query."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.constructor.filter import Filter, Logic
from hsfs.constructor.query import Query
from hsfs.feature import Feature, feature_name


class UnknownFeatureError(FeatureStoreException, KeyError):
    """A feature was asked for by a name that its feature group does not have."""

    # KeyError would show the message as a quoted key.
    __str__ = Exception.__str__


class FeatureSelection:
    """The methods of a feature group that find features and start queries."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What every kind of feature group has by its table.
        name: Any
        version: Any
        featurestore_id: Any
        featurestore_name: Any
        columns: Any
        column_names: Any
        primary_key: Any
        foreign_key: Any
        event_time: Any

    def _query(self, features: list[Any]) -> Query:
        return Query(self, features, self.featurestore_name, self.featurestore_id)

    def select(self, features: list[str | Feature]) -> Query:
        """Start a query with some of the features.

        Parameters:
            features: Names of features, or features.

        Returns:
            The query.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: A feature is not in the feature group.

        Example:
            ```python
            df = fg.select(["origin", "distance"]).read()
            ```
        """
        chosen = [features] if isinstance(features, (str, Feature)) else list(features)
        known = {feature.name for feature in self.columns}
        if known:
            for feature in chosen:
                self._check_known(feature, known)
        return self._query(chosen)

    def _check_known(self, feature: Any, known: set[str]) -> None:
        name = feature.name if isinstance(feature, Feature) else feature
        if isinstance(name, dict):
            name = name.get("name", "")
        if name in ("*",) or feature_name(name) in known:
            return
        near = difflib.get_close_matches(feature_name(name), known, n=1)
        advice = f"Did you mean {near[0]!r}? " if near else ""
        raise FeatureStoreException(
            f"The feature group {self.name!r} version {self.version} has no feature {name!r}. {advice}"
            f"Its features are: {', '.join(self.column_names)}."
        )

    def select_all(
        self,
        include_primary_key: bool = True,
        include_foreign_key: bool = True,
        include_partition_key: bool = True,
        include_event_time: bool = True,
    ) -> Query:
        """Start a query with all features.

        Parameters:
            include_primary_key: Whether to take the primary key.
            include_foreign_key: Whether to take the foreign keys.
            include_partition_key: Whether to take the partition key.
            include_event_time: Whether to take the event time.

        Returns:
            The query.

        Example:
            ```python
            df = fg.select_all(include_event_time=False).read()
            ```
        """
        left_out: list[str | Feature] = []
        if not include_event_time and self.event_time:
            left_out.append(self.event_time)
        if not include_primary_key:
            left_out += self.primary_key or []
        if not include_foreign_key:
            left_out += self.foreign_key or []
        if not include_partition_key:
            left_out += getattr(self, "partition_key", None) or []
        return self.select_except(left_out) if left_out else self._query(list(self.columns))

    def select_features(self) -> Query:
        """Start a query with the features that are no keys and not the event time.

        Returns:
            The query.

        Example:
            ```python
            query = fg.select_features()
            ```
        """
        return self.select_all(False, False, False, False)

    def select_except(self, features: list[str | Feature] | None = None) -> Query:
        """Start a query with all features but some.

        Parameters:
            features: Names of the features to leave out, or features.

        Returns:
            The query.

        Example:
            ```python
            query = fg.select_except(["tailnum"])
            ```
        """
        left_out = {f.name if isinstance(f, Feature) else feature_name(f) for f in features or ()}
        return self._query([feature for feature in self.columns if feature.name not in left_out])

    def filter(self, f: Filter | Logic) -> Query:
        """Start a query with all features and a condition.

        Parameters:
            f: A comparison of a feature, or several joined with `&` and `|`.

        Returns:
            The query.

        Example:
            ```python
            df = fg.filter((fg["distance"] > 500) & (fg["origin"] == "JFK")).read()
            ```
        """
        return self.select_all().filter(f)

    def get_feature(self, name: str) -> Feature | None:
        """Find a feature by name.

        Parameters:
            name: The name.

        Returns:
            The feature, or None when there is none of that name.

        Example:
            ```python
            fg.get_feature("distance").type
            ```
        """
        for feature in self.columns:
            if feature.name == name:
                return feature
        return None

    def __getitem__(self, name: str) -> Feature:
        if not isinstance(name, str):
            raise TypeError(f"Features are reached by name, not by {type(name).__name__}.")
        feature = self.get_feature(name)
        if feature is None:
            raise UnknownFeatureError(
                f"The feature group {self.name!r} version {self.version} has no feature {name!r}."
            )
        return feature

    def __getattr__(self, name: str) -> Feature:
        if not name.startswith("_"):
            feature = self.get_feature(name)
            if feature is not None:
                return feature
        raise AttributeError(
            f"{type(self).__name__} has no attribute and no feature {name!r}. "
            "Features whose name is taken by a method are reached with get_feature()."
        )

    def get_complex_features(self) -> list[str]:
        """List the features that are arrays, maps or structs.

        Returns:
            Their names.
        """
        return [feature.name for feature in self.columns if feature.is_complex()]
