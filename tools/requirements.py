"""Print the packages of one extra of pyproject.toml, a line each, with references to other extras resolved."""

import re
import sys
import tomllib
from pathlib import Path


def resolve(extras: dict[str, list[str]], name: str) -> set[str]:
    """Return the requirement lines of an extra and of the extras it refers to."""
    lines: set[str] = set()
    for line in extras[name]:
        reference = re.fullmatch(r"hopsworks\[([^\]]+)\]", line)
        if reference:
            for other in reference[1].split(","):
                lines |= resolve(extras, other)
        else:
            lines.add(line)
    return lines


if __name__ == "__main__":
    project = tomllib.loads(Path(__file__).parent.parent.joinpath("pyproject.toml").read_text())
    print("\n".join(sorted(resolve(project["project"]["optional-dependencies"], sys.argv[1]))))
