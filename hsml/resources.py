"""Resources of the instances of a deployment."""

from __future__ import annotations

from abc import ABC

from hopsworks import _native
from hopsworks.constants import RESOURCES
from hopsworks.core.serving_resource import ServingResource, as_instance, declared
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Resources(ServingResource, _native.Resources):
    """An amount of processors, memory and GPUs.

    Parameters:
        cores (float): Number of CPUs, may be a fraction.
        memory (int): Memory in MB.
        gpus (int): Number of GPUs.

    Example:
        ```python
        from hsml.resources import PredictorResources, Resources

        resources = PredictorResources(requests=Resources(cores=1, memory=512, gpus=0))
        ```
    """

    __slots__ = ()


class ComponentResources(ServingResource, ABC):
    """Resources of a predictor or a transformer: what an instance asks for, and what it may not exceed.

    What is left out is filled in: requests 0.2 CPUs, 32 MB and no GPU; limits 2 CPUs and 1024 MB or the request if
    that is larger, and as many GPUs as requested.

    Parameters:
        num_instances (int | None): Number of instances; a scaling configuration says it better.
        requests (Resources | dict | None): What an instance is given at least.
        limits (Resources | dict | None): What an instance may use at most.
    """

    __slots__ = ()

    RESOURCES_CONFIG_KEY = ""
    NUM_INSTANCES_KEY = ""

    num_instances = declared("Number of instances; a scaling configuration says it better.")
    requests = declared("What an instance is given at least.")
    limits = declared("What an instance may use at most.")

    def __init__(
        self,
        num_instances: int | None = None,
        requests: Resources | dict[str, Any] | None = None,
        limits: Resources | dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.num_instances = num_instances
        self.requests = as_instance(requests, Resources, "requests")
        self.limits = as_instance(limits, Resources, "limits")
        self._complete()

    def _after_decode(self):
        self._complete()

    def _complete(self):
        if self.requests is None:
            self.requests = Resources(None, None, None)
        if self.limits is None:
            self.limits = Resources(None, None, RESOURCES.GPUS)
        requests, limits = self.requests, self.limits
        _fill(requests, RESOURCES.MIN_CORES, RESOURCES.MIN_MEMORY, RESOURCES.GPUS)
        cores = max(requests.cores, RESOURCES.MAX_CORES)
        memory = max(requests.memory, RESOURCES.MAX_MEMORY)
        _fill(limits, cores, memory, requests.gpus)

    @classmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """Make the resources from a dict.

        Parameters:
            json_decamelized (dict): ``requests``, ``limits`` and the number of instances, or a whole deployment.

        Returns:
            The resources.
        """
        given = snake_case_keys(json_decamelized)
        inner = given.get(cls.RESOURCES_CONFIG_KEY) or given.get("resources") or given
        count = given.get(cls.NUM_INSTANCES_KEY)
        for source, key in (
            (given, "num_instances"),
            (inner, cls.NUM_INSTANCES_KEY),
            (inner, "num_instances"),
        ):
            count = source.get(key) if count is None else count
        return cls(count, inner.get("requests"), inner.get("limits"))

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> Any:
        """Make the resources from a response.

        Parameters:
            json_dict (dict): A deployment, or its resources alone.
            scope: Not used; resources make no requests.

        Returns:
            The resources.
        """
        return cls.from_json(json_dict)

    def to_dict(self) -> dict[str, Any]:
        """The resources as a deployment carries them.

        Returns:
            dict: The number of instances, and requests with limits.
        """
        count, resources = _WIRE_KEYS[self.NUM_INSTANCES_KEY], _WIRE_KEYS[self.RESOURCES_CONFIG_KEY]
        return {
            count: self.num_instances,
            resources: {"requests": self.requests.to_dict(), "limits": self.limits.to_dict()},
        }

    def json(self) -> str:
        """The resources as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        import json

        return json.dumps(self.to_dict())


_WIRE_KEYS = {
    "requested_instances": "requestedInstances",
    "predictor_resources": "predictorResources",
    "requested_transformer_instances": "requestedTransformerInstances",
    "transformer_resources": "transformerResources",
}


def _fill(resources, cores, memory, gpus):
    if resources.cores is None:
        resources.cores = cores
    if resources.memory is None:
        resources.memory = memory
    if resources.gpus is None:
        resources.gpus = gpus


class PredictorResources(ComponentResources, _native.PredictorResources):
    """Resources of a predictor.

    Parameters:
        num_instances (int | None): Number of instances; a scaling configuration says it better.
        requests (Resources | dict | None): What an instance is given at least.
        limits (Resources | dict | None): What an instance may use at most.
    """

    __slots__ = ()

    RESOURCES_CONFIG_KEY = "predictor_resources"
    NUM_INSTANCES_KEY = "requested_instances"


class TransformerResources(ComponentResources, _native.TransformerResources):
    """Resources of a transformer.

    Parameters:
        num_instances (int | None): Number of instances; a scaling configuration says it better.
        requests (Resources | dict | None): What an instance is given at least.
        limits (Resources | dict | None): What an instance may use at most.
    """

    __slots__ = ()

    RESOURCES_CONFIG_KEY = "transformer_resources"
    NUM_INSTANCES_KEY = "requested_transformer_instances"
