"""Search in a project and everywhere, on the stand-in."""

SERVER = "stand-in"

ALL_KINDS = (
    "featuregroups",
    "featureViews",
    "trainingdatasets",
    "features",
    "jobs",
    "apps",
    "models",
    "deployments",
    "agents",
)
HIGHLIGHTS = {
    "name": "<em>trips</em>",
    "description": "all <em>trips</em>",
    "tags": [{"key": "owner", "value": "<em>trips</em>"}],
    "keywords": ["<em>trips</em>"],
    "features": [{"name": "<em>trips</em>_total", "description": ""}],
    "sourceFeatureGroups": ["<em>trips</em>"],
    "otherXattrs": {"a": "b"},
}
FOUND = {
    "elasticId": "1",
    "featurestoreId": 67,
    "name": "trips",
    "version": 2,
    "description": "all trips",
    "created": "2025-01-02T03:04:05.000Z",
    "creator": "meb10000",
    "parentProjectId": 119,
    "parentProjectName": "demo",
    "accessProjects": {"119": "demo"},
    "href": "https://cluster/trips",
    "highlights": HIGHLIGHTS,
}
BARE = {"name": "bare"}

TRAINING_DATASET = {
    "type": "trainingDatasetDTO",
    "id": 8,
    "name": "trips",
    "version": 2,
    "description": "all trips",
    "created": "2025-01-02T03:04:05.000Z",
    "creator": {"email": "a@example.com", "firstName": "A", "lastName": "B"},
    "featurestoreId": 67,
    "featurestoreName": "demo_featurestore",
    "location": "hopsfs://cluster/Projects/demo/demo_Training_Datasets/trips_2",
    "dataFormat": "parquet",
    "trainingDatasetType": "HOPSFS_TRAINING_DATASET",
    "coalesce": False,
    "features": [],
    "splits": [],
    "fromQuery": False,
    "statisticsConfig": {"enabled": False, "columns": []},
}


def _answer(*kinds):
    found = {}
    for kind in kinds:
        found |= {kind: [FOUND, BARE], f"{kind}From": 3, f"{kind}Total": 17}
    return found


ROUTES = {
    "GET project/119/elastic/featurestore": [
        _answer(*ALL_KINDS),
        *[_answer(kind) for kind in ALL_KINDS[:4]],
        {},
        _answer("featuregroups"),
    ],
    "GET elastic/featurestore": [_answer("featureViews")],
    "GET project/119/featurestores/keywords": [{"keywords": ["paid", "urban"]}, {}],
    "GET project/119/featurestores/67/trainingdatasets/trips": [[TRAINING_DATASET]],
}


def run(project, step, config):
    from hopsworks.core.search_api import (
        FeaturestoreSearchResult,
        Highlights,
        Project,
        TagSearchFilter,
    )

    api = project.get_search_api()
    kinds = ("feature_groups", "feature_views", "training_datasets", "features")
    more = ("jobs", "apps", "models", "deployments", "agents")

    def item(found):
        home = found.project
        return [
            type(found).__name__,
            [found.name, found.version, found.description, found.href],
            None if home is None else [home.id, home.name, home.json()],
            marks(found.highlights),
            found.json(),
            found.raw_data,
        ]

    def marks(found):
        parts = [found.name, found.description, found.tags, found.keywords, found.features]
        return [
            *parts,
            found.source_feature_groups,
            found.has_highlights(),
            found.json(),
            found.raw_data,
        ]

    def everything(found):
        return [
            [
                kind,
                [item(one) for one in getattr(found, kind)],
                getattr(found, f"{kind}_offset"),
                getattr(found, f"{kind}_total"),
            ]
            for kind in (*kinds, *more)
        ] + [found.json()]

    step("all", lambda: everything(api.feature_store("trips & more/é", offset=3, limit=7)))
    for kind in kinds:
        step(kind, lambda kind=kind: [item(one) for one in getattr(api, kind)("trips")])
    found = FeaturestoreSearchResult(_answer("trainingdatasets")).training_datasets
    step("open a training dataset", lambda: [found[0].get().name, found[0].get().version])
    step("nothing", lambda: everything(api.feature_store("trips")))
    step(
        "everywhere",
        lambda: [item(one) for one in api.feature_views("trips", global_search=True)],
    )
    step("keyword", lambda: len(api.feature_groups(keyword_filter="k1")))
    step("keywords", lambda: len(api.feature_groups(keyword_filter=["k1", "k 2&é"])))
    wanted = {"name": "owner", "key": "team", "value": "risk & co"}
    step("tag", lambda: len(api.feature_groups(tag_filter=wanted)))
    several = [TagSearchFilter("owner", "team", "risk"), wanted]
    step("tags and term", lambda: len(api.feature_groups("trips", tag_filter=several)))
    step("nothing to search for", lambda: api.feature_store(), error="ValueError")
    step("no keyword", lambda: api.features(keyword_filter=[]), error="ValueError")
    step("half a tag", lambda: api.features(tag_filter={"name": "n"}), error="ValueError")

    def tag(found):
        return [found.name, found.key, found.value, found.to_dict(), found.json()]

    step("tag filter", lambda: tag(TagSearchFilter("owner", "team", "risk")))
    step("tag filter of a dict", lambda: tag(TagSearchFilter.from_dict(wanted)))
    step("half a dict", lambda: TagSearchFilter.from_dict({"key": "k"}), error="ValueError")
    step("empty result", lambda: everything(FeaturestoreSearchResult({})))
    step("empty highlights", lambda: marks(Highlights({})))
    step("project", lambda: [repr(Project(7, "p")), Project(7, "p").json()])

    store = project.get_feature_store()
    wanted = {"keyword_filter": "k", "offset": 1, "limit": 2, "global_search": True}
    step("of the store", lambda: everything(store.search("trips", **wanted)))
    for kind in kinds:
        step(
            f"of the store, {kind}",
            lambda kind=kind: [
                item(one) for one in getattr(store, f"search_{kind}")("trips", **wanted)
            ],
        )
    step("of the store, nothing", lambda: store.search_features(), error="ValueError")
    step("all keywords", lambda: store.get_all_keywords())
    step("no keywords", lambda: store.get_all_keywords())
