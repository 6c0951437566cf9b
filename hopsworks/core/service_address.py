"""Where the services beside the REST interface are: behind load balancers, or under their names inside the cluster."""

from __future__ import annotations

from hopsworks.client.exceptions import FeatureStoreException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from hopsworks.session import ProjectSession


def service_host(
    session: ProjectSession, service: str, load_balancer: str, what: str, remedy: str
) -> str:
    """The host that this program reaches a service by.

    Parameters:
        session: The project and its connection.
        service: Name of the service inside the cluster, as in `<service>.service.<domain>`.
        load_balancer: Name of its load balancer, as in `loadbalancer_external_domain_<load_balancer>`.
        what: The service, for the error.
        remedy: What to do when the cluster does not tell, for the error: a sentence.

    Returns:
        The host.

    Raises:
        FeatureStoreException: If the cluster does not tell.
    """
    inside = session.connection.is_internal
    variable = (
        "service_discovery_domain" if inside else f"loadbalancer_external_domain_{load_balancer}"
    )
    found = session.variable(variable)
    if not found:
        raise FeatureStoreException(
            f"The address of {what} is not known: the variable {variable} of the cluster is not set. {remedy}"
        )
    return f"{service}.service.{found}" if inside else found
