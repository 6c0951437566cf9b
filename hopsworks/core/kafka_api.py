"""The Kafka of a project: topics, the Avro schemas of their messages, and the settings that a Kafka client needs."""

from __future__ import annotations

import json
import re

from hopsworks.client.exceptions import KafkaException
from hopsworks.constants import KAFKA_CONSUMER_CONFIG, KAFKA_PRODUCER_CONFIG, KAFKA_SSL_CONFIG
from hopsworks.core.arguments import checked_text
from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.kafka_schema import KafkaSchema
    from hopsworks.kafka_topic import KafkaTopic

_TOPIC_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")


class KafkaApi(Service):
    """Topics and schemas of one project; from :meth:`hopsworks.project.Project.get_kafka_api`.

    Example:
        ```python
        import hopsworks

        kafka_api = hopsworks.login(host="local").get_kafka_api()
        fields = [{"name": "id", "type": "long"}, {"name": "page", "type": "string"}]
        schema = kafka_api.create_schema("click", {"type": "record", "name": "click", "fields": fields})
        topic = kafka_api.create_topic("clicks", schema.subject, schema.version)
        ```
    """

    __slots__ = ()

    # ----------------------------------------------------------------------------------------------- topics

    def create_topic(
        self,
        name: str,
        schema: str,
        schema_version: int,
        replicas: int = 1,
        partitions: int = 1,
    ) -> KafkaTopic:
        """Make a topic.

        Parameters:
            name: Name of the topic: letters, digits, `.`, `_` and `-`.
            schema: Subject of the schema of its messages.
            schema_version: Version of that schema.
            replicas: Replicas of each partition; at most the number of brokers.
            partitions: Partitions.

        Returns:
            The new :class:`hopsworks.kafka_topic.KafkaTopic`.

        Raises:
            TypeError: If an argument is of another type; nothing is sent.
            ValueError: If a name or number cannot be; nothing is sent.
            ConflictError: If there is a topic of that name.
            NotFoundError: If there is no such schema.

        Example:
            ```python
            topic = kafka_api.create_topic("clicks", "click", 1, partitions=4)
            ```
        """
        checked_text(name, "name", "Pass the name of the topic.")
        if not _TOPIC_NAME.fullmatch(name) or name in (".", ".."):
            raise ValueError(
                f"name is {name!r}, which no topic can have. Choose 1 to 249 letters, digits, '.', '_' and '-'."
            )
        _check_subject(schema, "schema")
        for number, argument in (
            (schema_version, "schema_version"),
            (replicas, "replicas"),
            (partitions, "partitions"),
        ):
            _check_count(number, argument)
        body = {
            "name": name,
            "schemaName": schema,
            "schemaVersion": schema_version,
            "numOfReplicas": replicas,
            "numOfPartitions": partitions,
        }
        return self._call("kafka.topic.create", body)

    def get_topic(self, name: str) -> KafkaTopic | None:
        """Find a topic.

        Parameters:
            name: Name of the topic.

        Returns:
            The :class:`hopsworks.kafka_topic.KafkaTopic`; None when the project has none of that name.

        Raises:
            RestAPIError: If the server refuses.
        """
        return next((topic for topic in self.get_topics() if topic.name == name), None)

    def get_topics(self) -> list[KafkaTopic]:
        """List the topics of the project.

        Returns:
            A list of :class:`hopsworks.kafka_topic.KafkaTopic`.

        Raises:
            RestAPIError: If the server refuses.

        Example:
            ```python
            names = [topic.name for topic in kafka_api.get_topics()]
            ```
        """
        return self._call("kafka.topic.list")

    # ---------------------------------------------------------------------------------------------- schemas

    def create_schema(self, subject: str, schema: dict) -> KafkaSchema:
        """Register an Avro schema as the next version of a subject.

        A schema that the subject has already gets no new version. One that cannot read what was written with the newest
        version is refused.

        Parameters:
            subject: Name under which the versions are kept.
            schema: The Avro schema: a dict, or the JSON text of an object.

        Returns:
            The :class:`hopsworks.kafka_schema.KafkaSchema` as it is stored, with its version.

        Raises:
            TypeError: If subject or schema is of another type; nothing is sent.
            ValueError: If the subject is empty or the schema is no JSON object; nothing is sent.
            ConflictError: If the schema is not compatible with the version before it.
            RestAPIError: If it is no Avro schema.

        Example:
            ```python
            fields = [{"name": "id", "type": "long"}]
            schema = kafka_api.create_schema("click", {"type": "record", "name": "click", "fields": fields})
            assert schema.version == 1
            ```
        """
        _check_subject(subject, "subject")
        body = {"schema": _schema_text(subject, schema)}
        made = self._call("kafka.schema.create", body, subject=subject)
        # The answer has no text: it is asked for, in the spelling that the registry keeps.
        return self._call("kafka.schema.get", subject=made.subject, version=made.version)

    def get_schemas(self, subject: str) -> list[KafkaSchema]:
        """List the versions of a subject.

        Parameters:
            subject: Name of the subject.

        Returns:
            A list of :class:`hopsworks.kafka_schema.KafkaSchema`, oldest first.

        Raises:
            NotFoundError: If there is no such subject.

        Example:
            ```python
            newest = kafka_api.get_schemas("click")[-1]
            ```
        """
        _check_subject(subject, "subject")
        versions = self._call("kafka.schema.versions", subject=subject)
        return [self._call("kafka.schema.get", subject=subject, version=v) for v in versions]

    def get_schema(self, subject: str, version: int) -> KafkaSchema | None:
        """Find one version of a schema.

        Parameters:
            subject: Name of the subject.
            version: Number of the version.

        Returns:
            The :class:`hopsworks.kafka_schema.KafkaSchema`; None when the subject has no such version.

        Raises:
            TypeError: If the version is no whole number; nothing is sent.
            ValueError: If the version is less than 1; nothing is sent.
            NotFoundError: If there is no such subject.

        Example:
            ```python
            schema = kafka_api.get_schema("click", 1)
            ```
        """
        _check_subject(subject, "subject")
        _check_count(version, "version")
        return self._call("kafka.schema.find", subject=subject, version=version)

    def get_subjects(self) -> list[str]:
        """List the subjects whose schemas the topics of the project use.

        Returns:
            Names of subjects, each once.

        Raises:
            RestAPIError: If the server refuses.
        """
        return list(
            dict.fromkeys(topic.schema_name for topic in self.get_topics() if topic.schema_name)
        )

    def get_subject(
        self,
        feature_store_id: int,
        subject: str,
        version: str | int = "latest",
    ) -> dict[str, Any]:
        """Read a schema by way of a feature store, which keeps one for each feature group that takes rows from Kafka.

        Parameters:
            feature_store_id: Number of the feature store.
            subject: Name of the subject; that of a feature group is `<name>_<version>`.
            version: Number of the version of the schema, or `"latest"`.

        Returns:
            dict: `id`, `subject`, `version` and `schema`, the Avro schema as JSON text.

        Raises:
            TypeError: If the version is neither `"latest"` nor a whole number; nothing is sent.
            NotFoundError: If there is no such schema.

        Example:
            ```python
            fs = project.get_feature_store()
            avro = json.loads(kafka_api.get_subject(fs.id, "trips_1")["schema"])
            ```
        """
        _check_subject(subject, "subject")
        if version != "latest":
            _check_count(version, "version")
        return self._call(
            "kafka.subject.get",
            feature_store_id=feature_store_id,
            subject=subject,
            version=version,
        )

    # --------------------------------------------------------------------------------------------- settings

    def get_default_config(self, internal_kafka: bool | None = None) -> dict[str, str]:
        """Settings for a Kafka client built on librdkafka, such as that of the package `confluent-kafka`.

        They name the brokers and the certificates of the project, in files that exist as long as the connection is
        open.

        Parameters:
            internal_kafka: Use the addresses for programs inside the cluster (True) or outside of it (False); None for
                where this program runs.

        Returns:
            Value by name of setting; consumers take `group.id`, producers pass over it.

        Raises:
            KafkaException: If there are no brokers to connect to.
            PermissionError: If the certificates cannot be written.
            RestAPIError: If the server refuses.

        Example:
            ```python
            from confluent_kafka import Producer

            producer = Producer(project.get_kafka_api().get_default_config())
            producer.produce("clicks", b"...")
            ```
        """
        import os

        from hopsworks import certificates

        session = self._session
        external = (
            not session.connection.is_internal if internal_kafka is None else not internal_kafka
        )
        brokers = self._call("kafka.brokers", external=external).get("brokers")
        if not brokers:
            raise KafkaException(
                f"There are no Kafka brokers for programs {'outside' if external else 'inside'} the cluster. The embedded "
                "server has none: it keeps topics and schemas only. On a cluster, ask an administrator to open "
                f"listeners for them, or pass internal_kafka={external} if this program reaches the "
                f"{'internal' if external else 'external'} ones."
            )
        own = certificates.project_certificates(session)
        return {
            KAFKA_SSL_CONFIG.SECURITY_PROTOCOL_CONFIG: KAFKA_SSL_CONFIG.SSL,
            KAFKA_SSL_CONFIG.SSL_CA_LOCATION_CONFIG: own.path(certificates.CA_CHAIN),
            KAFKA_SSL_CONFIG.SSL_CERTIFICATE_LOCATION_CONFIG: own.path(
                certificates.CLIENT_CERTIFICATE
            ),
            KAFKA_SSL_CONFIG.SSL_PRIVATE_KEY_LOCATION_CONFIG: own.path(certificates.CLIENT_KEY),
            # Brokers answer under addresses that their certificates do not name.
            KAFKA_SSL_CONFIG.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG: "none",
            KAFKA_CONSUMER_CONFIG.CLIENT_ID_CONFIG: os.uname().nodename,
            KAFKA_CONSUMER_CONFIG.GROUP_ID_CONFIG: "my-group-id",
            KAFKA_PRODUCER_CONFIG.BOOTSTRAP_SERVERS_CONFIG: ",".join(brokers),
        }


def _check_subject(subject: Any, argument: str) -> None:
    checked_text(subject, argument, "Pass the name of the subject of a schema.")


def _check_count(number: Any, argument: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(
            f"{argument} is of type {type(number).__name__}, not int. Pass a whole number from 1 up."
        )
    if number < 1:
        raise ValueError(f"{argument} is {number}. Pass a whole number from 1 up.")


def _schema_text(subject: str, schema: Any) -> str:
    """The JSON text of an Avro schema that the user passed as a dict or as text."""
    if isinstance(schema, str):
        try:
            if isinstance(json.loads(schema), dict):
                return schema
        except ValueError as error:
            raise ValueError(
                f"The schema of subject '{subject}' is no JSON: {error}. Pass a dict or JSON text."
            ) from None
        raise ValueError(
            f"The schema of subject '{subject}' is JSON, but no object. Pass a dict, or the JSON text of an object."
        )
    if not isinstance(schema, dict):
        raise TypeError(
            f"The schema of subject '{subject}' is of type {type(schema).__name__}. Pass a dict, or the JSON text of an "
            "object."
        )
    try:
        return json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The schema of subject '{subject}' cannot be written as JSON: {error}. Avro schemas are dicts, lists, texts "
            "and numbers."
        ) from None
