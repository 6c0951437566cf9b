"""Avro schemas of Kafka messages."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.core.collection import one_or_all
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class KafkaSchema(_native.KafkaSchema):
    """One version of the Avro schema of a subject; :class:`hopsworks.core.kafka_api.KafkaApi` registers and finds them.

    Example:
        ```python
        schema = project.get_kafka_api().get_schema("click", 1)
        fields = json.loads(schema.schema)["fields"]
        ```
    """

    __slots__ = ()

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Any:
        """Make schemas from what a server sent.

        Parameters:
            json_dict: One schema, or a collection of them.
            scope: Where their requests go; None for the default connection.

        Returns:
            The schema, or a list for a collection.
        """
        return one_or_all(super().from_response_json, json_dict, scope)

    def update_from_response_json(self, json_dict: Any) -> KafkaSchema:
        """Take over what a response says.

        Parameters:
            json_dict: One schema as the server sends it.

        Returns:
            This schema.
        """
        super().update_from_response_json(json_dict)
        return self

    def delete(self) -> None:
        """Remove this version of the schema.

        Raises:
            NotFoundError: There is no such version any more.
            RestAPIError: The server refuses, for example because a topic uses the schema.

        Example:
            ```python
            project.get_kafka_api().get_schema("click", 1).delete()
            ```
        """
        scope_of(self).call("kafka.schema.delete", subject=self.subject, version=self.version)

    def __repr__(self) -> str:
        return f"KafkaSchema({self.subject!r}, {self.version!r})"
