"""Python environments: waits, failures and bad input, against scripted answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from scripted_cluster import Clock, Cluster, answer, cluster, interrupted_after

from hopsworks.client.exceptions import EnvironmentException, RestAPIError
from hopsworks.command import Command
from hopsworks.core import environment_command
from hopsworks.core.npm_packages import packages_of, resolved_packages
from hopsworks.environment import Environment
from hopsworks.library import Library

TRAIN = "/python/environments/train"
POLL = f"GET {TRAIN}?expand=commands"
WHEEL = f"POST {TRAIN}/libraries/a.whl"
POLL_WHEEL = f"GET {TRAIN}/libraries/a.whl?expand=commands"
READY = answer(POLL, {"name": "train", "commands": {"count": 0}})
LIBRARY = {"channel": "wheel", "packageSource": "WHEEL", "library": "a.whl", "version": "1"}


def environment(status: str | None = None, **more: Any) -> dict[str, Any]:
    items = [] if status is None else [{"id": 1, "op": "CREATE", "status": status, **more}]
    found = {"name": "train", "pythonVersion": "3.11", "description": "d"}
    return {**found, "commands": {"count": len(items), "items": items}}


def library(status: str, **more: Any) -> dict[str, Any]:
    items = [{"id": 1, "op": "INSTALL", "status": status, **more}]
    return {**LIBRARY, "commands": {"count": 1, "items": items}}


def train(found: Cluster) -> Environment:
    return Environment.from_response_json({"name": "train"}, found.project._scope)


def test_a_new_environment_is_awaited_and_brought_up_to_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    with cluster(
        answer(f"POST {TRAIN}", environment("NEW"), 201),
        answer(POLL, environment("ONGOING"), times=14),
        answer(POLL, environment("SUCCESS")),
    ) as found:
        made = found.project.get_environment_api().create_environment("train", "For training")
        body = json.loads(found.server.requests[0].body)
    assert made.commands[0].status == "SUCCESS"
    assert body == {
        "name": "train",
        "baseImage": {"name": "python-feature-pipeline", "description": "For training"},
    }
    assert clock.pauses[0] == pytest.approx(0.05)
    assert sorted(clock.pauses) == clock.pauses
    assert clock.pauses[-1] == 5.0


def test_an_older_server_that_does_not_name_environments() -> None:
    with cluster(
        answer(f"POST {TRAIN}", {"pythonVersion": "3.11"}, 201),
        answer(POLL, {"pythonVersion": "3"}),
    ) as found:
        made = found.project.get_environment_api().create_environment("train")
        assert (made.name, made.python_version) == ("train", "3")


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 1800), (7, 7), (0, 0)])
def test_a_wait_ends_at_its_deadline(
    monkeypatch: pytest.MonkeyPatch, timeout: float | None, seconds: int
) -> None:
    clock = Clock(monkeypatch)
    steps = [
        answer(f"POST {TRAIN}", environment("NEW")),
        answer(POLL, environment("ONGOING"), times=1000),
    ]
    with cluster(*steps, complete=False) as found:
        with pytest.raises(EnvironmentException, match=rf"'train' .* {seconds} s; .* ONGOING"):
            found.project.get_environment_api().create_environment("train", timeout=timeout)
    assert clock.now == pytest.approx(1000 + seconds)


def test_a_question_that_is_not_answered_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment_command, "QUESTION_SECONDS", 0.2)
    with cluster(
        answer(f"POST {TRAIN}", environment("NEW")),
        answer(POLL, silent=20.0),
        answer(POLL, environment("SUCCESS")),
    ) as found:
        made = found.project.get_environment_api().create_environment("train")
        assert made.commands[0].status == "SUCCESS"


def test_failures_carry_the_words_of_the_server() -> None:
    no_disk = environment("FAILED", errorMessage="no space left")
    with cluster(answer(f"POST {TRAIN}", environment("NEW")), answer(POLL, no_disk)) as found:
        with pytest.raises(EnvironmentException, match=r"creation .*'train' failed: no space left"):
            found.project.get_environment_api().create_environment("train")
    no_match = library("FAILED", errorMessage="no matching distribution")
    with cluster(READY, answer(WHEEL, library("NEW")), answer(POLL_WHEEL, no_match)) as found:
        with pytest.raises(EnvironmentException, match=r"'a.whl' .*'train' failed: no matching"):
            train(found).install_wheel("Resources/a.whl")
    with cluster(answer(POLL, environment("FAILED"))) as found:
        with pytest.raises(EnvironmentException, match="gives no reason"):
            train(found).install_wheel("Resources/a.whl")


def test_nothing_is_installed_while_something_else_is_done() -> None:
    with cluster(
        answer(POLL, environment("ONGOING"), times=2),
        answer(POLL, environment("SUCCESS")),
        answer(WHEEL, library("NEW")),
    ) as found:
        train(found).install_wheel("Resources/a.whl", await_installation=False)
        assert found.asked() == [POLL, POLL, POLL, WHEEL]


def test_a_refused_installation_is_not_awaited() -> None:
    refusal = {"errorCode": 110008, "errorMsg": "File not found."}
    with cluster(READY, answer(WHEEL, refusal, 404)) as found:
        with pytest.raises(RestAPIError, match="File not found"):
            train(found).install_wheel("Resources/a.whl")


def test_an_interrupt_ends_the_wait_and_sends_nothing() -> None:
    steps = [READY, answer(WHEEL, library("NEW")), answer(POLL_WHEEL, library("NEW"), times=100)]
    with cluster(*steps, complete=False) as found:
        with interrupted_after(found, 4):
            train(found).install_wheel("Resources/a.whl")
        assert set(found.asked()) == {POLL, WHEEL, POLL_WHEEL}


def test_the_installed_packages_are_what_the_last_answer_says() -> None:
    wire = {"channel": "npm", "packageSource": "NPM", "library": "@types/node", "version": "1"}
    now = {**wire, "version": "22.1.0", "commands": {"count": 0}}
    poll = f"GET {TRAIN}/libraries/@types/node?expand=commands&packageSource=NPM"
    with cluster(
        READY, answer(f"POST {TRAIN}/libraries/npm/install", wire), answer(poll, now)
    ) as f:
        assert train(f).install_npm("@types/node").version == "22.1.0"


def test_environments_of_a_project_without_any() -> None:
    path = "GET /python/environments?expand=libraries&expand=commands"
    with cluster(answer(path, {"href": "x", "count": 0})) as found:
        assert found.project.get_environment_api().get_environments() == []


BAD_INPUT: list[tuple[Callable[[Any, Environment], Any], type[Exception], str]] = [
    (lambda api, env: api.create_environment(""), ValueError, "name is empty"),
    (
        lambda api, env: api.create_environment("a", base_environment_name=""),
        ValueError,
        "base_env",
    ),
    (lambda api, env: api.get_environment(""), ValueError, "name is empty"),
    (lambda api, env: env.install_wheel("Resources/a.tar.gz"), ValueError, r"ends in '\.whl'"),
    (lambda api, env: env.install_wheel(None), TypeError, "path is of type NoneType"),
    (lambda api, env: env.install_requirements("a/dev.txt"), ValueError, r"'requirements\.txt'"),
    (lambda api, env: env.uninstall(""), ValueError, "library_name is empty"),
    (lambda api, env: env.install_npm([]), ValueError, "packages is empty"),
    (lambda api, env: env.install_npm([3]), ValueError, "3 is no npm package"),
    (lambda api, env: env.install_npm(["  "]), ValueError, "is no npm package"),
    (lambda api, env: env.install_npm([{"version": "1"}]), ValueError, "has no name"),
    (lambda api, env: env.install_npm([{"name": "a", "git_ref": "r"}]), ValueError, "needs both"),
    (lambda api, env: env.install_npm(["a"], flags="--x"), ValueError, "flags is a text"),
    (lambda api, env: env.resolve_npm_package_json(), ValueError, r"no package\.json"),
    (
        lambda api, env: env.resolve_npm_package_json(content="{}", lockfile_content="{}"),
        ValueError,
        "needs lockfile_name",
    ),
    (lambda api, env: env.inspect_npm_git(""), ValueError, "url is empty"),
]


@pytest.mark.parametrize(("call", "kind", "words"), BAD_INPUT)
def test_bad_input_is_named_before_anything_is_sent(
    call: Callable[[Any, Environment], Any], kind: type[Exception], words: str
) -> None:
    with cluster() as found:
        with pytest.raises(kind, match=words):
            call(found.project.get_environment_api(), train(found))
        assert found.asked() == []


@pytest.mark.parametrize(
    ("answered", "options", "words"),
    [
        ({"manifests": [{"path": "package.json"}]}, {}, "nothing to install"),
        (
            {"manifests": [{"path": "package.json"}]},
            {"manifests": ["x"]},
            r"has no x\. It has: pac",
        ),
        ({"manifests": []}, {"manifests": ["x"]}, r"has no x\. It has: none"),
        ({"commit": "a"}, {"install_repository": True}, r"its package\.json has no name"),
    ],
)
def test_a_repository_without_what_is_wanted(
    answered: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    with cluster(answer(f"POST {TRAIN}/libraries/npm/git/inspect", answered)) as found:
        with pytest.raises(ValueError, match=words):
            train(found).install_npm_from_git("https://a.org/x.git", **options)


def test_a_package_json_without_dependencies() -> None:
    with cluster(answer(f"POST {TRAIN}/libraries/npm/resolve", {"packages": []})) as found:
        with pytest.raises(ValueError, match="nothing to install"):
            train(found).install_npm_from_package_json(content="{}")


def test_packages_are_read_as_npm_writes_them() -> None:
    given = ["a", "b@2", "@s/c", "@s/d@^4", " e@git+https://a.org/e ", {"name": "f"}]
    assert [(one["name"], one["version"]) for one in packages_of(given)] == [
        ("a", "latest"),
        ("b", "2"),
        ("@s/c", "latest"),
        ("@s/d", "^4"),
        ("e", "git+https://a.org/e"),
        ("f", "latest"),
    ]
    of_git = {"name": "g", "gitUrl": "https://a.org/g", "gitRef": "main"}
    assert packages_of(of_git) == [of_git]


def test_a_package_that_two_files_want_is_taken_once() -> None:
    def wanted(version: str, **more: str) -> dict[str, Any]:
        return {"packages": [{"name": "a", "version": version, "status": "RESOLVED", **more}]}

    assert resolved_packages([wanted("1"), wanted("1")], False, False) == [
        {"name": "a", "version": "1"}
    ]
    assert resolved_packages([wanted("1"), wanted("2")], False, False) == [
        {"name": "a", "version": "1"}
    ]
    optional = wanted("1", dependencyType="OPTIONAL_DEPENDENCY")
    assert resolved_packages([optional], False, False) == []
    assert resolved_packages([optional], False, True) == [{"name": "a", "version": "1"}]
    lost = {"packages": [{"name": "b", "requested": "^1", "reason": "gone"}]}
    with pytest.raises(ValueError, match=r"b@\^1 \(gone\)"):
        resolved_packages([lost], False, False)
    assert resolved_packages([lost], True, False) == []


def test_the_classes_read_what_a_server_sends() -> None:
    wire = {
        "name": "train",
        "libraries": {"count": 1, "items": [LIBRARY]},
        "commands": {"href": "x"},
    }
    found = Environment.from_response_json(wire)
    assert [(one.library, one.package_source) for one in found.libraries] == [("a.whl", "WHEEL")]
    assert (found.name, found.commands) == ("train", [])
    assert repr(found) == "Environment(name='train')"
    assert Environment.NOT_FOUND_ERROR_CODE == 300000
    assert Library("wheel", "WHEEL", "a.whl", "1", environment=found).version == "1"
    assert Command(id=1, status="FAILED", error_message="x").error_message == "x"
