"""Where a model came from: its feature view and training dataset, also after they were deleted."""

from __future__ import annotations

import pandas as pd
import pytest

from hsml.core.explicit_provenance import Artifact, Links, read_links
from hsml.util import ProvenanceWarning


@pytest.fixture
def feature_view(project):
    """A feature view with a materialised training dataset, not yet read."""
    fs = project.get_feature_store()
    frame = pd.DataFrame(
        {"k": range(10), "x": [float(i) for i in range(10)], "y": [i % 2 for i in range(10)]}
    )
    group = fs.create_feature_group("numbers", version=1, primary_key=["k"], online_enabled=True)
    group.insert(frame)
    return fs.create_feature_view("view", version=1, query=group.select(["x", "y"]), labels=["y"])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"abc")
    return path


def test_a_model_is_linked_to_its_feature_view_and_training_dataset(mr, feature_view, file):
    feature_view.train_test_split(test_size=0.2)
    saved = mr.sklearn.create_model("m", feature_view=feature_view).save(file)
    # The last training dataset that the program used.
    assert saved.training_dataset_version == feature_view.get_last_accessed_training_dataset() == 1
    assert saved.model_schema == {
        "input_schema": {"columnar_schema": [{"name": "x", "type": "double"}]},
        "output_schema": {"columnar_schema": [{"name": "y", "type": "bigint"}]},
    }

    model = mr.get_model("m", 1)
    assert model.training_dataset_version == 1
    links = model.get_feature_view_provenance()
    assert [(v.name, v.version) for v in links.accessible] == [("view", 1)]
    assert repr(links) == "Links(accessible: 1, deleted: 0, inaccessible: 0, faulty: 0)"
    assert [d.version for d in model.get_training_dataset_provenance().accessible] == [1]

    view = model.get_feature_view(init=False)
    assert (view.name, view.version, view.labels) == ("view", 1, ["y"])
    assert len(model.get_feature_view().get_batch_data()) == 10
    assert model.get_feature_view(online=True).get_feature_vector({"k": 3}) == [3.0]


def test_an_explicit_training_dataset_version_wins(mr, feature_view, file):
    for _ in range(2):
        feature_view.create_training_data()
    model = mr.sklearn.create_model(
        "m", feature_view=feature_view, training_dataset_version=1
    ).save(file)
    assert model.training_dataset_version == 1
    assert [d.version for d in model.get_training_dataset_provenance().accessible] == [1]


def test_a_view_without_training_dataset_is_warned_of(mr, feature_view, file):
    model = mr.sklearn.create_model("m", feature_view=feature_view)
    with pytest.warns(
        ProvenanceWarning, match=r"'m' names the feature view 'view' and no training dataset.*Pass"
    ):
        model.save(file)
    assert model.training_dataset_version is None


def test_a_model_without_feature_view_has_no_parents(mr, file):
    model = mr.sklearn.create_model("m").save(file)
    assert model.get_feature_view_provenance() is None
    assert model.get_training_dataset_provenance() is None
    assert model.get_feature_view() is None


def test_a_deleted_feature_view_is_told_apart(mr, feature_view, file):
    feature_view.train_test_split(test_size=0.2)
    model = mr.sklearn.create_model("m", feature_view=feature_view).save(file)
    feature_view.delete()
    links = model.get_feature_view_provenance()
    assert links.accessible == []
    assert [(a.name, a.version) for a in links.deleted] == [("view", 1)]
    assert "deleted" in repr(links.deleted[0])
    assert model.get_feature_view() is None


def test_the_feature_view_of_a_deployment(mr, feature_view, file, tmp_path, project):
    feature_view.train_test_split(test_size=0.2)
    model = mr.sklearn.create_model("m", feature_view=feature_view).save(file)
    (tmp_path / "predict.py").write_text(
        "class Predict:\n    def predict(self, inputs):\n        return inputs\n"
    )
    deployment = model.deploy(script_file=str(tmp_path / "predict.py"))
    assert deployment.training_dataset_version == 1
    assert deployment.get_feature_view().name == "view"
    assert deployment.get_feature_view(init=True).get_feature_vector({"k": 4}) == [4.0]
    deployment.delete()


def node(kind, name, upstream=(), **state):
    return {
        "node": {
            "artifactType": kind,
            "artifact": {"id": 1, "project": "p", "name": name, "version": 2},
            **state,
        },
        "upstream": list(upstream),
    }


def test_links_are_sorted_by_what_can_be_done_with_them():
    tree = node(
        "MODEL",
        "m",
        [
            node(
                "TRAINING_DATASET",
                "t",
                [
                    node("FEATURE_VIEW", "gone", accessible=False, deleted=True),
                    node("FEATURE_VIEW", "hidden", accessible=False, deleted=False),
                    node("FEATURE_VIEW", "broken", accessible=True, exceptionCause="no such table"),
                ],
                accessible=True,
            )
        ],
    )
    links = read_links(tree, Links.Type.FEATURE_VIEW, None)
    assert [a.name for a in links.deleted] == ["gone"]
    assert [a.name for a in links.inaccessible] == ["hidden"]
    assert [a.name for a in links.faulty] == ["broken"]
    assert links.faulty[0]._meta_type is Artifact.MetaType.FAULTY
    assert links.faulty[0].model_registry_id == "p"
    assert not links.is_empty()
    assert Links.get_one_accessible_parent(links) is None
    assert Links.get_one_accessible_parent(None) is None
    assert Links.from_response_json(
        tree, Links.Direction.DOWNSTREAM, Links.Type.FEATURE_VIEW
    ).is_empty()


def test_several_parents_are_named():
    class Parent:
        def __init__(self, name):
            self.name, self.version = name, 1

    with pytest.raises(ValueError, match="several parents: 'a' version 1, 'b' version 1"):
        Links.get_one_accessible_parent(Links(accessible=[Parent("a"), Parent("b")]))
