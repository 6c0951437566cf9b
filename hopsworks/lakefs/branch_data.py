"""What branches and transactions have in common: their data can be changed."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.exceptions import ValidationError
from hopsworks.lakefs.listing import listing
from hopsworks.lakefs.reference import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Generator, Iterable, Mapping
    from typing import Any, Literal, overload

    from hopsworks._native import LakefsObjectErrors
    from hopsworks.lakefs.models import Change, Commit, ObjectInfo
    from hopsworks.lakefs.object import (
        AllModes,
        Data,
        ObjectReader,
        ObjectWriter,
        StoredObject,
        WriteableObject,
        WriteModes,
    )
    from hopsworks.lakefs.reader import BytesReader, TextReader
    from hopsworks.lakefs.reference import ReferenceType

# What a server takes in one request.
DELETE_AT_ONCE = 1000
RESETS = ("common_prefix", "object", "reset")


class BranchData(Reference):
    """A reference whose objects can be written and deleted."""

    def get_commit(self) -> Commit:
        """The newest commit, asked for each time.

        Returns:
            The commit.

        Raises:
            NotFoundException: If there is no such repository or branch.
        """
        return self._asked_commit()

    def object(self, path: str) -> WriteableObject:
        """An object of this branch. Nothing is asked.

        Parameters:
            path: Its path.

        Returns:
            The object, which can be read and written.
        """
        from hopsworks.lakefs.object import WriteableObject

        return WriteableObject(self._repo_id, self._id, path, self._given_client)

    def uncommitted(
        self,
        max_amount: int | None = None,
        after: str | None = None,
        prefix: str | None = None,
        **kwargs: Any,
    ) -> Generator[Change]:
        """List changes that are not committed yet.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only paths behind this one.
            prefix: Only paths that begin so.
            kwargs: ``delimiter``, ``amount``, ``_request_timeout``.

        Yields:
            Changes.

        Raises:
            NotFoundException: If there is no such repository or branch.
        """
        return listing(
            self, "lakefs.branch.diff", "uncommitted", ("delimiter", "amount"), kwargs,
            max_amount=max_amount, after=after, repository=self._repo_id, branch=self._id,
            prefix=prefix,
        )  # fmt: skip

    def reset_changes(
        self,
        path_type: Literal["common_prefix", "object", "reset"] = "reset",
        path: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Drop changes that are not committed yet.

        Parameters:
            path_type: ``"reset"`` for all of them, ``"object"`` for one object, ``"common_prefix"`` for all whose
                paths begin so.
            path: The object or prefix.
            kwargs: ``_request_timeout``.

        Raises:
            ValidationError: For another type, or without the path that it needs.
            NotFoundException: If there is no such branch or object.
        """
        timeout = arguments.take_timeout(kwargs)
        arguments.refuse_others("reset_changes", kwargs)
        if path_type not in RESETS:
            raise ValidationError(
                f"path_type must be one of {', '.join(RESETS)}, not {path_type!r}"
            )
        if path_type != "reset":
            arguments.text(path, "path")
        elif path is not None:
            arguments.text(path, "path", empty=True)
        body = {"type": path_type, "path": path}
        self._client._call(
            "lakefs.branch.reset", body, timeout=timeout, repository=self._repo_id, branch=self._id
        )

    def delete_objects(
        self, object_paths: str | StoredObject | Iterable[str | StoredObject]
    ) -> LakefsObjectErrors:
        """Delete objects, 1,000 with a request. Paths where nothing is are no failure.

        Parameters:
            object_paths: A path, an object, or any number of both.

        Returns:
            An object whose ``errors`` say what could not be deleted: ``path``, ``status_code``, ``message``.

        Raises:
            ValidationError: If a path is no text; nothing is deleted then.
            NotFoundException: If there is no such branch.
        """
        paths = _paths(object_paths)
        errors: list[Any] = []
        start, answer = 0, None
        while answer is None or start < len(paths):
            answer = self._client._ask(
                "lakefs.branch.delete_objects", {"paths": paths[start : start + DELETE_AT_ONCE]},
                repository=self._repo_id, branch=self._id,
            )  # fmt: skip
            errors += answer.errors
            start += DELETE_AT_ONCE
        answer._set(errors=errors)
        return answer

    def upload_objects(
        self,
        objects: Mapping[str, Data],
        parallel: int = 8,
        pre_sign: bool | None = None,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> dict[str, ObjectInfo]:
        """Write many objects, several at a time.

        Parameters:
            objects: Content by path; see :meth:`WriteableObject.upload` for what content may be.
            parallel: How many at a time, 1 to 64.
            pre_sign: Whether the content goes directly to the object store; None: if it can.
            content_type: Media type of each.
            metadata: Keys and values to keep with each.
            kwargs: ``_request_timeout`` of each request.

        Returns:
            What the server says about each, by path.

        Raises:
            ValidationError: If a path or content cannot be; nothing is sent then.
            ServerException: If the server refuses one. No further one is begun then; a note says how many were written,
                and each of those is whole.

        Example:
            ```python
            from hopsworks import lakefs

            branch = lakefs.repository("lake").branch("main")
            branch.upload_objects({f"numbers/{i}.txt": str(i) for i in range(1000)})
            ```
        """
        from hopsworks.lakefs.batch import upload_objects

        return upload_objects(
            self, objects, parallel, pre_sign, content_type, metadata, arguments.take_timeout(kwargs),
            kwargs,
        )  # fmt: skip

    def _delete_object(self, path: str) -> None:
        self.object(path).delete()

    # --- the branch itself: public on branches, the business of the transaction on its branch -----------------

    def _create(
        self, source: str, force: bool = False, hidden: bool = False, timeout: Any = None
    ) -> None:
        body = {"name": self._id, "source": source, "force": force, "hidden": hidden}
        self._client._call("lakefs.branch.create", body, timeout=timeout, repository=self._repo_id)

    def _commit(
        self, message: str, metadata: dict[str, str] | None, timeout: Any = None, **options: Any
    ) -> Commit:
        body = {"message": message, "metadata": metadata, **options}
        return self._client._ask(
            "lakefs.branch.commit", body, timeout=timeout, repository=self._repo_id, branch=self._id
        )

    def _delete(self, force: bool | None = None, timeout: Any = None) -> None:
        self._client._call(
            "lakefs.branch.delete", timeout=timeout, repository=self._repo_id, branch=self._id,
            force=force,
        )  # fmt: skip

    # --- the first design --------------------------------------------------------------------------------

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # which file it gives depends on the mode
        def open(
            self,
            path: str,
            mode: Literal["r"] = "r",
            pre_signed: bool | None = None,
            content_type: str | None = None,
            metadata: dict[str, str] | None = None,
        ) -> TextReader: ...
        @overload
        def open(
            self,
            path: str,
            mode: Literal["rb"],
            pre_signed: bool | None = None,
            content_type: str | None = None,
            metadata: dict[str, str] | None = None,
        ) -> BytesReader: ...
        @overload
        def open(
            self,
            path: str,
            mode: WriteModes,
            pre_signed: bool | None = None,
            content_type: str | None = None,
            metadata: dict[str, str] | None = None,
        ) -> ObjectWriter: ...
        @overload
        def open(
            self,
            path: str,
            mode: AllModes,
            pre_signed: bool | None = None,
            content_type: str | None = None,
            metadata: dict[str, str] | None = None,
        ) -> ObjectReader | ObjectWriter: ...

    def open(
        self,
        path: str,
        mode: AllModes = "r",
        pre_signed: bool | None = None,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> ObjectReader | ObjectWriter:
        """Open an object to read or write.

        Parameters:
            path: Its path.
            mode: ``"r"``, ``"rb"`` to read; ``"w"``, ``"wb"`` to write; ``"x"``, ``"xb"`` to write what is not there.
            pre_signed: Whether the content goes directly to or from the store; None: if the store can.
            content_type: Media type of what is written.
            metadata: Keys and values to keep with what is written.

        Returns:
            A file.

        Raises:
            ValueError: For another mode.
            ObjectExistsException: If it is there already, with ``"x"``.
        """
        found = self.object(path)
        if mode == "r" or mode == "rb":
            return found.reader(mode, pre_sign=pre_signed)
        return found.writer(
            mode,
            pre_sign=pre_signed,
            content_type=content_type,
            metadata=metadata,
        )

    def upload(
        self,
        data: Data,
        path: str,
        content_type: str | None = None,
        metadata: dict[str, str] | None = None,
        pre_signed: bool | None = None,
    ) -> ObjectInfo:
        """Write an object.

        Parameters:
            data: Its content: text, bytes, a ``pathlib.Path``, or a file to read it from, in pieces.
            path: Its path.
            content_type: Its media type.
            metadata: Keys and values to keep with it.
            pre_signed: Whether the content goes directly to the store; None: if the store can.

        Returns:
            What the server says about the new object.

        Raises:
            ValidationError: If the data is none of these.
            PermissionException: If that is not allowed.
        """
        return self.object(path)._write(data, "w", pre_signed, content_type, metadata)

    def copy_object(
        self, from_reference: ReferenceType, from_path: str, to_path: str | None = None
    ) -> ObjectInfo:
        """Copy an object of this repository onto this branch.

        Parameters:
            from_reference: Where it is.
            from_path: Its path there.
            to_path: Its path here; None is the same.

        Returns:
            What the server says about the copy.

        Raises:
            NotFoundException: If there is no such object.
        """
        source = Reference(
            self._repo_id,
            arguments.reference_id(from_reference, "from_reference"),
            self._given_client,
        )
        copied = source.object(from_path).copy(self._id, from_path if to_path is None else to_path)
        return copied.stat()

    def reset(self, path: str | None = None) -> None:
        """Drop changes that are not committed yet.

        Parameters:
            path: An object; or, ending with ``/``, all whose paths begin so. None is everything.
        """
        if path is None:
            self.reset_changes()
        elif arguments.text(path, "path").endswith("/"):
            self.reset_changes("common_prefix", path)
        else:
            self.reset_changes("object", path)

    def list_uncommitted(
        self, max_amount: int | None = None, after: str = "", prefix: str = ""
    ) -> Generator[Change]:
        """List changes that are not committed yet.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only paths behind this one.
            prefix: Only paths that begin so.

        Yields:
            Changes.
        """
        return self.uncommitted(max_amount, after or None, prefix or None)


def _paths(given: Any) -> list[str]:
    if isinstance(given, str) or hasattr(given, "path"):
        given = [given]
    try:
        items = list(given)
    except TypeError:
        raise ValidationError(
            f"object_paths must be a path, an object or several of them, not {type(given).__name__}"
        ) from None
    return [arguments.text(getattr(item, "path", item), "a path") for item in items]
