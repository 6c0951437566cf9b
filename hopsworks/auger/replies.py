"""From a reply of the Hub to its value, or to the error that it is."""

from __future__ import annotations

from hopsworks.auger.errors import FatalApiError, InvalidParamsError, RetryableApiError
from hopsworks.auger.masking import masked, masked_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OK = (200, 201)
_REFUSED = (401, 403, 404, 500)


def value_of(reply: Any, plain_text: bool) -> Any:
    """Return what a reply holds, or raise the error that it is.

    Parameters:
        reply: Anything with `status_code`, `reason`, `text` and `json()`.
        plain_text: Whether it is text, not JSON.

    Returns:
        The decoded reply, or its text.

    Raises:
        InvalidParamsError: For status 400.
        FatalApiError: For 401, 403, 404 and 500, for a 400 that is not JSON, and for a success that should be JSON
            and is not.
        RetryableApiError: For any other status than 200 and 201.
    """
    status = reply.status_code
    if status in _OK and plain_text:
        return reply.text
    try:
        decoded, is_json = reply.json(), True
    except ValueError:
        decoded, is_json = {}, False
    if status in _OK and is_json:
        return decoded
    text = _shown(reply)
    if status == 400 and not is_json:
        raise FatalApiError(text)
    metadata = masked(decoded.get("meta")) if isinstance(decoded, dict) and is_json else {}
    attached = None if plain_text else metadata
    if status == 400:
        raise InvalidParamsError(_faults(metadata, text), attached)
    kind = FatalApiError if status in _REFUSED or status in _OK else RetryableApiError
    raise kind(f"status: {status}, body: {text}", attached)


def _shown(reply: Any) -> str:
    """The text of a reply as a reader would see it, without secrets, or its status where there is none."""
    text = reply.text
    if not text:
        return f"<Response [{reply.status_code}]> {reply.reason or _phrase(reply.status_code)}"
    from hopsworks.auger.plain_text import visible_text

    return masked_text(visible_text(masked_text(text)))


def _phrase(status: int) -> str:
    """What a status line would say; HTTP/2 has none."""
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _faults(metadata: Any, text: str) -> str:
    """What a reply says about wrong parameters, or its text where it says nothing."""
    found = metadata.get("errors") if isinstance(metadata, dict) else None
    if not isinstance(found, list):
        return text
    faults = []
    for fault in found:
        words = [fault]
        if isinstance(fault, dict):
            words = [fault[name] for name in ("error_param", "message") if name in fault]
        faults.append(" ".join(str(word) for word in words))
    return ", ".join(faults)
