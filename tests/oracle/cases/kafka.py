"""Kafka topics and Avro schemas, on the embedded server."""

SERVER = "local"
CLICK = {
    "type": "record",
    "name": "click",
    "namespace": "org.example",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "page", "type": ["null", "string"], "default": None},
    ],
}
WIDER = {**CLICK, "fields": [*CLICK["fields"], {"name": "agent", "type": "string", "default": ""}]}
NEEDY = {**CLICK, "fields": [*CLICK["fields"], {"name": "shop", "type": "int"}]}


def shown(schema):
    return schema and [schema.id, schema.subject, schema.version, schema.schema]


def about(topic):
    return topic and [
        topic.name,
        topic.num_replicas,
        topic.num_partitions,
        topic.replicas,
        topic.partitions,
    ]


def refused(call):
    """Return the status of an answer of the schema registry, whose codes the official client does not read."""
    from hopsworks.client.exceptions import RestAPIError

    try:
        call()
    except RestAPIError as error:
        return error.response.status_code


def run(project, step, config):
    api = project.get_kafka_api()
    step("no topics", lambda: [about(topic) for topic in api.get_topics()])
    step("no subject", lambda: refused(lambda: api.get_schemas("click")))
    step("first version", lambda: shown(api.create_schema("click", CLICK)))
    step("the same again", lambda: shown(api.create_schema("click", CLICK)))
    step("second version", lambda: shown(api.create_schema("click", WIDER)))
    step("incompatible", lambda: refused(lambda: api.create_schema("click", NEEDY)))
    step("no Avro", lambda: refused(lambda: api.create_schema("click", {"type": "nothing"})))
    step("versions", lambda: [shown(schema) for schema in api.get_schemas("click")])
    step("one version", lambda: shown(api.get_schema("click", 1)))
    step("missing version", lambda: shown(api.get_schema("click", 9)))
    step("missing subject", lambda: refused(lambda: api.get_schema("clack", 1)))
    step("topic", lambda: about(api.create_topic("clicks", "click", 1, partitions=3)))
    step("topic again", lambda: api.create_topic("clicks", "click", 1), error="RestAPIError")
    step("topic of no schema", lambda: api.create_topic("more", "clack", 1), error="RestAPIError")
    step("two replicas", lambda: api.create_topic("more", "click", 1, 2), error="RestAPIError")
    step("topics", lambda: [about(topic) for topic in api.get_topics()])
    step("find", lambda: about(api.get_topic("clicks")))
    step("find nothing", lambda: about(api.get_topic("clacks")))
    step("schema in use", lambda: api.get_schema("click", 1).delete(), error="RestAPIError")
    step("delete topic", lambda: api.get_topic("clicks").delete())
    step("delete schema", lambda: api.get_schema("click", 1).delete())
    step("left", lambda: [shown(schema) for schema in api.get_schemas("click")])

    fs = project.get_feature_store()
    subject = lambda version: api.get_subject(fs.id, "click", version)  # noqa: E731
    step("by the feature store", lambda: api.get_subject(fs.id, "click"))
    step("a version of it", lambda: subject(2))
    step("a missing one of it", lambda: refused(lambda: subject(1)))
