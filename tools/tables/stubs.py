"""Writing hopsworks/_native.pyi."""

from __future__ import annotations

from pathlib import Path

from .model import Model, Type
from .signatures import python_type

_IMPORTS = "# imports of the classes that decoding yields"
_HEAD = Path(__file__).with_name("native_head.pyi.in")


def write(model: Model) -> str:
    head = _HEAD.read_text(encoding="utf-8").rstrip()
    leaves = sorted({made.python.partition(":")[0] for made in model.concrete if made.python})
    imports = "\n".join(f"import {module}" for module in leaves)
    lines = [head.replace(_IMPORTS, imports)]
    for made in model.concrete:
        lines += ["", *_type(made, model)]
    return "\n".join(lines) + "\n"


def _type(made: Type, model: Model) -> list[str]:
    lines = ["@disjoint_base", f"class {made.name}(_Resource):"]
    for row in made.fields:
        lines.append(f"    {row.name}: {python_type(row, model, decoded=True)}")
    lines += ["    def __init__(", "        self,"]
    starred = False
    for row in made.arguments:
        if row.keyword_only and not starred:
            lines.append("        *,")
            starred = True
        kind = "Any" if row.kind in {"object", "union"} else python_type(row, model)
        value = (
            "" if row.required else f" = {'...' if row.default in ([], {}) else repr(row.default)}"
        )
        if value == " = None" and "None" not in kind and kind != "Any":
            kind += " | None"
        lines.append(f"        {row.argument}: {kind}{value},")
    if made.kwargs:
        lines.append("        **kwargs: Any,")
    lines.append("    ) -> None: ...")
    return lines
