"""Feature logging of a deployment."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_COUNTS = (
    "flush_interval_seconds",
    "flush_bytes",
    "max_buffer_bytes",
    "max_event_bytes",
    "shutdown_seconds",
    "batch_rows",
    "batch_bytes",
    "batch_seconds",
    "queue_size",
    "sidecar_memory_mb",
)
_FILE_BUFFER = ("flush_interval_seconds", "flush_bytes", "max_buffer_bytes", "shutdown_seconds")
_ORDER = (
    ("flush_bytes", "max_buffer_bytes"),
    ("max_event_bytes", "max_buffer_bytes"),
    ("batch_rows", "queue_size"),
    ("batch_bytes", "max_event_bytes"),
)


class DeploymentLoggingConfig(ServingResource, _native.DeploymentLoggingConfig):
    """How a deployment logs the features it used; what is None is left to the server.

    Parameters:
        flush_interval_seconds (int | None): Seconds after which buffered rows are written; transport ``"job"`` only.
        flush_bytes (int | None): Bytes of buffered rows that are written at once; transport ``"job"`` only.
        max_buffer_bytes (int | None): Largest buffer; rows beyond it are dropped; transport ``"job"`` only.
        max_event_bytes (int | None): Largest batch in bytes.
        shutdown_seconds (int | None): Seconds to write what is left at the end; transport ``"job"`` only.
        batch_rows (int | None): Rows of a batch.
        batch_seconds (int | None): Seconds that a batch is collected.
        queue_size (int | None): Rows that wait to be logged; rows beyond it are dropped.
        sidecar_cpu (float | None): CPUs of the logging container.
        sidecar_memory_mb (int | None): Memory of the logging container in MiB.
        transport (str | None): ``"realtime"`` or ``"job"``.
        batch_bytes (int | None): Bytes that end a batch.

    Raises:
        ValueError: If a number is not positive, the transport is unknown, or two settings contradict each other.

    Example:
        ```python
        logging = DeploymentLoggingConfig(transport="job", flush_interval_seconds=60)
        model.deploy(script_file="predict.py", feature_logging=logging)
        ```
    """

    __slots__ = ()

    TRANSPORTS = ("realtime", "job")

    def __init__(
        self,
        flush_interval_seconds: int | None = None,
        flush_bytes: int | None = None,
        max_buffer_bytes: int | None = None,
        max_event_bytes: int | None = None,
        shutdown_seconds: int | None = None,
        batch_rows: int | None = None,
        batch_seconds: int | None = None,
        queue_size: int | None = None,
        sidecar_cpu: float | None = None,
        sidecar_memory_mb: int | None = None,
        transport: str | None = None,
        batch_bytes: int | None = None,
    ) -> None:
        super().__init__(
            flush_interval_seconds,
            flush_bytes,
            max_buffer_bytes,
            max_event_bytes,
            shutdown_seconds,
            batch_rows,
            batch_seconds,
            queue_size,
            sidecar_cpu,
            sidecar_memory_mb,
            None if transport is None else str(transport).strip().lower(),
            batch_bytes,
        )
        self.check()

    def check(self) -> None:
        """Check the settings; done when the object is made and before it is sent.

        Raises:
            ValueError: If a number is not positive, the transport is unknown, or two settings contradict each other.
        """
        for name in _COUNTS:
            value = getattr(self, name)
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, int) or value < 1
            ):
                raise ValueError(f"{name} is {value!r}. Pass a whole number of at least 1.")
        cpu = self.sidecar_cpu
        if cpu is not None and (
            isinstance(cpu, bool) or not isinstance(cpu, (int, float)) or cpu <= 0
        ):
            raise ValueError(f"sidecar_cpu is {cpu!r}. Pass a positive number.")
        if self.transport is not None and self.transport not in self.TRANSPORTS:
            raise ValueError(
                f"transport is {self.transport!r}. Use one of {', '.join(self.TRANSPORTS)}."
            )
        buffered = [name for name in _FILE_BUFFER if getattr(self, name) is not None]
        if self.transport == "realtime" and buffered:
            raise ValueError(
                f"{buffered[0]} has no meaning with transport='realtime'. Leave it out, or use transport='job'."
            )
        for smaller, larger in _ORDER:
            low, high = getattr(self, smaller), getattr(self, larger)
            if low is not None and high is not None and low > high:
                raise ValueError(
                    f"{smaller} is {low} and {larger} is {high}. {smaller} must not be larger."
                )

    @classmethod
    def from_response_json(
        cls, json_dict: dict[str, Any], scope: Any = None
    ) -> DeploymentLoggingConfig:
        """Make a configuration from a deployment or from its logging settings alone.

        Parameters:
            json_dict (dict): The JSON.
            scope: Not used; configurations make no requests.

        Returns:
            DeploymentLoggingConfig: The configuration.
        """
        given = snake_case_keys(json_dict)
        given = given.get("feature_logging") or given.get("feature_logging_config") or given
        return cls(**{name: given.get(name) for name in (*_COUNTS, "sidecar_cpu", "transport")})

    def to_dict(self) -> dict[str, Any]:
        """The settings that are set.

        Returns:
            dict: Value by key.

        Raises:
            ValueError: As :meth:`check`.
        """
        self.check()
        return super().to_dict()

    def json(self) -> str:
        """The configuration as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())
