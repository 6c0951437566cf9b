"""Server variables: small settings by which clients learn what the server can do."""

from __future__ import annotations

from typing import Any

from hopsworks.local.app import API_VERSION, Server, inline
from hopsworks.local.errors import ApiError
from hopsworks.local.http import Request

# The domain of a cluster's own names.
SERVICE_DOMAIN = "consul"

_FIXED = {
    "enable_flyingduck": "true",
    "native_ingest": "true",
    "enable_data_science_profile": "true",
    "kube_kserve_installed": "false",
    "kube_serving_min_num_instances": "1",
    "kube_serving_max_num_instances": "10",
    "kube_knative_domain_name": "",
    "featurestore_online_tablespace": "ts_1",
    "service_discovery_domain": SERVICE_DOMAIN,
    "upload_policy": "enabled",
}


def value_of(server: Server, name: str, over_socket: bool, host: str) -> str | None:
    """The value of a variable for a client of the given transport, or None.

    ``native_query`` names the socket of Arrow Flight, which only clients on this machine reach.
    The other services are found under the name by which the client reached this one.
    """
    if name == "native_query":
        return f"grpc+unix://{server.flight_socket_path}" if over_socket else None
    if name.startswith("loadbalancer_external_domain_"):
        service = name.removeprefix("loadbalancer_external_domain_")
        if service in ("online_store_rest_server", "feature_query"):
            return host
        return None
    return _FIXED.get(name)


@inline
def versions(request: Request, server: Server) -> list[dict[str, Any]]:
    """The releases of the parts; clients check ``hopsworks``."""
    return [{"software": "hopsworks", "version": API_VERSION}]


@inline
def variable(request: Request, server: Server) -> dict[str, Any]:
    """One variable."""
    name = request.params["name"]
    host = request.header(b"host", b"localhost").decode("latin-1")
    host = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    value = value_of(server, name, request.over_socket, host.strip("[]"))
    if value is None:
        raise ApiError(404, 100050, "Variable not found.", f"There is no variable {name!r}.")
    return {"successMessage": value}


ROUTES = [
    ("GET", "variables/versions", versions),
    ("GET", "variables/{name}", variable),
]
