"""Kafka topics, as deployments name them for their inference logs."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.constants import KAFKA_TOPIC
from hsml.core.serving_resource import ServingResource

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class KafkaTopic(ServingResource, _native.KafkaTopic):
    """A Kafka topic.

    Parameters:
        name (str | None): Name of the topic; ``"CREATE"`` asks the server for a new one, ``"NONE"`` for none.
        num_replicas (int | None): Replicas of each partition; 1 for a new topic.
        num_partitions (int | None): Partitions; 1 for a new topic.

    Example:
        ```python
        from hopsworks.kafka_topic import KafkaTopic
        from hsml.inference_logger import InferenceLogger

        logger = InferenceLogger(KafkaTopic("churn_requests"), mode="PREDICTIONS")
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        name: str | None = KAFKA_TOPIC.CREATE,
        num_of_replicas: Any = None,
        num_of_partitions: Any = None,
        schema_name: Any = None,
        schema_version: Any = None,
        schema_content: Any = None,
        shared: Any = None,
        accepted: Any = None,
        type: Any = None,
        href: Any = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        num_replicas: int | None = None,
        num_partitions: int | None = None,
        **kwargs: Any,
    ) -> None:
        replicas = num_of_replicas or num_replicas
        partitions = num_of_partitions or num_partitions
        if name is None or name == KAFKA_TOPIC.NONE:
            replicas = partitions = None
        elif name == KAFKA_TOPIC.CREATE:
            replicas = KAFKA_TOPIC.NUM_REPLICAS if replicas is None else replicas
            partitions = KAFKA_TOPIC.NUM_PARTITIONS if partitions is None else partitions
        super().__init__(name=name, num_replicas=replicas, num_partitions=partitions)

    def to_dict(self) -> dict[str, Any]:
        """The topic as a deployment carries it.

        Returns:
            dict: One key, ``kafkaTopicDTO``.
        """
        return {
            "kafkaTopicDTO": {
                "name": self.name,
                "numOfReplicas": self.num_replicas,
                "numOfPartitions": self.num_partitions,
            }
        }

    @classmethod
    def _argument_names(cls):
        return ("name", "num_replicas", "num_partitions")

    @property
    def replicas(self) -> int | None:
        """Number of replicas of each partition."""
        return self.num_replicas

    @property
    def partitions(self) -> int | None:
        """Number of partitions."""
        return self.num_partitions
