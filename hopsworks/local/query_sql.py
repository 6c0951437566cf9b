"""SQL texts of a resolved query, as clients show them and as other engines would run them.

The local server itself never runs these texts; its own statements are made in `query_engine`, where
values are bound as parameters.
"""

from __future__ import annotations

import datetime as dt

from hopsworks.local import feature_types
from hopsworks.local.http import whole_number
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

_JOINS = {
    "INNER": "INNER JOIN", "LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN",
    "CROSS": "CROSS JOIN", "LEFT_SEMI_JOIN": "LEFT SEMI JOIN", "COMMA": ",",
}  # fmt: skip


def aliases(query: Query) -> list[str]:
    """The alias of each source: joins are fg0, fg1 …, the left feature group comes last."""
    joins = len(query.sources) - 1
    return [f"fg{joins}"] + [f"fg{i}" for i in range(joins)]


def offline_query(query: Query) -> str:
    """The query over the offline tables."""
    names = aliases(query)
    as_word = " " if query.hive else " AS "
    tables = [_offline_table(s) for s in query.sources]
    return _select(query, names, tables, as_word)


def online_query(query: Query) -> str:
    """The query over the online tables, in the MySQL dialect."""
    names = aliases(query)
    tables = [
        f"`{str(s.feature_group['featurestoreName']).removesuffix('_featurestore').lower()}`.{_table_name(s)}"
        for s in query.sources
    ]
    return _select(query, names, tables, " AS ")


def pit_query(query: Query) -> str:
    """The point-in-time query with ranked sub-queries, for engines without ASOF joins."""
    names = aliases(query)
    left, left_alias = query.sources[0], names[0]
    pushed, outside = _split_by_source(query.condition)
    where = f" WHERE {condition_text(pushed, names)}" if pushed else ""
    key = [*left.primary_key]
    evt = str(left.event_time)
    parts = []
    for position, source in enumerate(query.sources[1:], 1):
        alias = names[position]
        own = [s for s in query.selected if s.source == position]
        columns = [f"`{left_alias}`.`{k}` `join_pk_{k}`" for k in key] + [
            f"`{left_alias}`.`{evt}` `join_evt_{evt}`"
        ]
        columns += [f"{_value(s, alias)} `{s.output}`" for s in own]
        on = [f"`{left_alias}`.`{a}` = `{alias}`.`{b}`" for a, b in source.on]
        on.append(f"`{left_alias}`.`{evt}` >= `{alias}`.`{source.event_time}`")
        over = ", ".join(f"`{left_alias}`.`{k}`" for k in [*key, evt])
        columns.append(
            f"RANK() OVER (PARTITION BY {over} ORDER BY `{alias}`.`{source.event_time}` DESC) pit_rank_hopsworks"
        )
        parts.append(
            f"right_fg{position - 1} AS (SELECT * FROM (SELECT {', '.join(columns)} FROM {_offline_table(left)} `{left_alias}` "
            f"{_JOINS[source.join_type]} {_offline_table(source)} `{alias}` ON {' AND '.join(on)}{where}) NA WHERE `pit_rank_hopsworks` = 1)"
        )
    columns = [
        f"{_value(s, left_alias)} `{s.output}`"
        if s.source == 0
        else f"`right_fg{s.source - 1}`.`{s.output}` `{s.output}`"
        for s in query.selected
    ]
    joined = ""
    for position, source in enumerate(query.sources[1:]):
        right = f"right_fg{position}"
        on = [f"`{left_alias}`.`{k}` = `{right}`.`join_pk_{k}`" for k in key]
        on.append(f"`{left_alias}`.`{evt}` = `{right}`.`join_evt_{evt}`")
        joined += f" {_JOINS[source.join_type]} {right} ON {' AND '.join(on)}"
    text = f"WITH {', '.join(parts)} SELECT {', '.join(columns)} FROM {_offline_table(left)} `{left_alias}`{joined}"
    if query.condition is not None:
        text += (
            f" WHERE {condition_text(query.condition, names)}" if outside or not pushed else where
        )
    return text + _limit(query)


def pit_query_asof(query: Query) -> str:
    """The point-in-time query with ASOF joins."""
    names = aliases(query)
    left_alias, evt = names[0], query.sources[0].event_time
    columns = ", ".join(f"{_value(s, names[s.source])} `{s.output}`" for s in query.selected)
    text = f"SELECT {columns} FROM {_offline_table(query.sources[0])} `{left_alias}`"
    for position, source in enumerate(query.sources[1:], 1):
        alias = names[position]
        on = [f"`{left_alias}`.`{a}` = `{alias}`.`{b}`" for a, b in source.on]
        on.append(f"`{left_alias}`.`{evt}` >= `{alias}`.`{source.event_time}`")
        text += f" ASOF {_JOINS[source.join_type]} {_offline_table(source)} `{alias}` ON {' AND '.join(on)}"
    if query.condition is not None:
        text += f" WHERE {condition_text(query.condition, names)}"
    return text + _limit(query)


def condition_text(condition: Condition, names: list[str]) -> str:
    """A condition as SQL text with typed literals.

    Parameters:
        condition: the condition.
        names: the alias of each source.
    """
    if isinstance(condition, Combination):
        return f"({condition_text(condition.left, names)} {condition.operator} {condition_text(condition.right, names)})"
    return _comparison_text(condition, names)


def literal(text: str | None, type_text: str) -> str:
    """A value as an SQL literal of a feature's type."""
    if text is None:
        return "NULL"
    kind = feature_types.parse(type_text).kind
    if kind == "string" or kind == "binary":
        return "'" + text.replace("'", "''") + "'"
    if kind == "date":
        return f"DATE '{timestamp_value(text).date().isoformat()}'"
    if kind == "timestamp":
        value = timestamp_value(text)
        return f"TIMESTAMP '{value.strftime('%Y-%m-%d %H:%M:%S')}.{value.microsecond // 1000:03d}'"
    return text.strip()


def timestamp_value(text: str) -> dt.datetime:
    """A filter's time: text in UTC, or epoch milliseconds."""
    text = text.strip()
    milliseconds = whole_number(text)
    if milliseconds is not None:
        return dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=milliseconds)
    return dt.datetime.fromisoformat(text)


def _comparison_text(given: Comparison, names: list[str]) -> str:
    column = _column(given.column, names)
    if given.operator == "IN":
        listed = [literal(v, given.column.type) for v in given.values if v is not None]
        inside = f"{column} IN ({', '.join(listed)})" if listed else "FALSE"
        return f"({inside} OR {column} IS NULL)" if None in given.values else inside
    if given.other is not None:
        return f"{column} {COMPARISON_SIGNS[given.operator]} {_column(given.other, names)}"
    if given.value is None:
        return f"{column} IS {'NOT ' if given.operator == 'NOT_EQUALS' else ''}NULL"
    kind = "string" if given.operator == "LIKE" else given.column.type
    return f"{column} {COMPARISON_SIGNS[given.operator]} {literal(given.value, kind)}"


def _column(column: Column, names: list[str]) -> str:
    return f"`{names[column.source]}`.`{column.name}`"


def _value(selected: Selected, alias: str) -> str:
    column = f"`{alias}`.`{selected.name}`"
    if selected.default is None:
        return column
    return f"CASE WHEN {column} IS NULL THEN {literal(selected.default, selected.type)} ELSE {column} END"


def _table_name(source: Source) -> str:
    return f"`{source.feature_group['name']}_{source.feature_group['version']}`"


def _offline_table(source: Source) -> str:
    return f"`{source.feature_group['featurestoreName']}`.{_table_name(source)}"


def _limit(query: Query) -> str:
    return "" if query.limit is None else f" LIMIT {query.limit}"


def _select(query: Query, names: list[str], tables: list[str], as_word: str) -> str:
    columns = ", ".join(
        f"{_value(s, names[s.source])}{as_word}`{s.output}`" for s in query.selected
    )
    text = f"SELECT {columns} FROM {tables[0]}{as_word}`{names[0]}`"
    for position, source in enumerate(query.sources[1:], 1):
        word = _JOINS[source.join_type]
        text += f"{word} " if word == "," else f" {word} "
        text += f"{tables[position]}{as_word}`{names[position]}`"
        if source.on:
            text += " ON " + " AND ".join(
                f"`{names[0]}`.`{a}` = `{names[position]}`.`{b}`" for a, b in source.on
            )
    if query.condition is not None:
        text += f" WHERE {condition_text(query.condition, names)}"
    return text + _limit(query)


def _split_by_source(condition: Condition | None) -> tuple[Condition | None, bool]:
    """The condition if it is on the left feature group alone, and whether any of it is not."""
    if condition is None:
        return None, False
    return (condition, False) if _sources_of(condition) <= {0} else (None, True)


def _sources_of(condition: Condition) -> set[int]:
    if isinstance(condition, Combination):
        return _sources_of(condition.left) | _sources_of(condition.right)
    found = {condition.column.source}
    return found | {condition.other.source} if condition.other else found
