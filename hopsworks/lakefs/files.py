"""What readers and writers of objects have in common: they are files."""

from __future__ import annotations

import io

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Any, NoReturn, Self

    from hopsworks.lakefs.object import StoredObject


class LakeFSIOBase(io.IOBase):
    """An object of lakeFS as a file; :class:`ObjectReader` or :class:`ObjectWriter`.

    Leaving ``with`` closes it. Leaving it with an exception drops what was written and lets the exception through.

    Parameters:
        obj: The object.
        mode: How it was opened.
        pre_sign: Whether the content goes directly between this program and the store.
    """

    def __init__(self, obj: StoredObject, mode: str, pre_sign: bool) -> None:
        self._obj = obj
        self._mode = mode
        self._pre_sign = pre_sign
        self._pos = 0
        self._is_closed = False

    @property
    def mode(self) -> str:
        """How the object was opened, like ``"rb"``."""
        return self._mode

    @property
    def name(self) -> str:
        """Path of the object."""
        return self._obj.path

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._is_closed

    @property
    def pre_sign(self) -> bool:
        """Whether the content goes directly between this program and the object store."""
        return self._pre_sign

    @pre_sign.setter
    def pre_sign(self, value: bool) -> None:
        self._pre_sign = bool(value)

    def tell(self) -> int:
        """Position in bytes.

        Returns:
            The position.
        """
        self._check_open()
        return self._pos

    def isatty(self) -> bool:
        """Whether this is a terminal.

        Returns:
            False.
        """
        self._check_open()
        return False

    def fileno(self) -> NoReturn:
        """There is no file descriptor.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("fileno")

    def truncate(self, size: int | None = None) -> NoReturn:
        """An object cannot be cut.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("truncate")

    def flush(self) -> None:
        """Send nothing: an object is written whole, when it is closed."""
        self._check_open()

    def _unsupported(self, operation: str) -> NoReturn:
        self._check_open()
        raise io.UnsupportedOperation(
            f"{operation}() is not offered by an object that is open in mode '{self._mode}'"
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError("I/O operation on closed file")

    def _abort(self) -> None:
        """Close without effect."""
        self._is_closed = True

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._abort()

    def __del__(self) -> None:
        # Not close(), as other files do: what nobody closed must not be uploaded.
        if not getattr(self, "_is_closed", True):
            self._abort()

    def __repr__(self) -> str:
        return f'{type(self).__name__}(path="{self._obj.path}", mode="{self._mode}")'

    def __iter__(self) -> Iterator[Any]:  # of text or bytes, which io.IOBase does not foresee
        self._check_open()
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line
