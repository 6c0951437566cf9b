"""Jobs, executions, schedules and configurations as objects, without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

import hsfs.core.execution
import hsfs.core.job
import hsfs.core.job_api
import hsfs.core.job_configuration
import hsfs.core.job_schedule
from hopsworks.client.exceptions import JobException, JobExecutionException
from hopsworks.core import ExecutionPodLog
from hopsworks.core.job_api import JobApi, JobsApi, complete_configuration
from hopsworks.core.job_configuration import JobConfiguration
from hopsworks.execution import Execution
from hopsworks.job import Job
from hopsworks.job_schedule import JobSchedule

JOB = {
    "id": 7,
    "name": "train",
    "creationTime": "2026-01-02T03:04:05.000Z",
    "config": {"type": "pythonJobConfiguration", "appPath": "hdfs:///Projects/p/a.py"},
    "jobType": "PYTHON",
    "creator": {"href": "x"},
    "jobSchedule": {
        "id": 3,
        "startDateTime": 1000,
        "enabled": True,
        "cronExpression": "0 0 2 ? * *",
    },
}


def job(**changes: Any) -> Any:
    return Job.from_response_json(JOB | changes)


def test_the_classes_are_the_same_in_hsfs() -> None:
    assert hsfs.core.job.Job is Job
    assert hsfs.core.execution.Execution is Execution
    assert hsfs.core.job_schedule.JobSchedule is JobSchedule
    assert hsfs.core.job_api.JobApi is JobApi is JobsApi
    assert hsfs.core.job_configuration.JobConfiguration is JobConfiguration


def test_a_job_of_a_response() -> None:
    found = job()
    assert (found.id, found.name, found.job_type) == (7, "train", "PYTHON")
    assert found.config["type"] == "pythonJobConfiguration"
    assert found.job_schedule.start_date_time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert [one.name for one in Job.from_response_json({"count": 1, "items": [JOB]})] == ["train"]
    assert Job.from_response_json({"count": 0}) == []


def test_the_description_of_a_job_also_stands_in_its_configuration() -> None:
    found = job(config={"description": "older servers"})
    assert found.description == "older servers"
    found.description = "new"
    assert (found.description, found.config["description"]) == ("new", "new")
    assert job(description="own").description == "own"


@pytest.mark.parametrize(
    ("kind", "state", "final_status", "success"),
    [
        ("PYTHON", "RUNNING", "UNDEFINED", None),
        ("PYTHON", "FINISHED", "UNDEFINED", True),
        ("PYTHON", "KILLED", "KILLED", False),
        ("PYTHON", "INITIALIZATION_FAILED", "UNDEFINED", False),
        ("PYSPARK", "FINISHED", "FAILED", False),
        ("SPARK", "FINISHED", "UNDEFINED", None),
        ("SPARK", "FINISHED", "SUCCEEDED", True),
    ],
)
def test_success_of_an_execution(
    kind: str, state: str, final_status: str, success: bool | None
) -> None:
    wire = {"id": 1, "state": state, "finalStatus": final_status}
    execution = Execution.from_response_json(wire, job(jobType=kind))
    assert execution.success is success
    assert (execution.job_name, execution.job_type, execution.rerun_count) == ("train", kind, 0)


def test_an_update_keeps_the_job_of_an_execution() -> None:
    owner = job()
    execution = Execution.from_response_json({"id": 1, "state": "RUNNING", "rerunCount": 2}, owner)
    execution.update_from_response_json({"id": 1, "state": "FINISHED"})
    assert (execution.state, execution.job_name) == ("FINISHED", "train")
    many = Execution.from_response_json({"count": 1, "items": [{"id": 5}]}, owner)
    assert [(one.id, one.job_name) for one in many] == [(5, "train")]
    assert Execution.from_response_json({"count": 0}, owner) == []


def test_an_execution_without_its_job_says_so() -> None:
    with pytest.raises(JobExecutionException, match="get_executions"):
        Execution(id=4).stop()


def test_schedules_keep_instants() -> None:
    east = timezone(timedelta(hours=2))
    schedule = JobSchedule(
        datetime(2026, 1, 1),
        True,
        "0 0 2 ? * *",
        end_date_time=datetime(2026, 1, 2, 2, tzinfo=east),
    )
    assert schedule.to_dict() == {
        "id": None,
        "startDateTime": 1767225600000,
        "endDateTime": 1767312000000,
        "cronExpression": "0 0 2 ? * *",
        "enabled": True,
        "catchup": False,
        "maxActiveRuns": 1,
        "startTimeOffsetSeconds": None,
        "endTimeOffsetSeconds": None,
        "skipToDate": None,
        "maxCatchupRuns": None,
    }
    again = JobSchedule.from_response_json(schedule.to_dict() | {"nextExecutionDateTime": 2000})
    assert again.start_date_time == datetime(2026, 1, 1, tzinfo=UTC)
    assert again.next_execution_date_time == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_a_schedule_takes_dates_and_milliseconds_too() -> None:
    schedule = JobSchedule(date(2026, 1, 1), True, "0 0 2 ? * *", skip_to_date=1767312000000)
    assert schedule.start_date_time == datetime(2026, 1, 1, tzinfo=UTC)
    assert schedule.skip_to_date == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["tomorrow", "2026-01-01", 1.5, True])
def test_times_that_are_none_are_refused_with_those_that_are(wrong: Any) -> None:
    train = job()  # on no connection: nothing can be sent
    for argument in ("start_time", "end_time", "skip_to_date"):
        with pytest.raises(TypeError, match=rf"{argument} is {wrong!r}. Pass a datetime, such as"):
            train.schedule("0 0 2 ? * *", **{argument: wrong})
    with pytest.raises(TypeError, match=r"start_date_time is .* or milliseconds since 1970"):
        JobSchedule(wrong, True, "0 0 2 ? * *")
    with pytest.raises(TypeError, match="cron_expression is of type int"):
        train.schedule(5)


def test_a_spark_configuration_is_sent_with_its_type() -> None:
    found = JobConfiguration(executor_memory=8192, executor_memory_overhead_factor=0.3).to_dict()
    assert found["type"] == JobConfiguration.DTO_TYPE == "sparkJobConfiguration"
    assert found["spark.executor.memory"] == 8192
    assert found["spark.dynamicAllocation.enabled"] is True
    assert found["spark.executor.memoryOverheadFactor"] == 0.3
    assert "spark.driver.memoryOverheadFactor" not in found


def test_a_live_log() -> None:
    log = ExecutionPodLog.from_response_json({"status": "AVAILABLE", "available": True, "log": "x"})
    assert (log.status, log.available, log.log, log.pod_name) == ("AVAILABLE", True, "x", None)


@pytest.mark.parametrize("path", ["a.py", "/a.py", "/Projects/p/a.py", "hdfs:///Projects/p/a.py"])
def test_the_path_of_a_script_becomes_absolute(path: str) -> None:
    config = {"type": "pythonJobConfiguration", "appPath": path}
    complete_configuration("j", config, "p")
    assert config["appPath"] == "hdfs:///Projects/p/a.py"


def test_a_spark_script_gets_its_main_class() -> None:
    config = {"type": "sparkJobConfiguration", "appPath": "/Projects/p/a.py"}
    complete_configuration("j", config, "p")
    assert config["mainClass"] == "org.apache.spark.deploy.PythonRunner"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "'type'"),
        ({"type": "pythonJobConfiguration"}, "'appPath'"),
        ({"type": "sparkJobConfiguration", "appPath": "a.jar"}, "'mainClass'"),
    ],
)
def test_an_incomplete_configuration_is_refused(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(JobException, match=reason):
        complete_configuration("j", config, "p")
