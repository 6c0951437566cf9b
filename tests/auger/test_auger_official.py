"""The official client and ours make the same calls to the same server: requests and outcomes are the same.

Left out is only what the official client gets wrong: a success that is no JSON object, a 400 of an unusual form,
compression and text of repeated calls, ``offset`` of ``iterate_all_*``, a body that ends early, errors of addresses,
and what its library does to the body of a redirected request.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import environments
import pytest
from hub import ROOT, ScriptedServer, Step, reply, unavailable
from test_auger_requests import EMPTY_PAGE, cases, page

HTML = {"Content-Type": "text/html; charset=utf-8"}

Row = tuple[str, dict[str, Any], list[Step]]


def call(name: str, arguments: list[Any], keywords: dict[str, Any]) -> str:
    """A call as Python."""
    shown = ["seen.append" if value is print else repr(value) for value in arguments]
    return f"hub.{name}({', '.join([*shown, f'**{keywords!r}'])})"


def every_method() -> list[Row]:
    # The official client has no clusters, and its get_paginated_response() takes no "path".
    return [
        (call(name, arguments, keywords), {}, [reply(EMPTY_PAGE)])
        for name, keywords, arguments, *_ in cases()
        if not name.endswith(("_cluster", "_clusters")) and "path" not in keywords
    ]


def optimizers() -> list[Row]:
    payload = {"search_space": {"SVC": [0.1, None, "é"]}, "trials_history": [], "n": 2**70}
    names = ("get_next_trials", "get_next_trials_v2", "get_fte")
    rows = [(call(name, [payload], {}), {}, [reply({"data": [1]})]) for name in names]
    rows.append(("hub.get_fte()", {"optimizers_url": None}, []))
    rows.append(("hub.get_fte(payload={'a': 1})", {"retries_count": 0}, [unavailable()]))
    return rows


def tokens() -> list[Row]:
    names = ("hub_project_api_token", "hub_cluster_api_token", "token", "hub_system_token")
    rows: list[Row] = []
    for at in range(5):
        given = {name: "" if place < at else name for place, name in enumerate(names)}
        rows.append(("hub.create_trial(a=1, token=2)", given, [reply()]))
        rows.append(("hub.tokens_payload()", given, []))
    return rows


def statuses() -> list[Row]:
    meta = {"status": 400, "errors": [{"error_param": "a", "message": "b é"}] * 2}
    bodies = [b"", b"{}", json.dumps({"meta": meta}).encode(), b"bad  thing", b"<b>x</b>"]
    rows: list[Row] = []
    for status in (
        200,
        201,
        202,
        204,
        206,
        300,
        304,
        400,
        401,
        402,
        403,
        404,
        405,
        409,
        410,
        422,
        500,
    ):
        for body in bodies:
            usual = body.startswith(b"{") and (status != 400 or b"meta" in body)
            if (status in (200, 201) or (status == 400 and body[:1] == b"{")) and not usual:
                continue
            step = Step(status=status, reason="So Be It", body=body, headers=HTML)
            rows.append(("hub.update_trial(3, a='é', b=None)", {}, [step]))
    for status in (429, 501, 502, 503, 504):
        step = Step(status=status, reason="So", body=bodies[2], times=4)
        rows.append(("hub.get_trial(3)", {"retries_count": 3}, [step]))
        rows.append(("hub.delete_project(3)", {}, [Step(status=status, reason="So")]))
    return rows


def retries() -> list[Row]:
    budgets: list[tuple[dict[str, Any], int]] = [
        ({}, 6),
        ({"retries_count": 2, "retry_wait_seconds": 0.5}, 3),
        ({"retries_count": 1.5}, 3),
        ({"retries_count": 0}, 1),
        ({"connection_retries_count": 0}, 1),
        ({"retries_count": 3, "connection_retries_count": 1}, 4),
    ]
    rows: list[Row] = [
        ("hub.get_trials(a=1)", settings, [unavailable(count)]) for settings, count in budgets
    ]
    counter = "hub.RetryCounter(hub)"
    rows += [
        ("hub.get_trials()", {}, [unavailable(3), reply()]),
        (f"hub.make_and_handle_request('put', '/x', None, {{}}, {counter})", {}, [unavailable(6)]),
        ("hub.make_and_handle_request('put', '/x')", {}, [unavailable()]),
        (counter, {"retries_count": 7, "connection_retries_count": 2}, []),
        ("hub.RetryCounter.none()", {}, []),
        (f"{counter}.count_retry(hub.RetryableApiError('x'))", {}, []),
        (f"{counter}.count_retry(hub.NetworkError('x'))", {}, []),
        (f"{counter}.count_retry(hub.FatalApiError('x'))", {}, []),
        (f"{counter}.is_retries_available()", {"connection_retries_count": 0}, []),
    ]
    return rows


def lost() -> list[Row]:
    steps = [Step(reset="request"), Step(silent=0.0), Step(raw=b"hello\r\n\r\n"), Step(raw=b"")]
    return [
        (verb, {}, [step])
        for verb in ("hub.get_trials(a=1)", "hub.create_trial(a=1)", "hub.get_fte({})")
        for step in steps
    ]


def pages() -> list[Row]:
    steps = [page([1, {"a": 2}]), page([3], count=5), page([4]), page([])]
    broken = [{"data": [1]}, {"data": [1], "meta": {}}, {"meta": {}}]
    rows: list[Row] = [
        (
            "hub.iterate_all_trials(seen.append, limit=2, a=1)",
            {},
            [reply(steps[0]), unavailable(), *(reply(step) for step in steps[1:])],
        ),
        ("hub.iterate_all_resource_pages('get_trials', seen.append)", {}, [reply(page([]))]),
        ("hub.iterate_all_trials(1 .bit_length)", {}, [reply(page([1]))]),
    ]
    rows += [("hub.iterate_all_trials(seen.append)", {}, [reply(value)]) for value in broken]
    return rows


def texts() -> list[Row]:
    log = "line\n  é"
    kinds = ["text/plain", "text/plain; charset=utf-8", "text/x; Charset='cp1252'", "text/html"]
    rows: list[Row] = [
        (
            "hub.get_project_logs(3, a=1)",
            {"debug": True},
            [Step(body=log.encode("latin-1"), headers={"Content-Type": kind})],
        )
        for kind in kinds
    ]
    for kind in ("application/json", "application/octet-stream", "text/plain; charset=none"):
        step = Step(body=log.encode(), headers={"Content-Type": kind})
        rows.append(("hub.get_project_logs(3)", {}, [step]))
    rows += [
        ("hub.get_project_logs(3)", {}, [Step(status=status, body=body, reason="So")])
        for status in (201, 400, 404)
        for body in (b"", b"x", b'{"meta": {"errors": []}}')
    ]
    parts = ["<title>A B</title>", "<p> a  b</p>", " \n ", "<b>c</b>  <i>d</i>", "&lt;&eacute;&amp"]
    parts += ["<script>s < t</script>", "<!-- c -->", "Extracted source (around line <b>#3</b>)"]
    parts += ["<style>p{}</style>", "<br/>\r\n<br>", "1 < 2", "<![if x>y]>"]
    for first in parts:
        for second in parts:
            body = f"<html>{first}{second}z</html>".encode()
            step = Step(status=403, body=body, headers=HTML)
            rows.append(("hub.create_trial()", {}, [step]))
    return rows


def addresses() -> list[Row]:
    ids = ["a b", "é€", "%2F", "100%", "a/b?c=d", "a#b", "x/../y", "", None, 0, "a\nb", "[x]{y}|^`"]
    rows: list[Row] = [(f"hub.get_trial({value!r})", {}, [reply()]) for value in ids]
    for status in (307, 308):
        moved = Step(status=status, headers={"Location": "/moved?a=b"})
        for verb in ("get_trial(1)", "create_trial(a=1)", "delete_project(1)", "get_fte({})"):
            rows.append((f"hub.{verb}", {}, [moved, reply()]))
    for path, base in (("/a", "http://h/x?y"), ("b", "http://h/x/y"), ("/a/../b", "http://h")):
        rows.append((f"hub.full_path({path!r}, {base!r})", {}, []))
    rows += [(f"hub.plural_ending({name!r})", {}, []) for name in ("bus", "search", "trial")]
    return rows


def details() -> list[Row]:
    value = b'{"big": 123456789012345678901234567890, "n": NaN, "a": 1, "a": 2, "z": [1e5]}'
    return [
        (
            "repr(hub.create_trial(a=(1, [2.5, 1e22, 0.1 + 0.2]), b='\\ud800'))",
            {},
            [Step(body=value)],
        ),
        ("hub.update_trial(1, a='é')", {"debug": True}, [reply({"data": "é"})]),
        ("hub.get_trials()", {"debug": True}, [unavailable(2), reply()]),
        ("hub.create_trial(a={1})", {}, []),
        ("hub.create_trial(a=hub)", {}, []),
        ("hub.get_endpoint_predictions(endpoint_id=0)", {}, []),
        ("hub.get_endpoint_prediction(1)", {}, []),
        ("hub.create_endpoint_actual(endpoint_id='')", {}, []),
        ("hub.update_trials(id=1)", {}, []),
        ("hub.get_trials(1)", {}, []),
        ("hub.delete_project(1, a=1)", {}, []),
        ("hub.show_trial(1)", {}, []),
        ("HubApiClient()", {}, []),
        ("HubApiClient('x')", {}, []),
        ("HubApiClient(hub_app_url='x', what=1).retries_count", {}, []),
        ("str(hub.FatalApiError('a', None, [1], {'b': 'é'}))", {}, []),
        ("[hub.headers, hub.gzip_headers, hub.API_PREFIX, hub.retry_wait_seconds]", {}, []),
    ]


PARTS = [
    every_method,
    optimizers,
    tokens,
    statuses,
    retries,
    lost,
    pages,
    texts,
    addresses,
    details,
]


def run(python: str, paths: list[Path], rows: list[Row]) -> tuple[list[Any], list[Any]]:
    """Outcomes and requests of a client."""
    steps = [step for *_, wanted in rows for step in wanted]
    calls = json.dumps([[expression, settings] for expression, settings, _ in rows])
    with ScriptedServer(steps) as server:
        done = subprocess.run(
            [python, str(ROOT / "tests" / "auger" / "calls.py"), server.url],
            input=calls,
            capture_output=True,
            text=True,
            timeout=250,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(map(str, paths)),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        assert done.returncode == 0, done.stderr
    requests = []
    for request in server.requests:
        kept = ("content-type", "content-encoding", "authorization", "transfer-encoding")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        body = request.body
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        assert int(request.headers["content-length"]) == len(request.body)
        requests.append([request.verb, request.target, body, headers])
    return json.loads(done.stdout), requests


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_official_client_does_the_same(part: Any) -> None:
    rows = part()
    official = str(environments.official_hub_client())
    theirs, asked = run(official, [], rows)
    ours, sent = run(sys.executable, [ROOT, ROOT / "packages" / "auger"], rows)
    for expected, found in zip(theirs, ours, strict=True):
        assert found == expected
    for wanted, request in zip(asked, sent, strict=True):
        assert request == wanted
