"""The rules of Avro that the embedded server's registry keeps, beside those of the Apache Avro package."""

from __future__ import annotations

import json
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hopsworks.local.avro_schema import AvroError, obstacle, parse

from . import official

SCRIPT = Path(__file__).with_name("scripts") / "avro_rules.py"
PAIRS = 3000
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
DEFAULTS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": 3,
    "long": 4,
    "double": 0.5,
    "string": "x",
}
pytestmark = pytest.mark.timeout(600)


class Maker:
    """Makes schemas at random."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def schema(self, depth: int = 3) -> Any:
        kinds = [self.primitive] * 3
        if depth:
            kinds += [
                self.array,
                self.mapping,
                self.union,
                self.record,
                self.record,
                self.enum,
                self.fixed,
            ]
        make = self.random.choice(kinds)
        return make(depth - 1)

    def primitive(self, depth: int) -> Any:
        return self.random.choice(PRIMITIVES)

    def array(self, depth: int) -> Any:
        return {"type": "array", "items": self.schema(depth)}

    def mapping(self, depth: int) -> Any:
        return {"type": "map", "values": self.schema(depth)}

    def union(self, depth: int) -> Any:
        return [self.schema(depth) for _ in range(self.random.randint(1, 3))]

    def record(self, depth: int) -> Any:
        names = self.random.sample("abcd", self.random.randint(0, 3))
        return {
            "type": "record",
            "name": self.name(),
            "fields": [self.field(n, depth) for n in names],
        }

    def field(self, name: str, depth: int) -> Any:
        made = {"name": name, "type": self.schema(depth)}
        if (
            isinstance(made["type"], str)
            and made["type"] in DEFAULTS
            and self.random.random() < 0.5
        ):
            made["default"] = DEFAULTS[made["type"]]
        return made

    def enum(self, depth: int) -> Any:
        symbols = self.random.sample("ABCD", self.random.randint(1, 3))
        return {"type": "enum", "name": self.name(), "symbols": symbols}

    def fixed(self, depth: int) -> Any:
        return {"type": "fixed", "name": self.name(), "size": self.random.randint(1, 2)}

    def name(self) -> str:
        # Few names, so that pairs agree now and then and schemas define one twice now and then.
        return self.random.choice(["R", "S", "n.R"])

    def changed(self, schema: Any) -> Any:
        """A copy with, here and there, another part: most pairs of unrelated schemas say little."""
        if self.random.random() < 0.12:
            return self.schema(1)
        if isinstance(schema, list):
            return [self.changed(branch) for branch in schema]
        if not isinstance(schema, dict):
            return schema
        made = dict(schema)
        for key in ("items", "values"):
            if key in made:
                made[key] = self.changed(made[key])
        if "fields" in made:
            kept = [f for f in made["fields"] if self.random.random() < 0.9]
            made["fields"] = [
                f if "default" in f else {**f, "type": self.changed(f["type"])} for f in kept
            ]
            if self.random.random() < 0.2 and all(f["name"] != "z" for f in kept):
                made["fields"].append(self.field("z", 0))
        return made


def mine(reader: Any, writer: Any) -> str:
    try:
        pair = [parse(json.dumps(schema)) for schema in (reader, writer)]
    except AvroError:
        return "invalid"
    return "incompatible" if obstacle(*pair) else "compatible"


def test_verdicts_on_schemas_made_at_random(tmp_path: Path) -> None:
    maker = Maker(7)
    pairs = []
    for _ in range(PAIRS):
        writer = maker.schema()
        pairs.append([maker.changed(writer), writer])
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps(pairs))
    done = subprocess.run(
        [str(official.interpreter()), str(SCRIPT), str(file)],
        env=official.environment({"HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    theirs = json.loads(done.stdout.strip().splitlines()[-1])
    found = [mine(*pair) for pair in pairs]
    different = [
        (ours, other, pair)
        for ours, other, pair in zip(found, theirs, pairs, strict=True)
        if ours != other
    ]
    assert different[:3] == []
    assert min(Counter(found)[word] for word in ("invalid", "incompatible", "compatible")) > 100
