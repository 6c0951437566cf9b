"""Transformers: scripts that run before and after the predictor of a deployment."""

from __future__ import annotations

from hopsworks import _native
from hopsworks.constants import SCALING_CONFIG, Default
from hopsworks.core.serving_resource import as_instance
from hopsworks.wire_names import snake_case_keys
from hsml.deployable_component import DeployableComponent
from hsml.resources import TransformerResources
from hsml.scaling_config import TransformerScalingConfig

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Transformer(DeployableComponent, _native.Transformer):
    """A script that prepares the inputs of a predictor and finishes its outputs.

    The script defines a class ``Transformer`` with the methods ``preprocess(inputs)`` and ``postprocess(outputs)``.

    Parameters:
        script_file (str): The script: a local path or one in the project.
        resources (TransformerResources | dict | None): Resources of an instance.
        scaling_configuration (TransformerScalingConfig | dict | None): How instances scale; None leaves it to the server.
        env_vars (dict | None): Environment variables, text by name.
        environment (str | None): Python environment of the transformer.

    Example:
        ```python
        transformer = ms.create_transformer(script_file="transformer.py")
        model.deploy(script_file="predict.py", transformer=transformer)
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        script_file: str | None,
        resources: TransformerResources | dict[str, Any] | None = None,
        scaling_configuration: TransformerScalingConfig | dict[str, Any] | None = None,
        env_vars: dict[str, Any] | None = None,
        environment: str | None = None,
        **kwargs: Any,
    ) -> None:
        given = as_instance(resources, TransformerResources, "resources") or TransformerResources()
        by_default = given.num_instances is None
        if isinstance(scaling_configuration, Default):
            scaling_configuration = None
        super().__init__(
            script_file,
            given,
            scaling_configuration=as_instance(
                scaling_configuration, TransformerScalingConfig, "scaling_configuration"
            ),
        )
        self.env_vars = env_vars
        self.environment = environment
        # How many instances "by default" means is known only beside a predictor, when the deployment is sent.
        self._instances_by_default = by_default
        if by_default:
            given.num_instances = SCALING_CONFIG.MIN_NUM_INSTANCES

    def _settle_instances(self, knative_mode, serving):
        if self._instances_by_default:
            to_zero = knative_mode and serving.must_scale_to_zero
            self.resources.num_instances = 0 if to_zero else SCALING_CONFIG.MIN_NUM_INSTANCES

    @classmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Transformer | None:
        """Make the transformer of a deployment.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            Transformer | None: The transformer, or None when the deployment has none.
        """
        fields = cls.extract_fields_from_json(json_decamelized)
        return None if fields[0] is None else cls(*fields)

    @classmethod
    def extract_fields_from_json(cls, json_decamelized: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments that :meth:`from_json` builds the transformer with.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            tuple: Script, resources, scaling configuration, environment variables and environment; all None when the
            deployment has no transformer.
        """
        given = snake_case_keys(json_decamelized)
        script = given.get("transformer") or given.get("script_file")
        if script is None:
            return None, None, None, None, None
        has_scaling = given.get("transformer_scaling_config") or given.get("scaling_configuration")
        variables = given.get("transformer_env_vars") or given.get("env_vars")
        environment = given.get("transformer_environment") or given.get("environment")
        return (
            script,
            TransformerResources.from_json(given),
            TransformerScalingConfig.from_json(given) if has_scaling else None,
            variable_dict(variables),
            environment.get("name") if isinstance(environment, dict) else environment,
        )

    def update_from_response_json(self, json_dict: dict[str, Any]) -> Transformer:
        """Take over what a deployment says of its transformer.

        Parameters:
            json_dict (dict): The deployment.

        Returns:
            Transformer: This transformer.
        """
        Transformer.__init__(self, *self.extract_fields_from_json(json_dict))
        return self

    def to_dict(self) -> dict[str, Any]:
        """The transformer as a deployment carries it.

        Returns:
            dict: Script, resources and settings.
        """
        wire = {"transformer": self.script_file, **self.resources.to_dict()}
        if self.scaling_configuration is not None:
            wire.update(self.scaling_configuration.to_dict())
        if self.env_vars:
            wire["transformerEnvVars"] = variable_list(self.env_vars)
        if self.environment is not None:
            wire["transformerEnvironment"] = {"name": self.environment}
        return wire

    def __repr__(self):
        return f"Transformer({self.script_file!r})"


def variable_dict(variables: list[str] | dict[str, Any] | None) -> dict[str, Any] | None:
    """Environment variables by name.

    Parameters:
        variables (list[str] | dict | None): ``NAME=value`` texts, or values by name.

    Returns:
        dict | None: Values by name, or None without any.
    """
    if isinstance(variables, dict):
        return variables or None
    return dict(entry.split("=", 1) for entry in variables) if variables else None


def variable_list(variables: dict[str, Any]) -> list[str]:
    """Environment variables as they travel.

    Parameters:
        variables (dict): Values by name.

    Returns:
        list[str]: ``NAME=value`` texts.
    """
    return [f"{name}={value}" for name, value in variables.items()]
