"""A project as seen through one connection: what every call needs to know about where it goes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks import _native
    from hopsworks.connection import Connection


class ProjectSession:
    """One project on one connection.

    Objects that a server sent keep the session they came from (through their scope), so that several connections
    and projects can be used side by side. Sessions are made by :class:`hopsworks.connection.Connection`.

    Attributes:
        connection (hopsworks.connection.Connection): The connection.
        client: Native client of the connection.
        project_id (int | None): Number of the project; ``None`` for the session of the connection itself.
        project_name (str | None): Name of the project.
        scope: Native scope that fills ``project_id`` into requests.
        cache (dict): Things that other layers fetch once a session, under keys of their own.
    """

    __slots__ = (
        "__weakref__",
        "_username",
        "_variables",
        "cache",
        "client",
        "connection",
        "project_id",
        "project_name",
        "scope",
    )

    def __init__(
        self,
        connection: Connection,
        client: _native.Client,
        project_id: int | None = None,
        project_name: str | None = None,
    ) -> None:
        self.connection = connection
        self.client = client
        self.project_id = project_id
        self.project_name = project_name
        self.cache: dict[Any, Any] = {}
        self._username: str | None = None
        self._variables = connection._variables
        fixed = {} if project_id is None else {"project_id": project_id}
        self.scope = client.scope(self, **fixed)

    @property
    def is_local(self) -> bool:
        """Whether the embedded server is used, over its socket."""
        return self.connection.is_local

    @property
    def username(self) -> str | None:
        """Short name of the user that the API key belongs to, for example ``"meb10000"``; fetched once."""
        if self._username is None:
            self._username = self.connection._fetch_username()
        return self._username

    def variable(self, name: str) -> str | None:
        """A variable of the cluster.

        Parameters:
            name: Its name, for example ``"enable_flyingduck"``.

        Returns:
            Its value, or ``None`` when the cluster does not have it. Values are fetched once a connection.
        """
        try:
            return self._variables[name]
        except KeyError:
            pass
        answer = self.scope.call("variable.get", name=name)
        value = answer.get("successMessage") if answer else None
        # Only what was found is remembered: a variable can appear while the program runs.
        if value is not None:
            self._variables[name] = value
        return value

    def forget_certificates(self) -> None:
        """Remove the certificate files of the project, if any were written, and fetch anew when next asked."""
        certificates = self.cache.pop("certificates", None)
        if certificates is not None:
            certificates.remove()

    def __repr__(self) -> str:
        return (
            f"<ProjectSession {self.project_name!r} ({self.project_id}) on {self.connection.host}>"
        )
