"""A project of a cluster whose answers follow a script."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from hopsworks import _native
from hopsworks.core import polling
from hopsworks.project import Project
from hopsworks.session import ProjectSession
from tests.scripted_server import ScriptedServer, Step

PROJECT = "/hopsworks-api/api/project/119"


class Cluster(NamedTuple):
    """A project and the server behind it."""

    project: Project
    server: ScriptedServer

    def asked(self) -> list[str]:
        """Verb and target of each request so far, below the project."""
        return [f"{one.verb} {one.target.removeprefix(PROJECT)}" for one in self.server.requests]


def json_step(expect: str, body: Any = None, status: int = 200, **settings: Any) -> Step:
    """One expected request, and the JSON that it is answered with."""
    text = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return Step(expect, status=status, body=text, headers=headers, **settings)


def answer(expect: str, body: Any = None, status: int = 200, **settings: Any) -> Step:
    """The same for a request ``"VERB /path"`` below the project."""
    verb, path = expect.split(" ")
    place = path if path.startswith("/hopsworks-api/") else PROJECT + path
    return json_step(f"{verb} {place}", body, status, **settings)


@contextlib.contextmanager
def session_on(
    server: ScriptedServer, headers: dict[str, str] | None = None, **connection: Any
) -> Iterator[ProjectSession]:
    """A session of the project 'demo' on a server.

    Parameters:
        server: The server.
        headers: Headers of every request.
        connection: Further attributes of its connection.
    """
    with _native.Client(server.url, headers=headers or {}) as client:
        attributes = {
            "_variables": {},
            "host": "localhost",
            "is_local": False,
            "base_url": server.url,
            **connection,
        }
        yield ProjectSession(types.SimpleNamespace(**attributes), client, 119, "demo")


@contextlib.contextmanager
def cluster(*steps: Step, complete: bool = True, ordered: bool = True) -> Iterator[Cluster]:
    """A project of a cluster that expects these requests, in this order unless told otherwise, and no others."""
    with ScriptedServer(list(steps), complete=complete, ordered=ordered) as server:
        with session_on(server) as session:
            wire = {"projectId": 119, "projectName": "demo"}
            yield Cluster(Project.from_response_json(wire, session.scope), server)


@contextlib.contextmanager
def interrupted_after(cluster: Cluster, requests: int) -> Iterator[None]:
    """Ctrl-C once the server has seen so many requests; what runs below must end with it."""

    def interrupt() -> None:
        while len(cluster.server.requests) < requests:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    thread.join()


class Clock:
    """Time that passes only while somebody waits for it: waits between questions pass at once.

    Attributes:
        now: What it shows, in seconds.
        pauses: How long the waits were, in seconds.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        patch.setattr(polling, "time", self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
