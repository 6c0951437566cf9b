"""Schemas of tags, for one who is no administrator, on the stand-in."""

SERVER = "stand-in"
REFUSED = (403, {"errorCode": 200014, "errorMsg": "Requires admin privileges."})
ROUTES = {"POST tags": [REFUSED], "DELETE tags/ownership": [REFUSED]}


def run(project, step, config):
    from hopsworks.core.tag_schemas_api import TagSchemasApi

    step(
        "create",
        lambda: TagSchemasApi().create("ownership", {"type": "object"}),
        error="PermissionError",
    )
    step("delete", lambda: TagSchemasApi().delete("ownership"), error="PermissionError")
