"""Reading the configuration file of ``lakectl``, which is YAML.

The small reader here takes what ``lakectl config`` writes and what people add to it: nested keys, plain and quoted
values, comments, lists. For anything else PyYAML is asked where it is installed. So no package is required.
Messages name lines and never show one: it may hold a secret.
"""

from __future__ import annotations

from hopsworks.lakefs.exceptions import LakeFSException

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

_NULLS = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "/": "/", " ": " "}


class ConfigurationFileError(LakeFSException):
    """The configuration file cannot be read."""


class _NotSimple(Exception):
    """Something that only a whole YAML reader knows."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")


def read(path: str) -> dict[str, Any]:
    """Read a configuration file.

    Parameters:
        path: Where it is.

    Returns:
        Its keys; nothing when there is no such file, or an empty one.

    Raises:
        ConfigurationFileError: If it cannot be read, or is not YAML with keys.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFileError(f"{path} cannot be read: {error}") from error
    try:
        content = parse(text)
    except _NotSimple as problem:
        content = _by_pyyaml(path, text, problem)
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationFileError(
            f"{path} must hold keys, as in 'server:', not {type(content).__name__}"
        )
    return content


def _by_pyyaml(path: str, text: str, problem: _NotSimple) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        raise ConfigurationFileError(
            f"{path}, {problem}. Write it plainly (key: value), or install pyyaml, which reads all"
            " of YAML"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = "" if mark is None else f", line {mark.line + 1}"
    # Outside of the handler, so that a traceback does not show the line either.
    raise ConfigurationFileError(
        f"{path}{place}: this is not YAML; keys look like 'key: value', and a value with other"
        " characters than letters and digits is safe in single quotes"
    )


# --- the small reader ----------------------------------------------------------------------------------------------


class _Line:
    """A line with content: its number, how far it is indented, and the rest."""

    __slots__ = ("indent", "number", "text")

    def __init__(self, number: int, raw: str) -> None:
        self.number = number
        self.text = raw.lstrip(" ")
        self.indent = len(raw) - len(self.text)


def parse(text: str) -> Any:
    """Read simple YAML.

    Parameters:
        text: Content of a file.

    Returns:
        Dicts, lists and scalars; None for nothing.
    """
    lines: list[_Line] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#") or (stripped == "---" and not lines):
            continue
        if "\t" in raw[: len(raw) - len(raw.lstrip())]:
            raise _NotSimple(number, "a tab cannot indent")
        lines.append(_Line(number, raw.rstrip()))
    if not lines:
        return None
    value, end = _block(lines, 0, lines[0].indent)
    if end < len(lines):
        raise _NotSimple(lines[end].number, "indented unlike the lines before it")
    return value


def _block(lines: list[_Line], start: int, indent: int) -> tuple[Any, int]:
    if lines[start].text == "-" or lines[start].text.startswith("- "):
        return _sequence(lines, start, indent)
    return _mapping(lines, start, indent)


def _mapping(lines: list[_Line], at: int, indent: int) -> tuple[dict[str, Any], int]:
    made: dict[str, Any] = {}
    while at < len(lines) and lines[at].indent == indent:
        line = lines[at]
        split = _split_key(line)
        if split is None:
            if line.text.startswith("- "):
                break
            raise _NotSimple(line.number, "this is no 'key: value'")
        key, rest = split
        if key in made:
            raise _NotSimple(line.number, f"the key '{key}' stands twice")
        at += 1
        made[key], at = _value(lines, at, indent, rest, line.number)
    return made, at


def _value(lines: list[_Line], at: int, indent: int, rest: str, number: int) -> tuple[Any, int]:
    """The value of a key: on its line, or the deeper lines below it."""
    if rest:
        return _scalar(rest, number), at
    if at < len(lines):
        below = lines[at]
        # A list may stand as far left as its key.
        if below.indent > indent or (below.indent == indent and below.text.startswith("- ")):
            return _block(lines, at, below.indent)
    return None, at


def _sequence(lines: list[_Line], at: int, indent: int) -> tuple[list[Any], int]:
    made: list[Any] = []
    while at < len(lines) and lines[at].indent == indent:
        line = lines[at]
        if line.text != "-" and not line.text.startswith("- "):
            break
        rest = line.text[1:].strip()
        at += 1
        if rest and _split_key(_Line(line.number, rest)) is not None:
            raise _NotSimple(line.number, "a list of keys")
        value, at = _value(lines, at, indent + 1, _uncommented(rest), line.number)
        made.append(value)
    return made, at


def _split_key(line: _Line) -> tuple[str, str] | None:
    """Key and rest of a line, without its comment."""
    text = line.text
    if text[0] in "\"'":
        end = text.find(text[0], 1)
        if end < 0 or not text[end + 1 :].lstrip().startswith(":"):
            return None
        rest = text[end + 1 :].lstrip()[1:]
        key = text[1:end]
    else:
        key, colon, rest = text.partition(":")
        if not colon or (rest and not rest.startswith(" ")) or not _is_plain_key(key):
            return None
    return key, _uncommented(rest.strip())


def _is_plain_key(key: str) -> bool:
    return key[:1].isalnum() and key.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()


def _uncommented(text: str) -> str:
    """The text without a comment behind it; inside quotes a # is a #."""
    if text.startswith("#"):
        return ""
    if text[:1] in ("'", '"'):
        return text
    cut = text.find(" #")
    return text if cut < 0 else text[:cut].rstrip()


def _scalar(text: str, number: int) -> Any:
    if text[:1] in ("'", '"'):
        return _quoted(text, number)
    if text == "{}":
        return {}
    if text == "[]":
        return []
    if text[0] in "&*!|>{}[]%@`,#" or text[:2] in ("- ", "? ", "-", "?"):
        raise _NotSimple(number, f"what begins with '{text[0]}' is more than a plain value")
    if ": " in text or text.endswith(":"):
        raise _NotSimple(number, "the value has a colon; put it in quotes")
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    digits = text[1:] if text[0] in "+-" else text
    if digits.isdecimal() and digits.isascii() and (digits == "0" or digits[0] != "0"):
        return int(text)
    return text


def _quoted(text: str, number: int) -> str:
    quote, out, at = text[0], [], 1
    while at < len(text):
        char = text[at]
        if char == quote:
            if quote == "'" and text[at + 1 : at + 2] == "'":
                out.append("'")
                at += 2
                continue
            if _uncommented(text[at + 1 :].strip()):
                raise _NotSimple(number, "something stands behind the closing quote")
            return "".join(out)
        if char == "\\" and quote == '"':
            escape = text[at + 1 : at + 2]
            if escape not in _ESCAPES:
                raise _NotSimple(number, f"the escape '\\{escape}'")
            out.append(_ESCAPES[escape])
            at += 2
            continue
        out.append(char)
        at += 1
    raise _NotSimple(number, "a quote is not closed")
