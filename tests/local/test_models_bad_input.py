"""Models that cannot be saved: what is said, how many requests are sent, and that everything stays as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from relay import Fault

from hopsworks.client.exceptions import (
    DatasetException,
    ModelRegistryException,
    RestAPIError,
    ServiceUnreachableError,
)
from hsml.core import model_save
from hsml.model_registry import get_model_registry


@pytest.fixture
def mr(relay, api):
    registry = get_model_registry(relay.session(api.id, api.name))
    relay.requests.clear()
    return registry


@pytest.fixture
def stored(api):
    return api.folder


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.bin", "b.bin", "sub/c.bin"):
        (folder / name).write_bytes(name.encode() * 100)
    return folder


def snapshot(folder):
    """Every path below a folder with its content."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(Path(folder).rglob("*"))
    }


# --- refused before anything is sent ------------------------------------------------------------------------------

REFUSED = {
    "metrics that are no dict": (
        {"metrics": [1, 2]}, TypeError, r"metrics is of type list\. Pass a dict",
    ),
    "a metric name that is no text": (
        {"metrics": {1: 2.0}}, TypeError, r"metric name 1 is of type int\. Metric names are text",
    ),
    "a metric that is no number": (
        {"metrics": {"auc": "high"}}, ValueError, r"metric 'auc' is 'high'.*Pass a number",
    ),
    "a metric that is None": (
        {"metrics": {"auc": None}}, TypeError, r"metric 'auc' is of type NoneType.*Pass a number",
    ),
    "a metric without a value": (
        {"metrics": {"auc": float("nan")}}, ValueError, r"metric 'auc' is nan.*finite number",
    ),
    "a version of zero": (
        {"version": 0}, ValueError, r"version of model 'm' is 0\. Pass a number of at least 1",
    ),
    "a version that is text": (
        {"version": "two"}, TypeError, r"version of model 'm' is of type str\. Pass a whole number",
    ),
    "the name of a feature view": (
        {"feature_view": "view"}, TypeError, r"feature_view is of type str\. Pass a feature view",
    ),
    "a name with a space": (
        {"name": "my model"}, ModelRegistryException, r"'my model' is not allowed\. Use letters",
    ),
    "a name that leads elsewhere": (
        {"name": "../x"}, ModelRegistryException, r"'\.\./x' is not allowed\. Use letters",
    ),
    "an empty frame as example": (
        {"input_example": pd.DataFrame()}, ValueError, r"input_example is an empty DataFrame\. Pass at least",
    ),
    "an empty array as example": (
        {"input_example": np.array([])}, ValueError, r"input_example is an empty ndarray\. Pass at least",
    ),
    "an empty list as example": (
        {"input_example": []}, ValueError, r"input_example is an empty list\. Pass at least",
    ),
    "an example of another type": (
        {"input_example": 3}, TypeError, r"input_example is of type int\. Pass a dict",
    ),
    "a schema of another type": (
        {"model_schema": {"a": 1}}, TypeError, r"model_schema is of type dict\. Pass a ModelSchema",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_anything_is_sent(mr, relay, stored, folder, case):
    arguments, cls, message = REFUSED[case]
    before = snapshot(stored)
    model = mr.python.create_model(**{"name": "m", **arguments})
    with pytest.raises(cls, match=message):
        model.save(folder)
    assert relay.requests == []
    assert snapshot(stored) == before


def test_tags_that_are_none(mr, relay):
    with pytest.raises(TypeError, match=r"tags holds 'owner', which is no tag\. Pass Tag"):
        mr.python.create_model("m", tags="owner")
    with pytest.raises(ValueError, match=r"tag 'owner' needs a value"):
        mr.python.create_model("m", tags={"name": "owner", "value": None})
    assert relay.requests == []


def test_an_unknown_upload_setting(mr, relay, folder):
    with pytest.raises(ValueError, match=r"no setting 'chunks'\. Known are chunk_size"):
        mr.python.create_model("m").save(folder, upload_configuration={"chunks": 3})
    for setting in ({"chunk_size": 0}, {"simultaneous_uploads": -1}, {"max_chunk_retries": "many"}):
        with pytest.raises(
            ValueError, match=rf"upload_configuration\['{next(iter(setting))}'\].*Pass a number"
        ):
            mr.python.create_model("m").save(folder, upload_configuration=setting)
    with pytest.raises(TypeError, match=r"model_path is of type NoneType\. Pass the path"):
        mr.python.create_model("m").save(None)
    assert relay.requests == []


def test_folders_that_cannot_be_uploaded(mr, relay, folder):
    import os

    (folder / "sub" / "loop").symlink_to(folder)
    with pytest.raises(ValueError, match=r"sub/loop' leads back to a folder above it.*Remove it"):
        mr.python.create_model("m").save(folder)
    (folder / "sub" / "loop").unlink()
    (folder / "gone").symlink_to(folder / "nothing")
    with pytest.raises(ValueError, match=r"gone' is neither a file nor a folder.*Remove it"):
        mr.python.create_model("m").save(folder)
    (folder / "gone").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(ValueError, match=r"pipe' is neither a file nor a folder"):
        mr.python.create_model("m").save(folder)
    assert relay.requests == []


# --- refused with nothing but questions sent ----------------------------------------------------------------------


def test_a_path_that_does_not_exist(mr, relay, stored):
    before = snapshot(stored)
    with pytest.raises(
        FileNotFoundError, match=r"nothing at 'no/such/model'.*working directory.*Pass the path"
    ):
        mr.python.create_model("m").save("no/such/model")
    assert relay.sent() == [f"project/{mr.project_id}/dataset/no/such/model"]
    assert snapshot(stored) == before


def test_a_whole_dataset_is_no_model(mr, relay, stored):
    (stored / "Resources" / "precious.txt").write_text("keep me")
    before = snapshot(stored)
    with pytest.raises(
        AssertionError, match=r"'Resources' is a whole dataset\. Put the model's files in a folder"
    ):
        mr.python.create_model("m").save("Resources")
    assert {verb for verb, _ in relay.requests} == {"GET"}
    assert snapshot(stored) == before


def test_a_version_that_exists(mr, relay, stored, folder):
    mr.python.create_model("m", version=3).save(folder)
    before, sent = snapshot(stored), len(relay.requests)
    model = mr.python.create_model("m", version=3)
    with pytest.raises(
        ModelRegistryException, match=r"'m' version 3 exists already.*Choose another version"
    ):
        model.save(folder)
    assert {verb for verb, _ in relay.requests[sent:]} == {"GET"}
    assert snapshot(stored) == before
    assert model.version == 3
    assert mr.get_model("m", 3) is not None


def test_a_folder_without_registration(mr, relay, stored, folder):
    (stored / "Models" / "m" / "2").mkdir(parents=True)
    before = snapshot(stored)
    with pytest.raises(
        ModelRegistryException, match=r"'m' version 2 is corrupt.*not registered.*Remove the folder"
    ):
        mr.python.create_model("m", version=2).save(folder)
    assert {verb for verb, _ in relay.requests} == {"GET"}
    assert snapshot(stored) == before
    assert mr.python.create_model("m").save(folder).version == 3


def test_a_registration_without_folder(mr, relay, stored, folder):
    import shutil

    mr.python.create_model("m", version=2).save(folder)
    shutil.rmtree(stored / "Models" / "m" / "2")
    with pytest.raises(
        ModelRegistryException, match=r"'m' version 2 is corrupt.*folder.*missing.*Model\.delete"
    ):
        mr.python.create_model("m", version=2).save(folder)


def test_a_project_without_models(relay, api):
    session = relay.session(api.id, api.name)
    relay.fail("GET", "dataset/Models", Fault(404, 110011, times=9))
    with pytest.raises(
        ModelRegistryException, match=rf"'{api.name}' has no dataset 'Models'.*Switch"
    ):
        get_model_registry(session)
    assert len(relay.requests) == 1


# --- failures half way --------------------------------------------------------------------------------------------

HALF_WAY = {
    "the files folder": ("POST", "/Files", Fault(500, 110006), RestAPIError),
    "the second file": ("POST", "dataset/upload/", Fault(413, 0), RestAPIError),
    "storage that is full": ("POST", "dataset/upload/", Fault(500, 110055, times=99), DatasetException),
    "the registration": ("PUT", "modelregistries/", Fault(422, 120001), RestAPIError),
    "the registration, late": ("PUT", "modelregistries/", Fault(500, 360004, reaches=True), RestAPIError),
    "the answer to the registration": (
        "PUT", "modelregistries/", Fault(None, reaches=True, times=9), ServiceUnreachableError,
    ),
}  # fmt: skip


@pytest.mark.parametrize("exists_before", [False, True])
@pytest.mark.parametrize("case", HALF_WAY)
def test_a_failure_half_way_leaves_no_trace(mr, relay, stored, folder, case, exists_before):
    if exists_before:
        mr.python.create_model("m", metrics={"auc": 0.5}).save(folder)
    before, found = snapshot(stored), [m.to_dict() for m in mr.get_models("m")]
    verb, part, fault, cls = HALF_WAY[case]
    relay.fail(
        verb, part, Fault(fault.status, fault.code, reaches=fault.reaches, times=fault.times)
    )
    model = mr.python.create_model("m", input_example=[1, 2])
    with pytest.raises(cls) as caught:
        model.save(folder)
    assert not getattr(caught.value, "__notes__", [])
    assert snapshot(stored) == before
    assert [m.to_dict() for m in mr.get_models("m")] == found
    assert model.version is None
    # The same object can be saved once the fault is gone.
    relay.heal()
    assert model.save(folder).version == (2 if exists_before else 1)
    assert model.input_example == [1, 2]


def test_a_move_whose_answer_is_lost_is_taken_back_too(mr, relay, stored):
    source = stored / "Resources" / "trained"
    source.mkdir(parents=True)
    for name in ("a", "b"):
        (source / name).write_bytes(name.encode())
    before = snapshot(stored)
    relay.fail("POST", "action=move", Fault(None, reaches=True))
    # The transport may ask once more, and then hears that the file has gone.
    with pytest.raises((ServiceUnreachableError, RestAPIError)):
        mr.python.create_model("m").save("Resources/trained")
    assert snapshot(stored) == before


@pytest.mark.parametrize("keep", [True, False])
def test_files_of_the_project_are_back_after_a_failure(mr, relay, stored, keep):
    source = stored / "Resources" / "trained"
    (source / "sub").mkdir(parents=True)
    (source / "model.pkl").write_bytes(b"abc")
    (source / "sub" / "x").write_bytes(b"x")
    before = snapshot(stored)
    relay.fail("PUT", "modelregistries/", Fault(500, 360004, reaches=True))
    with pytest.raises(RestAPIError):
        mr.python.create_model("m").save("Resources/trained", keep_original_files=keep)
    assert snapshot(stored) == before


def test_an_interrupted_save_leaves_no_trace(mr, stored, folder, monkeypatch):
    before = snapshot(stored)

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(model_save.Saving, "_put_documents", interrupt)
    model = mr.python.create_model("m")
    with pytest.raises(KeyboardInterrupt):
        model.save(folder)
    assert snapshot(stored) == before
    assert model.version is None


def test_what_could_not_be_taken_back_is_named(mr, relay, stored, folder):
    relay.fail("PUT", "modelregistries/", Fault(422, 120001))
    relay.fail("DELETE", "dataset/", Fault(403, 110003))
    with pytest.raises(RestAPIError) as caught:
        mr.python.create_model("m").save(folder)
    assert caught.value.error_code == 120001
    assert "/Models/m/1" in caught.value.__notes__[0]
    assert (stored / "Models" / "m" / "1").is_dir()


def test_a_model_that_does_not_appear_stays_registered(mr, relay, folder):
    model = mr.python.create_model("m")
    # The first question is whether the version is free; from then on the registry does not show it.
    relay.fail("GET", "models/m_1", Fault(404, 360000, times=99))
    with pytest.raises(
        ModelRegistryException,
        match=r"'m' version 1 was registered.*within 0\.3 s.*get_model\('m', 1\)",
    ):
        model.save(folder, await_registration=0.3)
    assert model.version == 1
    assert [m.version for m in mr.get_models("m")] == [1]


def test_a_download_that_breaks_leaves_nothing(mr, relay, folder, tmp_path, monkeypatch):
    import hsml.core.model_download as module

    model = mr.python.create_model("m").save(folder)
    monkeypatch.setattr(module, "cache_folders", lambda: [str(tmp_path / "cache")])
    # How many files are asked for before the first refusal is known depends on the machine.
    relay.fail("GET", "dataset/download/", Fault(403, 110003, times=100))
    with pytest.raises(RestAPIError):
        model.download()
    with pytest.raises(RestAPIError):
        model.download(tmp_path / "out")
    relay.heal()
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []
    assert list((tmp_path / "out").iterdir()) == []
    assert snapshot(model.download(tmp_path / "out")) == snapshot(folder)


def test_a_listing_that_leads_out_of_the_folder_is_refused(
    mr, relay, folder, tmp_path, monkeypatch
):
    from hsml.core.project_files import ProjectFiles

    model = mr.python.create_model("m").save(folder)
    monkeypatch.setattr(
        ProjectFiles,
        "tree",
        lambda self, path, skip=(): iter([("../evil", {"path": path, "size": 1})]),
    )
    with pytest.raises(ValueError, match=r"'m' has a file called '\.\./evil', which leads out"):
        model.download(tmp_path / "out")
    assert not (tmp_path / "evil").exists()
