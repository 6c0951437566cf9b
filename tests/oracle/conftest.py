"""A served data folder with a recording proxy before it, and a way to run either client's script against it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from . import official
from .recorder import Recorder

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("scripts") / "thread.py"
TRACE = "HOPSWORKS_API_TRACE_"
ONLINE_VIEW = Path(__file__).with_name("scripts") / "online_view.py"
# The embedded server announces these for its own clients; without them ours takes the way it takes on a cluster.
SHORT_CUTS = frozenset({"native_ingest", "native_query"})


class Run(NamedTuple):
    """What one run of a script found and what it sent."""

    found: dict[str, Any]
    requests: list[dict[str, Any]]


class Side:
    """One data folder, served over TLS behind a recorder.

    Parameters:
        folder: Where everything goes.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.data = folder / "data"
        # The official client dials Arrow Flight at a fixed port, so each served folder has an address of its own.
        self.host = next_address()
        self.port, self.online_port = _free(self.host), _free(self.host)
        command = [sys.executable, "-m", "hopsworks.cli.main", "local", "serve"]
        options = {
            "--data": self.data,
            "--host": self.host,
            "--port": self.port,
            "--online-port": self.online_port,
        }
        words = [str(word) for pair in options.items() for word in pair]
        self.log = open(folder / "serve.log", "wb")  # noqa: SIM115  (the server writes to it)
        self.process = subprocess.Popen(
            [*command, *words], stdout=self.log, stderr=subprocess.STDOUT, cwd=folder
        )
        self._wait()
        tls = self.data / "tls"
        self.ca_file = tls / "ca.pem"
        self.recorder = Recorder(
            (self.host, self.port),
            self.ca_file,
            tls / "server.pem",
            tls / "server.key",
            self.host,
            SHORT_CUTS,
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "serve.log").read_text()) from None
                time.sleep(0.05)

    def run(self, client: str, *parts: str, script: Path = SCRIPT) -> Run:
        """Run parts of a script under ``"official"`` or ``"ours"``."""
        self.recorder.begin()
        config = {
            "host": self.host,
            "port": self.recorder.port,
            "api_key": (self.data / "api.key").read_text().strip(),
            "ca_file": str(self.ca_file),
            "project": "local",
            "data": str(self.data),
            "vector_server": {"host": self.host, "port": self.recorder.port},
        }
        found = run_script(client, script, parts, config, self.folder)
        return Run(found, list(self.recorder.requests))

    def close(self) -> None:
        """Stop the recorder and the server."""
        self.recorder.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


def _free(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


_addresses = iter(range(1, 250))


def next_address() -> str:
    """Return a loopback address that nobody else in this run listens on."""
    return f"127.77.{os.getpid() % 250 + 1}.{next(_addresses)}"


def run_script(
    client: str, script: Path, parts: Sequence[str], config: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Run a script under ``"official"`` or ``"ours"`` and return what it found."""
    scratch = folder / "-".join([client, *(Path(part).stem for part in parts)])
    scratch.mkdir(exist_ok=True)
    file = scratch / "config.json"
    file.write_text(json.dumps({**config, "client": client, "folder": str(scratch)}))
    python = official.interpreter() if client == "official" else Path(sys.executable)
    variables = official.environment({"HOME": str(scratch)})
    command = [str(python), str(script), str(file), *parts]
    if client == "ours":
        variables["PYTHONPATH"] = str(ROOT)
        traced = {key: value for key, value in os.environ.items() if key.startswith(TRACE)}
        if traced:  # the API report asks which names the script uses
            variables |= traced
            command.insert(1, str(ROOT / "tools" / "api_trace.py"))
    done = subprocess.run(
        command,
        cwd=scratch,
        env=variables,
        capture_output=True,
        text=True,
        timeout=240,
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"{client} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


@pytest.fixture(scope="session")
def written_by_official(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Run]]:
    """A side on which the official client wrote everything."""
    side = Side(tmp_path_factory.mktemp("official"))
    yield side, side.run("official", "write")
    side.close()


@pytest.fixture(scope="session")
def written_by_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Run]]:
    """A side on which our client wrote everything, online rows included."""
    side = Side(tmp_path_factory.mktemp("ours"))
    run = side.run("ours", "write")
    side.run("ours", script=ONLINE_VIEW)
    yield side, run
    side.close()
