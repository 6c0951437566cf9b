"""lakeFS: listings, branches and transactions of ours and of the official package against the same nginx; their import."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environments
from measure import Figure, Row, interleaved, one_core
from stub import API_KEY, Stub

HERE = Path(__file__).parent
OBJECTS = 10_000
BRANCHES = 2000
TRANSACTIONS = 500
API = "api/v1"
LAKE = f"{API}/repositories/lake"
NAMES = "Client, Repository, Branch, Reference, Tag, Commit, ObjectInfo, ObjectReader"
# What the client sends besides.
HEADERS = [
    "-HAccept: application/json",
    "-HContent-Type: application/json",
    "-HX-Lakefs-Client: python-lakefs",
    "-HAccept-Encoding: gzip, deflate",
    "-HUser-Agent: hopsworks-lakefs/5.2.1",
]
IMPORT = (
    "import time; started = time.perf_counter(); {statement}; "
    "print((time.perf_counter() - started) * 1000)"
)
COMMIT = {
    "id": "c" * 64,
    "parents": ["p" * 64],
    "committer": "bench",
    "message": "m",
    "creation_date": 1700000000,
    "meta_range_id": "r" * 64,
    "metadata": {},
}


def locations() -> str:
    """Answers to requests that change something, and to the pages of a listing."""
    rows = {
        f"= /{LAKE}/branches": (201, "c" * 64),
        f"~ ^/{LAKE}/branches/[^/]+/commits$": (201, json.dumps(COMMIT)),
        f"~ ^/{LAKE}/refs/[^/]+/merge/main$": (200, json.dumps({"reference": "m" * 64})),
        f"~ ^/{LAKE}/branches/[^/]+$": (204, ""),
    }
    lines = [
        f"    location {where} {{ return {status} '{text}'; }}"
        for where, (status, text) in rows.items()
    ]
    lines.append(
        f"    location = /{LAKE}/refs/main/objects/ls"
        " { root {folder}; try_files /ls/$arg_amount/at_$arg_after.json =404; }"
    )
    return "\n".join(lines)


def write_pages(folder: Path) -> None:
    """Write the listing in pages of 100, which is the server's choice, and of 1,000, the most that it gives."""
    objects = [listed(number) for number in range(OBJECTS)]
    for name, size in (("", 100), ("1000", 1000)):
        for start in range(0, OBJECTS, size):
            shown = objects[start : start + size]
            more = start + size < OBJECTS
            after = objects[start - 1]["path"] if start else ""
            page = {
                "pagination": {
                    "has_more": more,
                    "next_offset": shown[-1]["path"] if more else "",
                    "results": len(shown),
                    "max_per_page": 1000,
                },
                "results": shown,
            }
            target = folder / "ls" / name / f"at_{after}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(page))


def listed(number: int) -> dict[str, Any]:
    """Return an object as a server lists it."""
    return {
        "path": f"part-{number:05}.parquet",
        "path_type": "object",
        "physical_address": f"s3://bucket/lake/data/gk3l4p7jhu2s73f5ri2g/cp{number:018}",
        "checksum": f"{number:032x}",
        "size_bytes": 1_000_000 + number,
        "mtime": 1_700_000_000 + number,
        "metadata": {"writer": "bench"},
        "content_type": "application/octet-stream",
    }


def rows(ours: str, with_official: bool, rounds: int) -> list[Row]:
    """Return the rows."""
    official = str(environments.official_lakefs()) if with_official else None
    with tempfile.TemporaryDirectory() as folder, one_core():
        found = _calls(Path(folder), ours, official, rounds)
    return [*found, *_imports(ours, official, rounds)]


def _calls(folder: Path, ours: str, official: str | None, rounds: int) -> list[Row]:
    loop = str(folder / "curl_loop")
    subprocess.run(["cc", "-O2", "-o", loop, HERE / "curl_loop.c", "-ldl"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "stub").mkdir()
    write_pages(folder / "stub" / "answers")
    stub = Stub(folder / "stub", port, locations())
    url = f"https://127.0.0.1:{port}"

    def client(python: str, kind: str, work: str, count: int) -> Callable[[], list[float]]:
        # -P: this folder has a module "lakefs" of its own.
        script = str(HERE / "lakefs_calls.py")
        command = [
            python,
            "-P",
            "-W",
            "ignore",
            script,
            kind,
            url,
            str(stub.ca_file),
            work,
            str(count),
        ]
        return lambda: [float(subprocess.check_output(command, cwd="/", text=True))]

    def curl(count: int, *requests: str) -> Callable[[], list[float]]:
        command = [loop, str(stub.ca_file), API_KEY, str(count), *HEADERS, *requests]
        # The first request has the connection in it; the clients have made theirs before.
        return lambda: [sum(map(float, subprocess.check_output(command).split()[1:]))]

    def measured(work: str, count: int, floor: Callable[[], list[float]]) -> dict[str, Figure]:
        measurements = {"floor": floor, "ours": client(ours, "ours", work, count)}
        if official:
            measurements["official"] = client(official, "official", work, count)
        return interleaved(rounds, measurements)

    ls = f"{url}/{LAKE}/refs/main/objects/ls?amount=1000"
    pages = [ls, *(f"{ls}&after=part-{at:05}.parquet" for at in range(999, OBJECTS - 1, 1000))]
    branch = f"{url}/{LAKE}/branches"
    create = '{"name":"b","source":"main","force":false,"hidden":false}'
    commit = '{"message":"m","allow_empty":false,"force":false}'
    merge = '{"message":"Merge","force":false,"allow_empty":false,"squash_merge":false}'
    end = [
        f"POST {commit} {branch}/tx/commits",
        f"POST {merge} {url}/{LAKE}/refs/tx/merge/main",
        f"DELETE {branch}/tx",
    ]
    try:
        listing = measured("list", 1, curl(1, *pages[:1], *pages))
        branches = measured("branch", BRANCHES, curl(BRANCHES + 1, f"POST {create} {branch}"))
        exits = measured("transaction", TRANSACTIONS, curl(TRANSACTIONS, *end))
    finally:
        stub.close()
    return [
        Row(f"listing of {OBJECTS:,} objects of lakeFS, TLS", "s", limit=0.2, of_official=True, **listing),
        Row(f"{BRANCHES:,} branches created, TLS", "s", limit=1.5, of_floor=True, **branches),
        Row(f"ends of {TRANSACTIONS} transactions, TLS", "s", limit=1.5, of_floor=True, **exits),
    ]  # fmt: skip


def _imports(ours: str, official: str | None, rounds: int) -> list[Row]:
    found = []
    for what, names in (("import {}", None), (f"from {{}} import {NAMES}", NAMES)):
        measurements = {"ours": _import(ours, what.format("hopsworks.lakefs"))}
        if official:
            measurements["official"] = _import(official, what.format("lakefs"))
        for measure in measurements.values():
            measure()
        figures = interleaved(max(rounds, 10), measurements)
        name = "import hopsworks.lakefs" if names is None else "the same, and its classes"
        found.append(Row(f"`{name}`" if names is None else name, "ms", limit=30, **figures))
    return found


def _import(python: str, statement: str) -> Callable[[], list[float]]:
    command = [python, "-W", "ignore", "-c", IMPORT.format(statement=statement)]
    environment = {**os.environ, "HOME": "/nonexistent"}
    return lambda: [
        float(subprocess.check_output(command, cwd="/", env=environment, text=True).split()[-1])
    ]
