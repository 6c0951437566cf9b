"""Secrets among the parameters and replies of the Hub, which no error and no line of debugging shows."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MASK = "***"
_SECRET = r"(?:\w*_)?(?:password|token)(?:_confirmation)?"


def masked(value: Any) -> Any:
    """Return a value of JSON with a mask in place of its passwords and tokens, at any depth.

    Parameters:
        value: The value; it is not changed. What holds no secret comes back as it is.
    """
    import re

    is_secret = re.compile(_SECRET, re.ASCII | re.IGNORECASE).fullmatch

    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: MASK
                if isinstance(name, str) and is_secret(name) and _tells(inner)
                else shown(inner)
                for name, inner in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [shown(inner) for inner in value]
        return value

    return shown(value)


def _tells(secret: Any) -> bool:
    """Whether there is something to hide: "no token" may be shown."""
    return not (secret is None or isinstance(secret, bool) or secret == "")


def masked_text(text: str) -> str:
    """Return a text with a mask in place of the passwords and tokens of the JSON in it; the rest stays as it is.

    Parameters:
        text: JSON, also with words before it or cut short.
    """
    import re

    # The name, then a text, also one that is cut short, or a number.
    pattern = rf'("{_SECRET}"\s*:\s*)(?:"(?:[^"\\]|\\.)+"?|-?\d[\w.+-]*)'
    return re.sub(pattern, rf'\1"{MASK}"', text, flags=re.ASCII | re.IGNORECASE | re.DOTALL)
