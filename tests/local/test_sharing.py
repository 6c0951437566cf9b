"""Datasets, feature stores and model registries that one project shares with another, over TLS."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from people import API, People

import hopsworks
from hopsworks.client.exceptions import (
    ForbiddenError,
    ModelRegistryException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.connection import Connection
from hopsworks.core.dataset_api import DatasetApi

ROWS = pd.DataFrame({"id": [1, 2, 3], "x": [0.5, 1.5, 2.5]})


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    found = People(tmp_path_factory.mktemp("sharing") / "data")
    yield found
    found.close()


class Pair:
    """Two projects with owners of their own: ``giver`` shares with ``taker``."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.giver, self.taker = people.project("giver"), people.project("taker")
        self.ann = people.member(self.giver, "Data owner", "ann")
        self.bob = people.member(self.taker, "Data owner", "bob")

    @property
    def given(self) -> DatasetApi:
        return self.ann.get_project().get_dataset_api()

    @property
    def taken(self) -> DatasetApi:
        return self.bob.get_project().get_dataset_api()

    def taker_member(self, role: str) -> Connection:
        """A further member of the project that takes."""
        return self.people.member(self.taker, role)

    def share(self, dataset: str, permission: str = "READ_ONLY", accept: bool = True) -> str:
        """Share a dataset; returns what the taker calls it."""
        self.given.share(dataset, self.taker, permission)
        name = f"{self.giver}::{dataset}"
        if accept:
            self.taken.accept(name)
        return name


@pytest.fixture
def pair(people: People) -> Pair:
    return Pair(people)


@pytest.fixture
def notes(tmp_path: Path) -> str:
    (tmp_path / "notes.txt").write_text("of the giver")
    return str(tmp_path / "notes.txt")


def _code(call: Any, *errors: type[BaseException]) -> int:
    with pytest.raises(errors or ForbiddenError) as raised:
        call()
    found = raised.value
    if not isinstance(found, RestAPIError):
        found = found.__cause__
    return found.error_code


# -- datasets --------------------------------------------------------------------------------------


def test_a_dataset_is_offered_accepted_read_and_taken_back(pair: Pair, notes: str) -> None:
    pair.given.mkdir("Shared")
    pair.given.upload(notes, "Shared")
    name = f"{pair.giver}::Shared"
    file = f"{name}/notes.txt"
    absolute = f"/Projects/{pair.giver}/Shared/notes.txt"
    assert _code(lambda: pair.taken.get(file)) == 110000
    pair.share("Shared", accept=False)
    with pytest.raises(ForbiddenError, match=r"not\s+accepted it yet") as raised:
        pair.taken.read_content(file)
    assert raised.value.error_code == 110000
    (about,) = [d for d in _datasets(pair.bob) if d["name"] == name]
    assert (about["shared"], about["accepted"], about["permission"]) == (True, False, "READ_ONLY")
    assert about["sharedBy"]["username"] == pair.ann._fetch_username()
    pair.taken.accept(name)
    pair.taken.accept(name)
    assert pair.taken.read_content(file).content == b"of the giver"
    assert pair.taken.read_content(absolute).content == b"of the giver"
    assert pair.taken.list(name) == [absolute]
    assert pair.taken.get(name)["acceptedBy"]["username"] == pair.bob._fetch_username()
    assert f"/Projects/{pair.giver}/Shared" in pair.taken.list("/")
    (mine,) = [d for d in _datasets(pair.ann) if d["name"] == "Shared"]
    assert (mine["shared"], mine["sharedWith"]) == (False, 1)
    assert [(p["name"], p["accepted"]) for p in mine["projectsSharedWith"]] == [(pair.taker, True)]
    # Own datasets come first, whatever the order.
    for order in ("NAME:asc", "NAME:desc", "ID:asc"):
        shared = [d["shared"] for d in _datasets(pair.bob, order)]
        assert shared == sorted(shared)
    pair.given.unshare("Shared", pair.taker)
    assert _code(lambda: pair.taken.read_content(file)) == 110000
    assert not [d for d in _datasets(pair.bob) if d["name"] == name]
    assert pair.given.get("Shared")["sharedWith"] == 0


def _datasets(connection: Connection, order: str = "ID:asc") -> list[dict]:
    session = connection._project_session()
    answer = session.scope.call("dataset.list", path="", offset=0, limit=1000, sort_by=order)
    return answer["items"]


@pytest.mark.parametrize(
    ("permission", "writers"),
    [
        ("READ_ONLY", ()),
        ("EDITABLE_BY_OWNERS", ("Data owner",)),
        ("EDITABLE", ("Data owner", "Data scientist")),
    ],
)
def test_who_may_write_to_a_shared_dataset(
    pair: Pair, notes: str, permission: str, writers: tuple[str, ...]
) -> None:
    pair.given.mkdir("Shared")
    pair.given.upload(notes, "Shared")
    name = pair.share("Shared", permission)
    for role in ("Data owner", "Data scientist", "Observer"):
        connection = pair.bob if role == "Data owner" else pair.taker_member(role)
        files = connection.get_project().get_dataset_api()
        assert files.read_content(f"{name}/notes.txt").content == b"of the giver"
        folder = f"{name}/{role.replace(' ', '_')}"
        if role in writers:
            files.mkdir(folder)
            files.upload(notes, folder)
            files.copy(f"{name}/notes.txt", f"{folder}/copy.txt")
            files.move(f"{folder}/copy.txt", f"{folder}/moved.txt")
            assert pair.given.exists(f"Shared/{role.replace(' ', '_')}/moved.txt")
            files.remove(folder)
            continue
        expected = 150068 if role == "Observer" else 110050
        for call in (
            lambda f=files, p=folder: f.mkdir(p),
            lambda f=files: f.upload(notes, name, overwrite=True),
            lambda f=files, p=folder: f.copy(f"{name}/notes.txt", p),
            lambda f=files: f.move(f"{name}/notes.txt", f"{name}/gone.txt"),
            lambda f=files: f.remove(f"{name}/notes.txt"),
        ):
            assert _code(call) == expected
    restricted = pair.taker_member("Feature store restricted").get_project().get_dataset_api()
    assert _code(lambda: restricted.read_content(f"{name}/notes.txt")) == 150068
    assert pair.given.list("Shared") == ["/Shared/notes.txt"]


def test_read_only_at_home_is_read_only_everywhere(pair: Pair) -> None:
    pair.given.mkdir("Shared")
    name = pair.share("Shared", "EDITABLE")
    pair.taken.mkdir(f"{name}/before")
    pair.given.chmod("Shared", "READ_ONLY")
    assert _code(lambda: pair.taken.mkdir(f"{name}/after")) == 110050


def test_the_permission_of_a_share_can_change(pair: Pair) -> None:
    pair.given.mkdir("Shared")
    name = pair.share("Shared")
    number = pair.ann.get_project().id
    path = f"project/{number}/dataset/Shared?action=SHARE_PERMISSION&target_project={pair.taker}"
    key = pair.ann.api_key_value
    pair.people.call("PUT", f"{path}&permission=EDITABLE", 200, key)
    pair.taken.mkdir(f"{name}/now")
    assert pair.people.refused("PUT", f"{path}&permission=FREE", key) == (422, 120001)
    assert pair.people.refused("PUT", path, key) == (422, 120001)
    other = path.replace(pair.taker, pair.people.project())
    assert pair.people.refused("PUT", f"{other}&permission=EDITABLE", key) == (400, 110004)


def test_an_offer_can_be_declined_or_given_back(pair: Pair) -> None:
    name = pair.share("Resources", accept=False)
    pair.taken.reject(name)
    assert _code(lambda: pair.taken.accept(name), RestAPIError) == 110004
    pair.share("Resources")
    pair.taken.list(name)
    pair.taken.reject(name)
    assert _code(lambda: pair.taken.list(name)) == 110000
    # Deleting what another project has shared gives it back, too.
    pair.share("Resources")
    pair.taken.remove(name)
    assert _code(lambda: pair.taken.list(name)) == 110000
    assert pair.given.exists("Resources")


def test_only_owners_answer_offers(pair: Pair) -> None:
    name = pair.share("Resources", accept=False)
    scientist = pair.taker_member("Data scientist").get_project().get_dataset_api()
    for call in (scientist.accept, scientist.reject):
        with pytest.raises(PermissionError, match="Data owner") as raised:
            call(name)
        assert raised.value.__cause__.error_code == 150068
    member = pair.people.member(pair.giver, "Data scientist").get_project().get_dataset_api()
    for call in (member.share, member.unshare):
        with pytest.raises(PermissionError, match=f"Data owner in project {pair.giver}"):
            call("Resources", pair.taker)
    for path in ("Resources", f"{pair.giver}::", "::Resources", f"{name}/folder", ""):
        with pytest.raises(ValueError, match="other_project::Resources"):
            pair.taken.accept(path)


def test_what_cannot_be_shared(pair: Pair) -> None:
    files = pair.given
    files.mkdir("Resources/folder")
    assert _code(lambda: files.share("Resources/folder", pair.taker), RestAPIError) == 110001
    assert _code(lambda: files.share("Nothing", pair.taker), NotFoundError) == 110011
    assert _code(lambda: files.share("Resources", pair.giver), RestAPIError) == 110001
    assert _code(lambda: files.share("Resources", "no_such_project"), RestAPIError) == 110053
    assert _code(lambda: files.unshare("Resources", pair.taker), RestAPIError) == 110004
    name = pair.share("Resources")
    assert _code(lambda: files.share("Resources", pair.taker), RestAPIError) == 110003
    # Sharing on is not for those who were given it.
    third = pair.people.project("third")
    assert _code(lambda: pair.taken.share(name, third), RestAPIError) == 110001
    assert _code(lambda: pair.taken.chmod(name, "EDITABLE"), RestAPIError) == 110001


def test_a_shared_dataset_stays_where_it_is(pair: Pair) -> None:
    pair.given.mkdir("Shared")
    name = pair.share("Shared")
    for call in (
        lambda: pair.given.remove("Shared"),
        lambda: pair.given.move("Shared", "Moved"),
    ):
        with pytest.raises(RestAPIError, match=f"shared with {pair.taker}"):
            call()
    number = pair.ann.get_project().id
    key = pair.ann.api_key_value
    pair.people.call("POST", f"project/{number}/dataset/Shared?action=unshare_all", 204, key)
    pair.given.remove("Shared")
    assert _code(lambda: pair.taken.list(name)) == 110000


def test_a_path_into_another_project_leads_nowhere_else(pair: Pair, notes: str) -> None:
    pair.given.upload(notes, "Resources")
    pair.given.mkdir("Private")
    name = pair.share("Resources")
    for path in (
        f"{name}/../Private",
        f"/Projects/{pair.giver}/Private",
        f"/Projects/{pair.giver}",
        f"{pair.giver}::Private",
        f"/Projects/{pair.giver}/Private/../Resources/notes.txt",
    ):
        with pytest.raises((ForbiddenError, NotFoundError)):
            pair.taken.get(path)
    assert not pair.taken.exists("no_such_project::Resources")
    (pair.people.data / "projects" / pair.giver / "Resources" / "link").symlink_to("../Private")
    assert pair.given.get("Resources/link")["attributes"]["dir"]
    assert _code(lambda: pair.taken.get(f"{name}/link")) == 110050
    (pair.people.data / "projects" / pair.giver / "Resources" / "out").symlink_to("/etc")
    assert _code(lambda: pair.taken.list(f"{name}/out")) == 110050


def test_a_deleted_project_takes_its_shares_along(people: People) -> None:
    pair = Pair(people)
    name = pair.share("Resources")
    people.call("POST", f"project/{pair.ann.get_project().id}/delete", 200)
    assert not [d for d in _datasets(pair.bob) if d["name"] == name]
    with pytest.raises(NotFoundError):
        pair.taken.list(name)


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_opens_one_file_for_a_while(pair: Pair, notes: str) -> None:
    pair.given.upload(notes, "Resources")
    name = pair.share("Resources")
    number = pair.bob.get_project().id
    base = f"project/{number}/dataset/download"
    file = f"{name}/notes.txt".replace("/", "%2F")
    key = pair.bob.api_key_value
    token = pair.people.call("GET", f"{base}/token/{file}?type=DATASET", 200, key)["data"]
    with httpx.Client(verify=pair.people.trust) as browser:

        def ask(path: str, given: str) -> httpx.Response:
            url = f"{pair.people.served.url}{API}{base}/with_token/{path}"
            return browser.get(url, params={"token": given, "type": "DATASET"})

        assert ask(file, token).content == b"of the giver"
        expired = f"1.{token.partition('.')[2]}"
        for path, given in (
            (file, ""),
            (file, expired),
            (file, token[:-1] + "x"),
            (file, "ü.x"),
            ("Resources%2Fother", token),
            ("Jupyter", token),
        ):
            answer = ask(path, given)
            assert (answer.status_code, answer.json()["errorCode"]) == (401, 200003)
        pair.given.unshare("Resources", pair.taker)
        answer = ask(file, token)
        assert (answer.status_code, answer.json()["errorCode"]) == (403, 110000)
    refused = pair.people.refused("GET", f"{base}/token/{file}", key)
    assert refused == (403, 110000)


# -- feature stores --------------------------------------------------------------------------------


def _group(connection: Connection, name: str = "trips", **settings: Any) -> Any:
    store = connection.get_feature_store()
    group = store.create_feature_group(name, 1, primary_key=["id"], **settings)
    group.insert(ROWS)
    return group


def test_feature_stores_of_others_are_read_together(people: People) -> None:
    pairs = [Pair(people), Pair(people)]
    first, second = pairs
    # Both share with the first pair's taker.
    _group(first.ann)
    _group(second.ann)
    for giver in (first, second):
        giver.given.share("Featurestore.db", first.taker)
    bob = first.bob
    for giver in (first, second):
        with pytest.raises(ForbiddenError, match=r"not\s+accepted it yet") as raised:
            bob.get_feature_store(giver.giver)
        assert raised.value.error_code == 270024
        first.taken.accept(f"{giver.giver}::Featurestore.db")
    own = bob.get_feature_store()
    stores = [bob.get_feature_store(p.giver) for p in pairs]
    assert [s.name for s in stores] == [f"{p.giver}_featurestore" for p in pairs]
    assert len({s.id for s in (own, *stores)}) == 3
    assert bob.get_project().get_feature_store(first.giver).id == stores[0].id
    for store in stores:
        rows = store.get_feature_group("trips", 1).read()
        assert rows.sort_values("id").to_dict("list") == ROWS.to_dict("list")
    here = f"project/{bob.get_project().id}/featurestores"
    listed = people.call("GET", here, 200, bob.api_key_value)
    names = [s["featurestoreName"] for s in listed]
    assert names == [f"{p}_featurestore" for p in (first.taker, first.giver, second.giver)]
    # A query over both, kept as a view of the own store.
    query = stores[0].get_feature_group("trips", 1).select(["id", "x"])
    query = query.join(
        stores[1].get_feature_group("trips", 1).select(["x"]), on=["id"], prefix="second_"
    )
    view = own.create_feature_view("both", query, version=1)
    assert sorted(view.get_batch_data()["second_x"]) == [0.5, 1.5, 2.5]
    second.given.unshare("Featurestore.db", first.taker)
    with pytest.raises(ForbiddenError) as raised:
        view.get_batch_data()
    assert raised.value.error_code == 270024
    assert _code(lambda: stores[1].get_feature_group("trips", 1)) == 270024
    assert people.call("GET", f"{here}/{own.id}/featureview", 200, bob.api_key_value)["count"] == 0
    assert len(stores[0].get_feature_group("trips", 1).read()) == 3


def test_what_a_share_of_a_feature_store_allows(pair: Pair) -> None:
    group = _group(pair.ann, online_enabled=True)
    name = pair.share("Featurestore.db")
    more = pd.DataFrame({"id": [4], "x": [3.5]})
    of_bob = pair.bob.get_feature_store(pair.giver).get_feature_group("trips", 1)
    for call in (
        lambda: of_bob.insert(more),
        lambda: of_bob.delete(),
        lambda: of_bob.update_description("mine now"),
        lambda: pair.bob.get_feature_store(pair.giver).create_feature_group("new", 1).insert(more),
        lambda: pair.bob.get_feature_store(pair.giver).create_feature_view(
            "new", of_bob.select_all(), version=1
        ),
    ):
        assert _code(call) == 270024
    assert len(group.read()) == 3
    pair.given.unshare("Featurestore.db", pair.taker)
    assert pair.share("Featurestore.db", "EDITABLE_BY_OWNERS") == name
    scientist = pair.taker_member("Data scientist")
    theirs = scientist.get_feature_store(pair.giver).get_feature_group("trips", 1)
    assert len(theirs.read()) == 3
    assert _code(lambda: theirs.insert(more)) == 270024
    of_bob.insert(more)
    assert len(group.read()) == 4
    # Who may only use feature stores may use shared ones.
    restricted = pair.taker_member("Feature store restricted")
    assert len(restricted.get_feature_store(pair.giver).get_feature_group("trips", 1).read()) == 4


def test_vectors_of_a_shared_feature_store(pair: Pair) -> None:
    group = _group(pair.ann, online_enabled=True)
    pair.ann.get_feature_store().create_feature_view("trips", group.select(["x"]), version=1)
    served = pair.people.served
    at = {"host": served.host, "port": served.online_port}
    name = pair.share("Featurestore.db")
    view = pair.bob.get_feature_store(pair.giver).get_feature_view("trips", 1)
    view.init_serving(1, config_rest_client=at)
    assert view.get_feature_vector({"id": 2}) == [1.5]
    body = {
        "featureStoreName": f"{pair.giver}_featurestore",
        "featureViewName": "trips",
        "featureViewVersion": 1,
        "entries": {"id": 2},
    }

    def status(key: str) -> int:
        answer = pair.people.http.post(
            "/0.1.0/feature_store", json=body, headers={"x-api-key": key}
        )
        return answer.status_code

    assert status(pair.bob.api_key_value) == 200
    assert status(pair.ann.api_key_value) == 200
    stranger = pair.people.key(pair.people.user()["email"])
    assert status(stranger) == 403
    own = pair.bob.get_feature_store()
    source = pair.bob.get_feature_store(pair.giver).get_feature_group("trips", 1)
    mine = own.create_feature_view("mine", source.select(["x"]), version=1)
    mine.init_serving(1, config_rest_client=at)
    assert mine.get_feature_vector({"id": 3}) == [2.5]
    pair.taken.reject(name)
    assert status(pair.bob.api_key_value) == 403
    with pytest.raises(Exception, match="not shared any more"):
        mine.get_feature_vector({"id": 3})


def test_training_data_of_a_shared_feature_store(pair: Pair) -> None:
    group = _group(pair.ann)
    view = pair.ann.get_feature_store().create_feature_view("trips", group.select_all(), version=1)
    version, _ = view.create_training_data(data_format="parquet")
    pair.share("Featurestore.db")
    theirs = pair.bob.get_feature_store(pair.giver).get_feature_view("trips", 1)
    features, _ = theirs.get_training_data(version)
    assert sorted(features["id"]) == [1, 2, 3]
    assert _code(lambda: theirs.create_training_data()) == 270024
    assert _code(lambda: theirs.delete_all_training_datasets()) == 270024
    pair.given.unshare("Featurestore.db", pair.taker)
    with pytest.raises(ForbiddenError, match="not shared"):
        theirs.get_training_data(version)
    # The job that writes is the taker's, what it writes is the giver's.
    pair.share("Featurestore.db", "EDITABLE")
    for kind in ("parquet", "csv"):
        written, job = theirs.create_training_data(data_format=kind)
        features, _ = view.get_training_data(written)
        assert sorted(features["id"]) == [1, 2, 3]
    assert job.name in [j.name for j in pair.bob.get_project().get_job_api().get_jobs()]
    assert job.name not in [j.name for j in pair.ann.get_project().get_job_api().get_jobs()]
    theirs.delete_training_dataset(written)
    with pytest.raises(NotFoundError):
        view.get_training_data(written)


def test_feature_groups_of_others_are_not_reached_by_number(pair: Pair) -> None:
    group = _group(pair.ann)
    body = {
        "leftFeatureGroup": {"id": group.id, "name": "trips", "version": 1},
        "leftFeatures": [{"name": "id"}],
        "featureStoreName": f"{pair.taker}_featurestore",
        "hiveEngine": True,
    }
    number = pair.bob.get_project().id
    key = pair.bob.api_key_value
    for verb, path in (
        ("PUT", f"project/{number}/featurestores/query"),
        ("PUT", f"project/{number}/featurestores/query?hqs=true"),
    ):
        assert pair.people.refused(verb, path, key, json=body) == (403, 270024)
    store = pair.ann.get_feature_store().id
    path = f"project/{number}/featurestores/{store}/featuregroups/{group.id}"
    assert pair.people.refused("GET", path, key) == (403, 270024)
    mine = pair.bob.get_feature_store().id
    path = f"project/{number}/featurestores/{mine}/featuregroups/{group.id}"
    assert pair.people.refused("GET", path, key) == (404, 270009)
    assert pair.people.refused("GET", f"project/{number}/featurestores/9999", key) == (404, 270008)
    assert pair.people.refused("GET", f"project/{number}/featurestores/x_featurestore", key) == (
        404,
        270008,
    )


def test_views_of_others_outlive_a_feature_group(pair: Pair) -> None:
    """Whoever deletes a feature group with its views deletes those of the own feature store."""
    group = _group(pair.ann)
    pair.share("Featurestore.db")
    mine, theirs = pair.ann.get_feature_store(), pair.bob.get_feature_store()
    mine.create_feature_view("mine", group.select_all(), version=1)
    lent = pair.bob.get_feature_store(pair.giver).get_feature_group("trips", 1)
    theirs.create_feature_view("theirs", lent.select_all(), version=1)
    number, store = pair.ann.get_project().id, mine.id
    pair.people.call(
        "DELETE",
        f"project/{number}/featurestores/{store}/featuregroups/{group.id}?deleteFeatureViews=true",
        200,
        pair.ann.api_key_value,
    )
    with sqlite3.connect(pair.people.data / "metadata.sqlite") as db:
        kept = db.execute(
            "SELECT name FROM feature_views WHERE feature_store IN (?, ?)", (store, theirs.id)
        ).fetchall()
    db.close()
    assert kept == [("theirs",)]


def test_a_model_tells_nothing_of_feature_stores_that_are_not_shared(
    pair: Pair, tmp_path: Path
) -> None:
    """Not even when it says itself that it comes from there; and the other way round."""
    group = _group(pair.ann)
    store = pair.ann.get_feature_store()
    view = store.create_feature_view("hidden", group.select_all(), version=1, description="ours")
    view.create_training_data()
    number, key = pair.bob.get_project().id, pair.bob.api_key_value
    model = f"project/{number}/modelregistries/{number}/models/spy_1"
    claim = {"name": "hidden", "version": 1, "featurestoreId": store.id}
    body = {"name": "spy", "version": 1, "featureView": claim, "trainingDatasetVersion": 1}
    pair.people.call("PUT", model, 201, key, json=body)

    def above() -> dict:
        links = pair.people.call("GET", f"{model}/provenance/links?upstreamLvls=2", 200, key)
        (dataset,) = links["upstream"]
        (feature_view,) = dataset["upstream"]
        assert dataset["node"]["accessible"] == feature_view["node"]["accessible"]
        return feature_view["node"]

    assert (above()["accessible"], above()["deleted"]) == (False, False)
    assert "description" not in above()["artifact"]
    pair.share("Featurestore.db")
    assert above()["artifact"]["description"] == "ours"
    # The models of a registry that is not shared do not show below the view either.
    links = (
        f"project/{pair.ann.get_project().id}/featurestores/{store.id}/featureview/hidden/version/1"
        "/provenance/links?upstreamLvls=0&downstreamLvls=2"
    )
    seen = pair.people.call("GET", links, 200, pair.ann.api_key_value)
    assert [dataset["downstream"] for dataset in seen["downstream"]] == [[]]


def test_the_query_service_knows_who_reads(pair: Pair) -> None:
    """A plan of one project, and a file of one, are not for the certificates of another."""
    import pyarrow.flight as flight

    group = _group(pair.ann)
    view = pair.ann.get_feature_store().create_feature_view("trips", group.select_all(), version=1)
    view.create_training_data(data_format="parquet")
    (file,) = (pair.people.data / "projects" / pair.giver).rglob("*.parquet")
    path = f"/Projects/{file.relative_to(pair.people.data / 'projects')}"
    body = {
        "leftFeatureGroup": {"id": group.id, "name": "trips", "version": 1},
        "leftFeatures": [{"name": "id"}],
    }
    number = pair.ann.get_project().id
    made = pair.people.call(
        "PUT",
        f"project/{number}/featurestores/query?hqs=true",
        200,
        pair.ann.api_key_value,
        json=body,
    )
    command = made["hqsPayload"].encode()

    def client(connection: Connection) -> flight.FlightClient:
        found = pair.people.call(
            "GET",
            f"project/{connection.get_project().id}/credentials",
            200,
            connection.api_key_value,
        )
        return flight.FlightClient(
            f"grpc+tls://{pair.people.served.host}:5005",
            tls_root_certs=found["caChain"].encode(),
            cert_chain=found["clientCert"].encode(),
            private_key=found["clientKey"].encode(),
        )

    for_path = flight.FlightDescriptor.for_path(path)
    for_plan = flight.FlightDescriptor.for_command(command)
    with client(pair.ann) as reader:
        assert reader.get_flight_info(for_path).schema.names == ["id", "x"]
        assert reader.get_flight_info(for_plan).schema.names == ["id"]
        assert reader.do_get(flight.Ticket(command)).read_all().num_rows == 3
    with client(pair.bob) as reader:
        for call in (
            lambda: reader.get_flight_info(for_path),
            lambda: reader.get_flight_info(for_plan),
            lambda: reader.do_get(flight.Ticket(command)).read_all(),
        ):
            with pytest.raises(flight.FlightError, match=r"no file|no member"):
                call()
        pair.share("Featurestore.db")
        assert reader.get_flight_info(for_path).schema.names == ["id", "x"]
    # Who may only use the feature store gets by no detour at what lies beside it.
    beside = pair.people.data / "projects" / pair.giver / "Resources" / "beside.parquet"
    beside.write_bytes(file.read_bytes())
    detour = f"/Projects/{pair.giver}/{pair.giver}_Training_Datasets/../Resources/beside.parquet"
    with client(pair.people.member(pair.giver, "Feature store restricted")) as reader:
        assert reader.get_flight_info(for_path).schema.names == ["id", "x"]
        for hidden in (f"/Projects/{pair.giver}/Resources/beside.parquet", detour):
            with pytest.raises(flight.FlightError, match="no file"):
                reader.get_flight_info(flight.FlightDescriptor.for_path(hidden))
    project = pair.people.owner.get_project(pair.giver)
    number = pair.people.call("GET", "users/profile", 200, pair.ann.api_key_value)["id"]
    with client(pair.ann) as reader:
        pair.people.call("PUT", f"admin/users/{number}/rejected", 200)
        with pytest.raises(flight.FlightError, match="not active"):
            reader.get_flight_info(for_path)
        pair.people.call("PUT", f"admin/users/{number}/accepted", 200)
        email = pair.people.call("GET", "users/profile", 200, pair.ann.api_key_value)["email"]
        project.remove_member(email)
        with pytest.raises(flight.FlightError, match="no member"):
            reader.get_flight_info(for_path)


# -- search ----------------------------------------------------------------------------------------


def test_what_others_share_is_found(pair: Pair, tmp_path: Path) -> None:
    """From the project that it is shared with, and opened there; what is only offered is not."""
    group = _group(pair.ann, "lent_trips")
    store = pair.ann.get_feature_store()
    store.create_feature_view("lent_view", group.select_all(), version=1)
    _model(pair.ann, tmp_path)
    _group(pair.bob, "own_trips")
    number, key = pair.bob.get_project().id, pair.bob.api_key_value

    def found(term: str, project: bool = True) -> dict[str, Any]:
        path = f"project/{number}/elastic/featurestore" if project else "elastic/featurestore"
        return pair.people.call("GET", path, 200, key, params={"searchTerm": term})

    assert [g["name"] for g in found("trips")["featuregroups"]] == ["own_trips"]
    pair.share("Featurestore.db", accept=False)
    assert [g["name"] for g in found("trips")["featuregroups"]] == ["own_trips"]
    pair.taken.accept(f"{pair.giver}::Featurestore.db")
    for project in (True, False):
        answer = found("trips", project)
        lent, own = answer["featuregroups"]
        assert (lent["name"], own["name"]) == ("lent_trips", "own_trips")
        assert answer["featuregroupsTotal"] == 2
        assert (lent["featurestoreId"], lent["parentProjectName"]) == (store.id, pair.giver)
        assert lent["accessProjects"] == {str(number): pair.taker}
        profile = pair.people.call("GET", "users/profile", 200, pair.ann.api_key_value)
        assert lent["creator"] == profile["username"]
        # Its address is one that the finder may use.
        address = lent["href"].partition("/hopsworks-api/api/")[2]
        assert pair.people.call("GET", address, 200, key)["name"] == "lent_trips"
    search = pair.bob.get_project().get_search_api()
    assert search.feature_groups("lent")[0].get().id == group.id
    assert [v.name for v in search.feature_views("lent_trips")] == ["lent_view"]
    assert {f.name for f in search.features("x")} == {"x"}
    assert found("churn")["models"] == []
    pair.share("Models")
    (model,) = found("churn")["models"]
    assert (model["name"], model["parentProjectName"]) == ("churn", pair.giver)
    # Who has both projects finds each object once.
    owner = pair.people.call(
        "GET", "elastic/featurestore", 200, params={"searchTerm": "lent_trips"}
    )
    groups = [g for g in owner["featuregroups"] if g["parentProjectName"] == pair.giver]
    assert [sorted(g["accessProjects"].values()) for g in groups] == [[pair.giver, pair.taker]]


# -- model registries ------------------------------------------------------------------------------


def _model(connection: Connection, folder: Path, version: int = 1) -> Any:
    (folder / "model.bin").write_bytes(b"weights")
    registry = connection.get_model_registry()
    model = registry.python.create_model("churn", version=version, metrics={"auc": 0.5})
    model.save(str(folder / "model.bin"))
    return model


def test_a_model_registry_is_read_and_written_as_shared(pair: Pair, tmp_path: Path) -> None:
    _model(pair.ann, tmp_path)
    with pytest.raises(ModelRegistryException, match="share its Models dataset"):
        pair.bob.get_model_registry(pair.giver)
    pair.share("Models", accept=False)
    with pytest.raises(ModelRegistryException, match=pair.giver):
        pair.bob.get_model_registry(pair.giver)
    pair.taken.accept(f"{pair.giver}::Models")
    registry = pair.bob.get_model_registry(pair.giver)
    assert (registry.shared_registry_project_name, registry.project_name) == (
        pair.giver,
        pair.taker,
    )
    model = registry.get_model("churn", 1)
    assert model.training_metrics == {"auc": 0.5}
    assert model.creator["email"].startswith("ann")
    (tmp_path / "got").mkdir()
    got = Path(model.download(local_path=str(tmp_path / "got")))
    assert (got / "model.bin").read_bytes() == b"weights"
    again = registry.python.create_model("churn", version=2, metrics={"auc": 0.6})
    for call in (
        lambda: model.delete(),
        lambda: model.add_tag("x", 1),
        lambda: again.save(str(tmp_path / "model.bin")),
    ):
        assert _code(call) == 110050
    pair.given.unshare("Models", pair.taker)
    number = pair.bob.get_project().id
    path = f"project/{number}/modelregistries/{registry.model_registry_id}"
    key = pair.bob.api_key_value
    assert pair.people.refused("GET", path, key) == (403, 360007)
    assert pair.people.refused("GET", f"{path}/models/churn_1", key) == (403, 360007)
    pair.share("Models", "EDITABLE")
    made = pair.bob.get_model_registry(pair.giver).python.create_model("churn", version=2)
    made.save(str(tmp_path / "model.bin"))
    own = pair.ann.get_model_registry().get_model("churn", 2)
    assert own.creator["email"].startswith("bob")
    assert pair.given.exists("Models/churn/2/Files/model.bin")
    pair.bob.get_model_registry(pair.giver).get_model("churn", 2).delete()
    assert pair.ann.get_model_registry().get_model("churn", 2) is None


# -- the owner, over the socket --------------------------------------------------------------------


def test_one_user_shares_between_own_projects(project: Any, api: Any) -> None:
    """Over the Unix socket, where the owner is in all projects: they are apart until they share."""
    group = project.get_feature_store().create_feature_group("own", 1, primary_key=["id"])
    group.insert(ROWS)
    connection = hopsworks.connection(host="local", project=api.name)
    with connection:
        with pytest.raises(ForbiddenError) as raised:
            connection.get_feature_store(project.name)
        assert raised.value.error_code == 270024
        project.get_dataset_api().share("Featurestore.db", api.name)
        connection.get_project().get_dataset_api().accept(f"{project.name}::Featurestore.db")
        store = connection.get_feature_store(project.name)
        assert len(store.get_feature_group("own", 1).read()) == 3
        project.get_dataset_api().unshare("Featurestore.db", api.name)
        assert _code(lambda: store.get_feature_group("own", 1)) == 270024
