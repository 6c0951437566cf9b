"""What can be searched: every object of a project as a document of texts, made when a search asks for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from hopsworks.local import feature_views, models
from hopsworks.local.app import ApiError, Project, Server, iso_time
from hopsworks.local.feature_groups import check_readable, store_id

_PROJECTS = "/hopsworks-api/api/project/"


class Document(NamedTuple):
    """One object.

    Attributes:
        name: its name.
        version: its version, or None.
        description: what it is, or None.
        created: when it was made, as text.
        creator: username of who made it.
        href: path of its address.
        features: names and descriptions.
        sources: names of the feature groups that it is made of.
        tags: values by name; what was JSON is read.
        keywords: its keywords.
        more: further keys of what is answered.
    """

    name: str
    version: int | None
    description: str | None
    created: str
    creator: str
    href: str
    features: Sequence[tuple[str, str]] = ()
    sources: Sequence[str] = ()
    tags: Mapping[str, Any] = MappingProxyType({})
    keywords: Sequence[str] = ()
    more: Mapping[str, Any] = MappingProxyType({})


class Documents:
    """The documents of a project, by kind.

    Args:
        server: the server.
        project: the project.
        readers: the projects from which they are seen: itself, and those that it shares with.
    """

    def __init__(self, server: Server, project: Project, readers: Sequence[Project]) -> None:
        self._server = server
        self.project = project
        self.readers = readers
        self._store = store_id(project)
        # What is not a member's own is reached from the project that it is shared with.
        self._base = f"{_PROJECTS}{readers[0].id}/"
        self._store_base = f"{self._base}featurestores/{self._store}/"

    def _attached(self, kind: str) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
        """Tags and keywords of all objects of a kind, by object."""
        tags: dict[str, dict[str, Any]] = {}
        for row in self._server.metadata.all(
            "SELECT object, name, value FROM tags WHERE kind=?", (kind,)
        ):
            tags.setdefault(row["object"], {})[row["name"]] = _read(row["value"])
        keywords: dict[str, list[str]] = {}
        for row in self._server.metadata.all(
            "SELECT object, keyword FROM keywords WHERE kind=? ORDER BY keyword", (kind,)
        ):
            keywords.setdefault(str(row["object"]), []).append(row["keyword"])
        return tags, keywords

    def _bodies(self, table: str) -> list[dict[str, Any]]:
        rows = self._server.metadata.all(
            f"SELECT body FROM {table} WHERE feature_store=? ORDER BY id", (self._store,)
        )
        return [json.loads(row["body"]) for row in rows]

    def feature_groups(self) -> Iterator[Document]:
        """The feature groups."""
        tags, keywords = self._attached("feature_group")
        for body in self._bodies("feature_groups"):
            key = str(body["id"])
            yield Document(
                body["name"],
                body["version"],
                body.get("description"),
                body["created"],
                self._maker(body),
                f"{self._store_base}featuregroups/{body['id']}",
                _features(body.get("features")),
                tags=tags.get(key, {}),
                keywords=keywords.get(key, ()),
            )

    def features(self) -> Iterator[Document]:
        """The features of the feature groups."""
        for body in self._bodies("feature_groups"):
            for name, description in _features(body.get("features")):
                yield Document(
                    name,
                    body["version"],
                    description,
                    body["created"],
                    self._maker(body),
                    f"{self._store_base}featuregroups/{body['id']}",
                    more={"featuregroup": body["name"]},
                )

    def feature_views(self) -> Iterator[Document]:
        """The feature views."""
        tags, keywords = self._attached("feature_view")
        for body in self._bodies("feature_views"):
            key, name, version = str(body["id"]), body["name"], body["version"]
            features, sources = self._columns(name, version)
            yield Document(
                name,
                version,
                body.get("description"),
                body["created"],
                self._maker(body),
                f"{self._store_base}featureview/{name}/version/{version}",
                features,
                sources,
                tags.get(key, {}),
                keywords.get(key, ()),
            )

    def _maker(self, body: dict[str, Any]) -> str:
        return str((body.get("creator") or {}).get("username") or self._server.user.username)

    def _columns(self, name: str, version: int) -> tuple[list[tuple[str, str]], list[str]]:
        """The features of a view, and the feature groups they come from; nothing of groups that nobody here may read."""
        try:
            view = feature_views.find(self._server, self._store, name, version)
            if view is not None:
                check_readable(self._server, self.readers[0], view.groups)
        except ApiError:  # a feature group of its query was deleted, or is not shared
            view = None
        if view is None:
            return [], []
        groups = [source.feature_group["name"] for source in view.query.sources]
        return [(column.output, "") for column in view.query.selected], list(dict.fromkeys(groups))

    def training_datasets(self) -> Iterator[Document]:
        """The training datasets."""
        tags, keywords = self._attached("training_dataset")
        rows = self._server.metadata.all(
            "SELECT t.body, v.name, v.version FROM training_datasets t JOIN feature_views v ON"
            " v.id = t.feature_view WHERE t.feature_store=? ORDER BY t.id",
            (self._store,),
        )
        for row in rows:
            body, view = json.loads(row["body"]), (row["name"], row["version"])
            key, number = str(body["id"]), body["version"]
            yield Document(
                body["name"],
                number,
                body.get("description"),
                body["created"],
                self._maker(body),
                f"{self._store_base}featureview/{view[0]}/version/{view[1]}/trainingdatasets/version/{number}",
                _features(body.get("features")),
                self._columns(*view)[1],
                tags.get(key, {}),
                keywords.get(key, ()),
            )

    def jobs(self) -> Iterator[Document]:
        """The jobs."""
        tags, _ = self._attached("job")
        for row in self._server.metadata.all(
            "SELECT * FROM jobs WHERE project=? ORDER BY id", (self.project.id,)
        ):
            yield Document(
                row["name"],
                None,
                json.loads(row["config"]).get("description"),
                iso_time(row["created"]),
                self._server.accounts.user(row["creator"]).username,
                f"{self._base}jobs/{row['name']}",
                tags=tags.get(str(row["id"]), {}),
            )

    def models(self) -> Iterator[Document]:
        """The versions of models."""
        tags, _ = self._attached("model")
        for row in self._server.metadata.all(
            "SELECT * FROM model_versions WHERE project_id=? ORDER BY id", (self.project.id,)
        ):
            yield Document(
                row["name"],
                row["version"],
                row["description"],
                iso_time(row["created"]),
                self._server.accounts.user(row["creator"]).username,
                f"{self._base}modelregistries/{self.project.id}/models/{row['name']}_{row['version']}",
                tags=tags.get(models.tag_key(self.project, row), {}),
            )

    def deployments(self) -> Iterator[Document]:
        """The deployments."""
        tags, _ = self._attached("deployment")
        for row in self._server.metadata.all(
            "SELECT d.*, v.spec FROM deployments d JOIN deployment_versions v ON"
            " v.deployment_id = d.id AND v.version = d.active WHERE d.project_id=? ORDER BY d.id",
            (self.project.id,),
        ):
            yield Document(
                row["name"],
                row["active"],
                json.loads(row["spec"]).get("description"),
                iso_time(row["created"]),
                self._server.accounts.user(row["creator"]).username,
                f"{self._base}serving/{row['id']}",
                tags=tags.get(str(row["id"]), {}),
            )

    def nothing(self) -> Iterator[Document]:
        """Apps and agents, which a local server does not have."""
        return iter(())


def _features(given: Any) -> list[tuple[str, str]]:
    return [(feature["name"], feature.get("description") or "") for feature in given or []]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
