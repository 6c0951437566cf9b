"""Many small objects, written side by side."""

from __future__ import annotations

import os

from hopsworks.lakefs import arguments
from hopsworks.lakefs.exceptions import ValidationError
from hopsworks.lakefs.parallel import each

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Mapping
    from typing import Any

    from hopsworks.lakefs.branch_data import BranchData
    from hopsworks.lakefs.models import ObjectInfo
    from hopsworks.lakefs.object import Data

_PARALLEL_MOST = 64


def upload_objects(
    branch: BranchData,
    objects: Mapping[str, Data],
    parallel: int,
    pre_sign: bool | None,
    content_type: str | None,
    metadata: dict[str, str] | None,
    timeout: Any,
    kwargs: dict[str, Any],
) -> dict[str, ObjectInfo]:
    """Write many objects; see :meth:`BranchData.upload_objects`.

    Parameters:
        branch: Where they go.
        objects: Content by path.
        parallel: How many at a time.
        pre_sign: Whether the content goes directly to the object store.
        content_type: Media type of each.
        metadata: Keys and values to keep with each.
        timeout: Limits of each request.
        kwargs: Other keywords, which are refused.

    Returns:
        What the server says about each, by path.
    """
    arguments.refuse_others("upload_objects", kwargs)
    if not isinstance(parallel, int) or not 1 <= parallel <= _PARALLEL_MOST:
        raise ValidationError(f"parallel must be 1 to {_PARALLEL_MOST}, not {parallel!r}")
    if not hasattr(objects, "items"):
        raise ValidationError(
            f"objects must be a dict of paths to contents, not {type(objects).__name__}"
        )
    metadata = arguments.metadata(metadata)
    items = list(objects.items())
    for path, data in items:
        arguments.text(path, "a path")
        _check(path, data)
    if not items:
        return {}
    first = branch.object(items[0][0])
    directly = first._goes_directly(pre_sign)  # asked once, not by each thread
    written: dict[str, ObjectInfo] = {}

    def write(item: tuple[str, Data]) -> None:
        path, data = item
        try:
            written[path] = branch.object(path)._write(
                data, "w", directly, content_type, metadata, _request_timeout=timeout
            )
        except Exception as failure:
            failure.add_note(f"'{path}' was not written.")
            raise

    try:
        each(write, items, min(parallel, len(items)))
    except BaseException as failure:
        failure.add_note(f"{len(written)} of {len(items)} objects were written.")
        raise
    return {path: written[path] for path, _ in items}


def _check(path: str, data: Any) -> None:
    if isinstance(data, str | bytes | bytearray | memoryview) or hasattr(data, "read"):
        return
    if isinstance(data, os.PathLike):
        if not os.path.isfile(data):
            raise ValidationError(f"there is no file '{os.fspath(data)}' to write to '{path}'")
        return
    try:
        memoryview(data).release()
    except TypeError:
        raise ValidationError(
            f"the content of '{path}' must be str, bytes, a pathlib.Path or a file to read from, not"
            f" {type(data).__name__}"
        ) from None
