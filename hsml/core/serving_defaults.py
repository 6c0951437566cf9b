"""What a cluster says about its model serving: serving tool and limits; asked once a session, when first needed."""

from __future__ import annotations

from hopsworks.constants import HOSTS, PREDICTOR

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class ServingDefaults:
    """Model serving settings of the cluster of a session.

    Parameters:
        session: The project session.
    """

    __slots__ = ("_session",)

    def __init__(self, session: Any) -> None:
        self._session = session

    def _variable(self, name):
        session = self._session
        if session.variable("enable_data_science_profile") != "true":
            return None
        return session.variable(name)

    @property
    def has_kserve(self) -> bool:
        """Whether deployments run on KServe."""
        return self._variable("kube_kserve_installed") == "true"

    @property
    def min_instances(self) -> int:
        """Smallest number of instances that the cluster allows, -1 without a limit."""
        return int(self._variable("kube_serving_min_num_instances") or -1)

    @property
    def max_instances(self) -> int:
        """Largest number of instances that the cluster allows, -1 without a limit."""
        return int(self._variable("kube_serving_max_num_instances") or -1)

    @property
    def must_scale_to_zero(self) -> bool:
        """Whether KServe deployments in Knative mode have to scale to zero."""
        return self.min_instances == 0

    @property
    def serving_tool(self) -> str:
        """Serving tool of deployments that name none."""
        return PREDICTOR.SERVING_TOOL_KSERVE if self.has_kserve else PREDICTOR.SERVING_TOOL_DEFAULT

    def check_serving_tool(self, serving_tool: str) -> None:
        """Check a serving tool that a user names.

        Parameters:
            serving_tool (str): The serving tool.

        Raises:
            ValueError: If it is unknown, or the cluster does not offer it.
        """
        tools = (PREDICTOR.SERVING_TOOL_DEFAULT, PREDICTOR.SERVING_TOOL_KSERVE)
        if serving_tool not in tools:
            raise ValueError(
                f"serving_tool is {serving_tool!r}. Use one of {', '.join(tools)}, or leave it out."
            )
        if (
            self._session.connection.host == HOSTS.SAAS_HOST
            and serving_tool != PREDICTOR.SERVING_TOOL_KSERVE
        ):
            raise ValueError(
                f"serving_tool is {serving_tool!r}; {HOSTS.SAAS_HOST} serves with KSERVE only."
            )


def serving_defaults(scope: Any) -> ServingDefaults:
    """Serving settings for a scope.

    Parameters:
        scope: Scope of a project.

    Returns:
        ServingDefaults: The settings.
    """
    return ServingDefaults(scope.context)


def default_serving() -> ServingDefaults:
    """Serving settings of the default connection.

    Returns:
        ServingDefaults: The settings.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.
    """
    from hopsworks.open_connections import default_scope

    return serving_defaults(default_scope())
