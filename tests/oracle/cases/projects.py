"""Projects: making, finding and describing them, on the embedded server."""

SERVER = "local"


def run(project, step, config):
    import hopsworks
    from hopsworks.project import Project

    step("of the login", lambda: [project.id, project.name, project.description, project.owner])
    step(
        "more of it",
        lambda: [project.project_namespace, project.home_path, project.created is None],
    )
    step("where", lambda: project.get_url().split("/", 3)[3])
    step("current", lambda: hopsworks.get_current_project().name)
    step(
        "services",
        lambda: [
            type(service).__name__
            for service in (
                project.get_dataset_api(),
                project.get_job_api(),
                project.get_jobs_api(),
                project.get_members_api(),
                project.get_model_registry(),
                project.get_model_serving(),
                project.get_feature_store(),
            )
        ],
    )
    step("another is current", lambda: hopsworks.create_project("second", "A second project."))
    step("version", lambda: hopsworks.__version__)
    step("still the first", lambda: hopsworks.get_current_project().name)
    step("create again", lambda: hopsworks.create_project("second"), error="RestAPIError")
    step("bad name", lambda: hopsworks.create_project("no blanks"), error="RestAPIError")
    connection = hopsworks.login(
        host=config["host"],
        port=config["port"],
        project="second",
        api_key_value=config["api_key"],
        hostname_verification=True,
        trust_store_path=config["ca_file"],
        cert_folder=config["folder"],
        engine="python",
    )
    step("login to it", lambda: [connection.name, connection.description])
    step("it is current", lambda: hopsworks.get_current_project().name)
    wire = {"projectId": 7, "projectName": "lab", "owner": "ann@example.com", "namespace": "lab-ns"}
    read = Project.from_response_json(wire)
    step("read", lambda: [read.id, read.name, read.owner, read.project_namespace, read.created])
    step("logout", lambda: hopsworks.logout())
    step("nobody", lambda: hopsworks.get_secrets_api(), error="NoHopsworksConnectionError")
