"""Waiting for a server: short pauses first, longer ones later, and a deadline."""

from __future__ import annotations

import math
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator


FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0


def attempts(seconds: float | None, longest_pause: float = LONGEST_PAUSE) -> Iterator[float]:
    """Moments to ask again: at once, then after pauses that grow from 50 ms to 2 s by default, until the time is over.

    The last attempt comes at the deadline, so a state reached just before it is seen.

    Parameters:
        seconds (float | None): Time to wait; there is always one attempt. None for as long as it takes.
        longest_pause (float): Longest pause in seconds.

    Yields:
        float: Seconds that are left.
    """
    deadline = math.inf if seconds is None else time.monotonic() + seconds
    pause = FIRST_PAUSE
    while True:
        left = deadline - time.monotonic()
        yield max(left, 0.0)
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(pause * 1.6, longest_pause)
