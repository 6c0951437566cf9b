"""Request batching of a deployment."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.constants import INFERENCE_BATCHER
from hopsworks.core.serving_resource import ServingResource
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class InferenceBatcher(ServingResource, _native.InferenceBatcher):
    """How single inference requests are put together to batches.

    Parameters:
        enabled (bool | None): Whether requests are batched; not by default.
        max_batch_size (int | None): Largest number of requests in a batch.
        max_latency (int | None): Longest time that a request waits for others, in milliseconds.
        timeout (int | None): Longest time for a batch, in seconds.

    Example:
        ```python
        deployment.inference_batcher = InferenceBatcher(enabled=True, max_batch_size=32, max_latency=20)
        deployment.save()
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        enabled: bool | None = None,
        max_batch_size: int | None = None,
        max_latency: int | None = None,
        timeout: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            enabled=INFERENCE_BATCHER.ENABLED if enabled is None else enabled,
            max_batch_size=max_batch_size,
            max_latency=max_latency,
            timeout=timeout,
        )

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> InferenceBatcher:
        """Make a batcher from a deployment or from its batching configuration alone.

        Parameters:
            json_dict (dict): The JSON.
            scope: Not used; batchers make no requests.

        Returns:
            InferenceBatcher: The batcher.
        """
        given = snake_case_keys(json_dict)
        given = given.get("batching_configuration") or given
        enabled = given.get("batching_enabled", given.get("enabled"))
        return cls(
            enabled, *(given.get(key) for key in ("max_batch_size", "max_latency", "timeout"))
        )

    def to_dict(self) -> dict[str, Any]:
        """The batcher as a deployment carries it.

        Returns:
            dict: One key, ``batchingConfiguration``.
        """
        return {"batchingConfiguration": super().to_dict()}

    def json(self) -> str:
        """The batcher as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        import json

        return json.dumps(self.to_dict())
