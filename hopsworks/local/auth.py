"""Who may talk to the server.

Over the Unix socket it is the user who owns the server: the kernel names the peer. Over TLS it is
whoever has the API key of the data folder, ``<prefix>.<secret>`` in a file that only the owner reads.
"""

from __future__ import annotations

import hmac
import os
import secrets
import string
from pathlib import Path

from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request

KEY_FILE = "api.key"


class ApiKey:
    """The API key of a data folder; its text never appears in a repr."""

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
        alphabet = string.ascii_letters + string.digits
        prefix = "".join(secrets.choice(alphabet) for _ in range(16))
        secret = "".join(secrets.choice(alphabet) for _ in range(64))
        fresh = path.with_name(f"{KEY_FILE}.new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{prefix}.{secret}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        return cls(f"{prefix}.{secret}")

    def check(self, given: str) -> None:
        """Raise the protocol's error unless ``given`` is this key."""
        prefix, dot, secret = given.partition(".")
        if not dot or not secret:
            raise ApiError(401, 320012, "Wrong API key.", "The key has not the form prefix.secret.")
        if not hmac.compare_digest(prefix.encode(), self.prefix.encode()):
            raise ApiError(401, 320013, "Unknown API key.", "No key of this server begins like it.")
        if not hmac.compare_digest(secret.encode(), self.secret.encode()):
            raise ApiError(401, 320012, "Wrong API key.", "The secret part is not right.")


def authenticate(request: Request, key: ApiKey) -> None:
    """Raise 401 unless the request comes from the owner or carries the key."""
    if request.over_socket:
        return
    online_key = request.header(b"x-api-key")
    if online_key:
        key.check(online_key.decode("latin-1").strip())
        return
    scheme, _, given = request.header(b"authorization").decode("latin-1").partition(" ")
    if scheme.lower() != "apikey" or not given:
        raise ApiError(
            401,
            200003,
            "Not authenticated.",
            "Send the header 'Authorization: ApiKey <key>'; 'hopsworks local serve' says where the"
            " key is.",
            ((b"www-authenticate", b"ApiKey"),),
        )
    key.check(given.strip())
