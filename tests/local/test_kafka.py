"""Kafka topics and schemas against the local server: what is kept, what is refused, and what is not even sent."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hopsworks
from hopsworks import certificate_folders
from hopsworks.client.exceptions import (
    ConflictError,
    KafkaException,
    NotFoundError,
    RestAPIError,
)
from hopsworks.core.kafka_api import KafkaApi
from hopsworks.kafka_topic import KafkaTopic
from hsfs.feature import Feature

CLICK = {"type": "record", "name": "click", "fields": [{"name": "id", "type": "long"}]}


def wider(**more: Any) -> dict[str, Any]:
    return {**CLICK, "fields": [*CLICK["fields"], {"name": "page", "type": "string", **more}]}


@pytest.fixture
def kafka(project: Any) -> KafkaApi:
    return project.get_kafka_api()


@pytest.fixture
def sent(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The requests since the last call, "VERB path" each."""
    caplog.set_level(logging.DEBUG, logger="hopsworks.http")

    def lines() -> list[str]:
        found = [
            r.getMessage().split(" at ")[0] for r in caplog.records if r.name == "hopsworks.http"
        ]
        caplog.clear()
        return [line.replace("/hopsworks-api/api/project/", "") for line in found]

    return lines


def test_a_topic_keeps_its_schema(kafka: KafkaApi, project: Any, sent: Any) -> None:
    schema = kafka.create_schema("click", CLICK)
    assert (schema.subject, schema.version, json.loads(schema.schema)) == ("click", 1, CLICK)
    sent()
    made = kafka.create_topic("clicks.all_1-a", schema.subject, schema.version, partitions=3)
    assert (made.name, made.schema_name, made.schema_version) == ("clicks.all_1-a", "click", 1)
    assert (made.replicas, made.topic_num_partitions, made.shared) == (1, 3, False)
    assert sent() == [f"POST {project.id}/kafka/topics"]
    found = kafka.get_topic("clicks.all_1-a")
    assert found.to_dict() == made.to_dict()
    assert sent() == [f"GET {project.id}/kafka/topics"]
    assert (found.schema.id, found.schema.version) == (schema.id, 1)
    assert sent() == [f"GET {project.id}/kafka/subjects/click/versions/1"] * 2
    kafka.create_topic("other", "click", 1)
    kafka.create_schema("view", CLICK)
    kafka.create_topic("views", "view", 1)
    assert [topic.name for topic in kafka.get_topics()] == ["clicks.all_1-a", "other", "views"]
    assert kafka.get_subjects() == ["click", "view"]
    assert kafka.get_topic("nowhere") is None
    found.delete()
    assert kafka.get_topic("clicks.all_1-a") is None
    with pytest.raises(NotFoundError) as raised:
        found.delete()
    assert raised.value.error_code == 190000


def test_versions_of_a_schema(kafka: KafkaApi, project: Any, sent: Any) -> None:
    first = kafka.create_schema("click/ü", json.dumps(CLICK))
    sent()
    assert kafka.create_schema("click/ü", dict(reversed(CLICK.items()))).version == 1
    assert len(sent()) == 2
    second = kafka.create_schema("click/ü", wider(default=""))
    assert (second.version, second.id > first.id) == (2, True)
    assert kafka.create_schema("other", CLICK).id == first.id
    assert [schema.version for schema in kafka.get_schemas("click/ü")] == [1, 2]
    assert json.loads(kafka.get_schema("click/ü", 2).schema) == wider(default="")
    assert kafka.get_schema("click/ü", 3) is None
    first.delete()
    assert [schema.version for schema in kafka.get_schemas("click/ü")] == [2]
    second.delete()
    for read in (lambda: kafka.get_schemas("click/ü"), lambda: kafka.get_schema("click/ü", 2)):
        with pytest.raises(NotFoundError, match="There is no schema for the subject") as raised:
            read()
        assert raised.value.error_code == 40401
    with pytest.raises(NotFoundError):
        second.delete()


def test_a_schema_must_read_what_the_newest_wrote(kafka: KafkaApi) -> None:
    kafka.create_schema("click", CLICK)
    with pytest.raises(ConflictError) as raised:
        kafka.create_schema("click", wider())
    assert raised.value.error_code == 40901
    assert "written with version 1 of 'click': the field 'page' of record click is new" in str(
        raised.value
    )
    kafka.create_schema("click", wider(default=""))
    # The first version could not be read with this one, but only the newest counts.
    assert kafka.create_schema("click", wider()).version == 3


def test_errors_of_the_registry_tell_code_and_reason(kafka: KafkaApi) -> None:
    with pytest.raises(RestAPIError) as raised:
        kafka.create_schema("click", {"type": "record", "name": "click"})
    assert raised.value.error_code == 42201
    assert "no Avro: the 'fields' of record click are missing" in str(raised.value)
    assert raised.value.response.status_code == 422


def test_what_topics_are_refused(kafka: KafkaApi) -> None:
    kafka.create_schema("click", CLICK)
    kafka.create_topic("clicks", "click", 1)
    with pytest.raises(ConflictError) as raised:
        kafka.create_topic("clicks", "click", 1)
    assert raised.value.error_code == 190002
    for subject, version in (("click", 2), ("clack", 1)):
        with pytest.raises(NotFoundError, match="Register it first") as raised:
            kafka.create_topic("more", subject, version)
        assert raised.value.error_code == 190006
    with pytest.raises(RestAPIError, match="one copy only") as raised:
        kafka.create_topic("more", "click", 1, replicas=2)
    assert raised.value.error_code == 190005
    with pytest.raises(RestAPIError, match="Delete the topic first") as raised:
        kafka.get_schema("click", 1).delete()
    assert (raised.value.error_code, raised.value.response.status_code) == (190014, 412)
    assert [topic.name for topic in kafka.get_topics()] == ["clicks"]


def test_a_topic_without_schema(kafka: KafkaApi, project: Any, api: Any) -> None:
    api.call("POST", f"project/{project.id}/kafka/topics", 201, json={"name": "plain"})
    topic = kafka.get_topic("plain")
    assert (topic.num_replicas, topic.num_partitions, topic.schema_name) == (1, 1, None)
    with pytest.raises(KafkaException, match="'plain' has no schema"):
        topic.schema
    assert kafka.get_subjects() == []


BAD: list[tuple[Callable[[KafkaApi], Any], type[Exception], str]] = [
    (lambda k: k.create_topic("", "click", 1), ValueError, "name is empty"),
    (lambda k: k.create_topic(None, "click", 1), TypeError, "name is of type NoneType"),
    (lambda k: k.create_topic("a b", "click", 1), ValueError, "'a b', which no topic can have"),
    (lambda k: k.create_topic("..", "click", 1), ValueError, "which no topic can have"),
    (lambda k: k.create_topic("a" * 250, "click", 1), ValueError, "1 to 249 letters"),
    (lambda k: k.create_topic("a", CLICK, 1), TypeError, "schema is of type dict"),
    (lambda k: k.create_topic("a", "click", "1"), TypeError, "schema_version is of type str"),
    (lambda k: k.create_topic("a", "click", 1, 0), ValueError, "replicas is 0"),
    (lambda k: k.create_topic("a", "click", 1, partitions=True), TypeError, "partitions is of"),
    (lambda k: k.create_schema("", CLICK), ValueError, "subject is empty"),
    (lambda k: k.create_schema("a", "{"), ValueError, "'a' is no JSON"),
    (lambda k: k.create_schema("a", '"int"'), ValueError, "no object"),
    (lambda k: k.create_schema("a", ["null", "int"]), TypeError, "is of type list"),
    (lambda k: k.create_schema("a", {"type": {1}}), ValueError, "cannot be written as JSON"),
    (lambda k: k.create_schema("a", {"d": float("nan")}), ValueError, "cannot be written"),
    (lambda k: k.get_schemas(None), TypeError, "subject is of type NoneType"),
    (lambda k: k.get_schema("a", "1"), TypeError, "version is of type str"),
    (lambda k: k.get_schema("a", 0), ValueError, "version is 0"),
    (lambda k: k.get_subject(67, "a", "newest"), TypeError, "version is of type str"),
    (lambda k: KafkaTopic("made by hand").schema, KafkaException, "has no schema"),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD, ids=[words for _, _, words in BAD])
def test_bad_input_is_not_sent(
    kafka: KafkaApi, sent: Any, call: Any, error: type[Exception], words: str
) -> None:
    sent()
    with pytest.raises(error, match=words.replace("(", r"\(")):
        call(kafka)
    assert sent() == []


def test_a_topic_made_by_hand_uses_the_login(kafka: KafkaApi) -> None:
    made = kafka.create_schema("click", CLICK)
    kafka.create_topic("clicks", "click", 1)
    assert KafkaTopic("clicks", schema_name="click", schema_version=1).schema.id == made.id
    KafkaTopic("clicks").delete()
    assert KafkaApi().get_topics() == []


def test_schemas_by_way_of_the_feature_store(
    kafka: KafkaApi, feature_store: Any, project: Any, api: Any
) -> None:
    group = feature_store.create_feature_group("trips", version=1, primary_key=["id"])
    group.save([Feature("id", "bigint")])
    found = kafka.get_subject(feature_store.id, "trips_1")
    assert (found["id"], found["subject"], found["version"]) == (group.id, "trips_1", 1)
    assert [field["name"] for field in json.loads(found["schema"])["fields"]] == ["id"]
    assert kafka.get_subject(feature_store.id, "trips_1", 1) == found
    for version in (1, 2):
        kafka.create_schema("click", CLICK if version == 1 else wider(default=""))
    assert kafka.get_subject(feature_store.id, "click")["version"] == 2
    assert json.loads(kafka.get_subject(feature_store.id, "click", 1)["schema"]) == CLICK
    for subject, version, code in (("clack", "latest", 40401), ("click", 9, 40402)):
        with pytest.raises(NotFoundError) as raised:
            kafka.get_subject(feature_store.id, subject, version)
        assert raised.value.error_code == code


def test_without_brokers_there_are_no_settings(
    kafka: KafkaApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: Any
) -> None:
    monkeypatch.setattr(certificate_folders, "_CLAIM_ROOTS", (str(tmp_path),))
    sent()
    with pytest.raises(KafkaException) as raised:
        kafka.get_default_config()
    assert "no Kafka brokers for programs outside the cluster" in str(raised.value)
    assert "internal_kafka=True" in str(raised.value)
    with pytest.raises(KafkaException, match=r"inside the cluster.*internal_kafka=False"):
        kafka.get_default_config(internal_kafka=True)
    assert [line.partition("/kafka/")[2] for line in sent()] == ["clusterinfo", "clusterinfo"]
    assert list(tmp_path.iterdir()) == [], "certificates were written for nothing"


def test_raw_requests_that_cannot_be(api: Any) -> None:
    topics, subjects = f"{api.p}/kafka/topics", f"{api.p}/kafka/subjects"

    def registry(verb: str, path: str, **kwargs: Any) -> tuple[int, int]:
        answer = api.send(verb, path, **kwargs)
        assert answer.json()["message"]
        return answer.status_code, answer.json()["error_code"]

    for body in (
        {},
        {"name": 5},
        {"name": "a/b"},
        {"name": "a", "numOfPartitions": 0},
        {"name": "a", "numOfPartitions": 1.5},
    ):
        assert api.error("POST", topics, json=body) == (422, 120001)
    for body in (
        {"schemaName": "x"},
        {"schemaVersion": 1},
        {"schemaName": ["x"], "schemaVersion": 1},
    ):
        assert api.error("POST", topics, json={"name": "a", **body}) == (404, 190006)
    assert api.error("POST", topics, json={"name": "a", "numOfReplicas": "1"}) == (400, 190005)
    for body in ({}, {"schema": CLICK}, {"schema": "{"}, {"schema": None}):
        assert registry("POST", f"{subjects}/a/versions", json=body) == (422, 42201)
    made = api.call("POST", f"{subjects}/a/versions", json={"schema": '"int"'})
    for version in ("0", "x", "-1", "1.0", str(2**70)):
        assert registry("GET", f"{subjects}/a/versions/{version}") == (422, 42202)
    assert api.call("GET", f"{subjects}/a/versions/latest")["version"] == 1
    assert api.call("GET", f"{api.p}/kafka/schemas/ids/{made['id']}") == {"schema": '"int"'}
    assert registry("GET", f"{api.p}/kafka/schemas/ids/{made['id'] + 1000}") == (404, 40403)
    assert api.call("DELETE", f"{subjects}/a/versions/1") == 1
    assert api.call("GET", f"{api.p}/kafka/schemas/ids/{made['id']}") == {"schema": '"int"'}
    assert api.call("GET", f"{api.p}/kafka/clusterinfo?external=False")["brokers"] == []
    assert api.error("GET", f"{api.p}/kafka/clusterinfo?external=perhaps") == (404, 310000)
    deep = "[" * 100_000 + "]" * 100_000
    assert api.send("POST", f"{subjects}/a/versions", json={"schema": deep}).status_code == 422


def test_topics_and_schemas_go_with_their_project(api: Any, local_server: Any) -> None:
    api.call("POST", f"{api.p}/kafka/subjects/a/versions", json={"schema": '"int"'})
    body = {"name": "t", "schemaName": "a", "schemaVersion": 1}
    api.call("POST", f"{api.p}/kafka/topics", 201, json=body)
    api.call("POST", f"{api.p}/delete")
    assert api.error("GET", f"{api.p}/kafka/topics") == (404, 150004)
    assert api.error("GET", f"{api.p}/kafka/subjects/a/versions") == (404, 150004)
    with sqlite3.connect(
        f"file:{Path(local_server.data) / 'metadata.sqlite'}?mode=ro", uri=True
    ) as db:
        for table in ("kafka_topics", "kafka_schemas", "kafka_versions"):
            assert db.execute(
                f"SELECT count(*) FROM {table} WHERE project = ?", (api.id,)
            ).fetchone() == (0,)


def test_two_projects_have_topics_of_their_own(local_server: Any, api: Any, project: Any) -> None:
    project.get_kafka_api().create_schema("click", CLICK)
    project.get_kafka_api().create_topic("clicks", "click", 1)
    assert api.call("GET", f"{api.p}/kafka/topics")["count"] == 0
    assert hopsworks.get_current_project().get_kafka_api().get_topic("clicks").schema.version == 1
