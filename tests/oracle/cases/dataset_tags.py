"""Tags of files, folders and datasets, on the embedded server."""

SERVER = "local"
SCHEMA = {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]}


def run(project, step, config):
    from hopsworks.core.tag_schemas_api import TagSchemasApi

    api = project.get_dataset_api()
    step("folder", lambda: api.mkdir("Resources/of risk"))
    step("none", lambda: api.get_tags("Resources/of risk"))
    step("missing", lambda: api.get_tags("Resources/of risk", "owner"), error="RestAPIError")
    step("add", lambda: api.add("Resources/of risk", "owner", {"team": "risk"}))
    step("text", lambda: api.add("Resources/of risk", "note", "5"))
    step("one", lambda: api.get_tags("Resources/of risk", "owner"))
    step("all", lambda: api.get_tags("Resources/of risk"))
    step("replace", lambda: api.add("Resources/of risk", "note", [1, 2]))
    step("replaced", lambda: api.get_tags("Resources/of risk", "note"))
    step("schema", lambda: TagSchemasApi().create("checked", SCHEMA)["name"])
    step("refused", lambda: api.add("Resources", "checked", {"team": 5}), error="RestAPIError")
    step("accepted", lambda: api.add("Resources", "checked", {"team": "risk"}))
    step("of the dataset", lambda: api.get_tags("Resources"))
    step("delete", lambda: api.delete("Resources/of risk", "note"))
    step("left", lambda: api.get_tags("Resources/of risk"))
    step("nowhere", lambda: api.add("Resources/nowhere", "note", 1), error="RestAPIError")
    step("no path", lambda: api.get_tags("Resources/nowhere"), error="RestAPIError")
