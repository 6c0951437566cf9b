"""The settings of ``get_default_config`` in librdkafka itself, which the official client's environment has."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hopsworks
from hopsworks.local.certificates import Authority

from . import official, stand_in
from .conftest import next_address

# The broker ends the connection once it knows the client, so the question after its topics fails.
CLIENT = """
import json, sys
from confluent_kafka import KafkaException, Producer
try:
    Producer(json.load(sys.stdin)).list_topics(timeout=5)
except KafkaException as error:
    sys.exit(0 if "_TRANSPORT" in str(error) else str(error))
"""


@contextmanager
def broker(authority: Authority, address: str) -> Iterator[tuple[str, list[str]]]:
    """A listener that wants a certificate of the authority; its address, and the names of the clients it accepted."""
    context = authority.server_material(["broker.kafka.service.consul"]).context()
    context.load_verify_locations(authority.certificate_file)
    context.verify_mode = ssl.CERT_REQUIRED
    names: list[str] = []

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as encrypted:
                        subject = dict(part[0] for part in encrypted.getpeercert()["subject"])
                        names.append(subject["commonName"])
                except OSError as error:
                    names.append(str(error))

    with socket.create_server((address, 0)) as listener:
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield "{}:{}".format(*listener.getsockname()), names
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_producer_is_known_to_the_broker(tmp_path: Path) -> None:
    address = next_address()
    with broker(Authority.load(tmp_path), address) as (place, names):
        routes = {"GET project/119/kafka/clusterinfo": [{"brokers": [place]}]}
        server = stand_in.StandIn(tmp_path, routes, address)
        try:
            project = hopsworks.login(
                host=address,
                port=server.port,
                project=stand_in.PROJECT,
                api_key_value=stand_in.API_KEY,
                trust_store_path=str(server.ca_file),
                cert_folder=str(tmp_path / "certificates"),
            )
            settings = project.get_kafka_api().get_default_config()
            done = subprocess.run(
                [str(official.interpreter()), "-c", CLIENT],
                input=json.dumps(settings),
                env=official.environment({"HOME": str(tmp_path)}),
                capture_output=True,
                text=True,
                timeout=60,
            )
        finally:
            hopsworks.logout()
            server.close()
    assert done.returncode == 0, done.stderr
    assert set(names) == {"demo__meb10000"}
    assert list(tmp_path.glob("certificates/*")) == []
