"""How often calls are repeated, and how long is waited in between."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from hub import HubApiClient, InThread, ScriptedServer, Step, client_of, raised, reply, unavailable

ERRORS = HubApiClient


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of the client, which take no time."""
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.mark.parametrize(
    ("settings", "attempts"),
    [
        ({}, 6),
        ({"retries_count": 2}, 3),
        ({"retries_count": 1.5}, 3),
        ({"retries_count": 0}, 1),
        ({"retries_count": -1}, 1),
        ({"connection_retries_count": 0}, 1),
        ({"connection_retries_count": -3}, 1),
        ({"retries_count": 3, "connection_retries_count": 1}, 4),
        ({"retries_count": 0, "connection_retries_count": 9}, 1),
    ],
)
def test_attempts(settings: dict[str, Any], attempts: int, waits: list[float]) -> None:
    with ScriptedServer([unavailable(attempts)]) as server:
        hub = client_of(server, retry_wait_seconds=0.25, **settings)
        error = raised(lambda: hub.get_trial(1))
    assert type(error) is ERRORS.RetryableApiError
    assert waits == [0.25] * (attempts - 1)
    assert str(error).count("on: GET /api/v1/trials/1 {}") == 1
    assert str(error) == "status: 503, body: Application Error {} on: GET /api/v1/trials/1 {}"


def test_the_wait_is_five_seconds_unless_told(waits: list[float]) -> None:
    with ScriptedServer([unavailable(), reply()]) as server:
        HubApiClient(hub_app_url=server.url).get_trials()
    assert waits == [5]


def test_retry_after_has_no_say(waits: list[float]) -> None:
    step = Step(status=429, reason="Too Many", headers={"Retry-After": "30"})
    with ScriptedServer([step, reply()]) as server:
        client_of(server, retry_wait_seconds=1).get_trials()
    assert waits == [1]


@pytest.mark.parametrize(
    "call",
    [
        lambda hub: hub.create_trial(a=1),
        lambda hub: hub.update_trial(1, a=1),
        lambda hub: hub.update_trials(a=1),
        lambda hub: hub.refit_trial(1, "p"),
        lambda hub: hub.delete_project(1),
        lambda hub: hub.delete_actuals(a=1),
        lambda hub: hub.delete_endpoint_actuals(1),
        lambda hub: hub.deploy_project(1),
        lambda hub: hub.make_and_handle_request("post", "/x"),
    ],
)
def test_what_changes_something_is_sent_once(call: Any, waits: list[float]) -> None:
    with ScriptedServer([unavailable()]) as server:
        assert type(raised(lambda: call(client_of(server)))) is ERRORS.RetryableApiError
    assert waits == []


@pytest.mark.parametrize(
    "call",
    [
        lambda hub: hub.get_trials(a=1),
        lambda hub: hub.get_trial(1),
        lambda hub: hub.get_endpoint_prediction(1, endpoint_id=2),
        lambda hub: hub.get_status("Project", 1),
        lambda hub: hub.get_project_file_url(project_id=1),
        lambda hub: hub.get("/x", {"a": 1}),
        lambda hub: hub.get_paginated_response("/x"),
        lambda hub: hub.make_and_handle_request("get", "/x"),
        lambda hub: hub.make_and_handle_request("patch", "/x", None, {}, hub.RetryCounter(hub)),
        lambda hub: hub.get_fte({"a": 1}),
        lambda hub: hub.get_next_trials({"a": 1}),
        lambda hub: hub.get_next_trials_v2({"a": 1}),
    ],
)
def test_every_attempt_sends_the_same(call: Any, waits: list[float]) -> None:
    with ScriptedServer([unavailable(2), reply({"data": "it"})]) as server:
        assert call(client_of(server, optimizers_url=server.url)) == {"data": "it"}
    first, *others = server.requests
    for other in others:
        assert (other.verb, other.target, other.body) == (first.verb, first.target, first.body)
        assert other.headers == first.headers
    if first.verb == "POST":
        assert json.loads(gzip.decompress(others[-1].body)) == {"a": 1, "token": "t"}
    assert len(waits) == 2


def test_logs_stay_text_after_a_repetition(waits: list[float]) -> None:
    log = Step(body=b"{not json", headers={"Content-Type": "text/plain"})
    with ScriptedServer([unavailable(), log]) as server:
        assert client_of(server).get_project_logs(1) == "{not json"


@pytest.mark.parametrize(
    "status", [202, 204, 206, 304, 402, 405, 409, 410, 422, 429, 501, 502, 503, 504, 599]
)
def test_statuses_that_may_pass(status: int, waits: list[float]) -> None:
    with ScriptedServer([Step(status=status, reason="So"), reply()]) as server:
        client_of(server).get_trials()
    with ScriptedServer([Step(status=status, reason="So")]) as server:
        error = raised(lambda: client_of(server).create_trial())
    assert type(error) is ERRORS.RetryableApiError
    assert error.args == (f"status: {status}, body: <Response [{status}]> So", {})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_statuses_that_do_not_pass(status: int, waits: list[float]) -> None:
    with ScriptedServer([Step(status=status, reason="So")]) as server:
        error = raised(lambda: client_of(server).get_trials())
    assert type(error) is ERRORS.FatalApiError
    assert waits == []


def test_each_page_has_its_own_budget(waits: list[float]) -> None:
    page = {"data": [1], "meta": {"pagination": {"count": 1}}}
    last = {"data": [], "meta": {"pagination": {"count": 0}}}
    steps = [unavailable(2), reply(page), unavailable(2), reply(page), unavailable(2), reply(last)]
    seen: list[int] = []
    with ScriptedServer(steps) as server:
        client_of(server, retries_count=2).iterate_all_trials(seen.append)
    assert seen == [1, 1]
    assert len(waits) == 6


# --- lost connections -------------------------------------------------------------------------------------------


def test_a_lost_connection_is_told_at_once(waits: list[float]) -> None:
    with ScriptedServer([Step(reset="request")]) as server:
        error = raised(lambda: client_of(server).get_trials(a=1))
    assert type(error) is ERRORS.NetworkError
    assert str(error).endswith('on: GET /api/v1/trials {"limit": 50, "offset": 0, "a": 1}')
    assert error.args[0]
    assert waits == []


def test_lost_connections_are_repeated_on_request(waits: list[float]) -> None:
    with ScriptedServer([Step(reset="request", times=2), unavailable(), reply()]) as server:
        hub = client_of(server, retry_network_errors=True, connection_retries_count=3)
        hub.get_trials()
    assert len(waits) == 3
    with ScriptedServer([Step(reset="request", times=3)]) as server:
        hub = client_of(server, retry_network_errors=True, connection_retries_count=2)
        assert type(raised(lambda: hub.get_trials())) is ERRORS.NetworkError
    assert len(waits) == 5


@pytest.mark.parametrize(
    "call",
    [
        lambda hub: hub.create_trial(),
        lambda hub: hub.update_trial(1),
        lambda hub: hub.delete_project(1),
        lambda hub: hub.get_fte({}),
    ],
)
def test_only_gets_are_repeated_after_a_lost_connection(call: Any, waits: list[float]) -> None:
    with ScriptedServer([Step(reset="request")]) as server:
        hub = client_of(server, retry_network_errors=True, optimizers_url=server.url)
        assert type(raised(lambda: call(hub))) is ERRORS.NetworkError
    assert waits == []


# --- waits ------------------------------------------------------------------------------------------------------


def test_a_wait_takes_its_time_and_lets_other_threads_go_on() -> None:
    with ScriptedServer([unavailable(), reply()]) as server:
        hub = client_of(server, retry_wait_seconds=0.3)
        started = time.monotonic()
        waiting = InThread(hub.get_trials)
        turns = waiting.turns()
        assert waiting.outcome()["meta"]["status"] == 200
    assert turns > 3
    first, second = (request.at for request in server.requests)
    assert second - first >= 0.3
    assert time.monotonic() - started < 20


# --- the counter ------------------------------------------------------------------------------------------------


def test_the_counter_of_repetitions() -> None:
    hub = HubApiClient(hub_app_url="x", retries_count=2, connection_retries_count=1)
    counter = HubApiClient.RetryCounter(hub)
    assert (counter.retries_left, counter.connection_retries_left) == (2, 1)
    assert counter.is_retries_available()
    assert counter.count_retry(ERRORS.RetryableApiError("x")) is counter
    assert (counter.retries_left, counter.connection_retries_left) == (1, 1)
    counter.count_retry(ERRORS.NetworkError("x"))
    assert (counter.retries_left, counter.connection_retries_left) == (1, 0)
    assert not counter.is_retries_available()
    for empty in (HubApiClient.RetryCounter(), HubApiClient.RetryCounter.none()):
        assert (empty.retries_left, empty.connection_retries_left) == (0, 0)
        assert not empty.is_retries_available()


@pytest.mark.parametrize(
    "error", [ValueError("why"), ERRORS.FatalApiError("why"), ERRORS.MissingParamError("why")]
)
def test_other_errors_are_not_counted(error: Exception) -> None:
    counter = HubApiClient.RetryCounter()
    found = raised(lambda: counter.count_retry(error))
    assert type(found) is RuntimeError
    assert str(found).startswith("Unsupported kind of error")
    assert "why" in str(found)
