"""A cluster as a program inside it sees it: a container's variables and files, and tokens that run out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hopsworks.local.certificates import Authority
from tests import java_stores

from .recorder import Answer, problem
from .stand_in import PROJECT, PROJECT_ID, USERNAME, StandIn

STORE_PASSWORD = "password-of-the-container"
USER = f"{PROJECT}__{USERNAME}"


def make_material(folder: Path) -> None:
    """Make authority, certificates and a container's stores in a folder; copies of it serve several clusters."""
    material = folder / "material"
    material.mkdir()
    authority = Authority.load(folder)
    client = authority.client_material(USER)
    java_stores.key_store(
        material / f"{USER}__kstore.jks", client.certificate, client.key, STORE_PASSWORD
    )
    java_stores.trust_store(
        material / f"{USER}__tstore.jks", authority.certificate_file, STORE_PASSWORD
    )
    (material / f"{USER}__cert.key").write_text(STORE_PASSWORD)


class InsideCluster(StandIn):
    """The stand-in for programs that it has given a token to.

    Parameters:
        folder: Where certificates, the container's files and the token go.
        routes: As for :class:`StandIn`.
        address: The loopback address to listen on.

    Attributes:
        variables: The variables of the container.
        accepted: The token that is accepted now.
        refused: Requests that were answered with 401.
    """

    def __init__(self, folder: Path, routes: Mapping[str, list[Any]], address: str = "127.0.0.1"):
        super().__init__(folder, routes, address)
        self.folder = folder
        self.refused = 0
        self._generation = 0
        self._late = 0
        secrets, material = folder / "secrets", folder / "material"
        secrets.mkdir()
        self.token_file = secrets / "token.jwt"
        self.accepted = ""
        self.expire()
        if not material.exists():
            make_material(folder)
        self.variables = {
            "REST_ENDPOINT": f"https://{address}:{self.port}",
            "SECRETS_DIR": str(secrets),
            "MATERIAL_DIRECTORY": str(material),
            "HADOOP_USER_NAME": USER,
            "HOPSWORKS_PROJECT_ID": str(PROJECT_ID),
            "HOPSWORKS_PROJECT_NAME": PROJECT,
            "HOPSWORKS_PUBLIC_HOST": "hopsworks.example.com",
        }

    def expire(self, late: int = 0) -> None:
        """Accept the next token only; it is in the file after `late` further refusals."""
        self._generation += 1
        self.accepted = f"header.token{self._generation}.signature"
        self._late = late
        if late == 0:
            self._write()

    def _write(self) -> None:
        fresh = self.token_file.with_suffix(".new")
        fresh.write_text(self.accepted)
        os.replace(fresh, self.token_file)

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the next answer of the route to whoever has the token in force."""
        if target.endswith("/recorder/expire"):
            self.expire()
            return Answer(204, kept=False)
        if target.endswith("/recorder/expire-late"):
            self.expire(late=3)
            return Answer(204, kept=False)
        if headers.get("Authorization") != f"Bearer {self.accepted}":
            self.refused += 1
            if self._late:
                self._late -= 1
                if self._late == 0:
                    self._write()
            return problem(401, 200003, "The token has expired.")
        return self.reply(verb, target, body)
