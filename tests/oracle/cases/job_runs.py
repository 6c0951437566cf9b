"""Python jobs that really run, on the embedded server."""

import os

SERVER = "local"
SCRIPT = """
import os, sys
print("arguments", sys.argv[1:], os.environ.get("EXTRA"), os.environ.get("HOPS_START_TIME"))
print("to standard error", file=sys.stderr)
sys.exit(3 if "fail" in sys.argv else 0)
"""


def of_execution(one):
    return [one.state, one.final_status, one.success, one.args, one.job_name, one.job_type]


def contents(paths):
    found = []
    for path in paths:
        with open(path) as file:
            found.append(file.read())
    return found


def run(project, step, config):
    from datetime import UTC, datetime

    script = os.path.join(config["folder"], "task.py")
    with open(script, "w") as file:
        file.write(SCRIPT)
    api = project.get_job_api()
    step("upload", lambda: project.get_dataset_api().upload(script, "Resources"))
    settings = api.get_configuration("PYTHON")
    step("configuration", lambda: settings)
    settings["appPath"] = "Resources/task.py"
    step("create", lambda: api.create_job("task", settings).job_type)
    task = api.get_job("task")
    step("not run yet", lambda: [task.get_executions(), api.last_execution(task)])
    step("run", lambda: of_execution(task.run("--epochs 3")))
    step(
        "run with variables",
        lambda: (
            task.run(
                "", start_time=datetime(2025, 1, 2, tzinfo=UTC), env_vars={"EXTRA": "x"}
            ).success
        ),
    )
    step("run and fail", lambda: task.run("fail"), error="JobExecutionException")
    step("executions", lambda: [of_execution(one) for one in task.get_executions()])
    step("states", lambda: [task.get_state(), task.get_final_state()])
    folder = config["folder"]
    step("logs", lambda: contents(task.get_executions()[-1].download_logs(folder)))
    step("logs of the second", lambda: contents(task.get_executions()[1].download_logs(folder)))
    step("delete execution", lambda: task.get_executions()[0].delete())
    step("left", lambda: len(task.get_executions()))
    begin = datetime(2030, 1, 2, tzinfo=UTC)
    step("schedule", lambda: task.schedule("0 0 2 ? * *", begin).enabled)
    step("pause", lambda: api.get_job("task").pause_schedule().enabled)
    step("bad schedule", lambda: task.schedule("every day", begin), error="RestAPIError")
    step("unschedule", lambda: api.get_job("task").unschedule())
    step("delete", lambda: task.delete())
    step("gone", lambda: [api.exists("task"), api.get_jobs()])
