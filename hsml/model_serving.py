"""Model serving of a project: finding deployments, and making new ones."""

from __future__ import annotations

import os

from hopsworks import _native
from hopsworks.constants import INFERENCE_ENDPOINTS, PREDICTOR
from hopsworks.resource_scope import scope_of
from hopsworks.tag import tag_list
from hsml.deployment import Deployment
from hsml.model_registry import check_models_dataset
from hsml.predictor import Predictor
from hsml.transformer import Transformer

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.tag import Tag
    from hsml.deployment_logging_config import DeploymentLoggingConfig
    from hsml.deployment_tracing_config import DeploymentTracingConfig
    from hsml.inference_batcher import InferenceBatcher
    from hsml.inference_endpoint import InferenceEndpoint
    from hsml.inference_logger import InferenceLogger
    from hsml.model import Model
    from hsml.resources import PredictorResources, TransformerResources
    from hsml.scaling_config import PredictorScalingConfig, TransformerScalingConfig


_STATUSES = (
    "Creating",
    "Created",
    "Starting",
    "Failed",
    "Running",
    "Idle",
    "Updating",
    "Stopping",
    "Stopped",
)


class ModelServing(_native.ModelServing):
    """Handle on the model serving of a project; made by ``project.get_model_serving()``.

    Attributes:
        project_name (str): Name of the project.
        project_id (int): Id of the project.

    Example:
        ```python
        import hopsworks

        ms = hopsworks.login().get_model_serving()
        for deployment in ms.get_deployments():
            print(deployment.name, deployment.get_state().status)
        ```
    """

    __slots__ = ()

    DEFAULT_VERSION = 1

    def get_deployment(self, name: str | None = None) -> Deployment | None:
        """Get a deployment by its name.

        Parameters:
            name (str | None): Name of the deployment; inside a deployment None means that one.

        Returns:
            Deployment | None: The deployment, or None when there is none of that name.

        Raises:
            ValueError: If no name is given and ``DEPLOYMENT_NAME`` is not set.
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            deployment = ms.get_deployment("delays")
            ```
        """
        name = os.environ.get("DEPLOYMENT_NAME") if name is None else name
        if not name:
            raise ValueError(
                "No deployment name was given. Pass name, or call this inside a deployment."
            )
        return self._deployment(scope_of(self).call("deployment.find", name=name))

    def get_deployment_by_id(self, id: int) -> Deployment | None:
        """Get a deployment by its id.

        Parameters:
            id (int): Id of the deployment.

        Returns:
            Deployment | None: The deployment, or None when there is none with that id.

        Raises:
            RestAPIError: If the server refuses the request.
        """
        return self._deployment(scope_of(self).call("deployment.get", id=id))

    def get_deployments(
        self, model: Model | str | None = None, status: str | None = None
    ) -> list[Deployment]:
        """Get the deployments of the project.

        Parameters:
            model (Model | str | None): Only deployments of this model.
            status (str | None): Only deployments in this state, for example ``"Running"``.

        Returns:
            list[Deployment]: The deployments.

        Raises:
            ValueError: If the status is unknown.
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            running = ms.get_deployments(status="Running")
            ```
        """
        if model is not None and not isinstance(model, str):
            model = model._get_default_serving_name()
        if status is not None:
            status = str(status).capitalize()
            if status not in _STATUSES:
                raise ValueError(f"status is {status!r}. Use one of {', '.join(_STATUSES)}.")
        found = scope_of(self).call("deployment.list", model=model, status=status)
        return [self._deployment(predictor) for predictor in found or ()]

    def get_inference_endpoints(self) -> list[InferenceEndpoint]:
        """Get the addresses at which deployments take requests.

        Returns:
            list[InferenceEndpoint]: The addresses.

        Raises:
            RestAPIError: If the server refuses the request.
        """
        return scope_of(self).call("inference.endpoints")

    def create_predictor(
        self,
        model: Model,
        name: str | None = None,
        artifact_version: Any = None,
        serving_tool: str | None = None,
        script_file: str | None = None,
        config_file: str | None = None,
        resources: PredictorResources | dict[str, Any] | None = None,
        inference_logger: InferenceLogger | dict[str, Any] | None = None,
        inference_batcher: InferenceBatcher | dict[str, Any] | None = None,
        transformer: Transformer | dict[str, Any] | None = None,
        api_protocol: str | None = INFERENCE_ENDPOINTS.API_PROTOCOL_REST,
        environment: str | None = None,
        scaling_configuration: PredictorScalingConfig | dict[str, Any] | None = None,
        env_vars: dict[str, Any] | None = None,
        vllm_variant: str | None = None,
        vllm_image_tag: str | None = None,
        tracing: DeploymentTracingConfig | dict[str, Any] | None = None,
        feature_logging: DeploymentLoggingConfig | dict[str, Any] | None = None,
        tags: Tag | dict[str, Any] | list[Any] | None = None,
        schema: Any = None,
        passed_features: Any = None,
        default_predictor: bool | None = None,
        knative_mode: bool | None = None,
    ) -> Predictor:
        """Make the predictor of a model; nothing is sent before its deployment is saved.

        Parameters:
            model (Model): The model.
            name (str | None): Name of the deployment; the letters and digits of the model's name by default.
            artifact_version: Ignored; deployments are versioned as a whole.
            serving_tool (str | None): ``"KSERVE"`` or ``"DEFAULT"``; KServe where the cluster has it.
            script_file (str | None): Script with a class ``Predict``: a local path or one in the project.
            config_file (str | None): Configuration file of the model server.
            resources (PredictorResources | dict | None): Resources of an instance.
            inference_logger (InferenceLogger | dict | None): Which requests and answers are logged.
            inference_batcher (InferenceBatcher | dict | None): How requests are batched.
            transformer (Transformer | dict | None): What runs before and after the predictor.
            api_protocol (str | None): ``"REST"`` or ``"GRPC"``.
            environment (str | None): Python environment of the predictor.
            scaling_configuration (PredictorScalingConfig | dict | None): How instances scale.
            env_vars (dict | None): Environment variables of the predictor.
            vllm_variant (str | None): Of LLM deployments: ``"VLLM"`` or ``"VLLM_OMNI"``.
            vllm_image_tag (str | None): Of LLM deployments: image tag of the server.
            tracing (DeploymentTracingConfig | dict | None): Whether and where requests are traced.
            feature_logging (DeploymentLoggingConfig | dict | None): How features are logged.
            tags (Tag | dict | list | None): Tags to attach.
            schema: Schema of the requests; not accepted by this version.
            passed_features: Features that requests carry; not accepted by this version.
            default_predictor (bool | None): Whether to serve without a script; only None and False are accepted.
            knative_mode (bool | None): Whether to run in Knative mode.

        Returns:
            Predictor: The predictor.

        Raises:
            ValueError: If a script is missing or an argument does not fit the model.

        Example:
            ```python
            predictor = ms.create_predictor(model, script_file="predict.py")
            deployment = predictor.deploy()
            ```
        """
        return Predictor.for_model(
            model,
            name=model._get_default_serving_name() if name is None else name,
            serving_tool=serving_tool,
            script_file=script_file,
            config_file=config_file,
            resources=resources,
            inference_logger=inference_logger,
            inference_batcher=inference_batcher,
            transformer=transformer,
            api_protocol=api_protocol,
            environment=environment,
            scaling_configuration=scaling_configuration,
            env_vars=env_vars,
            vllm_variant=vllm_variant,
            vllm_image_tag=vllm_image_tag,
            tracing=tracing,
            feature_logging=feature_logging,
            tags=tags,
            schema=schema,
            passed_features=passed_features,
            default_predictor=default_predictor,
            knative_mode=knative_mode,
        )

    def create_endpoint(
        self,
        name: str,
        script_file: str,
        description: str | None = None,
        resources: PredictorResources | dict[str, Any] | None = None,
        inference_logger: InferenceLogger | dict[str, Any] | None = None,
        inference_batcher: InferenceBatcher | dict[str, Any] | None = None,
        api_protocol: str | None = INFERENCE_ENDPOINTS.API_PROTOCOL_REST,
        environment: str | None = None,
        scaling_configuration: PredictorScalingConfig | dict[str, Any] | None = None,
        env_vars: dict[str, Any] | None = None,
        tracing: DeploymentTracingConfig | dict[str, Any] | None = None,
        git_url: str | None = None,
        git_provider: str | None = None,
        git_branch: str | None = None,
        git_auto_redeploy: bool = False,
        knative_mode: bool | None = None,
    ) -> Predictor:
        """Make the predictor of a Python program that serves HTTP itself, without a model.

        Parameters:
            name (str): Name of the deployment.
            script_file (str): The program: a local path, one in the project, or, with ``git_url``, one in the repository.
            description (str | None): What the deployment is for.
            resources (PredictorResources | dict | None): Resources of an instance.
            inference_logger (InferenceLogger | dict | None): Which requests and answers are logged.
            inference_batcher (InferenceBatcher | dict | None): How requests are batched.
            api_protocol (str | None): ``"REST"`` or ``"GRPC"``.
            environment (str | None): Python environment.
            scaling_configuration (PredictorScalingConfig | dict | None): How instances scale.
            env_vars (dict | None): Environment variables.
            tracing (DeploymentTracingConfig | dict | None): Whether and where requests are traced.
            git_url (str | None): Git repository with the program, an https address.
            git_provider (str | None): ``"GitHub"``, ``"GitLab"`` or ``"BitBucket"``; needed with ``git_url``.
            git_branch (str | None): Branch; that of the repository by default.
            git_auto_redeploy (bool): Whether new commits are deployed by themselves; needs ``git_url``.
            knative_mode (bool | None): Whether to run in Knative mode.

        Returns:
            Predictor: The predictor; ``deploy()`` makes its deployment.

        Raises:
            ValueError: If the program is missing, or the git settings contradict each other.

        Example:
            ```python
            deployment = ms.create_endpoint("api", "serve.py").deploy()
            ```
        """
        return Predictor.for_server(
            name,
            script_file,
            _scope=scope_of(self),
            description=description,
            resources=resources,
            inference_logger=inference_logger,
            inference_batcher=inference_batcher,
            api_protocol=api_protocol,
            environment=environment,
            scaling_configuration=scaling_configuration,
            env_vars=env_vars,
            tracing=tracing,
            git_url=git_url,
            git_provider=git_provider,
            git_branch=git_branch,
            git_auto_redeploy=git_auto_redeploy,
            knative_mode=knative_mode,
        )

    def get_vllm_image_tags(self, variant: str = "VLLM") -> list[str]:
        """Get the image tags of the vLLM server that the cluster offers.

        Parameters:
            variant (str): ``"VLLM"`` or ``"VLLM_OMNI"``.

        Returns:
            list[str]: The tags; empty when the cluster offers none.

        Raises:
            ValueError: If the variant is unknown.
            RestAPIError: If the server refuses the request.
        """
        variants = (PREDICTOR.VLLM_VARIANT_VLLM, PREDICTOR.VLLM_VARIANT_OMNI)
        if variant not in variants:
            raise ValueError(f"variant is {variant!r}. Use one of {', '.join(variants)}.")
        offered = scope_of(self).call("serving.vllm_image_tags") or {}
        for item in offered.get("items") or ():
            if item.get("variant") == variant:
                return list(item.get("tags") or ())
        return []

    def create_transformer(
        self,
        script_file: str | None = None,
        resources: TransformerResources | dict[str, Any] | None = None,
        scaling_configuration: TransformerScalingConfig | dict[str, Any] | None = None,
        env_vars: dict[str, Any] | None = None,
        environment: str | None = None,
    ) -> Transformer:
        """Make a transformer; nothing is sent before its deployment is saved.

        Parameters:
            script_file (str | None): Script with a class ``Transformer``: a local path or one in the project.
            resources (TransformerResources | dict | None): Resources of an instance.
            scaling_configuration (TransformerScalingConfig | dict | None): How instances scale.
            env_vars (dict | None): Environment variables.
            environment (str | None): Python environment.

        Returns:
            Transformer: The transformer.

        Example:
            ```python
            transformer = ms.create_transformer(script_file="transformer.py")
            ```
        """
        return Transformer(
            script_file=script_file,
            resources=resources,
            scaling_configuration=scaling_configuration,
            env_vars=env_vars,
            environment=environment,
        )

    def create_deployment(
        self,
        predictor: Predictor,
        name: str | None = None,
        environment: str | None = None,
        tags: Tag | dict[str, Any] | list[Any] | None = None,
    ) -> Deployment:
        """Make the deployment of a predictor; ``save()`` sends it.

        Parameters:
            predictor (Predictor): The predictor.
            name (str | None): Name of the deployment; that of the predictor by default.
            environment (str | None): Python environment; that of the predictor by default.
            tags (Tag | dict | list | None): Tags to attach.

        Returns:
            Deployment: The deployment.

        Raises:
            ValueError: If the predictor is no predictor.

        Example:
            ```python
            deployment = ms.create_deployment(ms.create_predictor(model, script_file="predict.py"), name="delays")
            deployment.save()
            ```
        """
        deployment = Deployment(predictor=predictor, name=name)
        if environment is not None:
            predictor.environment = environment
        if tags is not None:
            predictor._tags = tag_list(tags)
        return deployment

    def _deployment(self, predictor):
        if predictor is None:
            return None
        deployment = Deployment(predictor)
        deployment.model_registry_id = self.project_id
        return deployment

    @property
    def project_path(self) -> str:
        """Path of the project in the file system."""
        return f"/Projects/{self.project_name}"

    def __repr__(self):
        return f"ModelServing(project: {self.project_name!r})"


def get_model_serving(session: Any) -> ModelServing:
    """The model serving of a project.

    Parameters:
        session: Session of the project.

    Returns:
        ModelServing: The handle.

    Raises:
        ModelRegistryException: If the project has no dataset for models.
    """
    check_models_dataset(session)
    serving = ModelServing(session.project_name, session.project_id)
    serving._scope = session.scope
    return serving
