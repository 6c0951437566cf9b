"""What becomes of a reply: its value, or an error with the right class, text and metadata."""

from __future__ import annotations

import gzip
import json
import pickle
import zlib
from typing import Any

import pytest
from hub import HubApiClient, ScriptedServer, Step, client_of, raised, reply

HUB = HubApiClient
ON = " on: POST /api/v1/trials {}"


def answered(step: Step) -> Any:
    """What a call makes of a reply, or raises."""
    with ScriptedServer([step]) as server:
        hub = client_of(server)
        try:
            return hub.create_trial()
        except HUB.BaseError as error:
            return error


# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "value",
    [
        {"data": {"id": 1, "object": "trial"}, "meta": {"status": 200}},
        {"z": 1, "a": [{"é": None}, 1.5, True]},
        [],
        [1],
        None,
        3,
        "text",
        False,
    ],
)
def test_the_whole_reply_is_returned(status: int, value: Any) -> None:
    body = json.dumps(value).encode()
    found = answered(Step(status=status, body=body))
    assert found == value
    assert json.dumps(found) == body.decode()


def test_json_is_read_by_the_rules_of_python() -> None:
    body = b'{"big": 123456789012345678901234567890, "n": NaN, "i": -Infinity, "a": 1, "a": 2}'
    found = answered(Step(body=body))
    assert repr(found) == "{'big': 123456789012345678901234567890, 'n': nan, 'i': -inf, 'a': 2}"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_in_any_form_of_unicode(charset: str) -> None:
    assert answered(Step(body='{"data": "é€"}'.encode(charset))) == {"data": "é€"}


def test_json_in_the_character_set_that_is_named() -> None:
    headers = {"Content-Type": "application/json; charset=iso-8859-1"}
    assert answered(Step(body=b'{"data": "\xe9"}', headers=headers)) == {"data": "é"}


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
    ],
)
def test_replies_may_be_compressed_and_chunked(encoding: str, pack: Any, chunked: bool) -> None:
    value = {"data": ["x" * 1000] * 200}
    body = pack(json.dumps(value).encode())
    step = Step(
        body=body,
        chunked=chunked,
        trickle=(5000, 0.0),
        headers={"Content-Encoding": encoding},
        expect_headers={"Accept-Encoding": "gzip, deflate"},
    )
    assert answered(step) == value


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"", "<Response [200]> OK"), (b"<b>hello</b>", "hello"), (b'{"data": ', '{"data":')],
)
def test_a_success_that_is_not_json(body: bytes, text: str) -> None:
    error = answered(Step(body=body))
    assert type(error) is HUB.FatalApiError
    assert error.args == (f"status: 200, body: {text}", {})


# --- errors -----------------------------------------------------------------------------------------------------


def faults(*rows: Any) -> bytes:
    return json.dumps({"meta": {"status": 400, "errors": list(rows)}}).encode()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (faults({"error_param": "name", "message": "is empty"}), "name is empty"),
        (
            faults(
                {"error_param": "a", "message": "b", "error_type": "invalid_param"},
                {"error_param": "c", "message": "d é"},
            ),
            "a b, c d é",
        ),
        (faults(), ""),
        (faults({"error_param": None, "message": 3}), "None 3"),
        # What follows is not what the service promises.
        (faults({"message": "alone"}), "alone"),
        (faults({"error_param": "alone"}), "alone"),
        (faults({}), ""),
        (faults("text", 3), "text, 3"),
        (b'{"meta": {"errors": "text"}}', '{"meta": {"errors": "text"}}'),
        (b'{"meta": {"errors": null}}', '{"meta": {"errors": null}}'),
        (b'{"meta": null}', '{"meta": null}'),
        (b'{"meta": []}', '{"meta": []}'),
        (b'{"data": "<b>x</b>"}', '{"data": "x"}'),
        (b'["x"]', '["x"]'),
        (b"null", "null"),
    ],
)
def test_wrong_parameters(body: bytes, message: str) -> None:
    error = answered(Step(status=400, reason="Bad Request", body=body))
    assert type(error) is HUB.InvalidParamsError
    decoded = json.loads(body)
    meta = decoded.get("meta") if isinstance(decoded, dict) else {}
    assert error.args == (message, meta)
    assert error.metadata() == meta
    assert str(error) == f"{message} {json.dumps(meta)}{ON}"


def test_a_400_that_is_not_json() -> None:
    error = answered(Step(status=400, reason="Bad Request", body=b"bad  thing"))
    assert type(error) is HUB.FatalApiError
    assert error.args == ("bad\nthing",)
    assert error.metadata() == {}
    assert str(error) == f"bad\nthing{ON}"
    error = answered(Step(status=400, reason="Bad Request"))
    assert error.args == ("<Response [400]> Bad Request",)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, HUB.FatalApiError),
        (403, HUB.FatalApiError),
        (404, HUB.FatalApiError),
        (500, HUB.FatalApiError),
        (503, HUB.RetryableApiError),
        (409, HUB.RetryableApiError),
    ],
)
def test_other_statuses(status: int, kind: type) -> None:
    meta = {"status": status, "errors": [{"error_type": "not_found", "message": "m"}]}
    body = json.dumps({"meta": meta}).encode()
    error = answered(Step(status=status, body=body))
    assert type(error) is kind
    assert error.args == (f"status: {status}, body: {body.decode()}", meta)
    assert error.metadata() == meta
    assert str(error) == f"status: {status}, body: {body.decode()} {json.dumps(meta)}{ON}"
    error = answered(Step(status=status, body=b"{}"))
    assert error.args == (f"status: {status}, body: {{}}", None)
    assert str(error) == f"status: {status}, body: {{}} null{ON}"
    error = answered(Step(status=status, reason="So It Is"))
    assert error.args == (f"status: {status}, body: <Response [{status}]> So It Is", {})
    error = answered(Step(status=status, body=b"[1]"))
    assert error.args == (f"status: {status}, body: [1]", {})


@pytest.mark.parametrize(
    ("status", "phrase"), [(503, "Service Unavailable"), (404, "Not Found"), (599, "")]
)
def test_a_status_without_phrase(status: int, phrase: str) -> None:
    # As every answer of HTTP/2 is.
    error = answered(Step(status=status, reason=""))
    assert error.args[0] == f"status: {status}, body: <Response [{status}]> {phrase}"


def test_errors_tell_the_request_without_the_token() -> None:
    step = Step(status=404, body=b"{}")
    with ScriptedServer([step, step]) as server:
        hub = client_of(server, token="hush-hush", hub_project_api_token="hush-too")
        error = raised(lambda: hub.get_trials(a="é", b=None))
        assert isinstance(error, HUB.FatalApiError)
        details = 'on: GET /api/v1/trials {"limit": 50, "offset": 0, "a": "\\u00e9", "b": null}'
        assert error.request_details == details
        assert str(error) == "status: 404, body: {} null " + details
        assert "hush" not in str(error) + repr(error)
        error = raised(lambda: hub.update_endpoint(3, token="mine"))
        assert str(error).endswith('on: PATCH /api/v1/endpoints/3 {"token": "***"}')


def test_the_classes_are_siblings() -> None:
    names = ("FatalApiError", "InvalidParamsError", "NetworkError", "RetryableApiError")
    for name in (*names, "MissingParamError"):
        kind = getattr(HUB, name)
        assert kind.__bases__ == (HUB.BaseError,)
        assert kind.__name__ == name
    assert HUB.BaseError.__bases__ == HUB.DSLError.__bases__ == (Exception,)


def test_text_of_an_error_of_ones_own() -> None:
    error = HUB.NetworkError("a", None, [1], {"é": 2}, object)
    assert str(error) == f'a null [1] {{"\\u00e9": 2}} {object!r}'
    assert error.request_details is None
    assert str(HUB.BaseError()) == ""
    assert HUB.BaseError().metadata() == {}
    error.add_request_details("patch", "/p", {"a": "é"})
    error.add_request_details("get", "/p", {"a": object})
    assert error.request_details == f"on: GET /p {{'a': {object!r}}}"
    copied = pickle.loads(pickle.dumps(HUB.FatalApiError("x", {"a": 1})))
    assert (type(copied), copied.args) == (HUB.FatalApiError, ("x", {"a": 1}))


# --- plain text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<html><head><title>Application Error</title></head></html>", "Application Error"),
        ("bad  thing", "bad\nthing"),
        ("<p>one</p><p>two</p>", "onetwo"),
        ("<b>one</b> <i>two</i>", "one two"),
        ("<b>one</b>  \t <i>two</i>", "one two"),
        ("<b>one</b> \n <i>two</i>", "one\ntwo"),
        ("  <p> one </p>\r\n\r\n<p>two</p>  ", "one\ntwo"),
        ("a<script>if (x < y) { '</p>' }</script>b<style>p { }</style>c", "abc"),
        ("a<SCRIPT>x</Script >b", "ab"),
        ("a<![if !IE]>b<![endif]>c<![no kind of it]>d<![CDATA[q>e]]>f", "abcde]]>f"),
        ("a<![ never ended", "a"),
        ("a<!-- <b>hidden</b> -->b<!DOCTYPE html>c<?php x ?>d<![CDATA[z]]>e", "abcde"),
        ("&lt;b&gt; &amp; &eacute;&#65;&#x42; &bogus;", "<b> & éAB &bogus;"),
        ("x<h1>Why</h1>\nExtracted source (around line <em>#3</em>):\n<pre>secret</pre>", "xWhy"),
        ("a &nbsp; b", "a \xa0 b"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("cut <b", "cut"),
        ("cut <!-- never ended", "cut"),
        ("a<br/>b<br>c", "abc"),
        ("<script>never ended", ""),
        (" \n ", ""),
        ("<unknown attribute='>'>text</unknown></stray>", "text"),
    ],
)
def test_plain_text_of_a_page(page: str, text: str) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8"}
    error = answered(Step(status=500, body=page.encode(), headers=headers))
    assert error.args[0] == f"status: 500, body: {text}"


# --- texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", b"a\xe9\x80", "aé\x80"),
        ("text/html", "é".encode(), "Ã©"),
        ("TEXT/plain; x=y; Charset='UTF-8'", "é".encode(), "é"),
        ('text/plain;charset="cp1252"', b"\x80", "€"),
        ("application/octet-stream", "é".encode(), "é"),
        ("application/octet-stream", b"\xe9", "é"),
        ("application/json", "é".encode(), "é"),
        (None, "é".encode("utf-8-sig"), "é"),
        (None, "é".encode("utf-16"), "é"),
        (None, b"\xe9", "é"),
        ("text/plain; charset=no-such-set", "é".encode(), "é"),
        ("text/plain; charset=utf-8", b"\xe9", "\ufffd"),
        ("text/plain; charset=hex", b"41", "41"),
        ("text/plain", b"", ""),
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_logs_are_text(kind: str | None, body: bytes, text: str, status: int) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    with ScriptedServer([Step(status=status, body=body, headers=headers)]) as server:
        assert client_of(server).get_project_logs(7) == text
    step = Step(status=404, body=body, headers=headers)
    if text.isalpha():
        assert answered(step).args[0] == f"status: 404, body: {text}"


def test_errors_of_logs_have_no_metadata() -> None:
    on = " on: GET /api/v1/projects/7/logs {}"
    with ScriptedServer([Step(status=500, body=b'{"meta": {"a": 1}}')]) as server:
        error = raised(lambda: client_of(server).get_project_logs(7))
    assert error.args == ('status: 500, body: {"meta": {"a": 1}}', None)
    assert str(error) == 'status: 500, body: {"meta": {"a": 1}} null' + on
    row = {"error_param": "id", "message": "is wrong"}
    with ScriptedServer([reply({"meta": {"errors": [row]}}, 400)]) as server:
        error = raised(lambda: client_of(server).get_project_logs(7))
    assert type(error) is HUB.InvalidParamsError
    assert error.args == ("id is wrong", None)
    assert error.metadata() is None
    with ScriptedServer([Step(status=400, body=b"no")]) as server:
        error = raised(lambda: client_of(server).get_project_logs(7))
    assert (type(error), error.args) == (HUB.FatalApiError, ("no",))


# --- the reply itself -------------------------------------------------------------------------------------------


def test_a_request_without_judgement() -> None:
    step = Step(status=418, reason="Teapot", body=b'{"a": 1}', headers={"X-A": "b"})
    with ScriptedServer([step]) as server:
        hub = client_of(server)
        with hub.request("get", "/x?y=1", None, {"a": 1}) as found:
            assert (found.status_code, found.reason, found.ok) == (418, "Teapot", False)
            assert found.headers["x-a"] == found.headers["X-A"] == "b"
            assert found.json() == {"a": 1}
            assert (found.text, found.content) == ('{"a": 1}', b'{"a": 1}')
            assert found.url == f"{server.url}/x?y=1"
            assert repr(found) == "<Response [418]>"
            assert type(raised(lambda: hub.handle_response(found))) is HUB.RetryableApiError
    assert server.requests[0].body == b'{"a": 1, "token": "t"}'
