"""Users, their API keys and the scopes of these, over TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd
import pytest
from people import People

from hopsworks.cli.main import main
from hopsworks.client.exceptions import (
    ForbiddenError,
    NotFoundError,
    ProjectException,
    UnauthorizedError,
)
from hopsworks.core.secret_api import SecretsApi
from hopsworks.core.users_api import UsersApi
from hopsworks.local.access import AREAS
from hopsworks.local.accounts import SCOPES


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    found = People(tmp_path_factory.mktemp("people") / "data")
    yield found
    found.close()


# -- accounts --------------------------------------------------------------------------------------


def test_an_account_is_made_changed_and_deleted(people: People) -> None:
    made = people.user("ann", role="hops_user", maxNumProjects="2")
    assert (made["firstname"], made["lastname"], made["status"]) == ("Ann", "Test", 2)
    assert (made["maxNumProjects"], made["numActiveProjects"]) == (2, 0)
    assert [group["groupName"] for group in made["role"]] == ["HOPS_USER"]
    assert len(made["username"]) == 8
    assert made["username"].startswith("ann")
    one = f"admin/users/{made['id']}"
    assert people.call("GET", one, 200)["email"] == made["email"]
    assert people.call("PUT", one, 200, json={"maxNumProjects": 0})["maxNumProjects"] == 0
    promoted = people.call("PUT", f"{one}/role", 200, content="HOPS_ADMIN")
    assert "HOPS_ADMIN" in [group["groupName"] for group in promoted["role"]]
    listed = people.call("GET", "admin/users", 200)
    assert listed["count"] == len(listed["items"])
    assert listed["items"][0]["id"] == 1
    assert made["id"] in [u["id"] for u in listed["items"]]
    people.call("DELETE", one, 204)
    assert people.refused("GET", one, people.served.key) == (404, 160002)
    assert people.refused("DELETE", one, people.served.key) == (404, 160002)


def test_the_users_api_of_the_public_client(people: People) -> None:
    people.owner.get_project(people.project())
    api = UsersApi(people.owner._project_session())
    made = api.register_user(
        "eve@example.com", "Eve", "Jones", role="hops_user", max_num_projects=3
    )
    assert (made.email, made.first_name, made.last_name) == ("eve@example.com", "Eve", "Jones")
    assert (made.status, made.max_num_projects, made.password) == (2, 3, None)
    assert api.get_user(made.id).username == made.username
    assert api.get_user_by_email("EVE@example.com").id == made.id
    assert made.id in [user.id for user in api.get_users()]
    assert api.set_role(made.id, "HOPS_ADMIN").roles == ["HOPS_ADMIN", "HOPS_USER"]
    assert api.update_user(made.id, 7).max_num_projects == 7
    for call in (api.reject_user, api.resend_confirmation_email, api.activate_user):
        assert call(made.id).email == "eve@example.com"
    api.delete_user(made.id)
    assert api.get_user(made.id) is None
    with pytest.raises(NotFoundError):
        api.delete_user(made.id)


def test_two_users_never_have_one_name(people: People) -> None:
    first = people.call("POST", "admin/users", 201, params={"email": "same@one.org"})
    second = people.call("POST", "admin/users", 201, params={"email": "same@two.org"})
    assert first["username"] != second["username"]
    again = {"params": {"email": "SAME@one.org"}}
    assert people.refused("POST", "admin/users", people.served.key, **again) == (409, 160003)


@pytest.mark.parametrize(
    "query",
    [
        {"email": "nobody"},
        {"email": "a b@example.com"},
        {"email": "x@example.com", "role": "KING"},
        {"email": "x@example.com", "status": "ASLEEP"},
        {"email": "x@example.com", "maxNumProjects": "-1"},
        {},
    ],
)
def test_what_cannot_be_an_account(people: People, query: dict) -> None:
    refused = people.refused("POST", "admin/users", people.served.key, params=query)
    assert refused == (422, 120001)


def test_the_owner_stays(people: People) -> None:
    key = people.served.key
    assert people.refused("DELETE", "admin/users/1", key) == (400, 120002)
    assert people.refused("PUT", "admin/users/1/rejected", key) == (400, 120002)
    assert people.refused("PUT", "admin/users/1/role", key, content="HOPS_USER") == (400, 120002)
    assert people.refused("PUT", "admin/users/1/praised", key) == (404, 120004)


def test_only_administrators_see_accounts(people: People) -> None:
    user = people.user()
    key = people.key(user["email"])
    for verb, path in (
        ("GET", "admin/users"),
        ("GET", "admin/users/1"),
        ("POST", "admin/users?email=z@example.com"),
        ("PUT", f"admin/users/{user['id']}/role"),
        ("DELETE", f"admin/users/{user['id']}"),
        ("POST", "tags?name=mine"),
    ):
        assert people.refused(verb, path, key) == (403, 320003)
    people.call("PUT", f"admin/users/{user['id']}/role", 200, content="HOPS_ADMIN")
    assert people.call("GET", "admin/users", 200, key)["count"] > 1
    assert people.call("GET", "users/profile", 200, key)["email"] == user["email"]


def test_only_an_active_account_may_enter(people: People) -> None:
    user = people.user("pat")
    key = people.key(user["email"])
    assert people.connect(key).get_projects() == []
    for decision, status in (("rejected", 6), ("pending", 0)):
        changed = people.call("PUT", f"admin/users/{user['id']}/{decision}", 200)
        assert changed["status"] == status
        with pytest.raises(UnauthorizedError, match="not active"):
            people.connect(key)
    people.call("PUT", f"admin/users/{user['id']}/accepted", 200, json={})
    assert people.connect(key).get_projects() == []


def test_a_user_owns_as_many_projects_as_allowed(people: People) -> None:
    user = people.user("max", maxNumProjects=1)
    connection = people.connect(people.key(user["email"]))
    name = people.project("of_max", connection)
    assert [p.name for p in connection.get_projects()] == [name]
    assert connection.get_project(name).owner == user["email"]
    refused = people.refused(
        "POST", "project", people.key(user["email"]), json={"projectName": "another"}
    )
    assert refused == (400, 150002)
    # Who owns a project is not deleted before it.
    assert people.refused("DELETE", f"admin/users/{user['id']}", people.served.key) == (400, 120002)


def test_a_deleted_user_leaves_nothing_but_their_work(people: People) -> None:
    project = people.project()
    user = people.user("gone")
    key = people.key(user["email"])
    people.owner.get_project(project).add_member(user["email"], "Data scientist")
    connection = people.connect(key, project)
    datasets = connection.get_project().get_dataset_api()
    home = f"Users/{user['username']}"
    assert datasets.get(home)["attributes"]["owner"] == f"{project}__{user['username']}"
    datasets.mkdir(f"{home}/work")
    SecretsApi(connection._project_session()).create_secret("mine", "very-secret-4711")
    people.call("DELETE", f"admin/users/{user['id']}", 204)
    assert people.refused("GET", "project", key) == (401, 320013)
    owner = people.owner.get_project(project)
    assert [m.email for m in owner.get_members()] == ["local@localhost"]
    left = owner.get_dataset_api().get(f"{home}/work")
    assert left["attributes"]["owner"] == f"{project}__local000"
    for file in people.data.glob("metadata.sqlite*"):
        assert b"very-secret-4711" not in file.read_bytes()


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_that_would_be_refused_is_made_with_a_warning(
    people: People, capsys: pytest.CaptureFixture
) -> None:
    user = people.user("idle")
    people.call("PUT", f"admin/users/{user['id']}/rejected", 200)
    asked = ["local", "key", "create", "--user", user["email"], "--data", str(people.data)]
    assert main(asked) == 0
    said = capsys.readouterr()
    assert f"The account of {user['email']} is not active" in said.err
    assert "activate_user(user_id)" in said.err
    key = said.out.strip()
    assert people.refused("GET", "project", key) == (401, 200003)
    people.call("PUT", f"admin/users/{user['id']}/accepted", 200, json={})
    assert people.call("GET", "project", 200, key) == []


def test_keys_on_the_command_line(people: People, capsys: pytest.CaptureFixture) -> None:
    user = people.user("key")
    data = ["--data", str(people.data)]
    asked = ["--user", user["username"], "--scope", "project", "--scope", "JOB", "--name", "ci"]
    assert main(["local", "key", "create", *asked, *data]) == 0
    said = capsys.readouterr()
    key = said.out.strip()
    assert "not shown again" in said.err
    assert "not active" not in said.err
    assert key not in said.err
    assert people.call("GET", "project", 200, key) == []
    assert main(["local", "key", "list", "--user", user["email"], "--json", *data]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["prefix"] == key.split(".")[0]
    assert (shown["user"], shown["name"], shown["scopes"]) == (
        user["email"],
        "ci",
        ["PROJECT", "JOB"],
    )
    assert main(["local", "key", "list", *data]) == 0
    assert shown["prefix"] in capsys.readouterr().out
    assert main(["local", "key", "create", *asked, *data]) == 1
    assert "named 'ci' already" in capsys.readouterr().err
    secret = key.split(".")[1]
    for file in people.data.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
    assert main(["local", "key", "delete", shown["prefix"], *data]) == 0
    capsys.readouterr()
    assert people.refused("GET", "project", key) == (401, 320013)
    assert main(["local", "key", "delete", shown["prefix"], *data]) == 1
    assert "no key that begins" in capsys.readouterr().err
    assert main(["local", "key", "create", "--user", "nobody@x.org", *data]) == 1
    said = capsys.readouterr().err
    assert "nobody@x.org" in said
    assert "get_users_api().register_user(" in said
    assert main(["local", "key", "create", "--user", user["email"], "--scope", "all", *data]) == 1
    assert "DATASET_VIEW" in capsys.readouterr().err


def test_wrong_keys(people: People) -> None:
    key = people.key(people.user()["email"])
    prefix, _, secret = key.partition(".")
    assert people.refused("GET", "project", f"{prefix}.{secret[::-1]}") == (401, 320012)
    assert people.refused("GET", "project", f"{secret}.{secret}") == (401, 320013)
    assert people.refused("GET", "project", prefix) == (401, 320012)
    # Keys are no business of those who come over TLS.
    answer = people.served.get("/hopsworks-local/keys", {"authorization": f"ApiKey {key}"})
    assert (answer.status_code, answer.json()["errorCode"]) == (403, 320003)


# One request for each scope: what is refused without it, and is not with it alone.
_OF_SCOPE = {
    "PROJECT": ("GET", "project"),
    "USER": ("GET", "users/profile"),
    "JOB": ("GET", "project/{id}/jobs"),
    "DATASET_VIEW": ("GET", "project/{id}/dataset/Resources"),
    "DATASET_CREATE": ("POST", "project/{id}/dataset/Resources%2Fmade?action=create"),
    "DATASET_DELETE": ("DELETE", "project/{id}/dataset/Resources%2Fmade"),
    "FEATURESTORE": ("GET", "project/{id}/featurestores"),
    "MODELREGISTRY": ("GET", "project/{id}/modelregistries"),
    "SERVING": ("GET", "project/{id}/serving"),
    "ADMIN": ("GET", "admin/users"),
    "ADMINISTER_USERS": ("GET", "admin/users/1"),
}


@pytest.mark.parametrize("scope", _OF_SCOPE)
def test_a_key_without_the_scope_is_refused(people: People, scope: str) -> None:
    user = people.user("scope", role="HOPS_ADMIN")
    project = people.owner.get_project(people.project())
    project.add_member(user["email"], "Data owner")
    verb, path = _OF_SCOPE[scope]
    path = path.format(id=project.id)
    if scope == "DATASET_DELETE":
        project.get_dataset_api().mkdir("Resources/made")
    either = {"ADMIN", "ADMINISTER_USERS"} if scope.startswith("ADMIN") else {scope}
    others = [s for s in SCOPES if s not in either]
    answer = people.send(verb, path, people.key(user["email"], *others))
    assert (answer.status_code, answer.json()["errorCode"]) == (403, 320004)
    assert scope in answer.json()["usrMsg"]
    answer = people.send(verb, path, people.key(user["email"], scope))
    assert answer.is_success, answer.text


def test_every_scope_of_the_contract_opens_some_area() -> None:
    used = {
        s
        for area in AREAS.values()
        for part in (area.scope, area.create, area.delete)
        for s in part or ()
    }
    assert used == set(SCOPES)


# -- what is whose ---------------------------------------------------------------------------------


def test_projects_are_for_their_members(people: People) -> None:
    project = people.project()
    number = people.owner.get_project(project).id
    stranger = people.connect(people.key(people.user()["email"]))
    with pytest.raises(ForbiddenError, match="no member") as raised:
        stranger.get_project(project)
    assert raised.value.error_code == 160000
    assert not stranger.project_exists(project)
    with pytest.raises(ProjectException):
        stranger.get_project("no_such_project")
    key = people.key(people.user()["email"])
    for path in ("", "/dataset/Resources", "/featurestores", "/jobs", "/credentials", "/serving"):
        assert people.refused("GET", f"project/{number}{path}", key) == (403, 160000)
    assert people.refused("GET", "project/99999/jobs", key) == (404, 150004)


def test_a_search_finds_only_what_its_user_may_see(people: People) -> None:
    word = people.new_name("needle")
    project = people.owner.get_project(people.project())
    project.get_feature_store().create_feature_group(word, 1, primary_key=["id"]).insert(
        pd.DataFrame({"id": [1]})
    )
    path = f"elastic/featurestore?docType=FEATUREGROUP&searchTerm={word}"

    def found(key: str) -> int:
        return people.call("GET", path, 200, key)["featuregroupsTotal"]

    observer = people.member(project.name, "Observer").api_key_value
    assert (found(people.served.key), found(observer)) == (1, 1)
    stranger = people.key(people.user()["email"])
    restricted = people.member(project.name, "Feature store restricted").api_key_value
    assert (found(stranger), found(restricted)) == (0, 0)
    assert people.refused("GET", f"project/{project.id}/{path}", stranger) == (403, 160000)
    assert people.refused("GET", f"project/{project.id}/{path}", restricted) == (403, 150068)


def test_secrets_and_variables_are_their_users(people: People) -> None:
    project = people.project()
    ann, bob = (people.member(project, "Data scientist", name) for name in ("ann", "bob"))
    cleo = people.connect(people.key(people.user("cleo")["email"]))
    of_ann, of_bob = (SecretsApi(c._project_session()) for c in (ann, bob))
    of_ann.create_secret("token", "of ann")
    of_bob.create_secret("token", "of bob")
    assert (of_ann.get("token"), of_bob.get("token")) == ("of ann", "of bob")
    of_ann.create_secret("team", "for all", project=project)
    assert [s.name for s in of_bob.get_secrets()] == ["token"]
    name = ann._fetch_username()
    assert of_bob.get_secret("team", owner=name).value == "for all"
    with pytest.raises(ForbiddenError) as raised:
        of_bob.get_secret("token", owner=name)
    assert raised.value.error_code == 160047
    other = people.project("of_cleo", cleo)
    of_cleo = SecretsApi(people.connect(cleo.api_key_value, other)._project_session())
    with pytest.raises(ForbiddenError) as raised:
        of_cleo.get_secret("team", owner=name)
    assert raised.value.error_code == 160000
    number = people.owner.get_project(project).id
    body = {"name": "x", "secret": "y", "visibility": "PROJECT", "scope": number}
    assert people.refused("POST", "users/secrets", cleo.api_key_value, json=body) == (403, 160000)
    variable = {"name": "COLOUR", "value": "red"}
    people.call("POST", "users/envvars", 201, ann.api_key_value, json=variable)
    assert people.call("GET", "users/envvars", 200, bob.api_key_value)["items"] == []
    people.call("POST", "users/envvars", 201, bob.api_key_value, json={**variable, "value": "blue"})
    people.call("DELETE", "users/envvars", 200, bob.api_key_value)
    (kept,) = people.call("GET", "users/envvars/COLOUR", 200, ann.api_key_value)["items"]
    assert kept["value"] == "red"
