"""Files that are being uploaded: chunks written in place, noted when complete, published by a rename.

Each chunk is written at its offset of one staging file while it arrives, so nothing is copied when
the last one is there. Which chunks are complete is noted in a small file beside it, so an upload
goes on after a restart of the server. One request at a time writes a chunk: another for the same
chunk waits for it, and takes over when it makes no end.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from hopsworks.local.app import Server
from hopsworks.local.errors import ApiError, destination_exists
from hopsworks.local.folders import Place, sync_folder, work_folder
from hopsworks.local.http import Request

WRITE_BYTES = 1024 * 1024
FORGOTTEN_AFTER = 3600.0
ENDED_AFTER = 1.0
# A request that repeats a chunk waits so long for the one that writes it.
STALLED_SECONDS = 20.0
_SYNC_FILE_RANGE_WRITE = 2


class _Writer:
    """A request that writes a chunk; ``idle`` while no thread writes for it."""

    def __init__(self) -> None:
        self.stopped = False
        self.ended = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()

    async def stop(self) -> None:
        """Let it write no more."""
        self.stopped = True
        await self.idle.wait()


class Upload:
    """An upload that is under way.

    Attributes:
        place: the destination.
        total: the size of the whole file.
        client: the process that uploads, 0 when it is not known.
        received: size of each complete chunk by its number.
        done: published or discarded.
    """

    def __init__(self, data: Path, place: Place, total: int) -> None:
        self.place = place
        self.total = total
        self.client = 0
        self.received: dict[int, int] = {}
        self.last_used = time.monotonic()
        self.publishing = asyncio.Lock()
        self.done = False
        self._data = data
        self._notes = data.with_suffix(".parts")
        self._confirmed: set[int] = set()
        self._ended: dict[int, float] = {}
        self._writers: dict[int, _Writer] = {}
        self._descriptor: int | None = None
        self._recall()

    def _recall(self) -> None:
        try:
            lines = self._notes.read_text().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            number, _, size = line.partition(" ")
            if number.isdigit() and size.isdigit():
                self.received[int(number)] = int(size)

    @property
    def in_use(self) -> bool:
        """Whether a request writes a chunk."""
        return bool(self._writers)

    def complete(self) -> bool:
        """Whether all bytes are there."""
        return bool(self.received) and sum(self.received.values()) >= self.total

    # -- chunks --------------------------------------------------------------------------------

    async def write(
        self, server: Server, number: int, offset: int, size: int, content: AsyncIterator[bytes]
    ) -> None:
        """Write a chunk at its place, a mebibyte at a time in a thread, and note it."""
        while (before := self._writers.get(number)) is not None:
            try:
                await asyncio.wait_for(before.ended.wait(), STALLED_SECONDS)
            except TimeoutError:
                await before.stop()
                if self._writers.get(number) is before:
                    break
        writer = self._writers[number] = _Writer()
        try:
            await self._write(server, writer, number, offset, size, content)
        finally:
            await writer.idle.wait()
            if self._writers.get(number) is writer:
                del self._writers[number]
            writer.ended.set()
            self.last_used = time.monotonic()

    async def _write(
        self,
        server: Server,
        writer: _Writer,
        number: int,
        offset: int,
        size: int,
        content: AsyncIterator[bytes],
    ) -> None:
        started = time.monotonic()
        again = number in self.received
        differs = False
        pieces: list[bytes] = []
        held = 0
        put: asyncio.Task[bool] | None = None
        try:
            async for piece in content:
                if writer.stopped:
                    continue
                pieces.append(piece)
                held += len(piece)
                if held < WRITE_BYTES:
                    continue
                # The next mebibyte arrives while this one is being written.
                if put is not None:
                    differs |= await put
                put = self._put(server, writer, pieces, offset, again and not differs)
                offset += held
                pieces, held = [], 0
            if put is not None:
                differs |= await put
            if pieces and not writer.stopped:
                differs |= await self._put(server, writer, pieces, offset, again and not differs)
        except BaseException:
            if put is not None:
                differs |= await put
            if differs:
                # Half of the earlier chunk is overwritten, so it counts no more.
                self.received.pop(number, None)
                self._rewrite_notes()
            raise
        if self.done:
            return
        if writer.stopped:
            raise ApiError(
                503, 110043, "Upload failed.", f"Chunk {number} was sent again meanwhile."
            )
        if differs:
            self._forget_other_content(started)
        if again:
            self._confirmed.add(number)
        self._note(number, size)

    def _put(
        self, server: Server, writer: _Writer, pieces: list[bytes], offset: int, compare: bool
    ) -> asyncio.Task[bool]:
        if writer.stopped or self.done:
            return asyncio.ensure_future(_nothing())
        if self._descriptor is None:
            self._descriptor = os.open(self._data, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        writer.idle.clear()
        task = asyncio.ensure_future(
            server.run(write_at, self._descriptor, pieces, offset, compare)
        )
        task.add_done_callback(lambda _: writer.idle.set())
        return task

    def _note(self, number: int, size: int) -> None:
        self._ended[number] = time.monotonic()
        if self.received.get(number) == size:
            return
        self.received[number] = size
        # One short append is whole or absent after a kill.
        with open(self._notes, "a") as file:
            file.write(f"{number} {size}\n")

    def _forget_other_content(self, started: float) -> None:
        """Drop chunks of an earlier attempt whose content turned out to be another file's."""
        for number in list(self.received):
            if number not in self._confirmed and self._ended.get(number, 0.0) < started:
                del self.received[number]
        self._rewrite_notes()

    def _rewrite_notes(self) -> None:
        fresh = self._notes.with_suffix(".new")
        fresh.write_text("".join(f"{n} {s}\n" for n, s in self.received.items()))
        fresh.replace(self._notes)

    # -- end -----------------------------------------------------------------------------------

    async def publish(self, server: Server) -> None:
        """Put the file on the disk and give it its name, which must be free."""
        await self._stop_writers()
        await server.run(self._publish)

    def _publish(self) -> None:
        if self._descriptor is None:
            self._descriptor = os.open(self._data, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, self.total)
        os.fsync(self._descriptor)
        try:
            os.link(self._data, self.place.file)
        except FileExistsError:
            raise destination_exists(self.place.absolute) from None
        sync_folder(self.place.file.parent)
        self._remove()

    async def discard(self) -> None:
        """Stop who writes and remove what was staged."""
        await self._stop_writers()
        self._remove()

    async def close(self) -> None:
        """Stop who writes and close the file; a later server can go on with it."""
        await self._stop_writers()
        self._close()

    async def _stop_writers(self) -> None:
        for writer in list(self._writers.values()):
            await writer.stop()

    def _remove(self) -> None:
        self.done = True
        self._data.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Uploads:
    """The uploads of a server."""

    def __init__(self, server: Server) -> None:
        self.folder = work_folder(server, "staging")
        self.active: dict[str, Upload] = {}
        self.tidying: asyncio.Task[None] | None = None
        self._published: dict[str, tuple[int, int]] = {}

    def key(self, request: Request, place: Place, identifier: str) -> str:
        """What tells uploads apart: destination, identifier and the client's process."""
        peer = request.connection.peer_process()
        text = f"{place.absolute}\0{identifier}\0{peer}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    async def get(self, key: str, place: Place, total: int, client: int) -> Upload:
        """The upload of that key, begun when there is none; ``client`` is its process or 0."""
        upload = self.active.get(key)
        if upload is not None and upload.total != total:
            await self.drop(key, upload)
            upload = None
        if upload is None:
            upload = self.active[key] = Upload(self.folder / f"{key}.data", place, total)
            upload.client = client
        upload.last_used = time.monotonic()
        return upload

    def finish(self, key: str, upload: Upload) -> None:
        """Forget a published upload, but remember it for a chunk that is sent again."""
        self.active.pop(key, None)
        found = upload.place.file.stat()
        self._published[key] = (found.st_ino, found.st_size)
        while len(self._published) > 512:
            self._published.pop(next(iter(self._published)))

    def was_published(self, key: str, place: Place) -> bool:
        """Whether the file at the destination is this very upload's."""
        try:
            found = place.file.stat()
        except OSError:
            return False
        return self._published.get(key) == (found.st_ino, found.st_size)

    async def drop(self, key: str, upload: Upload) -> None:
        """Give an upload up."""
        if self.active.get(key) is upload:
            del self.active[key]
        if not upload.done:
            await upload.discard()

    async def expire(self) -> None:
        """Drop uploads whose client has ended, or has not touched them for an hour."""
        now = time.monotonic()
        for key, upload in list(self.active.items()):
            gone = upload.client and not os.path.exists(f"/proc/{upload.client}")
            kept = ENDED_AFTER if gone else FORGOTTEN_AFTER
            if not upload.in_use and now - upload.last_used > kept:
                await self.drop(key, upload)


async def _nothing() -> bool:
    return False


def write_at(descriptor: int, pieces: list[bytes], offset: int, compare: bool) -> bool:
    """Write pieces at an offset; with ``compare`` say whether other bytes were there before."""
    size = sum(map(len, pieces))
    differs = compare and os.pread(descriptor, size, offset) != b"".join(pieces)
    views = [memoryview(piece) for piece in pieces]
    while views:
        written = os.pwritev(descriptor, views[:512], offset)
        offset += written
        while views and written >= len(views[0]):
            written -= len(views[0])
            views.pop(0)
        if written:
            views[0] = views[0][written:]
    _begin_writeback(descriptor, offset - size, size)
    return differs


def _begin_writeback(descriptor: int, offset: int, size: int) -> None:
    """Have the kernel put pages on the disk now, so that little is left for the final fsync."""
    call = _sync_file_range()
    if call is not None:
        call(descriptor, offset, size, _SYNC_FILE_RANGE_WRITE)


@functools.cache
def _sync_file_range() -> Callable[..., int] | None:
    import ctypes

    call = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call
