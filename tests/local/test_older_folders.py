"""Data folders that earlier releases wrote: they open, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import hopsworks
from hopsworks.client.exceptions import ConflictError
from hopsworks.connection import Connection
from hopsworks.core.env_var_api import EnvVarsApi
from hopsworks.core.secret_api import SecretsApi
from hopsworks.local import lifecycle

FOLDER = Path(__file__).parent / "folders" / "of_one_user.sql"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    with sqlite3.connect(data / "metadata.sqlite") as db:
        db.executescript(FOLDER.read_text().replace("DATA", str(data)))
    db.close()
    for name in ("local", "second"):
        for dataset in ("Resources", "Models", "Logs", "Users/local000"):
            (data / "projects" / name / dataset).mkdir(parents=True)
    (data / "projects" / "local" / "Resources" / "job_old.py").write_text("print('old')\n")
    made = hopsworks.connection(host=f"local:{data}", project="local")
    yield made
    made.close()
    lifecycle.stop(data)


def test_what_the_one_user_had_is_the_owners(connection: Connection, tmp_path: Path) -> None:
    assert [p.name for p in connection.get_projects()] == ["local", "second"]
    project = connection.get_project()
    assert [(m.email, m.role) for m in project.get_members()] == [("local@localhost", "Data owner")]
    secrets = SecretsApi(connection._project_session())
    assert secrets.get("token") == "of the owner"
    team = secrets.get_secret("team", owner="local000")
    assert (team.value, team.scope) == ("for all", connection.get_project("second").id)
    variables = EnvVarsApi(connection._project_session()).get_env_vars()
    assert [(v.name, v.value, v.secret_name) for v in variables] == [
        ("COLOUR", "red", None),
        ("TOKEN", None, "token"),
    ]
    job = project.get_job_api().get_job("old")
    assert job.creator["email"] == "local@localhost"
    (execution,) = job.get_executions()
    assert (execution.success, execution.user["username"]) == (True, "local000")
    assert job.run(await_termination=True).success
    model = project.get_model_registry().get_model("old", 1)
    assert (model.training_metrics, model.creator["email"]) == ({"auc": 0.5}, "local@localhost")
    assert project.get_model_serving().get_deployment("old").creator == "Local User"
    group = project.get_feature_store().get_feature_group("old", 1)
    assert group.creator["email"] == "local@localhost"
    # What is new works in it.
    project.get_dataset_api().share("Featurestore.db", "second")
    second = hopsworks.connection(host=f"local:{tmp_path / 'data'}", project="second")
    with second:
        second.get_project().get_dataset_api().accept("local::Featurestore.db")
        assert second.get_feature_store("local").get_feature_group("old", 1).version == 1
    with pytest.raises(ConflictError):
        secrets.create_secret("token", "again")


def test_an_opened_folder_opens_again(connection: Connection, tmp_path: Path) -> None:
    data = tmp_path / "data"
    SecretsApi(connection._project_session()).create_secret("new", "value")
    connection.close()
    lifecycle.stop(data)
    connection.connect()
    secrets = SecretsApi(connection._project_session())
    assert [s.name for s in secrets.get_secrets()] == ["new", "team", "token"]
    tables = sqlite3.connect(data / "metadata.sqlite")
    names = [row[0] for row in tables.execute("SELECT name FROM sqlite_master")]
    tables.close()
    assert not [name for name in names if name.endswith("_of_owner")]
