"""What every benchmark shares: interleaved rounds, minimum and median, peak memory, and a row of the table."""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1024 * 1024


@dataclass
class Figure:
    """Measured values of one thing, in the row's unit."""

    values: list[float] = field(default_factory=list)

    @property
    def minimum(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass
class Row:
    """One line of the table.

    Parameters:
        what: What was measured.
        unit: Of the figures: s, ms or MiB.
        ours, official, floor: The figures; the floor is plain libcurl or the curl command.
        limit: What the median (or the ratio of the medians to the floor) must reach; None for lines without one.
        of_floor: The limit is a ratio to the floor, not a figure.
        of_official: The limit is a ratio to the official client.
        at_least: The limit is a lower bound.
    """

    what: str
    unit: str
    ours: Figure
    official: Figure | None = None
    floor: Figure | None = None
    limit: float | None = None
    of_floor: bool = False
    of_official: bool = False
    at_least: bool = False

    def __post_init__(self) -> None:
        if self.of_official and self.official is None:
            self.limit = None  # there is nothing to compare with

    @property
    def reached(self) -> float:
        """The number that the limit is about."""
        if self.of_official:
            assert self.official is not None
            return self.ours.median / self.official.median
        if not self.of_floor:
            return self.ours.median
        assert self.floor is not None
        if self.at_least:
            return self.floor.median / self.ours.median
        return self.ours.median / self.floor.median

    @property
    def good(self) -> bool | None:
        """Whether the limit is met; None where there is none."""
        if self.limit is None:
            return None
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit

    def as_dict(self) -> dict:
        """Return the row for JSON."""
        figures = {
            name: {"min": figure.minimum, "median": figure.median, "values": figure.values}
            for name in ("ours", "official", "floor")
            if (figure := getattr(self, name)) is not None
        }
        limit = (
            {}
            if self.limit is None
            else {"limit": self.limit, "reached": self.reached, "good": self.good}
        )
        return {"what": self.what, "unit": self.unit, **figures, **limit}

    def cells(self) -> list[str]:
        """Return the row for the table."""

        def show(figure: Figure | None) -> str:
            return (
                "" if figure is None else f"{figure.minimum:.3g} / {figure.median:.3g} {self.unit}"
            )

        ratios = []
        if self.floor is not None and not self.at_least:
            ratios.append(f"{self.ours.median / self.floor.median:.2f} × floor")
        if self.floor is not None and self.at_least:
            ratios.append(f"{self.floor.median / self.ours.median:.0%} of curl's speed")
        if self.official is not None:
            ratios.append(f"official takes {self.official.median / self.ours.median:.1f} ×")
        reach = ""
        if self.limit is not None:
            sign = "≥" if self.at_least else "≤"
            bound = f"{self.limit:.0%}" if self.at_least else f"{self.limit:g}"
            if self.of_official:
                bound = f"{self.limit:.0%} of official"
            reach = f"{sign} {bound}{' ×' if self.of_floor and not self.at_least else ''}"
            reach += " ✓" if self.good else " ✗"
        return [
            self.what,
            show(self.ours),
            show(self.official),
            show(self.floor),
            "; ".join(ratios),
            reach,
        ]


HEAD = [
    "what (min / median)",
    "ours",
    "official client",
    "libcurl / curl",
    "ratio of medians",
    "reach",
]


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def interleaved(
    rounds: int, measurements: dict[str, Callable[[], list[float]]]
) -> dict[str, Figure]:
    """Run every measurement once a round, so that a busy moment of the machine falls on all alike."""
    figures = {name: Figure() for name in measurements}
    for _ in range(rounds):
        for name, measure in measurements.items():
            figures[name].values += measure()
    return figures


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Keep this process and those it starts on one core.

    For requests of some 20 µs: whether the scheduler puts client and server on one core or on two makes up to four times
    as much between two runs, for the floor as for the clients.
    """
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def forget_peak(pid: int | str = "self") -> None:
    """Start counting a process's peak memory anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory(pid: int | str = "self", peak: bool = False) -> float:
    """Return a process's resident memory in MiB, now or at its peak."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) * 1024 / MIB
    raise LookupError(f"{wanted} of process {pid}")
