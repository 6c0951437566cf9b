"""Models end to end: saved, found, downloaded and deleted through the public API against the local server."""

from __future__ import annotations

import json
import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hopsworks
from hopsworks.client.exceptions import ModelRegistryException, NotFoundError, RestAPIError
from hopsworks.tag import Tag
from hsml.model import Model
from hsml.model_schema import ModelSchema
from hsml.schema import Schema
from hsml.util import VersionWarning


@pytest.fixture
def stored(project, local_data):
    """The folder of the project on the disk of the server."""
    return Path(local_data) / "projects" / project.name


@pytest.fixture
def folder(tmp_path):
    """A local model: files at two levels, one of them empty."""
    folder = tmp_path / "model"
    (folder / "weights" / "deep").mkdir(parents=True)
    (folder / "model.pkl").write_bytes(b"model" * 1000)
    (folder / "weights" / "w.bin").write_bytes(bytes(range(256)) * 64)
    (folder / "weights" / "deep" / "empty").touch()
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A model cache of the test's own."""
    import hsml.core.model_download as module

    bases = [str(tmp_path / "cache1"), str(tmp_path / "cache2")]
    monkeypatch.setattr(module, "cache_folders", lambda: bases)
    return [Path(base) for base in bases]


def content(folder):
    """Bytes by relative path of all files below a folder."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(Path(folder).rglob("*"))
        if p.is_file()
    }


# --- saving -----------------------------------------------------------------------------------------------------


def test_a_saved_model_has_files_metadata_and_documents(mr, folder, stored):
    frame = pd.DataFrame({"distance": [1400.0, 200.0], "carrier": ["UA", "B6"]})
    model = mr.sklearn.create_model(
        "delays",
        metrics={"auc": 0.71, "f1Score": np.float32(0.5)},
        description="late or not",
        input_example=frame,
        model_schema=ModelSchema(
            Schema(frame[["distance"]]), Schema([{"name": "late", "type": "double"}])
        ),
        tags=[Tag("owner", {"team": "risk"})],
    )
    assert model.version is None
    assert model.input_example is frame

    saved = model.save(str(folder))

    assert saved is model
    assert (model.version, model.id, model.project_name) == (1, "delays_1", mr.project_name)
    assert model.training_metrics == {"auc": 0.71, "f1Score": 0.5}
    assert model.user
    assert isinstance(model.created, int)
    assert content(stored / "Models" / "delays" / "1" / "Files") == content(folder)
    assert model.input_example == [1400.0, "UA"]
    assert model.model_schema["input_schema"] == {
        "columnar_schema": [{"name": "distance", "type": "float64"}]
    }
    assert model.get_tags() == {"owner": {"team": "risk"}}
    assert (model.environment, model.program) == (None, None)

    found = mr.get_model("delays", 1)
    assert type(found).__module__ == "hsml.sklearn.model"
    assert found.to_dict() == model.to_dict()
    assert found.description == "late or not"
    assert found.framework == "SKLEARN"
    assert found.get_url().endswith(f"/p/{mr.project_id}/models/delays/1")


@pytest.mark.parametrize("framework", ["python", "sklearn", "tensorflow", "torch", "llm"])
def test_each_framework_has_its_class(mr, folder, framework):
    model = getattr(mr, framework).create_model("m").save(folder / "model.pkl")
    found = mr.get_model("m", model.version)
    assert type(found) is type(model)
    assert type(found).__module__ == f"hsml.{framework}.model"
    assert isinstance(found, Model)
    assert found.framework == framework.upper()


def test_versions_count_up_and_skip_what_is_taken(mr, folder, stored):
    first = mr.python.create_model("m").save(folder)
    fifth = mr.python.create_model("m", version=5).save(folder)
    (stored / "Models" / "m" / "notes").mkdir()
    next_one = mr.python.create_model("m").save(folder)
    assert [first.version, fifth.version, next_one.version] == [1, 5, 6]
    assert [m.version for m in mr.get_models("m")] == [1, 5, 6]


def test_savers_of_one_name_at_one_moment_get_different_versions(mr, folder, stored):
    models = [mr.python.create_model("race", metrics={"i": i}) for i in range(4)]
    threads = [threading.Thread(target=model.save, args=(str(folder),)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(model.version for model in models) == [1, 2, 3, 4]
    for model in models:
        assert mr.get_model("race", model.version).training_metrics == model.training_metrics
        assert content(stored / "Models" / "race" / str(model.version) / "Files") == content(folder)


def test_a_single_file_and_a_path_object_can_be_saved(mr, folder, stored):
    mr.python.create_model("one").save(folder / "model.pkl")
    assert content(stored / "Models" / "one" / "1" / "Files") == {"model.pkl": b"model" * 1000}


def test_links_are_followed(mr, folder, stored, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "s.bin").write_bytes(b"s")
    (folder / "one").symlink_to(shared)
    (folder / "two").symlink_to(shared)
    (folder / "file").symlink_to(folder / "model.pkl")
    mr.python.create_model("m").save(folder)
    saved = content(stored / "Models" / "m" / "1" / "Files")
    assert (saved["one/s.bin"], saved["two/s.bin"], saved["file"]) == (
        b"s",
        b"s",
        saved["model.pkl"],
    )


def test_files_in_the_project_are_moved_or_copied(mr, folder, stored):
    source = stored / "Resources" / "trained"
    for keep in (True, False):
        source.mkdir(exist_ok=True)
        (source / "model.pkl").write_bytes(b"abc")
        (source / "sub").mkdir(exist_ok=True)
        model = mr.python.create_model("m").save("Resources/trained", keep_original_files=keep)
        assert (
            stored / "Models" / "m" / str(model.version) / "Files" / "model.pkl"
        ).read_bytes() == b"abc"
        assert (source / "model.pkl").exists() is keep


def test_chunks_and_progress_are_the_users_choice(mr, tmp_path, stored):
    data = os.urandom(3_000_000)
    (tmp_path / "big.bin").write_bytes(data)
    settings = {"chunk_size": 1, "simultaneous_uploads": 2, "max_chunk_retries": 2}
    mr.python.create_model("big").save(tmp_path / "big.bin", upload_configuration=settings)
    assert (stored / "Models" / "big" / "1" / "Files" / "big.bin").read_bytes() == data


def test_jobs_and_kernels_are_named_to_the_server(mr, folder, monkeypatch):
    monkeypatch.setenv("HOPSWORKS_JOB_NAME", "train")
    assert mr.python.create_model("m").save(folder).version == 1


def test_two_connections_save_where_they_belong(local_server, local_project, folder, api):
    with hopsworks.connection(host="local") as one, hopsworks.connection(host="local") as two:
        first = one.get_project(local_project).get_model_registry()
        second = two.get_project(api.name).get_model_registry()
        in_first = first.python.create_model("m").save(folder)
        in_second = second.python.create_model("m").save(folder)
        assert in_first.project_name == local_project
        assert in_second.project_name == api.name
        assert first.get_models("m")[0].model_registry_id == first.project_id
        assert second.get_models("m")[0].model_registry_id == second.project_id


def test_the_module_functions_use_the_default_connection(mr, folder):
    from hsml.python.signature import create_model

    model = create_model("m", metrics={"a": 1}).save(folder)
    assert mr.get_model("m", model.version).training_metrics == {"a": 1}


# --- finding ----------------------------------------------------------------------------------------------------


def test_the_best_model_is_the_one_with_the_best_metric(mr, folder):
    for value in (0.5, 0.9, 0.1):
        mr.python.create_model("m", metrics={"auc": value}).save(folder)
    mr.python.create_model("m").save(folder)
    assert mr.get_best_model("m", "auc", "max").version == 2
    assert mr.get_best_model("m", "auc", "min").version == 3
    assert mr.get_best_model("other", "auc", "max") is None
    assert mr.get_models("other") == []
    with pytest.raises(ValueError, match=r"'upwards'.*'max' or 'min'.*'auc'"):
        mr.get_best_model("m", "auc", "upwards")


def test_the_first_version_is_the_default_and_warned_of(mr, folder):
    mr.python.create_model("m").save(folder)
    with pytest.warns(VersionWarning, match="'m'"):
        assert mr.get_model("m").version == 1
    assert mr.get_model("m", 9) is None
    assert mr.get_model("no_such_model", 1) is None


def test_finding_a_model_runs_few_python_functions(mr, folder):
    import sys

    mr.python.create_model("m").save(folder)
    mr.get_model("m", 1)
    calls = []

    def profile(frame, event, argument):
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        model = mr.get_model("m", 1)
    finally:
        sys.setprofile(None)
    assert model.version == 1
    assert len(calls) <= 15, calls


def test_models_print_well(mr, folder):
    model = mr.python.create_model("m").save(folder)
    assert repr(model) == "Model(name: 'm', version: 1)"
    assert "m" in model._repr_html_()
    assert repr(mr) == f"ModelRegistry(project: {mr.project_name!r})"
    assert "PYTHON" in repr(mr.python)


def test_a_model_survives_pickle_and_copy(mr, folder):
    import copy
    import pickle

    model = mr.sklearn.create_model("m", metrics={"a": 1.5}).save(folder)
    for twin in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):
        assert type(twin) is type(model)
        assert twin.to_dict() == model.to_dict()


# --- downloading ------------------------------------------------------------------------------------------------


def test_downloads_come_from_the_cache_the_second_time(mr, folder, cache):
    model = mr.python.create_model("m").save(folder)
    first = model.download()
    assert first == str(cache[0] / mr.project_name / "m" / "1" / "m_1")
    files = content(first)
    assert json.loads(files.pop(".download_complete"))
    assert files == content(folder)
    assert (Path(first) / "weights" / "deep").is_dir()
    before = os.stat(first).st_ino
    assert mr.get_model("m", 1).download() == first
    assert os.stat(first).st_ino == before
    assert os.stat(first).st_mode & 0o77 == 0


def test_a_version_saved_again_is_downloaded_again(mr, folder):
    model = mr.python.create_model("m").save(folder)
    model.download()
    model.delete()
    (folder / "model.pkl").write_bytes(b"new")
    again = mr.python.create_model("m").save(folder)
    assert again.version == 1
    assert (Path(again.download()) / "model.pkl").read_bytes() == b"new"


def test_half_a_cached_model_does_not_count(mr, folder, cache):
    model = mr.python.create_model("m").save(folder)
    target = Path(model.download())
    (target / ".download_complete").unlink()
    (target / "model.pkl").write_bytes(b"half")
    assert content(model.download())["model.pkl"] == b"model" * 1000


def test_an_unusable_cache_gives_way_to_the_next(mr, folder, cache):
    cache[0].write_text("a file where the folder should be")
    model = mr.python.create_model("m").save(folder)
    assert model.download().startswith(str(cache[1]))
    cache[1].rename(cache[1].with_name("old"))
    cache[1].write_text("another file")
    with pytest.raises(OSError, match=r"'m' cannot be cached.*local_path"):
        model.download()


def test_a_download_to_a_folder_replaces_nothing_and_leaves_nothing_half(mr, folder, tmp_path):
    model = mr.python.create_model("m").save(folder)
    target = tmp_path / "out" / "here"
    assert model.download(str(target)) == str(target)
    assert content(target) == content(folder)

    other = tmp_path / "busy"
    (other / "weights").mkdir(parents=True)
    (other / "weights" / "w.bin").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match=r"weights/w.bin.*replace nothing"):
        model.download(other)
    assert content(other) == {"weights/w.bin": b"mine"}


def test_the_cache_can_be_cleared_by_parts(mr, folder, cache):
    for name in ("a", "a", "b"):
        mr.python.create_model(name).save(folder).download()
    with pytest.raises(ValueError, match="project_name"):
        Model.clear_cache(model_name="a")
    with pytest.raises(ValueError, match="model_name"):
        Model.clear_cache(mr.project_name, version=1)
    assert Model.clear_cache("other") == 0
    assert Model.clear_cache(mr.project_name, "a", 2) == 1
    assert Model.clear_cache(mr.project_name, "a") == 1
    assert Model.clear_cache() == 1
    assert Model.clear_cache() == 0


def test_an_unsaved_model_has_nothing_to_download(mr):
    with pytest.raises(ValueError, match=r"'m' is not saved.*save\(\)"):
        mr.python.create_model("m").download()


# --- tags and deleting --------------------------------------------------------------------------------------------


def test_tags_are_attached_read_and_removed(mr, folder):
    model = mr.python.create_model("m").save(folder)
    assert model.get_tags() == {}
    assert model.get_tag("owner") is None
    model.add_tag("owner", {"team": "risk", "people": [1, 2]})
    model.add_tag("stage", "prod")
    model.add_tag("stage", "test")
    assert model.get_tag("owner") == {"team": "risk", "people": [1, 2]}
    assert model.get_tags() == {"owner": {"team": "risk", "people": [1, 2]}, "stage": "test"}
    model.delete_tag("stage")
    assert model.get_tag("stage") is None
    with pytest.warns(DeprecationWarning, match="add_tag"):
        model.set_tag("stage", 3)
    assert model.get_tag("stage") == 3


def test_a_deleted_version_is_gone_with_its_files(mr, folder, stored):
    one, two = (mr.python.create_model("m").save(folder) for _ in range(2))
    one.delete()
    assert not (stored / "Models" / "m" / "1").exists()
    assert mr.get_model("m", 1) is None
    assert mr.get_model("m", 2).created == two.created
    assert mr.python.create_model("m").save(folder).version == 3


# --- shared registries ------------------------------------------------------------------------------------------


def test_a_registry_that_nobody_shares_is_named(project):
    from hsml.model_registry import get_model_registry

    session = project.get_model_registry()._scope.context
    with pytest.raises(
        ModelRegistryException, match=r"'stranger'.*is shared.*readable registries.*Ask an owner"
    ):
        get_model_registry(session, "stranger")


# --- what comes back from a server ------------------------------------------------------------------------------


def test_an_unknown_framework_is_named():
    with pytest.raises(ValueError, match=r"one of TENSORFLOW, .*, found 'JAX'"):
        Model.from_response_json({"id": "m_1", "name": "m", "version": 1, "framework": "JAX"})


def test_what_a_newer_server_sends_is_kept():
    model = Model.from_response_json(
        {"id": "m_1", "name": "m", "version": 1, "lineage": {"a": [1]}}
    )
    assert model.to_dict()["lineage"] == {"a": [1]}


def test_data_attributes_are_native():
    import inspect

    for name in (
        "id",
        "name",
        "version",
        "created",
        "creator",
        "description",
        "training_metrics",
        "framework",
        "user",
    ):
        attribute = inspect.getattr_static(Model, name)
        assert inspect.ismemberdescriptor(attribute) or inspect.isgetsetdescriptor(attribute), name


def test_unknown_errors_reach_the_caller(mr, folder):
    model = mr.python.create_model("m").save(folder)
    model.model_registry_id = 99999
    with pytest.raises(RestAPIError) as caught:
        model.get_tags()
    assert caught.value.response.status_code in (400, 403, 404)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert isinstance(caught.value, (NotFoundError, RestAPIError))
