"""References: what can be read at a branch, tag or commit."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.client import ClientBound
from hopsworks.lakefs.exceptions import ValidationError
from hopsworks.lakefs.listing import listing
from hopsworks.lakefs.models import Commit

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Generator
    from typing import Any, Literal, Self, overload

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.models import Change, CommonPrefix, ObjectInfo
    from hopsworks.lakefs.object import ObjectReader, ReadModes, StoredObject
    from hopsworks.lakefs.reader import BytesReader, TextReader


class Reference(ClientBound):
    """A commit, named by its id, a tag, a branch or an expression like ``main~2``. Nothing is asked to make it.

    Parameters:
        repository_id: Name of the repository.
        reference_id: Name of the reference.
        client: Who asks; None is the default client.

    Example:
        ```python
        from hopsworks import lakefs

        reference = lakefs.Reference("lake", "main~1")
        for entry in reference.objects(prefix="tables/"):
            entry.path
        ```
    """

    _called = "reference_id"  # the name of the parameter, for messages

    def __init__(self, repository_id: str, reference_id: str, client: Client | None = None) -> None:
        super().__init__(client)
        self._repo_id = arguments.text(repository_id, "repository_id")
        self._id = arguments.text(reference_id, self._called)
        self._kept_commit: Commit | None = None

    @property
    def repo_id(self) -> str:
        """Name of the repository."""
        return self._repo_id

    @property
    def id(self) -> str:
        """Name of the reference."""
        return self._id

    def __repr__(self) -> str:
        return f'{type(self).__name__}(repository="{self._repo_id}", id="{self._id}")'

    def __call__(self) -> Self:
        """The reference itself, so that ``branch.head`` and ``branch.head()`` are the same."""
        return self

    def object(self, path: str) -> StoredObject:
        """An object of this reference. Nothing is asked.

        Parameters:
            path: Its path.

        Returns:
            The object, which can be read.
        """
        from hopsworks.lakefs.object import StoredObject

        return StoredObject(self._repo_id, self._id, path, self._given_client)

    def objects(
        self,
        max_amount: int | None = None,
        after: str | None = None,
        prefix: str | None = None,
        delimiter: str | None = None,
        **kwargs: Any,
    ) -> Generator[ObjectInfo | CommonPrefix]:
        """List objects by path.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only paths behind this one.
            prefix: Only paths that begin so.
            delimiter: Paths that are the same up to the next one of this are listed once, as a prefix.
            kwargs: ``user_metadata``, ``presign`` (bool), ``amount`` (items of a page), ``_request_timeout``.

        Yields:
            Objects and prefixes.

        Raises:
            NotFoundException: If there is no such repository or reference.
        """
        return listing(
            self, "lakefs.object.list", "objects", ("user_metadata", "presign", "amount"), kwargs,
            max_amount=max_amount, after=after, repository=self._repo_id, ref=self._id, prefix=prefix,
            delimiter=delimiter,
        )  # fmt: skip

    def log(self, max_amount: int | None = None, **kwargs: Any) -> Generator[Commit]:
        """List commits, newest first.

        Parameters:
            max_amount: How many at most; None is all.
            kwargs: ``after``, ``amount``, ``objects``, ``prefixes`` (lists of paths), ``limit``, ``first_parent``
                (bool), ``since``, ``stop_at``, ``_request_timeout``.

        Yields:
            Commits.

        Raises:
            NotFoundException: If there is no such repository or reference.
        """
        after = kwargs.pop("after", None)
        known = ("amount", "objects", "prefixes", "limit", "first_parent", "since", "stop_at")
        return listing(
            self, "lakefs.commit.list", "log", known, kwargs, max_amount=max_amount, after=after,
            repository=self._repo_id, ref=self._id,
        )  # fmt: skip

    def get_commit(self) -> Commit:
        """The commit. It is asked for once.

        Returns:
            The commit.

        Raises:
            NotFoundException: If there is no such repository or reference.
        """
        if self._kept_commit is None:
            self._kept_commit = self._asked_commit()
        return self._kept_commit

    def _asked_commit(self) -> Commit:
        return self._client._ask("lakefs.commit.get", repository=self._repo_id, ref=self._id)

    def diff(
        self,
        other_ref: ReferenceType,
        max_amount: int | None = None,
        after: str | None = None,
        prefix: str | None = None,
        delimiter: str | None = None,
        **kwargs: Any,
    ) -> Generator[Change]:
        """List what another reference has changed.

        Parameters:
            other_ref: The other reference.
            max_amount: How many changes at most; None is all.
            after: Only paths behind this one.
            prefix: Only paths that begin so.
            delimiter: Paths that are the same up to the next one of this are listed once, as a prefix.
            kwargs: ``type`` (``"three_dot"``, since both parted; ``"two_dot"``, between both as they are),
                ``include_right_stats`` (bool), ``amount``, ``_request_timeout``.

        Yields:
            Changes.

        Raises:
            NotFoundException: If there is no such repository or reference.
        """
        if kwargs.get("type") not in (None, "two_dot", "three_dot"):
            raise ValidationError(f"type must be 'three_dot' or 'two_dot', not {kwargs['type']!r}")
        known = ("type", "include_right_stats", "amount")
        return listing(
            self, "lakefs.diff", "diff", known, kwargs, max_amount=max_amount, after=after,
            repository=self._repo_id, ref=self._id,
            other=arguments.reference_id(other_ref, "other_ref"), prefix=prefix, delimiter=delimiter,
        )  # fmt: skip

    def merge_into(self, destination_branch: ReferenceType, **kwargs: Any) -> str:
        """Merge this reference into a branch.

        Parameters:
            destination_branch: The branch.
            kwargs: ``message``, ``metadata`` (dict of str), ``strategy`` (``"source-wins"`` or ``"dest-wins"``),
                ``force``, ``allow_empty``, ``squash_merge`` (bool), ``_request_timeout``. Others are ignored,
                with a warning.

        Returns:
            Id of the merge commit.

        Raises:
            ConflictException: If both changed the same.
            BadRequestException: If the branch has uncommitted changes, or there is nothing to merge.
        """
        timeout = arguments.take_timeout(kwargs)
        known = ("message", "metadata", "strategy", "force", "allow_empty", "squash_merge")
        arguments.warn_of_others("merge_into", kwargs, (*known, "_request_timeout"))
        message = kwargs.get("message")
        body = {
            "message": None if message is None else arguments.text(message, "message", empty=True),
            "metadata": arguments.metadata(kwargs.get("metadata")),
            "strategy": kwargs.get("strategy"),
            "force": bool(kwargs.get("force", False)),
            "allow_empty": bool(kwargs.get("allow_empty", False)),
            "squash_merge": bool(kwargs.get("squash_merge", False)),
        }
        if body["strategy"] not in (None, "source-wins", "dest-wins"):
            raise ValidationError(
                f"strategy must be 'source-wins' or 'dest-wins', not {body['strategy']!r}"
            )
        answer = self._client._ask(
            "lakefs.merge", body, timeout=timeout, repository=self._repo_id, ref=self._id,
            destination=arguments.reference_id(destination_branch, "destination_branch"),
        )  # fmt: skip
        return answer.reference

    # --- the first design --------------------------------------------------------------------------------

    def download(self, path: str) -> bytes:
        """Read an object whole.

        Parameters:
            path: Its path.

        Returns:
            The content.

        Raises:
            ObjectNotFoundException: If there is no such object.
        """
        with self.open(path, "rb") as reader:
            content: Any = reader.read()
        return content

    if TYPE_CHECKING:

        @overload
        def open(
            self, path: str, mode: Literal["r"] = "r", pre_signed: bool | None = None
        ) -> TextReader: ...
        @overload
        def open(
            self, path: str, mode: Literal["rb"], pre_signed: bool | None = None
        ) -> BytesReader: ...
        @overload
        def open(
            self, path: str, mode: ReadModes, pre_signed: bool | None = None
        ) -> ObjectReader: ...

    def open(
        self, path: str, mode: ReadModes = "r", pre_signed: bool | None = None
    ) -> ObjectReader:
        """Open an object to read.

        Parameters:
            path: Its path.
            mode: ``"r"`` for text, ``"rb"`` for bytes.
            pre_signed: Whether the content comes directly from the store; None: if the store can.

        Returns:
            A file to read from.

        Raises:
            ValueError: For another mode.
        """
        return self.object(path).reader(mode, pre_sign=pre_signed)

    def list_objects(
        self,
        max_amount: int | None = None,
        after: str = "",
        prefix: str = "",
        delimiter: str = "/",
    ) -> Generator[ObjectInfo | CommonPrefix]:
        """List objects as a folder: paths are grouped by the delimiter.

        Parameters:
            max_amount: How many at most; None is all.
            after: Only paths behind this one.
            prefix: Only paths that begin so.
            delimiter: What ends a prefix; ``""`` lists every path.

        Yields:
            Objects and prefixes.
        """
        return self.objects(max_amount, after or None, prefix or None, delimiter or None)

    def stat_object(self, path: str) -> ObjectInfo:
        """What is known about an object.

        Parameters:
            path: Its path.

        Returns:
            Its size, checksum, metadata and address.

        Raises:
            ObjectNotFoundException: If there is no such object.
        """
        return self.object(path).stat()

    def metadata(self) -> dict[str, str]:
        """Keys and values of the commit."""
        return self.get_commit().metadata or {}

    def commit_message(self) -> str:
        """What the committer said."""
        return self.get_commit().message


ReferenceType = str | Reference | Commit
