"""A version of a model: its metadata, its files, and what can be done with it."""

from __future__ import annotations

import json
import os
import warnings
from operator import attrgetter

from hopsworks import _native
from hopsworks.constants import INFERENCE_ENDPOINTS
from hopsworks.core.tagged import Tagged
from hopsworks.resource_scope import scope_of
from hopsworks.tag import tag_collection, tag_list
from hsml.core.project_files import ProjectFiles

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks.tag import Tag
    from hsfs.feature_view import FeatureView
    from hsml.core.explicit_provenance import Links
    from hsml.deployment import Deployment
    from hsml.deployment_logging_config import DeploymentLoggingConfig
    from hsml.inference_batcher import InferenceBatcher
    from hsml.inference_logger import InferenceLogger
    from hsml.resources import PredictorResources
    from hsml.scaling_config import PredictorScalingConfig
    from hsml.transformer import Transformer


class Model(Tagged, _native.Model):
    """One version of a model in the model registry.

    Models are made by ``mr.<framework>.create_model(...)`` and read with ``mr.get_model(...)``.

    Attributes:
        id (str | None): Id given by the server.
        name (str): Name of the model.
        version (int | None): Version; None before it is saved without a given one.
        description (str): What the model is for.
        created (int | None): When it was saved, in milliseconds since 1970 (UTC).
        creator: The user who saved it.
        user (str | None): Full name of that user.
        project_name (str | None): Project that owns the registry.
        training_metrics (dict | None): Evaluation metrics, number by name.
        framework (str | None): ``SKLEARN``, ``PYTHON``, ``TENSORFLOW``, ``TORCH`` or ``LLM``.
        model_registry_id (int | None): Id of the registry.
        shared_registry_project_name (str | None): Project that shares the registry, None for the own one.

    Example:
        ```python
        import hopsworks

        mr = hopsworks.login().get_model_registry()
        model = mr.sklearn.create_model("delays", metrics={"auc": 0.71}, input_example=X_test.head(1))
        model.save("model_folder")
        print(model.version)
        ```
    """

    __slots__ = ()

    NOT_FOUND_ERROR_CODE = 360000

    _TAG_ENDPOINT = "model.tag"

    def __init__(
        self,
        id: Any,
        name: Any,
        version: Any = None,
        created: Any = None,
        creator: Any = None,
        environment: Any = None,
        description: Any = None,
        project_name: Any = None,
        metrics: Any = None,
        program: Any = None,
        user_full_name: Any = None,
        model_schema: Any = None,
        input_example: Any = None,
        framework: Any = None,
        model_registry_id: Any = None,
        tags: Any = None,
        href: Any = None,
        feature_view: Any = None,
        training_dataset_version: Any = None,
        missing_mandatory_tags: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            id=id,
            name=name,
            version=version,
            created=created,
            creator=creator,
            description=f"A collection of models for {name}"
            if description is None
            else description,
            project_name=project_name,
            training_metrics=metrics,
            user=user_full_name,
            framework=framework,
            model_registry_id=model_registry_id,
        )
        self._environment = environment
        self._program = program
        self._model_schema = model_schema
        self._input_example = input_example
        self._feature_view = feature_view
        self._training_dataset_version = training_dataset_version
        self._tags = tag_list(tags)
        self._missing_mandatory_tags = missing_mandatory_tags

    # --- saving and reading files ---------------------------------------------------------------------------------

    def save(
        self,
        model_path: str,
        await_registration: int = 480,
        keep_original_files: bool = False,
        upload_configuration: dict[str, Any] | None = None,
    ) -> Model:
        """Upload the files of the model and register it.

        Everything that can be checked is checked before anything is sent. A save that fails, or that is interrupted,
        leaves no trace of the version in the registry, and puts files back that it had moved.

        Parameters:
            model_path (str): Folder with the files, or one file: a local path, or a path in the project's file system.
            await_registration (int): Longest wait for the registry to show the model, in seconds; 0 does not wait.
            keep_original_files (bool): Whether files that lie in the project already are copied rather than moved.
            upload_configuration (dict | None): ``chunk_size`` (bytes; numbers below 1024 are MiB),
                ``simultaneous_uploads`` and ``max_chunk_retries`` of the upload.

        Returns:
            Model: This model, as the registry has it.

        Raises:
            TypeError: If the metrics are not a dict with text keys.
            ValueError: If a metric is not a number, or the input example is empty.
            FileNotFoundError: If there is nothing at ``model_path``.
            ModelRegistryException: If the name is not allowed, or the version exists.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            model.save("model_folder", upload_configuration={"simultaneous_uploads": 5})
            ```
        """
        from hsml.core.model_save import save

        return save(self, model_path, await_registration, keep_original_files, upload_configuration)

    def download(self, local_path: str | None = None) -> str:
        """Download the files of the model.

        Without a path the files go to a cache and later calls find them there: ``/tmp/hopsworks/models``, else
        ``~/.hopsworks/cache/models``, else ``.hopsworks_cache/models`` below the working directory. A version that
        was deleted and saved again is downloaded again.

        Parameters:
            local_path (str | None): Folder that receives the files; made if missing. Existing files are never replaced.

        Returns:
            str: Path of the folder with the files.

        Raises:
            FileExistsError: If a file of the model exists in ``local_path``.
            OSError: If no place can be written.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            import joblib

            classifier = joblib.load(model.download() + "/model.pkl")
            ```
        """
        from hsml.core.model_download import download

        return download(self, local_path)

    @staticmethod
    def clear_cache(
        project_name: str | None = None, model_name: str | None = None, version: int | None = None
    ) -> int:
        """Remove downloaded models from this machine.

        Parameters:
            project_name (str | None): Only models of this project.
            model_name (str | None): Only this model; needs ``project_name``.
            version (int | None): Only this version; needs the other two.

        Returns:
            int: Number of model versions removed.

        Raises:
            ValueError: If a parameter is given without the ones that it needs.

        Example:
            ```python
            from hsml.model import Model

            Model.clear_cache("my_project", "delays")
            ```
        """
        from hsml.core.model_download import clear_cache

        return clear_cache(project_name, model_name, version)

    def delete(self) -> None:
        """Delete this version with its files.

        Raises:
            RestAPIError: If the server refuses, for example because a deployment uses the version.
        """
        self._call("model.delete")

    # --- serving --------------------------------------------------------------------------------------------------

    def deploy(
        self,
        name: str | None = None,
        description: str | None = None,
        artifact_version: Any = None,
        serving_tool: str | None = None,
        script_file: str | None = None,
        config_file: str | None = None,
        resources: PredictorResources | dict[str, Any] | None = None,
        inference_logger: InferenceLogger | dict[str, Any] | None = None,
        inference_batcher: InferenceBatcher | dict[str, Any] | None = None,
        scaling_configuration: PredictorScalingConfig | dict[str, Any] | None = None,
        transformer: Transformer | dict[str, Any] | None = None,
        api_protocol: str | None = INFERENCE_ENDPOINTS.API_PROTOCOL_REST,
        environment: str | None = None,
        env_vars: dict[str, Any] | None = None,
        vllm_variant: str | None = None,
        vllm_image_tag: str | None = None,
        tags: Tag | dict[str, Any] | list[Any] | None = None,
        schema: Any = None,
        passed_features: Any = None,
        default_predictor: bool | None = None,
        feature_logging: DeploymentLoggingConfig | dict[str, Any] | None = None,
        knative_mode: bool | None = None,
    ) -> Deployment:
        """Make a deployment of this model; start it with ``deployment.start()``.

        Parameters:
            name (str | None): Name of the deployment; the letters and digits of the model's name by default.
            description (str | None): What the deployment is for.
            artifact_version: Ignored; deployments are versioned as a whole.
            serving_tool (str | None): ``"KSERVE"`` or ``"DEFAULT"``; KServe where the cluster has it.
            script_file (str | None): Script with a class ``Predict``: a local path or one in the project.
            config_file (str | None): Configuration file of the model server: a local path or one in the project.
            resources (PredictorResources | dict | None): Resources of an instance.
            inference_logger (InferenceLogger | dict | None): Which requests and answers are logged.
            inference_batcher (InferenceBatcher | dict | None): How requests are batched.
            scaling_configuration (PredictorScalingConfig | dict | None): How instances scale.
            transformer (Transformer | dict | None): What runs before and after the predictor.
            api_protocol (str | None): ``"REST"`` or ``"GRPC"``.
            environment (str | None): Python environment of the predictor.
            env_vars (dict | None): Environment variables of the predictor.
            vllm_variant (str | None): Of LLM deployments: ``"VLLM"`` or ``"VLLM_OMNI"``.
            vllm_image_tag (str | None): Of LLM deployments: image tag of the server.
            tags (Tag | dict | list | None): Tags to attach.
            schema: Schema of the requests; not accepted by this version.
            passed_features: Features that requests carry; not accepted by this version.
            default_predictor (bool | None): Whether to serve without a script; only None and False are accepted.
            feature_logging (DeploymentLoggingConfig | dict | None): How features are logged.
            knative_mode (bool | None): Whether to run in Knative mode.

        Returns:
            Deployment: The deployment.

        Raises:
            ValueError: If a script is missing or an argument does not fit the model.
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            deployment = model.deploy(name="delays", script_file="predict.py")
            deployment.start()
            print(deployment.predict(inputs=[[1, 2, 3]]))
            ```
        """
        from hsml.predictor import Predictor

        return Predictor.for_model(
            self,
            name=self._get_default_serving_name() if name is None else name,
            description=description,
            serving_tool=serving_tool,
            script_file=script_file,
            config_file=config_file,
            resources=resources,
            inference_logger=inference_logger,
            inference_batcher=inference_batcher,
            scaling_configuration=scaling_configuration,
            transformer=transformer,
            api_protocol=api_protocol,
            environment=environment,
            env_vars=env_vars,
            vllm_variant=vllm_variant,
            vllm_image_tag=vllm_image_tag,
            tags=tags,
            schema=schema,
            passed_features=passed_features,
            default_predictor=default_predictor,
            feature_logging=feature_logging,
            knative_mode=knative_mode,
        ).deploy()

    def _get_default_serving_name(self):
        return "".join(c for c in self.name or "" if c.isascii() and c.isalnum())

    # --- tags -----------------------------------------------------------------------------------------------------

    def set_tag(self, name: str, value: Any) -> None:
        """Attach a tag; the old name of :meth:`add_tag`.

        Parameters:
            name (str): Name of the tag.
            value: Value; anything that JSON can hold.
        """
        warnings.warn("Model.set_tag is deprecated; use add_tag.", DeprecationWarning, stacklevel=2)
        self.add_tag(name, value)

    @property
    def missing_mandatory_tags(self) -> list[dict[str, Any]]:
        """Mandatory tags of models that this one lacks: dicts with ``name``."""
        return self._missing_mandatory_tags or []

    # --- where it came from ---------------------------------------------------------------------------------------

    def get_feature_view(self, init: bool = True, online: bool = False) -> FeatureView | None:
        """Get the feature view that the model was trained on.

        Parameters:
            init (bool): Whether to make it ready for use with the model's training dataset version.
            online (bool): Ready for single rows (True) or for batches (False). Inside a deployment always for rows.

        Returns:
            FeatureView | None: The feature view, or None when the model has none that can be read.

        Raises:
            RestAPIError: If the server refuses a request.

        Example:
            ```python
            feature_view = model.get_feature_view(online=True)
            feature_view.get_feature_vector({"flight_id": 7})
            ```
        """
        from hsml.core.explicit_provenance import Links

        feature_view = Links.get_one_accessible_parent(self.get_feature_view_provenance())
        if feature_view is None or not init:
            return feature_view
        dataset = Links.get_one_accessible_parent(self.get_training_dataset_provenance())
        version = None if dataset is None else dataset.version
        if online or "DEPLOYMENT_NAME" in os.environ:
            feature_view.init_serving(training_dataset_version=version)
        elif online is False:
            feature_view.init_batch_scoring(training_dataset_version=version)
        return feature_view

    def get_feature_view_provenance(self) -> Links | None:
        """Get what is known of the feature view that the model was trained on, also when it was deleted.

        Returns:
            Links | None: The links, or None when there are none.

        Raises:
            RestAPIError: If the server refuses.
        """
        from hsml.core.explicit_provenance import Links

        return self._links(2, Links.Type.FEATURE_VIEW)

    def get_training_dataset_provenance(self) -> Links | None:
        """Get what is known of the training dataset that the model was trained on, also when it was deleted.

        Returns:
            Links | None: The links, or None when there are none.

        Raises:
            RestAPIError: If the server refuses.
        """
        from hsml.core.explicit_provenance import Links

        return self._links(1, Links.Type.TRAINING_DATASET)

    def _links(self, levels, kind):
        from hsml.core.explicit_provenance import read_links

        links = read_links(self._call("model.provenance", upstream=levels), kind, scope_of(self))
        return None if links.is_empty() else links

    def get_url(self) -> str:
        """Get the address of the model's page in the Hopsworks user interface.

        Returns:
            str: The address.
        """
        session = scope_of(self).context
        return f"{session.client.base_url}/p/{session.project_id}/models/{self.name}/{self.version}"

    # --- conversion -----------------------------------------------------------------------------------------------

    def update_from_response_json(self, json_dict: Any) -> Model:
        """Take over what a response says.

        What a response leaves out about the training data stays: servers answer that later, or not at all.

        Parameters:
            json_dict: The response, or another model.

        Returns:
            Model: This model.
        """
        feature_view, version = self._feature_view, self._training_dataset_version
        framework = self.framework
        super().update_from_response_json(json_dict)
        self._training_dataset_version = self._training_dataset_version or version
        if self._feature_view is None or feature_view is not None:
            self._feature_view = feature_view
        self.framework = self.framework or framework
        return self

    def to_dict(self) -> dict[str, Any]:
        """The model as it is sent.

        Returns:
            dict: Values by key.
        """
        view = self._feature_view
        tags = tag_collection(self._tags)
        return {
            **super().to_dict(),
            "id": f"{self.name}_{self.version}",
            "modelSchema": None,
            "inputExample": None,
            "featureView": view.to_dict() if hasattr(view, "to_dict") else None,
            **({"tags": tags} if tags else {}),
        }

    def json(self) -> str:
        """The model as JSON text.

        Returns:
            str: JSON of :meth:`to_dict`.
        """
        from hsml.core.input_example import NumpyEncoder

        return json.dumps(self.to_dict(), cls=NumpyEncoder)

    # --- attributes -----------------------------------------------------------------------------------------------

    training_dataset_version = property(
        attrgetter("_training_dataset_version"),
        doc="Version of the training dataset that the model was trained on.",
    )

    @property
    def environment(self) -> str | None:
        """Python environment of the job or notebook that saved the model, as YAML text; read from the registry."""
        return None if self._environment is None else self._read("environment.yml")

    @environment.setter
    def environment(self, environment: str | None) -> None:
        self._environment = environment

    @property
    def program(self) -> str | None:
        """Source of the job or notebook that saved the model; read from the registry."""
        return None if self._program is None else self._read(os.path.basename(self._program))

    @program.setter
    def program(self, program: str | None) -> None:
        self._program = program

    @property
    def input_example(self) -> Any:
        """One input of the model: as given, or as stored in the registry; None without one."""
        return (
            self._input_example
            if self._input_example is not None
            else self._read_json("input_example.json")
        )

    @input_example.setter
    def input_example(self, input_example: Any) -> None:
        self._input_example = input_example

    @property
    def model_schema(self) -> Any:
        """Schema of inputs and outputs: as given, or as stored in the registry (a dict); None without one."""
        return (
            self._model_schema
            if self._model_schema is not None
            else self._read_json("model_schema.json")
        )

    @model_schema.setter
    def model_schema(self, model_schema: Any) -> None:
        self._model_schema = model_schema

    @property
    def model_path(self) -> str:
        """Path of the model, without the version."""
        return f"/Projects/{self.project_name}/Models/{self.name}"

    @property
    def version_path(self) -> str:
        """Path of this version of the model."""
        return f"{self.model_path}/{self.version}"

    @property
    def model_files_path(self) -> str:
        """Path of the files of this version."""
        return f"{self.version_path}/Files"

    def _read(self, file):
        if self.project_name is None or self.version is None:
            return None
        return ProjectFiles(scope_of(self)).read_text(f"{self.version_path}/{file}")

    def _read_json(self, file):
        text = self._read(file)
        return None if text is None else json.loads(text)

    def _call(self, endpoint, body=None, **parameters):
        # A version that was never saved has no id; every server also takes the name with the version.
        model_id = self.id if self.id is not None else f"{self.name}_{self.version}"
        return scope_of(self).call(
            endpoint, body, registry_id=self.model_registry_id, id=model_id, **parameters
        )

    def __repr__(self):
        return f"Model(name: {self.name!r}, version: {self.version!r})"
