"""Secrets that another user shares, on the stand-in."""

SERVER = "stand-in"
SECRET = {"name": "key", "secret": "s3cr3t", "visibility": "PROJECT", "scope": 119}
PRIVATE = (403, {"errorCode": 160047, "errorMsg": "The secret is private."})
MISSING = (404, {"errorCode": 160048, "errorMsg": "Could not find secret for user."})
ROUTES = {
    "GET users/secrets/shared": [{"items": [SECRET]}, {"items": [SECRET]}, PRIVATE, MISSING],
    "GET users/secrets": [{}],
}


def run(project, step, config):
    import hopsworks

    api = hopsworks.get_secrets_api()
    step("get", lambda: api.get_secret("key", owner="bob10000").value)
    step("value", lambda: api.get("key", "bob10000"))
    step("private", lambda: api.get_secret("key", "bob10000"), error="RestAPIError")
    step("missing", lambda: api.get_secret("key", "bob10000"))
    step("none at all", lambda: api.get_secrets())
