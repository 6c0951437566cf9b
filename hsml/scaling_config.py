"""How the instances of a deployment scale."""

from __future__ import annotations

import warnings
from abc import ABC
from enum import Enum

from hopsworks import _native
from hopsworks.constants import PREDICTOR, SCALING_CONFIG, Default
from hopsworks.core.serving_resource import ServingResource, declared
from hopsworks.wire_names import snake_case_keys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


def _print_word(word):
    return word.value


class ScaleMetric(Enum):
    """Metric that decides the number of instances.

    ``CONCURRENCY`` and ``RPS`` count requests; ``CPU`` and ``MEMORY`` are use in percent; the others are measured by
    the vLLM server of LLM deployments and need the autoscaler KEDA.
    """

    CONCURRENCY = "CONCURRENCY"
    RPS = "RPS"
    CPU = "CPU"
    MEMORY = "MEMORY"
    QUEUE_DEPTH = "QUEUE_DEPTH"
    KV_CACHE_USAGE = "KV_CACHE_USAGE"
    RUNNING_REQUESTS = "RUNNING_REQUESTS"
    QUEUE_TIME = "QUEUE_TIME"
    TIME_TO_FIRST_TOKEN = "TIME_TO_FIRST_TOKEN"
    REQUEST_LATENCY = "REQUEST_LATENCY"

    __str__ = _print_word


class Autoscaler(Enum):
    """What scales a deployment in standard mode: KServe's own (``HPA``) or ``KEDA``."""

    HPA = "HPA"
    KEDA = "KEDA"

    __str__ = _print_word


class LogPersistence(Enum):
    """Whether instances store their logs in the project when they stop."""

    NONE = "NONE"
    ALL_REPLICAS = "ALL_REPLICAS"

    __str__ = _print_word


def _word(cls, value, argument):
    if value is None or isinstance(value, (cls, Default)):
        return None if isinstance(value, Default) else value
    if isinstance(value, str) and value.upper() in cls.__members__:
        return cls[value.upper()]
    raise ValueError(f"{argument} is {value!r}. Use one of {', '.join(cls.__members__)}.")


def _known_word(cls, value: Any, what: Any):
    """The word that a server sent; one that this version does not know is left out, with a warning."""
    if value is None or isinstance(value, cls):
        return value
    if value in cls.__members__:
        return cls[value]
    warnings.warn(
        f"The server sent the unknown {what} '{value}', which is left out. A newer version of hopsworks may know it.",
        stacklevel=2,
    )
    return None


def _further_metrics(items):
    if items is None:
        return None
    found = []
    for item in items:
        if isinstance(item, dict):
            metric, target = item.get("scale_metric", item.get("scaleMetric")), item.get("target")
        elif isinstance(item, (tuple, list)) and len(item) == 2:
            metric, target = item
        else:
            metric, target = item, None
        if metric is None:
            raise ValueError(
                f"The additional scale metric {item!r} names no metric. Give it a 'scale_metric'."
            )
        found.append({"scale_metric": _word(ScaleMetric, metric, "scale_metric"), "target": target})
    return found


_PLAIN = (
    "max_instances",
    "target",
    "panic_window_percentage",
    "panic_threshold_percentage",
    "stable_window_seconds",
    "scale_to_zero_retention_seconds",
    "scale_down_stabilization_window_seconds",
    "scale_up_stabilization_window_seconds",
    "idle_cooldown_seconds",
    "cold_start_timeout_seconds",
)


class ComponentScalingConfig(ServingResource, ABC):
    """How the instances of a predictor or transformer scale.

    Parameters:
        min_instances (int): Smallest number of instances; 0 scales to zero when no requests come.
        max_instances (int | None): Largest number of instances.
        scale_metric (ScaleMetric | str | None): Metric that decides.
        target (int | None): Value of the metric that the autoscaler tries to hold.
        panic_window_percentage (float | None): Share of the stable window used under sudden load, in percent.
        panic_threshold_percentage (float | None): Share of the target that starts the panic window, in percent.
        stable_window_seconds (int | None): Seconds over which the metric is averaged.
        scale_to_zero_retention_seconds (int | None): Seconds that the last instance is kept without requests.
        log_persistence (LogPersistence | str | None): Whether instances store their logs when they stop.
        autoscaler (Autoscaler | str | None): ``HPA`` or ``KEDA``; None leaves it to the server.
        scale_down_stabilization_window_seconds (int | None): Seconds below the target before instances are removed.
        scale_up_stabilization_window_seconds (int | None): Seconds above the target before instances are added.
        additional_scale_metrics (list | None): Further metrics: dicts with ``scale_metric`` and ``target``, pairs, or
            metrics alone.
        idle_scale_to_zero (bool | None): True is the same as ``min_instances=0``.
        idle_cooldown_seconds (int | None): Seconds without a request before the last instance is removed.
        cold_start_timeout_seconds (int | None): Seconds that a request is held while the deployment wakes.

    Raises:
        ValueError: If a metric, an autoscaler or a log setting is unknown.
    """

    __slots__ = ()

    SCALING_CONFIG_KEY = ""

    _min_instances = declared("Smallest number of instances.")
    _idle_scale_to_zero = declared("Whether the last instance is removed when no requests come.")
    max_instances = declared("Largest number of instances.")
    scale_metric = declared("Metric that decides the number of instances.")
    target = declared("Value of the metric that the autoscaler tries to hold.")
    panic_window_percentage = declared(
        "Share of the stable window used under sudden load, in percent."
    )
    panic_threshold_percentage = declared(
        "Share of the target that starts the panic window, in percent."
    )
    stable_window_seconds = declared("Seconds over which the metric is averaged.")
    scale_to_zero_retention_seconds = declared(
        "Seconds that the last instance is kept without requests."
    )
    log_persistence = declared("Whether instances store their logs when they stop.")
    autoscaler = declared("What scales the deployment; None leaves it to the server.")
    scale_down_stabilization_window_seconds = declared(
        "Seconds below the target before instances are removed."
    )
    scale_up_stabilization_window_seconds = declared(
        "Seconds above the target before instances are added."
    )
    additional_scale_metrics = declared(
        "Further metrics: dicts with ``scale_metric`` and ``target``."
    )
    idle_cooldown_seconds = declared(
        "Seconds without a request before the last instance is removed."
    )
    cold_start_timeout_seconds = declared(
        "Seconds that a request is held while the deployment wakes."
    )

    def __init__(
        self,
        min_instances: int,
        max_instances: int | None = None,
        scale_metric: ScaleMetric | str | None = None,
        target: int | None = None,
        panic_window_percentage: float | None = None,
        panic_threshold_percentage: float | None = None,
        stable_window_seconds: int | None = None,
        scale_to_zero_retention_seconds: int | None = None,
        log_persistence: LogPersistence | str | None = None,
        autoscaler: Autoscaler | str | None = None,
        scale_down_stabilization_window_seconds: int | None = None,
        scale_up_stabilization_window_seconds: int | None = None,
        additional_scale_metrics: list[Any] | None = None,
        idle_scale_to_zero: bool | None = None,
        idle_cooldown_seconds: int | None = None,
        cold_start_timeout_seconds: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.max_instances = max_instances
        self.scale_metric = _word(ScaleMetric, scale_metric, "scale_metric")
        self.target = target
        self.panic_window_percentage = panic_window_percentage
        self.panic_threshold_percentage = panic_threshold_percentage
        self.stable_window_seconds = stable_window_seconds
        self.scale_to_zero_retention_seconds = scale_to_zero_retention_seconds
        self.log_persistence = _word(LogPersistence, log_persistence, "log_persistence")
        self.autoscaler = _word(Autoscaler, autoscaler, "autoscaler")
        self.scale_down_stabilization_window_seconds = scale_down_stabilization_window_seconds
        self.scale_up_stabilization_window_seconds = scale_up_stabilization_window_seconds
        self.additional_scale_metrics = _further_metrics(additional_scale_metrics)
        self.idle_cooldown_seconds = idle_cooldown_seconds
        self.cold_start_timeout_seconds = cold_start_timeout_seconds
        self._min_instances = min_instances
        self.idle_scale_to_zero = idle_scale_to_zero

    # The two say the same thing in two ways, so setting one of them keeps the other in step.

    @property
    def min_instances(self) -> int:
        """Smallest number of instances."""
        return self._min_instances

    @min_instances.setter
    def min_instances(self, min_instances: int) -> None:
        self._min_instances = min_instances
        if min_instances and self._idle_scale_to_zero is True:
            self._idle_scale_to_zero = None

    @property
    def idle_scale_to_zero(self) -> bool | None:
        """Whether the last instance is removed when no requests come; the same as ``min_instances=0``."""
        return self._idle_scale_to_zero

    @idle_scale_to_zero.setter
    def idle_scale_to_zero(self, enabled: bool | None) -> None:
        self._idle_scale_to_zero = enabled
        if enabled is True:
            self._min_instances = 0

    @staticmethod
    def get_default_scaling_configuration(
        serving_tool: str,
        min_instances: int | None,
        component_type: str = "predictor",
        effective_knative_mode: bool = True,
        enforce_scale_to_zero: bool = True,
    ) -> PredictorScalingConfig | TransformerScalingConfig:
        """The scaling configuration that a component gets when none is given.

        Parameters:
            serving_tool (str): ``"KSERVE"`` or ``"DEFAULT"``.
            min_instances (int | None): Smallest number of instances; None takes the default of the cluster.
            component_type (str): ``"predictor"`` or ``"transformer"``.
            effective_knative_mode (bool): Whether the deployment runs in Knative mode.
            enforce_scale_to_zero (bool): Whether a cluster that demands scaling to zero is obeyed here.

        Returns:
            PredictorScalingConfig | TransformerScalingConfig: The configuration.

        Raises:
            ValueError: If the number of instances does not fit the serving tool or the cluster.
        """
        from hsml.core.serving_defaults import default_serving

        return default_scaling(
            default_serving,
            serving_tool,
            min_instances,
            component_type,
            effective_knative_mode,
            enforce_scale_to_zero,
        )

    @classmethod
    def from_json(cls, json_decamelized: dict[str, Any]) -> Any:
        """Make a configuration from a dict.

        Parameters:
            json_decamelized (dict): The settings, or a whole deployment.

        Returns:
            The configuration.

        Raises:
            ValueError: If ``min_instances`` is missing.
        """
        given = snake_case_keys(json_decamelized)
        given = given.get(cls.SCALING_CONFIG_KEY) or given.get("scaling_configuration") or given
        if given.get("min_instances") is None:
            raise ValueError(
                f"The scaling configuration has no 'min_instances'; found {', '.join(sorted(given)) or 'nothing'}."
            )
        config = cls(
            min_instances=given["min_instances"],
            log_persistence=given.get("log_persistence"),
            **{name: given.get(name) for name in _PLAIN},
        )
        config.scale_metric = given.get("scale_metric")
        config.autoscaler = given.get("autoscaler")
        config.additional_scale_metrics = given.get("additional_scale_metrics")
        config._idle_scale_to_zero = given.get("idle_scale_to_zero")
        return config._settle()

    @classmethod
    def from_response_json(cls, json_dict: dict[str, Any], scope: Any = None) -> Any:
        """Make a configuration from a response.

        Parameters:
            json_dict (dict): A deployment, or its scaling configuration alone.
            scope: Not used; configurations make no requests.

        Returns:
            The configuration.
        """
        return cls.from_json(json_dict)

    @classmethod
    def extract_fields_from_json(cls, json_decamelized: dict[str, Any]) -> dict[str, Any]:
        """The arguments that :meth:`from_json` would build the configuration with.

        Parameters:
            json_decamelized (dict): The settings, or a whole deployment.

        Returns:
            dict: Value by argument name.
        """
        config = cls.from_json(json_decamelized)
        names = ("min_instances", *_PLAIN, "scale_metric", "log_persistence", "autoscaler")
        return {
            name: getattr(config, name)
            for name in (*names, "additional_scale_metrics", "idle_scale_to_zero")
        }

    def _after_decode(self):
        self._settle()

    def _settle(self):
        """Turn the words that a server sent into the members of their enumerations."""
        self.scale_metric = _known_word(ScaleMetric, self.scale_metric, "scale metric")
        self.autoscaler = _known_word(Autoscaler, self.autoscaler, "autoscaler")
        self.log_persistence = _word(LogPersistence, self.log_persistence, "log_persistence")
        found = []
        for item in self.additional_scale_metrics or ():
            metric = _known_word(
                ScaleMetric, item.get("scale_metric", item.get("scaleMetric")), "scale metric"
            )
            if metric is not None:
                found.append({"scale_metric": metric, "target": item.get("target")})
        self.additional_scale_metrics = found or None
        return self

    def to_json(self) -> dict[str, Any]:
        """The settings that are set, with snake-case keys.

        Returns:
            dict: Value by name.
        """
        return snake_case_keys(self._wire())

    def to_dict(self) -> dict[str, Any]:
        """The configuration as a deployment carries it.

        Returns:
            dict: One key, ``predictorScalingConfig`` or ``transformerScalingConfig``.
        """
        return {_WIRE_KEYS[self.SCALING_CONFIG_KEY]: self._wire()}

    def _wire(self):
        wire = super().to_dict()
        for key, cls, value in (
            ("scaleMetric", ScaleMetric, self.scale_metric),
            ("logPersistence", LogPersistence, self.log_persistence),
            ("autoscaler", Autoscaler, self.autoscaler),
        ):
            word = _word(cls, value, key)
            if word is not None:
                wire[key] = word.value
        if self.additional_scale_metrics:
            wire["additionalScaleMetrics"] = [
                {"scaleMetric": item["scale_metric"].value, "target": item["target"]}
                for item in _further_metrics(self.additional_scale_metrics)
            ]
        return wire


_WIRE_KEYS = {
    "predictor_scaling_config": "predictorScalingConfig",
    "transformer_scaling_config": "transformerScalingConfig",
}


class PredictorScalingConfig(ComponentScalingConfig, _native.PredictorScalingConfig):
    """How the instances of a predictor scale; :class:`ComponentScalingConfig` describes the parameters.

    Raises:
        ValueError: If ``min_instances`` is missing, or a word is unknown.

    Example:
        ```python
        from hsml.scaling_config import PredictorScalingConfig

        scaling = PredictorScalingConfig(min_instances=1, max_instances=4, scale_metric="CPU", target=80)
        model.deploy(script_file="predict.py", scaling_configuration=scaling)
        ```
    """

    __slots__ = ()

    SCALING_CONFIG_KEY = "predictor_scaling_config"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_with_min_instances(kwargs, "PredictorScalingConfig"))


class TransformerScalingConfig(ComponentScalingConfig, _native.TransformerScalingConfig):
    """How the instances of a transformer scale; :class:`ComponentScalingConfig` describes the parameters.

    Raises:
        ValueError: If ``min_instances`` is missing, or a word is unknown.
    """

    __slots__ = ()

    SCALING_CONFIG_KEY = "transformer_scaling_config"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_with_min_instances(kwargs, "TransformerScalingConfig"))


def _with_min_instances(kwargs, what):
    if kwargs.get("min_instances") is None:
        raise ValueError(f"{what} needs min_instances: the smallest number of instances.")
    return kwargs


def default_scaling(
    serving: Any,
    serving_tool: str,
    min_instances: int | None,
    component_type: str = "predictor",
    knative_mode: bool = True,
    enforce_scale_to_zero: bool = True,
) -> PredictorScalingConfig | TransformerScalingConfig:
    """The scaling configuration of a component for which none is given.

    Parameters:
        serving: Called without arguments for the settings of the cluster, only when they matter.
        serving_tool (str): ``"KSERVE"`` or ``"DEFAULT"``.
        min_instances (int | None): Smallest number of instances; None takes the default of the cluster.
        component_type (str): ``"predictor"`` or ``"transformer"``.
        knative_mode (bool): Whether the deployment runs in Knative mode.
        enforce_scale_to_zero (bool): Whether a cluster that demands scaling to zero is obeyed here.

    Returns:
        PredictorScalingConfig | TransformerScalingConfig: The configuration.

    Raises:
        ValueError: If the number of instances does not fit the serving tool or the cluster.
    """
    is_kserve = serving_tool == PREDICTOR.SERVING_TOOL_KSERVE
    knative = is_kserve and knative_mode
    must_reach_zero = knative and serving().must_scale_to_zero
    if min_instances is None:
        min_instances = 0 if must_reach_zero else SCALING_CONFIG.MIN_NUM_INSTANCES
    if must_reach_zero and enforce_scale_to_zero and min_instances != 0:
        raise ValueError(
            f"This cluster demands that KServe deployments scale to zero; min_instances is {min_instances}. Set it to 0."
        )
    if not is_kserve and min_instances == 0:
        raise ValueError(
            "Only KServe deployments scale to zero; min_instances is 0. Set it to 1 or more."
        )
    settings: dict[str, Any] = {"min_instances": min_instances}
    if knative:
        settings.update(
            scale_metric=SCALING_CONFIG.SCALE_METRIC_CONCURRENCY,
            target=SCALING_CONFIG.DEFAULT_CONCURRENCY_TARGET,
            panic_threshold_percentage=SCALING_CONFIG.DEFAULT_PANIC_THRESHOLD_PERCENTAGE,
            panic_window_percentage=SCALING_CONFIG.DEFAULT_PANIC_WINDOW_PERCENTAGE,
            stable_window_seconds=SCALING_CONFIG.DEFAULT_STABLE_WINDOW_SECONDS,
            scale_to_zero_retention_seconds=SCALING_CONFIG.DEFAULT_SCALE_TO_ZERO_RETENTION_SECONDS,
        )
    cls = PredictorScalingConfig if component_type == "predictor" else TransformerScalingConfig
    return cls(**settings)
