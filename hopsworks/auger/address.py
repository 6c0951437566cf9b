"""From a base and a path to what a request is sent to."""

from __future__ import annotations

from hopsworks.auger.errors import UnusableUrlError

# What stands in a path or query as it is, besides letters, digits and "-._~"; "%" is looked at on its own.
_LEGAL = "!$%&'()*+,/:;=?@"
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def resolve(path: str, base: str) -> str:
    """Return the URL of a path, as a reference relative to a base.

    Parameters:
        path: The path; one that begins with ``/`` takes the place of the base's path and query.
        base: Address of a service, for example ``"https://hub.example"``.

    Raises:
        UnusableUrlError: When the base is no text or cannot be read.
    """
    from urllib.parse import urljoin

    if not isinstance(base, str):
        raise UnusableUrlError(
            f"an address is a text like 'https://hub.example', not {type(base).__name__}"
        )
    try:
        return urljoin(base, path)
    except ValueError as error:
        raise UnusableUrlError(
            f"the address {shown(base)} cannot be read{_why(error, base)}"
        ) from None


def split(url: str, base: str) -> tuple[str, str, str | None]:
    """Split a URL into what a connection is made to and what is asked for there.

    Parameters:
        url: The whole URL.
        base: The address that the user gave, for messages.

    Returns:
        The origin, for example ``"https://hub.example:8443"``; the path with its query, quoted; the user and
        password of the URL, or None.

    Raises:
        UnusableUrlError: When the URL has no scheme, another than http and https, no host, or no valid port.
    """
    from urllib.parse import quote, urlsplit

    try:
        parts = urlsplit(url)
        if not parts.scheme:
            fault = "has no scheme; it must begin with https:// or http://"
        elif parts.scheme not in ("http", "https"):
            fault = f"has the scheme {parts.scheme}; it must be https or http"
        elif not parts.hostname:
            fault = "names no host; it looks like https://hub.example"
        else:
            user, _, place = parts.netloc.rpartition("@")
            user.encode()  # or no header can carry it
            if not place.isascii():
                place = place.encode("idna").decode("ascii")
            if parts.port == 0:
                raise ValueError("nobody listens at port 0")
            target = parts.path or "/"
            if parts.query:
                target += "?" + parts.query
            target = quote(_percent_signs(target), safe=_LEGAL)
            return f"{parts.scheme}://{place}", target, user or None
    except ValueError as error:
        fault = f"cannot be used{_why(error, base)}"
    raise UnusableUrlError(f"the address {shown(base)} {fault}")


def _percent_signs(target: str) -> str:
    """The target with the percent signs quoted that do not begin a quoted byte."""
    if "%" not in target:
        return target
    first, *rest = target.split("%")
    return first + "".join(
        f"%{part}" if len(part) > 1 and _HEXADECIMAL.issuperset(part[:2]) else f"%25{part}"
        for part in rest
    )


def _why(error: ValueError, base: str) -> str:
    """What is wrong with a base, unless the text of the error may show a part of its password."""
    if "@" in base:
        return "; a '/', '?', '#', ':' or '@' in its user name or password must be percent-encoded"
    return f": {error}"


def shown(base: object) -> str:
    """A base as it may be shown: without user and password, also where they are not quoted as they must be."""
    if not isinstance(base, str):
        return repr(base)
    before, at, rest = base.rpartition("@")
    if at:
        scheme, slashes, _ = before.partition("//")
        rest = scheme + slashes + rest if slashes else rest
    return repr(rest)
