"""Who sends a request.

Over the Unix socket it is the user who owns the server: the kernel names the peer. Over TLS it is
the user whose API key comes with it, ``<prefix>.<secret>``: the owner's is in a file that only the
owner reads, of all others only digests are kept.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from hopsworks.local.accounts import ACTIVATED, User, random_key
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request

if TYPE_CHECKING:
    from hopsworks.local.app import Server

KEY_FILE = "api.key"


class ApiKey:
    """The owner's API key; its text never appears in a repr."""

    __slots__ = ("prefix", "secret", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.prefix, _, self.secret = text.partition(".")

    def __repr__(self) -> str:
        return f"ApiKey({self.prefix}.***)"

    @classmethod
    def load(cls, data_dir: Path) -> ApiKey:
        """Read the key of a data folder, making it at the first start."""
        path = data_dir / KEY_FILE
        try:
            return cls(path.read_text().strip())
        except FileNotFoundError:
            pass
        prefix, secret = random_key()
        fresh = path.with_name(f"{KEY_FILE}.new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{prefix}.{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        return cls(f"{prefix}.{secret}")


def authenticate(request: Request, server: Server) -> None:
    """Note in the request whose it is and what its key allows; raise 401 when it is nobody's."""
    accounts = server.accounts
    if request.over_socket:
        request.user = accounts.owner
        return
    given = request.header(b"x-api-key").decode("latin-1")
    if not given:
        scheme, _, given = request.header(b"authorization").decode("latin-1").partition(" ")
        if scheme.lower() != "apikey" or not given:
            raise ApiError(
                401,
                200003,
                "Not authenticated.",
                "Send the header 'Authorization: ApiKey <key>'; 'hopsworks local serve' says where the"
                " owner's key is, 'hopsworks local key create' makes further ones.",
                ((b"www-authenticate", b"ApiKey"),),
            )
    prefix, dot, secret = given.strip().partition(".")
    if not dot or not secret:
        raise ApiError(401, 320012, "Wrong API key.", "The key has not the form prefix.secret.")
    own = server.api_key
    if hmac.compare_digest(prefix.encode(), own.prefix.encode()):
        if not hmac.compare_digest(secret.encode(), own.secret.encode()):
            raise ApiError(401, 320012, "Wrong API key.", "The secret part is not right.")
        request.user = accounts.owner
        return
    key = accounts.key(prefix, secret)
    user = accounts.users.get(key.user)
    if user is None:
        # Deleted this moment, with all keys.
        raise ApiError(401, 320013, "Unknown API key.", "The user of the key was deleted.")
    if user.status != ACTIVATED:
        raise not_active(user)
    request.user, request.scopes = user, key.scopes


def not_active(user: User) -> ApiError:
    """The refusal of a user whose account was closed, or not opened yet."""
    return ApiError(
        401,
        200003,
        "Not authenticated.",
        f"The account of {user.email} is not active. Ask an administrator of the server.",
    )
