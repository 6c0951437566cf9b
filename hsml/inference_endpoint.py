"""Addresses at which deployments take requests."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.core.serving_resource import ServingResource


class InferenceEndpointPort(ServingResource, _native.InferenceEndpointPort):
    """A port of an inference address.

    Attributes:
        name (str): ``HTTP``, ``HTTPS``, ``STATUS`` or ``TLS``.
        number (int): Port number.
    """

    __slots__ = ()


class InferenceEndpoint(ServingResource, _native.InferenceEndpoint):
    """An address at which deployments take requests; from ``ms.get_inference_endpoints()``.

    Attributes:
        type (str): ``LOAD_BALANCER``, ``KUBE_CLUSTER`` or ``NODE``.
        hosts (list[str]): Host names or addresses.
        ports (list[InferenceEndpointPort]): Ports by protocol.

    Example:
        ```python
        for endpoint in ms.get_inference_endpoints():
            print(endpoint.type, endpoint.get_any_host(), endpoint.get_port("HTTPS"))
        ```
    """

    __slots__ = ()

    def get_any_host(self) -> str | None:
        """One of the hosts.

        Returns:
            str | None: A host, or None when there is none.
        """
        return self.hosts[0] if self.hosts else None

    def get_port(self, name: str) -> InferenceEndpointPort | None:
        """The port of a protocol.

        Parameters:
            name (str): ``HTTP``, ``HTTPS``, ``STATUS`` or ``TLS``.

        Returns:
            InferenceEndpointPort | None: The port, or None when the address has none of that name.
        """
        return next((port for port in self.ports or () if port.name == name), None)
