"""Members of projects: against the local server, whose projects have one, and against a scripted cluster."""

import json
import logging
import pickle
import types

import pytest

import hopsworks
from hopsworks import _native
from hopsworks.client.exceptions import ForbiddenError, NotFoundError, RestAPIError
from hopsworks.core.project_members_api import ProjectMembersApi
from hopsworks.project_member import ProjectMember
from hopsworks.user import User
from tests.scripted_server import ScriptedServer, Step

MEMBERS = "/hopsworks-api/api/project/119/projectMembers"


@pytest.fixture
def project(local_project):
    with hopsworks.connection(host="local", project=local_project) as connection:
        yield connection.get_project()


@pytest.fixture
def sent(caplog):
    caplog.set_level(logging.DEBUG)

    def lines():
        return [r.getMessage() for r in caplog.records if r.name == "hopsworks.http"]

    return lines


def member(email, role, **user):
    return {
        "projectTeamPK": {"projectId": 119, "teamMember": email},
        "teamRole": role,
        "timestamp": "2025-02-10T07:53:39.000Z",
        "project": {"id": 119, "name": "demo"},
        "user": {"uid": 5, "email": email, "username": email[:3] + "10000", "status": 2, **user},
    }


def api_on(server):
    scope = _native.Client(server.url).scope(None, project_id=119)
    return ProjectMembersApi(types.SimpleNamespace(scope=scope, project_id=119))


def listing(*members):
    return Step(f"GET {MEMBERS}", body=json.dumps(members).encode())


ALICE = member("alice@example.com", "Data owner", firstname="Alice", lastname="Smith")
BOB = member("Bob@example.com", "Observer", fname="Bob", lname="Jones")


# --------------------------------------------------------------------------------------------------- local server


def test_the_owner_is_the_one_member(project):
    (found,) = project.get_members()
    assert isinstance(found, ProjectMember)
    assert (found.email, found.role) == ("local@localhost", "Data owner")
    assert (found.username, found.first_name, found.last_name) == ("local000", "Local", "User")
    assert found.project_id == project.id
    assert isinstance(found.user, User)
    assert found.user.status == 2
    assert [m.email for m in project.get_members_api().get_members()] == ["local@localhost"]


def test_what_a_server_of_one_user_refuses(project):
    with pytest.raises(RestAPIError, match=r"Nobody was added.*no user alice") as raised:
        project.add_member("alice@example.com", "observer")
    assert raised.value.error_code == 150081
    with pytest.raises(RestAPIError, match="member already") as raised:
        project.add_member("local@localhost", "Observer")
    assert raised.value.error_code == 150024
    (owner,) = project.get_members()
    with pytest.raises(ForbiddenError) as raised:
        owner.update_role("Observer")
    assert raised.value.error_code == 150014
    assert owner.role == "Data owner"
    with pytest.raises(ForbiddenError) as raised:
        owner.remove()
    assert raised.value.error_code == 150013
    for call in (
        lambda: project.get_members_api().update_role("nobody@example.com", "Observer"),
        lambda: project.remove_member("nobody@example.com"),
    ):
        with pytest.raises(NotFoundError, match=r"nobody@example\.com") as raised:
            call()
        assert raised.value.error_code == 150023
    assert len(project.get_members()) == 1


# ----------------------------------------------------------------------------------------------- scripted cluster


def test_listing():
    with ScriptedServer([listing(ALICE, BOB)]) as server:
        alice, bob = api_on(server).get_members()
    assert (alice.email, alice.first_name, alice.last_name) == (
        "alice@example.com",
        "Alice",
        "Smith",
    )
    # Only these two spellings of the names are read, as ever.
    assert (bob.first_name, bob.last_name, bob.role) == (None, None, "Observer")
    assert repr(bob) == "ProjectMember('Bob@example.com', 'Observer')"
    assert json.loads(str(alice))["teamRole"] == "Data owner"
    assert alice.to_dict()["user"]["username"] == "ali10000"


def test_adding():
    team = [
        {
            "projectTeamPK": {"projectId": "119", "teamMember": email},
            "teamRole": role,
        }
        for email, role in (("alice@example.com", "Data owner"), ("bob@EXAMPLE.com", "Observer"))
    ]
    carol = member("carol@example.com", "Observer")
    steps = [
        Step(f"POST {MEMBERS}", body=b'{"successMessage": "ok"}'),
        listing(carol, ALICE, BOB),
        Step(f"POST {MEMBERS}", body=b'{"successMessage": "ok"}'),
        listing(carol, ALICE),
    ]
    with ScriptedServer(steps) as server:
        members_api = api_on(server)
        added = members_api.add_members(
            {"alice@example.com": "DATA OWNER", "bob@EXAMPLE.com": "observer"}
        )
        with pytest.raises(RuntimeError, match=r"dave@example\.com.*get_members"):
            members_api.add_member("dave@example.com", "Observer")
        bodies = [json.loads(r.body) for r in server.requests if r.body]
    assert [m.email for m in added] == ["alice@example.com", "Bob@example.com"]
    assert bodies[0] == {"projectTeam": team}
    assert bodies[1]["projectTeam"][0]["projectTeamPK"]["teamMember"] == "dave@example.com"


def test_changing_a_role():
    steps = [
        Step(
            f"POST {MEMBERS}/bob@example.com",
            expect_body=b"role=Feature+store+restricted",
            expect_headers={"content-type": "application/x-www-form-urlencoded"},
        ),
        listing(ALICE, BOB),
        Step(f"POST {MEMBERS}/Bob@example.com", expect_body=b"role=Data+scientist"),
        Step(f"POST {MEMBERS}/bob@example.com", expect_body=b"role=Observer"),
        listing(ALICE),
    ]
    with ScriptedServer(steps) as server:
        members_api = api_on(server)
        bob = members_api.update_role("bob@example.com", "feature store restricted")
        assert bob.email == "Bob@example.com"
        bob._scope = types.SimpleNamespace(context=members_api._session)
        assert bob.update_role("data scientist") is bob
        assert bob.role == "Data scientist"
        assert members_api.update_role("bob@example.com", "Observer") is None


def test_removing():
    path = f"DELETE {MEMBERS}/bob@example.com?deleteHomeDir="
    steps = [
        Step(f"{path}false"),
        Step(f"{path}true"),
        Step(f"{path}false&newFileOwner=alice%40example.com"),
    ]
    with ScriptedServer(steps) as server:
        members_api = api_on(server)
        assert members_api.remove_member("bob@example.com") is None
        members_api.remove_member("bob@example.com", delete_home_dir=True)
        members_api.remove_member("bob@example.com", new_file_owner="alice@example.com")


# ------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("call", "arguments", "words"),
    [
        ("add_member", ("a@example.com", "boss"), "role is 'boss'.*Data owner, Data scientist"),
        ("add_member", ("a@example.com", None), "role is None"),
        ("add_member", ("", "Observer"), "email is empty"),
        ("add_member", (5, "Observer"), "email is of type int"),
        ("add_members", ({},), "names nobody.*alice@example.com"),
        ("add_members", ("a@example.com",), "names nobody"),
        ("add_members", ({"a@example.com": "Observer", "b@example.com": "x"},), "role is 'x'"),
        ("update_role", ("a@example.com", "boss"), "role is 'boss'"),
        ("update_role", ("", "Observer"), "email is empty"),
        ("remove_member", ("",), "email is empty"),
        ("remove_member", (None,), "email is of type NoneType"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_sent(project, sent, call, arguments, words):
    members_api = project.get_members_api()
    before = len(sent())
    with pytest.raises(ValueError, match=words):
        getattr(members_api, call)(*arguments)
    assert len(sent()) == before


# ---------------------------------------------------------------------------------------------------------- users


def test_a_user():
    profile = {
        "email": "a@example.com",
        "firstname": "Alice",
        "lastname": "Smith",
        "status": 2,
        "secret": "second-factor",
        "role": [{"gid": 1, "groupName": "HOPS_ADMIN", "groupDesc": "x"}],
    }
    user = User.from_response_json(profile)
    assert (user.first_name, user.roles, user.secret) == ("Alice", ["HOPS_ADMIN"], "second-factor")
    assert pickle.loads(pickle.dumps(user)) == user
    shown = [repr(user), str(user), user.json(), user._repr_html_(), str(user.to_dict())]
    assert not [text for text in shown if "second-factor" in text]
    assert json.loads(user.json())["secret"] == "***"
    assert User.from_response_json(None) is None
    assert User.from_response_json({"email": "b"}).roles == []
    made = User("a@example.com", "Alice", "Smith", roles=["HOPS_USER"], chosen_password="hidden")
    made.status = "active"
    assert (made.roles, made.status, made.chosen_password) == (["HOPS_USER"], "active", "hidden")
    assert "hidden" not in repr(made) + made.json()


def test_members_of_the_users_own_making():
    made = ProjectMember({"id": 7}, ALICE["user"], "Observer", "2025-01-01")
    assert (made.project_id, made.email, made.role) == (7, "alice@example.com", "Observer")
    empty = ProjectMember()
    assert (empty.email, empty.username, empty.first_name, empty.last_name) == (None,) * 4
    assert (empty.project_id, empty.user) == (None, None)
    assert empty.to_dict() == {"user": None, "teamRole": None}
    for answer in ([ALICE], {"items": [ALICE]}, ALICE):
        assert [m.email for m in ProjectMember.from_response_json(answer)] == ["alice@example.com"]


def test_one_class_under_both_names():
    import hsfs.user

    assert hsfs.user.User is User
