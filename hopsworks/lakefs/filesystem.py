"""lakeFS as a file system of fsspec: ``lakefs://repository/reference/path``.

pandas, Dask and whoever else asks fsspec read and write such paths; polars, pyarrow and DuckDB take the file system.
The package loads only when this module is used; the extra ``hopsworks[fsspec]`` brings it.
"""

from __future__ import annotations

import os
import threading

try:
    from fsspec import AbstractFileSystem
    from fsspec.callbacks import DEFAULT_CALLBACK
except ImportError as error:
    raise ImportError(
        "paths like lakefs://… need the package fsspec: pip install 'hopsworks[fsspec]'"
    ) from error

from hopsworks.lakefs.client import Client, default_client
from hopsworks.lakefs.exceptions import (
    NotFoundException,
    ObjectNotFoundException,
    ServerException,
    ValidationError,
    of_object,
)
from hopsworks.lakefs.models import CommonPrefix
from hopsworks.lakefs.object import ObjectReader, ObjectWriter, WriteableObject
from hopsworks.lakefs.repository import Repository, repositories

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any

    from hopsworks.lakefs.branch import Branch
    from hopsworks.lakefs.models import ObjectInfo

_COPY_PIECE = 4 * 1024 * 1024

_Info = dict[str, "Any"]


class _Clients:
    """Clients by the keywords that they were made with, so that all file systems of one server share connections."""

    lock = threading.Lock()
    made: dict[str, Client] = {}  # noqa: RUF012

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Client:
        key = repr(sorted(settings.items()))
        with cls.lock:
            if key not in cls.made:
                cls.made[key] = Client(**settings)
            return cls.made[key]


class LakeFSFileSystem(AbstractFileSystem):
    """The objects of a lakeFS server as files: ``lakefs://repository/reference/path``.

    Repositories and references are the two upper levels of folders. An object is written whole, when its file is
    closed; within ``with fs.transaction:`` when that ends. Nothing is kept between calls: branches move.

    Parameters:
        client: Who asks; None is a client by the keywords, or the default one where there are none.
        pre_sign: Whether content goes directly between this program and the object store; None: if it can.
        settings: Keywords of :class:`hopsworks.lakefs.Client`, like ``host``, ``username``, ``password``; others are
            those of every fsspec file system.

    Raises:
        TypeError: For a keyword that neither knows.

    Example:
        ```python
        import pandas as pd

        frame = pd.read_parquet("lakefs://lake/main/numbers.parquet")
        frame.to_csv("lakefs://lake/main/numbers.csv")
        ```
    """

    protocol = "lakefs"
    root_marker = ""
    # fsspec tells file systems apart by the text of their arguments, which says nothing of credentials.
    cachable = False

    def __init__(
        self, client: Client | None = None, pre_sign: bool | None = None, **settings: Any
    ) -> None:
        ours = {name: settings.pop(name) for name in list(settings) if name in _CLIENT_KEYWORDS}
        for name in settings:
            # A misspelt one that is passed over would let the default client answer in place of the one meant.
            if name not in _FSSPEC_KEYWORDS:
                raise TypeError(
                    f"lakefs:// got an unexpected storage option '{name}'; known are client, pre_sign,"
                    f" {', '.join(sorted(_CLIENT_KEYWORDS))}"
                )
        super().__init__(**settings)
        if client is not None and ours:
            raise ValidationError("give a client, or the keywords of one, not both")
        self._given = client
        self._settings = ours
        self._pre_sign = pre_sign

    @property
    def client(self) -> Client:
        """Who asks."""
        if self._given is not None:
            return self._given
        return _Clients.of(self._settings) if self._settings else default_client()

    def __repr__(self) -> str:
        if self._given is None and not self._settings:
            return "LakeFSFileSystem()"
        return f'LakeFSFileSystem(host="{self.client.config.host}")'

    # --- paths --------------------------------------------------------------------------------------------

    def _split(self, path: str) -> tuple[str, str, str]:
        """Repository, reference and path within it; each empty where the path ends before."""
        parts = str(self._strip_protocol(path)).split("/", 2)
        repository, reference, key = parts + [""] * (3 - len(parts))
        return repository, reference, key

    def _object(self, path: str) -> WriteableObject:
        repository, reference, key = self._split(path)
        if not key:
            raise IsADirectoryError(
                f"'{path}' is no object; its path is lakefs://repository/reference/path"
            )
        return WriteableObject(repository, reference, key, self.client)

    def _branch(self, repository: str, reference: str) -> Branch:
        return Repository(repository, self.client).branch(reference)

    def _asked(self, ask: Callable[[], Any], path: str) -> Any:
        """What an inquiry gives; what is not there is a FileNotFoundError that names the path."""
        try:
            return ask()
        except NotFoundException as error:
            raise FileNotFoundError(f"lakefs://{self._strip_protocol(path)}: {error}") from error
        except ServerException as error:
            raise of_object(error) from error.__cause__

    # --- what is there ------------------------------------------------------------------------------------

    def ls(self, path: str, detail: bool = True, **kwargs: Any) -> list[Any]:
        """List a folder: repositories, references of one, or objects and prefixes.

        Parameters:
            path: The folder, or one object.
            detail: Whether entries are dicts (``name``, ``size``, ``type``, for objects ``checksum``, ``mtime``,
                ``content_type``, ``metadata``), not names.
            kwargs: Not used.

        Returns:
            The entries.

        Raises:
            FileNotFoundError: If there is nothing.
        """
        repository, reference, key = self._split(path)
        entries = self._asked(lambda: self._listed(repository, reference, key), path)
        return entries if detail else sorted(entry["name"] for entry in entries)

    def _listed(self, repository: str, reference: str, key: str) -> list[_Info]:
        if not repository:
            return [_folder(found.id) for found in repositories(self.client)]
        if not reference:
            found = Repository(repository, self.client)
            names = [one.id for one in found.branches()] + [one.id for one in found.tags()]
            return [_folder(f"{repository}/{name}") for name in names]
        prefix = f"{key}/" if key else ""
        branch = self._branch(repository, reference)
        entries = [
            _entry(repository, reference, one)
            for one in branch.objects(prefix=prefix, delimiter="/")
            if one.path != prefix
        ]
        return entries or ([self._object_info(repository, reference, key)] if key else [])

    def _object_info(self, repository: str, reference: str, key: str) -> _Info:
        found = WriteableObject(repository, reference, key, self.client)
        return _entry(repository, reference, found.stat())

    def info(self, path: str, **kwargs: Any) -> _Info:
        """What is known about an object or folder.

        Parameters:
            path: Its path.
            kwargs: Not used.

        Returns:
            An entry as of :meth:`ls`.

        Raises:
            FileNotFoundError: If there is nothing.
        """
        repository, reference, key = self._split(path)
        return self._asked(lambda: self._info(repository, reference, key), path)

    def _info(self, repository: str, reference: str, key: str) -> _Info:
        found = Repository(repository, self.client) if repository else None
        if found is None:
            return _folder("")
        if not reference:
            found.properties  # noqa: B018  # asks whether it is there
            return _folder(repository)
        if not key:
            found.ref(reference).get_commit()
            return _folder(f"{repository}/{reference}")
        try:
            return self._object_info(repository, reference, key)
        except ObjectNotFoundException:
            inside = found.ref(reference).objects(prefix=f"{key}/", max_amount=1)
            if next(inside, None) is None:
                raise
            return _folder(f"{repository}/{reference}/{key}")

    # Those of fsspec answer "not there" to any failure, a refused key and a dead server included.

    def exists(self, path: str, **kwargs: Any) -> bool:
        """Whether there is such an object or folder.

        Parameters:
            path: Its path.
            kwargs: Not used.

        Returns:
            True if there is.

        Raises:
            PermissionException: If that is not allowed.
            ServiceUnreachableException: If no answer came.
        """
        return self._kind(path) is not None

    def isfile(self, path: str) -> bool:
        """Whether there is such an object.

        Parameters:
            path: Its path.

        Returns:
            True if there is; failures as of :meth:`exists`.
        """
        return self._kind(path) == "file"

    def isdir(self, path: str) -> bool:
        """Whether there is such a folder: a repository, a reference, or objects below a path.

        Parameters:
            path: Its path.

        Returns:
            True if there is; failures as of :meth:`exists`.
        """
        return self._kind(path) == "directory"

    def _kind(self, path: str) -> str | None:
        try:
            return str(self.info(path)["type"])
        except FileNotFoundError:
            return None

    def walk(
        self,
        path: str,
        maxdepth: int | None = None,
        topdown: bool = True,
        on_error: Any = "omit",
        **kwargs: Any,
    ) -> Iterator[Any]:
        """List a folder and those below it, as ``os.walk`` does.

        Parameters:
            path: The folder.
            maxdepth: How many levels of folders; None is all.
            topdown: Whether a folder comes before those in it.
            on_error: ``"omit"`` leaves out what is not there, and raises what else goes wrong; ``"raise"`` raises
                both; a function is called with either.
            kwargs: ``detail``.

        Returns:
            Path, folders and files of each.
        """
        if on_error == "omit":
            on_error = _raise_unless_missing
        return super().walk(path, maxdepth, topdown, on_error, **kwargs)

    def find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **kwargs: Any,
    ) -> Any:
        """List all objects below a folder, with as few requests as can be.

        Parameters:
            path: The folder, or one object.
            maxdepth: How many levels of folders; None is all.
            withdirs: Whether folders are listed too.
            detail: Whether a dict of entries is returned, not a list of names.
            kwargs: Of fsspec.

        Returns:
            Names, or entries by name; none where nothing is.

        Raises:
            PermissionException: If that is not allowed.
        """
        repository, reference, key = self._split(path)
        if maxdepth is not None or withdirs or kwargs or not reference:
            return super().find(path, maxdepth, withdirs, detail, **kwargs)
        try:
            entries = self._asked(lambda: self._below(repository, reference, key), path)
        except FileNotFoundError:
            entries = []
        found = {entry["name"]: entry for entry in sorted(entries, key=lambda one: one["name"])}
        return found if detail else list(found)

    def _below(self, repository: str, reference: str, key: str) -> list[_Info]:
        prefix = f"{key}/" if key else ""
        branch = self._branch(repository, reference)
        entries = [_entry(repository, reference, o) for o in branch.objects(prefix=prefix)]
        if not entries and key:
            entries = [self._object_info(repository, reference, key)]
        return entries

    def ukey(self, path: str) -> str:
        """A text that changes when an object's content does: its checksum. Caches go by it.

        Parameters:
            path: The object.

        Returns:
            The checksum.
        """
        return str(self.info(path)["checksum"])

    def modified(self, path: str) -> datetime:
        """When an object was written.

        Parameters:
            path: The object.

        Returns:
            A datetime in UTC.
        """
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self.info(path)["mtime"], UTC)

    created = modified

    def sign(self, path: str, expiration: int | None = None, **kwargs: Any) -> str:
        """A link that gives an object's content without credentials.

        Parameters:
            path: The object.
            expiration: Not used: the server says how long the link holds.
            kwargs: Not used.

        Returns:
            The link.
        """
        return str(self._object(path).stat(pre_sign=True).physical_address)

    # --- content ------------------------------------------------------------------------------------------

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> ObjectReader | ObjectWriter:
        found = self._object(path)
        pre_sign = kwargs.pop("pre_sign", self._pre_sign)
        if mode == "rb":
            return ObjectReader(found, mode, pre_sign, **kwargs)
        if mode not in ("wb", "xb"):
            raise ValueError(f"an object can be opened with rb, wb or xb, not {mode!r}")
        if autocommit:
            return ObjectWriter(found, mode, pre_sign, **kwargs)
        return _DeferredWriter(found, mode, pre_sign, **kwargs)

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        """Read an object, or a range of it, with one request.

        Parameters:
            path: The object.
            start: First byte; a negative one counts from the end.
            end: Byte behind the last; likewise.
            kwargs: ``pre_sign``, ``_request_timeout``.

        Returns:
            The bytes.
        """
        with self._open(path, "rb", **kwargs) as file:
            assert isinstance(file, ObjectReader)
            if (start or 0) < 0 or (end or 0) < 0:
                start, end, _ = slice(start, end).indices(file._whole_size())
            start = start or 0
            if end is None:
                file.seek(start)
                return bytes(file.read())
            return file._fetch_piece(start, end - start) if end > start else b""

    def pipe_file(self, path: str, value: Any, mode: str = "overwrite", **kwargs: Any) -> None:
        """Write an object.

        Parameters:
            path: The object.
            value: Its content.
            mode: ``"create"`` when it must not be there yet.
            kwargs: As for ``WriteableObject.upload()``.
        """
        if self._intrans:
            super().pipe_file(path, value, mode, **kwargs)
            return
        kwargs.setdefault("pre_sign", self._pre_sign)
        self._object(path).upload(value, "x" if mode == "create" else "w", **kwargs)

    def put_file(
        self,
        lpath: str,
        rpath: str,
        callback: Any = DEFAULT_CALLBACK,
        mode: str = "overwrite",
        **kwargs: Any,
    ) -> None:
        """Write an object from a file of this machine.

        Parameters:
            lpath: The file; a folder is left out, since lakeFS has only objects.
            rpath: The object.
            callback: Told of the progress.
            mode: ``"create"`` when it must not be there yet.
            kwargs: As for ``WriteableObject.upload()``.
        """
        if os.path.isdir(lpath):
            return
        size = os.path.getsize(lpath)
        callback.set_size(size)
        with open(lpath, "rb") as file:
            if self._intrans:
                with self.open(rpath, "xb" if mode == "create" else "wb", **kwargs) as target:
                    while piece := file.read(_COPY_PIECE):
                        target.write(piece)
            else:
                kwargs.setdefault("pre_sign", self._pre_sign)
                self._object(rpath).upload(file, "x" if mode == "create" else "w", **kwargs)
        callback.relative_update(size)

    def get_file(
        self,
        rpath: str,
        lpath: Any,
        callback: Any = DEFAULT_CALLBACK,
        outfile: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write an object into a file of this machine, which appears when it is complete.

        Parameters:
            rpath: The object; for a folder, one is made.
            lpath: The file, by name or open for writing.
            callback: Told of the progress.
            outfile: The file, open for writing, instead of ``lpath``.
            kwargs: ``pre_sign``, ``_request_timeout``.
        """
        target = outfile if outfile is not None else lpath
        if hasattr(target, "write"):
            self._copy_into(rpath, target, callback, kwargs)
            return
        if self.isdir(rpath):
            os.makedirs(lpath, exist_ok=True)
            return
        lpath = os.fspath(lpath)
        os.makedirs(os.path.dirname(lpath) or ".", exist_ok=True)
        partial = f"{lpath}.{os.getpid()}-{threading.get_ident()}.part"
        try:
            with open(partial, "wb") as file:
                self._copy_into(rpath, file, callback, kwargs)
            os.replace(partial, lpath)
        except BaseException:
            if os.path.exists(partial):
                os.unlink(partial)
            raise

    def _copy_into(self, path: str, file: Any, callback: Any, kwargs: dict[str, Any]) -> None:
        with self._open(path, "rb", **kwargs) as source:
            assert isinstance(source, ObjectReader)
            for piece in source._pieces():
                callback.set_size(source._size)
                file.write(piece)
                callback.relative_update(len(piece))

    # --- changes ------------------------------------------------------------------------------------------

    def cp_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        """Copy an object. Within a repository the server does it.

        Parameters:
            path1: The object.
            path2: Where to.
            kwargs: ``_request_timeout``.
        """
        repository, reference, key = self._split(path2)
        if not self._split(path1)[2] or not key:
            return  # folders are not kept
        source = self._object(path1)
        try:
            if repository == source.repo:
                source.copy(reference, key, **kwargs)
                return
            with source.reader(pre_sign=self._pre_sign, **kwargs) as file:
                self._object(path2).upload(file, pre_sign=self._pre_sign, **kwargs)
        except NotFoundException as error:
            if not self.isdir(path1):
                raise of_object(error) from error

    def rm_file(self, path: str) -> None:
        """Delete an object.

        Parameters:
            path: The object; one that is not there is no failure.
        """
        self._object(path).delete()

    _rm = rm_file

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Delete objects, 1,000 with a request.

        Parameters:
            path: One or several objects, folders or patterns.
            recursive: Whether all objects of a folder are deleted with it.
            maxdepth: How many levels of folders.

        Raises:
            FileNotFoundError: If there is nothing.
            IsADirectoryError: For a folder without ``recursive``.
            PermissionError: If one could not be deleted.
        """
        by_branch: dict[tuple[str, str], list[str]] = {}
        for name in self.expand_path(path):
            for found in self._to_delete(name, recursive, maxdepth):
                repository, reference, key = self._split(found)
                by_branch.setdefault((repository, reference), []).append(key)
        for (repository, reference), keys in by_branch.items():
            answer = self._branch(repository, reference).delete_objects(keys)
            for problem in answer.errors:
                raise PermissionError(
                    f"lakefs://{repository}/{reference}/{problem.path} could not be deleted:"
                    f" {problem.message} ({len(answer.errors)} such objects)"
                )

    def _to_delete(self, path: str, recursive: bool, maxdepth: int | None) -> list[str]:
        if self.info(path)["type"] == "file":
            return [path]
        if not self._split(path)[1]:
            raise IsADirectoryError(
                f"'{path}' is a repository; delete it by lakefs.repository('{path}').delete()"
            )
        if not recursive:
            raise IsADirectoryError(f"'{path}' is a folder; delete it with recursive=True")
        return list(self.find(path, maxdepth))

    def mkdir(self, path: str, create_parents: bool = True, **kwargs: Any) -> None:
        """Do nothing: folders are there while they have objects.

        Parameters:
            path: The folder.
            create_parents: Not used.
            kwargs: Not used.
        """

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Do nothing; see :meth:`mkdir`.

        Parameters:
            path: The folder.
            exist_ok: Not used.
        """

    def rmdir(self, path: str) -> None:
        """Do nothing; see :meth:`mkdir`.

        Parameters:
            path: The folder.
        """


class _DeferredWriter(ObjectWriter):
    """A file of a transaction: closing it ends the writing, and the transaction uploads it."""

    def close(self) -> None:
        self._is_closed = True

    def commit(self) -> None:
        """Upload."""
        self._is_closed = False
        super().close()

    def discard(self) -> None:
        """Drop what was written."""
        self._abort()


_CLIENT_KEYWORDS = frozenset(
    (
        "host", "username", "password", "access_token", "api_key", "api_key_prefix", "ssl_ca_cert",
        "verify_ssl", "proxy", "timeout", "access_key_id", "secret_access_key", "jwt_token",
        "endpoint_url",
    )
)  # fmt: skip
# What fsspec itself takes for any file system.
_FSSPEC_KEYWORDS = frozenset(
    (
        "use_listings_cache", "listings_expiry_time", "max_paths", "skip_instance_cache",
        "asynchronous", "loop", "batch_size", "add_docs", "add_aliases",
    )
)  # fmt: skip


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _folder(name: str) -> _Info:
    return {"name": name, "size": 0, "type": "directory"}


def _entry(repository: str, reference: str, found: ObjectInfo | CommonPrefix) -> _Info:
    name = f"{repository}/{reference}/{found.path}"
    if isinstance(found, CommonPrefix):
        return _folder(name.rstrip("/"))
    return {
        "name": name,
        "size": found.size_bytes or 0,
        "type": "file",
        "checksum": found.checksum,
        "mtime": found.mtime,
        "content_type": found.content_type,
        "metadata": found.metadata,
    }
