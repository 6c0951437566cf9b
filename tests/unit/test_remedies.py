"""What the message of a refusal advises: what fits the reason of the service, or nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

import hopsworks
from hopsworks.client import exceptions
from tests.scripted_server import ScriptedServer, Step

KEY = "Check the API key: "


def message(status: int, code: int | None, reason: str = "") -> str:
    """The message of a refusal with this code and explanation."""
    body = {"errorCode": code, "errorMsg": "Refused.", "usrMsg": reason}
    error = exceptions.from_native(
        "HTTP",
        "",
        operation="GET /x",
        url="https://my.host/x",
        status=status,
        reason="Refused",
        body=json.dumps(body).encode(),
        service_code=code,
    )
    return str(error)


@pytest.mark.parametrize(
    ("status", "code", "reason", "advice"),
    [
        (401, None, "", KEY),
        (401, 200003, "", KEY),
        (401, 320012, "The secret part is not right.", "copied as a whole"),
        (401, 320013, "", "belongs to another host"),
        (401, 200003, "The account of a@b is not active.", "another API key does not help"),
        (401, 160010, "This account has been blocked", "another API key does not help"),
        (403, None, "", "Use an API key with the scope"),
        (403, 320004, "", "Use an API key with the scope"),
        (403, 320003, "", "for administrators of the host"),
        (403, 160000, "", "make you a member"),
        (403, 150068, "", "for the role"),
        (403, 110050, "", "for the permission"),
        (403, 110048, "", "whether this can be switched on"),
        (403, 160047, "", "Ask the owner of the secret"),
        (403, 999999, "Your role is too low.", "for the role"),
    ],
)
def test_the_advice_fits_the_reason(
    status: int, code: int | None, reason: str, advice: str
) -> None:
    said = message(status, code, reason)
    assert advice in said
    assert said.count("Ask ") + said.count("Use an API key") + said.count(KEY) <= 1


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, 500035, "You do not own this repository."),
        (403, 150013, "The owner of the project stays."),
        (409, 150001, "The project exists."),
        (400, 120002, "TLS is off"),
    ],
)
def test_a_reason_of_its_own_stands_alone(status: int, code: int, reason: str) -> None:
    told = f"Refused. {reason.rstrip('.')}. (error code: {code}) Address: https://my.host/x."
    assert message(status, code, reason).endswith(told)


@contextlib.contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """The port of a server that answers every first bytes with these and ends the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def failure(host: str) -> str:
    """The message of a login to a host that does not work out."""
    with pytest.raises((exceptions.RestAPIError, exceptions.ServiceUnreachableError)) as caught:
        hopsworks.login(host=host, api_key_value="key.0123456789", project="demo")
    return str(caught.value)


# What servers that speak TLS say to plain HTTP: nginx and the like in words, others with an alert of TLS, some nothing.
@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 48\r\n\r\nThe plain HTTP request was sent to an HTTPS port",
        b"HTTP/1.1 400 \r\nContent-Length: 51\r\n\r\nThis combination of host and port requires TLS.    ",
        bytes.fromhex("15030100020246"),
        b"",
    ],
)
def test_plain_http_to_a_port_with_tls_hints_at_https(reply: bytes) -> None:
    with answering(reply) as port:
        assert f"ive the host as 'https://127.0.0.1:{port}'" in failure(f"http://127.0.0.1:{port}")


def test_tls_to_a_port_without_it_says_so() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as port:
        said = failure(f"127.0.0.1:{port}")
    assert said.endswith("That port does not speak TLS. Check the port.")


def test_other_failures_of_plain_http_hint_at_nothing() -> None:
    versions = "GET /hopsworks-api/api/variables/versions"
    with ScriptedServer([Step(versions, status=400, body=b'{"errorMsg": "no"}')]) as server:
        assert "https" not in failure(server.url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "https" not in failure(f"http://127.0.0.1:{port}")
