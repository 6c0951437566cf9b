"""Predictors: what a deployment runs."""

from __future__ import annotations

import json
from operator import attrgetter

from hopsworks import _native
from hopsworks.constants import (
    INFERENCE_ENDPOINTS,
    MODEL,
    MODEL_SERVING,
    PREDICTOR,
    SCALING_CONFIG,
    Default,
)
from hopsworks.core.serving_resource import ServingResource, as_instance
from hopsworks.resource_scope import scope_of
from hopsworks.tag import tag_list
from hsml.core.deployment_json import flatten, regroup
from hsml.core.inference_gateway import base_url
from hsml.core.serving_defaults import serving_defaults
from hsml.deployable_component import DeployableComponent
from hsml.deployment_logging_config import DeploymentLoggingConfig
from hsml.deployment_tracing_config import DeploymentTracingConfig
from hsml.inference_batcher import InferenceBatcher
from hsml.inference_logger import InferenceLogger
from hsml.resources import PredictorResources
from hsml.scaling_config import PredictorScalingConfig, default_scaling
from hsml.transformer import Transformer

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.tag import Tag
    from hsml.deployment import Deployment
    from hsml.model import Model
    from hsml.python.endpoint import Endpoint


class Predictor(DeployableComponent, _native.Predictor):
    """What a deployment runs: a model with its server, scripts, resources and settings.

    Predictors are made by ``ms.create_predictor(model, ...)`` or, in one step with their deployment, by
    ``model.deploy(...)``.

    Parameters:
        name (str): Name of the deployment.
        model_server (str): ``"PYTHON"``, ``"TENSORFLOW_SERVING"`` or ``"VLLM"``.
        model_name (str | None): Name of the model.
        model_path (str | None): Folder of the model, without the version.
        model_version (int | None): Version of the model.
        model_framework (str | None): Framework of the model.
        serving_tool (str | None): ``"KSERVE"`` or ``"DEFAULT"``; KServe where the cluster has it.
        script_file (str | None): Script with a class ``Predict``.
        config_file (str | None): Configuration file of the model server.
        resources (PredictorResources | dict | None): Resources of an instance.
        inference_logger (InferenceLogger | dict | None): Which requests and answers are logged.
        inference_batcher (InferenceBatcher | dict | None): How requests are batched.
        transformer (Transformer | dict | None): What runs before and after the predictor.
        api_protocol (str | None): ``"REST"`` or ``"GRPC"``.
        environment (str | None): Python environment.
        scaling_configuration (PredictorScalingConfig | dict | None): How instances scale.
        env_vars (dict | None): Environment variables, text by name.
        tags (Tag | dict | list | None): Tags to attach when the deployment is created.
        knative_mode (bool | None): Whether to run in Knative mode, None to let the server choose.

    Raises:
        ValueError: If a script is missing, or an argument does not fit.

    Example:
        ```python
        predictor = ms.create_predictor(model, script_file="predict.py")
        deployment = ms.create_deployment(predictor, name="delays")
        deployment.save()
        ```
    """

    __slots__ = ()

    def __init__(
        self,
        name: str,
        model_server: str,
        model_name: str | None = None,
        model_path: str | None = None,
        model_version: int | None = None,
        model_framework: str | None = None,
        serving_tool: str | None = None,
        script_file: str | None = None,
        config_file: str | None = None,
        resources: PredictorResources | dict[str, Any] | None = None,
        inference_logger: InferenceLogger | dict[str, Any] | None = None,
        inference_batcher: InferenceBatcher | dict[str, Any] | None = None,
        transformer: Transformer | dict[str, Any] | None = None,
        id: Any = None,
        version: Any = None,
        description: Any = None,
        created_at: Any = None,
        creator: Any = None,
        api_protocol: str | None = INFERENCE_ENDPOINTS.API_PROTOCOL_REST,
        environment: str | None = None,
        project_namespace: Any = None,
        scaling_configuration: PredictorScalingConfig | dict[str, Any] | None = None,
        env_vars: dict[str, Any] | None = None,
        vllm_variant: Any = None,
        vllm_image_tag: Any = None,
        tracing: Any = None,
        feature_logging: Any = None,
        git_url: Any = None,
        git_provider: Any = None,
        git_branch: Any = None,
        git_auto_redeploy: Any = None,
        git_current_commit: Any = None,
        git_resolved_branch: Any = None,
        missing_mandatory_tags: Any = None,
        tags: Tag | dict[str, Any] | list[Any] | None = None,
        schema: Any = None,
        default_predictor: Any = None,
        knative_mode: bool | None = None,
        **kwargs: Any,
    ) -> None:
        _refuse_request_schemas(schema, None, default_predictor)
        if script_file is None and model_framework == MODEL.FRAMEWORK_PYTHON:
            raise ValueError(
                f"The deployment '{name}' of a Python model needs a script. Pass script_file: a Python file with a class "
                "Predict that has the method predict(inputs)."
            )
        _check_env_vars(env_vars)
        parts = {
            "inference_logger": as_instance(inference_logger, InferenceLogger, "inference_logger"),
            "transformer": as_instance(transformer, Transformer, "transformer"),
            "tags": tag_list(tags),
            "tracing": as_instance(tracing, DeploymentTracingConfig, "tracing"),
            "feature_logging": as_instance(
                feature_logging, DeploymentLoggingConfig, "feature_logging"
            ),
        }
        given_resources = as_instance(resources, PredictorResources, "resources")
        if isinstance(scaling_configuration, Default):
            scaling_configuration = None
        scaling = as_instance(
            scaling_configuration, PredictorScalingConfig, "scaling_configuration"
        )
        batcher = as_instance(inference_batcher, InferenceBatcher, "inference_batcher")
        if kwargs.get("_scope") is not None:
            self._scope = kwargs["_scope"]
        serving = lambda: serving_defaults(scope_of(self))  # noqa: E731 - asked only when it matters
        if serving_tool is None:
            serving_tool = serving().serving_tool
        else:
            serving().check_serving_tool(serving_tool)
        checked = _checked_resources(given_resources, serving, serving_tool, knative_mode)
        super().__init__(
            script_file,
            checked,
            batcher,
            scaling
            or default_scaling(
                serving, serving_tool, checked.num_instances, knative_mode=bool(knative_mode)
            ),
            id=id,
            name=name,
            version=version,
            description=description,
            created_at=created_at,
            creator=creator,
            serving_tool=serving_tool,
            config_file=config_file,
            api_protocol=api_protocol or INFERENCE_ENDPOINTS.API_PROTOCOL_REST,
            project_namespace=project_namespace,
            model_name=model_name,
            model_path=model_path,
            model_version=model_version,
            vllm_variant=vllm_variant,
            vllm_image_tag=vllm_image_tag,
            knative_mode=knative_mode,
            git_url=git_url,
            git_provider=git_provider,
            git_branch=git_branch,
            git_auto_redeploy=bool(git_auto_redeploy),
            git_current_commit=git_current_commit,
            git_resolved_branch=git_resolved_branch,
        )
        self._model_framework = model_framework
        self._model_server = model_server
        self.inference_logger = parts["inference_logger"]
        self.transformer = parts["transformer"]
        self.environment = environment
        self.env_vars = env_vars
        self.tracing = parts["tracing"]
        self.feature_logging = parts["feature_logging"]
        self._tags = parts["tags"]
        self._missing_mandatory_tags = missing_mandatory_tags

    @classmethod
    def for_model(cls, model: Model, **kwargs: Any) -> Predictor:
        """Make the predictor of a model: its class, server and rules follow from the framework.

        Parameters:
            model (Model): The model.
            **kwargs: Arguments of the predictor.

        Returns:
            Predictor: The predictor.

        Raises:
            ValueError: If the model is no model, or an argument does not fit its framework.
        """
        from hsml.model import Model

        if not isinstance(model, Model):
            raise ValueError(
                f"model is of type {type(model).__name__}. Pass a model from mr.get_model() or create_model()."
            )
        if model.version is None:
            raise ValueError(
                f"Model '{model.name}' is not saved yet. Call model.save() before you deploy it."
            )
        passed_features = kwargs.pop("passed_features", None)
        _refuse_request_schemas(
            kwargs.pop("schema", None), passed_features, kwargs.pop("default_predictor", None)
        )
        kwargs.setdefault("script_file", None)
        kwargs.update(
            model_name=model.name, model_path=model.model_path, model_version=model.version
        )
        return _predictor_class(type(model))(_scope=scope_of(model), **kwargs)

    @classmethod
    def for_server(cls, name: str, script_file: str, **kwargs: Any) -> Endpoint:
        """Make the predictor of an HTTP server that has no model.

        Parameters:
            name (str): Name of the deployment.
            script_file (str): The program of the server.
            **kwargs: Arguments of the predictor.

        Returns:
            Endpoint: The predictor.
        """
        from hsml.python.endpoint import Endpoint

        return Endpoint(name=name, script_file=script_file, **kwargs)

    def deploy(self) -> Deployment:
        """Make the deployment of this predictor and save it.

        Returns:
            Deployment: The deployment.

        Raises:
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            deployment = ms.create_predictor(model, script_file="predict.py").deploy()
            deployment.start()
            ```
        """
        from hsml.deployment import Deployment

        deployment = Deployment(predictor=self, name=self.name, description=self.description)
        deployment.save()
        return deployment

    # --- conversion -----------------------------------------------------------------------------------------------

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Predictor | list[Predictor]:
        """Make predictors from a response.

        Parameters:
            json_dict: A deployment, a list of deployments, or a collection.
            scope: Scope that the predictors keep for their requests.

        Returns:
            Predictor | list[Predictor]: One predictor, or one a deployment.
        """
        return super(DeployableComponent, cls).from_response_json(json_dict, scope)

    def _after_decode(self):
        regroup(self)

    @classmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """Make a predictor from a deployment.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            Predictor: The predictor.
        """
        return cls.from_response_json(json_decamelized)

    @classmethod
    def extract_fields_from_json(cls, json_decamelized: dict[str, Any]) -> dict[str, Any]:
        """The arguments that would build the predictor of a deployment.

        Parameters:
            json_decamelized (dict): The deployment, with keys in either spelling.

        Returns:
            dict: Value by argument name.
        """
        made = cls.from_json(json_decamelized)
        skip = ("schema", "default_predictor", "tags")
        import inspect

        names = [
            name
            for name in inspect.signature(Predictor).parameters
            if name not in (*skip, "kwargs")
        ]
        return {name: getattr(made, name) for name in names}

    def update_from_response_json(self, json_dict: Any) -> Predictor:
        """Take over what a response says.

        Parameters:
            json_dict: The deployment, or another predictor.

        Returns:
            Predictor: This predictor.
        """
        super(ServingResource, self).update_from_response_json(json_dict)
        return self

    def to_dict(self) -> dict[str, Any]:
        """The deployment as it is sent.

        Returns:
            dict: Values by key.
        """
        if self.transformer is not None:
            self.transformer._settle_instances(
                bool(self.knative_mode), serving_defaults(scope_of(self))
            )
        return flatten(self, super(DeployableComponent, self).to_dict())

    def json(self) -> str:
        """The deployment as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return json.dumps(self.to_dict())

    # --- attributes -----------------------------------------------------------------------------------------------

    model_server = property(attrgetter("_model_server"), doc="Server that runs the model.")
    missing_mandatory_tags = property(
        lambda self: self._missing_mandatory_tags or [],
        doc="Mandatory tags of deployments that this one lacks.",
    )

    @property
    def model_framework(self) -> str | None:
        """Framework of the model; setting it sets the model server too."""
        return self._model_framework

    @model_framework.setter
    def model_framework(self, model_framework: str | None) -> None:
        self._model_framework = model_framework
        self._model_server = _SERVERS.get(model_framework or "", PREDICTOR.MODEL_SERVER_PYTHON)

    @property
    def artifact_version(self) -> int | None:
        """Version of the deployment; deployments are versioned as a whole. Setting it does nothing."""
        return self.version

    @artifact_version.setter
    def artifact_version(self, artifact_version: int | None) -> None:
        return None

    @property
    def artifact_files_path(self) -> str:
        """Path of the files of this version of the deployment."""
        return f"/Projects/{self.project_name}/{MODEL_SERVING.DEPLOYMENTS_DATASET}/{self.name}/{self.version}"

    @property
    def artifact_path(self) -> str:
        """The same as ``artifact_files_path``."""
        return self.artifact_files_path

    @property
    def requested_instances(self) -> int:
        """Number of instances that are asked for: predictor and transformer together."""
        count = self.resources.num_instances or 0
        if self.transformer is not None:
            count += self.transformer.resources.num_instances or 0
        return count

    @property
    def has_feature_view(self) -> bool:
        """Whether the deployment serves a feature view without a model."""
        return self.feature_view_name is not None

    @property
    def feature_view_name(self) -> str | None:
        """Name of the feature view that the deployment serves, None for deployments of models."""
        return (self.env_vars or {}).get(MODEL_SERVING.FEATURE_VIEW_NAME_ENV_VAR)

    @property
    def feature_view_version(self) -> int | None:
        """Version of the feature view that the deployment serves, None for deployments of models."""
        version = (self.env_vars or {}).get(MODEL_SERVING.FEATURE_VIEW_VERSION_ENV_VAR)
        return None if version is None else int(version)

    def get_endpoint_url(self) -> str | None:
        """Get the address of the deployment at the inference gateway, for HTTP clients of any kind.

        Returns:
            str | None: The address; None when the cluster has no gateway.
        """
        return base_url(self)

    def get_openai_url(self) -> str | None:
        """Get the address of the OpenAI interface of an LLM deployment.

        Returns:
            str | None: The address; None for other deployments, or when the cluster has no gateway.
        """
        if self.model_server != PREDICTOR.MODEL_SERVER_VLLM:
            return None
        base = base_url(self)
        return None if base is None else f"{base}/v1"

    def get_inference_url(self) -> str | None:
        """Get the address that takes predictions.

        Returns:
            str | None: The address; None for LLM deployments and those without a model.
        """
        has_model = self.model_name is not None and self.model_version is not None
        if self.model_server == PREDICTOR.MODEL_SERVER_VLLM or not (
            has_model or self.has_feature_view
        ):
            return None
        base = base_url(self)
        if base is not None:
            return f"{base}/v1/models/{self.name}:predict"
        if not has_model:
            return None
        session = scope_of(self).context
        base = session.client.base_url
        return f"{base}/hopsworks-api/api/project/{session.project_id}/inference/models/{self.name}:predict"

    def __repr__(self):
        names = ["description", "git_url", "git_provider", "git_branch"]
        parts = [f"name: {self.name!r}"]
        parts += [f"{n}: {getattr(self, n)!r}" for n in names if getattr(self, n) is not None]
        if self.git_url is not None:
            parts.append(f"git_auto_redeploy: {bool(self.git_auto_redeploy)!r}")
        return f"Predictor({', '.join(parts)})"


_SERVERS = {
    MODEL.FRAMEWORK_TENSORFLOW: PREDICTOR.MODEL_SERVER_TF_SERVING,
    MODEL.FRAMEWORK_LLM: PREDICTOR.MODEL_SERVER_VLLM,
}


def _predictor_class(model_class):
    import importlib

    # hsml.sklearn.model.Model goes with hsml.sklearn.predictor.Predictor; a model without framework runs as Python.
    package = model_class.__module__.rpartition(".")[0]
    if package == "hsml":
        package = "hsml.python"
    return importlib.import_module(f"{package}.predictor").Predictor


def _refuse_request_schemas(schema, passed_features, default_predictor):
    for name, value in (
        ("schema", schema),
        ("passed_features", passed_features),
        ("default_predictor", default_predictor),
    ):
        if value:
            raise ValueError(
                f"{name} describes requests to a deployment without a script, which this version of the client cannot "
                "make. Leave it out and pass script_file: a script that reads the features itself."
            )


def _check_env_vars(env_vars):
    reserved = sorted(set(env_vars or ()) & set(MODEL_SERVING.RESERVED_ENV_VARS))
    if reserved:
        raise ValueError(
            f"The environment variable {reserved[0]} is set by Hopsworks itself. Remove it from env_vars."
        )


def _checked_resources(given, serving, serving_tool, knative_mode):
    # Only Knative deployments can be forced to scale to zero, and Knative is never the default.
    must_reach_zero = (
        bool(knative_mode)
        and serving_tool == PREDICTOR.SERVING_TOOL_KSERVE
        and serving().must_scale_to_zero
    )
    if given is None:
        return PredictorResources(0 if must_reach_zero else SCALING_CONFIG.MIN_NUM_INSTANCES)
    if must_reach_zero and given.num_instances != 0:
        raise ValueError(
            "This cluster demands that KServe deployments scale to zero; resources.num_instances is "
            f"{given.num_instances}. Set it to 0."
        )
    return given
