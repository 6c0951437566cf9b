"""What the handles on the services of a project share: the session that their requests go through."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.session import ProjectSession


class Service:
    """A handle on one service of a project; made without a session, it uses that of the latest login."""

    __slots__ = ("_given_session",)

    def __init__(self, session: ProjectSession | None = None) -> None:
        self._given_session = session

    @property
    def _session(self) -> ProjectSession:
        if self._given_session is None:
            from hopsworks.open_connections import default_session

            return default_session()
        return self._given_session

    def __repr__(self) -> str:
        session = self._given_session
        project = session.project_name if session else None
        return f"{type(self).__name__}({f'project: {project!r}' if project else ''})"

    def _call(self, operation: str, body: Any = None, **params: Any) -> Any:
        return self._session.scope.call(operation, body, **params)
