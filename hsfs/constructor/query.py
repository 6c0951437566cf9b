"""Queries: which features to read, from which feature groups, joined how and filtered by what.

A query is a description that grows call by call and is turned into SQL by the server when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.client.exceptions import FeatureStoreException
from hsfs.constructor.filter import Filter, Logic, as_logic
from hsfs.constructor.join import Join
from hsfs.engine.event_time import Moment, to_milliseconds
from hsfs.feature import Feature, as_feature, as_features

if TYPE_CHECKING:
    import pyarrow as pa

    from hsfs.feature_group import FeatureGroupBase

_logger = get_logger(__name__)
_filter = _native.Query.__dict__["filter"]
_limit = _native.Query.__dict__["limit"]


class Query(_native.Query):
    """A selection of features from one or more joined feature groups.

    Queries start at a feature group (`select`, `select_all`, `select_features`, `select_except`, `filter`, `as_of`).
    The methods that refine a query change it and return it, so that calls can be chained.

    Parameters:
        left_feature_group: The feature group that the query starts from.
        left_features: The features to take from it: names, features or dictionaries.
        feature_store_name: Name of the feature store.
        feature_store_id: Identifier of the feature store.
        left_feature_group_start_time: Read only changes committed after this moment.
        left_feature_group_end_time: Read the table as it was at this moment.
        joins: Joins to begin with.
        filter: Condition to begin with.
        limit: Largest number of rows.

    Example:
        ```python
        query = (
            flights.select(["origin", "distance", "arr_delay"])
            .join(weather.select(["temp", "visib"]), on=["origin"], prefix="w_")
            .filter(flights["distance"] > 200)
        )
        df = query.read()
        ```
    """

    def __init__(
        self,
        left_feature_group: Any,
        left_features: list[str | Feature | dict],
        feature_store_name: str | None = None,
        feature_store_id: int | None = None,
        left_feature_group_start_time: Moment = None,
        left_feature_group_end_time: Moment = None,
        joins: list[Join] | None = None,
        filter: Filter | Logic | dict[str, Any] | None = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            left_feature_group,
            as_features(left_features),
            feature_store_name,
            feature_store_id,
            left_feature_group_start_time,
            left_feature_group_end_time,
            list(joins or ()),
            Logic.from_response_json(filter) if isinstance(filter, dict) else as_logic(filter),
            limit,
        )
        self._scope = left_feature_group._scope

    # What the query is made of

    @property
    def filters(self) -> Logic | None:
        """The conditions of this query and of the queries joined to it, all joined by AND."""
        condition = _filter.__get__(self)
        for join in self.joins or ():
            inner = _filter.__get__(join.query)
            if inner is not None:
                condition = inner if condition is None else condition & inner
        return condition

    @property
    def featuregroups(self) -> list[FeatureGroupBase]:
        """The feature groups of this query and of the queries joined to it, each once."""
        found: list[FeatureGroupBase] = [self.left_feature_group]
        for join in self.joins or ():
            found += [
                group
                for group in join.query.featuregroups
                if not any(group is seen for seen in found)
            ]
        return found

    @property
    def features(self) -> list[Feature]:
        """The selected features: those of the left feature group, then those of each join."""
        found = list(self.left_features)
        for join in self.joins or ():
            found += join.query.left_features
        return found

    def append_feature(self, feature: str | Feature) -> Query:
        """Select one more feature of the left feature group.

        Parameters:
            feature: The feature or its name.

        Returns:
            The query itself.

        Example:
            ```python
            query = fg.select(["origin"]).append_feature("distance")
            ```
        """
        self.left_features.append(as_feature(feature))
        return self

    def get_feature(self, feature_name: str) -> Feature:
        """Find a selected feature by name.

        Parameters:
            feature_name: Name, with or without the prefix of its join.

        Returns:
            The feature.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: No feature, or more than one, has the name.

        Example:
            ```python
            temperature = query.get_feature("w_temp")
            ```
        """
        return self._find(feature_name)[0]

    def _lookup(self) -> dict[str, list[tuple[Feature, str | None, FeatureGroupBase]]]:
        table: dict[str, list[tuple[Feature, str | None, FeatureGroupBase]]] = {}
        for feature in self.left_features:
            table.setdefault(feature.name, []).append((feature, None, self.left_feature_group))
        for join in self._all_joins():
            group = join.query.left_feature_group
            for feature in join.query.left_features:
                entry = (feature, join.prefix, group)
                table.setdefault(feature.name, []).append(entry)
                if join.prefix:
                    table.setdefault(join.prefix + feature.name, []).append(entry)
        return table

    def _all_joins(self) -> list[Join]:
        found: list[Join] = []
        for join in self.joins or ():
            found.append(join)
            found += join.query._all_joins()
        return found

    def _find(self, name: str) -> tuple[Feature, str | None, FeatureGroupBase]:
        table = self._lookup()
        entries = table.get(name)
        if entries is None:
            raise FeatureStoreException(
                f"The query selects no feature {name!r}. It selects: {', '.join(sorted(table))}. "
                "Add it to the selection, or correct the name."
            )
        if len(entries) > 1:
            plain = [entry for entry in entries if not entry[1]]
            if len(plain) == 1:
                return plain[0]
            groups = ", ".join(f"{group.name} version {group.version}" for _, _, group in entries)
            raise FeatureStoreException(
                f"The feature {name!r} is in more than one feature group of the query ({groups}). "
                "Put the prefix of the join before the name, or give the joins prefixes."
            )
        return entries[0]

    def __getitem__(self, name: str) -> Feature:
        if not isinstance(name, str):
            raise TypeError(
                f"Features of a query are reached by name, not by {type(name).__name__}."
            )
        return self.get_feature(name)

    def __getattr__(self, name: str) -> Feature:
        if not name.startswith("_"):
            try:
                return self.get_feature(name)
            except FeatureStoreException:
                pass
        raise AttributeError(f"A query has no attribute and selects no feature {name!r}.")

    def get_ambiguous_features(self) -> dict[str, set[str]]:
        """List the names that more than one feature group of the query would give to a column.

        Returns:
            For each such name the feature groups, as `name version n`.
        """
        owners: dict[str, set[str]] = {}
        pairs: list[tuple[FeatureGroupBase, str | None, list[Feature]]]
        pairs = [(self.left_feature_group, None, self.left_features)]
        pairs += [
            (join.query.left_feature_group, join.prefix, join.query.left_features)
            for join in self._all_joins()
        ]
        for group, prefix, features in pairs:
            for feature in features:
                owners.setdefault(feature._output_name(group, prefix), set()).add(
                    f"{group.name} version {group.version}"
                )
        return {name: groups for name, groups in owners.items() if len(groups) > 1}

    def check_and_warn_ambiguous_features(self) -> None:
        """Log a warning that names the columns which more than one feature group provides."""
        for name, groups in self.get_ambiguous_features().items():
            _logger.warning(
                "The feature %r is in the feature groups %s; its columns get the names of their feature groups. "
                "Give the join a prefix to choose the names yourself.",
                name,
                ", ".join(sorted(groups)),
            )

    # Refining

    def join(
        self,
        sub_query: Query,
        on: list[str] | None = None,
        left_on: list[str] | None = None,
        right_on: list[str] | None = None,
        join_type: str | None = "left",
        prefix: str | None = None,
    ) -> Query:
        """Join another query to the right of this one.

        When both sides have an event time, each row of the left side meets the newest row of the right side that is not
        newer than itself (a point-in-time join).

        Parameters:
            sub_query: The query on the right side.
            on: Features that have the same name on both sides. Without any of the three, the primary key is used.
            left_on: Features of the left side.
            right_on: Features of the right side, as many as in `left_on`.
            join_type: `inner`, `left`, `right`, `full`, `cross` or `left_semi_join`.
            prefix: Text put before the names of the features of the right side.

        Returns:
            The query itself.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: A feature to join on is not in its feature group.

        Example:
            ```python
            query = flights.select_all().join(planes.select(["seats"]), on=["tailnum"], prefix="plane_")
            ```
        """
        join = Join(sub_query, on, left_on, right_on, (join_type or Join.LEFT).upper(), prefix)
        if len(join.left_on) != len(join.right_on):
            raise FeatureStoreException(
                f"left_on names {len(join.left_on)} feature(s) and right_on {len(join.right_on)}; give as many on both sides."
            )
        _check_join_keys(self, [*join.on, *join.left_on], "left")
        _check_join_keys(sub_query, [*join.on, *join.right_on], "right")
        self.joins.append(join)
        return self

    def filter(self, f: Filter | Logic) -> Query:  # type: ignore[override]
        """Keep only rows that meet a condition; a second call adds its condition with AND.

        Parameters:
            f: A comparison of a feature, or several joined with `&` and `|`.

        Returns:
            The query itself.

        Raises:
            TypeError: The condition is not a filter.

        Example:
            ```python
            query = fg.select_all().filter((fg["distance"] > 500) & (fg["origin"] == "JFK"))
            ```
        """
        present = _filter.__get__(self)
        _filter.__set__(self, as_logic(f) if present is None else present & f)
        return self

    def limit(self, n: int) -> Query:  # type: ignore[override]
        """Read at most `n` rows.

        Parameters:
            n: Number of rows.

        Returns:
            The query itself.

        Example:
            ```python
            some = fg.select_all().limit(100).read()
            ```
        """
        _limit.__set__(self, n)
        return self

    def as_of(
        self,
        wallclock_time: Moment = None,
        exclude_until: Moment = None,
    ) -> Query:
        """Read the tables of this query and of its joins as they were at a moment.

        Parameters:
            wallclock_time: The moment: text such as `2024-01-31 12:00:00`, a date, a datetime or a number. None means now.
            exclude_until: Leave out rows committed until this moment.

        Returns:
            The query itself.

        Example:
            ```python
            before = fg.select_all().as_of("2024-01-31").read()
            ```
        """
        end, start = to_milliseconds(wallclock_time), to_milliseconds(exclude_until)
        for query in (self, *(join.query for join in self.joins)):
            query.left_feature_group_end_time = end
            query.left_feature_group_start_time = start
        return self

    def pull_changes(
        self,
        wallclock_start_time: str | int | date | datetime,
        wallclock_end_time: str | int | date | datetime,
    ) -> Query:
        """Read only rows of the left feature group that were committed between two moments.

        Parameters:
            wallclock_start_time: The first moment.
            wallclock_end_time: The last moment.

        Returns:
            The query itself.
        """
        self.left_feature_group_start_time = to_milliseconds(wallclock_start_time)
        self.left_feature_group_end_time = to_milliseconds(wallclock_end_time)
        return self

    def is_time_travel(self) -> bool:
        """Whether a moment was set by `as_of` or `pull_changes`, here or in a joined query.

        Returns:
            True if so.
        """
        return bool(
            self.left_feature_group_start_time
            or self.left_feature_group_end_time
            or any(join.query.is_time_travel() for join in self.joins or ())
        )

    def is_cache_feature_group_only(self) -> bool:
        """Whether every feature group of the query keeps its data in the feature store itself.

        Returns:
            True if none is external or a spine.
        """
        from hsfs.feature_group import FeatureGroup

        return all(isinstance(group, FeatureGroup) for group in self.featuregroups)

    # Reading

    def read(
        self,
        online: bool = False,
        dataframe_type: str = "default",
        read_options: dict[str, Any] | None = None,
        start_time: Moment = None,
        end_time: Moment = None,
    ) -> Any:
        """Read the result.

        Parameters:
            online: Read from the online store instead of the offline store.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            read_options: `arrow_flight_config={"timeout": seconds}` bounds the wait; `pandas_types=True` casts the columns to
                nullable types.
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.

        Returns:
            The rows.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: The data cannot be read this way.
            TypeError: `dataframe_type` is not one of the above.

        Example:
            ```python
            df = fg.select(["origin", "distance"]).read(dataframe_type="polars")
            ```
        """
        from hsfs.engine import reading

        if start_time is not None or end_time is not None:
            reading.add_event_time_filter(self, start_time, end_time)
        self.check_and_warn_ambiguous_features()
        return reading.read_query(self, online, dataframe_type, read_options or {})

    @contextmanager
    def read_batches(
        self,
        online: bool = False,
        batch_size: int = 10000,
        read_options: dict[str, Any] | None = None,
    ) -> Iterator[Iterator[pa.RecordBatch]]:
        """Read the result as a stream of Arrow record batches, without holding it in memory as a whole.

        Parameters:
            online: Read from the online store instead of the offline store.
            batch_size: Largest number of rows in a batch.
            read_options: As in `read`.

        Returns:
            A context manager that yields an iterator of batches.

        Example:
            ```python
            with fg.select_all().read_batches(batch_size=50_000) as batches:
                rows = sum(batch.num_rows for batch in batches)
            ```
        """
        from hsfs.engine import reading

        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; give at least 1.")
        batches = reading.stream_query(self, online, batch_size, read_options or {})
        try:
            yield batches
        finally:
            batches.close()

    def show(self, n: int, online: bool = False) -> Any:
        """Read the first rows.

        Parameters:
            n: Number of rows.
            online: Read from the online store instead of the offline store.

        Returns:
            A pandas frame of at most `n` rows.

        Example:
            ```python
            query.show(5)
            ```
        """
        from hsfs.engine import reading

        previous = _limit.__get__(self)
        _limit.__set__(self, n)
        try:
            return reading.read_query(self, online, "default", {}).head(n)
        finally:
            _limit.__set__(self, previous)

    def to_string(self, online: bool = False, arrow_flight: bool = False) -> str | None:
        """Return the SQL that the server makes of the query.

        Parameters:
            online: The SQL for the online store.
            arrow_flight: For a point-in-time join, the text with ASOF joins instead of window functions.

        Returns:
            The SQL.

        Example:
            ```python
            sql = fg.select(["origin"]).to_string()
            ```
        """
        from hsfs.engine import reading

        constructed = reading.construct(self, hqs=False)
        if online:
            return constructed.query_online
        if constructed.pit_query is not None:
            return constructed.pit_query_asof if arrow_flight else constructed.pit_query
        return constructed.query

    def __str__(self) -> str:
        return self.to_string() or ""


def _check_join_keys(query: Query, keys: list[Feature], side: str) -> None:
    known = {feature.name for feature in query.left_feature_group.columns or ()}
    if not known:
        return
    known.update(name for name in query._lookup())
    for key in keys:
        if key.name not in known:
            group = query.left_feature_group
            raise FeatureStoreException(
                f"Cannot join on {key.name!r}: the {side} feature group {group.name!r} version {group.version} has no such "
                f"feature. Its features are: {', '.join(feature.name for feature in group.columns)}."
            )
