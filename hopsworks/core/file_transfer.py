"""Uploads and downloads of files and folders, whole or not at all, within a limit of time.

The native core moves the content; here is what stands around it: what exists already, the temporary name under which
content becomes complete, the name that it then gets, and the removal of what a failure left.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time

from hopsworks._log import get_logger
from hopsworks.client.exceptions import (
    ContentMismatchError,
    DatasetException,
    NotFoundError,
    RequestTimeoutError,
    RestAPIError,
)
from hopsworks.progress import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from typing import Any

    from hopsworks.session import ProjectSession

_logger = get_logger(__name__)

# Seconds to remove what a failed upload left, when the caller waits no longer for anything else.
_CLEANING_LATE = 0.25
_CLEANING_INTERRUPTED = 2.0
_PAGE = 1000
# How downloads repeat what failed for a passing reason; uploads have arguments for it.
_REPETITIONS: dict[str, Any] = {"retries": 3, "retry_interval": 1.0}


class FileTransfer:
    """One upload, download, copy or move.

    Parameters:
        session: The project.
        timeout: Seconds for everything together; None for no limit.
    """

    __slots__ = ("_deadline", "_session")

    def __init__(self, session: ProjectSession, timeout: float | None = None) -> None:
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout is {timeout!r}; it must be a positive number of seconds.")
        self._session = session
        self._deadline = None if timeout is None else time.monotonic() + timeout

    def _left(self) -> float | None:
        """Seconds that are left, or None without a limit."""
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise RequestTimeoutError(
                "The time given for the transfer was over before it was complete. Allow more with timeout."
            )
        return left

    def _call(self, operation: str, **params: Any) -> Any:
        return self._session.scope.call(operation, timeout=self._left(), **params)

    def find(self, path: str) -> dict[str, Any] | None:
        """Status of a path of the project, or None when there is nothing."""
        try:
            return self._call("dataset.find", path=path)
        except RestAPIError as error:
            if error.response.status_code in (400, 404):
                return None
            raise

    # --------------------------------------------------------------------------------------------- uploads

    def upload(self, local_path: str, folder: str, overwrite: bool, options: dict[str, Any]) -> str:
        """Upload a file or a folder; see :meth:`hopsworks.core.dataset_api.DatasetApi.upload`.

        Parameters:
            local_path: Absolute path of the file or folder.
            folder: Folder of the project that receives it, without a slash at its end.
            overwrite: Replace what exists under that name.
            options: For the native transfer: ``chunk_size``, ``parallel``, ``retries``, ``retry_interval``.

        Returns:
            Path of what was uploaded.
        """
        files, folders = _scan(local_path)
        name = os.path.basename(local_path)
        destination = f"{folder}/{name}"
        existing = self.find(destination)
        if existing is not None:
            refuse_existing(destination, existing, overwrite)
        # A new file has its name at once, because the server shows it only when it is complete.
        aside = existing is not None or folders is not None
        send_as = f"{name}.{secrets.token_hex(4)}.part" if aside else name
        incomplete = f"{folder}/{send_as}"
        try:
            with Progress(f"Uploading {name}") as progress:
                if folders is None:
                    batch = [(local_path, folder, send_as)]
                else:
                    batch = self._make_folders(local_path, incomplete, files, folders)
                if batch:
                    self._session.scope.upload_files(
                        batch, progress=progress, timeout=self._left(), **options
                    )
        except BaseException as error:
            # A file under its final name is not ours to remove: by now it may be somebody else's.
            if aside:
                self._discard(incomplete, error)
            refusal = upload_refusal(error)
            if refusal is None:
                raise
            raise refusal from error
        if existing is not None:
            self.replace(incomplete, destination)
        elif aside:
            self._give_name(incomplete, destination)
        return destination

    def _make_folders(
        self, local_path: str, destination: str, files: list[str], folders: list[str]
    ) -> list[tuple[str, str, str]]:
        """Make the folders of an upload and tell what goes where."""
        self._call("dataset.mkdir", path=destination)
        for relative in folders:
            self._call("dataset.mkdir", path=f"{destination}/{relative}")
        batch = []
        for relative in files:
            parent, _, name = relative.rpartition("/")
            remote = f"{destination}/{parent}" if parent else destination
            batch.append((f"{local_path}/{relative}", remote, name))
        return batch

    def _give_name(self, complete: str, destination: str) -> None:
        try:
            self._call("dataset.move", path=complete, destination_path=destination)
        except BaseException as error:
            self._discard(complete, error)
            raise

    def transplant(self, operation: str, source: str, destination: str, overwrite: bool) -> None:
        """Copy or move inside the project.

        Parameters:
            operation: ``"dataset.copy"`` or ``"dataset.move"``.
            source: What to copy or move.
            destination: Its new path.
            overwrite: Replace what exists there.
        """
        existing = self.find(destination)
        if existing is None:
            self._call(operation, path=source, destination_path=destination)
            return
        refuse_existing(destination, existing, overwrite)
        incomplete = f"{destination.rstrip('/')}.{secrets.token_hex(4)}.part"
        self._call(operation, path=source, destination_path=incomplete)
        self.replace(incomplete, destination)

    def replace(self, complete: str, destination: str) -> None:
        """Put new content, complete under a name of its own, in the place of the old.

        Parameters:
            complete: Path of the new content.
            destination: Path of the old, which is removed.
        """
        try:
            with contextlib.suppress(NotFoundError):
                self._call("dataset.remove", path=destination)
        except BaseException as error:
            # The server may have removed the old without being able to say so: then the new is all there is.
            if self._is_there(destination):
                self._discard(complete, error)
                raise
            self._tell_where(complete, destination, error)
            raise
        try:
            self._call("dataset.move", path=complete, destination_path=destination)
        except BaseException as error:
            self._tell_where(complete, destination, error)
            raise

    def _is_there(self, path: str) -> bool:
        """Whether something is surely at a path; False also when the server does not say."""
        try:
            return self.find(path) is not None
        except Exception:
            return False

    def _tell_where(self, complete: str, destination: str, error: BaseException) -> None:
        """Raise, or log for what is no ordinary error, where the new content is."""
        text = (
            f"The new content of {destination} is complete and is at {complete}: it could not be moved into place "
            f"({error}). Move it with move({complete!r}, {destination!r})."
        )
        if isinstance(error, Exception):
            raise DatasetException(text) from error
        _logger.warning("%s", text)

    def _discard(self, path: str, reason: BaseException) -> None:
        """Remove what a failed operation left, as far as the server still answers."""
        seconds = None if isinstance(reason, Exception) else _CLEANING_INTERRUPTED
        if self._deadline is not None:
            seconds = max(self._deadline - time.monotonic(), _CLEANING_LATE)
        try:
            self._session.scope.call("dataset.remove", path=path, timeout=seconds)
        except Exception:
            _logger.debug("%s could not be removed.", path, exc_info=True)

    # ------------------------------------------------------------------------------------------- downloads

    def download(self, path: str, target: str) -> None:
        """Download a file or a folder.

        Parameters:
            path: Path in the project.
            target: Absolute path that it gets here; a file there is replaced.
        """
        attributes = self._call("dataset.get", path=path)["attributes"]
        with Progress(f"Downloading {os.path.basename(target)}") as progress:
            if attributes.get("dir"):
                self._download_folder(path, target, progress)
                return
            connection = self._session.connection
            version = (
                f"{connection.host}:{connection.port}/{attributes.get('path', path)}"
                f"@{attributes.get('modificationTime')}"
            )
            self._session.scope.download(
                path,
                target,
                size=int(attributes["size"]),
                version=version,
                progress=progress,
                timeout=self._left(),
                **_REPETITIONS,
            )

    def _download_folder(self, path: str, target: str, progress: Any) -> None:
        if os.path.lexists(target):
            raise FileExistsError(
                f"{target} exists already, and a folder replaces nothing. Choose another local_path."
            )
        parent, name = os.path.split(target)
        incomplete = f"{parent}/.{name}.{secrets.token_hex(4)}.part"
        os.mkdir(incomplete)
        try:
            batch = []
            for relative, entry in self._tree(path):
                local = f"{incomplete}/{relative}"
                if entry.get("dir"):
                    os.mkdir(local)
                else:
                    batch.append((f"{path}/{relative}", local, int(entry["size"]), None))
            self._session.scope.download_files(
                batch, progress=progress, timeout=self._left(), **_REPETITIONS
            )
            os.rename(incomplete, target)
        except BaseException:
            import shutil

            shutil.rmtree(incomplete, ignore_errors=True)
            raise

    def _tree(self, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Relative path and attributes of all that lies below a folder; a folder comes before what it holds."""
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            offset = 0
            while True:
                answer = self._call(
                    "dataset.list",
                    path=f"{path}/{prefix}".rstrip("/"),
                    offset=offset,
                    limit=_PAGE,
                    sort_by="ID:asc",
                )
                items = answer.get("items") or []
                for item in items:
                    entry = item["attributes"]
                    name = entry["path"].rpartition("/")[2]
                    if name in ("", ".", "..") or "\0" in name:
                        raise ContentMismatchError(
                            f"The folder {path} has an entry called {entry['path']!r}, which cannot be a file here."
                        )
                    yield prefix + name, entry
                    if entry.get("dir"):
                        waiting.append(f"{prefix}{name}/")
                offset += len(items)
                # A server may send shorter pages than it was asked for: its count tells whether more follow.
                if not items or (len(items) < _PAGE and offset >= (answer.get("count") or 0)):
                    break


def refuse_existing(path: str, status: dict[str, Any], overwrite: bool) -> None:
    """Refuse to replace what exists, unless it was asked for and can be done.

    Raises:
        DatasetException: If ``overwrite`` is not set, or ``path`` is a dataset as a whole.
    """
    if not overwrite:
        raise DatasetException(f"{path} exists already. Pass overwrite=True to replace it.")
    if "datasetType" in status:
        raise DatasetException(
            f"{path} is a dataset as a whole, which overwrite=True does not replace."
        )


def _scan(local_path: str) -> tuple[list[str], list[str] | None]:
    """Files and folders below a path, relative and with "/"; folders is None when the path is a file itself."""
    if os.path.isfile(local_path):
        return [os.path.basename(local_path)], None
    if not os.path.isdir(local_path):
        raise FileNotFoundError(f"There is no file or folder {local_path}. Check local_path.")
    files: list[str] = []
    folders: list[str] = []
    for root, folder_names, file_names in os.walk(local_path):
        folder_names.sort()
        base = os.path.relpath(root, local_path).replace(os.sep, "/")
        prefix = "" if base == "." else base + "/"
        folders.extend(prefix + name for name in folder_names)
        files.extend(prefix + name for name in sorted(file_names))
    return files, folders


# Codes of the service for refusals that have a remedy.
DISK_SPACE = 110055
NOT_ALLOWED = 110056


def upload_refusal(error: BaseException) -> DatasetException | None:
    """The exception to show instead of a failed upload's own, for refusals that have a remedy; else None.

    Parameters:
        error: What the upload raised.
    """
    code = getattr(error, "error_code", None)
    if code == DISK_SPACE:
        return DatasetException(
            "The storage of the cluster is full. Remove files, or ask an administrator for space."
        )
    if code == NOT_ALLOWED:
        return DatasetException(
            "This cluster does not allow uploads for this user. Ask an administrator."
        )
    return None
