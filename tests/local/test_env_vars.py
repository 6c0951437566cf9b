"""Environment variables of the account against the local server."""

import json
import logging
from pathlib import Path

import pytest

import hopsworks
from hopsworks.client.exceptions import (
    ConflictError,
    NoHopsworksConnectionError,
    NotFoundError,
    RestAPIError,
)
from hopsworks.env_var import EnvVar


@pytest.fixture
def variables(project):
    api = hopsworks.get_env_vars_api()
    yield api
    api.delete_all()
    for secret in hopsworks.get_secrets_api().get_secrets():
        secret.delete()


@pytest.fixture
def sent(caplog):
    caplog.set_level(logging.DEBUG)

    def lines():
        return [r.getMessage() for r in caplog.records if r.name == "hopsworks.http"]

    return lines


def test_a_variable_is_made_read_changed_and_removed(variables):
    made = variables.create_env_var("HF_TOKEN", "hf_1")
    assert isinstance(made, EnvVar)
    assert (made.name, made.value, made.visibility) == ("HF_TOKEN", "hf_1", "PRIVATE")
    assert (made.secret_name, made.secret_backed, made.project_id_scope) == (None, False, None)
    assert made.created == made.updated
    assert made.created.endswith("Z")
    assert made.get_url().endswith("/account/env-variables")
    assert variables.get("HF_TOKEN") == "hf_1"
    changed = variables.update_env_var("HF_TOKEN", "hf_2")
    assert (changed.value, changed.created) == ("hf_2", made.created)
    assert changed.updated >= made.updated
    assert variables.get_env_var("HF_TOKEN").value == "hf_2"
    made.delete()
    assert variables.get_env_var("HF_TOKEN") is None
    assert variables.get("HF_TOKEN") is None


def test_listing_with_and_without_values(variables):
    assert variables.get_env_vars() == []
    variables.set_env_var("B", "2")
    variables.set_env_var("A", "")
    assert [(v.name, v.value) for v in variables.get_env_vars()] == [("A", ""), ("B", "2")]
    assert [(v.name, v.value) for v in variables.get_env_vars(include_value=False)] == [
        ("A", None),
        ("B", None),
    ]
    variables.delete("A")
    variables.delete_env_var("B")
    assert variables.get_env_vars() == []
    variables.set_env_var("C", "3")
    variables.delete_all()
    variables.delete_all()
    assert variables.get_env_vars() == []


def test_setting_makes_or_replaces(variables, sent):
    assert variables.set_env_var("X", "1").value == "1"
    assert variables.set_env_var("X", "2").value == "2"
    verbs = [line.split()[0] for line in sent() if "envvars" in line]
    assert verbs == ["GET", "POST", "GET", "PUT"]


def test_a_value_that_lies_in_a_secret(variables):
    secrets = hopsworks.get_secrets_api()
    secret = secrets.create_secret("hugging_face", "hf_9")
    made = variables.create_env_var("HF_TOKEN", "not used", secret_name="hugging_face")
    assert (made.value, made.secret_name, made.secret_backed) == (None, "hugging_face", True)
    with pytest.raises(RestAPIError, match="HF_TOKEN") as raised:
        secret.delete()
    assert raised.value.error_code == 160056
    assert secrets.get("hugging_face") == "hf_9"
    assert variables.update_env_var("HF_TOKEN", "plain").secret_backed is False
    secret.delete()
    with pytest.raises(NotFoundError) as raised:
        variables.update_env_var("HF_TOKEN", secret_name="hugging_face")
    assert raised.value.error_code == 160048
    assert variables.get("HF_TOKEN") == "plain"


def test_a_variable_of_a_project(variables, project):
    made = variables.create_env_var("TEAM", "t", visibility="PROJECT", project_id_scope=project.id)
    assert (made.visibility, made.project_id_scope) == ("PROJECT", project.id)
    kept = variables.update_env_var("TEAM", "u")
    assert (kept.value, kept.project_id_scope) == ("u", project.id)
    private = variables.update_env_var("TEAM", "v", visibility="PRIVATE")
    assert (private.visibility, private.project_id_scope) == ("PRIVATE", None)
    with pytest.raises(NotFoundError) as raised:
        variables.create_env_var("LOST", "t", visibility="PROJECT", project_id_scope=999999)
    assert raised.value.error_code == 150004


@pytest.mark.parametrize("call", ["create_env_var", "update_env_var", "set_env_var"])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"name": ""}, ValueError, "name is empty"),
        ({"name": "1A", "value": "v"}, ValueError, "'1A'.*letters, digits"),
        ({"name": "A-B", "value": "v"}, ValueError, "'A-B'"),
        ({"name": 5, "value": "v"}, TypeError, "name is of type int"),
        ({"name": "A"}, ValueError, "'A' has neither value nor secret_name"),
        ({"name": "A", "value": 5}, TypeError, r"value of 'A' is of type int.*str\(value\)"),
        ({"name": "A", "value": "x" * 8193}, ValueError, "8193 characters; 8192"),
        ({"name": "A", "secret_name": ""}, ValueError, "secret_name is empty"),
        ({"name": "A", "value": "v", "visibility": "ALL"}, ValueError, "'ALL'.*PRIVATE, PROJECT"),
        ({"name": "A", "value": "v", "visibility": "PROJECT"}, ValueError, "project_id_scope"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_sent(
    variables, sent, call, arguments, error, words
):
    before = len(sent())
    with pytest.raises(error, match=words):
        getattr(variables, call)(**arguments)
    assert len(sent()) == before


SHOWS = """
import os
seen = {name: os.environ.get(name) for name in ("PLAIN", "EMPTY", "HIDDEN", "OWN", "HOPSWORKS_PROJECT")}
"""


@pytest.fixture
def set_variables(variables):
    hopsworks.get_secrets_api().create_secret("kept", "of the secret")
    variables.set_env_var("PLAIN", "of the account")
    variables.set_env_var("EMPTY", "")
    variables.set_env_var("HIDDEN", secret_name="kept")
    variables.set_env_var("OWN", "of the account")


def seen_by(project):
    return {
        "PLAIN": "of the account",
        "EMPTY": "",
        "HIDDEN": "of the secret",
        "OWN": "given",
        "HOPSWORKS_PROJECT": project.name,
    }


def test_jobs_have_the_variables_of_who_starts_them(project, set_variables, tmp_path):
    (tmp_path / "shows.py").write_text(SHOWS + "import json; print(json.dumps(seen))")
    project.get_dataset_api().upload(str(tmp_path / "shows.py"), "Resources")
    jobs = project.get_job_api()
    config = jobs.get_configuration("PYTHON") | {"appPath": "Resources/shows.py"}
    execution = jobs.create_job("shows", config).run(env_vars={"OWN": "given"})
    out, _ = execution.download_logs(str(tmp_path))
    assert json.loads(Path(out).read_text()) == seen_by(project)


def test_deployments_have_the_variables_of_who_made_them(project, set_variables, tmp_path):
    script = tmp_path / "shows.py"
    script.write_text(
        SHOWS + "class Predict:\n    def predict(self, inputs):\n        return [seen]\n"
    )
    model = project.get_model_registry().python.create_model("shows").save(str(script))
    deployment = model.deploy(script_file=str(script), env_vars={"OWN": "given"})
    try:
        deployment.start()
        assert deployment.predict(inputs=[[1]])["predictions"] == [seen_by(project)]
    finally:
        deployment.delete(force=True)


def test_what_the_server_refuses(variables):
    variables.create_env_var("ONCE", "first")
    with pytest.raises(ConflictError, match="ONCE"):
        variables.create_env_var("ONCE", "second-value")
    assert variables.get("ONCE") == "first"
    with pytest.raises(NotFoundError) as raised:
        variables.update_env_var("ABSENT", "v")
    assert raised.value.error_code == 160070
    with pytest.raises(NotFoundError):
        variables.delete_env_var("ABSENT")
    with pytest.raises(RestAPIError, match="HOPSWORKS_API_KEY"):
        variables.create_env_var("HOPSWORKS_API_KEY", "v")
    for number in range(63):
        variables.create_env_var(f"N{number}", "v")
    with pytest.raises(RestAPIError, match="64 environment variables"):
        variables.create_env_var("ONE_TOO_MANY", "v")


def test_without_a_login():
    hopsworks.logout()
    with pytest.raises(NoHopsworksConnectionError):
        hopsworks.get_env_vars_api()


def test_the_value_is_shown_nowhere(variables, caplog, capfd, local_data):
    caplog.set_level(logging.DEBUG)
    hidden = "hidden-value-0816"
    made = variables.set_env_var("QUIET", hidden)
    assert made.value == hidden
    shown = [repr(made), str(made), made.json(), repr(made.to_dict()), made._repr_html_()]
    shown += [caplog.text, *capfd.readouterr()]
    assert not [text for text in shown if hidden in text]
    assert repr(made) == "EnvVar('QUIET')"
    assert hidden not in (local_data / "server.log").read_text(errors="replace")
    made.delete()
    for file in local_data.iterdir():
        if file.is_file():
            assert hidden.encode() not in file.read_bytes(), file.name


def test_an_object_of_the_users_own_making():
    made = EnvVar("A", "v", "s", None, "t1", "t2", visibility="PRIVATE", project_id_scope=None)
    assert json.loads(str(made)) == {
        "name": "A",
        "value": "***",
        "visibility": "PRIVATE",
        "project_id_scope": None,
        "added_on": "t1",
        "updated_on": "t2",
        "secret_name": "s",
        "secret_backed": True,
    }
    assert EnvVar.from_response_json({}) == []
    (read,) = EnvVar.from_response_json({"items": [{"name": "a", "addedOn": "x"}]})
    assert (read.name, read.value, read.created) == ("a", None, "x")
