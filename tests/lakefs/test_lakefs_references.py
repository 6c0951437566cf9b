"""Repositories, branches, tags and references: what is asked, what comes back, what is refused."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions

ValidationError = exceptions.ValidationError
LAKE = "/repositories/lake"


def bodies(server: LakeFSServer) -> list[Any]:
    return [request.json for request in server.requests if request.body]


# --- repositories ---------------------------------------------------------------------------------------------


def test_a_repository_is_created(server: LakeFSServer, client: lakefs.Client) -> None:
    made = lakefs.Repository("new-lake", client)
    assert made.create("mem://new", "trunk", True, storage_id="b", bare=True) is made
    assert made.properties.default_branch == "trunk"
    assert made.properties.storage_id == "b"
    assert server.said() == ["POST /repositories"]
    assert server.requests[0].query == [("bare", "true")]
    assert bodies(server) == [
        {
            "name": "new-lake",
            "storage_namespace": "mem://new",
            "default_branch": "trunk",
            "sample_data": True,
            "storage_id": "b",
        }
    ]


def test_members_of_none_are_left_out(server: LakeFSServer, client: lakefs.Client) -> None:
    lakefs.Repository("new-lake", client).create("mem://new", default_branch=None)
    assert bodies(server) == [
        {"name": "new-lake", "storage_namespace": "mem://new", "sample_data": False}
    ]


def test_a_repository_that_is_there(server: LakeFSServer, lake: lakefs.Repository) -> None:
    with pytest.raises(exceptions.ConflictException):
        lake.create("mem://other")
    assert lake.create("mem://other", exist_ok=True) is lake
    assert lake.properties.storage_namespace == "mem://lake"
    assert server.said() == ["POST /repositories", "POST /repositories", f"GET {LAKE}"]
    again = lakefs.Repository("lake", lake._client)
    assert lake.properties == again.properties
    server.fault("POST /repositories", status=409)
    server.fault(f"GET {LAKE}", status=403)
    with pytest.raises(exceptions.ForbiddenException):
        lake.create("mem://other", exist_ok=True)


@pytest.mark.parametrize(
    "name", ["ab", "-abc", "Abc", "a_b", "a b", "a" * 64, "ä-lake", "lake/", "lake\n", "lake."]
)
def test_names_that_no_repository_can_have(
    server: LakeFSServer, client: lakefs.Client, name: str
) -> None:
    with pytest.raises(ValidationError, match="cannot be the name of a repository: 3 to 63"):
        lakefs.Repository(name, client).create("mem://x")
    assert server.requests == []


@pytest.mark.parametrize("name", ["abc", "0-0", "a" * 63, "a--"])
def test_names_that_a_repository_can_have(
    server: LakeFSServer, client: lakefs.Client, name: str
) -> None:
    assert lakefs.Repository(name, client).create("mem://x").properties.id == name


def test_metadata_is_asked_each_time_and_can_be_called(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    server.repositories["lake"].metadata = {"team": "data"}
    assert lake.metadata == {"team": "data"}
    assert lake.metadata() == {"team": "data"}
    assert server.said() == [f"GET {LAKE}/metadata"] * 2
    assert lake.properties is lake.properties
    assert len(server.requests) == 3


def test_a_repository_is_deleted(server: LakeFSServer, lake: lakefs.Repository) -> None:
    lake.delete(force=True)
    assert server.requests[0].query == [("force", "true")]
    with pytest.raises(exceptions.NotFoundException):
        lake.delete()
    assert (str(lake), repr(lake), lake.id) == ("lake", 'Repository(id="lake")', "lake")


# --- references -----------------------------------------------------------------------------------------------


def test_segments_are_quoted_whole(server: LakeFSServer, lake: lakefs.Repository) -> None:
    for name in ("a/b~1", "ä ö?x#y", "50%", "..a"):
        with pytest.raises(exceptions.NotFoundException):
            lake.ref(name).get_commit()
    assert [request.target.removeprefix("/api/v1") for request in server.requests] == [
        f"{LAKE}/commits/a%2Fb~1",
        f"{LAKE}/commits/%C3%A4%20%C3%B6%3Fx%23y",
        f"{LAKE}/commits/50%25",
        f"{LAKE}/commits/..a",
    ]


def test_expressions(lake: lakefs.Repository) -> None:
    newest, first = list(lake.ref("main").log())
    assert lake.ref("main~1").get_commit() == first
    assert lake.commit(newest.id).get_commit() == newest
    assert [one.path for one in lake.ref("main~1").objects()] == []
    assert [one.path for one in lake.ref("main@").objects()] == ["a/1", "a/2", "b"]


def test_a_commit_is_kept_where_it_cannot_change(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    reference, branch = lake.ref("main"), lake.branch("main")
    tag = lake.tag("v1").create("main")
    server.requests.clear()
    assert reference.get_commit() is reference.get_commit()
    assert tag.get_commit() is tag.get_commit()
    assert len(server.requests) == 2
    assert branch.get_commit() == branch.get_commit()
    assert len(server.requests) == 4
    tag.delete()
    with pytest.raises(exceptions.NotFoundException):
        tag.get_commit()


def test_the_head_is_a_reference_and_can_be_called(
    server: LakeFSServer, lake: lakefs.Repository
) -> None:
    head = lake.branch("main").head
    assert type(head) is lakefs.Reference
    assert head() is head
    assert lake.branch("main").head().id == head.id
    assert repr(head) == f'Reference(repository="lake", id="{head.id}")'
    assert head != lake.branch("main").head, "references are compared by identity"
    assert server.said() == [f"GET {LAKE}/branches/main"] * 3


def test_diffs(server: LakeFSServer, lake: lakefs.Repository) -> None:
    work = lake.branch("work").create("main")
    work.delete_objects(["a/1", "b"])
    work.commit("less")
    main = lake.branch("main")
    main.delete_objects("a/2")
    main.commit("also less")

    def shown(listed: Any) -> list[tuple[str, str]]:
        return [(one.type, one.path) for one in listed]

    assert shown(main.diff(work)) == [("removed", "a/1"), ("removed", "b")]
    two_dot = [("removed", "a/1"), ("added", "a/2"), ("removed", "b")]
    assert shown(main.diff(work, type="two_dot")) == two_dot
    assert shown(main.diff("work", max_amount=1, after="a/1")) == [("removed", "b")]
    assert shown(main.diff(work.head, delimiter="/")) == [
        ("prefix_changed", "a/"),
        ("removed", "b"),
    ]
    assert shown(main.diff(work.get_commit(), prefix="b", include_right_stats=True)) == [
        ("removed", "b")
    ]


def test_merges(server: LakeFSServer, lake: lakefs.Repository) -> None:
    work = lake.branch("work").create("main")
    work.delete_objects("b")
    work.commit("without b")
    with pytest.warns(UserWarning, match="merge_into.. ignores the keyword 'mesage'"):
        merged = work.merge_into("main", message="merge", metadata={"k": "v"}, mesage=1)
    assert isinstance(merged, str)
    assert lake.commit(merged).get_commit().metadata == {"k": "v"}
    assert bodies(server)[-1] == {
        "message": "merge",
        "metadata": {"k": "v"},
        "force": False,
        "allow_empty": False,
        "squash_merge": False,
    }
    with pytest.raises(exceptions.BadRequestException):
        work.merge_into(lake.branch("main"))
    work.merge_into("main", strategy="dest-wins", squash_merge=True, force=True, allow_empty=True)
    assert bodies(server)[-1] == {
        "strategy": "dest-wins",
        "force": True,
        "allow_empty": True,
        "squash_merge": True,
    }


def test_conflicts(server: LakeFSServer, lake: lakefs.Repository) -> None:
    work, main = lake.branch("work").create("main"), lake.branch("main")
    for number, branch in enumerate((work, main)):
        server.put("lake", branch.id, {"b": b"%d" % number})
        branch.commit("another b")
    with pytest.raises(exceptions.ConflictException) as caught:
        work.merge_into(main)
    assert caught.value.body == {"message": "merge: conflict at b"}
    main.delete_objects("a/1")
    with pytest.raises(exceptions.BadRequestException, match="dirty"):
        work.merge_into(main, strategy="source-wins")


# --- branches -------------------------------------------------------------------------------------------------


def test_branches(server: LakeFSServer, lake: lakefs.Repository) -> None:
    made = lake.branch("work").create("main", hidden=True, force=True)
    assert made.id == "work"
    assert bodies(server) == [{"name": "work", "source": "main", "force": True, "hidden": True}]
    assert [one.id for one in lake.branches()] == ["main"]
    assert [one.id for one in lake.branches(show_hidden=True)] == ["main", "work"]
    assert all(type(one) is lakefs.Branch for one in lake.branches())
    with pytest.raises(exceptions.ConflictException):
        made.create("main")
    assert made.create("main", exist_ok=True) is made
    with pytest.raises(exceptions.NotFoundException):
        lake.branch("x").create("no-such-source", exist_ok=True)
    made.delete(force=False)
    assert server.requests[-1].query == [("force", "false")]
    with pytest.raises(exceptions.ForbiddenException):
        lake.branch("main").delete()


def test_commits(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    main.delete_objects("b")
    with pytest.warns(UserWarning, match="ignores the keyword 'metadta'; it knows date, ") as told:
        made = main.commit("less", {"k": "v"}, date=7, metadta=1)
    assert told[0].filename == __file__
    assert type(made) is lakefs.Reference
    assert made.id == main.head.id
    commit = made.get_commit()
    assert (commit.message, commit.metadata, commit.creation_date) == ("less", {"k": "v"}, 7)
    with pytest.raises(exceptions.BadRequestException, match="no changes"):
        main.commit("nothing")
    main.commit("", allow_empty=True, force=True)
    assert bodies(server)[-1] == {"message": "", "allow_empty": True, "force": True}
    moment = datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=1)))
    assert main.commit("", allow_empty=True, date=moment).get_commit().creation_date == 1577919600
    for date in ("2020", 1.5, True, datetime(2020, 1, 2)):
        with pytest.raises(exceptions.ValidationError, match="seconds since 1970, or a datetime"):
            main.commit("", date=date)


def test_uncommitted_changes_and_their_end(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    server.put("lake", "main", {"new/1": b"1", "new/2": b"2", "c": b"3"})
    main.delete_objects("b")

    def paths() -> list[str]:
        return [one.path for one in main.uncommitted()]

    assert paths() == ["b", "c", "new/1", "new/2"]
    assert [one.path for one in main.uncommitted(1, "c", "new/")] == ["new/1"]
    assert [one.path for one in main.uncommitted(delimiter="/")] == ["b", "c", "new/"]
    server.requests.clear()
    main.reset_changes("object", "b")
    assert paths() == ["c", "new/1", "new/2"]
    main.reset_changes("common_prefix", "new/")
    assert paths() == ["c"]
    main.reset_changes()
    assert paths() == []
    assert bodies(server) == [
        {"type": "object", "path": "b"},
        {"type": "common_prefix", "path": "new/"},
        {"type": "reset"},
    ]
    with pytest.raises(exceptions.NotFoundException):
        main.reset_changes("object", "not-changed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("all",), "path_type must be one of common_prefix, object, reset, not 'all'"),
        (("object",), "path must be a str, not NoneType"),
        (("object", ""), "path is empty"),
        (("common_prefix", 5), "path must be a str, not int"),
        (("reset", 5), "path must be a str, not int"),
    ],
)
def test_resets_that_cannot_be(
    server: LakeFSServer, lake: lakefs.Repository, arguments: Any, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        lake.branch("main").reset_changes(*arguments)
    assert server.requests == []


def test_reverts_and_picks(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    main.delete_objects("b")
    removed = main.commit("without b")
    undone = main.revert(removed)
    assert undone == main.get_commit()
    assert [one.path for one in main.objects()] == ["a/1", "a/2", "b"]
    assert bodies(server)[-1] == {
        "ref": removed.id,
        "parent_number": 0,
        "force": False,
        "allow_empty": False,
    }
    work = lake.branch("work").create("main")
    picked = work.cherry_pick(removed)
    assert isinstance(picked, lakefs.Commit)
    assert bodies(server)[-1] == {"ref": removed.id}
    assert [one.path for one in work.objects()] == ["a/1", "a/2"]
    merged = work.merge_into("main")
    with pytest.raises(exceptions.BadRequestException, match="parent"):
        main.revert(merged)
    main.revert(merged, 1, allow_empty=True)
    work.cherry_pick(merged, 1)
    assert bodies(server)[-1] == {"ref": merged, "parent_number": 1}


def test_a_revert_by_the_old_name(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    with pytest.warns(lakefs.LakeFSDeprecationWarning, match="^reference_id is deprecated") as seen:
        main.revert(reference_id=main.head.id)
    assert seen[0].filename == __file__
    server.requests.clear()
    with pytest.warns(lakefs.LakeFSDeprecationWarning):
        with pytest.raises(ValueError, match="both provided"):
            main.revert("x", reference_id="y")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for nothing in (None, ""):
            with pytest.raises(ValueError, match="must be specified"):
                main.revert(nothing)
        for parent in (-1, "1", 1.5):
            with pytest.raises(ValueError, match="parent_number must be 0 or more"):
                main.revert("x", parent)
    assert server.requests == []


def test_deletions_come_in_batches(server: LakeFSServer, lake: lakefs.Repository) -> None:
    paths = [f"many/{i:04}" for i in range(2500)]
    server.put("lake", "main", dict.fromkeys(paths, b"x"))
    main = lake.branch("main")
    answer = main.delete_objects(iter([*paths, "protected/1", "no-such-path"]))
    assert [len(body["paths"]) for body in bodies(server)] == [1000, 1000, 502]
    assert [path for body in bodies(server) for path in body["paths"]][:2500] == paths
    assert [(e.path, e.status_code, e.message) for e in answer.errors] == [
        ("protected/1", 403, "protected")
    ]
    assert [one.path for one in main.objects(prefix="many/")] == []


def test_what_can_be_deleted(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    listed = list(main.objects(prefix="a/"))
    for given in ("x", main.object("y"), [main.object("z"), "w"], {"v"}, listed, []):
        assert main.delete_objects(given).errors == []
    assert [body["paths"] for body in bodies(server)] == [
        ["x"],
        ["y"],
        ["z", "w"],
        ["v"],
        ["a/1", "a/2"],
        [],
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (5, "object_paths must be a path, an object or several of them, not int"),
        (None, "object_paths must be a path"),
        (["a", 5], "a path must be a str, not int"),
        (["a", None], "a path must be a str, not NoneType"),
        ([""], "a path is empty"),
        ([b"a"], "a path must be a str, not bytes"),
    ],
)
def test_what_cannot_be_deleted(
    server: LakeFSServer, lake: lakefs.Repository, given: Any, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        lake.branch("main").delete_objects(given)
    assert server.requests == []


# --- tags -----------------------------------------------------------------------------------------------------


def test_tags(server: LakeFSServer, lake: lakefs.Repository) -> None:
    main = lake.branch("main")
    for name, source in (
        ("v1", "main"),
        ("v2", main),
        ("v3", main.get_commit()),
        ("v4", main.head),
    ):
        tag = lake.tag(name)
        assert tag.create(source, force=name == "v2") is tag
        assert tag.get_commit() == main.get_commit()
    assert [one.id for one in lake.tags()] == ["v1", "v2", "v3", "v4"]
    assert [one.id for one in lake.tags(2, "v1", "v")] == ["v2", "v3"]
    assert [body["force"] for body in bodies(server)] == [False, True, False, False]
    assert all(type(one) is lakefs.Tag for one in lake.tags())
    with pytest.raises(exceptions.ConflictException):
        tag.create("main")
    assert tag.create("main", exist_ok=True) is tag
    tag.delete(force=True)
    with pytest.raises(exceptions.NotFoundException):
        tag.delete()
    assert repr(tag) == 'Tag(repository="lake", id="v4")'


# --- arguments that cannot be -----------------------------------------------------------------------------------

CALLS: dict[str, Any] = {
    "repository_id must be a str, not int": lambda lake: lakefs.Repository(5, lake._client),
    "repository_id is empty": lambda lake: lakefs.Repository("", lake._client),
    "branch_id must be a str, not NoneType": lambda lake: lake.branch(None),
    "branch_id is empty": lambda lake: lake.branch(""),
    "tag_id is empty": lambda lake: lake.tag(""),
    "reference_id must be a str, not bytes": lambda lake: lake.ref(b"main"),
    "source_reference must be the name of": lambda lake: lake.branch("x").create(5),
    "source_reference is empty": lambda lake: lake.branch("x").create(""),
    "source_ref must be the name of a branch": lambda lake: lake.tag("x").create(None),
    "other_ref must be the name of a branch": lambda lake: list(lake.ref("x").diff(None)),
    "destination_branch must be the name": lambda lake: lake.ref("x").merge_into(None),
    "reference must be the name of a branch": lambda lake: lake.branch("x").cherry_pick(7),
    "strategy must be 'source-wins' or 'dest": lambda lake: lake.ref("x").merge_into(
        "y", strategy="z"
    ),
    "message must be a str, not NoneType": lambda lake: lake.branch("x").commit(None),
    "metadata must be a dict of str to str; write 'k': '1'": lambda lake: lake.branch("x").commit(
        "m", {"k": 1}
    ),
    "metadata must be a dict of str to str, not 5": lambda lake: lake.ref("x").merge_into(
        "y", metadata=5
    ),
    "storage_namespace must be a str, not NoneT": lambda lake: lake.create(None),
    "storage_namespace is empty": lambda lake: lake.create(""),
    "storage_id must be a str, not int": lambda lake: lake.create("mem://x", storage_id=5),
    "date must be a whole number .seconds since 1970.*'now'": lambda lake: lake.branch("x").commit(
        "m", date="now"
    ),
    "date must be a whole number .*, not 1.5": lambda lake: lake.branch("x").commit("m", date=1.5),
    "parent_number must be a whole number .the parent of a merge, from 1.*'1'": lambda lake: (
        lake.branch("x").cherry_pick("y", "1")
    ),
    "parent_number must be a whole number .*, not -1": lambda lake: lake.branch("x").cherry_pick(
        "y", -1
    ),
    "type must be 'three_dot' or 'two_dot', not 'one_dot'": lambda lake: lake.ref("x").diff(
        "y", type="one_dot"
    ),
    "default_branch is empty": lambda lake: lake.create("mem://x", ""),
}


@pytest.mark.parametrize("said", CALLS)
def test_arguments_that_cannot_be(server: LakeFSServer, lake: lakefs.Repository, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CALLS[said](lake)
    assert server.requests == []


OPTIONS: dict[str, Any] = {
    "create": lambda lake: lake.create("mem://x", async_req=True),
    "delete": lambda lake: lake.delete(async_req=True),
    "branch create": lambda lake: lake.branch("x").create("main", async_req=True),
    "branch delete": lambda lake: lake.branch("x").delete(async_req=True),
    "reset_changes": lambda lake: lake.branch("x").reset_changes(async_req=True),
    "revert": lambda lake: lake.branch("x").revert("y", async_req=True),
    "cherry_pick": lambda lake: lake.branch("x").cherry_pick("y", async_req=True),
    "tag create": lambda lake: lake.tag("x").create("main", async_req=True),
    "tag delete": lambda lake: lake.tag("x").delete(async_req=True),
}


@pytest.mark.parametrize("call", OPTIONS)
def test_keywords_that_nothing_knows(
    server: LakeFSServer, lake: lakefs.Repository, call: str
) -> None:
    name = call.split()[-1]
    with pytest.raises(
        TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'async_req"
    ):
        OPTIONS[call](lake)
    assert server.requests == []


@pytest.mark.parametrize("name", [".", ".."])
def test_names_that_would_lead_elsewhere(
    server: LakeFSServer, lake: lakefs.Repository, name: str
) -> None:
    with pytest.raises(ValidationError, match=f"cannot have \"{name}\" as 'branch'"):
        lake.branch(name).delete()
    with pytest.raises(ValidationError):
        next(lake.ref(name).objects())
    assert server.requests == []


def test_names_that_are_no_text(server: LakeFSServer, lake: lakefs.Repository) -> None:
    with pytest.raises(ValidationError, match=r"'x\\udc80' holds something that is no character"):
        lake.branch("x\udc80").delete()
    with pytest.raises(ValidationError, match="no character, and cannot be sent"):
        next(lake.ref("main").objects(prefix="\udc80"))
    assert server.requests == []


def test_references_cannot_be_written(lake: lakefs.Repository) -> None:
    for reference in (lake.ref("main"), lake.tag("v1"), lake.commit("c")):
        for name in ("upload", "copy_object", "delete_objects", "reset_changes", "commit"):
            assert not hasattr(reference, name)
        assert type(reference.object("x")).__name__ == "StoredObject"
    assert type(lake.branch("main").object("x")).__name__ == "WriteableObject"
