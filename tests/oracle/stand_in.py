"""A cluster's answers without a cluster: what a case lists, and what every login asks for.

It stands in for what the embedded server does not have (git, Python environments, apps) and for answers that only a
cluster gives. It shows what clients *send*; that the answers are a cluster's is the contract's word.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hopsworks.local.certificates import Authority
from hopsworks.local.keystore import key_store, trust_store

from .contract import BASE
from .recorder import Answer, RecordingServer, problem

API_KEY = "standInKey000001.secretOfTheStandIn"
PROJECT_ID, PROJECT, USERNAME = 119, "demo", "meb10000"
OWNER = {
    "uid": 10000,
    "username": USERNAME,
    "email": "ann@example.com",
    "fname": "Ann",
    "lname": "Lee",
    "firstname": "Ann",
    "lastname": "Lee",
    "status": 2,
}
PROJECT_INFO = {
    "projectId": PROJECT_ID,
    "projectName": PROJECT,
    "owner": OWNER["email"],
    "description": "A project of the stand-in.",
    "created": "2025-01-02T03:04:05.000Z",
    "services": ["JOBS", "KAFKA", "FEATURESTORE", "SERVING"],
    "inodeid": 42,
}
MEMBERSHIP = {
    "projectTeamPK": {"projectId": PROJECT_ID, "teamMember": OWNER["email"]},
    "teamRole": "Data owner",
    "timestamp": "2025-01-02T03:04:05.000Z",
    "project": {"id": PROJECT_ID, "name": PROJECT, "owner": OWNER},
    "user": OWNER,
}
FEATURE_STORE = {
    "featurestoreId": 67,
    "featurestoreName": "demo_featurestore",
    "offlineFeaturestoreName": "demo_featurestore",
    "projectId": PROJECT_ID,
    "projectName": PROJECT,
    "created": "2025-01-02T03:04:05.000Z",
    "onlineFeaturestoreName": "demo",
    "onlineEnabled": True,
    "numFeatureGroups": 0,
    "numTrainingDatasets": 0,
    "numStorageConnectors": 0,
    "numFeatureViews": 0,
}
LOGIN: dict[str, list[Any]] = {
    "GET variables/versions": [[{"software": "hopsworks", "version": "5.2.1"}]],
    "GET variables/{name}": [(404, {"errorCode": 100050, "errorMsg": "Variable not found."})],
    "GET project": [[MEMBERSHIP]],
    "GET project/getProjectInfo/demo": [PROJECT_INFO],
    "GET project/119/featurestores/demo_featurestore": [FEATURE_STORE],
}


class StandIn(RecordingServer):
    """Answers from a table.

    Parameters:
        folder: Where its certificates go.
        routes: ``"VERB path"`` to the answers for it, ``{x}`` for any one segment. Each request takes the next answer
            of its list and the last one is repeated. An answer is a JSON value (status 200), ``(status, JSON)``,
            ``None`` (204), bytes (a download), or a function that makes one of these of the request's entry
            (``verb``, ``path``, ``body``).
        address: The loopback address to listen on.

    Attributes:
        unanswered: Requests that no route is for, as ``"VERB path"``.
    """

    def __init__(self, folder: Path, routes: Mapping[str, list[Any]], address: str = "127.0.0.1"):
        authority = Authority.load(folder)
        server = authority.server_material([address, "localhost"])
        self.ca_file = server.authority
        self.unanswered: list[str] = []
        credentials = {"GET project/119/credentials": [_credentials(authority)]}
        given = {**LOGIN, **credentials, **routes}
        self._given = given
        # Routes without placeholders come first: they are about one thing, the others about all the rest.
        self._patterns = sorted(
            ((re.compile(_pattern(route)), route) for route in given), key=lambda row: "{" in row[1]
        )
        self._turn: dict[str, int] = {}
        self._turns = threading.Lock()
        super().__init__(server.certificate, server.key, address)

    def answer(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the next answer of the route."""
        if headers.get("Authorization") != f"ApiKey {API_KEY}":
            return problem(401, 320013, "Unknown API key.")
        return self.reply(verb, target, body)

    def reply(self, verb: str, target: str, body: bytes) -> Answer:
        """Return the next answer of the route to a request that may be answered."""
        path = urlsplit(target).path.removeprefix(BASE)
        asked = f"{verb} {path}"
        for pattern, route in self._patterns:
            if pattern.fullmatch(asked):
                return _made(self._next(route), {"verb": verb, "path": path, "body": body})
        self.unanswered.append(asked)
        return problem(404, 120004, f"The stand-in has no answer to {asked}.")

    def _next(self, route: str) -> Any:
        answers = self._given[route]
        with self._turns:
            turn = self._turn.get(route, 0)
            self._turn[route] = turn + 1
        return answers[min(turn, len(answers) - 1)]


def _pattern(route: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route))


def _made(given: Any | Callable[[dict[str, Any]], Any], request: dict[str, Any]) -> Answer:
    if callable(given):
        given = given(request)
    if isinstance(given, bytes):
        return Answer(200, given, (("Content-Type", "application/octet-stream"),))
    status = 200
    if isinstance(given, tuple):
        status, given = given
    if given is None:
        return Answer(204 if status == 200 else status)
    return Answer(status, json.dumps(given).encode())


def _credentials(authority: Authority) -> dict[str, Any]:
    material = authority.client_material(f"{PROJECT}__{USERNAME}")
    chain, key = material.certificate.read_text(), material.key.read_text()
    ca_chain, password = authority.certificate_file.read_text(), "adminpw"
    return {
        "fileExtension": "jks",
        "kStore": base64.b64encode(key_store(chain, key, password)).decode(),
        "tStore": base64.b64encode(trust_store(ca_chain, password)).decode(),
        "password": password,
        "caChain": ca_chain,
        "clientCert": chain,
        "clientKey": key,
    }
