"""Quartz cron expressions, in UTC: the times at which a scheduled job runs.

Six or seven fields: second, minute, hour, day of the month, month, day of the week, year. Understood are
``*``, ``?``, numbers, names of months and days, lists, ranges, steps, ``L`` as the last day of the month,
``6L`` as its last Friday and ``6#2`` as its second Friday. ``W``, ``C`` and ``L-3`` are refused.
"""

from __future__ import annotations

import calendar
import datetime

_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if number}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_LAST_YEAR = 2099
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("second", 0, 59, {}),
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 1, 7, _DAYS),
    ("year", 1970, _LAST_YEAR, {}),
)


class CronError(ValueError):
    """An expression that is not Quartz cron, or uses a part of it that is not served here."""


class Cron:
    """A parsed expression.

    Args:
        expression: six or seven fields with spaces between them.

    Raises:
        CronError: the expression cannot be understood; the text says which field and why.

    Example:
        >>> noon = Cron("0 0 12 ? * MON-FRI")
        >>> noon.after(datetime.datetime(2026, 1, 2, 13, tzinfo=datetime.UTC)).isoformat()
        '2026-01-05T12:00:00+00:00'
    """

    def __init__(self, expression: str) -> None:
        fields = expression.upper().split() if isinstance(expression, str) else []
        if len(fields) not in (6, 7):
            raise CronError(
                f"The cron expression {expression!r} has {len(fields)} fields. A Quartz expression has six or "
                "seven: second minute hour day-of-month month day-of-week [year], such as '0 0 12 ? * *'."
            )
        if (fields[3] == "?") == (fields[5] == "?"):
            raise CronError(
                f"The cron expression {expression!r} must have '?' as exactly one of the day of the month "
                "(fourth field) and the day of the week (sixth field)."
            )
        self.expression = expression
        self._last_day = fields[3] == "L"
        self._weekdays: set[int] = set()
        self._last_weekdays: set[int] = set()
        self._nth_weekdays: set[tuple[int, int]] = set()
        read = [
            self._numbers(0, fields[0]),
            self._numbers(1, fields[1]),
            self._numbers(2, fields[2]),
            set() if fields[3] in ("?", "L") else self._numbers(3, fields[3]),
            self._numbers(4, fields[4]),
        ]
        self._seconds, self._minutes, self._hours = (sorted(found) for found in read[:3])
        self._days, self._months = read[3], read[4]
        self._any_month_day = fields[3] == "?"
        if fields[5] != "?":
            self._read_weekdays(fields[5])
        self._years = self._numbers(6, fields[6]) if len(fields) == 7 else None

    def _numbers(self, index: int, text: str) -> set[int]:
        found: set[int] = set()
        for part in text.split(","):
            found |= self._part(index, part)
        return found

    def _part(self, index: int, part: str) -> set[int]:
        name, low, high, _ = _FIELDS[index]
        span, slash, step_text = part.partition("/")
        if slash and (not step_text.isascii() or not step_text.isdigit() or int(step_text) < 1):
            raise CronError(f"The step {part!r} of the {name} must be a whole number from 1.")
        step = int(step_text) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        elif dash:
            start, end = self._number(index, first), self._number(index, last)
        else:
            start = self._number(index, first)
            end = high if slash else start
        if start > end:
            # A range that passes the end goes on at the beginning: FRI-MON, 22-2.
            if index == 6:
                raise CronError(f"The range {part!r} of the {name} ends before it begins.")
            size = high - low + 1
            return {low + (v - low) % size for v in range(start, end + size + 1, step)}
        return set(range(start, end + 1, step))

    @staticmethod
    def _number(index: int, text: str) -> int:
        name, low, high, names = _FIELDS[index]
        if text in names:
            return names[text]
        if text.isascii() and text.isdigit() and low <= int(text[:6]) <= high:
            return int(text)
        known = " or a name such as " + next(iter(names)) if names else ""
        raise CronError(
            f"{text!r} is no {name}: use a number from {low} to {high}{known}. The characters W and C, and "
            "L with an offset, are not served by the local server."
        )

    def _read_weekdays(self, text: str) -> None:
        for part in text.split(","):
            day, hash_sign, nth = part.partition("#")
            if hash_sign:
                if nth not in ("1", "2", "3", "4", "5"):
                    raise CronError(f"{part!r} must end with #1 to #5.")
                self._nth_weekdays.add((self._number(5, day), int(nth)))
            elif part == "L":
                self._weekdays.add(7)
            elif part.endswith("L"):
                self._last_weekdays.add(self._number(5, part[:-1]))
            else:
                self._weekdays |= self._part(5, part)

    def _is_day(self, day: datetime.date) -> bool:
        if day.month not in self._months or (
            self._years is not None and day.year not in self._years
        ):
            return False
        length = calendar.monthrange(day.year, day.month)[1]
        if not self._any_month_day:
            return day.day == length if self._last_day else day.day in self._days
        weekday = day.isoweekday() % 7 + 1
        return (
            weekday in self._weekdays
            or (weekday in self._last_weekdays and day.day + 7 > length)
            or (weekday, (day.day + 6) // 7) in self._nth_weekdays
        )

    def after(self, moment: datetime.datetime) -> datetime.datetime | None:
        """The first time strictly after a moment, in UTC; None when there is none until 2099."""
        earliest = moment.astimezone(datetime.UTC).replace(microsecond=0)
        earliest += datetime.timedelta(seconds=1)
        day, bound = earliest.date(), (earliest.hour, earliest.minute, earliest.second)
        while day.year <= _LAST_YEAR:
            if day.month not in self._months:
                year, month = divmod(day.year * 12 + day.month, 12)
                day, bound = datetime.date(year, month + 1, 1), (0, 0, 0)
                continue
            if self._is_day(day) and (time := self._time(bound)) is not None:
                return datetime.datetime.combine(day, time, datetime.UTC)
            day, bound = day + datetime.timedelta(days=1), (0, 0, 0)
        return None

    def _time(self, bound: tuple[int, int, int]) -> datetime.time | None:
        """The first time of a day that is not before ``bound``."""
        for hour in self._hours:
            if hour < bound[0]:
                continue
            for minute in self._minutes:
                if (hour, minute) < bound[:2]:
                    continue
                for second in self._seconds:
                    if (hour, minute, second) >= bound:
                        return datetime.time(hour, minute, second)
        return None
