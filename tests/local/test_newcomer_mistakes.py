"""What somebody new gets wrong: the error names the thing and the remedy before anything is sent."""

from __future__ import annotations

import pandas as pd
import pytest
from recorded_calls import RecordedScope, record

import hopsworks
from hopsworks.client.exceptions import ConflictError, FeatureStoreException, RestAPIError
from hopsworks.local import lifecycle
from hsfs.util import JobWarning

ROWS = pd.DataFrame({"id": [1, 2, 3], "x": [0.1, 0.2, 0.3]})


@pytest.fixture
def store(local_server: lifecycle.Address, local_project: str):
    with hopsworks.connection(host=f"local:{local_server.data}") as connection:
        yield connection.get_project(local_project).get_feature_store()


def test_reading_before_inserting(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    for use in (
        group.read,
        lambda: group.show(5),
        group.select_all().read,
        lambda: store.create_feature_view("trips", group.select_all(), version=1),
    ):
        with pytest.raises(FeatureStoreException, match=r"'trips' is not in .* insert\(\)"):
            use()
    group.insert(ROWS)
    assert len(group.read()) == 3


def test_joining_what_was_not_inserted(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    group.insert(ROWS)
    other = store.get_or_create_feature_group("riders", 1, primary_key=["id"])
    with pytest.raises(FeatureStoreException, match="'riders' is not in the feature store yet"):
        group.select_all().join(other.select_all()).read()


def test_one_column_is_not_a_frame(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    with pytest.raises(TypeError, match=r"'Series'.* DataFrame"):
        group.insert(ROWS.x)


def test_a_key_in_the_index_and_a_frame_without_columns(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    with pytest.raises(ValueError, match=r"'id'.* columns x\. .*reset_index\(\)"):
        group.insert(ROWS.set_index("id"))
    with pytest.raises(ValueError, match="The frame has no columns"):
        group.insert(pd.DataFrame())


def test_serving_keys_of_the_wrong_kind(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"], online_enabled=True)
    group.insert(ROWS)
    view = store.create_feature_view("trips", group.select_all(), version=1)
    view.init_serving(1)
    for wrong in (1, [1], [{"id": 1}], "id"):
        with pytest.raises(TypeError, match="dictionary of id"):
            view.get_feature_vector(wrong)
        if wrong != [{"id": 1}]:
            with pytest.raises(TypeError, match=r"list of dictionaries|dictionary of id"):
                view.get_feature_vectors(wrong)
    for wrong in ({"id": 1}, ROWS):
        with pytest.raises(TypeError, match=r"not (dict|DataFrame).*get_feature_vector\(\)"):
            view.get_feature_vectors(wrong)
    assert view.get_feature_vector({"id": 1}) == [1, 0.1]
    assert view.get_feature_vectors([{"id": 2}]) == [[2, 0.2]]


def test_two_programs_create_the_same_feature_group(store) -> None:
    first, second, other = (
        store.get_or_create_feature_group("trips", 1, primary_key=["id"]) for _ in range(3)
    )
    first.insert(ROWS)
    second.insert(ROWS.assign(id=[3, 4, 5]))
    assert second.id == first.id
    assert sorted(second.read().id) == [1, 2, 3, 4, 5]
    with pytest.raises(FeatureStoreException, match=r"'y' .* is not in the feature group"):
        other.insert(ROWS.assign(y=1))
    # Who says "create" is told that it exists.
    with pytest.raises(ConflictError):
        store.create_feature_group("trips", 1, primary_key=["id"]).insert(ROWS)


def test_two_programs_create_the_same_feature_view(store, monkeypatch: pytest.MonkeyPatch) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    group.insert(ROWS)
    look_up, looks = type(store)._feature_view, []

    def other_program_is_quicker(self, name, version):
        looks.append(name)
        if len(looks) > 1:
            return look_up(self, name, version)
        store.create_feature_view(name, group.select_all(), version)
        return None

    monkeypatch.setattr(type(store), "_feature_view", other_program_is_quicker)
    view = store.get_or_create_feature_view("trips", group.select_all(), version=1)
    assert view.version == 1
    assert len(looks) == 2


def test_the_reason_why_a_long_insert_was_broken_off(store) -> None:
    group = store.get_or_create_feature_group("readings", 1, primary_key=["id"])
    group.insert(ROWS)
    with pytest.warns(JobWarning):
        store.get_feature_group("readings", 1).delete()
    # The server answers while rows are still being sent.
    many = pd.DataFrame({"id": range(1_000_000)}).assign(x=0.5)
    with pytest.raises(RestAPIError, match="does not exist"):
        group.insert(many)


def test_a_time_before_the_first_commit(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    group.insert(ROWS)
    with pytest.raises(FeatureStoreException, match=r"no commit at or before 2020-01-01T00:00"):
        group.as_of("2020-01-01").read()


def test_a_feature_named_like_an_attribute(store) -> None:
    group = store.get_or_create_feature_group("trips", 1, primary_key=["id"])
    group.insert(ROWS)
    with pytest.raises(TypeError, match=r"bool.*fg\['id'\]"):
        group.filter((group.x > 0.1) & (group.id == 2))
    assert group.filter((group.x > 0.1) & (group["id"] == 2)).read().x.tolist() == [0.2]


def test_the_files_say_whose_they_are(local_server: lifecycle.Address, local_project: str) -> None:
    with hopsworks.connection(host=f"local:{local_server.data}") as connection:
        files = connection.get_project(local_project).get_dataset_api()
        assert repr(files) == f"DatasetApi(project: {local_project!r})"


def test_paths_that_are_none(local_server: lifecycle.Address, local_project: str) -> None:
    with hopsworks.connection(host=f"local:{local_server.data}") as connection:
        files = connection.get_project(local_project).get_dataset_api()
        files._session.scope = sent = RecordedScope(files._session.scope)
        for use in (
            lambda: files.upload(__file__, None),
            lambda: files.download(None),
            lambda: files.mkdir(4),
            lambda: files.exists(3),
            lambda: files.copy("Resources/a", 5),
        ):
            with pytest.raises(TypeError, match=r"path is of type .*, not str\. Pass a path"):
                use()
        with pytest.raises(ValueError, match="path is empty"):
            files.remove("")
        with pytest.raises(ValueError, match=r"permissions is 'RO'; .* READ_ONLY"):
            files.chmod("Resources", "RO")
        assert sent.sent == []


def test_a_list_of_arguments_for_a_job(local_server: lifecycle.Address, local_project: str) -> None:
    with hopsworks.connection(host=f"local:{local_server.data}") as connection:
        project = connection.get_project(local_project)
        jobs = project.get_job_api()
        assert repr(jobs) == f"JobApi(project: {local_project!r})"
        config = jobs.get_configuration("PYTHON") | {"appPath": "Resources/a.py"}
        job = jobs.create_job("listed", config)
        jobs._session.scope = sent = RecordedScope(jobs._session.scope)
        of_job = record(job)
        with pytest.raises(TypeError, match=r"args is of type list.*shlex\.join"):
            jobs.launch("listed", ["a"])
        for wrong in (["A=1"], {"A": 1}):
            with pytest.raises(TypeError, match="env_vars must be a dict"):
                job.run(env_vars=wrong)
        with pytest.raises(TypeError, match="name is of type int, not str"):
            project.get_feature_store(5)
        assert sent.sent + of_job.sent == []
