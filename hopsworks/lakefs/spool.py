"""Content on its way to an object: in memory while it is small, then in a file without a name."""

from __future__ import annotations

import io
import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import IO, Any

IN_MEMORY = 32 * 1024 * 1024


class Spool:
    """Bytes that are appended and then read from the start."""

    def __init__(self) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self.size = 0

    def write(self, data: Any) -> None:
        """Append.

        Parameters:
            data: Any buffer.
        """
        with memoryview(data) as view:
            length = view.nbytes
            if self.size + length > IN_MEMORY and isinstance(self._file, io.BytesIO):
                self._move_to_disk()
            self._file.write(data)
        self.size += length

    def _move_to_disk(self) -> None:
        import tempfile

        file = tempfile.TemporaryFile(prefix="hopsworks-lakefs-")  # noqa: SIM115
        file.write(self._file.getbuffer())  # type: ignore[attr-defined]
        self._file.close()
        self._file = file

    def content(self) -> Content:
        """Everything that was written.

        Returns:
            The content; the spool must live as long as it is used.
        """
        if isinstance(self._file, io.BytesIO):
            return Content(self._file.getbuffer(), self.size)
        self._file.seek(0)
        return Content(self._file, self.size)

    def close(self) -> None:
        """Drop everything."""
        self._file.close()


class Content:
    """What an upload sends: memory, or a binary file from where it stands.

    Parameters:
        source: A buffer or a file.
        size: Its size in bytes.
    """

    def __init__(self, source: Any, size: int) -> None:
        self.source = source
        self.size = size
        self._start = source.tell() if hasattr(source, "read") else 0
        self._is_plain = _is_plain(source)
        self._lock = threading.Lock()

    def part(self, start: int, size: int) -> Any:
        """A part that can be sent beside others.

        Parameters:
            start: Its first byte.
            size: Its size in bytes.

        Returns:
            A buffer or a file.
        """
        if not hasattr(self.source, "read"):
            return memoryview(self.source).cast("B")[start : start + size]
        return _Part(self._read_at, self._start + start, size)

    def _read_at(self, position: int, size: int) -> Any:
        if self._is_plain:
            return os.pread(self.source.fileno(), size, position)
        with self._lock:
            self.source.seek(position)
            return self.source.read(size)


def _is_plain(source: Any) -> bool:
    """Whether the descriptor of a file gives what the file gives; that of a compressed one does not."""
    raw = source.raw if isinstance(source, io.BufferedReader | io.BufferedRandom) else source
    return isinstance(raw, io.FileIO)


class _Part:
    """A part of a file with a position of its own; other parts may be read at the same time."""

    def __init__(self, read_at: Callable[[int, int], Any], start: int, size: int) -> None:
        self._read_at = read_at
        self._start = start
        self._size = size
        self._at = 0

    def read(self, size: int) -> Any:
        data = self._read_at(self._start + self._at, min(size, self._size - self._at))
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset if whence == os.SEEK_SET else self._size + offset
        return self._at
