"""``hopsworks local serve`` in a process of its own."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A server in the foreground of a process of its own."""

    def __init__(
        self,
        data: Path,
        host: str = "127.0.0.1",
        flight_port: int = 0,
        online_port: int | None = None,
    ) -> None:
        self.data = data
        self.host = host
        self.port, self.online_port = _free_port(), online_port or _free_port()
        self.record = data.parent / "record.jsonl"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "hopsworks.cli.main", "local", "serve"),
                *("--data", str(data), "--port", str(self.port)),
                *("--host", host, "--online-port", str(self.online_port)),
                *("--flight-port", str(flight_port)),
                *("--record", str(self.record)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said = []
        while not self.said or "TRUST_STORE" not in self.said[-1]:
            line = self.process.stdout.readline()
            assert line, "".join(self.said)
            self.said.append(line)
        self.key = (data / "api.key").read_text().strip()
        self.authority = data / "tls" / "ca.pem"
        self.url = f"https://{host}:{self.port}"

    def get(self, path: str, headers: dict | None = None, **kwargs) -> httpx.Response:
        context = ssl.create_default_context(cafile=str(self.authority))
        with httpx.Client(verify=context) as client:
            return client.get(self.url + path, headers=headers, **kwargs)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(10)
        self.process.stdout.close()
        return code
