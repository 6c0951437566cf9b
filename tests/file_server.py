"""A server with one file, for tests of downloads that go wrong: it can be slow, break off, refuse or change.

It answers the requests of a login and of ``DatasetApi.download`` for any path, over plain HTTP on loopback, and
notes each range that was asked for.
"""

from __future__ import annotations

import json
import socket
import threading
import time

MIB = 1 << 20


class FileServer:
    """The server; a context manager.

    Args:
        content: Content of the file.
        ranges: Whether it answers ranges; otherwise everything is sent at each request.
        pause: Seconds before each MiB of content.
        stall_at: Offset in the file after which nothing more is sent, while ``stalled`` is set.
        break_at: Offsets at which the connection ends, each once.
        announced: Size to announce instead of the true one.
        refuse: Statuses that the first requests for content are answered with.
        etag: Value of the ETag header; a list is gone through, an entry a request.
    """

    def __init__(
        self,
        content: bytes,
        *,
        ranges: bool = True,
        pause: float = 0.0,
        stall_at: int | None = None,
        break_at: tuple[int, ...] = (),
        announced: int | None = None,
        refuse: tuple[int, ...] = (),
        etag: str | list[str] = '"1"',
    ) -> None:
        self.content = content
        self.ranges = ranges
        self.pause = pause
        self.stall_at = stall_at
        self.break_at = list(break_at)
        self.announced = len(content) if announced is None else announced
        self.refuse = list(refuse)
        self.etag = etag
        self.modified = "2026-01-01T00:00:00.000Z"
        self.stalled = threading.Event()
        self.stalled.set()
        self.asked: list[str | None] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> FileServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stalled.clear()
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        try:
            while line := reader.readline():
                headers = {}
                while (header := reader.readline().strip()) != b"":
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                if not self._answer(connection, line.decode().split()[1], headers.get("range")):
                    break
        except OSError:
            pass
        # The reader holds the connection open, so close() alone would not end it.
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def _answer(self, connection: socket.socket, path: str, asked: str | None) -> bool:
        if "with_auth" in path:
            return self._send_content(connection, asked)
        if "variables/versions" in path:
            body: object = [{"software": "hopsworks", "version": "5.2.1"}]
        elif "getProjectInfo" in path:
            body = {"projectId": 7, "projectName": path.rsplit("/", 1)[-1]}
        else:
            attributes = {
                "path": "/Projects/demo/Resources/x.bin",
                "size": self.announced,
                "dir": False,
            }
            body = {
                "zipState": "NONE",
                "attributes": {**attributes, "modificationTime": self.modified},
            }
        text = json.dumps(body).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
        return True

    def _send_content(self, connection: socket.socket, asked: str | None) -> bool:
        with self._lock:
            self.asked.append(asked)
            refusal = self.refuse.pop(0) if self.refuse else None
            etag = self.etag.pop(0) if isinstance(self.etag, list) else self.etag
        if refusal is not None:
            connection.sendall(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % refusal)
            return True
        begin, end, status = 0, len(self.content), "200 OK"
        extra = ""
        if asked is not None and self.ranges:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            begin, end, status = int(first), min(int(last) + 1, end), "206 Partial Content"
            extra = f"Content-Range: bytes {begin}-{end - 1}/{len(self.content)}\r\n"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {end - begin}\r\nETag: {etag}\r\n{extra}\r\n"
        connection.sendall(head.encode())
        return self._send(connection, begin, end)

    def _send(self, connection: socket.socket, at: int, end: int) -> bool:
        while at < end:
            if self.pause:
                time.sleep(self.pause)
            until = min(at + MIB, end)
            with self._lock:
                broken = min(
                    (offset for offset in self.break_at if at <= offset < until), default=None
                )
                if broken is not None:
                    self.break_at.remove(broken)
            stop = until if broken is None else broken
            stall = self.stall_at is not None and self.stalled.is_set() and self.stall_at < until
            if stall and self.stall_at is not None:
                stop = max(at, min(stop, self.stall_at))
            connection.sendall(self.content[at:stop])
            if broken is not None:
                return False
            if stall:
                while self.stalled.is_set():
                    time.sleep(0.02)
                return False
            at = until
        return True
