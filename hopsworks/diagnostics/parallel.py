"""Running checks side by side, so that none is waited for longer than it may take.

Name services cannot be told how long to try, so every check has a daemon thread: one that hangs holds up neither the
others, nor Ctrl-C, nor the end of the program.
"""

from __future__ import annotations

import queue
import threading
import time

from hopsworks.diagnostics.report import FAILED, NOT_CHECKED, Check

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable, Iterator
    from typing import Any

    from hopsworks.diagnostics.probe import Deadline

    Task = tuple[tuple[str, ...], Callable[[], Iterator[Check]]]

# What a check may be late, so that it can say itself that its time was over.
_GRACE_SECONDS = 1.0


class _End:
    """A task is over; with an exception when it did not get to its end."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def run(tasks: list[Task], seconds: float) -> list[Check]:
    """Carry out tasks at the same time.

    Parameters:
        tasks: For each the names of its checks, and a function that makes them one by one.
        seconds: How long each check may wait for an answer; one that asks twice may take twice as long.

    Returns:
        A check for every name, in their order. What a task did not come to is "not checked".
    """
    news: queue.SimpleQueue[tuple[int, Check | _End]] = queue.SimpleQueue()
    allowed = 2 * seconds + _GRACE_SECONDS
    found: list[dict[str, Check]] = [{} for _ in tasks]
    due = {}
    for number, (_, function) in enumerate(tasks):
        due[number] = time.monotonic() + allowed
        _start(_tell, news, number, function)
    while due:
        number = min(due, key=due.__getitem__)
        try:
            number, item = news.get(timeout=max(due[number] - time.monotonic(), 0.0))
        except queue.Empty:
            item = _End(TimeoutError(f"no verdict within {allowed:g} s"))
        if number not in due:  # too late
            continue
        names = tasks[number][0]
        if isinstance(item, Check):
            found[number][item.name] = item
            due[number] = time.monotonic() + allowed
            continue
        del due[number]
        if item.error is not None:
            name = next((name for name in names if name not in found[number]), names[-1])
            found[number][name] = Check(name, FAILED, _words(item.error))
    return [
        checks.get(name) or Check(name, NOT_CHECKED, _why_not(checks))
        for (names, _), checks in zip(tasks, found, strict=True)
        for name in names
    ]


def side_by_side(calls: list[Callable[[], Any]], deadline: Deadline) -> list[Any]:
    """The results of functions that run at the same time.

    Parameters:
        calls: The functions.
        deadline: When all have to be done.

    Returns:
        For each its result, or the exception that it raised; ``TimeoutError`` for one that is not done in time.
    """
    results: list[Any] = [TimeoutError() for _ in calls]

    def keep(number: int, call: Callable[[], Any]) -> None:
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error

    for thread in [_start(keep, number, call) for number, call in enumerate(calls)]:
        thread.join(deadline.left() + _GRACE_SECONDS / 2)
    return list(results)


def _start(target: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True, name="hopsworks-diagnose")
    thread.start()
    return thread


def _tell(
    news: queue.SimpleQueue[tuple[int, Check | _End]],
    number: int,
    function: Callable[[], Iterator[Check]],
) -> None:
    try:
        for check in function():
            news.put((number, check))
    except BaseException as error:  # also what a diagnosis did not foresee is something found
        news.put((number, _End(error)))
    else:
        news.put((number, _End()))


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__


def _why_not(checks: dict[str, Check]) -> str:
    failed = [check.name for check in checks.values() if check.state == FAILED]
    return f"it needs what failed: {failed[0]}" if failed else "nothing to check"
