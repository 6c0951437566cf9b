"""The scope that an object's requests go through.

Objects that came from a server remember their scope. Objects that a user built take the scope of the default connection.
"""

from __future__ import annotations

from typing import Any


def scope_of(resource: Any) -> Any:
    """Return the scope of an object, or that of the default connection.

    Raises:
        hopsworks.client.exceptions.NoHopsworksConnectionError: There is neither.
    """
    scope = resource._scope
    if scope is None:
        from hopsworks.connection import default_scope

        scope = resource._scope = default_scope()
    return scope
