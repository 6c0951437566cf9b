"""Logs of deployments: each line that an instance prints, with the time at which it came.

A log is a file of at most ten mebibytes; a full one is kept as its predecessor. When an instance
ends, what it printed is also stored as a file of the project, below ``Logs/Serving``.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

LIMIT = 10 * 1024 * 1024
LINE_LIMIT = 64 * 1024


class InstanceLog:
    """The log of one instance of a deployment."""

    def __init__(self, folder: Path, instance: str, component: str = "predictor") -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.instance = instance
        self.component = component
        self.path = folder / f"{instance}_{component}.log"
        self.started = datetime.datetime.now(datetime.UTC)
        self.last_line = ""
        self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 - open while it runs
        self._partial = b""

    def feed(self, piece: bytes) -> None:
        """Take output as it comes."""
        lines = (self._partial + piece).split(b"\n")
        self._partial = lines.pop()
        if len(self._partial) > LINE_LIMIT:
            lines.append(self._partial)
            self._partial = b""
        if lines:
            self._write(lines)

    def _write(self, lines: list[bytes]) -> None:
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        self._file.write(b"".join(now + b" " + line + b"\n" for line in lines))
        text = lines[-1].decode("utf-8", "replace").strip()
        self.last_line = text or self.last_line
        if self._file.tell() > LIMIT:
            self._file.close()
            os.replace(self.path, self.path.with_suffix(".1"))
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 - as above

    def close(self, archive: Path) -> None:
        """End the log and store it among the project's files."""
        if self._file.closed:
            return
        if self._partial:
            self._write([self._partial])
            self._partial = b""
        self._file.close()
        lines = read_lines(self.path)
        if lines:
            archive.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{self.started:%Y%m%d-%H%M%S}_{self.instance}_{self.component}.log"
            (archive / name).write_text("".join(f"{text}\n" for _, text in lines))


def read_lines(path: Path) -> list[tuple[str, str]]:
    """Time and text of each line of a log and its predecessor."""
    lines = []
    for part in (path.with_suffix(".1"), path):
        try:
            content = part.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        for line in content.splitlines():
            time, _, text = line.partition(" ")
            lines.append((time, text))
    return lines


def entries(
    folder: Path,
    component: str,
    *,
    tail: int | None,
    since: str | None,
    until: str | None,
    instance: str | None,
    timestamps: bool,
) -> list[dict[str, Any]]:
    """The answer to a request for logs: one entry an instance, newest instance last."""
    found = []
    paths = sorted(folder.glob(f"*_{component}.log"), key=lambda path: path.stat().st_mtime)
    for path in paths:
        name = path.name.removesuffix(f"_{component}.log")
        if instance and instance != name:
            continue
        lines = [
            (time, text)
            for time, text in read_lines(path)
            if (not since or time >= _bound(since)) and (not until or time <= _bound(until))
        ]
        if tail is not None:
            lines = lines[-tail:] if tail > 0 else []
        if not lines and path is not paths[-1]:
            continue
        text = "\n".join(f"{time} {line}" if timestamps else line for time, line in lines)
        found.append({"instanceName": name, "content": text, "restartCount": 0})
    return found


def _bound(text: str) -> str:
    """An ISO 8601 time as the logs write it, so that texts compare as times."""
    try:
        parsed = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return ""
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=datetime.UTC)
    return parsed.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
