"""Making PyTorch models in the registry of the default connection."""

from __future__ import annotations

from hsml.core.frameworks import default_models

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.tag import Tag
    from hsfs.feature_view import FeatureView
    from hsml.model import Model
    from hsml.model_schema import ModelSchema


def create_model(
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
    """Make a PyTorch model object in the registry of the default connection; nothing is sent before ``save()``.

    ``mr.torch.create_model(...)`` does the same in a registry of your choice, and describes the parameters.

    Parameters:
        name (str): Name of the model: letters, digits and underscores.
        version (int | None): Version; None takes the next free one when the model is saved.
        metrics (dict | None): Evaluation metrics, number by name.
        description (str | None): What the model is for.
        input_example: One input of the model.
        model_schema (ModelSchema | None): Schema of inputs and outputs.
        feature_view (FeatureView | None): The feature view that the model was trained on.
        training_dataset_version (int | None): Version of the training dataset.
        tags (Tag | dict | list | None): Tags to attach when the model is saved.

    Returns:
        Model: The model.

    Raises:
        NoHopsworksConnectionError: If nobody is logged in.

    Example:
        ```python
        import hopsworks
        from hsml.torch.signature import create_model

        hopsworks.login()
        create_model("delays", metrics={"auc": 0.71}).save("model_folder")
        ```
    """
    return default_models("TORCH").create_model(
        name,
        version=version,
        metrics=metrics,
        description=description,
        input_example=input_example,
        model_schema=model_schema,
        feature_view=feature_view,
        training_dataset_version=training_dataset_version,
        tags=tags,
    )
