"""Feature groups of the local server over plain HTTP: metadata, checks and error codes."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from feature_store_access import FeatureStoreAccess

FEATURES = {"id": "bigint", "ts": "timestamp", "km": "double", "name": "string"}


@pytest.fixture
def store(api: Any) -> FeatureStoreAccess:
    """The feature store of a new project."""
    return FeatureStoreAccess(api)


def refusal(store: FeatureStoreAccess, body: dict[str, Any]) -> tuple[int, str]:
    """Error code and user message with which a creation is refused; nothing is made."""
    response = store.api.send("POST", f"{store.path}/featuregroups", json=body)
    assert response.status_code == 400, response.text
    assert store.api.call("GET", f"{store.path}/featuregroups")["count"] == 0
    return response.json()["errorCode"], response.json()["usrMsg"]


def test_the_feature_store_by_name_by_id_and_in_the_list(store: FeatureStoreAccess) -> None:
    by_id = store.api.call("GET", store.path)
    assert by_id == store.store
    assert [s["featurestoreId"] for s in store.api.call("GET", f"{store.api.p}/featurestores")] == [
        store.id
    ]
    assert by_id["projectId"] == store.api.id
    assert by_id["projectName"] == store.api.name
    assert by_id["featurestoreName"] == f"{store.api.name}_featurestore"
    assert by_id["onlineEnabled"] is True
    assert store.api.error("GET", f"{store.api.p}/featurestores/other_featurestore") == (
        404,
        270008,
    )
    assert store.api.error("GET", f"{store.api.p}/featurestores/9999") == (404, 270008)


def test_a_created_feature_group_has_what_clients_need(store: FeatureStoreAccess) -> None:
    made = store.create(
        "trips", FEATURES, ("id",), eventTime="ts", onlineEnabled=True, description="All trips"
    )
    assert made["type"] == "cachedFeaturegroupDTO"
    assert (made["name"], made["version"], made["description"]) == ("trips", 1, "All trips")
    assert made["featurestoreId"] == store.id
    assert made["timeTravelFormat"] == "DELTA"
    assert made["eventTime"] == "ts"
    assert made["deprecated"] is False
    assert made["created"].endswith("Z")
    assert made["creator"]["username"]
    assert made["location"].startswith("file:///")
    assert made["dataSource"]["storageConnector"]["storageConnectorType"] == "S3"
    assert made["statisticsConfig"]["enabled"] is True
    assert not {k for k, v in made.items() if v is None}
    first, _, _, last = made["features"]
    assert first == {
        "name": "id", "type": "bigint", "primary": True, "foreign": False, "partition": False, "hudiPrecombineKey": False,
        "onDemand": False, "offlineOnly": False, "onlineType": "bigint", "featureGroupId": made["id"],
    }  # fmt: skip
    assert last["onlineType"] == "varchar(100)"


def test_reading_by_id_by_name_and_by_version(store: FeatureStoreAccess) -> None:
    one = store.create("trips", FEATURES, ("id",))
    two = store.create("trips", FEATURES, ("id",))
    seven = store.create("trips", FEATURES, ("id",), version=7)
    eight = store.create("trips", FEATURES, ("id",))
    assert [g["version"] for g in (one, two, seven, eight)] == [1, 2, 7, 8]
    path = f"{store.path}/featuregroups"
    assert store.api.call("GET", f"{path}/{two['id']}")["version"] == 2
    assert [g["version"] for g in store.api.call("GET", f"{path}/trips")] == [1, 2, 7, 8]
    assert [g["id"] for g in store.api.call("GET", f"{path}/trips?version=7&expand=features")] == [
        seven["id"]
    ]
    listed = store.api.call("GET", path)
    assert listed["count"] == len(listed["items"]) == 4
    for missing in (f"{path}/trips?version=3", f"{path}/nothing", f"{path}/424242"):
        assert store.api.error("GET", missing) == (404, 270009)


def test_an_existing_version_is_refused(store: FeatureStoreAccess) -> None:
    store.create("trips", FEATURES, ("id",), version=1)
    body = store.body("trips", FEATURES, ("id",), version=1)
    assert store.api.error("POST", f"{store.path}/featuregroups", json=body) == (400, 270089)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"name": "Trips"}, 270091, "'Trips'"),
        ({"name": "1trips"}, 270091, "'1trips'"),
        ({"description": "x" * 257}, 270092, "256"),
        ({"features": [{"name": "a b", "type": "int"}]}, 270040, "'a b'"),
        ({"features": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}, 270224, "'a'"),
        ({"features": [{"name": "a"}]}, 270212, "'a'"),
        ({"features": [{"name": "a", "type": "array<int"}]}, 270153, "array<int"),
        ({"features": [{"name": "a", "type": "number"}]}, 270151, "number"),
        ({"features": [{"name": "a", "type": "int", "defaultValue": "1"}]}, 270132, "'a'"),
        ({"eventTime": "when"}, 270082, "'when'"),
        ({"eventTime": "name"}, 270171, "'name'"),
        ({"onlineEnabled": True, "features": [{"name": "a", "type": "int"}]}, 270121, "primary key"),
        ({"onlineEnabled": True, "features": []}, 270176, "needs its features"),
        ({"onlineEnabled": True, "features": [{"name": "a", "type": "double", "primary": True}]}, 270176, "'a'"),
        ({"onlineEnabled": True, "features": [{"name": "k", "type": "int", "primary": True}, {"name": "a", "type": "string", "onlineType": "int"}]}, 270176, "'a'"),
        ({"onlineEnabled": True, "features": [{"name": "k", "type": "string", "primary": True, "onlineType": "varchar(2000)"}]}, 270176, "primary key"),
        ({"onlineEnabled": True, "features": [{"name": f"f{i}", "type": "int", "primary": i == 0} for i in range(501)]}, 270176, "501"),
        ({"type": "onDemandFeaturegroupDTO"}, 270136, "external"),
        ({"embeddingIndex": {"features": []}}, 270239, "vector database"),
    ],
)  # fmt: skip
def test_a_wrong_creation_names_what_is_wrong(
    store: FeatureStoreAccess, change: dict[str, Any], code: int, named: str
) -> None:
    found, text = refusal(store, {**store.body("trips", FEATURES, ("id",)), **change})
    assert found == code
    assert named in text


def test_updates_change_what_the_query_says(store: FeatureStoreAccess) -> None:
    group = store.create("trips", FEATURES, ("id",))
    path = f"{store.path}/featuregroups/{group['id']}"
    changed = {
        **group,
        "description": "New",
        "features": [{**f, "description": f"the {f['name']}"} for f in group["features"]],
    }
    updated = store.api.call("PUT", f"{path}?updateMetadata=True", json=changed)
    assert updated["description"] == "New"
    assert updated["features"][0]["description"] == "the id"
    statistics = {**group, "statisticsConfig": {"enabled": False, "columns": ["km"]}}
    assert store.api.call("PUT", f"{path}?updateStatsConfig=True", json=statistics)[
        "statisticsConfig"
    ]["columns"] == ["km"]
    assert store.api.call("PUT", f"{path}?deprecate=True", json=group)["deprecated"] is True
    assert store.api.call("PUT", f"{path}?deprecate=False", json=group)["deprecated"] is False
    online = store.api.call("PUT", f"{path}?enableOnline=True", json=group)
    assert online["onlineEnabled"] is True
    assert online["features"][3]["onlineType"] == "varchar(100)"
    assert store.api.call("GET", path)["description"] == "New"


@pytest.mark.parametrize(
    "features",
    [
        [{"name": "id", "type": "bigint", "primary": True}],
        [{"name": "id", "type": "string", "primary": True}, {"name": "v", "type": "double"}],
        [{"name": "id", "type": "bigint"}, {"name": "v", "type": "double"}],
        [
            {"name": "id", "type": "bigint", "primary": True},
            {"name": "v", "type": "double"},
            {"name": "n", "type": "int", "primary": True},
        ],
    ],
)
def test_features_may_only_be_appended(
    store: FeatureStoreAccess, features: list[dict[str, Any]]
) -> None:
    group = store.create("trips", {"id": "bigint", "v": "double"}, ("id",))
    path = f"{store.path}/featuregroups/{group['id']}?updateMetadata=True"
    assert store.api.error("PUT", path, json={**group, "features": features}) == (400, 270114)


def test_an_appended_feature_is_null_in_old_rows_or_its_default(store: FeatureStoreAccess) -> None:
    group = store.create("trips", {"id": "bigint", "v": "double"}, ("id",), onlineEnabled=True)
    store.insert(group, pa.table({"id": [1], "v": [0.5]}))
    more = [
        {"name": "n", "type": "int"},
        {"name": "city", "type": "string", "defaultValue": "Umeå"},
    ]
    path = f"{store.path}/featuregroups/{group['id']}?updateMetadata=True"
    group = store.api.call(
        "PUT", path, json={**group, "features": [more[1], *group["features"], more[0]]}
    )
    assert [f["name"] for f in group["features"]] == ["id", "v", "city", "n"]
    assert store.read(store.select(group)).to_pylist() == [
        {"id": 1, "v": 0.5, "city": "Umeå", "n": None}
    ]
    store.insert(
        group, pa.table({"id": [2], "v": [1.5], "city": ["Lund"], "n": pa.array([3], pa.int32())})
    )
    expected = [
        {"id": 1, "v": 0.5, "city": "Umeå", "n": None},
        {"id": 2, "v": 1.5, "city": "Lund", "n": 3},
    ]
    for online in (False, True):
        assert store.read(store.select(group), online=online).sort_by("id").to_pylist() == expected
    subject = store.api.call("GET", f"{store.path}/kafka/subjects/trips_1/versions/latest")
    assert subject["version"] == 2
    assert [f["name"] for f in json.loads(subject["schema"])["fields"]] == ["id", "v", "city", "n"]


def test_deleting_removes_rows_and_a_new_one_starts_empty(store: FeatureStoreAccess) -> None:
    group = store.create("trips", {"id": "bigint"}, ("id",), onlineEnabled=True)
    store.insert(group, pa.table({"id": [1, 2]}))
    assert store.api.call("DELETE", f"{store.path}/featuregroups/{group['id']}?force=True") is None
    assert store.api.error("GET", f"{store.path}/featuregroups/{group['id']}") == (404, 270009)
    again = store.create("trips", {"id": "bigint"}, ("id",), onlineEnabled=True)
    assert again["version"] == 1
    assert again["id"] != group["id"]
    for online in (False, True):
        assert store.read(store.select(again), online=online).num_rows == 0


def test_clearing_keeps_the_id(store: FeatureStoreAccess) -> None:
    group = store.create("trips", {"id": "bigint"}, ("id",), onlineEnabled=True)
    store.insert(group, pa.table({"id": [1, 2]}))
    assert (
        store.api.call("POST", f"{store.path}/featuregroups/{group['id']}/clear")["id"]
        == group["id"]
    )
    for online in (False, True):
        assert store.read(store.select(group), online=online).num_rows == 0
    store.insert(group, pa.table({"id": [3]}))
    assert store.read(store.select(group))["id"].to_pylist() == [3]


def test_commits_and_activity(store: FeatureStoreAccess) -> None:
    group = store.create("trips", {"id": "bigint", "v": "int"}, ("id",))
    path = f"{store.path}/featuregroups/{group['id']}"
    for ids, value in (([1, 2], 1), ([2, 3], 2)):
        store.insert(group, pa.table({"id": ids, "v": pa.array([value] * 2, pa.int32())}))
    newest, oldest = store.api.call("GET", f"{path}/commits?sort_by=committed_on%3Adesc&offset=0")[
        "items"
    ]
    assert (newest["rowsInserted"], newest["rowsUpdated"]) == (1, 1)
    assert (oldest["rowsInserted"], oldest["rowsUpdated"]) == (2, 0)
    assert newest["commitID"] == newest["commitTime"] > oldest["commitTime"]
    assert len(newest["commitDateString"]) == 17
    until = store.api.call(
        "GET", f"{path}/commits?filter_by=commited_on_ltoeq%3A{oldest['commitTime']}&limit=1"
    )
    assert [c["commitID"] for c in until["items"]] == [oldest["commitID"]]
    own = store.api.call(
        "POST",
        f"{path}/commits",
        json={
            "commitID": None,
            "commitTime": 1700000000000,
            "rowsInserted": 5,
            "rowsUpdated": 0,
            "rowsDeleted": 0,
        },
    )
    assert own["href"].endswith("/commits/1700000000000")
    kinds = [
        a["type"] for a in store.api.call("GET", f"{path}/activity?limit=100&offset=0")["items"]
    ]
    assert kinds == ["COMMIT", "COMMIT", "COMMIT", "METADATA"]


def test_tags_online_ingestion_and_what_is_not_there(store: FeatureStoreAccess) -> None:
    group = store.create(
        "trips", {"id": "bigint"}, ("id",), tags={"items": [{"name": "owner", "value": '"ann"'}]}
    )
    path = f"{store.path}/featuregroups/{group['id']}"
    assert [t["name"] for t in store.api.call("GET", f"{path}/tags")["items"]] == ["owner"]
    record = store.api.call("POST", f"{path}/online_ingestion", json={"id": None, "numEntries": 3})
    assert store.api.call("GET", f"{path}/online_ingestion?filter_by=ID%3A{record['id']}")[
        "items"
    ] == [record]
    assert store.api.call("GET", f"{path}/expectationsuite")["count"] == 0
    assert store.api.error(
        "GET", f"{store.path}/storageconnectors/lake?temporaryCredentials=True"
    ) == (404, 270042)
    missing = store.api.send("GET", f"{store.path}/kafka/subjects/none_1/versions/latest")
    assert (missing.status_code, missing.json()["error_code"]) == (404, 40401)


def test_keywords_are_replaced_and_listed(store: FeatureStoreAccess) -> None:
    group = store.create("trips", {"id": "bigint"}, ("id",))
    path = f"{store.path}/featuregroups/{group['id']}/keywords"
    assert store.api.call("GET", path) == {"keywords": []}
    assert store.api.call("POST", path, json={"keywords": ["b", "a", "a"]}) == {
        "keywords": ["a", "b"]
    }
    assert store.api.call("POST", path, json={"keywords": ["c", "d"]}) == {"keywords": ["c", "d"]}
    assert store.api.call("DELETE", f"{path}?keyword=d") == {"keywords": ["c"]}
    assert store.api.call("GET", f"{store.api.p}/featurestores/keywords") == {"keywords": ["c"]}
    assert store.api.error("POST", path, json={"keywords": ["not this"]}) == (400, 270134)
    store.api.call("DELETE", f"{store.path}/featuregroups/{group['id']}")
    assert store.api.call("GET", f"{store.api.p}/featurestores/keywords") == {"keywords": []}


def test_transformation_functions_by_name_and_version(store: FeatureStoreAccess) -> None:
    path = f"{store.path}/transformationfunctions"
    udf = {
        "sourceCode": "def f(x): return x",
        "name": "f",
        "outputTypes": ["double"],
        "executionMode": "python",
    }
    assert store.api.call("GET", path)["count"] == 0
    first = store.api.call("POST", path, json={"version": None, "hopsworksUdf": udf})
    assert (first["version"], first["hopsworksUdf"]["executionMode"]) == (1, "PYTHON")
    assert first["hopsworksUdf"]["transformationFeatures"] == []
    assert store.api.call("POST", path, json={"hopsworksUdf": udf})["version"] == 2
    assert store.api.error("POST", path, json={"version": 2, "hopsworksUdf": udf}) == (400, 270159)
    assert store.api.error("POST", path, json={"hopsworksUdf": {"name": "g"}}) == (400, 270163)
    assert [f["version"] for f in store.api.call("GET", f"{path}?name=f")["items"]] == [1, 2]
    assert store.api.call("GET", f"{path}?name=f&version=1")["items"] == [first]
    assert store.api.error("GET", f"{path}?name=g") == (404, 270160)
    store.api.call("DELETE", f"{path}/{first['id']}")
    assert store.api.error("DELETE", f"{path}/{first['id']}") == (404, 270160)


def test_appended_features_become_columns_for_writers_of_the_table(
    store: FeatureStoreAccess,
) -> None:
    from deltalake import DeltaTable

    group = store.create("trips", {"id": "bigint"}, ("id",))
    store.insert(group, pa.table({"id": [1]}))
    features = [
        *group["features"],
        {"name": "city", "type": "string"},
        {"name": "v", "type": "array<float>"},
    ]
    path = f"{store.path}/featuregroups/{group['id']}"
    group = store.api.call(
        "PUT", f"{path}?updateMetadata=True", json={**group, "features": features}
    )
    job = store.api.call("POST", f"{path}/updatetableschema")
    while (
        store.api.call("GET", f"{store.api.p}/jobs/{job['name']}/executions?limit=1")["items"][0][
            "state"
        ]
        == "RUNNING"
    ):
        pass
    assert (
        store.api.call("GET", f"{store.api.p}/jobs/{job['name']}/executions")["items"][0][
            "finalStatus"
        ]
        == "SUCCEEDED"
    )
    assert [f.name for f in DeltaTable(group["location"]).schema().fields] == ["id", "city", "v"]
    assert store.read(store.select(group)).to_pylist() == [{"id": 1, "city": None, "v": None}]
