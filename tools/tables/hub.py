"""Writing what follows from the table of the Auger Hub: the stub of its methods and the page that lists them."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from types import FunctionType

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hopsworks.auger.method_maker import Resource
from hopsworks.auger.resource_table import API_PREFIX, API_SCHEMA

PAGE = "auger_hub.md"
_SOURCE = "hopsworks/auger/resource_table.py"
_HEAD = f"""# Made by tools/generate.py from {_SOURCE}; never edited.
from collections.abc import Callable
from typing import Any

class ResourceMethods:
    API_PREFIX: str
    API_SCHEMA: dict[str, dict[str, Any]]
"""


def stubs() -> str:
    """The text of resource_methods.pyi."""
    lines = [_HEAD.rstrip()]
    for name, row in API_SCHEMA.items():
        resource = Resource(name, row)
        for method_name, method, doc in resource.methods():
            assert isinstance(method, FunctionType)
            parameters = ", ".join(_parameters(method, resource.parent))
            head = f"def {method_name}({parameters}) -> {method.__annotations__['return']}:"
            text = textwrap.indent(f'"""{doc}"""', "    ").replace("\n    \n", "\n\n")
            lines.append(
                textwrap.indent(f"{head}\n{text}\n", "    ").rstrip().replace("    \n", "\n")
            )
    return "\n".join(lines) + "\n"


def _parameters(method: FunctionType, parent: str | None) -> list[str]:
    """The parameters as they are declared; the id of a parent by name, which has to be given."""
    code, kinds = method.__code__, method.__annotations__
    made = ["self"]
    made += [f"{name}: {kinds[name]}" for name in code.co_varnames[1 : code.co_argcount]]
    if code.co_flags & 0x08:
        rest = code.co_varnames[code.co_argcount]
        made += [*([f"*, {parent}_id: object"] if parent else []), f"**{rest}: {kinds[rest]}"]
    return made


def reference() -> str:
    """The text of the page that lists the resources and their methods."""
    lines = [
        f"<!-- Made by tools/generate.py from {_SOURCE}; never edited. -->",
        "",
        "# Auger Hub",
        "",
        f"The resources of `hopsworks.auger.HubApiClient`, below `{API_PREFIX}`. The guide is [auger.md](../auger.md).",
        "",
        "| resource | one of it is | methods |",
        "| --- | --- | --- |",
    ]
    for name, row in API_SCHEMA.items():
        methods = " ".join(f"`{method}`" for method, _, _ in Resource(name, row).methods())
        lines.append(f"| `{name}` | {row['doc']} | {methods} |")
    lines += ["", "`help(HubApiClient.get_trials)` tells parameters, reply and errors of a method."]
    return "\n".join(lines) + "\n"
