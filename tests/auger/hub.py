"""A Hub that answers by a script, and clients of it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from scripted_server import ScriptedServer, Step

from hopsworks.auger import HubApiClient

ROOT = Path(__file__).resolve().parents[2]
JSON = {"Content-Type": "application/json"}


def reply(value: Any = None, status: int = 200, reason: str = "OK", **step: Any) -> Step:
    """A step that answers with JSON."""
    body = json.dumps({"data": {}, "meta": {"status": status}} if value is None else value)
    return Step(status=status, reason=reason, body=body.encode(), headers=dict(JSON), **step)


def unavailable(times: int = 1) -> Step:
    """Steps that answer as a Hub that is being restarted."""
    return Step(
        status=503,
        reason="Service Unavailable",
        headers={"Content-Type": "text/html"},
        body=b"<html><head><title>Application Error</title></head><body></body></html>",
        times=times,
    )


def client_of(server: ScriptedServer, **settings: Any) -> HubApiClient:
    """A client of a scripted Hub; it does not wait between attempts."""
    return HubApiClient(
        **{"hub_app_url": server.url, "token": "t", "retry_wait_seconds": 0, **settings}
    )


def raised(call: Any) -> BaseException:
    """What a call raises."""
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


class InThread(threading.Thread):
    """A call in a thread; ``outcome()`` is what it returned or raised, ``turns()`` how often others ran meanwhile."""

    def __init__(self, call: Any) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._outcome: Any = None
        self.start()

    def run(self) -> None:
        try:
            self._outcome = self._call()
        except BaseException as error:
            self._outcome = error

    def outcome(self) -> Any:
        """Wait for the call."""
        self.join(60)
        assert not self.is_alive()
        return self._outcome

    def turns(self) -> int:
        """Wait for the call, and count the turns of 10 ms that this thread had meanwhile."""
        turns = 0
        while self.is_alive() and turns < 10_000:
            time.sleep(0.01)
            turns += 1
        return turns
