"""Who may use a dataset, and archives of it: the less frequent half of the files of a project."""

from __future__ import annotations

from hopsworks.client.exceptions import DatasetException, ForbiddenError
from hopsworks.core.polling import attempts
from hopsworks.core.service import Service

_PERMISSIONS = ("READ_ONLY", "EDITABLE", "EDITABLE_BY_OWNERS")

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class DatasetAdministration(Service):
    """Permissions, sharing and archives; see :class:`hopsworks.core.dataset_api.DatasetApi`, which extends it."""

    if TYPE_CHECKING:

        def get(self, path: str) -> dict[str, Any]: ...
        def exists(self, path: str) -> bool: ...

    def chmod(self, remote_path: str, permissions: str) -> dict[str, Any]:
        """Set who may write to a dataset.

        Parameters:
            remote_path: The dataset.
            permissions: ``"READ_ONLY"``, ``"EDITABLE"`` or ``"EDITABLE_BY_OWNERS"``.

        Returns:
            The new status of the dataset, as a dict.

        Raises:
            ValueError: If there is no such permission; nothing is sent.
            ForbiddenError: If the caller does not own the project.
        """
        _check_permission(permissions, "permissions")
        return self._call("dataset.permission", path=remote_path, permissions=permissions)

    def share(self, path: str, target_project: str, permission: str = "READ_ONLY") -> None:
        """Share a dataset of this project with another project.

        A data owner of the other project must accept before its members see the dataset.

        Parameters:
            path: The dataset, for example ``"Resources"``.
            target_project: Name of the other project.
            permission: ``"READ_ONLY"``, ``"EDITABLE"`` or ``"EDITABLE_BY_OWNERS"``.

        Raises:
            PermissionError: If the caller does not own this project.
            ValueError: If the permission or the project name cannot be; nothing is sent.

        Example:
            ```python
            dataset_api.share("Resources", "other_project")
            ```
        """
        _check_permission(permission, "permission")
        self._change_sharing("dataset.share", path, target_project, permission=permission)

    def unshare(self, path: str, target_project: str) -> None:
        """Take a dataset back from a project that it is shared with.

        Parameters:
            path: The dataset.
            target_project: Name of the other project.

        Raises:
            PermissionError: If the caller does not own this project.
            ValueError: If the project name is empty; nothing is sent.
        """
        self._change_sharing("dataset.unshare", path, target_project)

    def _change_sharing(
        self, operation: str, path: str, target_project: str, **params: str
    ) -> None:
        if not target_project:
            raise ValueError("target_project is empty; give the name of the other project.")
        try:
            self._call(operation, path=path, target_project=target_project, **params)
        except ForbiddenError as error:
            raise PermissionError(
                f"Sharing {path} with {target_project} takes the role Data owner in project "
                f"{self._session.project_name}. Ask one of its owners to do it, or for that role."
            ) from error

    def accept(self, path: str) -> None:
        """Accept a dataset that another project offers to this one.

        Until then its members cannot read it. Accepting it again changes nothing. This method is not in the
        official client, where offers are accepted in the user interface.

        Parameters:
            path: Project and dataset, ``"other::Resources"``; ``"other::Featurestore.db"`` for the feature store of
                another project, ``"other::Models"`` for its model registry.

        Raises:
            PermissionError: If the caller does not own this project.
            ValueError: If the path is not of that form; nothing is sent.
            RestAPIError: If that dataset has not been offered to this project.

        Example:
            ```python
            dataset_api.accept("other_project::Resources")
            ```
        """
        self._answer_offer("dataset.accept", path)

    def reject(self, path: str) -> None:
        """Decline a dataset that another project offers, or give back one that was accepted.

        This method is not in the official client, where offers are declined in the user interface.

        Parameters:
            path: Project and dataset, ``"other::Resources"``.

        Raises:
            PermissionError: If the caller does not own this project.
            ValueError: If the path is not of that form; nothing is sent.
            RestAPIError: If that dataset has not been offered to this project.

        Example:
            ```python
            dataset_api.reject("other_project::Resources")
            ```
        """
        self._answer_offer("dataset.reject", path)

    def _answer_offer(self, operation: str, path: str) -> None:
        owner, separator, dataset = path.partition("::")
        if not (owner and separator and dataset) or "/" in path:
            raise ValueError(
                f"path is {path!r}; the name of an offer is that of the project and of the dataset, for example "
                "'other_project::Resources'."
            )
        try:
            self._call(operation, path=path)
        except ForbiddenError as error:
            raise PermissionError(
                f"Answering the offer {path} takes the role Data owner in project {self._session.project_name}. "
                "Ask one of its owners to do it, or for that role."
            ) from error

    def zip(
        self,
        remote_path: str,
        destination_path: str | None = None,
        block: bool = False,
        timeout: float | None = 120,
    ) -> bool:
        """Pack a file or folder into ``<name>.zip``. The server works in the background.

        Parameters:
            remote_path: What to pack.
            destination_path: Folder for the archive; ``None`` puts it beside.
            block: Wait until it is done.
            timeout: Seconds to wait at most; ``None`` waits as long as it takes.

        Returns:
            ``True``, or ``False`` when the time ran out before the archive was complete.

        Raises:
            NotFoundError: If there is nothing to pack.
            DatasetException: If the server has given up packing it.
        """
        kind = None if destination_path is None else "DATASET"
        self._call(
            "dataset.zip",
            path=remote_path,
            destination_path=destination_path,
            destination_type=kind,
        )
        archive = f"{remote_path}.zip"
        if destination_path is not None:
            archive = f"{destination_path.rstrip('/')}/{archive.rpartition('/')[2]}"
        return not block or self._await_archive(remote_path, archive, timeout)

    def unzip(self, remote_path: str, block: bool = False, timeout: float | None = 120) -> bool:
        """Unpack an archive beside itself. The server works in the background.

        Parameters:
            remote_path: The archive.
            block: Wait until it is done.
            timeout: Seconds to wait at most; ``None`` waits as long as it takes.

        Returns:
            ``True``, or ``False`` when the time ran out before everything was unpacked.

        Raises:
            NotFoundError: If there is no such archive.
            DatasetException: If the server has given up unpacking it.
        """
        self._call("dataset.unzip", path=remote_path)
        folder, _, name = remote_path.rpartition("/")
        unpacked = f"{folder}/{name.partition('.')[0]}" if folder else name.partition(".")[0]
        return not block or self._await_archive(remote_path, unpacked, timeout)

    def _await_archive(self, source: str, result: str, timeout: float | None) -> bool:
        for _ in attempts(timeout):
            complete = self.exists(result)
            state = self.get(source).get("zipState")
            if complete and state == "NONE":
                return True
            if state == "FAILED":
                raise DatasetException(
                    f"The server could not make {result} of {source}: its zipState is FAILED. The log of the server "
                    "has the reason; check that the disk has room and that the source is still there."
                )
        return False


def _check_permission(value: str, argument: str) -> None:
    if value not in _PERMISSIONS:
        raise ValueError(f"{argument} is {value!r}; it must be one of {', '.join(_PERMISSIONS)}.")
