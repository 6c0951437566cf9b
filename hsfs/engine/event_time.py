"""Moments as the feature store writes them: milliseconds since 1970 in UTC.

Users give text, dates, datetimes, pandas timestamps or numbers; every public method that takes a moment turns it into a
number here, so that all of them understand the same spellings.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

# What public methods take for a moment.
Moment = str | int | datetime | date | None

# Punctuation is dropped before a text is matched, so "2024-01-31 12:00" and "20240131 1200" are the same moment.
_PUNCTUATION = str.maketrans("", "", "/- :.")
_TEXT_FORMATS = {
    8: "%Y%m%d",
    10: "%Y%m%d%H",
    12: "%Y%m%d%H%M",
    14: "%Y%m%d%H%M%S",
    17: "%Y%m%d%H%M%S%f",
}
_ISO_TEXT = re.compile(r"\d{8}T\d{6}(\d{3}|\d{6})?Z")


def to_milliseconds(moment: Moment) -> int | None:
    """Turn a moment into milliseconds since 1970 in UTC.

    Parameters:
        moment: Text such as `2024-01-31`, `2024-01-31 12:00:00` or `20240131120000`, a date, a datetime (naive ones are
            taken as UTC), a pandas timestamp, or a number: up to ten digits are seconds, more are milliseconds.

    Returns:
        The number of milliseconds, or None when `moment` is None, empty or 0.

    Raises:
        ValueError: The text or the type is not understood.
    """
    if not moment:
        return None
    if isinstance(moment, int) and not isinstance(moment, bool):
        return moment * 1000 if len(str(moment)) <= 10 else moment
    if isinstance(moment, str):
        return _text_to_milliseconds(moment)
    # A pandas timestamp is a datetime; its nanoseconds are below our resolution.
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    if isinstance(moment, date):
        return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp() * 1000)
    raise ValueError(
        f"An event time must be text, a date, a datetime or an int, not {type(moment).__name__}."
    )


def _text_to_milliseconds(text: str) -> int:
    digits = text.translate(_PUNCTUATION)
    try:
        if _ISO_TEXT.fullmatch(digits):
            parsed = datetime.fromisoformat(text[:-1])
        elif digits.isascii() and digits.isdigit() and len(digits) in _TEXT_FORMATS:
            parsed = datetime.strptime(digits, _TEXT_FORMATS[len(digits)])
        else:
            raise ValueError("unknown format")
    except ValueError as cause:
        raise ValueError(
            f"Cannot read {text!r} as a time. Use YYYY-MM-DD, YYYY-MM-DD HH:MM:SS[.fff] or YYYY-MM-DDTHH:MM:SSZ."
        ) from cause
    return int(parsed.replace(tzinfo=UTC).timestamp() * 1000)


def filter_text(moment: Moment) -> str:
    """Write a moment as filters on timestamp features carry it: `YYYY-MM-DD HH:MM:SS` in UTC."""
    milliseconds = to_milliseconds(moment)
    if milliseconds is None:
        raise ValueError("A timestamp feature cannot be compared with an empty value; give a time.")
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")


def commit_text(milliseconds: int) -> str:
    """Write the time of a commit as `yyyyMMddHHmmssSSS` in UTC."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    return moment.strftime("%Y%m%d%H%M%S") + f"{milliseconds % 1000:03d}"
