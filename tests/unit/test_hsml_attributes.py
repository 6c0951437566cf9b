"""Every attribute and conversion of models and the parts of deployments, by name."""

import copy
import json
import types

import pytest
from hsml_cases import DEPLOYMENT, FULL_DEPLOYMENT

import hopsworks.open_connections
from hopsworks.kafka_topic import KafkaTopic
from hopsworks.tag import Tag
from hsml.client.exceptions import (
    InternalClientError,
    ModelRegistryException,
    ModelServingException,
)
from hsml.deployable_component import DeployableComponent
from hsml.deployable_component_logs import DeployableComponentLogs
from hsml.deployment import Deployment
from hsml.deployment_logging_config import DeploymentLoggingConfig
from hsml.deployment_tracing_config import DeploymentTracingConfig
from hsml.deployment_version import DeploymentVersion
from hsml.inference_batcher import InferenceBatcher
from hsml.inference_endpoint import InferenceEndpoint, InferenceEndpointPort
from hsml.inference_logger import InferenceLogger
from hsml.model import Model
from hsml.model_registry import ModelRegistry
from hsml.model_serving import ModelServing
from hsml.predictor import Predictor
from hsml.predictor_state import PredictorState
from hsml.predictor_state_condition import PredictorStateCondition
from hsml.resources import PredictorResources, Resources, TransformerResources
from hsml.scaling_config import (
    Autoscaler,
    ComponentScalingConfig,
    LogPersistence,
    PredictorScalingConfig,
    ScaleMetric,
    TransformerScalingConfig,
)
from hsml.transformer import Transformer


@pytest.fixture(autouse=True)
def cluster(monkeypatch):
    """A cluster with KServe that demands scaling to zero, as the default connection."""
    variables = {
        "enable_data_science_profile": "true",
        "kube_kserve_installed": "true",
        "kube_serving_min_num_instances": "0",
        "kube_serving_max_num_instances": "10",
    }
    session = types.SimpleNamespace(
        variable=variables.get,
        cache={"inference_gateway": None, "models_dataset": True},
        project_name="demo",
        project_id=119,
        client=types.SimpleNamespace(base_url="https://example.org"),
        connection=types.SimpleNamespace(host="example.org"),
    )
    scope = types.SimpleNamespace(context=session)
    monkeypatch.setattr(hopsworks.open_connections, "default_scope", lambda: scope)
    return variables


@pytest.fixture
def full():
    return copy.deepcopy(FULL_DEPLOYMENT)


def described(obj, capsys):
    """What ``describe()`` writes."""
    obj.describe()
    return json.loads(capsys.readouterr().out)


def test_resources(capsys):
    resources = Resources(1.5, 512, 2)
    assert (resources.cores, resources.memory, resources.gpus) == (1.5, 512, 2)
    assert described(resources, capsys) == {"cores": 1.5, "memory": 512, "gpus": 2}
    assert json.loads(resources.json()) == resources.to_dict()
    assert Resources.from_json({"cores": 1, "memory": 2, "gpus": 0}) == Resources(1, 2, 0)
    assert Resources.from_response_json({"cores": 1, "memory": 2, "gpus": 0}).memory == 2
    assert Resources.extract_fields_from_json({"cores": 1, "memory": 2}) == {
        "cores": 1,
        "memory": 2,
        "gpus": None,
    }
    resources.cores = 4
    assert resources.to_dict()["cores"] == 4


def test_component_resources(capsys, full):
    assert PredictorResources.RESOURCES_CONFIG_KEY == "predictor_resources"
    assert PredictorResources.NUM_INSTANCES_KEY == "requested_instances"
    assert TransformerResources.RESOURCES_CONFIG_KEY == "transformer_resources"
    assert TransformerResources.NUM_INSTANCES_KEY == "requested_transformer_instances"
    predictor = PredictorResources.from_json(full)
    assert (predictor.num_instances, predictor.requests.memory, predictor.limits.cores) == (
        1,
        256,
        4,
    )
    assert predictor.to_dict()["requestedInstances"] == 1
    assert json.loads(predictor.json()) == predictor.to_dict()
    assert described(predictor, capsys)["predictor_resources"]["limits"]["memory"] == 2048
    assert PredictorResources.extract_fields_from_json(full)["num_instances"] == 1
    transformer = TransformerResources.from_json(full)
    assert (transformer.num_instances, transformer.requests.cores, transformer.limits.memory) == (
        1,
        1,
        128,
    )
    assert transformer.to_dict()["transformerResources"]["limits"]["memory"] == 128
    transformer.requests, transformer.limits, transformer.num_instances = (
        Resources(1, 2, 0),
        Resources(3, 4, 0),
        5,
    )
    assert transformer.to_dict()["requestedTransformerInstances"] == 5


def test_scaling_words():
    assert [str(m) for m in ScaleMetric] == [
        "CONCURRENCY", "RPS", "CPU", "MEMORY", "QUEUE_DEPTH", "KV_CACHE_USAGE", "RUNNING_REQUESTS", "QUEUE_TIME",
        "TIME_TO_FIRST_TOKEN", "REQUEST_LATENCY",
    ]  # fmt: skip
    assert ScaleMetric.CONCURRENCY.value == "CONCURRENCY"
    assert (str(ScaleMetric.RPS), str(ScaleMetric.CPU), str(ScaleMetric.MEMORY)) == (
        "RPS",
        "CPU",
        "MEMORY",
    )
    assert (ScaleMetric.QUEUE_DEPTH.value, ScaleMetric.KV_CACHE_USAGE.value) == (
        "QUEUE_DEPTH",
        "KV_CACHE_USAGE",
    )
    assert (ScaleMetric.RUNNING_REQUESTS.value, ScaleMetric.QUEUE_TIME.value) == (
        "RUNNING_REQUESTS",
        "QUEUE_TIME",
    )
    assert ScaleMetric.TIME_TO_FIRST_TOKEN.value == "TIME_TO_FIRST_TOKEN"
    assert ScaleMetric.REQUEST_LATENCY.value == "REQUEST_LATENCY"
    assert (str(Autoscaler.HPA), str(Autoscaler.KEDA)) == ("HPA", "KEDA")
    assert (str(LogPersistence.NONE), str(LogPersistence.ALL_REPLICAS)) == ("NONE", "ALL_REPLICAS")


def test_scaling(capsys, full):
    assert PredictorScalingConfig.SCALING_CONFIG_KEY == "predictor_scaling_config"
    assert TransformerScalingConfig.SCALING_CONFIG_KEY == "transformer_scaling_config"
    scaling = PredictorScalingConfig.from_json(full)
    assert (scaling.min_instances, scaling.max_instances, scaling.target) == (0, 5, 100)
    assert scaling.scale_metric is ScaleMetric.RPS
    assert scaling.autoscaler is Autoscaler.KEDA
    assert scaling.log_persistence is LogPersistence.ALL_REPLICAS
    assert scaling.additional_scale_metrics == [{"scale_metric": ScaleMetric.CPU, "target": 80}]
    assert (scaling.idle_scale_to_zero, scaling.idle_cooldown_seconds) == (True, 60)
    assert (
        TransformerScalingConfig.from_json(full).to_dict()["transformerScalingConfig"][
            "maxInstances"
        ]
        == 3
    )
    assert described(scaling, capsys)["predictor_scaling_config"]["scale_metric"] == "RPS"
    assert PredictorScalingConfig.extract_fields_from_json(full)["max_instances"] == 5
    scaling = PredictorScalingConfig(
        min_instances=1, panic_window_percentage=1.0, panic_threshold_percentage=2.0, stable_window_seconds=3,
        scale_to_zero_retention_seconds=4, scale_down_stabilization_window_seconds=5, scale_up_stabilization_window_seconds=6,
        cold_start_timeout_seconds=7,
    )  # fmt: skip
    assert (scaling.panic_window_percentage, scaling.panic_threshold_percentage) == (1.0, 2.0)
    assert (scaling.stable_window_seconds, scaling.scale_to_zero_retention_seconds) == (3, 4)
    assert scaling.scale_down_stabilization_window_seconds == 5
    assert scaling.scale_up_stabilization_window_seconds == 6
    assert scaling.cold_start_timeout_seconds == 7
    assert scaling.to_json()["cold_start_timeout_seconds"] == 7
    updated = scaling.update_from_response_json({"minInstances": 2, "scaleMetric": "CPU"})
    assert updated is scaling
    assert (scaling.min_instances, scaling.scale_metric, scaling.stable_window_seconds) == (
        2,
        ScaleMetric.CPU,
        None,
    )


def test_default_scaling_follows_the_cluster(cluster):
    default = ComponentScalingConfig.get_default_scaling_configuration
    knative = default("KSERVE", None)
    assert (knative.min_instances, knative.scale_metric, knative.target) == (
        0,
        ScaleMetric.CONCURRENCY,
        100,
    )
    assert default("KSERVE", None, effective_knative_mode=False).to_json() == {"min_instances": 1}
    assert isinstance(
        default("KSERVE", 2, "transformer", enforce_scale_to_zero=False), TransformerScalingConfig
    )
    with pytest.raises(
        ValueError,
        match=r"demands that KServe deployments scale to zero; min_instances is 2\. Set it to 0",
    ):
        default("KSERVE", 2)
    with pytest.raises(ValueError, match=r"num_instances is 3\. Set it to 0"):
        Predictor("p", "PYTHON", resources={"num_instances": 3}, knative_mode=True)
    cluster["kube_serving_min_num_instances"] = "1"
    assert default("KSERVE", None).min_instances == 1


def test_the_serving_tool_follows_the_cluster(cluster):
    assert Predictor("p", "PYTHON").serving_tool == "KSERVE"
    cluster["kube_kserve_installed"] = "false"
    assert Predictor("p", "PYTHON").serving_tool == "DEFAULT"


def test_batcher(capsys, full):
    batcher = InferenceBatcher.from_json(full)
    assert (batcher.enabled, batcher.max_batch_size, batcher.max_latency, batcher.timeout) == (
        True,
        8,
        10,
        30,
    )
    assert described(batcher, capsys)["batching_configuration"]["timeout"] == 30
    assert json.loads(batcher.json()) == batcher.to_dict()
    assert InferenceBatcher.extract_fields_from_json({"enabled": True, "max_latency": 2}) == {
        "enabled": True, "max_batch_size": None, "max_latency": 2, "timeout": None,
    }  # fmt: skip
    assert batcher.update_from_response_json({"batchingEnabled": False}) is batcher
    assert (batcher.enabled, batcher.timeout) == (False, None)


def test_logger_and_topic(capsys, full):
    logger = InferenceLogger.from_json(full)
    assert logger.mode == "ALL"
    topic = logger.kafka_topic
    assert (topic.name, topic.num_replicas, topic.num_partitions) == ("top", 2, 3)
    assert (topic.replicas, topic.partitions) == (2, 3)
    assert described(logger, capsys)["inference_logging"] == "ALL"
    assert json.loads(logger.json()) == logger.to_dict()
    assert InferenceLogger.extract_fields_from_json(full)["mode"] == "ALL"
    assert logger.update_from_response_json({"inferenceLogging": "NONE"}) is logger
    assert logger.mode == "NONE"
    assert json.loads(topic.json()) == topic.to_dict()
    assert KafkaTopic.extract_fields_from_json({"name": "t", "num_replicas": 1})["name"] == "t"
    assert KafkaTopic.from_json({"name": "t"}).name == "t"
    assert topic.update_from_response_json({"name": "u", "numOfReplicas": 9}) is topic
    assert (topic.name, topic.num_replicas) == ("u", 9)
    assert described(topic, capsys)


def test_transformer(capsys, full):
    transformer = Transformer.from_json(full)
    assert (transformer.script_file, transformer.environment) == ("t.py", "te")
    assert transformer.env_vars == {"A": "1", "B": "x=y"}
    assert transformer.scaling_configuration.target == 70
    assert transformer.resources.limits.memory == 128
    assert transformer.inference_batcher.enabled is False
    assert Transformer.from_json(copy.deepcopy(DEPLOYMENT)) is None
    assert Transformer.from_response_json(full).script_file == "t.py"
    assert Transformer.extract_fields_from_json(full)[0] == "t.py"
    assert described(transformer, capsys)["transformer"] == "t.py"
    assert json.loads(transformer.json())["transformerEnvironment"] == {"name": "te"}
    assert transformer.update_from_response_json({"transformer": "u.py"}) is transformer
    assert (transformer.script_file, transformer.env_vars) == ("u.py", None)
    assert isinstance(transformer, DeployableComponent)


def test_transformers_obey_the_cluster_when_they_are_sent(full):
    predictor = Predictor("p", "PYTHON", transformer=Transformer("t.py"), knative_mode=True)
    assert predictor.to_dict()["requestedTransformerInstances"] == 0
    predictor.knative_mode = False
    assert predictor.to_dict()["requestedTransformerInstances"] == 1


def test_state(capsys, full):
    state = PredictorState.from_response_json(
        {**full, "internalPort": 5, "revision": 7, "deployed": "2025"}
    )
    assert (
        state.status,
        state.available_predictor_instances,
        state.available_transformer_instances,
    ) == ("Running", 1, 1)
    assert state.hopsworks_inference_path == "/project/119/inference/models/iris"
    assert (state.model_server_inference_path, state.internal_port) == ("/predict", 5)
    assert (state.revision, state.deployed) == (7, "2025")
    assert described(state, capsys)["status"] == "Running"
    condition = state.condition
    assert (condition.type, condition.status, condition.reason) == (
        "STOPPED",
        True,
        "Deployment is not running",
    )
    assert described(condition, capsys)["condition"]["type"] == "STOPPED"
    assert json.loads(condition.json()) == condition.to_dict()
    assert PredictorStateCondition.from_json({"type": "READY"}).type == "READY"
    assert (
        PredictorStateCondition.from_response_json({"type": "READY", "status": False}).status
        is False
    )
    assert PredictorStateCondition.extract_fields_from_json({"type": "A"}) == {
        "type": "A",
        "status": None,
        "reason": None,
    }
    assert condition.update_from_response_json({"type": "READY", "reason": "r"}).reason == "r"


def test_log_entries():
    entry = DeployableComponentLogs("i", "text", "2025", "d", True, False, False, "u", 3)
    assert (entry.instance_name, entry.content, entry.timestamp, entry.doc_id) == (
        "i",
        "text",
        "2025",
        "d",
    )
    assert (entry.truncated, entry.skipped, entry.read_failed) == (True, False, False)
    assert (entry.pod_uid, entry.restart_count, entry.instance_key) == ("u", 3, "i|u|3")
    assert entry.created_at
    entry.component, entry.tail = "predictor", 5
    assert (entry.component, entry.tail) == ("predictor", 5)
    assert entry.to_dict() == {"instanceName": "i", "content": "text"}
    entries = DeployableComponentLogs.from_response_json([{"instanceName": "a", "content": "b"}])
    assert entries[0].instance_name == "a"
    assert entries[0].created_at
    assert DeployableComponentLogs.from_json({"instance_name": "a", "content": "b"}).content == "b"
    assert (
        DeployableComponentLogs.extract_fields_from_json({"instance_name": "a", "content": "b"})[
            "content"
        ]
        == "b"
    )


def test_inference_endpoints():
    sent = {"type": "LOAD_BALANCER", "hosts": ["h"], "ports": [{"name": "HTTPS", "number": 443}]}
    endpoint = InferenceEndpoint.from_response_json(sent)
    assert (endpoint.type, endpoint.hosts, endpoint.get_any_host()) == ("LOAD_BALANCER", ["h"], "h")
    port = endpoint.ports[0]
    assert (port.name, port.number) == ("HTTPS", 443)
    assert endpoint.get_port("HTTPS") is port
    assert endpoint.get_port("HTTP") is None
    assert endpoint.to_dict() == sent
    assert port.to_dict() == sent["ports"][0]
    assert InferenceEndpoint.from_json(sent).hosts == ["h"]
    assert InferenceEndpoint.extract_fields_from_json(sent)["type"] == "LOAD_BALANCER"
    assert InferenceEndpointPort.from_json({"name": "HTTP", "number": 80}).number == 80
    assert InferenceEndpointPort.from_response_json({"name": "HTTP", "number": 80}).name == "HTTP"
    assert InferenceEndpointPort.extract_fields_from_json({"name": "A", "number": 1}) == {
        "name": "A",
        "number": 1,
    }


def test_tracing_and_feature_logging(capsys):
    tracing = DeploymentTracingConfig(True, DeploymentTracingConfig.STORAGE_BOTH, 1.5, 2.5)
    assert DeploymentTracingConfig.VALID_STORAGES == ("online", "offline", "both")
    assert (DeploymentTracingConfig.STORAGE_ONLINE, DeploymentTracingConfig.STORAGE_OFFLINE) == (
        "online",
        "offline",
    )
    assert (tracing.enabled, tracing.otel_tracing_storage) == (True, "both")
    assert tracing.input_token_price_per_million_tokens == 1.5
    assert tracing.output_token_price_per_million_tokens == 2.5
    assert described(tracing, capsys)["otel_tracing_storage"] == "both"
    assert json.loads(tracing.json()) == tracing.to_dict()
    assert DeploymentTracingConfig.from_json({"enabled": False}).enabled is False
    assert DeploymentTracingConfig.extract_fields_from_json({})["otel_tracing_storage"] == "online"
    assert (
        tracing.update_from_response_json({"otelTracingStorage": "offline"}).otel_tracing_storage
        == "offline"
    )

    logging = DeploymentLoggingConfig(1, 2, 3, 3, 5, 6, 7, 8, 0.5, 10, "job", 3)
    assert DeploymentLoggingConfig.TRANSPORTS == ("realtime", "job")
    assert (logging.flush_interval_seconds, logging.flush_bytes, logging.max_buffer_bytes) == (
        1,
        2,
        3,
    )
    assert (logging.max_event_bytes, logging.shutdown_seconds, logging.batch_rows) == (3, 5, 6)
    assert (logging.batch_seconds, logging.queue_size, logging.sidecar_cpu) == (7, 8, 0.5)
    assert (logging.sidecar_memory_mb, logging.transport, logging.batch_bytes) == (10, "job", 3)
    assert described(logging, capsys)["queue_size"] == 8
    assert json.loads(logging.json()) == logging.to_dict()
    assert DeploymentLoggingConfig.from_json({"batch_rows": 4}).batch_rows == 4
    assert DeploymentLoggingConfig.extract_fields_from_json({"batch_rows": 4})["batch_rows"] == 4
    assert logging.update_from_response_json({"batchRows": 5}).batch_rows == 5


def test_predictor(capsys, full):
    sent = {
        **full,
        "gitCurrentCommit": "abc",
        "gitResolvedBranch": "main",
        "missingMandatoryTags": [{"name": "owner"}],
    }
    predictor = Predictor.from_json(copy.deepcopy(sent))
    assert (predictor.id, predictor.name, predictor.version, predictor.description) == (
        7,
        "iris",
        2,
        "all of it",
    )
    assert (predictor.created_at, predictor.creator) == ("2025-01-01T10:00:00Z", "A B")
    assert (predictor.model_name, predictor.model_version, predictor.model_path) == (
        "iris",
        1,
        "/Projects/demo/Models/iris",
    )
    assert (predictor.model_framework, predictor.model_server, predictor.serving_tool) == (
        "SKLEARN",
        "PYTHON",
        "KSERVE",
    )
    assert (predictor.script_file, predictor.config_file, predictor.api_protocol) == (
        "predict.py",
        "c.yml",
        "REST",
    )
    assert (predictor.environment, predictor.env_vars, predictor.project_namespace) == (
        "pe",
        {"MODE": "fast"},
        "demo",
    )
    assert (predictor.git_url, predictor.git_provider, predictor.git_branch) == (
        "https://example.org/a.git",
        "GitHub",
        "main",
    )
    assert (
        predictor.git_auto_redeploy,
        predictor.git_current_commit,
        predictor.git_resolved_branch,
    ) == (True, "abc", "main")
    assert (predictor.knative_mode, predictor.vllm_variant, predictor.vllm_image_tag) == (
        False,
        None,
        None,
    )
    assert (predictor.inference_logger.mode, predictor.inference_batcher.max_batch_size) == (
        "ALL",
        8,
    )
    assert (predictor.resources.requests.gpus, predictor.scaling_configuration.max_instances) == (
        1,
        5,
    )
    assert predictor.transformer.script_file == "t.py"
    assert (predictor.tracing, predictor.feature_logging) == (None, None)
    assert predictor.missing_mandatory_tags == [{"name": "owner"}]
    assert predictor.requested_instances == 2
    predictor.project_name = "demo"
    assert (
        predictor.artifact_files_path
        == predictor.artifact_path
        == "/Projects/demo/Deployments/iris/2"
    )
    predictor.artifact_version = 9
    assert predictor.artifact_version == 2
    assert (
        predictor.feature_view_name,
        predictor.feature_view_version,
        predictor.has_feature_view,
    ) == (None, None, False)
    assert described(predictor, capsys)["model_name"] == "iris"
    assert json.loads(predictor.json()) == predictor.to_dict()
    assert Predictor.extract_fields_from_json(copy.deepcopy(sent))["script_file"] == "predict.py"
    assert predictor.get_inference_url() == (
        "https://example.org/hopsworks-api/api/project/119/inference/models/iris:predict"
    )
    predictor.model_framework = "LLM"
    assert (predictor.model_server, predictor.get_inference_url()) == ("VLLM", None)
    assert predictor.update_from_response_json(copy.deepcopy(DEPLOYMENT)) is predictor
    assert (predictor.model_server, predictor.transformer, predictor.env_vars) == (
        "PYTHON",
        None,
        None,
    )


def test_predictors_without_model():
    endpoint = Predictor.for_server("api", "serve.py", env_vars={"A": 1})
    assert (endpoint.model_name, endpoint.model_server, endpoint.script_file) == (
        None,
        "PYTHON",
        "serve.py",
    )
    assert endpoint.get_inference_url() is None
    view = Predictor.from_response_json(
        {
            **DEPLOYMENT,
            "predictorEnvVars": ["SERVING_FEATURE_VIEW_NAME=v", "SERVING_FEATURE_VIEW_VERSION=3"],
        }
    )
    assert (view.feature_view_name, view.feature_view_version, view.has_feature_view) == (
        "v",
        3,
        True,
    )
    with pytest.raises(ValueError, match=r"'api' needs a program\. Pass script_file"):
        Predictor.for_server("api", None)


def test_deployment(capsys, full):
    deployment = Deployment.from_response_json(copy.deepcopy(full))
    assert Deployment.NOT_FOUND_ERROR_CODE == 240000
    assert (deployment.id, deployment.name, deployment.version, deployment.description) == (
        7,
        "iris",
        2,
        "all of it",
    )
    assert (deployment.model_name, deployment.model_path, deployment.model_version) == (
        "iris",
        "/Projects/demo/Models/iris",
        1,
    )
    assert (deployment.serving_tool, deployment.api_protocol, deployment.model_server) == (
        "KSERVE",
        "REST",
        "PYTHON",
    )
    assert (deployment.script_file, deployment.config_file) == ("predict.py", "c.yml")
    assert (deployment.environment, deployment.env_vars) == ("pe", {"MODE": "fast"})
    assert (deployment.inference_logger.mode, deployment.inference_batcher.timeout) == ("ALL", 30)
    assert (deployment.knative_mode, deployment.project_namespace) == (False, "demo")
    assert (deployment.tracing, deployment.feature_logging, deployment.missing_mandatory_tags) == (
        None,
        None,
        [],
    )
    assert (deployment.has_model, deployment.has_feature_view) == (True, False)
    assert (deployment.feature_view_name, deployment.feature_view_version) == (None, None)
    assert deployment.transformer.script_file == "t.py"
    assert deployment.resources.limits.cores == 4
    assert deployment.scaling_configuration.target == 100
    assert (deployment.created_at, deployment.creator, deployment.requested_instances) == (
        "2025-01-01T10:00:00Z",
        "A B",
        2,
    )
    deployment.project_name = "demo"
    assert deployment.project_name == "demo"
    assert (
        deployment.artifact_files_path
        == deployment.artifact_path
        == "/Projects/demo/Deployments/iris/2"
    )
    deployment.artifact_version = 1
    assert deployment.artifact_version == 2
    deployment.model_registry_id = 5
    assert deployment.model_registry_id == 5
    assert deployment.get_inference_url().endswith("/inference/models/iris:predict")
    assert deployment.get_url() == "https://example.org/p/119/deployments/7"
    assert described(deployment, capsys)["name"] == "iris"
    assert json.loads(deployment.json()) == deployment.to_dict() == deployment.predictor.to_dict()
    deployment.description, deployment.model_server = "new", "VLLM"
    assert (deployment.predictor.description, deployment.predictor.model_server) == ("new", "VLLM")
    assert deployment.update_from_response_json(copy.deepcopy(DEPLOYMENT)) is deployment
    assert deployment.description is None
    named = Deployment(deployment.predictor, name="n", description="d", project_namespace="ns")
    assert (named.name, named.description, named.project_namespace) == ("n", "d", "ns")


def test_deployment_version():
    sent = {
        "version": 2, "active": True, "created": "c", "createdBy": "cb", "updated": "u", "updatedBy": "ub", "modelName": "m",
        "modelVersion": 1, "modelPath": "/p", "modelFramework": "PYTHON", "modelServer": "PYTHON", "predictor": "p.py",
        "configFile": "c.yml", "predictorEnvVars": ["A=1"], "predictorEnvironmentId": 3, "predictorEnvironment": {"name": "e"},
        "transformer": "t.py", "transformerEnvVars": ["B=2"], "transformerEnvironmentId": 4, "gitUrl": "g", "gitBranch": "b",
        "gitProvider": "GitHub", "gitAutoRedeploy": True, "gitCurrentCommit": "abc", "vllmVariant": "VLLM", "vllmImageTag": "1",
        "predictorScalingConfig": {"minInstances": 1}, "transformerScalingConfig": {"minInstances": 2},
        "predictorResources": {"requests": {"cores": 1, "memory": 2, "gpus": 0}},
        "transformerResources": {"requests": {"cores": 3, "memory": 4, "gpus": 0}},
        "tracing": {"otelTracingStorage": "both"}, "featureLogging": {"batchRows": 3},
    }  # fmt: skip
    version = DeploymentVersion.from_response_json(sent)
    assert (version.version, version.active, version.created, version.created_by) == (
        2,
        True,
        "c",
        "cb",
    )
    assert (version.updated, version.updated_by, version.model_name, version.model_version) == (
        "u",
        "ub",
        "m",
        1,
    )
    assert (version.model_path, version.model_framework, version.model_server) == (
        "/p",
        "PYTHON",
        "PYTHON",
    )
    assert (version.predictor, version.config_file, version.predictor_env_vars) == (
        "p.py",
        "c.yml",
        ["A=1"],
    )
    assert (version.predictor_environment_id, version.predictor_environment) == (3, "e")
    assert (version.transformer, version.transformer_env_vars) == ("t.py", ["B=2"])
    assert (version.transformer_environment_id, version.transformer_environment) == (4, None)
    assert (version.git_url, version.git_branch, version.git_provider) == ("g", "b", "GitHub")
    assert (version.git_auto_redeploy, version.git_current_commit) == (True, "abc")
    assert (version.vllm_variant, version.vllm_image_tag) == ("VLLM", "1")
    assert (
        version.predictor_scaling_config.min_instances,
        version.transformer_scaling_config.min_instances,
    ) == (1, 2)
    assert (
        version.predictor_resources.requests.cores,
        version.transformer_resources.requests.memory,
    ) == (1, 4)
    assert (version.tracing.otel_tracing_storage, version.feature_logging.batch_rows) == ("both", 3)
    assert json.loads(version.json())["predictorEnvironment"] == {"name": "e"}


@pytest.mark.parametrize("framework", ["python", "sklearn", "tensorflow", "torch", "llm"])
def test_models_of_frameworks_take_responses_over(framework):
    import importlib

    cls = importlib.import_module(f"hsml.{framework}.model").Model
    model = cls(None, "m", version=1, training_dataset_version=4)
    answer = {
        "id": "m_1",
        "name": "m",
        "version": 1,
        "created": 5,
        "trainingDatasetVersion": 0,
        "userFullName": "A B",
    }
    assert model.update_from_response_json(answer) is model
    assert (model.id, model.created, model.user, model.training_dataset_version) == (
        "m_1",
        5,
        "A B",
        4,
    )
    assert model.framework == framework.upper()
    assert type(model) is cls


def test_model():
    model = Model(
        "m_1",
        "m",
        1,
        5,
        {"uid": 1},
        "env",
        "d",
        "demo",
        {"f1": 0.5},
        "p.py",
        "A B",
        model_registry_id=119,
    )
    assert Model.NOT_FOUND_ERROR_CODE == 360000
    assert (model.id, model.name, model.version, model.created, model.creator) == (
        "m_1",
        "m",
        1,
        5,
        {"uid": 1},
    )
    assert (model.description, model.project_name, model.training_metrics) == (
        "d",
        "demo",
        {"f1": 0.5},
    )
    assert (model.user, model.framework, model.model_registry_id) == ("A B", None, 119)
    assert (model.shared_registry_project_name, model.training_dataset_version) == (None, None)
    assert json.loads(model.json()) == model.to_dict()
    model.environment = model.program = None
    assert (model.environment, model.program) == (None, None)
    model.input_example, model.model_schema = [1], "s"
    assert (model.input_example, model.model_schema) == ([1], "s")
    model.description, model.shared_registry_project_name = "e", "other"
    assert (model.description, model.shared_registry_project_name) == ("e", "other")


def test_handles():
    registry = ModelRegistry("demo", 119, 67, "other")
    assert (registry.project_name, registry.project_id, registry.model_registry_id) == (
        "demo",
        119,
        67,
    )
    assert (registry.shared_registry_project_name, registry.project_path) == (
        "other",
        "/Projects/demo",
    )
    assert (ModelRegistry.DEFAULT_VERSION, ModelServing.DEFAULT_VERSION) == (1, 1)
    assert repr(registry) == "ModelRegistry(project: 'demo', shared by: 'other')"
    sent = {"project_name": "p", "project_id": 1, "model_registry_id": 2}
    assert ModelRegistry.from_response_json(sent).model_registry_id == 2
    serving = ModelServing("demo", 119)
    assert (serving.project_name, serving.project_id, serving.project_path) == (
        "demo",
        119,
        "/Projects/demo",
    )


def test_tag():
    tag = Tag("a", {"b": 1}, created_on=5)
    assert (Tag.NOT_FOUND_ERROR_CODE, tag.name, tag.value, tag.created_on) == (
        370002,
        "a",
        {"b": 1},
        5,
    )
    assert json.loads(tag.json()) == {"name": "a", "value": '{"b": 1}'}
    with pytest.raises(ValueError, match="needs a name"):
        Tag(None, 1)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (1735787045123, "2025-01-02T03:04:05.123000+00:00"),
        ("1735787045000", "2025-01-02T03:04:05+00:00"),
        ("2025-01-02T03:04:05.000Z", "2025-01-02T03:04:05+00:00"),
        ("2025-01-02T03:04:05+02:00", "2025-01-02T03:04:05+02:00"),
        ("2025-01-02", "2025-01-02T00:00:00+00:00"),
        ("soon", None),
        (1e300, None),
        ([], None),
        (None, None),
    ],
)
def test_when_a_tag_was_attached(sent, text):
    (tag,) = Tag.from_response_json({"name": "a", "value": "1", "createdOn": sent})
    assert (tag.created_on and tag.created_on.isoformat()) == text


def test_exceptions():
    assert issubclass(InternalClientError, TypeError)
    assert issubclass(ModelRegistryException, Exception)
    assert ModelServingException.ERROR_CODE_SERVING_NOT_FOUND == 240000
    assert ModelServingException.ERROR_CODE_ILLEGAL_ARGUMENT == 240001
    assert ModelServingException.ERROR_CODE_DUPLICATED_ENTRY == 240011
    assert ModelServingException.ERROR_CODE_DEPLOYMENT_NOT_RUNNING == 250001


@pytest.mark.parametrize("framework", ["python", "sklearn", "tensorflow", "torch", "llm"])
def test_signatures_make_models_of_the_default_connection(framework, monkeypatch):
    import importlib

    session = hopsworks.open_connections.default_scope().context
    session.scope = hopsworks.open_connections.default_scope()
    create_model = importlib.import_module(f"hsml.{framework}.signature").create_model
    model = create_model(
        "m", version=2, metrics={"a": 1}, description="d", tags={"name": "t", "value": 1}
    )
    assert type(model).__module__ == f"hsml.{framework}.model"
    assert (model.version, model.training_metrics, model.description, model.model_registry_id) == (
        2,
        {"a": 1},
        "d",
        119,
    )
