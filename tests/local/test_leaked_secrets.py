"""Secrets are where they belong and nowhere else.

One session (``secret_session.py``) uses secrets of every kind against a server with TLS. Then everything that it could have left them
in is searched: logs at debug level, what objects and exceptions show, pickles, the output of commands, command lines and environments of
processes while they run, files in the home folder, in the folder for temporary files and in those of the server.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from oracle.inside import STORE_PASSWORD as STORE_PASSWORD_INSIDE
from oracle.inside import InsideCluster
from peers import Peer, loopback, saying, silent
from served import Served

from hopsworks.local.keystore import trust_store

SESSION = Path(__file__).with_name("secret_session.py")
STORE_PASSWORD = "trustStorePassw0rd"
OPENSEARCH_TOKEN = "Bearer tokenOfOpenSearch0"
# What only a cluster has; it refuses what would keep a secret.
CLUSTER: dict[str, list[Any]] = {
    "GET elastic/jwt/119": [{"token": OPENSEARCH_TOKEN, "kibanaUrl": "", "projectName": "demo"}],
    "GET variables/service_discovery_domain": [{"successMessage": "consul"}],
    "GET project/119/kafka/clusterinfo": [{"brokers": ["127.0.0.1:1"]}],
}
# Under the data folder of a server, readable by its owner only: what is meant to hold secrets.
MEANT = ("api.key", "metadata.sqlite", "metadata.sqlite-wal", "metadata.sqlite-shm")


def made_folder(path: Path) -> Path:
    """A new folder."""
    path.mkdir(mode=0o700)
    return path


def half(key: str) -> str:
    """The secret half of an API key; the other one is a name."""
    return key.partition(".")[2]


class Session:
    """The session, and what it left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home, self.temporary = folder / "home", folder / "tmp"
        for made in (self.home, self.temporary, folder / "seen", folder / "run"):
            made.mkdir(mode=0o700)
        self.processes: list[tuple[str, str, bytes, bytes]] = []
        self.server = Served(folder / "data", loopback(), flight_port=5005)
        try:
            self._run()
        finally:
            self.server.stop()

    def _run(self) -> None:
        with Peer(silent) as closed:
            pass
        store = self.folder / "trust.jks"
        store.write_bytes(trust_store(self.server.authority.read_text(), STORE_PASSWORD))
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        cluster = InsideCluster(made_folder(self.folder / "cluster"), CLUSTER)
        with Peer(saying(refusal)) as proxy, contextlib.closing(cluster):
            given = {
                "host": self.server.host,
                "port": self.server.port,
                "data": str(self.server.data),
                "runtime": os.environ.get("XDG_RUNTIME_DIR", ""),
                "trust_store_path": str(store),
                "key": self.server.key,
                "wrong_key": "wrongKey00000001.wrongApiKeyValue",
                "environment_key": "otherKey00000001.keyOfTheEnvironment",
                "secret": "warehouse-Passw0rd/with+signs",
                "variable": "valueOfTheVariable",
                "wrong_store_password": "wrongStorePassw0rd",
                "closed_port": closed.port,
                "variables": cluster.variables,
                "stale_token": "header.staleTokenOfTheContainer.signature",
                "git_token": "ghp_tokenOfTheProvider",
                "password": "Passw0rdOfAnn",
                "learnt": {
                    "OpenSearch token": OPENSEARCH_TOKEN,
                    "token": cluster.accepted,
                    "store password of the container": STORE_PASSWORD_INSIDE,
                },
                "proxy": f"http://ann:pr0xyPassw0rd@{proxy.place}",
            }
            (self.folder / "given.json").write_text(json.dumps(given))
            self._converse()
        self.secrets = {
            "API key": half(given["key"]),
            "refused API key": half(given["wrong_key"]),
            "API key of the environment": half(given["environment_key"]),
            "online key": "wrongOnlineKeyValue",
            "refused token": given["stale_token"].split(".")[1],
            "token of a git provider": given["git_token"],
            "password of a user": given["password"],
            "secret": given["secret"],
            "value of a variable": given["variable"],
            "proxy password": "pr0xyPassw0rd",
            "trust store password": STORE_PASSWORD,
            "refused store password": given["wrong_store_password"],
            "AWS key": "awsSecretAccessKeyValue",
            "AWS token": "awsSessionTokenValue",
            **json.loads((self.folder / "learnt.json").read_text()),
        }
        (self.folder / "learnt.json").unlink()

    def _converse(self) -> None:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "PYTHONPATH": str(SESSION.parents[2]),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "HOPSWORKS_TRUST_STORE_PASSWORD": STORE_PASSWORD,
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "awsSecretAccessKeyValue",
            "AWS_SESSION_TOKEN": "awsSessionTokenValue",
            "ONLINE_PORT": str(self.server.online_port),
        }
        with open(self.folder / "seen" / "stderr", "wb") as errors:
            child = subprocess.Popen(
                [sys.executable, str(SESSION), str(self.folder)],
                env=environment,
                cwd=self.home,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
            assert child.stdin is not None
            assert child.stdout is not None
            said = []
            for line in child.stdout:
                if not line.startswith("LOOK"):
                    said.append(line)
                    continue
                servers = {self.server.process.pid, *map(int, line.split()[1:])}
                self._look({child.pid}, servers)
                child.stdin.write("looked\n")
                child.stdin.flush()
        (self.folder / "seen" / "stdout").write_text("".join(said))
        child.stdin.close()
        child.stdout.close()
        assert child.wait(240) == 0, (self.folder / "seen" / "stderr").read_text()

    def _look(self, users: set[int], servers: set[int]) -> None:
        """Write down command line and environment of processes and all their children."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    state = (entry / "stat").read_text().rpartition(")")[2].split()
                    parents[int(entry.name)] = int(state[1])
                except OSError:  # it has ended
                    continue
        for number in parents:
            chain = [number]
            while chain[-1] in parents and chain[-1] not in users | servers:
                chain.append(parents[chain[-1]])
            if chain[-1] not in users | servers:
                continue
            kind = "user's program" if number in users else "process of ours"
            try:
                words = (Path("/proc") / str(number) / "cmdline").read_bytes()
                variables = (Path("/proc") / str(number) / "environ").read_bytes()
            except OSError:
                continue
            self.processes.append((kind, str(number), words, variables))

    def found_in(self, content: bytes, names: set[str] | None = None) -> list[str]:
        """The names of the secrets that are somewhere in the content, as they are or encoded."""
        found = []
        for name, secret in self.secrets.items():
            if names is not None and name not in names:
                continue
            raw = secret.encode()
            forms = {raw, quote(secret, safe="").encode(), raw.hex().encode()}
            # Base64 of something longer shows these, whatever stands before.
            for shift in range(3):
                padded = base64.b64encode(b"\0" * shift + raw)
                forms.add(padded[4 if shift else 0 : -4])
            forms.add(json.dumps(secret)[1:-1].encode())
            if any(form in content for form in forms if len(form) > 7):
                found.append(name)
        return found


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(tmp_path_factory.mktemp("session"))


def files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def test_the_search_finds_what_is_there(session: Session) -> None:
    for name, secret in session.secrets.items():
        assert len(secret) > 11, name
        for text in (
            f"before {secret} after",
            quote(f"a={secret}", safe=""),
            json.dumps({"x": secret}),
            *(base64.b64encode(f"{'a' * n}{secret}{'b' * 9}".encode()).decode() for n in range(6)),
        ):
            assert name in session.found_in(text.encode()), (name, text)
    assert session.found_in(b"nothing") == []


def test_what_the_session_has_seen(session: Session) -> None:
    seen = sorted(path.name for path in files_below(session.folder / "seen"))
    assert {"log", "exceptions", "objects", "pickles", "commands", "stderr"} <= set(seen)
    classes = json.loads((session.folder / "seen" / "classes.json").read_text())
    assert {
        "hopsworks.connection.Connection",
        "hopsworks.certificates.ProjectCertificates",
        "hopsworks.config.Settings",
        "hopsworks.secret.Secret",
        "hopsworks.env_var.EnvVar",
        "hopsworks.session.ProjectSession",
        "hopsworks.project.Project",
        "hopsworks.local.lifecycle.Address",
        "hsml.deployment.Deployment",
        "hsfs.feature_group.FeatureGroup",
        "hopsworks._native.Client",
        "hopsworks._native.Scope",
    } <= set(classes["shown"])
    assert {"hopsworks.project.Project", "hsml.deployment.Deployment"} <= set(classes["pickled"])
    log = (session.folder / "seen" / "log").read_text()
    assert "DEBUG:hopsworks.http:" in log
    assert "POST /hopsworks-api/api/users/secrets" in log
    exceptions = (session.folder / "seen" / "exceptions").read_text()
    for kind in ("UnauthorizedError", "HopsworksSSLClientError", "ConflictError", "ProtocolError"):
        assert kind in exceptions


def test_nothing_that_is_shown_holds_a_secret(session: Session) -> None:
    found = {
        path.name: session.found_in(path.read_bytes())
        for path in files_below(session.folder / "seen")
    }
    assert {name: secrets for name, secrets in found.items() if secrets} == {}


def test_no_process_shows_a_secret(session: Session) -> None:
    looked = [kind for kind, *_ in session.processes]
    assert looked.count("user's program") == 3
    assert (
        looked.count("process of ours") >= 6
    )  # server, job; server, predictor; server, embedded server
    assert any(b"predictor_host" in words for _, _, words, _ in session.processes)
    assert any(b"job.py" in words for _, _, words, _ in session.processes)
    # What the user has put into the environment of a program is there, and stays there. The variables of
    # an account are for its jobs and deployments.
    own = {"AWS key", "AWS token", "trust store password"}
    for kind, number, words, variables in session.processes:
        assert session.found_in(words) == [], (number, words)
        found = set(session.found_in(variables))
        if b"job.py" in words or b"predictor_host" in words:
            found.discard("value of a variable")
        assert found <= (own if kind == "user's program" else set()), (number, words, found)


def test_no_file_is_left_with_a_secret(session: Session) -> None:
    for folder in (session.home, session.temporary, session.folder / "run"):
        for path in files_below(folder):
            assert session.found_in(path.read_bytes()) == [], path


def test_secrets_at_the_server_are_only_where_they_are_meant_to_be(session: Session) -> None:
    for data in (session.folder / "data", session.folder / "embedded"):
        holding = set()
        for path in files_below(data):
            name = path.relative_to(data)
            meant = str(name) in MEANT or name.parts[0] == "tls"
            found = session.found_in(path.read_bytes())
            if meant:
                assert path.stat().st_mode & 0o077 == 0 or not found, path
                holding |= set(found)
            else:
                assert found == [], path
        assert holding, "the search has found nothing where secrets are meant to be"


def test_what_the_server_writes_down_of_requests_has_no_secret(session: Session) -> None:
    record = session.server.record.read_bytes()
    assert b"users/secrets" in record
    assert session.found_in(record) == []


# ------------------------------------------------------------------------------------------- the tables of resources

SUSPICIOUS = ("password", "secret", "token", "api_key", "credential", "private_key", "passphrase")
# Names that sound like one, and why they are none.
HARMLESS = {
    "input_token_price_per_million_tokens": "a price",
    "output_token_price_per_million_tokens": "a price",
    "secret_name": "the name of a secret",
    "secret_backed": "whether there is one",
}


def test_every_field_that_sounds_like_a_secret_is_masked() -> None:
    import tomllib

    folder = Path(__file__).resolve().parents[2] / "resources"
    checked = 0
    for file in sorted(folder.glob("*.toml")):
        for table in tomllib.loads(file.read_text()).get("type", ()):
            for field in table.get("field", ()):
                name = field["name"].strip("_")
                if name in HARMLESS or not any(word in name for word in SUSPICIOUS):
                    continue
                hidden = field.get("secret") or field.get("shown") is False
                assert hidden, f"{file.name}: {table['name']}.{field['name']} is shown"
                checked += 1
    assert checked >= 5
