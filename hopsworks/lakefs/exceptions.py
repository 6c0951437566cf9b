"""What goes wrong with lakeFS, as exceptions.

Answers of the server become a :class:`ServerException` by their status; :data:`BY_STATUS` is the table.
:func:`from_native` is the one place where a failure of the native core becomes one of these classes.
"""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

__all__ = [
    "BadRequestException", "ConflictException", "ForbiddenException", "ImportManagerException",
    "InvalidEnvVarFormat", "InvalidRangeException", "LakeFSException", "MalformedResponseException",
    "NoAuthenticationFound", "NotAuthorizedException", "NotFoundException", "ObjectExistsException",
    "ObjectNotFoundException", "PermissionException", "RequestTimeoutException", "ServerException",
    "ServiceUnreachableException", "TransactionException", "UnsupportedCredentialsProviderType",
    "UnsupportedOperationException", "ValidationError",
]  # fmt: skip


class LakeFSException(Exception):
    """Base of everything that this client raises about lakeFS, except for arguments that cannot be."""


class ServerException(LakeFSException):
    """The server answered a request with an error.

    Parameters:
        status: HTTP status.
        reason: Text beside the status.
        body: Content of the answer, text or bytes; JSON is decoded.
        headers: Headers of the answer.

    Attributes:
        status_code (int | None): HTTP status.
        reason (str | None): Text beside the status.
        body: The decoded JSON; ``{}`` when there was none.
        headers (dict): Headers of the answer.
        operation (str | None): Verb and path of the request.
        remedy (str | None): What may help, where this client knows something.

    Example:
        ```python
        from hopsworks import lakefs
        from hopsworks.lakefs.exceptions import NotFoundException

        try:
            lakefs.repository("lake").branch("no-such-branch").get_commit()
        except NotFoundException as error:
            assert error.status_code == 404
        ```
    """

    _errno: int | None = None

    status_code: int | None
    reason: str | None
    body: Any
    headers: dict[str, str]
    operation: str | None = None
    remedy: str | None

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        body: Any = None,
        headers: Any = None,
    ) -> None:
        super().__init__(status, reason)
        self.status_code = status
        self.reason = reason
        self.body = _decoded(body)
        self.headers = {} if headers is None else dict(headers)
        self.remedy = None
        if self._errno is not None:  # one of Python's own errors of files
            setattr(self, "errno", self._errno)  # noqa: B010 - which ServerException alone has not

    def __str__(self) -> str:
        what = f"{self.operation}: " if self.operation else ""
        if self.status_code is None:  # found out by this client, not said by a server
            parts = [self.reason or "", f"body: {self.body}" if self.body else ""]
            told = ", ".join(part for part in parts if part) or "refused"
        else:
            told = f"status {self.status_code}, reason: {self.reason}, body: {self.body}"
        return f"{what}{told}{'; ' + self.remedy if self.remedy else ''}"

    def __reduce__(self) -> tuple[Any, ...]:
        state = {"operation": self.operation, "remedy": self.remedy}
        return type(self), (self.status_code, self.reason, self.body, self.headers), state


def _decoded(body: Any) -> Any:
    if body is None or body == b"" or body == "":
        return {}
    if not isinstance(body, str | bytes | bytearray | memoryview):
        return body
    import json

    try:
        return json.loads(bytes(body) if isinstance(body, memoryview) else body)
    except ValueError:
        return {}


class BadRequestException(ServerException):
    """The server cannot make sense of a request (status 400)."""


class NotAuthorizedException(ServerException):
    """The server does not know who asks, or not by these credentials (status 401)."""


class ForbiddenException(ServerException):
    """Who asks may not do that (status 403)."""


class NotFoundException(ServerException):
    """There is no such repository, branch, tag, commit or object (status 404)."""


class UnsupportedOperationException(ServerException):
    """The server does not offer that (status 405)."""


class ConflictException(ServerException):
    """It is there already, or the changes do not go together (status 409)."""


class InvalidRangeException(ServerException, OSError):
    """A read begins behind the end of an object (status 416).

    Attributes:
        size (int | None): Size of the object, where the server said it.
    """

    size: int | None

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        body: Any = None,
        headers: Any = None,
    ) -> None:
        super().__init__(status, reason, body, headers)
        self.size = None
        for name, value in self.headers.items():
            unit, _, total = value.partition("*/")
            if name.lower() == "content-range" and unit == "bytes " and total.isdecimal():
                self.size = int(total)


class ObjectNotFoundException(NotFoundException, FileNotFoundError):
    """There is no such object."""

    _errno = errno.ENOENT


class PermissionException(NotAuthorizedException, PermissionError):
    """Who asks may not do that with the object."""

    _errno = errno.EACCES


class ObjectExistsException(ServerException, FileExistsError):
    """An object that was to be created is there already."""

    _errno = errno.EEXIST


class NoAuthenticationFound(LakeFSException):
    """No argument, variable or file says who asks."""


class UnsupportedCredentialsProviderType(LakeFSException):
    """A provider of credentials is named that this client does not know."""


class InvalidEnvVarFormat(LakeFSException):
    """A variable of the environment does not hold what it must."""


class ImportManagerException(LakeFSException):
    """An import failed, or an import manager was used in the wrong order."""


class TransactionException(LakeFSException):
    """A transaction could not be completed."""


class ServiceUnreachableException(LakeFSException, ConnectionError):
    """No answer came: the host is unknown, refuses, broke off or is not who it claims to be."""


class RequestTimeoutException(ServiceUnreachableException, TimeoutError):
    """No answer came in time."""


class MalformedResponseException(LakeFSException):
    """An answer came that is not what the API of lakeFS says."""


class ValidationError(ValueError):
    """An argument that cannot be; nothing was sent."""


BY_STATUS: dict[int, type[ServerException]] = {
    400: BadRequestException,
    401: NotAuthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    405: UnsupportedOperationException,
    409: ConflictException,
    416: InvalidRangeException,
}

_OF_OBJECTS: dict[type[ServerException], type[ServerException]] = {
    NotAuthorizedException: PermissionException,
    ForbiddenException: PermissionException,
    NotFoundException: ObjectNotFoundException,
}


def of_answer(
    status: int, reason: str, body: Any, headers: Any, operation: str | None = None
) -> ServerException:
    """The exception for an answer that is no success.

    Parameters:
        status: HTTP status.
        reason: Text beside the status.
        body: Content of the answer.
        headers: Its headers, as a mapping or pairs.
        operation: Verb and path of the request.

    Returns:
        The exception; the caller raises it.
    """
    named = {_header_name(name): value for name, value in dict(headers or {}).items()}
    error = BY_STATUS.get(status, ServerException)(status, reason, body, named)
    error.operation = operation
    return error


def of_object(error: ServerException) -> ServerException:
    """The exception of a call on an object, which is one of Python's own errors of files as well.

    Parameters:
        error: What the call raised.

    Returns:
        An exception of the matching class, or ``error`` itself where there is none.
    """
    cls = _OF_OBJECTS.get(type(error))
    if cls is None:
        return error
    made = cls(error.status_code, error.reason, error.body, error.headers)
    made.operation, made.remedy = error.operation, error.remedy
    return made


def _header_name(name: str) -> str:
    """As servers in Go write it; HTTP/2 has lower case only."""
    return "-".join(part.capitalize() for part in name.split("-"))


# What the core calls its settings, and what they are called here; longer ones first.
_OWN_TERMS = (
    ("hostname_verification=False and without trust_store_path", "verify_ssl=False"),
    ("trust_store_path or HOPSWORKS_TRUST_STORE_PATH", "ssl_ca_cert"),
    ("(trust_store_path)", "(ssl_ca_cert)"),
)


def _in_own_terms(message: str) -> str:
    for of_core, own in _OWN_TERMS:
        message = message.replace(of_core, own)
    return message


def from_native(
    kind: str,
    message: str,
    *,
    operation: str | None = None,
    url: str | None = None,
    status: int = 0,
    reason: str = "",
    headers: Any = None,
    body: bytes = b"",
    service_code: int | None = None,
    attempts: int = 1,
    os_error: int = 0,
) -> BaseException:
    """Make the exception for a failure of the native core.

    Parameters:
        kind: Status word of the core.
        message: What the core knows.
        operation: Verb and path of the request.
        url: Address that was asked.
        status: HTTP status; 0 when no answer came.
        reason: Text beside the status.
        headers: Headers of the answer.
        body: Content of the answer.
        service_code: Error code of other services; lakeFS has none.
        attempts: How often the request was sent.
        os_error: ``errno`` of a failed system call.

    Returns:
        The exception; the caller raises it.
    """
    if kind == "http":
        return of_answer(status, reason, bytes(body), headers, operation)
    if kind == "timeout":
        return RequestTimeoutException(message)
    if kind == "tls":
        return ServiceUnreachableException(_in_own_terms(message))
    if kind in ("resolve", "connect", "protocol"):
        return ServiceUnreachableException(message)
    if kind == "io":
        return OSError(os_error, message) if os_error else ServiceUnreachableException(message)
    if kind in ("json", "decode", "limit"):
        return MalformedResponseException(message)
    if kind == "closed":
        return LakeFSException(f"The client was closed: {message}")
    return LakeFSException(message)
