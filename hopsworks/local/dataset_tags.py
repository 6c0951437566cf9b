"""Tags of files, folders and datasets.

A tag belongs to the file, not to its path: it goes along when the file is moved, and whatever takes the path later does
not have it. So the key of a file names its path and its inode.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from hopsworks.local import tags
from hopsworks.local.app import Project, Server
from hopsworks.local.errors import illegal_argument
from hopsworks.local.folders import Place, locate_existing, require_write
from hopsworks.local.http import Request

_KIND = "dataset"
# What begins with a prefix that ends with a slash: 0 is the letter after it.
_BELOW = "kind = 'dataset' AND object >= ? || '/' AND object < ? || '0'"


def _key_of(request: Request, server: Server) -> str:
    place, found = locate_existing(server, server.project(request), request.params["path"])
    if not place.parts:
        raise illegal_argument("The path of a file, folder or dataset is missing.")
    if request.rule.writes:
        require_write(request, server, place)
    return f"{_path(place)}//{found.st_ino}"


def _path(place: Place) -> str:
    return f"{place.project.id}/{'/'.join(place.parts)}"


@contextmanager
def moving(server: Server, source: Place, destination: Place) -> Iterator[None]:
    """Let the tags of a path and of what is below it follow a move, which is made in the block.

    They have both paths until the move is known to have worked: a kill in between loses none.
    """
    old, new = _path(source), _path(destination)
    with server.metadata.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO tags (kind, object, name, value, created) SELECT kind, ? || substr(object, ?), name,"
            f" value, created FROM tags WHERE {_BELOW}",
            (new, len(old) + 1, old, old),
        )
    try:
        yield
    except BaseException:
        removed(server, destination)
        raise
    removed(server, source)


def removed(server: Server, place: Place) -> None:
    """Drop the tags of a path, and of everything below it, that is not there any more."""
    with server.metadata.transaction() as db:
        db.execute(f"DELETE FROM tags WHERE {_BELOW}", (_path(place), _path(place)))


def on_project_deleted(server: Server, db: sqlite3.Connection, project: Project) -> None:
    """Tags go with the files."""
    db.execute(f"DELETE FROM tags WHERE {_BELOW}", (str(project.id), str(project.id)))


_BASE = "project/{project_id}/dataset/tags"

ROUTES = tags.tag_routes(
    _BASE, _KIND, _key_of, every=_BASE + "/all/{path*}", one=_BASE + "/schema/{tag}/{path*}"
)
