"""The files of a project: upload, download, list, copy, move and remove.

Paths are relative to the project (``Resources/data.csv``), absolute (``/Projects/demo/Resources/data.csv``) or in a
dataset that another project shares (``owner::Shared/data.csv``). Content moves through the native core in bounded
memory; nothing appears under its final name before it is complete, neither here nor there.
"""

from __future__ import annotations

import os
import secrets

from hopsworks.client.exceptions import (
    DatasetException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.client.response import Response
from hopsworks.core.dataset_administration import DatasetAdministration
from hopsworks.core.dataset_tags import DatasetTags
from hopsworks.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import builtins
    from collections.abc import Iterator
    from os import PathLike
    from typing import Any

    from hsfs.feature_group import FeatureGroup


class DatasetApi(DatasetAdministration, DatasetTags):
    """The files of one project; from :meth:`hopsworks.project.Project.get_dataset_api`.

    Example:
        ```python
        import hopsworks

        dataset_api = hopsworks.login(host="local").get_dataset_api()
        path = dataset_api.upload("notes.txt", "Resources")
        copy = dataset_api.download(path, "notes-again.txt", overwrite=True)
        ```
    """

    DEFAULT_UPLOAD_FLOW_CHUNK_SIZE = 10 * 1024 * 1024
    DEFAULT_UPLOAD_SIMULTANEOUS_UPLOADS = 3
    DEFAULT_UPLOAD_SIMULTANEOUS_CHUNKS = 3
    DEFAULT_UPLOAD_MAX_CHUNK_RETRIES = 1

    DEFAULT_DOWNLOAD_FLOW_CHUNK_SIZE = 1024 * 1024
    FLOW_PERMANENT_ERRORS = [404, 413, 415, 500, 501]  # noqa: RUF012 - a list in the public interface

    DATASET_ERROR_CODE_UPLOAD_DISK_SPACE = 110055
    DATASET_ERROR_CODE_UPLOAD_NOT_ALLOWED = 110056

    DEFAULT_FLOW_CHUNK_SIZE = DEFAULT_DOWNLOAD_FLOW_CHUNK_SIZE

    def __repr__(self) -> str:
        session = self._given_session
        return f"DatasetApi(project: {session.project_name!r})" if session else "DatasetApi()"

    # -------------------------------------------------------------------------------------------- transfers

    def upload(
        self,
        local_path: str | PathLike[str],
        upload_path: str,
        overwrite: bool = False,
        chunk_size: int = DEFAULT_UPLOAD_FLOW_CHUNK_SIZE,
        simultaneous_uploads: int = DEFAULT_UPLOAD_SIMULTANEOUS_UPLOADS,
        simultaneous_chunks: int = DEFAULT_UPLOAD_SIMULTANEOUS_CHUNKS,
        max_chunk_retries: int = DEFAULT_UPLOAD_MAX_CHUNK_RETRIES,
        chunk_retry_interval: float = 1,
    ) -> str:
        """Upload a file, or a folder with all it holds.

        The content is sent in chunks, several at a time, read from disk as it goes. When something of that name
        exists and ``overwrite`` is set, the new content is uploaded beside it and put in its place only when it is
        complete.

        Parameters:
            local_path: File or folder on this machine.
            upload_path: Folder of the project that receives it.
            overwrite: Replace what exists under that name.
            chunk_size: Bytes a chunk.
            simultaneous_uploads: Files of a folder that are under way at a time.
            simultaneous_chunks: Chunks of a file that are under way at a time.
            max_chunk_retries: How often a chunk that failed for a passing reason is sent again; 0 for never, other
                numbers count as at least 3.
            chunk_retry_interval: Seconds before the first repetition; doubled after each.

        Returns:
            Path of the uploaded file or folder, ``upload_path`` and the name.

        Raises:
            FileNotFoundError: If there is nothing at ``local_path``; nothing is sent.
            DatasetException: If the name exists and ``overwrite`` is not set, if it is a dataset as a whole, if the
                storage is full, or if the cluster does not allow uploads.
            RestAPIError: If the server refuses for another reason.

        Example:
            ```python
            dataset_api.upload("model.bin", "Resources", overwrite=True)
            ```
        """
        local_path = os.path.abspath(os.path.expanduser(os.fspath(local_path)))
        files, folders = _scan(local_path)
        if (
            chunk_size < 1
            or simultaneous_uploads < 1
            or simultaneous_chunks < 1
            or max_chunk_retries < 0
        ):
            raise ValueError(
                "chunk_size and the simultaneous counts must be at least 1, max_chunk_retries at least 0."
            )
        folder = upload_path.rstrip("/") or "/"
        name = os.path.basename(local_path)
        destination = f"{folder}/{name}"
        existing = self._stat(destination)
        if existing is not None:
            self._refuse_existing(destination, existing, overwrite)
        send_as = name if existing is None else f"{name}.{secrets.token_hex(4)}.part"
        incomplete = f"{folder}/{send_as}"
        options: dict[str, Any] = {
            "chunk_size": int(chunk_size),
            "parallel": simultaneous_chunks,
            "retries": max(3, max_chunk_retries) if max_chunk_retries else 0,
            "retry_interval": float(chunk_retry_interval),
        }
        if folders is not None:
            self.mkdir(incomplete)
        try:
            if folders is None:
                with Progress(f"Uploading {name}") as progress:
                    self._session.scope.upload(
                        local_path, folder, name=send_as, progress=progress, **options
                    )
            else:
                options["parallel"] = max(simultaneous_chunks, simultaneous_uploads)
                self._upload_folder(local_path, incomplete, files, folders, options)
        except BaseException as error:
            # What this call made is its own to remove. A file under its final name is not: the server shows it
            # only when it is complete, and by then it may be somebody else's.
            if existing is not None or folders is not None:
                self._discard(incomplete)
            refusal = _upload_refusal(error)
            if refusal is None:
                raise
            raise refusal from error
        if existing is not None:
            self._replace(incomplete, destination)
        return destination

    def _upload_folder(
        self,
        local_path: str,
        destination: str,
        files: builtins.list[str],
        folders: builtins.list[str],
        options: dict[str, Any],
    ) -> None:
        for relative in folders:
            self.mkdir(f"{destination}/{relative}")
        if not files:
            return
        batch = []
        for relative in files:
            parent, _, name = relative.rpartition("/")
            remote = f"{destination}/{parent}" if parent else destination
            batch.append((os.path.join(local_path, *relative.split("/")), remote, name))
        with Progress(f"Uploading {os.path.basename(local_path)}") as progress:
            self._session.scope.upload_files(batch, progress=progress, **options)

    def upload_feature_group(self, feature_group: FeatureGroup, path: str, dataframe: Any) -> None:
        """Upload a frame as one Parquet file named after a feature group. Nothing of the feature group changes.

        This is an older way to hand rows to a job; :meth:`hsfs.feature_group.FeatureGroup.insert` writes them.

        Parameters:
            feature_group: The feature group; the file is called `<name>_<version>`.
            path: Folder of the project that receives the file.
            dataframe: A pandas or polars DataFrame, or a pyarrow Table.

        Raises:
            TypeError: If there is no such frame or feature group; nothing is sent.
            ModuleNotFoundError: If pyarrow is not installed; nothing is sent.
            DatasetException: If the file exists.
            RestAPIError: If the server refuses for another reason.

        Example:
            ```python
            dataset_api.upload_feature_group(trips, "Resources", df)
            ```
        """
        import tempfile

        from hsfs.engine.frames import arrow_table
        from hsfs.engine.optional_packages import require

        try:
            name = f"{feature_group.name}_{feature_group.version}"
        except AttributeError:
            raise TypeError(
                f"feature_group is of type {type(feature_group).__name__}. Pass a feature group."
            ) from None
        table = arrow_table(dataframe)
        parquet = require("pyarrow.parquet", "to write Parquet files")
        folder = path.rstrip("/") or "/"
        if self.exists(f"{folder}/{name}"):
            raise DatasetException(
                f"{folder}/{name} exists already. Remove it first: remove('{folder}/{name}')."
            )
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            parquet.write_table(table, file)
            file.flush()
            self._session.scope.upload(
                file.name, folder, name=name, chunk_size=self.DEFAULT_FLOW_CHUNK_SIZE
            )

    def download(
        self,
        path: str,
        local_path: str | PathLike[str] | None = None,
        overwrite: bool | None = False,
        chunk_size: int = DEFAULT_DOWNLOAD_FLOW_CHUNK_SIZE,
    ) -> str:
        """Download a file.

        The content is written beside the final name and put in place when it is complete and of the announced
        size. Large files are fetched in ranges, several at a time, where the server offers them. A download that
        breaks off after more than 16 MiB leaves its part as a hidden file beside the final name; the same call
        continues it, if the file in the project is still the same.

        Parameters:
            path: The file in the project.
            local_path: File to write, or folder to write it into; ``None`` for the working directory.
            overwrite: Replace an existing file.
            chunk_size: Accepted for compatibility; the core chooses its buffers.

        Returns:
            Absolute path of the written file.

        Raises:
            FileExistsError: If the local file exists and ``overwrite`` is not set; nothing is sent.
            IsADirectoryError: If the local name is a folder that would have to be replaced.
            NotFoundError: If there is no such file in the project.
            ContentMismatchError: If what arrived is not what was announced.
            OSError: If the file cannot be written, for example because the disk is full.

        Example:
            ```python
            dataset_api.download("Resources/model.bin", "/tmp/model.bin", overwrite=True)
            ```
        """
        name = path.rstrip("/").rpartition("/")[2]
        target = (
            os.getcwd()
            if local_path is None
            else os.path.abspath(os.path.expanduser(os.fspath(local_path)))
        )
        if os.path.isdir(target):
            target = os.path.join(target, name)
        if os.path.isdir(target):
            raise IsADirectoryError(f"{target} is a folder. Choose another local_path.")
        if not overwrite and os.path.lexists(target):
            raise FileExistsError(f"{target} exists already. Pass overwrite=True to replace it.")
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            raise FileNotFoundError(
                f"The folder {folder} does not exist. Make it, or choose another local_path."
            )
        attributes = self.get(path)["attributes"]
        if attributes.get("dir"):
            raise DatasetException(
                f"{path} is a folder. Download its files one by one; list() names them."
            )
        connection = self._session.connection
        version = f"{connection.host}:{connection.port}/{attributes.get('path', path)}@{attributes.get('modificationTime')}"
        with Progress(f"Downloading {name}") as progress:
            self._session.scope.download(
                path, target, size=int(attributes["size"]), version=version, progress=progress
            )
        return target

    def read_content(self, path: str, dataset_type: str = "DATASET") -> Response:
        """Read a small file into memory.

        Parameters:
            path: The file in the project; a leading slash is dropped.
            dataset_type: ``"DATASET"``, or ``"HIVEDB"`` for files of Hive.

        Returns:
            A :class:`hopsworks.client.response.Response`; its ``content`` is the file as bytes.

        Raises:
            NotFoundError: If there is no such file.

        Example:
            ```python
            text = dataset_api.read_content("/Resources/notes.txt").text
            ```
        """
        path = path.removeprefix("/")
        with self._session.scope.open_download(
            "dataset.download", path=path, type=dataset_type
        ) as stream:
            return Response(path, 200, "OK", stream.headers, stream.read())

    # ----------------------------------------------------------------------------------------------- status

    def _stat(self, path: str) -> dict[str, Any] | None:
        """Status of a path, or None when there is nothing."""
        try:
            return self._call("dataset.find", path=path)
        except RestAPIError as error:
            if error.response.status_code in (400, 404):
                return None
            raise

    def get(self, path: str) -> dict[str, Any]:
        """Status of a file, folder or dataset.

        Parameters:
            path: Path in the project.

        Returns:
            A dict with ``attributes`` (``path``, ``size`` in bytes, ``dir``, ``owner``, ``modificationTime``) and
            ``zipState``; datasets have ``datasetType`` besides.

        Raises:
            NotFoundError: If there is nothing.

        Example:
            ```python
            size = dataset_api.get("Resources/model.bin")["attributes"]["size"]
            ```
        """
        return self._call("dataset.get", path=path)

    def exists(self, path: str) -> bool:
        """Whether there is a file, folder or dataset of that path.

        Parameters:
            path: Path in the project.

        Returns:
            ``True`` or ``False``.

        Raises:
            RestAPIError: If the server does not say, for example because the key is refused.
        """
        return self._stat(path) is not None

    def path_exists(self, remote_path: str) -> bool:
        """The older name of :meth:`exists`.

        Parameters:
            remote_path: Path in the project.

        Returns:
            Whether there is a file or folder.

        Raises:
            RestAPIError: If the server refuses the question.
        """
        return self.exists(remote_path)

    def list(self, path: str, offset: int = 0, limit: int = 1000) -> builtins.list[str]:
        """Entries of a folder.

        Parameters:
            path: Folder of the project; ``"/"`` for its datasets.
            offset: Entries to pass over.
            limit: Largest number of entries to return.

        Returns:
            Paths as text, relative to the project and beginning with ``/``.

        Raises:
            NotFoundError: If there is no such folder.

        Example:
            ```python
            for path in dataset_api.list("Resources"):
                assert path.startswith("/Resources/")
            ```
        """
        prefix = f"/Projects/{self._session.project_name}"
        paths = []
        for item in self._page(path, offset, limit):
            full = (item.get("attributes") or {}).get("path") or item.get("name", "")
            paths.append(full[len(prefix) :] if full.startswith(prefix + "/") else full)
        return paths

    def _page(self, path: str, offset: int, limit: int) -> builtins.list[dict[str, Any]]:
        normal = os.path.normpath(path).replace(os.sep, "/")
        normal = "" if normal in ("/", "//", ".") else normal
        answer = self._call(
            "dataset.list", path=normal, offset=offset, limit=limit, sort_by="ID:asc"
        )
        return answer.get("items") or []

    def _entries(self, path: str, page_size: int = 1000) -> Iterator[dict[str, Any]]:
        """The attributes of every entry of a folder, page by page."""
        offset = 0
        while True:
            items = self._page(path, offset, page_size)
            for item in items:
                yield item.get("attributes") or {}
            if len(items) < page_size:
                return
            offset += len(items)

    # ---------------------------------------------------------------------------------------------- changes

    def mkdir(self, path: str) -> str:
        """Make a folder; with one segment, a dataset.

        Parameters:
            path: Path of the new folder; its parent must exist.

        Returns:
            Absolute path of the folder.

        Raises:
            ConflictError: If it exists.

        Example:
            ```python
            dataset_api.mkdir("Resources/2026")
            ```
        """
        return self._call("dataset.mkdir", path=path)["attributes"]["path"]

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all it holds.

        Parameters:
            path: Path in the project.

        Raises:
            NotFoundError: If there is nothing.
        """
        self._call("dataset.remove", path=path)

    def rm(self, remote_path: str) -> None:
        """The older name of :meth:`remove`.

        Parameters:
            remote_path: Path in the project.
        """
        self.remove(remote_path)

    def copy(self, source_path: str, destination_path: str, overwrite: bool = False) -> None:
        """Copy a file or folder inside the project's file system.

        Parameters:
            source_path: What to copy.
            destination_path: Path of the copy.
            overwrite: Replace what exists there, once the copy is complete.

        Raises:
            DatasetException: If the destination exists and ``overwrite`` is not set.
            NotFoundError: If there is nothing at the source.

        Example:
            ```python
            dataset_api.copy("Resources/a.txt", "Logs/a.txt")
            ```
        """
        self._transplant("dataset.copy", source_path, destination_path, overwrite)

    def move(self, source_path: str, destination_path: str, overwrite: bool = False) -> None:
        """Move or rename a file or folder inside the project's file system.

        Parameters:
            source_path: What to move.
            destination_path: Its new path.
            overwrite: Replace what exists there, once the move is known to work.

        Raises:
            DatasetException: If the destination exists and ``overwrite`` is not set.
            NotFoundError: If there is nothing at the source.

        Example:
            ```python
            dataset_api.move("Resources/a.txt", "Resources/b.txt")
            ```
        """
        self._transplant("dataset.move", source_path, destination_path, overwrite)

    def _transplant(self, operation: str, source: str, destination: str, overwrite: bool) -> None:
        existing = self._stat(destination)
        if existing is None:
            self._call(operation, path=source, destination_path=destination)
            return
        self._refuse_existing(destination, existing, overwrite)
        incomplete = f"{destination.rstrip('/')}.{secrets.token_hex(4)}.part"
        self._call(operation, path=source, destination_path=incomplete)
        self._replace(incomplete, destination)

    def _refuse_existing(self, path: str, status: dict[str, Any], overwrite: bool) -> None:
        if not overwrite:
            raise DatasetException(f"{path} exists already. Pass overwrite=True to replace it.")
        if "datasetType" in status:
            raise DatasetException(
                f"{path} is a dataset as a whole, which overwrite=True does not replace."
            )

    def _replace(self, complete: str, destination: str) -> None:
        """Put new content, complete under a name of its own, in the place of the old."""
        try:
            self.remove(destination)
        except NotFoundError:
            pass
        except BaseException:
            self._discard(complete)
            raise
        try:
            self._call("dataset.move", path=complete, destination_path=destination)
        except BaseException as error:
            raise DatasetException(
                f"The new content of {destination} is complete and is at {complete}: it could not be moved into "
                f"place ({error}). Move it with move({complete!r}, {destination!r})."
            ) from error

    def _discard(self, path: str) -> None:
        """Remove what a failed operation left, as far as the server still answers."""
        try:
            self.remove(path)
        except Exception:
            import logging

            logging.getLogger(__name__).debug("%s could not be removed.", path, exc_info=True)


def _scan(local_path: str) -> tuple[builtins.list[str], builtins.list[str] | None]:
    """Files and folders below a path, relative and with "/"; folders is None when the path is a file itself."""
    if os.path.isfile(local_path):
        return [os.path.basename(local_path)], None
    if not os.path.isdir(local_path):
        raise FileNotFoundError(f"There is no file or folder {local_path}. Check local_path.")
    files: builtins.list[str] = []
    folders: builtins.list[str] = []
    for root, folder_names, file_names in os.walk(local_path):
        folder_names.sort()
        base = os.path.relpath(root, local_path).replace(os.sep, "/")
        prefix = "" if base == "." else base + "/"
        folders.extend(prefix + name for name in folder_names)
        files.extend(prefix + name for name in sorted(file_names))
    return files, folders


def _upload_refusal(error: BaseException) -> DatasetException | None:
    """The exception to show instead of a failed upload's own, for refusals that have a remedy; else None."""
    code = getattr(error, "error_code", None)
    if code == DatasetApi.DATASET_ERROR_CODE_UPLOAD_DISK_SPACE:
        return DatasetException(
            "The storage of the cluster is full. Remove files, or ask an administrator for space."
        )
    if code == DatasetApi.DATASET_ERROR_CODE_UPLOAD_NOT_ALLOWED:
        return DatasetException(
            "This cluster does not allow uploads for this user. Ask an administrator."
        )
    return None
