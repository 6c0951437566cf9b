"""What is diagnosed: the settings of a connection, and a way to ask the REST interface of its host.

A target has a native client of its own with short timeouts, so that a diagnosis ends soon, whatever the connections of the
program allow.
"""

from __future__ import annotations

from hopsworks import _native, in_cluster
from hopsworks._transport import trust
from hopsworks.certificates import pem_texts
from hopsworks.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.config import Settings


class Target:
    """A host, and what has been learnt of it so far.

    Attributes:
        settings (hopsworks.config.Settings): The settings under diagnosis.
        seconds (float): How long a check may take.
        wanted (str | None): The project to diagnose.
        project_id (int | None): Number of the project, once it is known.
        project_name (str | None): Its name.
    """

    __slots__ = (
        "_client",
        "_credentials",
        "_variables",
        "project_id",
        "project_name",
        "seconds",
        "settings",
        "wanted",
    )

    def __init__(self, settings: Settings, seconds: float, project: str | None = None) -> None:
        self.settings = settings
        self.seconds = seconds
        self.wanted = project or settings.project
        self.project_id: int | None = None
        self.project_name: str | None = None
        self._client: _native.Client | None = None
        self._variables: dict[str, str | None] = {}
        self._credentials: dict[str, Any] | None = None

    @property
    def inside(self) -> bool:
        """Whether this program runs inside the cluster, where services have other addresses."""
        return self.settings.inside

    @property
    def address(self) -> str:
        """What is diagnosed, for people."""
        return "the embedded server" if self.settings.is_local else self.settings.base_url

    def open(self, unix_socket: str | None = None, api_key: str | None = None) -> None:
        """Make the client. Nothing is sent.

        Parameters:
            unix_socket: Where the embedded server listens.
            api_key: The key; that of the settings when omitted.

        Raises:
            HopsworksSSLClientError: If the trust store cannot be read.
            InternalClientError: If the cluster has not given its authorities to this program.
        """
        settings = self.settings
        key = api_key or settings.api_key
        self._client = _native.Client(
            "http://localhost" if unix_socket else settings.base_url,
            unix_socket=unix_socket,
            headers={"Authorization": f"ApiKey {key}"} if key else {},
            token_file=settings.token_file,
            **trust(settings),
            **self.limits(),
        )

    def service_trust(self) -> dict[str, Any]:
        """Arguments of a client: what it trusts at the services that the cluster's own authority vouches for."""
        if self.settings.trust_store_path is not None or self.project_id is None:
            return trust(self.settings)
        return {
            "hostname_verification": self.settings.hostname_verification,
            "trust_pem": pem_texts(self.credentials())[0].encode(),
        }

    def limits(self) -> dict[str, Any]:
        """Arguments of a client: how long it waits, and who it says it is."""
        return {
            "connect_timeout": self.seconds,
            "read_timeout": self.seconds,
            "total_timeout": self.seconds,
            "user_agent": f"hopsworks/{__version__}",
        }

    def call(self, endpoint: str, **params: Any) -> Any:
        """Ask the REST interface.

        Raises:
            RestAPIError: If it refuses.
            OSError: If there is no answer.
        """
        assert self._client is not None
        return self._client.scope(self).call(endpoint, **params)

    def variable(self, name: str) -> str | None:
        """A variable of the cluster, or None where it has none; an empty one counts as none."""
        if name not in self._variables:
            answer = self.call("variable.get", name=name)
            self._variables[name] = (answer or {}).get("successMessage") or None
        return self._variables[name]

    def service_host(self, service: str, load_balancer: str) -> tuple[str | None, str]:
        """The host of a service, or None where the cluster does not tell it; and the variable that it comes from."""
        variable = (
            "service_discovery_domain"
            if self.inside
            else f"loadbalancer_external_domain_{load_balancer}"
        )
        found = self.variable(variable)
        return f"{service}.service.{found}" if found and self.inside else found, variable

    def credentials(self) -> dict[str, Any]:
        """The certificates of the project, as the cluster hands them out."""
        if self._credentials is None:
            answer = self.call("project.credentials", project_id=self.project_id)
            self._credentials = in_cluster.with_material(answer) if self.inside else answer
        return self._credentials

    def close(self) -> None:
        """Close the client; a check that still waits for an answer ends."""
        if self._client is not None:
            self._client.close()

    def __repr__(self) -> str:
        return f"<Target {self.address}>"
