"""Waiting for git commands: the service runs them in the background, one execution each."""

from __future__ import annotations

from hopsworks._log import get_logger
from hopsworks.client.exceptions import GitException
from hopsworks.core.polling import attempts

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks._native import GitOpExecution

_logger = get_logger(__name__)

# What git does over the network ends by itself or hangs; a clone of many gigabytes may take its time.
LONGEST_WAIT = 30 * 60.0
LONGEST_PAUSE = 5.0
_FAILED = frozenset(
    ("FAILED", "KILLED", "INITIALIZATION_FAILED", "TIMEDOUT", "TIMED_OUT", "CANCELLED", "CANCELED")
)


def finish(scope: Any, execution: GitOpExecution, what: str) -> GitOpExecution:
    """Wait until a git command has ended.

    The service is asked at once, then at pauses that grow to five seconds. An interrupt ends the wait, not the command.

    Parameters:
        scope: Native scope of the project.
        execution: What the service answered when the command was given.
        what: The command, for messages, such as `"push of the repository 'tools'"`.

    Returns:
        The execution as it ended.

    Raises:
        hopsworks.client.exceptions.GitException: The command failed, or has not ended in time.
    """
    if not _is_over(execution):
        repository = execution.repository
        if repository is None or repository.id is None:
            raise GitException(
                f"The service began the {what} and does not say in which repository, so it cannot be followed."
            )
        for _ in attempts(LONGEST_WAIT, LONGEST_PAUSE):
            before = execution.state
            execution = scope.call("git_execution.get", id=repository.id, execution=execution.id)
            if _is_over(execution):
                break
            if execution.state != before:
                _logger.info("The %s is %s.", what, execution.state)
        else:
            raise GitException(
                f"The {what} has not ended after {LONGEST_WAIT / 60:g} minutes; the service says it is "
                f"{execution.state}. It may still end: look at the repository again later."
            )
    if _word(execution) in _FAILED:
        said = execution.command_result_message
        reason = f": {said}" if said else ". The service gives no reason."
        raise GitException(f"The {what} ended as {execution.state}{reason}")
    return execution


def _is_over(execution: GitOpExecution) -> bool:
    word = _word(execution)
    return word == "SUCCESS" or word in _FAILED


def _word(execution: GitOpExecution) -> str:
    """The state as a constant; services write it as text for people, such as `Initialization failed`."""
    return (execution.state or "").strip().upper().replace(" ", "_")
