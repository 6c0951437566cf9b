"""What each role in a project may do, through the public client over TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from people import People

from hopsworks.client.exceptions import ForbiddenError, NotFoundError, RestAPIError
from hopsworks.connection import Connection
from hopsworks.core.dataset_api import DatasetApi

OWNER, SCIENTIST = "Data owner", "Data scientist"
OBSERVER, RESTRICTED = "Observer", "Feature store restricted"
ROLES = (OWNER, SCIENTIST, OBSERVER, RESTRICTED)
# What the refusals of a role, and of a dataset's permission, are told by.
ROLE, PERMISSION = 150068, 110050


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    found = People(tmp_path_factory.mktemp("roles") / "data")
    yield found
    found.close()


class Team:
    """A project with a member of each role."""

    def __init__(self, people: People, folder: Path) -> None:
        self.people = people
        self.name = people.project("team")
        self.id = people.owner.get_project(self.name).id
        self.members = {role: people.member(self.name, role) for role in ROLES}
        self.file = folder / "notes.txt"
        self.file.write_text("some notes")
        owner = people.owner.get_project(self.name)
        owner.get_dataset_api().upload(str(self.file), "Resources")
        script = folder / "job.py"
        script.write_text("print('ran')\n")
        owner.get_dataset_api().upload(str(script), "Resources")
        store = owner.get_feature_store()
        group = store.create_feature_group("rows", 1, primary_key=["id"])
        group.insert(pd.DataFrame({"id": [1, 2], "x": [0.5, 1.5]}))

    def files(self, role: str) -> DatasetApi:
        return self.members[role].get_project().get_dataset_api()

    def plain(self, role: str, verb: str, path: str, **kwargs: Any) -> Any:
        """A plain request of a member, below the project."""
        key = self.members[role].api_key_value
        answer = self.people.send(verb, f"project/{self.id}/{path}", key, **kwargs)
        return None if answer.is_success else answer.json()["errorCode"]


@pytest.fixture(scope="module")
def team(people: People, tmp_path_factory: pytest.TempPathFactory) -> Team:
    return Team(people, tmp_path_factory.mktemp("files"))


def _store(member: Connection) -> Any:
    return member.get_project().get_feature_store()


def _job(member: Connection, name: str) -> Any:
    api = member.get_project().get_job_api()
    return api.create_job(
        name, {**api.get_configuration("PYTHON"), "appPath": "Resources/job.py", "appName": name}
    )


# An action, and the roles that may take it.
ACTIONS: dict[str, tuple[Callable[[Team, Connection, str], Any], tuple[str, ...]]] = {
    "see the project": (lambda t, m, n: m.get_project(t.name).description, ROLES),
    "list the members": (lambda t, m, n: m.get_project().get_members(), ROLES),
    "read rows": (lambda t, m, n: _store(m).get_feature_group("rows", 1).read(), ROLES),
    "list files": (
        lambda t, m, n: m.get_project().get_dataset_api().list("Resources"),
        ROLES[:3],
    ),
    "download": (
        lambda t, m, n: m.get_project().get_dataset_api().read_content("Resources/notes.txt"),
        ROLES[:3],
    ),
    "list models": (
        lambda t, m, n: m.get_project().get_model_registry().get_models("none"),
        ROLES[:3],
    ),
    "list jobs": (lambda t, m, n: m.get_project().get_job_api().get_jobs(), ROLES[:3]),
    "list deployments": (
        lambda t, m, n: m.get_project().get_model_serving().get_deployments(),
        ROLES[:3],
    ),
    "make a folder": (
        lambda t, m, n: m.get_project().get_dataset_api().mkdir(f"Resources/{n}"),
        ROLES[:2],
    ),
    "upload": (
        lambda t, m, n: (
            m.get_project().get_dataset_api().upload(str(t.file), "Logs", overwrite=True)
        ),
        ROLES[:2],
    ),
    "make a feature group": (
        lambda t, m, n: (
            _store(m)
            .create_feature_group(n, 1, primary_key=["id"])
            .insert(pd.DataFrame({"id": [1]}))
        ),
        ROLES[:2],
    ),
    "make a job": (lambda t, m, n: _job(m, n), ROLES[:2]),
    "attach a tag": (
        lambda t, m, n: m.get_project().get_dataset_api().add("Resources/notes.txt", "owner", n),
        ROLES[:2],
    ),
    "make a dataset": (lambda t, m, n: m.get_project().get_dataset_api().mkdir(n), ROLES[:1]),
    "set a permission": (
        lambda t, m, n: m.get_project().get_dataset_api().chmod("Jupyter", "EDITABLE"),
        ROLES[:1],
    ),
    "share": (
        lambda t, m, n: (
            m.get_project().get_dataset_api().share("Resources", t.people.project("target"))
        ),
        ROLES[:1],
    ),
    "add a member": (
        lambda t, m, n: m.get_project().add_member(t.people.user()["email"], OBSERVER),
        ROLES[:1],
    ),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_of_a_role(team: Team, action: str, role: str) -> None:
    take, allowed = ACTIONS[action]
    name = team.people.new_name("thing")
    if role in allowed:
        take(team, team.members[role], name)
        return
    # Sharing has the official client's exception.
    with pytest.raises((ForbiddenError, PermissionError)) as raised:
        take(team, team.members[role], name)
    error = raised.value.__cause__ if isinstance(raised.value, PermissionError) else raised.value
    cause = error if isinstance(error, RestAPIError) else raised.value
    assert cause.error_code == ROLE
    assert role in str(cause)


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("GET", "credentials", ROLES),
        ("PUT", "featurestores/query", ROLES),
        ("GET", "serving", ROLES[:3]),
        ("PUT", "serving", ROLES[:2]),
        ("POST", "inference/models/none:predict", ROLES[:2]),
        ("PUT", "modelregistries/{id}/models/m_1", ROLES[:2]),
        ("DELETE", "jobs/none", ROLES[:2]),
        ("DELETE", "dataset/Resources%2Fnone", ROLES[:2]),
        ("POST", "projectMembers/local@localhost", ROLES[:1]),
        ("DELETE", "projectMembers/local@localhost", ROLES[:1]),
        ("POST", "alerts", ROLES[:2]),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_a_request_of_a_role(
    team: Team, verb: str, path: str, allowed: tuple[str, ...], role: str
) -> None:
    refused = team.plain(role, verb, path.format(id=team.id), json={})
    if path == "alerts" and refused == 120004:
        return
    assert (refused == ROLE) == (role not in allowed)


def test_only_an_owner_deletes_the_project(people: People) -> None:
    name = people.project()
    number = people.owner.get_project(name).id
    for role in ROLES[1:]:
        member = people.member(name, role)
        refused = people.refused("POST", f"project/{number}/delete", member.api_key_value)
        assert refused == (403, ROLE)
    member = people.member(name, OWNER)
    people.call("POST", f"project/{number}/delete", 200, member.api_key_value)
    assert not people.owner.project_exists(name)
    assert member.get_projects() == []


# -- permissions of datasets -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permission", "writers"),
    [("EDITABLE", (OWNER, SCIENTIST)), ("EDITABLE_BY_OWNERS", (OWNER,)), ("READ_ONLY", ())],
)
def test_a_dataset_can_be_written_as_its_permission_says(
    team: Team, permission: str, writers: tuple[str, ...]
) -> None:
    owner = team.files(OWNER)
    name = team.people.new_name("kept")
    owner.mkdir(name)
    owner.mkdir(f"{name}/folder")
    owner.upload(str(team.file), f"{name}/folder")
    assert owner.chmod(name, permission)["permission"] == permission
    assert owner.get(name)["permission"] == permission
    for role in (OWNER, SCIENTIST):
        files = team.files(role)
        assert files.read_content(f"{name}/folder/notes.txt").content == b"some notes"
        made = team.people.new_name("made")
        tries = (
            lambda f=files, n=made: f.mkdir(f"{name}/{n}"),
            lambda f=files, n=made: f.upload(str(team.file), f"{name}/{n}"),
            lambda f=files, n=made: f.copy(f"{name}/folder/notes.txt", f"{name}/{n}/copy.txt"),
            lambda f=files, n=made: f.move(f"{name}/{n}/copy.txt", f"{name}/{n}/moved.txt"),
            lambda f=files, n=made: f.zip(f"{name}/folder", f"{name}/{n}", block=True),
            lambda f=files, n=made: f.unzip(f"{name}/{n}/folder.zip", block=True),
            lambda f=files, n=made: f.add(f"{name}/folder", "by", n),
            lambda f=files, n=made: f.remove(f"{name}/{n}"),
        )
        if role in writers:
            for attempt in tries:
                attempt()
            continue
        for attempt in (tries[0], tries[6]):
            with pytest.raises(ForbiddenError) as raised:
                attempt()
            assert raised.value.error_code == PERMISSION
            assert permission in str(raised.value)
        for attempt in (
            lambda f=files: f.upload(str(team.file), name),
            lambda f=files: f.copy("Resources/notes.txt", f"{name}/copy.txt"),
            lambda f=files: f.move("Resources/notes.txt", f"{name}/moved.txt"),
            lambda f=files: f.move(f"{name}/folder/notes.txt", "Resources/stolen.txt"),
            lambda f=files: f.zip("Resources/notes.txt", name),
            lambda f=files: f.zip(f"{name}/folder"),
            lambda f=files: f.remove(f"{name}/folder/notes.txt"),
            lambda f=files: f.remove(f"{name}/folder"),
        ):
            with pytest.raises(ForbiddenError) as raised:
                attempt()
            assert raised.value.error_code == PERMISSION
    assert owner.list(f"{name}/folder") == [f"/{name}/folder/notes.txt"]
    assert owner.exists("Resources/notes.txt")


def test_whole_datasets_are_for_owners(team: Team) -> None:
    owner, scientist = team.files(OWNER), team.files(SCIENTIST)
    name = team.people.new_name("whole")
    owner.mkdir(name)
    for attempt in (
        lambda: scientist.remove(name),
        lambda: scientist.move(name, f"{name}_moved"),
        lambda: scientist.copy("Resources", f"{name}_copy"),
        lambda: scientist.mkdir(f"{name}_new"),
        lambda: scientist.chmod(name, "READ_ONLY"),
    ):
        with pytest.raises(ForbiddenError) as raised:
            attempt()
        assert raised.value.error_code == ROLE
    owner.chmod(name, "EDITABLE_BY_OWNERS")
    owner.move(name, f"{name}_moved")
    assert owner.get(f"{name}_moved")["permission"] == "EDITABLE_BY_OWNERS"
    owner.remove(f"{name}_moved")
    # Another of that name begins anew.
    owner.mkdir(f"{name}_moved")
    assert owner.get(f"{name}_moved")["permission"] == "EDITABLE"
    with pytest.raises(RestAPIError) as raised:
        owner.chmod("Resources/notes.txt", "READ_ONLY")
    assert raised.value.error_code == 110001
    path = "dataset/Resources?action=PERMISSION&permissions=PUBLIC"
    assert team.plain(OWNER, "PUT", path) == 120001


def test_what_a_dataset_is_for(team: Team) -> None:
    path = "dataset/Jupyter?action=DESCRIPTION&description=Our%20notebooks"
    assert team.plain(SCIENTIST, "PUT", path) == ROLE
    assert team.plain(OWNER, "PUT", path) is None
    assert team.files(OWNER).get("Jupyter")["description"] == "Our notebooks"
    assert team.plain(OWNER, "POST", "dataset/Jupyter?action=publish") == 120012
    assert team.plain(OWNER, "POST", "dataset/Jupyter?action=sell") == 310000


def test_the_folder_of_a_member_is_theirs(team: Team) -> None:
    scientist = team.members[SCIENTIST]._fetch_username()
    owner = team.members[OWNER]._fetch_username()
    mine, others = team.files(SCIENTIST), team.files(OWNER)
    mine.mkdir(f"Users/{scientist}/work")
    assert mine.get(f"Users/{scientist}/work")["attributes"]["owner"] == f"{team.name}__{scientist}"
    with pytest.raises(ForbiddenError) as raised:
        mine.mkdir(f"Users/{owner}/work")
    assert raised.value.error_code == ROLE
    others.mkdir(f"Users/{scientist}/from_owner")


def test_the_files_of_the_feature_store_are_its_own(team: Team, tmp_path: Path) -> None:
    files = team.files(OWNER)
    assert files.get("Featurestore.db")["datasetType"] == "FEATURESTORE"
    assert files.get("Models")["datasetType"] == "MODELREGISTRY"
    for attempt in (
        lambda: files.mkdir("Featurestore.db/x"),
        lambda: files.upload(str(team.file), "Featurestore.db"),
        lambda: files.remove("Featurestore.db"),
        lambda: files.move("Featurestore.db", "Other.db"),
    ):
        with pytest.raises(ForbiddenError, match="feature groups"):
            attempt()


def test_a_feature_store_that_may_only_be_read(people: People) -> None:
    project = people.owner.get_project(people.project())
    files, store = project.get_dataset_api(), project.get_feature_store()
    rows = pd.DataFrame({"id": [1], "x": [2]})
    group = store.create_feature_group("fixed", 1, primary_key=["id"])
    group.insert(rows)
    files.chmod("Featurestore.db", "READ_ONLY")
    with pytest.raises(ForbiddenError) as raised:
        group.insert(rows)
    assert raised.value.error_code == 270024
    with pytest.raises(ForbiddenError):
        group.delete()
    assert group.read().to_dict("records") == [{"id": 1, "x": 2}]
    files.chmod("Featurestore.db", "EDITABLE")
    group.insert(pd.DataFrame({"id": [2], "x": [3]}))
    assert len(group.read()) == 2


# -- members ---------------------------------------------------------------------------------------


def test_members_come_change_and_leave(people: People) -> None:
    project = people.owner.get_project(people.project())
    api = project.get_members_api()
    ann, bob = people.user("ann"), people.user("bob")
    added = api.add_members({ann["email"]: "data scientist", bob["email"].upper(): OBSERVER})
    assert {(m.email, m.role) for m in added} == {
        (ann["email"], SCIENTIST),
        (bob["email"], OBSERVER),
    }
    assert (added[0].first_name, added[0].last_name) == ("Ann", "Test")
    of_ann = people.connect(people.key(ann["email"]), project.name)
    files = of_ann.get_project().get_dataset_api()
    files.mkdir("Resources/by_ann")
    assert api.update_role(ann["email"], OBSERVER).role == OBSERVER
    with pytest.raises(ForbiddenError):
        files.mkdir("Resources/again")
    with pytest.raises(ForbiddenError) as raised:
        of_ann.get_project().get_members_api().remove_member(bob["email"])
    assert raised.value.error_code == ROLE
    # Anyone may leave.
    of_ann.get_project().get_members_api().remove_member(ann["email"])
    with pytest.raises(ForbiddenError) as raised:
        files.list("Resources")
    assert raised.value.error_code == 160000
    assert [m.email for m in project.get_members()] == ["local@localhost", bob["email"]]
    with pytest.raises(NotFoundError):
        api.remove_member(ann["email"])


def test_nobody_is_added_when_one_cannot_be(people: People) -> None:
    project = people.owner.get_project(people.project())
    ann = people.user("ann")
    for team in (
        {ann["email"]: SCIENTIST, "nobody@example.com": OBSERVER},
        {ann["email"]: SCIENTIST, "local@localhost": OBSERVER},
    ):
        with pytest.raises(RestAPIError, match="Nobody was added") as raised:
            project.get_members_api().add_members(team)
        assert raised.value.error_code == 150081
    assert len(project.get_members()) == 1
    body = {"projectTeam": [{"projectTeamPK": {"teamMember": ann["email"]}, "teamRole": "King"}]}
    path = f"project/{project.id}/projectMembers"
    assert people.refused("POST", path, people.served.key, json=body) == (422, 120001)


def test_the_folder_of_who_has_left(people: People) -> None:
    project = people.owner.get_project(people.project())
    api, files = project.get_members_api(), project.get_dataset_api()
    ann, bob, cleo = (people.user(name) for name in ("ann", "bob", "cleo"))
    api.add_members({ann["email"]: SCIENTIST, bob["email"]: SCIENTIST, cleo["email"]: OWNER})
    homes = [f"Users/{user['username']}" for user in (ann, bob)]
    for home in homes:
        files.mkdir(f"{home}/work")
    path = f"project/{project.id}/projectMembers/{ann['email']}?newFileOwner="
    for heir, code in ((bob["email"], 120001), (ann["email"], 150023), ("x@y.org", 150023)):
        assert people.refused("DELETE", path + heir, people.served.key)[1] == code
    api.remove_member(ann["email"], new_file_owner=cleo["email"])
    owner = files.get(f"{homes[0]}/work")["attributes"]["owner"]
    assert owner == f"{project.name}__{cleo['username']}"
    api.remove_member(bob["email"], delete_home_dir=True)
    assert not files.exists(homes[1])
    # Who comes back finds what they left.
    api.add_member(ann["email"], OBSERVER)
    owner = files.get(f"{homes[0]}/work")["attributes"]["owner"]
    assert owner == f"{project.name}__{ann['username']}"


def test_what_is_made_tells_who_made_it(team: Team) -> None:
    scientist = team.members[SCIENTIST]
    email = team.people.call("GET", "users/profile", 200, scientist.api_key_value)["email"]
    store = _store(scientist)
    name = team.people.new_name("mine")
    group = store.create_feature_group(name, 1, primary_key=["id"])
    group.insert(pd.DataFrame({"id": [1]}))
    path = f"project/{team.id}/featurestores/{store.id}/featuregroups/{name}"
    (found,) = team.people.call("GET", path, 200)
    assert found["creator"]["email"] == email
    job = _job(scientist, name)
    assert job.creator["email"] == email
    execution = job.run(await_termination=True)
    assert execution.user["email"] == email
    assert execution.hdfs_user == f"{team.name}__{scientist._fetch_username()}"


def test_programs_that_log_in_at_once_have_one_certificate(people: People) -> None:
    """Its key belongs to it, whoever came first."""
    name = people.project("busy")
    number = people.owner.get_project(name).id
    member = people.member(name, SCIENTIST)
    with ThreadPoolExecutor(8) as threads:
        found = list(
            threads.map(
                lambda _: people.call(
                    "GET", f"project/{number}/credentials", 200, member.api_key_value
                ),
                range(16),
            )
        )
    assert len({(each["clientCert"], each["clientKey"]) for each in found}) == 1
    chain = x509.load_pem_x509_certificate(found[0]["clientCert"].encode())
    key = load_pem_private_key(found[0]["clientKey"].encode(), None)
    assert chain.public_key() == key.public_key()
    for kept in (people.data / "tls").glob(f"client-{name}__*.key"):
        pem = kept.with_suffix(".pem").read_bytes()
        own = load_pem_private_key(kept.read_bytes(), None).public_key()
        assert x509.load_pem_x509_certificate(pem).public_key() == own
