"""Secrets against the local server: what is kept, who reads it, and where it never shows."""

import base64
import copy
import io
import logging
import pickle
import stat

import pytest

import hopsworks
from hopsworks.client.exceptions import (
    ConflictError,
    ForbiddenError,
    NoHopsworksConnectionError,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core.secret_api import SecretsApi
from hopsworks.secret import Secret

VALUE = 's3cr3t-Ünïcode-"quoted"\nsecond line'


@pytest.fixture
def secrets(project):
    api = hopsworks.get_secrets_api()
    yield api
    for secret in api.get_secrets():
        secret.delete()


@pytest.fixture
def sent(caplog):
    caplog.set_level(logging.DEBUG)

    def lines():
        return [r.getMessage() for r in caplog.records if r.name == "hopsworks.http"]

    return lines


def test_a_secret_is_made_read_listed_and_removed(secrets):
    made = secrets.create_secret("warehouse", VALUE)
    assert isinstance(made, Secret)
    assert (made.name, made.value, made.visibility) == ("warehouse", VALUE, "PRIVATE")
    assert (made.scope, made.owner) == (None, None)
    assert made.created.endswith("Z")
    assert made.get_url().endswith("/account/secrets")
    secrets.create_secret("another", "x")
    assert [(s.name, s.value) for s in secrets.get_secrets()] == [
        ("another", None),
        ("warehouse", None),
    ]
    assert secrets.get("warehouse") == VALUE
    assert secrets.get_secret("warehouse").created == made.created
    made.delete()
    made.delete()  # removing what is gone is no fault
    assert secrets.get_secret("warehouse") is None
    assert [s.name for s in secrets.get_secrets()] == ["another"]


@pytest.mark.parametrize("name", ["with blank", "a/b", "größe", "a%2Fb", "q?x=1"])
def test_any_name_finds_its_own_secret(secrets, name):
    secrets.create_secret(name, "value of " + name)
    assert secrets.get(name) == "value of " + name


def test_a_secret_for_a_project(secrets, project):
    made = secrets.create_secret("team", "t", project=project.name)
    assert (made.visibility, made.scope) == ("PROJECT", project.id)
    shared = secrets.get_secret("team", owner="local000")
    assert (shared.value, shared.owner) == ("t", "local000")
    assert secrets.get("team", owner="local000") == "t"
    assert repr(shared) == "Secret('team', 'PROJECT', 'local000')"


def test_a_private_secret_is_not_handed_out_as_shared(secrets):
    secrets.create_secret("mine", "m")
    with pytest.raises(ForbiddenError) as raised:
        secrets.get_secret("mine", owner="local000")
    assert raised.value.error_code == 160047
    with pytest.raises(LookupError, match=r"absent.*Ask local000"):
        secrets.get("absent", owner="local000")
    with pytest.raises(NotFoundError) as raised:
        secrets.get_secret("mine", owner="nobody00")
    assert raised.value.error_code == 160002


def test_content_of_a_file(secrets, tmp_path):
    content = bytes(range(256)) * 26
    (tmp_path / "key").write_bytes(content)
    made = secrets.create_secret_from_file("key", tmp_path / "key")
    assert base64.b64decode(made.value) == content
    (tmp_path / "full").write_bytes(b"x" * 6750)
    assert len(secrets.create_secret_from_file("full", str(tmp_path / "full")).value) == 9000


def test_a_missing_secret_is_asked_for_at_a_terminal_only(secrets, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(LookupError, match=r"no secret 'nobody_knows'.*create_secret"):
        secrets.get("nobody_knows")
    monkeypatch.setattr("hopsworks.config.interactive", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed")
    assert secrets.get("asked") == "typed"
    assert secrets.get_secret("asked").value == "typed"


# ------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("", "v"), ValueError, "name is empty"),
        ((None, "v"), TypeError, "name is of type NoneType"),
        (("shared", "v"), ValueError, "name is 'shared'.*another name"),
        (("n", ""), ValueError, "value is empty.*'n'"),
        (("n", b"bytes"), TypeError, "value is of type bytes.*encode"),
        (("n", 5), TypeError, "value is of type int"),
        (("n", "v", ""), ValueError, "project is empty"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_sent(secrets, sent, arguments, error, words):
    before = len(sent())
    with pytest.raises(error, match=words):
        secrets.create_secret(*arguments)
    assert len(sent()) == before


def test_bad_files_are_named_and_nothing_is_sent(secrets, sent, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * 6751)
    (tmp_path / "none").touch()
    before = len(sent())
    with pytest.raises(ValueError, match=r"large is too large.*6751 bytes.*at most 6750"):
        secrets.create_secret_from_file("n", tmp_path / "large")
    with pytest.raises(ValueError, match="none is empty"):
        secrets.create_secret_from_file("n", tmp_path / "none")
    with pytest.raises(FileNotFoundError, match=r"no file .*/absent\. Check local_path"):
        secrets.create_secret_from_file("n", tmp_path / "absent")
    with pytest.raises(ValueError, match="name is empty"):
        secrets.get_secret("")
    assert len(sent()) == before


def test_what_the_server_refuses(secrets, api):
    body = {"name": "shared", "secret": "v", "visibility": "PRIVATE"}
    assert api.error("POST", "users/secrets", json=body) == (422, 120001)
    assert api.error("POST", "users/secrets", json={"name": "n"}) == (404, 160048)
    secrets.create_secret("once", "first")
    with pytest.raises(ConflictError) as raised:
        secrets.create_secret("once", "second-value")
    assert raised.value.error_code == 160049
    assert "second-value" not in str(raised.value)
    assert secrets.get("once") == "first"
    with pytest.raises(NotFoundError):
        secrets.create_secret("lost", "v", project="no_such_project")
    assert secrets.get_secret("lost") is None
    with pytest.raises(RestAPIError, match="9000 characters"):
        secrets.create_secret("long", "x" * 9001)


def test_without_a_login():
    hopsworks.logout()
    with pytest.raises(NoHopsworksConnectionError):
        hopsworks.get_secrets_api()
    with pytest.raises(NoHopsworksConnectionError):
        SecretsApi().get_secrets()


# -------------------------------------------------------------------------------------------------------- secrecy


def test_the_value_is_shown_nowhere(secrets, caplog, capfd, local_data):
    caplog.set_level(logging.DEBUG)
    hidden = "hidden-value-0815"
    made = secrets.create_secret("quiet", hidden)
    assert secrets.get("quiet") == hidden
    shown = [repr(made), str(made), made.json(), repr(made.to_dict()), made._repr_html_()]
    shown += [caplog.text, *capfd.readouterr()]
    assert not [text for text in shown if hidden in text]
    assert repr(made) == "Secret('quiet', 'PRIVATE')"
    assert copy.copy(made).value == hidden
    assert pickle.loads(pickle.dumps(made)).value == hidden
    assert hidden not in (local_data / "server.log").read_text(errors="replace")


def test_values_lie_where_only_the_owner_reads_and_are_erased(secrets, local_data):
    hidden = "erase-me-4711-erase-me"
    made = secrets.create_secret("erased", hidden)
    files = [f for f in local_data.iterdir() if f.name.startswith("metadata.sqlite")]
    assert any(hidden.encode() in f.read_bytes() for f in files)
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    made.delete()
    for file in local_data.iterdir():
        if file.is_file():
            assert hidden.encode() not in file.read_bytes(), file.name


def test_an_object_of_the_users_own_making():
    made = Secret("n", "v", "2025-01-01", "PRIVATE", 5, "meb10000")
    assert (made.name, made.value, made.created) == ("n", "v", "2025-01-01")
    assert (made.visibility, made.scope, made.owner) == ("PRIVATE", 5, "meb10000")
    assert Secret.from_response_json({}) == []
    answer = {"items": [{"name": "a", "secret": "b", "addedOn": "c", "somethingNew": 1}]}
    (read,) = Secret.from_response_json(answer)
    assert (read.name, read.value, read.created) == ("a", "b", "c")
    with pytest.raises(AttributeError):
        read.name = "other"


def test_a_deleted_project_leaves_its_secrets_private(secrets, api):
    secrets.create_secret("left", "over", project=api.name)
    api.call("POST", f"{api.p}/delete")
    assert secrets.get_secret("left").visibility == "PRIVATE"
