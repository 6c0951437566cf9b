"""Online feature vectors of the local server over the REST protocol of the online feature server."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from feature_store_access import FeatureStoreAccess

AT = dt.datetime(2020, 1, 1, 12)


@pytest.fixture
def store(api: Any) -> FeatureStoreAccess:
    """The feature store of a new project, with a served view over two feature groups."""
    access = FeatureStoreAccess(api)
    trips = access.create(
        "trips",
        {
            "id": "bigint",
            "kind": "string",
            "km": "double",
            "late": "bigint",
            "ts": "timestamp",
            "tags": "array<string>",
            "town": "string",
        },
        ("id", "kind"),
        eventTime="ts",
        onlineEnabled=True,
    )
    cities = access.create(
        "cities", {"city": "string", "people": "int"}, ("city",), onlineEnabled=True
    )
    access.insert(
        trips,
        pa.table(
            {
                "id": [1, 2],
                "kind": ["x", "y"],
                "km": [1.5, None],
                "late": [0, 1],
                "ts": pa.array([AT, AT], pa.timestamp("us")),
                "tags": [["a", "b"], None],
                "town": ["Umeå", None],
            }
        ),
    )
    access.insert(cities, pa.table({"city": ["Umeå"], "people": pa.array([130], pa.int32())}))
    join = {
        "query": access.select(cities, ["people"]),
        "on": [],
        "leftOn": [{"name": "town"}],
        "rightOn": [{"name": "city"}],
        "type": "LEFT",
        "prefix": "c_",
    }
    query = access.select(trips, joins=[join])
    body = {
        "name": "served",
        "query": query,
        "features": [{"name": "late", "label": True, "featuregroup": {"id": trips["id"]}}],
    }
    api.call("POST", f"{access.path}/featureview", 201, json=body)
    return access


KEYS = {"id": 1, "kind": "x", "c_city": "Umeå"}


def ask(store: FeatureStoreAccess, entries: Any, **more: Any) -> dict[str, Any]:
    """One request for a vector, or for vectors when the entries are a list."""
    path = "/0.1.0/batch_feature_store" if isinstance(entries, list) else "/0.1.0/feature_store"
    body = {
        "featureStoreName": store.api.name,
        "featureViewName": "served",
        "featureViewVersion": 1,
        "entries": entries,
        "options": {"includeDetailedStatus": True},
        **more,
    }
    return store.api.call("POST", path, json=body)


def statuses(answer: dict[str, Any]) -> list[int]:
    """The status of each feature group."""
    return [d["httpStatus"] for d in answer["detailedStatus"]]


def test_ping(store: FeatureStoreAccess) -> None:
    assert store.api.send("GET", "/0.1.0/ping").status_code == 200


def test_a_complete_vector_in_schema_order_without_labels(store: FeatureStoreAccess) -> None:
    answer = ask(store, KEYS, metadataOptions={"featureName": True, "featureType": True})
    assert answer["features"] == [1, "x", 1.5, "2020-01-01 12:00:00", ["a", "b"], "Umeå", 130]
    assert [m["featureName"] for m in answer["metadata"]] == [
        "id",
        "kind",
        "km",
        "ts",
        "tags",
        "town",
        "c_people",
    ]
    assert answer["metadata"][4]["featureType"] == "array<string>"
    assert answer["status"] == "COMPLETE"
    assert statuses(answer) == [200, 200]


def test_a_missing_row_echoes_its_keys(store: FeatureStoreAccess) -> None:
    answer = ask(store, {**KEYS, "id": 77})
    assert answer["features"] == [77, "x", None, None, None, None, 130]
    assert answer["status"] == "MISSING"
    assert statuses(answer) == [404, 200]


def test_a_missing_key_leaves_out_its_feature_group(store: FeatureStoreAccess) -> None:
    answer = ask(store, {"c_city": "Umeå", "id": 1})
    assert answer["features"] == [None, None, None, None, None, None, 130]
    assert statuses(answer) == [400, 200]


def test_passed_features_win_and_complete(store: FeatureStoreAccess) -> None:
    answer = ask(store, {"id": 1, "kind": "x"}, passedFeatures={"c_people": 7, "km": 9.0})
    assert answer["features"] == [1, "x", 9.0, "2020-01-01 12:00:00", ["a", "b"], "Umeå", 7]
    assert answer["status"] == "COMPLETE"


def test_a_batch_keeps_order_and_duplicates(store: FeatureStoreAccess) -> None:
    entries = [{**KEYS, "id": 2, "kind": "y"}, KEYS, {**KEYS, "id": 5}, KEYS, {**KEYS, "id": "one"}]
    answer = ask(store, entries, passedFeatures=[])
    assert answer["status"] == ["COMPLETE", "COMPLETE", "MISSING", "COMPLETE", "ERROR"]
    assert [f and f[0] for f in answer["features"]] == [2, 1, 5, 1, None]
    assert answer["features"][0][2] is None
    passed = ask(store, entries[:2], passedFeatures=[{"km": 1.0}, None])
    assert [f[2] for f in passed["features"]] == [1.0, 1.5]
    assert ask(store, [], passedFeatures=[])["features"] == []


def test_a_new_row_is_served_at_once(store: FeatureStoreAccess) -> None:
    group = store.api.call("GET", f"{store.path}/featuregroups/cities")[0]
    store.insert(group, pa.table({"city": ["Umeå"], "people": pa.array([131], pa.int32())}))
    assert ask(store, KEYS)["features"][6] == 131


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"entries": {"colour": 1}}, "'colour' is not a serving key"),
        ({"entries": {**KEYS, "id": "1"}}, "'1' is not a value of 'id' (bigint)"),
        ({"entries": {**KEYS, "kind": 1}}, "'kind' (string)"),
        ({"featureViewName": "other"}, "'other'"),
        ({"featureViewVersion": 2}, "version 2"),
        ({"featureViewVersion": "x"}, "whole number"),
        ({"featureStoreName": "other"}, "'other'"),
        ({"passedFeatures": {"speed": 1}, "options": {"validatePassedFeatures": True}}, "'speed'"),
    ],
)
def test_a_wrong_request_names_what_is_wrong(
    store: FeatureStoreAccess, change: dict[str, Any], named: str
) -> None:
    body = {
        "featureStoreName": store.api.name,
        "featureViewName": "served",
        "featureViewVersion": 1,
        "entries": KEYS,
        **change,
    }
    response = store.api.send("POST", "/0.1.0/feature_store", json=body)
    assert response.status_code == 400
    assert set(response.json()) == {"code", "message", "reason"}
    assert named in response.json()["reason"]
    assert store.api.send("POST", "/0.1.0/feature_store", content=b"{").status_code == 400
