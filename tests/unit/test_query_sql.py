"""Queries: resolved from JSON, and their SQL texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hopsworks.local import query_sql
from hopsworks.local.errors import ApiError
from hopsworks.local.query_model import Combination, Comparison, resolve
from hopsworks.local.serving_keys import prepared_statements, serving_keys


def group(
    number: int,
    name: str,
    features: dict[str, str],
    keys: tuple[str, ...] = (),
    event_time: str | None = None,
) -> dict[str, Any]:
    """A feature group as the server keeps it."""
    return {
        "id": number,
        "name": name,
        "version": 1,
        "featurestoreId": 7,
        "featurestoreName": "demo_featurestore",
        "onlineEnabled": True,
        "eventTime": event_time,
        "features": [
            {"name": n, "type": t, "primary": n in keys, "featureGroupId": number}
            for n, t in features.items()
        ],
    }


TRIPS = group(
    1,
    "trips",
    {"id": "bigint", "city": "string", "ts": "timestamp", "km": "double", "late": "boolean"},
    ("id",),
    "ts",
)
CITIES = group(
    2,
    "cities",
    {"city": "string", "ts": "timestamp", "people": "int", "km": "double"},
    ("city",),
    "ts",
)
DRIVERS = group(3, "drivers", {"id": "bigint", "name": "string"}, ("id",))
GROUPS = {g["id"]: g for g in (TRIPS, CITIES, DRIVERS)}


def select(source: dict[str, Any], *names: str, **more: Any) -> dict[str, Any]:
    """A query over one feature group; no names mean all features."""
    return {
        "leftFeatureGroup": {"id": source["id"]},
        "leftFeatures": [{"name": n} for n in names or ("*",)],
        **more,
    }


def join(query: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A join entry."""
    return {
        "query": query,
        "on": [],
        "leftOn": [],
        "rightOn": [],
        "type": "LEFT",
        "prefix": None,
        **more,
    }


def compare(source: dict[str, Any], name: str, condition: str, value: Any) -> dict[str, Any]:
    """One comparison."""
    return {
        "feature": {"name": name, "featureGroupId": source["id"]},
        "condition": condition,
        "value": value,
    }


def resolved(query: dict[str, Any]) -> Any:
    """The resolved query."""
    return resolve(query, GROUPS.get)


def refusal(query: dict[str, Any]) -> tuple[int, str]:
    """The code and text with which a query is refused."""
    with pytest.raises(ApiError) as caught:
        resolved(query)
    return caught.value.code, str(caught.value.user_message)


def test_one_feature_group_in_both_dialects() -> None:
    hive = resolved(select(TRIPS, "id", "km", hiveEngine=True, limit=5))
    assert (
        query_sql.offline_query(hive)
        == "SELECT `fg0`.`id` `id`, `fg0`.`km` `km` FROM `demo_featurestore`.`trips_1` `fg0` LIMIT 5"
    )
    spark = resolved(select(TRIPS, "id"))
    assert (
        query_sql.offline_query(spark)
        == "SELECT `fg0`.`id` AS `id` FROM `demo_featurestore`.`trips_1` AS `fg0`"
    )
    assert (
        query_sql.online_query(spark) == "SELECT `fg0`.`id` AS `id` FROM `demo`.`trips_1` AS `fg0`"
    )


def test_a_star_selects_all_features() -> None:
    assert [s.output for s in resolved(select(TRIPS)).selected] == [
        "id",
        "city",
        "ts",
        "km",
        "late",
    ]


def test_joins_get_the_low_aliases_and_prefixes() -> None:
    query = resolved(select(TRIPS, "id", joins=[join(select(DRIVERS, "name"), prefix="d_")]))
    assert query_sql.offline_query(query) == (
        "SELECT `fg1`.`id` AS `id`, `fg0`.`name` AS `d_name` FROM `demo_featurestore`.`trips_1` AS `fg1` "
        "LEFT JOIN `demo_featurestore`.`drivers_1` AS `fg0` ON `fg1`.`id` = `fg0`.`id`"
    )
    assert not query.point_in_time


def test_repeated_names_are_dropped_when_keys_and_qualified_otherwise() -> None:
    query = resolved(
        select(
            TRIPS,
            "city",
            "km",
            joins=[join(select(CITIES, "city", "km", "people"), on=[{"name": "city"}])],
        )
    )
    assert [s.output for s in query.selected] == ["city", "km", "demo_cities_1_km", "people"]


def test_point_in_time_needs_event_times_everywhere() -> None:
    query = resolved(
        select(
            TRIPS,
            "id",
            joins=[
                join(
                    select(CITIES, "people"), leftOn=[{"name": "city"}], rightOn=[{"name": "city"}]
                )
            ],
        )
    )
    assert query.point_in_time
    assert query_sql.pit_query_asof(query) == (
        "SELECT `fg1`.`id` `id`, `fg0`.`people` `people` FROM `demo_featurestore`.`trips_1` `fg1` ASOF LEFT JOIN "
        "`demo_featurestore`.`cities_1` `fg0` ON `fg1`.`city` = `fg0`.`city` AND `fg1`.`ts` >= `fg0`.`ts`"
    )
    ranked = query_sql.pit_query(query)
    assert ranked.startswith(
        "WITH right_fg0 AS (SELECT * FROM (SELECT `fg1`.`id` `join_pk_id`, `fg1`.`ts` `join_evt_ts`, `fg0`.`people` `people`, RANK() OVER (PARTITION BY `fg1`.`id`, `fg1`.`ts` ORDER BY `fg0`.`ts` DESC) pit_rank_hopsworks"
    )
    assert "`pit_rank_hopsworks` = 1" in ranked


@pytest.mark.parametrize(
    ("name", "condition", "value", "text"),
    [
        ("city", "EQUALS", "O'Hare", "`fg0`.`city` = 'O''Hare'"),
        ("km", "GREATER_THAN", "1.5", "`fg0`.`km` > 1.5"),
        (
            "ts",
            "LESS_THAN",
            "2020-01-01 10:00:00",
            "`fg0`.`ts` < TIMESTAMP '2020-01-01 10:00:00.000'",
        ),
        ("ts", "LESS_THAN", "1577872800000", "`fg0`.`ts` < TIMESTAMP '2020-01-01 10:00:00.000'"),
        ("city", "IN", json.dumps(["a", None]), "(`fg0`.`city` IN ('a') OR `fg0`.`city` IS NULL)"),
        ("id", "IN", "[1, 2]", "`fg0`.`id` IN (1, 2)"),
        ("city", "LIKE", "a%", "`fg0`.`city` LIKE 'a%'"),
        ("city", "EQUALS", None, "`fg0`.`city` IS NULL"),
        ("city", "NOT_EQUALS", None, "`fg0`.`city` IS NOT NULL"),
        ("late", "EQUALS", "True", "`fg0`.`late` = True"),
        (
            "km",
            "LESS_THAN_OR_EQUAL",
            json.dumps({"name": "id", "featureGroupId": 1}),
            "`fg0`.`km` <= `fg0`.`id`",
        ),
    ],
)
def test_filters_have_typed_literals(name: str, condition: str, value: Any, text: str) -> None:
    query = resolved(
        select(
            TRIPS,
            "id",
            filter={"type": "SINGLE", "leftFilter": compare(TRIPS, name, condition, value)},
        )
    )
    assert query_sql.offline_query(query).endswith(f" WHERE {text}")


def test_filters_of_all_parts_are_combined() -> None:
    either = {
        "type": "OR",
        "leftFilter": compare(TRIPS, "id", "EQUALS", "1"),
        "rightFilter": compare(TRIPS, "id", "EQUALS", "2"),
    }
    right = {
        "type": "SINGLE",
        "leftFilter": {"feature": {"name": "people"}, "condition": "GREATER_THAN", "value": "5"},
    }
    query = resolved(
        select(
            TRIPS,
            "id",
            filter=either,
            joins=[join(select(CITIES, "people", filter=right), on=[{"name": "city"}])],
        )
    )
    assert isinstance(query.condition, Combination)
    assert isinstance(query.condition.right, Comparison)
    assert query.condition.right.column.source == 1
    assert query_sql.offline_query(query).endswith(
        "WHERE ((`fg1`.`id` = 1 OR `fg1`.`id` = 2) AND `fg0`.`people` > 5)"
    )


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        (select({"id": 99}, "id"), 270009, "99"),
        (select(TRIPS, "speed"), 270082, "'speed' is not a feature of trips version 1"),
        (
            select(TRIPS, "id", joins=[join(select(CITIES, "people"))]),
            270096,
            "no primary key feature in common",
        ),
        (
            select(
                TRIPS,
                "id",
                joins=[join(select(CITIES, "people"), leftOn=[{"name": "city"}], rightOn=[])],
            ),
            270097,
            "left_on has 1",
        ),
        (
            select(TRIPS, "id", joins=[join(select(CITIES, "people"), on=[{"name": "country"}])]),
            270082,
            "'country'",
        ),
        (
            select(
                TRIPS,
                "id",
                joins=[join(select(CITIES, "people"), on=[{"name": "city"}], prefix="A-")],
            ),
            270165,
            "'A-'",
        ),
        (
            select(TRIPS, "id", joins=[join(select(DRIVERS, "id", joins=[join(select(CITIES))]))]),
            270187,
            "one after the other",
        ),
        (
            select(
                TRIPS,
                "id",
                filter={"type": "SINGLE", "leftFilter": compare(TRIPS, "km", "EQUALS", "far")},
            ),
            270139,
            "'far' is not a double",
        ),
        (
            select(
                TRIPS,
                "id",
                filter={"type": "SINGLE", "leftFilter": compare(TRIPS, "km", "BETWEEN", "1")},
            ),
            270139,
            "'BETWEEN'",
        ),
        (
            select(
                TRIPS,
                "id",
                filter={"type": "AND", "leftFilter": compare(TRIPS, "km", "EQUALS", "1")},
            ),
            270139,
            "a right side",
        ),
        (
            select(
                TRIPS,
                "id",
                filter={"type": "SINGLE", "leftFilter": compare(TRIPS, "id", "IN", "1")},
            ),
            270139,
            "JSON list",
        ),
        (
            select(
                TRIPS,
                "id",
                filter={
                    "type": "SINGLE",
                    "leftFilter": compare(TRIPS, "id", "EQUALS", "1; DROP TABLE x"),
                },
            ),
            270139,
            "is not a bigint",
        ),
    ],
)
def test_a_wrong_query_names_what_is_wrong(query: dict[str, Any], code: int, named: str) -> None:
    found, text = refusal(query)
    assert found == code
    assert named in text


def test_an_ambiguous_name_in_a_filter() -> None:
    other = {
        "type": "SINGLE",
        "leftFilter": {"feature": {"name": "people"}, "condition": "EQUALS", "value": "1"},
    }
    twice = select(
        TRIPS,
        "id",
        filter=other,
        joins=[
            join(select(CITIES, "people"), on=[{"name": "city"}], prefix="a_"),
            join(select(CITIES, "people"), on=[{"name": "city"}], prefix="b_"),
        ],
    )
    assert refusal(twice)[0] == 270213


def test_default_values_stand_for_nulls() -> None:
    grown = {
        **TRIPS,
        "id": 4,
        "features": [
            *TRIPS["features"],
            {"name": "tip", "type": "double", "defaultValue": "0.5", "primary": False},
        ],
    }
    query = resolve(select(grown, "tip"), {4: grown}.get)
    assert query_sql.offline_query(query).startswith(
        "SELECT CASE WHEN `fg0`.`tip` IS NULL THEN 0.5 ELSE `fg0`.`tip` END AS `tip`"
    )


# -- serving keys -------------------------------------------------------------------------------


def keys(query: dict[str, Any], *labels: str) -> list[tuple[Any, ...]]:
    """The serving keys of a query as tuples."""
    return [
        (k.source, k.prefix, k.name, k.required, k.join_on, k.entry)
        for k in serving_keys(resolved(query), set(labels))
    ]


def test_a_key_that_another_feature_group_supplies_is_not_required() -> None:
    query = select(TRIPS, "km", joins=[join(select(DRIVERS, "name"))])
    assert keys(query) == [(0, "", "id", True, None, "id"), (1, "", "id", False, "id", "id")]


def test_a_key_joined_on_a_plain_feature_is_asked_for() -> None:
    query = select(
        TRIPS, "km", joins=[join(select(CITIES, "people"), on=[{"name": "city"}], prefix="c_")]
    )
    assert keys(query) == [
        (0, "", "id", True, None, "id"),
        (1, "c_", "city", True, "city", "c_city"),
    ]


def test_colliding_keys_get_a_number() -> None:
    query = select(
        TRIPS,
        "km",
        joins=[
            join(select(CITIES, "people"), on=[{"name": "city"}]),
            join(select(CITIES, "km"), on=[{"name": "city"}]),
        ],
    )
    assert [k[5] for k in keys(query)] == ["id", "city", "0_city"]


def test_a_feature_group_of_labels_only_needs_no_key() -> None:
    query = select(TRIPS, "late", joins=[join(select(CITIES, "people"), on=[{"name": "city"}])])
    assert keys(query, "late")[0] == (0, "", "id", False, None, "id")
    needed = select(TRIPS, "late", joins=[join(select(DRIVERS, "name"))])
    assert keys(needed, "late")[0][3] is True


def test_prepared_statements() -> None:
    query = resolved(
        select(
            TRIPS, "km", joins=[join(select(CITIES, "people"), on=[{"name": "city"}], prefix="c_")]
        )
    )
    single = prepared_statements(query, list(query.selected), batch=False)
    assert [s["preparedStatementIndex"] for s in single] == [0, 1]
    assert (
        single[1]["queryOnline"]
        == "SELECT `fg0`.`people` AS `c_people` FROM `demo`.`cities_1` AS `fg0` WHERE `fg0`.`city` = ?"
    )
    assert single[1]["preparedStatementParameters"] == [{"name": "city", "index": 1}]
    many = prepared_statements(query, list(query.selected), batch=True)
    assert (
        many[0]["queryOnline"]
        == "SELECT `fg0`.`km` AS `km`, `fg0`.`id` AS `id` FROM `demo`.`trips_1` AS `fg0` WHERE `fg0`.`id` IN ?"
    )
    assert (
        many[1]["queryOnline"].split(" FROM ")[0]
        == "SELECT `fg0`.`people` AS `c_people`, `fg0`.`city` AS `c_city`"
    )
