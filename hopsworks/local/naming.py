"""Rules for the names and descriptions of feature groups, feature views and features."""

from __future__ import annotations

import re

from hopsworks.local.errors import ApiError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DESCRIPTION_LIMIT = 256


def check_name(name: str) -> None:
    """Refuse a name of a feature group or feature view that is not allowed."""
    if not NAME.fullmatch(name):
        raise ApiError(
            400,
            270091,
            "The name is not valid.",
            f"'{name}' must begin with a lower-case letter and hold only lower-case letters, digits and underscores, at most 63.",
        )


def check_description(description: object, owner: str) -> None:
    """Refuse a description that is too long; the owner is named as ``'flights'`` or ``feature 'carrier'``."""
    if len(str(description or "")) > _DESCRIPTION_LIMIT:
        raise ApiError(
            400,
            270092,
            "The description is too long.",
            f"The description of {owner} has more than {_DESCRIPTION_LIMIT} characters.",
        )
