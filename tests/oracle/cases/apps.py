"""Apps, on the stand-in: the embedded server runs none."""

SERVER = "stand-in"
PROJECT = "project/119"
JOB = {
    "id": 5,
    "name": "board",
    "creationTime": "2025-01-02T03:04:05.000Z",
    "config": {},
    "jobType": "PYTHON_APP",
    "creator": {"href": "https://stand-in"},
}


def app(**changes):
    return {
        "jobId": 5,
        "name": "board",
        "state": "RUNNING",
        "finalStatus": "UNDEFINED",
        "serving": True,
        "appUrl": "pythonapp/demo/board/",
        "appPath": "hdfs:///Projects/demo/Resources/board.py",
        "executionId": 9,
        "executionStart": 1735786800000,
        "creator": "ann@example.com",
        "creatorFirstname": "Ann",
        "creatorLastname": "Lee",
        "environmentName": "python-app-pipeline",
        "cpuUsage": "0.1",
        "memoryUsage": "200",
        "cpuRequested": "1",
        "memoryRequested": "2048",
        "description": "A page",
        "appKind": "STREAMLIT",
        "appPort": 8501,
        "proxyPathMode": "ROOT",
        "publicAccess": False,
        "dbAccess": True,
        **changes,
    }


STOPPED = {"state": "STOPPED", "serving": False, "executionId": None}
FROM_GIT = {
    "appKind": "CUSTOM",
    "entrypointCommand": "make serve",
    "gitUrl": "https://a.org/board.git",
    "gitProvider": "GitHub",
    "gitBranch": "main",
    "gitAutoRedeploy": True,
    "latestCommit": "abc123",
    "latestBranch": "main",
    "entrypointScript": "app.py",
    "appBasePath": "/base",
    "readinessProbePath": "/ready",
    "publicAccess": True,
    "publicToken": "a b/c",
    "dbAccess": False,
    "idleScaleToZero": True,
    "idleCooldownSeconds": 60,
    "coldStartTimeoutSeconds": 30,
}
ROUTES = {
    f"GET {PROJECT}/apps": [
        [app(), app(name="second", **FROM_GIT)],
        {"count": 1, "items": [app()]},
        {"count": 0},
    ],
    f"GET {PROJECT}/apps/none": [(404, {"errorCode": 130009, "errorMsg": "Job not found."})],
    f"GET {PROJECT}/apps/board": [app(**STOPPED)],
    f"GET {PROJECT}/apps/runs": [
        app(name="runs", **STOPPED),
        app(name="runs", state="INITIALIZING", serving=False),
        app(name="runs"),
    ],
    f"GET {PROJECT}/apps/fails": [
        app(name="fails", **STOPPED),
        app(name="fails", state="FAILED", serving=False),
    ],
    f"GET {PROJECT}/apps/refused": [
        app(name="refused", **STOPPED),
        app(name="refused", state="SUBMISSION_FAILED", serving=False),
    ],
    f"GET {PROJECT}/apps/ends": [
        app(name="ends"),
        app(name="ends"),
        app(name="ends", state="KILLED", serving=False),
    ],
    f"GET {PROJECT}/apps/shared": [app(name="shared")],
    f"PUT {PROJECT}/jobs/{{name}}": [JOB],
    f"POST {PROJECT}/jobs/{{name}}/executions": [{"id": 9, "state": "INITIALIZING"}],
    f"PUT {PROJECT}/jobs/{{name}}/executions/9/status": [{"id": 9, "state": "KILLED"}],
    f"GET {PROJECT}/jobs/{{name}}/executions/9/log/out": [{"type": "OUT", "log": "hello"}],
    f"GET {PROJECT}/jobs/{{name}}/executions/9/log/err": [{"type": "ERR", "log": "oh"}],
    f"POST {PROJECT}/apps/runs/redeploy": [app(name="runs")],
    f"POST {PROJECT}/apps/shared/public": [{"publicToken": "t0ken"}, {}],
    f"DELETE {PROJECT}/jobs/{{name}}": [None],
}


def run(project, step, config):
    host = f"https://{config['host']}:{config['port']}"
    apps = project.get_app_api()

    def place(address):
        return address and address.replace(host, "HOST")

    def shown(found):
        return [
            *(found.name, found.state, found.serving, place(found.app_url), found.app_path),
            *(found.execution_id, found.environment_name, found.cpu_requested, found.app_kind),
            *(found.memory_requested, found.description, found.app_port, found.git_url),
            *(found.entrypoint_command, found.git_provider, found.git_branch, found.latest_commit),
            *(found.git_auto_redeploy, found.latest_branch, found.entrypoint_script),
            *(found.app_base_path, found.proxy_path_mode, found.readiness_probe_path),
            *(found.public_access, place(found.public_url), found.db_access),
            *(found.idle_scale_to_zero, found.idle_cooldown_seconds),
            found.cold_start_timeout_seconds,
        ]

    step("apps", lambda: [shown(found) for found in apps.get_apps()])
    step("apps, collection", lambda: [found.name for found in apps.get_apps()])
    step("no apps", lambda: apps.get_apps())
    step("no such app", lambda: apps.get_app("none"))
    step("kinds", lambda: [list(apps.APP_KINDS), sorted(apps.APP_KIND_EXTENSIONS)])

    def create(name, *arguments, error=None, **keywords):
        step(name, lambda: apps.create_app(*arguments, **keywords).name, error=error)

    create("create", "board", "Resources/board.py")
    create(
        "create with everything",
        "board",
        "/Projects/demo/Resources/board.py",
        environment="mine",
        memory=512,
        cores=0.5,
        app_kind="flask",
        app_port=5000,
        description="A page",
        app_base_path="/base",
        readiness_probe_path="/ready",
        db_access=False,
        idle_scale_to_zero=True,
        idle_cooldown_seconds=60,
        cold_start_timeout_seconds=30,
    )
    custom = {"app_kind": "CUSTOM", "entrypoint_command": "make serve"}
    git = {"git_url": "https://a.org/board.git", "git_provider": "GitHub"}
    create("create custom", "board", app_port=80, **custom)
    create("create custom of a file", "board", "Resources/run.sh", **custom)
    create("create node", "board", "Resources/board.mjs", app_kind="NODEJS")
    create("create gradio", "board", "Resources/board.py", app_kind="GRADIO", app_port=7860)
    create("create from git", "board", entrypoint_script="app.py", git_branch="dev", **git)
    create("create custom from git", "board", git_auto_redeploy=True, **git, **custom)
    create("a time means sleep", "board", "Resources/board.py", idle_cooldown_seconds=60)
    create("no sleep", "board", "Resources/board.py", idle_scale_to_zero=False)
    create("streamlit chooses the port", "board", "Resources/board.py", app_port=1)
    refused = {"error": "ValueError"}
    create("unknown kind", "board", "Resources/board.py", app_kind="DJANGO", **refused)
    create("no file", "board", **refused)
    create("no python", "board", "Resources/board.sh", **refused)
    create("no javascript", "board", "Resources/board.py", app_kind="NODEJS", **refused)
    create("no command", "board", app_kind="CUSTOM", **refused)
    create("command of a file", "board", "board.py", entrypoint_command="make", **refused)
    create("no provider", "board", git_url="https://a", entrypoint_script="app.py", **refused)
    create("no script", "board", **git, **refused)
    create("script is no python", "board", entrypoint_script="a.sh", **git, **refused)
    create("script without git", "board", "board.py", entrypoint_script="a.py", **refused)
    create("deploys without git", "board", "board.py", git_auto_redeploy=True, **refused)
    never = {"idle_scale_to_zero": False, "idle_cooldown_seconds": 60}
    create("times without sleep", "board", "Resources/board.py", **never, **refused)

    runs = apps.get_app("runs")
    step("run", lambda: [runs.run().state, runs.serving, place(runs.app_url)])
    step("run, no wait", lambda: runs.run(await_serving=False).state)
    step("redeploy", lambda: runs.redeploy().serving)
    step("redeploy, no wait", lambda: runs.redeploy(await_serving=False).serving)
    step("logs", lambda: runs.get_logs())
    step("page of the apps", lambda: place(runs.get_url()))
    step("fails", lambda: apps.get_app("fails").run(), error="JobExecutionException")
    step("refused", lambda: apps.get_app("refused").run(), error="JobExecutionException")
    step(
        "with variables",
        lambda: apps.create_app("runs", "Resources/board.py", env_vars={"A": "b"}).run().state,
    )
    step("stop", lambda: apps.get_app("ends").stop().state)
    idle = apps.get_app("board")
    step("stop what does not run", lambda: idle.stop().state)
    step("no logs", lambda: idle.get_logs(), error="JobExecutionException")
    shared = apps.get_app("shared")
    step("public", lambda: [place(shared.make_public()), shared.public_access])
    step("public address", lambda: place(shared.public_url))
    step("private", lambda: [shared.make_private(), shared.public_access, shared.public_url])
    step("delete", lambda: shared.delete())
