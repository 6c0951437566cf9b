"""The feature store of the embedded server with all 336,776 flights: writes, reads, training data, vectors."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from typing import Any

from measure import Figure, Row

import hopsworks
from hopsworks.quickstart import flights as data

_versions = itertools.count(1)


def rows(data_folder: str, rounds: int) -> list[Row]:
    """Return the rows, measured on a server of their own at that data folder."""
    project = hopsworks.login(host=f"local:{data_folder}")
    store = project.get_feature_store()
    flights, weather = data.flights(), data.weather()
    seen = {
        name: Figure()
        for name in ("offline", "both", "again", "read", "training", "vector", "vectors")
    }
    for _ in range(rounds):
        offline = _group(store, "flights_offline", online=False)
        seen["offline"].values.append(_seconds(offline.insert, flights, wait=True))
        both = _group(store, "flights", online=True)
        seen["both"].values.append(_seconds(both.insert, flights, wait=True))
        seen["again"].values.append(_seconds(both.insert, flights, wait=True))
        seen["read"].values.append(_seconds(_read_all, both, len(flights)))
        reports = _group(
            store, "weather", online=True, key=["origin", "time_hour"], time="observed_at"
        )
        reports.insert(weather, wait=True)
        view = store.create_feature_view(
            "bench",
            version=next(_versions),
            query=both.select([*data.FLIGHT_FEATURES, data.LABEL]).join(
                reports.select(data.WEATHER_FEATURES), on=["origin"], prefix="weather_"
            ),
            labels=[data.LABEL],
        )
        seen["training"].values.append(_seconds(_all_training_data, view, len(flights)))
        _vectors(view, flights, seen)
        view.delete()
        for group in (reports, both, offline):
            group.delete()
    hopsworks.logout()
    count = f"{len(flights):,}"
    return [
        Row(f"insert of {count} flights, offline", "s", seen["offline"], limit=1),
        Row(f"insert of {count} flights, offline and online", "s", seen["both"], limit=3),
        Row("the same rows upserted again", "s", seen["again"], limit=4),
        Row("read all flights back to pandas", "s", seen["read"], limit=0.7),
        Row("point-in-time training data, flights × weather", "s", seen["training"], limit=1.2),
        Row("`get_feature_vector`, two feature groups", "ms", seen["vector"], limit=0.6),
        Row("`get_feature_vectors`, 1,000 rows of two feature groups", "ms", seen["vectors"]),
    ]


def _group(
    store: Any,
    name: str,
    online: bool,
    key: list[str] = data.KEYS,
    time: str = "scheduled_departure",
) -> Any:
    return store.create_feature_group(
        name, version=next(_versions), primary_key=key, event_time=time, online_enabled=online
    )


def _vectors(view: Any, flights: Any, seen: dict[str, Figure]) -> None:
    view.init_serving(1, init_rest_client=True)
    sample = flights.iloc[random.Random(0).sample(range(len(flights)), 1000)]
    entries = sample[data.KEYS].to_dict("records")
    for entry in entries:
        entry["weather_time_hour"] = entry["time_hour"]
    view.get_feature_vector(entries[0], allow_missing=True)
    for entry in entries:
        seconds = _seconds(view.get_feature_vector, entry, allow_missing=True)
        seen["vector"].values.append(seconds * 1e3)
    for _ in range(3):
        seconds = _seconds(view.get_feature_vectors, entries, allow_missing=True)
        seen["vectors"].values.append(seconds * 1e3)


def _read_all(group: Any, count: int) -> None:
    _whole(group.read(), count)


def _all_training_data(view: Any, count: int) -> None:
    _whole(view.training_data()[0], count)


def _whole(table: Any, count: int) -> None:
    if len(table) != count:
        raise ValueError(f"{len(table)} rows instead of {count}")


def _seconds(call: Callable[..., Any], *args: Any, **named: Any) -> float:
    started = time.perf_counter()
    call(*args, **named)
    return time.perf_counter() - started
