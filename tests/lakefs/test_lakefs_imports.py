"""Imports: in order, out of order, and those that fail."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from lakefs_server import LakeFSServer

from hopsworks import lakefs
from hopsworks.lakefs import exceptions
from hopsworks.lakefs.import_manager import ImportManager

IMPORT = "/repositories/lake/branches/main/import"
NOW = timedelta(0)


@pytest.fixture
def manager(lake: lakefs.Repository) -> ImportManager:
    """One with two sources."""
    made = lake.branch("main").import_data("imported", {"who": "me"})
    return made.prefix("s3://bucket/p/", "in/p/").object("s3://bucket/o", "in/o")


def test_an_import(server: LakeFSServer, lake: lakefs.Repository, manager: ImportManager) -> None:
    server.import_polls = 3
    assert manager.import_id is None
    assert [(one.type, one.path, one.destination) for one in manager.sources] == [
        ("common_prefix", "s3://bucket/p/", "in/p/"),
        ("object", "s3://bucket/o", "in/o"),
    ]
    status = manager.run(NOW)
    assert server.said() == [f"POST {IMPORT}", *[f"GET {IMPORT}"] * 3]
    assert server.requests[0].json == {
        "paths": [
            {"type": "common_prefix", "path": "s3://bucket/p/", "destination": "in/p/"},
            {"type": "object", "path": "s3://bucket/o", "destination": "in/o"},
        ],
        "commit": {"message": "imported", "metadata": {"who": "me"}, "allow_empty": False},
    }
    assert server.requests[1].query == [("id", "import-1")]
    assert manager.import_id == "import-1"
    assert isinstance(status, lakefs.ImportStatus)
    assert (status.completed, status.ingested_objects, status.error) == (True, 2, None)
    assert status.update_time == datetime.datetime(2026, 1, 2, 3, 4, 5, 678912, datetime.UTC)
    assert status.commit == lake.branch("main").get_commit()
    assert manager.wait(NOW) == status
    assert manager.status() == status


def test_settings_count_until_the_start(server: LakeFSServer, manager: ImportManager) -> None:
    manager.commit_message = "later"
    manager.commit_metadata = None
    manager.start()
    assert server.requests[0].json["commit"] == {"message": "later", "allow_empty": False}


def test_no_sources_are_allowed(server: LakeFSServer, client: lakefs.Client) -> None:
    made = ImportManager("lake", "main", client=client)
    made.start()
    assert server.requests[0].json == {"paths": [], "commit": {"message": "", "allow_empty": False}}


def test_one_manager_one_import(server: LakeFSServer, manager: ImportManager) -> None:
    manager.start()
    with pytest.raises(exceptions.ImportManagerException, match="import-1 is running"):
        manager.start()
    with pytest.raises(exceptions.ImportManagerException, match="import-1 has started"):
        manager.prefix("s3://x", "y")
    with pytest.raises(exceptions.ImportManagerException, match="import-1 has started"):
        manager.object("s3://x", "y")
    manager.wait(NOW)
    with pytest.raises(exceptions.ImportManagerException, match="import-1 was made already"):
        manager.run()
    assert server.said() == [f"POST {IMPORT}", f"GET {IMPORT}"]


def test_a_failed_start_can_be_repeated(server: LakeFSServer, manager: ImportManager) -> None:
    server.fault(f"POST {IMPORT}", status=500)
    with pytest.raises(exceptions.ServerException):
        manager.start()
    assert manager.import_id is None
    manager.prefix("s3://bucket/q/", "in/q/")
    assert manager.start() == "import-1"


def test_before_the_start_nothing_is_asked(server: LakeFSServer, manager: ImportManager) -> None:
    for call in (manager.wait, manager.status, manager.cancel):
        with pytest.raises(exceptions.ImportManagerException, match="has not started"):
            call()
    assert server.requests == []


def test_an_import_that_fails(server: LakeFSServer, lake: lakefs.Repository) -> None:
    manager = lake.branch("main").import_from("s3://broken/", "in/", "message")
    assert server.requests == []
    with pytest.raises(
        exceptions.ImportManagerException, match="import-1 failed: cannot read s3://b"
    ):
        manager.run(NOW)
    error = manager.status().error
    assert error is not None
    assert error.message == "cannot read s3://broken"


def test_an_import_that_is_cancelled(server: LakeFSServer, manager: ImportManager) -> None:
    server.import_polls = 100
    manager.start()
    manager.cancel()
    assert server.said()[-1] == f"DELETE {IMPORT}"
    status = manager.status()
    assert not status.completed
    assert status.error is not None
    assert "cancelled" in status.error.message
    with pytest.raises(exceptions.ImportManagerException, match="cancelled"):
        manager.wait(NOW)


def test_an_import_that_is_done_cannot_be_cancelled(manager: ImportManager) -> None:
    manager.run(NOW)
    with pytest.raises(exceptions.ConflictException):
        manager.cancel()


def test_the_wait_between_questions(server: LakeFSServer, manager: ImportManager) -> None:
    server.import_polls = 3
    manager.start()
    manager.wait(timedelta(seconds=0.05))
    times = [request.at for request in server.requests]
    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(times))
    manager.wait(0)


@pytest.mark.parametrize("interval", ["2", -1, timedelta(seconds=-1), True, float("nan")])
def test_an_interval_that_cannot_be(
    server: LakeFSServer, manager: ImportManager, interval: Any
) -> None:
    for call in (manager.run, manager.wait):
        with pytest.raises(exceptions.ValidationError, match="poll_interval must be a timedelta"):
            call(interval)
    assert server.requests == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda m: m.prefix(5, "x"), "object_store_uri must be a str"),
        (lambda m: m.prefix("", "x"), "object_store_uri is empty"),
        (lambda m: m.object("s3://x", None), "destination must be a str"),
    ],
)
def test_sources_that_cannot_be(
    server: LakeFSServer, manager: ImportManager, call: Any, said: str
) -> None:
    with pytest.raises(exceptions.ValidationError, match=said):
        call(manager)
    assert len(manager.sources) == 2
    for name, value in (("commit_message", None), ("commit_metadata", {"k": 1})):
        setattr(manager, name, value)
        with pytest.raises(exceptions.ValidationError, match=name):
            manager.start()
        setattr(manager, name, "" if name == "commit_message" else {})
    assert server.requests == []


def test_inside_an_event_loop(manager: ImportManager) -> None:
    async def work() -> bool:
        return manager.run(NOW).completed

    assert asyncio.run(work())


def test_ctrl_c_ends_the_wait(server: LakeFSServer) -> None:
    script = (
        "import os, signal, threading\n"
        "from hopsworks import lakefs\n"
        f"branch = lakefs.Branch('lake', 'main', lakefs.Client(**{server.settings!r}))\n"
        "manager = branch.import_data()\n"
        "manager.start()\n"
        "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try: manager.wait(300)\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "interrupted\n"


def test_what_a_manager_shows(server: LakeFSServer, manager: ImportManager) -> None:
    shown = 'ImportManager(repository="lake", branch="main"'
    assert repr(manager) == f"{shown})"
    started = manager.start()
    assert repr(manager) == f'{shown}, import_id="{started}")'
