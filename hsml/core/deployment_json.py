"""Deployments between their two shapes: flat on the wire, grouped in parts for users.

The native type decodes the flat keys into hidden slots; :func:`regroup` builds the parts of them. :func:`flatten` is
the way back. Settings that only the server changes (state, links) never travel back.
"""

from __future__ import annotations

from hopsworks.constants import MODEL, PREDICTOR
from hopsworks.tag import tag_collection
from hsml.inference_batcher import InferenceBatcher
from hsml.inference_logger import InferenceLogger
from hsml.predictor_state import PredictorState
from hsml.resources import PredictorResources, TransformerResources
from hsml.transformer import Transformer, variable_dict, variable_list

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.predictor import Predictor


def regroup(predictor: Predictor) -> None:
    """Build the parts of a predictor that was just decoded.

    Parameters:
        predictor (Predictor): The predictor.
    """
    resources = predictor._wire_resources or PredictorResources()
    resources.num_instances = predictor._wire_instances
    predictor.resources = resources
    predictor.scaling_configuration = predictor._wire_scaling
    predictor.inference_batcher = predictor._wire_batching or InferenceBatcher()
    predictor.inference_logger = InferenceLogger(
        predictor._wire_kafka_topic, predictor._wire_logging_mode
    )
    predictor.transformer = _transformer(predictor)
    environment = predictor._wire_environment or predictor._wire_environment_dto
    predictor.environment = environment["name"] if environment else None
    predictor.env_vars = variable_dict(predictor._wire_env_vars)
    # Two settings have had two keys each.
    predictor.tracing = predictor.tracing or predictor._wire_tracing_config
    predictor.feature_logging = predictor.feature_logging or predictor._wire_feature_logging_config
    predictor._state = PredictorState(
        predictor._wire_available_instances,
        predictor._wire_available_transformer_instances,
        predictor._wire_hopsworks_inference_path,
        predictor._wire_model_server_inference_path,
        predictor._wire_internal_port,
        predictor._wire_revision,
        predictor._wire_deployed,
        predictor._wire_condition,
        predictor._wire_status,
    )
    if predictor.model_version is not None:
        # Very old servers leave both out for scikit-learn models whose deployment has their name.
        predictor.model_name = predictor.model_name or predictor.name
        predictor._model_framework = predictor._model_framework or MODEL.FRAMEWORK_SKLEARN
    if predictor._scope is not None:
        predictor.project_name = predictor._scope.context.project_name


def _transformer(predictor):
    script = predictor._wire_transformer
    if script is None:
        return None
    resources = predictor._wire_transformer_resources or TransformerResources()
    resources.num_instances = predictor._wire_transformer_instances
    environment = predictor._wire_transformer_environment
    return Transformer(
        script,
        resources,
        predictor._wire_transformer_scaling,
        variable_dict(predictor._wire_transformer_env_vars),
        environment["name"] if environment else None,
    )


def flatten(predictor: Predictor, wire: dict[str, Any]) -> dict[str, Any]:
    """Add the parts of a predictor to its plain fields.

    Parameters:
        predictor (Predictor): The predictor.
        wire (dict): The plain fields as they travel; changed in place.

    Returns:
        dict: The whole deployment.
    """
    if predictor._model_server == PREDICTOR.MODEL_SERVER_VLLM:
        wire["vllmVariant"] = predictor.vllm_variant
        wire["vllmImageTag"] = predictor.vllm_image_tag
    if predictor.env_vars:
        wire["predictorEnvVars"] = variable_list(predictor.env_vars)
    if predictor.environment is not None:
        # The second key is the one that older servers know.
        wire["predictorEnvironment"] = wire["environmentDTO"] = {"name": predictor.environment}
    for part in (
        predictor.resources,
        predictor.inference_logger,
        predictor.inference_batcher,
        predictor.transformer,
        predictor.scaling_configuration,
    ):
        if part is not None:
            wire.update(part.to_dict())
    if predictor.tracing is not None:
        wire["tracing"] = predictor.tracing.to_dict()
    if predictor.feature_logging is not None:
        wire["featureLogging"] = predictor.feature_logging.to_dict()
    if predictor.git_url is not None:
        wire["gitAutoRedeploy"] = bool(predictor.git_auto_redeploy)
    tags = tag_collection(predictor._tags)
    if tags:
        wire["tags"] = tags
    return wire
