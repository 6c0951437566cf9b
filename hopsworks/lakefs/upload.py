"""How the content of an object gets to the server, or directly to the object store."""

from __future__ import annotations

import binascii

from hopsworks.lakefs import exceptions
from hopsworks.lakefs.exceptions import (
    LakeFSException,
    MalformedResponseException,
    ObjectExistsException,
    ServerException,
    ValidationError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.lakefs.models import ObjectInfo
    from hopsworks.lakefs.object import WriteableObject
    from hopsworks.lakefs.spool import Content

DEFAULT_TYPE = "application/octet-stream"
# Larger content goes in parts where the store takes them. A store takes parts of 5 MiB and more, 10,000 of them.
MULTIPART_THRESHOLD = 64 * 1024 * 1024
PART_SIZE = 16 * 1024 * 1024
PARTS_MOST = 10_000
PARTS_AT_ONCE = 4

# Stores that are surely not Azure by the scheme of an address.
_OTHER_STORES = ("s3", "gs", "local", "mem", "s3a")


class Upload:
    """One upload of an object.

    Parameters:
        obj: The object.
        content_type: Its media type.
        metadata: Keys and values to keep with it.
        create: Whether it must not be there yet.
        timeout: Limits of each request.
    """

    def __init__(
        self,
        obj: WriteableObject,
        content_type: str | None,
        metadata: dict[str, str] | None,
        create: bool,
        timeout: Any,
    ) -> None:
        self._obj = obj
        self._client = obj._client
        self._content_type = content_type
        self._metadata = metadata
        self._create = create
        self._timeout = timeout
        self._branch = {"repository": obj.repo, "branch": obj.ref, "path": obj.path}

    def send(self, content: Content, pre_sign: bool, multipart_threshold: int) -> ObjectInfo:
        """Upload.

        Parameters:
            content: What is sent.
            pre_sign: Whether it goes directly to the object store.
            multipart_threshold: Larger content goes there in parts, in bytes.

        Returns:
            What the server says about the new object.

        Raises:
            ObjectExistsException: If it is there and must not.
            ServerException: If the server or the store refuses; the object is as it was.
        """
        self._obj._forget()
        try:
            if not pre_sign:
                return self._to_server(content)
            # The last call of an upload in parts cannot be made to depend on what is there.
            if content.size > multipart_threshold and not self._create and self._takes_parts():
                return self._in_parts(content)
            return self._to_store(content)
        except ServerException as error:
            if self._create and error.status_code == 412:
                raise ObjectExistsException(
                    error.status_code, error.reason, error.body, error.headers
                ) from error
            raise

    # --- to the server ------------------------------------------------------------------------------------

    def _to_server(self, content: Content) -> ObjectInfo:
        headers = {"Content-Type": self._content_type or DEFAULT_TYPE, **self._condition()}
        for key, value in (self._metadata or {}).items():
            headers[f"x-lakefs-meta-{key}"] = value
        return self._client._ask(
            "lakefs.object.upload", content.source, context=self._obj, headers=headers,
            timeout=self._timeout, **self._branch,
        )  # fmt: skip

    def _condition(self) -> dict[str, str]:
        return {"If-None-Match": "*"} if self._create else {}

    # --- to the store -------------------------------------------------------------------------------------

    def _to_store(self, content: Content) -> ObjectInfo:
        place = self._client._ask(
            "lakefs.staging.get", timeout=self._timeout, presign=True, **self._branch
        )
        url, address = _member(place, "presigned_url"), _member(place, "physical_address")
        headers = {} if self._content_type is None else {"Content-Type": self._content_type}
        if self._is_azure(address):
            headers["x-ms-blob-type"] = "BlockBlob"
        sent = self._put(url, content.source, headers)
        link = {
            "staging": place,
            "checksum": _checksum(sent),
            "size_bytes": content.size,
            "user_metadata": self._metadata,
            "content_type": self._content_type,
        }
        return self._client._ask(
            "lakefs.staging.link", link, context=self._obj, headers=self._condition(),
            timeout=self._timeout, **self._branch,
        )  # fmt: skip

    def _put(self, url: str, body: Any, headers: dict[str, str]) -> dict[str, str]:
        """Put content where a link leads; the headers of the answer."""
        connect, silence, total = limits(self._timeout)
        try:
            answer = self._client._native_client().request(
                "PUT", url, body=body, headers=headers, retry="safe",
                connect_timeout=connect, read_timeout=silence, total_timeout=total,
            )  # fmt: skip
        except ValueError as error:
            raise ValidationError(f"the link of an upload cannot be used: {error}") from error
        if not 200 <= answer.status <= 299:
            operation = f"PUT {url.partition('?')[0]}"
            raise exceptions.of_answer(
                answer.status, answer.reason, answer.content, answer.headers, operation
            )
        return answer.headers

    def _storage(self) -> Any:
        return self._client.storage_config_by_id(self._obj.storage_id())

    def _is_azure(self, address: str) -> bool:
        if address.partition("://")[0] in _OTHER_STORES:
            return False
        return self._storage().blockstore_type == "azure"

    # --- in parts -----------------------------------------------------------------------------------------

    def _takes_parts(self) -> bool:
        return bool(self._storage().pre_sign_multipart_upload)

    def _in_parts(self, content: Content) -> ObjectInfo:
        from hopsworks.lakefs.parallel import each

        size = max(PART_SIZE, -(-content.size // PARTS_MOST))
        count = -(-content.size // size)
        upload = self._client._ask(
            "lakefs.multipart.begin", timeout=self._timeout, parts=count, **self._branch
        )
        branch = {**self._branch, "upload_id": upload.upload_id}
        address = {"physical_address": upload.physical_address}
        tags: list[str] = [""] * count

        def put(number: int) -> None:
            part = content.part(number * size, min(size, content.size - number * size))
            tags[number] = _tag(self._put(upload.presigned_urls[number], part, {}))

        try:
            if len(upload.presigned_urls or ()) != count:
                raise MalformedResponseException(
                    f"the server gave {len(upload.presigned_urls or ())} links for {count} parts"
                )
            each(put, range(count), PARTS_AT_ONCE)
            parts = [{"part_number": n + 1, "etag": tag} for n, tag in enumerate(tags)]
            described = {"user_metadata": self._metadata, "content_type": self._content_type}
            return self._client._ask(
                "lakefs.multipart.complete", {**address, "parts": parts, **described},
                context=self._obj, timeout=self._timeout, **branch,
            )  # fmt: skip
        except BaseException as failure:
            try:
                self._client._call(
                    "lakefs.multipart.abort", address, timeout=self._timeout, **branch
                )
            except LakeFSException as also:
                failure.add_note(f"The parts that were sent could not be dropped: {also}")
            raise


def limits(timeout: Any) -> tuple[Any, Any, Any]:
    """Limits of a plain request.

    Parameters:
        timeout: Seconds for all of it, a pair, or None for the client's.

    Returns:
        Seconds to connect, of silence, and for all of it; ``...`` is the client's.
    """
    if timeout is None:
        return ..., ..., ...
    if isinstance(timeout, tuple):
        return timeout[0], timeout[1], ...
    return ..., timeout, timeout


def _member(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise MalformedResponseException(f"the server gave no {name} to upload to")
    return value


def _tag(headers: dict[str, str]) -> str:
    return headers.get("etag", "").strip('"')


def _checksum(headers: dict[str, str]) -> str:
    digest = headers.get("content-md5")
    if digest:
        try:
            return binascii.a2b_base64(digest).hex()
        except binascii.Error:
            raise MalformedResponseException(
                f"the store's Content-MD5 is no base64: {digest!r}"
            ) from None
    return _tag(headers)
