"""Files to and from a cluster: ours, the official client and libcurl against the same stub, which keeps nothing.

The floors send what our client sends: a folder goes through one connection pool of libcurl, a large file through the
curl command line, with the same chunks or ranges and as many of them at a time.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import MIB, Figure, Row
from stub import API_KEY, PROJECT, PROJECT_ID, prepare

HERE = Path(__file__).parent
FILES, FILE_BYTES = 1000, 10_000
CHUNK, RANGE = 10 * MIB, 8 * MIB
# What our client has under way at a time.
UPLOADS, DOWNLOADS = 3, 4


class _Bench:
    def __init__(self, folder: Path, size: int):
        self.folder, self.size = folder, size
        self._stub = self._compile("file_stub", "-lssl", "-lcrypto", "-lpthread")
        self._pool = self._compile("curl_pool", "-lcurl")
        self.ca_file = prepare(folder)
        answers = folder / "answers" / "hopsworks-api" / "api" / "project" / str(PROJECT_ID)
        stored = answers / "dataset" / "Resources%2Fstored.bin.json"
        path = f"/Projects/{PROJECT}/Resources/stored.bin"
        attributes = {"path": path, "size": size, "dir": False, "modificationTime": "1"}
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_text(json.dumps({"zipState": "NONE", "attributes": attributes}))
        self.small = folder / "small"
        self.small.mkdir()
        for number in range(FILES):
            (self.small / f"{number:04}.bin").write_bytes(os.urandom(FILE_BYTES))
        self.large = folder / "large.bin"
        block = os.urandom(MIB)
        with self.large.open("wb") as out:
            for _ in range(size // MIB):
                out.write(block)
        self._write_parts()
        self._process = subprocess.Popen(
            [
                *(self._stub, str(folder / "server.pem"), str(folder / "server.key")),
                *(str(folder / "answers"), str(size)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.base = f"https://127.0.0.1:{self.port}/hopsworks-api/api/project/{PROJECT_ID}/dataset"

    def close(self) -> None:
        """Stop the stub."""
        self._process.kill()
        self._process.wait()

    def _compile(self, name: str, *libraries: str) -> str:
        command = ["cc", "-O2", "-D_GNU_SOURCE", "-o", self.folder / name, HERE / f"{name}.c"]
        subprocess.run([*command, *libraries], check=True)
        return str(self.folder / name)

    def _write_parts(self) -> None:
        """The chunks of the large file, for curl, which cannot send a part of a file."""
        parts = self.folder / "parts"
        parts.mkdir()
        with self.large.open("rb") as file:
            for number in range(-(-self.size // CHUNK)):
                (parts / str(number + 1)).write_bytes(file.read(CHUNK))

    # --- the floors -------------------------------------------------------------------------------------

    def pool(self) -> list[float]:
        """Seconds for the folder through one pool of libcurl."""
        files = sorted(str(path) for path in self.small.iterdir())
        command = [self._pool, f"{self.base}/upload/Resources%2Fsmall", str(self.ca_file), API_KEY]
        return [float(subprocess.check_output([*command, str(UPLOADS), *files]))]

    def curl_upload(self) -> list[float]:
        """Seconds for the large file, by the curl command."""
        chunks = -(-self.size // CHUNK)
        fields = {
            "templateId": -1,
            "flowChunkSize": CHUNK,
            "flowTotalSize": self.size,
            "flowIdentifier": f"{self.size}_large.bin",
            "flowFilename": "large.bin",
            "flowRelativePath": "large.bin",
            "flowTotalChunks": chunks,
        }
        requests = []
        for number in range(1, chunks + 1):
            part = self.folder / "parts" / str(number)
            own = {"flowCurrentChunkSize": part.stat().st_size, "flowChunkNumber": number}
            lines = [f'url = "{self.base}/upload/Resources"', 'output = "/dev/null"']
            lines += [f'form = "{name}={value}"' for name, value in {**fields, **own}.items()]
            lines += [f'form = "file=@{part};filename=large.bin"']
            requests.append(self._request(lines))
        return self._curl(requests, UPLOADS)

    def curl_download(self) -> list[float]:
        """Seconds for the large file, by the curl command, each range into a file of its own."""
        target = self.folder / "ranges"
        target.mkdir(exist_ok=True)
        requests = []
        for number, begin in enumerate(range(0, self.size, RANGE)):
            end = min(begin + RANGE, self.size) - 1
            url = f"{self.base}/download/with_auth/Resources%2Fstored.bin?type=DATASET"
            lines = [f'url = "{url}"', f'range = "{begin}-{end}"', f'output = "{target}/{number}"']
            requests.append(self._request(lines))
        try:
            return self._curl(requests, DOWNLOADS)
        finally:
            subprocess.run(["rm", "-rf", target], check=True)

    def _request(self, lines: list[str]) -> str:
        shared = [
            f'header = "Authorization: ApiKey {API_KEY}"',
            f'cacert = "{self.ca_file}"',
            "fail",
            "http1.1",
            'header = "Expect:"',
        ]
        return "\n".join([*lines, *shared])

    def _curl(self, requests: list[str], parallel: int) -> list[float]:
        config = self.folder / "curl.conf"
        config.write_text("\nnext\n".join(requests))
        command = ["curl", "-sS", "--parallel", "--parallel-max", str(parallel), "-K", str(config)]
        # It shows its progress in spite of -s when it works in parallel.
        return [_seconds(lambda: subprocess.run(command, check=True, capture_output=True))]

    # --- the clients ------------------------------------------------------------------------------------

    def client(self, python: str, large: bool = True) -> dict[str, list[float]]:
        """What files_client.py measured under an interpreter."""
        command = [
            python,
            str(HERE / "files_client.py"),
            str(self.port),
            str(self.ca_file),
            API_KEY,
        ]
        paths = [str(self.small), str(self.large) if large else "-", str(self.folder / "target")]
        out = subprocess.check_output([*command, *paths], text=True, cwd="/")
        return json.loads(out.strip().splitlines()[-1])


def rows(ours: str, official: str | None, rounds: int, size: int) -> list[Row]:
    """Return the rows; ``size`` is that of the large file in bytes."""
    clients = {"ours": ours} if official is None else {"ours": ours, "official": official}
    seen: dict[str, dict[str, Figure]] = {}

    def note(name: str, who: str, values: list[float]) -> None:
        seen.setdefault(name, {}).setdefault(who, Figure()).values += values

    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Path(folder), size)
        try:
            for _ in range(rounds):
                for _ in range(3):
                    note("folder", "floor", bench.pool())
                    note("folder", "ours", bench.client(ours, large=False)["folder"])
                note("up", "floor", bench.curl_upload())
                note("down", "floor", bench.curl_download())
                for who, python in clients.items():
                    for name, values in bench.client(python).items():
                        note(name, who, values)
        finally:
            bench.close()
    title = f"{size / 1024**3:g} GiB, TLS"

    def row(what: str, name: str, limit: float) -> Row:
        return Row(what, "s", limit=limit, of_floor=True, at_least=True, **seen[name])

    return [
        row(f"upload of a folder of {FILES:,} files of 10 KB, TLS", "folder", 0.7),
        row(f"upload of {title}", "up", 0.9),
        row(f"download of {title}", "down", 0.9),
        Row(
            "client's memory above its baseline meanwhile",
            "MiB",
            seen["memory"]["ours"],
            seen["memory"].get("official"),
            limit=64,
        ),
    ]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
