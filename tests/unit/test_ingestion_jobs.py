"""Settings of ingestion jobs, and what a job of several tables sends. What is as the official client does it stands in
``tests/oracle/cases/ingestion_jobs.py``; here is what is ours."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import types
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

import hopsworks.core
from hopsworks import _native
from hopsworks.core import (
    FeatureColumnMapping,
    FullLoadConfig,
    LoadingConfig,
    MultiTableIngestionJob,
    SinkJobConfiguration,
    TableIngestionTarget,
)
from hopsworks.core.rest_endpoint import (
    AutoPaginationConfig,
    CursorPaginationConfig,
    OffsetPaginationConfig,
    PaginationConfig,
    QueryParams,
    RestEndpointConfig,
)
from hopsworks.job_schedule import JobSchedule
from hopsworks.wire_names import camel_case, snake_case
from hsfs.core.data_source import DataSource
from tests.scripted_server import ScriptedServer, Step

JOBS = "/hopsworks-api/api/project/119/jobs"
SCHEDULE = {
    "startDateTime": 1000,
    "enabled": True,
    "cronExpression": "0 0 2 ? * *",
}


def answer(value: Any) -> bytes:
    return json.dumps(value).encode()


def job(config: Any = None, **more: Any) -> bytes:
    found = {
        "id": 3,
        "name": "sales",
        "creationTime": "2025-01-02T03:04:05.000Z",
        "config": config or {"targets": []},
        "jobType": "INGESTION",
        "creator": {"href": "x"},
    }
    return answer(found | more)


EXECUTION = answer(
    {
        "id": 12,
        "state": "RUNNING",
        "finalStatus": "UNDEFINED",
        "submissionTime": "2025-01-02T03:04:06.000Z",
    }
)


def source_on(server: ScriptedServer) -> DataSource:
    """A data source whose requests go to the server."""
    connection = types.SimpleNamespace(base_url=server.url)
    session = types.SimpleNamespace(project_id=119, project_name="demo", connection=connection)
    session.scope = _native.Client(server.url).scope(session, project_id=119)
    source = DataSource(storage_connector={"id": 3, "featurestoreId": 67})
    source._scope = session.scope
    return source


def bodies(server: ScriptedServer) -> list[Any]:
    return [json.loads(request.body) for request in server.requests if request.body]


# --- importing -----------------------------------------------------------------------------------------------


def test_importing_the_package_loads_none_of_it() -> None:
    code = (
        "import sys, hopsworks.core; assert 'SinkJobConfiguration' in dir(hopsworks.core); "
        "print([name for name in sys.modules if 'sink' in name or 'multi_table' in name or 'rest_endpoint' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_classes_are_one_under_each_name() -> None:
    import hopsworks_common.core.sink_job_configuration as other

    assert other.SinkJobConfiguration is SinkJobConfiguration
    with pytest.raises(AttributeError, match=r"hopsworks\.core.*no attribute 'SinkJob'"):
        hopsworks.core.SinkJob


# --- spellings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snake", "camel"),
    [
        ("offset_body_path", "offsetBodyPath"),
        ("limit", "limit"),
        ("a_b_c", "a_bC"),
        ("max-pages left", "maxPagesLeft"),
        ("TOTAL_PATH", "TOTAL_PATH"),
        ("URLPath", "URLPath"),
        ("Total_path", "totalPath"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_camel_case(snake: str, camel: str) -> None:
    assert camel_case(snake) == camel


def test_snake_case() -> None:
    assert snake_case("offsetBodyPath") == "offset_body_path"


# --- settings ------------------------------------------------------------------------------------------------


def test_a_job_of_one_table_and_of_several_send_their_own_settings() -> None:
    one = SinkJobConfiguration("one").to_dict()
    assert {"loadingConfig", "columnMappings", "featuregroupId"} <= one.keys()
    assert not {"targets", "tableParallelism"} & one.keys()
    many = SinkJobConfiguration("many", targets=[{"featuregroupId": 5}], table_parallelism=2)
    assert many.to_dict()["targets"] == [{"featuregroupId": 5, "enabled": True}]
    assert many.to_dict()["tableParallelism"] == 2
    assert not {"loadingConfig", "columnMappings", "featuregroupId"} & many.to_dict().keys()


def test_what_is_read_is_written_back_whole() -> None:
    wire = {
        "type": "ingestionJobConfiguration",
        "name": "many",
        "writeMode": "UPSERT",
        "featurestoreId": 67,
        "storageConnectorId": 3,
        "targets": [{"featuregroupId": 5, "enabled": False, "priority": 1}],
        "newSetting": 1,
    }
    config = SinkJobConfiguration.from_response_json(wire)
    again = config.to_dict()
    assert {key: again[key] for key in wire} == wire
    assert config.write_mode == "UPSERT"  # of a newer server
    target = config.targets[0]
    assert (target._feature_group_id, target._enabled) == (5, False)


def test_settings_are_equal_when_they_say_the_same() -> None:
    config = SinkJobConfiguration(
        "one", loading_config=LoadingConfig("INCREMENTAL_ID", "id"), targets=None
    )
    assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
    assert SinkJobConfiguration("one") != config
    assert "one" in repr(config)


@pytest.mark.parametrize(
    ("moment", "milliseconds"),
    [
        (date(2024, 1, 1), 1704067200000),
        (datetime(2024, 1, 1), 1704067200000),
        (datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1704067200000),
        ("2024-01-01", 1704067200000),
        ("2024-01-01T01:00:00+01:00", 1704067200000),
        (1704067200000, 1704067200000),
        (None, None),
    ],
)
def test_the_day_of_a_load_by_date(moment: Any, milliseconds: int | None) -> None:
    config = LoadingConfig("INCREMENTAL_DATE", "day", moment).to_dict()
    assert config["incrementalLoadingConfig"].get("initialIngestionDate") == milliseconds


def test_a_load_from_a_dict_of_either_kind() -> None:
    by_name = {"loading_strategy": "incremental_id", "source_cursor_field": "id"}
    wire = LoadingConfig("INCREMENTAL_ID", "id").to_dict()
    for given in (by_name, wire):
        assert SinkJobConfiguration(loading_config=given).loading_config.to_dict() == wire


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: LoadingConfig("DAILY"), ValueError, "loading_strategy is 'DAILY'.*INCREMENTAL_ID"),
        (lambda: LoadingConfig(7), TypeError, "loading_strategy is of type int.*FULL_LOAD"),
        (
            lambda: LoadingConfig("INCREMENTAL_DATE", "d", "T"),
            ValueError,
            "'T' as a time.*YYYY-MM-DD",
        ),
        (lambda: SinkJobConfiguration(write_mode="X"), ValueError, "write_mode.*APPEND, MERGE"),
        (
            lambda: SinkJobConfiguration(column_mappings={"a": "b"}),
            TypeError,
            "column_mappings is of type dict.*list of FeatureColumnMapping",
        ),
        (
            lambda: SinkJobConfiguration(column_mappings=["a"]),
            TypeError,
            "column_mappings holds a value of type str.*FeatureColumnMapping, or a dict",
        ),
        (
            lambda: SinkJobConfiguration(loading_config="FULL_LOAD"),
            TypeError,
            "loading_config holds.*LoadingConfig",
        ),
        (
            lambda: SinkJobConfiguration(endpoint_config="v1"),
            TypeError,
            "endpoint_config.*RestEndpointConfig",
        ),
        (
            lambda: SinkJobConfiguration(schedule_config="daily"),
            TypeError,
            "schedule_config.*JobSchedule",
        ),
        (lambda: SinkJobConfiguration(targets=[3]), TypeError, "targets.*TableIngestionTarget"),
        (lambda: TableIngestionTarget(), ValueError, "no identifier yet.*feature_group_id"),
        (lambda: FeatureColumnMapping("a"), TypeError, "feature_name"),
        (lambda: FullLoadConfig(cursor="a"), TypeError, "cursor"),
    ],
)
def test_bad_settings(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


# --- REST sources --------------------------------------------------------------------------------------------


def test_the_base_of_the_kinds_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="from_type"):
        PaginationConfig(limit=3)


def test_names_are_sent_in_camel_case_and_read_back() -> None:
    pages = AutoPaginationConfig(max_pages=3, left_out=None)
    assert pages.to_dict() == {"type": "AUTO", "maxPages": 3}
    assert json.loads(pages.json()) == {"type": "AUTO", "max_pages": 3}
    again = PaginationConfig.from_response_json({"type": "auto", "maxPages": 3})
    assert again.to_dict() == pages.to_dict()
    assert pickle.loads(pickle.dumps(pages)).to_dict() == pages.to_dict()


def test_none_means_the_default_of_a_name() -> None:
    pages = OffsetPaginationConfig(100, None, offset_param=None, limit_param=None)
    assert pages.to_dict() == {
        "type": "OFFSET",
        "limit": 100,
        "offsetParam": "offset",
        "limitParam": "limit",
        "stopAfterEmptyPage": True,
    }
    read = PaginationConfig.from_response_json({"type": "CURSOR", "cursorPath": None})
    assert read.to_dict() == CursorPaginationConfig().to_dict()


@pytest.mark.parametrize(
    "given",
    [
        {"status": "open", "page": 1},
        [QueryParams("status", "open"), {"name": "page", "value": 1}],
        (QueryParams("status", "open"), QueryParams("page", 1)),
    ],
)
def test_parameters_of_a_rest_source(given: Any) -> None:
    expected = [{"name": "status", "value": "open"}, {"name": "page", "value": 1}]
    config = SinkJobConfiguration(endpoint_config=RestEndpointConfig("v1", given))
    assert config.to_dict()["endpointConfig"]["queryParams"] == expected


def test_a_rest_source_of_a_dict() -> None:
    given = {"relative_url": "v1", "query_params": {"a": 1}, "pagination_config": {"type": "auto"}}
    wire = {
        "relativeUrl": "v1",
        "queryParams": [{"name": "a", "value": 1}],
        "paginationConfig": {"type": "AUTO"},
    }
    assert TableIngestionTarget(feature_group_id=1, endpoint_config=given).to_dict() == {
        "featuregroupId": 1,
        "enabled": True,
        "endpointConfig": wire,
    }
    assert DataSource(rest_endpoint=wire).rest_endpoint == RestEndpointConfig.from_response_json(
        wire
    )
    assert RestEndpointConfig.from_response_json(None) is None
    assert QueryParams.from_response_json(None) is None
    assert PaginationConfig.from_response_json(None) is None


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: PaginationConfig.from_type("book"), ValueError, "'book'.*offset, page_number"),
        (
            lambda: PaginationConfig.from_response_json({"limit": 1}),
            ValueError,
            "no 'type'.*json_link",
        ),
        (lambda: CursorPaginationConfig("a", "b", "c"), ValueError, "not both"),
        (lambda: RestEndpointConfig("u", "a=1"), TypeError, "query_params is of type str.*dict"),
        (lambda: RestEndpointConfig("u", [("a", 1)]), TypeError, "holds .'a', 1.*QueryParams"),
        (lambda: RestEndpointConfig("u", None, 3), TypeError, "pagination_config.*'offset'"),
    ],
)
def test_bad_rest_sources(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


# --- jobs of several tables ----------------------------------------------------------------------------------


def test_a_job_is_saved_once_and_again_when_it_has_changed() -> None:
    steps = [
        Step(f"PUT {JOBS}/sales", body=job()),
        Step(f"POST {JOBS}/sales/executions", status=201, body=EXECUTION, times=2),
        Step(f"PUT {JOBS}/sales", body=job()),
        Step(f"POST {JOBS}/sales/executions", status=201, body=EXECUTION),
    ]
    with ScriptedServer(steps) as server:
        many = MultiTableIngestionJob(source_on(server), "sales", batch_size=5)
        assert many.job is None
        assert many.add_target(feature_group_id=1) is many
        assert many.run().id == 12
        assert many.run().id == 12
        many.add_target(feature_group_id=2, write_mode="MERGE")
        assert many.run().id == 12
        assert many.job.name == many.name == "sales"
        first, second = bodies(server)
    assert (first["featurestoreId"], first["storageConnectorId"], first["batchSize"]) == (67, 3, 5)
    assert [target["featuregroupId"] for target in first["targets"]] == [1]
    assert [target["featuregroupId"] for target in second["targets"]] == [1, 2]


def test_switching_a_table_of_a_saved_job_changes_nothing_else_of_it() -> None:
    config = {
        "type": "ingestionJobConfiguration",
        "somethingNew": 1,
        "targets": [{"featuregroupId": 1, "enabled": True}, {"featuregroupId": 2, "enabled": True}],
    }
    changed = copy.deepcopy(config)
    changed["targets"][1]["enabled"] = False
    steps = [
        Step(f"PUT {JOBS}/sales", body=job()),
        Step(f"GET {JOBS}/sales", body=job(config)),
        Step(f"PUT {JOBS}/sales", body=job(changed)),
        Step(f"GET {JOBS}/sales", body=job(changed)),
    ]
    with ScriptedServer(steps) as server:
        many = MultiTableIngestionJob(source_on(server), "sales").add_target(feature_group_id=1)
        many.save()
        many.add_target(feature_group_id=3)
        # A table that only we know is switched here; nothing is sent.
        many.set_table_enabled(feature_group_id=3, enabled=False)
        assert len(server.requests) == 1
        many.set_table_enabled(feature_group_id=2, enabled=False)
        found = [(one._feature_group_id, one._enabled) for one in many.targets]
        assert found == [(1, True), (2, False), (3, False)]
        with pytest.raises(ValueError, match=r"feature group 7.*add_target\(feature_group_id=7\)"):
            many.set_table_enabled(feature_group_id=7)
        assert bodies(server)[1] == changed


def test_saving_again_changes_the_schedule_that_is_there() -> None:
    schedule = JobSchedule(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), True, "0 0 2 ? * *")
    steps = [
        Step(f"PUT {JOBS}/sales", body=job()),
        Step(f"POST {JOBS}/sales/schedule/v2", status=201, body=answer(SCHEDULE | {"id": 8})),
        Step(f"PUT {JOBS}/sales", body=job()),
        Step(f"PUT {JOBS}/sales/schedule/v2", body=answer(SCHEDULE | {"id": 8})),
        Step(f"PUT {JOBS}/sales", body=job(jobSchedule=SCHEDULE | {"id": 9})),
        Step(f"PUT {JOBS}/sales/schedule/v2", body=answer(SCHEDULE | {"id": 9})),
    ]
    with ScriptedServer(steps) as server:
        many = MultiTableIngestionJob(source_on(server), "sales", schedule_config=schedule)
        many.add_target(feature_group_id=1)
        for _ in range(3):
            assert many.save().job_schedule.cron_expression == "0 0 2 ? * *"
        sent = bodies(server)
    assert [body["id"] for body in sent[1::2]] == [None, 8, 9]
    assert schedule.id is None  # the user's own object


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda s: MultiTableIngestionJob(s, ""), ValueError, "name is empty"),
        (lambda s: MultiTableIngestionJob(s, None), TypeError, "name is of type NoneType"),
        (
            lambda s: MultiTableIngestionJob(s, "a", table_parallelism=0),
            ValueError,
            "table_parallelism is 0.*at least 1",
        ),
        (lambda s: MultiTableIngestionJob(s, "a").save(), ValueError, "no tables.*add_target"),
        (lambda s: MultiTableIngestionJob(s, "a").add_target(), ValueError, "feature_group_id"),
        (
            lambda s: MultiTableIngestionJob(s, "a").add_target(feature_group_id=1, speed=2),
            TypeError,
            "speed",
        ),
        (
            lambda s: MultiTableIngestionJob(None, "a").add_target(feature_group_id=1).save(),
            ValueError,
            "no saved storage connector",
        ),
    ],
)
def test_bad_jobs(call: Any, kind: type[Exception], message: str) -> None:
    with ScriptedServer([]) as server, pytest.raises(kind, match=message):
        call(source_on(server))
