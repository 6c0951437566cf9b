"""Search against a scripted server: what is sent, what is refused, and what is read."""

from __future__ import annotations

import copy
import json
import pickle
import types
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from scripted_server import ScriptedServer, Step

import hopsworks.core.search_api as public
from hopsworks import _native
from hopsworks.core.search_api import (
    FeatureGroupSearchResult,
    FeaturestoreSearchResult,
    Highlights,
    SearchApi,
    TagSearchFilter,
)


def api_of(server: ScriptedServer) -> SearchApi:
    scope = _native.Client(server.url).scope(None, project_id=119)
    session: Any = types.SimpleNamespace(project_name="demo", scope=scope)
    return SearchApi(session)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("feature_store", "ALL"),
        ("feature_groups", "FEATUREGROUP"),
        ("feature_views", "FEATUREVIEW"),
        ("training_datasets", "TRAININGDATASET"),
        ("features", "FEATURE"),
    ],
)
def test_filters_are_encoded_twice(method: str, kind: str) -> None:
    tag = TagSearchFilter("owner", "team", "risk & co/é")
    with ScriptedServer([Step(body=b'{"featuregroupsTotal": 2}')]) as server:
        found = getattr(api_of(server), method)(
            keyword_filter="k 1", tag_filter=tag, offset=5, limit=0, global_search=True
        )
        target = server.requests[0].target
    assert not (found.feature_groups if method == "feature_store" else found)
    path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
    assert path == "/hopsworks-api/api/elastic/featurestore"
    assert (query["docType"], query["from"], query["size"]) == ([kind], ["5"], ["0"])
    assert "searchTerm" not in query
    assert json.loads(unquote(query["keywords"][0])) == [{"value": "k 1"}]
    assert json.loads(unquote(query["tags"][0])) == [tag.to_dict()]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "nothing to search for. Pass search_term, keyword_filter or tag_filter"),
        ({"keyword_filter": [], "tag_filter": []}, ValueError, "nothing to search for"),
        ({"search_term": 5}, TypeError, "search_term must be text, not 5"),
        ({"keyword_filter": 5}, TypeError, "keyword_filter must be a keyword or a list"),
        ({"keyword_filter": ["a", 5]}, TypeError, "keyword_filter must be"),
        ({"tag_filter": "owner"}, TypeError, "tag_filter must hold TagSearchFilter"),
        ({"tag_filter": {"name": "n", "key": "k"}}, ValueError, "has no 'value'"),
        ({"search_term": "x", "offset": -1}, ValueError, "offset must not be below 0, it is -1"),
        ({"search_term": "x", "limit": -1}, ValueError, "limit must not be below 0"),
        ({"search_term": "x", "limit": "5"}, TypeError, "limit must be a whole number, not '5'"),
        ({"search_term": "x", "offset": True}, TypeError, "offset must be a whole number"),
    ],
)
def test_nothing_is_sent_for_bad_input(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with ScriptedServer([]) as server:
        for method in ("feature_store", "feature_groups", "feature_views", "features"):
            with pytest.raises(error, match=message):
                getattr(api_of(server), method)(**arguments)
        assert server.requests == []


def test_what_has_no_project_cannot_be_opened() -> None:
    found = FeatureGroupSearchResult({"name": "trips", "version": 1, "parentProjectId": 119})
    assert found.project is None
    with pytest.raises(ValueError, match="did not say in which project 'trips' is"):
        found.get()


def test_results_can_be_copied_and_pickled() -> None:
    found = FeaturestoreSearchResult({"featuregroups": [{"name": "trips"}]})
    found._bind(object())  # type: ignore[arg-type]
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert again.json() == found.json()
    assert pickle.loads(pickle.dumps(found.feature_groups[0])).name == "trips"


def test_reprs_tell_what_was_found() -> None:
    wire = {"name": "trips", "version": 1, "parentProjectId": 119, "parentProjectName": "demo"}
    found = FeaturestoreSearchResult(
        {"featuregroups": [wire | {"highlights": {"name": "<em>trips</em>"}}], "jobsTotal": None}
    )
    assert repr(found.feature_groups[0]) == (
        "FeatureGroupSearchResult(name='trips', version=1, project=Project(id=119, name='demo'), "
        "highlights=Highlights(name))"
    )
    assert repr(found).startswith("FeaturestoreSearchResult(feature_groups=1/0, feature_views=0/0")
    assert found.jobs_total == 0
    assert repr(Highlights(None)) == "Highlights(none)"
    assert repr(TagSearchFilter("n", "k", "v")) == "TagSearchFilter('n', 'k', 'v')"


def test_each_kind_has_its_page_its_offset_and_its_number() -> None:
    kinds = {
        "feature_groups": ("featuregroups", public.FeatureGroupSearchResult),
        "feature_views": ("featureViews", public.FeatureViewSearchResult),
        "training_datasets": ("trainingdatasets", public.TrainingDatasetSearchResult),
        "features": ("features", public.FeatureSearchResult),
        "jobs": ("jobs", public.SearchResultItem),
        "apps": ("apps", public.SearchResultItem),
        "models": ("models", public.SearchResultItem),
        "deployments": ("deployments", public.SearchResultItem),
        "agents": ("agents", public.SearchResultItem),
    }
    wire: dict[str, Any] = {}
    for number, (key, _) in enumerate(kinds.values()):
        wire |= {key: [{"name": key}], f"{key}From": number, f"{key}Total": 100 + number}
    found = FeaturestoreSearchResult(wire)
    assert [items[0].name for items in (found.feature_groups, found.apps)] == [
        "featuregroups",
        "apps",
    ]
    for kind, (key, made) in kinds.items():
        (item,) = getattr(found, kind)
        assert (type(item), item.name) == (made, key)
    assert [
        found.feature_groups_offset,
        found.feature_views_offset,
        found.training_datasets_offset,
        found.features_offset,
        found.jobs_offset,
        found.apps_offset,
        found.models_offset,
        found.deployments_offset,
        found.agents_offset,
    ] == list(range(9))
    assert [
        found.feature_groups_total,
        found.feature_views_total,
        found.training_datasets_total,
        found.features_total,
        found.jobs_total,
        found.apps_total,
        found.models_total,
        found.deployments_total,
        found.agents_total,
    ] == list(range(100, 109))


def test_all_public_names_are_in_one_module() -> None:
    for name in public.__all__:
        assert getattr(public, name).__name__ == name
