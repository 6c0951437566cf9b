"""Checks before an insert. All of them run before anything is sent, and each names the column and the remedy."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hopsworks.client.exceptions import FeatureStoreException
from hsfs.engine.optional_packages import require
from hsfs.feature import Feature

if TYPE_CHECKING:
    import pyarrow as pa

    from hsfs.feature_group import FeatureGroup

# The length that the online store gives a text column when nothing else is said.
_DEFAULT_TEXT_LENGTH = 100
_VARCHAR = re.compile(r"varchar\((\d+)\)", re.IGNORECASE)


def check_keys(group: FeatureGroup, table: pa.Table) -> None:
    """Raise ValueError when a column of the primary key is missing or holds nulls."""
    for key in group.primary_key:
        if key not in table.column_names:
            raise ValueError(
                f"The primary key column {key!r} of feature group {group.name!r} is not in the frame. "
                f"{_columns_of(table)} Add the column, or correct the primary key."
            )
    nulls = {key: table.column(key).null_count for key in group.primary_key}
    if any(nulls.values()):
        found = ", ".join(
            f"{key!r} ({count} of {table.num_rows} rows)" for key, count in nulls.items() if count
        )
        raise ValueError(
            f"The primary key of feature group {group.name!r} holds nulls: {found}. Drop those rows or fill the key; "
            "a row without its key cannot be found again."
        )


def _columns_of(table: pa.Table) -> str:
    if not table.column_names:
        return "The frame has no columns."
    listed = f"The frame has the columns {', '.join(table.column_names)}."
    if table.schema.pandas_metadata:
        return f"{listed} The index of a pandas frame is no column; reset_index() makes it one."
    return listed


def check_text_lengths(group: FeatureGroup, table: pa.Table, features: Sequence[Feature]) -> None:
    """Check that text fits the online columns; a new feature group gets wider columns instead of an error.

    Raises:
        ValueError: A text is longer than the column of an existing feature.
    """
    known = {feature.name: feature for feature in group.columns or ()}
    too_long = {}
    for feature in features:
        if feature.type != "string":
            continue
        limit = (
            _text_limit(known[feature.name])
            if feature.name in known
            else _DEFAULT_TEXT_LENGTH
            if not known
            else None
        )
        if limit is not None:
            longest = _longest_text(table.column(feature.name))
            if longest > limit:
                too_long[feature.name] = (longest, limit)
    if not too_long:
        return
    if known or group.id:
        found = ", ".join(
            f"{name!r} holds {longest} characters and takes {limit}"
            for name, (longest, limit) in too_long.items()
        )
        raise ValueError(
            f"Text is longer than the online columns of feature group {group.name!r} allow: {found}. "
            "Shorten the text, or create a new version whose features have a longer online_type such as 'varchar(500)'."
        )
    for feature in features:
        if feature.name in too_long:
            feature.online_type = f"varchar({math.ceil(too_long[feature.name][0] / 100) * 100})"


def _text_limit(feature: Feature) -> int | None:
    match = _VARCHAR.match(feature.online_type or "")
    return int(match.group(1)) if match else None


def _longest_text(column: pa.ChunkedArray) -> int:
    pa = require("pyarrow", "to check text columns")
    compute = require("pyarrow.compute", "to check text columns")
    if pa.types.is_dictionary(column.type):
        lengths = [
            compute.max(compute.utf8_length(chunk.dictionary)).as_py() for chunk in column.chunks
        ]
        return max((length for length in lengths if length is not None), default=0)
    if pa.types.is_null(column.type):
        return 0
    return compute.max(compute.utf8_length(column)).as_py() or 0


def check_schema(
    group: FeatureGroup, features: Sequence[Feature], *, only: Sequence[str] | None = None
) -> None:
    """Raise FeatureStoreException that lists every difference between a frame and the feature group.

    Parameters:
        group: The feature group.
        features: What the frame holds.
        only: Look at these features of the feature group; None looks at all.
    """
    offered = {feature.name: feature.type for feature in features}
    differences = []
    for feature in group.columns:
        name = feature.name
        if only is not None and name not in only:
            continue
        if name not in offered:
            differences.append(f"'{name}' ({feature.type}) is not in the frame")
            continue
        given, wanted = _plain(offered.pop(name)), _plain(feature.type)
        if given != wanted and not (given.startswith("struct") and wanted.startswith("struct")):
            differences.append(
                f"'{name}' has the type '{given}' in the frame and '{wanted}' in the feature group"
            )
    differences += [
        f"'{name}' ({offline}) is not in the feature group" for name, offline in offered.items()
    ]
    if differences:
        raise FeatureStoreException(
            f"Features are not compatible with Feature Group schema: {group.name!r} version {group.version}."
            + "".join(f"\n - {difference}" for difference in differences)
            + "\nCast, add or drop these columns, or create a new version of the feature group. "
            "Names are compared in lower case, with underscores for spaces."
        )


def _plain(offline: str | None) -> str:
    return (offline or "").lower().replace(" ", "")


def check_named_columns(group: FeatureGroup) -> None:
    """Raise FeatureStoreException when a key or the event time is not among the features."""
    names = {feature.name for feature in group.columns}
    roles: list[tuple[str, Any]] = [
        ("primary key", group.primary_key),
        ("event time", [group.event_time] if group.event_time else []),
        ("partition key", group.partition_key),
        ("foreign key", group.foreign_key),
        ("precombine key", [group.hudi_precombine_key] if group.hudi_precombine_key else []),
    ]
    for role, columns in roles:
        missing = [column for column in columns or () if column not in names]
        if missing:
            raise FeatureStoreException(
                f"The {role} {', '.join(map(repr, missing))} of feature group {group.name!r} is not among its features "
                f"({', '.join(sorted(names))}). Add the column to the frame, or correct the name."
            )
