"""Imports: objects of an object store become objects of a branch, without being copied."""

from __future__ import annotations

from hopsworks.lakefs import arguments
from hopsworks.lakefs.client import ClientBound
from hopsworks.lakefs.exceptions import (
    ImportManagerException,
    MalformedResponseException,
    ValidationError,
)
from hopsworks.lakefs.namedtuple import LenientNamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from datetime import timedelta
    from typing import Any, Literal, Self

    from hopsworks.lakefs.client import Client
    from hopsworks.lakefs.models import ImportStatus

POLL_SECONDS = 2.0


class ImportLocation(LenientNamedTuple):
    """Where an import takes objects from, and where they go.

    Attributes:
        type (str): ``common_prefix`` or ``object``.
        path (str): Address in the object store.
        destination (str): Path or prefix on the branch.
    """

    type: Literal["common_prefix", "object"]
    path: str
    destination: str


class ImportManager(ClientBound):
    """One import into a branch. Nothing is asked before it starts.

    Parameters:
        repository_id: Name of the repository.
        branch_id: Name of the branch.
        commit_message: What to say about it; ``""`` leaves that to the server.
        commit_metadata: Keys and values to keep with the commit.
        client: Who asks; None is the default client.

    Attributes:
        commit_message (str): May be assigned until the start.
        commit_metadata (dict[str, str] | None): May be assigned until the start.
        sources (list[ImportLocation]): What is imported.

    Example:
        ```python
        from hopsworks import lakefs

        branch = lakefs.repository("lake").branch("main")
        manager = branch.import_data("photos").prefix("s3://photos/2026/", "photos/")
        status = manager.run()
        status.ingested_objects
        ```
    """

    def __init__(
        self,
        repository_id: str,
        branch_id: str,
        commit_message: str = "",
        commit_metadata: dict[str, str] | None = None,
        client: Client | None = None,
    ) -> None:
        super().__init__(client)
        self._repo_id = arguments.text(repository_id, "repository_id")
        self._branch_id = arguments.text(branch_id, "branch_id")
        self.commit_message = commit_message
        self.commit_metadata = commit_metadata
        self.sources: list[ImportLocation] = []
        self._import_id: str | None = None
        self._running = False

    def __repr__(self) -> str:
        begun = "" if self._import_id is None else f', import_id="{self._import_id}"'
        return f'ImportManager(repository="{self._repo_id}", branch="{self._branch_id}"{begun})'

    @property
    def import_id(self) -> str | None:
        """Id of the import; None before it has started."""
        return self._import_id

    def prefix(self, object_store_uri: str, destination: str) -> Self:
        """Import everything below an address.

        Parameters:
            object_store_uri: The address in the object store.
            destination: Prefix on the branch.

        Returns:
            The manager itself.

        Raises:
            ImportManagerException: If the import has started.
        """
        return self._add("common_prefix", object_store_uri, destination)

    def object(self, object_store_uri: str, destination: str) -> Self:
        """Import one object.

        Parameters:
            object_store_uri: Its address in the object store.
            destination: Its path on the branch.

        Returns:
            The manager itself.

        Raises:
            ImportManagerException: If the import has started.
        """
        return self._add("object", object_store_uri, destination)

    def _add(self, kind: Literal["common_prefix", "object"], uri: str, destination: str) -> Self:
        if self._import_id is not None:
            raise ImportManagerException(
                f"import {self._import_id} has started; another source needs another manager"
            )
        location = ImportLocation(
            type=kind,
            path=arguments.text(uri, "object_store_uri"),
            destination=arguments.text(destination, "destination", empty=True),
        )
        self.sources.append(location)
        return self

    def start(self) -> str:
        """Begin the import.

        Returns:
            Its id.

        Raises:
            ImportManagerException: If this manager has begun one already.
            ValidationError: If message or metadata cannot be.
            NotFoundException: If there is no such branch.
        """
        if self._import_id is not None:
            state = "is running" if self._running else "was made already"
            raise ImportManagerException(
                f"import {self._import_id} {state}; another import needs another manager"
            )
        commit = {
            "message": arguments.text(self.commit_message, "commit_message", empty=True),
            "allow_empty": False,
        }
        metadata = arguments.metadata(self.commit_metadata, "commit_metadata")
        if metadata is not None:
            commit["metadata"] = metadata
        paths = [
            {"type": source.type, "path": source.path, "destination": source.destination}
            for source in self.sources
        ]
        answer = self._client._ask(
            "lakefs.import.start", {"paths": paths, "commit": commit}, **self._where()
        )
        if not answer.id:
            raise MalformedResponseException("the server began an import and did not say its id")
        self._import_id, self._running = answer.id, True
        return answer.id

    def wait(self, poll_interval: timedelta | float | None = None) -> ImportStatus:
        """Wait until the import is done.

        Parameters:
            poll_interval: How long to wait between two questions; None is 2 seconds.

        Returns:
            How it ended.

        Raises:
            ImportManagerException: If it failed, or has not started.
        """
        seconds = _seconds(poll_interval)
        self._check_started()
        import time

        while True:
            time.sleep(seconds)
            status = self.status()
            if status.completed:
                return status
            if status.error is not None:
                self._running = False
                raise ImportManagerException(
                    f"import {self._import_id} failed: {status.error.message}"
                )

    def run(self, poll_interval: timedelta | float | None = None) -> ImportStatus:
        """Begin the import and wait until it is done.

        Parameters:
            poll_interval: How long to wait between two questions; None is 2 seconds.

        Returns:
            How it ended.

        Raises:
            ImportManagerException: If it failed, or this manager has begun one already.
        """
        _seconds(poll_interval)
        self.start()
        return self.wait(poll_interval)

    def status(self) -> ImportStatus:
        """How far the import has come.

        Returns:
            What the server says.

        Raises:
            ImportManagerException: If it has not started.
        """
        import_id = self._check_started()
        status: ImportStatus = self._client._ask(
            "lakefs.import.status", id=import_id, **self._where()
        )
        if status.completed:
            self._running = False
        return status

    def cancel(self) -> None:
        """End the import.

        Raises:
            ImportManagerException: If it has not started.
            ConflictException: If it is done already.
        """
        import_id = self._check_started()
        self._client._call("lakefs.import.cancel", id=import_id, **self._where())
        self._running = False

    def _check_started(self) -> str:
        if self._import_id is None:
            raise ImportManagerException("the import has not started; start() begins it")
        return self._import_id

    def _where(self) -> dict[str, Any]:
        return {"repository": self._repo_id, "branch": self._branch_id}


def _seconds(interval: Any) -> float:
    if interval is None:
        return POLL_SECONDS
    seconds = interval.total_seconds() if hasattr(interval, "total_seconds") else interval
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds < 1e9:
        raise ValidationError(f"poll_interval must be a timedelta, not {interval!r}")
    return float(seconds)
