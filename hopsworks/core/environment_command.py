"""Waiting for the commands that make Python environments and change their libraries."""

from __future__ import annotations

from hopsworks._log import get_logger
from hopsworks.client.exceptions import EnvironmentException, RequestTimeoutError
from hopsworks.core.polling import attempts

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Callable
    from typing import Any

_logger = get_logger(__name__)

LONGEST_WAIT = 30 * 60.0
LONGEST_PAUSE = 5.0
# An environment that is being built can keep its server busy; an answer that does not come is asked for again.
QUESTION_SECONDS = 60.0


def await_commands(ask: Callable[[float], Any], what: str, timeout: float | None) -> Any:
    """Wait until the newest command of an environment or of a library has ended.

    The server is asked at once, then at pauses that grow to five seconds. An interrupt ends the wait, not the command.

    Parameters:
        ask: Fetches the environment or the library within the seconds that it is given; None when it is gone.
        what: What is waited for, for messages, such as `"installation of 'numpy' in the environment 'train'"`.
        timeout: Longest time to wait, in seconds; None for 30 minutes.

    Returns:
        What was fetched last.

    Raises:
        hopsworks.client.exceptions.EnvironmentException: The command failed, or has not ended in time.
        RestAPIError: The server refuses.
    """
    seconds = LONGEST_WAIT if timeout is None else timeout
    status = "not known"
    for left in attempts(seconds, LONGEST_PAUSE):
        try:
            found = ask(min(QUESTION_SECONDS, max(left, 1.0)))
        except RequestTimeoutError:
            _logger.warning("The server does not say how the %s stands; it is asked again.", what)
            continue
        command = found.commands[0] if found is not None and found.commands else None
        if command is None or command.status == "SUCCESS":
            return found
        if command.status == "FAILED":
            reason = command.error_message or "The server gives no reason."
            raise EnvironmentException(f"The {what} failed: {reason}")
        if command.status != status:
            status = command.status
            _logger.info("The %s is %s.", what, status)
    raise EnvironmentException(
        f"The {what} has not ended after {seconds:g} s; its state is {status}. It goes on by itself: wait longer with a "
        "higher timeout, or look at the environment again later."
    )
