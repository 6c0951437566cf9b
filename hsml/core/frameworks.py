"""Frameworks of models: which class a model of each has, and the objects that make new models."""

from __future__ import annotations

import importlib
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.tag import Tag
    from hsfs.feature_view import FeatureView
    from hsml.model import Model
    from hsml.model_registry import ModelRegistry
    from hsml.model_schema import ModelSchema


_MODULES = {
    "TENSORFLOW": "hsml.tensorflow.model",
    "TORCH": "hsml.torch.model",
    "PYTHON": "hsml.python.model",
    "SKLEARN": "hsml.sklearn.model",
    "LLM": "hsml.llm.model",
}


@cache
def model_class(framework: str | None) -> type:
    """The class of models of a framework.

    Parameters:
        framework (str | None): Name of the framework as the server writes it; None for a model without one.

    Returns:
        type: The class.

    Raises:
        ValueError: If the framework is unknown.
    """
    if framework is None:
        return importlib.import_module("hsml.model").Model
    module = _MODULES.get(framework)
    if module is None:
        raise ValueError(
            f"The framework '{framework}' is unknown; known are {', '.join(_MODULES)}. "
            "A newer version of hopsworks may know it."
        )
    return importlib.import_module(module).Model


class FrameworkModels:
    """Makes models of one framework in one registry; what ``mr.python``, ``mr.sklearn`` and the others are.

    Parameters:
        framework (str): Name of the framework.
        registry (ModelRegistry | None): Where the models will be saved; None stands for the registry of the default
            connection, which each call looks up.
    """

    __slots__ = ("_framework", "_registry")

    def __init__(self, framework: str, registry: ModelRegistry | None = None) -> None:
        self._framework = framework
        self._registry = registry

    def create_model(
        self,
        name: str,
        version: int | None = None,
        metrics: dict[str, Any] | None = None,
        description: str | None = None,
        input_example: Any = None,
        model_schema: ModelSchema | None = None,
        feature_view: FeatureView | None = None,
        training_dataset_version: int | None = None,
        tags: Tag | dict[str, Any] | list[Any] | None = None,
    ) -> Model:
        """Make a model object; nothing is sent before ``save()``.

        The functions ``create_model`` of ``hsml.python.signature`` and its siblings do the same in the registry of
        the default connection.

        Parameters:
            name (str): Name of the model: letters, digits and underscores.
            version (int | None): Version; None takes the next free one when the model is saved.
            metrics (dict | None): Evaluation metrics, number by name.
            description (str | None): What the model is for.
            input_example: One input of the model: a dict, a list, a numpy array, a DataFrame (its first row) or a Series.
            model_schema (ModelSchema | None): Schema of inputs and outputs; without it, that of the training dataset.
            feature_view (FeatureView | None): The feature view that the model was trained on.
            training_dataset_version (int | None): Version of the training dataset; None takes the last one that this
                program read or made from the feature view.
            tags (Tag | dict | list | None): Tags to attach when the model is saved.

        Returns:
            Model: The model.

        Raises:
            NoHopsworksConnectionError: If the default connection is needed and nobody is logged in.

        Example:
            ```python
            import hopsworks

            mr = hopsworks.login().get_model_registry()
            model = mr.sklearn.create_model("delays", metrics={"auc": 0.71}, feature_view=feature_view)
            model.save("model_folder")
            ```
        """
        registry = self._registry or _default_registry()
        model = model_class(self._framework)(
            id=None,
            name=name,
            version=version,
            description=description,
            metrics=metrics,
            input_example=input_example,
            model_schema=model_schema,
            feature_view=feature_view,
            training_dataset_version=training_dataset_version,
            tags=tags,
            model_registry_id=registry.model_registry_id,
        )
        model.shared_registry_project_name = registry.shared_registry_project_name
        model._scope = registry._scope
        return model

    def __repr__(self) -> str:
        registry = self._registry
        where = "default connection" if registry is None else f"project: {registry.project_name!r}"
        return f"FrameworkModels({self._framework}, {where})"


def _default_registry() -> ModelRegistry:
    from hopsworks.open_connections import default_scope
    from hsml.model_registry import get_model_registry

    return get_model_registry(default_scope().context)
