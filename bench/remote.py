"""Requests to a cluster: ours, the official client and plain libcurl against the same nginx."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
from pathlib import Path

from measure import Figure, Row
from stub import API_KEY, PROJECT_ID, STORE_ID, Stub

HERE = Path(__file__).parent
GROUPS = f"project/{PROJECT_ID}/featurestores/{STORE_ID}/featuregroups"
CALLS = {
    "narrow": ("`get_feature_group`, 20 features, TLS", f"{GROUPS}/narrow", 2.5, 3000),
    "wide": ("`get_feature_group`, 1,000 features, TLS", f"{GROUPS}/wide", 3.5, 500),
    "models": (
        "`get_models`, a list of 500, TLS",
        f"project/{PROJECT_ID}/modelregistries/{PROJECT_ID}/models",
        3.5,
        500,
    ),
}


def rows(ours: str, official: str | None, rounds: int) -> list[Row]:
    """Return a row a call."""
    with tempfile.TemporaryDirectory() as folder:
        loop = _compile(Path(folder))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (Path(folder) / "stub").mkdir()
        stub = Stub(Path(folder) / "stub", port)
        try:
            seen: dict[str, dict[str, Figure]] = {
                name: {"floor": Figure(), "ours": Figure()} for name in CALLS
            }
            for _ in range(rounds):
                for name, (_, path, _, count) in CALLS.items():
                    out = subprocess.check_output(
                        [loop, f"{stub.url}/{path}", str(stub.ca_file), API_KEY, str(count)]
                    )
                    seen[name]["floor"].values += [float(line) * 1e3 for line in out.split()][1:]
                _client(ours, stub, seen, "ours", 1)
                if official:
                    _client(official, stub, seen, "official", 25)
        finally:
            stub.close()
    return [
        Row(title, "ms", limit=limit, of_floor=True, **seen[name])
        for name, (title, _, limit, _) in CALLS.items()
    ]


def _client(
    python: str, stub: Stub, seen: dict[str, dict[str, Figure]], who: str, fewer: int
) -> None:
    counts = [str(count // fewer) for (_, _, _, count) in CALLS.values()]
    out = subprocess.check_output(
        [
            python,
            str(HERE / "requests_client.py"),
            str(stub.port),
            str(stub.ca_file),
            API_KEY,
            *counts,
        ],
        text=True,
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    for name, seconds in json.loads(out.strip().splitlines()[-1]).items():
        seen[name].setdefault(who, Figure()).values += [value * 1e3 for value in seconds]


def _compile(folder: Path) -> str:
    loop = folder / "curl_loop"
    subprocess.run(["cc", "-O2", "-o", loop, HERE / "curl_loop.c", "-lcurl"], check=True)
    return str(loop)
