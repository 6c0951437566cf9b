"""Logs of deployments: reading what is there, and following what comes."""

from __future__ import annotations

import datetime
import re
import time

from hopsworks.constants import DEPLOYABLE_COMPONENT
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hsml.deployable_component_logs import DeployableComponentLogs


_COMPONENTS = (DEPLOYABLE_COMPONENT.PREDICTOR, DEPLOYABLE_COMPONENT.TRANSFORMER)

# Servers put this before each line on request, always in UTC with the same number of digits a line.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?")
_FIRST_TAIL = 200


def check_component(component: str) -> None:
    """Check the name of a part of a deployment.

    Parameters:
        component (str): The name.

    Raises:
        ValueError: If it is neither ``"predictor"`` nor ``"transformer"``.
    """
    if component not in _COMPONENTS:
        raise ValueError(f"component is {component!r}. Use one of {', '.join(_COMPONENTS)}.")


def fetch(
    deployment: Any, component: str, tail: int | None = None, **parameters: Any
) -> list[DeployableComponentLogs]:
    """Ask the server for log lines.

    Parameters:
        deployment (Deployment): The deployment.
        component (str): ``"predictor"`` or ``"transformer"``.
        tail (int | None): Number of newest lines of each instance.
        **parameters: ``source``, ``since``, ``until``, ``pod`` and ``timestamps``; None leaves one out.

    Returns:
        list[DeployableComponentLogs]: One entry an instance.
    """
    found = scope_of(deployment.predictor).call(
        "deployment.logs", id=deployment.id, component=component, tail=tail, **parameters
    )
    for entry in found or ():
        entry.component = component
        entry.tail = tail
    return found or []


def as_text(entries: Any) -> str:
    """Log entries as one text; with a headline for each instance when there are several.

    Parameters:
        entries: Pairs of instance name and lines.

    Returns:
        str: The text; every line ends with a line break.
    """
    blocks: dict[str, list[str]] = {}
    for instance, text in entries:
        if text:
            blocks.setdefault(instance or "", []).append(
                text if text.endswith("\n") else text + "\n"
            )
    if len(blocks) < 2:
        return "".join("".join(parts) for parts in blocks.values())
    return "".join(f"==> {instance} <==\n{''.join(parts)}" for instance, parts in blocks.items())


def read(deployment: Any, component: Any, tail: Any, source: Any, since: Any, until: Any, pod: Any):
    """The newest log lines; see :meth:`hsml.deployment.Deployment.read_logs`."""
    check_component(component)
    found = fetch(deployment, component, tail, source=source, since=since, until=until, pod=pod)
    return as_text((entry.instance_name, entry.content) for entry in found)


def follow(
    deployment: Any,
    component: Any,
    interval: Any,
    source: Any,
    since: Any,
    timeout: Any,
    stop_on_status: Any,
    pod: Any,
):
    """New log lines as they come; see :meth:`hsml.deployment.Deployment.tail_logs`."""
    if since == "now":
        since = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    deadline = None if timeout is None else time.monotonic() + timeout
    cursors: dict[str, _Cursor] = {}
    while True:
        resume = min((c.since for c in cursors.values() if c.since is not None), default=since)
        found = fetch(
            deployment,
            component,
            # With a starting point, a limit on the newest lines would cut off the ones right after it.
            None if resume is not None else _FIRST_TAIL,
            source=source,
            since=resume,
            pod=pod,
            timestamps="true",
        )
        fresh = []
        for entry in found:
            if entry.skipped or entry.read_failed:
                continue
            cursor = cursors.setdefault(entry.instance_key, _Cursor())
            fresh.append((entry.instance_name, cursor.take(entry)))
        # An instance that is gone must not hold the common starting point back.
        alive = {entry.instance_key for entry in found}
        cursors = {key: cursor for key, cursor in cursors.items() if key in alive}
        text = as_text(fresh)
        if text:
            yield text
        if stop_on_status is not None and deployment.get_state().status == stop_on_status:
            return
        if deadline is not None and time.monotonic() >= deadline:
            return
        time.sleep(
            interval if deadline is None else max(0.0, min(interval, deadline - time.monotonic()))
        )


class _Cursor:
    """How far the lines of one instance have been read."""

    __slots__ = ("_documents", "_seen_at_since", "_window", "since")

    def __init__(self) -> None:
        self.since: str | None = None
        self._seen_at_since = 0
        self._window: list[str] = []
        self._documents: set[str] = set()

    def take(self, entry: Any):
        """The lines of an entry that were not there before."""
        if entry.doc_id is not None:
            if entry.doc_id in self._documents:
                return ""
            self._documents.add(entry.doc_id)
            self.since = max(filter(None, (self.since, entry.timestamp)), default=None)
            return entry.content or ""
        content = entry.content or ""
        lines = content.splitlines()
        if lines and entry.truncated and not content.endswith("\n"):
            # Half a line comes again, whole, with the next answer.
            lines.pop()
        fresh = (
            self._after_cursor(lines) if any(map(_TIME.match, lines)) else self._after_window(lines)
        )
        return "".join(line + "\n" for line in fresh)

    def _after_cursor(self, lines: Any):
        """Lines later than the last one; of lines at the same moment, those beyond the count already seen."""
        fresh, newest, at_newest, at_since = [], self.since, self._seen_at_since, 0
        keep = self.since is None
        for line in lines:
            match = _TIME.match(line)
            if match is not None:
                moment = match.group(1)
                line = line[match.end() :]
                at_since += moment == self.since
                keep = (
                    self.since is None
                    or moment > self.since
                    or (moment == self.since and at_since > self._seen_at_since)
                )
                if newest is None or moment > newest:
                    newest, at_newest = moment, 1
                elif moment == newest:
                    at_newest = max(at_newest, at_since) if moment == self.since else at_newest + 1
            # A line without a moment belongs to the one before it.
            if keep:
                fresh.append(line)
        self.since, self._seen_at_since = newest, at_newest
        return fresh

    def _after_window(self, lines: Any):
        """Lines beyond the overlap of the last answer with this one, for servers that give no moments."""
        before, self._window = self._window, lines
        for overlap in range(min(len(before), len(lines)), 0, -1):
            if before[-overlap:] == lines[:overlap]:
                return lines[overlap:]
        return lines
