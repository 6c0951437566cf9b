"""The values that lakeFS answers with. Answers are decoded into them by the native core."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.lakefs.exceptions import MalformedResponseException, ValidationError
from hopsworks.lakefs.namedtuple import LenientNamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from datetime import datetime
    from typing import Any, Literal


_NativeField: Any = type(_native.LakefsCommit.id)


class _Decoded(LenientNamedTuple):
    """Values whose fields lie in a native object."""

    __slots__ = ()

    def _fill(self, fields: dict[str, Any], unknown: dict[str, Any]) -> None:
        native: Any = self
        own = getattr(self, "__dict__", None)  # of a class that a user derived
        if own is not None:
            kept = [n for n in fields if type(getattr(type(self), n, None)) is not _NativeField]
            own.update({name: fields.pop(name) for name in kept}, _unknown=None)
        native._set(**fields)
        if unknown:
            native.__setstate__({"__extra__": unknown})

    @property
    def unknown(self) -> dict[str, Any]:
        """Keys of the answer, or keywords, that are no field."""
        native: Any = self
        return native._extra or {}


class Commit(_Decoded, _native.LakefsCommit):
    """A commit.

    Attributes:
        id (str): Its id.
        parents (list[str]): Ids of the commits before it.
        committer (str): Who committed.
        message (str): What the committer said.
        creation_date (int): Seconds since 1970.
        meta_range_id (str): Id of the list of its objects.
        metadata (dict[str, str] | None): Keys and values of the committer.
    """

    __slots__ = ()

    id: str
    parents: list[str]
    committer: str
    message: str
    creation_date: int
    meta_range_id: str
    metadata: dict[str, str] | None


class Change(_Decoded, _native.LakefsChange):
    """A difference between two references, or between a branch and its head.

    Attributes:
        type (str): ``added``, ``removed``, ``changed``, ``conflict`` or ``prefix_changed``.
        path (str): Path of the object or prefix.
        path_type (str): ``object`` or ``common_prefix``.
        size_bytes (int | None): Size of the object.
    """

    __slots__ = ()

    type: Literal["added", "removed", "changed", "conflict", "prefix_changed"]
    path: str
    path_type: Literal["common_prefix", "object"]
    size_bytes: int | None

    def __repr__(self) -> str:
        return f'Change(type="{self.type}", path="{self.path}", path_type="{self.path_type}")'


class ObjectInfo(_Decoded, _native.LakefsObjectInfo):
    """What is known about an object.

    Attributes:
        path (str): Path within the reference.
        physical_address (str): Address in the object store.
        checksum (str): Checksum of the content.
        mtime (int): Last change, seconds since 1970.
        physical_address_expiry (int | None): When a pre-signed address ends, seconds since 1970.
        size_bytes (int | None): Size of the content.
        metadata (dict[str, str] | None): Keys and values of who wrote it.
        content_type (str | None): Media type of the content.
    """

    __slots__ = ()

    path: str
    physical_address: str
    checksum: str
    mtime: int
    physical_address_expiry: int | None
    size_bytes: int | None
    metadata: dict[str, str] | None
    content_type: str | None

    def __repr__(self) -> str:
        return f'ObjectInfo(path="{self.path}")'

    @property
    def modified_time(self) -> datetime:
        """Last change, as a datetime in UTC."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self.mtime, UTC)

    def delete(self) -> None:
        """Delete the object from the branch that it was listed on.

        Raises:
            ValidationError: If it was not listed on a branch.
            PermissionException: If that is not allowed.
        """
        scope: Any = self._scope
        source = None if scope is None else scope.context
        delete = getattr(source, "_delete_object", None)
        if delete is None:
            raise ValidationError(
                f"the object '{self.path}' was not listed on a branch; delete it by"
                " repository(…).branch(…).object(path).delete()"
            )
        delete(self.path)


class CommonPrefix(_Decoded, _native.LakefsCommonPrefix):
    """What several paths begin with, in a listing that groups them.

    Attributes:
        path (str): The prefix, with its delimiter.
    """

    __slots__ = ()

    path: str

    def __repr__(self) -> str:
        return f'CommonPrefix(path="{self.path}")'

    def exists(self) -> bool:
        """Whether there still is an object whose path begins so.

        Returns:
            True if there is.

        Raises:
            ValidationError: If the prefix does not come from a listing.
        """
        scope: Any = self._scope
        objects = None if scope is None else getattr(scope.context, "objects", None)
        if objects is None:
            raise ValidationError(
                f"the prefix '{self.path}' does not come from a listing; ask"
                " repository(…).ref(…).objects(prefix=…, max_amount=1)"
            )
        return next(objects(prefix=self.path, max_amount=1), None) is not None


class RepositoryProperties(_Decoded, _native.LakefsRepositoryProperties):
    """What the server says about a repository.

    Attributes:
        id (str): Its name.
        creation_date (int): Seconds since 1970.
        default_branch (str): Branch that it was created with.
        storage_namespace (str): Where its objects are stored.
        storage_id (str | None): Which of the server's stores that is, where it has several.
    """

    __slots__ = ()

    id: str
    creation_date: int
    default_branch: str
    storage_namespace: str
    storage_id: str | None


class ServerStorageConfiguration(_Decoded, _native.LakefsServerStorageConfiguration):
    """What an object store behind the server can do.

    Attributes:
        blockstore_id (str | None): Its id, where the server has several.
        blockstore_type (str): ``local``, ``s3``, ``gs``, ``azure``.
        pre_sign_support (bool): Whether content can go directly between client and store.
        import_support (bool): Whether objects can be imported from it.
        blockstore_namespace_example (str): What a storage namespace looks like.
        blockstore_namespace_validity_regex (str): What a storage namespace must match.
        pre_sign_support_ui (bool): The same for the web interface.
        import_validity_regex (str): What an address to import from must match.
        default_namespace_prefix (str | None): Where new repositories are stored by default.
        pre_sign_multipart_upload (bool | None): Whether pre-signed uploads may come in parts.
    """

    __slots__ = ()

    blockstore_id: str | None
    blockstore_type: str
    pre_sign_support: bool
    import_support: bool
    blockstore_namespace_example: str
    blockstore_namespace_validity_regex: str
    pre_sign_support_ui: bool
    import_validity_regex: str
    default_namespace_prefix: str | None
    pre_sign_multipart_upload: bool | None


class ImportFailure(_Decoded, _native.LakefsImportError):
    """Why an import ended.

    Attributes:
        message (str): What the server says.
    """

    __slots__ = ()

    message: str


class ImportStatus(_Decoded, _native.LakefsImportStatus):
    """How far an import has come.

    Attributes:
        completed (bool): Whether everything is imported and committed.
        update_time (datetime): When the server last wrote this.
        ingested_objects (int | None): Objects imported so far.
        metarange_id (str | None): Id of the list of imported objects.
        commit (Commit | None): The commit that the import made.
        error (ImportFailure | None): Why it failed.
    """

    __slots__ = ()

    completed: bool
    update_time: datetime  # type: ignore[assignment]
    ingested_objects: int | None
    metarange_id: str | None
    commit: Commit | None
    error: ImportFailure | None

    def __init__(self, **kwargs: Any) -> None:
        for name, cls in (("commit", Commit), ("error", ImportFailure)):
            if isinstance(kwargs.get(name), dict):
                kwargs[name] = cls(**kwargs[name])
        super().__init__(**kwargs)

    def _after_decode(self) -> None:
        sent: Any = self.update_time
        if sent is None:
            return
        from datetime import UTC, datetime

        try:
            moment = datetime.fromisoformat(sent)
        except (TypeError, ValueError):
            raise MalformedResponseException(
                f"the server says that an import was updated at {sent!r}, which is no moment"
            ) from None
        self._set(update_time=moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
