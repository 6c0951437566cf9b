"""Kafka: topics and the schemas of their messages. No broker runs here, so there is nothing to send messages to.

Schemas are kept in a registry of the project: texts by their number, and under each subject the numbers of its versions.
The registry answers with errors of a shape of its own.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from hopsworks.local import avro_schema, feature_groups
from hopsworks.local.app import Project, Server, inline, json_response
from hopsworks.local.errors import ApiError, illegal_argument
from hopsworks.local.http import Request, Response, no_content, whole_number

SCHEMA = """
CREATE TABLE IF NOT EXISTS kafka_topics (
    project INTEGER NOT NULL,
    name TEXT NOT NULL,
    partitions INTEGER NOT NULL,
    subject TEXT,
    version INTEGER,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kafka_schemas (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project INTEGER NOT NULL,
    canonical TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (project, canonical)
);
CREATE TABLE IF NOT EXISTS kafka_versions (
    project INTEGER NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL REFERENCES kafka_schemas(id),
    PRIMARY KEY (project, subject, version)
) WITHOUT ROWID;
"""

_TOPIC_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
_VERSIONS = (
    "SELECT subject, version, id, canonical, text FROM kafka_versions JOIN kafka_schemas ON id = schema"
    " WHERE kafka_versions.project = ? AND subject = ? ORDER BY version"
)


class RegistryError(ApiError):
    """An answer of the schema registry with an error status."""

    def body(self) -> dict[str, object]:
        return {"error_code": self.code, "message": self.user_message or self.message}


# ---------------------------------------------------------------------------------------------------- topics


def _topic_json(row: Any) -> dict[str, Any]:
    return {
        "name": row["name"],
        "numOfReplicas": 1,
        "numOfPartitions": row["partitions"],
        "schemaName": row["subject"],
        "schemaVersion": row["version"],
        "shared": False,
    }


def list_topics(request: Request, server: Server) -> dict[str, Any]:
    """GET kafka/topics."""
    project = server.project(request)
    rows = server.metadata.all(
        "SELECT * FROM kafka_topics WHERE project = ? ORDER BY name", (project.id,)
    )
    found: dict[str, Any] = {"href": request.href, "count": len(rows)}
    if rows:
        found["items"] = [_topic_json(row) for row in rows]
    return found


def create_topic(request: Request, server: Server) -> Response:
    """POST kafka/topics."""
    project = server.project(request)
    body = request.json_object()
    name, subject, version = (body.get(key) for key in ("name", "schemaName", "schemaVersion"))
    if not isinstance(name, str) or not _TOPIC_NAME.fullmatch(name) or name in (".", ".."):
        raise illegal_argument(
            f"A topic cannot be named {name!r}: 1 to 249 letters, digits, '.', '_' and '-'."
        )
    partitions, replicas = body.get("numOfPartitions", 1), body.get("numOfReplicas", 1)
    if not _is_count(partitions):
        raise illegal_argument(f"numOfPartitions is {partitions!r}, not a number from 1 up.")
    if replicas != 1:
        raise ApiError(
            400,
            190005,
            "Replication factor is out of bounds.",
            f"numOfReplicas is {replicas!r}; the embedded server can keep one copy only.",
        )
    with server.metadata.transaction() as db:
        if subject is not None or version is not None:
            _check_schema(server, project, subject, version)
        taken = "SELECT 1 FROM kafka_topics WHERE project = ? AND name = ?"
        if db.execute(taken, (project.id, name)).fetchone():
            raise ApiError(
                409, 190002, "Kafka topic exists.", f"There is a topic {name!r} already."
            )
        db.execute(
            "INSERT INTO kafka_topics VALUES (?, ?, ?, ?, ?)",
            (project.id, name, partitions, subject, version),
        )
    made = {"name": name, "partitions": partitions, "subject": subject, "version": version}
    return json_response({"href": f"{request.href}/{name}", **_topic_json(made)}, 201)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31


def _check_schema(server: Server, project: Project, subject: Any, version: Any) -> None:
    rows = _versions(server, project, subject) if isinstance(subject, str) else []
    if not any(row["version"] == version for row in rows):
        raise ApiError(
            404,
            190006,
            "Schema not found.",
            f"The project has no schema {subject!r} of version {version!r}. Register it first.",
        )


def delete_topic(request: Request, server: Server) -> Response:
    """DELETE kafka/topics/{name}."""
    project, name = server.project(request), request.params["name"]
    with server.metadata.transaction() as db:
        if not db.execute(
            "DELETE FROM kafka_topics WHERE project = ? AND name = ?", (project.id, name)
        ).rowcount:
            raise ApiError(404, 190000, "Kafka topic not found.", f"There is no topic {name!r}.")
    return no_content()


@inline
def brokers(request: Request, server: Server) -> dict[str, Any]:
    """GET kafka/clusterinfo: no broker runs here."""
    server.project(request)
    request.flag("external")
    return {"href": request.href, "brokers": []}


# --------------------------------------------------------------------------------------------------- schemas


def _versions(server: Server, project: Project, subject: str) -> list[sqlite3.Row]:
    """The versions of a subject, oldest first."""
    return server.metadata.all(_VERSIONS, (project.id, subject))


def _known_versions(server: Server, project: Project, subject: str) -> list[sqlite3.Row]:
    """The same; 404 when there is none."""
    rows = _versions(server, project, subject)
    if not rows:
        raise RegistryError(
            404, 40401, "Subject not found.", f"There is no schema for the subject {subject!r}."
        )
    return rows


def _version(server: Server, project: Project, subject: str, version: str) -> sqlite3.Row:
    """One version of a subject, by its number or "latest"."""
    rows = _known_versions(server, project, subject)
    if version == "latest":
        return rows[-1]
    number = whole_number(version)
    if number is None or number < 1:
        raise RegistryError(
            422,
            42202,
            "Invalid version.",
            f"A version is a number from 1 up or 'latest', not {version!r}.",
        )
    found = [row for row in rows if row["version"] == number]
    if not found:
        raise RegistryError(
            404, 40402, "Version not found.", f"The subject {subject!r} has no version {number}."
        )
    return found[0]


def _version_json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "subject": row["subject"],
        "version": row["version"],
        "schema": row["text"],
    }


def list_versions(request: Request, server: Server) -> list[int]:
    """GET kafka/subjects/{subject}/versions: a bare array."""
    project = server.project(request)
    rows = _known_versions(server, project, request.params["subject"])
    return [row["version"] for row in rows]


def get_version(request: Request, server: Server) -> dict[str, Any]:
    """GET kafka/subjects/{subject}/versions/{version}."""
    project = server.project(request)
    return _version_json(
        _version(server, project, request.params["subject"], request.params["version"])
    )


def create_version(request: Request, server: Server) -> dict[str, Any]:
    """POST kafka/subjects/{subject}/versions: the next version, or the one that has this schema already."""
    project, subject = server.project(request), request.params["subject"]
    text = request.json_object().get("schema")
    try:
        if not isinstance(text, str):
            raise avro_schema.AvroError("'schema' is missing or no text")
        schema = avro_schema.parse(text)
    except avro_schema.AvroError as error:
        raise RegistryError(
            422, 42201, "Invalid Avro schema.", f"The schema of {subject!r} is no Avro: {error}."
        ) from None
    canonical = avro_schema.canonical(text)
    with server.metadata.transaction() as db:
        rows = _versions(server, project, subject)
        for row in rows:
            if row["canonical"] == canonical:
                return {key: row[key] for key in ("id", "subject", "version")}
        if rows:
            _check_compatible(schema, rows[-1])
        number = rows[-1]["version"] + 1 if rows else 1
        db.execute(
            "INSERT OR IGNORE INTO kafka_schemas (project, canonical, text) VALUES (?, ?, ?)",
            (project.id, canonical, text),
        )
        known = "SELECT id FROM kafka_schemas WHERE project = ? AND canonical = ?"
        schema_id = db.execute(known, (project.id, canonical)).fetchone()["id"]
        db.execute(
            "INSERT INTO kafka_versions VALUES (?, ?, ?, ?)",
            (project.id, subject, number, schema_id),
        )
    return {"id": schema_id, "subject": subject, "version": number}


def _check_compatible(schema: avro_schema.AvroType, newest: sqlite3.Row) -> None:
    reason = avro_schema.obstacle(schema, avro_schema.parse(newest["text"]))
    if reason:
        raise RegistryError(
            409,
            40901,
            "Incompatible Avro schema.",
            f"It cannot read what was written with version {newest['version']} of {newest['subject']!r}: {reason}.",
        )


def delete_version(request: Request, server: Server) -> Response:
    """DELETE kafka/subjects/{subject}/versions/{version}: answers its number."""
    project, subject = server.project(request), request.params["subject"]
    with server.metadata.transaction() as db:
        number = _version(server, project, subject, request.params["version"])["version"]
        key = (project.id, subject, number)
        used = db.execute(
            "SELECT name FROM kafka_topics WHERE project = ? AND subject = ? AND version = ?", key
        ).fetchone()
        if used is not None:
            raise ApiError(
                412,
                190014,
                "Schema is in use.",
                f"The topic {used['name']!r} has version {number} of the schema {subject!r}. Delete the topic first.",
            )
        db.execute(
            "DELETE FROM kafka_versions WHERE project = ? AND subject = ? AND version = ?", key
        )
    return json_response(number)


def get_by_id(request: Request, server: Server) -> dict[str, Any]:
    """GET kafka/schemas/ids/{id}: what a consumer asks with the number in a message, also of versions that are gone."""
    project, schema_id = server.project(request), request.path_integer("id")
    row = server.metadata.one(
        "SELECT text FROM kafka_schemas WHERE project = ? AND id = ?", (project.id, schema_id)
    )
    if row is None:
        raise RegistryError(
            404,
            40403,
            "Schema not found.",
            f"The project has no schema with the number {schema_id}.",
        )
    return {"schema": row["text"]}


def feature_store_subject(request: Request, server: Server) -> dict[str, Any]:
    """GET featurestores/{id}/kafka/subjects/{subject}/versions/{version}: of a feature group, or of the registry."""
    project, subject = feature_groups.check_store(request, server), request.params["subject"]
    version = request.params["version"]
    of_group = feature_groups.kafka_subject(server, project, subject)
    if of_group is not None and version in ("latest", str(of_group["version"])):
        return of_group
    return _version_json(_version(server, project, subject, version))


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Topics and schemas go with their project."""
    for table in ("kafka_topics", "kafka_versions", "kafka_schemas"):
        db.execute(f"DELETE FROM {table} WHERE project = ?", (project.id,))


_BASE = "project/{project_id}/kafka/"

ROUTES = [
    ("GET", _BASE + "topics", list_topics),
    ("POST", _BASE + "topics", create_topic),
    ("DELETE", _BASE + "topics/{name}", delete_topic),
    ("GET", _BASE + "clusterinfo", brokers),
    ("GET", _BASE + "subjects/{subject}/versions", list_versions),
    ("POST", _BASE + "subjects/{subject}/versions", create_version),
    ("GET", _BASE + "subjects/{subject}/versions/{version}", get_version),
    ("DELETE", _BASE + "subjects/{subject}/versions/{version}", delete_version),
    ("GET", _BASE + "schemas/ids/{id}", get_by_id),
    (
        "GET",
        "project/{project_id}/featurestores/{feature_store_id}/kafka/subjects/{subject}/versions/{version}",
        feature_store_subject,
    ),
]
