"""What the Apache Avro package says of schemas and of pairs of them.

    python avro_rules.py PAIRS.json

PAIRS holds pairs of schemas, reader and writer. The last line printed is a JSON array with a word for each: "invalid" when
one of them is no schema, else "compatible" or "incompatible".
"""

import json
import sys

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import parse


def verdict(reader, writer):
    try:
        pair = [parse(json.dumps(schema)) for schema in (reader, writer)]
    except AvroException:
        return "invalid"
    found = ReaderWriterCompatibilityChecker().get_compatibility(*pair).compatibility
    return "compatible" if found is SchemaCompatibilityType.compatible else "incompatible"


with open(sys.argv[1]) as given:
    sys.stdout.write(json.dumps([verdict(*pair) for pair in json.load(given)]) + "\n")
