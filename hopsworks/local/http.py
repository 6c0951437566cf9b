"""Requests and responses of the server: thin objects over ASGI.

The server answers small requests in tens of microseconds, so there is no middleware and nothing is
parsed before it is asked for. Handlers get a ``Request`` and return a dict, a list, ``None`` or a
``Response``.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from hopsworks.local.errors import ApiError, illegal_argument, invalid_query

JSON_TYPE = (b"content-type", b"application/json")
BODY_LIMIT = 64 * 1024 * 1024

_TRUE = frozenset(("true", "1", "yes", "y"))
_FALSE = frozenset(("false", "0", "no", "n"))


def encode_json(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def without_nulls(value: Any) -> Any:
    """A copy of ``value`` in which no object has a null member; nulls in lists stay."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(v) for v in value]
    return value


def whole_number(text: str) -> int | None:
    """A text as a whole number of at most 64 bits, which is what the stores hold; else None."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**63 else None


def number_of_digits(text: str) -> int | None:
    """The number that a text of nothing but the digits 0 to 9 stands for, as `whole_number` has it; else None."""
    return whole_number(text) if text.isascii() and text.isdigit() else None


class Response:
    """A complete response.

    Args:
        body: the bytes, or None for an empty body.
        status: the HTTP status.
        headers: pairs of bytes, beside content-length.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(
        self,
        body: bytes | None = None,
        status: int = 200,
        headers: tuple[tuple[bytes, bytes], ...] = (JSON_TYPE,),
    ) -> None:
        self.body = body or b""
        self.status = status
        self.headers = headers

    async def send(self, request: Request, send: Callable[[Any], Awaitable[None]]) -> None:
        """Write the response."""
        headers = [(b"content-length", b"%d" % len(self.body)), *self.headers]
        if self.status == 204:
            headers = list(self.headers)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_response(value: Any, status: int = 200, keep_nulls: bool = False) -> Response:
    """A JSON response; null members of objects are left out unless ``keep_nulls``."""
    return Response(encode_json(value if keep_nulls else without_nulls(value)), status)


def no_content() -> Response:
    """204 without a body."""
    return Response(None, 204, ())


class StreamResponse(Response):
    """A response whose body comes from an async iterator of bytes.

    ``length`` is sent as content-length when it is known, otherwise the body is chunked.
    """

    __slots__ = ("chunks", "length")

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        status: int = 200,
        headers: tuple[tuple[bytes, bytes], ...] = (
            (b"content-type", b"application/octet-stream"),
        ),
        length: int | None = None,
    ) -> None:
        super().__init__(None, status, headers)
        self.chunks = chunks
        self.length = length

    async def send(self, request: Request, send: Callable[[Any], Awaitable[None]]) -> None:
        headers = list(self.headers)
        if self.length is not None:
            headers.append((b"content-length", b"%d" % self.length))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        async for chunk in self.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Request:
    """One request.

    Attributes:
        method: the verb.
        params: the path parameters, percent-decoded, ``%2F`` included.
        body: the bytes of the body; complete for plain handlers, empty until ``read`` for
            coroutine handlers.
        base_url: scheme and authority as the client wrote them, for ``href`` members.
        user: whose request it is.
        scopes: what its API key allows; None for everything.
        rule: what its route needs.
    """

    __slots__ = (
        "_headers",
        "_query",
        "_receive",
        "body",
        "method",
        "params",
        "raw_path",
        "rule",
        "scope",
        "scopes",
        "user",
    )

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        params: dict[str, str],
    ) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.raw_path: str = scope["raw_path"].decode("latin-1")
        self.params = params
        self.user: Any = None
        self.scopes: frozenset[str] | None = None
        self.rule: Any = None
        self.body = b""
        self._receive = receive
        self._query: dict[str, list[str]] | None = None
        self._headers: dict[bytes, bytes] | None = None

    @property
    def connection(self) -> Any:
        """The protocol object of the connection (see ``protocol.LocalProtocol``)."""
        return self.scope["state"]["connection"]

    @property
    def over_socket(self) -> bool:
        """Whether the request came over the Unix socket."""
        return bool(self.connection.peer_uid is not None)

    @property
    def base_url(self) -> str:
        host = self.header(b"host", b"localhost").decode("latin-1")
        return f"{self.scope['scheme']}://{host}"

    @property
    def href(self) -> str:
        """The URL of this request without its query."""
        return self.base_url + self.raw_path

    def header(self, name: bytes, default: bytes = b"") -> bytes:
        """A header by its lower-case name."""
        if self._headers is None:
            self._headers = dict(self.scope["headers"])
        return self._headers.get(name, default)

    # -- query ---------------------------------------------------------------------------------

    @property
    def query_map(self) -> dict[str, list[str]]:
        """All query parameters, each with its values in order."""
        if self._query is None:
            text = self.scope["query_string"].decode("latin-1")
            self._query = parse_qs(text, keep_blank_values=True) if text else {}
        return self._query

    def query(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter."""
        values = self.query_map.get(name)
        return values[0] if values else default

    def query_list(self, name: str) -> list[str]:
        """All values of a repeated query parameter."""
        return self.query_map.get(name, [])

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query parameter, in any case (``True``, ``true``, ``FALSE``)."""
        value = self.query(name)
        if value is None or value == "":
            return default
        lowered = value.lower()
        if lowered in _TRUE:
            return True
        if lowered in _FALSE:
            return False
        raise invalid_query(f"{name} must be true or false, not {value!r}.")

    def integer(self, name: str, default: int | None = None) -> int | None:
        """An integer query parameter."""
        value = self.query(name)
        if value is None or value == "":
            return default
        number = whole_number(value)
        if number is None:
            raise invalid_query(f"{name} must be a whole number, not {value!r}.")
        return number

    def path_integer(self, name: str) -> int:
        """A path parameter that must be a whole number."""
        value = self.params[name]
        number = whole_number(value)
        if number is None:
            raise illegal_argument(f"{name} must be a whole number, not {value!r}.")
        return number

    # -- body ----------------------------------------------------------------------------------

    async def stream(self) -> AsyncIterator[bytes]:
        """The body piece by piece, as it arrives."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            more = message.get("more_body", False)
            if piece := message.get("body"):
                yield piece

    async def read(self, limit: int = BODY_LIMIT) -> bytes:
        """The whole body, which is also kept as ``body``."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        if not message.get("more_body", False):
            self.body = message.get("body", b"")
            return self.body
        pieces = [message.get("body", b"")]
        size = len(pieces[0])
        async for piece in self.stream():
            size += len(piece)
            if size > limit:
                raise ApiError(
                    413, 120001, "Illegal argument.", f"The body is larger than {limit} bytes."
                )
            pieces.append(piece)
        self.body = b"".join(pieces)
        return self.body

    def json(self) -> Any:
        """The body as JSON; an error that names the fault when it is not."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise illegal_argument(f"The body is not JSON: {error}.") from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise illegal_argument("The body must be a JSON object.")
        return value
