"""Files of a project, as models and deployments use them: whole trees, absolute paths, one owner of each folder.

Paths are absolute (``/Projects/<project>/...``), relative to the project, or relative to a shared dataset
(``<project>::Models/...``), just as the server accepts them.
"""

from __future__ import annotations

import os
import posixpath

from hopsworks.client.exceptions import RestAPIError
from hopsworks.core.dataset_api import DatasetApi
from hopsworks.core.file_transfer import upload_refusal

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from typing import Any


PAGE = 1000


class ProjectFiles:
    """File access through one project session.

    Parameters:
        scope: Scope of the project; its requests carry the project id.
    """

    __slots__ = ("_scope",)

    def __init__(self, scope: Any) -> None:
        self._scope = scope

    def find(self, path: str) -> dict[str, Any] | None:
        """What is at a path.

        Parameters:
            path (str): The path.

        Returns:
            dict | None: ``attributes`` with ``path``, ``dir`` and ``size``, and ``datasetType`` for a dataset; None
            when there is nothing.
        """
        try:
            return self._scope.call("dataset.find", path=path)
        except RestAPIError as error:
            # Servers have several codes for "there is nothing".
            if error.response.status_code in (400, 404):
                return None
            raise

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder at a path.

        Parameters:
            path (str): The path.

        Returns:
            bool: The answer.
        """
        return self.find(path) is not None

    def make_folder(self, path: str) -> None:
        """Make one folder; its parent must exist.

        Parameters:
            path (str): Absolute path of the folder.

        Raises:
            RestAPIError: If the folder exists, or its parent does not.
        """
        self._scope.call("dataset.mkdir", path=path)

    def make_folders(self, path: str) -> None:
        """Make every missing folder of a path below its dataset.

        Parameters:
            path (str): Path relative to the project; the dataset, its first part, must exist.
        """
        parts = path.split("/")
        for end in range(2, len(parts) + 1):
            folder = "/".join(parts[:end])
            if not self.exists(folder):
                self.make_folder(f"/Projects/{self._scope.context.project_name}/{folder}")

    def entries(self, path: str) -> Iterator[dict[str, Any]]:
        """The entries of a folder.

        Parameters:
            path (str): The folder.

        Yields:
            dict: Attributes of one entry: ``path``, ``name``, ``dir``, ``size``.
        """
        offset = 0
        while True:
            page = self._scope.call(
                "dataset.list", path=path, offset=offset, limit=PAGE, sort_by="NAME:desc"
            )
            items = (page or {}).get("items") or []
            for item in items:
                yield item["attributes"]
            offset += len(items)
            # A server that does not count is asked until a page is empty; one that does saves the last request.
            if not items or offset >= (page.get("count") or float("inf")):
                return

    def tree(self, path: str, skip: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
        """All files and folders below a folder, each folder before what it holds.

        Parameters:
            path (str): The folder.
            skip (tuple[str, ...]): Names of folders to leave out.

        Yields:
            tuple[str, dict]: Path relative to the folder, and attributes.
        """
        waiting = [("", path)]
        while waiting:
            prefix, folder = waiting.pop()
            for entry in self.entries(folder):
                name = posixpath.basename(entry["path"])
                if entry.get("dir") and name in skip:
                    continue
                relative = f"{prefix}{name}"
                yield relative, entry
                if entry.get("dir"):
                    waiting.append((f"{relative}/", entry["path"]))

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all it holds.

        Parameters:
            path (str): The path.
        """
        self._scope.call("dataset.remove", path=path)

    def copy(self, source: str, target: str) -> None:
        """Copy a file or folder.

        Parameters:
            source (str): What to copy.
            target (str): Path of the copy, which must not exist.
        """
        self._scope.call("dataset.copy", path=source, destination_path=target)

    def move(self, source: str, target: str) -> None:
        """Move a file or folder.

        Parameters:
            source (str): What to move.
            target (str): Its new path, which must not exist.
        """
        self._scope.call("dataset.move", path=source, destination_path=target)

    def upload(
        self,
        batch: list[tuple[Any, ...]],
        *,
        chunk_size: int | None = None,
        parallel: int | None = None,
        retries: int | None = None,
        progress: Any = None,
    ) -> None:
        """Upload files into folders that exist, several chunks and files at a time.

        Parameters:
            batch (list[tuple]): For each file its local path, its folder in the project, and its name there.
            chunk_size (int | None): Bytes of a chunk; 10 MiB by default.
            parallel (int | None): Chunks under way at once; 3 by default.
            retries (int | None): How often a chunk that failed for a passing reason is sent again; 3 by default.
            progress: Called with bytes done and bytes in all.

        Raises:
            DatasetException: If the storage is full, or the cluster does not allow uploads.
            RestAPIError: If the server refuses for another reason.
        """
        if not batch:
            return
        try:
            self._scope.upload_files(
                batch,
                chunk_size=chunk_size or 10 * 1024 * 1024,
                parallel=parallel or 3,
                retries=3 if retries is None else retries,
                progress=progress,
            )
        except RestAPIError as error:
            refusal = upload_refusal(error)
            if refusal is None:
                raise
            raise refusal from error

    def replace(self, local_path: str, folder: str) -> None:
        """Upload one file; one of the same name is replaced when the new one is complete.

        Parameters:
            local_path (str): The file.
            folder (str): Folder that receives it, under its own name.
        """
        DatasetApi(self._scope.context).upload(local_path, folder, overwrite=True)

    def download(self, path: str, local_path: str, size: int, progress: Any = None) -> None:
        """Download one file, under a temporary name until it is complete.

        Parameters:
            path (str): The file.
            local_path (str): Where to put it.
            size (int): Its size in bytes, as listed.
            progress: Called with bytes done and bytes in all.
        """
        self._scope.download(path, local_path, size=size, progress=progress)

    def download_all(self, batch: list[tuple[str, str, int, None]], progress: Any = None) -> None:
        """Download several files side by side; each has its name only when it is complete.

        Parameters:
            batch (list[tuple]): For each file its path, where to put it, its size in bytes, and None.
            progress: Called with bytes done and bytes in all.
        """
        self._scope.download_files(batch, progress=progress)

    def read_text(self, path: str) -> str | None:
        """Content of a small text file.

        Parameters:
            path (str): The file.

        Returns:
            str | None: Its text, or None when there is no such file.
        """
        if not self.exists(path):
            return None
        return self._scope.call("dataset.download", path=path, type="DATASET").decode("utf-8")

    def write_texts(self, folder: str, texts: dict[str, str]) -> None:
        """Make small text files.

        Parameters:
            folder (str): Folder that receives them; it must exist.
            texts (dict): Their contents by name; files of these names must not exist.
        """
        if not texts:
            return
        import tempfile

        with tempfile.TemporaryDirectory() as local:
            batch = []
            for name, text in texts.items():
                path = os.path.join(local, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                batch.append((path, folder, name))
            self.upload(batch)


HOPSFS_MOUNT = "/hopsfs/"
HOPSFS_CLUSTER_MOUNT = "/mnt/hopsfs/"


def mounted_path(local_path: str) -> str | None:
    """The project-relative path of a local path that lies on a mount of the project's files.

    Parameters:
        local_path (str): Absolute local path.

    Returns:
        str | None: Path relative to the project, or None for a path elsewhere.
    """
    path = os.path.normpath(local_path).replace(os.sep, "/")
    if path.startswith(HOPSFS_MOUNT):
        return path[len(HOPSFS_MOUNT) :]
    if path.startswith(HOPSFS_CLUSTER_MOUNT):
        # The first part below the cluster mount is the project itself.
        _, slash, rest = path[len(HOPSFS_CLUSTER_MOUNT) :].partition("/")
        return rest if slash and rest else None
    return None


def absolute_path(path: str, project_name: str) -> str:
    """A path of the project in its absolute form.

    Parameters:
        path (str): Absolute, relative to the project, or with the scheme ``hdfs:``.
        project_name (str): Name of the project.

    Returns:
        str: The path from ``/Projects``.
    """
    start = path.find("/Projects/")
    if path.startswith("hdfs:") and start >= 0:
        return path[start:]
    return path if path.startswith("/Projects/") else f"/Projects/{project_name}/{path.lstrip('/')}"
