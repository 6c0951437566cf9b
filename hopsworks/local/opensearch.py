"""OpenSearch: there is none here, and whoever asks for the way to it is told so."""

from __future__ import annotations

from hopsworks.local.app import Server, inline
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request


@inline
def token(request: Request, server: Server) -> None:
    """GET elastic/jwt/{project_id}."""
    server.project(request)
    raise ApiError(
        501,
        120012,
        "Feature is not available.",
        "The embedded server has no OpenSearch. Log in to a cluster for it.",
    )


ROUTES = [("GET", "elastic/jwt/{project_id}", token)]
