"""Tags of files, folders and datasets against the local server, and the older upload of a feature group's rows."""

from __future__ import annotations

import io
import logging
import os
import sqlite3
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from hopsworks.client.exceptions import (
    DatasetException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core.dataset_api import DatasetApi
from hopsworks.core.tag_schemas_api import TagSchemasApi
from hopsworks.local import dataset_tags, tag_schemas, tags
from hopsworks.local.folders import Place
from hopsworks.local.metadata import Metadata
from hsfs.feature import Feature


@pytest.fixture
def files(project: Any) -> DatasetApi:
    return project.get_dataset_api()


@pytest.fixture
def sent(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The requests so far."""
    caplog.set_level(logging.DEBUG, logger="hopsworks.http")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "hopsworks.http"]


def test_tags_are_attached_read_replaced_and_removed(files: DatasetApi) -> None:
    files.mkdir("Resources/of risk")
    assert files.get_tags("Resources/of risk") == {}
    files.add("Resources/of risk", "owner/ü", {"team": "risk"})
    files.add("Resources/of risk", "number", 5)
    files.add("/Resources/of risk/", "text", "5")
    everything = {"owner/ü": {"team": "risk"}, "number": 5, "text": "5"}
    assert files.get_tags("Resources/of risk") == everything
    assert files.get_tags("Resources/of risk", "text") == {"text": "5"}
    files.add("Resources/of risk", "number", [True, None])
    assert files.get_tags("Resources/of risk", "number") == {"number": [True, None]}
    files.delete("Resources/of risk", "number")
    files.delete("Resources/of risk", "number")
    assert set(files.get_tags("Resources/of risk")) == {"owner/ü", "text"}
    assert files.get_tags("Resources") == {}
    with pytest.raises(NotFoundError) as raised:
        files.get_tags("Resources/of risk", "number")
    assert raised.value.error_code == 370002


def test_tags_of_nothing(files: DatasetApi) -> None:
    for call in (
        lambda: files.add("Resources/nothing", "a", 1),
        lambda: files.get_tags("Resources/nothing"),
        lambda: files.delete("Resources/nothing", "a"),
    ):
        with pytest.raises(NotFoundError) as raised:
            call()
        assert raised.value.error_code == 110018
    with pytest.raises(NotFoundError) as raised:
        files.get_tags("Nowhere")
    assert raised.value.error_code == 110011


def test_values_are_held_against_the_schema(files: DatasetApi) -> None:
    schemas = TagSchemasApi()
    schemas.create("owned", {"type": "object", "required": ["team"]})
    try:
        with pytest.raises(RestAPIError, match="'owned' does not allow the value") as raised:
            files.add("Resources", "owned", {"tame": "risk"})
        assert raised.value.error_code == 370005
        files.add("Resources", "owned", {"team": "risk"})
        with pytest.raises(RestAPIError) as raised:
            files.add("Resources", "owned", None)
        assert raised.value.error_code == 370005
        assert files.get_tags("Resources") == {"owned": {"team": "risk"}}
    finally:
        schemas.delete("owned")


def test_tags_go_where_their_file_goes(files: DatasetApi) -> None:
    files.mkdir("Resources/a")
    files.mkdir("Resources/a/b")
    for path in ("Resources/a", "Resources/a/b", "Resources/a:b", "Resources/a0"):
        if not files.exists(path):
            files.mkdir(path)
        files.add(path, "path", path)
    files.move("Resources/a", "Logs/𝔞")
    assert files.get_tags("Logs/𝔞") == {"path": "Resources/a"}
    assert files.get_tags("Logs/𝔞/b") == {"path": "Resources/a/b"}
    for path in ("Resources/a:b", "Resources/a0"):
        assert files.get_tags(path) == {"path": path}
    files.mkdir("Resources/a")
    assert files.get_tags("Resources/a") == {}
    files.copy("Logs/𝔞", "Resources/copy")
    assert files.get_tags("Resources/copy") == {}
    with pytest.raises(DatasetException):
        files.move("Logs/𝔞", "Resources/a0")
    assert files.get_tags("Logs/𝔞") == {"path": "Resources/a"}


def test_tags_go_with_a_file_that_is_deleted(
    files: DatasetApi, local_project: str, local_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text("1")
    files.upload(tmp_path / "x.txt", "Resources")
    files.add("Resources/x.txt", "note", 1)
    files.remove("Resources/x.txt")
    files.upload(tmp_path / "x.txt", "Resources")
    assert files.get_tags("Resources/x.txt") == {}
    # Also when the file was replaced behind the server's back: a tag is not of the path.
    files.add("Resources/x.txt", "note", 2)
    here = local_data / "projects" / local_project / "Resources"
    (here / "new").write_text("2")
    os.rename(here / "new", here / "x.txt")
    assert files.get_tags("Resources/x.txt") == {}


def test_a_move_that_fails_or_is_cut_off_loses_no_tag(tmp_path: Path) -> None:
    store = Metadata(tmp_path / "metadata.sqlite")
    store.create(tags.SCHEMA + tag_schemas.SCHEMA)
    server: Any = types.SimpleNamespace(metadata=store)
    project: Any = types.SimpleNamespace(id=1)
    source, destination = (
        Place(project, ("Resources", name), tmp_path / name, project) for name in "ab"
    )

    def keys() -> list[str]:
        return [row["object"] for row in store.all("SELECT object FROM tags ORDER BY object")]

    for key in ("1/Resources/a//7", "1/Resources/a/x//8", "1/Resources/ab//9", "11/Resources/a//7"):
        tags.attach(server, "dataset", key, "note", "5")
    before = keys()

    def refused_move() -> None:
        with dataset_tags.moving(server, source, destination):
            # A server that is killed here finds them at either place.
            assert set(keys()) == {*before, "1/Resources/b//7", "1/Resources/b/x//8"}
            raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        refused_move()
    assert keys() == before
    with dataset_tags.moving(server, source, destination):
        pass
    assert keys() == [
        "1/Resources/ab//9",
        "1/Resources/b//7",
        "1/Resources/b/x//8",
        "11/Resources/a//7",
    ]
    store.close()


def test_all_tags_of_a_path_and_tags_of_a_project_that_is_deleted(api: Any) -> None:
    base = f"{api.p}/dataset/tags"
    for name in ("a", "b"):
        api.call("PUT", f"{base}/schema/{name}/Resources", 201, json=1)
    api.call("PUT", f"{base}/schema/a/Resources", 200, json=2)
    assert api.call("GET", f"{base}/all/Resources")["items"][0]["value"] == "2"
    api.call("DELETE", f"{base}/all/Resources", 204)
    assert api.call("GET", f"{base}/all/Resources")["count"] == 0
    assert api.error("GET", f"{base}/all/") == (422, 120001)
    api.call("PUT", f"{base}/schema/a/Resources", 201, json=1)
    api.call("POST", f"{api.p}/delete")
    store = Path(api.address.data) / "metadata.sqlite"
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
        left = db.execute("SELECT object FROM tags WHERE kind = 'dataset'").fetchall()
    assert [key for (key,) in left if key.startswith(f"{api.id}/")] == []


BAD: list[tuple[Callable[[DatasetApi], Any], type[Exception], str]] = [
    (lambda f: f.add("", "a", 1), ValueError, "path is empty"),
    (lambda f: f.add(Path("x"), "a", 1), TypeError, "path is of type PosixPath"),
    (lambda f: f.add("Resources", "", 1), ValueError, "name is empty"),
    (lambda f: f.add("Resources", "a", {1}), TypeError, "tag 'a' cannot be written as JSON"),
    (lambda f: f.delete("Resources", None), TypeError, "name is of type NoneType"),
    (lambda f: f.get_tags(None), TypeError, "path is of type NoneType"),
    (lambda f: f.get_tags("Resources", 5), TypeError, "name is of type int"),
    (lambda f: f.upload_feature_group("trips", "Resources", 5), TypeError, "Pass a feature group"),
    (lambda f: f.upload_feature_group(Trips, "Resources", [1]), TypeError, "type 'list'"),
]


class Trips:
    name = "trips"
    version = 2


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[words for _, _, words in BAD])
def test_bad_input_is_not_sent(
    files: DatasetApi, sent: Any, call: Any, error: type[Exception], words: str
) -> None:
    before = len(sent())
    with pytest.raises(error, match=words):
        call(files)
    assert len(sent()) == before


def test_rows_are_uploaded_under_the_name_of_their_feature_group(
    files: DatasetApi, feature_store: Any
) -> None:
    group = feature_store.create_feature_group("trips", version=1, primary_key=["id"])
    group.save([Feature("id", "bigint")])
    frame = pd.DataFrame({"Id": [1, 2], "city": ["Umeå", None]}, index=[7, 8])
    files.upload_feature_group(group, "Resources/", frame)
    content = files.read_content("Resources/trips_1").content
    table = pa.parquet.read_table(io.BytesIO(content))
    assert table.to_pydict() == {"Id": [1, 2], "city": ["Umeå", None]}
    with pytest.raises(DatasetException, match=r"Resources/trips_1 exists already.*remove\("):
        files.upload_feature_group(group, "Resources", frame)
    files.remove("Resources/trips_1")
    for other in (pl.DataFrame({"a": [1.5]}), pa.table({"a": [1.5]})):
        files.upload_feature_group(Trips, "Resources", other)
        content = files.read_content("Resources/trips_2").content
        assert pa.parquet.read_table(io.BytesIO(content)).to_pydict() == {"a": [1.5]}
        files.remove("Resources/trips_2")


def test_many_rows_travel_in_several_chunks(files: DatasetApi, sent: Any) -> None:
    numbers = pa.table({"a": pa.array(range(600_000), pa.int64())})
    before = len(sent())
    files.upload_feature_group(Trips, "Resources", numbers)
    uploads = [line for line in sent()[before:] if line.startswith("POST")]
    size = files.get("Resources/trips_2")["attributes"]["size"]
    assert len(uploads) == -(-size // DatasetApi.DEFAULT_FLOW_CHUNK_SIZE) > 1
    content = files.read_content("Resources/trips_2").content
    assert pa.parquet.read_table(io.BytesIO(content)).equals(numbers)


def test_a_handle_made_by_hand_uses_the_login(files: DatasetApi) -> None:
    files.add("Resources", "note", {"a": 1})
    assert DatasetApi().get_tags("Resources") == {"note": {"a": 1}}
