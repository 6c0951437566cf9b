"""Changing ``~/.hops.toml``: the table ``default`` gets other values, everything else stays as the user wrote it.

The text is edited line by line, since comments and the order of keys are the user's. Whatever the lines look like, the result is read
back before it is written: a file in which the edit would change anything else is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tomllib

from hopsworks.config import config_file

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_HEADER = re.compile(r"""\s*\[\s*(?:default|"default"|'default')\s*\]\s*(?:#.*)?""")
_ANY_HEADER = re.compile(r"\s*\[")
_KEY = re.compile(r"""\s*(?:"([^"\\]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*=""")


def update(changes: dict[str, str | int | bool | None]) -> str:
    """Set or remove keys of the table ``default``.

    Parameters:
        changes: Keys and their new values; None removes a key. A file that holds nothing any more is removed.

    Returns:
        Path of the file. It can be read by its owner only.

    Raises:
        ValueError: If the file is not TOML, or is written in a way that cannot be edited; it is not changed then.
        OSError: If it cannot be read or written.
    """
    path = config_file()
    # A link, as those who keep such files in a repository have, stays a link.
    place = os.path.realpath(path)
    try:
        with open(place, encoding="utf-8", newline="") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(
            f"{path} is not a valid TOML file: {error}. Correct it or remove it."
        ) from None
    edited = _edited(text, changes)
    if not _holds(edited, _expected(before, changes)):
        raise ValueError(
            f"{path} is written in a way that cannot be edited here. Write its table [default] as one "
            f"'key = value' a line, or set these keys by hand: {', '.join(sorted(changes))}."
        )
    if edited.strip():
        write_private(place, edited)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place)
    return path


def write_private(path: str, text: str) -> None:
    """Write a text file that only its owner can read, whole or not at all.

    Parameters:
        path: The file; its folder is made when missing.
        text: Its content.
    """
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):  # of a process of the same number that was killed
        os.unlink(temporary)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _expected(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    table = before.get("default", {})
    table = {**table, **changes} if isinstance(table, dict) else dict(changes)
    after = {**before, "default": {key: value for key, value in table.items() if value is not None}}
    if not after["default"]:
        del after["default"]
    return after


def _holds(text: str, expected: dict[str, Any]) -> bool:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    if found.get("default") == {}:
        del found["default"]
    return found == expected


def _edited(text: str, changes: dict[str, Any]) -> str:
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    start = next(
        (n for n, line in enumerate(lines) if _HEADER.fullmatch(line.rstrip("\r\n"))), None
    )
    if start is None:
        added = [
            f"{key} = {_value(value)}{ending}"
            for key, value in changes.items()
            if value is not None
        ]
        gap = [ending] if lines and added else []
        return "".join([*lines, *gap, *([f"[default]{ending}", *added] if added else [])])
    end = next((n for n in range(start + 1, len(lines)) if _ANY_HEADER.match(lines[n])), len(lines))
    kept = []
    left = dict(changes)
    for line in lines[start + 1 : end]:
        match = _KEY.match(line)
        name = next(filter(None, match.groups()), "") if match else None
        if name not in changes:
            kept.append(line)
            continue
        value = left.pop(name, None)
        if value is not None:
            kept.append(f"{name} = {_value(value)}{ending}")
    added = [f"{key} = {_value(value)}{ending}" for key, value in left.items() if value is not None]
    last = max((n for n, line in enumerate(kept, 1) if line.strip()), default=0)
    kept[last:last] = added
    table = [lines[start], *kept] if any(line.strip() for line in kept) else []
    return "".join([*lines[:start], *table, *lines[end:]])


def _value(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
