"""What homer refuses: the class, a message that names the thing and the remedy, and how many requests were sent."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from homer_registry import connection, folder, mr, relayed, snapshot  # noqa: F401
from relay import Fault

import homer
from hopsworks.client.exceptions import RestAPIError, ServiceUnreachableError

INVALID = homer.InvalidModelError

# Arguments of create_model beside a good name, what they raise, and what is said.
REFUSED = {
    "a name with a space": ({"name": "my model"}, INVALID, r"name 'my model' is not allowed\. Use letters"),
    "a name that leads elsewhere": ({"name": "../x"}, INVALID, r"'\.\./x' is not allowed"),
    "a name that is empty": ({"name": ""}, INVALID, r"name '' is not allowed"),
    "a name that is no text": ({"name": 3}, INVALID, r"name 3 is not allowed"),
    "a version of zero": ({"version": 0}, INVALID, r"version of model 'm' is 0\. Pass a number of at least 1"),
    "a version that is text": ({"version": "1"}, TypeError, r"version of model 'm' is of type str\. Pass a whole number"),
    "a version that is a flag": ({"version": True}, TypeError, r"version of model 'm' is True\. Pass a whole number"),
    "metrics that are a list": ({"metrics": [0.9]}, TypeError, r"metrics is of type list\. Pass a dict"),
    "a metric name that is no text": ({"metrics": {1: 0.9}}, TypeError, r"metric name 1 is of type int"),
    "a metric that is no number": ({"metrics": {"a": "high"}}, ValueError, r"metric 'a' is 'high', which is not a number"),
    "a metric that is None": ({"metrics": {"a": None}}, ValueError, r"metric 'a' is of type NoneType.*Pass a number"),
    "a metric that is a list": ({"metrics": {"a": [1]}}, ValueError, r"metric 'a' is of type list"),
    "a metric without value": ({"metrics": {"a": float("nan")}}, ValueError, r"metric 'a' is nan.*finite number"),
    "a description that is no text": ({"description": 3}, TypeError, r"description is of type int\. Pass a text"),
    "a wait that is text": ({"await_registration": "5"}, TypeError, r"await_registration is of type str\. Pass seconds"),
    "a wait below zero": ({"await_registration": -1}, ValueError, r"await_registration is -1\. Pass seconds"),
    "a wait that is none": ({"await_registration": float("nan")}, ValueError, r"await_registration is nan"),
    "a project that is a number": ({"project": 3}, TypeError, r"project is 3\. Pass the name of a project"),
    "a flavour that is unknown": ({"flavor": "prophet"}, INVALID, r"no flavour 'prophet'\. Use one of python_function"),
    "a flavour that is none": ({"flavor": None}, INVALID, r"no flavour None"),
    "meta graph tags of scikit-learn": (
        {"flavor": "sklearn", "tf_meta_graph_tags": ["serve"]}, INVALID, r"flavour 'sklearn'; only tensorflow and keras",
    ),
    "meta graph tags that are text": (
        {"flavor": "keras", "tf_meta_graph_tags": "serve"}, INVALID, r"tf_meta_graph_tags is 'serve'\. Pass a list of texts",
    ),
    "options that are a list": ({"flavor_options": ["a"]}, TypeError, r"flavor_options is of type list\. Pass a dict"),
    "options that JSON cannot carry": ({"flavor_options": {"a": {1, 2}}}, INVALID, r"flavor_options holds what JSON cannot carry"),
    "a signature that is a dict": ({"signature": {}}, TypeError, r"signature is of type dict\. Pass a ModelSignature, or a pair"),
    "a signature of an object": ({"signature": (object(), None)}, TypeError, r"object in model_input\. Pass a DataFrame"),
    "an example that is an empty frame": ({"input_example": pd.DataFrame()}, ValueError, r"empty DataFrame\. Pass at least one"),
    "an example that is an empty array": ({"input_example": np.array([])}, ValueError, r"empty ndarray\. Pass at least one"),
    "an example that is an empty list": ({"input_example": []}, ValueError, r"empty list\. Pass at least one"),
    "an example of another type": ({"input_example": object()}, TypeError, r"input_example is of type object, which cannot be stored"),
    "tags that are text": ({"tags": "owner"}, TypeError, r"tags holds 'owner', which is no tag"),
    "a tag of a name alone": ({"tags": {"name": "owner"}}, TypeError, r"tags holds \{'name': 'owner'\}, which is no tag"),
    "a tag by name without value": ({"tags": {"owner": None}}, ValueError, r"tag 'owner' needs a value"),
    "a tag without value": ({"tags": {"name": "owner", "value": None}}, ValueError, r"tag 'owner' needs a value"),
}  # fmt: skip


@pytest.mark.parametrize("with_path", [False, True], ids=["without a path", "with a path"])
@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_anything_is_sent(relayed, relay, api, folder, case, with_path):
    arguments, kind, message = REFUSED[case]
    before = snapshot(api.folder)
    if with_path:
        arguments = {**arguments, "model_path": folder}
    with pytest.raises(kind, match=message) as caught:
        relayed.create_model(**{"name": "m", **arguments})
    if kind is INVALID:
        assert isinstance(caught.value, (ValueError, homer.HomerError))
    assert relay.requests == []
    assert snapshot(api.folder) == before


def test_paths_that_are_refused_before_anything_is_sent(relayed, relay, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "with").mkdir()
    (tmp_path / "with" / "broken").symlink_to(tmp_path / "nothing")
    model = relayed.create_model("m")
    for path, kind, message in (
        (None, INVALID, r"no path of the files of model 'm'\. Pass model_path"),
        (3, TypeError, r"model_path is of type int\. Pass the path"),
        (
            tmp_path / "empty",
            INVALID,
            r"empty' holds no file\. Pass the path",
        ),
        (tmp_path / "loop", INVALID, r"loop/loop' leads back to a folder above it.*Remove it"),
        (tmp_path / "with", INVALID, r"broken' is neither a file nor a folder.*Remove it"),
    ):
        with pytest.raises(kind, match=message):
            model.save(path)
    with pytest.raises(TypeError, match=r"await_registration is of type str"):
        model.save(tmp_path, await_registration="1")
    assert relay.requests == []
    assert model.version is None


def test_paths_of_the_project_that_are_no_model(relayed, relay, api):
    (api.folder / "Resources" / "empty").mkdir()
    before = snapshot(api.folder)
    for path, kind, message in (
        ("no/such/model", homer.InvalidModelError, r"nothing at 'no/such/model'.*working directory.*Pass the path"),
        ("Resources", homer.InvalidModelError, r"'Resources' is a whole dataset\. Put the model's files in a folder"),
        ("Resources/empty", homer.InvalidModelError, r"'Resources/empty' holds no file"),
    ):  # fmt: skip
        with pytest.raises(kind, match=message) as caught:
            relayed.create_model("m", 1, path)
        assert isinstance(caught.value, FileNotFoundError) == (path == "no/such/model")
    assert {verb for verb, _ in relay.requests} == {"GET"}
    assert snapshot(api.folder) == before


def test_questions_that_are_refused_before_they_are_asked(relayed, relay):
    for call, kind, message in (
        (lambda: relayed.get_model("a b"), INVALID, r"'a b' is not allowed"),
        (lambda: relayed.get_model("a", 0), INVALID, r"version of model 'a' is 0"),
        (lambda: relayed.get_model("a", "1"), TypeError, r"of type str"),
        (lambda: relayed.has_model("a/b"), INVALID, r"'a/b' is not allowed"),
        (lambda: relayed.get_models("a b"), INVALID, r"'a b' is not allowed"),
        (lambda: relayed.get_models("a", 3), TypeError, r"sort_key is of type int\. Pass the name of a metric"),
        (lambda: relayed.get_models("a", "auc", "up"), ValueError, r"direction is 'up'\. Pass 'desc' \(or 'max'\)"),
        (lambda: relayed.get_models("a", direction=None), ValueError, r"direction is None"),
        (lambda: relayed.get_best_model("a", "auc", "best"), ValueError, r"direction is 'best'"),
        (lambda: relayed.get_models("a", project=""), TypeError, r"project is ''"),
    ):  # fmt: skip
        with pytest.raises(kind, match=message):
            call()
    assert relay.requests == []


def test_a_version_that_exists_is_left_alone(relayed, relay, api, folder):
    relayed.create_model("m", 3, folder)
    before, sent = snapshot(api.folder), len(relay.requests)
    with pytest.raises(
        homer.ModelExistsError, match=r"'m' version 3 exists already.*another version, or none"
    ):
        relayed.create_model("m", 3, folder)
    assert {verb for verb, _ in relay.requests[sent:]} == {"GET"}
    assert snapshot(api.folder) == before


def test_overwriting_without_a_version_takes_the_next(relayed, folder):
    relayed.create_model("m", None, folder)
    assert relayed.create_model("m", None, folder, overwrite=True).version == 2
    assert relayed.create_model("n", 4, folder, overwrite=True).version == 4


HALF_WAY = {
    "the folder of the version": ("POST", "/m/1?action=create", Fault(500, 110006)),
    "the files folder": ("POST", "/Files?action=create", Fault(500, 110006)),
    "a file": ("POST", "dataset/upload/", Fault(413, 0)),
    "storage that is full": ("POST", "dataset/upload/", Fault(500, 110055, times=99)),
    "the registration": ("PUT", "modelregistries/", Fault(422, 120001)),
}


@pytest.mark.parametrize("version", [None, 1])
@pytest.mark.parametrize("case", HALF_WAY)
def test_a_failure_half_way_leaves_no_trace(relayed, relay, api, folder, case, version):
    verb, part, fault = HALF_WAY[case]
    before = snapshot(api.folder)
    relay.fail(verb, part, Fault(fault.status, fault.code, times=fault.times))
    model = relayed.create_model("m", version, input_example=[1])
    with pytest.raises(homer.HomerError, match=r"Could not save model 'm': ") as caught:
        model.save(folder)
    assert (caught.value.status_code, caught.value.error_code) == (fault.status, fault.code)
    assert caught.value.__cause__ is not None
    assert snapshot(api.folder) == before
    assert relayed.get_models("m") == []
    assert model.version == version
    relay.heal()
    assert model.save(folder).version == 1


@pytest.mark.parametrize("status", [None, 500], ids=["lost", "refused"])
def test_a_registration_that_happened_after_all(relayed, relay, folder, status, monkeypatch):
    from hopsworks.homer import replacement

    monkeypatch.setattr(replacement, "_UNANSWERED_SECONDS", 0.2)
    monkeypatch.setattr(replacement, "_ENDING_SECONDS", 0.01)
    relay.fail("PUT", "modelregistries/", Fault(status, 360004, reaches=True, times=9))
    model = relayed.create_model("m", 1, folder, metrics={"a": 1})
    assert model.version == 1
    assert relayed.get_model("m", 1).metrics == {"a": 1.0}


def test_a_registration_nobody_knows_of_keeps_the_files(relayed, relay, api, folder):
    relay.fail("PUT", "modelregistries/", Fault(500, 360004))
    # The first question is whether the version is free.
    asked = []
    relay._faults.append((
        lambda verb, path: verb == "GET" and "/models/m_1?" in path and (asked.append(path) or len(asked) > 1),
        Fault(500, 0, times=9),
    ))  # fmt: skip
    with pytest.raises(homer.HomerError) as caught:
        relayed.create_model("m", 1, folder)
    assert "Whether version 1 was registered is unknown" in caught.value.__notes__[0]
    assert (api.folder / "Models" / "m" / "1" / "Files" / "model.pkl").exists()
    relay.heal()
    with pytest.raises(homer.ModelExistsError, match=r"is not registered, but its folder"):
        relayed.create_model("m", 1, folder)
    assert relayed.create_model("m", 1, folder, overwrite=True).version == 1


def test_errors_of_the_server_keep_what_it_said(relayed, relay, folder):
    model = relayed.create_model("m", 1, folder)
    relay.fail("GET", "/models", Fault(500, 360003, times=9))
    for call, what in (
        (lambda: relayed.get_models("m"), "list the versions of model 'm'"),
        (lambda: relayed.get_models(), "list models"),
        (lambda: relayed.get_model("m", 1), "get model 'm' version 1"),
        (model.get_tags, "read the tags of model 'm' version 1"),
    ):
        with pytest.raises(homer.HomerError, match=f"Could not {what}: .*made to fail") as caught:
            call()
        assert type(caught.value) is homer.HomerError
        assert (caught.value.status_code, caught.value.error_code) == (500, 360003)
        assert isinstance(caught.value.__cause__, RestAPIError)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (str(copy), copy.status_code) == (str(caught.value), 500)
    relay.heal()
    relay.fail("GET", "/models", Fault(403, 360007))
    with pytest.raises(homer.RegistryAccessError) as caught:
        relayed.get_models("m")
    assert (caught.value.status_code, caught.value.error_code) == (403, 360007)
    relay.heal()
    relay.fail("GET", "/models", Fault(None, times=9))
    with pytest.raises(homer.HomerError) as caught:
        relayed.get_models("m")
    assert isinstance(caught.value.__cause__, ServiceUnreachableError)
    assert caught.value.status_code is None


def test_the_tree_of_exceptions():
    for kind in (
        homer.ModelNotFoundError, homer.ModelExistsError, homer.RegistryAccessError, homer.RegistrationTimeoutError,
        homer.InvalidModelError,
    ):  # fmt: skip
        assert issubclass(kind, homer.HomerError)
    assert issubclass(homer.InvalidModelError, ValueError)
    assert issubclass(homer.RegistrationTimeoutError, TimeoutError)
    assert (homer.HomerError("x").status_code, homer.HomerError("x").error_code) == (None, None)
    with pytest.raises(AttributeError, match="'homer' has no attribute 'get_feature_store'"):
        homer.get_feature_store


def test_questions_that_find_nothing_tell_where_to_look(mr, folder):
    with pytest.raises(
        homer.ModelNotFoundError,
        match=r"get_models\('nope'\) lists its versions, get_models\(\) all",
    ):
        mr.get_model("nope")
    with pytest.raises(
        TypeError, match=r"of type str\. Pass a whole number, or None for the highest one"
    ):
        mr.get_model("nope", "latest")
    with pytest.raises(
        INVALID, match=r"is -1\. Pass a number of at least 1, or None for the highest one"
    ):
        mr.get_model("nope", -1)


def test_a_metric_that_no_version_has_is_told(mr, folder):
    assert mr.get_best_model("m", "acuracy") is None
    mr.create_model("m", 1, folder, metrics={"accuracy": 0.5, "loss": 1})
    mr.create_model("m", 2, folder)
    told = r"No version of model 'm' has the metric 'acuracy'; the metrics are accuracy, loss\."
    with pytest.warns(UserWarning, match=told) as caught:
        assert mr.get_best_model("m", "acuracy") is None
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=told) as caught:
        assert [model.version for model in mr.get_models("m", "acuracy")] == [2, 1]
    assert caught[0].filename == __file__
    mr.create_model("bare", 1, folder)
    with pytest.warns(UserWarning, match=r"has the metric 'a'; there are no metrics\."):
        mr.get_models("bare", "a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mr.get_best_model("m", "loss", "min").version == 1
        mr.get_models("bare", "created")


def test_models_and_registries_are_not_pickled(relayed):
    for value in (relayed, relayed.create_model("m")):
        with pytest.raises(TypeError, match=r"belong to a connection.*not pickled\. Connect again"):
            pickle.dumps(value)


def test_what_another_deleted_is_no_longer_registered(mr, folder):
    model = mr.create_model("m", 1, folder)
    mr.get_model("m", 1).delete()
    with pytest.raises(homer.ModelNotFoundError, match=r"no model 'm' version 1 \(any more\)"):
        model.delete()
    with pytest.raises(
        homer.ModelNotFoundError, match=r"'m' version 1 is not \(or no longer\) registered"
    ):
        model.download()
