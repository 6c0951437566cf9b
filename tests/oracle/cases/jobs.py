"""Jobs, executions, schedules, logs and configurations, as a cluster answers them, on the stand-in."""

import json
from datetime import UTC, datetime

SERVER = "stand-in"
JOBS = "project/119/jobs"
CREATOR = {"href": "x", "firstname": "Ann", "lastname": "Lee", "email": "ann@example.com"}
CONFIG = {
    "type": "pythonJobConfiguration",
    "appName": "train",
    "appPath": "hdfs:///Projects/demo/Resources/train.py",
    "environmentName": "python-feature-pipeline",
    "resourceConfig": {"cores": 1.0, "memory": 2048, "gpus": 0},
    "logRedirection": True,
}
SPARK = {
    "type": "sparkJobConfiguration",
    "spark.executor.memory": 4096,
    "spark.dynamicAllocation.enabled": True,
}
SCHEDULE = {
    "id": 5,
    "startDateTime": 1735787045000,
    "endDateTime": 1767323045000,
    "cronExpression": "0 0 2 ? * *",
    "enabled": True,
    "catchup": False,
    "maxActiveRuns": 1,
    "nextExecutionDateTime": 1735869600000,
}
TAG = {"name": "owner", "value": '{"team": "a"}', "createdOn": 1735787045000}
TAGS = {"count": 2, "items": [TAG, {"name": "note", "value": "words"}]}
NO_TAG = (404, {"errorCode": 370002, "errorMsg": "No tag."})
MISSING = (404, {"errorCode": 130009, "errorMsg": "Job not found."})


def job(name="train", **more):
    return {
        "id": 3,
        "name": name,
        "creationTime": "2025-01-02T03:04:05.000Z",
        "jobType": "PYTHON",
        "config": CONFIG,
        "creator": CREATOR,
        **more,
    }


def execution(number=12, state="FINISHED", status="SUCCEEDED", **more):
    return {
        "href": "x",
        "id": number,
        "submissionTime": "2025-01-02T03:04:06.000Z",
        "state": state,
        "finalStatus": status,
        "progress": 1.0,
        "stdoutPath": f"/Projects/demo/Logs/train/{number}/stdout.log",
        "stderrPath": f"/Projects/demo/Logs/train/{number}/stderr.log",
        "appId": "app-1",
        "hdfsUser": "demo__meb10000",
        "args": "--epochs 3",
        "user": CREATOR,
        "duration": 1500,
        "rerunCount": 2,
        **more,
    }


def stored(request):
    return job(request["path"].rpartition("/")[2], config=json.loads(request["body"]))


RUNNING = execution(state="RUNNING", status="UNDEFINED")
FAILED = execution(13, "FAILED", "FAILED")
LOG = {"zipState": "NONE", "attributes": {"name": "stdout.log", "size": 4, "dir": False}}
POD = {
    "status": "RUNNING",
    "available": True,
    "message": "ok",
    "log": "line\n",
    "podName": "pod-1",
    "containerName": "main",
}
ROUTES = {
    f"PUT {JOBS}/{{name}}": [stored],
    f"GET {JOBS}/train": [job()],
    f"GET {JOBS}/nightly": [job("nightly", jobSchedule=SCHEDULE)],
    f"GET {JOBS}/nobody": [MISSING],
    f"GET {JOBS}": [{"count": 2, "items": [job(), job("other")]}, {"count": 0}],
    f"DELETE {JOBS}/{{name}}": [None],
    f"GET {JOBS}/python/configuration": [CONFIG],
    f"GET {JOBS}/pyspark/configuration": [SPARK],
    f"POST {JOBS}/train/executions": [(201, RUNNING)],
    f"POST {JOBS}/nobody/executions": [MISSING],
    f"GET {JOBS}/train/executions": [
        {"count": 2, "items": [FAILED, execution()]},
        {"count": 0},
        {"count": 1, "items": [execution()]},
    ],
    f"GET {JOBS}/nightly/executions": [{"count": 0}],
    f"GET {JOBS}/train/executions/12": [execution()],
    f"GET {JOBS}/train/executions/13": [FAILED],
    f"PUT {JOBS}/train/executions/12/status": [(202, RUNNING)],
    f"POST {JOBS}/train/executions/12/rerun": [execution(rerunCount=3)],
    f"PUT {JOBS}/train/executions/12/tables/4/status": [None],
    f"GET {JOBS}/train/executions/12/pod-logs": [POD],
    f"DELETE {JOBS}/train/executions/12": [None],
    "GET project/119/dataset/{path}": [LOG],
    "GET project/119/dataset/download/with_auth/{path}": [b"text"],
    f"POST {JOBS}/{{name}}/schedule/v2": [(201, SCHEDULE)],
    f"PUT {JOBS}/{{name}}/schedule/v2": [SCHEDULE],
    f"DELETE {JOBS}/{{name}}/schedule/v2": [None],
    f"PUT {JOBS}/train/tags/{{name}}": [(201, {"count": 1, "items": [TAG]})],
    f"GET {JOBS}/train/tags/owner": [{"count": 1, "items": [TAG]}],
    f"GET {JOBS}/train/tags/nothing": [NO_TAG],
    f"GET {JOBS}/train/tags": [TAGS, TAGS, {"count": 0}],
    f"DELETE {JOBS}/train/tags/{{name}}": [None],
}


def of_job(one):
    return [
        [one.id, one.name, one.job_type, one.creation_time, one.href, one.description],
        [one.config, one.creator, one.executions, one.job_schedule is None],
    ]


def of_execution(one):
    return [
        [one.id, one.state, one.final_status, one.success, one.progress, one.duration],
        [one.submission_time, one.stdout_path, one.stderr_path, one.app_id, one.hdfs_user],
        [one.args, one.user, one.rerun_count, one.job_name, one.job_type],
    ]


def of_schedule(one):
    moments = [
        one.start_date_time,
        one.end_date_time,
        one.next_execution_date_time,
        one.skip_to_date,
    ]
    return [
        [one.id, one.enabled, one.cron_expression, one.catchup, one.max_active_runs],
        [one.start_time_offset_seconds, one.end_time_offset_seconds, one.max_catchup_runs],
        [None if moment is None else moment.isoformat() for moment in moments],
    ]


def jobs(project, step):
    from hopsworks.core.job_configuration import JobConfiguration
    from hopsworks.job import Job

    api = project.get_job_api()
    step("configuration", lambda: api.get_configuration("PYTHON"))
    step("spark configuration", lambda: api.get_configuration("PYSPARK"))
    step("create", lambda: of_job(api.create_job("train", {**CONFIG, "appPath": "Resources/a.py"})))
    step(
        "create spark",
        lambda: api.create_job("spark", {**SPARK, "appPath": "Resources/a.py"}).config,
    )
    step(
        "create java",
        lambda: (
            api.create_job(
                "java", {**SPARK, "appPath": "hdfs:///Projects/demo/a.jar", "mainClass": "a.B"}
            ).config
        ),
    )
    step(
        "create docker",
        lambda: api.create_job("docker", {"type": "dockerJobConfiguration", "imagePath": "i"}).name,
    )
    step("no path", lambda: api.create_job("a", {**SPARK}), error="JobException")
    step(
        "no class",
        lambda: api.create_job("a", {**SPARK, "appPath": "Resources/a.jar"}),
        error="JobException",
    )
    conf = JobConfiguration(executor_memory=8192, driver_memory_overhead_factor=0.2)
    step("create of an object", lambda: api.create("of_object", conf).config)
    step("object", lambda: [conf.to_dict(), json.loads(conf.json()), conf.DTO_TYPE])
    step("get", lambda: of_job(api.get_job("train")))
    step("get plain", lambda: api.get("train").name)
    step("get none", lambda: api.get_job("nobody"))
    step("get plain none", lambda: api.get("nobody"), error="RestAPIError")
    step("exists", lambda: [api.exists("train"), api.exists("nobody")])
    step("list", lambda: [one.name for one in api.get_jobs()])
    step("list none", lambda: api.get_jobs())
    train = api.get_job("train")
    train.config["appPath"] = "Resources/other.py"
    train.description = "trains"
    step("save", lambda: train.save().config)
    step("where", lambda: train.get_url().split("/", 3)[3])
    step("delete", lambda: train.delete())
    step("code", lambda: Job.NOT_FOUND_ERROR_CODE)
    step("read", lambda: [one.name for one in Job.from_response_json({"items": [job()]})])


def executions(project, step, config):
    from hopsworks.core import ExecutionPodLog
    from hopsworks.execution import Execution

    api = project.get_job_api()
    train = api.get_job("train")
    moment = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    step("run", lambda: of_execution(train.run("--epochs 3", await_termination=False)))
    step("run without arguments", lambda: train.run(await_termination=False).id)
    step("run to the end", lambda: train.run().success)
    step(
        "run for a span",
        lambda: (
            train.run(
                "--epochs 3",
                False,
                start_time=moment,
                end_time=datetime(2025, 1, 3),
                logical_date=moment,
                env_vars={"EXTRA": "1"},
            ).id
        ),
    )
    step("run with variables", lambda: train.run(None, False, env_vars={"A": "b"}).id)
    step("launch", lambda: api.launch("train", "--fast"))
    step("launch nobody", lambda: api.launch("nobody"), error="RestAPIError")
    step("executions", lambda: [of_execution(one) for one in train.get_executions()])
    step("no executions", lambda: train.get_executions())
    step("last", lambda: [one.id for one in api.last_execution(train)])
    step("state", lambda: [train.get_state(), train.get_final_state()])
    never = api.get_job("nightly")
    step("state of none", lambda: never.get_state(), error="JobException")
    step("final state of none", lambda: never.get_final_state(), error="JobException")
    running = train.run(await_termination=False)
    step("await", lambda: running.await_termination())
    step("log of the pod", lambda: of_log(running.get_pod_logs()))
    step("some of it", lambda: of_log(running.get_pod_logs(table_index=4, lines=5, limit_bytes=6)))
    step("read log", lambda: of_log(ExecutionPodLog.from_response_json(POD)))
    step("stop", lambda: running.stop())
    step("stop a table", lambda: running.stop_table(4))
    step("rerun", lambda: [running.rerun(), running.rerun_count])
    step("where it runs", lambda: running.get_url().split("/", 3)[3])
    step("logs", lambda: [content(path) for path in running.download_logs(config["folder"])])
    step("delete execution", lambda: running.delete())
    failed = train.get_executions()[0]
    step("failed", lambda: Execution.from_response_json(FAILED, train).success)
    step("read one", lambda: Execution.from_response_json(RUNNING, train).state)
    step(
        "read some",
        lambda: [
            one.id for one in Execution.from_response_json({"count": 1, "items": [FAILED]}, train)
        ],
    )
    step("read no one", lambda: Execution.from_response_json({"count": 0}, train))
    step("updated", lambda: failed.update_from_response_json(FAILED).id)


def of_log(log):
    return [log.status, log.available, log.message, log.log, log.pod_name, log.container_name]


def content(path):
    with open(path) as file:
        return file.read()


def schedules(project, step):
    from hopsworks.job_schedule import JobSchedule

    api = project.get_job_api()
    train, nightly = api.get_job("train"), api.get_job("nightly")
    begin, end = (datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC) for year in (2025, 2026))
    step("schedule", lambda: of_schedule(train.schedule("0 0 2 ? * *", begin, end)))
    step(
        "schedule again",
        lambda: of_schedule(
            train.schedule(
                "0 0 2 ? * *",
                begin,
                catchup=True,
                max_active_runs=2,
                start_time_offset_seconds=-60,
                end_time_offset_seconds=0,
                skip_to_date=begin,
                max_catchup_runs=3,
            )
        ),
    )
    step("of the job", lambda: of_schedule(nightly.job_schedule))
    step("pause", lambda: of_schedule(nightly.pause_schedule()))
    step("resume", lambda: of_schedule(nightly.resume_schedule()))
    step("unschedule", lambda: nightly.unschedule())
    step("nothing to pause", lambda: api.get_job("train").pause_schedule(), error="JobException")
    step("nothing to resume", lambda: api.get_job("train").resume_schedule(), error="JobException")
    made = JobSchedule(begin, True, "0 0 2 ? * *", end_date_time=end)
    step("made", lambda: [of_schedule(made), made.to_dict(), json.loads(made.json())])
    step("read schedule", lambda: of_schedule(JobSchedule.from_response_json(SCHEDULE)))
    step("by the service", lambda: api.create_or_update_schedule_job("train", made.to_dict()).id)
    step("changed by it", lambda: api.create_or_update_schedule_job("train", SCHEDULE).id)
    step("removed by it", lambda: api.delete_schedule_job("train"))


def tags(project, step):
    train = project.get_job_api().get_job("train")
    step("add tag", lambda: train.add_tag("owner", {"team": "a"}))
    step("add text", lambda: train.add_tag("note", "words"))
    step("tag", lambda: train.get_tag("owner"))
    step("no tag", lambda: train.get_tag("nothing"))
    step("tags", lambda: train.get_tags())
    step("its time", lambda: of_tag(train.get_tag_metadata("owner")))
    step("no time", lambda: train.get_tag_metadata("nothing"))
    step("as text", lambda: json.loads(train.get_tag_metadata("owner").json()))
    step("all times", lambda: {k: of_tag(v) for k, v in train.get_tags_metadata().items()})
    step("delete tag", lambda: train.delete_tag("owner"))
    step("no tags", lambda: [train.get_tags(), train.get_tags_metadata()])


def of_tag(tag):
    return [tag.name, tag.value, tag.created_on and tag.created_on.isoformat(), tag.to_dict()]


def run(project, step, config):
    jobs(project, step)
    executions(project, step, config)
    schedules(project, step)
    tags(project, step)
