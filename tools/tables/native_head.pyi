# Made by tools/generate.py from resources/ and tools/tables/native_head.pyi; never edited.
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Self, final, type_check_only

# imports of the classes that decoding yields
from typing_extensions import disjoint_base

types: tuple[str, ...]
endpoints: dict[str, dict[str, Any]]

def __dir__() -> list[str]: ...
def decode_response(endpoint: str, body: Any, scope: Scope | None = None, /) -> Any: ...

@type_check_only
class _Resource:
    _scope: Scope | None
    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Scope | None = None) -> Any: ...
    def update_from_response_json(self, json_dict: Any) -> Self: ...
    def _set(self, **fields: Any) -> None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def json(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any], /) -> Self: ...

@final
class Client:
    @property
    def base_url(self) -> str: ...
    @property
    def unix_socket(self) -> str | None: ...
    @property
    def closed(self) -> bool: ...
    @property
    def connections(self) -> int: ...
    def __new__(
        cls,
        base_url: str,
        *,
        unix_socket: str | PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool = True,
        hostname_verification: bool = True,
        trust_store: str | PathLike[str] | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        connect_timeout: float | None = 10.0,
        read_timeout: float | None = 60.0,
        total_timeout: float | None = None,
        user_agent: str | None = None,
    ) -> Self: ...
    def scope(self, context: Any = None, /, **params: Any) -> Scope: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

@final
class Scope:
    @property
    def context(self) -> Any: ...
    @property
    def client(self) -> Client: ...
    @property
    def params(self) -> dict[str, Any]: ...
    def call(
        self,
        endpoint: str,
        /,
        body: Any = None,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any: ...
    def upload(
        self,
        local_path: str | PathLike[str],
        remote_dir: str,
        *,
        name: str | None = None,
        chunk_size: int = 10485760,
        parallel: int = 3,
        retries: int = 3,
        retry_interval: float = 1.0,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def upload_files(
        self,
        files: Sequence[tuple[str | PathLike[str], str, str]],
        *,
        chunk_size: int = 10485760,
        parallel: int = 3,
        retries: int = 3,
        retry_interval: float = 1.0,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def download(
        self,
        remote_path: str,
        local_path: str | PathLike[str],
        *,
        size: int,
        version: str | None = None,
        parallel: int = 4,
        retries: int = 3,
        retry_interval: float = 1.0,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def open_upload(
        self,
        endpoint: str,
        /,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **params: Any,
    ) -> UploadStream: ...
    def open_download(
        self,
        endpoint: str,
        /,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **params: Any,
    ) -> DownloadStream: ...

@final
class UploadStream:
    @property
    def closed(self) -> bool: ...
    @property
    def status(self) -> int: ...
    def write(self, data: Any, /) -> int: ...
    def finish(self) -> Any: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...
    def flush(self) -> None: ...
    def tell(self) -> int: ...
    def readable(self) -> bool: ...
    def writable(self) -> bool: ...
    def seekable(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

@final
class DownloadStream:
    @property
    def closed(self) -> bool: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def size(self) -> int | None: ...
    def read(self, size: int | None = -1, /) -> bytes: ...
    def readinto(self, buffer: Any, /) -> int: ...
    def close(self) -> None: ...
    def flush(self) -> None: ...
    def tell(self) -> int: ...
    def readable(self) -> bool: ...
    def writable(self) -> bool: ...
    def seekable(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
