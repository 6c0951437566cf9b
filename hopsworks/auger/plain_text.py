"""The text of an error page: what a reader would see of it, in a few lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# In development the Hub puts a stack trace after these words.
_TRACE = "Extracted source (around line"
_UNSEEN = ("script", "style")
_BLANKS = " \t\n\f\r"


class _Texts(HTMLParser):
    """Collects the runs of text between the tags of a page, but those of scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._run: list[str] = []
        self._unseen: str | None = None

    def end_run(self) -> None:
        text = "".join(self._run)
        self._run.clear()
        if text.strip(_BLANKS):
            self.found.append(text)
        elif text:
            self.found.append("\n" if "\n" in text else " ")

    def handle_data(self, data: str) -> None:
        if self._unseen is None:
            self._run.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.end_run()
        if tag in _UNSEEN and self._unseen is None:
            self._unseen = tag

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.end_run()

    def handle_endtag(self, tag: str) -> None:
        self.end_run()
        if tag == self._unseen:
            self._unseen = None

    def handle_comment(self, data: str) -> None:
        self.end_run()

    def handle_decl(self, decl: str) -> None:
        self.end_run()

    def handle_pi(self, data: str) -> None:
        self.end_run()

    def unknown_decl(self, data: str) -> None:
        self.end_run()

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        # As browsers do. Python's own way ends at kinds that it does not know with an AssertionError.
        return self.parse_bogus_comment(i)


def visible_text(page: str) -> str:
    """Return the text of a page as it would be seen, without the trace that development pages end with.

    Parameters:
        page: HTML, or any other text, which is read as if it were HTML.

    Returns:
        The lines that hold something; parts of a line with two blanks between them become lines of their own.
    """
    parser = _Texts()
    parser.feed(page.replace("\0", "\ufffd"))
    if re.match("<[A-Za-z/!?]", parser.rawdata):  # a tag or comment without end
        parser.rawdata = ""
    parser.close()
    parser.end_run()
    text = "".join(parser.found).partition(_TRACE)[0]
    parts = (part.strip() for line in text.splitlines() for part in line.strip().split("  "))
    return "\n".join(part for part in parts if part)
