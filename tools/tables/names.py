"""How keys are spelled on the wire, and how the official client spells them in Python."""

from __future__ import annotations

import re

_SPLIT = re.compile(r"([\-_\s]*[A-Z0-9]+[^A-Z\-_\s]+[\-_\s]*)")
_CAPITALS = re.compile(r"([A-Z]+)(?=[A-Z][a-z])")


def camel_case(name: str) -> str:
    """`feature_group_id` -> `featureGroupId`."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def decamelize(key: str) -> str:
    """The spelling that the official client gives a response key, oddities included."""
    if key.isnumeric() or key.isupper():
        return key
    titled = _CAPITALS.sub(lambda match: match.group(1).title(), key)
    return "_".join(piece for piece in _SPLIT.split(titled) if piece).lower()
