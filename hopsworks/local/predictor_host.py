"""The process in which a predictor script runs: loads it once, then answers one call after another.

The server starts it with one end of a socket pair. The first frame it sends says whether the script
could be loaded; after that each frame received is a request body and each frame sent an answer. A
frame is a status, a length and that many bytes. The script prints to its standard output and error,
which are the deployment's log.

The script defines a class ``Predict`` with ``predict(inputs)``, and a transformer script a class
``Transformer`` with ``preprocess(inputs)`` and ``postprocess(outputs)``, as on a cluster.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import ctypes
import datetime
import decimal
import importlib.util
import inspect
import json
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

FRAME = struct.Struct(">IQ")

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def give_up_rights(server: int) -> None:
    """End with the server, gain no privileges, leave no core file, write private files only."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    if os.getppid() != server:
        # The server ended before the request above took effect.
        os._exit(1)


def load_class(script: str, name: str) -> Any:
    """Run a script as a module and construct its class of that name."""
    path = Path(script)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if not inspect.isclass(found):
        raise ImportError(f"{path.name} defines no class {name}")
    return found()


def plain(value: Any) -> Any:
    """What a value that JSON does not know is sent as."""
    for convert in ("tolist", "item", "to_list", "to_dict", "to_pylist"):
        method = getattr(value, convert, None)
        if callable(method):
            return method()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset | range):
        return list(value)
    raise TypeError(f"the result holds a {type(value).__name__}, which JSON cannot carry")


class Host:
    """A loaded predictor and, if there is one, its transformer."""

    def __init__(self, predictor: Any, transformer: Any) -> None:
        self.predictor = predictor
        self.transformer = transformer
        self.loop: asyncio.AbstractEventLoop | None = None

    def answer(self, body: bytes) -> bytes:
        """Predict for the JSON body of a request and return the JSON body of the response."""
        payload = json.loads(body) if body else {}
        if self.transformer is not None:
            payload = self._call(self.transformer.preprocess, payload)
        result = self._call(self.predictor.predict, rows_of(payload))
        if not isinstance(result, dict):
            result = {"predictions": result}
        if self.transformer is not None:
            result = self._call(self.transformer.postprocess, result)
        return json.dumps(result, default=plain).encode()

    def _call(self, function: Any, argument: Any) -> Any:
        result = function(argument)
        if inspect.isawaitable(result):
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
            result = self.loop.run_until_complete(_awaited(result))
        return result


async def _awaited(value: Any) -> Any:
    return await value


def rows_of(payload: Any) -> Any:
    """What ``predict`` gets: the rows of the request, or all of it when it has no rows."""
    if isinstance(payload, dict):
        for key in ("instances", "inputs"):
            if key in payload:
                return payload[key]
    return payload


def receive(channel: socket.socket, size: int) -> bytes | None:
    """Exactly ``size`` bytes, or None when the server has gone."""
    collected = bytearray()
    while len(collected) < size:
        piece = channel.recv(min(1 << 20, size - len(collected)))
        if not piece:
            return None
        collected += piece
    return bytes(collected)


def send(channel: socket.socket, status: int, body: bytes) -> None:
    """Send one frame."""
    channel.sendall(FRAME.pack(status, len(body)) + body)


def describe(error: BaseException) -> bytes:
    """An exception for the one who made the request: its kind and text, no stack."""
    return f"{type(error).__name__}: {error}".encode()


def read_key() -> None:
    """Take the API key from standard input, where nobody else can read it, to where scripts look for it."""
    os.environ["SERVING_API_KEY"] = sys.stdin.readline().strip()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def main() -> int:
    """Load, then answer until the server closes the channel."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--server", type=int, required=True)
    parser.add_argument("--predictor", required=True)
    parser.add_argument("--transformer")
    given = parser.parse_args()
    give_up_rights(given.server)
    read_key()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    channel = socket.socket(fileno=given.channel)
    channel.set_inheritable(False)
    try:
        transformer = load_class(given.transformer, "Transformer") if given.transformer else None
        host = Host(load_class(given.predictor, "Predict"), transformer)
    except BaseException as error:
        traceback.print_exc()
        send(channel, 500, describe(error))
        return 1
    send(channel, 200, b"ready")
    while (head := receive(channel, FRAME.size)) is not None:
        body = receive(channel, FRAME.unpack(head)[1])
        if body is None:
            break
        try:
            status, answer = 200, host.answer(body)
        except Exception as error:
            traceback.print_exc()
            status = int(getattr(error, "status_code", 500) or 500)
            answer = describe(error)
        send(channel, status, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
