"""Uploads in chunks: parallel, in any order, assembled in place and published by one rename.

Each chunk is written at its offset of one staging file while it arrives, so nothing is copied when
the last one is there. Which chunks are complete is noted in a small file beside it, so an upload
goes on after a restart of the server. The destination appears only when all bytes are on the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from hopsworks.local.app import Server
from hopsworks.local.datasets import refused_by_disk
from hopsworks.local.errors import ApiError, dataset_not_found, destination_exists, path_not_found
from hopsworks.local.folders import Place, locate, sync_folder, work_folder
from hopsworks.local.http import Request, Response, json_response
from hopsworks.local.multipart import FormError, read_chunk_form

logger = logging.getLogger(__name__)

MOST_CHUNKS = 10_000
WRITE_BYTES = 1024 * 1024
FORGOTTEN_AFTER = 3600.0


class Upload:
    """An upload that is under way.

    Attributes:
        total: the size of the whole file.
        received: size of each complete chunk by its number.
    """

    def __init__(self, data: Path, place: Place, total: int) -> None:
        self.place = place
        self.total = total
        self.data = data
        self.notes = data.with_suffix(".parts")
        self.received: dict[int, int] = {}
        self.confirmed: set[int] = set()
        self.ended: dict[int, float] = {}
        self.last_used = time.monotonic()
        self.writers = 0
        self.finishing = asyncio.Lock()
        self.done = False
        self._descriptor: int | None = None
        self._recall()

    def _recall(self) -> None:
        try:
            lines = self.notes.read_text().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            number, _, size = line.partition(" ")
            if number.isdigit() and size.isdigit():
                self.received[int(number)] = int(size)

    @property
    def descriptor(self) -> int:
        """The staging file, opened when first needed."""
        if self._descriptor is None:
            self._descriptor = os.open(self.data, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def note(self, number: int, size: int) -> None:
        """Remember that a chunk is complete."""
        self.received[number] = size
        self.ended[number] = time.monotonic()
        # One short append is whole or absent after a kill.
        with open(self.notes, "a") as file:
            file.write(f"{number} {size}\n")

    def forget_other_content(self, started: float) -> None:
        """Drop chunks of an earlier attempt whose content turned out to be another file's."""
        for number in list(self.received):
            if number not in self.confirmed and self.ended.get(number, 0.0) < started:
                del self.received[number]
        self.notes.write_text("".join(f"{n} {s}\n" for n, s in self.received.items()))

    def complete(self) -> bool:
        """Whether all bytes are there."""
        return sum(self.received.values()) >= self.total and bool(self.received)

    def publish(self) -> None:
        """Put the file on the disk and give it its name, which must be free."""
        os.ftruncate(self.descriptor, self.total)
        os.fsync(self.descriptor)
        try:
            os.link(self.data, self.place.file)
        except FileExistsError:
            raise destination_exists(self.place.absolute) from None
        sync_folder(self.place.file.parent)
        self.discard()

    def discard(self) -> None:
        """Remove what was staged."""
        self.done = True
        self.data.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Close the staging file, unless a chunk is being written to it: its writer closes it."""
        if self._descriptor is not None and not self.writers:
            os.close(self._descriptor)
            self._descriptor = None


class Uploads:
    """The uploads of a server."""

    def __init__(self, server: Server) -> None:
        self.folder = work_folder(server, "staging")
        self.active: dict[str, Upload] = {}
        self.published: dict[str, tuple[int, int]] = {}

    def key(self, request: Request, place: Place, identifier: str) -> str:
        """What tells uploads apart: destination, identifier and the client's process."""
        peer = request.connection.peer_process()
        text = f"{place.absolute}\0{identifier}\0{peer}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def get(self, key: str, place: Place, total: int) -> Upload:
        """The upload of that key, begun when there is none."""
        upload = self.active.get(key)
        if upload is None or upload.total != total:
            if upload is not None:
                upload.discard()
            self.expire()
            upload = self.active[key] = Upload(self.folder / f"{key}.data", place, total)
        upload.last_used = time.monotonic()
        return upload

    def finish(self, key: str, upload: Upload) -> None:
        """Forget a published upload, but remember it for a chunk that is sent again."""
        self.active.pop(key, None)
        found = upload.place.file.stat()
        self.published[key] = (found.st_ino, found.st_size)
        while len(self.published) > 512:
            self.published.pop(next(iter(self.published)))

    def was_published(self, key: str, place: Place) -> bool:
        """Whether the file at the destination is this very upload's."""
        try:
            found = place.file.stat()
        except OSError:
            return False
        return self.published.get(key) == (found.st_ino, found.st_size)

    def expire(self) -> None:
        """Drop uploads that no client has touched for an hour."""
        now = time.monotonic()
        for key, upload in list(self.active.items()):
            if not upload.writers and now - upload.last_used > FORGOTTEN_AFTER:
                upload.discard()
                del self.active[key]


class Chunk:
    """The checked fields of one chunk."""

    def __init__(self, fields: dict[str, str]) -> None:
        try:
            self.number = int(fields["flowChunkNumber"])
            self.total_chunks = int(fields["flowTotalChunks"])
            self.nominal = int(fields["flowChunkSize"])
            self.total = int(fields["flowTotalSize"])
            self.identifier = fields["flowIdentifier"]
            self.name = fields["flowFilename"]
            self.size = int(fields.get("flowCurrentChunkSize", self._derived_size()))
        except KeyError as error:
            raise bad_upload(f"the field {error.args[0]} is missing") from None
        except ValueError:
            raise bad_upload("a size or number is not a whole number") from None
        # An empty file comes as chunk 1 of 0.
        most = max(1, self.total_chunks)
        if not 1 <= self.number <= most or self.total_chunks > MOST_CHUNKS:
            raise bad_upload(
                f"chunk {self.number} of {self.total_chunks} is not possible; at most"
                f" {MOST_CHUNKS} chunks are allowed"
            )
        self.offset = (self.number - 1) * self.nominal
        if min(self.total, self.nominal, self.size) < 0 or self.offset + self.size > self.total:
            raise bad_upload(f"chunk {self.number} does not fit into {self.total} bytes")
        if not self.name or "/" in self.name or self.name in (".", ".."):
            raise bad_upload(f"{self.name!r} is not a file name")

    def _derived_size(self) -> int:
        return max(0, min(self.nominal, self.total - (self.number - 1) * self.nominal))


def bad_upload(detail: str) -> ApiError:
    """The form of a chunk is wrong."""
    return ApiError(
        400, 110042, "Upload information is not valid.", f"{detail[0].upper()}{detail[1:]}."
    )


def destination(server: Server, request: Request, name: str) -> Place:
    """Where the upload shall end up; its folder must exist."""
    project = server.project(request)
    folder = locate(project, request.params["path"])
    if not folder.parts:
        raise dataset_not_found(name)
    if not folder.file.is_dir():
        raise path_not_found(folder.absolute)
    return locate(project, f"{folder.absolute}/{name}")


async def upload(request: Request, server: Server) -> Response:
    """Take one chunk."""
    try:
        form = await read_chunk_form(request.header(b"content-type"), request.stream())
        chunk = Chunk(form.fields)
        place = destination(server, request, chunk.name)
        uploads = _uploads(server)
        key = uploads.key(request, place, chunk.identifier)
        if os.path.lexists(place.file):
            return await _sent_again(uploads, key, place, form.content(chunk.size))
        _check_space(server, chunk)
        upload = uploads.get(key, place, chunk.total)
        upload.writers += 1
        try:
            await _write(server, upload, chunk, form.content(chunk.size))
        except OSError as error:
            uploads.active.pop(key, None)
            upload.discard()
            raise refused_by_disk(error, place.absolute) from error
        finally:
            upload.writers -= 1
            upload.last_used = time.monotonic()
            if upload.done:
                upload.close()
    except FormError as error:
        raise bad_upload(str(error)) from None
    async with upload.finishing:
        # The writer that ends last publishes, so nobody writes to a published file.
        if not upload.done and not upload.writers and upload.complete():
            try:
                await server.run(upload.publish)
            except OSError as error:
                uploads.active.pop(key, None)
                upload.discard()
                raise refused_by_disk(error, place.absolute) from error
            except ApiError:
                uploads.active.pop(key, None)
                upload.discard()
                raise
            uploads.finish(key, upload)
            return json_response({"successMessage": "Successfuly uploaded file."})
    return json_response({"successMessage": "Uploading..."})


async def _sent_again(
    uploads: Uploads, key: str, place: Place, content: AsyncIterator[bytes]
) -> Response:
    """A chunk for a destination that exists: repeated after a lost answer, or refused."""
    if not uploads.was_published(key, place):
        raise destination_exists(place.absolute)
    async for _ in content:
        pass
    return json_response({"successMessage": "Successfuly uploaded file."})


async def _write(
    server: Server, upload: Upload, chunk: Chunk, content: AsyncIterator[bytes]
) -> None:
    """Write a chunk at its place, a mebibyte at a time in a thread."""
    started = time.monotonic()
    again = chunk.number in upload.received
    differs = False
    position = chunk.offset
    pieces: list[bytes] = []
    held = 0
    descriptor = upload.descriptor
    pending: asyncio.Future[bool] | None = None
    try:
        async for piece in content:
            pieces.append(piece)
            held += len(piece)
            if held < WRITE_BYTES:
                continue
            if pending is not None:
                differs |= await pending
            compare = again and not differs
            pending = asyncio.ensure_future(server.run(_put, descriptor, pieces, position, compare))
            position += held
            pieces, held = [], 0
    finally:
        # The thread uses the descriptor; wait for it also when the client has gone.
        if pending is not None:
            differs |= await pending
    if pieces:
        differs |= await server.run(_put, descriptor, pieces, position, again and not differs)
    if upload.done:
        return
    if differs:
        upload.forget_other_content(started)
    if again:
        upload.confirmed.add(chunk.number)
    if not again or differs:
        upload.note(chunk.number, chunk.size)


def _put(descriptor: int, pieces: list[bytes], offset: int, compare: bool) -> bool:
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
    return differs


def _check_space(server: Server, chunk: Chunk) -> None:
    about = os.statvfs(server.data_dir)
    if chunk.total > about.f_bavail * about.f_frsize:
        raise ApiError(
            500,
            110055,
            "Storage is full.",
            f"{chunk.name} has {chunk.total} bytes, but the disk of the data folder has only"
            f" {about.f_bavail * about.f_frsize} bytes left. Free space and try again.",
        )


def test_chunk(request: Request, server: Server) -> Response:
    """Say whether a chunk is there: 200 yes, 204 no."""
    chunk = Chunk({name: values[0] for name, values in request.query_map.items()})
    place = destination(server, request, chunk.name)
    uploads = _uploads(server)
    upload = uploads.active.get(uploads.key(request, place, chunk.identifier))
    there = upload is not None and chunk.number in upload.received
    return Response(None, 200 if there else 204, ())


def _uploads(server: Server) -> Uploads:
    found: Uploads | None = getattr(server, "uploads", None)
    if found is None:
        found = server.uploads = Uploads(server)  # type: ignore[attr-defined]
    return found


async def on_start(server: Server) -> None:
    """Remove what was staged more than a day ago."""
    oldest = time.time() - 86400
    for leftover in work_folder(server, "staging").iterdir():
        if leftover.is_file() and leftover.stat().st_mtime < oldest:
            leftover.unlink(missing_ok=True)


async def on_stop(server: Server) -> None:
    """Close the staging files; the uploads can go on with the next server."""
    for upload in _uploads(server).active.values():
        upload.close()


ROUTES: list[Any] = [
    ("POST", "project/{project_id}/dataset/upload/{path*}", upload),
    ("GET", "project/{project_id}/dataset/upload/{path*}", test_chunk),
]
