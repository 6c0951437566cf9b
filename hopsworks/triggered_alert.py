"""Alerts that have gone off."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.collection import one_or_all
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

AlertStatus = _native.AlertStatus

_SHOWN = (
    "labels",
    "annotations",
    "receivers",
    "fingerprint",
    "starts_at",
    "ends_at",
    "updated_at",
    "generatorurl",
)


class TriggeredAlert(_native.TriggeredAlert):
    """An alert that has gone off; :meth:`hopsworks.core.alerts_api.AlertsApi.get_triggered_alerts` finds them.

    Example:
        ```python
        for alert in project.get_alerts_api().get_triggered_alerts():
            text = f"{alert.labels['alertname']} since {alert.starts_at}: {alert.annotations['summary']}"
        ```
    """

    __slots__ = ()

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make alerts of what a server sent.

        Parameters:
            json_dict: One alert, or a collection of them.
            scope: Not used; alerts make no requests.

        Returns:
            The alert, or a list for a collection.
        """
        return one_or_all(super().from_response_json, json_dict, scope)

    def _after_decode(self) -> None:
        # Programs know the keys of labels in this spelling, such as `execution_id`.
        for name in ("labels", "annotations", "receivers"):
            self._set(**{name: snake_case_keys(getattr(self, name))})

    def to_dict(self) -> dict[str, Any]:
        """The alert by the names of its attributes.

        Returns:
            dict: A value, or None, for each attribute; `status` is a dict as it came.
        """
        found = {name: getattr(self, name) for name in _SHOWN}
        found["status"] = None if self.status is None else self.status.to_dict()
        return found

    def json(self) -> str:
        """The alert as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __str__(self) -> str:
        return self.json()
