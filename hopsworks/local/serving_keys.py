"""Serving keys and prepared statements: what a caller must give to look up a feature vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hopsworks.local.query_model import Query, Selected
from hopsworks.local.query_sql import literal


@dataclass(frozen=True)
class ServingKey:
    """One primary-key feature of a feature group of a view.

    Parameters:
        source: position of the feature group in the view's query, 0 is the left one.
        name: the feature's name.
        prefix: put before the name where the caller gives the value.
        required: True when the caller gives the value under `prefix` + `name`.
        join_on: the left feature that is equal to it, or None.
    """

    source: int
    name: str
    prefix: str
    required: bool
    join_on: str | None = None

    @property
    def entry(self) -> str:
        """The name under which an entry holds the value."""
        return self.prefix + self.name if self.required or self.join_on is None else self.join_on


def serving_keys(query: Query, labels: set[str]) -> list[ServingKey]:
    """The serving keys of a view.

    Parameters:
        query: the view's resolved query.
        labels: output names of the labels.

    Returns:
        The keys by position of their feature group; within one, join conditions come first.
    """
    left = query.sources[0]
    left_keys = set(left.primary_key)
    taken: set[str] = set()
    keys: list[ServingKey] = []

    def free(prefix: str, name: str) -> str:
        """The prefix with which the name is not taken yet."""
        tried, number = prefix, 0
        while tried + name in taken:
            tried = f"{number}_{prefix}"
            number += 1
        return tried

    for position, source in enumerate(query.sources):
        remaining = list(source.primary_key)
        for left_name, right_name in source.on:
            if right_name not in remaining:
                continue
            remaining.remove(right_name)
            required = left_name not in left_keys
            prefix = free(source.prefix, right_name) if required else source.prefix
            if required:
                taken.add(prefix + right_name)
            keys.append(ServingKey(position, right_name, prefix, required, left_name))
        for name in remaining:
            prefix = free(source.prefix, name)
            taken.add(prefix + name)
            keys.append(ServingKey(position, name, prefix, True))
    return _without_label_keys(query, labels, keys)


def _without_label_keys(query: Query, labels: set[str], keys: list[ServingKey]) -> list[ServingKey]:
    """Keys of feature groups that give labels only are not required, unless a join needs them."""
    needed = {key.join_on for key in keys if key.join_on is not None and not key.required}
    serving = {s.source for s in query.selected if s.output not in labels}
    return [
        ServingKey(key.source, key.name, key.prefix, False, key.join_on)
        if key.required
        and key.source not in serving
        and not (key.source == 0 and key.name in needed)
        else key
        for key in keys
    ]


def as_json(query: Query, keys: list[ServingKey]) -> list[dict[str, Any]]:
    """Serving keys as clients read them."""
    return [
        {
            "featureName": key.name,
            "featureGroup": query.sources[key.source].feature_group,
            "prefix": key.prefix,
            "required": key.required,
            "joinOn": key.join_on,
            "joinIndex": key.source,
        }
        for key in keys
    ]


def prepared_statements(query: Query, wanted: list[Selected], batch: bool) -> list[dict[str, Any]]:
    """One statement a feature group that contributes online columns.

    Parameters:
        query: the view's resolved query.
        wanted: the columns to serve.
        batch: True for statements that take a list of keys.
    """
    statements = []
    for position, source in enumerate(query.sources):
        own = [s for s in wanted if s.source == position]
        group = source.feature_group
        keys = source.primary_key
        if not own or not keys or not group.get("onlineEnabled"):
            continue
        columns = [f"{_value(s)} AS `{s.output}`" for s in own]
        if batch:
            selected = {s.name for s in own}
            columns += [f"`fg0`.`{k}` AS `{source.prefix}{k}`" for k in keys if k not in selected]
            names = ", ".join(f"`fg0`.`{k}`" for k in keys)
            where = f"({names}) IN ?" if len(keys) > 1 else f"{names} IN ?"
        else:
            where = " AND ".join(f"`fg0`.`{k}` = ?" for k in keys)
        database = str(group["featurestoreName"]).removesuffix("_featurestore").lower()
        statements.append(
            {
                "featureGroupId": group["id"],
                "preparedStatementIndex": position,
                "prefix": source.prefix,
                "preparedStatementParameters": [
                    {"name": k, "index": i} for i, k in enumerate(keys, 1)
                ],
                "queryOnline": f"SELECT {', '.join(columns)} FROM `{database}`.`{group['name']}_{group['version']}` AS `fg0` WHERE {where}",
            }
        )
    return statements


def _value(selected: Selected) -> str:
    column = f"`fg0`.`{selected.name}`"
    if selected.default is None:
        return column
    return f"CASE WHEN {column} IS NULL THEN {literal(selected.default, selected.type)} ELSE {column} END"
