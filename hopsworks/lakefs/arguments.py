"""Checks of arguments: what cannot be is refused before anything is sent."""

from __future__ import annotations

from operator import index

from hopsworks.lakefs.exceptions import ValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


def text(value: Any, argument: str, *, empty: bool = False) -> str:
    """Check that an argument is text.

    Parameters:
        value: What was given.
        argument: Name of the parameter.
        empty: Whether it may be empty.

    Returns:
        The text.

    Raises:
        ValidationError: If it is none.
    """
    if not isinstance(value, str):
        raise ValidationError(f"{argument} must be a str, not {type(value).__name__}")
    if not value and not empty:
        raise ValidationError(f"{argument} is empty")
    return value


def reference_id(value: Any, argument: str) -> str:
    """The id of a reference.

    Parameters:
        value: A str, or anything with an ``id``: a reference, branch, tag or commit.
        argument: Name of the parameter.

    Returns:
        The id.

    Raises:
        ValidationError: If it is neither.
    """
    if not isinstance(value, str) and not hasattr(value, "id"):
        raise ValidationError(
            f"{argument} must be the name of a branch, tag or commit, or such an object, not"
            f" {type(value).__name__}"
        )
    return text(value if isinstance(value, str) else value.id, argument)


def whole(value: Any, argument: str, what: str, least: int | None = None) -> int:
    """Check that an argument is a whole number.

    Parameters:
        value: What was given; any type of integer, numpy's too.
        argument: Name of the parameter.
        what: What the number counts, for the message.
        least: The smallest that may be.

    Returns:
        The number.

    Raises:
        ValidationError: If it is none, or smaller.
    """
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or (least is not None and number < least):
        raise ValidationError(f"{argument} must be a whole number ({what}), not {value!r}")
    return number


def metadata(value: Any, argument: str = "metadata") -> dict[str, str] | None:
    """Check keys and values that go with a commit, import or object.

    Parameters:
        value: A mapping of str to str, or None.
        argument: Name of the parameter.

    Returns:
        A dict of its own, or None.

    Raises:
        ValidationError: If a key or value is no str.
    """
    if value is None:
        return None
    try:
        pairs = dict(value)
    except (TypeError, ValueError):
        raise ValidationError(f"{argument} must be a dict of str to str, not {value!r}") from None
    for key, item in pairs.items():
        if not isinstance(key, str) or not isinstance(item, str):
            raise ValidationError(
                f"{argument} must be a dict of str to str; write {str(key)!r}: {str(item)!r}"
            )
    return pairs


def take_timeout(kwargs: dict[str, Any]) -> float | tuple[float | None, float | None] | None:
    """Take ``_request_timeout`` out of keywords.

    Parameters:
        kwargs: The keywords of a call.

    Returns:
        Seconds for the whole call; or a pair, seconds to connect and of silence; None for the client's limits.

    Raises:
        ValidationError: If it is something else.
    """
    if "_request_timeout" not in kwargs:
        return None
    return timeout(kwargs.pop("_request_timeout"), "_request_timeout")


def timeout(value: Any, argument: str) -> float | tuple[float | None, float | None] | None:
    """Check a limit of time.

    Parameters:
        value: A number of seconds, a pair of them, or None.
        argument: Name of the parameter.

    Returns:
        The same.

    Raises:
        ValidationError: If it is something else.
    """
    parts = tuple(value) if isinstance(value, tuple | list) else (value,)
    pair = isinstance(value, tuple | list)
    for part in parts:
        number = isinstance(part, int | float) and not isinstance(part, bool)
        if (pair and len(parts) != 2) or not (part is None or (number and 0 < part < 1e9)):
            raise ValidationError(
                f"{argument} must be a positive number of seconds, or a pair of them (to connect,"
                f" to read), not {value!r}"
            )
    return parts if pair else value


def seconds_since_1970(value: Any, argument: str) -> int | None:
    """Check a moment.

    Parameters:
        value: Seconds since 1970, a datetime with a time zone, or None.
        argument: Name of the parameter.

    Returns:
        Seconds since 1970, or None.

    Raises:
        ValidationError: If it is something else.
    """
    if value is None:
        return None
    # A datetime is known by its methods: its module need not be loaded for that.
    if hasattr(value, "timestamp") and getattr(value, "tzinfo", None) is not None:
        return int(value.timestamp())
    return whole(value, argument, "seconds since 1970, or a datetime with a time zone")


def warn_of_others(function: str, kwargs: dict[str, Any], known: tuple[str, ...]) -> None:
    """Tell the caller of a function about keywords that it ignores: most of them are misspelt.

    Parameters:
        function: Name of the function that got them.
        kwargs: Its keywords.
        known: Those that it takes.
    """
    for name in kwargs:
        if name not in known:
            import warnings

            warnings.warn(
                f"{function}() ignores the keyword '{name}'; it knows {', '.join(known)}",
                UserWarning,
                stacklevel=3,
            )


def refuse_others(function: str, kwargs: dict[str, Any]) -> None:
    """Refuse keywords that nothing knows.

    Parameters:
        function: Name of the function that got them.
        kwargs: What is left of its keywords.

    Raises:
        TypeError: If anything is left.
    """
    for name in kwargs:
        raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
