"""What a lakeFS server keeps: repositories, commits, branches with uncommitted changes, tags, objects.

The part of :mod:`lakefs_server` that knows nothing of HTTP. A refusal is a :class:`Refused` with the status that the
API gives it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from typing import Any

REPOSITORY_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{2,62}$")
# The clock of the server stands, so that answers can be compared.
NOW = 1_700_000_000


class Refused(Exception):
    """The server says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclasses.dataclass(frozen=True)
class Entry:
    """An object of a reference."""

    content: bytes
    address: str
    content_type: str = "application/octet-stream"
    metadata: tuple[tuple[str, str], ...] = ()
    checksum: str = ""
    mtime: int = NOW

    def stats(self, path: str, *, user_metadata: bool = True) -> dict[str, Any]:
        """ObjectStats of the API."""
        stats: dict[str, Any] = {
            "path": path,
            "path_type": "object",
            "physical_address": self.address,
            "checksum": self.checksum or hashlib.md5(self.content).hexdigest(),
            "size_bytes": len(self.content),
            "mtime": self.mtime,
            "content_type": self.content_type,
        }
        if user_metadata:
            stats["metadata"] = dict(self.metadata)
        return stats


Tree = dict[str, Entry]


@dataclasses.dataclass
class Commit:
    """A commit and all its objects."""

    id: str
    parents: list[str]
    message: str
    tree: Tree
    metadata: dict[str, str]
    date: int = NOW

    def json(self) -> dict[str, Any]:
        """Commit of the API."""
        return {
            "id": self.id,
            "parents": self.parents,
            "committer": "tester",
            "message": self.message,
            "creation_date": self.date,
            "meta_range_id": hashlib.sha256(self.id.encode()).hexdigest(),
            "metadata": self.metadata,
            "generation": len(self.parents),
            "version": 1,
        }


@dataclasses.dataclass
class Branch:
    """A branch: its head, and what was changed since; None is a deleted object."""

    head: str
    hidden: bool = False
    staged: dict[str, Entry | None] = dataclasses.field(default_factory=dict)


class Repository:
    """A repository."""

    def __init__(self, name: str, namespace: str, branch: str, storage_id: str = "") -> None:
        self.name = name
        self.namespace = namespace
        self.default_branch = branch
        self.storage_id = storage_id
        self.metadata: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.commits: dict[str, Commit] = {}
        self.imports: dict[str, dict[str, Any]] = {}
        self.branches = {branch: Branch(self.add([], "Repository created", {}, {}).id)}

    def json(self) -> dict[str, Any]:
        """Repository of the API."""
        return {
            "id": self.name,
            "creation_date": NOW,
            "default_branch": self.default_branch,
            "storage_namespace": self.namespace,
            "storage_id": self.storage_id,
            "read_only": False,
        }

    # --- references -------------------------------------------------------------------------------------

    def branch(self, name: str) -> Branch:
        """A branch, or 404."""
        if name not in self.branches:
            raise Refused(404, f"branch not found: {name}")
        return self.branches[name]

    def commit_of(self, ref: str) -> Commit:
        """The commit of a reference expression."""
        base, _, steps = ref.partition("~")
        if steps and not steps.isdecimal():
            raise Refused(404, f"reference not found: {ref}")
        base = base.rstrip("@")
        name = self.branches[base].head if base in self.branches else self.tags.get(base, base)
        found = self.commits.get(name)
        for _ in range(int(steps) if steps else 0):
            found = self.commits.get(found.parents[0]) if found and found.parents else None
        if found is None:
            raise Refused(404, f"reference not found: {ref}")
        return found

    def tree_of(self, ref: str) -> Tree:
        """The objects at a reference; those of a branch with what is not committed."""
        tree = dict(self.commit_of(ref).tree)
        if ref in self.branches:
            for path, entry in self.branches[ref].staged.items():
                if entry is None:
                    tree.pop(path, None)
                else:
                    tree[path] = entry
        return tree

    def entry(self, ref: str, path: str) -> Entry:
        """An object, or 404."""
        tree = self.tree_of(ref)
        if path not in tree:
            raise Refused(404, f"object not found: {path}")
        return tree[path]

    # --- changes ----------------------------------------------------------------------------------------

    def add(self, parents: list[str], message: str, tree: Tree, metadata: dict[str, str]) -> Commit:
        """Keep a new commit."""
        # Names of transactions are drawn by lot; ids are not, so that runs can be compared.
        message_id = re.sub(r"tx-[0-9a-f-]{36}", "tx", message)
        content = repr((parents, message_id, sorted(metadata.items()), len(self.commits)))
        made = Commit(
            hashlib.sha256(content.encode()).hexdigest(), parents, message, tree, metadata
        )
        self.commits[made.id] = made
        return made

    def stage(self, name: str, path: str, entry: Entry | None) -> None:
        """Write or delete an object."""
        branch = self.branch(name)
        if entry is None and path not in self.commit_of(branch.head).tree:
            branch.staged.pop(path, None)
        else:
            branch.staged[path] = entry

    def commit(self, name: str, body: dict[str, Any]) -> Commit:
        """Commit what was changed on a branch."""
        branch = self.branch(name)
        if not branch.staged and not body.get("allow_empty"):
            raise Refused(400, "commit: no changes")
        made = self.add(
            [branch.head], body["message"], self.tree_of(name), body.get("metadata") or {}
        )
        made.date = body.get("date", NOW)
        branch.head, branch.staged = made.id, {}
        return made

    def merge(self, source: str, name: str, body: dict[str, Any]) -> Commit:
        """Merge a reference into a branch."""
        branch, theirs = self.branch(name), self.commit_of(source)
        if branch.staged:
            raise Refused(400, "merge: destination branch is dirty")
        ours = self.commits[branch.head]
        base = self.ancestor(ours, theirs).tree
        merged = dict(ours.tree)
        changed = differences(base, theirs.tree)
        if not changed and not body.get("allow_empty"):
            raise Refused(400, "merge: no changes")
        for path in changed:
            touched = base.get(path) != ours.tree.get(path)
            if touched and ours.tree.get(path) != theirs.tree.get(path):
                if body.get("strategy") == "dest-wins":
                    continue
                if body.get("strategy") != "source-wins":
                    raise Refused(409, f"merge: conflict at {path}")
            if path in theirs.tree:
                merged[path] = theirs.tree[path]
            else:
                merged.pop(path, None)
        message = body.get("message") or f"Merge '{source}' into '{name}'"
        made = self.add([ours.id, theirs.id], message, merged, body.get("metadata") or {})
        branch.head = made.id
        return made

    def apply(self, name: str, ref: str, parent: int, *, undo: bool) -> Commit:
        """Revert or cherry-pick a commit."""
        branch, commit = self.branch(name), self.commit_of(ref)
        if branch.staged:
            raise Refused(400, "branch is dirty")
        if len(commit.parents) > 1 and not parent:
            raise Refused(400, "a merge needs a parent number")
        before = self.commits[commit.parents[max(parent, 1) - 1]].tree if commit.parents else {}
        start, end = (commit.tree, before) if undo else (before, commit.tree)
        tree = dict(self.commits[branch.head].tree)
        for path in differences(start, end):
            if path in end:
                tree[path] = end[path]
            else:
                tree.pop(path, None)
        word = "Revert" if undo else "Pick"
        made = self.add([branch.head], f"{word} {commit.id}", tree, {})
        branch.head = made.id
        return made

    def reset(self, name: str, kind: str, path: str | None) -> None:
        """Drop uncommitted changes."""
        branch = self.branch(name)
        kept = {}
        if kind == "object" and path not in branch.staged:
            raise Refused(404, f"object not found: {path}")
        if kind == "object":
            kept = {key: one for key, one in branch.staged.items() if key != path}
        elif kind == "common_prefix":
            kept = {
                key: one for key, one in branch.staged.items() if not key.startswith(path or "")
            }
        branch.staged = kept

    def ancestor(self, ours: Commit, theirs: Commit) -> Commit:
        """The newest commit that both come from."""
        known = {one.id for one in self.history(ours)}
        return next(one for one in self.history(theirs) if one.id in known)

    def history(self, start: Commit) -> list[Commit]:
        """A commit and all before it, newest first."""
        seen: dict[str, Commit] = {}
        waiting = [start]
        while waiting:
            one = waiting.pop(0)
            if one.id not in seen:
                seen[one.id] = one
                waiting += [self.commits[parent] for parent in one.parents]
        return list(seen.values())


def differences(before: Tree, after: Tree) -> list[str]:
    """Paths that are not the same."""
    return sorted(p for p in before.keys() | after.keys() if before.get(p) != after.get(p))


def change(path: str, before: Entry | None, after: Entry | None) -> dict[str, Any]:
    """Diff of the API."""
    kind = "added" if before is None else "removed" if after is None else "changed"
    size = len((after or before).content)  # type: ignore[union-attr]
    return {"type": kind, "path": path, "path_type": "object", "size_bytes": size}
