"""Progress bars for long steps, through tqdm where it is installed.

A bar appears only at a terminal or in a notebook, only when the step takes longer than half a second, and never
when ``HOPSWORKS_DISABLE_PROGRESS`` is set. Without tqdm there is none.
"""

from __future__ import annotations

import os
import sys
import time
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

DELAY_SECONDS = 0.5


def wanted() -> bool:
    """Whether bars may be shown at all: switched on, and somebody looks."""
    if os.environ.get("HOPSWORKS_DISABLE_PROGRESS", "").strip().lower() not in (
        "",
        "0",
        "false",
        "no",
        "off",
    ):
        return False
    if _in_notebook():
        return True
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def _in_notebook() -> bool:
    # A program may have loaded ipykernel to run notebooks of others; only inside a kernel does the shell know one.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class Progress:
    """The progress of one step; also a callback ``progress(done, total)`` and a context manager.

    Parameters:
        description: What is going on, for example ``"Uploading model.bin"``.
        unit: Unit of the counts; ``"B"`` is scaled to KiB, MiB and so on.

    Example:
        ```python
        from hopsworks.progress import Progress

        with Progress("Reading", unit="rows") as progress:
            progress(10, 100)
        ```
    """

    __slots__ = ("_bar", "_begin", "_wanted", "description", "unit")

    def __init__(self, description: str, unit: str = "B") -> None:
        self.description = description
        self.unit = unit
        self._bar: Any = None
        self._begin = time.monotonic()
        self._wanted = wanted()

    def __call__(self, done: int, total: int | None) -> None:
        """Tell how far the step is.

        Parameters:
            done: Units done so far.
            total: Units in all, or ``None`` when that is not known.
        """
        if not self._wanted:
            return
        if self._bar is None:
            if time.monotonic() - self._begin < DELAY_SECONDS:
                return
            try:
                with warnings.catch_warnings():
                    # Without ipywidgets tqdm draws its bar with text, and says so each time.
                    warnings.simplefilter("ignore")
                    from tqdm.auto import tqdm
            except ImportError:
                self._wanted = False
                return
            scaled = (
                {"unit_scale": True, "unit_divisor": 1024}
                if self.unit == "B"
                else {"unit_scale": True}
            )
            self._bar = tqdm(total=total, desc=self.description, unit=self.unit, **scaled)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the bar and leave it as it stands. May be called again."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._wanted = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
