"""Search on the local server: what it finds, marks, counts and opens."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas
import pytest
from conftest import Api, ProjectApi
from relay import Relay

import hopsworks
from hopsworks.core.search_api import SearchApi, TagSearchFilter


@pytest.fixture
def rest(local_server: Any) -> Iterator[Api]:
    """Plain HTTP access to the server."""
    api = Api(local_server)
    yield api
    api.close()


@pytest.fixture
def store(project: Any) -> Any:
    """A feature store with two feature groups and a view over both."""
    store = project.get_feature_store()
    trips = store.create_feature_group(
        "taxi_trips", version=1, description="Rides in yellow cars", primary_key=["trip"]
    )
    trips.insert(pandas.DataFrame({"trip": [1, 2], "tip_total": [0.5, 1.0]}))
    trips.update_feature_description("tip_total", "What the driver was given")
    weather = store.create_feature_group("weather", version=1, primary_key=["trip"])
    weather.insert(pandas.DataFrame({"trip": [1, 2], "rain": [0.1, 0.2]}))
    query = trips.select_all().join(weather.select(["rain"]))
    store.create_feature_view("wet_rides", query=query, version=1, description="For the model")
    return store


def names(found: list[Any]) -> list[tuple[str, int | None]]:
    return [(one.name, one.version) for one in found]


def test_words_are_found_in_names_descriptions_and_features(project: Any, store: Any) -> None:
    search = project.get_search_api()
    assert names(search.feature_groups("TAXI")) == [("taxi_trips", 1)]
    assert names(search.feature_groups("yellow rides")) == [("taxi_trips", 1)]  # both, in any order
    assert names(search.feature_groups("yellow bicycle")) == []
    assert names(search.feature_groups("driver")) == [("taxi_trips", 1)]
    assert names(search.feature_groups("trip")) == [("taxi_trips", 1), ("weather", 1)]
    assert names(search.feature_views("rain")) == [("wet_rides", 1)]
    assert names(store.search_feature_views("rain")) == [("wet_rides", 1)]
    assert names(store.search_features("rain")) == [("rain", 1)]
    assert store.search_training_datasets("rain") == []
    assert names(search.feature_views("taxi_trips")) == [("wet_rides", 1)]
    (feature,) = search.features("given")
    assert (feature.name, feature.raw_data["featuregroup"]) == ("tip_total", "taxi_trips")


def test_highlights_mark_the_words(project: Any, store: Any) -> None:
    search = project.get_search_api()
    (group,) = search.feature_groups("yellow tip")
    marks = group.highlights
    assert marks.has_highlights()
    assert (marks.name, marks.description) == (None, "Rides in <em>yellow</em> cars")
    assert marks.features == [
        {"name": "<em>tip</em>_total", "description": "What the driver was given"}
    ]
    assert (marks.tags, marks.keywords, marks.source_feature_groups) == ([], [], [])
    (group,) = search.feature_groups("Taxi")
    assert group.highlights.name == "<em>taxi</em>_trips"
    (view,) = search.feature_views("taxi")
    assert view.highlights.source_feature_groups == ["<em>taxi</em>_trips"]


def test_what_was_found_is_opened(project: Any, store: Any) -> None:
    search = project.get_search_api()
    found = search.feature_groups("taxi")[0]
    assert (found.project.id, found.project.name) == (project.id, project.name)
    assert found.href.endswith(f"/featuregroups/{found.get().id}")
    assert found.get().description == "Rides in yellow cars"
    view = search.feature_views("model")[0].get()
    assert view.name == "wet_rides"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the version that it gets
        view.create_training_data(description="January", data_format="csv")
    (dataset,) = search.training_datasets("january")
    assert (dataset.name, dataset.version) == ("wet_rides_1", 1)
    assert dataset.get().description == "January"
    assert names(search.training_datasets("taxi_trips")) == [("wet_rides_1", 1)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the jobs that go with it
        found.get().delete(delete_feature_views=True)
    assert found.get() is None
    assert search.feature_groups("taxi") == []


def test_a_view_whose_feature_group_was_deleted_is_still_found(project: Any, store: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the jobs that go with it
        store.get_feature_group("weather", version=1).delete(force=True)
    search = project.get_search_api()
    assert names(search.feature_views("rides")) == [("wet_rides", 1)]
    assert search.feature_views("rain") == []


def test_a_result_of_another_project_opens_there(project: Any, store: Any, rest: Api) -> None:
    other = f"{project.name}b"
    rest.call("POST", f"project?projectName={other}", 201, json={"projectName": other})
    second = hopsworks.connection(host="local", project=other)
    try:
        search = second.get_project().get_search_api()
        assert search.feature_groups("yellow") == []
        mine = [
            found
            for found in search.feature_groups("yellow", global_search=True)
            if found.project.name == project.name
        ]
        assert names(mine) == [("taxi_trips", 1)]
        group = mine[0].get()
        assert (group.name, group.feature_store.project_name) == ("taxi_trips", project.name)
        assert group.read().shape == (2, 2)
    finally:
        second.close()


def test_keywords_and_tags(project: Any, store: Any, rest: Api) -> None:
    group = store.get_feature_group("taxi_trips", version=1)
    path = f"project/{project.id}/featurestores/{store.id}/featuregroups/{group.id}"
    rest.call("POST", f"{path}/keywords", json={"keywords": ["urban", "paid"]})
    rest.call("PUT", f"{path}/tags/owner", json={"team": "risk & co/é", "size": 3})
    rest.call("PUT", f"{path}/tags/stage", json="gold")
    search = project.get_search_api()
    assert names(search.feature_groups(keyword_filter="urban")) == [("taxi_trips", 1)]
    assert names(search.feature_groups(keyword_filter=["urban", "paid"])) == [("taxi_trips", 1)]
    assert search.feature_groups(keyword_filter=["urban", "free"]) == []
    assert search.feature_groups(keyword_filter="urb") == []
    assert store.get_all_keywords() == ["paid", "urban"]
    assert names(store.search_feature_groups(keyword_filter="paid")) == [("taxi_trips", 1)]
    assert store.search(keyword_filter="paid").feature_groups_total == 1
    owner = TagSearchFilter("owner", "team", "risk & co/é")
    (found,) = search.feature_groups(tag_filter=owner, keyword_filter="paid")
    assert found.highlights.keywords == ["<em>paid</em>"]
    assert [tag["key"] for tag in found.highlights.tags] == ["owner"]
    size = {"name": "owner", "key": "size", "value": "3"}
    assert len(search.feature_groups(tag_filter=[owner, size])) == 1
    assert search.feature_groups(tag_filter=size | {"value": "4"}) == []
    assert search.feature_groups(tag_filter=size | {"key": "other"}) == []
    assert search.feature_groups(tag_filter=size | {"name": "other"}) == []
    stage = {"name": "stage", "key": "stage", "value": "gold"}
    assert len(search.feature_groups("yellow", tag_filter=stage)) == 1
    assert search.feature_groups("weather", tag_filter=stage) == []
    assert names(search.feature_groups("gold")) == [("taxi_trips", 1)]
    assert names(search.feature_groups("urban")) == [("taxi_trips", 1)]


def test_pages_totals_and_order(project: Any) -> None:
    store = project.get_feature_store()
    for name in ("b_cars", "cars", "a_cars", "bikes"):
        group = store.create_feature_group(
            name, version=1, description="no cars" if name == "bikes" else "", primary_key=["k"]
        )
        group.insert(pandas.DataFrame({"k": [1]}))
    search = project.get_search_api()
    in_order = ["cars", "a_cars", "b_cars", "bikes"]  # the name itself, in names, elsewhere
    assert [found.name for found in search.feature_groups("cars")] == in_order
    page = search.feature_store("cars", offset=1, limit=2)
    assert [found.name for found in page.feature_groups] == in_order[1:3]
    assert (page.feature_groups_offset, page.feature_groups_total) == (1, 4)
    assert (page.features, page.features_total, page.agents_total) == ([], 0, 0)
    assert search.feature_groups("cars", limit=0) == []
    assert search.feature_store("cars", limit=0).feature_groups_total == 4
    assert search.feature_groups("cars", offset=10) == []


def test_jobs_models_and_deployments_are_found_too(project: Any, tmp_path: Path) -> None:
    (tmp_path / "predict.py").write_text("class Predict:\n    pass\n")
    files, jobs = project.get_dataset_api(), project.get_job_api()
    files.upload(str(tmp_path / "predict.py"), "Resources")
    config = jobs.get_configuration("PYTHON") | {
        "appPath": "Resources/predict.py",
        "description": "for the Zebra",
    }
    jobs.create_job("nightly", config).add_tag("animal", "zebra")
    model = project.get_model_registry().python.create_model("zebra_model", description="stripes")
    model.save(str(tmp_path))
    model.add_tag("animal", {"kind": "zebra"})
    model.deploy(name="zebrapredictor", script_file="Resources/predict.py")
    found = project.get_search_api().feature_store("zebra")
    assert names(found.jobs) == [("nightly", None)]
    assert found.jobs[0].highlights.tags == [{"key": "animal", "value": "<em>zebra</em>"}]
    assert names(found.models) == [("zebra_model", 1)]
    assert names(found.deployments) == [("zebrapredictor", 1)]
    assert (found.apps, found.agents) == ([], [])
    assert {one.project.name for one in (*found.jobs, *found.models, *found.deployments)} == {
        project.name
    }


def test_requests_of_other_clients(api: ProjectApi) -> None:
    path = f"{api.p}/elastic/featurestore"
    older = api.call("GET", f"{path}/some%2Fterm?docType=FEATUREGROUP&from=0&size=5")
    assert older == {"featuregroups": [], "featuregroupsFrom": 0, "featuregroupsTotal": 0}
    assert api.call("GET", "elastic/featurestore/nowhere?docType=MODEL")["modelsTotal"] == 0
    everything = api.call("GET", f"{path}?searchTerm=")
    assert len(everything) == 27
    once = quote(json.dumps([{"value": "100%41"}]))
    for encoded in (once, quote(once)):
        assert api.call("GET", f"{path}?keywords={encoded}")["jobsTotal"] == 0
    assert api.error("GET", path) == (422, 120001)
    for wrong in (
        "docType=PEOPLE&searchTerm=x",
        "searchTerm=x&from=-1",
        "searchTerm=x&size=-1",
        "searchTerm=x&size=many",
        "keywords=x",
        "keywords=%7B%7D",
        "tags=%5B1%5D",
    ):
        assert api.error("GET", f"{path}?{wrong}") == (404, 310000)


def test_nothing_is_sent_for_bad_input(relay: Relay, session: Any) -> None:
    search = SearchApi(session)
    relay.requests.clear()
    for arguments, error in (({}, ValueError), ({"search_term": 5}, TypeError)):
        with pytest.raises(error):
            search.feature_groups(**arguments)
    assert relay.requests == []


@pytest.mark.parametrize("given", ['[{"name": []}]', '[{"name": "a", "key": {}}]', "[1]", "{"])
def test_filters_that_make_no_sense(rest: Api, given: str) -> None:
    answer = rest.send("GET", "elastic/featurestore", params={"tags": given})
    assert answer.status_code == 404
    assert "tags" in answer.json()["usrMsg"]
