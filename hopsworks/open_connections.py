"""The open connections of this process, and the default among their sessions.

Objects that a server sent keep the session that they came through. Those that the user made belong to the default one:
that of the current login, or else of the first connection that opened a project.
"""

from __future__ import annotations

import atexit

# threading and weakref, which offer these too, take longer to load than the rest of this package.
from _thread import RLock
from _weakref import ref

from hopsworks.client.exceptions import NoHopsworksConnectionError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks import _native
    from hopsworks.connection import Connection
    from hopsworks.session import ProjectSession

_lock = RLock()
_open: dict[int, ref[Connection]] = {}  # by id()
_default: ProjectSession | None = None


def add(connection: Connection) -> None:
    """Note a connection that has opened; it is closed when the process ends."""
    number = id(connection)
    with _lock:
        _open[number] = ref(connection, lambda _: _open.pop(number, None))


def discard(connection: Connection) -> None:
    """Forget a connection that has closed; its session is no longer the default."""
    global _default
    with _lock:
        _open.pop(id(connection), None)
        if _default is not None and _default.connection is connection:
            _default = None


def use(session: ProjectSession, weak: bool = False) -> None:
    """Make a session the default. `weak`: only when there is no open default."""
    global _default
    with _lock:
        if weak and _default is not None and _default.connection._client is not None:
            return
        _default = session


def default_session() -> ProjectSession:
    """The session of the current login, or of the first open connection with a project.

    Returns:
        A :class:`hopsworks.session.ProjectSession`.

    Raises:
        NoHopsworksConnectionError: If there is none.
    """
    session = _default
    if session is None or session.connection._client is None:
        raise NoHopsworksConnectionError()
    return session


def default_scope() -> _native.Scope:
    """Native scope of :func:`default_session`; for objects that the user made and no server sent.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.
    """
    return default_session().scope


def close_all() -> None:
    """Close every open connection of this process."""
    with _lock:
        connections = [reference() for reference in list(_open.values())]
    for connection in connections:
        if connection is not None:
            connection.close()


atexit.register(close_all)
