"""A relay in front of the local server that breaks requests by a seed, and keeps a record of what it did.

Whether and how a request is broken hangs on the seed, on what is asked for and on how often it was asked before, not
on the order in which threads happen to ask: a seed shows the same faults again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
import re
import select
import socket
import struct
import threading
import time

# What a relay does to a request. "lost": the server gets it, its answer does not come back.
FAULTS = (
    "reset request", "reset answer", "truncate answer", "lost answer",
    "stall request", "stall answer", "500", "503", "503 later", "429", "429 later",
)  # fmt: skip
_CHUNK = re.compile(
    rb'name="flowFilename"\r\n\r\n(.*?)\r\n.*name="flowChunkNumber"\r\n\r\n(\d+)', re.S
)


@dataclasses.dataclass
class Exchange:
    """One request as it was met.

    Args:
        key: Verb, target without the host, and the chunk or the end of the range: the same for a repetition.
        at: When its head had come.
        fault: What was done to it; None when it went through.
        over: When it ended for the client.
        reached: Whether the server got it.
        left: Whether the client went away before its answer was sent.
        kept: Whether another request came before it on the same connection.
        status: What the server itself answered.
    """

    key: tuple[str, str, str]
    at: float
    fault: str | None
    over: float = 0.0
    reached: bool = False
    left: bool = False
    kept: bool = False
    status: int = 0

    @property
    def verb(self) -> str:
        return self.key[0]

    @property
    def is_transfer(self) -> bool:
        """Whether it carries a part of a file, which transfers repeat by rules of their own."""
        return "/dataset/upload/" in self.key[1] or "/download/with_auth/" in self.key[1]

    @property
    def answered(self) -> bool:
        return self.fault is None or self.fault[:3] in ("500", "503", "429")


class _Gone(Exception):
    """The client left."""


class FaultyRelay:
    """The relay, listening on the loopback interface; a context manager.

    Args:
        target: Socket of the server.
        seed: What the faults hang on.
        rate: Share of the requests that are broken.
        faults: Which faults there are.
    """

    def __init__(
        self, target: str, seed: int, rate: float, faults: tuple[str, ...] = FAULTS
    ) -> None:
        self.exchanges: list[Exchange] = []
        self._target = target
        self._seed = seed
        self._rate = rate
        self._faults = faults
        self._asked: dict[tuple[str, str, str], int] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> FaultyRelay:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._closing:
                    connection.close()
                    return
                self._open.add(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        kept = False
        with contextlib.suppress(OSError, _Gone, ValueError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._exchange(connection, reader, kept):
                kept = True
        with self._lock:
            self._open.discard(connection)
        # The reader holds the connection open, so close() alone would not end it.
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        reader.close()
        connection.close()

    def _exchange(self, connection: socket.socket, reader: object, kept: bool) -> bool:
        line = reader.readline()
        if not line:
            return False
        at = time.monotonic()
        verb, target, _ = line.decode().split(" ", 2)
        lines = [line]
        headers = {}
        while (header := reader.readline()).strip():
            lines.append(header)
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        begin = reader.read(min(length, 4096)) if length else b""
        part = headers.get("range", "").rpartition("-")[2]
        if chunk := _CHUNK.search(begin):
            part = f"{chunk[1].decode()} {int(chunk[2])}"
        exchange = Exchange((verb, target, part), at, None, kept=kept)
        with self._lock:
            times = self._asked[exchange.key] = self._asked.get(exchange.key, 0) + 1
            self.exchanges.append(exchange)
        dice = random.Random(f"{self._seed} {exchange.key} {times}")
        if dice.random() < self._rate:
            exchange.fault = dice.choice(self._faults)
        try:
            return self._treat(connection, reader, exchange, dice, lines, begin, length)
        except OSError:
            exchange.left = True
            raise
        finally:
            exchange.over = exchange.over or time.monotonic()

    def _treat(
        self,
        connection: socket.socket,
        reader: object,
        exchange: Exchange,
        dice: random.Random,
        lines: list[bytes],
        begin: bytes,
        length: int,
    ) -> bool:
        fault = exchange.fault
        rest = length - len(begin)
        if fault in ("reset request", "stall request"):
            read(reader, dice.randrange(rest + 1))
            if fault == "stall request":
                wait_for_end(connection)
                exchange.over = time.monotonic()
                return False
            exchange.over = time.monotonic()
            reset(connection)
            return False
        content = begin + read(reader, rest)
        if exchange.answered and fault is not None:
            later = b"Retry-After: %d\r\n" % dice.randrange(2) if "later" in fault else b""
            exchange.over = time.monotonic()
            connection.sendall(
                b"HTTP/1.1 %s Broken\r\n%sContent-Length: 2\r\n\r\n{}" % (fault[:3].encode(), later)
            )
            return True
        exchange.reached = True
        answer = self._ask(lines, content)
        exchange.status = int(answer.split(b" ", 2)[1])
        if fault == "lost answer":
            exchange.over = time.monotonic()
            reset(connection)
            return False
        if is_gone(connection):
            exchange.left = True
            return False
        if fault is None:
            connection.sendall(answer)
            return True
        connection.sendall(answer[: dice.randrange(len(answer))])
        if fault == "stall answer":
            wait_for_end(connection)
        exchange.over = time.monotonic()
        if fault == "reset answer":
            reset(connection)
        return False

    def _ask(self, lines: list[bytes], content: bytes) -> bytes:
        """Pass a request on; the answer as it came."""
        with socket.socket(socket.AF_UNIX) as upstream:
            upstream.connect(self._target)
            upstream.sendall(b"".join(lines) + b"\r\n" + content)
            reader = upstream.makefile("rb")
            head = [reader.readline()]
            length = 0
            while (line := reader.readline()).strip():
                head.append(line)
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            return b"".join(head) + b"\r\n" + reader.read(length)


def by_key(exchanges: list[Exchange]) -> dict[tuple[str, str, str], list[Exchange]]:
    """The exchanges of each request with its repetitions, in order."""
    found: dict[tuple[str, str, str], list[Exchange]] = {}
    for exchange in sorted(exchanges, key=lambda e: e.at):
        found.setdefault(exchange.key, []).append(exchange)
    return found


def read(reader: object, count: int) -> bytes:
    """Exactly so many bytes."""
    found = reader.read(count)
    if len(found) < count:
        raise _Gone
    return found


def reset(connection: socket.socket) -> None:
    """End a connection so that the peer gets an error at once."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # close() alone waits for the reader; the descriptor is what counts.
    socket.socket(fileno=connection.detach()).close()


def is_gone(connection: socket.socket) -> bool:
    """Whether the peer has ended the connection."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    return connection.recv(1, socket.MSG_PEEK) == b""


def wait_for_end(connection: socket.socket) -> None:
    """Wait, without taking anything, until the peer ends the connection."""
    poller = select.poll()
    poller.register(connection, select.POLLRDHUP)
    poller.poll(20_000)
