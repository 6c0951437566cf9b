"""Secrets of the account, on the embedded server."""

SERVER = "local"


def shown(secret):
    return [secret.name, secret.value, secret.visibility, secret.scope, secret.owner]


def run(project, step, config):
    import os

    import hopsworks
    from hopsworks.secret import Secret

    api = hopsworks.get_secrets_api()
    step("none", lambda: [shown(secret) for secret in api.get_secrets()])
    step("create", lambda: shown(api.create_secret("warehouse", "s3cr3t")))
    step("create again", lambda: api.create_secret("warehouse", "other"), error="RestAPIError")
    step("get", lambda: shown(api.get_secret("warehouse")))
    step("when", lambda: api.get_secret("warehouse").created is not None)
    step("where", lambda: api.get_secret("warehouse").get_url().split("/", 3)[3])
    step("value", lambda: api.get("warehouse"))
    step("missing", lambda: api.get_secret("nobody"))
    step("shared", lambda: shown(api.create_secret("of_project", "x", project.name)))
    step("not shared", lambda: api.create_secret("a", "x", "nowhere"), error="RestAPIError")
    file = os.path.join(config["folder"], "key")
    with open(file, "w") as key:
        key.write("-----BEGIN KEY-----\nabc\n")
    step("of a file", lambda: shown(api.create_secret_from_file("key", file)))
    step("of no file", lambda: api.create_secret_from_file("k", file + "x"), error="OSError")
    step("list", lambda: sorted(secret.name for secret in api.get_secrets()))
    step("delete", lambda: api.get_secret("warehouse").delete())
    step("gone", lambda: api.get_secret("warehouse"))
    wire = {"name": "a", "secret": "s", "visibility": "PROJECT", "scope": 3, "owner": "meb10000"}
    step("read", lambda: [shown(one) for one in Secret.from_response_json({"items": [wire]})])
    step("made", lambda: shown(Secret("a", "s", "now", "PRIVATE", 3, "me")))
    step("code", lambda: Secret.NOT_FOUND_ERROR_CODE)
