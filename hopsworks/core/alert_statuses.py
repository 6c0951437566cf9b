"""The words of alerts: what users write, what travels, and what older servers say instead."""

from __future__ import annotations

from hopsworks.user_warning import warn_user

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable
    from typing import Any

SEVERITIES = ("info", "warning", "critical")
SERVICES = ("Featurestore", "Jobs")

JOB_OUTCOMES = ("finished", "failed", "killed", "long_running")
_PROJECT_JOBS = tuple(f"job_{outcome}" for outcome in JOB_OUTCOMES)
_OUTCOMES = ("success", "warning", "failure")
_VALIDATIONS = tuple(f"validation_{outcome}" for outcome in _OUTCOMES)
_MONITORING = (
    "monitoring_shift_undetected",
    "monitoring_shift_detected",
    "monitoring_empty_detection_window",
)
_DEPRECATED = {
    "feature_monitor_shift_undetected": "monitoring_shift_undetected",
    "feature_monitor_shift_detected": "monitoring_shift_detected",
}
_FEATURE_STORE = (*_VALIDATIONS, *(f"feature_{word}" for word in _VALIDATIONS), *_MONITORING)

# What older servers answer, and the word of today.
_OLD_ANSWERS = {outcome.upper(): f"VALIDATION_{outcome.upper()}" for outcome in _OUTCOMES} | {
    old.upper(): new.upper() for old, new in _DEPRECATED.items()
}


def known_status(status: str | None) -> str | None:
    """The word of today for a status that a server sent.

    Parameters:
        status: The status, such as `FAILURE`.

    Returns:
        The status, such as `VALIDATION_FAILURE`; one that has not changed as it is.
    """
    return None if status is None else _OLD_ANSWERS.get(status, status)


def severity(word: str) -> str:
    """Check a severity.

    Parameters:
        word: `info`, `warning` or `critical`, in any case.

    Returns:
        The word in lower case.

    Raises:
        ValueError: It is none of them.
    """
    return _one_of(word, "severity", SEVERITIES)


def service(word: str) -> str:
    """Check the service that an alert of a project watches.

    Parameters:
        word: `Featurestore` or `Jobs`, in any case.

    Returns:
        The word as it travels.

    Raises:
        ValueError: It is none of them.
    """
    for known in SERVICES:
        if isinstance(word, str) and word.lower() == known.lower():
            return known.upper()
    raise _refused(word, "service", SERVICES)


def project_status(status: str, service: str) -> str:
    """Check the status of an alert on a project.

    Parameters:
        status: What the user wrote.
        service: `JOBS` or `FEATURESTORE`.

    Returns:
        The status as it travels.

    Raises:
        ValueError: The service has no such status.
    """
    words = _PROJECT_JOBS if service == "JOBS" else _FEATURE_STORE
    return _feature_word(_one_of(status, "status", words, _DEPRECATED, f" for service {service}"))


def job_status(status: str) -> str:
    """Check the status of an alert on a job.

    Parameters:
        status: `finished`, `failed`, `killed` or `long_running`, with or without `job_` before it.

    Returns:
        The status as it travels.

    Raises:
        ValueError: It is none of them.
    """
    found = _one_of(status, "status", JOB_OUTCOMES, _PROJECT_JOBS)
    return found.removeprefix("job_").upper()


def feature_group_status(status: str) -> str:
    """Check the status of an alert on a feature group.

    Parameters:
        status: What the user wrote.

    Returns:
        The status as it travels.

    Raises:
        ValueError: Feature groups have no such status.
    """
    return _feature_word(_one_of(status, "status", (*_OUTCOMES, *_FEATURE_STORE), _DEPRECATED))


def feature_view_status(status: str) -> str:
    """Check the status of an alert on a feature view: only those of monitoring.

    Parameters:
        status: What the user wrote.

    Returns:
        The status as it travels.

    Raises:
        ValueError: Feature views have no such status.
    """
    return _feature_word(_one_of(status, "status", _MONITORING, _DEPRECATED))


def _feature_word(status: str) -> str:
    if status in _DEPRECATED:
        warn_user(
            f"The alert status '{status}' is deprecated; write '{_DEPRECATED[status]}'.",
            DeprecationWarning,
        )
        status = _DEPRECATED[status]
    return status.removeprefix("feature_").upper()


def _one_of(
    word: Any, argument: str, words: tuple[str, ...], older: Iterable[str] = (), where: str = ""
) -> str:
    if isinstance(word, str) and word.lower() in (*words, *older):
        return word.lower()
    raise _refused(word, argument, words, where)


def _refused(word: Any, argument: str, words: tuple[str, ...], where: str = "") -> ValueError:
    listed = ", ".join(f"'{known}'" for known in words)
    return ValueError(f"{argument} must be one of {listed}{where}, not {word!r}.")
