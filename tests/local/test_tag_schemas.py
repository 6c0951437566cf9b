"""Tag schemas against the local server, and what they do to the tags that are attached."""

import json
import logging

import pytest

import hopsworks
from hopsworks.client.exceptions import ConflictError, ForbiddenError, NotFoundError, RestAPIError
from hopsworks.client.response import Response
from hopsworks.core.tag_schemas_api import TagSchemasApi
from hopsworks.local.json_schema import SchemaError, UnsupportedKeyword, check_schema, faults
from hsfs.feature import Feature

OWNERSHIP = {
    "type": "object",
    "properties": {"team": {"type": "string"}, "since": {"type": "integer", "minimum": 2000}},
    "required": ["team"],
    "additionalProperties": False,
}


@pytest.fixture
def schemas(feature_store):
    api = TagSchemasApi()
    yield api
    for schema in api.list().get("items", []):
        api.delete(schema["name"])


@pytest.fixture
def sent(caplog):
    caplog.set_level(logging.DEBUG)

    def lines():
        return [r.getMessage() for r in caplog.records if r.name == "hopsworks.http"]

    return lines


@pytest.fixture
def group(feature_store):
    features = [Feature("id", "bigint")]
    made = feature_store.create_feature_group("tagged", version=1, primary_key=["id"])
    made.save(features)
    return made


def test_a_schema_is_made_read_listed_and_removed(schemas):
    assert schemas.list()["count"] == 0
    made = schemas.create("ownership", OWNERSHIP)
    assert made["name"] == "ownership"
    assert json.loads(made["value"]) == OWNERSHIP
    assert (made["hasNestedTypes"], made["hasAdditionalRules"]) == (False, True)
    simple = {"type": "object", "properties": {"a": {"type": "array", "items": {}}}}
    made = schemas.create("with blank/ü", json.dumps(simple))
    assert (made["hasNestedTypes"], made["hasAdditionalRules"]) == (True, False)
    assert json.loads(schemas.get("with blank/ü")["value"]) == simple
    listed = schemas.list()
    assert listed["count"] == 2
    assert [schema["name"] for schema in listed["items"]] == ["ownership", "with blank/ü"]
    schemas.delete("ownership")
    assert [schema["name"] for schema in schemas.list()["items"]] == ["with blank/ü"]
    with pytest.raises(NotFoundError) as raised:
        schemas.get("ownership")
    assert raised.value.error_code == 370000
    with pytest.raises(NotFoundError):
        schemas.delete("ownership")


def test_tags_are_held_against_their_schema(schemas, group, feature_store, api):
    tags = (
        f"project/{feature_store.project_id}/featurestores/{feature_store.id}"
        f"/featuregroups/{group.id}/tags"
    )

    def value(name):
        return json.loads(api.call("GET", f"{tags}/{name}")["items"][0]["value"])

    api.call("PUT", f"{tags}/ownership", 201, json="any value while there is no schema")
    schemas.create("ownership", OWNERSHIP)
    schemas.create("level", {"type": "string", "enum": ["5", "gold"]})
    api.call("PUT", f"{tags}/ownership", 200, json={"team": "risk", "since": 2020})
    for refused, words in [
        ({"since": 2020}, "needs 'team'"),
        ({"team": "risk", "since": 1999}, "at least 2000"),
        ({"team": "risk", "more": 1}, "no 'more'"),
        ("text", "must be of type object"),
    ]:
        answer = api.send("PUT", f"{tags}/ownership", json=refused)
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 370005)
        assert words in answer.json()["usrMsg"]
    assert value("ownership") == {"team": "risk", "since": 2020}
    api.call("PUT", f"{tags}/level", 201, json="5")
    assert api.error("PUT", f"{tags}/level", json="tin") == (400, 370005)
    assert value("level") == "5"
    api.call("PUT", f"{tags}/unknown_to_schemas", 201, json=5)
    several = {"items": [{"name": "also", "value": "1"}, {"name": "level", "value": "tin"}]}
    assert api.error("PUT", tags, json=several) == (400, 370005)
    assert api.call("GET", tags)["count"] == 3


def test_a_group_whose_tag_is_refused_is_not_made(schemas, feature_store):
    schemas.create("ownership", OWNERSHIP)
    tag = {"name": "ownership", "value": {"since": 2020}}
    refused = feature_store.create_feature_group(
        "refused", version=1, primary_key=["id"], tags=[tag]
    )
    with pytest.raises(RestAPIError, match="needs 'team'"):
        refused.save([Feature("id", "bigint")])
    assert feature_store.get_feature_group("refused", version=1) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", {}), "name is empty"),
        ((None, {}), "name is of type NoneType"),
        (("n", "{"), "'n' is no JSON.*dict or JSON text"),
        (("n", "[1]"), "'n' is of type list"),
        (("n", 5), "'n' is of type int"),
        (("n", None), "'n' is of type NoneType"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_sent(schemas, sent, arguments, words):
    before = len(sent())
    with pytest.raises(ValueError, match=words):
        schemas.create(*arguments)
    for call in (schemas.get, schemas.delete):
        with pytest.raises(ValueError, match="name is empty"):
            call("")
    assert len(sent()) == before


def test_what_the_server_refuses(schemas):
    schemas.create("once", {"type": "string"})
    with pytest.raises(ConflictError) as raised:
        schemas.create("once", {"type": "integer"})
    assert raised.value.error_code == 370003
    assert json.loads(schemas.get("once")["value"]) == {"type": "string"}
    with pytest.raises(RestAPIError, match=r"\$\.type is 'text'") as raised:
        schemas.create("bad", {"type": "text"})
    assert raised.value.error_code == 370001
    with pytest.raises(RestAPIError, match="'anyOf'") as raised:
        schemas.create("bad", {"anyOf": [{"type": "string"}]})
    assert raised.value.response.status_code == 501
    with pytest.raises(RestAPIError, match="archive") as raised:
        schemas.create("bad", {"type": "string"}, archive=True)
    assert raised.value.response.status_code == 501
    assert schemas.list()["count"] == 1


def test_only_administrators_change_schemas(schemas, monkeypatch):
    def refuse(operation, body=None, **params):
        raise ForbiddenError("http://host", Response("http://host", 403, "Forbidden", {}, b"{}"))

    monkeypatch.setattr(schemas, "_call", refuse)
    with pytest.raises(PermissionError, match=r"'n' takes an administrator.*HOPS_ADMIN"):
        schemas.create("n", {})
    with pytest.raises(PermissionError, match="HOPS_ADMIN"):
        schemas.delete("n")
    monkeypatch.undo()


def test_one_class_under_both_names():
    import hopsworks_common.core.tag_schemas_api

    import hsfs.core.tag_schemas_api

    assert hsfs.core.tag_schemas_api.TagSchemasApi is TagSchemasApi
    assert hopsworks_common.core.tag_schemas_api.TagSchemasApi is TagSchemasApi
    assert hopsworks.core.tag_schemas_api.TagSchemasApi is TagSchemasApi


# ---------------------------------------------------------------------------------------------- values and schemas


@pytest.mark.parametrize(
    ("schema", "allowed", "refused"),
    [
        ({}, [None, 1, "a", [], {}], []),
        ({"type": "integer"}, [0, -5, 2.0], [1.5, True, "1", None]),
        ({"type": "number"}, [0, 1.5], [True, "1"]),
        ({"type": "boolean"}, [True, False], [0, 1, "true"]),
        ({"type": "null"}, [None], [0, ""]),
        ({"type": ["string", "null"]}, ["", None], [0, []]),
        ({"enum": [1, "a", None]}, [1, "a", None], [True, 2, "b"]),
        ({"const": [1, 2]}, [[1, 2]], [[2, 1], 1]),
        ({"minimum": 1, "maximum": 3}, [1, 3, "text"], [0, 3.5]),
        ({"minLength": 2, "maxLength": 3}, ["ab", "abc", 1], ["a", "abcd"]),
        ({"pattern": "^a.c$"}, ["abc", 5], ["abcd", ""]),
        (
            {"items": {"type": "string"}, "minItems": 1, "maxItems": 2},
            [["a"]],
            [[], [1], ["a"] * 3],
        ),
        ({"uniqueItems": True}, [[1, True, 2]], [[1, 2, 1], [{"a": 1}, {"a": 1}]]),
        ({"required": ["a"]}, [{"a": None}, "text"], [{}, {"b": 1}]),
        ({"properties": {"a": {"type": "object"}}}, [{}, {"a": {}}, {"b": 1}], [{"a": 1}]),
        ({"additionalProperties": {"type": "string"}}, [{"a": "b"}], [{"a": 1}]),
        ({"properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}], [{"b": 1}]),
    ],
)
def test_values(schema, allowed, refused):
    check_schema(schema)
    assert [value for value in allowed if faults(schema, value)] == []
    assert [value for value in refused if not faults(schema, value)] == []


@pytest.mark.parametrize(
    ("schema", "error"),
    [
        ([], SchemaError),
        ({"type": "text"}, SchemaError),
        ({"type": 5}, SchemaError),
        ({"minLength": True}, SchemaError),
        ({"required": [1]}, SchemaError),
        ({"pattern": "("}, SchemaError),
        ({"properties": {"a": 1}}, SchemaError),
        ({"items": {"type": "x"}}, SchemaError),
        ({"$ref": "#/a"}, UnsupportedKeyword),
        ({"properties": {"a": {"oneOf": []}}}, UnsupportedKeyword),
    ],
)
def test_schemas_that_cannot_be_used(schema, error):
    with pytest.raises(error):
        check_schema(schema)


def test_a_schema_without_an_end():
    schema = {}
    for _ in range(100):
        schema = {"properties": {"a": schema}}
    with pytest.raises(SchemaError, match="32 levels"):
        check_schema(schema)
