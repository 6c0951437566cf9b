"""A record of the requests that the server answered: one JSON object a line.

It holds verb, path, query, JSON body and status; no headers, so no key and no token. The values of secrets and of
environment variables are masked.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from hopsworks.local.http import Request


class Recorder:
    """Appends to a file that only the owner reads."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "a", buffering=1)

    def note(self, request: Request, status: int) -> None:
        """Record one answered request."""
        kind = request.header(b"content-type").decode("latin-1").partition(";")[0]
        entry: dict[str, Any] = {
            "method": request.method,
            "path": request.raw_path,
            "query": {k: ["***"] if k in _SECRET else v for k, v in request.query_map.items()},
            "contentType": kind or None,
            "body": None,
            "status": status,
        }
        if request.body:
            try:
                entry["body"] = _masked(request.raw_path, json.loads(request.body))
            except ValueError:
                entry["body"] = request.body.decode("utf-8", "replace")[:10_000]
        self._file.write(json.dumps(entry) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


# Query parameters that let somebody in.
_SECRET = ("password", "token")


def _masked(path: str, body: Any) -> Any:
    """A body without what must not be written down."""
    if isinstance(body, dict) and ("/users/secrets" in path or "/users/envvars" in path):
        return {k: "***" if k in ("secret", "value") else v for k, v in body.items()}
    return body
