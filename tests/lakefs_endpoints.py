"""The endpoints of the lakeFS API, for tests: what may be asked, and what is answered.

A row names verb, path, query keys and body keys; :mod:`lakefs_server` refuses whatever else comes.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lakefs_store import REPOSITORY_NAME, Branch, Entry, Refused, Repository, change, differences

if TYPE_CHECKING:
    from lakefs_server import LakeFSServer

PAGE = 100
LARGEST_PAGE = 1000

LISTING = ("prefix", "after", "amount")


@dataclasses.dataclass
class Request:
    """A request as it was received."""

    verb: str
    target: str
    path: str  # behind /api/v1, decoded
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    connection: tuple[str, int]
    at: float

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


@dataclasses.dataclass
class Answer:
    """What a handler answers."""

    status: int
    content: Any = None  # JSON unless bytes
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Row:
    """An endpoint: what may be asked, and who answers."""

    verb: str
    pattern: re.Pattern[str]
    query: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    handler: Callable[..., Answer]
    raw: bool
    secured: bool


ROWS: list[Row] = []


def route(
    verb: str,
    path: str,
    *,
    query: Iterable[str] = (),
    needed: Iterable[str] = (),
    optional: Iterable[str] = (),
    raw: bool = False,
    secured: bool = True,
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Adds an endpoint. A name in braces is one segment of the path."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "$")

    def add(handler: Callable[..., Answer]) -> Callable[..., Answer]:
        ROWS.append(
            Row(
                verb,
                pattern,
                tuple(query),
                tuple(needed),
                tuple(optional),
                handler,
                raw,
                secured,
            )
        )
        return handler

    return add


# --- answers ------------------------------------------------------------------------------------------------------


def query_of(request: Request, name: str, default: str = "") -> str:
    """A parameter of the query."""
    return next((value for key, value in request.query if key == name), default)


def flag(request: Request, name: str, default: bool = False) -> bool:
    """A yes or no of the query."""
    value = query_of(request, name, "true" if default else "false").lower()
    if value not in ("true", "false"):
        raise Refused(400, f"{name} is neither true nor false")
    return value == "true"


def page(request: Request, rows: list[tuple[str, Any]]) -> Answer:
    """The part of sorted rows that was asked for: those that begin with the prefix, behind ``after``."""
    amount = int(query_of(request, "amount", str(PAGE)))
    if not -1 <= amount <= LARGEST_PAGE:
        raise Refused(400, "amount")
    amount = PAGE if amount <= 0 else amount
    prefix, after = query_of(request, "prefix"), query_of(request, "after")
    left = [(k, row) for k, row in rows if k.startswith(prefix) and (not after or k > after)]
    shown = left[:amount]
    more = len(left) > amount
    return Answer(
        200,
        {
            "pagination": {
                "has_more": more,
                "next_offset": shown[-1][0] if more else "",
                "results": len(shown),
                "max_per_page": LARGEST_PAGE,
            },
            "results": [row for _, row in shown],
        },
    )


def grouped(
    request: Request, rows: list[tuple[str, Any]], prefix_row: Any
) -> list[tuple[str, Any]]:
    """Rows with those that share a prefix up to the delimiter as one."""
    delimiter, prefix = query_of(request, "delimiter"), query_of(request, "prefix")
    if not delimiter:
        return rows
    made: dict[str, Any] = {}
    for path, row in rows:
        if path.startswith(prefix):
            rest = path[len(prefix) :]
            cut = rest.find(delimiter)
            name = path if cut < 0 else prefix + rest[: cut + len(delimiter)]
            made.setdefault(name, row if cut < 0 else prefix_row(name))
    return sorted(made.items())


STORAGE = {
    "blockstore_type": "mem",
    "blockstore_namespace_example": "mem://example",
    "blockstore_namespace_ValidityRegex": "^mem://",
    "default_namespace_prefix": "mem://",
    "pre_sign_support": False,
    "pre_sign_support_ui": False,
    "import_support": True,
    "import_validity_regex": "^s3://",
    "pre_sign_multipart_upload": False,
}


@route("GET", "/config")
def config(server: LakeFSServer, request: Request) -> Answer:
    answer: dict[str, Any] = {"version_config": {"version": "1.60.0", "latest_version": "1.61.0"}}
    if "" in server.storages:
        answer["storage_config"] = {**STORAGE, **server.storages[""]}
    several = {name: one for name, one in server.storages.items() if name}
    if several:
        answer["storage_config_list"] = [
            {**STORAGE, **one, "blockstore_id": name} for name, one in several.items()
        ]
    return Answer(200, answer)


@route(
    "POST",
    "/auth/external/principal/login",
    needed=("identityRequest",),
    optional=("token_expiration_duration",),
    secured=False,
)
def external_login(server: LakeFSServer, request: Request) -> Answer:
    proof = json.loads(base64.b64decode(request.json["identityRequest"]["identity_token"]))
    server.logins.append(proof)
    token = f"token-of-{proof['access_key_id']}-{len(server.logins)}"
    server.tokens.add(token)
    return Answer(200, {"token": token, "token_expiration": 0})


@route(
    "POST",
    "/sts/login",
    needed=("code", "state", "redirect_uri"),
    optional=("ttl_seconds",),
    secured=False,
)
def web_login(server: LakeFSServer, request: Request) -> Answer:
    if request.json["code"] != "good":
        return Answer(401, {"message": "unknown code"})
    server.tokens.add("token-of-web")
    return Answer(200, {"token": "token-of-web"})


@route("GET", "/repositories", query=(*LISTING, "search"))
def list_repositories(server: LakeFSServer, request: Request) -> Answer:
    search = query_of(request, "search")
    rows = [(n, one.json()) for n, one in sorted(server.repositories.items()) if search in n]
    return page(request, rows)


@route(
    "POST",
    "/repositories",
    query=("bare",),
    needed=("name", "storage_namespace"),
    optional=("default_branch", "sample_data", "storage_id", "read_only"),
)
def create_repository(server: LakeFSServer, request: Request) -> Answer:
    body = request.json
    if not REPOSITORY_NAME.match(body["name"]):
        raise Refused(400, "invalid name")
    if body["name"] in server.repositories:
        raise Refused(409, f"repository already exists: {body['name']}")
    made = Repository(
        body["name"],
        body["storage_namespace"],
        body.get("default_branch", "main"),
        body.get("storage_id", ""),
    )
    server.repositories[made.name] = made
    return Answer(201, made.json())


@route("GET", "/repositories/{repo}")
def get_repository(server: LakeFSServer, request: Request, repo: str) -> Answer:
    return Answer(200, server.find(repo).json())


@route("DELETE", "/repositories/{repo}", query=("force",))
def delete_repository(server: LakeFSServer, request: Request, repo: str) -> Answer:
    server.find(repo)
    del server.repositories[repo]
    return Answer(204)


@route("GET", "/repositories/{repo}/metadata")
def repository_metadata(server: LakeFSServer, request: Request, repo: str) -> Answer:
    return Answer(200, server.find(repo).metadata)


@route("GET", "/repositories/{repo}/branches", query=(*LISTING, "show_hidden"))
def list_branches(server: LakeFSServer, request: Request, repo: str) -> Answer:
    hidden = flag(request, "show_hidden")
    rows = [
        (name, {"id": name, "commit_id": one.head})
        for name, one in sorted(server.find(repo).branches.items())
        if hidden or not one.hidden
    ]
    return page(request, rows)


@route(
    "POST",
    "/repositories/{repo}/branches",
    needed=("name", "source"),
    optional=("force", "hidden"),
)
def create_branch(server: LakeFSServer, request: Request, repo: str) -> Answer:
    found, body = server.find(repo), request.json
    if body["name"] in found.branches:
        raise Refused(409, f"branch already exists: {body['name']}")
    head = found.commit_of(body["source"]).id
    found.branches[body["name"]] = Branch(head, body.get("hidden", False))
    return Answer(201, head.encode(), {"Content-Type": "text/html"})


@route("GET", "/repositories/{repo}/branches/{branch}")
def get_branch(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    return Answer(200, {"id": branch, "commit_id": server.find(repo).branch(branch).head})


@route("DELETE", "/repositories/{repo}/branches/{branch}", query=("force",))
def delete_branch(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    found = server.find(repo)
    found.branch(branch)
    if branch == found.default_branch:
        raise Refused(403, "the default branch cannot be deleted")
    del found.branches[branch]
    return Answer(204)


@route(
    "PUT", "/repositories/{repo}/branches/{branch}", needed=("type",), optional=("path", "force")
)
def reset_branch(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    server.find(repo).reset(branch, request.json["type"], request.json.get("path"))
    return Answer(204)


@route(
    "POST",
    "/repositories/{repo}/branches/{branch}/commits",
    needed=("message",),
    optional=("metadata", "date", "allow_empty", "force"),
)
def commit(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    return Answer(201, server.find(repo).commit(branch, request.json).json())


@route(
    "POST",
    "/repositories/{repo}/branches/{branch}/revert",
    needed=("ref", "parent_number"),
    optional=("force", "allow_empty"),
)
def revert(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    body = request.json
    server.find(repo).apply(branch, body["ref"], body["parent_number"], undo=True)
    return Answer(204)


@route(
    "POST",
    "/repositories/{repo}/branches/{branch}/cherry-pick",
    needed=("ref",),
    optional=("parent_number", "force"),
)
def cherry_pick(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    body = request.json
    parent = body.get("parent_number", 0)
    return Answer(201, server.find(repo).apply(branch, body["ref"], parent, undo=False).json())


@route("GET", "/repositories/{repo}/branches/{branch}/diff", query=(*LISTING, "delimiter"))
def diff_branch(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    found = server.find(repo)
    before = found.commit_of(found.branch(branch).head).tree
    return _changes(request, before, found.tree_of(branch))


@route(
    "GET",
    "/repositories/{repo}/refs/{ref}/diff/{other}",
    query=(*LISTING, "delimiter", "type", "include_right_stats"),
)
def diff_refs(server: LakeFSServer, request: Request, repo: str, ref: str, other: str) -> Answer:
    found = server.find(repo)
    ours, theirs = found.commit_of(ref), found.commit_of(other)
    if query_of(request, "type", "three_dot") == "three_dot":
        ours = found.ancestor(ours, theirs)
    return _changes(request, ours.tree, theirs.tree)


def _changes(request: Request, before: Any, after: Any) -> Answer:
    rows = [(p, change(p, before.get(p), after.get(p))) for p in differences(before, after)]

    def prefixed(name: str) -> Any:
        return {"type": "prefix_changed", "path": name, "path_type": "common_prefix"}

    return page(request, grouped(request, rows, prefixed))


@route("GET", "/repositories/{repo}/commits/{ref}")
def get_commit(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    return Answer(200, server.find(repo).commit_of(ref).json())


@route(
    "GET",
    "/repositories/{repo}/refs/{ref}/commits",
    query=(
        "after",
        "amount",
        "objects",
        "prefixes",
        "limit",
        "first_parent",
        "since",
        "stop_at",
    ),
)
def log(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    found = server.find(repo)
    flag(request, "first_parent"), flag(request, "limit")
    commits = found.history(found.commit_of(ref))
    after = query_of(request, "after")
    start = [one.id for one in commits].index(after) + 1 if after else 0
    wanted = [value for key, value in request.query if key == "objects"]
    if wanted:
        commits = [one for one in commits if any(path in one.tree for path in wanted)]
    amount = int(query_of(request, "amount", str(PAGE)))
    shown = commits[start : start + amount]
    more = len(commits) > start + amount
    pagination = {
        "has_more": more,
        "next_offset": shown[-1].id if more else "",
        "results": len(shown),
        "max_per_page": LARGEST_PAGE,
    }
    return Answer(200, {"pagination": pagination, "results": [one.json() for one in shown]})


@route(
    "POST",
    "/repositories/{repo}/refs/{ref}/merge/{destination}",
    optional=("message", "metadata", "strategy", "force", "allow_empty", "squash_merge"),
)
def merge(server: LakeFSServer, request: Request, repo: str, ref: str, destination: str) -> Answer:
    made = server.find(repo).merge(ref, destination, request.json)
    return Answer(200, {"reference": made.id, "summary": {"added": 0}})


@route("GET", "/repositories/{repo}/tags", query=LISTING)
def list_tags(server: LakeFSServer, request: Request, repo: str) -> Answer:
    tags = sorted(server.find(repo).tags.items())
    return page(request, [(name, {"id": name, "commit_id": one}) for name, one in tags])


@route("POST", "/repositories/{repo}/tags", needed=("id", "ref"), optional=("force",))
def create_tag(server: LakeFSServer, request: Request, repo: str) -> Answer:
    found, body = server.find(repo), request.json
    if body["id"] in found.tags:
        raise Refused(409, f"tag already exists: {body['id']}")
    found.tags[body["id"]] = found.commit_of(body["ref"]).id
    return Answer(201, {"id": body["id"], "commit_id": found.tags[body["id"]]})


@route("DELETE", "/repositories/{repo}/tags/{tag}", query=("force",))
def delete_tag(server: LakeFSServer, request: Request, repo: str, tag: str) -> Answer:
    if tag not in server.find(repo).tags:
        raise Refused(404, f"tag not found: {tag}")
    del server.find(repo).tags[tag]
    return Answer(204)


@route(
    "GET",
    "/repositories/{repo}/refs/{ref}/objects/ls",
    query=(*LISTING, "delimiter", "user_metadata", "presign"),
)
def list_objects(server: LakeFSServer, request: Request, repo: str, ref: str) -> Answer:
    flag(request, "presign")
    metadata = flag(request, "user_metadata", True)
    tree = server.find(repo).tree_of(ref)
    rows = [(p, tree[p].stats(p, user_metadata=metadata)) for p in sorted(tree)]

    def prefixed(name: str) -> Any:
        return {"path": name, "path_type": "common_prefix", "physical_address": "", "checksum": "",
                "mtime": 0, "size_bytes": 0}  # fmt: skip

    return page(request, grouped(request, rows, prefixed))


@route(
    "POST",
    "/repositories/{repo}/branches/{branch}/objects/delete",
    query=("force", "no_tombstone"),
    needed=("paths",),
)
def delete_objects(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    paths = request.json["paths"]
    if len(paths) > LARGEST_PAGE:
        raise Refused(400, "too many paths")
    errors = []
    for path in paths:
        if path.startswith("protected/"):
            errors.append({"path": path, "status_code": 403, "message": "protected"})
        else:
            server.find(repo).stage(branch, path, None)
    return Answer(200, {"errors": errors})


@route(
    "POST",
    "/repositories/{repo}/branches/{branch}/import",
    needed=("paths", "commit"),
    optional=("force",),
)
def start_import(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    found, body = server.find(repo), request.json
    found.branch(branch)
    name = f"import-{len(found.imports) + 1}"
    found.imports[name] = {"body": body, "polls": 0, "cancelled": False, "done": None}
    return Answer(202, {"id": name})


@route("GET", "/repositories/{repo}/branches/{branch}/import", query=("id",))
def import_status(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    found = server.find(repo)
    one = _import(found, request)
    one["polls"] += 1
    status: dict[str, Any] = {
        "completed": False,
        "update_time": "2026-01-02T03:04:05.678912345Z",
        "ingested_objects": 0,
    }
    paths = one["body"]["paths"]
    if one["cancelled"]:
        status["error"] = {"message": "import was cancelled"}
    elif any("broken" in path["path"] for path in paths):
        status["error"] = {"message": "cannot read s3://broken"}
    elif one["polls"] >= server.import_polls:
        if one["done"] is None:
            for path in paths:
                entry = Entry(b"imported", path["path"])
                found.stage(branch, path["destination"].rstrip("/") + "/0", entry)
            message = one["body"]["commit"]["message"] or "Import objects"
            one["done"] = found.commit(
                branch, {**one["body"]["commit"], "message": message, "allow_empty": True}
            )
        status.update(
            completed=True,
            ingested_objects=len(paths),
            metarange_id="meta-1",
            commit=one["done"].json(),
        )
    return Answer(200, status)


@route("DELETE", "/repositories/{repo}/branches/{branch}/import", query=("id",))
def cancel_import(server: LakeFSServer, request: Request, repo: str, branch: str) -> Answer:
    one = _import(server.find(repo), request)
    if one["done"] is not None:
        raise Refused(409, "import is done")
    one["cancelled"] = True
    return Answer(204)


def _import(found: Repository, request: Request) -> dict[str, Any]:
    name = query_of(request, "id")
    if name not in found.imports:
        raise Refused(404, f"import not found: {name}")
    return found.imports[name]
