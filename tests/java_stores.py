"""Java key and trust stores made by keytool, as the services of a cluster make them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def key_store(path: Path, chain: Path, key: Path, password: str, kind: str = "JKS") -> Path:
    """Make a store with a private key and its certificates.

    Parameters:
        path: The store.
        chain: PEM file of the certificates, the key's own first.
        key: PEM file of the key.
        password: Password of store and key.
        kind: ``"JKS"`` or ``"PKCS12"``.
    """
    bundle = path.with_suffix(".bundle")
    _run("openssl", "pkcs12", "-export", "-in", chain, "-inkey", key, "-name", "client",
         "-passout", "pass:of-the-bundle", "-out", bundle)  # fmt: skip
    _run("keytool", "-importkeystore", "-srckeystore", bundle, "-srcstoretype", "PKCS12",
         "-srcstorepass", "of-the-bundle", "-destkeystore", path, "-deststoretype", kind,
         "-deststorepass", password, "-destkeypass", password, "-noprompt")  # fmt: skip
    bundle.unlink()
    return path


def trust_store(path: Path, authority: Path, password: str, kind: str = "JKS") -> Path:
    """Make a store that trusts one certificate, given as a PEM file."""
    _run("keytool", "-importcert", "-noprompt", "-alias", "authority", "-file", authority,
         "-keystore", path, "-storetype", kind, "-storepass", password)  # fmt: skip
    return path


def _run(*command: object) -> None:
    # Java takes passwords in the encoding of the locale.
    variables = {**os.environ, "LC_ALL": "C.UTF-8"}
    words = [str(word) for word in command]
    done = subprocess.run(words, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
