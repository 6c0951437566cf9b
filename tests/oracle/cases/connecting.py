"""What is asked at login and of the project itself, on the stand-in."""

SERVER = "stand-in"
ROUTES: dict[str, list] = {}


def run(project, step, config):
    step("project", lambda: [project.id, project.name, project.owner, project.description])
    step("services", lambda: project.created)
