"""Requests to the Hub over the connections of the native core, and the replies."""

from __future__ import annotations

import os

from hopsworks.auger.address import split
from hopsworks.auger.errors import UnusableUrlError, from_native
from hopsworks.client.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hopsworks._native import Client

_REDIRECTS = 30
# Seconds. Programs ask every few seconds whether something is done, and servers end idle connections after a few
# seconds, too: a request that crosses with the end would be lost, and may not be sent again.
_IDLE_LIMIT = 2
# Variables that name the authorities to trust for programs that send with `requests`, as users of this API do.
_TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Reply(Response):
    """An answer of the Hub.

    It can be read as often as one likes, and used in a ``with`` statement as users of the API do.

    Example:
        ```python
        with hub.request("get", "/api/v1/projects", hub.base_url) as reply:
            assert reply.status_code == 200
            projects = reply.json()["data"]
        ```
    """

    __slots__ = ()

    def __enter__(self) -> Reply:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def text(self) -> str:
        """The body as text.

        The character set is that of the content type; without one, text is ISO-8859-1 and anything else is taken for
        UTF-8 where it can be.
        """
        kind, charset = _content_type(self.headers.get("content-type", ""))
        if charset is None and kind.startswith("text/"):
            charset = "iso-8859-1"
        if charset is not None:
            try:
                return str(self.content, charset, "replace")
            except (LookupError, ValueError):  # there is no such character set
                return str(self.content, "utf-8", "replace")
        marked = self.content.startswith((b"\xff\xfe", b"\xfe\xff"))  # with the mark of UTF-16
        try:
            return str(self.content, "utf-16" if marked else "utf-8-sig")
        except UnicodeDecodeError:
            return str(self.content, "iso-8859-1")

    def json(self, **kwargs: Any) -> Any:
        """Parse the body, as :meth:`hopsworks.client.response.Response.json` does.

        A body in another character set than JSON should have is read by what its content type says.
        """
        try:
            return super().json(**kwargs)
        except UnicodeDecodeError:
            import json

            return json.loads(self.text, **kwargs)


def _content_type(header: str) -> tuple[str, str | None]:
    """The kind of content, in lower case, and the character set, if it names one."""
    kind, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return kind.strip().lower(), value.strip().strip("'\"") or None
    return kind.strip().lower(), None


class Transport:
    """Connections to the services that a client calls, one pool an origin. Any thread may use it."""

    def __init__(self) -> None:
        self._pools: dict[str, Client] = {}

    def send(
        self, verb: str, url: str, base: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Send one request, and return its answer whatever its status.

        Parameters:
            verb: For example ``"GET"``.
            url: The whole URL.
            base: The address that the user gave, for messages.
            headers: Headers of the request.
            body: Its content.

        Raises:
            NetworkError: When no complete answer came.
            UnusableUrlError: When nothing can be sent to such a URL.
        """
        origin, target, user = split(url, base)
        headers = dict(headers)
        if user is not None and not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = _basic(user)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools.setdefault(origin, _pool(origin))
        answer = pool.request(verb, target, body=body, headers=headers)
        return Reply(answer.url, answer.status, answer.reason, answer.headers, answer.content)


def _pool(origin: str) -> Client:
    from hopsworks._native import Client

    trust = next((os.environ[name] for name in _TRUST_VARIABLES if os.environ.get(name)), None)
    try:
        return Client(
            origin,
            errors=from_native,
            trust_store=trust if origin.startswith("https:") else None,
            connect_timeout=None,
            read_timeout=None,
            max_redirects=_REDIRECTS,
            idle_limit=_IDLE_LIMIT,
        )
    except ValueError as error:
        raise UnusableUrlError(f"the address {origin!r} cannot be used: {error}") from None


def _basic(user: str) -> str:
    """The header that carries the user and password of an address."""
    from base64 import b64encode
    from urllib.parse import unquote_to_bytes

    name, _, password = user.partition(":")
    words = unquote_to_bytes(name) + b":" + unquote_to_bytes(password)
    return "Basic " + b64encode(words).decode("ascii")
