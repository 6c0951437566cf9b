"""The model registry of a project: finding models, and making new ones."""

from __future__ import annotations

import warnings

from hopsworks import _native
from hopsworks.client.exceptions import ModelRegistryException
from hopsworks.resource_scope import scope_of
from hopsworks.util import VersionWarning
from hsml.core.frameworks import FrameworkModels
from hsml.core.project_files import ProjectFiles

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.model import Model


MODELS_DATASET = "Models"

_DIRECTIONS = {"max": "desc", "min": "asc", "desc": "desc", "asc": "asc"}


class ModelRegistry(_native.ModelRegistry):
    """Handle on a model registry; made by ``project.get_model_registry()``.

    Attributes:
        project_name (str): Name of the connected project.
        project_id (int): Id of the connected project.
        model_registry_id (int): Id of the registry.
        shared_registry_project_name (str | None): Name of the project that shares the registry, None for the own one.

    Example:
        ```python
        import hopsworks

        mr = hopsworks.login().get_model_registry()
        best = mr.get_best_model("delays", metric="auc", direction="max")
        folder = best.download()
        ```
    """

    __slots__ = ()

    DEFAULT_VERSION = 1

    def get_model(self, name: str, version: int | None = None) -> Model | None:
        """Get one version of a model.

        Parameters:
            name (str): Name of the model.
            version (int | None): Version; None takes version 1 and warns.

        Returns:
            Model | None: The model, or None when there is no such version.

        Raises:
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            model = mr.get_model("delays", version=2)
            print(model.training_metrics)
            ```
        """
        if version is None:
            version = self.DEFAULT_VERSION
            warnings.warn(
                f"No version of model '{name}' was given; taking version {version}.",
                VersionWarning,
                stacklevel=2,
            )
        model = scope_of(self).call(
            "model.get", registry_id=self.model_registry_id, id=f"{name}_{version}"
        )
        if model is None:
            return None
        if model._missing_mandatory_tags:
            missing = ", ".join(f"'{tag.get('name')}'" for tag in model._missing_mandatory_tags)
            warnings.warn(
                f"Model '{name}' version {version} lacks mandatory tags: {missing}. Attach them with add_tag().",
                stacklevel=2,
            )
        return self._mine([model])[0]

    def get_models(self, name: str) -> list[Model]:
        """Get all versions of a model.

        Parameters:
            name (str): Name of the model.

        Returns:
            list[Model]: The versions; empty when there is none.

        Raises:
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            for model in mr.get_models("delays"):
                print(model.version, model.training_metrics)
            ```
        """
        return self._list(name)

    def get_best_model(self, name: str, metric: str, direction: str) -> Model | None:
        """Get the version of a model with the best value of a metric.

        Versions without the metric come last.

        Parameters:
            name (str): Name of the model.
            metric (str): Name of the metric.
            direction (str): ``"max"`` or ``"min"``: which values are better.

        Returns:
            Model | None: The best version, or None when the model has no version.

        Raises:
            ValueError: If the direction is another word.
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            best = mr.get_best_model("delays", "auc", "max")
            ```
        """
        order = _DIRECTIONS.get(str(direction).lower())
        if order is None:
            raise ValueError(
                f"direction is {direction!r}. Pass 'max' or 'min': which values of '{metric}' are better."
            )
        found = self._list(name, sort_by=f"{metric}:{order}", limit=1)
        return found[0] if found else None

    def hf_download(
        self,
        hugging_face_model_id: str,
        hf_token: str | None = None,
        selected_formats: list[str] | None = None,
        selected_variants: list[str] | None = None,
        selected_filenames: list[str] | None = None,
        timeout: int = 36000,
        poll_interval: int = 5,
        revision: str | None = None,
    ) -> Model:
        """Import a model from Hugging Face; the cluster downloads it, and this call waits.

        Parameters:
            hugging_face_model_id (str): Name of the repository, for example ``"Qwen/Qwen2.5-0.5B"``.
            hf_token (str | None): Access token for repositories that need one.
            selected_formats (list[str] | None): Formats to import; the safest one by default.
            selected_variants (list[str] | None): Variants to import.
            selected_filenames (list[str] | None): Files to import; wins over formats and variants.
            timeout (int): Longest wait in seconds; the import is cancelled after it.
            poll_interval (int): Longest pause between two questions to the server, in seconds.
            revision (str | None): Branch, tag or commit; the default branch by default.

        Returns:
            Model: The newest version of the imported model.

        Raises:
            ValueError: If no repository is named.
            HuggingFaceImportException: If the import fails or takes too long; ``error_code`` says why.
            RestAPIError: If the server refuses for another reason.

        Example:
            ```python
            model = mr.hf_download("Qwen/Qwen2.5-0.5B")
            ```
        """
        from hsml.core.hub_import import import_model

        request = {
            "hfToken": hf_token,
            "selectedFormats": selected_formats,
            "selectedVariants": selected_variants,
            "selectedFilenames": selected_filenames,
            "revision": revision,
        }
        return import_model(self, hugging_face_model_id, request, timeout, poll_interval)

    def _list(self, name, **parameters):
        found = scope_of(self).call(
            "model.list",
            registry_id=self.model_registry_id,
            filter_by=None if name is None else f"name_eq:{name}",
            **parameters,
        )
        return self._mine(found)

    def _mine(self, models):
        shared, registry_id = self.shared_registry_project_name, self.model_registry_id
        for model in models:
            if shared is not None:
                model.shared_registry_project_name = shared
            if model.model_registry_id is None:
                model.model_registry_id = registry_id
        return models

    @property
    def project_path(self) -> str:
        """Path of the connected project in the file system."""
        return f"/Projects/{self.project_name}"

    @property
    def tensorflow(self) -> FrameworkModels:
        """Makes TensorFlow models: ``mr.tensorflow.create_model(...)``."""
        return FrameworkModels("TENSORFLOW", self)

    @property
    def sklearn(self) -> FrameworkModels:
        """Makes scikit-learn models: ``mr.sklearn.create_model(...)``."""
        return FrameworkModels("SKLEARN", self)

    @property
    def torch(self) -> FrameworkModels:
        """Makes PyTorch models: ``mr.torch.create_model(...)``."""
        return FrameworkModels("TORCH", self)

    @property
    def python(self) -> FrameworkModels:
        """Makes models of any Python code: ``mr.python.create_model(...)``."""
        return FrameworkModels("PYTHON", self)

    @property
    def llm(self) -> FrameworkModels:
        """Makes large language models: ``mr.llm.create_model(...)``."""
        return FrameworkModels("LLM", self)

    def __repr__(self):
        shared = self.shared_registry_project_name
        return f"ModelRegistry(project: {self.project_name!r}" + (
            f", shared by: {shared!r})" if shared else ")"
        )


def check_models_dataset(session: Any) -> None:
    """Make sure that the project has a Models dataset; asked once a session.

    Parameters:
        session: Session of the project.

    Raises:
        ModelRegistryException: If there is none.
    """
    if session.cache.get("models_dataset"):
        return
    if not ProjectFiles(session.scope).exists(MODELS_DATASET):
        raise ModelRegistryException(
            f"The project '{session.project_name}' has no dataset '{MODELS_DATASET}', which holds its models. "
            "Switch the model serving service on in the settings of the project, or make the dataset."
        )
    session.cache["models_dataset"] = True


def get_model_registry(session: Any, project: str | None = None) -> ModelRegistry:
    """The model registry of a project, or one that another project shares with it.

    Parameters:
        session: Session of the connected project.
        project (str | None): Name of the project that owns the registry; None for the connected one.

    Returns:
        ModelRegistry: The handle.

    Raises:
        ModelRegistryException: If the project has no models dataset, or no registry of that name is shared with it.
    """
    if project is None or project == session.project_name:
        check_models_dataset(session)
        registry_id, shared = session.project_id, None
    else:
        registries = session.scope.call("model_registry.list") or {}
        names = {item.get("name"): item["id"] for item in registries.get("items") or ()}
        if project not in names:
            known = ", ".join(f"'{name}'" for name in sorted(filter(None, names))) or "none"
            raise ModelRegistryException(
                f"No model registry of project '{project}' is shared with project '{session.project_name}'; "
                f"readable registries: {known}. Ask an owner of '{project}' to share its Models dataset."
            )
        registry_id, shared = names[project], project
    registry = ModelRegistry(session.project_name, session.project_id, registry_id, shared)
    registry._scope = session.scope
    return registry
