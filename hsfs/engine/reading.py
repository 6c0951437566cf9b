"""Reading queries: what can be read how, and the errors when it cannot.

The server turns a query into a command; the query service (Arrow Flight) runs it and streams the rows back.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hopsworks.resource_scope import scope_of
from hsfs.engine.event_time import to_milliseconds
from hsfs.engine.frames import check_dataframe_type, outgoing, shaped
from hsfs.engine.query_service import (
    Command,
    PlanForgottenError,
    QueryService,
    query_service,
)
from hsfs.feature_group import FeatureGroup, SpineGroup

if TYPE_CHECKING:
    import pyarrow as pa

    from hopsworks._native import ConstructedQuery
    from hsfs.constructor.query import Query

_SERVED_FORMATS = ("DELTA", "HUDI", "ICEBERG")
_SERVED_SOURCES = (
    "SNOWFLAKE",
    "BIGQUERY",
    "REDSHIFT",
    "SQL",
    "GCS",
    "UNITY_CATALOG",
    "SAP_HANA",
    "MONGODB",
    "ELASTICSEARCH",
    "S3",
    "GLUE",
)


def construct(query: Query, *, hqs: bool) -> ConstructedQuery:
    """Have the server turn a query into SQL and, with `hqs`, into a command for the query service."""
    check_saved(query)
    return scope_of(query).call("query.construct", query, hqs=hqs)


def check_saved(query: Query) -> None:
    """Raise FeatureStoreException when a feature group of the query has not been saved yet."""
    for group in query.featuregroups:
        if group.id is None and not isinstance(group, SpineGroup):
            raise FeatureStoreException(
                f"The feature group {group.name!r} is not in the feature store yet, so it has nothing to read. "
                "Insert rows with insert(), or save it with save()."
            )


def read_query(
    query: Query, online: bool, dataframe_type: str, read_options: dict[str, Any]
) -> Any:
    """Read a query into a frame of the wanted kind."""
    wanted = check_dataframe_type(dataframe_type)
    cast = _wants_casting(query, read_options)
    table = read_table(query, online, read_options)
    if cast:
        from hsfs.engine.column_casts import nullable_frame

        return shaped(nullable_frame(table, query.features, polars=wanted == "polars"), wanted)
    return outgoing(table, wanted)


def read_table(query: Query, online: bool, read_options: dict[str, Any]) -> pa.Table:
    """Read a query into one Arrow table."""
    service = _service_for(query, online)
    timeout = _timeout(read_options)
    try:
        return service.read(_answer(query, online), timeout)
    except PlanForgottenError:
        # The server was started again between the two calls; the query is as good as before.
        return service.read(_answer(query, online), timeout)


def stream_query(
    query: Query, online: bool, batch_size: int, read_options: dict[str, Any]
) -> Generator[pa.RecordBatch, None, None]:
    """Read a query batch by batch; the generator is closed by whoever stops early."""
    service = _service_for(query, online)
    return service.stream(_answer(query, online), _timeout(read_options), batch_size)


def _service_for(query: Query, online: bool) -> QueryService:
    _check_readable(query, online)
    return query_service(scope_of(query).context)


def add_event_time_filter(query: Query, start_time: Any, end_time: Any) -> None:
    """Keep only rows whose event time is in a range; the start belongs to it, the end does not."""
    group = query.left_feature_group
    if group.event_time is None:
        raise FeatureStoreException(
            f"The feature group {group.name!r} version {group.version} has no event time, so start_time and end_time mean "
            "nothing to it. Filter on a feature instead, or create the feature group with event_time."
        )
    event_time = group[group.event_time]
    for moment, compare in ((start_time, "__ge__"), (end_time, "__lt__")):
        if moment is not None:
            value = moment if event_time.type == "timestamp" else to_milliseconds(moment)
            query.filter(getattr(event_time, compare)(value))


def _timeout(read_options: dict[str, Any]) -> float | None:
    return (read_options.get("arrow_flight_config") or {}).get("timeout")


def _wants_casting(query: Query, read_options: dict[str, Any]) -> bool:
    if not read_options.get("pandas_types"):
        return False
    if query.joins or any(feature.type is None for feature in query.features):
        raise ValueError(
            "pandas_types works for queries without joins whose features all have a type; leave it out here."
        )
    return True


def _check_readable(query: Query, online: bool) -> None:
    if online:
        for group in query.featuregroups:
            if not group.online_enabled:
                raise FeatureStoreException(
                    f"The feature group {group.name!r} version {group.version} has no online table. Read it with online=False, "
                    "or create it with online_enabled=True."
                )
        return
    for group in query.featuregroups:
        source = _source_of(group)
        if source not in _SERVED_FORMATS and source not in _SERVED_SOURCES:
            raise ValueError(
                f"The rows of feature group {group.name!r} version {group.version} are kept as {source}, which the query service "
                f"does not read. It reads the formats {', '.join(_SERVED_FORMATS)}, and external feature groups on "
                f"{', '.join(_SERVED_SOURCES)}."
            )


def _source_of(group: Any) -> str:
    """The format of the table of a feature group, or the kind of the system that an external one lives in."""
    if isinstance(group, FeatureGroup):
        return group.time_travel_format or "NONE"
    if isinstance(group, SpineGroup):
        return "a frame of the caller"
    connector = group.data_source.storage_connector if group.data_source else None
    return (
        connector.get("storageConnectorType", "HOPSFS") if isinstance(connector, dict) else "HOPSFS"
    )


def _answer(query: Query, online: bool) -> Command:
    """Construct a query and choose the command to run, or say why there is none."""
    answer = construct(query, hqs=True)
    if online:
        if not answer.hqs_payload_online:
            raise FeatureStoreException(
                "Whole online tables cannot be read through the REST interface of this cluster. Read with online=False, or look "
                "rows up by key with feature_view.get_feature_vectors()."
            )
        return Command(answer.hqs_payload_online, None)
    for aliases in (answer.hudi_cached_feature_groups, answer.iceberg_cached_feature_groups):
        for alias in aliases or ():
            if alias.get("leftFeatureGroupStartTimestamp") or alias.get(
                "leftFeatureGroupEndTimestamp"
            ):
                raise FeatureStoreException(
                    "Reading Hudi and Iceberg feature groups as of a time needs Spark. Read without a time to get the newest rows."
                )
    if not answer.hqs_payload:
        raise FeatureStoreException(
            f"The server has no command for the query service for this query. It says: {answer.query or 'nothing'}."
        )
    return Command(answer.hqs_payload, answer.hqs_payload_signature)


def service_command(query: Query) -> Command:
    """The command by which the query service runs an offline query."""
    return _answer(query, online=False)
