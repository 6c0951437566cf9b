"""Where an object sends its requests: through the scope it came with, else that of the default connection."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


def scope_of(resource: Any) -> Any:
    """The scope of an object.

    An object that a server sent keeps the scope of its connection. One that the user built joins the default
    connection at its first request.

    Parameters:
        resource: Any object with a ``_scope``.

    Returns:
        The scope; ``scope.context`` is the project session.

    Raises:
        NoHopsworksConnectionError: If the object has no scope and nobody is logged in.
    """
    scope = resource._scope
    if scope is None:
        from hopsworks.open_connections import default_scope

        scope = resource._scope = default_scope()
    return scope
