"""The gateway that takes the requests of KServe deployments directly, where a cluster has one.

A cluster names the addresses at which its deployments take requests. From outside that is a load balancer; a program
inside the cluster (it has the variable ``SERVING_API_KEY``) uses the address of the cluster itself. Without either,
requests go through the REST interface of Hopsworks.
"""

from __future__ import annotations

import os
import warnings

from hopsworks import _native
from hopsworks._log import get_logger
from hopsworks.client.exceptions import RequestTimeoutError, RestAPIError, ServiceUnreachableError
from hopsworks.constants import INFERENCE_ENDPOINTS, PREDICTOR
from hopsworks.core.polling import attempts
from hopsworks.resource_scope import scope_of
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.deployment import Deployment
    from hsml.predictor import Predictor


_logger = get_logger(__name__)

_LONGEST_ROUTE_WAIT = 60.0
_PROBE_TIMEOUT = 5.0


def gateway_of(predictor: Predictor) -> Any:
    """The scope that sends requests of a deployment to the gateway.

    Parameters:
        predictor (Predictor): What the deployment runs.

    Returns:
        The scope, or None when requests go through the REST interface of Hopsworks.
    """
    if predictor.serving_tool != PREDICTOR.SERVING_TOOL_KSERVE:
        return None
    scope = scope_of(predictor)
    session = scope.context
    if "inference_gateway" not in session.cache:
        session.cache["inference_gateway"] = _open(session, scope)
    return session.cache["inference_gateway"]


def _open(session, scope):
    found = {endpoint.type: endpoint for endpoint in scope.call("inference.endpoints") or ()}
    outside = found.get(INFERENCE_ENDPOINTS.ENDPOINT_TYPE_LOAD_BALANCER)
    inside = found.get(INFERENCE_ENDPOINTS.ENDPOINT_TYPE_KUBE_CLUSTER)
    key = os.environ.get("SERVING_API_KEY")
    if key and inside is not None:
        address = _address(inside, ("HTTP",))
    else:
        address = _address(outside, ("HTTPS", "HTTP")) if outside is not None else None
        key = session.connection.api_key
    if address is None or key is None:
        _logger.info("The cluster names no inference gateway; predictions go through Hopsworks")
        return None
    connection = session.connection
    verified = bool(connection.hostname_verification)
    client = _native.Client(
        address,
        headers={"Authorization": f"ApiKey {key}"},
        verify=verified or connection.trust_store_path is not None,
        hostname_verification=verified,
        trust_store=connection.trust_store_path,
        user_agent=f"hopsworks/{__version__}",
    )
    return client.scope(session)


def _address(endpoint, port_names):
    host = endpoint.get_any_host()
    for name in port_names:
        port = endpoint.get_port(name)
        if host and port is not None and port.number:
            return f"{name.lower()}://{host}:{port.number}"
    return None


def route_of(predictor: Predictor) -> dict[str, Any]:
    """The place of a deployment at the gateway.

    Parameters:
        predictor (Predictor): What the deployment runs.

    Returns:
        dict: Parameters of the gateway's rows.
    """
    return {"namespace": predictor.project_namespace, "name": predictor.name}


def base_url(predictor: Predictor) -> str | None:
    """The address of a deployment at the gateway.

    Parameters:
        predictor (Predictor): What the deployment runs.

    Returns:
        str | None: The address, or None without a gateway.
    """
    gateway = gateway_of(predictor)
    if gateway is None:
        return None
    return f"{gateway.client.base_url}/v1/{predictor.project_namespace}/{predictor.name}"


def await_route(deployment: Deployment, seconds: float) -> None:
    """Wait until the gateway knows the way to a deployment that just began to run.

    A deployment runs a moment before the gateway can reach it. Not to reach it in time is no failure of the deployment,
    so it only warns.

    Parameters:
        deployment (Deployment): The deployment.
        seconds (float): Longest wait.
    """
    predictor = deployment.predictor
    gateway = gateway_of(predictor)
    if gateway is None or seconds <= 0:
        return
    for left in attempts(min(seconds, _LONGEST_ROUTE_WAIT)):
        if _is_routed(gateway, predictor, min(left, _PROBE_TIMEOUT)):
            return
    warnings.warn(
        f"The deployment '{deployment.name}' runs, and the inference gateway does not reach it yet. Predictions may fail "
        "for a few more seconds.",
        stacklevel=2,
    )


def _is_routed(gateway, predictor, seconds):
    try:
        gateway.call("inference.gateway.metadata", timeout=max(seconds, 0.1), **route_of(predictor))
    except RestAPIError as error:
        # An unknown route is answered by the gateway itself, with nothing to read. All else comes from the deployment.
        return error.response.status_code != 404 or bool(error.response.content)
    except (RequestTimeoutError, ServiceUnreachableError) as error:
        _logger.debug("The gateway does not reach '%s' yet: %s", predictor.name, error)
        return False
    return True
