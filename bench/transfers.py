"""Upload and download of a large file through the embedded server, beside the curl command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from measure import MIB, Figure, Row, forget_peak, memory
from served import Served

from hopsworks.local import lifecycle

API = "http://localhost/hopsworks-api/api"


def rows(served: Served, folder: Path, official: str | None, rounds: int, size: int) -> list[Row]:
    """Return the rows; ``size`` is the file's size in bytes."""
    data_folder = str(served.data)
    source = folder / "large.bin"
    block = os.urandom(MIB)
    with source.open("wb") as out:
        for _ in range(size // MIB):
            out.write(block)
    address = lifecycle.ensure_running(data_folder)
    project = _curl(address, f"{API}/project/getProjectInfo/local", capture=True)
    base = f"{API}/project/{json.loads(project)['projectId']}/dataset"
    names = ("up", "down", "curl_up", "curl_down", "client", "server")
    seen = {name: Figure() for name in names}
    theirs: dict[str, Figure] = {}
    for _ in range(rounds):
        seen["curl_up"].values.append(_seconds(lambda: _curl_upload(address, base, source, size)))
        target = folder / "curl.bin"
        seen["curl_down"].values.append(
            _seconds(
                lambda target=target: _curl(
                    address,
                    f"{base}/download/with_auth/Resources%2Flarge.bin?type=DATASET",
                    "-o",
                    str(target),
                )
            )
        )
        target.unlink()
        _curl(address, f"{base}/Resources%2Flarge.bin", "-X", "DELETE")
        forget_peak(address.pid)
        out = subprocess.check_output(
            [sys.executable, __file__, data_folder, str(source), str(folder / "ours.bin")],
            text=True,
        )
        result = json.loads(out.strip().splitlines()[-1])
        for name in ("up", "down", "client"):
            seen[name].values.append(result[name])
        seen["server"].values.append(memory(address.pid, peak=True))
        (folder / "ours.bin").unlink()
        if official:
            target = folder / "official.bin"
            result = served.official(
                official,
                "official_client.py",
                part="transfers",
                source=str(source),
                target=str(target),
            )
            for name, values in result.items():
                theirs.setdefault(name, Figure()).values += values
            target.unlink()
    source.unlink()
    title = f"{size / 1024**3:g} GiB through the local server"
    return [
        Row(
            f"upload of {title}",
            "s",
            seen["up"],
            theirs.get("up"),
            floor=seen["curl_up"],
            limit=0.8,
            of_floor=True,
            at_least=True,
        ),
        Row(
            f"download of {title}",
            "s",
            seen["down"],
            theirs.get("down"),
            floor=seen["curl_down"],
            limit=0.8,
            of_floor=True,
            at_least=True,
        ),
        Row("client's memory above its baseline meanwhile", "MiB", seen["client"], limit=64),
        Row("server's peak memory meanwhile", "MiB", seen["server"], limit=128),
    ]


def _curl(address: lifecycle.Address, url: str, *options: str, capture: bool = False) -> str:
    return subprocess.run(
        [
            *("curl", "-sS", "--fail", "--unix-socket", address.socket),
            *("-H", f"Authorization: ApiKey {address.api_key}", *options, url),
        ],
        check=True,
        text=True,
        stdout=subprocess.PIPE if capture else subprocess.DEVNULL,
    ).stdout


def _curl_upload(address: lifecycle.Address, base: str, source: Path, size: int) -> None:
    fields = {
        "templateId": -1,
        "flowChunkSize": size,
        "flowTotalSize": size,
        "flowIdentifier": f"{size}_{source.name}",
        "flowFilename": source.name,
        "flowRelativePath": source.name,
        "flowTotalChunks": 1,
        "flowCurrentChunkSize": size,
        "flowChunkNumber": 1,
    }
    form = [part for name, value in fields.items() for part in ("-F", f"{name}={value}")]
    _curl(address, f"{base}/upload/Resources", *form, "-F", f"file=@{source}")


def _seconds(call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _client(data_folder: str, source: str, target: str) -> None:
    """Do the transfers in a process of their own, so that its memory can be told."""
    import hopsworks

    files = hopsworks.login(host=f"local:{data_folder}").get_dataset_api()
    small = Path(source).with_name("small.bin")
    small.write_bytes(b"warm")
    files.upload(str(small), "Resources", overwrite=True)
    files.download("Resources/small.bin", str(small), overwrite=True)
    baseline = memory()
    forget_peak()
    result = {
        "up": _seconds(lambda: files.upload(source, "Resources")),
        "down": _seconds(lambda: files.download("Resources/large.bin", target)),
    }
    result["client"] = memory(peak=True) - baseline
    if Path(source).stat().st_size != Path(target).stat().st_size:
        raise ValueError("the file came back in another size")
    files.remove("Resources/large.bin")
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    _client(*sys.argv[1:])
