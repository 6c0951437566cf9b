"""The files of a project: upload, download, list, copy, move and remove.

Paths are relative to the project (``Resources/data.csv``), absolute (``/Projects/demo/Resources/data.csv``) or in a
dataset that another project shares (``owner::Shared/data.csv``). Content moves through the native core in bounded
memory; nothing appears under its final name before it is complete, neither here nor there.
"""

from __future__ import annotations

import os

from hopsworks.client.exceptions import DatasetException
from hopsworks.client.response import Response
from hopsworks.core import file_transfer
from hopsworks.core.arguments import checked_count, checked_path
from hopsworks.core.dataset_administration import DatasetAdministration
from hopsworks.core.dataset_tags import DatasetTags
from hopsworks.core.file_transfer import FileTransfer

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import builtins
    from os import PathLike
    from typing import Any

    from hsfs.feature_group import FeatureGroup

# What the native core can do.
_MOST_PARALLEL = 32
_MOST_RETRIES = 1000


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

    DATASET_ERROR_CODE_UPLOAD_DISK_SPACE = file_transfer.DISK_SPACE
    DATASET_ERROR_CODE_UPLOAD_NOT_ALLOWED = file_transfer.NOT_ALLOWED

    DEFAULT_FLOW_CHUNK_SIZE = DEFAULT_DOWNLOAD_FLOW_CHUNK_SIZE

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
        *,
        timeout: float | None = None,
    ) -> str:
        """Upload a file, or a folder with all it holds.

        The content is sent in chunks, several at a time, read from disk as it goes. A file appears when it is
        complete. So does a folder, which is uploaded under a temporary name; and when something of that name
        exists and ``overwrite`` is set, the new content is uploaded beside it and put in its place at the end.

        Parameters:
            local_path: File or folder on this machine.
            upload_path: Folder of the project that receives it.
            overwrite: Replace what exists under that name.
            chunk_size: Bytes a chunk.
            simultaneous_uploads: Files of a folder that are under way at a time; more than 32 count as 32.
            simultaneous_chunks: Chunks of a file that are under way at a time; more than 32 count as 32.
            max_chunk_retries: How often a chunk that failed for a passing reason is sent again; 0 for never, other
                numbers count as at least 3 and at most 1000.
            chunk_retry_interval: Seconds before the first repetition; doubled after each.
            timeout: Seconds for the whole upload; ``None`` for no limit.

        Returns:
            Path of the uploaded file or folder, ``upload_path`` and the name.

        Raises:
            FileNotFoundError: If there is nothing at ``local_path``; nothing is sent.
            DatasetException: If the name exists and ``overwrite`` is not set, if it is a dataset as a whole, if the
                storage is full, or if the cluster does not allow uploads.
            RequestTimeoutError: If the time is over.
            RestAPIError: If the server refuses for another reason.

        Example:
            ```python
            dataset_api.upload("model.bin", "Resources", overwrite=True)
            ```
        """
        checked_path(upload_path, "upload_path")
        local_path = os.path.abspath(os.path.expanduser(os.fspath(local_path)))
        if (
            chunk_size < 1
            or simultaneous_uploads < 1
            or simultaneous_chunks < 1
            or max_chunk_retries < 0
            or not 0 <= chunk_retry_interval <= 3600
        ):
            raise ValueError(
                "chunk_size and the simultaneous counts must be at least 1, max_chunk_retries at least 0, and "
                "chunk_retry_interval 0 to 3600 seconds."
            )
        parallel = max(
            simultaneous_chunks, simultaneous_uploads if os.path.isdir(local_path) else 1
        )
        options = {
            "chunk_size": int(chunk_size),
            "parallel": min(parallel, _MOST_PARALLEL),
            "retries": min(max(3, max_chunk_retries), _MOST_RETRIES) if max_chunk_retries else 0,
            "retry_interval": float(chunk_retry_interval),
        }
        return FileTransfer(self._session, timeout).upload(
            local_path, upload_path.rstrip("/") or "/", overwrite, options
        )

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
        *,
        timeout: float | None = None,
    ) -> str:
        """Download a file, or a folder with all it holds.

        The content is written beside the final name and put in place when it is complete and of the announced
        size. Large files are fetched in ranges, several at a time, where the server offers them. A download that
        breaks off after more than 16 MiB leaves its part as a hidden file beside the final name; the same call
        continues it, if the file in the project is still the same. A folder appears under its name when all of its
        files are there; it replaces nothing.

        Parameters:
            path: The file or folder in the project.
            local_path: Path to write, or folder to write it into; ``None`` for the working directory.
            overwrite: Replace an existing file.
            chunk_size: Accepted for compatibility; the core chooses its buffers.
            timeout: Seconds for the whole download; ``None`` for no limit.

        Returns:
            Absolute path of what was written.

        Raises:
            FileExistsError: If the local file exists and ``overwrite`` is not set; nothing is sent.
            IsADirectoryError: If the local name is a folder that would have to be replaced.
            NotFoundError: If there is no such file in the project.
            ContentMismatchError: If what arrived is not what was announced.
            OSError: If the file cannot be written, for example because the disk is full.
            RequestTimeoutError: If the time is over.

        Example:
            ```python
            dataset_api.download("Resources/model.bin", "/tmp/model.bin", overwrite=True)
            ```
        """
        checked_path(path)
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
        FileTransfer(self._session, timeout).download(path.rstrip("/"), target)
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
        checked_path(path)
        path = path.removeprefix("/")
        with self._session.scope.open_download(
            "dataset.download", path=path, type=dataset_type
        ) as stream:
            return Response(path, 200, "OK", stream.headers, stream.read())

    # ----------------------------------------------------------------------------------------------- status

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
        checked_path(path)
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
        checked_path(path)
        return FileTransfer(self._session).find(path) is not None

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
            TypeError: If path is no text, or offset or limit no whole number; nothing is sent.
            ValueError: If offset or limit is below 0; nothing is sent.
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
        checked_count(offset, "offset")
        checked_count(limit, "limit")
        normal = os.path.normpath(checked_path("/" if path == "" else path)).replace(os.sep, "/")
        normal = "" if normal in ("/", "//", ".") else normal
        answer = self._call(
            "dataset.list", path=normal, offset=offset, limit=limit, sort_by="ID:asc"
        )
        return answer.get("items") or []

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
        checked_path(path)
        return self._call("dataset.mkdir", path=path)["attributes"]["path"]

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all it holds.

        Parameters:
            path: Path in the project.

        Raises:
            NotFoundError: If there is nothing.
        """
        checked_path(path)
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
        checked_path(source_path, "source_path")
        checked_path(destination_path, "destination_path")
        FileTransfer(self._session).transplant(
            "dataset.copy", source_path, destination_path, overwrite
        )

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
        checked_path(source_path, "source_path")
        checked_path(destination_path, "destination_path")
        FileTransfer(self._session).transplant(
            "dataset.move", source_path, destination_path, overwrite
        )
