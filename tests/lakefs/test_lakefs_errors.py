"""What the server refuses and what it garbles, as exceptions."""

from __future__ import annotations

import copy
import errno
import json
import pickle
from typing import Any

import pytest
from lakefs_server import LakeFSServer
from scripted_server import ScriptedServer, Step

from hopsworks import lakefs
from hopsworks.lakefs import exceptions

GET = "GET /api/v1/repositories/lake"
TABLE = {
    400: exceptions.BadRequestException,
    401: exceptions.NotAuthorizedException,
    403: exceptions.ForbiddenException,
    404: exceptions.NotFoundException,
    405: exceptions.UnsupportedOperationException,
    409: exceptions.ConflictException,
    410: exceptions.ServerException,
    412: exceptions.ServerException,
    416: exceptions.InvalidRangeException,
    418: exceptions.ServerException,
    420: exceptions.ServerException,
    500: exceptions.ServerException,
    501: exceptions.ServerException,
}


@pytest.mark.parametrize("status", TABLE)
def test_the_class_follows_from_the_status(status: int) -> None:
    step = Step(GET, status=status, reason="Reason", body=b'{"message": "no"}')
    step.headers = {"X-Request-Id": "abc"}
    with ScriptedServer([step]) as server:
        with pytest.raises(exceptions.ServerException) as caught:
            lakefs.Repository("lake", lakefs.Client(host=server.url)).properties
    error = caught.value
    assert type(error) is TABLE[status]
    assert (error.status_code, error.reason, error.body) == (status, "Reason", {"message": "no"})
    assert error.headers["X-Request-Id"] == "abc"
    for part in ("GET /repositories/lake", str(status), "Reason", "{'message': 'no'}"):
        assert part in str(error)


@pytest.mark.parametrize(
    ("body", "decoded"),
    [
        (b"", {}),
        (b"<html>", {}),
        (b'["a", 1]', ["a", 1]),
        (b'"text"', "text"),
        (b"17", 17),
        (b"null", None),
        (b"\xff\xfe", {}),
        (b'{"message": "\xc3\xa4"}', {"message": "ä"}),
    ],
)
def test_the_body_is_what_the_server_sent(body: bytes, decoded: Any) -> None:
    with ScriptedServer([Step(GET, status=400, body=body)]) as server:
        with pytest.raises(exceptions.BadRequestException) as caught:
            lakefs.Repository("lake", lakefs.Client(host=server.url)).properties
    assert caught.value.body == decoded
    assert str(decoded) in str(caught.value)


def test_exceptions_made_by_hand() -> None:
    empty = exceptions.ServerException()
    assert (empty.status_code, empty.reason, empty.body, empty.headers) == (None, None, {}, {})
    made = exceptions.ConflictException(409, "Conflict", '{"message": "x"}', {"A": "b"})
    assert (made.body, made.headers) == ({"message": "x"}, {"A": "b"})
    assert exceptions.ServerException(500, "E", b"no json").body == {}
    assert exceptions.ServerException(500, "E", {"a": 1}).body == {"a": 1}


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({"Content-Range": "bytes */42"}, 42),
        ({"content-range": "bytes */0"}, 0),
        ({"Content-Range": "bytes 0-1/42"}, None),
        ({"Content-Range": "bytes */x"}, None),
        (None, None),
    ],
)
def test_the_size_behind_a_range(headers: Any, size: int | None) -> None:
    error = exceptions.InvalidRangeException(416, "Range", b"", headers)
    assert error.size == size
    assert isinstance(error, OSError)


def test_families() -> None:
    family = exceptions
    assert issubclass(family.ServerException, family.LakeFSException)
    assert issubclass(family.ObjectNotFoundException, family.NotFoundException)
    assert issubclass(family.ObjectNotFoundException, FileNotFoundError)
    assert issubclass(family.PermissionException, family.NotAuthorizedException)
    assert issubclass(family.PermissionException, PermissionError)
    assert issubclass(family.ObjectExistsException, family.ServerException)
    assert issubclass(family.ObjectExistsException, FileExistsError)
    assert issubclass(family.ValidationError, ValueError)
    assert not issubclass(family.ValidationError, family.LakeFSException)
    for one in ("NoAuthenticationFound", "UnsupportedCredentialsProviderType", "InvalidEnvVarFormat",
                "ImportManagerException", "TransactionException"):  # fmt: skip
        assert issubclass(getattr(family, one), family.LakeFSException)
    assert not issubclass(lakefs.LakeFSDeprecationWarning, DeprecationWarning)


@pytest.mark.parametrize(
    ("status", "cls", "number"),
    [
        (401, exceptions.PermissionException, errno.EACCES),
        (403, exceptions.PermissionException, errno.EACCES),
        (404, exceptions.ObjectNotFoundException, errno.ENOENT),
    ],
)
def test_of_objects(status: int, cls: type, number: int) -> None:
    plain = exceptions.of_answer(status, "R", b'{"message": "m"}', [("x-id", "1")], "GET /x")
    error = exceptions.of_object(plain)
    assert type(error) is cls
    assert (error.status_code, error.reason, error.body) == (status, "R", {"message": "m"})
    assert (error.headers, error.operation) == ({"X-Id": "1"}, "GET /x")
    assert isinstance(error, OSError)
    assert error.errno == number
    conflict = exceptions.of_answer(409, "R", b"", None)
    assert exceptions.of_object(conflict) is conflict


@pytest.mark.parametrize("way", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_exceptions_travel(way: Any) -> None:
    for error in (
        exceptions.of_answer(409, "Conflict", b'{"a": 1}', {"b": "c"}, "POST /x"),
        exceptions.of_object(exceptions.of_answer(404, "R", b"", None, "GET /x")),
    ):
        again = way(error)
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == str(error)


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("timeout", exceptions.RequestTimeoutException),
        ("resolve", exceptions.ServiceUnreachableException),
        ("tls", exceptions.ServiceUnreachableException),
        ("io", exceptions.ServiceUnreachableException),
        ("limit", exceptions.MalformedResponseException),
        ("closed", exceptions.LakeFSException),
        ("cancelled", exceptions.LakeFSException),
    ],
)
def test_failures_of_the_core(kind: str, cls: type) -> None:
    error = exceptions.from_native(kind, "what happened")
    assert type(error) is cls
    assert "what happened" in str(error)
    assert type(exceptions.from_native("io", "disk", os_error=errno.ENOSPC)) is OSError


# --- answers that are not what the API says ---------------------------------------------------------------------

GARBLED = (b"", b"{", b"[]", b"17", b'{"id": 5}', b"<html>busy</html>", b'{"id": "\xff"}')


@pytest.mark.parametrize("body", GARBLED)
def test_an_answer_that_cannot_be_read(
    server: LakeFSServer, lake: lakefs.Repository, body: bytes
) -> None:
    server.fault("GET /repositories/lake", status=200, body=body)
    with pytest.raises(exceptions.MalformedResponseException, match=r"lakefs\.repository\.get"):
        lake.properties
    assert lake.properties.id == "lake", "nothing of it was kept"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"results": []}',
        b'{"results": 5, "pagination": {"has_more": false}}',
        b'{"results": [5], "pagination": {"has_more": false}}',
        b'{"results": [], "pagination": {"has_more": true}}',
        b'{"results": [], "pagination": {"has_more": true, "next_offset": ""}}',
        b'{"results": [{"id": 1}], "pagination": {"has_more": false}}',
    ],
)
def test_a_page_that_cannot_be_read(
    server: LakeFSServer, lake: lakefs.Repository, body: bytes
) -> None:
    server.fault("GET /repositories/lake/branches", status=200, body=body)
    with pytest.raises(exceptions.MalformedResponseException):
        list(lake.branches())


def test_a_truncated_answer_is_no_answer(server: LakeFSServer, lake: lakefs.Repository) -> None:
    body = json.dumps({"id": "lake" * 100}).encode()
    server.fault("GET /repositories/lake", status=200, body=body, truncate=20, times=4)
    with pytest.raises(exceptions.ServiceUnreachableException):
        lake.properties
    assert len(server.requests) == 4


def test_a_login_without_a_token(server: LakeFSServer) -> None:
    server.fault("POST /sts/login", status=200, body=b"{}")
    with pytest.raises(exceptions.LakeFSException, match="sent no token"):
        lakefs.client.from_web_identity("good", "s", "u", host=server.url)


def test_an_import_without_an_id(server: LakeFSServer, lake: lakefs.Repository) -> None:
    manager = lake.branch("main").import_data().prefix("s3://x", "y")
    server.fault("POST /repositories/lake/branches/main/import", status=202, body=b"{}")
    with pytest.raises(exceptions.MalformedResponseException, match="did not say its id"):
        manager.start()
    assert manager.start() == "import-1"


def test_an_import_whose_time_is_none(server: LakeFSServer, lake: lakefs.Repository) -> None:
    manager = lake.branch("main").import_data()
    manager.start()
    body = b'{"completed": false, "update_time": "yesterday"}'
    server.fault("GET /repositories/lake/branches/main/import", status=200, body=body)
    with pytest.raises(exceptions.MalformedResponseException, match="'yesterday', which is no"):
        manager.status()


def test_what_the_client_found_out_itself_has_no_status(lake: lakefs.Repository) -> None:
    with pytest.raises(exceptions.ObjectExistsException) as caught:
        lake.branch("main").object("b").upload("x", mode="x")
    assert str(caught.value) == "'b' is there already"
    assert str(exceptions.ServerException()) == "refused"


def test_a_client_without_credentials_is_told_of(server: LakeFSServer) -> None:
    branch = lakefs.Repository("lake", lakefs.Client(host=server.url)).branch("main")
    remedy = "this client has no credentials: keywords .* were given"
    with pytest.raises(exceptions.NotAuthorizedException, match=f"status 401.*{remedy}") as caught:
        branch.get_commit()
    assert "username=" in (pickle.loads(pickle.dumps(caught.value)).remedy or "")
    with pytest.raises(exceptions.PermissionException, match=remedy):
        branch.object("b").stat()
    with pytest.raises(exceptions.PermissionException, match=remedy):
        branch.object("b").reader(pre_sign=False).read()
    wrong = lakefs.Client(host=server.url, username="x", password="y")
    with pytest.raises(exceptions.NotAuthorizedException) as other:
        lakefs.Repository("lake", wrong).properties
    assert other.value.remedy is None
    with pytest.raises(exceptions.NotAuthorizedException) as refused:
        lakefs.client.from_web_identity("wrong", "s", "http://r", host=server.url)
    assert refused.value.remedy is None


def test_a_web_page_is_no_lakefs() -> None:
    with ScriptedServer([Step("*", body=b"<!DOCTYPE html>")]) as page:
        client = lakefs.Client(host=page.url, access_token="t")
        with pytest.raises(exceptions.MalformedResponseException) as caught:
            lakefs.Repository("lake", client).properties
    assert str(caught.value).endswith(f"; is {page.url}/api/v1 the address of a lakeFS server?")
