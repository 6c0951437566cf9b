"""Versions of a deployment."""

from __future__ import annotations

import json

from hopsworks import _native
from hopsworks.core.serving_resource import as_instance
from hsml.deployment_logging_config import DeploymentLoggingConfig
from hsml.deployment_tracing_config import DeploymentTracingConfig
from hsml.resources import PredictorResources, TransformerResources
from hsml.scaling_config import PredictorScalingConfig, TransformerScalingConfig

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


_PARTS = {
    "predictor_resources": ("predictorResources", PredictorResources),
    "predictor_scaling_config": ("predictorScalingConfig", PredictorScalingConfig),
    "transformer_resources": ("transformerResources", TransformerResources),
    "transformer_scaling_config": ("transformerScalingConfig", TransformerScalingConfig),
    "tracing": ("tracing", DeploymentTracingConfig),
    "feature_logging": ("featureLogging", DeploymentLoggingConfig),
}


class DeploymentVersion(_native.DeploymentVersion):
    """One version of a deployment; from ``deployment.get_versions()``.

    Attributes:
        version (int): Number of the version.
        active (bool): Whether the deployment runs this version.
        predictor (str | None): Script of the predictor.
        model_name (str | None): Name of the model.
        model_version (int | None): Version of the model.

    Example:
        ```python
        for version in deployment.get_versions():
            print(version.version, version.active, version.created)
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        version: Any,
        active: Any = False,
        created: Any = None,
        created_by: Any = None,
        updated: Any = None,
        updated_by: Any = None,
        model_name: Any = None,
        model_version: Any = None,
        model_path: Any = None,
        model_framework: Any = None,
        model_server: Any = None,
        predictor: Any = None,
        config_file: Any = None,
        predictor_resources: Any = None,
        predictor_scaling_config: Any = None,
        predictor_env_vars: Any = None,
        predictor_environment_id: Any = None,
        predictor_environment: Any = None,
        transformer: Any = None,
        transformer_resources: Any = None,
        transformer_scaling_config: Any = None,
        transformer_env_vars: Any = None,
        transformer_environment_id: Any = None,
        transformer_environment: Any = None,
        git_url: Any = None,
        git_branch: Any = None,
        git_provider: Any = None,
        git_auto_redeploy: Any = None,
        git_current_commit: Any = None,
        vllm_variant: Any = None,
        vllm_image_tag: Any = None,
        tracing: Any = None,
        feature_logging: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        plain = {
            name: given[name]
            for name in given
            if name not in ("self", "kwargs", "__class__") and name not in _PARTS
        }
        parts = {name: as_instance(given[name], cls, name) for name, (_, cls) in _PARTS.items()}
        super().__init__(**plain, **parts)

    @property
    def predictor_environment(self) -> str | None:
        """Name of the Python environment of the predictor."""
        return _name(self._predictor_environment)

    @property
    def transformer_environment(self) -> str | None:
        """Name of the Python environment of the transformer."""
        return _name(self._transformer_environment)

    def to_dict(self) -> dict[str, Any]:
        """The version as a server describes it.

        Returns:
            dict: Values by key.
        """
        wire = super().to_dict()
        for name, (key, _) in _PARTS.items():
            part = getattr(self, name)
            wire[key] = None if part is None else part.to_dict().get(key, part.to_dict())
        for key, environment in (
            ("predictorEnvironment", self.predictor_environment),
            ("transformerEnvironment", self.transformer_environment),
        ):
            wire[key] = None if environment is None else {"name": environment}
        return wire

    def json(self) -> str:
        """The version as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __repr__(self):
        return f"DeploymentVersion(version: {self.version!r}, active: {self.active!r})"


def _name(environment):
    return environment.get("name") if isinstance(environment, dict) else environment
