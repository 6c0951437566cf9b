"""Loggers of this package. ``logging`` itself is loaded when there is something to show.

It takes longer to load than the rest of a login. As long as nobody has imported it, nobody can have asked for records
below WARNING, so those cost nothing; a warning loads it and is shown as Python shows those of every library. From then
on, or when the program has it, records go through the standard logger of the same name.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import logging


def get_logger(name: str) -> Logger:
    """The logger of a module.

    Parameters:
        name: Its ``__name__``.

    Example:
        ```python
        _logger = get_logger(__name__)
        _logger.info("The job %r was started.", "nightly")
        ```
    """
    return Logger(name)


class Logger:
    """What modules of this package log with; see :func:`get_logger`.

    Records carry the place of the caller, not this module's.
    """

    __slots__ = ("_name", "_standard")

    def __init__(self, name: str) -> None:
        self._name = name
        self._standard: logging.Logger | None = None

    def debug(self, text: str, *args: object, exc_info: bool = False) -> None:
        """Log what helps to find a fault; `exc_info` adds the exception that is being handled."""
        if "logging" in sys.modules:
            self._load().debug(text, *args, exc_info=exc_info, stacklevel=2)

    def info(self, text: str, *args: object) -> None:
        """Log what went well."""
        if "logging" in sys.modules:
            self._load().info(text, *args, stacklevel=2)

    def warning(self, text: str, *args: object) -> None:
        """Log what the user should know although the call goes on."""
        self._load().warning(text, *args, stacklevel=2)

    def _load(self) -> logging.Logger:
        if self._standard is None:
            # Waits while another thread is in the midst of importing it.
            import logging

            self._standard = logging.getLogger(self._name)
        return self._standard

    def __repr__(self) -> str:
        return f"<Logger {self._name}>"
