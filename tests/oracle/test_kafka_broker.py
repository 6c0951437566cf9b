"""A real Kafka broker: the settings of ``get_default_config`` in librdkafka, and what ``diagnose`` says of its listeners."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import kafka_broker
import pytest
from kafka_broker import Listener

import hopsworks
from hopsworks.diagnostics.report import FAILED, OK, Check
from hopsworks.local.certificates import Authority

from . import official, stand_in
from .conftest import next_address

# The first run fetches the broker.
pytestmark = pytest.mark.timeout(600)
PROJECT, OTHER_CLIENTS, FOREIGN = 9092, 9094, 9095
CLIENT = """
import json, sys
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

settings = json.load(sys.stdin)
producer = Producer(settings)
producer.produce("clicks", b"value", b"key")
assert producer.flush(30) == 0
consumer = Consumer({**settings, "group.id": "tests"})
consumer.assign([TopicPartition("clicks", 0, OFFSET_BEGINNING)])
message = consumer.poll(30)
assert message.error() is None, message.error()
print(message.key().decode(), message.value().decode())
consumer.close()
"""


class Broker(NamedTuple):
    """The broker's address and the folder whose authority signed the certificates of the project."""

    address: str
    folder: Path


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker with one listener as it should be, one that knows other clients, and one that nobody here knows."""
    folder, address = tmp_path_factory.mktemp("broker"), next_address()
    authority = Authority.load(folder)
    own = authority.server_material([address])
    others = tmp_path_factory.mktemp("others")
    foreign = Authority.load(others).server_material([address])
    with kafka_broker.running(
        folder,
        address,
        Listener(PROJECT, own.certificate, own.key, own.authority),
        Listener(OTHER_CLIENTS, own.certificate, own.key, foreign.authority),
        Listener(FOREIGN, foreign.certificate, foreign.key, own.authority),
    ):
        yield Broker(address, folder)


@pytest.fixture
def cluster(broker: Broker) -> Iterator[Any]:
    """Make a stand-in for a cluster whose Kafka is one of the listeners."""
    servers = []

    def made(port: int) -> dict[str, Any]:
        routes = {"GET project/119/kafka/clusterinfo": [{"brokers": [f"{broker.address}:{port}"]}]}
        servers.append(stand_in.StandIn(broker.folder, routes, broker.address))
        return {
            "host": broker.address,
            "port": servers[-1].port,
            "project": stand_in.PROJECT,
            "api_key_value": stand_in.API_KEY,
            "trust_store_path": str(servers[-1].ca_file),
        }

    yield made
    hopsworks.logout()
    for server in servers:
        server.close()


def listener(arguments: dict[str, Any]) -> Check:
    """What the diagnosis says of the listener."""
    return hopsworks.diagnose(**arguments, timeout=20.0)["Kafka listener"]


def test_messages_are_written_and_read(cluster: Any, tmp_path: Path) -> None:
    project = hopsworks.login(**cluster(PROJECT), cert_folder=str(tmp_path / "certificates"))
    settings = project.get_kafka_api().get_default_config()
    done = subprocess.run(
        [str(official.interpreter()), "-c", CLIENT],
        input=json.dumps(settings),
        env=official.environment({"HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "key value\n"


def test_a_listener_that_is_as_it_should_be(cluster: Any) -> None:
    check = listener(cluster(PROJECT))
    assert (check.state, check.remedy) == (OK, "")
    assert "1 advertised address reachable" in check.message


def test_a_listener_that_does_not_know_the_project(cluster: Any) -> None:
    check = listener(cluster(OTHER_CLIENTS))
    assert check.state == FAILED
    assert "refuses the secure connection" in check.message
    assert "certificates of the project" in check.remedy


def test_a_listener_with_the_certificate_of_another_cluster(cluster: Any) -> None:
    check = listener(cluster(FOREIGN))
    assert check.state == FAILED
    assert "certificate that is not accepted" in check.message
    assert check.remedy
