"""Content of lakeFS objects: ours, the official package and the curl command against the same stub."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import environments
from measure import MIB, Figure, Row, interleaved

HERE = Path(__file__).parent
SIZE = 256 * MIB
OBJECT = {
    "path": "big",
    "path_type": "object",
    "physical_address": "mem://big",
    "checksum": "1",
    "size_bytes": SIZE,
    "mtime": 1700000000,
    "content_type": "application/octet-stream",
}
STORE = {
    "blockstore_type": "local",
    "blockstore_namespace_example": "local://x/",
    "blockstore_namespace_ValidityRegex": "^local://",
    "pre_sign_support": False,
    "pre_sign_support_ui": False,
    "import_support": False,
    "import_validity_regex": "",
}
REPOSITORY = {
    "id": "lake",
    "creation_date": 1700000000,
    "default_branch": "main",
    "storage_namespace": "local://x",
}


def rows(ours: str, with_official: bool, rounds: int) -> list[Row]:
    """Return the rows."""
    official = str(environments.official_lakefs()) if with_official else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _canned(folder / "answers")
        binary = str(folder / "file_stub")
        libraries = ["-lssl", "-lcrypto", "-lpthread"]
        command = ["cc", "-O2", "-D_GNU_SOURCE", "-o", binary, HERE / "file_stub.c", *libraries]
        subprocess.run(command, check=True)
        stub = subprocess.Popen(
            [binary, "-", "-", str(folder / "answers"), str(SIZE)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert stub.stdout is not None
        url = f"http://127.0.0.1:{int(stub.stdout.readline())}"
        source = folder / "source"
        source.write_bytes(os.urandom(MIB) * (SIZE // MIB))
        try:
            return _rows(url, str(source), ours, official, rounds)
        finally:
            stub.terminate()
            stub.wait()
            stub.stdout.close()


def _canned(folder: Path) -> None:
    api = folder / "api" / "v1"
    answers = {
        "config": {"version_config": {"version": "1.60.0"}, "storage_config": STORE},
        "repositories/lake": REPOSITORY,
        "repositories/lake/refs/main/objects/stat": OBJECT,
        "repositories/lake/branches/main/objects": OBJECT,
    }
    for path, answer in answers.items():
        target = api / f"{path}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(answer))


def _rows(url: str, source: str, ours: str, official: str | None, rounds: int) -> list[Row]:
    seen: dict[str, tuple[dict[str, Figure], dict[str, Figure]]] = {}

    def measured(
        work: str, kinds: tuple[str, ...], floor: Callable[[], list[float]] | None
    ) -> None:
        used: dict[str, Figure] = {kind: Figure() for kind in kinds}

        def client(kind: str) -> Callable[[], list[float]]:
            python = ours if kind == "ours" else str(official)
            # -P: this folder may have modules of the packages' names.
            script = str(HERE / "lakefs_objects_client.py")
            command = [python, "-P", "-W", "ignore", script, kind, url, work, source, str(SIZE)]

            def run() -> list[float]:
                out = subprocess.check_output(command, cwd="/", text=True)
                seconds, mebibytes = json.loads(out.splitlines()[-1])
                used[kind].values.append(mebibytes)
                return [seconds]

            return run

        measurements = {kind: client(kind) for kind in kinds}
        if floor is not None:
            measurements["floor"] = floor
        seen[work] = (interleaved(rounds, measurements), used)

    target = f"{url}/api/v1/repositories/lake"
    both = ("ours", "official") if official else ("ours",)
    down = _curl("-o", "/dev/null", f"{target}/refs/main/objects?path=big")
    up = _curl("-X", "POST", "-T", source, f"{target}/branches/main/objects?path=new")
    measured("read_whole", both, down)
    measured("read_into", ("ours",), down)
    measured("read_pieces", both, None)
    measured("write_whole", both, up)
    measured("write_pieces", both, up)
    measured("write_small", both, None)
    size = f"{SIZE // MIB} MiB"

    def seconds(work: str, what: str, **limits: object) -> Row:
        return Row(what, "s", **seen[work][0], **limits)  # type: ignore[arg-type]

    def mebibytes(work: str, what: str, limit: float) -> Row:
        return Row(what, "MiB", limit=limit, **seen[work][1])

    curl = {"limit": 0.9, "of_floor": True, "at_least": True}
    return [
        seconds("read_into", f"lakeFS: read an object of {size} into a buffer", **curl),
        mebibytes("read_into", "… memory above baseline", 32),
        seconds("read_whole", f"lakeFS: read an object of {size} by `read()`"),
        mebibytes("read_whole", "… memory above baseline, the content included", SIZE / MIB + 32),
        seconds(
            "read_pieces", f"lakeFS: read {size} in pieces of 64 KiB", limit=0.1, of_official=True
        ),
        mebibytes("read_pieces", "… memory above baseline", 32),
        seconds("write_whole", f"lakeFS: upload a file of {size}", **curl),
        mebibytes("write_whole", "… memory above baseline", 32),
        seconds("write_pieces", f"lakeFS: write {size} in pieces of 64 KiB through a writer"),
        mebibytes("write_pieces", "… memory above baseline", 40),
        seconds("write_small", "lakeFS: 1,000 uploads of 1 KiB", limit=1 / 3, of_official=True),
    ]


def _curl(*options: str) -> Callable[[], list[float]]:
    command = ["curl", "-sS", "--fail", "-H", "Expect:", *options]

    def run() -> list[float]:
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return [time.perf_counter() - started]

    return run
