"""Secrets of the account, on the embedded server."""

SERVER = "local"


def shown(secret):
    return [secret.name, secret.value, secret.visibility, secret.scope]


def run(project, step, config):
    import hopsworks

    api = hopsworks.get_secrets_api()
    step("none", lambda: [shown(secret) for secret in api.get_secrets()])
    step("create", lambda: shown(api.create_secret("warehouse", "s3cr3t")))
    step("create again", lambda: api.create_secret("warehouse", "other"), error="RestAPIError")
    step("get", lambda: shown(api.get_secret("warehouse")))
    step("value", lambda: api.get("warehouse"))
    step("missing", lambda: api.get_secret("nobody"))
    step("shared", lambda: shown(api.create_secret("of_project", "x", project.name)))
    step("list", lambda: sorted(secret.name for secret in api.get_secrets()))
    step("delete", lambda: api.get_secret("warehouse").delete())
    step("gone", lambda: api.get_secret("warehouse"))
