"""Signatures and Python types of the rows, shared by the C docs, the stubs and the reference."""

from __future__ import annotations

import inspect

from .model import Field, Model, Type

_PYTHON_KINDS = {
    "any": "Any",
    "json": "Any",
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "flag": "bool",
    "epoch": "int",
    "date": "str",
}


def text_signature(made: Type) -> str:
    """`Name(a, b=None, *, c='x', **kwargs)`."""
    parts: list[str] = []
    starred = False
    for row in made.arguments:
        if row.keyword_only and not starred:
            parts.append("*")
            starred = True
        parts.append(row.argument if row.required else f"{row.argument}={row.default!r}")
    if made.kwargs:
        parts.append("**kwargs")
    return f"{made.name}({', '.join(parts)})"


def docstring(made: Type) -> str:
    """What `help()` shows below the signature: the purpose, then each parameter."""
    lines = [made.doc or f"A {made.name} resource."]
    described = [row for row in made.arguments if row.doc]
    if described:
        lines += ["", "Parameters:"]
        lines += [f"    {row.argument}: {row.doc}" for row in described]
    return inspect.cleandoc("\n".join(lines))


def python_type(row: Field, model: Model, *, decoded: bool = False) -> str:
    """The type of a field; with `decoded` the classes that decoding yields stand for the native ones."""

    def named(target: str) -> str:
        leaf = model.types[target].python if decoded else None
        return leaf.replace(":", ".") if leaf else target

    if row.kind == "object":
        item = named(row.target)
    elif row.kind == "union":
        item = " | ".join(named(member) for member in union_members(row.target, model))
    else:
        item = _PYTHON_KINDS[row.kind]
    if row.shape in {"list", "one_or_list", "collection"}:
        item = f"list[{item}]"
    elif row.shape == "map":
        item = f"dict[str, {item}]"
    filled = row.required or (decoded and row.fallback is not None)
    return item if filled or item == "Any" else f"{item} | None"


def union_members(name: str, model: Model) -> list[str]:
    """The type names that a type or union name can mean, in order."""
    if name in model.types:
        return [name]
    union = model.unions[name]
    members: list[str] = []
    for target in [*union.cases.values(), *([union.default] if union.default else [])]:
        members += [m for m in union_members(target, model) if m not in members]
    return members
