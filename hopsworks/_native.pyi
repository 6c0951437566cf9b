# Made by tools/generate.py from resources/ and tools/tables/native_head.pyi.in; never edited.
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Protocol, Self, final, type_check_only

from typing_extensions import Buffer, disjoint_base

import hopsworks.alert
import hopsworks.alert_receiver
import hopsworks.app
import hopsworks.core.job_configuration
import hopsworks.core.rest_endpoint
import hopsworks.core.sink_job_configuration
import hopsworks.env_var
import hopsworks.environment
import hopsworks.execution
import hopsworks.git_provider
import hopsworks.git_remote
import hopsworks.git_repo
import hopsworks.job
import hopsworks.job_schedule
import hopsworks.kafka_schema
import hopsworks.kafka_topic
import hopsworks.lakefs.models
import hopsworks.project
import hopsworks.project_member
import hopsworks.secret
import hopsworks.tag
import hopsworks.triggered_alert
import hopsworks.user
import hsfs.constructor.filter
import hsfs.constructor.join
import hsfs.constructor.query
import hsfs.core.data_source
import hsfs.core.feature_descriptive_statistics
import hsfs.feature
import hsfs.feature_group
import hsfs.feature_group_commit
import hsfs.feature_store
import hsfs.feature_view
import hsfs.serving_key
import hsfs.statistics
import hsfs.training_dataset
import hsfs.training_dataset_feature
import hsfs.training_dataset_split
import hsml.deployable_component_logs
import hsml.deployment_logging_config
import hsml.deployment_tracing_config
import hsml.deployment_version
import hsml.inference_batcher
import hsml.inference_endpoint
import hsml.inference_logger
import hsml.model
import hsml.model_registry
import hsml.model_serving
import hsml.predictor
import hsml.predictor_state
import hsml.predictor_state_condition
import hsml.resources
import hsml.scaling_config
import hsml.transformer

types: tuple[str, ...]
endpoints: dict[str, dict[str, Any]]

def __dir__() -> list[str]: ...
def decode_response(endpoint: str, body: Any, scope: Scope | None = None, /) -> Any: ...
def read_keystore(
    data: Buffer, password: str | bytes | None = None, /
) -> tuple[bytes, bytes, bytes]: ...
def sigv4_signature(
    verb: str,
    path: str,
    query: Sequence[tuple[str, str]],
    headers: Sequence[tuple[str, str]],
    *,
    secret: str,
    date: str,
    region: str,
    service: str,
    payload_hash: str = "",
) -> str: ...

@type_check_only
class _Resource:
    _scope: Scope | None
    @property
    def _extra(self) -> dict[str, Any] | None: ...
    @classmethod
    def from_response_json(cls, json_dict: Any, scope: Scope | None = None) -> Any: ...
    def update_from_response_json(self, json_dict: Any) -> Self: ...
    def _set(self, **fields: Any) -> None: ...
    def to_dict(self) -> dict[str, Any]: ...
    def json(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any], /) -> Self: ...

@type_check_only
class _BinaryFile(Protocol):
    def read(self, size: int, /) -> Buffer: ...

@final
class Client:
    @property
    def base_url(self) -> str: ...
    @property
    def unix_socket(self) -> str | None: ...
    @property
    def closed(self) -> bool: ...
    @property
    def connections(self) -> int: ...
    def __new__(
        cls,
        base_url: str,
        *,
        unix_socket: str | PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool = True,
        hostname_verification: bool = True,
        trust_store: str | PathLike[str] | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        connect_timeout: float | None = 10.0,
        read_timeout: float | None = 60.0,
        total_timeout: float | None = None,
        user_agent: str | None = None,
        token_file: str | PathLike[str] | None = None,
        trust_pem: bytes | None = None,
        proxy: str | None = None,
        errors: Callable[..., BaseException] | None = None,
        retries: int | None = None,
        retry_delay: float = 0.25,
        retry_statuses: tuple[int, ...] | None = (429, 502, 503, 504),
        retry_only_when_told: bool = False,
        retry_connection_failures: bool = False,
        max_redirects: int = 10,
        idle_limit: float | None = None,
    ) -> Self: ...
    def scope(self, context: Any = None, /, **params: Any) -> Scope: ...
    def request(
        self,
        verb: str,
        target: str,
        /,
        *,
        body: Buffer | _BinaryFile | None = None,
        headers: Mapping[str, str] | None = None,
        retry: Literal["never", "unsent", "safe"] = "never",
        connect_timeout: float | None = ...,
        read_timeout: float | None = ...,
        total_timeout: float | None = ...,
    ) -> Response: ...
    def open_download(
        self,
        verb: str,
        target: str,
        /,
        *,
        body: Buffer | _BinaryFile | None = None,
        headers: Mapping[str, str] | None = None,
        retry: Literal["never", "unsent", "safe"] = "never",
        connect_timeout: float | None = ...,
        read_timeout: float | None = ...,
        total_timeout: float | None = ...,
    ) -> DownloadStream: ...
    def open_upload(
        self,
        verb: str,
        target: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        connect_timeout: float | None = ...,
        read_timeout: float | None = ...,
        total_timeout: float | None = ...,
    ) -> UploadStream: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

@final
class Response:
    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def content(self) -> bytes: ...
    @property
    def url(self) -> str: ...

@final
class Scope:
    @property
    def context(self) -> Any: ...
    @property
    def client(self) -> Client: ...
    @property
    def params(self) -> dict[str, Any]: ...
    def call(
        self,
        endpoint: str,
        /,
        body: Any = None,
        *,
        timeout: float | tuple[float | None, float | None] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any: ...
    def upload(
        self,
        local_path: str | PathLike[str],
        remote_dir: str,
        *,
        name: str | None = None,
        chunk_size: int = 10485760,
        parallel: int = 3,
        retries: int = 3,
        retry_interval: float = 1.0,
        timeout: float | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def upload_files(
        self,
        files: Sequence[tuple[str | PathLike[str], str, str]],
        *,
        chunk_size: int = 10485760,
        parallel: int = 3,
        retries: int = 3,
        retry_interval: float = 1.0,
        timeout: float | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def download(
        self,
        remote_path: str,
        local_path: str | PathLike[str],
        *,
        size: int,
        version: str | None = None,
        parallel: int = 4,
        retries: int = 3,
        retry_interval: float = 1.0,
        timeout: float | None = None,
        range_size: int = 8388608,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def download_files(
        self,
        files: Sequence[tuple[str, str | PathLike[str], int, str | None]],
        *,
        parallel: int = 4,
        retries: int = 3,
        retry_interval: float = 1.0,
        timeout: float | None = None,
        range_size: int = 8388608,
        progress: Callable[[int, int], None] | None = None,
    ) -> None: ...
    def open_upload(
        self,
        endpoint: str,
        /,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        timeout: float | tuple[float | None, float | None] | None = None,
        **params: Any,
    ) -> UploadStream: ...
    def open_download(
        self,
        endpoint: str,
        /,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | tuple[float | None, float | None] | None = None,
        **params: Any,
    ) -> DownloadStream: ...

@final
class UploadStream:
    @property
    def closed(self) -> bool: ...
    @property
    def status(self) -> int: ...
    def write(self, data: Any, /) -> int: ...
    def finish(self) -> Any: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...
    def flush(self) -> None: ...
    def tell(self) -> int: ...
    def readable(self) -> bool: ...
    def writable(self) -> bool: ...
    def seekable(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

@final
class DownloadStream:
    @property
    def closed(self) -> bool: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def size(self) -> int | None: ...
    def read(self, size: int | None = -1, /) -> bytes: ...
    def readinto(self, buffer: Any, /) -> int: ...
    def close(self) -> None: ...
    def flush(self) -> None: ...
    def tell(self) -> int: ...
    def readable(self) -> bool: ...
    def writable(self) -> bool: ...
    def seekable(self) -> bool: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

@disjoint_base
class AdminUser(_Resource):
    id: int | None
    email: str | None
    first_name: str | None
    last_name: str | None
    username: str | None
    account_type: str | None
    two_factor: bool | None
    tours_state: Any
    status: Any
    max_num_projects: int | None
    num_active_projects: int | None
    activated: str | None
    last_visited_at: str | None
    roles: Any
    remote_user_groups: list[Any]
    password: str | None
    def __init__(
        self,
        id: int | None = None,
        email: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        username: str | None = None,
        account_type: str | None = None,
        two_factor: bool | None = None,
        tours_state: Any = None,
        status: Any = None,
        max_num_projects: int | None = None,
        num_active_projects: int | None = None,
        activated: str | None = None,
        last_visited_at: str | None = None,
        roles: Any = None,
        remote_user_groups: list[Any] | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Alert(_Resource):
    id: int | None
    status: str | None
    alert_type: str | None
    severity: str | None
    receiver: str | None
    created: str | None
    _project_name: str | None
    _service: str | None
    _threshold: int | None
    _job_name: str | None
    _feature_store_name: str | None
    _feature_group_id: int | None
    _feature_group_name: str | None
    _feature_view_id: int | None
    _feature_view_name: str | None
    _feature_view_version: int | None
    def __init__(
        self,
        id: int | None = None,
        status: str | None = None,
        alert_type: str | None = None,
        severity: str | None = None,
        receiver: str | None = None,
        created: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class AlertReceiver(_Resource):
    name: str | None
    email_configs: list[hopsworks.alert_receiver.EmailConfig] | None
    slack_configs: list[hopsworks.alert_receiver.SlackConfig] | None
    pager_duty_configs: list[hopsworks.alert_receiver.PagerDutyConfig] | None
    webhook_configs: list[hopsworks.alert_receiver.WebhookConfig] | None
    _pagerduty_configs: list[hopsworks.alert_receiver.PagerDutyConfig] | None
    def __init__(
        self,
        name: str | None = None,
        email_configs: Any = None,
        slack_configs: Any = None,
        pager_duty_configs: Any = None,
        webhook_configs: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class AlertStatus(_Resource):
    state: str | None
    silenced_by: list[str] | None
    inhibited_by: list[str] | None
    def __init__(
        self,
        state: str | None = None,
        silenced_by: list[str] | None = None,
        inhibited_by: list[str] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class App(_Resource):
    _job_id: int | None
    name: str | None
    state: str | None
    _final_status: str | None
    serving: bool
    _app_url: str | None
    app_path: str | None
    execution_id: int | None
    _execution_start: Any
    _creator: Any
    _creator_firstname: str | None
    _creator_lastname: str | None
    environment_name: str | None
    _cpu_usage: Any
    _memory_usage: Any
    cpu_requested: Any
    memory_requested: Any
    description: str | None
    app_kind: str | None
    app_port: int | None
    entrypoint_command: str | None
    git_url: str | None
    git_provider: str | None
    git_branch: str | None
    git_auto_redeploy: bool
    latest_commit: str | None
    latest_branch: str | None
    entrypoint_script: str | None
    app_base_path: str | None
    proxy_path_mode: str | None
    readiness_probe_path: str | None
    public_access: bool
    _public_token: str | None
    db_access: bool
    idle_scale_to_zero: bool
    idle_cooldown_seconds: int | None
    cold_start_timeout_seconds: int | None
    _env_vars: Any
    def __init__(
        self,
        job_id: int | None = None,
        name: str | None = None,
        state: str | None = None,
        final_status: str | None = None,
        serving: bool | None = None,
        app_url: str | None = None,
        app_path: str | None = None,
        execution_id: int | None = None,
        execution_start: Any = None,
        creator: Any = None,
        creator_firstname: str | None = None,
        creator_lastname: str | None = None,
        environment_name: str | None = None,
        cpu_usage: Any = None,
        memory_usage: Any = None,
        cpu_requested: Any = None,
        memory_requested: Any = None,
        description: str | None = None,
        app_kind: str | None = None,
        app_port: int | None = None,
        entrypoint_command: str | None = None,
        git_url: str | None = None,
        git_provider: str | None = None,
        git_branch: str | None = None,
        git_auto_redeploy: bool | None = None,
        latest_commit: str | None = None,
        latest_branch: str | None = None,
        entrypoint_script: str | None = None,
        app_base_path: str | None = None,
        proxy_path_mode: str | None = None,
        readiness_probe_path: str | None = None,
        public_access: bool | None = None,
        public_token: str | None = None,
        db_access: bool | None = None,
        idle_scale_to_zero: bool | None = None,
        idle_cooldown_seconds: int | None = None,
        cold_start_timeout_seconds: int | None = None,
        *,
        env_vars: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class AutoPaginationConfig(_Resource):
    _extra_params: Any
    def __init__(
        self,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Command(_Resource):
    id: int | None
    status: str | None
    op: str | None
    install_type: str | None
    error_message: str | None
    custom_commands_file: str | None
    args: str | None
    _type: Any
    href: str | None
    _count: Any
    def __init__(
        self,
        id: int | None = None,
        status: str | None = None,
        op: str | None = None,
        install_type: str | None = None,
        error_message: str | None = None,
        custom_commands_file: str | None = None,
        args: str | None = None,
        type: Any = None,
        href: str | None = None,
        count: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ConstructedQuery(_Resource):
    query: str | None
    query_online: str | None
    pit_query: str | None
    pit_query_asof: str | None
    pushdown_query: Any
    on_demand_feature_groups: Any
    hudi_cached_feature_groups: Any
    delta_cached_feature_groups: Any
    iceberg_cached_feature_groups: Any
    spine_applied: bool | None
    hqs_payload: str | None
    hqs_payload_online: str | None
    hqs_payload_signature: str | None
    def __init__(
        self,
        query: str | None = None,
        query_online: str | None = None,
        pit_query: str | None = None,
        pit_query_asof: str | None = None,
        pushdown_query: Any = None,
        on_demand_feature_groups: Any = None,
        hudi_cached_feature_groups: Any = None,
        delta_cached_feature_groups: Any = None,
        iceberg_cached_feature_groups: Any = None,
        spine_applied: bool | None = None,
        hqs_payload: str | None = None,
        hqs_payload_online: str | None = None,
        hqs_payload_signature: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class CursorPaginationConfig(_Resource):
    _extra_params: Any
    _cursor_path: str
    _cursor_param: str | None
    _cursor_body_path: str | None
    def __init__(
        self,
        cursor_path: str | None = 'cursors.next',
        cursor_param: str | None = None,
        cursor_body_path: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class DataSource(_Resource):
    query: str | None
    database: str | None
    group: str | None
    table: str | None
    path: str | None
    format: str | None
    storage_connector: Any
    metrics: list[Any]
    dimensions: list[Any]
    rest_endpoint: hopsworks.core.rest_endpoint.RestEndpointConfig | None
    spreadsheet_id: str | None
    def __init__(
        self,
        query: str | None = None,
        database: str | None = None,
        group: str | None = None,
        table: str | None = None,
        path: str | None = None,
        format: str | None = None,
        storage_connector: Any = None,
        metrics: list[Any] | None = None,
        dimensions: list[Any] | None = None,
        rest_endpoint: Any = None,
        spreadsheet_id: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class DeployableComponentLogs(_Resource):
    instance_name: str
    content: str
    timestamp: Any
    doc_id: Any
    truncated: Any
    skipped: Any
    read_failed: Any
    pod_uid: Any
    restart_count: Any
    component: Any
    tail: Any
    _created_at: Any
    def __init__(
        self,
        instance_name: str,
        content: str,
        timestamp: Any = None,
        doc_id: Any = None,
        truncated: Any = None,
        skipped: Any = None,
        read_failed: Any = None,
        pod_uid: Any = None,
        restart_count: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class DeploymentLoggingConfig(_Resource):
    flush_interval_seconds: Any
    flush_bytes: Any
    max_buffer_bytes: Any
    max_event_bytes: Any
    shutdown_seconds: Any
    batch_rows: Any
    batch_seconds: Any
    queue_size: Any
    sidecar_cpu: Any
    sidecar_memory_mb: Any
    transport: Any
    batch_bytes: Any
    def __init__(
        self,
        flush_interval_seconds: Any = None,
        flush_bytes: Any = None,
        max_buffer_bytes: Any = None,
        max_event_bytes: Any = None,
        shutdown_seconds: Any = None,
        batch_rows: Any = None,
        batch_seconds: Any = None,
        queue_size: Any = None,
        sidecar_cpu: Any = None,
        sidecar_memory_mb: Any = None,
        transport: Any = None,
        batch_bytes: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class DeploymentTracingConfig(_Resource):
    enabled: Any
    otel_tracing_storage: str | None
    input_token_price_per_million_tokens: Any
    output_token_price_per_million_tokens: Any
    def __init__(
        self,
        enabled: Any = None,
        otel_tracing_storage: str | None = None,
        input_token_price_per_million_tokens: Any = None,
        output_token_price_per_million_tokens: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class DeploymentVersion(_Resource):
    version: int
    active: bool
    created: Any
    created_by: Any
    updated: Any
    updated_by: Any
    model_name: str | None
    model_version: int | None
    model_path: str | None
    model_framework: str | None
    model_server: str | None
    predictor: str | None
    config_file: str | None
    predictor_resources: hsml.resources.PredictorResources | None
    predictor_scaling_config: hsml.scaling_config.PredictorScalingConfig | None
    predictor_env_vars: Any
    predictor_environment_id: Any
    _predictor_environment: Any
    transformer: str | None
    transformer_resources: hsml.resources.TransformerResources | None
    transformer_scaling_config: hsml.scaling_config.TransformerScalingConfig | None
    transformer_env_vars: Any
    transformer_environment_id: Any
    _transformer_environment: Any
    git_url: str | None
    git_branch: str | None
    git_provider: str | None
    git_auto_redeploy: Any
    git_current_commit: str | None
    vllm_variant: str | None
    vllm_image_tag: str | None
    tracing: hsml.deployment_tracing_config.DeploymentTracingConfig | None
    feature_logging: hsml.deployment_logging_config.DeploymentLoggingConfig | None
    def __init__(
        self,
        version: int,
        active: bool | None = False,
        created: Any = None,
        created_by: Any = None,
        updated: Any = None,
        updated_by: Any = None,
        model_name: str | None = None,
        model_version: int | None = None,
        model_path: str | None = None,
        model_framework: str | None = None,
        model_server: str | None = None,
        predictor: str | None = None,
        config_file: str | None = None,
        predictor_resources: Any = None,
        predictor_scaling_config: Any = None,
        predictor_env_vars: Any = None,
        predictor_environment_id: Any = None,
        predictor_environment: Any = None,
        transformer: str | None = None,
        transformer_resources: Any = None,
        transformer_scaling_config: Any = None,
        transformer_env_vars: Any = None,
        transformer_environment_id: Any = None,
        transformer_environment: Any = None,
        git_url: str | None = None,
        git_branch: str | None = None,
        git_provider: str | None = None,
        git_auto_redeploy: Any = None,
        git_current_commit: str | None = None,
        vllm_variant: str | None = None,
        vllm_image_tag: str | None = None,
        tracing: Any = None,
        feature_logging: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class EmailConfig(_Resource):
    to: str | None
    send_resolved: bool
    def __init__(
        self,
        to: str | None = None,
        send_resolved: bool | None = False,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class EnvVar(_Resource):
    name: str | None
    value: str | None
    secret_name: str | None
    secret_backed: bool | None
    created: str | None
    updated: str | None
    visibility: str | None
    project_id_scope: int | None
    def __init__(
        self,
        name: str | None = None,
        value: str | None = None,
        secret_name: str | None = None,
        secret_backed: bool | None = None,
        added_on: str | None = None,
        updated_on: str | None = None,
        visibility: str | None = None,
        project_id_scope: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Environment(_Resource):
    name: str | None
    description: str | None
    python_version: str | None
    python_conflicts: bool | None
    pip_search_enabled: bool | None
    conflicts: Any
    conda_channel: str | None
    libraries: list[Library] | None
    commands: list[Command] | None
    href: str | None
    _type: Any
    def __init__(
        self,
        name: str | None = None,
        description: str | None = None,
        python_version: str | None = None,
        python_conflicts: bool | None = None,
        pip_search_enabled: bool | None = None,
        conflicts: Any = None,
        conda_channel: str | None = None,
        libraries: Any = None,
        commands: Any = None,
        href: str | None = None,
        type: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Execution(_Resource):
    id: int | None
    state: str | None
    final_status: str | None
    submission_time: str | None
    stdout_path: str | None
    stderr_path: str | None
    app_id: str | None
    hdfs_user: str | None
    args: str | None
    progress: float | None
    user: Any
    _files_to_remove: Any
    duration: int | None
    _monitoring: Any
    _type: Any
    _href: str | None
    _job: Any
    _rerun_count: int | None
    def __init__(
        self,
        id: int | None = None,
        state: str | None = None,
        final_status: str | None = None,
        submission_time: str | None = None,
        stdout_path: str | None = None,
        stderr_path: str | None = None,
        app_id: str | None = None,
        hdfs_user: str | None = None,
        args: str | None = None,
        progress: float | None = None,
        user: Any = None,
        files_to_remove: Any = None,
        duration: int | None = None,
        monitoring: Any = None,
        type: Any = None,
        href: str | None = None,
        job: Any = None,
        rerun_count: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ExecutionPodLog(_Resource):
    status: str | None
    available: bool | None
    message: str | None
    log: str | None
    pod_name: str | None
    container_name: str | None
    def __init__(
        self,
        status: str | None = None,
        available: bool | None = None,
        message: str | None = None,
        log: str | None = None,
        pod_name: str | None = None,
        container_name: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ExternalFeatureGroup(_Resource):
    data_format: str | None
    options: Any
    name: str | None
    version: int | None
    description: str | None
    primary_key: list[str] | None
    foreign_key: list[str] | None
    featurestore_id: int | None
    featurestore_name: str | None
    created: str | None
    creator: dict[str, Any] | None
    id: int | None
    features: list[hsfs.feature.Feature]
    location: str | None
    statistics_config: StatisticsConfig | None
    event_time: str | None
    expectation_suite: Any
    online_enabled: bool
    href: str | None
    online_topic_name: str | None
    topic_name: str | None
    notification_topic_name: str | None
    spine: bool
    deprecated: bool
    embedding_index: Any
    online_config: OnlineConfig | None
    data_source: hsfs.core.data_source.DataSource | None
    ttl: float | None
    ttl_enabled: bool | None
    online_disk: bool | None
    missing_mandatory_tags: list[Any]
    data_source_access: dict[str, Any] | None
    def __init__(
        self,
        data_format: str | None = None,
        options: Any = None,
        name: str | None = None,
        version: int | None = None,
        description: str | None = None,
        primary_key: list[str] | None = None,
        foreign_key: list[str] | None = None,
        featurestore_id: int | None = None,
        featurestore_name: str | None = None,
        created: str | None = None,
        creator: dict[str, Any] | None = None,
        id: int | None = None,
        features: Any = None,
        location: str | None = None,
        statistics_config: Any = None,
        event_time: str | None = None,
        expectation_suite: Any = None,
        online_enabled: bool | None = False,
        href: str | None = None,
        online_topic_name: str | None = None,
        topic_name: str | None = None,
        notification_topic_name: str | None = None,
        spine: bool | None = False,
        deprecated: bool | None = False,
        embedding_index: Any = None,
        online_config: Any = None,
        data_source: Any = None,
        ttl: float | None = None,
        ttl_enabled: bool | None = None,
        online_disk: bool | None = None,
        missing_mandatory_tags: list[Any] | None = None,
        data_source_access: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Feature(_Resource):
    name: str
    type: str | None
    description: str | None
    primary: bool
    foreign: bool
    partition: bool
    hudi_precombine_key: bool
    offline_only: bool
    online_type: str | None
    default_value: str | None
    feature_group_id: int | None
    feature_group: Any
    on_demand: bool
    use_fully_qualified_name: bool
    column_name: str | None
    def __init__(
        self,
        name: str,
        type: str | None = None,
        description: str | None = None,
        primary: bool | None = False,
        foreign: bool | None = False,
        partition: bool | None = False,
        hudi_precombine_key: bool | None = False,
        offline_only: bool | None = False,
        online_type: str | None = None,
        default_value: str | None = None,
        feature_group_id: int | None = None,
        feature_group: Any = None,
        on_demand: bool | None = False,
        use_fully_qualified_name: bool | None = False,
        column_name: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FeatureColumnMapping(_Resource):
    source_column: str
    feature_name: str
    def __init__(
        self,
        source_column: str,
        feature_name: str,
    ) -> None: ...

@disjoint_base
class FeatureDescriptiveStatistics(_Resource):
    feature_name: str
    feature_type: str | None
    count: int | None
    completeness: float | None
    num_non_null_values: int | None
    num_null_values: int | None
    approx_num_distinct_values: int | None
    min: Any
    max: Any
    sum: Any
    mean: Any
    std_dev: Any
    percentiles: Any
    distinctness: float | None
    entropy: float | None
    uniqueness: float | None
    exact_num_distinct_values: int | None
    extended_statistics: Any
    id: int | None
    def __init__(
        self,
        feature_name: str,
        feature_type: str | None = None,
        count: int | None = None,
        completeness: float | None = None,
        num_non_null_values: int | None = None,
        num_null_values: int | None = None,
        approx_num_distinct_values: int | None = None,
        min: Any = None,
        max: Any = None,
        sum: Any = None,
        mean: Any = None,
        std_dev: Any = None,
        percentiles: Any = None,
        distinctness: float | None = None,
        entropy: float | None = None,
        uniqueness: float | None = None,
        exact_num_distinct_values: int | None = None,
        extended_statistics: Any = None,
        id: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FeatureGroup(_Resource):
    name: str
    version: int
    featurestore_id: int
    description: str
    partition_key: list[str] | None
    primary_key: list[str] | None
    foreign_key: list[str] | None
    hudi_precombine_key: str | None
    featurestore_name: str | None
    embedding_index: Any
    created: str | None
    creator: dict[str, Any] | None
    id: int | None
    features: list[hsfs.feature.Feature]
    location: str | None
    online_enabled: bool
    time_travel_format: str
    statistics_config: StatisticsConfig | None
    online_topic_name: str | None
    topic_name: str | None
    notification_topic_name: str | None
    event_time: str | None
    stream: bool
    expectation_suite: Any
    parents: list[Any]
    href: str | None
    delta_streamer_job_conf: Any
    deprecated: bool
    transformation_functions: Any
    online_config: OnlineConfig | None
    offline_backfill_every_hr: Any
    data_source: hsfs.core.data_source.DataSource | None
    ttl: float | None
    ttl_enabled: bool | None
    online_disk: bool | None
    sink_enabled: bool
    sink_job_conf: Any
    sink_job: Any
    missing_mandatory_tags: list[Any]
    tags: list[Any] | None
    partitioned_by: list[str] | None
    online_partition_columns: bool
    zorder_by: list[str] | None
    clustered_by: list[str] | None
    bucket_index: dict[str, Any] | None
    sort_order: list[str] | None
    def __init__(
        self,
        name: str,
        version: int,
        featurestore_id: int,
        description: str | None = '',
        partition_key: list[str] | None = None,
        primary_key: list[str] | None = None,
        foreign_key: list[str] | None = None,
        hudi_precombine_key: str | None = None,
        featurestore_name: str | None = None,
        embedding_index: Any = None,
        created: str | None = None,
        creator: dict[str, Any] | None = None,
        id: int | None = None,
        features: Any = None,
        location: str | None = None,
        online_enabled: bool | None = False,
        time_travel_format: str | None = 'DELTA',
        statistics_config: Any = None,
        online_topic_name: str | None = None,
        topic_name: str | None = None,
        notification_topic_name: str | None = None,
        event_time: str | None = None,
        stream: bool | None = False,
        expectation_suite: Any = None,
        parents: list[Any] | None = None,
        href: str | None = None,
        delta_streamer_job_conf: Any = None,
        deprecated: bool | None = False,
        transformation_functions: Any = None,
        online_config: Any = None,
        offline_backfill_every_hr: Any = None,
        data_source: Any = None,
        ttl: float | None = None,
        ttl_enabled: bool | None = None,
        online_disk: bool | None = None,
        sink_enabled: bool | None = False,
        sink_job_conf: Any = None,
        sink_job: Any = None,
        missing_mandatory_tags: list[Any] | None = None,
        tags: list[Any] | None = None,
        partitioned_by: list[str] | None = None,
        online_partition_columns: bool | None = False,
        zorder_by: list[str] | None = None,
        clustered_by: list[str] | None = None,
        bucket_index: dict[str, Any] | None = None,
        sort_order: list[str] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FeatureGroupCommit(_Resource):
    commitid: int | None
    commit_date_string: str | None
    rows_inserted: int | None
    rows_updated: int | None
    rows_deleted: int | None
    validation_id: int | None
    commit_time: int | None
    archived: bool | None
    last_active_commit_time: int | None
    table_size: int | None
    href: str | None
    def __init__(
        self,
        commitid: int | None = None,
        commit_date_string: str | None = None,
        rows_inserted: int | None = None,
        rows_updated: int | None = None,
        rows_deleted: int | None = None,
        validation_id: int | None = None,
        commit_time: int | None = None,
        archived: bool | None = None,
        last_active_commit_time: int | None = None,
        table_size: int | None = None,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FeatureStore(_Resource):
    featurestore_id: int
    featurestore_name: str
    created: Any
    project_name: str
    project_id: int
    offline_featurestore_name: str
    online_enabled: bool
    num_feature_groups: int | None
    num_training_datasets: int | None
    num_storage_connectors: int | None
    num_feature_views: int | None
    online_featurestore_name: str | None
    online_featurestore_size: float | None
    mysql_server_endpoint: str | None
    def __init__(
        self,
        featurestore_id: int,
        featurestore_name: str,
        created: Any,
        project_name: str,
        project_id: int,
        offline_featurestore_name: str,
        online_enabled: bool,
        num_feature_groups: int | None = None,
        num_training_datasets: int | None = None,
        num_storage_connectors: int | None = None,
        num_feature_views: int | None = None,
        online_featurestore_name: str | None = None,
        online_featurestore_size: float | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FeatureView(_Resource):
    name: str
    query: hsfs.constructor.query.Query
    featurestore_id: int
    id: int | None
    version: int | None
    description: str
    labels: list[str]
    inference_helper_columns: list[str]
    training_helper_columns: list[str]
    transformation_functions: list[Any]
    featurestore_name: str | None
    serving_keys: list[hsfs.serving_key.ServingKey]
    logging_enabled: bool
    max_feature_age: Any
    extra_log_columns: Any
    missing_mandatory_tags: Any
    tags: Any
    features: list[hsfs.training_dataset_feature.TrainingDatasetFeature]
    created: Any
    creator: Any
    on_demand_transformation_functions: Any
    def __init__(
        self,
        name: str,
        query: Any,
        featurestore_id: int,
        id: int | None = None,
        version: int | None = None,
        description: str | None = '',
        labels: list[str] | None = None,
        inference_helper_columns: list[str] | None = None,
        training_helper_columns: list[str] | None = None,
        transformation_functions: list[Any] | None = None,
        featurestore_name: str | None = None,
        serving_keys: Any = None,
        logging_enabled: bool | None = False,
        max_feature_age: Any = None,
        extra_log_columns: Any = None,
        missing_mandatory_tags: Any = None,
        tags: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Filter(_Resource):
    feature: hsfs.feature.Feature
    condition: str
    value: Any
    def __init__(
        self,
        feature: Any,
        condition: str,
        value: Any,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class FullLoadConfig(_Resource):
    source_cursor_field: str | None
    initial_value: Any
    def __init__(
        self,
        source_cursor_field: str | None = None,
        initial_value: Any = None,
    ) -> None: ...

@disjoint_base
class GitCommit(_Resource):
    name: str | None
    email: str | None
    message: str | None
    hash: str | None
    time: str | None
    href: str | None
    def __init__(
        self,
        name: str | None = None,
        email: str | None = None,
        message: str | None = None,
        commit_hash: str | None = None,
        time: str | None = None,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class GitFileStatus(_Resource):
    file: str | None
    status: str | None
    extra: str | None
    def __init__(
        self,
        file: str | None = None,
        status: str | None = None,
        extra: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class GitOpExecution(_Resource):
    id: int
    submission_time: str
    execution_start: Any
    execution_stop: Any
    user: Any
    git_command_configuration: Any
    state: str
    config_secret: Any
    repository: hopsworks.git_repo.GitRepo
    command_result_message: str | None
    href: str | None
    def __init__(
        self,
        id: int,
        submission_time: str,
        execution_start: Any,
        execution_stop: Any,
        user: Any,
        git_command_configuration: Any,
        state: str,
        config_secret: Any,
        repository: Any,
        command_result_message: str | None = None,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class GitProvider(_Resource):
    username: str | None
    _token: str | None
    git_provider: str | None
    host: str | None
    href: str | None
    def __init__(
        self,
        username: str | None = None,
        token: str | None = None,
        git_provider: str | None = None,
        host: str | None = None,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class GitRemote(_Resource):
    name: str | None
    url: str | None
    href: str | None
    _repo: Any
    def __init__(
        self,
        remote_name: str | None = None,
        remote_url: str | None = None,
        href: str | None = None,
        *,
        repo: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class GitRepo(_Resource):
    id: int | None
    name: str | None
    path: str | None
    creator: hopsworks.user.User | None
    provider: str | None
    current_branch: str | None
    current_commit: GitCommit | None
    read_only: bool | None
    ongoing_operation: Any
    href: str | None
    def __init__(
        self,
        id: int | None = None,
        name: str | None = None,
        path: str | None = None,
        creator: Any = None,
        provider: str | None = None,
        current_branch: str | None = None,
        current_commit: Any = None,
        read_only: bool | None = None,
        ongoing_operation: Any = None,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class HeaderCursorPaginationConfig(_Resource):
    _extra_params: Any
    _cursor_key: str
    _cursor_param: str
    def __init__(
        self,
        cursor_key: str | None = 'next',
        cursor_param: str | None = 'cursor',
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class HeaderLinkPaginationConfig(_Resource):
    _extra_params: Any
    _links_next_key: str
    def __init__(
        self,
        links_next_key: str | None = 'next',
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class IncrementalLoadConfig(_Resource):
    source_cursor_field: str | None
    rest_filter_param: str | None
    initial_value: Any
    initial_ingestion_date: int | None
    def __init__(
        self,
        source_cursor_field: str | None = None,
        rest_filter_param: str | None = None,
        initial_value: Any = None,
        initial_ingestion_date: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class InferenceBatcher(_Resource):
    enabled: Any
    max_batch_size: Any
    max_latency: Any
    timeout: Any
    def __init__(
        self,
        enabled: Any = None,
        max_batch_size: Any = None,
        max_latency: Any = None,
        timeout: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class InferenceEndpoint(_Resource):
    type: str
    hosts: list[str]
    ports: list[hsml.inference_endpoint.InferenceEndpointPort]
    def __init__(
        self,
        type: str,
        hosts: list[str],
        ports: Any,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class InferenceEndpointPort(_Resource):
    name: str
    number: int
    def __init__(
        self,
        name: str,
        number: int,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class InferenceLogger(_Resource):
    kafka_topic: hopsworks.kafka_topic.KafkaTopic | None
    mode: str | None
    def __init__(
        self,
        kafka_topic: Any = None,
        mode: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Job(_Resource):
    id: int
    name: str
    creation_time: str
    config: Any
    job_type: str
    creator: Any
    executions: Any
    _type: Any
    href: str | None
    _expand: Any
    _items: Any
    _count: Any
    job_schedule: hopsworks.job_schedule.JobSchedule | None
    _description: str | None
    def __init__(
        self,
        id: int,
        name: str,
        creation_time: str,
        config: Any,
        job_type: str,
        creator: Any,
        executions: Any = None,
        type: Any = None,
        href: str | None = None,
        expand: Any = None,
        items: Any = None,
        count: Any = None,
        job_schedule: Any = None,
        description: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class JobConfiguration(_Resource):
    _driver_memory: int
    _driver_cores: int
    _executor_memory: int
    _executor_cores: int
    _executor_instances: int
    _dynamic_allocation: bool
    _dynamic_min_executors: int
    _dynamic_max_executors: int
    _environment_name: str
    _driver_memory_overhead_factor: float | None
    _executor_memory_overhead_factor: float | None
    def __init__(
        self,
        driver_memory: int | None = 2048,
        driver_cores: int | None = 1,
        executor_memory: int | None = 4096,
        executor_cores: int | None = 1,
        executor_instances: int | None = 1,
        dynamic_allocation: bool | None = True,
        dynamic_min_executors: int | None = 1,
        dynamic_max_executors: int | None = 2,
        environment_name: str | None = 'spark-feature-pipeline',
        driver_memory_overhead_factor: float | None = None,
        executor_memory_overhead_factor: float | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class JobSchedule(_Resource):
    _start_date_time: int
    enabled: bool
    cron_expression: str
    _next_execution_date_time: int | None
    id: int | None
    _end_date_time: int | None
    catchup: bool
    max_active_runs: int
    start_time_offset_seconds: int | None
    end_time_offset_seconds: int | None
    _skip_to_date: int | None
    max_catchup_runs: int | None
    def __init__(
        self,
        start_date_time: int,
        enabled: bool,
        cron_expression: str,
        next_execution_date_time: int | None = None,
        id: int | None = None,
        end_date_time: int | None = None,
        catchup: bool | None = False,
        max_active_runs: int | None = 1,
        start_time_offset_seconds: int | None = None,
        end_time_offset_seconds: int | None = None,
        skip_to_date: int | None = None,
        max_catchup_runs: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Join(_Resource):
    query: hsfs.constructor.query.Query
    on: list[hsfs.feature.Feature]
    left_on: list[hsfs.feature.Feature]
    right_on: list[hsfs.feature.Feature]
    join_type: str
    prefix: str
    def __init__(
        self,
        query: Any,
        on: Any,
        left_on: Any,
        right_on: Any,
        join_type: str,
        prefix: str,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class JsonLinkPaginationConfig(_Resource):
    _extra_params: Any
    _next_url_path: str
    def __init__(
        self,
        next_url_path: str,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class KafkaSchema(_Resource):
    id: int | None
    subject: str | None
    version: int | None
    schema: str | None
    _type: Any
    def __init__(
        self,
        id: int | None = None,
        subject: str | None = None,
        version: int | None = None,
        schema: str | None = None,
        type: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class KafkaTopic(_Resource):
    name: str | None
    num_replicas: int | None
    num_partitions: int | None
    schema_name: str | None
    schema_version: int | None
    schema_content: str | None
    shared: bool | None
    accepted: bool | None
    owner_project_id: int | None
    href: str | None
    _replicas: int | None
    _partitions: int | None
    def __init__(
        self,
        name: str | None = None,
        num_replicas: int | None = None,
        num_partitions: int | None = None,
        schema_name: str | None = None,
        schema_version: int | None = None,
        schema_content: str | None = None,
        shared: bool | None = None,
        accepted: bool | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsChange(_Resource):
    type: str | None
    path: str | None
    path_type: str | None
    size_bytes: int | None
    def __init__(
        self,
        type: str | None = None,
        path: str | None = None,
        path_type: str | None = None,
        size_bytes: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsCommit(_Resource):
    id: str | None
    parents: list[str] | None
    committer: str | None
    message: str | None
    creation_date: int | None
    meta_range_id: str | None
    metadata: dict[str, str] | None
    def __init__(
        self,
        id: str | None = None,
        parents: list[str] | None = None,
        committer: str | None = None,
        message: str | None = None,
        creation_date: int | None = None,
        meta_range_id: str | None = None,
        metadata: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsCommonPrefix(_Resource):
    path: str | None
    def __init__(
        self,
        path: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsConfig(_Resource):
    version_config: LakefsVersion | None
    storage_config: hopsworks.lakefs.models.ServerStorageConfiguration | None
    storage_config_list: list[hopsworks.lakefs.models.ServerStorageConfiguration] | None
    def __init__(
        self,
        version_config: Any = None,
        storage_config: Any = None,
        storage_config_list: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsImportError(_Resource):
    message: str | None
    def __init__(
        self,
        message: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsImportId(_Resource):
    id: str | None
    def __init__(
        self,
        id: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsImportStatus(_Resource):
    completed: bool | None
    update_time: str | None
    ingested_objects: int | None
    metarange_id: str | None
    commit: hopsworks.lakefs.models.Commit | None
    error: hopsworks.lakefs.models.ImportFailure | None
    def __init__(
        self,
        completed: bool | None = None,
        update_time: str | None = None,
        ingested_objects: int | None = None,
        metarange_id: str | None = None,
        commit: Any = None,
        error: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsMergeResult(_Resource):
    reference: str | None
    def __init__(
        self,
        reference: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsMultipartUpload(_Resource):
    upload_id: str | None
    physical_address: str | None
    presigned_urls: list[str] | None
    def __init__(
        self,
        upload_id: str | None = None,
        physical_address: str | None = None,
        presigned_urls: list[str] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsObjectError(_Resource):
    path: str | None
    status_code: int | None
    message: str | None
    def __init__(
        self,
        path: str | None = None,
        status_code: int | None = None,
        message: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsObjectErrors(_Resource):
    errors: list[LakefsObjectError]
    def __init__(
        self,
        errors: Any = ...,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsObjectInfo(_Resource):
    path: str | None
    physical_address: str | None
    checksum: str | None
    mtime: int | None
    physical_address_expiry: int | None
    size_bytes: int | None
    metadata: dict[str, str] | None
    content_type: str | None
    def __init__(
        self,
        path: str | None = None,
        physical_address: str | None = None,
        checksum: str | None = None,
        mtime: int | None = None,
        physical_address_expiry: int | None = None,
        size_bytes: int | None = None,
        metadata: dict[str, str] | None = None,
        content_type: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsRef(_Resource):
    id: str | None
    commit_id: str | None
    def __init__(
        self,
        id: str | None = None,
        commit_id: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsRepositoryProperties(_Resource):
    id: str | None
    creation_date: int | None
    default_branch: str | None
    storage_namespace: str | None
    storage_id: str | None
    def __init__(
        self,
        id: str | None = None,
        creation_date: int | None = None,
        default_branch: str | None = None,
        storage_namespace: str | None = None,
        storage_id: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsServerStorageConfiguration(_Resource):
    blockstore_id: str | None
    blockstore_type: str | None
    pre_sign_support: bool | None
    import_support: bool | None
    blockstore_namespace_example: str | None
    blockstore_namespace_validity_regex: str | None
    pre_sign_support_ui: bool | None
    import_validity_regex: str | None
    default_namespace_prefix: str | None
    pre_sign_multipart_upload: bool | None
    def __init__(
        self,
        blockstore_id: str | None = None,
        blockstore_type: str | None = None,
        pre_sign_support: bool | None = None,
        import_support: bool | None = None,
        blockstore_namespace_example: str | None = None,
        blockstore_namespace_validity_regex: str | None = None,
        pre_sign_support_ui: bool | None = None,
        import_validity_regex: str | None = None,
        default_namespace_prefix: str | None = None,
        pre_sign_multipart_upload: bool | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsToken(_Resource):
    token: str | None
    def __init__(
        self,
        token: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LakefsVersion(_Resource):
    version: str | None
    def __init__(
        self,
        version: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Library(_Resource):
    channel: str
    package_source: str
    library: str
    version: str
    latest_version: str | None
    status: str | None
    preinstalled: str | None
    commands: list[Command] | None
    _type: Any
    href: str | None
    _environment: Any
    def __init__(
        self,
        channel: str,
        package_source: str,
        library: str,
        version: str,
        latest_version: str | None = None,
        status: str | None = None,
        preinstalled: str | None = None,
        commands: Any = None,
        type: Any = None,
        href: str | None = None,
        environment: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class LoadingConfig(_Resource):
    _loading_strategy: str
    _incremental_loading_config: IncrementalLoadConfig | None
    _full_load_config: hopsworks.core.sink_job_configuration.FullLoadConfig | None
    def __init__(
        self,
        loading_strategy: str | None = 'FULL_LOAD',
        incremental_loading_config: Any = None,
        full_load_config: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Logic(_Resource):
    type: str
    left_f: hsfs.constructor.filter.Filter | None
    right_f: hsfs.constructor.filter.Filter | None
    left_l: hsfs.constructor.filter.Logic | None
    right_l: hsfs.constructor.filter.Logic | None
    def __init__(
        self,
        type: str,
        left_f: Any = None,
        right_f: Any = None,
        left_l: Any = None,
        right_l: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Model(_Resource):
    id: Any
    name: str | None
    version: int | None
    created: Any
    creator: Any
    description: str | None
    project_name: str | None
    training_metrics: Any
    user: str | None
    framework: str | None
    model_registry_id: Any
    shared_registry_project_name: str | None
    _training_dataset_version: int | None
    _environment: Any
    _program: Any
    _model_schema: Any
    _input_example: Any
    _feature_view: Any
    _tags: Any
    _missing_mandatory_tags: Any
    _href: Any
    _type: Any
    _experiment_id: Any
    _experiment_project_name: Any
    _training_dataset: Any
    def __init__(
        self,
        id: Any = None,
        name: str | None = None,
        version: int | None = None,
        created: Any = None,
        creator: Any = None,
        description: str | None = None,
        project_name: str | None = None,
        training_metrics: Any = None,
        user: str | None = None,
        framework: str | None = None,
        model_registry_id: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ModelRegistry(_Resource):
    project_name: str
    project_id: int
    model_registry_id: int
    shared_registry_project_name: str | None
    def __init__(
        self,
        project_name: str,
        project_id: int,
        model_registry_id: int,
        shared_registry_project_name: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ModelServing(_Resource):
    project_name: str
    project_id: int
    def __init__(
        self,
        project_name: str,
        project_id: int,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class OffsetPaginationConfig(_Resource):
    _extra_params: Any
    _limit: int | None
    _offset: int
    _offset_param: str
    _offset_body_path: str | None
    _limit_param: str
    _limit_body_path: str | None
    _total_path: str | None
    _maximum_offset: int | None
    _stop_after_empty_page: bool
    _has_more_path: str | None
    def __init__(
        self,
        limit: int | None = None,
        offset: int | None = 0,
        offset_param: str | None = 'offset',
        offset_body_path: str | None = None,
        limit_param: str | None = 'limit',
        limit_body_path: str | None = None,
        total_path: str | None = None,
        maximum_offset: int | None = None,
        stop_after_empty_page: bool | None = True,
        has_more_path: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class OnlineConfig(_Resource):
    online_comments: Any
    table_space: str | None
    primary_key_index_type: str | None
    secondary_indexes: Any
    def __init__(
        self,
        online_comments: Any = None,
        table_space: str | None = None,
        primary_key_index_type: str | None = None,
        secondary_indexes: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PageNumberPaginationConfig(_Resource):
    _extra_params: Any
    _base_page: int
    _page_param: str
    _total_path: str | None
    _maximum_page: int | None
    _stop_after_empty_page: bool
    _has_more_path: str | None
    def __init__(
        self,
        base_page: int | None = 0,
        page_param: str | None = 'page',
        total_path: str | None = None,
        maximum_page: int | None = None,
        stop_after_empty_page: bool | None = True,
        has_more_path: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PagerDutyConfig(_Resource):
    service_key: str | None
    routing_key: str | None
    send_resolved: bool
    def __init__(
        self,
        service_key: str | None = None,
        routing_key: str | None = None,
        send_resolved: bool | None = False,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Predictor(_Resource):
    id: int | None
    name: str | None
    version: int | None
    description: str | None
    created_at: Any
    creator: Any
    _model_framework: str | None
    _model_server: str | None
    serving_tool: str | None
    script_file: str | None
    config_file: str | None
    api_protocol: str | None
    project_namespace: str | None
    model_name: str | None
    model_path: str | None
    model_version: int | None
    vllm_variant: str | None
    vllm_image_tag: str | None
    knative_mode: bool | None
    git_url: str | None
    git_provider: str | None
    git_branch: str | None
    git_auto_redeploy: bool | None
    git_current_commit: str | None
    git_resolved_branch: str | None
    resources: Any
    scaling_configuration: Any
    inference_batcher: Any
    inference_logger: Any
    transformer: Any
    environment: Any
    env_vars: Any
    project_name: str | None
    _tags: Any
    _state: Any
    _wire_instances: int | None
    _wire_resources: hsml.resources.PredictorResources | None
    _wire_scaling: hsml.scaling_config.PredictorScalingConfig | None
    _wire_batching: hsml.inference_batcher.InferenceBatcher | None
    _wire_logging_mode: str | None
    _wire_kafka_topic: hopsworks.kafka_topic.KafkaTopic | None
    _wire_environment: Any
    _wire_environment_dto: Any
    _wire_env_vars: Any
    _wire_transformer: str | None
    _wire_transformer_instances: int | None
    _wire_transformer_resources: hsml.resources.TransformerResources | None
    _wire_transformer_scaling: hsml.scaling_config.TransformerScalingConfig | None
    _wire_transformer_environment: Any
    _wire_transformer_env_vars: Any
    tracing: hsml.deployment_tracing_config.DeploymentTracingConfig | None
    feature_logging: hsml.deployment_logging_config.DeploymentLoggingConfig | None
    _wire_tracing_config: hsml.deployment_tracing_config.DeploymentTracingConfig | None
    _wire_feature_logging_config: hsml.deployment_logging_config.DeploymentLoggingConfig | None
    _missing_mandatory_tags: Any
    _wire_status: str | None
    _wire_available_instances: int | None
    _wire_available_transformer_instances: int | None
    _wire_condition: hsml.predictor_state_condition.PredictorStateCondition | None
    _wire_hopsworks_inference_path: str | None
    _wire_model_server_inference_path: str | None
    _wire_internal_port: Any
    _wire_revision: Any
    _wire_deployed: Any
    _href: Any
    _type: Any
    def __init__(
        self,
        id: int | None = None,
        name: str | None = None,
        version: int | None = None,
        description: str | None = None,
        created_at: Any = None,
        creator: Any = None,
        serving_tool: str | None = None,
        script_file: str | None = None,
        config_file: str | None = None,
        api_protocol: str | None = None,
        project_namespace: str | None = None,
        model_name: str | None = None,
        model_path: str | None = None,
        model_version: int | None = None,
        vllm_variant: str | None = None,
        vllm_image_tag: str | None = None,
        knative_mode: bool | None = None,
        git_url: str | None = None,
        git_provider: str | None = None,
        git_branch: str | None = None,
        git_auto_redeploy: bool | None = None,
        git_current_commit: str | None = None,
        git_resolved_branch: str | None = None,
        resources: Any = None,
        scaling_configuration: Any = None,
        inference_batcher: Any = None,
        inference_logger: Any = None,
        transformer: Any = None,
        environment: Any = None,
        env_vars: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PredictorResources(_Resource):
    num_instances: int | None
    requests: hsml.resources.Resources | None
    limits: hsml.resources.Resources | None
    def __init__(
        self,
        num_instances: int | None = None,
        requests: Any = None,
        limits: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PredictorScalingConfig(_Resource):
    _min_instances: int | None
    max_instances: int | None
    scale_metric: Any
    target: Any
    panic_window_percentage: Any
    panic_threshold_percentage: Any
    stable_window_seconds: Any
    scale_to_zero_retention_seconds: Any
    log_persistence: Any
    autoscaler: Any
    scale_down_stabilization_window_seconds: Any
    scale_up_stabilization_window_seconds: Any
    additional_scale_metrics: Any
    _idle_scale_to_zero: Any
    idle_cooldown_seconds: Any
    cold_start_timeout_seconds: Any
    def __init__(
        self,
        max_instances: int | None = None,
        scale_metric: Any = None,
        target: Any = None,
        panic_window_percentage: Any = None,
        panic_threshold_percentage: Any = None,
        stable_window_seconds: Any = None,
        scale_to_zero_retention_seconds: Any = None,
        log_persistence: Any = None,
        autoscaler: Any = None,
        scale_down_stabilization_window_seconds: Any = None,
        scale_up_stabilization_window_seconds: Any = None,
        additional_scale_metrics: Any = None,
        idle_cooldown_seconds: Any = None,
        cold_start_timeout_seconds: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PredictorState(_Resource):
    available_predictor_instances: int
    available_transformer_instances: int
    hopsworks_inference_path: str
    model_server_inference_path: str
    internal_port: Any
    revision: Any
    deployed: Any
    condition: hsml.predictor_state_condition.PredictorStateCondition
    status: str
    def __init__(
        self,
        available_predictor_instances: int,
        available_transformer_instances: int,
        hopsworks_inference_path: str,
        model_server_inference_path: str,
        internal_port: Any,
        revision: Any,
        deployed: Any,
        condition: Any,
        status: str,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class PredictorStateCondition(_Resource):
    type: str
    status: Any
    reason: str | None
    def __init__(
        self,
        type: str,
        status: Any = None,
        reason: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Project(_Resource):
    archived: bool | None
    created: str | None
    description: str | None
    docker_image: str | None
    hops_examples: Any
    inodeid: int | None
    is_old_docker_image: bool | None
    is_preinstalled_docker_image: bool | None
    owner: str | None
    id: int | None
    name: str | None
    project_team: list[Any] | None
    quotas: dict[str, Any] | None
    retention_period: str | None
    services: list[str] | None
    datasets: list[Any] | None
    creation_status: str | None
    project_namespace: str | None
    feature_store_topic: str | None
    def __init__(
        self,
        archived: bool | None = None,
        created: str | None = None,
        description: str | None = None,
        docker_image: str | None = None,
        hops_examples: Any = None,
        inodeid: int | None = None,
        is_old_docker_image: bool | None = None,
        is_preinstalled_docker_image: bool | None = None,
        owner: str | None = None,
        project_id: int | None = None,
        project_name: str | None = None,
        project_team: list[Any] | None = None,
        quotas: dict[str, Any] | None = None,
        retention_period: str | None = None,
        services: list[str] | None = None,
        datasets: list[Any] | None = None,
        creation_status: str | None = None,
        namespace: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ProjectMember(_Resource):
    _project: Any
    user: hopsworks.user.User | None
    role: str | None
    _timestamp: str | None
    _key: Any
    def __init__(
        self,
        project: Any = None,
        user: Any = None,
        team_role: str | None = None,
        timestamp: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Query(_Resource):
    left_feature_group: hsfs.feature_group.FeatureGroup | hsfs.feature_group.SpineGroup | hsfs.feature_group.ExternalFeatureGroup
    left_features: list[hsfs.feature.Feature]
    feature_store_name: str | None
    feature_store_id: int | None
    left_feature_group_start_time: Any
    left_feature_group_end_time: Any
    joins: list[hsfs.constructor.join.Join]
    filter: hsfs.constructor.filter.Logic | None
    limit: int | None
    hive_engine: bool
    lookback: Any
    def __init__(
        self,
        left_feature_group: Any,
        left_features: Any,
        feature_store_name: str | None = None,
        feature_store_id: int | None = None,
        left_feature_group_start_time: Any = None,
        left_feature_group_end_time: Any = None,
        joins: Any = None,
        filter: Any = None,
        limit: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class QueryParams(_Resource):
    name: str
    value: Any
    def __init__(
        self,
        name: str,
        value: Any,
    ) -> None: ...

@disjoint_base
class Resources(_Resource):
    cores: Any
    memory: Any
    gpus: Any
    def __init__(
        self,
        cores: Any,
        memory: Any,
        gpus: Any,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class RestEndpointConfig(_Resource):
    relative_url: str | None
    query_params: list[hopsworks.core.rest_endpoint.QueryParams]
    pagination_config: hopsworks.core.rest_endpoint.JsonLinkPaginationConfig | hopsworks.core.rest_endpoint.HeaderLinkPaginationConfig | hopsworks.core.rest_endpoint.HeaderCursorPaginationConfig | hopsworks.core.rest_endpoint.OffsetPaginationConfig | hopsworks.core.rest_endpoint.PageNumberPaginationConfig | hopsworks.core.rest_endpoint.CursorPaginationConfig | hopsworks.core.rest_endpoint.SinglePagePaginationConfig | hopsworks.core.rest_endpoint.AutoPaginationConfig | None
    def __init__(
        self,
        relative_url: str | None = None,
        query_params: Any = None,
        pagination_config: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Secret(_Resource):
    name: str | None
    value: str | None
    created: str | None
    visibility: str | None
    scope: int | None
    owner: str | None
    def __init__(
        self,
        name: str | None = None,
        secret: str | None = None,
        added_on: str | None = None,
        visibility: str | None = None,
        scope: int | None = None,
        owner: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class ServingKey(_Resource):
    feature_name: str
    join_index: int
    feature_group: hsfs.feature_group.FeatureGroup | hsfs.feature_group.SpineGroup | hsfs.feature_group.ExternalFeatureGroup | None
    required: bool
    prefix: str
    join_on: Any
    ignore_prefix: bool
    def __init__(
        self,
        feature_name: str,
        join_index: int,
        feature_group: Any = None,
        required: bool | None = True,
        prefix: str | None = '',
        join_on: Any = None,
        ignore_prefix: bool | None = False,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class SinglePagePaginationConfig(_Resource):
    _extra_params: Any
    def __init__(
        self,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class SinkJobConfiguration(_Resource):
    name: str | None
    environment_name: str
    transform_script_path: str | None
    _write_mode: str
    batch_size: int
    sql_source_fetch_chunk_size: int
    source_read_workers: int
    data_processing_workers: int
    max_upload_batch_size_mb: int
    sql_table_num_partitions: int
    _loading_config: hopsworks.core.sink_job_configuration.LoadingConfig | None
    _column_mappings: list[hopsworks.core.sink_job_configuration.FeatureColumnMapping]
    _endpoint_config: hopsworks.core.rest_endpoint.RestEndpointConfig | None
    _schedule_config: hopsworks.job_schedule.JobSchedule | None
    _targets: list[hopsworks.core.sink_job_configuration.TableIngestionTarget] | None
    table_parallelism: int
    _featuregroup_id: int | None
    _featurestore_id: int | None
    _storage_connector_id: int | None
    def __init__(
        self,
        name: str | None = None,
        environment_name: str | None = 'dlthub-ingestion-pipeline',
        transform_script_path: str | None = None,
        write_mode: str | None = 'APPEND',
        batch_size: int | None = 100000,
        sql_source_fetch_chunk_size: int | None = 50000,
        source_read_workers: int | None = 1,
        data_processing_workers: int | None = 1,
        max_upload_batch_size_mb: int | None = 128,
        sql_table_num_partitions: int | None = 2,
        loading_config: Any = None,
        column_mappings: Any = None,
        endpoint_config: Any = None,
        schedule_config: Any = None,
        targets: Any = None,
        table_parallelism: int | None = 1,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class SlackConfig(_Resource):
    channel: str | None
    send_resolved: bool
    def __init__(
        self,
        channel: str | None = None,
        send_resolved: bool | None = False,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class SpineGroup(_Resource):
    query: str | None
    data_format: str | None
    options: Any
    name: str | None
    version: int | None
    description: str | None
    primary_key: list[str] | None
    featurestore_id: int | None
    featurestore_name: str | None
    created: str | None
    creator: dict[str, Any] | None
    id: int | None
    features: list[hsfs.feature.Feature]
    location: str | None
    statistics_config: StatisticsConfig | None
    event_time: str | None
    expectation_suite: Any
    online_enabled: bool
    href: str | None
    online_topic_name: str | None
    topic_name: str | None
    spine: bool
    dataframe: Any
    deprecated: bool
    online_config: OnlineConfig | None
    data_source: hsfs.core.data_source.DataSource | None
    online_disk: bool | None
    missing_mandatory_tags: list[Any]
    def __init__(
        self,
        query: str | None = None,
        data_format: str | None = None,
        options: Any = None,
        name: str | None = None,
        version: int | None = None,
        description: str | None = None,
        primary_key: list[str] | None = None,
        featurestore_id: int | None = None,
        featurestore_name: str | None = None,
        created: str | None = None,
        creator: dict[str, Any] | None = None,
        id: int | None = None,
        features: Any = None,
        location: str | None = None,
        statistics_config: Any = None,
        event_time: str | None = None,
        expectation_suite: Any = None,
        online_enabled: bool | None = True,
        href: str | None = None,
        online_topic_name: str | None = None,
        topic_name: str | None = None,
        spine: bool | None = True,
        dataframe: Any = None,
        deprecated: bool | None = False,
        online_config: Any = None,
        data_source: Any = None,
        online_disk: bool | None = None,
        missing_mandatory_tags: list[Any] | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class SplitStatistics(_Resource):
    name: str
    feature_descriptive_statistics: list[hsfs.core.feature_descriptive_statistics.FeatureDescriptiveStatistics]
    href: str | None
    def __init__(
        self,
        name: str,
        feature_descriptive_statistics: Any,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Statistics(_Resource):
    computation_time: int
    row_percentage: float
    feature_descriptive_statistics: list[hsfs.core.feature_descriptive_statistics.FeatureDescriptiveStatistics] | None
    feature_group_id: int | None
    window_start_commit_time: int | None
    window_end_commit_time: int | None
    window_start_event_time: int | None
    window_end_event_time: int | None
    event_time: str | None
    feature_view_name: str | None
    feature_view_version: int | None
    training_dataset_version: int | None
    split_statistics: list[SplitStatistics] | None
    before_transformation: bool
    href: str | None
    def __init__(
        self,
        computation_time: int,
        row_percentage: float | None = 1.0,
        feature_descriptive_statistics: Any = None,
        feature_group_id: int | None = None,
        window_start_commit_time: int | None = None,
        window_end_commit_time: int | None = None,
        window_start_event_time: int | None = None,
        window_end_event_time: int | None = None,
        event_time: str | None = None,
        feature_view_name: str | None = None,
        feature_view_version: int | None = None,
        training_dataset_version: int | None = None,
        split_statistics: Any = None,
        before_transformation: bool | None = False,
        href: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class StatisticsConfig(_Resource):
    enabled: bool
    correlations: bool
    histograms: bool
    exact_uniqueness: bool
    columns: list[str]
    kll: bool
    histogram_bins: int | None
    def __init__(
        self,
        enabled: bool | None = True,
        correlations: bool | None = False,
        histograms: bool | None = False,
        exact_uniqueness: bool | None = False,
        columns: list[str] | None = None,
        kll: bool | None = False,
        histogram_bins: int | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TableIngestionTarget(_Resource):
    _feature_group_id: int | None
    _enabled: bool
    _loading_config: hopsworks.core.sink_job_configuration.LoadingConfig | None
    _column_mappings: list[hopsworks.core.sink_job_configuration.FeatureColumnMapping] | None
    _transform_script_path: str | None
    _write_mode: str | None
    _batch_size: int | None
    _sql_source_fetch_chunk_size: int | None
    _source_read_workers: int | None
    _data_processing_workers: int | None
    _max_upload_batch_size_mb: int | None
    _sql_table_num_partitions: int | None
    _resource_config: Any
    _endpoint_config: hopsworks.core.rest_endpoint.RestEndpointConfig | None
    def __init__(
        self,
        feature_group_id: int | None = None,
        enabled: bool | None = True,
        loading_config: Any = None,
        column_mappings: Any = None,
        transform_script_path: str | None = None,
        write_mode: str | None = None,
        batch_size: int | None = None,
        sql_source_fetch_chunk_size: int | None = None,
        source_read_workers: int | None = None,
        data_processing_workers: int | None = None,
        max_upload_batch_size_mb: int | None = None,
        sql_table_num_partitions: int | None = None,
        resource_config: Any = None,
        endpoint_config: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Tag(_Resource):
    name: str
    value: Any
    created_on: Any
    _schema: Any
    _href: Any
    _type: Any
    def __init__(
        self,
        name: str,
        value: Any,
        created_on: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TrainingDataset(_Resource):
    name: str
    version: int
    data_format: str
    featurestore_id: int
    location: str
    event_start_time: Any
    event_end_time: Any
    coalesce: bool
    description: str | None
    splits: list[hsfs.training_dataset_split.TrainingDatasetSplit]
    validation_size: Any
    test_size: Any
    train_start: Any
    train_end: Any
    validation_start: Any
    validation_end: Any
    test_start: Any
    test_end: Any
    seed: int | None
    created: Any
    creator: Any
    features: list[hsfs.training_dataset_feature.TrainingDatasetFeature] | None
    statistics_config: StatisticsConfig | None
    featurestore_name: str | None
    id: int | None
    inode_id: int | None
    training_dataset_type: str | None
    from_query: Any
    querydto: Any
    label: Any
    train_split: str | None
    time_split_size: int | None
    extra_filter: hsfs.constructor.filter.Logic | None
    data_source: hsfs.core.data_source.DataSource | None
    missing_mandatory_tags: Any
    tags: Any
    lookback: Any
    spine_anchored: bool
    def __init__(
        self,
        name: str,
        version: int,
        data_format: str,
        featurestore_id: int,
        location: str | None = '',
        event_start_time: Any = None,
        event_end_time: Any = None,
        coalesce: bool | None = False,
        description: str | None = None,
        splits: Any = None,
        validation_size: Any = None,
        test_size: Any = None,
        train_start: Any = None,
        train_end: Any = None,
        validation_start: Any = None,
        validation_end: Any = None,
        test_start: Any = None,
        test_end: Any = None,
        seed: int | None = None,
        created: Any = None,
        creator: Any = None,
        features: Any = None,
        statistics_config: Any = None,
        featurestore_name: str | None = None,
        id: int | None = None,
        inode_id: int | None = None,
        training_dataset_type: str | None = None,
        from_query: Any = None,
        querydto: Any = None,
        label: Any = None,
        train_split: str | None = None,
        time_split_size: int | None = None,
        extra_filter: Any = None,
        data_source: Any = None,
        missing_mandatory_tags: Any = None,
        tags: Any = None,
        lookback: Any = None,
        spine_anchored: bool | None = False,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TrainingDatasetFeature(_Resource):
    name: str
    type: str | None
    index: int | None
    featuregroup: hsfs.feature_group.FeatureGroup | None
    feature_group_feature_name: str | None
    label: bool
    inference_helper_column: bool
    training_helper_column: bool
    transformation_function: Any
    def __init__(
        self,
        name: str,
        type: str | None = None,
        index: int | None = None,
        featuregroup: Any = None,
        feature_group_feature_name: str | None = None,
        label: bool | None = False,
        inference_helper_column: bool | None = False,
        training_helper_column: bool | None = False,
        transformation_function: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TrainingDatasetSplit(_Resource):
    name: str
    split_type: str
    percentage: float | None
    start_time: Any
    end_time: Any
    def __init__(
        self,
        name: str,
        split_type: str,
        percentage: float | None = None,
        start_time: Any = None,
        end_time: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class Transformer(_Resource):
    script_file: str | None
    resources: hsml.resources.TransformerResources | None
    scaling_configuration: Any
    env_vars: Any
    environment: Any
    inference_batcher: Any
    _instances_by_default: bool | None
    def __init__(
        self,
        script_file: str | None = None,
        resources: Any = None,
        scaling_configuration: Any = None,
        env_vars: Any = None,
        environment: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TransformerResources(_Resource):
    num_instances: int | None
    requests: hsml.resources.Resources | None
    limits: hsml.resources.Resources | None
    def __init__(
        self,
        num_instances: int | None = None,
        requests: Any = None,
        limits: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TransformerScalingConfig(_Resource):
    _min_instances: int | None
    max_instances: int | None
    scale_metric: Any
    target: Any
    panic_window_percentage: Any
    panic_threshold_percentage: Any
    stable_window_seconds: Any
    scale_to_zero_retention_seconds: Any
    log_persistence: Any
    autoscaler: Any
    scale_down_stabilization_window_seconds: Any
    scale_up_stabilization_window_seconds: Any
    additional_scale_metrics: Any
    _idle_scale_to_zero: Any
    idle_cooldown_seconds: Any
    cold_start_timeout_seconds: Any
    def __init__(
        self,
        max_instances: int | None = None,
        scale_metric: Any = None,
        target: Any = None,
        panic_window_percentage: Any = None,
        panic_threshold_percentage: Any = None,
        stable_window_seconds: Any = None,
        scale_to_zero_retention_seconds: Any = None,
        log_persistence: Any = None,
        autoscaler: Any = None,
        scale_down_stabilization_window_seconds: Any = None,
        scale_up_stabilization_window_seconds: Any = None,
        additional_scale_metrics: Any = None,
        idle_cooldown_seconds: Any = None,
        cold_start_timeout_seconds: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class TriggeredAlert(_Resource):
    labels: Any
    annotations: Any
    receivers: Any
    status: AlertStatus | None
    fingerprint: str | None
    starts_at: str | None
    ends_at: str | None
    updated_at: str | None
    generatorurl: str | None
    def __init__(
        self,
        labels: Any = None,
        annotations: Any = None,
        receivers: Any = None,
        status: Any = None,
        fingerprint: str | None = None,
        starts_at: str | None = None,
        ends_at: str | None = None,
        updated_at: str | None = None,
        generatorurl: str | None = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class User(_Resource):
    email: str | None
    first_name: str | None
    last_name: str | None
    href: str | None
    username: str | None
    status: Any
    secret: str | None
    chosen_password: str | None
    repeated_password: str | None
    tos: bool | None
    two_factor: bool | None
    user_account_type: str | None
    tours_state: Any
    max_num_projects: int | None
    test_user: bool | None
    num_active_projects: int | None
    num_remaining_projects: int | None
    roles: Any
    def __init__(
        self,
        email: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        href: str | None = None,
        username: str | None = None,
        status: Any = None,
        secret: str | None = None,
        chosen_password: str | None = None,
        repeated_password: str | None = None,
        tos: bool | None = None,
        two_factor: bool | None = None,
        user_account_type: str | None = None,
        tours_state: Any = None,
        max_num_projects: int | None = None,
        test_user: bool | None = None,
        num_active_projects: int | None = None,
        num_remaining_projects: int | None = None,
        roles: Any = None,
        **kwargs: Any,
    ) -> None: ...

@disjoint_base
class WebhookConfig(_Resource):
    url: str | None
    send_resolved: bool
    def __init__(
        self,
        url: str | None = None,
        send_resolved: bool | None = False,
        **kwargs: Any,
    ) -> None: ...
