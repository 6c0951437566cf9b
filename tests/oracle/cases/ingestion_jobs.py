"""Ingestion jobs, of one table and of several: their settings, and what is sent when they are saved and run."""

import json

SERVER = "stand-in"
SCHEDULE = {"id": 5, "startDateTime": 1, "enabled": True, "cronExpression": "0 0 2 ? * *"}
EXECUTION = {
    "id": 12,
    "state": "FINISHED",
    "finalStatus": "SUCCEEDED",
    "args": "",
    "submissionTime": "2025-01-02T03:04:06.000Z",
    "progress": 1.0,
    "stdoutPath": "/Projects/demo/Logs/sales/12/stdout.log",
    "stderrPath": "/Projects/demo/Logs/sales/12/stderr.log",
}
TARGETS = [
    {"featuregroupId": 1, "enabled": False},
    {"featuregroupId": 2, "enabled": True, "writeMode": "MERGE"},
    {"featuregroupId": 9, "enabled": True, "batchSize": 7},  # of somebody else
]


def job(name, config):
    return {
        "id": 3,
        "name": name,
        "creationTime": "2025-01-02T03:04:05.000Z",
        "jobType": "INGESTION",
        "config": config,
        "creator": {"href": "x"},
    }


def stored(request):
    return job(request["path"].rpartition("/")[2], json.loads(request["body"]))


ROUTES = {
    "PUT project/119/jobs/{name}": [stored],
    "GET project/119/jobs/sales": [
        job("sales", {"type": "ingestionJobConfiguration", "name": "sales", "targets": TARGETS})
    ],
    "POST project/119/jobs/{name}/schedule/v2": [(201, SCHEDULE)],
    "POST project/119/jobs/{name}/executions": [(201, EXECUTION)],
    "GET project/119/jobs/{name}/executions/{id}": [EXECUTION],
    "GET project/119/dataset/{path}": [{"zipState": "NONE", "attributes": {"size": 1}}],
}


class Connector:
    """A storage connector as far as a job looks at it."""

    id = _id = 3
    _featurestore_id = 67


class Source:
    """A data source of that connector."""

    storage_connector = _storage_connector = Connector()


class Group:
    """A saved feature group as far as a job looks at it."""

    def __init__(self, number):
        self.id = self._id = number


def pagination(step):
    from hopsworks.core import rest_endpoint as rest

    kinds = {
        "json link": rest.JsonLinkPaginationConfig("links.next"),
        "header link": rest.HeaderLinkPaginationConfig(),
        "header cursor": rest.HeaderCursorPaginationConfig("X-Next", "after"),
        "offset": rest.OffsetPaginationConfig(
            100, 5, "o", "a.o", "l", "a.l", "t", 1000, False, "m"
        ),
        "page number": rest.PageNumberPaginationConfig(1, "p", "t", 9, False, "m"),
        "cursor": rest.CursorPaginationConfig(cursor_body_path="page.cursor"),
        "single page": rest.SinglePagePaginationConfig(),
        "auto": rest.AutoPaginationConfig(max_pages=3, x_y=2, nothing=None),
    }
    for name, one in kinds.items():
        step(name, lambda one=one: [one.to_dict(), json.loads(one.json()), one.pagination_type])
        step(
            f"{name} read back",
            lambda one=one: type(one).from_response_json(one.to_dict()).to_dict(),
        )
    step("by name", lambda: rest.PaginationConfig.from_type("OFFSET", limit=3).to_dict())
    step("no kind", lambda: rest.PaginationConfig.from_type(None))
    step("unknown kind", lambda: rest.PaginationConfig.from_type("book"), error="ValueError")
    step("two places", lambda: rest.CursorPaginationConfig("c", "p", "b"), error="ValueError")
    step("without type", lambda: rest.PaginationConfig.from_response_json({}), error="ValueError")
    query = rest.QueryParams("status", "open")
    step("query", lambda: [query.name, query.key, query.value, query.to_dict(), query.json()])
    step("query read", lambda: rest.QueryParams.from_response_json({"name": "a", "value": 1}).value)
    endpoint = rest.RestEndpointConfig("v1/orders", {"status": "open"}, "offset")
    step("endpoint", lambda: [endpoint.to_dict(), json.loads(endpoint.json())])
    step(
        "endpoint's parts",
        lambda: [
            endpoint.relative_url,
            [one.name for one in endpoint.query_params],
            type(endpoint.pagination_config).__name__,
        ],
    )
    step(
        "endpoint read",
        lambda: rest.RestEndpointConfig.from_response_json(endpoint.to_dict()).to_dict(),
    )
    step("bad query", lambda: rest.RestEndpointConfig("u", "a=1"), error="TypeError")


def settings(step):
    from hopsworks.core import (
        FeatureColumnMapping,
        FullLoadConfig,
        LoadingConfig,
        SinkJobConfiguration,
        TableIngestionTarget,
    )
    from hopsworks.core.rest_endpoint import RestEndpointConfig

    mapping = FeatureColumnMapping("Customer ID", "id")
    step("mapping", lambda: [mapping.to_dict(), mapping.to_json()])
    mapping.feature_name, mapping.source_column = "customer_id", "CID"
    step("mapping changed", lambda: [mapping.source_column, mapping.feature_name])
    step(
        "mapping read",
        lambda: FeatureColumnMapping.from_response_json(mapping.to_dict()).to_dict(),
    )
    full = FullLoadConfig("id", "5")
    full.initial_value, full.source_cursor_field = "6", "number"
    step("full load", lambda: [full.to_dict(), full.initial_value, full.source_cursor_field])
    step("full read", lambda: FullLoadConfig.from_response_json(full.to_dict()).to_dict())
    for arguments in (
        [],
        ["FULL_LOAD", "id", "5"],
        ["INCREMENTAL_ID", "id", "5"],
        ["INCREMENTAL_TIMESTAMP", "at", 1700000000000, "since"],
        ["INCREMENTAL_DATE", "day", "2024-01-31"],
        ["INCREMENTAL_DATE", "day", "2024-01-31T03:04:05.123"],
    ):
        config = LoadingConfig(*arguments)
        step(f"load {arguments}", lambda config=config: config.to_dict())
        step(f"load {arguments} by name", lambda config=config: config.to_json())
        step(
            f"load {arguments} read",
            lambda config=config: LoadingConfig.from_response_json(config.to_dict()).to_dict(),
        )
    step("unknown strategy", lambda: LoadingConfig("SOME"), error="ValueError")
    step("no strategy", lambda: LoadingConfig(None), error="TypeError")
    step(
        "no date", lambda: LoadingConfig("INCREMENTAL_DATE", "d", "x").to_dict(), error="ValueError"
    )

    config = SinkJobConfiguration()
    step("defaults", lambda: [config.to_dict(), json.loads(config.json())])
    step("constants", lambda: [config.DTO_TYPE, config.DEFAULT_ENVIRONMENT_NAME])
    config.name, config.environment_name, config.transform_script_path = "one", "env", "a.py"
    config.batch_size, config.sql_source_fetch_chunk_size = 1, 2
    config.source_read_workers, config.data_processing_workers = 3, 4
    config.max_upload_batch_size_mb, config.sql_table_num_partitions = 5, 6
    config.write_mode = "merge"
    config.loading_config = LoadingConfig("INCREMENTAL_ID", "id", "0")
    config.column_mappings = [mapping, {"sourceColumn": "A", "featureName": "a"}]
    step("all of one", lambda: config.to_dict())
    step(
        "attributes",
        lambda: [
            [config.name, config.environment_name, config.transform_script_path],
            [config.batch_size, config.sql_source_fetch_chunk_size],
            [config.source_read_workers, config.data_processing_workers],
            [config.max_upload_batch_size_mb, config.sql_table_num_partitions],
            config.write_mode.value,
            config.loading_config.to_dict(),
            [one.to_dict() for one in config.column_mappings],
            [config.targets, config.table_parallelism, config.schedule_config],
        ],
    )
    again = SinkJobConfiguration.from_response_json
    step("all of one read", lambda: again(config.to_dict()).to_dict())
    scheduled = SinkJobConfiguration(
        schedule_config={"start_date_time": 1, "enabled": True, "cron_expression": "0 0 2 ? * *"},
        endpoint_config=RestEndpointConfig("v1/orders"),
    )
    step("scheduled", lambda: scheduled.to_dict())
    step("its schedule", lambda: scheduled.schedule_config.cron_expression)
    step("bad mapping", lambda: SinkJobConfiguration(column_mappings=["a"]), error="TypeError")
    step("bad mode", lambda: SinkJobConfiguration(write_mode="X"), error="ValueError")

    target = TableIngestionTarget(
        feature_group_id=5,
        enabled=False,
        loading_config=LoadingConfig("INCREMENTAL_ID", "id", "0"),
        column_mappings=[mapping],
        transform_script_path="b.py",
        write_mode="MERGE",
        batch_size=1,
        sql_source_fetch_chunk_size=2,
        sql_table_num_partitions=3,
        max_upload_batch_size_mb=4,
        source_read_workers=5,
        data_processing_workers=6,
        resource_config={"cores": 1},
        endpoint_config=RestEndpointConfig("v1/orders"),
    )
    step("target", lambda: [target.to_dict(), json.loads(target.json())])
    step("target read", lambda: TableIngestionTarget.from_response_json(target.to_dict()).to_dict())
    step("no group", lambda: TableIngestionTarget(), error="ValueError")
    several = SinkJobConfiguration("many", targets=[target], table_parallelism=4)
    step("several", lambda: several.to_dict())
    several.targets = [TableIngestionTarget(Group(8))]
    several.table_parallelism = 1
    step("other targets", lambda: [[one.to_dict() for one in several.targets], several.to_dict()])


def run(project, step, config):
    from hopsworks.core import LoadingConfig, MultiTableIngestionJob, SinkJobConfiguration

    pagination(step)
    settings(step)

    api = project.get_job_api()
    one = SinkJobConfiguration("orders", loading_config=LoadingConfig("INCREMENTAL_ID", "id", "0"))
    step("create", lambda: api.create("orders", one).name)
    step("create of a dict", lambda: api.create_job("orders", one.to_dict()).config["batchSize"])

    orders = Group(1)
    many = MultiTableIngestionJob(Source(), "sales", table_parallelism=2, batch_size=5)
    step("empty", lambda: [many.name, many.job, len(many.targets)])
    step("save nothing", lambda: many.save(), error="ValueError")
    step("add", lambda: many.add_target(orders) is many)
    step("add by id", lambda: many.add_target(feature_group_id=2, write_mode="MERGE") is many)
    step("add nothing", lambda: many.add_target(), error="ValueError")
    step("unknown setting", lambda: many.add_target(orders, speed=3), error="TypeError")
    step("disable", lambda: many.set_table_enabled(orders, enabled=False) is many)
    step("targets", lambda: [target.to_dict() for target in many.targets])
    step("save", lambda: [many.save().name, many.job.id])
    step("enable", lambda: many.set_table_enabled(orders) is many)
    step("targets of the server", lambda: [target.to_dict() for target in many.targets])
    step("enable unknown", lambda: many.set_table_enabled(feature_group_id=10), error="ValueError")
    step("run", lambda: many.run().id)
    step("run to the end", lambda: many.run(await_termination=True).success)

    nightly = MultiTableIngestionJob(
        Source(),
        "nightly",
        environment_name="e",
        transform_script_path="t.py",
        write_mode="MERGE",
        sql_source_fetch_chunk_size=1,
        source_read_workers=2,
        data_processing_workers=3,
        max_upload_batch_size_mb=4,
        sql_table_num_partitions=5,
        schedule_config={"start_date_time": 1, "enabled": True, "cron_expression": "0 0 2 ? * *"},
    )
    step("run unsaved", lambda: nightly.add_target(orders).run().id)
