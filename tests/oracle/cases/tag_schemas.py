"""Schemas of tags, on the embedded server."""

import json

SERVER = "local"
SCHEMA = {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]}


def shown(schema):
    return [
        schema["name"],
        json.loads(schema["value"]),
        schema["hasNestedTypes"],
        schema["hasAdditionalRules"],
    ]


def run(project, step, config):
    from hopsworks.core.tag_schemas_api import TagSchemasApi

    api = TagSchemasApi()
    step("none", lambda: api.list()["count"])
    step("create", lambda: shown(api.create("ownership", SCHEMA)))
    step("create of text", lambda: shown(api.create("words", json.dumps({"type": "object"}))))
    step("create kept", lambda: api.create("kept", SCHEMA, archive=True), error="RestAPIError")
    step("create again", lambda: api.create("ownership", SCHEMA), error="RestAPIError")
    step("create no schema", lambda: api.create("bad", {"type": 7}), error="RestAPIError")
    step("get", lambda: shown(api.get("ownership")))
    step("missing", lambda: api.get("nobody"), error="RestAPIError")
    step("list", lambda: sorted(one["name"] for one in api.list()["items"]))
    step("delete", lambda: api.delete("words"))
    step("delete missing", lambda: api.delete("nobody"), error="RestAPIError")
    step("left", lambda: [one["name"] for one in api.list()["items"]])
