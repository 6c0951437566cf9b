"""Writing the reference pages: one page a resource file."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from .model import Endpoint, Field, Model, Type, Union
from .signatures import python_type, text_signature

_MARK = "<!-- Made by tools/generate.py from {file}; never edited. -->"
_ACCESS = {"rw": "read, write", "r": "read", "w": "sent only"}


def write(model: Model, others: Mapping[str, str] = {}) -> dict[str, str]:
    """File name -> text of the page. The index also lists other pages, file name -> title."""
    files = sorted(
        {row.file for rows in (model.types, model.unions, model.endpoints) for row in rows.values()}
    )
    pages = {}
    for file in files:
        stem = file.rsplit("/", 1)[1].removesuffix(".toml")
        pages[f"{stem}.md"] = _page(stem, file, model)
    pages["README.md"] = _index(files, others)
    return pages


def _index(files: list[str], others: Mapping[str, str]) -> str:
    lines = [_MARK.format(file="resources/"), "", "# Resources", ""]
    lines += ["What each resource looks like in Python and on the wire, and the calls on it.", ""]
    for file in files:
        stem = file.rsplit("/", 1)[1].removesuffix(".toml")
        lines.append(f"- [{stem.replace('_', ' ')}]({stem}.md)")
    if others:
        lines += ["", "Services of their own:", ""]
    lines += [f"- [{title}]({name})" for name, title in sorted(others.items())]
    return "\n".join(lines) + "\n"


def _page(stem: str, file: str, model: Model) -> str:
    lines = [_MARK.format(file=file), "", f"# {stem.replace('_', ' ').capitalize()}", ""]
    for made in model.concrete:
        if made.file == file:
            lines += _type(made, model)
    for union in sorted(model.unions.values(), key=lambda row: row.name):
        if union.file == file:
            lines += _union(union)
    calls = sorted((r for r in model.endpoints.values() if r.file == file), key=lambda r: r.name)
    if calls:
        lines += ["## Calls", ""]
        for row in calls:
            lines += _endpoint(row)
    return "\n".join(lines).rstrip() + "\n"


def _type(made: Type, model: Model) -> list[str]:
    signature = textwrap.fill(text_signature(made), 96, subsequent_indent="    ")
    lines = [f"## {made.name}", "", f"`{made.home}.{made.name}`", ""]
    if made.doc:
        lines += [made.doc, ""]
    lines += ["```python", signature, "```", ""]
    if made.fields:
        lines += [
            "| attribute | key | type | access | sent | |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_field(row, model) for row in made.fields]
        lines.append("")
    return lines


def _field(row: Field, model: Model) -> str:
    kind = python_type(row, model).replace("|", "\\|")
    sent = {"always": "always", "set": "when set", "never": "never", "true": "when true"}[row.send]
    doc = " ".join(row.doc.split()).replace("|", "\\|")
    key = f"`{row.key}`" if row.key else "–"
    return f"| `{row.name}` | {key} | `{kind}` | {_ACCESS[row.access]} | {sent} | {doc} |"


def _union(union: Union) -> list[str]:
    lines = [f"## {union.name}", "", f"Told apart by `{union.key}`:", ""]
    lines += [f"- `{value}`: {target}" for value, target in union.cases.items()]
    if union.default:
        lines.append(f"- anything else: {union.default}")
    return [*lines, ""]


def _endpoint(row: Endpoint) -> list[str]:
    lines = [f"### {row.name}", "", f"`{row.verb} {row.path}`", ""]
    if row.doc:
        lines += [row.doc, ""]
    if row.query:
        lines.append("- query: " + ", ".join(f"`{key}={value}`" for key, value in row.query))
    if row.body != "none":
        lines.append(f"- body: {row.body}")
    lines.append(f"- returns: {' of '.join(part for part in (row.shape, row.target) if part)}")
    if row.absent:
        codes = ", ".join(map(str, row.absent))
        lines.append(f"- not found (service codes {codes}): None or an empty list")
    return [*lines, ""]
