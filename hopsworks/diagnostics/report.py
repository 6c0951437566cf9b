"""What a diagnosis found: one :class:`Check` a thing, and all of them as a :class:`Diagnosis`."""

from __future__ import annotations

OK = "ok"
FAILED = "failed"
NOT_CONFIGURED = "not configured"
NOT_CHECKED = "not checked"

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterator
    from typing import Any

_COLOURS = {OK: "#1a7f37", FAILED: "#cf222e"}


class Check:
    """The outcome of one check.

    Attributes:
        name (str): What was checked, for example ``"TLS"``.
        state (str): ``"ok"``, ``"failed"``, ``"not configured"`` (the cluster does not offer it, or nothing names it), or
            ``"not checked"`` (something that it needs has failed).
        message (str): What was found.
        remedy (str): What to do about it; empty where nothing is to be done.
    """

    __slots__ = ("message", "name", "remedy", "state")

    def __init__(self, name: str, state: str, message: str, remedy: str = "") -> None:
        self.name = name
        self.state = state
        self.message = message
        self.remedy = remedy

    @property
    def text(self) -> str:
        """Message and remedy in one line."""
        return " ".join(filter(None, (_sentence(self.message), _sentence(self.remedy))))

    def to_dict(self) -> dict[str, str]:
        """The attributes by name."""
        return {name: getattr(self, name) for name in ("name", "state", "message", "remedy")}

    def __repr__(self) -> str:
        return f"<Check {self.name}: {self.state}. {self.text}>"


class Diagnosis:
    """What :func:`hopsworks.diagnose` found. It prints as a table with one line a check.

    Attributes:
        address (str): What was diagnosed: the address of the REST interface, or the embedded server.
        checks (list[Check]): The outcomes, in the order in which a login needs the things.

    Example:
        ```python
        import hopsworks

        found = hopsworks.diagnose(host="local")
        assert found.ok, found
        ```
    """

    __slots__ = ("address", "checks")

    def __init__(self, address: str, checks: list[Check]) -> None:
        self.address = address
        self.checks = checks

    @property
    def ok(self) -> bool:
        """Whether no check failed. What is not configured does not count as a failure."""
        return not any(check.state == FAILED for check in self.checks)

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.state == FAILED]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def __getitem__(self, name: str) -> Check:
        """A check by its name.

        Raises:
            KeyError: If there is none of that name.
        """
        for check in self.checks:
            if check.name == name:
                return check
        known = ", ".join(check.name for check in self.checks)
        raise KeyError(f"There is no check {name!r}; there are {known}.")

    def to_dict(self) -> dict[str, Any]:
        """Address, verdict and checks as plain values, ready for JSON."""
        return {
            "address": self.address,
            "ok": self.ok,
            "checks": [check.to_dict() for check in self.checks],
        }

    def __repr__(self) -> str:
        width = max((len(check.name) for check in self.checks), default=0)
        state_width = max((len(check.state) for check in self.checks), default=0)
        lines = [f"Diagnosis of {self.address}: {self._verdict()}"]
        for check in self.checks:
            line = f"{check.name:{width}}  {check.state:{state_width}}  {check.text}"
            lines.append(line.rstrip())
        return "\n".join(lines)

    def _verdict(self) -> str:
        count = len(self.failed)
        if not count:
            return "nothing failed."
        return "1 check failed." if count == 1 else f"{count} checks failed."

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f'<tr><td style="text-align:left">{escape(check.name)}</td>'
            f'<td style="text-align:left;color:{_COLOURS.get(check.state, "#656d76")}">{escape(check.state)}</td>'
            f'<td style="text-align:left">{escape(check.text)}</td></tr>'
            for check in self.checks
        )
        return f"<p>Diagnosis of {escape(self.address)}: {self._verdict()}</p><table>{rows}</table>"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return text
    text = text if text[-1] in ".!?" else text + "."
    return text[0].upper() + text[1:] if text.split(" ", 1)[0].isalpha() else text
