"""Registries of homer that one project shares with another: what can be read, what can be changed, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from homer_registry import folder, snapshot  # noqa: F401
from people import People

import homer


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    found = People(tmp_path_factory.mktemp("homer-sharing") / "data")
    yield found
    found.close()


class Pair:
    """A project that gives its registry, one that takes it, and homer's connections of their owners."""

    def __init__(self, people):
        self.giver, self.taker = people.project("giver"), people.project("taker")
        self.ann = people.member(self.giver, "Data owner", "ann")
        self.bob = people.member(self.taker, "Data owner", "bob")
        served = people.served
        self.given, self.taken = (
            homer.connection(
                served.host,
                served.port,
                project,
                api_key_value=connection.api_key,
                trust_store_path=str(served.authority),
            )
            for project, connection in ((self.giver, self.ann), (self.taker, self.bob))
        )

    def share(self, permission, accept=True):
        self.ann.get_project().get_dataset_api().share("Models", self.taker, permission)
        if accept:
            self.bob.get_project().get_dataset_api().accept(f"{self.giver}::Models")


@pytest.fixture
def pair(people, folder):
    pair = Pair(people)
    pair.given.get_model_registry().create_model(
        "m",
        1,
        folder,
        metrics={"auc": 0.5},
        flavor="sklearn",
        input_example=[1],
        signature=([1.0], None),
    )
    yield pair
    pair.given.close()
    pair.taken.close()


def test_a_registry_is_not_readable_before_it_is_accepted(pair):
    mr = pair.taken.get_model_registry()
    pair.share("READ_ONLY", accept=False)
    for call in (
        lambda: mr.get_model("m", 1, project=pair.giver),
        lambda: pair.taken.get_model_registry(pair.giver),
    ):
        with pytest.raises(homer.RegistryAccessError, match=f"'{pair.giver}' is shared with"):
            call()


def test_a_registry_that_may_be_read(pair, folder):
    pair.share("READ_ONLY")
    mr = pair.taken.get_model_registry()
    for model in (
        mr.get_model("m", 1, project=pair.giver),
        mr.get_models("m", project=pair.giver)[0],
        mr.get_best_model("m", "auc", project=pair.giver),
        pair.taken.get_model_registry(pair.giver).get_model("m"),
    ):
        assert (model.project_name, model.metrics, model.flavor) == (
            pair.giver,
            {"auc": 0.5},
            "sklearn",
        )
        assert model.load_input_example() == [1]
        assert model.signature == homer.infer_signature([1.0])
        assert model.version_path == f"/Projects/{pair.giver}/Models/m/1"
    assert snapshot(Path(model.download())) == snapshot(folder)
    assert mr.has_model("m", 1, project=pair.giver)
    assert not mr.has_model("m", 1)
    before = model.created
    for call in (
        lambda: mr.create_model("m", None, folder, project=pair.giver),
        lambda: mr.create_model("other", 1, folder, project=pair.giver),
        lambda: mr.create_model("m", 1, folder, True, project=pair.giver),
        model.delete,
    ):
        with pytest.raises(homer.RegistryAccessError, match="READ_ONLY") as caught:
            call()
        assert caught.value.status_code == 403
    given = pair.given.get_model_registry()
    assert [(m.name, m.version, m.created) for m in given.get_models()] == [("m", 1, before)]
    assert pair.ann.get_project().get_dataset_api().list("Models") == ["/Models/m"]
    assert pair.ann.get_project().get_dataset_api().list("Models/m") == ["/Models/m/1"]


def test_a_registry_that_may_be_changed(pair, folder, tmp_path):
    pair.share("EDITABLE")
    mr = pair.taken.get_model_registry()
    (folder / "more.txt").write_text("more")
    made = mr.sklearn.create_model("m", None, folder, metrics={"auc": 0.9}, project=pair.giver)
    assert (made.version, made.project_name) == (2, pair.giver)
    assert mr.create_model("m", project=pair.giver).save(folder).version == 3
    replaced = mr.create_model("m", 1, folder, True, metrics={"auc": 0.1}, project=pair.giver)
    assert replaced.version == 1
    given = pair.given.get_model_registry()
    assert [(m.version, m.metrics) for m in given.get_models("m", "version", "asc")] == [
        (1, {"auc": 0.1}), (2, {"auc": 0.9}), (3, {}),
    ]  # fmt: skip
    assert snapshot(Path(given.get_model("m", 1).download())) == snapshot(folder)
    mr.get_model("m", 2, project=pair.giver).delete()
    assert not given.has_model("m", 2)
    assert mr.get_models() == []
    own = mr.create_model("m", None, folder)
    assert (own.version, own.project_name) == (1, pair.taker)
