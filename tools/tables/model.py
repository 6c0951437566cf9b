"""Reading resources/*.toml into checked rows.

Every fault is collected and named by file, type and field, so that one run shows all of them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .names import camel_case, decamelize

KINDS = {"any", "str", "int", "float", "bool", "epoch", "date", "json", "flag", "object", "union"}
SHAPES = {"list": "list", "one_or_list": "one_or_list", "collection": "collection", "map": "map"}
VERBS = {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"}
BODIES = {"none", "object", "json", "raw", "form"}
RETRIES = {"auto", "safe", "never"}
PLAIN_RETURNS = {"none", "json", "text", "bytes"}
OBJECT_RETURNS = {"list", "collection", "one", "page"}
SPELLINGS = {"camel", "snake"}
MAX_FIELDS = 128

TYPE_KEYS = {
    "name", "home", "python", "doc", "equality", "repr", "identity", "constant", "field",
    "extends", "omit", "abstract", "kwargs", "variants", "keys", "ignore",
}  # fmt: skip
FIELD_KEYS = {
    "name", "key", "kind", "access", "init", "required", "default", "fallback", "send", "secret",
    "doc", "argument", "keyword_only", "shown", "words",
}  # fmt: skip
UNION_KEYS = {"name", "key", "cases", "default"}
ENDPOINT_KEYS = {
    "name", "verb", "path", "query", "body", "returns", "absent", "retry", "doc",
}  # fmt: skip

_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class TableError(Exception):
    """All that is wrong in the tables, one line a fault."""


@dataclass(frozen=True)
class Field:
    name: str
    key: str
    kind: str
    shape: str = "one"
    target: str = ""
    access: str = "rw"
    init: bool = True
    required: bool = False
    keyword_only: bool = False
    default: Any = None
    fallback: Any = None
    has_fallback: bool = False
    send: str = "set"
    secret: bool = False
    shown: bool = True
    argument: str = ""
    doc: str = ""
    words: tuple[str, ...] = ()

    @property
    def snake(self) -> str:
        return decamelize(self.key) if self.key else ""


@dataclass
class Type:
    name: str
    home: str
    file: str
    python: str = ""
    doc: str = ""
    equality: str = "value"
    repr: list[str] | None = None
    identity: list[str] = field(default_factory=list)
    constant: dict[str, Any] = field(default_factory=dict)
    ignore: list[str] = field(default_factory=list)
    extends: str = ""
    omit: list[str] = field(default_factory=list)
    abstract: bool = False
    kwargs: bool = True
    variant_key: str = ""
    variants: dict[str, str] = field(default_factory=dict)
    own_fields: list[Field] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)

    @property
    def arguments(self) -> list[Field]:
        """Fields of the initialiser in positional order, keyword-only ones last."""
        given = [row for row in self.fields if row.init]
        return [r for r in given if not r.keyword_only] + [r for r in given if r.keyword_only]


@dataclass
class Union:
    name: str
    key: str
    cases: dict[str, str]
    default: str
    file: str


@dataclass
class Endpoint:
    name: str
    verb: str
    path: str
    query: list[tuple[str, str]]
    body: str
    shape: str  # of what comes back: none json text bytes one list collection first page
    target: str
    absent: list[int]
    retry: str
    doc: str
    file: str


@dataclass
class Model:
    types: dict[str, Type]
    unions: dict[str, Union]
    endpoints: dict[str, Endpoint]

    @property
    def concrete(self) -> list[Type]:
        return sorted((t for t in self.types.values() if not t.abstract), key=lambda t: t.name)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self.types: dict[str, Type] = {}
        self.unions: dict[str, Union] = {}
        self.endpoints: dict[str, Endpoint] = {}

    def fault(self, where: str, text: str) -> None:
        self.faults.append(f"{where}: {text}")

    def known(self, where: str, row: dict[str, Any], allowed: set[str]) -> None:
        for key in row.keys() - allowed:
            self.fault(where, f"unknown key '{key}'; known are {', '.join(sorted(allowed))}")

    def text(self, where: str, row: dict[str, Any], key: str, *, default: str | None = "") -> str:
        value = row.get(key, default)
        if not isinstance(value, str):
            self.fault(where, f"'{key}' must be text" if key in row else f"'{key}' is missing")
            return ""
        return value

    def flag(self, where: str, row: dict[str, Any], key: str, default: bool) -> bool:
        value = row.get(key, default)
        if not isinstance(value, bool):
            self.fault(where, f"'{key}' must be true or false, not {value!r}")
            return default
        return value

    def choice(
        self, where: str, row: dict[str, Any], key: str, default: str, allowed: set[str]
    ) -> str:
        value = row.get(key, default)
        if value not in allowed:
            self.fault(
                where, f"'{key}' is {value!r}; it must be one of {', '.join(sorted(allowed))}"
            )
            return default
        return str(value)

    def names(self, where: str, row: dict[str, Any], key: str) -> list[str]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fault(where, f"'{key}' must be a list of names")
            return []
        return value

    # --- files ------------------------------------------------------------------------------

    def read(self) -> Model:
        for path in sorted(self.folder.glob("*.toml")):
            file = f"resources/{path.name}"
            try:
                content = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                self.fault(file, f"not readable as TOML: {error}")
                continue
            for key, value in content.items():
                if key not in {"type", "union", "endpoint"}:
                    self.fault(file, f"unknown block '{key}'; known are type, union, endpoint")
                elif not isinstance(value, list):
                    self.fault(file, f"write [[{key}]], not [{key}]")
                else:
                    for row in value:
                        getattr(self, f"read_{key}")(file, row)
        self.resolve()
        if self.faults:
            raise TableError("\n".join(self.faults))
        return Model(self.types, self.unions, self.endpoints)

    def add(self, where: str, table: dict[str, Any], row: Any) -> None:
        if row.name in table:
            self.fault(where, f"'{row.name}' is already in {table[row.name].file}")
        else:
            table[row.name] = row

    def read_type(self, file: str, row: dict[str, Any]) -> None:
        where = f"{file}: type {row.get('name', '?')}"
        self.known(where, row, TYPE_KEYS)
        name = self.text(where, row, "name", default=None)
        if not _IDENTIFIER.match(name):
            self.fault(where, f"'{name}' is no name for a type")
        abstract = self.flag(where, row, "abstract", False)
        constant = row.get("constant", {})
        if not isinstance(constant, dict) or not all(
            isinstance(value, str | int | float | bool) for value in constant.values()
        ):
            self.fault(where, "'constant' must be a table of keys and plain values")
            constant = {}
        made = Type(
            name=name,
            home=self.text(where, row, "home", default="" if abstract else None),
            file=file,
            python=self.text(where, row, "python"),
            doc=self.text(where, row, "doc").strip(),
            equality=self.choice(where, row, "equality", "value", {"value", "none"}),
            repr=self.names(where, row, "repr") if "repr" in row else None,
            identity=self.names(where, row, "identity"),
            constant=constant,
            ignore=self.names(where, row, "ignore"),
            extends=self.text(where, row, "extends"),
            omit=self.names(where, row, "omit"),
            abstract=abstract,
            kwargs=self.flag(where, row, "kwargs", True),
        )
        self.read_variants(where, made, row.get("variants", {}))
        for python in [made.python, *made.variants.values()]:
            if python and not re.fullmatch(r"[\w.]+:\w+", python):
                self.fault(where, f"'python' is {python!r}; write \"module.name:Class\"")
        fields = row.get("field", [])
        if not isinstance(fields, list):
            self.fault(where, "write [[type.field]], not [type.field]")
            fields = []
        spelling = self.choice(where, row, "keys", "camel", SPELLINGS)
        made.own_fields = [self.read_field(where, item, spelling) for item in fields]
        self.add(where, self.types, made)

    def read_variants(self, where: str, made: Type, row: Any) -> None:
        if row == {}:
            return
        cases = row.get("cases") if isinstance(row, dict) else None
        if not isinstance(cases, dict) or not all(isinstance(name, str) for name in cases.values()):
            self.fault(
                where, '\'variants\' must be { key = "…", cases = { VALUE = "module:Class" } }'
            )
            return
        made.variant_key = self.text(f"{where}, variants", row, "key", default=None)
        made.variants = cases

    def read_field(self, where: str, row: dict[str, Any], spelling: str) -> Field:
        where = f"{where}, field {row.get('name', '?')}"
        self.known(where, row, FIELD_KEYS)
        name = self.text(where, row, "name", default=None)
        if not _IDENTIFIER.match(name):
            self.fault(where, f"'{name}' is no name for an attribute")
        usual = name if spelling == "snake" else camel_case(name)
        key = self.text(where, row, "key", default=usual)
        shape, kind, target = self.parse_kind(where, self.text(where, row, "kind", default="any"))
        for literal in ("default", "fallback"):
            value = row.get(literal)
            if not (
                value is None or isinstance(value, str | bool | int | float) or value in ([], {})
            ):
                self.fault(where, f"'{literal}' must be a plain value, [] or {{}}")
        words = self.names(where, row, "words")
        if (kind == "flag") != (len(words) == 2) or (kind == "flag" and shape != "one"):
            self.fault(where, "kind 'flag', and only it, has 'words': those for false and true")
        required = self.flag(where, row, "required", False)
        if required and "default" in row:
            self.fault(where, "a required field has no default")
        send = self.choice(where, row, "send", "set", {"always", "set", "never", "true"})
        access = self.choice(where, row, "access", "rw", {"rw", "r", "w"})
        init = self.flag(where, row, "init", True)
        return Field(
            name=name,
            key=key,
            kind=kind,
            shape=shape,
            target=target,
            access=access,
            init=init,
            required=required and init,
            keyword_only=self.flag(where, row, "keyword_only", False),
            default=row.get("default"),
            fallback=row.get("fallback", row.get("default")),
            has_fallback="fallback" in row,
            send=send if key else "never",
            secret=self.flag(where, row, "secret", False),
            shown=self.flag(where, row, "shown", init),
            argument=self.text(where, row, "argument", default=name.lstrip("_")),
            doc=self.text(where, row, "doc").strip(),
            words=tuple(words),
        )

    def parse_kind(self, where: str, text: str) -> tuple[str, str, str]:
        head, _, rest = text.partition(":")
        shape = "one"
        if head in SHAPES:
            shape, text = SHAPES[head], rest
        kind, _, target = text.partition(":")
        if kind not in KINDS:
            shapes = ", ".join(f"{s}:…" for s in SHAPES)
            self.fault(
                where,
                f"unknown kind '{text}'; known are {', '.join(sorted(KINDS - {'object', 'union'}))},"
                f" object:Type, union:Union, and {shapes} before them",
            )
            return shape, "any", ""
        if (kind in {"object", "union"}) != bool(target):
            self.fault(where, f"kind '{text}': object and union, and only they, name a target")
        return shape, kind, target

    def read_union(self, file: str, row: dict[str, Any]) -> None:
        where = f"{file}: union {row.get('name', '?')}"
        self.known(where, row, UNION_KEYS)
        cases = row.get("cases", {})
        if not isinstance(cases, dict) or not cases:
            self.fault(where, "'cases' must be a table of discriminator values and type names")
            cases = {}
        self.add(
            where,
            self.unions,
            Union(
                name=self.text(where, row, "name", default=None),
                key=self.text(where, row, "key", default=None),
                cases=cases,
                default=self.text(where, row, "default"),
                file=file,
            ),
        )

    def read_endpoint(self, file: str, row: dict[str, Any]) -> None:
        where = f"{file}: endpoint {row.get('name', '?')}"
        self.known(where, row, ENDPOINT_KEYS)
        returns = self.text(where, row, "returns", default="none")
        head, _, target = returns.partition(":")
        if returns in PLAIN_RETURNS:
            shape, target = returns, ""
        elif target and head in OBJECT_RETURNS:
            shape = "first" if head == "one" else head
        elif not target:
            shape, target = "one", head
        else:
            self.fault(
                where,
                f"'returns' is {returns!r}; write a type, list:T, collection:T, one:T, page:T, json,"
                " text, bytes or none",
            )
            shape, target = "none", ""
        query: list[tuple[str, str]] = []
        rows = row.get("query", {})
        if not isinstance(rows, dict):
            self.fault(where, "'query' must be a table of keys and values")
            rows = {}
        for key, value in rows.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, bool):
                    item = "True" if item else "False"
                if not isinstance(item, str | int):
                    self.fault(where, f"query '{key}' must be text, a number or a list of them")
                elif "{" in str(item) and not _PLACEHOLDER.fullmatch(str(item)):
                    self.fault(
                        where, f"query '{key}': a parameter stands alone, as in \"{{{key}}}\""
                    )
                else:
                    query.append((key, str(item)))
        absent = row.get("absent", [])
        if not isinstance(absent, list) or not all(type(code) is int for code in absent):
            self.fault(where, "'absent' must be a list of service error codes")
            absent = []
        path = self.text(where, row, "path", default=None)
        if "{" in _PLACEHOLDER.sub("", path) or "?" in path:
            self.fault(where, f"path '{path}': parameters are written {{name}}, queries in 'query'")
        self.add(
            where,
            self.endpoints,
            Endpoint(
                name=self.text(where, row, "name", default=None),
                verb=self.choice(where, row, "verb", "GET", VERBS),
                path=path,
                query=query,
                body=self.choice(where, row, "body", "none", BODIES),
                shape=shape,
                target=target,
                absent=absent,
                retry=self.choice(where, row, "retry", "auto", RETRIES),
                doc=self.text(where, row, "doc").strip(),
                file=file,
            ),
        )

    # --- what rows say about each other -----------------------------------------------------

    def resolve(self) -> None:
        for made in self.types.values():
            made.fields = self.fields_of(made, [])
        for made in self.types.values():
            self.check_type(made)
        for union in self.unions.values():
            where = f"{union.file}: union {union.name}"
            for target in [*union.cases.values(), *([union.default] if union.default else [])]:
                self.check_target(where, str(target), allow_union=True)
            if union.name in self.types:
                self.fault(where, "a type has the same name")
        for endpoint in self.endpoints.values():
            where = f"{endpoint.file}: endpoint {endpoint.name}"
            if endpoint.target:
                self.check_target(where, endpoint.target, allow_union=True)

    def fields_of(self, made: Type, seen: list[str]) -> list[Field]:
        where = f"{made.file}: type {made.name}"
        if made.name in seen:
            self.fault(where, "extends itself")
            return []
        inherited: list[Field] = []
        if made.extends:
            base = self.types.get(made.extends)
            if base is None:
                self.fault(where, f"extends '{made.extends}', which no file has")
            else:
                inherited = self.fields_of(base, [*seen, made.name])
                missing = set(made.omit) - {row.name for row in inherited}
                if missing:
                    self.fault(where, f"omits {', '.join(sorted(missing))}, not in {base.name}")
        own = {row.name: row for row in made.own_fields}
        if len(own) != len(made.own_fields):
            names = [row.name for row in made.own_fields]
            twice = sorted({name for name in names if names.count(name) > 1})
            self.fault(where, f"field {', '.join(twice)} stands twice")
        kept = [own.pop(r.name, r) for r in inherited if r.name not in made.omit]
        return kept + [row for row in made.own_fields if row.name in own]

    def check_type(self, made: Type) -> None:
        where = f"{made.file}: type {made.name}"
        if len(made.fields) > MAX_FIELDS:
            self.fault(where, f"{len(made.fields)} fields; at most {MAX_FIELDS} are possible")
        spellings: dict[str, str] = {}
        for row in made.fields:
            if row.target:
                self.check_target(
                    f"{where}, field {row.name}", row.target, allow_union=row.kind == "union",
                    allow_type=row.kind == "object",
                )  # fmt: skip
            if row.key and spellings.setdefault(row.key, row.name) != row.name:
                self.fault(
                    f"{where}, field {row.name}", f"key '{row.key}' belongs to {spellings[row.key]}"
                )
            if row.key in made.constant:
                self.fault(f"{where}, field {row.name}", f"key '{row.key}' is a constant as well")
        for key in made.ignore:
            if key in spellings or key in made.constant:
                self.fault(where, f"'ignore' names '{key}', which is a field or a constant")
        if made.variant_key and made.variant_key not in spellings:
            self.fault(where, f"'variants': no field has the key '{made.variant_key}'")
        optional = ""
        for row in made.arguments:
            if row.required and optional and not row.keyword_only:
                self.fault(
                    f"{where}, field {row.name}", f"required, but follows the optional '{optional}'"
                )
            if not row.required:
                optional = row.name
        names = {row.name for row in made.fields}
        for option in ("repr", "identity"):
            for name in getattr(made, option) or []:
                if name not in names:
                    self.fault(where, f"'{option}' names '{name}', which is no field")
        if made.repr is not None:
            made.fields = [replace(row, shown=row.name in made.repr) for row in made.fields]

    def check_target(
        self, where: str, name: str, *, allow_union: bool, allow_type: bool = True
    ) -> None:
        if allow_union and name in self.unions:
            return
        if allow_type and name in self.types:
            if self.types[name].abstract:
                self.fault(where, f"'{name}' is abstract, nothing can be read into it")
            return
        what = "type" if not allow_union else "union" if not allow_type else "type or union"
        self.fault(where, f"no {what} '{name}' in resources/")


def load(folder: Path) -> Model:
    """Reads and checks every *.toml of a folder.

    Raises:
        TableError: naming every fault by file, type and field.
    """
    return _Reader(folder).read()
