"""Versions of a deployment."""

import json

from hopsworks import _native
from hsml.core.serving_resource import as_instance
from hsml.deployment_logging_config import DeploymentLoggingConfig
from hsml.deployment_tracing_config import DeploymentTracingConfig
from hsml.resources import PredictorResources, TransformerResources
from hsml.scaling_config import PredictorScalingConfig, TransformerScalingConfig

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
        version,
        active=False,
        created=None,
        created_by=None,
        updated=None,
        updated_by=None,
        model_name=None,
        model_version=None,
        model_path=None,
        model_framework=None,
        model_server=None,
        predictor=None,
        config_file=None,
        predictor_resources=None,
        predictor_scaling_config=None,
        predictor_env_vars=None,
        predictor_environment_id=None,
        predictor_environment=None,
        transformer=None,
        transformer_resources=None,
        transformer_scaling_config=None,
        transformer_env_vars=None,
        transformer_environment_id=None,
        transformer_environment=None,
        git_url=None,
        git_branch=None,
        git_provider=None,
        git_auto_redeploy=None,
        git_current_commit=None,
        vllm_variant=None,
        vllm_image_tag=None,
        tracing=None,
        feature_logging=None,
        **kwargs,
    ):
        given = dict(locals())
        plain = {
            name: given[name]
            for name in given
            if name not in ("self", "kwargs", "__class__") and name not in _PARTS
        }
        parts = {name: as_instance(given[name], cls, name) for name, (_, cls) in _PARTS.items()}
        super().__init__(**plain, **parts)

    @property
    def predictor_environment(self):
        """Name of the Python environment of the predictor."""
        return _name(self._predictor_environment)

    @property
    def transformer_environment(self):
        """Name of the Python environment of the transformer."""
        return _name(self._transformer_environment)

    def to_dict(self):
        """The version as a server describes it.

        Returns:
            dict: Values by key.
        """
        wire = super().to_dict()
        for name, (key, _) in _PARTS.items():
            part = getattr(self, name)
            wire[key] = None if part is None else part.to_dict().get(key, part.to_dict())
        for key, name in (
            ("predictorEnvironment", self.predictor_environment),
            ("transformerEnvironment", self.transformer_environment),
        ):
            wire[key] = None if name is None else {"name": name}
        return wire

    def json(self):
        """The version as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    def __repr__(self):
        return f"DeploymentVersion(version: {self.version!r}, active: {self.active!r})"


def _name(environment):
    return environment.get("name") if isinstance(environment, dict) else environment
