"""Java key stores (JKS): written for programs that read their certificates from such files.

The format is that of the JDK's own provider: a header, entries, and a SHA-1 over the password and
all that precedes. A key entry is masked with a keystream that is derived from the password.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import ssl
import struct
import time
from pathlib import Path

_MAGIC = 0xFEEDFEED
_VERSION = 2
_KEY_ENTRY = 1
_TRUSTED_ENTRY = 2
# The algorithm identifier 1.3.6.1.4.1.42.2.17.1.1 with NULL parameters.
_PROTECTION = bytes.fromhex("300e060a2b060104012a021101010500")


def new_password(folder: Path) -> str:
    """The password of the stores of a data folder, made when it is first needed."""
    path = folder / "store.password"
    try:
        return path.read_text()
    except FileNotFoundError:
        password = secrets.token_hex(32)
        descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        return password


def key_store(chain: str, key: str, password: str) -> bytes:
    """A store with one private key and its certificate chain, all given as PEM."""
    entry = _text("project")
    masked = _protect(_der(key, "PRIVATE KEY"), password)
    entry += struct.pack(">QI", int(time.time() * 1000), len(masked)) + masked
    certificates = _certificates(chain)
    entry += struct.pack(">I", len(certificates)) + b"".join(map(_certificate, certificates))
    return _seal(struct.pack(">I", _KEY_ENTRY) + entry, password)


def trust_store(authority: str, password: str) -> bytes:
    """A store with one trusted certificate, given as PEM."""
    entry = _text("authority") + struct.pack(">Q", int(time.time() * 1000))
    entry += _certificate(_certificates(authority)[0])
    return _seal(struct.pack(">I", _TRUSTED_ENTRY) + entry, password)


def _seal(entry: bytes, password: str) -> bytes:
    body = struct.pack(">III", _MAGIC, _VERSION, 1) + entry
    digest = hashlib.sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + body)
    return body + digest.digest()


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _certificate(der: bytes) -> bytes:
    return _text("X.509") + struct.pack(">I", len(der)) + der


def _certificates(pem: str) -> list[bytes]:
    end = "-----END CERTIFICATE-----"
    return [ssl.PEM_cert_to_DER_cert(part.strip() + f"\n{end}\n") for part in pem.split(end)[:-1]]


def _der(pem: str, kind: str) -> bytes:
    import base64

    body = pem.split(f"-----BEGIN {kind}-----")[1].split(f"-----END {kind}-----")[0]
    return base64.b64decode(body)


def _protect(plain: bytes, password: str) -> bytes:
    """Mask a key and wrap it as the EncryptedPrivateKeyInfo of the format."""
    secret = password.encode("utf-16-be")
    salt = secrets.token_bytes(20)
    stream, block = b"", salt
    while len(stream) < len(plain):
        block = hashlib.sha1(secret + block).digest()
        stream += block
    masked = bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    content = salt + masked + hashlib.sha1(secret + plain).digest()
    return _tlv(0x30, _PROTECTION + _tlv(0x04, content))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(raw))) + raw + content
