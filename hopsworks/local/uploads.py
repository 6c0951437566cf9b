"""Uploads in chunks: parallel, in any order; the destination appears when all bytes are on the disk.

The routes and their checks; ``staging`` keeps what has arrived.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

from hopsworks.local.app import Server
from hopsworks.local.errors import ApiError, dataset_not_found, destination_exists, path_not_found
from hopsworks.local.file_changes import refused_by_disk
from hopsworks.local.folders import Place, locate, require_write, work_folder
from hopsworks.local.http import Request, Response, json_response
from hopsworks.local.multipart import FormError, read_chunk_form
from hopsworks.local.staging import Upload, Uploads

MOST_CHUNKS = 10_000
TIDY_SECONDS = 2.0


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
    folder = locate(server, project, request.params["path"])
    if not folder.parts:
        raise dataset_not_found(name)
    if not folder.file.is_dir():
        raise path_not_found(folder.absolute)
    return locate(server, project, f"{folder.absolute}/{name}")


async def take_chunk(request: Request, server: Server) -> Response:
    """Take one chunk; the one that completes the file publishes it."""
    uploads = server.kept(Uploads)
    try:
        form = await read_chunk_form(request.header(b"content-type"), request.stream())
        chunk = Chunk(form.fields)
        place = destination(server, request, chunk.name)
        require_write(request, server, place)
        content = form.content(chunk.size)
        key = uploads.key(request, place, chunk.identifier)
        if os.path.lexists(place.file):
            return await _sent_again(uploads, key, place, content)
        _check_space(server, chunk)
        client = request.connection.peer_process()
        upload = await uploads.get(key, place, chunk.total, client)
        try:
            await upload.write(server, chunk.number, chunk.offset, chunk.size, content)
        except OSError as error:
            await uploads.drop(key, upload)
            raise refused_by_disk(error, place.absolute) from error
    except FormError as error:
        raise bad_upload(str(error)) from None
    if await _publish(server, uploads, key, upload):
        return json_response({"successMessage": "The file is uploaded."})
    return json_response({"successMessage": "Uploading..."})


async def _publish(server: Server, uploads: Uploads, key: str, upload: Upload) -> bool:
    """Publish a complete upload; False when bytes are missing."""
    async with upload.publishing:
        if upload.done:
            return uploads.was_published(key, upload.place)
        if not upload.complete():
            return False
        try:
            await upload.publish(server)
        except OSError as error:
            await uploads.drop(key, upload)
            raise refused_by_disk(error, upload.place.absolute) from error
        except ApiError:
            await uploads.drop(key, upload)
            raise
        uploads.finish(key, upload)
        return True


async def _sent_again(
    uploads: Uploads, key: str, place: Place, content: AsyncIterator[bytes]
) -> Response:
    """A chunk for a destination that exists: repeated after a lost answer, or refused."""
    if not uploads.was_published(key, place):
        raise destination_exists(place.absolute)
    async for _ in content:
        pass
    return json_response({"successMessage": "The file is uploaded."})


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


def has_chunk(request: Request, server: Server) -> Response:
    """Say whether a chunk is there: 200 yes, 204 no."""
    chunk = Chunk({name: values[0] for name, values in request.query_map.items()})
    place = destination(server, request, chunk.name)
    uploads = server.kept(Uploads)
    upload = uploads.active.get(uploads.key(request, place, chunk.identifier))
    there = upload is not None and chunk.number in upload.received
    return Response(None, 200 if there else 204, ())


async def _tidy(uploads: Uploads) -> None:
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        await uploads.expire()


async def on_start(server: Server) -> None:
    """Remove what was staged more than a day ago, and from now on what is abandoned."""
    uploads = server.kept(Uploads)
    uploads.tidying = asyncio.create_task(_tidy(uploads))
    oldest = time.time() - 86400
    for leftover in work_folder(server, "staging").iterdir():
        if leftover.is_file() and leftover.stat().st_mtime < oldest:
            leftover.unlink(missing_ok=True)


async def on_stop(server: Server) -> None:
    """Close the staging files; the uploads can go on with the next server."""
    uploads = server.kept(Uploads)
    if uploads.tidying is not None:
        uploads.tidying.cancel()
    for upload in uploads.active.values():
        await upload.close()


ROUTES: list[Any] = [
    ("POST", "project/{project_id}/dataset/upload/{path*}", take_chunk),
    ("GET", "project/{project_id}/dataset/upload/{path*}", has_chunk),
]
