"""The embedded server in the foreground, with TLS for the official client beside the Unix socket for ours."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# The official client dials Arrow Flight at a fixed port, so the server has a loopback address of its own.
HOST = "127.88.13.1"


class Served:
    """A served data folder.

    Attributes:
        data: The data folder.
        host, port, online_port: Where clients connect over TLS.
    """

    def __init__(self, data: Path):
        self.data = data
        self.host = HOST
        self.port, self.online_port = _free(), _free()
        options = {
            "--data": data,
            "--host": self.host,
            "--port": self.port,
            "--online-port": self.online_port,
        }
        words = [str(word) for pair in options.items() for word in pair]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hopsworks.cli.main", "local", "serve", *words],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.05)

    def official(self, python: str, script: str, **values: Any) -> dict[str, list[float]]:
        """Run a script under the official client and return the figures that it prints."""
        with tempfile.TemporaryDirectory() as folder:
            config = {
                "host": self.host,
                "port": self.port,
                "online_port": self.online_port,
                "api_key": (self.data / "api.key").read_text().strip(),
                "ca_file": str(self.data / "tls" / "ca.pem"),
                "folder": folder,
                **values,
            }
            Path(folder, "config.json").write_text(json.dumps(config))
            done = subprocess.run(
                [python, str(HERE / script), str(Path(folder, "config.json"))],
                cwd=folder,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(
                    f"{script} failed under the official client:\n{done.stderr[-3000:]}"
                )
            return json.loads(done.stdout.strip().splitlines()[-1])

    def close(self) -> None:
        """Stop the server."""
        self._process.terminate()
        self._process.wait(30)


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Served]:
    """Serve a data folder for the length of a block."""
    served = Served(data)
    try:
        yield served
    finally:
        served.close()


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
