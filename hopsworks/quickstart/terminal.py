"""Tells the quickstart's steps: a line when one begins, its time when it ends, and bars for what takes long."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any


class Story:
    """The steps of one run, numbered and timed.

    Parameters:
        steps: How many steps there will be.
    """

    def __init__(self, steps: int):
        self._steps = steps
        self._step = 0
        self._started = time.perf_counter()

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, and print its time when the block ends."""
        self._step += 1
        print(f"\n[{self._step}/{self._steps}] {title}", flush=True)
        started = time.perf_counter()
        yield
        print(f"      done in {time.perf_counter() - started:.1f} s", flush=True)

    def say(self, text: str) -> None:
        """Print a line that belongs to the current step."""
        print(f"      {text}", flush=True)

    @property
    def seconds(self) -> float:
        """Seconds since the story began."""
        return time.perf_counter() - self._started


def progress(items: Iterable[Any], title: str, unit: str) -> Iterable[Any]:
    """Return the items behind a progress bar, where tqdm is installed and somebody is watching."""
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(
        items, desc=f"      {title}", unit=unit, leave=False, disable=not sys.stderr.isatty()
    )
