"""Passwords and tokens are in no error and no line of debugging; parameters that are wrong are named."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hub import HubApiClient, ScriptedServer, Step, client_of, raised, reply

from hopsworks.auger.masking import masked_text


def test_debugging_shows_neither_the_password_nor_the_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = '{"data":  {"token": "fr\\"esh", "confirmation_required": false, "token": 7}}'
    with ScriptedServer([Step(status=201, body=body.encode())]) as server:
        hub = client_of(server, debug=True)
        answer = hub.create_token(email="a", password="hunter2")
        sent = json.loads(server.requests[0].body)
    assert sent == {"email": "a", "password": "hunter2", "token": "t"}
    assert answer["data"]["token"] == 7
    assert capsys.readouterr().out.splitlines() == [
        'HAC.Req: POST /api/v1/tokens params: {"email": "a", "password": "***"}',
        'HAC.Res: POST /api/v1/tokens response: {"data":  {"token": "***", "confirmation_required": false, '
        '"token": "***"}}',
    ]


@pytest.mark.parametrize("status", [400, 401, 503])
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_errors_show_no_secret_of_the_parameters_or_the_reply(status: int, kind: str) -> None:
    given: dict[str, Any] = {
        "email": "me",
        "password": "hunter2  x",
        "deep": [{"cluster_api_token": "hunter3", "token": None}],
        "tokens": 3,
    }
    meta = {"status": status, "request_params": {"user": given}, "errors": []}
    body = json.dumps({"meta": meta}).encode()
    with ScriptedServer([Step(status=status, body=body, headers={"Content-Type": kind})]) as server:
        error = raised(lambda: client_of(server).create_token(**given))
        assert json.loads(server.requests[0].body)["password"] == "hunter2  x"
    assert isinstance(error, HubApiClient.BaseError)
    shown = {
        **given,
        "password": "***",
        "deep": [{"cluster_api_token": "***", "token": None}],
    }
    assert str(error).endswith("on: POST /api/v1/tokens " + json.dumps(shown))
    assert error.metadata()["request_params"] == {"user": shown}
    assert given["password"] == "hunter2  x"
    for text in (str(error), repr(error), repr(vars(error))):
        assert "hunter" not in text


def test_a_reply_that_was_cut_short_shows_no_secret() -> None:
    assert masked_text('x {"password": "hun') == 'x {"password": "***"'
    assert masked_text('{"Token" : "a", "token": "", "x": "token"}') == (
        '{"Token" : "***", "token": "", "x": "token"}'
    )


def test_a_client_shows_its_host_and_no_token() -> None:
    hub = HubApiClient(hub_app_url="https://me:hunter2@hub.example/x", token="hunter3")
    assert repr(hub) == "HubApiClient(hub_app_url='https://hub.example/x')"


def test_what_cannot_be_sent_is_named() -> None:
    with ScriptedServer([reply()]) as server:
        hub = client_of(server, optimizers_url=server.url)
        for debug in (False, True):
            hub.debug = debug
            error = raised(lambda: hub.create_project(name="a", rows=np.int64(7)))
            assert isinstance(error, TypeError)
            assert str(error).startswith("The parameter 'rows' cannot be sent: ")
            assert "int64" in str(error)
        endless: list[Any] = []
        endless.append(endless)
        error = raised(lambda: hub.create_project(name="a", rows=endless))
        assert type(error) is TypeError
        assert str(error).startswith("The parameter 'rows' cannot be sent: ")
        for wrong in ([1], None):
            error = raised(lambda wrong=wrong: hub.get_next_trials_v2(wrong))  # type: ignore[misc]
            assert isinstance(error, TypeError)
            assert str(error).startswith(
                f"payload is of type {type(wrong).__name__}. Pass one dict"
            )
        assert server.requests == []
        hub.get_fte({})
