"""What the handles on a user's account share: the connection that their requests go through."""

from __future__ import annotations

from hopsworks.core.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

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


def checked_text(value: Any, argument: str, remedy: str) -> str:
    """A text of an argument that must be given.

    Parameters:
        value: What the user passed.
        argument: Name of the argument.
        remedy: What to pass; a sentence.

    Returns:
        The value.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is empty.
    """
    # The value is not repeated: it may be a secret.
    if not isinstance(value, str):
        raise TypeError(f"{argument} is of type {type(value).__name__}, not str. {remedy}")
    if not value:
        raise ValueError(f"{argument} is empty. {remedy}")
    return value
