"""The exceptions of the Hub's client, and the one place where a failure of the native core becomes one of them."""

from __future__ import annotations

from hopsworks.auger.masking import masked

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Mapping
    from typing import Any


class DSLError(Exception):
    """A table of resources names a verb that there is not."""


class BaseError(Exception):
    """A call of the Hub that failed.

    ``args[0]`` is the message, ``args[1]`` what the reply says about itself (its ``meta``), where there was one.

    Attributes:
        request_details (str | None): Verb, path and parameters of the request, without passwords and tokens.

    Example:
        ```python
        try:
            hub.get_project(7)
        except HubApiClient.BaseError as error:
            assert error.metadata().get("status") == 404
        ```
    """

    request_details: str | None = None

    def metadata(self) -> Any:
        """What the reply says about itself.

        Returns:
            The ``meta`` of the reply, or ``{}`` when there was no reply or it was not JSON.
        """
        return self.args[1] if len(self.args) > 1 else {}

    def add_request_details(self, method: str, path: str, payload: Mapping[str, Any]) -> None:
        """Say in the text of the error which request failed.

        Parameters:
            method: Verb, for example ``"get"``.
            path: Path of the request.
            payload: Its parameters; passwords and tokens among them are masked.
        """
        self.request_details = f"on: {method.upper()} {path} {_as_json(masked(payload))}"

    def __str__(self) -> str:
        words = [word if isinstance(word, str) else _as_json(word) for word in self.args]
        if self.request_details is not None:
            words.append(self.request_details)
        return " ".join(words)


def _as_json(value: object) -> str:
    """A value as JSON, or as Python shows it where it has no JSON: an error can always be printed."""
    import json

    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return repr(value)


class FatalApiError(BaseError):
    """The Hub refused the request, and it would refuse it again."""


class InvalidParamsError(BaseError):
    """The Hub says that parameters are wrong (HTTP 400)."""


class NetworkError(BaseError):
    """There was no complete answer: no address, no connection, no trust, or the connection broke."""


class RetryableApiError(BaseError):
    """The Hub, or something in front of it, cannot answer now; it may later."""


class MissingParamError(BaseError):
    """A parameter that the request needs is missing; nothing was sent."""


class UnusableUrlError(ValueError, OSError):
    """An address that no request can be sent to; nothing was sent."""


_NO_ANSWER = ("RESOLVE", "CONNECT", "TLS", "TIMEOUT", "PROTOCOL", "IO", "LIMIT")


def from_native(kind: str, message: str, **known: Any) -> BaseException:
    """Make the exception for a request of the native core that got no answer.

    Parameters:
        kind: Status word of the core, for example ``"CONNECT"``; case does not matter.
        message: What the core knows.
        known: What else it knows, see :func:`hopsworks.client.exceptions.from_native`.

    Returns:
        The exception; the caller raises it.
    """
    if kind.upper() in _NO_ANSWER:
        return NetworkError(message or "the connection broke")
    from hopsworks.client import exceptions

    return exceptions.from_native(kind, message, **known)
