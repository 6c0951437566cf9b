"""Inference logging of a deployment."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.constants import DEFAULT, INFERENCE_LOGGER
from hopsworks.core.serving_resource import ServingResource, as_instance
from hopsworks.kafka_topic import KafkaTopic
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.constants import Default


_MODES = (
    INFERENCE_LOGGER.MODE_ALL,
    INFERENCE_LOGGER.MODE_MODEL_INPUTS,
    INFERENCE_LOGGER.MODE_NONE,
    INFERENCE_LOGGER.MODE_PREDICTIONS,
)


class InferenceLogger(ServingResource, _native.InferenceLogger):
    """Which requests and answers of a deployment go to a Kafka topic.

    Parameters:
        kafka_topic (KafkaTopic | dict | Default | None): Topic that receives the logs; a new one by default.
        mode (str | None): ``"ALL"``, ``"MODEL_INPUTS"``, ``"PREDICTIONS"`` or ``"NONE"``.

    Raises:
        ValueError: If the mode is another word.

    Example:
        ```python
        deployment.inference_logger = InferenceLogger(mode="PREDICTIONS")
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        kafka_topic: KafkaTopic | dict[str, Any] | Default | None = DEFAULT,
        mode: str | None = INFERENCE_LOGGER.MODE_ALL,
        **kwargs: Any,
    ) -> None:
        if mode is not None and mode not in _MODES:
            raise ValueError(
                f"The inference logging mode {mode!r} does not exist. Use one of {', '.join(_MODES)}."
            )
        topic = as_instance(kafka_topic, KafkaTopic, "kafka_topic")
        super().__init__(
            kafka_topic=topic,
            mode=INFERENCE_LOGGER.MODE_NONE if topic is None or mode is None else mode,
        )

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> InferenceLogger:
        """Make a logger from a deployment or from its logging settings alone.

        Parameters:
            json_dict (dict): The JSON.
            scope: Not used; loggers make no requests.

        Returns:
            InferenceLogger: The logger.
        """
        given = snake_case_keys(json_dict)
        topic = (
            given.get("kafka_topic_dto") or given.get("kafka_topicdto") or given.get("kafka_topic")
        )
        return cls(topic, given.get("inference_logging", given.get("mode")))

    def to_dict(self) -> dict[str, Any]:
        """The logger as a deployment carries it.

        Returns:
            dict: ``inferenceLogging`` and, with a topic, ``kafkaTopicDTO``.
        """
        topic = self.kafka_topic.to_dict() if self.kafka_topic is not None else {}
        return {"inferenceLogging": self.mode, **topic}

    def json(self) -> str:
        """The logger as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        import json

        return json.dumps(self.to_dict())
