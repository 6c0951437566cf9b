"""Checks of what users pass, before anything is sent."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


def checked_text(value: Any, argument: str, remedy: str) -> str:
    """A text of an argument that must be given.

    Parameters:
        value: What the user passed.
        argument: Name of the argument.
        remedy: What to pass; a sentence.

    Returns:
        The value.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is empty.
    """
    # The value is not repeated: it may be a secret.
    if not isinstance(value, str):
        raise TypeError(f"{argument} is of type {type(value).__name__}, not str. {remedy}")
    if not value:
        raise ValueError(f"{argument} is empty. {remedy}")
    return value


def checked_path(path: Any, argument: str = "path") -> str:
    """A path in a project.

    Parameters:
        path: What the user passed.
        argument: Name of the argument.

    Returns:
        The path.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is empty.
    """
    return checked_text(
        path, argument, "Pass a path in the project, such as 'Resources/notes.txt'."
    )


def checked_count(value: Any, argument: str) -> int:
    """A number of things.

    Parameters:
        value: What the user passed.
        argument: Name of the argument.

    Returns:
        The value.

    Raises:
        TypeError: If it is no whole number.
        ValueError: If it is below 0.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{argument} must be a whole number, not {value!r}.")
    if value < 0:
        raise ValueError(f"{argument} must not be below 0, it is {value}.")
    return value


def checked_run_arguments(args: Any) -> str | None:
    """The arguments of a run of a job.

    Parameters:
        args: What the user passed; None for those of the job's configuration.

    Returns:
        The value.

    Raises:
        TypeError: If it is no text.
    """
    if args is not None and not isinstance(args, str):
        raise TypeError(
            f"args is of type {type(args).__name__}, not str. Pass the arguments as one text, such as "
            "'--epochs 3'; shlex.join() makes it of a list."
        )
    return args
