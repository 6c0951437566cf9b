"""What only a cluster has, asked of the embedded server: both clients hear that it is not there."""

SERVER = "local"


def run(project, step, config):
    git, environments = project.get_git_api(), project.get_environment_api()
    apps = project.get_app_api()
    refused = {"error": "RestAPIError"}
    step("repos", lambda: git.get_repos(), **refused)
    step("clone", lambda: git.clone("https://a.org/x.git", "Jupyter", "GitHub"), **refused)
    step("providers", lambda: git.get_providers(), **refused)
    step("set provider", lambda: git.set_provider("GitHub", "ann", "t0ken"), **refused)
    step("environments", lambda: environments.get_environments(), **refused)
    step("environment", lambda: environments.get_environment("train"), **refused)
    step("create environment", lambda: environments.create_environment("train"), **refused)
    step("apps", lambda: apps.get_apps(), **refused)
    step("app", lambda: apps.get_app("board"), **refused)
    step("create app", lambda: apps.create_app("board", "Resources/board.py"), **refused)
