"""Transactions: how they end, well and not."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions
from hopsworks.lakefs.branch import Transaction

BRANCHES = "/repositories/lake/branches"
NAME = re.compile(r"tx-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def main(lake: lakefs.Repository) -> lakefs.Branch:
    """The branch."""
    return lake.branch("main")


def said(server: LakeFSServer) -> list[str]:
    """The requests, with TX for the transaction's branch."""
    return [NAME.sub("TX", line) for line in server.said()]


def left(server: LakeFSServer) -> list[str]:
    """Branches of transactions that are still there."""
    return [name for name in server.repositories["lake"].branches if name.startswith("tx-")]


GOOD = [
    f"POST {BRANCHES}",
    f"POST {BRANCHES}/TX/objects/delete",
    f"POST {BRANCHES}/TX/commits",
    "POST /repositories/lake/refs/TX/merge/main",
    f"DELETE {BRANCHES}/TX",
]


def test_what_a_transaction_asks(server: LakeFSServer, main: lakefs.Branch) -> None:
    with main.transact("less", {"k": "v"}) as tx:
        assert NAME.fullmatch(tx.id)
        assert (tx.repo_id, tx.source_id) == ("lake", "main")
        tx.delete_objects("b")
    assert said(server) == GOOD
    create, _, commit, merge, _ = server.requests
    assert create.json == {"name": tx.id, "source": "main", "force": False, "hidden": True}
    assert (commit.json["message"], commit.json["metadata"]) == ("less", {"k": "v"})
    assert merge.json["message"] == f"Merge transaction {tx.id} to branch"
    assert left(server) == []
    assert [one.path for one in main.objects()] == ["a/1", "a/2"]


def test_a_tag_is_created_on_the_merge(server: LakeFSServer, main: lakefs.Branch) -> None:
    with main.transact(tag="v1") as tx:
        tx.delete_objects("b")
    assert said(server) == [*GOOD, "POST /repositories/lake/tags"]
    assert server.requests[-1].json == {"id": "v1", "ref": main.head.id, "force": False}


def test_settings_of_the_end_can_change(server: LakeFSServer, main: lakefs.Branch) -> None:
    with main.transact("first", {"a": "1"}, tag="t1") as tx:
        assert (tx.commit_message, tx.commit_metadata, tx.tag) == ("first", {"a": "1"}, "t1")
        tx.delete_objects("b")
        tx.commit_message, tx.commit_metadata, tx.tag = "second", None, "t2"
        for name, wrong in (("commit_message", 5), ("commit_metadata", {"a": 1}), ("tag", 5)):
            with pytest.raises(exceptions.ValidationError, match=f"{name} must be"):
                setattr(tx, name, wrong)
    commit = next(request.json for request in server.requests if request.path.endswith("commits"))
    assert commit == {"message": "second", "allow_empty": False, "force": False}
    assert server.requests[-1].json["id"] == "t2"
    with main.transact("no tag any more", tag="t3") as tx:
        tx.tag = None
        tx.delete_objects("a/1")
    assert not server.requests[-1].path.endswith("tags")


def test_what_there_is_inside(server: LakeFSServer, main: lakefs.Branch) -> None:
    with main.transact() as tx:
        for name in ("commit", "create", "head", "delete", "revert", "import_data", "cherry_pick"):
            assert not hasattr(tx, name), name
        tx.object("new").upload("content")
        assert [one.path for one in tx.uncommitted()] == ["new"]
        assert [one.path for one in tx.objects()] == ["a/1", "a/2", "b", "new"]
        assert tx.get_commit() == next(tx.log()) == main.get_commit()
        assert list(tx.diff(main)) == []
        tx.reset_changes()
        tx.object("new").upload("content")
        aside = lakefs.Branch("lake", "aside", main._client).create("main")
        assert tx.merge_into(aside, allow_empty=True) == aside.head.id
    assert main.object("new").reader("r").read() == "content"


def test_a_transaction_is_hidden(
    server: LakeFSServer, main: lakefs.Branch, lake: lakefs.Repository
) -> None:
    with main.transact() as tx:
        assert [one.id for one in lake.branches()] == ["main"]
        assert [one.id for one in lake.branches(show_hidden=True)] == ["main", tx.id]
        tx.delete_objects("b")


# --- not well -------------------------------------------------------------------------------------------------


def test_no_changes_are_a_failure(server: LakeFSServer, main: lakefs.Branch) -> None:
    with pytest.raises(exceptions.TransactionException, match=r"tx-.*commit: no changes") as caught:
        with main.transact():
            pass
    assert isinstance(caught.value.__cause__, exceptions.BadRequestException)
    assert said(server)[-1] == f"DELETE {BRANCHES}/TX"
    assert left(server) == []
    with pytest.raises(exceptions.TransactionException):  # noqa: PT012
        with main.transact() as tx:
            tx.delete_objects("b")
            tx.reset_changes()
    assert [one.path for one in main.objects()] == ["a/1", "a/2", "b"]


@pytest.mark.parametrize("step", ["/commits", "merge/main", "DELETE"])
@pytest.mark.parametrize("keep", [True, False])
def test_each_step_can_fail(
    server: LakeFSServer, main: lakefs.Branch, step: str, keep: bool
) -> None:
    with pytest.raises(exceptions.TransactionException) as caught:  # noqa: PT012
        with main.transact("m", delete_branch_on_error=not keep) as tx:
            tx.delete_objects("b")
            expect = {
                "/commits": f"POST {BRANCHES}/{tx.id}/commits",
                "merge/main": f"POST /repositories/lake/refs/{tx.id}/merge/main",
                "DELETE": f"DELETE {BRANCHES}/{tx.id}",
            }[step]
            server.fault(expect, status=423, body=b'{"message": "locked"}')
    assert tx.id in str(caught.value)
    assert "locked" in str(caught.value)
    assert isinstance(caught.value.__cause__, exceptions.ServerException)
    assert left(server) == ([tx.id] if keep else [])
    changed = step == "DELETE"  # by then everything is merged
    assert ("b" in [one.path for one in main.objects()]) is not changed


def test_a_source_that_moved_or_is_dirty(server: LakeFSServer, main: lakefs.Branch) -> None:
    with pytest.raises(exceptions.TransactionException, match="dirty") as caught:  # noqa: PT012
        with main.transact() as tx:
            tx.delete_objects("b")
            main.delete_objects("a/1")
    assert isinstance(caught.value.__cause__, exceptions.BadRequestException)
    with pytest.raises(exceptions.TransactionException, match="conflict at b") as caught:  # noqa: PT012
        with main.transact() as tx:
            tx.delete_objects("b")
            server.put("lake", "main", {"b": b"other"})
            main.commit("other b")
    assert isinstance(caught.value.__cause__, exceptions.ConflictException)
    assert left(server) == []


def test_a_clean_up_that_fails_is_noted(server: LakeFSServer, main: lakefs.Branch) -> None:
    with pytest.raises(exceptions.TransactionException, match="no changes") as caught:
        with main.transact() as tx:
            server.fault(f"DELETE {BRANCHES}/{tx.id}", status=500)
    assert caught.value.__notes__[0].startswith(f"The branch {tx.id} could not be deleted: DELETE")
    assert left(server) == [tx.id]


@pytest.mark.parametrize("step", ["commits", "merge/main"])
@pytest.mark.parametrize("keep", [True, False])
def test_ctrl_c_at_the_end_leaves_no_branch(
    server: LakeFSServer, main: lakefs.Branch, step: str, keep: bool
) -> None:
    def press() -> None:
        deadline = time.monotonic() + 30
        while not server.said()[-1].endswith(step) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with main.transact("m", delete_branch_on_error=not keep) as tx:
            tx.delete_objects("b")
            slow = f"{BRANCHES}/{tx.id}/" if step == "commits" else "/repositories/lake/refs/"
            server.fault(f"POST {slow}", delay=60)
            thread.start()
    thread.join()
    assert left(server) == ([tx.id] if keep else [])


def test_a_tag_that_fails_is_raised_as_it_is(server: LakeFSServer, main: lakefs.Branch) -> None:
    lakefs.Tag("lake", "v1", main._client).create("main")
    with pytest.raises(exceptions.ConflictException):
        with main.transact(tag="v1") as tx:
            tx.delete_objects("b")
    assert left(server) == []
    assert [one.path for one in main.objects()] == ["a/1", "a/2"]


@pytest.mark.parametrize(
    "error", [KeyError("x"), KeyboardInterrupt(), exceptions.LakeFSException()]
)
@pytest.mark.parametrize("keep", [True, False])
def test_an_exception_in_the_body_goes_through(
    server: LakeFSServer, main: lakefs.Branch, error: BaseException, keep: bool
) -> None:
    with pytest.raises(type(error)) as caught:
        with main.transact(delete_branch_on_error=not keep) as tx:
            raise error
    assert caught.value is error
    assert left(server) == ([tx.id] if keep else [])
    assert not any(line.startswith("POST /repositories/lake/refs") for line in server.said())


def test_an_exception_in_the_body_and_a_clean_up_that_fails(
    server: LakeFSServer, main: lakefs.Branch
) -> None:
    with pytest.raises(KeyError) as caught:  # noqa: PT012
        with main.transact() as tx:
            server.fault(f"DELETE {BRANCHES}/{tx.id}", status=500)
            raise KeyError("x")
    assert tx.id in caught.value.__notes__[0]


def test_a_transaction_that_cannot_begin(server: LakeFSServer, lake: lakefs.Repository) -> None:
    with pytest.raises(exceptions.NotFoundException):
        with lake.branch("none").transact():
            raise AssertionError("never here")
    assert said(server) == [f"POST {BRANCHES}"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"commit_message": None}, "commit_message must be a str"),
        ({"commit_metadata": {"a": 1}}, "commit_metadata must be a dict"),
        ({"tag": 5}, "tag must be a str"),
    ],
)
def test_settings_that_cannot_be(
    server: LakeFSServer, main: lakefs.Branch, options: Any, says: str
) -> None:
    with pytest.raises(exceptions.ValidationError, match=says):
        main.transact(**options)
    assert server.requests == []


def test_the_class_itself(server: LakeFSServer, client: lakefs.Client) -> None:
    transaction = Transaction("lake", "main", "m", {"k": "v"}, True, client, "v1")
    with transaction as tx:
        with pytest.raises(exceptions.TransactionException, match="has not ended"):
            transaction.__enter__()
        tx.delete_objects("b")
    with transaction as again:
        assert again.id != tx.id
        again.delete_objects("a/1")
        again.tag = None
    assert lakefs.Tag("lake", "v1", client).get_commit().metadata == {}


# --- the first design -----------------------------------------------------------------------------------------


def test_the_first_design_keeps_what_failed(server: LakeFSServer, main: lakefs.Branch) -> None:
    error = KeyError("x")
    with pytest.raises(  # noqa: PT012
        exceptions.TransactionException, match=r"KeyError: 'x'; its changes"
    ) as caught:
        with main.transaction("m") as tx:
            tx.upload(b"kept", "new")
            raise error
    assert caught.value.__cause__ is error
    assert left(server) == [tx.id]
    assert tx.id in str(caught.value)
    assert [one.path for one in tx.list_uncommitted()] == ["new"]


def test_the_first_design_can_delete_what_failed(server: LakeFSServer, main: lakefs.Branch) -> None:
    with pytest.raises(exceptions.TransactionException):
        with main.transaction("m", delete_branch_on_error=True):
            raise KeyError("x")
    assert left(server) == []
    with pytest.raises(KeyboardInterrupt):
        with main.transaction("m", delete_branch_on_error=True):
            raise KeyboardInterrupt
    assert left(server) == []


def test_the_first_design_commits_and_merges(server: LakeFSServer, main: lakefs.Branch) -> None:
    with main.transaction("new ones") as tx:
        assert type(main.transaction("x")) is lakefs.BranchTransaction
        assert tx.commit_message == "new ones"
        tx.upload("text", "new/1")
        with tx.open("new/2", "w") as file:
            file.write("more")
        tx.copy_object("main", "b", "new/3")
        tx.reset("new/2")
    assert [one.path for one in main.list_objects(prefix="new/")] == ["new/1", "new/3"]
    assert left(server) == []
    with pytest.raises(exceptions.TransactionException, match="no changes"):
        with main.transaction("nothing"):
            pass
    assert len(left(server)) == 1


def test_outside_of_with_there_is_nothing_to_change(
    server: LakeFSServer, main: lakefs.Branch
) -> None:
    transaction = main.transact("x")
    assert repr(transaction) == f'Transaction(repository="{main.repo_id}", branch="main")'
    with pytest.raises(AttributeError, match=r"inside 'with' only: .* as tx: tx\.object$"):
        transaction.object("x")
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        transaction.no_such_name
    assert not hasattr(transaction, "_no_such_name")
    assert server.requests == []
