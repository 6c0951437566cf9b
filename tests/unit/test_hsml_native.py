"""The attributes of models and deployments are native; what Python adds has no storage of its own."""

import inspect
import time

import pytest

from hopsworks import _native
from hopsworks.core.polling import attempts
from hopsworks.kafka_topic import KafkaTopic
from hopsworks.tag import Tag
from hsml.deployment_version import DeploymentVersion
from hsml.inference_batcher import InferenceBatcher
from hsml.inference_endpoint import InferenceEndpoint
from hsml.inference_logger import InferenceLogger
from hsml.model import Model
from hsml.predictor import Predictor
from hsml.predictor_state import PredictorState
from hsml.resources import ComponentResources, PredictorResources, Resources
from hsml.scaling_config import ComponentScalingConfig, PredictorScalingConfig
from hsml.sklearn.model import Model as SklearnModel
from hsml.transformer import Transformer

# Attributes with behaviour: read from the registry, kept in step with another one, or told from a hidden one.
WITH_BEHAVIOUR = {
    Predictor: {"missing_mandatory_tags"},
    PredictorScalingConfig: {"min_instances", "idle_scale_to_zero"},
    DeploymentVersion: {"predictor_environment", "transformer_environment"},
}
LEAVES = [
    Model, SklearnModel, Predictor, Transformer, PredictorState, PredictorResources, PredictorScalingConfig, Resources,
    InferenceBatcher, InferenceLogger, InferenceEndpoint, KafkaTopic, Tag, DeploymentVersion,
]  # fmt: skip


@pytest.mark.parametrize("cls", LEAVES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_fields_are_native_descriptors(cls):
    native = getattr(_native, "Model" if issubclass(cls, Model) else cls.__name__)
    base = next(b for b in cls.__mro__ if b.__module__ == native.__module__ and "_scope" in vars(b))
    fields = [
        name
        for name, value in vars(base).items()
        if inspect.isdatadescriptor(value) and name[0] != "_"
    ]
    assert fields
    for name in set(fields) - WITH_BEHAVIOUR.get(cls, set()):
        assert inspect.getattr_static(cls, name) is vars(base)[name], name


@pytest.mark.parametrize("cls", LEAVES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_instances_have_no_dict(cls):
    assert not cls.__dictoffset__


def test_abstract_classes_cannot_be_made():
    assert inspect.isabstract(ComponentResources)
    assert inspect.isabstract(ComponentScalingConfig)
    for cls in (ComponentResources, ComponentScalingConfig):
        with pytest.raises(TypeError, match="abstract"):
            cls(min_instances=1)


def test_scaling_settings_that_say_the_same_stay_in_step():
    scaling = PredictorScalingConfig(min_instances=2)
    scaling.idle_scale_to_zero = True
    assert scaling.min_instances == 0
    scaling.min_instances = 3
    assert scaling.idle_scale_to_zero is None
    assert PredictorScalingConfig(min_instances=2, idle_scale_to_zero=True).min_instances == 0


def test_a_scale_metric_may_be_set_as_text():
    scaling = PredictorScalingConfig(min_instances=1)
    scaling.scale_metric = "rps"
    assert scaling.to_dict()["predictorScalingConfig"]["scaleMetric"] == "RPS"


def test_descriptions_are_json_with_snake_case_keys(capsys):
    import json

    InferenceBatcher(True, 4).describe()
    assert json.loads(capsys.readouterr().out) == {
        "batching_configuration": {"batching_enabled": True, "max_batch_size": 4}
    }


def test_attempts_begin_at_once_grow_and_end_at_the_deadline():
    begin = time.monotonic()
    times = []
    for _ in attempts(0.5):
        times.append(time.monotonic() - begin)
    assert times[0] < 0.05
    assert 4 <= len(times) <= 8
    assert 0.45 < times[-1] < 0.7
    assert len(list(attempts(0))) == 1


def test_signatures_and_help_are_readable():
    assert list(inspect.signature(Model).parameters)[:3] == ["id", "name", "version"]
    assert list(inspect.signature(Resources).parameters)[:3] == ["cores", "memory", "gpus"]
    for cls in LEAVES:
        assert cls.__doc__
