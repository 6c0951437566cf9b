"""Requests that got no answer: no connection, no trust, no time.

The class that the same failure has in ``requests`` is joined in when, and only when, the program has imported that
package: nobody can be catching it otherwise. The public home of these classes is :mod:`hopsworks.client.exceptions`.
"""

import sys

_PUBLIC_HOME = "hopsworks.client.exceptions"

_joined_classes: dict[type, type] = {}


def _join_requests(cls):
    """The class to instantiate for ``cls``: itself, or itself joined with its counterpart in ``requests``."""
    requests_exceptions = sys.modules.get("requests.exceptions")
    counterpart = (
        getattr(requests_exceptions, cls._requests_name, None) if requests_exceptions else None
    )
    if counterpart is None or issubclass(cls, counterpart):
        return cls
    joined = _joined_classes.get(cls)
    if joined is None:
        names = {
            "__module__": cls.__module__,
            "__doc__": cls.__doc__,
            "__qualname__": cls.__qualname__,
        }
        joined = _joined_classes[cls] = type(
            cls.__name__, (cls, counterpart), {**names, "_plain": cls}
        )
    return joined


class _RequestFailure(OSError):
    """A request that got no answer."""

    _requests_name = "ConnectionError"
    _plain = None

    def __new__(cls, message="", **kwargs):
        # OSError takes its arguments here, not in __init__, once a subclass defines both.
        return super().__new__(_join_requests(cls), message)

    def __init__(self, message="", *, url=None, operation=None, attempts=1):
        super().__init__(message)
        self.url = url
        self.operation = operation
        self.attempts = attempts
        # Programs written for `requests` read these two from every exception of that family.
        self.request = None
        self.response = None

    def __str__(self):
        return str(self.args[0]) if self.args else ""

    def __reduce__(self):
        plain = self._plain or type(self)
        return (_rebuild_failure, (plain, str(self), self.url, self.operation, self.attempts))


def _rebuild_failure(cls, message, url, operation, attempts):
    error = cls(message)
    error.url, error.operation, error.attempts = url, operation, attempts
    return error


class ServiceUnreachableError(_RequestFailure, ConnectionError):
    """No connection to the server, or the connection broke before the answer was complete.

    Attributes:
        url (str | None): Address that was asked.
        operation (str | None): Verb and path of the request.
        attempts (int): How often it was tried.
    """

    __module__ = _PUBLIC_HOME


class RequestTimeoutError(_RequestFailure, TimeoutError):
    """No answer within the time that the connection allows.

    The message names the limit that was reached: ``connect``, ``read`` (no byte moved) or ``total``.
    """

    __module__ = _PUBLIC_HOME

    _requests_name = "Timeout"


class ConnectTimeoutError(RequestTimeoutError, ServiceUnreachableError):
    """No connection to the server within the connect limit."""

    __module__ = _PUBLIC_HOME

    _requests_name = "ConnectTimeout"


class ReadTimeoutError(RequestTimeoutError):
    """The server accepted the request, and no byte moved within the read limit."""

    __module__ = _PUBLIC_HOME

    _requests_name = "ReadTimeout"


class HopsworksSSLClientError(ServiceUnreachableError):
    """The TLS connection was refused: the certificate is not trusted, has expired or is for another host."""

    __module__ = _PUBLIC_HOME

    _requests_name = "SSLError"


class ProtocolError(ServiceUnreachableError):
    """The answer breaks the rules of HTTP, or ended before it was complete."""

    __module__ = _PUBLIC_HOME

    _requests_name = "ChunkedEncodingError"
