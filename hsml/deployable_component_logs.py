"""Log lines of one instance of a deployment."""

from __future__ import annotations

import datetime

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class DeployableComponentLogs(ServingResource, _native.DeployableComponentLogs):
    """Log lines of one instance of a deployment.

    Attributes:
        instance_name (str): Name of the instance.
        content (str): The lines.
        component (str | None): ``"predictor"`` or ``"transformer"``.
        tail (int | None): Number of lines that was asked for.
        truncated (bool): Whether the server cut the lines off.
    """

    __slots__ = ()

    def __init__(
        self,
        instance_name: Any,
        content: Any,
        timestamp: Any = None,
        doc_id: Any = None,
        truncated: Any = False,
        skipped: Any = False,
        read_failed: Any = False,
        pod_uid: Any = None,
        restart_count: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            instance_name,
            content,
            timestamp,
            doc_id,
            truncated,
            skipped,
            read_failed,
            pod_uid,
            restart_count,
        )
        self._created_at = datetime.datetime.now()

    @classmethod
    def from_response_json(
        cls, json_dict: Any, scope: Any = None
    ) -> DeployableComponentLogs | list[DeployableComponentLogs]:
        """Make log objects from a response.

        Parameters:
            json_dict: One entry, or a list of entries.
            scope: Not used; logs make no requests.

        Returns:
            DeployableComponentLogs | list[DeployableComponentLogs]: One object, or one an entry.
        """
        return super().from_response_json(json_dict, scope)

    @property
    def created_at(self) -> datetime.datetime:
        """When the lines were read, as a ``datetime`` of this machine."""
        if self._created_at is None:
            self._created_at = datetime.datetime.now()
        return self._created_at

    @property
    def instance_key(self) -> str:
        """What tells this run of this instance from all others: name, pod and restart count."""
        parts = (self.instance_name, self.pod_uid, self.restart_count)
        return "|".join("" if part is None else str(part) for part in parts)

    def __repr__(self):
        return (
            f"DeployableComponentLogs({self.instance_name!r}, {len(self.content or '')} characters)"
        )
