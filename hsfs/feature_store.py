"""The feature store of a project: where feature groups and feature views are made and found."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hopsworks import _native
from hopsworks.resource_scope import scope_of
from hsfs.feature_store_search import FeatureStoreSearch
from hsfs.feature_store_views import FeatureStoreViews
from hsfs.util import VersionWarning

if TYPE_CHECKING:
    from hopsworks.session import ProjectSession
    from hsfs.feature import Feature
    from hsfs.feature_group import FeatureGroup
    from hsfs.statistics_config import StatisticsConfig

_SUFFIX = "_featurestore"


def get_feature_store(session: ProjectSession, name: str | None = None) -> FeatureStore:
    """Return a feature store as seen from a project.

    Parameters:
        session: The project.
        name: Name of the feature store, with or without `_featurestore`; None means the project's own.
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(
            f"name is of type {type(name).__name__}, not str. Pass the name of the project that owns the feature store."
        )
    full = (name or session.project_name or "").lower()
    if not full.endswith(_SUFFIX):
        full += _SUFFIX
    stores = session.cache.setdefault("feature_stores", {})
    if full not in stores:
        stores[full] = session.scope.call("feature_store.get", name=full)
    return stores[full]


class FeatureStore(FeatureStoreViews, FeatureStoreSearch, _native.FeatureStore):
    """The feature store of a project.

    It is reached through a project.

    Example:
        ```python
        import hopsworks

        fs = hopsworks.login().get_feature_store()
        ```
    """

    DEFAULT_VERSION = 1

    id = _native.FeatureStore.featurestore_id
    name = _native.FeatureStore.featurestore_name

    def get_feature_group(self, name: str, version: int | None = None) -> FeatureGroup | None:
        """Get one version of a feature group.

        Parameters:
            name: Name of the feature group.
            version: Its version; 1 when it is not given, with a warning.

        Returns:
            The feature group, or None when there is none of that name and version.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: It is not here, but in a feature store shared with the project.

        Example:
            ```python
            fg = fs.get_feature_group("weather", version=1)
            ```
        """
        if version is None:
            version = self._default_version("feature group", name)
        group = scope_of(self).call(
            "feature_group.get", feature_store_id=self.featurestore_id, name=name, version=version
        )
        if group is None:
            from hsfs.engine.shared_stores import refuse_if_shared

            refuse_if_shared(self, name, version)
            return None
        group._feature_store = self
        if group.deprecated:
            group.check_deprecated()
        return group

    def _default_version(self, kind: str, name: str) -> int:
        warnings.warn(
            f"No version was given for {kind} {name!r}; getting version {self.DEFAULT_VERSION}.",
            VersionWarning,
            stacklevel=3,
        )
        return self.DEFAULT_VERSION

    def get_feature_groups(self, name: str | None = None) -> list[FeatureGroup]:
        """List feature groups.

        Parameters:
            name: List all versions of this feature group; None lists all feature groups.

        Returns:
            The feature groups; an empty list when there is none.

        Example:
            ```python
            for fg in fs.get_feature_groups():
                print(fg.name, fg.version)
            ```
        """
        call, store = scope_of(self).call, self.featurestore_id
        if name is None:
            groups = call("feature_group.list", feature_store_id=store)
        else:
            groups = call("feature_group.versions", feature_store_id=store, name=name)
        for group in groups:
            group._feature_store = self
        return groups

    def create_feature_group(
        self,
        name: str,
        version: int | None = None,
        description: str = "",
        online_enabled: bool = False,
        time_travel_format: str | None = None,
        partition_key: list[str] | None = None,
        primary_key: list[str] | None = None,
        foreign_key: list[str] | None = None,
        embedding_index: Any = None,
        hudi_precombine_key: str | None = None,
        features: list[Feature] | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        event_time: str | None = None,
        stream: bool = False,
        expectation_suite: Any = None,
        parents: list[FeatureGroup] | None = None,
        topic_name: str | None = None,
        notification_topic_name: str | None = None,
        transformation_functions: list[Any] | None = None,
        online_config: Any = None,
        offline_backfill_every_hr: int | str | None = None,
        storage_connector: Any = None,
        path: str | None = None,
        data_source: Any = None,
        ttl: float | timedelta | None = None,
        ttl_enabled: bool | None = None,
        online_disk: bool | None = None,
        sink_enabled: bool | None = False,
        sink_job_conf: Any = None,
        sink_job: Any = None,
        tags: Any = None,
        partitioned_by: list[str] | None = None,
        online_partition_columns: bool = False,
        zorder_by: list[str] | None = None,
        clustered_by: list[str] | None = None,
        bucket_index: dict[str, Any] | None = None,
        sort_order: list[str] | None = None,
    ) -> FeatureGroup:
        """Describe a new feature group. It is registered by its first `insert` or `save`.

        Parameters:
            name: Name: a lower-case letter, then letters, digits or underscores, at most 63.
            version: Version; the server counts up when it is not given.
            description: What the feature group holds, at most 256 characters.
            online_enabled: Whether the newest row of each primary key is kept in the online store too.
            time_travel_format: `DELTA` (the default), `HUDI`, `ICEBERG` or `NONE`.
            partition_key: Features by which the offline table is partitioned.
            primary_key: Features that identify a row, together with the event time.
            foreign_key: Features that identify rows of other feature groups.
            embedding_index: Index for similarity search.
            hudi_precombine_key: Feature by which Hudi chooses between rows of one key.
            features: The features; without them they are inferred from the first frame.
            statistics_config: Which statistics to compute; False computes none.
            event_time: Feature that says when a row became true; of type timestamp, date or bigint.
            stream: Whether rows arrive through Kafka.
            expectation_suite: Checks that inserted rows must pass.
            parents: Feature groups that this one is computed from.
            topic_name: Kafka topic of the feature group.
            notification_topic_name: Kafka topic for notifications of new online rows.
            transformation_functions: On-demand transformations.
            online_config: Options of the online table.
            offline_backfill_every_hr: How often streamed rows are written to the offline table.
            storage_connector: Storage of the offline table, when it is not the project's own.
            path: Path of the offline table in that storage.
            data_source: The two above in one object.
            ttl: How long online rows live: seconds or a timedelta.
            ttl_enabled: Whether they expire.
            online_disk: Whether online rows are kept on disk instead of in memory.
            sink_enabled: Whether the server itself fetches rows from the data source.
            sink_job_conf: Options of the job that fetches them.
            sink_job: The job that fetches them.
            tags: Tags to attach.
            partitioned_by: Partition transforms of the offline table.
            online_partition_columns: Whether derived partition columns are kept online.
            zorder_by: Features for Z-ordering.
            clustered_by: Features for clustering.
            bucket_index: Bucket index.
            sort_order: Sort order of the offline table.

        Returns:
            The feature group, not yet registered.

        Raises:
            hopsworks.client.exceptions.FeatureStoreException: An option is not supported by this client.

        Example:
            ```python
            fg = fs.create_feature_group(
                "weather", version=1, primary_key=["origin"], event_time="time_hour", online_enabled=True
            )
            fg.insert(df)
            ```
        """
        from hsfs.engine.new_feature_group import describe

        return describe(
            self,
            name=name,
            version=version,
            description=description,
            online_enabled=online_enabled,
            time_travel_format=time_travel_format,
            partition_key=partition_key,
            primary_key=primary_key,
            foreign_key=foreign_key,
            embedding_index=embedding_index,
            hudi_precombine_key=hudi_precombine_key,
            features=features,
            statistics_config=statistics_config,
            event_time=event_time,
            stream=stream,
            expectation_suite=expectation_suite,
            parents=parents,
            topic_name=topic_name,
            notification_topic_name=notification_topic_name,
            transformation_functions=transformation_functions,
            online_config=online_config,
            offline_backfill_every_hr=offline_backfill_every_hr,
            storage_connector=storage_connector,
            path=path,
            data_source=data_source,
            ttl=ttl,
            ttl_enabled=ttl_enabled,
            online_disk=online_disk,
            sink_enabled=sink_enabled,
            sink_job_conf=sink_job_conf,
            sink_job=sink_job,
            tags=tags,
            partitioned_by=partitioned_by,
            online_partition_columns=online_partition_columns,
            zorder_by=zorder_by,
            clustered_by=clustered_by,
            bucket_index=bucket_index,
            sort_order=sort_order,
        )

    def get_or_create_feature_group(
        self,
        name: str,
        version: int,
        description: str | None = "",
        online_enabled: bool | None = False,
        time_travel_format: str | None = None,
        partition_key: list[str] | None = None,
        primary_key: list[str] | None = None,
        foreign_key: list[str] | None = None,
        embedding_index: Any = None,
        hudi_precombine_key: str | None = None,
        features: list[Feature] | None = None,
        statistics_config: StatisticsConfig | bool | dict | None = None,
        expectation_suite: Any = None,
        event_time: str | None = None,
        stream: bool | None = False,
        parents: list[FeatureGroup] | None = None,
        topic_name: str | None = None,
        notification_topic_name: str | None = None,
        transformation_functions: list[Any] | None = None,
        online_config: Any = None,
        offline_backfill_every_hr: int | str | None = None,
        storage_connector: Any = None,
        path: str | None = None,
        data_source: Any = None,
        ttl: float | timedelta | None = None,
        ttl_enabled: bool | None = None,
        online_disk: bool | None = None,
        sink_enabled: bool | None = False,
        sink_job_conf: Any = None,
        sink_job: Any = None,
        tags: Any = None,
        partitioned_by: list[str] | None = None,
        online_partition_columns: bool = False,
        zorder_by: list[str] | None = None,
        clustered_by: list[str] | None = None,
        bucket_index: dict[str, Any] | None = None,
        sort_order: list[str] | None = None,
    ) -> FeatureGroup:
        """Get a feature group, or describe a new one when it does not exist yet.

        All parameters but the name and the version count only for a new feature group.

        Parameters:
            name: Name of the feature group.
            version: Its version.
            description: What the feature group holds, at most 256 characters.
            online_enabled: Whether the newest row of each primary key is kept in the online store too.
            time_travel_format: `DELTA` (the default), `HUDI`, `ICEBERG` or `NONE`.
            partition_key: Features by which the offline table is partitioned.
            primary_key: Features that identify a row, together with the event time.
            foreign_key: Features that identify rows of other feature groups.
            embedding_index: Index for similarity search.
            hudi_precombine_key: Feature by which Hudi chooses between rows of one key.
            features: The features; without them they are inferred from the first frame.
            statistics_config: Which statistics to compute; False computes none.
            expectation_suite: Checks that inserted rows must pass.
            event_time: Feature that says when a row became true; of type timestamp, date or bigint.
            stream: Whether rows arrive through Kafka.
            parents: Feature groups that this one is computed from.
            topic_name: Kafka topic of the feature group.
            notification_topic_name: Kafka topic for notifications of new online rows.
            transformation_functions: On-demand transformations.
            online_config: Options of the online table.
            offline_backfill_every_hr: How often streamed rows are written to the offline table.
            storage_connector: Storage of the offline table, when it is not the project's own.
            path: Path of the offline table in that storage.
            data_source: The two above in one object.
            ttl: How long online rows live: seconds or a timedelta.
            ttl_enabled: Whether they expire.
            online_disk: Whether online rows are kept on disk instead of in memory.
            sink_enabled: Whether the server itself fetches rows from the data source.
            sink_job_conf: Options of the job that fetches them.
            sink_job: The job that fetches them.
            tags: Tags to attach.
            partitioned_by: Partition transforms of the offline table.
            online_partition_columns: Whether derived partition columns are kept online.
            zorder_by: Features for Z-ordering.
            clustered_by: Features for clustering.
            bucket_index: Bucket index.
            sort_order: Sort order of the offline table.

        Returns:
            The feature group; a new one is registered by its first `insert` or `save`.

        Example:
            ```python
            fg = fs.get_or_create_feature_group("weather", version=1, primary_key=["origin"], event_time="time_hour")
            ```
        """
        found = scope_of(self).call(
            "feature_group.get", feature_store_id=self.featurestore_id, name=name, version=version
        )
        if found is not None:
            found._feature_store = self
            return found
        made = self.create_feature_group(
            name=name,
            version=version,
            description=description or "",
            online_enabled=bool(online_enabled),
            time_travel_format=time_travel_format,
            partition_key=partition_key,
            primary_key=primary_key,
            foreign_key=foreign_key,
            embedding_index=embedding_index,
            hudi_precombine_key=hudi_precombine_key,
            features=features,
            statistics_config=statistics_config,
            event_time=event_time,
            stream=bool(stream),
            expectation_suite=expectation_suite,
            parents=parents,
            topic_name=topic_name,
            notification_topic_name=notification_topic_name,
            transformation_functions=transformation_functions,
            online_config=online_config,
            offline_backfill_every_hr=offline_backfill_every_hr,
            storage_connector=storage_connector,
            path=path,
            data_source=data_source,
            ttl=ttl,
            ttl_enabled=ttl_enabled,
            online_disk=online_disk,
            sink_enabled=sink_enabled,
            sink_job_conf=sink_job_conf,
            sink_job=sink_job,
            tags=tags,
            partitioned_by=partitioned_by,
            online_partition_columns=online_partition_columns,
            zorder_by=zorder_by,
            clustered_by=clustered_by,
            bucket_index=bucket_index,
            sort_order=sort_order,
        )
        made._or_get = True
        return made

    def __repr__(self) -> str:
        return f"FeatureStore({self.featurestore_id!r}, {self.featurestore_name!r}, {self.project_name!r})"
