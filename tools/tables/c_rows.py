"""Writing the rows as constant C tables with designated initialisers."""

from __future__ import annotations

import json
from typing import Any

from .model import Endpoint, Field, Model, Type, Union
from .signatures import docstring, text_signature

_ACCESS = {"rw": "HW_ACCESS_RW", "r": "HW_ACCESS_READ", "w": "HW_ACCESS_WRITE"}


def quote(text: str) -> str:
    """A C string literal; octal escapes end after three digits, so nothing that follows joins them."""
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif 0x20 <= byte < 0x7F and char != "?":
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def view(text: str) -> str:
    return f"{{{quote(text)}, {len(text.encode())}}}"


def default(value: Any) -> str:
    if value is None:
        return "{.kind = HW_DEFAULT_NONE}"
    if isinstance(value, bool):
        return f"{{.kind = HW_DEFAULT_BOOL, .integer = {int(value)}}}"
    if isinstance(value, int):
        return f"{{.kind = HW_DEFAULT_INT, .integer = {value}LL}}"
    if isinstance(value, float):
        return f"{{.kind = HW_DEFAULT_FLOAT, .real = {value!r}}}"
    if isinstance(value, str):
        return f"{{.kind = HW_DEFAULT_STR, .text = {quote(value)}}}"
    return "{.kind = HW_DEFAULT_LIST}" if value == [] else "{.kind = HW_DEFAULT_MAP}"


def flag(value: bool) -> str:
    return "true" if value else "false"


class Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.types = model.concrete
        self.type_index = {made.name: i for i, made in enumerate(self.types)}
        self.unions = sorted(model.unions.values(), key=lambda union: union.name)
        self.union_index = {union.name: i for i, union in enumerate(self.unions)}
        self.endpoints = sorted(model.endpoints.values(), key=lambda row: row.name)
        self.lines: list[str] = []

    def write(self) -> str:
        self.lines = ["/* Made by tools/generate.py from resources/; never edited. */", ""]
        for union in self.unions:
            self.union_cases(union)
        for made in self.types:
            self.type_rows(made)
        self.table("hw_union", "unions", [self.union(union) for union in self.unions])
        self.table("hw_type", "types", [self.type(made) for made in self.types])
        for row in self.endpoints:
            self.endpoint_rows(row)
        self.table("hw_endpoint", "endpoints", [self.endpoint(row) for row in self.endpoints])
        return "\n".join(self.lines) + "\n"

    def table(self, kind: str, name: str, rows: list[str]) -> None:
        """An array may not be empty in C, so one row of zeros follows the last."""
        self.lines.append(f"enum {{ TABLE_{name.upper()}_COUNT = {len(rows)} }};")
        self.lines.append(f"static const {kind} table_{name}[] = {{")
        self.lines += [f"    {row}," for row in rows]
        self.lines += ["    {0},", "};", ""]

    def target(self, name: str) -> tuple[int, bool]:
        if name in self.union_index:
            return self.union_index[name], True
        return self.type_index.get(name, 0), False

    def case(self, value: str, target: str) -> str:
        index, is_union = self.target(target)
        return f"{{.value = {view(value)}, .target = {index}, .is_union = {flag(is_union)}}}"

    def union_cases(self, union: Union) -> None:
        rows = [self.case(value, target) for value, target in union.cases.items()]
        rows.append(self.case("", union.default) if union.default else "{.target = 0}")
        self.lines.append(f"static const hw_case cases_{union.name}[] = {{")
        self.lines += [f"    {row}," for row in rows]
        self.lines += ["};", ""]

    def union(self, union: Union) -> str:
        count = len(union.cases)
        fallback = f"&cases_{union.name}[{count}]" if union.default else "NULL"
        return (
            f"{{.name = {quote(union.name)}, .key = {view(union.key)}, .cases = cases_{union.name},"
            f" .case_count = {count}, .fallback = {fallback}}}"
        )

    def type_rows(self, made: Type) -> None:
        if made.fields:
            self.lines.append(f"static const hw_field fields_{made.name}[] = {{")
            self.lines += [f"    {self.field(row, made)}," for row in made.fields]
            self.lines += ["};"]
        if made.constant or made.ignore:
            self.lines.append(f"static const hw_constant constants_{made.name}[] = {{")
            for key, value in made.constant.items():
                text = json.dumps(value)
                self.lines.append(f"    {{.key = {view(key)}, .json = {view(text)}}},")
            self.lines += [f"    {{.key = {view(key)}}}," for key in made.ignore]
            self.lines.append("};")
        if made.variants:
            self.lines.append(f"static const hw_variant variants_{made.name}[] = {{")
            for value, python in made.variants.items():
                self.lines.append(f"    {{.value = {view(value)}, .python = {quote(python)}}},")
            self.lines.append("};")
        order = [made.fields.index(row) for row in made.arguments]
        if order:
            self.lines.append(
                f"static const uint8_t arguments_{made.name}[] = {{{', '.join(map(str, order))}}};"
            )
        self.lines.append("")

    def field(self, row: Field, made: Type) -> str:
        index, _ = self.target(row.target) if row.target else (0, False)
        flags = {
            "init": row.init,
            "required": row.required,
            "keyword_only": row.keyword_only,
            "secret": row.secret,
            "shown": row.shown,
            "identity": row.name in made.identity,
            "replace_none": row.has_fallback,
        }
        return (
            f"{{.name = {quote(row.name)}, .key = {view(row.key)}, .snake = {view(row.snake)},"
            f" .argument = {quote(row.argument)}, .doc = {quote(row.doc)},"
            f" .fallback = {default(row.fallback)}, .target = {index},"
            f" .kind = HW_KIND_{row.kind.upper()}, .shape = HW_SHAPE_{row.shape.upper()},"
            f" .access = {_ACCESS[row.access]}, .send = HW_SEND_{row.send.upper()}"
            + (f", .words = {{{', '.join(map(view, row.words))}}}" if row.words else "")
            + "".join(f", .{name} = true" for name, value in flags.items() if value)
            + "}"
        )

    def type(self, made: Type) -> str:
        doc = f"{text_signature(made)}\n--\n\n{docstring(made)}"
        fields = f"fields_{made.name}" if made.fields else "NULL"
        constants = f"constants_{made.name}" if made.constant or made.ignore else "NULL"
        arguments = f"arguments_{made.name}" if made.arguments else "NULL"
        return (
            f"{{.name = {quote(made.name)}, .full_name = {quote(f'{made.home}.{made.name}')},"
            f" .python = {quote(made.python) if made.python else 'NULL'}, .doc = {quote(doc)},"
            f" .variants = {f'variants_{made.name}' if made.variants else 'NULL'},"
            f" .variant_key = {view(made.variant_key)}, .variant_count = {len(made.variants)},"
            f" .fields = {fields}, .constants = {constants}, .arguments = {arguments},"
            f" .field_count = {len(made.fields)}, .constant_count = {len(made.constant) + len(made.ignore)},"
            f" .argument_count = {len(made.arguments)}, .index = {self.type_index[made.name]},"
            f" .value_equality = {flag(made.equality == 'value')},"
            f" .extra_arguments = {flag(made.kwargs)}}}"
        )

    def endpoint_rows(self, row: Endpoint) -> None:
        name = c_name(row)
        if row.query:
            self.lines.append(f"static const hw_query query_{name}[] = {{")
            for key, value in row.query:
                parameter = value.startswith("{")
                text = value[1:-1] if parameter else value
                self.lines.append(
                    f"    {{.key = {view(key)}, .value = {view(text)}, .parameter = {flag(parameter)}}},"
                )
            self.lines.append("};")
        if row.absent:
            codes = ", ".join(map(str, row.absent))
            self.lines.append(f"static const long absent_{name}[] = {{{codes}}};")

    def endpoint(self, row: Endpoint) -> str:
        name = c_name(row)
        index, is_union = self.target(row.target) if row.target else (0, False)
        retry = {
            "never": "HW_RETRY_NEVER",
            "safe": "HW_RETRY_SAFE",
            "auto": "HW_RETRY_UNSENT" if row.verb in {"POST", "PATCH"} else "HW_RETRY_SAFE",
        }[row.retry]
        return (
            f"{{.name = {quote(row.name)}, .verb = {quote(row.verb)}, .path = {quote(row.path)},"
            f" .doc = {quote(row.doc)}, .query = {f'query_{name}' if row.query else 'NULL'},"
            f" .query_count = {len(row.query)},"
            f" .absent = {f'absent_{name}' if row.absent else 'NULL'},"
            f" .absent_count = {len(row.absent)}, .body = HW_BODY_{row.body.upper()},"
            f" .returns = HW_RETURNS_{row.shape.upper()}, .retry = {retry}, .target = {index},"
            f" .target_is_union = {flag(is_union)}}}"
        )


def c_name(row: Endpoint) -> str:
    return "".join(char if char.isalnum() else "_" for char in row.name)


def write(model: Model) -> str:
    return Writer(model).write()
