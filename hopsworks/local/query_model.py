"""A query as the server understands it: every name resolved, every join condition known.

Clients send queries as JSON that names feature groups by id and features by name. `resolve` turns
one into a `Query` or raises `ApiError` with the code of what is wrong. SQL texts and plans are made
from the result, never from the JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hopsworks.local import feature_types
from hopsworks.local.errors import ApiError
from hopsworks.local.http import whole_number
from hopsworks.local.naming import NAME

_JOIN_TYPES = ("INNER", "LEFT", "RIGHT", "FULL", "CROSS", "LEFT_SEMI_JOIN", "COMMA")
# Conditions that compare with one value or column, as SQL writes them.
COMPARISON_SIGNS = {
    "GREATER_THAN_OR_EQUAL": ">=", "GREATER_THAN": ">", "NOT_EQUALS": "<>", "EQUALS": "=",
    "LESS_THAN_OR_EQUAL": "<=", "LESS_THAN": "<", "LIKE": "LIKE",
}  # fmt: skip
_CONDITIONS = (*COMPARISON_SIGNS, "IN")

GetFeatureGroup = Callable[[int], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Selected:
    """One column of the result.

    Parameters:
        source: position of its feature group, 0 is the left one.
        name: the feature's name in the feature group.
        output: the column's name in the result.
        type: offline type text.
        default: default value text or None.
    """

    source: int
    name: str
    output: str
    type: str
    default: str | None = None


@dataclass(frozen=True)
class Source:
    """A feature group in a query.

    Parameters:
        feature_group: its JSON object.
        join_type: how it is joined; empty for the left one.
        on: pairs of left and right feature names that must be equal.
        prefix: put before its output names.
        after: read rows changed after this time only (epoch ms).
        as_of: read the rows as they were at this time (epoch ms).
    """

    feature_group: dict[str, Any]
    join_type: str = ""
    on: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    after: int | None = None
    as_of: int | None = None

    def feature(self, name: str) -> dict[str, Any] | None:
        """The feature of that name, or None."""
        return next((f for f in self.feature_group["features"] if f["name"] == name), None)

    @property
    def event_time(self) -> str | None:
        """Name of the event time feature."""
        return self.feature_group.get("eventTime") or None

    @property
    def primary_key(self) -> list[str]:
        """Names of the primary key in feature order."""
        return [f["name"] for f in self.feature_group["features"] if f.get("primary")]

    @property
    def label(self) -> str:
        """How messages call the feature group."""
        return f"{self.feature_group['name']} version {self.feature_group['version']}"


@dataclass(frozen=True)
class Column:
    """A feature of a source, as used in conditions."""

    source: int
    name: str
    type: str


@dataclass(frozen=True)
class Comparison:
    """A feature compared with a value, a list of values or another feature."""

    column: Column
    operator: str
    value: str | None = None
    values: tuple[str | None, ...] = ()
    other: Column | None = None


@dataclass(frozen=True)
class Combination:
    """Two conditions under AND or OR."""

    operator: str
    left: Condition
    right: Condition


Condition = Comparison | Combination


@dataclass(frozen=True)
class Query:
    """A resolved query.

    Parameters:
        sources: the left feature group, then the joined ones in order.
        selected: columns of the result in order.
        condition: what rows must satisfy, or None.
        limit: most rows wanted, or None.
        point_in_time: True when right rows must not be newer than their left row.
        hive: True for the SQL dialect without AS.
    """

    sources: tuple[Source, ...]
    selected: tuple[Selected, ...]
    condition: Condition | None = None
    limit: int | None = None
    point_in_time: bool = False
    hive: bool = False


def both(left: Condition | None, right: Condition | None) -> Condition | None:
    """The conjunction of two conditions, either of which may be absent."""
    if left is None or right is None:
        return left or right
    return Combination("AND", left, right)


@dataclass
class _Resolver:
    get: GetFeatureGroup
    sources: list[Source] = field(default_factory=list)

    def load(self, body: dict[str, Any]) -> dict[str, Any]:
        given = body.get("leftFeatureGroup") or {}
        found = self.get(int(given["id"])) if given.get("id") is not None else None
        if found is None:
            which = given.get("name") or given.get("id")
            raise ApiError(
                404,
                270009,
                "The feature group does not exist.",
                f"The query uses feature group '{which}', which does not exist. Create it, or build the query again.",
            )
        return found

    def select(self, position: int, features: list[dict[str, Any]]) -> list[Selected]:
        """The columns that one side of the query asks for."""
        source = self.sources[position]
        wanted = [f.get("name") for f in features or []]
        if wanted == ["*"]:
            chosen = [(f["name"], False) for f in source.feature_group["features"]]
        else:
            chosen = [(f.get("name"), bool(f.get("useFullyQualifiedName"))) for f in features or []]
        columns = []
        for name, full in chosen:
            feature = source.feature(str(name))
            if feature is None:
                raise unknown_feature(str(name), source)
            output = qualified_name(source, str(name)) if full else source.prefix + str(name)
            columns.append(
                Selected(position, str(name), output, feature["type"], feature.get("defaultValue"))
            )
        return columns

    def condition(self, logic: dict[str, Any] | None, home: int) -> Condition | None:
        """A filter tree; `home` is the side of the query on which it was written."""
        if not logic:
            return None
        if "condition" in logic and "feature" in logic:
            return self.comparison(logic, home)
        kind = str(logic.get("type") or "SINGLE").upper()
        sides = []
        for side in ("left", "right"):
            leaf, tree = logic.get(f"{side}Filter"), logic.get(f"{side}Logic")
            if leaf and tree:
                raise _bad_filter(f"The {side} side has both a filter and a logic.")
            sides.append(self.comparison(leaf, home) if leaf else self.condition(tree, home))
        left, right = sides
        if kind == "SINGLE":
            if left is None or right is not None or logic.get("leftLogic"):
                raise _bad_filter("SINGLE takes one left filter and nothing else.")
            return left
        if kind not in ("AND", "OR") or left is None or right is None:
            raise _bad_filter(f"'{kind}' takes a left and a right side.")
        return Combination(kind, left, right)

    def comparison(self, given: dict[str, Any], home: int) -> Comparison:
        operator = str(given.get("condition") or "").upper()
        if operator not in _CONDITIONS:
            raise _bad_filter(f"'{given.get('condition')}' is not a comparison.")
        column = self.column(given.get("feature") or {}, home)
        value = given.get("value")
        if operator == "IN":
            try:
                listed = json.loads(value) if isinstance(value, str) else value
            except ValueError:
                listed = None
            if not isinstance(listed, list):
                raise _bad_filter(f"IN on '{column.name}' takes a JSON list of values.")
            values = tuple(None if v is None else _text(v) for v in listed)
            for item in values:
                check_value(column, item)
            return Comparison(column, operator, values=values)
        if value is None:
            if operator not in ("EQUALS", "NOT_EQUALS"):
                raise _bad_filter(f"'{column.name}' cannot be compared with null by {operator}.")
            return Comparison(column, operator)
        if isinstance(value, str) and value.startswith("{"):
            other = self._other_feature(value, home)
            if other is not None:
                return Comparison(column, operator, other=other)
        text = _text(value)
        if operator != "LIKE":
            check_value(column, text)
        return Comparison(column, operator, value=text)

    def _other_feature(self, value: str, home: int) -> Column | None:
        try:
            given = json.loads(value)
        except ValueError:
            return None
        return self.column(given, home) if isinstance(given, dict) and "name" in given else None

    def column(self, given: dict[str, Any], home: int) -> Column:
        """The feature that a filter names: by its feature group, else by its name."""
        name = str(given.get("name") or "")
        group = given.get("featureGroupId", given.get("feature_group_id"))
        order = [home, *[i for i in range(len(self.sources)) if i != home]]
        if group is not None:
            order = [
                i for i in order if int(self.sources[i].feature_group["id"]) == int(group)
            ] or order
        found = [i for i in order if self.sources[i].feature(name) is not None]
        if not found:
            raise unknown_feature(name, *self.sources)
        if group is None and found[0] != home and len(found) > 1:
            raise ApiError(
                400,
                270213,
                "The feature name is ambiguous.",
                f"'{name}' is a feature of more than one feature group. Filter with the feature of the group, as in fg.{name} > 1.",
            )
        feature = self.sources[found[0]].feature(name)
        assert feature is not None
        return Column(found[0], name, feature["type"])


def resolve(body: dict[str, Any], get: GetFeatureGroup, *, time_travel: bool = True) -> Query:
    """Resolves a query.

    Parameters:
        body: the query's JSON object.
        get: gives the JSON object of a feature group by id.
        time_travel: False to disregard the times of the query, as feature views do.

    Returns:
        The resolved query.

    Raises:
        ApiError: naming the feature group, feature, join or filter that is wrong.
    """
    resolver = _Resolver(get)
    joins = body.get("joins") or []
    resolver.sources.append(_source(resolver.load(body), body, time_travel))
    for join in joins:
        inner = join.get("query") or {}
        if inner.get("joins"):
            raise ApiError(
                400,
                270187,
                "Nested joins are not supported.",
                "Join the feature groups one after the other to the left one.",
            )
        resolver.sources.append(_joined(resolver, join, inner, time_travel))
    selected = resolver.select(0, body.get("leftFeatures") or [])
    for position, join in enumerate(joins, 1):
        if resolver.sources[position].join_type != "LEFT_SEMI_JOIN":
            selected += _without_repeated_keys(
                selected,
                resolver.select(position, join["query"].get("leftFeatures") or []),
                resolver.sources[position],
            )
    condition = resolver.condition(body.get("filter"), 0)
    for position, join in enumerate(joins, 1):
        condition = both(condition, resolver.condition(join["query"].get("filter"), position))
    limit = body.get("limit")
    sources = tuple(resolver.sources)
    return Query(
        sources,
        tuple(selected),
        condition,
        None if limit is None else max(0, int(limit)),
        is_point_in_time(sources),
        bool(body.get("hiveEngine")),
    )


def is_point_in_time(sources: tuple[Source, ...]) -> bool:
    """True when there is a join and every feature group has an event time."""
    return len(sources) > 1 and all(s.event_time for s in sources)


def _source(
    feature_group: dict[str, Any], body: dict[str, Any], time_travel: bool, **more: Any
) -> Source:
    if time_travel:
        more["after"] = body.get("leftFeatureGroupStartTime") or None
        more["as_of"] = body.get("leftFeatureGroupEndTime") or None
    return Source(feature_group, **more)


def _joined(
    resolver: _Resolver, join: dict[str, Any], inner: dict[str, Any], time_travel: bool
) -> Source:
    left = resolver.sources[0]
    group = resolver.load(inner)
    join_type = str(join.get("type") or "INNER").upper()
    if join_type not in _JOIN_TYPES:
        raise ApiError(
            400,
            270139,
            "The join type is not known.",
            f"'{join.get('type')}' is none of {', '.join(_JOIN_TYPES)}.",
        )
    prefix = str(join.get("prefix") or "")
    if prefix and not NAME.fullmatch(prefix):
        raise ApiError(
            400,
            270165,
            "The prefix is not valid.",
            f"'{prefix}' must begin with a lower-case letter and hold only lower-case letters, digits and underscores.",
        )
    right = _source(group, inner, time_travel, join_type=join_type, prefix=prefix)
    if join_type in ("CROSS", "COMMA"):
        return right

    def names(key: str) -> list[str]:
        return [str(f.get("name") if isinstance(f, dict) else f) for f in join.get(key) or []]

    on, left_on, right_on = names("on"), names("leftOn"), names("rightOn")
    if on:
        pairs = [(n, n) for n in on]
    elif left_on or right_on:
        if len(left_on) != len(right_on):
            raise ApiError(
                400,
                270097,
                "The join keys do not pair up.",
                f"left_on has {len(left_on)} and right_on {len(right_on)} features. Give as many on either side.",
            )
        pairs = list(zip(left_on, right_on, strict=True))
    else:
        keys = [k for k in left.primary_key if k in right.primary_key]
        if not keys:
            raise ApiError(
                400,
                270096,
                "The feature groups share no primary key.",
                f"{left.label} and {right.label} have no primary key feature in common. Say on= or left_on= and right_on=.",
            )
        pairs = [(k, k) for k in keys]
    for left_name, right_name in pairs:
        if left.feature(left_name) is None:
            raise unknown_feature(left_name, left)
        if right.feature(right_name) is None:
            raise unknown_feature(right_name, right)
    return replace(right, on=tuple(pairs))


def _without_repeated_keys(
    before: list[Selected], added: list[Selected], source: Source
) -> list[Selected]:
    """Right columns without join keys already selected; other repeated names become qualified."""
    taken = {s.output for s in before}
    keys = {right for _, right in source.on}
    kept = []
    for column in added:
        if column.output in taken:
            if column.name in keys:
                continue
            column = replace(column, output=qualified_name(source, column.name))
        taken.add(column.output)
        kept.append(column)
    return kept


def qualified_name(source: Source, name: str) -> str:
    """``<project>_<feature group>_<version>_<name>``, the name of a column that was not selected."""
    group = source.feature_group
    project = str(group["featurestoreName"]).removesuffix("_featurestore")
    return f"{project}_{group['name']}_{group['version']}_{name}"


def unknown_feature(name: str, *sources: Source) -> ApiError:
    """The error for a feature that none of the sources has."""
    where = " or ".join(s.label for s in sources)
    return ApiError(
        400,
        270082,
        "The feature does not exist.",
        f"'{name}' is not a feature of {where}. Check its spelling, or append it to the feature group.",
    )


def _bad_filter(reason: str) -> ApiError:
    return ApiError(400, 270139, "The filter is not valid.", reason)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?")


def check_value(column: Column, text: str | None) -> None:
    """Raises the filter error when a text cannot be a value of the column's type."""
    if text is None:
        return
    kind = feature_types.parse(column.type).kind
    fits = True
    if kind in ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal"):
        fits = _NUMBER.fullmatch(text.strip()) is not None
    elif kind == "boolean":
        fits = text.strip().lower() in ("true", "false", "0", "1")
    elif kind in ("timestamp", "date"):
        fits = _TIME.fullmatch(text.strip()) is not None or whole_number(text) is not None
    if not fits:
        raise _bad_filter(
            f"'{text}' is not a {kind}, so '{column.name}' cannot be compared with it."
        )
