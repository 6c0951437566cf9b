"""What both clients must make of the same calls: run under the official client to record, under ours to compare.

<python of the official client> tests/unit/hsml_cases.py > tests/unit/hsml_recorded.json
"""

import json
import sys
import types

DEPLOYMENT = {
    "id": 7, "name": "iris", "version": 2, "created": "2025-01-01T10:00:00Z", "creator": "A B", "description": None,
    "modelServer": "PYTHON", "servingTool": "DEFAULT", "apiProtocol": "REST", "projectNamespace": "demo",
    "modelName": "iris", "modelPath": "/Projects/demo/Models/iris", "modelVersion": 1, "modelFramework": "SKLEARN",
    "predictor": "predict.py", "requestedInstances": 1, "predictorScalingConfig": {"minInstances": 1},
    "batchingConfiguration": {"batchingEnabled": False}, "availableInstances": 0, "status": "Created",
    "condition": {"type": "STOPPED", "status": True, "reason": "Deployment is not running"},
    "hopsworksInferencePath": "/project/119/inference/models/iris", "modelServerInferencePath": "/predict",
}  # fmt: skip

FULL_DEPLOYMENT = {
    **DEPLOYMENT,
    "description": "all of it", "servingTool": "KSERVE", "requestedTransformerInstances": 1, "transformer": "t.py",
    "transformerScalingConfig": {"minInstances": 1, "maxInstances": 3, "scaleMetric": "CPU", "target": 70},
    "transformerResources": {"requests": {"cores": 1, "memory": 64, "gpus": 0}, "limits": {"cores": 2, "memory": 128, "gpus": 0}},
    "transformerEnvVars": ["A=1", "B=x=y"], "transformerEnvironment": {"name": "te"},
    "predictorResources": {"requests": {"cores": 0.5, "memory": 256, "gpus": 1}, "limits": {"cores": 4, "memory": 2048, "gpus": 1}},
    "predictorEnvVars": ["MODE=fast"], "predictorEnvironment": {"name": "pe"}, "configFile": "c.yml",
    "batchingConfiguration": {"batchingEnabled": True, "maxBatchSize": 8, "maxLatency": 10, "timeout": 30},
    "inferenceLogging": "ALL", "kafkaTopicDTO": {"name": "top", "numOfReplicas": 2, "numOfPartitions": 3},
    "predictorScalingConfig": {
        "minInstances": 0, "maxInstances": 5, "scaleMetric": "RPS", "target": 100, "logPersistence": "ALL_REPLICAS",
        "autoscaler": "KEDA", "additionalScaleMetrics": [{"scaleMetric": "CPU", "target": 80}], "idleScaleToZero": True,
        "idleCooldownSeconds": 60,
    },
    "gitUrl": "https://example.org/a.git", "gitProvider": "GitHub", "gitBranch": "main", "gitAutoRedeploy": True,
    "knativeMode": False, "status": "Running", "availableInstances": 1, "availableTransformerInstances": 1,
}  # fmt: skip


def cases():
    """Value by name of everything that is compared."""
    import numpy as np
    import pandas as pd

    from hopsworks.kafka_topic import KafkaTopic
    from hopsworks.tag import Tag
    from hsml.deployment import Deployment
    from hsml.deployment_logging_config import DeploymentLoggingConfig
    from hsml.deployment_tracing_config import DeploymentTracingConfig
    from hsml.deployment_version import DeploymentVersion
    from hsml.inference_batcher import InferenceBatcher
    from hsml.inference_logger import InferenceLogger
    from hsml.llm.predictor import Predictor as LlmPredictor
    from hsml.model import Model
    from hsml.model_schema import ModelSchema
    from hsml.predictor import Predictor
    from hsml.predictor_state import PredictorState
    from hsml.python.endpoint import Endpoint
    from hsml.python.predictor import Predictor as PythonPredictor
    from hsml.resources import PredictorResources, Resources, TransformerResources
    from hsml.scaling_config import PredictorScalingConfig, TransformerScalingConfig
    from hsml.schema import Schema
    from hsml.sklearn.model import Model as SklearnModel
    from hsml.sklearn.predictor import Predictor as SklearnPredictor
    from hsml.tensorflow.predictor import Predictor as TensorflowPredictor
    from hsml.torch.predictor import Predictor as TorchPredictor
    from hsml.transformer import Transformer
    from hsml.util import NumpyEncoder

    frame = pd.DataFrame(
        {
            "age": [1, 2],
            "fare": [1.5, 2.5],
            "ok": [True, False],
            "when": pd.Series(["2025-01-01", "2025-01-02"], dtype="datetime64[ns]"),
        }
    )

    def example(value):
        # Ours has the module hopsworks_common too, as an alias; only the extension tells which client this is.
        if "hopsworks._native" not in sys.modules:
            from hopsworks_common.util import _input_example_to_json as convert
        else:
            from hsml.core.input_example import example_values as convert
        return json.dumps(convert(value), cls=NumpyEncoder)

    def shown(obj):
        return [obj.to_dict(), repr(obj)]

    columns = [{"name": "age", "type": "int64"}, {"type": "object", "description": "no name"}]
    tensors = [{"name": "probs", "type": "float32", "shape": [None, 2]}]
    predictor = Predictor.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT)))
    model = SklearnModel(
        None,
        "iris",
        version=3,
        metrics={"f1": 0.5},
        tags=[Tag("a", {"b": 1}), {"name": "c", "value": "d"}],
    )
    read = Model.from_response_json(
        {
            "id": "m_1", "name": "m", "version": 1, "created": 5, "creator": {"uid": 1}, "userFullName": "A B",
            "metrics": {"F1": 0.5}, "framework": "PYTHON", "modelRegistryId": 119, "projectName": "demo", "description": "d",
            "href": "x", "type": "y", "tags": {"count": 0},
            "trainingDatasetVersion": 4, "experimentId": None, "missingMandatoryTags": [{"name": "owner"}],
        }
    )  # fmt: skip
    state = PredictorState.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT)))
    return {
        "schema columns": Schema(columns).to_dict(),
        "schema columns text": Schema(columns).json(),
        "schema tensors": Schema(tensors).to_dict(),
        "schema empty list": Schema([]).to_dict(),
        "schema frame": Schema(frame).to_dict(),
        "schema series": Schema(frame["age"]).to_dict(),
        "schema unnamed series": Schema(pd.Series([1.0])).to_dict(),
        "schema array": Schema(np.zeros((2, 3), dtype="float32")).to_dict(),
        "schema repr": [repr(Schema(columns)), repr(Schema(tensors))],
        "model schema": ModelSchema(Schema(frame), Schema(tensors)).to_dict(),
        "model schema text": ModelSchema(Schema(columns)).json(),
        "model schema repr": [repr(ModelSchema(Schema(columns))), repr(ModelSchema())],
        "example frame": example(frame[["age", "fare"]]),
        "example dates": example(frame),
        "example series": example(frame["fare"]),
        "example array": example(np.array([[1, 2], [3, 4]])),
        "example dict": example({"a": np.int64(3), "b": np.array([1.5]), "c": b"bytes", "d": np.float32(0.5)}),
        "example list": example([1, "a", None]),
        "tag": [Tag("a", {"b": [1]}).to_dict(), Tag("a", "plain").to_dict(), Tag("a", 5).to_dict()],
        "tags read": [t.value for t in Tag.from_response_json({"count": 2, "items": [{"name": "a", "value": '{"b": 1}'}, {"name": "c", "value": "text"}]})],
        "resources": Resources(1, 512, 0).to_dict(),
        "predictor resources": PredictorResources(2, requests={"cores": 3, "memory": 4096}).to_dict(),
        "predictor resources defaults": PredictorResources().to_dict(),
        "predictor resources read": PredictorResources.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT))).to_dict(),
        "transformer resources": TransformerResources(1, limits=Resources(1, 100, 0)).to_dict(),
        "scaling": PredictorScalingConfig(min_instances=1, max_instances=4, scale_metric="cpu", target=80).to_dict(),
        "scaling all": PredictorScalingConfig(
            min_instances=2, scale_metric="QUEUE_DEPTH", log_persistence="none", autoscaler="keda", idle_scale_to_zero=True,
            additional_scale_metrics=[("CPU", 80), "MEMORY", {"scale_metric": "RPS", "target": 5}], stable_window_seconds=30,
            panic_window_percentage=5.0, panic_threshold_percentage=150.0, cold_start_timeout_seconds=9,
        ).to_dict(),
        "scaling json": TransformerScalingConfig(min_instances=1, scale_metric="RPS").to_json(),
        "scaling read": PredictorScalingConfig.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT))).to_dict(),
        "batcher": [InferenceBatcher().to_dict(), InferenceBatcher(True, 4, 10, 20).to_dict()],
        "batcher read": InferenceBatcher.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT))).to_dict(),
        "topic": [KafkaTopic().to_dict(), KafkaTopic("NONE", 3, 3).to_dict(), KafkaTopic("t", num_replicas=2).to_dict()],
        "logger": [
            InferenceLogger().to_dict(), InferenceLogger(None).to_dict(), InferenceLogger(KafkaTopic("t"), None).to_dict(),
            InferenceLogger({"name": "t"}, "PREDICTIONS").to_dict(),
        ],
        "logger read": InferenceLogger.from_response_json(json.loads(json.dumps(FULL_DEPLOYMENT))).to_dict(),
        "transformer": Transformer("t.py", env_vars={"A": 1}, environment="e").to_dict(),
        "state": shown(state),
        "state condition": shown(state.condition),
        "predictor new": PythonPredictor(
            name="p", model_name="m", model_path="/Projects/demo/Models/m", model_version=1, script_file="s.py", tags={"name": "a", "value": "b"},
            env_vars={"K": "v"}, environment="env", transformer=Transformer("t.py"), inference_logger={"mode": "ALL", "kafka_topic": {"name": "t"}},
        ).to_dict(),
        "predictor kserve": PythonPredictor(name="p", script_file="s.py", serving_tool="KSERVE", knative_mode=True).to_dict(),
        "predictor read": predictor.to_dict(),
        "predictor attributes": [
            predictor.id, predictor.name, predictor.version, predictor.description, predictor.created_at, predictor.creator,
            predictor.model_server, predictor.serving_tool, predictor.script_file, predictor.config_file, predictor.environment,
            predictor.env_vars, predictor.requested_instances, predictor.git_branch, predictor.git_auto_redeploy, predictor.knative_mode,
            predictor.transformer.environment, predictor.transformer.env_vars, str(predictor.scaling_configuration.scale_metric),
            predictor.resources.requests.gpus, repr(predictor), predictor.inference_logger.mode, predictor.inference_batcher.timeout,
        ],
        "tracing": [
            DeploymentTracingConfig().to_dict(), DeploymentTracingConfig(True, "both", 1.5, 2).to_dict(),
            DeploymentTracingConfig.from_response_json({"tracing": {"otelTracingStorage": "offline", "otelInputTokenPricePerMillion": 3}}).to_dict(),
            DeploymentTracingConfig.from_response_json({"enabled": False, "inputTokenPricePerMillionTokens": 4}).to_dict(),
        ],
        "feature logging": [
            DeploymentLoggingConfig().to_dict(), DeploymentLoggingConfig(flush_bytes=5, max_buffer_bytes=10, transport=" JOB ").to_dict(),
            DeploymentLoggingConfig.from_response_json({"featureLogging": {"batchRows": 3, "sidecarCpu": 0.5}}).to_dict(),
        ],
        "predictor tracing": PythonPredictor(
            name="p", script_file="s.py", tracing={"otel_tracing_storage": "both"}, feature_logging={"batch_rows": 5},
        ).to_dict(),
        "endpoint": Endpoint(name="e", script_file="serve.py", git_url="https://example.org/a.git", git_provider="GitHub").to_dict(),
        "predictors of frameworks": [
            SklearnPredictor(name="p", script_file=None).to_dict(), TorchPredictor(name="p", script_file="s.py").to_dict(),
            TensorflowPredictor(name="p", script_file=None).to_dict(), LlmPredictor(name="p", script_file=None).to_dict(),
            LlmPredictor(name="p", vllm_variant="VLLM_OMNI", vllm_image_tag="1.2").to_dict(),
        ],
        "version new": DeploymentVersion(3, predictor="p.py", predictor_environment={"name": "e"}, transformer_environment="t").to_dict(),
        "versions read": [
            [v.to_dict(), v.active, v.predictor_environment, v.predictor_env_vars]
            for v in DeploymentVersion.from_response_json({"count": 1, "items": [{
                "version": 2, "active": True, "createdBy": "A B", "predictor": "p.py", "predictorEnvironment": {"name": "e"},
                "predictorResources": {"requests": {"cores": 1, "memory": 2, "gpus": 0}, "limits": {"cores": 1, "memory": 2, "gpus": 0}},
                "predictorScalingConfig": {"minInstances": 1, "scaleMetric": "CPU"}, "predictorEnvVars": ["A=1"], "modelVersion": 1,
                "tracing": {"otelTracingStorage": "online"}, "featureLogging": {"batchRows": 3},
            }]})
        ],
        "version repr": repr(DeploymentVersion(1, active=True)),
        "deployment read": Deployment.from_response_json(json.loads(json.dumps(DEPLOYMENT))).to_dict(),
        "deployment repr": [repr(Deployment.from_response_json(json.loads(json.dumps(d)))) for d in (DEPLOYMENT, FULL_DEPLOYMENT)],
        "deployments read": [d.name for d in Deployment.from_response_json([json.loads(json.dumps(DEPLOYMENT))])],
        "model new": model.to_dict(),
        "model read": [
            type(read).__module__, read.to_dict(), read.id, read.created, read.creator, read.user, read.training_metrics, read.framework,
            read.training_dataset_version, read.missing_mandatory_tags, read.model_path, read.version_path, read.model_files_path, repr(read),
        ],
        "models read": [Model.from_response_json({"count": 0}), [m.version for m in Model.from_response_json({"count": 1, "items": [{"name": "m", "version": 1, "id": "m_1"}]})]],
    }  # fmt: skip


def official():
    """Run under the official client, with the settings of a cluster without KServe."""
    from hopsworks_common import client

    client._set_kserve_installed(False)
    client._set_serving_num_instances_limits([1, 10])
    client._is_saas_connection = lambda: False
    client._get_instance = lambda: types.SimpleNamespace(_project_name="demo", _project_id=119)
    return cases()


if __name__ == "__main__":
    import contextlib
    import warnings

    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        recorded = official()
    json.dump(recorded, sys.stdout, indent=1, default=str)
    sys.stdout.write("\n")
