"""The one rule of all listings: pages when they are needed, not before, and no more of them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions

Lake = lakefs.Repository
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "branches": lambda lake: lake.branches,
    "tags": lambda lake: lake.tags,
    "objects": lambda lake: lake.ref("main").objects,
    "log": lambda lake: lake.ref("main").log,
    "diff": lambda lake: lambda **kw: lake.ref("main").diff("work", **kw),
    "uncommitted": lambda lake: lake.branch("work").uncommitted,
    "repositories": lambda lake: lambda **kw: lakefs.repositories(lake._client, **kw),
}
LISTINGS = pytest.mark.parametrize("name", FUNCTIONS)
COUNT = 250


@pytest.fixture
def full(server: LakeFSServer, lake: Lake) -> Lake:
    """A repository with 250 of everything."""
    server.put("lake", "main", {f"many/{i:03}": b"x" for i in range(COUNT)})
    store = server.repositories["lake"]
    store.commit("main", {"message": "many"})
    for i in range(COUNT):
        server.repository(f"lake{i:03}")
        store.tags[f"t{i:03}"] = store.branches["main"].head
        store.commit("main", {"message": str(i), "allow_empty": True})
        store.branches[f"b{i:03}"] = type(store.branches["main"])(store.branches["main"].head)
    store.branches["work"] = type(store.branches["main"])(store.branches["main"].head)
    server.put("lake", "work", {f"new/{i:03}": b"x" for i in range(COUNT)})
    return lake


def amounts(server: LakeFSServer) -> list[str | None]:
    return [dict(request.query).get("amount") for request in server.requests]


@LISTINGS
def test_nothing_is_asked_before_the_first_item(
    server: LakeFSServer, lake: Lake, name: str
) -> None:
    lake.branch("work").create("main")
    server.requests.clear()
    listed = FUNCTIONS[name](lake)()
    assert isinstance(listed, types.GeneratorType)
    assert server.requests == []
    server.fault("GET /repositories", status=404)
    with pytest.raises(exceptions.NotFoundException):
        next(listed)


@LISTINGS
def test_an_unknown_keyword_is_found_when_it_runs(
    server: LakeFSServer, lake: Lake, name: str
) -> None:
    listed = FUNCTIONS[name](lake)(no_such_keyword=1)
    with pytest.raises(
        TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'no_such_k"
    ):
        next(listed)
    for wrong in (1001, "7", -2, 1.5):
        with pytest.raises(exceptions.ValidationError, match="amount must be a number up to 1000"):
            next(FUNCTIONS[name](lake)(amount=wrong))
    for wrong in ("7", 1.5, True):
        if name != "repositories":
            with pytest.raises(exceptions.ValidationError, match="max_amount must be a whole num"):
                next(FUNCTIONS[name](lake)(max_amount=wrong))
    assert server.requests == []


@pytest.mark.parametrize("name", ["branches", "tags", "objects", "log", "uncommitted"])
def test_pages_come_as_they_are_needed(server: LakeFSServer, full: Lake, name: str) -> None:
    function = FUNCTIONS[name](full)
    assert len(list(function())) >= COUNT
    assert amounts(server) == ["1000"]
    server.requests.clear()
    listed = function(amount=100)
    for _ in range(100):
        next(listed)
    assert len(server.requests) == 1
    next(listed)
    assert amounts(server) == ["100", "100"]
    assert len(list(listed)) >= COUNT - 101
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "name", ["branches", "tags", "objects", "log", "diff", "uncommitted", "repositories"]
)
@pytest.mark.parametrize(
    ("most", "page"), [(1, None), (7, None), (100, None), (101, "101"), (200, "200")]
)
def test_no_more_than_was_wanted(
    server: LakeFSServer, full: Lake, name: str, most: int, page: str | None
) -> None:
    if name == "diff":
        full.branch("work").commit("new ones")
        server.requests.clear()
    function = FUNCTIONS[name](full)
    assert len(list(function(max_amount=most))) == most
    assert amounts(server) == [page]
    assert len(list(function(max_amount=most, amount=60))) == most
    assert amounts(server)[1:] == ["60"] * -(-most // 60)


@LISTINGS
@pytest.mark.parametrize("most", [0, -1])
def test_nothing_is_asked_for_nothing(
    server: LakeFSServer, lake: Lake, name: str, most: int
) -> None:
    assert list(FUNCTIONS[name](lake)(max_amount=most)) == []
    assert server.requests == []


def test_parameters_are_sent_as_they_are_given(server: LakeFSServer, full: Lake) -> None:
    main = full.ref("main")
    list(main.objects(after="", prefix="", delimiter="", amount=None))
    list(
        main.objects(after="many/1", prefix="many/", user_metadata=False, presign=True, amount=500)
    )
    list(main.log(objects=["a/1", "b c"], prefixes=["many/"], first_parent=False, limit=True))
    assert [request.query for request in server.requests] == [
        [("after", ""), ("amount", "1000"), ("delimiter", ""), ("prefix", "")],
        [
            ("user_metadata", "false"),
            ("presign", "true"),
            ("after", "many/1"),
            ("amount", "500"),
            ("prefix", "many/"),
        ],
        [
            ("amount", "1000"),
            ("objects", "a/1"),
            ("objects", "b c"),
            ("prefixes", "many/"),
            ("limit", "true"),
            ("first_parent", "false"),
        ],
    ]


def test_later_pages_keep_the_parameters(server: LakeFSServer, full: Lake) -> None:
    paths = [
        one.path for one in full.ref("main").objects(prefix="many/", amount=100, after="many/010")
    ]
    assert paths == [f"many/{i:03}" for i in range(11, COUNT)]
    assert [dict(request.query) for request in server.requests] == [
        {"amount": "100", "prefix": "many/", "after": after}
        for after in ("many/010", "many/110", "many/210")
    ]


def test_an_error_comes_out_of_next_and_what_came_before_stays(
    server: LakeFSServer, full: Lake
) -> None:
    listed = full.branches(amount=100)
    got = [next(listed).id for _ in range(100)]
    server.fault("GET /repositories/lake/branches", status=500)
    with pytest.raises(exceptions.ServerException):
        next(listed)
    assert got == [f"b{i:03}" for i in range(100)]
    assert list(listed) == []


def test_a_page_that_comes_again_ends_the_listing(server: LakeFSServer, lake: Lake) -> None:
    body = (
        b'{"results": [{"id": "b1", "commit_id": "c"}],'
        b' "pagination": {"has_more": true, "next_offset": "b1", "results": 1, "max_per_page": 1000}}'
    )
    server.fault("GET /repositories/lake/branches", status=200, body=body, times=5)
    listed = lake.branches()
    assert [next(listed).id, next(listed).id] == ["b1", "b1"]
    with pytest.raises(exceptions.MalformedResponseException, match="repeats the page after 'b1'"):
        next(listed)
    assert len(server.requests) == 2


def test_a_page_of_null_is_empty(server: LakeFSServer, lake: Lake) -> None:
    body = b'{"results": null, "pagination": {"has_more": false, "next_offset": ""}}'
    server.fault("GET /repositories/lake/tags", status=200, body=body)
    assert list(lake.tags()) == []


def test_an_empty_page_does_not_end_a_listing(server: LakeFSServer, lake: Lake) -> None:
    body = b'{"results": [], "pagination": {"has_more": true, "next_offset": "a"}}'
    server.fault("GET /repositories/lake/branches", status=200, body=body)
    assert [one.id for one in lake.branches()] == ["main"]


def test_repositories_by_prefix_and_search(server: LakeFSServer, full: Lake) -> None:
    found = lakefs.repositories(full._client, prefix="lake1", search="9", amount=10)
    assert [one.id for one in found] == [f"lake{i:03}" for i in range(100, 200) if "9" in str(i)]


def test_signatures() -> None:
    def names(function: Any) -> list[str]:
        return list(inspect.signature(function).parameters)

    usual = ["max_amount", "after", "prefix"]
    assert names(lakefs.Repository.branches)[1:] == [*usual, "kwargs"]
    assert names(lakefs.Repository.tags)[1:] == [*usual, "kwargs"]
    assert names(lakefs.Branch.uncommitted)[1:] == [*usual, "kwargs"]
    assert names(lakefs.Reference.objects)[1:] == [*usual, "delimiter", "kwargs"]
    assert names(lakefs.Reference.diff)[1:] == ["other_ref", *usual, "delimiter", "kwargs"]
    assert names(lakefs.repositories) == ["client", "prefix", "after", "kwargs"]
    assert names(lakefs.repository) == ["repository_id", "client"]
