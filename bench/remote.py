"""Requests to a cluster: ours, the official client and plain libcurl against the same nginx."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Figure, Row, one_core
from stub import API_KEY, PROJECT, PROJECT_ID, STORE_ID, Stub

HERE = Path(__file__).parent
GROUPS = f"project/{PROJECT_ID}/featurestores/{STORE_ID}/featuregroups"
# Name: title, path, bound as a multiple of the floor, count a round; the official client makes 1/25 of it.
CALLS = {
    "narrow": ("`get_feature_group`, 20 features, TLS", f"{GROUPS}/narrow", 2.5, 3000),
    "wide": ("`get_feature_group`, 1,000 features, TLS", f"{GROUPS}/wide", 3.5, 500),
    "models": (
        "`get_models`, a list of 500, TLS",
        f"project/{PROJECT_ID}/modelregistries/{PROJECT_ID}/models",
        3.5,
        500,
    ),
    "jobs": ("`get_jobs`, a list of 2,000, TLS", f"project/{PROJECT_ID}/jobs", 3.0, 100),
}
# What our login sends; the official client asks for the user's name and the certificates besides.
LOGIN = ("variables/versions", f"project/getProjectInfo/{PROJECT}")
LOGINS = {"ours": 5, "floor": 5, "official": 2}


class _Bench:
    def __init__(self, folder: Path):
        self._loop = str(folder / "curl_loop")
        subprocess.run(["cc", "-O2", "-o", self._loop, HERE / "curl_loop.c", "-ldl"], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "stub").mkdir()
        self._certificates = folder / "certificates"
        self._certificates.mkdir()
        self.stub = Stub(folder / "stub", port)
        self.seen: dict[str, dict[str, Figure]] = {}

    def floor(self, paths: Sequence[str], count: int) -> list[float]:
        """Milliseconds of each request of a plain libcurl loop."""
        urls = [f"{self.stub.url}/{path}" for path in paths]
        out = subprocess.check_output(
            [self._loop, str(self.stub.ca_file), API_KEY, str(count), *urls]
        )
        return [float(line) * 1e3 for line in out.split()]

    def client(self, python: str, counts: dict[str, int]) -> dict[str, list[float]]:
        """What requests_client.py measured under an interpreter."""
        out = subprocess.check_output(
            [
                *(python, str(HERE / "requests_client.py")),
                *(str(self.stub.port), str(self.stub.ca_file), API_KEY, str(self._certificates)),
                *(f"{name}={count}" for name, count in counts.items()),
            ],
            text=True,
            cwd="/",
            stderr=subprocess.DEVNULL,
        )
        return json.loads(out.strip().splitlines()[-1])

    def note(self, name: str, who: str, values: list[float]) -> None:
        self.seen.setdefault(name, {}).setdefault(who, Figure()).values += values

    def round(self, clients: dict[str, str]) -> None:
        """Everything once."""
        for name, (_, path, _, count) in CALLS.items():
            self.note(name, "floor", self.floor([path], count)[1:])
        for who, python in clients.items():
            fewer = 25 if who == "official" else 1
            found = self.client(
                python, {name: count // fewer for name, (_, _, _, count) in CALLS.items()}
            )
            for name, values in found.items():
                self.note(name, who, values)
        for _ in range(LOGINS["floor"]):
            self.note("login", "floor", [sum(self.floor(LOGIN, 1))])
        for who, python in clients.items():
            for _ in range(LOGINS[who]):
                self.note("login", who, self.client(python, {})["login"])


def rows(ours: str, official: str | None, rounds: int) -> list[Row]:
    """Return a row a call."""
    clients = {"ours": ours} if official is None else {"ours": ours, "official": official}
    with tempfile.TemporaryDirectory() as folder, one_core():
        bench = _Bench(Path(folder))
        try:
            for _ in range(rounds):
                bench.round(clients)
        finally:
            bench.stub.close()
    seen = bench.seen
    titles = {name: (title, limit) for name, (title, _, limit, _) in CALLS.items()}
    titles = {"login": ("first `login()` of a process, TLS", 2.0), **titles}
    found = [
        Row(title, "ms", limit=limit, of_floor=True, **seen[name])
        for name, (title, limit) in titles.items()
    ]
    found.append(
        Row(
            "peak memory of a process that logs in and lists 2,000 jobs",
            "MiB",
            limit=1 / 3 if official else None,
            of_official=True,
            **seen["jobs_process"],
        )
    )
    found.append(Row("the same, above what it had before the list", "MiB", **seen["jobs_memory"]))
    found.append(
        Row(
            "what a program keeps of it while it holds the list",
            "MiB",
            limit=1 / 3 if official else None,
            of_official=True,
            **seen["jobs_kept"],
        )
    )
    return found
