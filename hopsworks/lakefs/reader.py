"""Reading an object as a file: ranges are asked for as they are needed, and some of what follows along with them."""

from __future__ import annotations

import io
import os

from hopsworks.lakefs.client import RETRIES
from hopsworks.lakefs.exceptions import (
    InvalidRangeException,
    LakeFSException,
    MalformedResponseException,
    RequestTimeoutException,
    ServerException,
    ServiceUnreachableException,
    ValidationError,
    of_object,
)
from hopsworks.lakefs.files import LakeFSIOBase

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn, TypeVar

    from hopsworks._native import DownloadStream
    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.object import StoredObject

    _Taken = TypeVar("_Taken")

READ_MODES = ("r", "rb")

# What one request fetches for small reads: little after a jump, more while reading goes straight on.
_FIRST_AHEAD = 256 * 1024
_MOST_AHEAD = 4 * 1024 * 1024
_PIECE = 1024 * 1024


class ObjectReader(LakeFSIOBase):
    """An object, open for reading.

    Made by ``object.reader()``. Small reads are served from memory: a request fetches up to 4 MiB around them, and
    a read of everything goes straight into the one bytes object that it returns. In mode ``"r"`` reads give text;
    positions and sizes still count bytes, and no character is cut.

    Parameters:
        obj: The object.
        mode: ``"rb"`` for bytes, ``"r"`` for text in UTF-8.
        pre_sign: Whether the content comes directly from the object store; None: if it can.
        client: Who asks; None is the object's.

    Raises:
        ValueError: For another mode.

    Example:
        ```python
        import pandas as pd
        from hopsworks import lakefs

        with lakefs.repository("lake").branch("main").object("numbers.csv").reader() as file:
            frame = pd.read_csv(file)
        ```
    """

    def __init__(
        self,
        obj: StoredObject,
        mode: str = "rb",
        pre_sign: bool | None = None,
        client: Client | None = None,
        **kwargs: Any,
    ) -> None:
        from hopsworks.lakefs import arguments

        self._is_closed = True  # until it is made
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("reader", kwargs)
        if mode not in READ_MODES:
            raise ValueError(f"mode must be one of {', '.join(READ_MODES)}, not {mode!r}")
        super().__init__(obj, mode, obj._goes_directly(pre_sign))
        self._client = client or obj._client
        self._timeout = timeout
        self._size: int | None = None
        self._version: str | None = None
        self._window: bytes = b""
        self._window_at = 0
        self._ahead = _FIRST_AHEAD

    # --- as a file ----------------------------------------------------------------------------------------

    def readable(self) -> bool:
        """Whether this can be read.

        Returns:
            True.
        """
        self._check_open()
        return True

    def seekable(self) -> bool:
        """Whether the position can be changed.

        Returns:
            True.
        """
        self._check_open()
        return True

    def writable(self) -> bool:
        """Whether this can be written.

        Returns:
            False.
        """
        self._check_open()
        return False

    def write(self, s: Any) -> NoReturn:
        """An object that is open for reading cannot be written.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("write")

    def close(self) -> None:
        """Close the file. A second time does nothing."""
        self._abort()

    def _abort(self) -> None:
        super()._abort()
        self._window = b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position.

        Parameters:
            offset: Bytes from there.
            whence: ``os.SEEK_SET`` (the start), ``os.SEEK_CUR`` (the position) or ``os.SEEK_END``, for which the
                server is asked for the size, once.

        Returns:
            The new position; it may lie behind the end.

        Raises:
            OSError: If it would be negative.
            io.UnsupportedOperation: For another ``whence``.
        """
        self._check_open()
        if whence == os.SEEK_SET:
            position = offset
        elif whence == os.SEEK_CUR:
            position = self._pos + offset
        elif whence == os.SEEK_END:
            position = self._whole_size() + offset
        else:
            raise io.UnsupportedOperation(f"seek() from {whence!r} is not offered; use 0, 1 or 2")
        if position < 0:
            raise OSError(f"the position {position} is before the start of the object")
        self._pos = position
        return position

    def read(self, n: int | None = None) -> Any:
        """Read.

        Parameters:
            n: Bytes at most; None is everything to the end.

        Returns:
            Bytes, or text in mode ``"r"``; less than ``n`` only at the end.

        Raises:
            OSError: If ``n`` is negative.
            ObjectNotFoundException: If there is no such object.
            PermissionException: If that is not allowed.
        """
        self._check_open()
        if n is not None and n < 0:
            raise OSError(f"n is {n}; read(None) reads to the end")
        data = self._read_rest() if n is None else self._read_bytes(n)
        if self._mode == "rb":
            return data
        return str(data, "utf-8") if n is None else self._text(data)

    def readall(self) -> Any:
        """Read everything to the end.

        Returns:
            Bytes, or text in mode ``"r"``.
        """
        return self.read()

    def readinto(self, buffer: Any) -> int:
        """Read into memory of the caller's.

        Parameters:
            buffer: Any writable buffer, like a bytearray.

        Returns:
            How many bytes were read; less than fit only at the end.

        Raises:
            io.UnsupportedOperation: In mode ``"r"``.
        """
        self._check_open()
        if self._mode != "rb":
            self._unsupported("readinto")
        with memoryview(buffer) as given, given.cast("B") as view:
            done = 0
            while done < len(view):
                count = self._read_some_into(view[done:])
                if count == 0:
                    break
                done += count
            return done

    def readline(self, limit: int | None = -1) -> Any:
        """Read a line.

        Parameters:
            limit: Bytes at most; -1 for no limit.

        Returns:
            Bytes, or text in mode ``"r"``, with the line feed at their end unless the object ends without one.
        """
        self._check_open()
        most = None if limit is None or limit < 0 else limit
        pieces = []
        length = 0
        while most is None or length < most:
            window = self._around(1)
            if not window:
                break
            start = self._pos - self._window_at
            found = window.find(b"\n", start)
            end = len(window) if found < 0 else found + 1
            if most is not None:
                end = min(end, start + most - length)
            pieces.append(window[start:end])
            self._pos += end - start
            length += end - start
            if pieces[-1].endswith(b"\n"):
                break
        line = b"".join(pieces)
        return line if self._mode == "rb" else self._text(line)

    # --- text ---------------------------------------------------------------------------------------------

    def _text(self, data: bytes) -> str:
        """Decode what was read, without a character that it cuts, or with the rest of it when there is no other."""
        missing, begun = _cut(data)
        if missing:
            if begun < len(data):
                self._pos -= begun
                data = data[:-begun]
            else:
                data += self._read_bytes(missing)
        return str(data, "utf-8")

    # --- bytes --------------------------------------------------------------------------------------------

    def _whole_size(self) -> int:
        if self._size is None:
            self._size = self._obj.stat().size_bytes or 0
        return self._size

    def _at_end(self) -> bool:
        return self._size is not None and self._pos >= self._size

    def _in_window(self) -> bool:
        return self._window_at <= self._pos < self._window_at + len(self._window)

    def _read_rest(self) -> bytes:
        """Everything from the position on, in one bytes object."""
        if self._at_end():
            return b""
        end = self._window_at + len(self._window)
        if end == self._size and self._in_window():
            data = self._window[self._pos - self._window_at :]
        else:
            self._window = b""
            data = self._fetch(self._pos, None, lambda stream: stream.read()) or b""
            if self._size is None:
                self._size = self._pos + len(data)
        self._pos += len(data)
        return data

    def _read_bytes(self, n: int) -> bytes:
        """The next `n` bytes, fewer only at the end."""
        pieces: list[bytes] = []
        while n > 0 and not self._at_end():
            if not self._in_window() and n >= _MOST_AHEAD:
                self._window = b""
                data = self._fetch_piece(self._pos, n)
            else:
                window = self._around(n)
                start = self._pos - self._window_at
                data = window[start : start + n]
            if not data:
                break
            self._pos += len(data)
            n -= len(data)
            if not pieces and (n == 0 or self._at_end()):
                return data
            pieces.append(data)
        return b"".join(pieces)

    def _read_some_into(self, view: memoryview) -> int:
        """Fill as much of a buffer as one step gives; 0 only at the end."""
        if self._at_end():
            return 0
        if self._in_window() or len(view) < _MOST_AHEAD:
            window = self._around(len(view))
            start = self._pos - self._window_at
            count = min(len(window) - start, len(view)) if window else 0
            view[:count] = memoryview(window)[start : start + count]
            self._pos += count
            return count
        end = self._pos + len(view)
        count = self._fetch(self._pos, end, lambda stream: stream.readinto(view)) or 0
        self._pos += count
        if count < len(view) and self._size is None:
            self._size = self._pos
        return count

    def _around(self, n: int) -> bytes:
        """The bytes in memory around the position, after a request where there are none; empty at the end."""
        if self._in_window():
            return self._window
        if self._at_end():
            return b""
        goes_on = self._window and self._pos == self._window_at + len(self._window)
        self._ahead = min(self._ahead * 2, _MOST_AHEAD) if goes_on else _FIRST_AHEAD
        size = max(self._ahead, min(n, _MOST_AHEAD))
        self._window = b""
        self._window = self._fetch_piece(self._pos, size)
        self._window_at = self._pos
        if len(self._window) < size and self._size is None:
            self._size = self._pos + len(self._window)
        return self._window

    def _pieces(self) -> Iterator[memoryview]:
        """Everything from the position on, piece by piece in the same memory, by one request unless it breaks."""
        memory = memoryview(bytearray(_PIECE))
        attempts = 0
        while not self._at_end():
            stream = self._open(self._pos, None)
            if stream is None:
                return
            try:
                with stream:
                    while count := stream.readinto(memory):
                        self._pos += count
                        attempts = 0
                        yield memory[:count]
                return
            except RequestTimeoutException:
                raise
            except ServiceUnreachableException:
                if attempts == RETRIES:
                    raise
                attempts += 1

    # --- requests -----------------------------------------------------------------------------------------

    def _fetch_piece(self, start: int, size: int) -> bytes:
        return self._fetch(start, start + size, lambda stream: stream.read(size)) or b""

    def _fetch(
        self, start: int, end: int | None, take: Callable[[DownloadStream], _Taken]
    ) -> _Taken | None:
        """What is taken of a range of the object; None when the object ends before.

        A connection that breaks in the middle is asked again.
        """
        attempts = 0
        while True:
            stream = self._open(start, end)
            if stream is None:
                return None
            try:
                with stream:
                    return take(stream)
            except RequestTimeoutException:
                raise
            except ServiceUnreachableException:
                if attempts == RETRIES:
                    raise
                attempts += 1

    def _open(self, start: int, end: int | None) -> DownloadStream | None:
        """The content from `start` on, up to before `end`; None when the object ends before."""
        obj = self._obj
        headers = {}
        if self._size is not None and end is not None:
            end = min(end, self._size)
        if start or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        scope = self._client._native_client().scope()
        try:
            stream: DownloadStream = scope.open_download(
                "lakefs.object.read", headers=headers, timeout=self._timeout, repository=obj.repo,
                ref=obj.ref, path=obj.path, presign="true" if self._pre_sign else "false",
            )  # fmt: skip
        except InvalidRangeException as error:
            self._size = start if error.size is None else error.size
            return None
        except ServerException as error:
            raise of_object(error) from error.__cause__
        except ValueError as error:
            raise ValidationError(str(error)) from error
        self._look_at(stream, start)
        return stream

    def _look_at(self, stream: DownloadStream, start: int) -> None:
        """Learn the size, and see that the content is of the same object and begins where it must."""
        sent = {name.lower(): value for name, value in stream.headers.items()}
        version = sent.get("etag")
        if self._version is not None and version != self._version:
            stream.close()
            raise LakeFSException(
                f"'{self._obj.path}' was replaced while it was read; open it again"
            )
        self._version = version
        if stream.status == 206:
            first, _, total = sent.get("content-range", "").removeprefix("bytes ").partition("-")
            total = total.rpartition("/")[2]
            if first != str(start):
                stream.close()
                raise MalformedResponseException(
                    f"the server was asked for '{self._obj.path}' from byte {start} on and sends it"
                    f" from {first or 'an unknown one'} on"
                )
            if total.isdecimal():
                self._size = int(total)
            return
        self._size = stream.size
        left = start  # the server does not know ranges
        while left > 0:
            piece = stream.read(min(left, _PIECE))
            if not piece:
                break
            left -= len(piece)


# Readers are of one class. What they give depends on the mode, and type checkers learn it from these two.
if TYPE_CHECKING:

    class TextReader(ObjectReader):
        """A reader in mode ``"r"``."""

        def read(self, n: int | None = None) -> str: ...

        def readall(self) -> str: ...

        def readline(self, limit: int | None = -1) -> str: ...  # type: ignore[override]  # io knows files of bytes

        def __iter__(self) -> Iterator[str]: ...  # type: ignore[override]

        def __next__(self) -> str: ...  # type: ignore[override]

    class BytesReader(ObjectReader):
        """A reader in mode ``"rb"``."""

        def read(self, n: int | None = None) -> bytes: ...

        def readall(self) -> bytes: ...

        def readline(self, limit: int | None = -1) -> bytes: ...

        def __iter__(self) -> Iterator[bytes]: ...

        def __next__(self) -> bytes: ...


def _cut(data: bytes) -> tuple[int, int]:
    """How many bytes are missing of the last character in UTF-8, and how many of it are there; (0, 0) if it is whole."""
    for there in range(1, min(3, len(data)) + 1):
        byte = data[-there]
        if byte & 0xC0 == 0x80:
            continue
        length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return (length - there, there) if length > there else (0, 0)
    return (0, 0)
