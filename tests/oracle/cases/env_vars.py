"""Environment variables of the account, on the embedded server."""

SERVER = "local"


def shown(variable):
    return [
        [variable.name, variable.value, variable.secret_name, variable.secret_backed],
        [variable.visibility, variable.project_id_scope],
        [variable.created is None, variable.updated is None],
    ]


def run(project, step, config):
    import json

    import hopsworks
    from hopsworks.env_var import EnvVar

    api = hopsworks.get_env_vars_api()
    step("none", lambda: [shown(one) for one in api.get_env_vars()])
    step("create", lambda: shown(api.create_env_var("TOKEN_A", "first")))
    step("create again", lambda: api.create_env_var("TOKEN_A", "other"), error="RestAPIError")
    step("get", lambda: shown(api.get_env_var("TOKEN_A")))
    step("value", lambda: api.get("TOKEN_A"))
    step("missing", lambda: [api.get_env_var("NOBODY"), api.get("NOBODY")])
    step("update", lambda: shown(api.update_env_var("TOKEN_A", "second")))
    step("update missing", lambda: api.update_env_var("NOBODY", "x"), error="RestAPIError")
    step("set new", lambda: shown(api.set_env_var("TOKEN_B", "b")))
    step("set again", lambda: shown(api.set_env_var("TOKEN_B", "bb")))
    hopsworks.get_secrets_api().create_secret("hidden", "s3cr3t")
    step("of a secret", lambda: shown(api.create_env_var("FROM_SECRET", secret_name="hidden")))
    step("both", lambda: shown(api.create_env_var("BOTH", "v", secret_name="hidden")))
    step("neither", lambda: api.create_env_var("NEITHER"), error="ValueError")
    step(
        "of a project",
        lambda: shown(
            api.create_env_var("SHARED", "v", visibility="PROJECT", project_id_scope=project.id)
        ),
    )
    step("list", lambda: sorted(one.name for one in api.get_env_vars()))
    step("list without values", lambda: sorted([o.name, o.value] for o in api.get_env_vars(False)))
    step("url", lambda: api.get_env_var("TOKEN_A").get_url().split("/", 3)[3])
    step("delete", lambda: api.get_env_var("TOKEN_A").delete())
    step("delete by name", lambda: api.delete_env_var("TOKEN_B"))
    step("delete by short name", lambda: api.delete("SHARED"))
    step("delete missing", lambda: api.delete("NOBODY"), error="RestAPIError")
    step("delete all", lambda: api.delete_all())
    step("gone", lambda: [one.name for one in api.get_env_vars()])
    wire = {"name": "A", "value": "v", "visibility": "PRIVATE"}
    step("made", lambda: shown(EnvVar("A", "v", visibility="PRIVATE")))
    step("code", lambda: EnvVar.NOT_FOUND_ERROR_CODE)
    step("read", lambda: [one.name for one in EnvVar.from_response_json({"items": [wire]})])
    step("dict", lambda: EnvVar("A", "v").to_dict())
    step("text", lambda: json.loads(EnvVar("A", "v").json()))
