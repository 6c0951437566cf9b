"""Requests that make no sense: each gets an error of the protocol, and the server lives on."""

from __future__ import annotations

import importlib
import random
import re
import socket
from urllib.parse import quote

import pytest

from hopsworks.local import lifecycle
from hopsworks.local.app import ROUTE_MODULES

VALUES = [
    *(
        "119",
        "1",
        "abc",
        "-1",
        "0",
        "9" * 21,
        "%2F..%2F",
        "%00",
        "..%2f..",
        "Models",
        "a%3Apredict",
    ),
    # A digit that is no number, and more digits than a number may have.
    *("%C2%B2", "m_%C2%B2", "1" * 5000, f"m_{'1' * 5000}"),
    *("%C3%BC", "67", "null", "1.5", "true", "m_1", "m_99999999999999999999"),
]
BODIES = [
    *(
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"name":1}',
        b'{"name":null,"version":"x"}',
        b"\xff\xfe",
        b'"x"',
    ),
    *(b'{"a":' * 3000, b'{"name":"f","version":1,"features":[{"name":null}]}', b"[[1]]", b"1e999"),
    *(b'{"featureStoreName":"x","entries":{}}', b'{"entries":[1]}', b'{"id":1,"name":"x"}'),
]
QUERIES = [
    *(
        "action",
        "offset",
        "limit",
        "sort_by",
        "filter_by",
        "expand",
        "version",
        "hqs",
        "td_version",
    ),
    *("start_time", "tail", "since", "name", "model", "status", "newVersion", "destination_path"),
]


def _routes() -> list[tuple[str, str]]:
    found = []
    for name in ROUTE_MODULES:
        if name != "lifecycle_routes":
            for methods, path, _ in importlib.import_module(f"hopsworks.local.{name}").ROUTES:
                verbs = methods.split() if isinstance(methods, str) else methods
                found += [(verb, path) for verb in verbs if not path.endswith("/delete")]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_route_with_nonsense(api, seed: int) -> None:
    chance = random.Random(seed)

    def fill(found: re.Match) -> str:
        if found.group() == "{project_id}" and chance.random() < 0.9:
            return str(api.id)
        return chance.choice(VALUES)

    for verb, path in _routes():
        filled = re.sub(r"\{[^}]+\}", fill, path)
        pairs = [
            f"{chance.choice(QUERIES)}={quote(chance.choice([*VALUES, 'START', 'copy', 'create']))}"
            for _ in range(chance.randrange(3))
        ]
        response = api.send(
            verb, f"{filled}?{'&'.join(pairs)}", content=chance.choice(BODIES),
            headers=chance.choice([{}, {"content-type": "multipart/form-data; boundary=x"}]),
        )  # fmt: skip
        # 501: the server says that it does not have what the route is for.
        assert response.status_code in (*range(500), 501), (verb, path, filled, response.text)
        if response.status_code >= 400:
            found = response.json()
            names = ("errorCode", "error_code", "code")
            code = next((found[name] for name in names if name in found), None)
            assert isinstance(code, int), (verb, filled, response.text)


def test_bytes_that_are_no_http(local_server, api) -> None:
    chance = random.Random(7)
    form = (
        f"POST /hopsworks-api/api/{api.p}/dataset/upload/Resources HTTP/1.1\r\nhost: x\r\n"
        "content-type: multipart/form-data; boundary=B\r\ncontent-length: 300\r\n\r\n"
        '--B\r\nContent-Disposition: form-data; name="flowChunkSize"\r\n\r\n10\r\n--B--'
    ).encode()
    for number in range(200):
        if number % 2:
            message = chance.randbytes(chance.randrange(1, 400))
        else:
            changed = bytearray(form)
            for _ in range(chance.randrange(6)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            message = bytes(changed)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(local_server.socket)
            client.sendall(message)
    assert lifecycle.find(local_server.data).pid == local_server.pid
