"""Programs catch the public exceptions and warnings by their class: what they derive from and what they carry."""

from __future__ import annotations

import copy
import pickle

import pytest

import hsfs.util
from hopsworks import _native, constants
from hopsworks.client import exceptions
from hopsworks.job import Job
from hsfs.training_dataset_feature import TrainingDatasetFeature

PLAIN = [
    "DataSourceException",
    "DataValidationException",
    "EnvironmentException",
    "FeatureStoreException",
    "GitException",
    "JobException",
    "JobExecutionException",
    "KafkaException",
    "OpenSearchException",
    "ProjectException",
    "TrinoException",
]


@pytest.mark.parametrize(
    "name", [pytest.param(name, id=f"hopsworks.client.exceptions.{name}") for name in PLAIN]
)
def test_an_exception_says_what_it_was_given(name: str) -> None:
    cls = getattr(exceptions, name)
    with pytest.raises(cls, match="the reason") as caught:
        raise cls("the reason")
    assert isinstance(caught.value, Exception)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is cls
    assert str(again) == "the reason"


def test_special_cases_are_caught_as_the_general_one() -> None:
    for name in ("DataSourceException", "DataValidationException"):
        assert issubclass(getattr(exceptions, name), exceptions.FeatureStoreException)
    for name in ("FeatureGroupWarning", "StatisticsWarning", "StorageWarning", "ValidationWarning"):
        assert issubclass(getattr(hsfs.util, name), Warning)


def test_a_failed_search_tells_reason_and_details() -> None:
    cls = exceptions.VectorDatabaseException
    error = cls(cls.REQUESTED_K_TOO_LARGE, "k is too large", {cls.REQUESTED_K_TOO_LARGE_INFO_K: 10})
    assert error.reason == "REQUESTED_K_TOO_LARGE"
    assert error.info == {"k": 10}
    assert str(error) == "k is too large"


def test_the_default_of_the_server_is_not_none() -> None:
    assert isinstance(constants.DEFAULT, constants.Default)
    assert constants.DEFAULT is not None
    assert repr(constants.DEFAULT) == "DEFAULT"
    assert repr(copy.copy(constants.DEFAULT)) == "DEFAULT"


def test_a_job_without_a_run_has_no_state() -> None:
    class Silent:
        """A scope whose server knows no run of any job."""

        def call(self, *names: object, **parameters: object) -> list:
            return []

    job = Job.from_response_json(
        {"id": 3, "name": "etl", "creationTime": "2025-01-02T03:04:05.000Z", "jobType": "PYTHON"}
    )
    job._scope = Silent()
    with pytest.raises(exceptions.JobException, match="etl"):
        job.get_state()
    with pytest.raises(exceptions.JobException, match="etl"):
        job.get_final_state()


def test_an_on_demand_function_is_kept_with_its_feature() -> None:
    feature = TrainingDatasetFeature.from_response_json(
        {"name": "age", "type": "int", "transformationFunction": {"id": 4}}
    )
    assert feature.on_demand_transformation_function == {"id": 4}
    assert isinstance(feature, _native.TrainingDatasetFeature)
