# Made by tools/generate.py from resources/ and tools/tables/native_head.pyi; never edited.
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

types: tuple[str, ...]
endpoints: dict[str, dict[str, Any]]

def decode_response(endpoint: str, body: Any, scope: Scope | None = None, /) -> Any: ...

class _Resource:
    _scope: Scope | None
    @classmethod
    def from_response_json(cls, json: Any, scope: Scope | None = None) -> Any: ...
    def update_from_response_json(self, json: Any) -> Self: ...
    def _set(self, **fields: Any) -> None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def json(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any]) -> Self: ...

class Client:
    base_url: str
    closed: bool
    def __init__(
        self,
        base_url: str,
        *,
        unix_socket: str | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool = True,
        hostname_verification: bool = True,
        trust_store: str | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        connect_timeout: float | None = 10.0,
        read_timeout: float | None = 60.0,
        total_timeout: float | None = None,
        user_agent: str | None = None,
    ) -> None: ...
    def close(self) -> None: ...
    def scope(self, context: Any, **fixed_params: Any) -> Scope: ...

class Scope:
    context: Any
    client: Client
    params: dict[str, Any]
    def call(
        self,
        endpoint: str,
        body: Any = None,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any: ...
    def upload(
        self,
        local_path: str,
        remote_dir: str,
        *,
        name: str | None = None,
        chunk_size: int = ...,
        parallel: int = ...,
        retries: int = ...,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def download(
        self,
        remote_path: str,
        local_path: str,
        *,
        size: int = ...,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def open_upload(
        self,
        endpoint: str,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> UploadStream: ...
    def open_download(self, endpoint: str, **params: Any) -> DownloadStream: ...

class UploadStream:
    closed: bool
    def write(self, data: Any) -> int: ...
    def finish(self) -> Any: ...
    def abort(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class DownloadStream:
    closed: bool
    headers: dict[str, str]
    def read(self, size: int = -1) -> bytes: ...
    def readinto(self, buffer: Any) -> int: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
