"""Writes training datasets as files: Parquet, CSV or TSV, whole or split.

Files are written beside their place and moved there when complete, so a reader never sees half a
training dataset.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hopsworks.local.app import Server
from hopsworks.local.feature_data import feature_data
from hopsworks.local.feature_views import View
from hopsworks.local.query_engine import execute
from hopsworks.local.query_model import Query, Selected, qualified_name

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_A_FILE = 1_000_000
_SECONDS_BELOW = 10**10


def write(server: Server, view: View, body: dict[str, Any], query: Query, target: Path) -> None:
    """Runs a query and writes its rows.

    Parameters:
        server: the server.
        view: the feature view of the training dataset.
        body: the training dataset's object.
        query: the resolved query.
        target: the training dataset's folder; what is there is replaced.
    """
    from hopsworks.local import statistics_store

    splits = body.get("splits") or []
    timed = bool(splits) and splits[0].get("splitType") == "TIME_SERIES_SPLIT"
    added = _event_time_to_add(query) if timed else None
    if added is not None:
        query = Query(
            query.sources,
            (*query.selected, added),
            query.condition,
            query.limit,
            query.point_in_time,
            query.hive,
        )
    rows = execute(query, feature_data(server)).read_all()
    parts = {str(body["name"]): rows}
    if splits:
        parts = (
            by_time(rows, splits, _event_time_output(query))
            if timed
            else by_share(rows, splits, body.get("seed"))
        )
    if added is not None:
        parts = {name: part.drop_columns([added.output]) for name, part in parts.items()}
    _replace(target, parts, str(body["dataFormat"]), bool(body.get("coalesce")))
    if body["statisticsConfig"].get("enabled"):
        statistics_store.register_training(server, body, parts if splits else rows)


def by_share(rows: pa.Table, splits: list[dict[str, Any]], seed: Any) -> dict[str, pa.Table]:
    """Rows dealt at random to splits by their shares; the same seed deals them the same way."""
    import numpy as np
    import pyarrow as pa

    groups: list[int] = []
    for number, split in enumerate(splits):
        groups += [number] * int(rows.num_rows * float(split["percentage"]))
    groups += [len(splits) - 1] * (rows.num_rows - len(groups))
    random.Random(seed).shuffle(groups)
    dealt = np.array(groups, dtype="i4")
    return {
        split["name"]: rows.filter(pa.array(dealt == number)) for number, split in enumerate(splits)
    }


def by_time(rows: pa.Table, splits: list[dict[str, Any]], event_time: str) -> dict[str, pa.Table]:
    """Rows in the splits whose time, from the start up to but without the end, holds their event time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    moments = epoch_ms(rows.column(event_time))
    parts = {}
    for split in splits:
        inside = pc.is_valid(moments)
        if split.get("startTime") is not None:
            inside = pc.and_(inside, pc.greater_equal(moments, pa.scalar(int(split["startTime"]))))
        if split.get("endTime") is not None:
            inside = pc.and_(inside, pc.less(moments, pa.scalar(int(split["endTime"]))))
        parts[split["name"]] = rows.filter(inside)
    return parts


def epoch_ms(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """An event time column in epoch milliseconds; whole numbers of at most ten digits are seconds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    if pa.types.is_date(column.type):
        return pc.multiply(column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), 86_400_000)
    numbers = column.cast(pa.int64())
    return pc.if_else(pc.less(pc.abs(numbers), _SECONDS_BELOW), pc.multiply(numbers, 1000), numbers)


def _event_time_to_add(query: Query) -> Selected | None:
    """The root's event time under its qualified name, when the query does not select it."""
    root = query.sources[0]
    if any(s.source == 0 and s.name == root.event_time for s in query.selected):
        return None
    feature = root.feature(str(root.event_time)) or {}
    return Selected(
        0, str(root.event_time), qualified_name(root, str(root.event_time)), feature["type"]
    )


def _event_time_output(query: Query) -> str:
    root = query.sources[0]
    return next(s.output for s in query.selected if s.source == 0 and s.name == root.event_time)


def _replace(target: Path, parts: dict[str, pa.Table], data_format: str, one_file: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.writing")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for name, rows in parts.items():
            folder = fresh / name
            folder.mkdir(parents=True)
            step = max(1, rows.num_rows) if one_file else _ROWS_A_FILE
            for number, start in enumerate(range(0, max(1, rows.num_rows), step)):
                _write_file(
                    folder / f"part-{number:05d}.{data_format}",
                    rows.slice(start, step),
                    data_format,
                )
        shutil.rmtree(target, ignore_errors=True)
        os.replace(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _write_file(path: Path, rows: pa.Table, data_format: str) -> None:
    if data_format == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(rows, path)
    else:
        from pyarrow import csv

        options = csv.WriteOptions(
            delimiter="\t" if data_format == "tsv" else ",", quoting_style="needed"
        )
        csv.write_csv(_as_text(rows), path, options)
    with open(path, "rb") as written:
        os.fsync(written.fileno())


def _as_text(rows: pa.Table) -> pa.Table:
    """The rows with columns that a text file has no form for written as JSON."""
    import base64
    import json

    import pyarrow as pa

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)

    columns = []
    for column in rows.columns:
        kind = column.type
        if pa.types.is_nested(kind):
            values = column.to_pylist(maps_as_pydicts="lossy")
            column = pa.chunked_array(
                [
                    pa.array(
                        [None if v is None else json.dumps(v, default=plain) for v in values],
                        pa.string(),
                    )
                ]
            )
        elif pa.types.is_binary(kind):
            values = column.to_pylist()
            column = pa.chunked_array(
                [pa.array([None if v is None else plain(v) for v in values], pa.string())]
            )
        elif pa.types.is_decimal(kind):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=rows.column_names)
