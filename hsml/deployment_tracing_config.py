"""Tracing of the requests of a deployment."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class DeploymentTracingConfig(ServingResource, _native.DeploymentTracingConfig):
    """Whether and where the requests of a deployment are traced.

    Parameters:
        enabled (bool | None): Whether requests are traced; None leaves it to the server.
        otel_tracing_storage (str | None): Where traces are kept: ``"online"``, ``"offline"`` or ``"both"``.
        input_token_price_per_million_tokens (float | None): Price of a million input tokens, to compute costs.
        output_token_price_per_million_tokens (float | None): Price of a million output tokens, to compute costs.

    Raises:
        ValueError: If the storage is another word.

    Example:
        ```python
        tracing = DeploymentTracingConfig(enabled=True, otel_tracing_storage="both")
        ms.create_predictor(model, script_file="predict.py", tracing=tracing)
        ```
    """

    __slots__ = ()

    STORAGE_ONLINE = "online"
    STORAGE_OFFLINE = "offline"
    STORAGE_BOTH = "both"
    VALID_STORAGES = (STORAGE_ONLINE, STORAGE_OFFLINE, STORAGE_BOTH)

    def __init__(
        self,
        enabled: bool | None = None,
        otel_tracing_storage: str | None = STORAGE_ONLINE,
        input_token_price_per_million_tokens: float | None = None,
        output_token_price_per_million_tokens: float | None = None,
    ) -> None:
        storage = self.STORAGE_ONLINE if otel_tracing_storage is None else otel_tracing_storage
        if storage not in self.VALID_STORAGES:
            raise ValueError(
                f"otel_tracing_storage is {storage!r}. Use one of {', '.join(self.VALID_STORAGES)}."
            )
        super().__init__(
            enabled=enabled,
            otel_tracing_storage=storage,
            input_token_price_per_million_tokens=input_token_price_per_million_tokens,
            output_token_price_per_million_tokens=output_token_price_per_million_tokens,
        )

    @classmethod
    def from_response_json(
        cls, json_dict: dict[str, Any], scope: Any = None
    ) -> DeploymentTracingConfig:
        """Make a configuration from a deployment or from its tracing settings alone.

        Parameters:
            json_dict (dict): The JSON.
            scope: Not used; configurations make no requests.

        Returns:
            DeploymentTracingConfig: The configuration.
        """
        given = snake_case_keys(json_dict)
        given = given.get("tracing") or given.get("tracing_config") or given
        prices = []
        for kind in ("input", "output"):
            price = given.get(f"{kind}_token_price_per_million_tokens")
            prices.append(
                given.get(f"otel_{kind}_token_price_per_million") if price is None else price
            )
        return cls(given.get("enabled"), given.get("otel_tracing_storage"), *prices)

    def json(self) -> str:
        """The configuration as JSON text.

        Returns:
            str: JSON of ``to_dict()``.
        """
        return json.dumps(self.to_dict())
