"""Every route of the server, asked by those who have no right to it: strangers, low roles, keys without the scope,
and projects with which something is shared to be read only."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from people import API, People

from hopsworks.local import datasets, sharing
from hopsworks.local.access import Rule, check, rule_for
from hopsworks.local.accounts import RANKS, SCOPES
from hopsworks.local.app import ROUTE_MODULES, Server
from hopsworks.local.auth import authenticate
from hopsworks.local.http import Request

OWNER, SCIENTIST = "Data owner", "Data scientist"
OBSERVER, RESTRICTED = "Observer", "Feature store restricted"
NOT_MEMBER, ROLE, SCOPE = 160000, 150068, 320004


def _routes() -> list[tuple[str, str]]:
    found = []
    for name in ROUTE_MODULES:
        for verbs, path, _ in importlib.import_module(f"hopsworks.local.{name}").ROUTES:
            found += [(verb, path) for verb in (verbs.split() if isinstance(verbs, str) else verbs)]
    return found


ROUTES = _routes()
RULES = {route: rule_for(*route) for route in ROUTES}
OF_A_PROJECT = [route for route in ROUTES if "{project_id}" in route[1]]
BY_TOKEN = ("GET", "project/{project_id}/dataset/download/with_token/{path*}")
LEAVE = ("DELETE", "project/{project_id}/projectMembers/{email}")

# The routes of no project: who may use them. A new one has to be written down here.
OWN, ADMIN, SOCKET, ANYBODY, CHECKED = "own", "admin", "socket", "anybody", "checked"
OTHERS = {
    # What stands there is nobody's.
    ("GET", "variables/versions"): ANYBODY,
    ("GET", "variables/{name}"): ANYBODY,
    ("GET", "tags"): ANYBODY,
    ("GET", "tags/{name}"): ANYBODY,
    ("GET", "/0.1.0/ping"): ANYBODY,
    # The user's own things, or something new.
    ("GET", "project"): OWN,
    ("POST", "project"): OWN,
    ("GET", "users/profile"): OWN,
    ("GET", "users/secrets"): OWN,
    ("POST", "users/secrets"): OWN,
    ("GET", "users/secrets/{name}"): OWN,
    ("DELETE", "users/secrets/{name}"): OWN,
    ("GET", "users/envvars"): OWN,
    ("POST", "users/envvars"): OWN,
    ("DELETE", "users/envvars"): OWN,
    ("GET", "users/envvars/{name}"): OWN,
    ("PUT", "users/envvars/{name}"): OWN,
    ("DELETE", "users/envvars/{name}"): OWN,
    ("GET", "users/git/{rest*}"): OWN,
    ("POST", "users/git/{rest*}"): OWN,
    ("PUT", "users/git/{rest*}"): OWN,
    ("DELETE", "users/git/{rest*}"): OWN,
    # For administrators.
    ("GET", "admin/users"): ADMIN,
    ("POST", "admin/users"): ADMIN,
    ("GET", "admin/users/{user_id}"): ADMIN,
    ("PUT", "admin/users/{user_id}"): ADMIN,
    ("DELETE", "admin/users/{user_id}"): ADMIN,
    ("PUT", "admin/users/{user_id}/role"): ADMIN,
    ("PUT", "admin/users/{user_id}/{decision}"): ADMIN,
    ("POST", "tags"): ADMIN,
    ("DELETE", "tags/{name}"): ADMIN,
    # For the owner of the server on this machine.
    ("GET", "/hopsworks-local/keys"): SOCKET,
    ("POST", "/hopsworks-local/keys"): SOCKET,
    ("DELETE", "/hopsworks-local/keys/{prefix}"): SOCKET,
    ("GET", "/hopsworks-local/version"): SOCKET,
    ("GET", "/hopsworks-local/status"): SOCKET,
    ("GET", "/hopsworks-local/lease"): SOCKET,
    ("POST", "/hopsworks-local/stop"): SOCKET,
    # The handler looks at whose it is.
    ("GET", "project/getProjectInfo/{name}"): CHECKED,
    ("GET", "users/secrets/shared"): CHECKED,
    ("GET", "elastic/featurestore"): CHECKED,
    ("GET", "elastic/featurestore/{term}"): CHECKED,
    ("POST", "/0.1.0/feature_store"): CHECKED,
    ("POST", "/0.1.0/batch_feature_store"): CHECKED,
}


class World:
    """A project with one of everything, and those who must not touch it."""

    def __init__(self, people: People, folder: Path) -> None:
        self.people = people
        self.name, self.taker = people.project("home"), people.project("taker")
        self.ann = people.member(self.name, OWNER, "ann")
        self.bob = people.member(self.taker, OWNER, "bob")
        self.members = {role: people.member(self.name, role) for role in (OBSERVER, RESTRICTED)}
        self.stranger = people.key(people.user("stranger")["email"])
        project = self.ann.get_project()
        self.id, self.taker_id = project.id, self.bob.get_project().id
        (folder / "job.py").write_text("print('ran')\n")
        (folder / "model.bin").write_bytes(b"weights")
        files = project.get_dataset_api()
        files.upload(str(folder / "job.py"), "Resources")
        store = project.get_feature_store()
        self.store = store.id
        group = store.create_feature_group("rows", 1, primary_key=["id"], online_enabled=True)
        group.insert(pd.DataFrame({"id": [1, 2], "x": [0.5, 1.5]}))
        self.group = group.id
        view = store.create_feature_view("seen", group.select_all(), version=1)
        view.create_training_data(data_format="parquet")
        registry = project.get_model_registry()
        registry.python.create_model("m", version=1).save(str(folder / "model.bin"))
        jobs = project.get_job_api()
        settings = jobs.get_configuration("PYTHON") | {"appPath": "Resources/job.py"}
        jobs.create_job("j", settings | {"appName": "j"}).run(await_termination=True)
        self.execution = jobs.get_job("j").get_executions()[0].id
        for dataset in ("Featurestore.db", "Models", "Resources"):
            files.share(dataset, self.taker, "READ_ONLY")
            self.bob.get_project().get_dataset_api().accept(f"{self.name}::{dataset}")

    def path(self, route: str, project: int, file: str = "Resources/job.py") -> str:
        """The address of a route, for what there is."""
        values = {
            "project_id": project,
            "feature_store_id": self.store,
            "feature_group_id": self.group,
            "version": 1,
            "td_version": 1,
            "registry": self.id,
            "model": "m_1",
            "job": "j",
            "execution": self.execution,
            "email": "local@localhost",
            "user_id": 1,
            "path*": file.replace("/", "%2F"),
            "name": "seen",
        }
        parts = []
        for part in route.split("/"):
            name = part.strip("{}")
            parts.append(str(values.get(name, "x")) if part.startswith("{") else part)
        return "/".join(parts)

    def ask(
        self, route: tuple[str, str], key: str, project: int | None = None, **kwargs: Any
    ) -> tuple[int, Any]:
        """Status and error code of a plain request; the address is that of the home unless told."""
        verb, path = route
        target = self.path(path, self.id if project is None else project)
        target = target if target.startswith("/") else API + target
        headers = {"authorization": f"ApiKey {key}"}
        if verb in ("POST", "PUT", "PATCH"):
            kwargs.setdefault("json", {})
        answer = self.people.http.request(verb, target, headers=headers, **kwargs)
        found = answer.json() if answer.content else {}
        code = found.get("errorCode", found.get("code")) if isinstance(found, dict) else None
        return answer.status_code, code


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    people = People(tmp_path_factory.mktemp("routes") / "data")
    yield World(people, tmp_path_factory.mktemp("files"))
    people.close()


def _but(expected: dict[tuple[str, str], Any], found: dict[tuple[str, str], Any]) -> dict:
    """What is not as expected."""
    return {route: answer for route, answer in found.items() if answer != expected[route]}


def _needs(rule: Rule, role: str) -> bool:
    assert rule.role is not None
    return RANKS[rule.role] > RANKS[role]


def test_no_route_of_a_project_is_without_a_role() -> None:
    assert [route for route in OF_A_PROJECT if RULES[route].role not in RANKS] == []
    # Who may only look changes nothing, but may leave.
    for route in OF_A_PROJECT:
        if RULES[route].writes and route[1] != LEAVE[1]:
            assert _needs(RULES[route], OBSERVER), route


def test_each_route_of_no_project_is_written_down() -> None:
    assert set(OTHERS) == {route for route in ROUTES if "{project_id}" not in route[1]}
    assert [r for r in ROUTES if not RULES[r].scopes and OTHERS.get(r) != SOCKET] == [
        ("GET", "variables/versions")
    ]


def test_a_stranger_gets_nothing_of_a_project(world: World) -> None:
    expected = dict.fromkeys(OF_A_PROJECT, (403, NOT_MEMBER)) | {BY_TOKEN: (401, 200003)}
    assert _but(expected, {r: world.ask(r, world.stranger) for r in OF_A_PROJECT}) == {}


@pytest.mark.parametrize("role", [OBSERVER, RESTRICTED])
def test_a_low_role_gets_no_more_than_it_may(world: World, role: str) -> None:
    refused = [r for r in OF_A_PROJECT if _needs(RULES[r], role) and r != BY_TOKEN]
    assert len(refused) > 100
    # Anyone may leave, but take nobody along, nor change anybody's role.
    refused += [LEAVE, ("POST", LEAVE[1])]
    key = world.members[role].api_key_value
    expected = dict.fromkeys(refused, (403, ROLE))
    assert _but(expected, {r: world.ask(r, key) for r in refused}) == {}


def test_a_key_without_the_scope_opens_nothing(world: World) -> None:
    keys: dict[tuple[str, ...], str] = {}
    answers = {}
    for route in ROUTES:
        scopes = RULES[route].scopes
        if not scopes or route == BY_TOKEN:
            continue
        if scopes not in keys:
            others = [scope for scope in SCOPES if scope not in scopes]
            keys[scopes] = world.people.key("local@localhost", *others)
        answers[route] = world.ask(route, keys[scopes])
    assert len(keys) > 10
    assert _but(dict.fromkeys(answers, (403, SCOPE)), answers) == {}


def test_without_a_key_nothing_is_told(world: World) -> None:
    answers = {}
    for verb, path in ROUTES:
        target = world.path(path, world.id)
        target = target if target.startswith("/") else API + target
        answers[verb, path] = world.people.http.request(verb, target).status_code
    assert _but(dict.fromkeys(ROUTES, 401), answers) == {}


def test_what_is_for_administrators_and_for_this_machine(world: World) -> None:
    plain = world.ann.api_key_value
    for_admins = [route for route, whose in OTHERS.items() if whose == ADMIN]
    answers = {route: world.ask(route, plain) for route in for_admins}
    assert _but(dict.fromkeys(answers, (403, 320003)), answers) == {}
    here = [route for route, whose in OTHERS.items() if whose == SOCKET]
    for key in (plain, world.people.served.key):
        answers = {route: world.ask(route, key) for route in here}
        assert _but(dict.fromkeys(answers, (403, 320003)), answers) == {}


def test_what_is_checked_by_its_handler(world: World) -> None:
    people, key = world.people, world.stranger
    assert people.refused("GET", f"project/getProjectInfo/{world.name}", key) == (403, NOT_MEMBER)
    made = {"name": "team", "secret": "s", "visibility": "PROJECT", "scope": world.id}
    people.call("POST", "users/secrets", 200, world.ann.api_key_value, json=made)
    owner = people.call("GET", "users/profile", 200, world.ann.api_key_value)["username"]
    shared = f"users/secrets/shared?name=team&owner={owner}"
    assert people.refused("GET", shared, key) == (403, NOT_MEMBER)
    member = world.members[RESTRICTED].api_key_value
    assert people.call("GET", shared, 200, member)["items"][0]["secret"] == "s"
    for path in ("elastic/featurestore?searchTerm=rows", "elastic/featurestore/rows"):
        found = people.call("GET", path, 200, key)
        assert not any(found[name] for name in found if not name.endswith("From"))
    body = {
        "featureStoreName": f"{world.name}_featurestore",
        "featureViewName": "seen",
        "featureViewVersion": 1,
    }
    for route, entries in (
        (("POST", "/0.1.0/feature_store"), {"id": 1}),
        (("POST", "/0.1.0/batch_feature_store"), [{"id": 1}]),
    ):
        assert world.ask(route, key, json=body | {"entries": entries}) == (403, 4)
        assert world.ask(route, member, json=body | {"entries": entries})[0] == 200


def test_what_may_only_be_read_is_not_changed_over_its_share(world: World) -> None:
    """By nobody in the other project, not even its owner."""
    key = world.bob.api_key_value
    routes = [
        route
        for route in OF_A_PROJECT
        if RULES[route].writes and ("{feature_store_id}" in route[1] or "{registry}" in route[1])
    ]
    assert len(routes) > 40
    answers = {route: world.ask(route, key, world.taker_id)[0] for route in routes}
    assert _but(dict.fromkeys(routes, 403), answers) == {}
    # What it may do: read.
    reads = ("featuregroups/{feature_group_id}", "featureview/{name}/version/{version}")
    for path in reads:
        route = ("GET", "project/{project_id}/featurestores/{feature_store_id}/" + path)
        assert world.ask(route, key, world.taker_id)[0] == 200


def test_rights_are_known_without_asking_the_store(tmp_path: Path) -> None:
    """Neither for the owner nor for a member is anything read from the disk."""
    server = Server(tmp_path, tmp_path / "rest", tmp_path / "flight")
    project = server.project_by_name("local")
    assert project is not None
    with server.accounts.change() as db:
        db.execute(
            "INSERT INTO users VALUES (2, 'ann00002', 'ann@x', 'Ann', '', 'HOPS_USER', '', 2, 1, 0)"
        )
        db.execute("INSERT INTO project_members VALUES (?, 2, ?, 0)", (project.id, OWNER))
    key = server.accounts.new_key(server.accounts.users[2], "k", list(SCOPES))
    server.project_by_id(project.id)  # from then on it is remembered
    sharing.sharing(server)
    server.metadata.close()
    headers = [(b"authorization", b"ApiKey " + key.encode())]
    for peer in (0, None):
        state = {"connection": SimpleNamespace(peer_uid=peer)}
        for verb, path in OF_A_PROJECT:
            scope = {"method": verb, "raw_path": b"", "headers": headers, "state": state}
            request = Request(scope, None, {"project_id": str(project.id)})
            request.rule = RULES[verb, path]
            authenticate(request, server)
            check(request, server)
            assert request.user.id == (1 if peer == 0 else 2)
        for name in ("Resources", sharing.FEATURE_STORE, sharing.MODELS):
            sharing.check(server, request.user, project, project, name, write=True)
    with pytest.raises(sqlite3.ProgrammingError):
        server.metadata.all("SELECT * FROM users")


# An action on a shared dataset: the status of its refusal. Whole datasets are for their own project, whatever is shared.
ACTIONS = {
    "CREATE": 403,
    "COPY": 403,
    "MOVE": 403,
    "ZIP": 403,
    "UNZIP": 403,
    "SHARE": 400,
    "UNSHARE_ALL": 400,
    "PERMISSION": 400,
    "SHARE_PERMISSION": 400,
    "DESCRIPTION": 400,
}


def test_files_that_may_only_be_read_are_not_changed_over_their_share(world: World) -> None:
    key, home = world.bob.api_key_value, f"{world.name}::Resources"
    whose = set(datasets._POST) | set(datasets._PUT)
    assert whose == {*ACTIONS, "ACCEPT", "REJECT"}  # these two are about the taker's own side
    folder = world.people.data / "projects" / world.name / "Resources"
    (folder / "a.zip").write_bytes(b"PK")
    before = sorted(folder.iterdir())

    def ask(verb: str, path: str, **query: Any) -> int:
        path = path.replace("/", "%2F")
        params = {"target_project": world.taker, "permission": "EDITABLE", **query}
        address = f"project/{world.taker_id}/dataset/{path}"
        return world.people.send(verb, address, key, params=params).status_code

    for action, status in ACTIONS.items():
        verb = "POST" if action in datasets._POST else "PUT"
        path = {"CREATE": f"{home}/new", "UNZIP": f"{home}/a.zip"}.get(action, f"{home}/job.py")
        path = home if status == 400 else path
        to = {"COPY": f"{home}/copy", "MOVE": f"{home}/copy", "ZIP": home}.get(action)
        query = {} if to is None else {"destination_path": to}
        assert (action, ask(verb, path, action=action, **query)) == (action, status)
    # Away from there nothing can be taken either, only copied.
    assert ask("POST", f"{home}/job.py", action="MOVE", destination_path="Resources/x.py") == 403
    assert ask("POST", f"{home}/job.py", action="COPY", destination_path="Resources/x.py") == 204
    assert ask("DELETE", f"{home}/job.py") == 403
    for path in ("tags/all", "tags/schema/t"):
        for verb in ("PUT", "DELETE"):
            address = f"project/{world.taker_id}/dataset/{path}/{home}%2Fjob.py"
            assert world.people.send(verb, address, key, json={"t": 1}).status_code == 403
    form = {
        "flowChunkNumber": "1",
        "flowTotalChunks": "1",
        "flowChunkSize": "1",
        "flowCurrentChunkSize": "1",
        "flowTotalSize": "1",
        "flowIdentifier": "x",
        "flowFilename": "x",
    }
    sent = world.people.send(
        "POST",
        f"project/{world.taker_id}/dataset/upload/{home}",
        key,
        data=form,
        files={"file": ("x", b"x")},
    )
    assert sent.status_code == 403
    assert sorted(folder.iterdir()) == before
