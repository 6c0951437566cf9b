"""The two spellings of a name: ``maxBatchSize`` in JSON, ``max_batch_size`` in Python."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_CAPITALS = re.compile(r"([A-Z]+)(?=[A-Z][a-z])")
_WORD = re.compile(r"([\-_\s]*[A-Z0-9]+[^A-Z\-_\s]+[\-_\s]*)")
_WORD_END = re.compile(r"([^\-_\s])[\-_\s]+([^\-_\s])")


def snake_case(name: str) -> str:
    """A camel-case key in snake case, with the oddities that programs know: ``s3Path`` is ``s_3path``.

    Parameters:
        name (str): For example ``"maxBatchSize"``.

    Returns:
        str: For example ``"max_batch_size"``; a key that is all capitals, like ``"URL"``, stays as it is.
    """
    if name.isupper() or name.isnumeric():
        return name
    titled = _CAPITALS.sub(lambda found: found[1].title(), name)
    return "_".join(filter(None, _WORD.split(titled))).lower()


def snake_case_keys(value: Any) -> Any:
    """A JSON value with every key in snake case.

    Parameters:
        value: Decoded JSON.

    Returns:
        A copy with the other spelling.
    """
    if isinstance(value, dict):
        return {snake_case(key): snake_case_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [snake_case_keys(item) for item in value]
    return value


def camel_case(name: str) -> str:
    """A snake-case key in camel case. A first word of one letter keeps its underscore, as servers expect it.

    Parameters:
        name (str): For example ``"max_batch_size"``.

    Returns:
        str: For example ``"maxBatchSize"``.
    """
    if not name or name.isupper() or name.isnumeric():
        return name
    first = name[0] if name[:2].isupper() else name[0].lower()
    return first + _WORD_END.sub(lambda found: found[1] + found[2].upper(), name[1:])
