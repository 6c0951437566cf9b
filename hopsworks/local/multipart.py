"""The one multipart form of the protocol: small fields first, then a part ``file`` to the end.

The head is parsed from the first bytes of the body; the content of the file part is handed on in
the pieces in which it arrives, without a temporary copy. The closing boundary is recognised at the
end of the body, so its bytes may also occur within the content of known length.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

HEAD_LIMIT = 64 * 1024

_NAME = re.compile(rb'name="((?:[^"\\]|\\.)*)"')
_BOUNDARY = re.compile(rb'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)


class FormError(ValueError):
    """The body is not the form that was expected; the text says why."""


class ChunkForm:
    """The fields of a form and the stream of its file part.

    Attributes:
        fields: the small fields by name.
    """

    def __init__(
        self, fields: dict[str, str], first: bytes, rest: AsyncIterator[bytes], closing: bytes
    ) -> None:
        self.fields = fields
        self._first = first
        self._rest = rest
        self._closing = closing

    async def content(self, size: int) -> AsyncIterator[bytes]:
        """The content of the file part, which must have ``size`` bytes."""
        left = size
        tail = b""
        piece = self._first
        while True:
            if left:
                taken = piece if len(piece) <= left else piece[:left]
                left -= len(taken)
                if taken:
                    yield taken
                piece = piece[len(taken) :] if len(taken) < len(piece) else b""
            if piece:
                tail += piece
                if len(tail) > HEAD_LIMIT:
                    raise FormError(f"the part 'file' is longer than the {size} bytes announced")
            try:
                piece = await self._rest.__anext__()
            except StopAsyncIteration:
                break
        if left or not tail.startswith(self._closing):
            raise FormError(f"the part 'file' has not the {size} bytes announced")


def boundary_of(content_type: bytes) -> bytes:
    """The boundary that a content-type header names."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith(b"multipart/form-data") or found is None:
        raise FormError("the content type is not multipart/form-data with a boundary")
    return found.group(1) or found.group(2)


async def read_chunk_form(content_type: bytes, body: AsyncIterator[bytes]) -> ChunkForm:
    """Read the fields up to the beginning of the file part's content."""
    boundary = b"--" + boundary_of(content_type)
    fields: dict[str, str] = {}
    head = b""
    position = 0
    rest = body.__aiter__()

    async def more() -> None:
        nonlocal head
        if len(head) - position > HEAD_LIMIT:
            raise FormError("the fields are too long")
        try:
            head += await rest.__anext__()
        except StopAsyncIteration:
            raise FormError("the form ends before its part 'file'") from None

    while True:
        while (start := head.find(boundary, position)) < 0:
            await more()
        start += len(boundary)
        while (end := head.find(b"\r\n\r\n", start)) < 0:
            if head.startswith(b"--", start):
                raise FormError("the form has no part 'file'")
            await more()
        name = _part_name(head[start:end])
        content = end + 4
        if name == "file":
            return ChunkForm(fields, head[content:], rest, b"\r\n" + boundary)
        while (end := head.find(b"\r\n" + boundary, content)) < 0:
            await more()
        fields[name] = head[content:end].decode("utf-8", "replace")
        position = end + 2


def _part_name(head: bytes) -> str:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-disposition:"):
            found = _NAME.search(line)
            if found:
                return found.group(1).decode("utf-8", "replace")
    raise FormError("a part has no name")
