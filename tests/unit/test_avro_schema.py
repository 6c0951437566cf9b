"""Avro schemas of the embedded server's registry: what is one, and what can read what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hopsworks.local.avro_schema import AvroError, canonical, obstacle, parse


def record(*fields: Any, name: str = "r", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


NODE = record(field("next", ["null", "node"], default=None), name="node")
ENUM = {"type": "enum", "name": "e", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "f", "size": 2}


@pytest.mark.parametrize(
    "schema",
    [
        "string",
        {"type": "long", "logicalType": "timestamp-micros"},
        [
            "null",
            "int",
            {"type": "array", "items": "int"},
            {"type": "map", "values": ["null", "int"]},
        ],
        record(),
        NODE,
        record(field("a", ENUM), field("b", "e", default="B"), name="x.y.r"),
        record(field("a", FIXED), field("b", "n.f"), namespace="n"),
        record(
            field("a", "bytes", default="\u00ff", order="ignore", aliases=["old"]),
            aliases=["q", "n.q"],
        ),
        record(field("a", ["string", "null"], default=None)),
        record(field("a", record(field("x", "int"), name="inner"), default={"x": 1})),
        record(field("a", {"type": "map", "values": "double"}, default={"k": 1})),
        {**ENUM, "default": "A"},
        {"type": "error", "name": "e", "fields": []},
    ],
)
def test_schemas(schema: Any) -> None:
    assert obstacle(parse(json.dumps(schema)), parse(json.dumps(schema))) is None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("strin", "no type 'strin'"),
        (5, "not 5"),
        ({}, "'type' of {} is missing"),
        ({"type": ["null", "int"]}, "'type' of"),
        ({"type": "array"}, "no 'items'"),
        ({"type": "map", "values": "nothing"}, "no type 'nothing'"),
        (["null", "null"], "null twice"),
        (["int", ["null"]], "union itself"),
        ([ENUM, "e"], "enum e twice"),
        ({"type": "record", "fields": []}, "the name of the record"),
        ({"type": "record", "name": "1a", "fields": []}, "the name of the record"),
        ({"type": "record", "name": "int", "fields": []}, "primitive"),
        ({"type": "record", "name": "r", "namespace": "a-b", "fields": []}, "namespace"),
        ({"type": "record", "name": "r"}, "'fields' of record r"),
        (record("x"), "no object"),
        (record({"name": "a"}), "'a' of record r has no 'type'"),
        (record({"type": "int"}), "the name of the field"),
        (record(field("a b", "int")), "the name of the field"),
        (record(field("a", "int"), field("a", "int")), "two fields 'a'"),
        (record(field("a", "int", order="up")), "the order of the field 'a'"),
        (record(field("a", "int", aliases="b")), "aliases of the field 'a'"),
        (record(field("a", record()), field("b", record(name="r"))), "'r' is defined twice"),
        (
            record(field("a", "int", default="1")),
            "the default of the field 'a' of record r, \"1\", is no int",
        ),
        (record(field("a", "int", default=2**31)), "is no int"),
        (record(field("a", "int", default=True)), "is no int"),
        (record(field("a", "boolean", default=1)), "is no boolean"),
        (record(field("a", "float", default="x")), "is no float"),
        (record(field("a", "bytes", default="\u0100")), "is no bytes"),
        (record(field("a", FIXED, default="abc")), "is no fixed f"),
        (record(field("a", ENUM, default="C")), "is no enum e"),
        (record(field("a", ["null", "int"], default="x")), "is no union"),
        (record(field("a", {"type": "array", "items": "int"}, default=["x"])), "is no array"),
        (record(field("a", {"type": "map", "values": "int"}, default=[])), "is no map"),
        (record(field("a", record(field("x", "int"), name="i"), default={})), "is no record i"),
        ({"type": "enum", "name": "e"}, "symbols of enum e are missing"),
        ({"type": "enum", "name": "e", "symbols": ["A", "A"]}, "a symbol twice"),
        ({"type": "enum", "name": "e", "symbols": ["A-1"]}, '"A-1", which is no name'),
        ({**ENUM, "default": "C"}, "none of its symbols"),
        ({"type": "fixed", "name": "f"}, "size of fixed f"),
        ({"type": "fixed", "name": "f", "size": -1}, "size of fixed f"),
    ],
)
def test_what_is_no_schema(schema: Any, words: str) -> None:
    with pytest.raises(AvroError) as raised:
        parse(json.dumps(schema))
    assert words in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"type": "double", "default": Infinity}'])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(AvroError, match="it is no JSON"):
        parse(text)


READABLE = [
    ("long", "int"),
    ("float", "long"),
    ("double", "float"),
    ("string", "bytes"),
    ("bytes", "string"),
    (["null", "long"], "int"),
    ("long", ["int", "long"]),
    (["null", "double", "string"], ["bytes", "int"]),
    ({"type": "array", "items": "long"}, {"type": "array", "items": "int"}),
    ({"type": "map", "values": ["null", "int"]}, {"type": "map", "values": "int"}),
    (record(field("a", "int"), field("b", "int", default=0)), record(field("a", "int"))),
    (record(field("a", "long")), record(field("z", "int"), field("a", "int"))),
    (record(field("new", "int", aliases=["old"])), record(field("old", "int"))),
    (record(name="a.r"), record(name="b.r")),
    (record(name="a.new", aliases=["b.old"]), record(name="b.old")),
    ({**ENUM, "symbols": ["A", "B", "C"]}, ENUM),
    ({**ENUM, "symbols": ["A"], "default": "A"}, ENUM),
    (NODE, NODE),
    (["null", record(field("a", "long"))], ["null", record(field("a", "int"))]),
]


@pytest.mark.parametrize(("reader", "writer"), READABLE)
def test_a_reader_reads_what_the_rules_let_it(reader: Any, writer: Any) -> None:
    assert obstacle(parse(json.dumps(reader)), parse(json.dumps(writer))) is None


@pytest.mark.parametrize(
    ("reader", "writer", "words"),
    [
        ("int", "long", "long cannot be read as int"),
        ("string", "int", "int cannot be read as string"),
        ("int", ["null", "int"], "null cannot be read as int"),
        (["null", "int"], "string", "no branch of the union can hold string"),
        (["null", "int"], ["null", "long"], "can hold long"),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "string"}, "string cannot"),
        (
            record(field("a", "int"), field("b", "int")),
            record(field("a", "int")),
            "the field 'b' of record r is new and has no default",
        ),
        (
            record(field("a", record(field("x", "int"), name="i"))),
            record(field("a", record(field("x", "string"), name="i"))),
            "the field 'a' of record r: the field 'x' of record i: string cannot be read as int",
        ),
        (record(name="a"), record(name="b"), "another name"),
        (ENUM, {**ENUM, "symbols": ["A", "C"]}, "lacks the symbol 'C'"),
        (FIXED, {**FIXED, "size": 3}, "has 2 bytes instead of 3"),
        (
            record(field("next", ["null", "node"]), field("v", "int"), name="node"),
            NODE,
            "the field 'v'",
        ),
    ],
)
def test_a_reader_cannot_read_everything(reader: Any, writer: Any, words: str) -> None:
    reason = obstacle(parse(json.dumps(reader)), parse(json.dumps(writer)))
    assert reason is not None
    assert words in reason


def test_unions_in_unions_are_compared_in_good_time() -> None:
    """Each level has two branches that could fit: sixty levels make 2**60 ways through."""
    levels = 60
    reader: Any = [record(field("new", "int"), name="t", namespace=space) for space in "ab"]
    writer: Any = record(name="t")
    for level in range(levels):
        inner, names = reader, ["a.t", "b.t"] if not level else [f"a.l{level}", f"b.l{level}"]
        reader = [
            record(field("f", kind), name=f"l{level + 1}", namespace=space)
            for space, kind in (("a", inner), ("b", names))
        ]
        writer = record(field("f", writer), name=f"l{level + 1}")
    reason = obstacle(parse(json.dumps(reader)), parse(json.dumps(writer)))
    assert reason == "no branch of the union can hold record l60"


def test_long_schemas_are_read_in_good_time() -> None:
    fields = [field(f"f{number}", "int") for number in range(30_000)]
    assert len(parse(json.dumps(record(*fields))).fields) == 30_000
    union = [record(name=f"r{number}") for number in range(30_000)]
    assert len(parse(json.dumps(union)).branches) == 30_000
    for twice, words in ((record(*fields, fields[7]), "'f7'"), ([*union, "r8"], "r8 twice")):
        with pytest.raises(AvroError, match=words):
            parse(json.dumps(twice))


def test_spellings_of_one_schema() -> None:
    assert canonical('{"type":"int","doc":"x"}') == canonical(' { "doc" : "x", "type" : "int" } ')
    assert canonical('{"type": "boolean", "a": true}') != canonical('{"type": "boolean", "a": 1}')
