"""A real Kafka broker for tests: one Java process that is broker and controller, with listeners that speak TLS."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environments

RELEASE = "4.1.1"
SUMS = Path(__file__).with_name("data") / f"kafka-{RELEASE}.sha256"
_START_SECONDS = 60.0
_CLUSTER = "aW5zaWRlLXRoZS10ZXN0cw"  # any 16 bytes
_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{address}:9093
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
log.dirs={folder}/data
num.partitions=1
offsets.topic.replication.factor=1
ssl.client.auth=required
"""


class Listener:
    """A listener of the broker.

    Args:
        port: Its port.
        certificate: PEM file with its certificate and those that signed it.
        key: PEM file with its key, PKCS#8.
        clients: PEM file with the authority whose certificates clients must have.
    """

    def __init__(self, port: int, certificate: Path, key: Path, clients: Path) -> None:
        self.port = port
        self.certificate = certificate
        self.key = key
        self.clients = clients

    def settings(self, name: str, folder: Path) -> list[str]:
        """Its lines in the broker's file of settings."""
        store = folder / f"{name}.pem"
        store.touch(mode=0o600)
        store.write_bytes(self.key.read_bytes() + self.certificate.read_bytes())
        values = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": store,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.clients,
        }
        return [f"listener.name.{name.lower()}.{key}={value}" for key, value in values.items()]


@contextmanager
def running(folder: Path, address: str, *listeners: Listener) -> Iterator[None]:
    """Run a broker until the block ends.

    Args:
        folder: Where its files go.
        address: A loopback address that nobody else uses, which it advertises; ports 9091 and 9093 there are its own.
        listeners: For clients.
    """
    jars = environments.jars("org.apache.kafka", "kafka_2.13", RELEASE, SUMS)
    names = [f"LISTENER{number}" for number in range(len(listeners))]
    places = [f"INTERNAL://{address}:9091"]
    places += [f"{n}://{address}:{one.port}" for n, one in zip(names, listeners, strict=True)]
    lines = [
        _SETTINGS.format(address=address, folder=folder),
        f"listeners={','.join([*places, f'CONTROLLER://{address}:9093'])}",
        f"advertised.listeners={','.join(places)}",
        f"listener.security.protocol.map={','.join(f'{name}:SSL' for name in names)},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    ]
    for name, listener in zip(names, listeners, strict=True):
        lines += listener.settings(name, folder)
    settings = folder / "server.properties"
    settings.write_text("\n".join(lines))
    java = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]
    format_data = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(settings)]
    subprocess.run([*java, *format_data], check=True, capture_output=True, timeout=60)
    with open(folder / "broker.log", "wb") as log:
        process = subprocess.Popen([*java, "kafka.Kafka", str(settings)], stdout=log, stderr=log)
    try:
        for listener in listeners:
            _wait(process, address, listener.port, folder / "broker.log")
        yield
    finally:
        process.kill()  # its data is of no further use
        process.wait(10)


def _wait(process: subprocess.Popen[bytes], address: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < deadline, f"no broker after {_START_SECONDS} s"
            time.sleep(0.05)
