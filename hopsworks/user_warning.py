"""Warnings that point at the line of the user's program that caused them."""

from __future__ import annotations

import sys
import warnings

_OWN_PACKAGES = ("hopsworks", "hopsworks_common", "hsfs", "hsml")


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn about the nearest caller outside of this project, however many calls lie between.

    Parameters:
        message: What the user should know.
        category: The class that programs filter on.

    Example:
        ```python
        warn_user("The training data is version 3.", VersionWarning)
        ```
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        if frame.f_back is None:
            break
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
