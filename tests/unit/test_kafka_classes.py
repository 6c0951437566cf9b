"""Kafka topics and schemas as objects, and errors of the schema registry, without a server."""

from __future__ import annotations

import json
import sys
from typing import Any

import hopsworks_common.core.kafka_api
import hopsworks_common.core.opensearch
import hopsworks_common.core.opensearch_api
import pytest

import hsfs.core.kafka_api
import hsfs.core.opensearch
import hsfs.core.opensearch_api
import hsml.kafka_topic
from hopsworks import constants
from hopsworks.client.exceptions import ConflictError, RestAPIError, from_native
from hopsworks.client.response import Response
from hopsworks.core.kafka_api import KafkaApi
from hopsworks.core.opensearch import OpensearchRequestOption
from hopsworks.core.opensearch_api import OpenSearchApi
from hopsworks.kafka_schema import KafkaSchema
from hopsworks.kafka_topic import KafkaTopic

TOPIC = {
    "name": "clicks",
    "numOfReplicas": 2,
    "numOfPartitions": 3,
    "schemaName": "click",
    "schemaVersion": 4,
    "shared": False,
    "ownerProjectId": 119,
}
SCHEMA = {"id": 1, "subject": "click", "version": 2, "schema": '"int"'}


def test_the_classes_are_the_same_under_every_name() -> None:
    assert hsfs.core.kafka_api.KafkaApi is KafkaApi
    assert hopsworks_common.core.kafka_api.KafkaApi is KafkaApi
    assert hsfs.core.opensearch_api.OpenSearchApi is OpenSearchApi
    assert hopsworks_common.core.opensearch_api.OPENSEARCH_CONFIG is constants.OPENSEARCH_CONFIG
    assert hsfs.core.opensearch_api.OPENSEARCH_CONFIG is constants.OPENSEARCH_CONFIG
    assert hsfs.core.opensearch.OpensearchRequestOption is OpensearchRequestOption
    assert hopsworks_common.core.opensearch.OpensearchRequestOption is OpensearchRequestOption
    assert hsml.kafka_topic.KafkaTopic is KafkaTopic


def test_a_topic_of_a_response() -> None:
    topic = KafkaTopic.from_response_json(TOPIC)
    assert (topic.name, topic.num_replicas, topic.num_partitions) == ("clicks", 2, 3)
    assert (topic.replicas, topic.partitions, topic.topic_num_partitions) == (2, 3, 3)
    assert (topic.schema_name, topic.schema_version, topic.schema_content) == ("click", 4, None)
    assert (topic.shared, topic.accepted, topic.owner_project_id) == (False, None, 119)
    wire = {"kafkaTopicDTO": {"name": "clicks", "numOfReplicas": 2, "numOfPartitions": 3}}
    assert topic.to_dict() == json.loads(topic.json()) == wire
    found = KafkaTopic.from_response_json({"count": 2, "items": [TOPIC, {"name": "other"}]})
    assert [one.name for one in found] == ["clicks", "other"]
    assert KafkaTopic.from_response_json({"count": 0}) == []


def test_other_spellings_of_the_numbers_of_a_topic() -> None:
    expected = KafkaTopic("clicks", num_replicas=2, num_partitions=3)
    for replicas, partitions in (
        ("numReplicas", "numPartitions"),
        ("num_of_replicas", "num_of_partitions"),
        ("num_replicas", "num_partitions"),
    ):
        wire = {"name": "clicks", replicas: 2, partitions: 3}
        assert KafkaTopic.from_response_json(wire) == expected
        assert KafkaTopic.from_json(wire) == expected
    assert KafkaTopic.extract_fields_from_json({"name": "clicks", "num_partitions": 4}) == {
        "name": "clicks",
        "num_replicas": None,
        "num_partitions": 4,
    }


def test_a_topic_is_changed_and_brought_up_to_date() -> None:
    topic = KafkaTopic("clicks", 1, 1, "click", 1)
    topic.topic_num_partitions = 5
    topic.num_replicas = 2
    topic.name = "views"
    assert (topic.partitions, topic.replicas, topic.name) == (5, 2, "views")
    assert topic.update_from_response_json(TOPIC) is topic
    assert (topic.name, topic.schema_version, topic.partitions) == ("clicks", 4, 3)


def test_a_topic_describes_itself(capsys: pytest.CaptureFixture[str]) -> None:
    KafkaTopic.from_response_json(TOPIC).describe()
    shown = json.loads(capsys.readouterr().out)
    assert shown == {
        "kafka_topic_dto": {"name": "clicks", "num_of_replicas": 2, "num_of_partitions": 3}
    }


def test_a_schema_of_a_response() -> None:
    schema = KafkaSchema.from_response_json(SCHEMA)
    assert (schema.id, schema.subject, schema.version, schema.schema) == (1, "click", 2, '"int"')
    assert repr(schema) == "KafkaSchema('click', 2)"
    assert json.loads(schema.json()) == SCHEMA
    assert schema.update_from_response_json({"id": 9, "subject": "view", "version": 1}) is schema
    assert (schema.id, schema.subject, schema.version, schema.schema) == (9, "view", 1, None)
    found = KafkaSchema.from_response_json({"count": 1, "items": [SCHEMA]})
    assert [one.version for one in found] == [2]
    assert KafkaSchema.from_response_json({"count": 0}) == []
    made = KafkaSchema(1, "click", 2, '"int"', "AVRO", unknown=5)
    assert made.to_dict() == SCHEMA


def test_errors_of_the_registry_are_read() -> None:
    body = json.dumps({"error_code": 40901, "message": "Incompatible."}).encode()
    error: Any = from_native(
        "HTTP", "", url="https://h/x", status=409, reason="Conflict", body=body, service_code=40901
    )
    assert isinstance(error, ConflictError)
    assert error.error_code == 40901
    assert "Incompatible." in str(error)
    assert (
        RestAPIError("u", Response("u", 422, "", {}, b'{"error_code": 42201}')).error_code == 42201
    )


def test_a_missing_opensearch_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'hopsworks\[opensearch\]'"):
        OpensearchRequestOption.get_version()
