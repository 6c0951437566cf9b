"""The examples in the docstrings run as they stand, each against a Hub that answers everything."""

from __future__ import annotations

import doctest
import inspect
import re
import textwrap
from typing import Any

import pytest
from hub import HubApiClient, ScriptedServer, client_of, reply

import hopsworks.auger
from hopsworks.auger import errors, transport

DATA = {
    "id": 7,
    "url": "s3://bucket/iris.csv",
    "status": "running",
    "deleted": True,
    "trials": [],
}
ANSWER = {"data": DATA, "meta": {"status": 200, "pagination": {"count": 0, "total": 0}}}
# These ask nobody.
LOCAL = ("full_path", "tokens_payload", "plural_ending")


def methods() -> list[str]:
    return [
        name
        for name, value in inspect.getmembers(HubApiClient, callable)
        if not name.startswith("_") and not inspect.isclass(value)
    ]


@pytest.mark.parametrize("name", methods())
def test_examples_of_methods(name: str) -> None:
    (example,) = doctest.DocTestParser().get_examples(inspect.getdoc(getattr(HubApiClient, name)))
    assert f".{name}(" in example.source
    with ScriptedServer([reply(ANSWER, times=2)], complete=False) as server:
        hub = client_of(server, optimizers_url=server.url)
        names = {"hub": hub, "HubApiClient": HubApiClient, "space": {}, "fields": {"name": "n"}}
        result = eval(example.source, names, {"print": lambda item: None})
    assert (name not in LOCAL) == bool(server.requests)
    if example.want:
        assert repr(result) == example.want.strip()


def blocks(thing: Any) -> str:
    found = re.findall(r"```python\n(.*?)```", inspect.getdoc(thing) or "", re.S)
    assert len(found) == 1
    return textwrap.dedent(found[0])


def test_examples_of_classes() -> None:
    page = {"data": [{"id": 1}], "meta": {"status": 200, "pagination": {"count": 1}}}
    with ScriptedServer([reply(page)]) as server:
        exec(blocks(hopsworks.auger).replace("https://hub.example", server.url), {})
    last = {"data": [], "meta": {"pagination": {"count": 0}}}
    with ScriptedServer([reply(ANSWER), reply(page), reply(last)]) as server:
        code = blocks(HubApiClient).replace("https://hub.example", server.url)
        exec(code, {"HubApiClient": HubApiClient, "token": "t", "print": lambda item: None})
    with ScriptedServer([reply({"meta": {"status": 404}}, 404)]) as server:
        names: dict[str, Any] = {"hub": client_of(server), "HubApiClient": HubApiClient}
        exec(blocks(errors.BaseError), names)
    with ScriptedServer([reply(page)]) as server:
        names = {"hub": client_of(server)}
        exec(blocks(transport.Reply), names)
        assert names["projects"] == page["data"]
