"""The rules of repetition, each kind of fault against each kind of request: how often it is sent, and when again.

docs/internals/http.md states them. The server counts and times; nothing is read from the client but its error.
"""

from __future__ import annotations

import itertools
import os
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripted_server import ScriptedServer, Step

from hopsworks import _native
from hopsworks.client import exceptions

FAILURES = (
    exceptions.RestAPIError,
    exceptions.ServiceUnreachableError,
    exceptions.ProtocolError,
    exceptions.RequestTimeoutError,
)
FIRST_DELAY = 0.25
ATTEMPTS = 4
# For a machine that is busy with other things.
PATIENCE = 1.0


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def rows_pushed(scope: _native.Scope) -> None:
    """Content that is pushed piece by piece cannot be taken back to its start."""
    with scope.open_upload(
        "feature_group.insert_rows",
        content_type="application/vnd.apache.arrow.stream",
        feature_store_id=5,
        id=7,
        ingestion="u1",
    ) as stream:
        stream.write(b"rows")
        stream.finish()


def content_pulled(scope: _native.Scope) -> None:
    with scope.open_download("dataset.download", path="x", type="DATASET") as stream:
        stream.read()


# Kind of request: how it is made, and whether it is safe to repeat. Verb and body are in the name.
REQUESTS: dict[str, tuple[Callable[[_native.Scope], object], bool]] = {
    "GET": (lambda scope: scope.call("variable.versions"), True),
    "GET pulled": (content_pulled, True),
    "DELETE": (lambda scope: scope.call("dataset.remove", path="x"), True),
    "PUT": (
        lambda scope: scope.call("dataset.permission", path="x", permissions="READ_ONLY"),
        True,
    ),
    "PUT json": (lambda scope: scope.call("job.put", {"a": 1}, name="x"), True),
    "POST": (lambda scope: scope.call("dataset.mkdir", path="x"), False),
    "POST json": (
        lambda scope: scope.call("project.create", {"projectName": "x"}, project_name="x"),
        False,
    ),
    "POST pushed": (rows_pushed, False),
}
# Its row says "never": an insert is repeated by its caller, under the same identifier.
NEVER = ("POST pushed",)

# Fault: what the server does, whether a safe request is sent again, and whether any other is.
FAULTS: dict[str, tuple[dict, bool, bool]] = {
    "reset before the answer": ({"reset": "request"}, True, False),
    "reset after the head": ({"size": 1000, "reset": "head"}, True, False),
    "head cut off": ({"raw": b"HTTP/1.1 200 OK\r\nContent-Le"}, True, False),
    "ended without an answer": ({"raw": b""}, True, False),
    "silence": ({"silent": 5.0}, False, False),
    "foreign bytes": ({"raw": b"SSH-2.0-OpenSSH_9.2\r\n"}, False, False),
    "429": ({"status": 429}, True, False),
    "429 with Retry-After": ({"status": 429, "headers": {"Retry-After": "0"}}, True, True),
    "503": ({"status": 503}, True, False),
    "503 with Retry-After": ({"status": 503, "headers": {"Retry-After": "1"}}, True, True),
    "503 with Retry-After too long": (
        {"status": 503, "headers": {"Retry-After": "100"}},
        False,
        False,
    ),
    "502": ({"status": 502}, True, False),
    "504": ({"status": 504}, True, False),
    "500": ({"status": 500}, False, False),
    "501": ({"status": 501}, False, False),
    "408": ({"status": 408}, False, False),
    "400": ({"status": 400}, False, False),
    "401": ({"status": 401}, False, False),
    "404": ({"status": 404}, False, False),
    "409": ({"status": 409}, False, False),
}


def scope_at(url: str) -> _native.Scope:
    return _native.Client(url, read_timeout=0.3).scope(None, project_id=3)


def send(request: str, fault: str) -> tuple[list[float], int]:
    """When the request came to a server that always has that fault, and the attempts that the error tells."""
    server = ScriptedServer(
        [Step(**FAULTS[fault][0], times=ATTEMPTS + 2)], complete=False, ordered=False
    )
    with server, pytest.raises(FAILURES) as caught:
        REQUESTS[request][0](scope_at(server.url))
    return [met.at for met in server.requests], caught.value.attempts


def expected(request: str, fault: str) -> int:
    _, safe, any_ = FAULTS[fault]
    again = any_ if not REQUESTS[request][1] else safe
    if request in NEVER:
        again = False
    return ATTEMPTS if again else 1


def check_gaps(times: list[float], retry_after: float | None) -> None:
    delay = FIRST_DELAY
    for before, after in itertools.pairwise(times):
        least, most = delay / 2, delay
        if retry_after:
            least, most = retry_after, retry_after + delay / 4
        assert least - 0.01 <= after - before <= most + PATIENCE
        delay *= 2


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_against_each_kind_of_request(fault: str) -> None:
    with ThreadPoolExecutor(len(REQUESTS)) as pool:
        outcomes = pool.map(lambda request: send(request, fault), REQUESTS)
        for request, (times, told) in zip(REQUESTS, outcomes, strict=True):
            if (request, fault) == ("GET pulled", "reset after the head"):
                # Once the head is there the answer is the reader's; the reset may come before.
                assert 1 <= len(times) <= ATTEMPTS
            else:
                assert len(times) == expected(request, fault), request
            assert told == len(times), request
            headers = FAULTS[fault][0].get("headers", {})
            check_gaps(times, float(headers.get("Retry-After", 0)) or None)


def test_a_refused_connection_has_done_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    def refused(request: str) -> tuple[int, float]:
        began = time.monotonic()
        with pytest.raises(exceptions.ServiceUnreachableError, match="refused") as caught:
            REQUESTS[request][0](scope_at(f"http://127.0.0.1:{port}"))
        return caught.value.attempts, time.monotonic() - began

    with ThreadPoolExecutor(len(REQUESTS)) as pool:
        for request, (attempts, took) in zip(REQUESTS, pool.map(refused, REQUESTS), strict=True):
            assert attempts == (1 if request in NEVER else ATTEMPTS), request
            least = sum(FIRST_DELAY / 2 * 2**n for n in range(attempts - 1))
            assert least - 0.01 <= took <= 2 * least + PATIENCE, request


# --- parts of files --------------------------------------------------------------------------------------------

INTERVAL = 0.05
# Fault of a part: whether it is sent again.
PART_FAULTS: dict[str, bool] = {
    "reset before the answer": True,
    "reset after the head": True,
    "head cut off": True,
    "ended without an answer": True,
    "silence": True,
    "foreign bytes": True,
    "429": True,
    "429 with Retry-After": True,
    "503": True,
    "503 with Retry-After": True,
    "502": True,
    "504": True,
    "408": True,
    "500": False,
    "501": False,
    "400": False,
    "401": False,
    "404": False,
    "409": False,
}


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("part", ["chunk", "whole", "range"])
@pytest.mark.parametrize("fault", PART_FAULTS)
def test_each_fault_against_each_part_of_a_file(
    fault: str, part: str, retries: int, tmp_path: Path
) -> None:
    source = tmp_path / "x.bin"
    source.write_bytes(os.urandom(1000))
    target = str(tmp_path / "y")
    options = {"retries": retries, "retry_interval": INTERVAL, "parallel": 1}
    server = ScriptedServer(
        [Step(**FAULTS[fault][0], times=retries + 3)], complete=False, ordered=False
    )
    scope = _native.Client(server.url, read_timeout=0.1).scope(None, project_id=3)
    parts = {
        "chunk": lambda: scope.upload(str(source), "Resources", **options),
        "whole": lambda: scope.download("x", target, size=1000, **options),
        "range": lambda: scope.download("x", target, size=1000, range_size=400, **options),
    }
    with server, pytest.raises(FAILURES) as caught:
        parts[part]()
    assert os.listdir(tmp_path) == ["x.bin"]
    times = [met.at for met in server.requests]
    assert len(times) == (1 + retries if PART_FAULTS[fault] else 1)
    assert caught.value.attempts == len(times)
    if part == "range":
        assert server.requests[0].headers["range"] == "bytes=0-399"
    waited = 0.0
    if fault == "silence":
        waited = 0.5 if part == "chunk" else 0.1
    if "Retry-After" in fault:
        waited = float(FAULTS[fault][0]["headers"]["Retry-After"])
    for number, (before, after) in enumerate(itertools.pairwise(times)):
        least = INTERVAL * 2**number
        least = max(least, waited) if "Retry-After" in fault else least + waited
        assert least - 0.01 <= after - before <= least + PATIENCE
