"""The certificates that a client downloads when it selects a project."""

from __future__ import annotations

import base64
import threading
from typing import Any

from hopsworks.local.app import Server
from hopsworks.local.certificates import Authority
from hopsworks.local.http import Request
from hopsworks.local.keystore import key_store, new_password, trust_store

# Two programs that log in at once get one certificate, not the key of one with the certificate of the other.
_ISSUING = threading.Lock()


def credentials(request: Request, server: Server) -> dict[str, Any]:
    """A client certificate of the project user, as PEM and as key and trust store."""
    project = server.project(request)
    with _ISSUING:
        authority = Authority.load(server.data_dir)
        material = authority.client_material(f"{project.name}__{request.user.username}")
        chain = material.certificate.read_text()
        key = material.key.read_text()
    authority_pem = authority.certificate_file.read_text()
    password = new_password(authority.folder)
    return {
        "fileExtension": "jks",
        "kStore": base64.b64encode(key_store(chain, key, password)).decode(),
        "tStore": base64.b64encode(trust_store(authority_pem, password)).decode(),
        "password": password,
        "caChain": authority_pem,
        "clientCert": chain,
        "clientKey": key,
    }


ROUTES = [("GET", "project/{project_id}/credentials", credentials)]
