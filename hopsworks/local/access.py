"""What a request needs: the scope of its API key and the role of its user in the project.

``AREAS`` is the whole table. A route belongs to the area with the longest path that its own begins
with; a route of no area keeps the server from starting, so that none is open by oversight. What a
single dataset, feature store or model registry allows is told by ``sharing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hopsworks.local.accounts import (
    ADMIN_ROLE,
    DATA_OWNER,
    DATA_SCIENTIST,
    OBSERVER,
    OWNER,
    RANKS,
    RESTRICTED,
    User,
)
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request

if TYPE_CHECKING:
    from hopsworks.local.app import Project, Server


class Area(NamedTuple):
    """A part of the protocol.

    Attributes:
        scope: what the key must allow; several mean any of them, none means any key.
        read: the least role that may read, None where no project is involved.
        change: the least role that may change something.
        admin: who must be an administrator: "change" or "all".
        create, delete: other scopes for POST and PUT, and for DELETE.
        socket_only: only for the owner, over the Unix socket.
    """

    scope: tuple[str, ...] = ()
    read: str | None = None
    change: str | None = None
    admin: str | None = None
    create: tuple[str, ...] | None = None
    delete: tuple[str, ...] | None = None
    socket_only: bool = False


_P = "project/{project_id}"
_STORE = _P + "/featurestores/{feature_store_id}"

AREAS = {
    "/hopsworks-local": Area(socket_only=True),
    # Vectors name their feature store in the body; `vectors` checks it.
    "/0.1.0": Area(("FEATURESTORE",)),
    "admin": Area(("ADMIN", "ADMINISTER_USERS"), admin="all"),
    "users": Area(("USER",)),
    "users/git": Area(("GIT",)),
    "variables": Area(("PROJECT",)),
    "variables/versions": Area(),
    "hosts": Area(("PROJECT",)),
    "services": Area(("PROJECT",)),
    "tags": Area(("FEATURESTORE",), admin="change"),
    "elastic": Area(("FEATURESTORE",)),
    "elastic/jwt/{project_id}": Area(("FEATURESTORE",), RESTRICTED, RESTRICTED),
    "project": Area(("PROJECT",)),
    # -- of one project
    _P: Area(("PROJECT",), RESTRICTED, DATA_OWNER),
    _P + "/projectMembers": Area(("PROJECT",), RESTRICTED, DATA_OWNER),
    # Anyone may leave; `members` sees to it that only owners remove others.
    _P + "/projectMembers/{email}": Area(("PROJECT",), RESTRICTED, RESTRICTED),
    _P + "/credentials": Area(("PROJECT",), RESTRICTED, RESTRICTED),
    _P + "/service/alerts": Area(("PROJECT",), OBSERVER, DATA_SCIENTIST),
    _P + "/alerts": Area(("PROJECT",), OBSERVER, DATA_SCIENTIST),
    _P + "/dataset": Area(
        ("DATASET_VIEW",),
        OBSERVER,
        DATA_SCIENTIST,
        create=("DATASET_CREATE",),
        delete=("DATASET_DELETE",),
    ),
    _P + "/jobs": Area(("JOB",), OBSERVER, DATA_SCIENTIST),
    _P + "/apps": Area(("JOB",), OBSERVER, DATA_SCIENTIST),
    _P + "/python": Area(("PYTHON_LIBRARIES",), OBSERVER, DATA_SCIENTIST),
    _P + "/git": Area(("GIT",), OBSERVER, DATA_SCIENTIST),
    _P + "/kafka": Area(("KAFKA",), OBSERVER, DATA_SCIENTIST),
    _P + "/elastic": Area(("FEATURESTORE",), OBSERVER, DATA_SCIENTIST),
    _P + "/featurestores": Area(("FEATURESTORE",), RESTRICTED, DATA_SCIENTIST),
    _P + "/modelregistries": Area(("MODELREGISTRY",), OBSERVER, DATA_SCIENTIST),
    _P + "/serving": Area(("SERVING",), OBSERVER, DATA_SCIENTIST),
    _P + "/inference": Area(("SERVING",), OBSERVER, DATA_SCIENTIST),
}

# Requests that change nothing, in spite of their verb.
READS = {
    ("PUT", _P + "/featurestores/query"),
    ("POST", _STORE + "/featureview/{name}/version/{version}/query/batch"),
}

# With a token that somebody who may read the file has asked for.
PUBLIC = {("GET", _P + "/dataset/download/with_token/{path*}")}


class Rule(NamedTuple):
    """What one route needs.

    Attributes:
        scopes: the key must have one of them.
        role: the least role in the project; None where there is none in the path.
        writes: whether the request changes something.
        admin: whether the user must be an administrator.
        socket_only: whether it must come over the Unix socket.
        public: whether it needs no key.
    """

    scopes: tuple[str, ...]
    role: str | None
    writes: bool
    admin: bool
    socket_only: bool
    public: bool


def rule_for(method: str, path: str) -> Rule:
    """The rule of a route."""
    segments = path.split("/")
    while segments and "/".join(segments) not in AREAS:
        segments.pop()
    if not segments:
        raise LookupError(f"no area of access.AREAS holds the route {method} {path}")
    area = AREAS["/".join(segments)]
    writes = method not in ("GET", "HEAD") and (method, path) not in READS
    scopes = area.scope
    if method in ("POST", "PUT", "PATCH"):
        scopes = area.create or scopes
    elif method == "DELETE":
        scopes = area.delete or scopes
    return Rule(
        scopes,
        area.change if writes else area.read,
        writes,
        area.admin == "all" or (area.admin == "change" and writes),
        area.socket_only,
        (method, path) in PUBLIC,
    )


def check(request: Request, server: Server) -> None:
    """Refuse a request whose key, account or role does not allow its route."""
    rule: Rule = request.rule
    if rule.socket_only and not request.over_socket:
        raise ApiError(
            403, 320003, "Not allowed.", "The server's own state is only for its Unix socket."
        )
    if request.scopes is not None and rule.scopes and not request.scopes.intersection(rule.scopes):
        raise ApiError(
            403,
            320004,
            "The API key has not the scope.",
            f"This takes a key with the scope {' or '.join(rule.scopes)}; this one has"
            f" {', '.join(sorted(request.scopes)) or 'none'}. Ask the owner of the server for another key.",
        )
    if request.user.id == OWNER:
        return
    if rule.admin and request.user.role != ADMIN_ROLE:
        raise ApiError(
            403,
            320003,
            "Not allowed.",
            f"This takes the role {ADMIN_ROLE}, which {request.user.email} has not.",
        )
    if rule.role is not None and "project_id" in request.params:
        require_role(request.user, server, server.project(request), rule.role)


def require_role(user: User, server: Server, project: Project, least: str) -> None:
    """Refuse a user who is no member of a project, or whose role there is too low."""
    role = server.accounts.role(user.id, project.id)
    if role is None:
        raise ApiError(
            403,
            160000,
            "Not a member of the project.",
            f"{user.email} is no member of project {project.name}. Ask one of its owners.",
        )
    if RANKS[role] < RANKS[least]:
        raise ApiError(
            403,
            150068,
            "The role in the project is too low.",
            f"This takes the role {least} in project {project.name}; {user.email} is {role}. Ask one of its owners.",
        )
