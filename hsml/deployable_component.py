"""What predictors and transformers have in common."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod

from hopsworks.core.serving_resource import ServingResource, as_instance, declared
from hopsworks.wire_names import snake_case_keys
from hsml.inference_batcher import InferenceBatcher

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.resources import PredictorResources, TransformerResources
    from hsml.scaling_config import ComponentScalingConfig


class DeployableComponent(ServingResource, ABC):
    """A part of a deployment that runs a script: its predictor or its transformer.

    Parameters:
        script_file (str | None): The script: a local path or one in the project.
        resources (PredictorResources | TransformerResources | None): Resources of an instance.
        inference_batcher (InferenceBatcher | dict | None): How requests are batched.
        scaling_configuration (ComponentScalingConfig | None): How instances scale.
    """

    __slots__ = ()

    script_file = declared("The script: a local path before saving, a file name after.")
    resources = declared("Resources of one instance.")
    inference_batcher = declared("How single requests are put together to batches.")
    scaling_configuration = declared("How the instances scale.")

    def __init__(
        self,
        script_file: str | None = None,
        resources: PredictorResources | TransformerResources | None = None,
        inference_batcher: InferenceBatcher | dict[str, Any] | None = None,
        scaling_configuration: ComponentScalingConfig | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.script_file = script_file
        self.resources = resources
        self.inference_batcher = (
            as_instance(inference_batcher, InferenceBatcher, "inference_batcher")
            or InferenceBatcher()
        )
        self.scaling_configuration = scaling_configuration

    @classmethod
    @abstractmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """Make the component from a deployment.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            The component, or None when the deployment has none.
        """

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> Any:
        """Make the component from a response.

        Parameters:
            json_dict (dict): A deployment.
            scope: Scope that the component keeps for its requests.

        Returns:
            The component.
        """
        made = cls.from_json(snake_case_keys(json_dict))
        if made is not None:
            made._scope = scope
        return made

    @abstractmethod
    def update_from_response_json(self, json_dict: dict[str, Any]) -> Any:
        """Take over what a response says.

        Parameters:
            json_dict (dict): A deployment.

        Returns:
            This component.
        """

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The component as a deployment carries it.

        Returns:
            dict: Values by key.
        """

    def json(self) -> str:
        """The component as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())
