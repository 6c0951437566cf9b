"""Feature views and training datasets of the local server over plain HTTP."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.flight as pf
import pyarrow.parquet as pq
import pytest
from feature_store_access import FeatureStoreAccess, feature, where

START = dt.datetime(2020, 1, 1)
START_MS = 1577836800000
MINUTE_MS = 60_000


@pytest.fixture
def store(api: Any) -> FeatureStoreAccess:
    """The feature store of a new project."""
    return FeatureStoreAccess(api)


@pytest.fixture
def groups(store: FeatureStoreAccess) -> dict[str, Any]:
    """Trips joined in time to weather; 100 trips, one a minute."""
    trips = store.create(
        "trips",
        {
            "id": "bigint",
            "city": "string",
            "ts": "timestamp",
            "km": "double",
            "late": "bigint",
            "note": "string",
        },
        ("id",),
        eventTime="ts",
        onlineEnabled=True,
    )
    weather = store.create(
        "weather",
        {"city": "string", "ts": "timestamp", "temp": "double"},
        ("city",),
        eventTime="ts",
        onlineEnabled=True,
    )
    at = pa.array([START + dt.timedelta(minutes=i) for i in range(100)], pa.timestamp("us"))
    store.insert(
        trips,
        pa.table(
            {
                "id": list(range(100)),
                "city": ["ab"[i % 2] for i in range(100)],
                "ts": at,
                "km": [i / 2 for i in range(100)],
                "late": [i % 3 == 0 for i in range(100)],
                "note": [f"n{i}" for i in range(100)],
            }
        ).cast(
            pa.schema(
                [
                    ("id", pa.int64()),
                    ("city", pa.string()),
                    ("ts", pa.timestamp("us")),
                    ("km", pa.float64()),
                    ("late", pa.int64()),
                    ("note", pa.string()),
                ]
            )
        ),
    )
    store.insert(
        weather,
        pa.table(
            {
                "city": ["a"] * 10,
                "ts": at.take(pa.array(range(0, 100, 10))),
                "temp": [float(i) for i in range(10)],
            }
        ),
    )
    return {"trips": trips, "weather": weather}


def view_body(
    store: FeatureStoreAccess, groups: dict[str, Any], name: str = "delays", **more: Any
) -> dict[str, Any]:
    """The body of a view over both groups, with a label and both kinds of helpers."""
    trips, weather = groups["trips"], groups["weather"]
    joined = {
        "query": store.select(weather, ["temp"]),
        "on": [{"name": "city"}],
        "leftOn": [],
        "rightOn": [],
        "type": "LEFT",
        "prefix": "w_",
    }
    special = [
        {"name": "late", "label": True, "featuregroup": {"id": trips["id"]}},
        {"name": "note", "trainingHelperColumn": True, "featuregroup": {"id": trips["id"]}},
        {"name": "km", "inferenceHelperColumn": True, "featuregroup": {"id": trips["id"]}},
    ]
    query = store.select(trips, ["id", "km", "late", "note"], joins=[joined])
    return {
        "type": "featureViewDTO",
        "name": name,
        "version": None,
        "description": "",
        "query": query,
        "features": special,
        **more,
    }


@pytest.fixture
def view(store: FeatureStoreAccess, groups: dict[str, Any]) -> dict[str, Any]:
    """A feature view."""
    return store.api.call("POST", f"{store.path}/featureview", 201, json=view_body(store, groups))


@pytest.fixture
def path(store: FeatureStoreAccess) -> str:
    """The path of the view."""
    return f"{store.path}/featureview/delays/version/1"


def test_a_created_view_has_its_full_schema_and_keys(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    schema = [
        (
            f["index"],
            f["name"],
            f["type"],
            f["label"],
            f["inferenceHelperColumn"],
            f["trainingHelperColumn"],
        )
        for f in view["features"]
    ]
    assert schema == [
        (0, "id", "bigint", False, False, False),
        (1, "km", "double", False, True, False),
        (2, "late", "bigint", True, False, False),
        (3, "note", "string", False, False, True),
        (4, "w_temp", "double", False, False, False),
    ]
    assert view["features"][4]["featureGroupFeatureName"] == "temp"
    assert view["features"][4]["featuregroup"]["name"] == "weather"
    keys = [
        (k["prefix"], k["featureName"], k["required"], k.get("joinOn"), k["joinIndex"])
        for k in view["servingKeys"]
    ]
    assert keys == [("", "id", True, None, 0), ("w_", "city", True, "city", 1)]
    assert view["servingKeys"][1]["featureGroup"]["type"] == "cachedFeaturegroupDTO"
    assert view["query"]["leftFeatureGroup"]["id"] == groups["trips"]["id"]
    assert [f["name"] for f in view["query"]["leftFeatures"]] == ["id", "km", "late", "note"]
    assert store.api.call("GET", path) == view
    assert store.api.call("GET", f"{store.path}/featureview/delays")["items"] == [view]
    assert store.api.call("GET", f"{store.path}/featureview")["count"] == 1


def test_versions_updates_and_deletion(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    views = f"{store.path}/featureview"
    assert store.api.call("POST", views, 201, json=view_body(store, groups))["version"] == 2
    assert store.api.error("POST", views, json=view_body(store, groups, version=2)) == (400, 270179)
    assert store.api.call("PUT", path, json={**view, "description": "New"})["description"] == "New"
    assert store.api.call("GET", path)["description"] == "New"
    store.api.call("DELETE", path)
    assert store.api.error("GET", path) == (404, 270181)
    store.api.call("DELETE", f"{views}/delays")
    assert store.api.error("GET", f"{views}/delays") == (404, 270181)
    assert store.api.call("GET", views)["items"] == []


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"features": [{"name": "speed", "label": True}]}, 270142, "'speed'"),
        ({"features": [{"name": "speed", "inferenceHelperColumn": True}]}, 270225, "'speed'"),
        ({"features": [{"name": "speed", "trainingHelperColumn": True}]}, 270225, "'speed'"),
        ({"name": "De lays"}, 270091, "'De lays'"),
        ({"description": "x" * 300}, 270092, "256"),
    ],
)
def test_a_wrong_view_names_what_is_wrong(
    store: FeatureStoreAccess, groups: dict[str, Any], change: dict[str, Any], code: int, named: str
) -> None:
    response = store.api.send(
        "POST", f"{store.path}/featureview", json={**view_body(store, groups), **change}
    )
    assert (response.status_code, response.json()["errorCode"]) == (400, code)
    assert named in response.json()["usrMsg"]
    assert store.api.call("GET", f"{store.path}/featureview")["count"] == 0


def test_a_view_over_a_deleted_feature_group(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    store.api.call("DELETE", f"{store.path}/featuregroups/{groups['weather']['id']}")
    assert store.api.error("GET", path) == (404, 270009)
    assert store.api.call("GET", f"{store.path}/featureview")["count"] == 0
    store.api.call(
        "DELETE", f"{store.path}/featuregroups/{groups['trips']['id']}?deleteFeatureViews=True"
    )
    assert store.api.error("GET", path) == (404, 270181)


def batch(store: FeatureStoreAccess, path: str, **query: Any) -> pa.Table:
    """The rows of a batch query."""
    text = "&".join(f"{k}={v}" for k, v in query.items())
    return store.read(store.api.call("GET", f"{path}/query/batch?{text}"))


def test_batch_queries_have_the_columns_asked_for(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    assert batch(store, path).column_names == ["id", "w_temp"]
    assert batch(store, path, with_label="True").column_names == ["id", "late", "w_temp"]
    helpers = batch(store, path, inference_helper_columns="True", training_helper_columns="True")
    assert helpers.column_names == ["id", "km", "note", "w_temp"]
    project = store.api.name
    extra = batch(store, path, with_primary_keys="True", with_event_time="True").column_names
    assert extra == [
        "id",
        f"{project}_trips_1_ts",
        "w_temp",
        f"{project}_weather_1_city",
        f"{project}_weather_1_ts",
    ]


def test_batch_queries_by_time_and_by_filter(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    some = batch(
        store, path, start_time=START_MS + 10 * MINUTE_MS, end_time=START_MS + 13 * MINUTE_MS
    )
    assert some["id"].to_pylist() == [10, 11, 12]
    assert some["w_temp"].to_pylist() == [1.0, None, 1.0]
    logic = where(groups["trips"], "city", "EQUALS", "a")
    query = store.api.call(
        "POST",
        f"{path}/query/batch?start_time={START_MS}&end_time={START_MS + 5 * MINUTE_MS}",
        json=logic,
    )
    assert store.read(query)["id"].to_pylist() == [0, 2, 4]


def test_times_need_an_event_time(store: FeatureStoreAccess) -> None:
    plain = store.create("plain", {"id": "bigint"}, ("id",))
    store.api.call(
        "POST",
        f"{store.path}/featureview",
        201,
        json={"name": "plain", "query": store.select(plain), "features": []},
    )
    assert store.api.error(
        "GET", f"{store.path}/featureview/plain/version/1/query/batch?start_time=5"
    ) == (400, 270172)


def test_prepared_statements_links_and_tags(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    single = store.api.call(
        "GET", f"{path}/preparedstatement?batch=False&inference_helper_columns=False"
    )
    assert single["count"] == len(single["items"]) == 2
    assert "`km`" not in single["items"][0]["queryOnline"]
    helpers = store.api.call(
        "GET", f"{path}/preparedstatement?batch=True&inference_helper_columns=True"
    )
    assert [s["featureGroupId"] for s in helpers["items"]] == [groups["trips"]["id"]]
    links = store.api.call(
        "GET",
        f"{path}/provenance/links?expand=provenance_artifacts&upstreamLvls=1&downstreamLvls=0",
    )
    assert sorted(n["node"]["artifact"]["name"] for n in links["upstream"]) == ["trips", "weather"]
    assert all(
        n["node"]["artifact"]["onlineEnabled"] and n["node"]["accessible"]
        for n in links["upstream"]
    )
    below = store.api.call(
        "GET",
        f"{store.path}/featuregroups/{groups['trips']['id']}/provenance/links?upstreamLvls=0&downstreamLvls=1",
    )
    assert [n["node"]["artifact"]["name"] for n in below["downstream"]] == ["delays"]
    store.api.call("PUT", f"{path}/tags/owner", 201, content=b'"ann"')
    assert [t["value"] for t in store.api.call("GET", f"{path}/tags")["items"]] == ['"ann"']


# -- training datasets --------------------------------------------------------------------------


def finished(store: FeatureStoreAccess, job: dict[str, Any]) -> dict[str, Any]:
    """The last execution of a job, once it has ended."""
    for _ in range(1000):
        execution = store.api.call("GET", f"{store.api.p}/jobs/{job['name']}/executions?limit=1")[
            "items"
        ][0]
        if execution["finalStatus"] != "UNDEFINED":
            return execution
        time.sleep(0.01)
    raise AssertionError("the job does not end")


def materialise(
    store: FeatureStoreAccess, path: str, body: dict[str, Any], **query: Any
) -> tuple[dict[str, Any], Path]:
    """Creates a training dataset and writes it; gives its object and its folder."""
    made = store.api.call("POST", f"{path}/trainingdatasets", 201, json=body)
    text = "&".join(
        f"{k}={v}"
        for k, v in {"with_label": "True", "td_version": made["version"], **query}.items()
    )
    wanted = store.api.call("GET", f"{path}/query/batch?{text}")
    job = store.api.call(
        "POST",
        f"{path}/trainingdatasets/version/{made['version']}/compute",
        201,
        json={"query": wanted, "overwrite": True, "writeOptions": []},
    )
    execution = finished(store, job)
    assert execution["state"] == "FINISHED", store.api.call(
        "GET", f"{store.api.p}/jobs/{job['name']}/executions/{execution['id']}/log/err"
    )
    folder = store.api.folder / made["location"].removeprefix(f"/Projects/{store.api.name}/")
    return made, folder


def test_a_training_dataset_as_parquet_read_through_flight(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    made, folder = materialise(
        store,
        path,
        {
            "dataFormat": "parquet",
            "trainingDatasetType": "HOPSFS_TRAINING_DATASET",
            "statisticsConfig": {"enabled": True},
        },
    )
    assert (made["type"], made["name"], made["version"]) == ("trainingDatasetDTO", "delays_1", 1)
    assert made["created"]
    assert made["splits"] == []
    assert (
        made["location"]
        == f"/Projects/{store.api.name}/{store.api.name}_Training_Datasets/delays_1_1"
    )
    (file,) = (folder / "delays_1").iterdir()
    rows = pq.read_table(file)
    assert rows.column_names == ["id", "late", "w_temp"]
    assert rows["id"].to_pylist() == list(range(100))
    info = store.flight.get_flight_info(
        pf.FlightDescriptor.for_path(f"{made['location']}/delays_1/{file.name}")
    )
    assert store.flight.do_get(info.endpoints[0].ticket).read_all().equals(rows)
    (statistics,) = store.api.call(
        "GET", f"{path}/trainingdatasets/version/1/statistics?fields=content&limit=1&offset=0"
    )["items"]
    late = next(f for f in statistics["featureDescriptiveStatistics"] if f["featureName"] == "late")
    assert (late["count"], late["min"], late["max"], late["mean"], late["featureType"]) == (
        100,
        0.0,
        1.0,
        0.34,
        "Integral",
    )
    assert len(late["percentiles"]) == 100


def test_random_splits_as_csv_are_repeatable(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    splits = [
        {"name": n, "percentage": p, "splitType": "RANDOM_SPLIT"}
        for n, p in (("train", 0.7), ("validation", 0.1), ("test", 0.2))
    ]
    body = {"dataFormat": "csv", "splits": splits, "seed": 5, "trainSplit": "train"}
    found = []
    for _ in range(2):
        _, folder = materialise(store, path, body)
        parts = {p.name: pa.csv.read_csv(next(p.iterdir())) for p in folder.iterdir()}
        assert {n: t.num_rows for n, t in parts.items()} == {
            "train": 70,
            "validation": 10,
            "test": 20,
        }
        ids = {n: t["id"].to_pylist() for n, t in parts.items()}
        assert sorted(i for part in ids.values() for i in part) == list(range(100))
        found.append(ids)
    assert found[0] == found[1]


def test_time_splits(view: dict[str, Any], store: FeatureStoreAccess, path: str) -> None:
    splits = [
        {
            "name": "train",
            "splitType": "TIME_SERIES_SPLIT",
            "startTime": START_MS,
            "endTime": START_MS + 60 * MINUTE_MS,
        },
        {
            "name": "test",
            "splitType": "TIME_SERIES_SPLIT",
            "startTime": START_MS + 60 * MINUTE_MS,
            "endTime": START_MS + 80 * MINUTE_MS,
        },
    ]
    made, folder = materialise(store, path, {"dataFormat": "parquet", "splits": splits})
    assert made["trainSplit"] == "train"
    parts = {p.name: pq.read_table(next(p.iterdir())) for p in folder.iterdir()}
    assert parts["train"]["id"].to_pylist() == list(range(60))
    assert parts["test"]["id"].to_pylist() == list(range(60, 80))
    assert parts["test"].column_names == ["id", "late", "w_temp"]
    (statistics,) = store.api.call(
        "GET", f"{path}/trainingdatasets/version/1/statistics?fields=content"
    )["items"]
    assert [s["name"] for s in statistics["splitStatistics"]] == ["train", "test"]


def test_a_filter_stays_with_the_training_dataset(
    view: dict[str, Any], store: FeatureStoreAccess, groups: dict[str, Any], path: str
) -> None:
    body = {
        "dataFormat": "tsv",
        "trainingDatasetType": "IN_MEMORY_TRAINING_DATASET",
        "extraFilter": where(groups["trips"], "city", "EQUALS", "b"),
    }
    made = store.api.call("POST", f"{path}/trainingdatasets", 201, json=body)
    assert made["location"] == ""
    assert batch(store, path, td_version=made["version"])["id"].to_pylist() == list(
        range(1, 100, 2)
    )
    assert store.api.error("GET", f"{path}/query/batch?td_version=9") == (404, 270012)


def test_the_query_service_writes_a_training_dataset(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    import json

    made = store.api.call("POST", f"{path}/trainingdatasets", 201, json={"dataFormat": "parquet"})
    plan = store.construct(store.api.call("GET", f"{path}/query/batch?with_label=True"))[
        "hqsPayload"
    ]
    body = {
        "project_name": store.api.name,
        "fv_name": "delays",
        "fv_version": 1,
        "tds_version": made["version"],
        "query": json.loads(plan),
    }
    list(store.flight.do_action(pf.Action("create-training-dataset", json.dumps(body).encode())))
    folder = store.api.folder / f"{store.api.name}_Training_Datasets" / "delays_1_1" / "delays_1"
    assert pq.read_table(folder).num_rows == 100


def test_purge_keeps_metadata_and_delete_removes_it(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    _, first = materialise(store, path, {"dataFormat": "parquet"})
    _, second = materialise(store, path, {"dataFormat": "parquet"})
    datasets = f"{path}/trainingdatasets"
    assert [t["version"] for t in store.api.call("GET", datasets)["items"]] == [1, 2]
    store.api.call("DELETE", f"{datasets}/version/1/data")
    assert not first.exists()
    assert store.api.call("GET", f"{datasets}/version/1")["version"] == 1
    store.api.call("DELETE", f"{datasets}/version/2")
    assert not second.exists()
    assert store.api.error("GET", f"{datasets}/version/2") == (404, 270012)
    store.api.call("DELETE", datasets)
    assert store.api.call("GET", datasets)["count"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"dataFormat": "xml"}, 270057),
        ({"dataFormat": "tfrecord"}, 270057),
        ({"trainingDatasetType": "EXTERNAL_TRAINING_DATASET"}, 270042),
        ({"splits": [{"name": "Train!", "percentage": 1.0}]}, 270098),
        ({"splits": [{"name": "a", "percentage": 0.5}, {"name": "a", "percentage": 0.5}]}, 270106),
        ({"splits": [{"name": "a", "percentage": 1.5}]}, 270099),
        ({"splits": [{"name": "a", "percentage": 0.5}]}, 270099),
        (
            {
                "splits": [
                    {"name": "a", "splitType": "TIME_SERIES_SPLIT", "startTime": 5, "endTime": 5}
                ]
            },
            270206,
        ),
        ({"version": 1}, 270016),
    ],
)
def test_a_wrong_training_dataset_is_refused(
    view: dict[str, Any], store: FeatureStoreAccess, path: str, change: dict[str, Any], code: int
) -> None:
    store.api.call("POST", f"{path}/trainingdatasets", 201, json={"dataFormat": "parquet"})
    assert store.api.error(
        "POST", f"{path}/trainingdatasets", json={"dataFormat": "parquet", **change}
    ) == (400, code)
    assert store.api.call("GET", f"{path}/trainingdatasets")["count"] == 1


def test_statistics_are_kept_and_found(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    store.api.call(
        "POST",
        f"{path}/trainingdatasets",
        201,
        json={"dataFormat": "tsv", "trainingDatasetType": "IN_MEMORY_TRAINING_DATASET"},
    )
    target = f"{path}/trainingdatasets/version/1/statistics"
    assert store.api.call("GET", target)["count"] == 0
    fds = [
        {"featureName": "km", "featureType": "Fractional", "count": 3, "mean": 1.5},
        {"featureName": "id", "featureType": "Integral", "count": 3},
    ]
    sent = {
        "computationTime": 5,
        "rowPercentage": 1.0,
        "beforeTransformation": True,
        "featureDescriptiveStatistics": fds,
    }
    back = store.api.call("POST", target, json=sent)
    assert back["featureDescriptiveStatistics"][0]["mean"] == 1.5
    assert back["featureDescriptiveStatistics"][0]["id"]
    assert store.api.call("GET", f"{target}?fields=content")["count"] == 0
    asked = f"{target}?fields=content&filter_by=before_transformation_eq%3ATrue&filter_by=computation_time_ltoeq%3A9&sort_by=computation_time%3Adesc&offset=0&limit=1"
    (found,) = store.api.call("GET", asked)["items"]
    assert [f["featureName"] for f in found["featureDescriptiveStatistics"]] == ["km", "id"]
    (only,) = store.api.call("GET", f"{asked}&feature_names=id")["items"]
    assert [f["featureName"] for f in only["featureDescriptiveStatistics"]] == ["id"]
    assert store.api.error("GET", f"{target}?filter_by=colour_eq%3Ared") == (400, 270108)


def test_a_job_that_fails_says_why_and_leaves_its_logs(
    view: dict[str, Any], store: FeatureStoreAccess, path: str
) -> None:
    made = store.api.call("POST", f"{path}/trainingdatasets", 201, json={"dataFormat": "parquet"})
    wanted = store.api.call("GET", f"{path}/query/batch")
    wanted["joins"][0]["type"] = "FULL"
    target = f"{path}/trainingdatasets/version/{made['version']}/compute"
    job = store.api.call("POST", target, 201, json={"query": wanted, "overwrite": True})
    execution = finished(store, job)
    assert (execution["state"], execution["finalStatus"]) == ("FAILED", "FAILED")
    executions = f"{store.api.p}/jobs/{job['name']}/executions/{execution['id']}"
    assert "LEFT or INNER" in store.api.call("GET", f"{executions}/log/err")["log"]
    root = f"/Projects/{store.api.name}/"
    assert (
        "LEFT or INNER"
        in (store.api.folder / execution["stderrPath"].removeprefix(root)).read_text()
    )
    assert (store.api.folder / execution["stdoutPath"].removeprefix(root)).exists()
    assert [j["name"] for j in store.api.call("GET", f"{store.api.p}/jobs")["items"]] == [
        job["name"]
    ]
    assert store.api.call("GET", f"{store.api.p}/jobs/{job['name']}")["jobType"] == "PYTHON"
    store.api.call("DELETE", f"{store.api.p}/jobs/{job['name']}", 204)
    assert store.api.error("GET", f"{store.api.p}/jobs/{job['name']}") == (404, 130009)
    assert store.api.error("GET", executions) == (404, 130009)


def test_statistics_of_a_feature_group_are_computed_in_a_job(
    store: FeatureStoreAccess, groups: dict[str, Any]
) -> None:
    target = f"{store.path}/featuregroups/{groups['trips']['id']}/statistics"
    assert (
        finished(store, store.api.call("POST", f"{target}/compute", 201))["finalStatus"]
        == "SUCCEEDED"
    )
    (found,) = store.api.call("GET", f"{target}?fields=content")["items"]
    km = next(
        f
        for f in found["featureDescriptiveStatistics"]
        if f["featureName"] == feature(groups["trips"], "km")["name"]
    )
    assert (km["min"], km["max"], km["numNullValues"]) == (0.0, 49.5, 0)
