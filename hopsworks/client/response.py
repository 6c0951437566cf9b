"""The answer of a server as it is attached to an error.

It offers what programs read from ``RestAPIError.response``, whatever library made the request:
``status_code``, ``reason``, ``text``, ``content``, ``headers`` and ``json()``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable, Mapping
    from typing import Any

    Pairs = Mapping[str, str] | Iterable[tuple[str, str]] | None


class Headers(dict[str, str]):
    """Response headers; names are compared without regard to case."""

    __slots__ = ()

    def __init__(self, headers: Pairs = None) -> None:
        items: Any = getattr(headers, "items", None)
        pairs: Any = items() if items is not None else headers or ()
        super().__init__((str(name).lower(), value) for name, value in pairs)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a header, whatever the case of its name; the default when it is not there."""
        return super().get(name.lower(), default)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (dict(self),))


class Response:
    """One answer of a server.

    Attributes:
        url (str | None): Address that was asked, without credentials.
        status_code (int): HTTP status, for example 404.
        reason (str): Text that came with the status, for example ``"Not Found"``.
        headers (Headers): Response headers; look-ups ignore case.
        content (bytes): Body as received, after decompression.

    Example:
        ```python
        from hopsworks.client.response import Response

        answer = Response("https://example/x", 404, "Not Found", {}, b'{"errorCode": 1}')
        assert answer.json()["errorCode"] == 1
        ```
    """

    __slots__ = ("content", "encoding", "headers", "reason", "status_code", "url")

    def __init__(
        self,
        url: str | None,
        status_code: int,
        reason: str | None = "",
        headers: Pairs = None,
        content: bytes | None = b"",
    ) -> None:
        self.url = url
        self.status_code = status_code
        self.reason = reason or ""
        self.headers = Headers(headers)
        self.content = content or b""
        self.encoding = "utf-8"

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def text(self) -> str:
        """Body as text; bytes that are not valid UTF-8 appear as replacement characters."""
        return self.content.decode("utf-8", "replace")

    def json(self, **kwargs: Any) -> Any:
        """Parse the body.

        Parameters:
            **kwargs: Passed to :func:`json.loads`.

        Returns:
            The value that the body holds.

        Raises:
            ValueError: If the body is not JSON.
        """
        import json

        return json.loads(self.content, **kwargs)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)


# Parameters of requests whose values nobody may see.
_SECRET_PARAMETERS = frozenset(("password", "token"))


def without_secrets(url: str | None) -> str | None:
    """An address as it may be shown: with `***` in place of passwords among its parameters.

    Parameters:
        url (str | None): Address that was asked.

    Returns:
        str | None: The same address, or the masked one.
    """
    address, mark, query = (url or "").partition("?")
    if not mark:
        return url
    shown = []
    for parameter in query.split("&"):
        name, _, _ = parameter.partition("=")
        shown.append(f"{name}=***" if name in _SECRET_PARAMETERS else parameter)
    return f"{address}?{'&'.join(shown)}"
