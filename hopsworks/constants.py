"""Words of the Hopsworks protocol: names, states and defaults, grouped as classes of constants."""


class Default:
    """Says "the default of the server" where None means "nothing"."""

    __slots__ = ()

    def __repr__(self):
        return "DEFAULT"


DEFAULT = Default()


class DEPLOYABLE_COMPONENT:
    """Parts of a deployment that run a script."""

    PREDICTOR = "predictor"
    TRANSFORMER = "transformer"


class DEPLOYMENT:
    """Actions of a deployment."""

    ACTION_START = "START"
    ACTION_STOP = "STOP"


class ENV_VARS:
    """Environment variables that the platform sets."""

    ELASTIC_ENDPOINT_ENV_VAR = "ELASTIC_ENDPOINT"
    KAFKA_BROKERS = "KAFKA_BROKERS"


class GIT:
    """Ends of a git operation."""

    ERROR_STATES = ["FAILED", "KILLED", "INITIALIZATION_FAILED", "TIMEDOUT"]  # noqa: RUF012
    SUCCESS_STATES = ["SUCCESS"]  # noqa: RUF012


class HOSTS:
    """Known hosts."""

    SAAS_HOST = "eu-west.cloud.hopsworks.ai"


class INFERENCE_BATCHER:
    """Defaults of request batching."""

    ENABLED = False


class INFERENCE_ENDPOINTS:
    """Words of inference addresses."""

    API_PROTOCOL_GRPC = "GRPC"
    API_PROTOCOL_REST = "REST"
    ENDPOINT_TYPE_KUBE_CLUSTER = "KUBE_CLUSTER"
    ENDPOINT_TYPE_LOAD_BALANCER = "LOAD_BALANCER"
    PORT_NAME_HTTP = "HTTP"
    PORT_NAME_HTTPS = "HTTPS"
    PORT_NAME_STATUS_PORT = "STATUS"
    PORT_NAME_TLS = "TLS"


class INFERENCE_LOGGER:
    """What an inference logger records."""

    MODE_ALL = "ALL"
    MODE_MODEL_INPUTS = "MODEL_INPUTS"
    MODE_NONE = "NONE"
    MODE_PREDICTIONS = "PREDICTIONS"


class JOBS:
    """Ends of a job execution."""

    ERROR_STATES = [  # noqa: RUF012
        "FAILED",
        "KILLED",
        "FRAMEWORK_FAILURE",
        "APP_MASTER_START_FAILED",
        "INITIALIZATION_FAILED",
    ]
    SUCCESS_STATES = ["FINISHED", "SUCCEEDED"]  # noqa: RUF012


class KAFKA_CONSUMER_CONFIG:
    """Settings of Kafka consumers."""

    AUTO_COMMIT_INTERVAL_MS_CONFIG = "auto.commit.interval.ms"
    AUTO_OFFSET_RESET_CONFIG = "auto.offset.reset"
    CLIENT_ID_CONFIG = "client.id"
    ENABLE_AUTO_COMMIT_CONFIG = "enable.auto.commit"
    GROUP_ID_CONFIG = "group.id"
    KEY_DESERIALIZER_CLASS_CONFIG = "key.deserializer"
    SESSION_TIMEOUT_MS_CONFIG = "session.timeout.ms"
    VALUE_DESERIALIZER_CLASS_CONFIG = "value.deserializer"


class KAFKA_PRODUCER_CONFIG:
    """Settings of Kafka producers."""

    BOOTSTRAP_SERVERS_CONFIG = "bootstrap.servers"
    KEY_SERIALIZER_CLASS_CONFIG = "key.serializer"
    VALUE_SERIALIZER_CLASS_CONFIG = "value.serializer"


class KAFKA_SSL_CONFIG:
    """TLS settings of Kafka clients."""

    SECURITY_PROTOCOL_CONFIG = "security.protocol"
    SSL = "SSL"
    SSL_CA_LOCATION_CONFIG = "ssl.ca.location"
    SSL_CERTIFICATE_LOCATION_CONFIG = "ssl.certificate.location"
    SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG = "ssl.endpoint.identification.algorithm"
    SSL_KEYSTORE_LOCATION_CONFIG = "ssl.keystore.location"
    SSL_KEYSTORE_PASSWORD_CONFIG = "ssl.keystore.password"
    SSL_KEY_PASSWORD_CONFIG = "ssl.key.password"
    SSL_PRIVATE_KEY_LOCATION_CONFIG = "ssl.key.location"
    SSL_TRUSTSTORE_LOCATION_CONFIG = "ssl.truststore.location"
    SSL_TRUSTSTORE_LOCATION_DOC = "The location of the trust store file. "
    SSL_TRUSTSTORE_PASSWORD_CONFIG = "ssl.truststore.password"
    SSL_TRUSTSTORE_PASSWORD_DOC = "The password for the trust store file. If a password is not set access to the truststore is still available, but integrity checking is disabled."


class KAFKA_TOPIC:
    """Special topic names and default counts."""

    CREATE = "CREATE"
    NONE = "NONE"
    NUM_PARTITIONS = 1
    NUM_REPLICAS = 1


class MODEL:
    """Frameworks of models."""

    FRAMEWORK_LLM = "LLM"
    FRAMEWORK_PYTHON = "PYTHON"
    FRAMEWORK_SKLEARN = "SKLEARN"
    FRAMEWORK_TENSORFLOW = "TENSORFLOW"
    FRAMEWORK_TORCH = "TORCH"


class MODEL_REGISTRY:
    """Places of the model registry."""

    HOPSFS_MOUNT_PREFIX = "/hopsfs/"
    HOPSFS_MOUNT_PREFIX_BASE = "/mnt/hopsfs"
    MODELS_DATASET = "Models"
    MODEL_CACHE_DIR_DEFAULT = "/tmp/hopsworks/models"
    MODEL_FILES_DIR_NAME = "Files"


class MODEL_SERVING:
    """Places and environment variables of deployments."""

    ARCHIVED_LOGS_DIR = "Serving"
    ARTIFACTS_DIR_NAME = "Artifacts"
    DEFAULT_MAX_BATCH_ROWS = 512
    DEFAULT_PREDICTOR_SCRIPT = "default_predictor.py"
    DEPLOYMENTS_DATASET = "Deployments"
    DEPLOYMENT_RESOURCES_DIR = "resources"
    DEPLOYMENT_SCHEMA_DIR = "schema"
    DEPLOYMENT_SCHEMA_ID_ENV_VAR = "SERVING_SCHEMA_ID"
    DEPLOYMENT_SCHEMA_JSON_SCHEMA_SUFFIX = ".jsonschema.json"
    DEPLOYMENT_SCHEMA_OPENAPI_SUFFIX = ".openapi.json"
    FEATURE_LOGGING_ENV_VAR = "SERVING_FEATURE_LOGGING"
    FEATURE_VIEW_NAME_ENV_VAR = "SERVING_FEATURE_VIEW_NAME"
    FEATURE_VIEW_VERSION_ENV_VAR = "SERVING_FEATURE_VIEW_VERSION"
    LOGS_DATASET = "Logs"
    MAX_BATCH_ROWS_ENV_VAR = "SERVING_MAX_BATCH_ROWS"
    RESERVED_ENV_VARS = (
        "SERVING_SCHEMA_ID",
        "SERVING_FEATURE_VIEW_NAME",
        "SERVING_FEATURE_LOGGING",
        "SERVING_FEATURE_VIEW_VERSION",
        "SERVING_TRAINING_DATASET_VERSION",
        "SERVING_SCRIPT_KIND",
        "SERVING_SCHEMA_ENFORCER",
    )
    SCHEMA_ENFORCER_ENV_VAR = "SERVING_SCHEMA_ENFORCER"
    SCHEMA_ENFORCER_PREDICTOR = "predictor"
    SCHEMA_ENFORCER_TRANSFORMER = "transformer"
    SCRIPT_KIND_ENV_VAR = "SERVING_SCRIPT_KIND"
    SCRIPT_KIND_PREDICTOR = "predictor"
    TRAINING_DATASET_VERSION_ENV_VAR = "SERVING_TRAINING_DATASET_VERSION"


class OPENSEARCH_CONFIG:
    """Settings of OpenSearch clients."""

    CA_CERTS = "ca_certs"
    HEADERS = "headers"
    HOSTS = "hosts"
    HTTP_AUTHORIZATION = "es.net.http.header.Authorization"
    HTTP_COMPRESS = "http_compress"
    INDEX = "es.resource"
    NODES = "es.nodes"
    NODES_WAN_ONLY = "es.nodes.wan.only"
    SSL_ASSERT_HOSTNAME = "ssl_assert_hostname"
    SSL_CONFIG = "es.net.ssl"
    SSL_KEYSTORE_LOCATION = "es.net.ssl.keystore.location"
    SSL_KEYSTORE_PASSWORD = "es.net.ssl.keystore.pass"
    SSL_TRUSTSTORE_LOCATION = "es.net.ssl.truststore.location"
    SSL_TRUSTSTORE_PASSWORD = "es.net.ssl.truststore.pass"
    USE_SSL = "use_ssl"
    VERIFY_CERTS = "verify_certs"


class PREDICTOR:
    """Model servers and serving tools."""

    MODEL_SERVER_PYTHON = "PYTHON"
    MODEL_SERVER_TF_SERVING = "TENSORFLOW_SERVING"
    MODEL_SERVER_VLLM = "VLLM"
    SERVING_TOOL_DEFAULT = "DEFAULT"
    SERVING_TOOL_KSERVE = "KSERVE"
    VLLM_VARIANT_OMNI = "VLLM_OMNI"
    VLLM_VARIANT_VLLM = "VLLM"


class PREDICTOR_STATE:
    """States of a deployment."""

    CONDITION_TYPE_INITIALIZED = "INITIALIZED"
    CONDITION_TYPE_READY = "READY"
    CONDITION_TYPE_SCHEDULED = "SCHEDULED"
    CONDITION_TYPE_STARTED = "STARTED"
    CONDITION_TYPE_STOPPED = "STOPPED"
    STATUS_CREATED = "Created"
    STATUS_CREATING = "Creating"
    STATUS_FAILED = "Failed"
    STATUS_IDLE = "Idle"
    STATUS_RUNNING = "Running"
    STATUS_STARTING = "Starting"
    STATUS_STOPPED = "Stopped"
    STATUS_STOPPING = "Stopping"
    STATUS_UPDATING = "Updating"


class RESOURCES:
    """Default resources of one instance."""

    GPUS = 0
    MAX_CORES = 2
    MAX_MEMORY = 1024
    MIN_CORES = 0.2
    MIN_MEMORY = 32


class SSL_CONFIG:
    """Names of certificate material."""

    CRYPTO_MATERIAL_PASSWORD = "material_passwd"
    DOMAIN_CA_TRUSTSTORE = "domain_ca_truststore"
    KEYSTORE_SUFFIX = "__kstore.jks"
    K_CERTIFICATE_CONFIG = "k_certificate"
    PASSWORD_SUFFIX = "__cert.key"
    PEM_CA_CHAIN_CERTIFICATE_CONFIG = "ca_chain.pem"
    PEM_CA_ROOT_CERT = "/srv/hops/kagent/host-certs/hops_root_ca.pem"
    PEM_CLIENT_CERTIFICATE_CONFIG = "client.pem"
    PEM_CLIENT_KEY_CONFIG = "client_key.pem"
    SSL_ENABLED = "ipc.server.ssl.enabled"
    TRUSTSTORE_SUFFIX = "__tstore.jks"
    T_CERTIFICATE_CONFIG = "t_certificate"


class SCALING_CONFIG:
    """Defaults of autoscaling."""

    MIN_NUM_INSTANCES = 1
    SCALE_METRIC_CONCURRENCY = "CONCURRENCY"
    DEFAULT_CONCURRENCY_TARGET = 100
    DEFAULT_PANIC_WINDOW_PERCENTAGE = 10.0
    DEFAULT_PANIC_THRESHOLD_PERCENTAGE = 200.0
    DEFAULT_STABLE_WINDOW_SECONDS = 60
    DEFAULT_SCALE_TO_ZERO_RETENTION_SECONDS = 0
