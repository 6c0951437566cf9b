"""New feature groups: what they are made of before the server knows them, and how they are registered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import ConflictError, FeatureStoreException
from hopsworks.resource_scope import scope_of
from hopsworks.user_warning import warn_user
from hsfs.feature import as_features, feature_name
from hsfs.feature_group import FeatureGroup
from hsfs.statistics_config import as_statistics_config
from hsfs.util import VersionWarning

if TYPE_CHECKING:
    from hsfs.feature import Feature
    from hsfs.feature_store import FeatureStore

# Options of the interface that belong to parts of the platform which this client does not drive yet.
_UNSUPPORTED = {
    "embedding_index": "similarity search",
    "expectation_suite": "data validation",
    "transformation_functions": "transformation functions",
    "sink_job_conf": "ingestion by the server",
    "sink_job": "ingestion by the server",
    "sink_enabled": "ingestion by the server",
    "storage_connector": "storage connectors",
}


def describe(store: FeatureStore, *, name: str, **options: Any) -> FeatureGroup:
    """Make a feature group that is not registered yet; names are sanitised and options checked."""
    refuse_unsupported(
        "feature group", name, {key: options.pop(key) for key in _UNSUPPORTED}, _UNSUPPORTED
    )
    from hopsworks._native import DataSource, OnlineConfig

    source = options.pop("data_source")
    path = options.pop("path")
    if source is None:
        source = DataSource(path=path)
    elif isinstance(source, dict):
        source = DataSource.from_response_json(source)
    table_format = options.pop("time_travel_format") or source.format or "DELTA"
    for keys in ("primary_key", "foreign_key", "partition_key"):
        options[keys] = _names(options[keys])
    options["event_time"] = _name(options["event_time"])
    precombine = _name(options.pop("hudi_precombine_key"))
    online_config, on_disk = options.pop("online_config"), options.pop("online_disk")
    if isinstance(online_config, dict):
        online_config = OnlineConfig.from_response_json(online_config)
    if on_disk is not None:
        online_config = online_config or OnlineConfig()
        online_config.table_space = _table_space(store) if on_disk else ""
    ttl, enabled = _seconds(options.pop("ttl")), options.pop("ttl_enabled")
    group = FeatureGroup(
        name=name,
        featurestore_id=store.featurestore_id,
        featurestore_name=store.featurestore_name,
        features=as_features(options.pop("features")),
        time_travel_format=table_format.upper(),
        hudi_precombine_key=precombine if table_format.upper() == "HUDI" else None,
        statistics_config=as_statistics_config(options.pop("statistics_config")),
        parents=options.pop("parents") or [],
        data_source=source,
        online_config=online_config,
        ttl=ttl,
        ttl_enabled=ttl is not None if enabled is None else enabled,
        tags=as_tags(options.pop("tags")),
        # Formats that only Spark writes take their rows through Kafka.
        stream=bool(options.pop("stream")) or table_format.upper() not in ("DELTA", "ICEBERG"),
        **options,
    )
    group._scope = scope_of(store)
    group._feature_store = store
    return group


def complete(group: FeatureGroup) -> None:
    """Fill in what the bare constructor of a feature group leaves open, before it is registered."""
    from hsfs.core.data_source import DataSource

    group.primary_key = _names(group.primary_key)
    group.foreign_key = _names(group.foreign_key)
    group.partition_key = _names(group.partition_key)
    group.event_time = _name(group.event_time)
    group.statistics_config = as_statistics_config(group.statistics_config)
    if group.data_source is None:
        group.data_source = DataSource()


def register(group: FeatureGroup, features: list[Feature], write_options: dict[str, Any]) -> None:
    """Register a feature group on the server.

    Parameters:
        group: The feature group.
        features: Its features, from a frame; they do not count when it has features already.
        write_options: Options of the insertion that registers it; those for Spark go with it.

    Raises:
        hopsworks.client.exceptions.ConflictError: It exists, and was not asked for as "get or create".
    """
    from hsfs.engine.insert_checks import check_named_columns

    if not group.columns:
        group.columns = features
    check_named_columns(group)
    for feature in group.columns:
        feature.primary = feature.primary or feature.name in group.primary_key
        feature.foreign = feature.foreign or feature.name in group.foreign_key
        feature.partition = feature.partition or feature.name in group.partition_key
        if group.hudi_precombine_key is not None and feature.name == group.hudi_precombine_key:
            feature.hudi_precombine_key = True
    if group.stream:
        client_only = ("kafka_producer_config", "online_ingestion_options", "spark")
        options = [
            {"name": k, "value": v} for k, v in write_options.items() if k not in client_only
        ]
        group.delta_streamer_job_conf = {
            "writeOptions": options or None,
            "sparkJobConfiguration": write_options.get("spark"),
        }
    version_given = group.version is not None
    try:
        answer = scope_of(group).call(
            "feature_group.create", group, feature_store_id=group.featurestore_id
        )
    except ConflictError:
        # Asked for as "get or create", and another program created it in between.
        answer = group.__dict__.get("_or_get") and scope_of(group).call(
            "feature_group.get",
            feature_store_id=group.featurestore_id,
            name=group.name,
            version=group.version,
        )
        if not answer:
            raise
    group.update_from_response_json(answer)
    if not version_given:
        warn_user(
            f"No version was given for feature group {group.name!r}; the server chose {group.version}.",
            VersionWarning,
        )


def refuse_unsupported(kind: str, name: str, given: dict[str, Any], parts: dict[str, str]) -> None:
    """Raise when an option was given that belongs to a part which this client does not drive."""
    for option, value in given.items():
        if value:
            raise FeatureStoreException(
                f"The {kind} {name!r} asks for {option}, and {parts[option]} is not supported by this release. Leave {option} out."
            )


def as_tags(tags: Any) -> list[Any] | None:
    """Turn one or several tags, given as objects or dictionaries, into a list."""
    if not tags:
        return None
    return list(tags) if isinstance(tags, (list, tuple)) else [tags]


def _name(name: str | None) -> str | None:
    return None if name is None else feature_name(name, warn=True)


def _names(names: Any) -> list[str]:
    return [
        feature_name(name, warn=True)
        for name in ([names] if isinstance(names, str) else names or ())
    ]


def _table_space(store: FeatureStore) -> str:
    return scope_of(store).context.variable("featurestore_online_tablespace") or "ts_1"


def _seconds(duration: float | timedelta | None) -> float | None:
    """Turn a duration into seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration
