"""Writing an object as a file. Nothing reaches the server before the file is closed."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.exceptions import ObjectExistsException
from hopsworks.lakefs.files import LakeFSIOBase
from hopsworks.lakefs.spool import Spool
from hopsworks.lakefs.upload import MULTIPART_THRESHOLD, Upload

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any, NoReturn

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.models import ObjectInfo
    from hopsworks.lakefs.object import WriteableObject

WRITE_MODES = ("x", "xb", "w", "wb")


class ObjectWriter(LakeFSIOBase):
    """An object, open for writing.

    Made by ``object.writer()``. What is written is kept in memory up to 32 MiB, beyond that in a temporary file;
    :meth:`close` uploads it. Leaving ``with`` by an exception, or never closing it, uploads nothing.

    Parameters:
        obj: The object.
        mode: ``"wb"``, or ``"xb"`` when it must not be there yet; ``"w"`` and ``"x"`` are the same, since text is
            taken in every mode and written in UTF-8.
        pre_sign: Whether the content goes directly to the object store; None: if it can.
        content_type: Its media type.
        metadata: Keys and values to keep with it.
        client: Who asks; None is the object's.

    Raises:
        ValueError: For another mode.
        ObjectExistsException: If it is there already, with ``"x"``.

    Example:
        ```python
        from hopsworks import lakefs

        branch = lakefs.repository("lake").branch("main")
        with branch.object("numbers.csv").writer(content_type="text/csv") as file:
            file.write("1,2,3\\n")
        ```
    """

    def __init__(
        self,
        obj: WriteableObject,
        mode: str = "wb",
        pre_sign: bool | None = None,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
        client: Client | None = None,
        **kwargs: Any,
    ) -> None:
        self._is_closed = True  # until it is made
        self._timeout = arguments.take_timeout(kwargs)
        self._multipart_threshold = kwargs.pop("multipart_threshold", MULTIPART_THRESHOLD)
        arguments.refuse_others("writer", kwargs)
        check_mode(obj, mode, self._timeout)
        self._content_type = content_type
        self._metadata = arguments.metadata(metadata)
        self._client = client
        super().__init__(obj, mode, obj._goes_directly(pre_sign))
        self._target = obj
        self._spool = Spool()
        self._info: ObjectInfo | None = None

    @property
    def content_type(self) -> str | None:
        """Media type of the content."""
        return self._content_type

    @content_type.setter
    def content_type(self, value: str | None) -> None:
        self._content_type = value

    @property
    def metadata(self) -> dict[str, str] | None:
        """Keys and values to keep with the object."""
        return self._metadata

    @metadata.setter
    def metadata(self, value: dict[str, str] | None) -> None:
        self._metadata = arguments.metadata(value)

    # --- as a file ----------------------------------------------------------------------------------------

    def readable(self) -> bool:
        """Whether this can be read.

        Returns:
            False.
        """
        self._check_open()
        return False

    def seekable(self) -> bool:
        """Whether the position can be changed.

        Returns:
            False.
        """
        self._check_open()
        return False

    def writable(self) -> bool:
        """Whether this can be written.

        Returns:
            True.
        """
        self._check_open()
        return True

    def read(self, n: int | None = None) -> NoReturn:
        """An object that is open for writing cannot be read.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("read")

    def readline(self, limit: int | None = -1) -> NoReturn:
        """An object that is open for writing cannot be read.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("readline")

    def seek(self, offset: int, whence: int = 0) -> NoReturn:
        """What is written is appended.

        Raises:
            io.UnsupportedOperation: Always.
        """
        self._unsupported("seek")

    def write(self, s: Any) -> int:
        """Append.

        Parameters:
            s: Text or any buffer, in every mode.

        Returns:
            How many bytes were written.

        Raises:
            TypeError: For something else.
        """
        self._check_open()
        data = s.encode("utf-8") if isinstance(s, str) else s
        before = self._spool.size
        self._spool.write(data)
        self._pos = self._spool.size
        return self._spool.size - before

    def discard(self) -> None:
        """Drop what was written and close the file. The object stays as it was."""
        self._abort()

    def _abort(self) -> None:
        super()._abort()
        self._spool.close()

    def close(self) -> None:
        """Upload what was written and close the file. A second time does nothing.

        Raises:
            ObjectExistsException: If it is there already, with mode ``"x"``.
            ServerException: If the server refuses; the file is closed and the object as it was.
        """
        if self._is_closed:
            return
        self._is_closed = True
        content = self._spool.content()
        try:
            upload = Upload(
                self._target, self._content_type, self._metadata, self._mode.startswith("x"),
                self._timeout,
            )  # fmt: skip
            self._info = upload.send(content, self._pre_sign, self._multipart_threshold)
        finally:
            if isinstance(content.source, memoryview):
                content.source.release()
            self._spool.close()


def check_mode(obj: WriteableObject, mode: str, timeout: Any) -> None:
    """Refuse a mode that is none, and an object that is there when it must not be.

    Parameters:
        obj: The object.
        mode: How it is to be written.
        timeout: Limits of the request.

    Raises:
        ValueError: For another mode.
        ObjectExistsException: If it is there already, with ``"x"``.
    """
    if mode not in WRITE_MODES:
        raise ValueError(f"mode must be one of {', '.join(WRITE_MODES)}, not {mode!r}")
    if mode.startswith("x") and obj.exists(_request_timeout=timeout):
        raise ObjectExistsException(None, f"'{obj.path}' is there already")
