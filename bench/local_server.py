"""The embedded server itself: how fast it starts and how much memory it keeps while idle."""

from __future__ import annotations

import tempfile
import time

from measure import Figure, Row, memory

from hopsworks.local import lifecycle


def rows(rounds: int) -> list[Row]:
    """Return the rows. Each round starts a server on an empty data folder."""
    cold, again, idle = Figure(), Figure(), Figure()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            address = lifecycle.ensure_running(folder)
            cold.values.append(time.perf_counter() - started)
            started = time.perf_counter()
            lifecycle.ensure_running(folder).release()
            again.values.append((time.perf_counter() - started) * 1e3)
            time.sleep(1.0)
            idle.values.append(memory(address.pid))
            address.release()
            lifecycle.stop(folder)
    return [
        Row("local server: cold start on an empty folder", "s", cold, limit=1),
        Row("local server: found when it runs", "ms", again, limit=5),
        Row("local server: idle memory", "MiB", idle, limit=150),
    ]
