"""Kafka topics: those of a project, and those that deployments name for their inference logs."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.client.exceptions import KafkaException
from hopsworks.constants import KAFKA_TOPIC
from hopsworks.core.collection import one_or_all
from hopsworks.core.serving_resource import ServingResource
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.kafka_schema import KafkaSchema


class KafkaTopic(ServingResource, _native.KafkaTopic):
    """A Kafka topic. :class:`hopsworks.core.kafka_api.KafkaApi` makes and finds those of a project.

    One that the user builds tells a deployment where its inference logs go.

    Parameters:
        name (str | None): Name of the topic; ``"CREATE"`` asks the server for a new one, ``"NONE"`` for none.
        num_replicas (int | None): Replicas of each partition; 1 for a new topic.
        num_partitions (int | None): Partitions; 1 for a new topic.
        schema_name (str | None): Subject of the schema of its messages.
        schema_version (int | None): Version of that schema.

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
        super().__init__(
            name=name,
            num_replicas=replicas,
            num_partitions=partitions,
            schema_name=schema_name,
            schema_version=schema_version,
            schema_content=schema_content,
            shared=shared,
            accepted=accepted,
        )

    def _after_decode(self) -> None:
        self.num_replicas = self.num_replicas or self._replicas
        self.num_partitions = self.num_partitions or self._partitions
        self._replicas = self._partitions = None

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make topics from what a server sent.

        Parameters:
            json_dict: One topic, or a collection of them.
            scope: Where their requests go; None for the default connection.

        Returns:
            The topic, or a list for a collection.
        """
        return one_or_all(super().from_response_json, json_dict, scope)

    @property
    def schema(self) -> KafkaSchema:
        """The Avro schema of its messages, asked for each time; KafkaException when the topic has none."""
        if not self.schema_name or not self.schema_version:
            raise KafkaException(
                f"The topic {self.name!r} has no schema. Topics get theirs when they are made: "
                "create_topic(name, schema, schema_version)."
            )
        return scope_of(self).call(
            "kafka.schema.get", subject=self.schema_name, version=self.schema_version
        )

    def delete(self) -> None:
        """Remove the topic with its messages. They cannot be recovered.

        Raises:
            NotFoundError: The project has no such topic.
            RestAPIError: The server refuses.

        Example:
            ```python
            project.get_kafka_api().get_topic("clicks").delete()
            ```
        """
        scope_of(self).call("kafka.topic.delete", name=self.name)

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

    @property
    def topic_num_partitions(self) -> int | None:
        """Number of partitions, under another name."""
        return self.num_partitions

    @topic_num_partitions.setter
    def topic_num_partitions(self, topic_num_partitions: int | None) -> None:
        self.num_partitions = topic_num_partitions
