"""A scope that counts what goes through it, to show that nothing is sent for bad input."""

from __future__ import annotations

from typing import Any


class RecordedScope:
    """Passes every call on and remembers the names of the operations.

    Attributes:
        sent: the operations, in order.
    """

    def __init__(self, scope: Any) -> None:
        self._inner = scope
        self.context = scope.context
        self.sent: list[str] = []

    def call(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        self.sent.append(operation)
        return self._inner.call(operation, *args, **kwargs)

    def open_upload(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        self.sent.append(operation)
        return self._inner.open_upload(operation, *args, **kwargs)


def record(resource: Any) -> RecordedScope:
    """Put a recorded scope in place of the one that an object has."""
    scope = RecordedScope(resource._scope)
    resource._scope = scope
    return scope
