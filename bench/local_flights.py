"""The feature store of the embedded server with all 336,776 flights: writes, reads, training data, vectors.

Our client speaks to it over its Unix socket, the official client over TLS on the loopback interface.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import Figure, Row
from served import Served

import hopsworks
from hopsworks.quickstart import flights as data

_versions = itertools.count(1)


def rows(served: Served, folder: Path, official: str | None, rounds: int) -> list[Row]:
    """Return the rows, measured on that server; ``folder`` takes files for the official client."""
    project = hopsworks.login(host=f"local:{served.data}")
    store = project.get_feature_store()
    flights, weather = data.flights(), data.weather()
    entries = _entries(flights)
    flights.to_parquet(folder / "flights.parquet")
    (folder / "entries.json").write_text(json.dumps(entries))
    names = ("offline", "both", "again", "read", "training", "vector", "vectors")
    ours = {name: Figure() for name in names}
    theirs: dict[str, Figure] = {}
    for _ in range(rounds):
        offline = _group(store, "flights_offline", online=False)
        ours["offline"].values.append(_seconds(offline.insert, flights, wait=True))
        both = _group(store, "flights", online=True)
        ours["both"].values.append(_seconds(both.insert, flights, wait=True))
        ours["again"].values.append(_seconds(both.insert, flights, wait=True))
        ours["read"].values.append(_seconds(_read_all, both, len(flights)))
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
        ours["training"].values.append(_seconds(_all_training_data, view, len(flights)))
        _vectors(view, entries, ours)
        if official:
            figures = served.official(
                official,
                "official_client.py",
                part="flights",
                flights=str(folder / "flights.parquet"),
                entries=str(folder / "entries.json"),
                keys=data.KEYS,
                version=next(_versions),
                view=view.version,
            )
            for name, values in figures.items():
                theirs.setdefault(name, Figure()).values += values
        view.delete()
        for group in (reports, both, offline):
            group.delete()
    hopsworks.logout()
    count = f"{len(flights):,}"

    def row(what: str, unit: str, name: str, limit: float | None = None) -> Row:
        return Row(what, unit, ours[name], theirs.get(name), limit=limit)

    return [
        row(f"insert of {count} flights, offline", "s", "offline", 1),
        row(f"insert of {count} flights, offline and online", "s", "both", 3),
        row("the same rows upserted again", "s", "again", 4),
        row("read all flights back to pandas", "s", "read", 0.7),
        row("point-in-time training data, flights × weather", "s", "training", 1.2),
        row("`get_feature_vector`, two feature groups", "ms", "vector", 0.6),
        row("`get_feature_vectors`, 1,000 rows of two feature groups", "ms", "vectors"),
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


def _entries(flights: Any) -> list[dict[str, Any]]:
    """Return the serving keys of 1,000 flights, the same in every run."""
    sample = flights.iloc[random.Random(0).sample(range(len(flights)), 1000)]
    entries = sample[data.KEYS].to_dict("records")
    return [{**entry, "weather_time_hour": entry["time_hour"]} for entry in entries]


def _vectors(view: Any, entries: list[dict[str, Any]], seen: dict[str, Figure]) -> None:
    view.init_serving(1, init_rest_client=True)
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
