"""Deployments: models that answer requests."""

from __future__ import annotations

from operator import attrgetter

from hopsworks.client.exceptions import ModelServingException
from hopsworks.constants import MODEL_SERVING
from hopsworks.core.serving_resource import write_description
from hopsworks.core.tagged import Tagged
from hopsworks.resource_scope import scope_of
from hsml.core import inference, serving_lifecycle
from hsml.core.logged import Logged
from hsml.predictor import Predictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsfs.feature_view import FeatureView
    from hsml.deployment_version import DeploymentVersion
    from hsml.model import Model
    from hsml.predictor_state import PredictorState


def _of_predictor(name: Any, doc: Any, settable: Any = True):
    """An attribute that the predictor of the deployment holds."""
    path = f"predictor.{name}"

    def write(self, value):
        setattr(self.predictor, name, value)

    return property(attrgetter(path), write if settable else None, doc=doc)


class Deployment(Tagged, Logged):
    """A deployment: a predictor under a name, that can be started, asked, changed and stopped.

    Deployments are made by ``model.deploy(...)`` or ``ms.create_deployment(predictor)`` and found with
    ``ms.get_deployment(name)``.

    Parameters:
        predictor (Predictor): What the deployment runs.
        name (str | None): Name of the deployment; that of the predictor by default.
        description (str | None): What the deployment is for; that of the predictor by default.
        project_namespace (str | None): Kubernetes namespace of the project.

    Raises:
        ModelServingException: If the predictor is None.
        ValueError: If the predictor is of another type.

    Example:
        ```python
        deployment = model.deploy(name="delays", script_file="predict.py")
        deployment.start()
        print(deployment.predict(inputs=[[1, 2, 3]])["predictions"])
        deployment.stop()
        ```
    """

    NOT_FOUND_ERROR_CODE = 240000

    _TAG_ENDPOINT = "deployment.tag"

    __slots__ = {
        "__weakref__": None,
        "model_registry_id": "Id of the registry that holds the model of the deployment.",
        "predictor": "What the deployment runs.",
    }

    def __init__(
        self,
        predictor: Predictor,
        name: str | None = None,
        description: str | None = None,
        project_namespace: str | None = None,
        **kwargs: Any,
    ) -> None:
        if predictor is None:
            raise ModelServingException(
                "A deployment needs a predictor. Make one with ms.create_predictor(model)."
            )
        if not isinstance(predictor, Predictor):
            raise ValueError(
                f"predictor is of type {type(predictor).__name__}. Pass a predictor from ms.create_predictor(model)."
            )
        self.predictor = predictor
        self.model_registry_id: int | None = None
        if name is not None:
            predictor.name = name
        if description is not None:
            predictor.description = description
        if project_namespace is not None:
            predictor.project_namespace = project_namespace

    # --- life -----------------------------------------------------------------------------------------------------

    def save(self, await_update: int | None = 600, new_version: bool = False) -> None:
        """Create the deployment, or send its changes.

        Local script and configuration files are uploaded. A running deployment takes the changes over, and the call
        waits for that.

        Parameters:
            await_update (int | None): Longest wait for running instances to be updated, in seconds; 0 or None does not wait.
            new_version (bool): Whether to keep the old version and store this one as a new one.

        Raises:
            ValueError: If the name is not allowed, or a file does not exist.
            ModelServingException: If the deployment is starting, updating or stopping, fails, or takes too long; or if
                the server keeps no versions.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            deployment.scaling_configuration.max_instances = 4
            deployment.save()
            ```
        """
        serving_lifecycle.save(self, await_update, new_version)

    def start(self, await_running: int | None = 600) -> None:
        """Start the deployment, and wait until it runs.

        Parameters:
            await_running (int | None): Longest wait in seconds; 0 or None does not wait.

        Raises:
            ModelServingException: If the deployment fails, is stopping, or does not run in time; it goes on starting then.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            deployment.start(await_running=120)
            ```
        """
        serving_lifecycle.start(self, await_running)

    def stop(self, await_stopped: int | None = 600) -> None:
        """Stop the deployment, and wait until it is stopped.

        Parameters:
            await_stopped (int | None): Longest wait in seconds; 0 or None does not wait.

        Raises:
            ModelServingException: If the deployment does not stop in time; it goes on stopping then.
            RestAPIError: If the server refuses a request.
        """
        serving_lifecycle.stop(self, await_stopped)

    def restart(self, await_stopped: int | None = 600, await_running: int | None = 600) -> None:
        """Stop the deployment unless it is stopped, and start it.

        Parameters:
            await_stopped (int | None): Longest wait for the stop, in seconds.
            await_running (int | None): Longest wait for the start, in seconds.

        Raises:
            ModelServingException: If one of the two fails or takes too long.
            RestAPIError: If the server refuses a request.
        """
        if not self.is_stopped():
            self.stop(await_stopped)
        self.start(await_running)

    def delete(self, force: bool = False) -> None:
        """Delete the deployment.

        Parameters:
            force (bool): Whether to delete it also while it runs.

        Raises:
            ModelServingException: If it runs and ``force`` is not set.
            RestAPIError: If the server refuses a request.
        """
        serving_lifecycle.delete(self, force)

    def get_versions(self) -> list[DeploymentVersion]:
        """Get all versions of the deployment.

        Returns:
            list[DeploymentVersion]: The versions, newest first.

        Raises:
            ModelServingException: If the deployment is not saved, or the server keeps no versions.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            active = next(version for version in deployment.get_versions() if version.active)
            ```
        """
        return serving_lifecycle.get_versions(self)

    def rollback(self, version: int | DeploymentVersion, await_update: int | None = 600) -> None:
        """Make an earlier version the active one; a running deployment takes it over.

        Parameters:
            version (int | DeploymentVersion): The version; nothing happens when it is active already.
            await_update (int | None): Longest wait for running instances to be updated, in seconds; 0 or None does not wait.

        Raises:
            ModelServingException: If the deployment is not saved, is starting or stopping, has no such version, or takes
                too long; or if the server keeps no versions.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            deployment.save(new_version=True)
            deployment.rollback(1)
            ```
        """
        serving_lifecycle.rollback(self, getattr(version, "version", version), await_update)

    def get_state(self) -> PredictorState:
        """Get the state of the deployment from the server.

        Returns:
            PredictorState: The state.

        Raises:
            ModelServingException: If the deployment is not saved or was deleted.
            RestAPIError: If the server refuses the request.

        Example:
            ```python
            print(deployment.get_state().status)
            ```
        """
        return serving_lifecycle.get_state(self)

    def is_created(self) -> bool:
        """Whether the server has made the deployment.

        Returns:
            bool: The answer.
        """
        return self.get_state().status != "Creating"

    def is_running(self, or_idle: bool = True, or_updating: bool = True) -> bool:
        """Whether the deployment takes requests.

        Parameters:
            or_idle (bool): Whether a deployment scaled to zero counts.
            or_updating (bool): Whether a deployment that takes changes over counts.

        Returns:
            bool: The answer.
        """
        status = self.get_state().status
        return (
            status == "Running"
            or (or_idle and status == "Idle")
            or (or_updating and status == "Updating")
        )

    def is_stopped(self, or_created: bool = True) -> bool:
        """Whether the deployment is stopped.

        Parameters:
            or_created (bool): Whether a deployment that was never started counts.

        Returns:
            bool: The answer.
        """
        status = self.get_state().status
        return status == "Stopped" or (or_created and status in ("Creating", "Created"))

    # --- use ------------------------------------------------------------------------------------------------------

    def predict(
        self,
        data: dict[str, Any] | None = None,
        inputs: list[Any] | dict[str, Any] | None = None,
        validate: bool = True,
    ) -> dict[str, Any]:
        """Ask the deployment for predictions.

        Parameters:
            data (dict | None): A whole request body with ``instances`` (or ``inputs``): a list of rows.
            inputs (list | dict | None): Rows, each a list or a dict; or one row.
            validate (bool): Whether rows are checked against the schema of the deployment, where it has one.

        Returns:
            dict: The answer of the predictor, usually ``{"predictions": [...]}``.

        Raises:
            ModelServingException: If the rows are none (nothing is sent then), or the deployment does not run.
            RestAPIError: If the predictor fails.

        Example:
            ```python
            deployment.predict(inputs=[{"distance": 1400, "carrier": "UA"}])
            ```
        """
        return inference.predict(self, data, inputs)

    def init_predict(self) -> None:
        """Prepare for predictions, so that the first one is as quick as the others.

        Finds the inference gateway, where the cluster has one, and opens the connection to it. No prediction is sent.

        Raises:
            ServiceUnreachableError: If the gateway cannot be reached.
            RestAPIError: If the server refuses the request for its addresses.

        Example:
            ```python
            deployment = ms.get_deployment("delays")
            deployment.init_predict()
            ```
        """
        inference.prepare(self)

    def get_model(self) -> Model | None:
        """Get the model that the deployment serves.

        Returns:
            Model | None: The model, or None without one.

        Raises:
            RestAPIError: If the server refuses the request.
        """
        if not self.has_model:
            return None
        scope = scope_of(self.predictor)
        registry = self.model_registry_id or scope.context.project_id
        return scope.call(
            "model.get", registry_id=registry, id=f"{self.model_name}_{self.model_version}"
        )

    def get_feature_view(self, init: bool = False) -> FeatureView | None:
        """Get the feature view that the deployment reads: its own, or that of its model.

        Parameters:
            init (bool): Whether to make it ready for single rows, with the training dataset version of the deployment.

        Returns:
            FeatureView | None: The feature view, or None when there is none that can be read.

        Raises:
            RestAPIError: If the server refuses a request.
        """
        if self.has_feature_view:
            from hsfs.feature_store import get_feature_store

            store = get_feature_store(scope_of(self.predictor).context, None)
            view = store.get_feature_view(self.feature_view_name, self.feature_view_version)
        else:
            model = self.get_model()
            view = None if model is None else model.get_feature_view(init=False)
        if view is not None and init:
            view.init_serving(training_dataset_version=self.training_dataset_version)
        return view

    def download_artifact_files(self, local_path: str | None = None) -> str:
        """Download the scripts and configuration files of this version of the deployment.

        Parameters:
            local_path (str | None): Folder that receives them; a new temporary folder by default.

        Returns:
            str: The folder.

        Raises:
            ModelServingException: If the deployment is not saved.
            RestAPIError: If the server refuses a request.
        """
        from hsml.core.serving_files import download_artifacts

        return download_artifacts(self, local_path)

    def _call(self, endpoint, body=None, **parameters):
        return scope_of(self.predictor).call(endpoint, body, id=self.id, **parameters)

    # --- addresses and texts --------------------------------------------------------------------------------------

    def get_url(self) -> str:
        """Get the address of the deployment's page in the Hopsworks user interface.

        Returns:
            str: The address.
        """
        session = scope_of(self.predictor).context
        return f"{session.client.base_url}/p/{session.project_id}/deployments/{self.id}"

    def get_endpoint_url(self) -> str | None:
        """Get the address of the deployment at the inference gateway, for HTTP clients of any kind.

        Returns:
            str | None: The address; None when the cluster has no gateway.
        """
        return self.predictor.get_endpoint_url()

    def get_openai_url(self) -> str | None:
        """Get the address of the OpenAI interface of an LLM deployment.

        Returns:
            str | None: The address; None for other deployments, or when the cluster has no gateway.
        """
        return self.predictor.get_openai_url()

    def get_inference_url(self) -> str | None:
        """Get the address that takes predictions.

        Returns:
            str | None: The address; None for LLM deployments and those without a model.
        """
        return self.predictor.get_inference_url()

    def describe(self) -> None:
        """Write the deployment to standard output, as indented JSON."""
        write_description(self)

    # --- conversion -----------------------------------------------------------------------------------------------

    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Any = None) -> Deployment | list[Deployment]:
        """Make deployments from a response.

        Parameters:
            json_dict: A deployment, a list of deployments, or a collection.
            scope: Scope that the deployments keep for their requests.

        Returns:
            Deployment | list[Deployment]: One deployment, or one an entry.
        """
        found = Predictor.from_response_json(json_dict, scope)
        return [cls(one) for one in found] if isinstance(found, list) else cls(found)

    def update_from_response_json(self, json_dict: Any) -> Deployment:
        """Take over what a response says.

        Parameters:
            json_dict: The deployment.

        Returns:
            Deployment: This deployment.
        """
        self.predictor.update_from_response_json(json_dict)
        return self

    def to_dict(self) -> dict[str, Any]:
        """The deployment as it is sent.

        Returns:
            dict: Values by key.
        """
        return self.predictor.to_dict()

    def json(self) -> str:
        """The deployment as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        return self.predictor.json()

    # --- attributes -----------------------------------------------------------------------------------------------

    id = _of_predictor("id", "Id of the deployment, None before it is saved.", settable=False)
    name = _of_predictor("name", "Name of the deployment.")
    version = _of_predictor("version", "Number of the active version.", settable=False)
    description = _of_predictor("description", "What the deployment is for.")
    requested_instances = _of_predictor(
        "requested_instances", "Number of instances that are asked for.", settable=False
    )
    model_name = _of_predictor("model_name", "Name of the model, None without one.")
    model_path = _of_predictor("model_path", "Folder of the model, without the version.")
    model_version = _of_predictor("model_version", "Version of the model.")
    artifact_version = _of_predictor(
        "artifact_version", "The version; deployments are versioned as a whole."
    )
    artifact_files_path = _of_predictor(
        "artifact_files_path", "Path of the files of this version.", settable=False
    )
    artifact_path = _of_predictor(
        "artifact_files_path", "The same as ``artifact_files_path``.", settable=False
    )
    serving_tool = _of_predictor("serving_tool", "``DEFAULT`` or ``KSERVE``.")
    script_file = _of_predictor("script_file", "Script of the predictor.")
    config_file = _of_predictor("config_file", "Configuration file of the model server.")
    resources = _of_predictor("resources", "Resources of one predictor instance.")
    inference_logger = _of_predictor("inference_logger", "Which requests and answers are logged.")
    inference_batcher = _of_predictor("inference_batcher", "How requests are batched.")
    transformer = _of_predictor("transformer", "What runs before and after the predictor.")
    tracing = _of_predictor("tracing", "Settings of tracing, as the server has them.")
    feature_logging = _of_predictor(
        "feature_logging", "Settings of feature logging, as the server has them."
    )
    created_at = _of_predictor("created_at", "When the deployment was created.", settable=False)
    creator = _of_predictor("creator", "Who created the deployment.", settable=False)
    api_protocol = _of_predictor("api_protocol", "``REST`` or ``GRPC``.")
    knative_mode = _of_predictor(
        "knative_mode", "Whether it runs in Knative mode, None to let the server choose."
    )
    environment = _of_predictor("environment", "Python environment of the predictor.")
    env_vars = _of_predictor("env_vars", "Environment variables of the predictor.")
    project_namespace = _of_predictor("project_namespace", "Kubernetes namespace of the project.")
    project_name = _of_predictor("project_name", "Name of the project of the deployment.")
    scaling_configuration = _of_predictor(
        "scaling_configuration", "How the predictor instances scale."
    )
    missing_mandatory_tags = _of_predictor(
        "missing_mandatory_tags", "Mandatory tags that are lacking.", settable=False
    )
    has_feature_view = _of_predictor(
        "has_feature_view", "Whether it serves a feature view alone.", settable=False
    )
    feature_view_name = _of_predictor(
        "feature_view_name", "Name of the feature view it serves.", settable=False
    )
    feature_view_version = _of_predictor(
        "feature_view_version", "Version of that view.", settable=False
    )

    @property
    def model_server(self) -> str | None:
        """Server that runs the model."""
        return self.predictor.model_server

    @model_server.setter
    def model_server(self, model_server: str | None) -> None:
        self.predictor._model_server = model_server

    @property
    def has_model(self) -> bool:
        """Whether the deployment serves a model."""
        return self.model_name is not None and self.model_version is not None

    @property
    def training_dataset_version(self) -> int | None:
        """Version of the training dataset of the model or feature view, None when it is not known."""
        version = (self.env_vars or {}).get(MODEL_SERVING.TRAINING_DATASET_VERSION_ENV_VAR)
        if version is not None:
            return int(version)
        model = self.get_model()
        return None if model is None else model.training_dataset_version

    def __repr__(self):
        description = f", description: {self.description!r}" if self.description is not None else ""
        return f"Deployment(name: {self.name!r}{description})"

    def _repr_html_(self):
        return self.predictor._repr_html_()
