"""Runs resolved queries: DuckDB over the Parquet files of Delta snapshots.

Each query gets an engine of its own that can read the folders of its tables and nothing else: no
other file, no network, no extension, and the settings are locked. Every statement is built here
from a resolved query; values are bound as parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hopsworks.local import feature_types
from hopsworks.local.errors import ApiError
from hopsworks.local.feature_data import FeatureData
from hopsworks.local.http import whole_number
from hopsworks.local.metadata import iso_time
from hopsworks.local.offline_store import NoCommitError, Snapshot
from hopsworks.local.query_model import (
    COMPARISON_SIGNS,
    Column,
    Combination,
    Comparison,
    Condition,
    Query,
    Selected,
    Source,
)
from hopsworks.local.query_sql import timestamp_value

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_JOINS = {
    "INNER": "INNER JOIN", "LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN",
    "CROSS": "CROSS JOIN", "LEFT_SEMI_JOIN": "SEMI JOIN", "COMMA": "CROSS JOIN",
}  # fmt: skip
_BATCH_ROWS = 65536
_ROW = "row number of the left side"


@dataclass(frozen=True)
class Result:
    """An opened result, to be read once.

    Parameters:
        schema: Arrow schema with the query's output names and stored types.
        reader: gives what DuckDB made.
        engine: closed when the last batch was taken.
    """

    schema: pa.Schema
    reader: pa.RecordBatchReader
    engine: duckdb.DuckDBPyConnection

    def batches(self) -> pa.RecordBatchReader:
        """The result batch by batch, in stored types."""
        import pyarrow as pa

        same = self.reader.schema == self.schema

        def read() -> Iterator[pa.RecordBatch]:
            try:
                for batch in self.reader:
                    yield batch if same else _as(batch, self.schema)
            finally:
                self.engine.close()

        return pa.RecordBatchReader.from_batches(self.schema, read())

    def read_all(self) -> pa.Table:
        """Everything at once."""
        return self.batches().read_all()


def _as(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """The same batch in the stored types, where DuckDB's own differ."""
    import pyarrow as pa

    columns = [
        c if c.type == f.type else c.cast(f.type)
        for c, f in zip(batch.columns, wanted, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def schema_of(query: Query) -> pa.Schema:
    """The schema that a query's result has, without running it."""
    import pyarrow as pa

    return pa.schema(
        [(s.output, feature_types.arrow_type(feature_types.parse(s.type))) for s in query.selected]
    )


def execute(query: Query, data: FeatureData, online: bool = False) -> Result:
    """Runs a query.

    Parameters:
        query: the resolved query.
        data: where rows are.
        online: True to read the newest rows online instead of the offline tables.

    Returns:
        The opened result.

    Raises:
        ApiError: 270118 when a feature group had no commit at the time asked for.
    """
    if query.point_in_time and not online:
        wrong = [s for s in query.sources[1:] if s.join_type not in ("INNER", "LEFT")]
        if wrong:
            raise ApiError(
                400,
                270139,
                "The join type is not supported.",
                f"A point-in-time join is LEFT or INNER, not {wrong[0].join_type}. Join {wrong[0].label} by LEFT.",
            )
    statement = _Statement(query, online)
    for position, source in enumerate(query.sources):
        if online:
            statement.relation(position, _online_rows(source, data))
        elif source.after is not None:
            statement.changes(position, _before(source, data), _snapshot(source, data))
        else:
            statement.table(position, _snapshot(source, data))
    engine = _engine(statement.folders, data.spill)
    for name, rows in statement.relations.items():
        engine.register(name, rows)
    text, parameters = statement.text()
    reader = engine.sql(text, params=parameters).to_arrow_reader(_BATCH_ROWS)
    return Result(schema_of(query), reader, engine)


def _before(source: Source, data: FeatureData) -> Snapshot | None:
    """What there was at the time after which changes are wanted; None before the first commit."""
    try:
        return data.offline(source.feature_group).snapshot(source.after)
    except NoCommitError:
        return None


def _snapshot(source: Source, data: FeatureData) -> Snapshot:
    table = data.offline(source.feature_group)
    try:
        return table.snapshot(source.as_of)
    except NoCommitError:
        raise ApiError(
            404,
            270118,
            "No commit exists at that time.",
            f"{source.label} has no commit at or before {iso_time(source.as_of or 0)}. Ask for a later time.",
        ) from None


def _online_rows(source: Source, data: FeatureData) -> pa.Table:
    if not source.feature_group.get("onlineEnabled"):
        raise ApiError(
            400,
            270064,
            "The feature group is not online enabled.",
            f"{source.label} keeps no online rows. Read it offline.",
        )
    return data.online.scan(data.layout(source.feature_group))


def _engine(folders: list[str], spill: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    engine = duckdb.connect(":memory:")
    engine.execute("SET TimeZone='UTC'")
    # Without this DuckDB may choose a nested-loop join for ASOF, which does not end on real input.
    engine.execute("SET asof_loop_join_threshold=0")
    # What does not fit into memory goes to the data folder, whose disk the user chose.
    engine.execute("SET temp_directory=" + _text(str(spill)))
    engine.execute("SET allowed_directories=" + _list_text(folders))
    engine.execute("SET enable_external_access=false")
    engine.execute("SET lock_configuration=true")
    return engine


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _list_text(texts: list[str]) -> str:
    return "[" + ", ".join(_text(t) for t in texts) + "]"


class _Statement:
    """The one SELECT of a query, and the parameters that belong to it."""

    def __init__(self, query: Query, online: bool):
        self._query = query
        self._asof = query.point_in_time and not online
        self._from: list[tuple[str, list[Any]]] = [("", [])] * len(query.sources)
        self.folders: list[str] = []
        self.relations: dict[str, pa.Table] = {}

    def table(self, position: int, snapshot: Snapshot) -> None:
        """Takes the rows of a source from the files of a snapshot."""
        if not snapshot.files:
            self.relation(position, None)
            return
        self.folders.append(snapshot.folder)
        source = self._query.sources[position]
        self._set(position, _rows(source, snapshot, len(snapshot.files)), [snapshot.files])

    def changes(self, position: int, before: Snapshot | None, now: Snapshot) -> None:
        """Takes the rows of a source that were added or changed between two snapshots."""
        old = [] if before is None else sorted(set(before.files) - set(now.files))
        new = [file for file in now.files if before is None or file not in set(before.files)]
        if not new:
            self.relation(position, None)
            return
        self.folders.append(now.folder)
        source = self._query.sources[position]
        select, parameters = _rows(source, now, len(new)), [new]
        if old and before is not None:
            # A merge writes whole files anew: rows that it only copied are in both.
            select = f"{select} EXCEPT ALL {_rows(source, before, len(old))}"
            parameters.append(old)
        self._set(position, select, parameters)

    def relation(self, position: int, rows: pa.Table | None) -> None:
        """Takes the rows of a source from memory; None means none."""
        source = self._query.sources[position]
        if rows is None:
            columns = ", ".join(
                f'NULL::{_duck_type(feature_types.parse(f["type"]))} AS "{f["name"]}"'
                for f in source.feature_group["features"]
            )
            self._set(position, f"SELECT {columns} WHERE false", [])
            return
        name = f"rows_of_{position}"
        self.relations[name] = rows
        missing = "".join(
            f', NULL::{_duck_type(feature_types.parse(f["type"]))} AS "{f["name"]}"'
            for f in source.feature_group["features"]
            if f["name"] not in rows.column_names
        )
        self._set(position, f"SELECT *{missing} FROM {name}", [])

    def _set(self, position: int, select: str, parameters: list[Any]) -> None:
        if position == 0 and self._asof:
            # An ASOF join gives its rows in any order; the left rows' own order is restored.
            select = f'SELECT *, row_number() OVER () AS "{_ROW}" FROM ({select})'
        self._from[position] = (select, parameters)

    def text(self) -> tuple[str, list[Any]]:
        """The statement and its parameters in order."""
        query = self._query
        parameters: list[Any] = []
        columns = []
        for selected in query.selected:
            columns.append(f'{self._value(selected, parameters)} AS "{selected.output}"')
        text = f"SELECT {', '.join(columns)} FROM ({self._from[0][0]}) AS fg0"
        parameters += self._from[0][1]
        left = query.sources[0]
        for position, source in enumerate(query.sources[1:], 1):
            on = [f'fg0."{a}" = fg{position}."{b}"' for a, b in source.on]
            if self._asof:
                on.append(_not_later(left, source, position))
            text += f" {'ASOF ' if self._asof else ''}{_JOINS[source.join_type]} ({self._from[position][0]}) AS fg{position}"
            text += f" ON {' AND '.join(on)}" if on else ""
            parameters += self._from[position][1]
        if query.condition is not None:
            text += f" WHERE {_condition(query.condition, parameters)}"
        if self._asof:
            text += f' ORDER BY fg0."{_ROW}"'
        if query.limit is not None:
            text += f" LIMIT {int(query.limit)}"
        return text, parameters

    def _value(self, selected: Selected, parameters: list[Any]) -> str:
        column = f'fg{selected.source}."{selected.name}"'
        if selected.default is None:
            return column
        parameters.append(selected.default)
        return f"COALESCE({column}, CAST(? AS {_duck_type(feature_types.parse(selected.type))}))"


def _rows(source: Source, snapshot: Snapshot, files: int) -> str:
    """The SELECT of all features from as many files of a snapshot, whose list is its parameter."""
    types = {
        f["name"]: _duck_type(feature_types.parse(f["type"]))
        for f in source.feature_group["features"]
    }
    columns = []
    for name, kind in types.items():
        if name not in snapshot.columns:
            columns.append(f'NULL::{kind} AS "{name}"')
        elif name in snapshot.utc:
            columns.append(f'("{name}" AT TIME ZONE \'UTC\') AS "{name}"')
        else:
            columns.append(f'"{name}"')
    options = "union_by_name=true" if files > 1 else "union_by_name=false"
    if snapshot.partitions:
        listed = ", ".join(f"'{n}': {types[n]}" for n in snapshot.partitions if n in types)
        options += f", hive_partitioning=true, hive_types={{{listed}}}"
    else:
        options += ", hive_partitioning=false"
    read = f"read_parquet(?, {options})"
    if source.feature_group.get("schemaVersion", 1) > 1:
        # A feature may have been appended after the last file was written.
        empty = ", ".join(
            f'NULL::{kind} AS "{name}"'
            for name, kind in types.items()
            if name in snapshot.columns and name not in snapshot.utc
        )
        read = f"(SELECT * FROM {read} UNION ALL BY NAME SELECT {empty} WHERE false)"
    return f"SELECT {', '.join(columns)} FROM {read}"


def _not_later(left: Source, right: Source, position: int) -> str:
    """The condition that a right row is not newer than its left row."""
    left_type = str((left.feature(str(left.event_time)) or {}).get("type"))
    right_type = str((right.feature(str(right.event_time)) or {}).get("type"))
    left_column, right_column = f'fg0."{left.event_time}"', f'fg{position}."{right.event_time}"'
    if not feature_types.same_type(left_type, right_type):
        left_column, right_column = (
            _instant(left_column, left_type),
            _instant(right_column, right_type),
        )
    return f"{left_column} >= {right_column}"


def _instant(column: str, type_text: str) -> str:
    """An event time as a timestamp; whole numbers are epoch milliseconds, short ones seconds."""
    if feature_types.parse(type_text).integral:
        return f"make_timestamp(CASE WHEN abs({column}) < 10000000000 THEN {column} * 1000000 ELSE {column} * 1000 END)"
    return f"CAST({column} AS TIMESTAMP)"


def _condition(condition: Condition, parameters: list[Any]) -> str:
    if isinstance(condition, Combination):
        left = _condition(condition.left, parameters)
        right = _condition(condition.right, parameters)
        return f"({left} {condition.operator} {right})"
    return _comparison(condition, parameters)


def _comparison(given: Comparison, parameters: list[Any]) -> str:
    column = _column(given.column)
    if given.operator == "IN":
        known = [v for v in given.values if v is not None]
        parameters += [_parameter(v, given.column.type) for v in known]
        bound = ", ".join(_bound(given.column.type, v) for v in known)
        inside = f"{column} IN ({bound})" if known else "false"
        return f"({inside} OR {column} IS NULL)" if None in given.values else inside
    if given.other is not None:
        return f"{column} {COMPARISON_SIGNS[given.operator]} {_column(given.other)}"
    if given.value is None:
        return f"{column} IS {'NOT ' if given.operator == 'NOT_EQUALS' else ''}NULL"
    if given.operator == "LIKE":
        parameters.append(given.value)
        return f"CAST({column} AS VARCHAR) LIKE CAST(? AS VARCHAR)"
    parameters.append(_parameter(given.value, given.column.type))
    return f"{column} {COMPARISON_SIGNS[given.operator]} {_bound(given.column.type, given.value)}"


def _column(column: Column) -> str:
    return f'fg{column.source}."{column.name}"'


def _parameter(text: str, type_text: str) -> Any:
    kind = feature_types.parse(type_text)
    if kind.kind in ("timestamp", "date"):
        return timestamp_value(text)
    if kind.kind == "boolean":
        return text.strip().lower() in ("true", "1")
    return text


def _bound(type_text: str, text: str) -> str:
    kind = feature_types.parse(type_text)
    name = "VARCHAR" if kind.complex else _duck_type(kind)
    if kind.integral:
        # A whole number may be compared with a fraction, or with one that its own type cannot hold.
        name = "DOUBLE" if whole_number(text) is None else "BIGINT"
    return f"CAST(? AS {name})"


def _duck_type(kind: feature_types.FeatureType) -> str:
    simple = {
        "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "FLOAT",
        "double": "DOUBLE", "boolean": "BOOLEAN", "string": "VARCHAR", "timestamp": "TIMESTAMP", "date": "DATE", "binary": "BLOB",
    }  # fmt: skip
    if kind.kind in simple:
        return simple[kind.kind]
    if kind.kind == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    inner = [_duck_type(c) for c in kind.children]
    if kind.kind == "array":
        return f"{inner[0]}[]"
    if kind.kind == "map":
        return f"MAP({inner[0]}, {inner[1]})"
    return "STRUCT(" + ", ".join(f'"{n}" {t}' for n, t in zip(kind.names, inner, strict=True)) + ")"
