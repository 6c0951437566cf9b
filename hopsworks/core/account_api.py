"""What the handles on a user's account share: the connection that their requests go through."""

from __future__ import annotations

from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.session import ProjectSession


class AccountApi(Service):
    """A handle on things that belong to the user and to no project."""

    @property
    def _session(self) -> ProjectSession:
        return self._given_session or account_session()


def account_session() -> ProjectSession:
    """The session of the current login, whether it chose a project or not; else that of an open connection.

    Returns:
        A :class:`hopsworks.session.ProjectSession`.

    Raises:
        NoHopsworksConnectionError: If there is none.
    """
    from hopsworks._login import get_connection
    from hopsworks.client.exceptions import NoHopsworksConnectionError
    from hopsworks.open_connections import default_session

    try:
        return get_connection()._scope().context
    except NoHopsworksConnectionError:
        return default_session()
