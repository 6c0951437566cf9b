"""Calls of the Auger Hub: ours, the official client and ``requests`` against the same nginx; and their import."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import environments
from imports import CODE
from measure import Row, interleaved, one_core
from stub import API_KEY, HUB_TRIAL, Stub

HERE = Path(__file__).parent
CALLS = 1000


def rows(ours: str, with_official: bool, rounds: int) -> list[Row]:
    """Return the rows of 1,000 calls, and of the import."""
    official = str(environments.official_hub_client()) if with_official else None
    with tempfile.TemporaryDirectory() as folder, one_core():
        found = _calls(Path(folder), ours, official, rounds)
    measurements = {"ours": _import(ours, "hopsworks.auger")}
    if official:
        measurements["official"] = _import(official, "auger.hub_api_client")
    for measure in measurements.values():
        measure()
    figures = interleaved(max(rounds, 10), measurements)
    return [*found, Row("`import hopsworks.auger`", "ms", limit=30, **figures)]


def _calls(folder: Path, ours: str, official: str | None, rounds: int) -> list[Row]:
    loop = str(folder / "curl_loop")
    subprocess.run(["cc", "-O2", "-o", loop, HERE / "curl_loop.c", "-ldl"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "stub").mkdir()
    stub = Stub(folder / "stub", port)
    url = f"https://127.0.0.1:{port}"

    def floor() -> list[float]:
        command = [loop, str(stub.ca_file), API_KEY, str(CALLS), f"{url}/{HUB_TRIAL}"]
        return [sum(map(float, subprocess.check_output(command).split()))]

    def client(python: str, kind: str) -> Callable[[], list[float]]:
        # -P: this folder has a module "auger" of its own.
        script = str(HERE / "auger_calls.py")
        command = [python, "-P", "-W", "ignore", script, kind, url, str(CALLS)]
        trust = {**os.environ, "REQUESTS_CA_BUNDLE": str(stub.ca_file)}
        return lambda: [float(subprocess.check_output(command, cwd="/", env=trust, text=True))]

    measurements = {"floor": floor, "ours": client(ours, "ours")}
    if official:
        measurements["official"] = client(official, "official")
        measurements["session"] = client(official, "session")
    try:
        figures = interleaved(rounds, measurements)
    finally:
        stub.close()
    session = figures.pop("session", None)
    what, third = f"{CALLS:,} calls of the Auger Hub, TLS", 1 / 3
    found = [Row(what, "s", limit=third, of_official=True, **figures)]
    if session:
        row = f"{what}; beside `requests` with a kept connection"
        found.append(Row(row, "s", figures["ours"], session, limit=third, of_official=True))
    return found


def _import(python: str, module: str) -> Callable[[], list[float]]:
    command = [python, "-W", "ignore", "-c", CODE.format(module=module)]
    return lambda: [float(subprocess.check_output(command, cwd="/", text=True).split()[-1])]
