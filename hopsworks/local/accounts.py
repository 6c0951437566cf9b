"""Who there is: users, their API keys, and the members of projects with their roles.

All of it is small and asked for by each request, so it is held in memory and read anew after each
change. User 1 is the owner of the data folder: an administrator, and a data owner of every project,
since all files are theirs anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from hopsworks.local.errors import ApiError
from hopsworks.local.metadata import Metadata, now_ms

OWNER = 1
DATA_OWNER, DATA_SCIENTIST = "Data owner", "Data scientist"
OBSERVER, RESTRICTED = "Observer", "Feature store restricted"
# What a role may do includes what the roles below it may do.
RANKS = {DATA_OWNER: 4, DATA_SCIENTIST: 3, OBSERVER: 2, RESTRICTED: 1}

ADMIN_ROLE = "HOPS_ADMIN"
ACCOUNT_ROLES = (ADMIN_ROLE, "HOPS_USER", "HOPS_SERVICE_USER")
ACTIVATED = 2

SCOPES = (
    "PROJECT",
    "USER",
    "JOB",
    "DATASET_VIEW",
    "DATASET_CREATE",
    "DATASET_DELETE",
    "PYTHON_LIBRARIES",
    "KAFKA",
    "GIT",
    "FEATURESTORE",
    "MODELREGISTRY",
    "SERVING",
    "ADMIN",
    "ADMINISTER_USERS",
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    role TEXT NOT NULL,
    account_type TEXT NOT NULL,
    status INTEGER NOT NULL,
    max_projects INTEGER NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS api_keys (
    prefix TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    digest BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (user, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS project_members (
    project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    added INTEGER NOT NULL,
    PRIMARY KEY (project, user)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS left_folders (
    project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    owner INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    PRIMARY KEY (project, username)
) WITHOUT ROWID;
"""

_ALPHABET = string.ascii_letters + string.digits


class User(NamedTuple):
    """A user of the server.

    Attributes:
        id: their number; 1 is the owner of the data folder.
        username: eight characters, unique.
        email: unique, whatever its case.
        role: what they may do beside projects, one of ``ACCOUNT_ROLES``.
        status: the state of the account; only an activated one may enter.
        max_projects: how many projects they may own.
    """

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    role: str
    account_type: str
    status: int
    max_projects: int
    created: int

    @property
    def full_name(self) -> str:
        """Given and family name."""
        return f"{self.first_name} {self.last_name}".strip()


class Key(NamedTuple):
    """An API key, without its secret part.

    Attributes:
        scopes: what may be asked for with it.
    """

    prefix: str
    user: int
    name: str
    salt: bytes
    digest: bytes
    scopes: frozenset[str]
    created: int


class Member(NamedTuple):
    """A membership of a project."""

    user: int
    role: str
    added: int


def random_key() -> tuple[str, str]:
    """The public and the secret part of a new API key."""
    prefix, secret = ("".join(secrets.choice(_ALPHABET) for _ in range(n)) for n in (16, 64))
    return prefix, secret


def digest_of(salt: bytes, secret: str) -> bytes:
    """What is kept of the secret part of a key, which is random and long enough not to be guessed."""
    return hashlib.sha256(salt + secret.encode()).digest()


class Accounts:
    """The users, keys and members of a data folder.

    Args:
        metadata: the store that keeps them.
    """

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._reloading = threading.Lock()
        metadata.create(SCHEMA)
        metadata.add_column("projects", "owner", f"INTEGER NOT NULL DEFAULT {OWNER}")
        with metadata.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO users VALUES (?, 'local000', 'local@localhost', 'Local', 'User', ?,"
                " 'M_ACCOUNT_TYPE', ?, 1000, ?)",
                (OWNER, ADMIN_ROLE, ACTIVATED, now_ms()),
            )
            # In a folder of an earlier release each project had its owner alone.
            db.execute(
                "INSERT OR IGNORE INTO project_members SELECT id, owner, ?, created FROM projects",
                (DATA_OWNER,),
            )
        self.reload()

    def reload(self) -> None:
        """Read all anew, after a change."""
        with self._reloading:
            users = [User(*row) for row in self._metadata.all("SELECT * FROM users ORDER BY id")]
            self.users = {user.id: user for user in users}
            self._by_email = {user.email.casefold(): user for user in users}
            self._by_username = {user.username: user for user in users}
            self.keys = {
                row["prefix"]: Key(
                    row["prefix"],
                    row["user"],
                    row["name"],
                    row["salt"],
                    row["digest"],
                    frozenset(row["scopes"].split()),
                    row["created"],
                )
                for row in self._metadata.all("SELECT * FROM api_keys ORDER BY created, prefix")
            }
            members: dict[int, dict[int, Member]] = {}
            for row in self._metadata.all("SELECT * FROM project_members ORDER BY added, user"):
                members.setdefault(row["project"], {})[row["user"]] = Member(*tuple(row)[1:])
            self._members = members
            self._left_folders = {
                (row["project"], row["username"]): row["owner"]
                for row in self._metadata.all("SELECT * FROM left_folders")
            }

    @contextmanager
    def change(self, erasing: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction that changes users, keys or members; afterwards the change is known.

        Args:
            erasing: leave nothing of what is deleted in the files of the store.
        """
        with self._metadata.erasing() if erasing else self._metadata.transaction() as db:
            yield db
        self.reload()

    # -- users -------------------------------------------------------------------------------------

    @property
    def owner(self) -> User:
        """The owner of the data folder."""
        return self.users[OWNER]

    def user(self, number: int) -> User:
        """The user of that number; the owner stands in for one who was deleted."""
        return self.users.get(number) or self.owner

    def named(self, name: str) -> User | None:
        """The user of that e-mail address or username, or None."""
        return self._by_email.get(name.casefold()) or self._by_username.get(name)

    @staticmethod
    def username(email: str, number: int) -> str:
        """The username of a new user: letters, and their number, so that no name is ever given twice."""
        letters = "".join(c for c in email.partition("@")[0].lower() if "a" <= c <= "z") or "user"
        stem = letters[: max(1, min(5, 8 - len(str(number))))]
        return stem + str(number).zfill(8 - len(stem))

    # -- members -----------------------------------------------------------------------------------

    def members(self, project: int) -> dict[int, Member]:
        """The members of a project by user, those who came first first."""
        return self._members.get(project, {})

    def role(self, user: int, project: int) -> str | None:
        """The role of a user in a project, None for strangers."""
        if user == OWNER:
            return DATA_OWNER
        member = self._members.get(project, {}).get(user)
        return None if member is None else member.role

    def projects_of(self, user: int) -> list[int]:
        """The projects that a user is a member of."""
        return sorted(project for project, team in self._members.items() if user in team)

    def folder_owner(self, project: int, owner: int, username: str) -> User:
        """Whose the folder below ``Users`` is, in a project of that number and owner.

        It is the member's whose name it has; one that a former member left has an heir.
        """
        user = self._by_username.get(username)
        if user is not None and user.id in self.members(project):
            return user
        return self.user(self._left_folders.get((project, username), owner))

    # -- keys --------------------------------------------------------------------------------------

    def new_key(self, user: User, name: str, scopes: list[str]) -> str:
        """Make an API key and return its text, of which only a digest is kept."""
        prefix, secret = random_key()
        salt = secrets.token_bytes(16)
        with self.change() as db:
            db.execute(
                "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(prefix, user.id, name, salt, digest_of(salt, secret)),
                    *(" ".join(sorted(set(scopes))), now_ms()),
                ),
            )
        return f"{prefix}.{secret}"

    def key(self, prefix: str, secret: str) -> Key:
        """The key of that text; raises the protocol's error when there is none."""
        key = self.keys.get(prefix)
        if key is None:
            raise ApiError(401, 320013, "Unknown API key.", "No key of this server begins like it.")
        if not hmac.compare_digest(digest_of(key.salt, secret), key.digest):
            raise ApiError(401, 320012, "Wrong API key.", "The secret part is not right.")
        return key


def user_json(user: User) -> dict[str, Any]:
    """A user in the form that members and owners have; names in both spellings."""
    return {
        "uid": user.id,
        "username": user.username,
        "email": user.email,
        "fname": user.first_name,
        "lname": user.last_name,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "status": user.status,
    }
