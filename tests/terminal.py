"""A program at a terminal of its own, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from typing import Any

_SECONDS = 60


class Terminal:
    """A program whose terminal the test reads from and types into.

    Args:
        command: What to run.
        options: As for ``subprocess.Popen``, for example ``env``.

    Attributes:
        shown: All that has been on the screen.
        process: The program.
    """

    def __init__(self, command: list[str], **options: Any) -> None:
        self.shown = ""
        self._seen = 0
        self._screen, line = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=line,
            stdout=line,
            stderr=line,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            **options,
        )
        os.close(line)

    def wait_for(self, words: str) -> None:
        """Read until words are on the screen, behind those that were waited for before; a regular expression."""
        deadline = time.monotonic() + _SECONDS
        while not (found := re.search(words, self.shown[self._seen :])):
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown
        self._seen += found.end()

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._screen, f"{text}\n".encode())

    def type_hidden(self, text: str) -> None:
        """Type a line once the echo is off: what is typed before is thrown away."""
        deadline = time.monotonic() + _SECONDS
        while termios.tcgetattr(self._screen)[3] & termios.ECHO:
            assert time.monotonic() < deadline, "the echo was not switched off"
            time.sleep(0.01)
        self.type(text)

    def press(self, key: bytes) -> None:
        """Press a key, for example ``b"\\x03"`` for Ctrl-C."""
        os.write(self._screen, key)

    def end(self) -> str:
        """Wait for the end of the program and return all that was on the screen."""
        while self._read():
            pass
        self.process.wait(30)
        return self.shown

    def close(self) -> None:
        """Leave."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._screen)

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], _SECONDS)[0]:
            return False
        try:
            piece = os.read(self._screen, 4096)
        except OSError:  # nobody has the other end open any more
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)
