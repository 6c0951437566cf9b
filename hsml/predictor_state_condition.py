"""The step that a deployment has reached."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class PredictorStateCondition(ServingResource, _native.PredictorStateCondition):
    """The step that a deployment has reached, with the reason.

    Attributes:
        type (str): ``STOPPED``, ``SCHEDULED``, ``INITIALIZED``, ``STARTED`` or ``READY``.
        status (bool | None): True when the step is done, False when it failed, None while it goes on.
        reason (str | None): What happens, in words.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The condition as a deployment carries it.

        Returns:
            dict: One key, ``condition``.
        """
        return {"condition": {"type": self.type, "status": self.status, "reason": self.reason}}

    def json(self) -> str:
        """The condition as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        import json

        return json.dumps(self.to_dict())

    def __repr__(self):
        return f"PredictorStateCondition(type: {(self.type or '').capitalize()!r}, status: {self.status!r})"
