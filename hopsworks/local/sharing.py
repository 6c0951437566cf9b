"""What may be done with a dataset: its permission, and the projects that it is shared with.

The feature store of a project is shared as the dataset ``Featurestore.db``, its model registry as
``Models``. Like accounts, all of it is held in memory and read anew after each change.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from hopsworks.local.accounts import DATA_OWNER, DATA_SCIENTIST, RANKS, User
from hopsworks.local.app import Project, Server
from hopsworks.local.errors import ApiError

FEATURE_STORE = "Featurestore.db"
MODELS = "Models"

EDITABLE, READ_ONLY, BY_OWNERS = "EDITABLE", "READ_ONLY", "EDITABLE_BY_OWNERS"
# The least role that may write.
PERMISSIONS = {EDITABLE: DATA_SCIENTIST, READ_ONLY: None, BY_OWNERS: DATA_OWNER}

SCHEMA = """
CREATE TABLE IF NOT EXISTS dataset_settings (
    project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    permission TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dataset_shares (
    project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    target INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    shared_by INTEGER NOT NULL,
    accepted_by INTEGER,
    PRIMARY KEY (project, name, target)
) WITHOUT ROWID;
"""

ROUTES: list[tuple[str, str, object]] = []


def training_datasets_name(project: Project) -> str:
    """The dataset that holds the files of a project's training datasets."""
    return f"{project.name}_Training_Datasets"


class Settings(NamedTuple):
    """What is kept of a dataset beside its files."""

    permission: str = EDITABLE
    description: str = ""


class Share(NamedTuple):
    """A dataset offered to another project, which sees it once somebody there has accepted."""

    project: int
    name: str
    target: int
    permission: str
    shared_by: int
    accepted_by: int | None

    @property
    def accepted(self) -> bool:
        """Whether the other project has accepted."""
        return self.accepted_by is not None


class Sharing:
    """The settings and shares of all datasets."""

    def __init__(self, server: Server) -> None:
        self._metadata = server.metadata
        self._reloading = threading.Lock()
        self.reload()

    def reload(self) -> None:
        """Read all anew, after a change."""
        with self._reloading:
            self._settings = {
                (row["project"], row["name"]): Settings(row["permission"], row["description"])
                for row in self._metadata.all("SELECT * FROM dataset_settings")
            }
            rows = self._metadata.all("SELECT * FROM dataset_shares ORDER BY project, name, target")
            self._shares = {(s.project, s.name, s.target): s for s in (Share(*row) for row in rows)}

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that changes settings or shares; afterwards the change is known."""
        with self._metadata.transaction() as db:
            yield db
        self.reload()

    def settings(self, project: int, name: str) -> Settings:
        """The settings of a dataset."""
        return self._settings.get((project, name)) or Settings()

    def share(self, project: int, name: str, target: int) -> Share | None:
        """The offer of a dataset to a project, or None."""
        return self._shares.get((project, name, target))

    def shares_of(self, project: int, name: str) -> list[Share]:
        """The offers of one dataset."""
        return [s for s in self._shares.values() if s.project == project and s.name == name]

    def shared_with(self, target: int, name: str | None = None) -> list[Share]:
        """What has been offered to a project, or the offers of datasets of one name."""
        return [s for s in self._shares.values() if s.target == target and name in (None, s.name)]

    def grant(self, owner: Project, name: str, reader: int) -> Share | None:
        """The share by which a project uses a dataset of another, accepted or not.

        Who may read a feature store may read the training data that was written from it.
        """
        found = self._shares.get((owner.id, name, reader))
        if found is None and name == training_datasets_name(owner):
            found = self._shares.get((owner.id, FEATURE_STORE, reader))
            return None if found is None else found._replace(permission=READ_ONLY)
        return found

    def readable(self, owner: Project, name: str, reader: int) -> bool:
        """Whether a project may read a dataset: its own, or an accepted one."""
        share = self.grant(owner, name, reader)
        return owner.id == reader or (share is not None and share.accepted)


def sharing(server: Server) -> Sharing:
    """The sharing of a server's datasets."""
    return server.kept(Sharing)


class Refusal(NamedTuple):
    """The codes by which the protocol refuses a kind of dataset: to read one, to write to one."""

    read: tuple[int, str]
    write: tuple[int, str]


_DATASET = Refusal((110000, "Dataset is not shared."), (110050, "Permission denied."))
_REFUSALS = {
    FEATURE_STORE: Refusal(
        (270024, "The feature store is not shared."), (270024, "The feature store is read only.")
    ),
    MODELS: Refusal((360007, "Model registry is not shared."), (110050, "Permission denied.")),
}


def as_object(name: str) -> Refusal:
    """The codes for a dataset that is used as a feature store or a model registry."""
    return _REFUSALS[name]


def check(
    server: Server,
    user: User,
    reader: Project,
    owner: Project,
    name: str,
    *,
    write: bool,
    refusal: Refusal = _DATASET,
) -> None:
    """Refuse what a member of ``reader`` may not do with a dataset of ``owner``.

    That the user is a member, and that the role allows such a request at all, is known already.

    Args:
        server: the server.
        user: whose request it is.
        reader: the project in which the user works.
        owner: the project that the dataset belongs to.
        name: the dataset.
        write: whether something is to be changed there.
        refusal: the codes of the refusal.
    """
    shares = sharing(server)
    granted = [shares.settings(owner.id, name).permission]
    if owner.id != reader.id:
        share = shares.grant(owner, name, reader.id)
        if share is None or not share.accepted:
            reason = (
                f"{name} of project {owner.name} is not shared with project {reader.name}. Ask an"
                f" owner of {owner.name} to share it."
                if share is None
                else f"Project {owner.name} shares {name} with project {reader.name}, which has not"
                f" accepted it yet. A data owner of {reader.name} can accept it."
            )
            raise ApiError(403, *refusal.read, reason)
        granted.append(share.permission)
    if not write:
        return
    rank = RANKS[server.accounts.role(user.id, reader.id) or DATA_SCIENTIST]
    for permission in granted:
        least = PERMISSIONS[permission]
        if least is None or rank < RANKS[least]:
            where = name if owner.id == reader.id else f"{owner.name}::{name}"
            who = "nobody may change it" if least is None else f"only a {least} may change it"
            raise ApiError(
                403, *refusal.write, f"{where} is {permission} in project {reader.name}: {who}."
            )


def copy(db: sqlite3.Connection, project: int, name: str, other: str) -> None:
    """Give a dataset that is about to be made the settings of another one."""
    db.execute(
        "INSERT OR REPLACE INTO dataset_settings SELECT project, ?, permission, description"
        " FROM dataset_settings WHERE project = ? AND name = ?",
        (other, project, name),
    )


def forget(db: sqlite3.Connection, project: int, name: str) -> None:
    """Drop the settings and shares of a dataset that is deleted."""
    for table in ("dataset_settings", "dataset_shares"):
        db.execute(f"DELETE FROM {table} WHERE project = ? AND name = ?", (project, name))
