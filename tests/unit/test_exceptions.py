"""The exceptions: which class a failure becomes, what it tells, and how it fits programs written for requests."""

import pickle
import subprocess
import sys
import textwrap

import pytest

from hopsworks.client import exceptions
from hopsworks.client.response import Response


def http_error(status, body=b"", code=None, **kwargs):
    return exceptions.from_native(
        "HTTP",
        "",
        operation="GET /hopsworks-api/api/project",
        url="https://my.host/hopsworks-api/api/project",
        status=status,
        reason="Reason",
        headers=[("Content-Type", "application/json")],
        body=body,
        service_code=code,
        **kwargs,
    )


@pytest.mark.parametrize(
    ("status", "code", "name"),
    [
        (404, 150004, "NotFoundError"),
        (400, 110018, "NotFoundError"),
        (401, 320012, "UnauthorizedError"),
        (403, 320004, "ForbiddenError"),
        (409, 150001, "ConflictError"),
        (400, 110012, "ConflictError"),
        (500, 110055, "QuotaExceededError"),
        (429, None, "QuotaExceededError"),
        (504, None, "ServerTimeoutError"),
        (500, 120000, "RestAPIError"),
        (400, 120001, "RestAPIError"),
    ],
)
def test_an_error_answer_becomes_the_class_of_its_status_and_code(status, code, name):
    error = http_error(status, b"{}", code)
    assert type(error) is getattr(exceptions, name)
    assert isinstance(error, exceptions.RestAPIError)
    assert error.response.status_code == status


def test_a_server_timeout_is_a_timeout_of_python_too():
    assert isinstance(http_error(504), TimeoutError)


def test_the_message_names_operation_status_explanation_code_and_address():
    body = b'{"errorCode": 150004, "errorMsg": "Project not found", "usrMsg": "demo"}'
    error = http_error(404, body, 150004, attempts=3)
    assert str(error) == (
        "GET /hopsworks-api/api/project was answered with HTTP 404 Reason: Project not found. demo. "
        "(error code: 150004) Address: https://my.host/hopsworks-api/api/project. Sent 3 times."
    )
    assert error.error_code == 150004
    assert error.user_message == "demo"
    assert error.url == "https://my.host/hopsworks-api/api/project"
    assert error.attempts == 3


def test_the_response_of_an_error_reads_like_one_of_requests():
    response = http_error(404, b'{"errorCode": 1}').response
    assert (response.status_code, response.reason, response.ok) == (404, "Reason", False)
    assert response.json() == {"errorCode": 1}
    assert response.text == '{"errorCode": 1}'
    assert response.content == b'{"errorCode": 1}'
    assert response.headers["content-TYPE"] == "application/json"
    assert "CONTENT-type" in response.headers
    assert not response


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"errorMsg": "x"}', "", ""),
        (b'"only text"', "", ""),
        (b"<html>", None, ""),
        (b"", None, ""),
        (b"{}", "", ""),
        (b"[1]", "", ""),
        (b'{"error_code": 40401, "message": "no subject"}', 40401, ""),
        (b'{"errorCode": 5, "usrMsg": "do this"}', 5, "do this"),
    ],
)
def test_every_body_is_read(body, code, message):
    error = http_error(400, body)
    assert error.error_code == code
    assert error.user_message == message


def test_a_body_that_is_not_json_is_quoted_and_cut():
    error = http_error(502, b"<html>" + b"x" * 5000)
    assert "<html>xxx" in str(error)
    assert len(str(error)) < 800


def test_the_public_constructor_takes_url_and_response():
    response = Response(
        "https://h/x", 404, "Not Found", {}, b'{"errorCode": 7, "errorMsg": "gone"}'
    )
    error = exceptions.RestAPIError("https://h/x", response)
    assert error.error_code == 7
    assert "https://h/x was answered with HTTP 404 Not Found: gone." in str(error)


def test_error_codes_of_the_feature_store_equal_numbers():
    code = exceptions.RestAPIError.FeatureStoreErrorCode.STATISTICS_NOT_FOUND
    assert code == 270228
    assert code != 270227
    assert {270228: "x"}[code] == "x"
    assert pickle.loads(pickle.dumps(code)) is code
    assert type(code) is exceptions.NotFoundError.FeatureStoreErrorCode


@pytest.mark.parametrize(
    ("kind", "message", "name", "builtin"),
    [
        ("RESOLVE", "no address is known for my.host", "ServiceUnreachableError", ConnectionError),
        ("connect", "no connection to my.host:443", "ServiceUnreachableError", ConnectionError),
        ("TLS", "certificate expired", "HopsworksSSLClientError", ConnectionError),
        ("TIMEOUT", "no connection to my.host within 10 s", "ConnectTimeoutError", TimeoutError),
        ("TIMEOUT", "my.host sent nothing for 60 s", "ReadTimeoutError", TimeoutError),
        ("TIMEOUT", "the time for the request was over", "RequestTimeoutError", TimeoutError),
        ("PROTOCOL", "answer cut short", "ProtocolError", ConnectionError),
        ("IO", "connection broke", "ServiceUnreachableError", ConnectionError),
        ("INTEGRITY", "3 of 4 bytes", "ContentMismatchError", exceptions.DatasetException),
        ("JSON", "not JSON", "MalformedResponseError", ValueError),
        ("LIMIT", "too large", "LimitExceededError", Exception),
        ("CANCELLED", "cancelled", "RequestCancelledError", Exception),
        ("CLOSED", "closed", "NoHopsworksConnectionError", Exception),
    ],
)
def test_a_failure_without_an_answer_has_a_class_of_its_own(kind, message, name, builtin):
    error = exceptions.from_native(kind, message, operation="GET /x", url="https://my.host/x")
    assert type(error).__name__ == name
    assert isinstance(error, getattr(exceptions, name))
    assert isinstance(error, builtin)
    assert str(error) == message


def test_the_message_tells_how_often_it_was_tried():
    error = exceptions.from_native("CONNECT", "no connection to my.host:443", attempts=4)
    assert str(error) == "no connection to my.host:443. Tried 4 times."
    assert error.attempts == 4


def test_a_failed_system_call_becomes_the_matching_error_of_python():
    import errno

    error = exceptions.from_native("IO", "No space left in folder /x", os_error=errno.ENOSPC)
    assert type(error) is OSError
    assert error.errno == errno.ENOSPC
    assert "folder /x" in str(error)
    assert isinstance(exceptions.from_native("IO", "m", os_error=errno.ENOENT), FileNotFoundError)
    assert isinstance(exceptions.from_native("IO", "m", os_error=errno.EACCES), PermissionError)


def failures():
    """An exception of each kind of constructor. Made in the test: classes change once `requests` is imported."""
    return [
        http_error(404, b'{"errorCode": 150004}', 150004),
        exceptions.ServiceUnreachableError("m", url="u", operation="GET /", attempts=2),
        exceptions.ResponseDecodeError("Model", "id", "int", "str"),
        exceptions.MalformedResponseError("m", "u"),
        exceptions.ExternalClientError("host", "Pass it."),
        exceptions.HuggingFaceImportException("auth_required"),
        exceptions.VectorDatabaseException("OTHERS", "m", {"k": 1}),
        exceptions.TransformationFunctionException("m", {"a"}, "f", "on_demand"),
        exceptions.PlatformIntelligenceException("not_configured", "m"),
        exceptions.NoHopsworksConnectionError(),
        exceptions.HopsworksConnectionError(),
    ]


@pytest.mark.parametrize("number", range(len(failures())))
def test_exceptions_survive_pickling(number):
    error = failures()[number]
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    for name, value in vars(error).items():
        if name not in ("response", "request"):
            assert getattr(copy, name) == value


def test_a_decode_error_names_class_field_expected_and_found():
    error = exceptions.ResponseDecodeError("FeatureGroup", "version", "int", "str")
    assert str(error) == "FeatureGroup.version: expected int, found str"
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)


def test_a_missing_argument_is_a_type_error_that_names_it():
    error = exceptions.ExternalClientError("host", "Set HOPSWORKS_HOST.")
    assert isinstance(error, TypeError)
    assert "host is missing" in str(error)
    assert "HOPSWORKS_HOST" in str(error)


def test_failures_are_requests_exceptions_once_that_package_is_imported():
    """A stand-in of the same shape as requests.exceptions: the package itself is not a dependency of ours."""
    script = textwrap.dedent(
        """
        import pickle, sys, types
        from hopsworks.client import exceptions as ours
        assert type(ours.HopsworksSSLClientError("x")) is ours.HopsworksSSLClientError

        module = types.ModuleType("requests.exceptions")
        class RequestException(IOError):
            def __init__(self, *args, **kwargs):
                self.response = kwargs.pop("response", None)
                self.request = kwargs.pop("request", None)
                super().__init__(*args, **kwargs)
        class ConnectionError(RequestException): pass
        class SSLError(ConnectionError): pass
        class Timeout(RequestException): pass
        class ConnectTimeout(ConnectionError, Timeout): pass
        class ReadTimeout(Timeout): pass
        class ChunkedEncodingError(RequestException): pass
        for cls in (RequestException, ConnectionError, SSLError, Timeout, ConnectTimeout, ReadTimeout, ChunkedEncodingError):
            setattr(module, cls.__name__, cls)
        sys.modules["requests.exceptions"] = module

        for kind, message, theirs, name in (
            ("CONNECT", "refused", ConnectionError, "ServiceUnreachableError"),
            ("TLS", "expired", SSLError, "HopsworksSSLClientError"),
            ("TIMEOUT", "no connection to x within 1 s", ConnectTimeout, "ConnectTimeoutError"),
            ("TIMEOUT", "x sent nothing for 1 s", ReadTimeout, "ReadTimeoutError"),
            ("TIMEOUT", "over", Timeout, "RequestTimeoutError"),
            ("PROTOCOL", "cut short", ChunkedEncodingError, "ProtocolError"),
        ):
            error = ours.from_native(kind, message, url="u", operation="GET /")
            assert isinstance(error, theirs), (kind, type(error).__mro__)
            assert isinstance(error, getattr(ours, name))
            assert type(error).__name__ == name
            assert message in str(error) and error.url == "u" and error.response is None
            copy = pickle.loads(pickle.dumps(error))
            assert type(copy) is type(error) and str(copy) == str(error) and copy.url == "u"
        """
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
