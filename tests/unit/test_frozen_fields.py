"""Fields that keep lists and objects of JSON until somebody reads them: nobody can tell."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import threading

import pytest

from hopsworks import _native
from hopsworks.job import Job

CONFIG = {
    "type": "sparkJobConfiguration",
    "appName": "über",
    "amMemory": 2048,
    "big": 18446744073709551615,
    "ratio": 0.25,
    "nested": {"list": [1, [2, {"deep": [None, True, False, ""]}], {}], "empty": []},
}
BODY = {"id": 5, "name": "train", "config": CONFIG, "creator": {"username": "u"}, "executions": {}}


def job() -> Job:
    made = Job.from_response_json(BODY)
    assert isinstance(made, Job)
    return made


def test_what_is_read_is_what_came() -> None:
    assert job().config == CONFIG
    assert list(job().config) == list(CONFIG)
    assert job().creator == {"username": "u"}
    assert job().executions == {}


def test_each_read_gives_the_same_object() -> None:
    one = job()
    assert one.config is one.config
    one.config["amMemory"] = 4096
    assert one.config["amMemory"] == 4096
    assert one.to_dict()["config"]["amMemory"] == 4096


def test_scalars_and_lists_of_such_a_field() -> None:
    for value in (None, 7, "text", 1.5, True, [], [1, {"a": 2}], {}, {"a": [3]}):
        assert Job.from_response_json({**BODY, "config": value}).config == value


def test_an_assignment_before_the_first_read_counts() -> None:
    one = job()
    one.config = {"type": "pythonJobConfiguration"}
    assert one.config == {"type": "pythonJobConfiguration"}
    del one.config
    with pytest.raises(AttributeError):
        one.config
    with pytest.raises(AttributeError):
        del one.config
    assert "config" not in one.to_dict()


def test_a_read_only_field_stays_so() -> None:
    one = job()
    with pytest.raises(AttributeError):
        one.creator = {}
    assert one.creator == {"username": "u"}


def test_writing_without_reading_loses_nothing() -> None:
    assert json.loads(job().json())["config"] == CONFIG
    assert job().to_dict()["config"] == CONFIG


def test_a_copy_shares_the_value_and_a_deep_copy_has_its_own() -> None:
    one = job()
    shallow, deep = copy.copy(one), copy.deepcopy(one)
    assert shallow.config is one.config
    deep.config["nested"]["list"].append("mine")
    assert one.config == CONFIG
    assert deep.config != CONFIG


def test_a_pickle_holds_it() -> None:
    assert pickle.loads(pickle.dumps(job())).config == CONFIG


def test_equality_looks_inside() -> None:
    one, same, other = (
        _native.DataSource.from_response_json({"table": "t", "storageConnector": {"id": [number]}})
        for number in (1, 1, 2)
    )
    assert one == same
    assert one != other
    assert one.storage_connector == {"id": [1]}
    assert one == same


def test_an_update_takes_the_new_value() -> None:
    one = job()
    assert one.config == CONFIG
    one.update_from_response_json({**BODY, "config": {"new": [1]}})
    assert one.config == {"new": [1]}


def test_the_repr_shows_it() -> None:
    user = _native.AdminUser.from_response_json({"username": "u", "status": [1, 2]})
    assert "status=[1, 2]" in repr(user)
    assert "[1, 2]" in user._repr_html_()


def test_threads_that_read_first_see_one_object() -> None:
    for _ in range(50):
        one = job()
        together = threading.Barrier(8)
        seen = []

        def read(one: Job = one, together: threading.Barrier = together, seen: list = seen) -> None:
            together.wait()
            seen.append(id(one.config))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(seen) == {id(one.config)}


def test_no_value_is_made_before_it_is_read() -> None:
    """The frozen form is the point: a list of jobs costs no dict a job."""
    body = {"id": 5, "name": "train", "config": CONFIG, "creator": {"username": "u"}}
    jobs = Job.from_response_json({"items": [body] * 100, "count": 100})
    assert len(jobs) == 100
    assert not any(isinstance(held, dict) for each in jobs for held in gc.get_referents(each))
    assert jobs[3].config == CONFIG
    assert sum(isinstance(held, dict) for each in jobs for held in gc.get_referents(each)) == 1
