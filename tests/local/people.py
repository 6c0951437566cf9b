"""A served data folder with several users, each with API keys and connections of their own."""

from __future__ import annotations

import random
import ssl
from pathlib import Path

import httpx
from served import Served

import hopsworks
from hopsworks.connection import Connection
from hopsworks.local import lifecycle

API = "/hopsworks-api/api/"


class People:
    """A server over TLS, and those who use it.

    Attributes:
        served: the server's process.
        owner: a connection with the owner's key.
        http: plain requests without a key.
        trust: the authority of the server's certificate.
    """

    def __init__(self, data: Path) -> None:
        # The query service has a fixed port, so each server has a loopback address of its own.
        host = ".".join(["127", *(str(random.randrange(2, 250)) for _ in range(3))])
        self.served = Served(data, host, flight_port=5005)
        self.data = data
        self.trust = ssl.create_default_context(cafile=str(self.served.authority))
        self.http = httpx.Client(base_url=self.served.url, verify=self.trust, timeout=30.0)
        self._connections: list[Connection] = []
        self._numbers = 0
        self.owner = self.connect(self.served.key)

    def new_name(self, stem: str) -> str:
        """A name that nobody has yet."""
        self._numbers += 1
        return f"{stem}{self._numbers}"

    def user(self, name: str = "user", **query: object) -> dict:
        """A new user, as the server describes them."""
        email = f"{self.new_name(name)}@example.com"
        query = {"email": email, "givenName": name.title(), "surname": "Test", **query}
        return self.call("POST", "admin/users", 201, params=query)

    def key(self, email: str, *scopes: str) -> str:
        """A new key of a user; without scopes one that allows everything."""
        query = "&".join([f"user={email}", *(f"scope={scope}" for scope in scopes)])
        return lifecycle.ask(self.data, "POST", f"/hopsworks-local/keys?{query}")["key"]

    def connect(self, key: str, project: str | None = None) -> Connection:
        """A connection of the public client with a key."""
        made = hopsworks.connection(
            host=self.served.host,
            port=self.served.port,
            project=project,
            api_key_value=key,
            hostname_verification=True,
            trust_store_path=str(self.served.authority),
        )
        self._connections.append(made)
        return made

    def project(self, stem: str = "project", owner: Connection | None = None) -> str:
        """The name of a new project."""
        return (owner or self.owner).create_project(self.new_name(stem)).name

    def member(self, project: str, role: str, stem: str = "member") -> Connection:
        """The connection of a new user who has a role in a project."""
        email = self.user(stem)["email"]
        self.owner.get_project(project).add_member(email, role)
        return self.connect(self.key(email), project)

    def send(
        self, verb: str, path: str, key: str | None = None, **kwargs: object
    ) -> httpx.Response:
        """A plain request, with the owner's key when no other is given."""
        headers = {"authorization": f"ApiKey {key or self.served.key}"}
        return self.http.request(verb, API + path, headers=headers, **kwargs)

    def call(
        self, verb: str, path: str, status: int, key: str | None = None, **kwargs: object
    ) -> object:
        """A plain request that must be answered with a status; its JSON, or None."""
        answer = self.send(verb, path, key, **kwargs)
        assert answer.status_code == status, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, verb: str, path: str, key: str, **kwargs: object) -> tuple[int, int]:
        """A plain request that must be refused; its status and error code."""
        answer = self.send(verb, path, key, **kwargs)
        assert answer.status_code >= 400, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.status_code, answer.json()["errorCode"]

    def close(self) -> None:
        """Close all connections and end the server."""
        for connection in self._connections:
            connection.close()
        self.http.close()
        self.served.stop()
