"""Objects: what is known about them, their content, copies."""

from __future__ import annotations

import os

from hopsworks.lakefs import arguments
from hopsworks.lakefs.client import SINGLE_STORAGE_ID, ClientBound
from hopsworks.lakefs.exceptions import (
    ObjectNotFoundException,
    ServerException,
    ValidationError,
    of_object,
)
from hopsworks.lakefs.files import LakeFSIOBase
from hopsworks.lakefs.reader import READ_MODES, ObjectReader
from hopsworks.lakefs.spool import Content
from hopsworks.lakefs.upload import MULTIPART_THRESHOLD, Upload
from hopsworks.lakefs.writer import WRITE_MODES, ObjectWriter, check_mode

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import IO, Any, Literal, Self, overload

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.models import ObjectInfo
    from hopsworks.lakefs.reader import BytesReader, TextReader
    from hopsworks.lakefs.reference import ReferenceType

    ReadModes = Literal["r", "rb"]
    WriteModes = Literal["x", "xb", "w", "wb"]
    AllModes = Literal["r", "rb", "x", "xb", "w", "wb"]
    Data = str | bytes | bytearray | memoryview | os.PathLike[str] | IO[Any] | LakeFSIOBase

__all__ = [
    "AllModes", "LakeFSIOBase", "ObjectReader", "ObjectWriter", "ReadModes", "StoredObject",
    "WriteModes", "WriteableObject",
]  # fmt: skip

_MODES = {
    "ReadModes": READ_MODES,
    "WriteModes": WRITE_MODES,
    "AllModes": READ_MODES + WRITE_MODES,
}
_COPY_PIECE = 1024 * 1024


def __getattr__(name: str) -> Any:
    if name not in _MODES:
        raise AttributeError(f"module '{__name__}' has no attribute {name!r}")
    from typing import Literal

    globals()[name] = made = Literal[_MODES[name]]
    return made


class StoredObject(ClientBound):
    """An object at a reference. Nothing is asked to make it.

    Parameters:
        repository_id: Name of the repository.
        reference_id: A branch, tag or commit.
        path: Path of the object.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        numbers = lakefs.repository("lake").ref("v1").object("numbers.csv")
        if numbers.exists():
            text = numbers.reader("r").read()
        ```
    """

    def __init__(
        self, repository_id: str, reference_id: str, path: str, client: Client | None = None
    ) -> None:
        super().__init__(client)
        self._repo_id = arguments.text(repository_id, "repository_id")
        self._ref_id = arguments.text(reference_id, "reference_id")
        self._path = arguments.text(path, "path", empty=True)
        self._stats: ObjectInfo | None = None

    @property
    def repo(self) -> str:
        """Name of the repository."""
        return self._repo_id

    @property
    def ref(self) -> str:
        """The branch, tag or commit."""
        return self._ref_id

    @property
    def path(self) -> str:
        """Path of the object."""
        return self._path

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(repository="{self._repo_id}", reference="{self._ref_id}",'
            f' path="{self._path}")'
        )

    def stat(self, pre_sign: bool | None = None, **kwargs: Any) -> ObjectInfo:
        """What is known about the object. Asked once, unless a pre-signed address is wanted.

        Parameters:
            pre_sign: Whether its address is to be a link that gives the content without credentials.
            kwargs: ``user_metadata`` (bool), ``presign``, ``_request_timeout``.

        Returns:
            What the server says.

        Raises:
            ObjectNotFoundException: If there is no such object.
            PermissionException: If that is not allowed.
        """
        timeout = arguments.take_timeout(kwargs)
        metadata = kwargs.pop("user_metadata", None)
        pre_sign = kwargs.pop("presign", pre_sign)
        arguments.refuse_others("stat", kwargs)
        if self._stats is not None and not pre_sign:
            return self._stats
        found: ObjectInfo = self._asked(
            "lakefs.object.stat", context=self, timeout=timeout, repository=self._repo_id, ref=self._ref_id,
            path=self._path, user_metadata=metadata, presign=pre_sign,
        )  # fmt: skip
        if not pre_sign:
            self._stats = found
        return found

    def exists(self, **kwargs: Any) -> bool:
        """Whether there is such an object.

        Parameters:
            kwargs: ``_request_timeout``.

        Returns:
            True if there is.

        Raises:
            PermissionException: If that is not allowed.
        """
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("exists", kwargs)
        try:
            self._called(
                "lakefs.object.exists", timeout=timeout, repository=self._repo_id,
                ref=self._ref_id, path=self._path,
            )  # fmt: skip
        except ObjectNotFoundException:
            return False
        return True

    if TYPE_CHECKING:

        @overload
        def reader(
            self, mode: Literal["rb"] = "rb", pre_sign: bool | None = None, **kwargs: Any
        ) -> BytesReader: ...
        @overload
        def reader(
            self, mode: Literal["r"], pre_sign: bool | None = None, **kwargs: Any
        ) -> TextReader: ...
        @overload
        def reader(
            self, mode: ReadModes, pre_sign: bool | None = None, **kwargs: Any
        ) -> ObjectReader: ...

    def reader(
        self, mode: ReadModes = "rb", pre_sign: bool | None = None, **kwargs: Any
    ) -> ObjectReader:
        """Open the object to read it.

        Parameters:
            mode: ``"rb"`` for bytes, ``"r"`` for text.
            pre_sign: Whether the content comes directly from the object store; None: if it can.
            kwargs: ``_request_timeout``.

        Returns:
            A file.

        Raises:
            ValueError: For another mode.
        """
        return ObjectReader(self, mode, pre_sign, self._given_client, **kwargs)

    def copy(
        self, destination_branch_id: ReferenceType, destination_path: str, **kwargs: Any
    ) -> WriteableObject:
        """Copy the object within its repository.

        Parameters:
            destination_branch_id: The branch to copy to.
            destination_path: The path there.
            kwargs: ``_request_timeout``.

        Returns:
            The copy.

        Raises:
            NotFoundException: If there is no such object or branch.
            ForbiddenException: If that is not allowed.
        """
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("copy", kwargs)
        branch = arguments.reference_id(destination_branch_id, "destination_branch_id")
        target = WriteableObject(self._repo_id, branch, destination_path, self._given_client)
        self._client._call(
            "lakefs.object.copy",
            {"src_path": self._path, "src_ref": self._ref_id, "shallow": False},
            timeout=timeout, repository=self._repo_id, branch=branch, dest_path=target.path,
        )  # fmt: skip
        return target

    def storage_id(self) -> str:
        """Which of the server's stores the object is in; asked once for a repository.

        Returns:
            Its id; ``""`` where the server has only one.

        Raises:
            ObjectNotFoundException: If there is no such repository.
        """
        known = self._client._storage_ids
        if self._repo_id not in known:
            answer = self._asked("lakefs.repository.get", repository=self._repo_id)
            known[self._repo_id] = answer.storage_id or SINGLE_STORAGE_ID
        return known[self._repo_id]

    def _goes_directly(self, pre_sign: bool | None) -> bool:
        """Whether content goes directly between this program and the store: as given, or if it can."""
        if pre_sign is not None:
            return bool(pre_sign)
        return bool(self._client.storage_config_by_id(self.storage_id()).pre_sign_support)

    def _called(self, endpoint: str, body: Any = None, **options: Any) -> Any:
        try:
            return self._client._call(endpoint, body, **options)
        except ServerException as error:
            raise of_object(error) from error.__cause__

    def _asked(self, endpoint: str, **options: Any) -> Any:
        try:
            return self._client._ask(endpoint, **options)
        except ServerException as error:
            raise of_object(error) from error.__cause__


class WriteableObject(StoredObject):
    """An object on a branch, which can be written. Nothing is asked to make it.

    Parameters:
        repository_id: Name of the repository.
        reference_id: Name of the branch.
        path: Path of the object.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        branch = lakefs.repository("lake").branch("main")
        branch.object("numbers.csv").upload("1,2,3\\n", content_type="text/csv")
        ```
    """

    def upload(
        self,
        data: Data,
        mode: WriteModes = "w",
        pre_sign: bool | None = None,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Write the object.

        Parameters:
            data: Its content: text (sent as UTF-8), bytes, a ``pathlib.Path``, or a file to read it from. Files are
                sent in pieces, from where they stand.
            mode: ``"w"``, or ``"x"`` when it must not be there yet.
            pre_sign: Whether the content goes directly to the object store; None: if it can.
            content_type: Its media type.
            metadata: Keys and values to keep with it.
            kwargs: ``_request_timeout``; ``multipart_threshold``, the size in bytes beyond which content goes to the
                store in parts, default 64 MiB.

        Returns:
            The object.

        Raises:
            ValidationError: If the data is none of these; nothing is sent.
            ObjectExistsException: If it is there already, with ``"x"``.
            PermissionException: If that is not allowed.
        """
        self._write(data, mode, pre_sign, content_type, metadata, **kwargs)
        return self

    def _write(
        self,
        data: Data,
        mode: str,
        pre_sign: bool | None,
        content_type: str | None,
        metadata: dict[str, str] | None,
        **kwargs: Any,
    ) -> ObjectInfo:
        """Write the object; what the server says about it."""
        timeout = arguments.take_timeout(kwargs)
        threshold = kwargs.pop("multipart_threshold", MULTIPART_THRESHOLD)
        arguments.refuse_others("upload", kwargs)
        if isinstance(data, os.PathLike):
            with open(data, "rb") as file:
                return self._write(
                    file, mode, pre_sign, content_type, metadata, multipart_threshold=threshold,
                    _request_timeout=timeout,
                )  # fmt: skip
        content = _content(data)
        if content is None:
            with ObjectWriter(
                self, mode, pre_sign, content_type, metadata, multipart_threshold=threshold,
                _request_timeout=timeout,
            ) as writer:  # fmt: skip
                while piece := data.read(_COPY_PIECE):  # type: ignore[union-attr]
                    writer.write(piece)
            assert writer._info is not None
            return writer._info
        check_mode(self, mode, timeout)
        metadata = arguments.metadata(metadata)
        upload = Upload(self, content_type, metadata, mode.startswith("x"), timeout)
        return upload.send(content, self._goes_directly(pre_sign), threshold)

    def writer(
        self,
        mode: WriteModes = "wb",
        pre_sign: bool | None = None,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> ObjectWriter:
        """Open the object to write it. It is written when the file is closed.

        Parameters:
            mode: ``"wb"``, or ``"xb"`` when it must not be there yet.
            pre_sign: Whether the content goes directly to the object store; None: if it can.
            content_type: Its media type.
            metadata: Keys and values to keep with it.
            kwargs: As for :meth:`upload`.

        Returns:
            A file.

        Raises:
            ValueError: For another mode.
            ObjectExistsException: If it is there already, with ``"x"``.
        """
        return ObjectWriter(
            self, mode, pre_sign, content_type, metadata, self._given_client, **kwargs
        )

    def delete(self, **kwargs: Any) -> None:
        """Delete the object. One that is not there is no failure.

        Parameters:
            kwargs: ``_request_timeout``.

        Raises:
            PermissionException: If that is not allowed.
        """
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("delete", kwargs)
        self._called(
            "lakefs.object.delete", timeout=timeout, repository=self._repo_id,
            branch=self._ref_id, path=self._path,
        )  # fmt: skip
        self._forget()

    def _delete_object(self, path: str) -> None:
        """What ``delete()`` of the values that this object asked for does."""
        self.delete()

    def _forget(self) -> None:
        """What was known about the object need not hold any more."""
        self._stats = None


def _content(data: Any) -> Content | None:
    """What can be sent as it is; None for a file that must be read first, for its size or as text."""
    if isinstance(data, str):
        data = data.encode("utf-8")
    if not hasattr(data, "read"):
        try:
            with memoryview(data) as view:
                return Content(data, view.nbytes)
        except TypeError:
            raise ValidationError(
                "data must be str, bytes, a pathlib.Path or a file to read from, not"
                f" {type(data).__name__}"
            ) from None
    mode = getattr(data, "mode", "b")
    if hasattr(data, "encoding") or (isinstance(mode, str) and "b" not in mode):
        return None  # text
    try:
        start = data.tell()
        size = data.seek(0, os.SEEK_END) - start
        data.seek(start)
    except (AttributeError, OSError, ValueError):
        return None
    return Content(data, max(size, 0))
