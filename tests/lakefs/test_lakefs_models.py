"""Values: made by hand, by classes of users, and by the core."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions, models
from hopsworks.lakefs.config import ClientConfig
from hopsworks.lakefs.namedtuple import LenientNamedTuple

COMMIT = {
    "id": "c1",
    "parents": ["c0"],
    "committer": "me",
    "message": "m",
    "creation_date": 5,
    "meta_range_id": "r",
    "metadata": {"k": "v"},
}


class Point(LenientNamedTuple):
    """A class as users write it."""

    x: int
    y: int


class Named(LenientNamedTuple):
    """One with an id, made from something else."""

    id: str
    size: int

    def __init__(self, **kwargs: Any) -> None:
        kwargs["size"] = int(kwargs["size"])
        super().__init__(**kwargs)


class Far(Point):
    """One more field."""

    z: int


class OwnCommit(models.Commit):
    """A class of a user on one of ours."""

    team: str


# --- classes of users -----------------------------------------------------------------------------------------


def test_fields_and_unknown_keywords() -> None:
    point = Point(x=1, y=2, color="red")
    assert (point.x, point.y, point.unknown) == (1, 2, {"color": "red"})
    with pytest.raises(AttributeError):
        point.color  # type: ignore[attr-defined]
    assert Point(x=1, y=2).unknown == {}
    assert str(point) == "{'x': 1, 'y': 2}"
    assert repr(point) == "Point()"
    assert repr(Named(id="n", size="7")) == 'Named(id="n")'
    assert Named(id="n", size="7").size == 7


def test_missing_fields_are_named() -> None:
    with pytest.raises(TypeError, match=r"Point\(\) is missing 2 fields: x, y"):
        Point()
    with pytest.raises(TypeError, match=r"Far\(\) is missing 1 fields: z"):
        Far(x=1, y=2)
    with pytest.raises(TypeError):
        Point(1, 2)  # type: ignore[misc]
    with pytest.raises(TypeError, match="content_type"):
        models.ObjectInfo(path="x")


def test_nothing_can_be_assigned() -> None:
    for value, name in ((Point(x=1, y=2), "x"), (Point(x=1, y=2), "other"), (commit(), "id")):
        with pytest.raises(AttributeError):
            setattr(value, name, 3)
        with pytest.raises(AttributeError):
            delattr(value, name)
    with pytest.raises(AttributeError):
        commit().unknown = {}


def test_equality_is_by_class_and_fields() -> None:
    assert Point(x=1, y=2) == Point(x=1, y=2, color="red")
    assert Point(x=1, y=2) != Point(x=1, y=3)
    assert Far(x=1, y=2, z=3) != Point(x=1, y=2)
    assert Point(x=1, y=2) != (1, 2)
    assert commit() == commit(more="x")
    assert commit() != commit(id="c2")
    for value in (Point(x=1, y=2), commit()):
        with pytest.raises(TypeError, match="unhashable"):
            hash(value)


def test_a_class_on_one_of_ours() -> None:
    own = OwnCommit(team="data", **COMMIT, generation=3)
    assert (own.team, own.id, own.unknown) == ("data", "c1", {"generation": 3})
    assert isinstance(own, lakefs.Commit)
    assert str(own) == str({**COMMIT, "team": "data"})
    assert own != commit()
    with pytest.raises(AttributeError):
        own.team = "other"
    with pytest.raises(TypeError, match="team"):
        OwnCommit(**COMMIT)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_values_travel(way: Any) -> None:
    for value in (Point(x=1, y=2, color="red"), commit(more=1), OwnCommit(team="t", **COMMIT)):
        again = way(value)
        assert again == value
        assert again.unknown == value.unknown


# --- our classes ----------------------------------------------------------------------------------------------


def commit(**more: Any) -> lakefs.Commit:
    return lakefs.Commit(**{**COMMIT, **more})


def test_a_commit() -> None:
    made = commit(version=1)
    assert (made.id, made.parents, made.metadata) == ("c1", ["c0"], {"k": "v"})
    assert made.unknown == {"version": 1}
    assert str(made) == str(COMMIT)
    assert repr(made) == 'Commit(id="c1")'
    assert isinstance(made, LenientNamedTuple)


def test_representations() -> None:
    change = lakefs.Change(type="added", path="p", path_type="object", size_bytes=None)
    assert repr(change) == 'Change(type="added", path="p", path_type="object")'
    assert repr(lakefs.CommonPrefix(path="p/")) == 'CommonPrefix(path="p/")'
    values = dict.fromkeys(("creation_date", "default_branch", "storage_namespace", "storage_id"))
    assert repr(lakefs.RepositoryProperties(id="r", **values)) == 'RepositoryProperties(id="r")'
    info = info_of("a", mtime=86400)
    assert repr(info) == 'ObjectInfo(path="a")'
    assert info.modified_time == datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC)
    storage = lakefs.ServerStorageConfiguration(
        **dict.fromkeys(
            ("blockstore_id", "blockstore_type", "pre_sign_support", "import_support",
             "blockstore_namespace_example", "blockstore_namespace_validity_regex",
             "pre_sign_support_ui", "import_validity_regex", "default_namespace_prefix",
             "pre_sign_multipart_upload")
        )
    )  # fmt: skip
    assert repr(storage) == "ServerStorageConfiguration()"


def info_of(path: str, **more: Any) -> lakefs.ObjectInfo:
    names = ("physical_address", "checksum", "mtime", "physical_address_expiry", "size_bytes",
             "metadata", "content_type")  # fmt: skip
    return lakefs.ObjectInfo(path=path, **{**dict.fromkeys(names), **more})


def test_values_by_hand_ask_nobody() -> None:
    with pytest.raises(exceptions.ValidationError, match="'a' was not listed on a branch"):
        info_of("a").delete()
    with pytest.raises(exceptions.ValidationError, match="'p/' does not come from a listing"):
        lakefs.CommonPrefix(path="p/").exists()


def test_the_state_of_an_import() -> None:
    status = lakefs.ImportStatus(
        completed=True,
        update_time=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        ingested_objects=3,
        metarange_id="m",
        commit=COMMIT,
        error={"message": "no"},
    )
    assert status.commit == commit()
    assert status.error is not None
    assert status.error.message == "no"
    assert lakefs.ImportResult is lakefs.ImportStatus


def test_parts_of_the_configuration() -> None:
    assert ClientConfig.Server(endpoint_url="h").endpoint_url == "h"
    assert ClientConfig.Credentials(access_key_id="a", secret_access_key="b").access_key_id == "a"
    with pytest.raises(TypeError, match="secret_access_key"):
        ClientConfig.Credentials(access_key_id="a")
    assert [one.value for one in ClientConfig.AuthType] == [1, 2, 3]
    assert ClientConfig.ProviderType.AWS_IAM.value == "aws_iam"


# --- what the core makes --------------------------------------------------------------------------------------


def test_what_a_listing_gives(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.ref("main")
    first, prefix = next(main.objects()), next(main.objects(delimiter="/"))
    assert type(first) is lakefs.ObjectInfo
    assert str(first) == str(
        {
            "path": "a/1",
            "physical_address": "mem://lake/a/1",
            "checksum": "f97c5d29941bfb1b2fdab0874906ab82",
            "mtime": 1_700_000_000,
            "physical_address_expiry": None,
            "size_bytes": 3,
            "metadata": {},
            "content_type": "application/octet-stream",
        }
    )
    assert first.unknown == {}
    assert type(prefix) is lakefs.CommonPrefix
    assert str(prefix) == "{'path': 'a/'}"
    for name in ("checksum", "mtime", "physical_address", "path_type"):
        assert not hasattr(prefix, name)
    with pytest.raises(AttributeError):
        first.path = "other"
    assert type(lake.properties) is lakefs.RepositoryProperties
    assert lake.properties.unknown == {"read_only": False}


def test_unknown_keys_are_kept_for_each_value(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    commits = list(lake.ref("main").log())
    assert [one.unknown for one in commits] == [
        {"generation": 1, "version": 1},
        {"generation": 0, "version": 1},
    ]
    assert lakefs.Commit(**COMMIT).unknown == {}


def test_prefixes_and_objects_of_a_listing_act(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    prefix: Any = next(lake.ref("main").objects(delimiter="/"))
    assert prefix.exists()
    on_branch: Any = next(lake.branch("main").objects(delimiter="/"))
    lake.branch("main").delete_objects(["a/1", "a/2"])
    assert not on_branch.exists()
    assert [dict(r.query) for r in server.requests if r.path.endswith("ls")][1] == {"prefix": "a/"}
