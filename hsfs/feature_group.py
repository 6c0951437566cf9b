"""Feature groups: tables of features with a key and, usually, an event time.

`FeatureGroupBase` holds what every kind shares: choosing features, which starts a query. `FeatureGroup` holds its rows in the
feature store, `ExternalFeatureGroup` leaves them in another system, and a `SpineGroup` is a frame that is handed over when
training data is read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hopsworks import _native
from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of
from hopsworks.user_warning import warn_user
from hsfs.alerting import FeatureGroupAlerting
from hsfs.constructor.query import Query
from hsfs.engine.event_time import Moment, commit_text, to_milliseconds
from hsfs.feature import Feature
from hsfs.feature_group_removal import RowRemoval
from hsfs.feature_selection import FeatureSelection
from hsfs.statistics_config import as_statistics_config
from hsfs.util import JobWarning
from hsfs.wire_equality import WireEquality

if TYPE_CHECKING:
    from hsfs.feature_store import FeatureStore


class FeatureGroupBase(FeatureSelection, FeatureGroupAlerting, WireEquality):
    """What all kinds of feature groups share.

    Features are reached by name as `fg["name"]`, `fg.name` or `fg.get_feature("name")`.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # What every kind of feature group has by its table.
        id: Any
        partition_key: Any
        statistics_config: Any
        features: Any
        deprecated: Any
        description: Any
        _scope: Any
        _feature_store: Any
        _or_get: bool
        from_response_json: Any
        update_from_response_json: Any
        to_dict: Any

    NOT_FOUND_ERROR_CODE = 270009

    @property
    def column_names(self) -> list[str]:
        """Names of the features, in order."""
        return [feature.name for feature in self.columns]

    @property
    def feature_store(self) -> FeatureStore:
        """The feature store that the feature group belongs to."""
        store = self.__dict__.get("_feature_store")
        if store is None:
            store = scope_of(self).call("feature_store.get", name=self.featurestore_id)
            self._feature_store = store
        return store

    @feature_store.setter
    def feature_store(self, feature_store: FeatureStore) -> None:
        self._feature_store = feature_store

    def get_fg_name(self) -> str:
        """Return the name of the tables of the feature group.

        Returns:
            Name and version joined by `_`.

        Example:
            ```python
            fg.get_fg_name()  # "flights_1"
            ```
        """
        return f"{self.name}_{self.version}"

    # Reading

    def read(
        self,
        wallclock_time: Moment = None,
        online: bool = False,
        dataframe_type: str = "default",
        read_options: dict | None = None,
        start_time: Moment = None,
        end_time: Moment = None,
    ) -> Any:
        """Read all rows, or those of a time.

        Parameters:
            wallclock_time: Read the table as it was at this moment: text such as `2024-01-31 12:00:00`, a date, a datetime or a
                number of milliseconds.
            online: Read from the online store instead of the offline store.
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            read_options: As for `Query.read`.
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.

        Returns:
            The rows.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: The data cannot be read this way.

        Example:
            ```python
            df = fg.read()
            january = fg.read(start_time="2013-01-01", end_time="2013-02-01")
            as_it_was = fg.read(wallclock_time="2024-01-31 12:00:00")
            ```
        """
        if wallclock_time is not None and (start_time is not None or end_time is not None):
            raise FeatureStoreException(
                "wallclock_time reads the table as it was, start_time and end_time choose rows by event time; give one or the other."
            )
        query = self.select_all()
        if wallclock_time is not None:
            query = query.as_of(wallclock_time)
        return query.read(online, dataframe_type, read_options, start_time, end_time)

    def show(self, n: int, online: bool = False) -> Any:
        """Read the first rows.

        Parameters:
            n: Number of rows.
            online: Read from the online store instead of the offline store.

        Returns:
            A pandas frame of at most `n` rows.

        Example:
            ```python
            fg.show(5)
            ```
        """
        return self.select_all().show(n, online)

    # Metadata

    def delete(self, force: bool = False, delete_feature_views: bool = False) -> None:
        """Delete the feature group with its data, offline and online.

        Parameters:
            force: Delete it although feature views use it.
            delete_feature_views: Delete those feature views too.

        Raises:
            hopsworks.client.exceptions.RestAPIError: The server refuses.

        Example:
            ```python
            fg.delete()
            ```
        """
        warn_user(
            f"The jobs of feature group {self.name!r} version {self.version} are removed with it.",
            JobWarning,
        )
        scope_of(self).call(
            "feature_group.delete",
            feature_store_id=self.featurestore_id,
            id=self.id,
            force=True if force else None,
            delete_feature_views=True if delete_feature_views else None,
        )

    def _write_back(self, changed: FeatureGroupBase, **what: Any) -> None:
        answer = scope_of(self).call(
            "feature_group.update",
            changed,
            feature_store_id=self.featurestore_id,
            id=self.id,
            **what,
        )
        self.update_from_response_json(answer)

    def update_description(self, description: str) -> FeatureGroupBase:
        """Change the description.

        Parameters:
            description: The new text, at most 256 characters.

        Returns:
            The feature group itself.

        Example:
            ```python
            fg.update_description("Flights that left New York in 2013")
            ```
        """
        changed = type(self).from_response_json(self.to_dict())
        changed.description = description
        self._write_back(changed, update_metadata=True)
        return self

    def update_feature_description(self, feature_name: str, description: str) -> FeatureGroupBase:
        """Change the description of one feature.

        Parameters:
            feature_name: Name of the feature.
            description: The new text.

        Returns:
            The feature group itself.
        """
        changed = type(self).from_response_json(self.to_dict())
        changed[feature_name].description = description
        self._write_back(changed, update_metadata=True)
        return self

    def update_statistics_config(self) -> FeatureGroupBase:
        """Send the changed `statistics_config` to the server.

        Returns:
            The feature group itself.

        Example:
            ```python
            fg.statistics_config.histograms = True
            fg.update_statistics_config()
            ```
        """
        self.statistics_config = as_statistics_config(self.statistics_config)
        self._write_back(self, update_stats_config=True)
        return self

    def update_deprecated(self, deprecate: bool = True) -> FeatureGroupBase:
        """Mark the feature group as deprecated, so that its users are warned, or take the mark away.

        Parameters:
            deprecate: Whether it is deprecated.

        Returns:
            The feature group itself.
        """
        self._write_back(self, deprecate=deprecate)
        return self

    def check_deprecated(self) -> None:
        """Warn when the feature group is deprecated."""
        if self.deprecated:
            warn_user(
                f"The feature group {self.name!r} version {self.version} is deprecated; ask its owner what to use instead."
            )

    def _take_keys_from_features(self) -> None:
        """Fill the lists of keys from the flags of the features; called when the object came from a server."""
        primary, foreign, partition = [], [], []
        for feature in self.features:
            if feature.primary:
                primary.append(feature.name)
            if feature.foreign:
                foreign.append(feature.name)
            if feature.partition:
                partition.append(feature.name)
        self.primary_key = primary
        if hasattr(type(self), "foreign_key"):
            self.foreign_key = foreign
        if hasattr(type(self), "partition_key"):
            self.partition_key = partition

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.version!r}, {self.featurestore_id!r})"


class FeatureGroup(RowRemoval, FeatureGroupBase, _native.FeatureGroup):
    """A feature group whose rows live in the feature store.

    Feature groups are made by `FeatureStore.create_feature_group` or `get_or_create_feature_group` and exist on the server
    after the first `insert` or `save`.

    Example:
        ```python
        fg = fs.get_or_create_feature_group(
            name="weather", version=1, primary_key=["origin"], event_time="time_hour", online_enabled=True
        )
        fg.insert(df)
        df = fg.read()
        ```
    """

    CACHED_FEATURE_GROUP = "CACHED_FEATURE_GROUP"
    STREAM_FEATURE_GROUP = "STREAM_FEATURE_GROUP"
    ENTITY_TYPE = "featuregroups"

    # The same native descriptors under the other names that users know.
    columns = _native.FeatureGroup.features
    schema = _native.FeatureGroup.features
    feature_store_id = _native.FeatureGroup.featurestore_id
    feature_store_name = _native.FeatureGroup.featurestore_name

    def _after_decode(self) -> None:
        self._take_keys_from_features()

    def save(
        self,
        features: Any = None,
        write_options: dict[str, Any] | None = None,
        validation_options: dict[str, Any] | None = None,
        wait: bool = False,
        n_processes: int | None = None,
    ) -> tuple[Any, Any]:
        """Register the feature group, and insert rows when a frame is given.

        Parameters:
            features: A frame, whose columns become the features and whose rows are inserted; or a list of features; or None when
                the feature group was made with features.
            write_options: As for `insert`.
            validation_options: As for `insert`.
            wait: As for `insert`.
            n_processes: As for `insert`.

        Returns:
            The job that writes the rows, or None when they are written already; and the validation report, or None.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: There are no features, or a key is not among them.

        Example:
            ```python
            from hsfs.feature import Feature

            fg = fs.create_feature_group("rides", version=1, primary_key=["id"])
            fg.save([Feature("id", "bigint"), Feature("km", "double")])
            ```
        """
        from hsfs.engine.insertion import create_empty_table
        from hsfs.engine.new_feature_group import complete, register

        given = (
            isinstance(features, list)
            and bool(features)
            and all(isinstance(f, Feature) for f in features)
        )
        if features is None and not self.columns:
            raise FeatureStoreException(
                f"The feature group {self.name!r} has no features. Give features=[…] when creating it, or save a frame."
            )
        if features is None or given:
            if given:
                self.columns = features
            options = dict(write_options or {})
            complete(self)
            register(self, self.columns, options)
            create_empty_table(self, options)
            return None, None
        return self.insert(
            features, write_options=write_options, validation_options=validation_options, wait=wait
        )

    def insert(
        self,
        features: Any,
        overwrite: bool = False,
        operation: str = "upsert",
        storage: str | None = None,
        write_options: dict[str, Any] | None = None,
        validation_options: dict[str, Any] | None = None,
        wait: bool = False,
        transformation_context: dict[str, Any] | None = None,
        transform: bool = True,
        n_processes: int | None = None,
    ) -> tuple[Any, Any]:
        """Insert rows; a feature group that does not exist yet is created from the columns of the frame.

        The frame is checked before anything is sent. Offline, a row with the same primary key and event time as an existing one
        replaces it; online, the newest row of each primary key is kept.

        Parameters:
            features: A pandas or polars DataFrame or a pyarrow Table.
            overwrite: Remove all present rows first.
            operation: `upsert`, or `insert` to append without looking for rows of the same key.
            storage: `offline` or `online` to write to one of the two; None writes to all that the feature group has.
            write_options: Options of the Delta writer, such as `delta.enableChangeDataFeed`.
            validation_options: `{"schema_validation": False}` skips the checks of keys and text lengths.
            wait: Wait until rows are in place; this call always does unless the write is a job.
            transformation_context: For on-demand transformations.
            transform: Whether to run on-demand transformations.
            n_processes: Number of processes that run on-demand transformations.

        Returns:
            The job that writes the rows, or None when they are written already; and the validation report, or None.

        Raises:
            ValueError: A primary key is missing or null, or text is longer than its online column.
            TypeError: `features` is not a frame.
            hopsworks.client.exceptions.FeatureStoreException: Columns do not match the features of the feature group.

        Example:
            ```python
            import pandas as pd

            fg.insert(pd.DataFrame({"origin": ["JFK"], "time_hour": [pd.Timestamp("2013-01-01")], "temp": [39.0]}))
            ```
        """
        from hsfs.engine import insertion

        insertion.insert(
            self,
            features,
            overwrite=overwrite,
            operation=operation,
            storage=storage,
            write_options=dict(write_options or {}),
            validation_options=validation_options or {},
        )
        return None, None

    def as_of(
        self,
        wallclock_time: Moment = None,
        exclude_until: Moment = None,
    ) -> Query:
        """Start a query on the table as it was at a moment.

        Parameters:
            wallclock_time: The moment: text such as `2024-01-31 12:00:00`, a date, a datetime or a number. None means now.
            exclude_until: Leave out rows committed until this moment.

        Returns:
            The query.

        Example:
            ```python
            df = fg.as_of("2024-01-31").read()
            ```
        """
        return self.select_all().as_of(wallclock_time, exclude_until)

    def read_changes(
        self,
        start_wallclock_time: str | int | datetime | date,
        end_wallclock_time: str | int | datetime | date,
        read_options: dict | None = None,
    ) -> Any:
        """Read the rows that were committed between two moments.

        Parameters:
            start_wallclock_time: The first moment.
            end_wallclock_time: The last moment.
            read_options: As for `Query.read`.

        Returns:
            A pandas frame.
        """
        query = self.select_all().pull_changes(start_wallclock_time, end_wallclock_time)
        return query.read(False, "default", read_options)

    def commit_details(
        self,
        wallclock_time: Moment = None,
        limit: int | None = None,
    ) -> dict[int, dict[str, str | int]]:
        """List the commits to the offline table, newest first.

        Parameters:
            wallclock_time: Only commits until this moment.
            limit: Largest number of commits.

        Returns:
            For each commit, by identifier: `committedOn`, `rowsInserted`, `rowsUpdated` and `rowsDeleted`.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: The format of the table keeps no commits.

        Example:
            ```python
            newest = next(iter(fg.commit_details(limit=1).values()))
            ```
        """
        if (self.time_travel_format or "").upper() not in ("HUDI", "DELTA", "ICEBERG"):
            raise FeatureStoreException(
                f"The feature group {self.name!r} has the format {self.time_travel_format}, which keeps no commits. "
                "Create it with time_travel_format='DELTA' to read it as of a time."
            )
        until = to_milliseconds(wallclock_time)
        commits = scope_of(self).call(
            "feature_group.commits",
            feature_store_id=self.featurestore_id,
            id=self.id,
            limit=limit,
            filter_by=None if until is None else f"commited_on_ltoeq:{until}",
        )
        return {
            commit.commitid: {
                "committedOn": commit_text(commit.commitid),
                "rowsUpdated": commit.rows_updated,
                "rowsInserted": commit.rows_inserted,
                "rowsDeleted": commit.rows_deleted,
            }
            for commit in commits
        }


class ExternalFeatureGroup(FeatureGroupBase, _native.ExternalFeatureGroup):
    """A feature group whose rows stay in another system, such as a data warehouse."""

    EXTERNAL_FEATURE_GROUP = "ON_DEMAND_FEATURE_GROUP"
    ENTITY_TYPE = "featuregroups"

    # Its rows have no commits here.
    time_travel_format = None
    columns = _native.ExternalFeatureGroup.features
    schema = _native.ExternalFeatureGroup.features
    feature_store_id = _native.ExternalFeatureGroup.featurestore_id
    feature_store_name = _native.ExternalFeatureGroup.featurestore_name

    def _after_decode(self) -> None:
        self._take_keys_from_features()

    def read(  # type: ignore[override]
        self,
        dataframe_type: str = "default",
        online: bool = False,
        read_options: dict | None = None,
        start_time: Moment = None,
        end_time: Moment = None,
        *,
        force_vended: bool = False,
    ) -> Any:
        """Read all rows, or those of a time.

        Parameters:
            dataframe_type: `default` or `pandas`, `polars`, `numpy` or `python` (a list of lists).
            online: Read from the online store instead of the source.
            read_options: As for `Query.read`.
            start_time: Only rows whose event time is at or after this moment.
            end_time: Only rows whose event time is before this moment.
            force_vended: For Spark; it changes nothing here.

        Returns:
            The rows.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: The query service does not read the source.
        """
        return self.select_all().read(online, dataframe_type, read_options, start_time, end_time)


class SpineGroup(FeatureGroupBase, _native.SpineGroup):
    """Keys, event times and labels that are handed over as a frame when training data is read."""

    SPINE_GROUP = "ON_DEMAND_FEATURE_GROUP"
    ENTITY_TYPE = "featuregroups"

    time_travel_format = None
    columns = _native.SpineGroup.features
    schema = _native.SpineGroup.features
    feature_store_id = _native.SpineGroup.featurestore_id
    feature_store_name = _native.SpineGroup.featurestore_name

    def _after_decode(self) -> None:
        self._take_keys_from_features()
