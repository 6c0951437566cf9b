"""Requests side by side."""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable, Iterable
    from typing import Any

_SLICE = 0.1


def each(work: Callable[[Any], None], items: Iterable[Any], parallel: int) -> None:
    """Do some work for each item, for several at a time.

    Parameters:
        work: Called with an item, on a thread of its own.
        items: The items; taken one by one as threads get free.
        parallel: How many threads.

    Raises:
        BaseException: The first failure. No further item is begun then; those under way are completed, unless the
            wait itself is interrupted.
    """
    left = iter(items)
    lock = threading.Lock()
    failures: list[BaseException] = []

    def run() -> None:
        while True:
            with lock:
                if failures:
                    return
                try:
                    item = next(left)
                except StopIteration:
                    return
                except BaseException as failure:
                    failures.append(failure)
                    return
            try:
                work(item)
            except BaseException as failure:
                with lock:
                    failures.append(failure)

    threads = [
        threading.Thread(target=run, name="hopsworks-lakefs", daemon=True) for _ in range(parallel)
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(_SLICE)  # not for ever, so that signals are seen
    except BaseException as interruption:
        with lock:
            failures.append(interruption)
        raise
    if failures:
        raise failures[0]
