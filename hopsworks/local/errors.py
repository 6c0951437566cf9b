"""Errors that the server answers with, in the shape every client of the protocol expects.

An error is always a JSON object with an integer ``errorCode``. The codes are stable: clients decide
by them whether something is absent, refused or worth another attempt.
"""

from __future__ import annotations

import errno
import sqlite3


class ApiError(Exception):
    """An answer with an error status.

    Args:
        status: the HTTP status.
        code: the stable error code of the protocol.
        message: the fixed text that belongs to the code.
        user_message: what happened in this case and what to do about it.
        headers: extra response headers, as pairs of bytes.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        user_message: str | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(user_message or message)
        self.status = status
        self.code = code
        self.message = message
        self.user_message = user_message
        self.headers = headers

    def body(self) -> dict[str, object]:
        """The JSON object that is sent."""
        body: dict[str, object] = {"errorCode": self.code, "errorMsg": self.message}
        if self.user_message is not None:
            body["usrMsg"] = self.user_message
        return body


def illegal_argument(detail: str) -> ApiError:
    """A value in the request that cannot be accepted."""
    return ApiError(422, 120001, "Illegal argument.", detail)


def invalid_query(detail: str) -> ApiError:
    """A query parameter that cannot be understood."""
    return ApiError(404, 310000, "Invalid query parameter.", detail)


def no_such_route(method: str, path: str) -> ApiError:
    """A path that this server does not serve."""
    return ApiError(
        404, 120004, "Web application exception.", f"This server has no {method} {path}."
    )


def project_not_found(which: object, status: int = 404) -> ApiError:
    """No project of that id or name."""
    return ApiError(status, 150004, "Project not found.", f"There is no project {which}.")


def dataset_not_found(name: str) -> ApiError:
    """The first part of a path names no dataset of the project."""
    return ApiError(400, 110011, "Dataset not found.", f"There is no dataset {name!r}.")


def path_not_found(path: str) -> ApiError:
    """The path does not exist below its dataset."""
    return ApiError(400, 110018, "Path not found.", f"There is no file or folder {path!r}.")


def destination_exists(path: str) -> ApiError:
    """The destination of a copy, move, upload or new dataset is taken."""
    return ApiError(400, 110012, "Destination already exists.", f"{path!r} exists already.")


def tag_not_found(name: str) -> ApiError:
    """The object carries no tag of that name."""
    return ApiError(404, 370002, "Tag not found.", f"No tag {name!r} is attached.")


def storage_full(error: BaseException, path: str | None = None) -> ApiError | None:
    """The error of a write that the disk had no room for; None for any other failure.

    Libraries that write tables report it in their own exceptions, so their text is read as well.
    """
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    elif isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    else:
        full = "No space left on device" in str(error)
    if not full:
        return None
    what = f"{path} was not written" if path else "Nothing was written"
    return ApiError(
        500,
        110055,
        "Storage is full.",
        f"{what}: {error}. Free space on the disk of the data folder and try again.",
    )
