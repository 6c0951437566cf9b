"""Replacing a version with homer: whatever fails, at whatever request, the old version or the new one is whole.

Each request that changes something is broken in turn: refused, refused after it was carried out, lost on its way, lost on
its way back, and with the program killed or interrupted while it is under way.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import signal
import subprocess
import sys

import pytest
from homer_registry import folder, relayed, snapshot  # noqa: F401
from relay import Fault

import homer
from hopsworks.homer import replacement

# What an exchange sends that is no question, in order.
STEPS = [
    "the folder of the new version",
    "its folder of files",
    "its folder of weights",
    "the first file",
    "the second file",
    "the first document",
    "the second document",
    "the third document",
    "the descriptor",
    "the record of the old version",
    "the old version aside",
    "the old registration",
    "the new version into place",
    "the registration",
    "the record again",
    "the old version away",
]
REGISTRATION = STEPS.index("the registration")
OLD_AWAY = STEPS.index("the old version aside")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(replacement, "_UNANSWERED_SECONDS", 0.2)
    monkeypatch.setattr(replacement, "_ENDING_SECONDS", 0.05)
    monkeypatch.setattr(replacement, "_UNDER_WAY_SECONDS", 0.02)


@pytest.fixture
def mr(relayed, folder):
    """A registry with version 1 of a model, which has everything that a version can have."""
    relayed.create_model(
        "m",
        1,
        folder,
        metrics={"accuracy": 0.7},
        description="the old one",
        flavor="sklearn",
        input_example=[1, 2],
        tags={"name": "owner", "value": {"team": "risk"}},
    )
    return relayed


@pytest.fixture
def new(tmp_path):
    new = tmp_path / "new"
    (new / "weights").mkdir(parents=True)
    (new / "new.pkl").write_bytes(b"new")
    (new / "weights" / "v.bin").write_bytes(b"v" * 100)
    return new


def replace(mr, new):
    return mr.create_model(
        "m",
        1,
        new,
        overwrite=True,
        metrics={"accuracy": 0.9},
        flavor="sklearn",
        signature=([1.0], [2.0]),
        input_example=[3],
    )


def break_step(relay, number, fault):
    """Break the change with a number, and its repetitions."""
    counter, broken = itertools.count(), []

    def matches(verb, path):
        if verb == "GET":
            return False
        is_it = next(counter) == number
        if is_it:
            broken.append((verb, path))
        return is_it or (verb, path) in broken

    relay._faults.append((matches, fault))
    return broken


def state(mr, stored):
    """What a user sees of version 1, and what lies in the folder of the model."""
    model = mr.get_model("m", 1)
    return {
        "metrics": model.metrics,
        "description": model.description,
        "framework": model.framework,
        "tags": model.get_tags(),
        "example": model.load_input_example(),
        "flavor": model.flavor,
        "files": snapshot(stored / "Models" / "m" / "1" / "Files"),
        "names": sorted(path.name for path in (stored / "Models" / "m").iterdir()),
    }


def is_new(found, new):
    return found["metrics"] == {"accuracy": 0.9} and found["files"] == snapshot(new)


def test_what_an_exchange_sends(mr, relay, new):
    relay.requests.clear()
    replace(mr, new)
    changes = [(verb, path) for verb, path in relay.requests if verb != "GET"]
    assert len(changes) == len(STEPS)
    aside, delete, place, put = changes[OLD_AWAY : REGISTRATION + 1]
    token = re.search(r"/m/1\.([0-9a-f]{8})\.old$", aside[1])[1]
    assert "action=move" in aside[1]
    assert delete[0] == "DELETE"
    assert "/modelregistries/" in delete[1]
    assert f"/m/1.{token}.part" in place[1]
    assert put[0] == "PUT"
    # Before that, nothing touches the version; after it, only what is left is removed.
    assert all(f"1.{token}." in path or "dataset/upload/" in path for _, path in changes[:OLD_AWAY])
    assert [verb for verb, _ in changes[REGISTRATION + 1 :]] == ["DELETE", "DELETE"]


FAULTS = {
    "refused": (403, False, 1),
    "refused though done": (500, True, 1),
    "lost on the way": (None, False, 9),
    "lost on the way back": (None, True, 9),
    "lost once": (None, True, 1),
}


# What befalls the chunks of uploads is for the tests of transfers, and lost ones are sent again after seconds.
UPLOADS = ("file", "document", "descriptor", "the record of the old version")
CASES = [
    (number, how)
    for number, name in enumerate(STEPS)
    for how in FAULTS
    if how == "refused" or not name.endswith(UPLOADS)
]


@pytest.mark.parametrize(("number", "how"), CASES, ids=[f"{STEPS[n]}-{how}" for n, how in CASES])
def test_a_failure_at_each_step(mr, relay, api, new, number, how):
    before = state(mr, api.folder)
    status, reaches, times = FAULTS[how]
    broken = break_step(relay, number, Fault(status, 110006, reaches=reaches, times=times))
    try:
        replace(mr, new)
        failed = False
    except homer.HomerError:
        failed = True
    assert broken
    relay.heal()
    after = state(mr, api.folder)
    if failed:
        assert number <= REGISTRATION
        left = [name for name in after.pop("names") if not name.endswith(".part")]
        # A record may stay where it is unknown whether a step will still happen; it leads back from it.
        assert [name for name in left if not name.endswith(".old.json")] == before.pop("names")
        assert after == before
    else:
        assert is_new(after, new)
        assert after["tags"] == {}
    # The same call works afterwards, and clears away what the failure left.
    replace(mr, new)
    after = state(mr, api.folder)
    assert is_new(after, new)
    assert [name for name in after["names"] if not name.endswith(".part")] == ["1"]


@pytest.mark.parametrize("number", [OLD_AWAY, OLD_AWAY + 1, OLD_AWAY + 2, REGISTRATION])
def test_a_failure_that_cannot_be_taken_back_at_once(mr, relay, api, new, number):
    before = state(mr, api.folder)
    broken = []

    def from_there_on(verb, path):
        # Nothing gets through any more, in either direction.
        if verb != "GET" and not broken and next(counter) < number:
            return False
        if verb != "GET" or broken:
            broken.append((verb, path))
            return True
        return False

    counter = itertools.count()
    relay._faults.append((from_there_on, Fault(503, 0, times=10_000)))
    with pytest.raises(homer.HomerError) as caught:
        replace(mr, new)
    assert caught.value.__notes__
    relay.heal()
    after = state(mr, api.folder)
    assert {**after, "names": ["1"]} == before
    # Its folder is in its place again; a record whose exchange never began says nothing.
    assert not any(name.endswith(".old") for name in after["names"])


PROGRAM = """
import sys
sys.path[:0] = {path!r}
import types
from hopsworks import _native
from hopsworks.homer import replacement
from hopsworks.session import ProjectSession
import homer

replacement._UNANSWERED_SECONDS = 0.2
client = _native.Client("http://localhost", unix_socket={socket!r})
connection = types.SimpleNamespace(_variables={{}}, host="local", port=443, is_local=True, client=client)
mr = homer.ModelRegistry(ProjectSession(connection, client, {id}, {name!r}))
mr.create_model("m", 1, {new!r}, overwrite=True, metrics={{"accuracy": 0.9}}, flavor="sklearn", signature=([1.0], [2.0]),
                input_example=[3])
"""


def run_until(relay, api, new, number, reaches, status=500):
    """The replacement in a process of its own, until its change with a number is under way."""
    fault = Fault(status, 110006, reaches=reaches, delay=0.0 if reaches else 1.0)
    gate = Fault(500, 110006, delay=30, times=10_000)
    broken = break_step(relay, number, fault)
    text = PROGRAM.format(
        path=sys.path, socket=relay.socket, id=api.id, name=api.name, new=str(new)
    )
    process = subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.PIPE, text=True)
    if reaches:
        # The program sees no answer: what it would ask next hangs, and it is ended there.
        relay._faults.append((lambda verb, path: bool(broken), gate))
        assert gate.met.wait(20), process.communicate()
    else:
        assert fault.met.wait(20), process.communicate()
    return process


KILLS = [
    (number, reaches)
    for number, name in enumerate(STEPS)
    for reaches in (False, True)
    if not name.endswith(UPLOADS[:2]) or (name, reaches) == ("the second file", False)
]


@pytest.mark.parametrize(
    ("number", "reaches"),
    KILLS,
    ids=[f"{'after' if reaches else 'before'} {STEPS[number]}" for number, reaches in KILLS],
)
def test_a_kill_at_each_step(mr, relay, api, new, number, reaches):
    before = state(mr, api.folder)
    process = run_until(relay, api, new, number, reaches)
    process.kill()
    process.communicate()
    relay.heal()
    after = state(mr, api.folder)
    if is_new(after, new):
        assert number >= REGISTRATION
    else:
        assert {**after, "names": ["1"]} == before
    assert mr.get_models("m")[0].version == 1
    # What was left is not taken for versions, and is no obstacle.
    assert mr.create_model("m", model_path=new).version == 2
    replace(mr, new)
    after = state(mr, api.folder)
    assert is_new(after, new)
    assert [name for name in after["names"] if not name.endswith(".part")] == ["1", "2"]


@pytest.mark.parametrize("number", [3, OLD_AWAY, OLD_AWAY + 1, OLD_AWAY + 2, REGISTRATION])
def test_ctrl_c_at_each_step(mr, relay, api, new, number):
    before = state(mr, api.folder)
    process = run_until(relay, api, new, number, reaches=False)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in error
    relay.heal()
    after = state(mr, api.folder)
    assert {**after, "names": ["1"]} == before


def test_a_download_finds_what_was_moved_aside(mr, relay, api, new, folder):
    model = mr.get_model("m", 1)
    process = run_until(relay, api, new, OLD_AWAY + 1, reaches=False)
    process.kill()
    process.communicate()
    relay.heal()
    assert not (api.folder / "Models" / "m" / "1").exists()
    assert snapshot(model.download()) == snapshot(folder)


def test_a_look_waits_for_an_exchange_that_is_under_way(mr, relay, api, new, monkeypatch):
    monkeypatch.setattr(replacement, "_UNDER_WAY_SECONDS", 20)
    fault = Fault(500, 110006, reaches=True, delay=1.0)
    break_step(relay, REGISTRATION, fault)
    text = PROGRAM.format(
        path=sys.path, socket=relay.socket, id=api.id, name=api.name, new=str(new)
    )
    process = subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.PIPE, text=True)
    assert fault.met.wait(20)
    assert is_new(state(mr, api.folder), new)
    assert process.wait(20) == 0, process.stderr.read()
    process.stderr.close()


def test_a_version_that_was_deleted_does_not_come_back(mr, relay, api, new):
    process = run_until(relay, api, new, REGISTRATION, reaches=True)
    process.kill()
    process.communicate()
    relay.heal()
    mr.get_model("m", 1).delete()
    assert not mr.has_model("m", 1)
    names = [p.name for p in (api.folder / "Models").glob("m/*") if not p.name.endswith(".part")]
    assert names == []


@pytest.mark.parametrize("missing", ["folder", "registration"])
def test_half_a_version_is_replaced(mr, relay, api, new, missing):
    if missing == "folder":
        shutil.rmtree(api.folder / "Models" / "m" / "1")
    else:
        kept = api.folder / "kept"
        shutil.copytree(api.folder / "Models" / "m" / "1", kept)
        mr.get_model("m", 1).delete()
        (api.folder / "Models" / "m").mkdir(exist_ok=True)
        kept.rename(api.folder / "Models" / "m" / "1")
    what = (
        "is registered, but its folder"
        if missing == "folder"
        else "is not registered, but its folder"
    )
    with pytest.raises(homer.ModelExistsError, match=rf"'m' version 1 {what}.*overwrite=True"):
        mr.create_model("m", 1, new)
    replace(mr, new)
    assert is_new(state(mr, api.folder), new)
    assert state(mr, api.folder)["names"] == ["1"]


@pytest.mark.parametrize("missing", ["folder", "registration"])
@pytest.mark.parametrize("step", ["move", "PUT"])
def test_half_a_version_is_left_as_it_was(mr, relay, api, new, missing, step):
    if missing == "folder":
        shutil.rmtree(api.folder / "Models" / "m" / "1")
    else:
        kept = api.folder / "kept"
        shutil.copytree(api.folder / "Models" / "m" / "1", kept)
        mr.get_model("m", 1).delete()
        (api.folder / "Models" / "m").mkdir(exist_ok=True)
        kept.rename(api.folder / "Models" / "m" / "1")
    before = snapshot(api.folder), [m.metrics for m in mr.get_models("m")]
    if step == "move":
        relay.fail("POST", ".part?action=move", Fault(403, 110003))
    else:
        relay.fail("PUT", "/modelregistries/", Fault(422, 120001))
    with pytest.raises(homer.HomerError):
        replace(mr, new)
    assert (snapshot(api.folder), [m.metrics for m in mr.get_models("m")]) == before


def test_files_of_the_project_are_back_after_a_replacement_that_failed(mr, relay, api):
    source = api.folder / "Resources" / "trained"
    (source / "sub").mkdir(parents=True)
    (source / "model.pkl").write_bytes(b"abc")
    (source / "sub" / "x").write_bytes(b"x")
    before = snapshot(api.folder)
    relay.fail("PUT", "/modelregistries/", Fault(422, 120001))
    model = mr.create_model("m", 1, overwrite=True)
    with pytest.raises(homer.HomerError):
        model.save("Resources/trained", keep_original_files=False)
    assert snapshot(api.folder) == before


def test_the_old_version_can_be_the_source_of_the_new(mr, api):
    old = snapshot(api.folder / "Models" / "m" / "1" / "Files")
    replaced = mr.create_model("m", 1, "Models/m/1/Files", overwrite=True, metrics={"accuracy": 1})
    assert replaced.metrics == {"accuracy": 1.0}
    assert snapshot(api.folder / "Models" / "m" / "1" / "Files") == old


def test_two_replacements_at_one_moment(mr, relay, api, new, folder):
    other = homer.ModelRegistry(mr._session)
    begun = []

    def matches(verb, path):
        return verb == "POST" and "action=move" in path and path.endswith(".old") and not begun

    def run_second():
        begun.append(True)
        other.create_model("m", 1, folder, overwrite=True, metrics={"accuracy": 0.5})

    second = Fault(404, 110011)
    # While the first is about to move the old version aside, a second one does all of its work.
    real_set = second.met.set
    second.met.set = lambda: (run_second(), real_set())
    relay._faults.append((matches, second))
    with pytest.raises(homer.HomerError):
        replace(mr, new)
    found = mr.get_model("m", 1)
    assert found.metrics == {"accuracy": 0.5}
    assert snapshot(api.folder / "Models" / "m" / "1" / "Files") == snapshot(folder)
    assert [p.name for p in (api.folder / "Models" / "m").iterdir()] == ["1"]


def test_many_replacements_at_one_moment(mr, api, new):
    import threading

    said, barrier = [], threading.Barrier(4)

    def overwrite(number):
        barrier.wait()
        try:
            registry = homer.ModelRegistry(mr._session)
            registry.create_model("m", 1, new, overwrite=True, metrics={"accuracy": number})
        except homer.HomerError as error:
            said.append(str(error))

    threads = [threading.Thread(target=overwrite, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) < 4
    assert [t for t in said if "Another program is replacing model 'm' version 1" not in t] == []
    found = state(mr, api.folder)
    assert found["names"] == ["1"]
    assert found["files"] == snapshot(new)
    assert found["metrics"]["accuracy"] in range(4)


def test_a_save_that_fails_leaves_a_version_alone_that_took_its_place(mr, relay, api, new, folder):
    other = homer.ModelRegistry(mr._session)
    fault = Fault(413, 0)
    real_set = fault.met.set
    fault.met.set = lambda: (other.create_model("m", 2, folder, overwrite=True), real_set())
    relay.fail("POST", "dataset/upload/", fault)
    with pytest.raises(homer.HomerError):
        mr.create_model("m", 2, new)
    assert snapshot(api.folder / "Models" / "m" / "2" / "Files") == snapshot(folder)
    assert mr.get_model("m", 2).metrics == {}


def test_a_replacement_waits_for_one_that_is_under_way(mr, relay, api, new, folder, monkeypatch):
    monkeypatch.setattr(replacement, "_UNDER_WAY_SECONDS", 20)
    process = run_until(relay, api, new, OLD_AWAY + 1, reaches=False, status=None)
    assert mr.create_model("m", 1, folder, overwrite=True, metrics={"accuracy": 0.5}).version == 1
    assert process.wait(20) == 0, process.stderr.read()
    process.stderr.close()
    assert state(mr, api.folder)["names"] == ["1"]
    assert mr.get_model("m", 1).metrics == {"accuracy": 0.5}
    assert snapshot(api.folder / "Models" / "m" / "1" / "Files") == snapshot(folder)


def test_two_programs_that_put_a_version_back_at_once(mr, relay, api, new):
    import threading

    before = state(mr, api.folder)
    process = run_until(relay, api, new, OLD_AWAY + 2, reaches=True)
    process.kill()
    process.communicate()
    relay.heal()
    barrier = threading.Barrier(4)
    found, failed = [], []

    def look():
        barrier.wait()
        try:
            found.append(homer.ModelRegistry(mr._session).get_model("m", 1).metrics)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found == [{"accuracy": 0.7}] * 4
    assert {**state(mr, api.folder), "names": ["1"]} == before


@pytest.mark.parametrize("number", range(OLD_AWAY, REGISTRATION + 1))
@pytest.mark.parametrize("first", [OLD_AWAY, REGISTRATION + 1])
def test_exchanges_that_were_broken_off_one_after_the_other(mr, relay, api, new, first, number):
    # The first has left a record of what was there before it, with or without the old version.
    before = state(mr, api.folder)
    for step in (first, number):
        process = run_until(relay, api, new, step, reaches=False)
        process.kill()
        process.communicate()
        relay.heal()
    after = state(mr, api.folder)
    if first == OLD_AWAY:
        assert {**after, "names": ["1"]} == before
    else:
        assert is_new(after, new)
    replace(mr, new)
    assert is_new(state(mr, api.folder), new)


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_second_ctrl_c(mr, relay, api, new, monkeypatch, overwrite):
    before = snapshot(api.folder), state(mr, api.folder)

    def interrupt(_):
        monkeypatch.undo()
        raise KeyboardInterrupt

    # The answer to the registration is lost, and the question for it interrupted.
    relay.fail("PUT", "/modelregistries/", Fault(None, reaches=True, times=4))
    monkeypatch.setattr(replacement, "wait_for", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mr.create_model("m", 1 if overwrite else 2, new, overwrite, metrics={"accuracy": 0.9})
    relay.heal()
    assert (snapshot(api.folder), state(mr, api.folder)) == before
    assert [model.version for model in mr.get_models("m")] == [1]


def test_the_record_holds_what_is_needed_to_put_the_version_back(mr, relay, api, new):
    process = run_until(relay, api, new, OLD_AWAY + 1, reaches=True)
    process.kill()
    process.communicate()
    relay.heal()
    [record] = (api.folder / "Models" / "m").glob("1.*.old.json")
    registration = json.loads(record.read_text())
    assert registration["metrics"] == {"accuracy": 0.7}
    assert registration["framework"] == "SKLEARN"
    assert registration["tags"]["items"] == [{"name": "owner", "value": '{"team": "risk"}'}]


def test_a_project_that_may_only_read_is_told(mr, relay, api, new):
    process = run_until(relay, api, new, OLD_AWAY + 1, reaches=True)
    process.kill()
    process.communicate()
    relay.heal()
    relay.fail("POST", "action=move", Fault(403, 110050, times=99))
    with pytest.raises(
        homer.ModelNotFoundError, match=r"no model 'm' version 1: its replacement was broken off"
    ):
        mr.get_model("m", 1)
    relay.heal()
    assert mr.get_model("m", 1).metrics == {"accuracy": 0.7}


def test_what_was_abandoned_a_day_ago_is_cleared_away(mr, relay, api, new):
    import os
    import time

    place = api.folder / "Models" / "m"
    for name in ("1.0123abcd.part", "1.89abcdef.part", "2.0123abcd.part"):
        (place / name).mkdir()
    yesterday = time.time() - 25 * 3600
    for name in ("1.0123abcd.part", "2.0123abcd.part"):
        os.utime(place / name, (yesterday, yesterday))
    replace(mr, new)
    assert sorted(p.name for p in place.iterdir()) == ["1", "1.89abcdef.part", "2.0123abcd.part"]
