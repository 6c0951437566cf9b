"""homer end to end against the local server: models made, found, sorted, read, downloaded and deleted."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging

import numpy as np
import pandas as pd
import pytest
from homer_registry import connection, folder, mr, relayed, snapshot, stored  # noqa: F401
from relay import Fault

import homer
import hopsworks
from hopsworks.homer.flavors import FLAVORS

# One file of each flavour; None where any will do.
FILES = {
    "python_function": "anything", "crate": "model.rds", "h2o": "h2o.zip", "keras": "model.keras",
    "mleap": "bundle.json", "pytorch": "model.pt", "sklearn": "model.joblib", "spark": "metadata/part-00000",
    "tensorflow": "saved_model.pb", "onnx": "model.onnx", "gluon": "net.params", "xgboost": "model.ubj",
    "lightgbm": "model.txt", "catboost": "model.cbm", "spacy": "config.cfg", "fastai": "export.pkl",
    "statsmodels": "fit.pickle",
}  # fmt: skip
FRAMEWORKS = {
    "keras": "TENSORFLOW", "tensorflow": "TENSORFLOW", "pytorch": "TORCH", "sklearn": "SKLEARN",
}  # fmt: skip


def texts(folder):
    return {name: content for name, content in snapshot(folder).items() if content is not None}


# --- the acceptance examples --------------------------------------------------------------------------------------


def test_a_version_is_made_found_refused_and_replaced(mr, folder, stored):
    mr.create_model("mnist", 1, folder, metrics={"accuracy": 0.9})
    assert mr.get_model("mnist", 1).metrics == {"accuracy": 0.9}
    with pytest.raises(
        homer.ModelExistsError, match=r"'mnist' version 1 exists already.*overwrite=True"
    ):
        mr.create_model("mnist", 1, folder)
    assert mr.get_model("mnist", 1).metrics == {"accuracy": 0.9}
    (folder / "model.pkl").rename(folder / "other.pkl")
    replaced = mr.create_model("mnist", 1, folder, overwrite=True, metrics={"accuracy": 0.95})
    assert replaced.version == 1
    assert mr.get_model("mnist", 1).metrics == {"accuracy": 0.95}
    files = texts(stored / "Models" / "mnist" / "1" / "Files")
    assert files == texts(folder)
    assert [p.name for p in (stored / "Models" / "mnist").iterdir()] == ["1"]


def test_versions_are_sorted_by_a_metric(mr, folder):
    for metrics in ({"accuracy": 0.7}, {"accuracy": 0.9}, None):
        mr.create_model("mnist", None, folder, metrics=metrics)
    for direction, versions in (("desc", [2, 1, 3]), ("max", [2, 1, 3]), ("ASC", [1, 2, 3]), ("min", [1, 2, 3])):  # fmt: skip
        found = mr.get_models("mnist", sort_key="accuracy", direction=direction)
        assert [model.version for model in found] == versions


def test_a_lazy_model_has_no_version_until_it_is_saved(mr, folder):
    mr.create_model("mnist", 4, folder)
    model = mr.create_model("mnist")
    assert model.version is None
    assert (model.id, model.created, model.registry_id, model.url) == (None, None, None, None)
    assert model.save(str(folder)) is model
    assert model.version == 5
    assert repr(model) == "Model(name='mnist', version=5)"


def test_a_frame_with_bytes_survives_the_registry(mr, folder):
    frame = pd.DataFrame(
        {"count": [1, 2], "carrier": ["UA", "B6"], "image": [b"\x00\xff", b""]}, index=["a", "b"]
    )
    mr.create_model("mnist", 1, folder, input_example=frame)
    model = mr.get_model("mnist", 1)
    pd.testing.assert_frame_equal(model.load_input_example(), frame)
    assert model.load_input_example() is not model.load_input_example()
    pd.testing.assert_frame_equal(model.input_example, frame)
    assert model.input_example is model.input_example


def test_a_registry_that_is_not_shared(relayed, relay, api, folder):
    before = snapshot(api.folder)
    for call in (
        lambda: relayed.create_model("mnist", 1, folder, project="other"),
        lambda: relayed.create_model("mnist", project="other").save(folder),
        lambda: relayed.get_model("mnist", 1, project="other"),
        lambda: relayed.get_models("mnist", project="other"),
        lambda: relayed.get_best_model("mnist", "accuracy", project="other"),
        lambda: relayed.has_model("mnist", 1, project="other"),
    ):
        with pytest.raises(
            homer.RegistryAccessError, match=r"'other' is shared with.*Ask an owner of 'other'"
        ):
            call()
    assert {verb for verb, _ in relay.requests} == {"GET"}
    assert len(relay.requests) == 6
    assert snapshot(api.folder) == before


# --- making -------------------------------------------------------------------------------------------------------


def test_what_a_saved_model_looks_like(mr, folder, stored, connection, caplog, capsys):
    frame = pd.DataFrame({"distance": [1400.0, 200.0], "carrier": ["UA", "B6"]})
    signature = homer.infer_signature(frame, np.zeros((2, 3), "float32"))
    with caplog.at_level(logging.INFO, "hsml"):
        model = mr.create_model(
            "delays",
            model_path=folder,
            metrics={"AUC": 1, "trainF1": np.float32(0.5)},
            description="late or not",
            flavor="sklearn",
            signature=signature,
            input_example=frame,
            flavor_options={"sklearn_version": "1.7"},
            tags={"name": "owner", "value": "risk"},
        )
    assert capsys.readouterr() == ("", "")
    assert "'delays' version 1 is registered" in caplog.text
    project = connection.project
    assert model.metrics == {"AUC": 1.0, "trainF1": 0.5}
    assert type(model.metrics["AUC"]) is float
    assert (model.name, model.version, model.id) == ("delays", 1, "delays_1")
    assert (model.flavor, model.framework, model.description) == (
        "sklearn",
        "SKLEARN",
        "late or not",
    )
    assert model.project_name == project
    assert model.registry_id == connection._session().project_id
    assert model.version_path == f"/Projects/{project}/Models/delays/1"
    assert model.files_path == f"/Projects/{project}/Models/delays/1/Files"
    assert model.url.endswith(f"/p/{model.registry_id}/models/delays/1")
    age = datetime.datetime.now(datetime.UTC) - model.created
    assert abs(age) < datetime.timedelta(minutes=1)
    assert model.creator
    assert model.get_tags() == {"owner": "risk"}

    version = stored / "Models" / "delays" / "1"
    assert sorted(p.name for p in version.iterdir()) == [
        "Files", "homer_input_example.json", "homer_model.json", "input_example.json", "model_schema.json",
    ]  # fmt: skip
    assert texts(version / "Files") == texts(folder)
    assert json.loads((version / "input_example.json").read_text()) == [1400.0, "UA"]
    assert json.loads((version / "model_schema.json").read_text()) == {
        "input_schema": {"columnar_schema": [{"name": "distance", "type": "float64"}, {"name": "carrier", "type": "string"}]},
        "output_schema": {"tensor_schema": [{"shape": "[None, 3]", "type": "float32"}]},
    }  # fmt: skip
    described = json.loads((version / "homer_model.json").read_text())
    files = described.pop("files")
    assert described == {
        "homer_version": 1,
        "flavor": "sklearn",
        "framework": "SKLEARN",
        "tf_meta_graph_tags": None,
        "flavor_options": {"sklearn_version": "1.7"},
        "signature": signature.to_dict(),
        "input_example": {"path": "homer_input_example.json", "type": "dataframe"},
        "created_by": f"hopsworks {hopsworks.__version__}",
    }
    assert sorted(files, key=lambda f: f["path"]) == [
        {
            "path": path,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for path, content in texts(folder).items()
    ]

    read = mr.get_model("delays", 1)
    assert read.signature == signature
    assert read.signature is read.signature
    assert (read.flavor, read.flavor_options) == ("sklearn", {"sklearn_version": "1.7"})
    assert read.metrics == model.metrics


def test_a_model_without_anything_besides_its_files(mr, folder, stored):
    model = mr.create_model("plain", model_path=folder)
    assert model.description == "A collection of models for plain"
    assert model.flavor == "python_function"
    assert (model.metrics, model.signature, model.input_example) == ({}, None, None)
    assert sorted(p.name for p in (stored / "Models" / "plain" / "1").iterdir()) == [
        "Files",
        "homer_model.json",
    ]


def test_a_lazy_model_tells_what_it_was_given(mr):
    signature = homer.ModelSignature(homer.Schema([homer.ColSpec("int64", "a")]))
    options = {"a": 1}
    model = mr.keras.create_model(
        "m", 3, metrics={"a": 1}, signature=signature, input_example=[1], tf_meta_graph_tags=["serve", "gpu"],
        flavor_options=options,
    )  # fmt: skip
    options["a"] = 2
    assert (model.flavor, model.framework, model.version) == ("keras", "TENSORFLOW", 3)
    assert (model.signature, model.input_example, model.metrics) == (signature, [1], {"a": 1.0})
    assert (model.tf_meta_graph_tags, model.flavor_options) == (["serve", "gpu"], {"a": 1})
    assert model.load_input_example() == [1]


@pytest.mark.parametrize("flavor", FLAVORS)
def test_every_flavour(mr, tmp_path, flavor):
    model = tmp_path / "files"
    file = model / FILES[flavor]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    saved = getattr(mr, flavor).create_model("m", 1, model)
    assert (saved.flavor, saved.framework) == (flavor, FRAMEWORKS.get(flavor, "PYTHON"))
    read = mr.get_model("m", 1)
    assert (read.flavor, read.framework) == (flavor, FRAMEWORKS.get(flavor, "PYTHON"))
    assert read.tf_meta_graph_tags == (["serve"] if flavor == "tensorflow" else None)
    assert repr(getattr(mr, flavor)) == f"FlavorModels('{flavor}')"


@pytest.mark.parametrize("flavor", [name for name, f in FLAVORS.items() if f.patterns])
def test_files_that_are_not_of_the_flavour(relayed, relay, tmp_path, flavor):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "README.md").write_text("nothing else")
    create = getattr(relayed, flavor).create_model
    with pytest.raises(
        homer.InvalidModelError, match=rf"no model of flavour '{flavor}', which needs one of: "
    ):
        create("m", 1, tmp_path / "files")
    assert relay.requests == []
    create("m", 1, tmp_path / "files", flavor_options={"validate": False})
    assert relayed.get_model("m", 1).flavor == flavor


def test_other_names_of_flavours(mr, folder):
    assert mr.python.create_model("m").flavor == "python_function"
    assert mr.torch.create_model("m").flavor == "pytorch"
    assert mr.create_model("m", flavor="SKLearn").flavor == "sklearn"
    with pytest.raises(
        homer.InvalidModelError,
        match=r"no flavour 'tf'\. Use one of python_function, crate, .*statsmodels",
    ):
        mr.create_model("m", flavor="tf")


def test_a_saved_model_of_tensorflow(mr, tmp_path):
    (tmp_path / "tf" / "1").mkdir(parents=True)
    (tmp_path / "tf" / "1" / "saved_model.pb").write_bytes(b"x")
    assert mr.tensorflow.create_model("a", 1, tmp_path / "tf").tf_meta_graph_tags == ["serve"]
    given = mr.tensorflow.create_model("a", 2, tmp_path / "tf", tf_meta_graph_tags=["serve", "gpu"])
    assert given.tf_meta_graph_tags == ["serve", "gpu"]
    assert mr.get_model("a", 2).tf_meta_graph_tags == ["serve", "gpu"]
    (tmp_path / "model.h5").write_bytes(b"x")
    assert mr.tensorflow.create_model("a", 3, tmp_path / "model.h5").tf_meta_graph_tags is None


def test_files_that_lie_in_the_project(mr, stored, connection):
    source = stored / "Resources" / "trained"
    (source / "sub").mkdir(parents=True)
    (source / "model.pkl").write_bytes(b"abc")
    (source / "sub" / "x").write_bytes(b"x")
    mr.sklearn.create_model("m", 1, "Resources/trained")
    files = stored / "Models" / "m" / "1" / "Files"
    assert texts(files) == {"model.pkl": b"abc", "sub/x": b"x"} == texts(source)
    described = json.loads((files.parent / "homer_model.json").read_text())
    assert sorted(f["path"] for f in described["files"]) == ["model.pkl", "sub/x"]
    assert {f["sha256"] for f in described["files"]} == {None}
    with pytest.raises(homer.InvalidModelError, match="no model of flavour 'onnx'"):
        mr.onnx.create_model("m", 2, "Resources/trained")
    mr.create_model("m", 2).save(
        f"/Projects/{connection.project}/Resources/trained/model.pkl", keep_original_files=False
    )
    assert texts(stored / "Models" / "m" / "2" / "Files") == {"model.pkl": b"abc"}
    assert texts(source) == {"sub/x": b"x"}


def test_one_file_is_a_model_too(mr, folder, stored):
    mr.sklearn.create_model("m", 1, folder / "model.pkl")
    assert list(texts(stored / "Models" / "m" / "1" / "Files")) == ["model.pkl"]


def test_signatures_of_data(mr, folder):
    model = mr.create_model("m", 1, folder, signature=(pd.DataFrame({"a": [1]}), np.zeros(3)))
    assert model.signature == homer.ModelSignature(
        homer.Schema([homer.ColSpec("int64", "a")]),
        homer.Schema([homer.TensorSpec("float64", [-1])]),
    )


EXAMPLES = {
    "series": pd.Series([1.5, 2.5], index=["a", "b"], name="n"),
    "ndarray": np.array([[1.5, np.nan], [np.inf, -1]], "float32"),
    "list": [1, "a", b"x", None],
    "dict": {"x": np.arange(4).reshape(2, 2), "y": [b"\x00"]},
    "bytes": b"\x00\xff",
    "scalar": 3,
}
ROWS = {
    "series": [1.5, 2.5],
    "ndarray": [[1.5, None], [None, -1.0]],
    "list": [1, "a", "eA==\n", None],
    "dict": {"x": [[0, 1], [2, 3]], "y": ["AA==\n"]},
    "bytes": "AP8=",
    "scalar": [3],
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_input_examples_of_every_type(mr, folder, stored, kind):
    mr.create_model("m", 1, folder, input_example=EXAMPLES[kind])
    version = stored / "Models" / "m" / "1"
    assert json.loads((version / "homer_input_example.json").read_text())["type"] == kind
    assert json.loads((version / "input_example.json").read_text()) == ROWS[kind]
    found = mr.get_model("m", 1).load_input_example()
    assert type(found) is type(EXAMPLES[kind])
    if kind == "series":
        pd.testing.assert_series_equal(found, EXAMPLES[kind])
    else:
        np.testing.assert_equal(found, EXAMPLES[kind])


# --- finding ------------------------------------------------------------------------------------------------------


def test_the_latest_version_is_the_highest(mr, folder):
    with pytest.raises(
        homer.ModelNotFoundError, match=r"no model 'mnist' in the registry of project.*get_models"
    ):
        mr.get_model("mnist")
    mr.create_model("mnist", 7, folder)
    mr.create_model("mnist", 2, folder)
    assert mr.get_model("mnist").version == 7
    assert mr.get_model("mnist", 2).version == 2
    with pytest.raises(
        homer.ModelNotFoundError, match=r"no model 'mnist' version 3 in the registry"
    ):
        mr.get_model("mnist", 3)
    assert [mr.has_model("mnist"), mr.has_model("mnist", 2), mr.has_model("mnist", 3), mr.has_model("x")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_lists_and_their_order(mr, folder):
    assert mr.get_models("mnist") == []
    for name, version, metrics in (
        ("mnist", 1, {"f1Score": 0.5, "a,b:c": 1}), ("mnist", 2, {"f1Score": 0.5}), ("mnist", 3, {"f1Score": 0.9, "a,b:c": 2}),
        ("alpha", 1, None), ("mnist", 4, None),
    ):  # fmt: skip
        mr.create_model(name, version, folder, metrics=metrics, await_registration=0)

    def found(*args):
        return [(m.name[0], m.version) for m in mr.get_models(*args)]

    assert found("mnist") == [("m", 4), ("m", 3), ("m", 2), ("m", 1)]
    assert found("mnist", "version", "asc") == [("m", 1), ("m", 2), ("m", 3), ("m", 4)]
    assert found("mnist", "f1Score") == [("m", 3), ("m", 2), ("m", 1), ("m", 4)]
    assert found("mnist", "f1Score", "asc") == [("m", 2), ("m", 1), ("m", 3), ("m", 4)]
    assert found("mnist", "a,b:c") == [("m", 3), ("m", 1), ("m", 4), ("m", 2)]
    assert found("mnist", "created", "asc") == [("m", 1), ("m", 2), ("m", 3), ("m", 4)]
    assert found(None, "name", "asc") == [("a", 1), ("m", 4), ("m", 3), ("m", 2), ("m", 1)]
    assert found(None, "name", "desc")[-1] == ("a", 1)
    assert mr.get_best_model("mnist", "f1Score").version == 3
    assert mr.get_best_model("mnist", "f1Score", "min").version == 2
    with pytest.warns(UserWarning, match=r"has the metric 'loss'; the metrics are a,b:c, f1Score"):
        assert mr.get_best_model("mnist", "loss") is None
    assert mr.get_best_model("nobody", "loss") is None
    assert mr.get_model("mnist", 1).metrics == {"f1Score": 0.5, "a,b:c": 1.0}


def test_what_a_list_asks_for(relayed, relay):
    relayed.get_models("mnist", "auc", "min")
    relayed.get_models("mnist", "version")
    relayed.get_models()
    base = f"project/{relayed._session.project_id}/modelregistries/{relayed._session.project_id}/models"
    assert relay.sent("GET") == [
        f"{base}?expand=trainingdatasets&filter_by=name_eq:mnist&sort_by=auc:asc",
        f"{base}?expand=trainingdatasets&filter_by=name_eq:mnist",
        f"{base}?expand=trainingdatasets",
    ]


# --- what is done with a model ------------------------------------------------------------------------------------


def test_downloads(mr, folder, tmp_path):
    mr.create_model("m", 1, folder)
    model = mr.get_model("m", 1)
    first, second = model.download(), model.download()
    assert first != second
    assert texts(first) == texts(second) == texts(folder)
    assert model.download(tmp_path / "here") == str(tmp_path / "here")
    assert texts(tmp_path / "here") == texts(folder)
    with pytest.raises(FileExistsError, match=r"model\.pkl"):
        model.download(tmp_path / "here")


def test_a_download_that_fails_leaves_nothing(relayed, relay, folder, tmp_path, monkeypatch):
    import tempfile

    model = relayed.create_model("m", 1, folder)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    relay.fail("GET", "dataset/download/", Fault(403, 110003, times=100))
    with pytest.raises(homer.RegistryAccessError, match=r"download model 'm' version 1"):
        model.download()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_files_that_are_gone(mr, folder, stored):
    import shutil

    model = mr.create_model("m", 1, folder)
    shutil.rmtree(stored / "Models" / "m" / "1")
    with pytest.raises(
        homer.ModelNotFoundError,
        match=r"files of model 'm' version 1 are not there.*overwrite=True",
    ):
        model.download()
    assert mr.create_model("m", 1, folder, overwrite=True).version == 1
    assert texts(mr.get_model("m", 1).download()) == texts(folder)


def test_a_deleted_model_can_be_saved_again(mr, folder, stored):
    model = mr.create_model("m", None, folder, metrics={"a": 1}, input_example=[1, 2])
    other = mr.get_model("m", 1)
    model.delete()
    assert not mr.has_model("m")
    assert not (stored / "Models" / "m").exists()
    for again in (model, other):
        with pytest.raises(homer.ModelNotFoundError):
            again.delete()
        with pytest.raises(homer.ModelNotFoundError):
            again.download()
    mr.create_model("m", 3, folder)
    assert model.save().version == 4
    assert mr.get_model("m", 4).metrics == {"a": 1.0}
    assert mr.get_model("m", 4).load_input_example() == [1, 2]
    assert other.save(folder).version == 1


def test_a_registered_model_is_not_saved_twice(relayed, relay, folder):
    model = relayed.create_model("m", None, folder, metrics={"a": 1})
    relay.requests.clear()
    with pytest.raises(
        homer.ModelExistsError, match=r"'m' version 1 is registered already.*overwrite=True"
    ):
        model.save()
    assert relay.requests == []
    (folder / "new.txt").write_text("new")
    assert model.save(overwrite=True).version == 1
    assert "new.txt" in texts(relayed.get_model("m", 1).download())
    with pytest.raises(homer.ModelExistsError, match="comes from the registry"):
        relayed.get_model("m", 1).save(folder)


def test_a_model_in_use_is_not_deleted_or_replaced(mr, folder, stored, connection):
    mr.create_model("m", 1, folder, metrics={"a": 1})
    (folder / "predict.py").write_text(
        "class Predict:\n    def predict(self, inputs):\n        return inputs\n"
    )
    with hopsworks.connection(host="local", project=connection.project) as other:
        other.get_model_registry().get_model("m", 1).deploy(
            "inuse", script_file=str(folder / "predict.py")
        )
    before = snapshot(stored / "Models")
    for call in (
        mr.get_model("m", 1).delete,
        lambda: mr.create_model("m", 1, folder, overwrite=True, metrics={"a": 2}),
    ):
        with pytest.raises(homer.HomerError, match=r"used by the deployment 'inuse'") as caught:
            call()
        assert (caught.value.status_code, caught.value.error_code) == (400, 360009)
        assert isinstance(caught.value.__cause__, hopsworks.client.exceptions.RestAPIError)
        assert snapshot(stored / "Models") == before
        assert mr.get_model("m", 1).metrics == {"a": 1.0}


def test_tags(mr, folder):
    model = mr.create_model("m", 1, folder, tags=[{"name": "owner", "value": {"team": "risk"}}])
    model.add_tag("stage", "live")
    read = mr.get_model("m", 1)
    assert read.get_tags() == {"owner": {"team": "risk"}, "stage": "live"}
    assert (read.get_tag("stage"), read.get_tag("nothing")) == ("live", None)
    read.delete_tag("stage")
    assert read.get_tags() == {"owner": {"team": "risk"}}
    again = mr.create_model("m", 2, folder, tags={**read.get_tags(), "stage": "live"})
    assert again.get_tags() == {"owner": {"team": "risk"}, "stage": "live"}
    third = mr.create_model("m", 3, folder, tags=[homer.Tag("stage", "old")])
    assert third.get_tags() == {"stage": "old"}
    lazy = mr.create_model("other")
    for call in (lambda: lazy.add_tag("a", 1), lambda: lazy.get_tag("a"), lazy.get_tags, lambda: lazy.delete_tag("a")):  # fmt: skip
        with pytest.raises(
            homer.ModelNotFoundError,
            match=r"'other' is not \(or no longer\) registered\. Call save",
        ):
            call()


def test_waiting_for_the_registry(relayed, relay, folder):
    model = relayed.create_model("m")
    relay.fail("GET", "models/m_1", Fault(404, 360000, times=99))
    with pytest.raises(
        homer.RegistrationTimeoutError, match=r"'m' version 1 was registered.*within 0\.3 s"
    ) as caught:
        model.save(folder, await_registration=0.3)
    assert isinstance(caught.value, TimeoutError)
    assert model.version == 1
    assert [m.version for m in relayed.get_models("m")] == [1]
    asked = len(relay.sent("GET"))
    relay.heal()
    relay.fail("GET", "models/m_2?", Fault(404, 360000, times=99))
    assert relayed.create_model("m", 2, folder, await_registration=0).version == 2
    assert len([path for path in relay.sent("GET")[asked:] if "/models/m_2?" in path]) == 1


# --- models of other clients --------------------------------------------------------------------------------------


def test_models_between_homer_and_hopsworks(mr, folder, connection, tmp_path):
    from hsml.model_schema import ModelSchema
    from hsml.schema import Schema

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    mr.torch.create_model(
        "mine",
        1,
        _only(tmp_path, "net.pt"),
        metrics={"auc": 0.5},
        signature=(frame, np.zeros((2, 1))),
        input_example=frame,
    )
    with hopsworks.connection(host="local", project=connection.project) as other:
        registry = other.get_model_registry()
        found = registry.get_model("mine", 1)
        assert type(found).__module__ == "hsml.torch.model"
        assert found.training_metrics == {"auc": 0.5}
        assert found.input_example == [1, "x"]
        assert found.model_schema["output_schema"] == {
            "tensor_schema": [{"type": "float64", "shape": "[None, 1]"}]
        }
        assert list(texts(found.download(str(tmp_path / "a")))) == ["net.pt"]
        theirs = registry.sklearn.create_model(
            "theirs",
            metrics={"auc": 0.7},
            input_example=frame,
            model_schema=ModelSchema(Schema(frame), Schema(np.zeros((2, 3), "float32"))),
        )
        theirs.save(str(folder))
        registry.llm.create_model("llm").save(str(folder))
    model = mr.get_model("theirs")
    assert (model.flavor, model.framework, model.metrics) == ("sklearn", "SKLEARN", {"auc": 0.7})
    assert model.load_input_example() == [1, "x"]
    assert model.signature.inputs == homer.Schema(
        [homer.ColSpec("int64", "a"), homer.ColSpec(str(frame["b"].dtype), "b")]
    )
    assert model.signature.outputs == homer.Schema([homer.TensorSpec("float32", (2, 3))])
    assert texts(model.download()) == texts(folder)
    assert mr.get_model("llm").flavor == "python_function"
    assert mr.get_model("llm").framework == "LLM"
    model.delete()
    assert not mr.has_model("theirs")


def _only(tmp_path, name):
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / name).write_bytes(b"x")
    return tmp_path / "only"


def test_a_damaged_description(mr, folder, stored):
    mr.create_model("m", 1, folder)
    (stored / "Models" / "m" / "1" / "homer_model.json").write_text("{")
    with pytest.raises(homer.HomerError, match=r"homer_model\.json is damaged: it is no JSON"):
        mr.get_model("m", 1).flavor
    (stored / "Models" / "m" / "1" / "homer_model.json").write_text("[]")
    with pytest.raises(
        homer.HomerError, match=r"'m' version 1 .* is damaged: it is no JSON object"
    ):
        mr.get_model("m", 1).signature
