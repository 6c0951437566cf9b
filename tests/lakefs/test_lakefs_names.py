"""Modules and names, under ``hopsworks.lakefs`` and ``lakefs``, and what importing them costs."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import hopsworks.lakefs
from hopsworks import lakefs

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "packages" / "lakefs"
MODULES = {
    "client": ["Client", "ServerConfiguration", "from_aws_role", "from_web_identity", "SINGLE_STORAGE_ID"],
    "config": ["ClientConfig"],
    "auth": ["access_token_from_aws_iam_role"],
    "exceptions": [
        "LakeFSException", "ServerException", "BadRequestException", "NotAuthorizedException",
        "ForbiddenException", "NotFoundException", "UnsupportedOperationException",
        "ConflictException", "InvalidRangeException", "ObjectNotFoundException",
        "PermissionException", "ObjectExistsException", "NoAuthenticationFound",
        "UnsupportedCredentialsProviderType", "InvalidEnvVarFormat", "ImportManagerException",
        "TransactionException", "ValidationError",
    ],
    "models": [
        "Commit", "Change", "ImportStatus", "ServerStorageConfiguration", "ObjectInfo",
        "CommonPrefix", "RepositoryProperties",
    ],
    "namedtuple": ["LenientNamedTuple"],
    "repository": ["Repository", "repositories"],
    "reference": ["Reference", "ReferenceType"],
    "branch": ["Branch", "Transaction", "LakeFSDeprecationWarning"],
    "tag": ["Tag"],
    "object": [
        "StoredObject", "WriteableObject", "ObjectReader", "ObjectWriter", "LakeFSIOBase",
        "ReadModes", "WriteModes", "AllModes",
    ],
    "import_manager": ["ImportManager"],
}  # fmt: skip
EXPORTS = [
    "Client", "Repository", "repositories", "repository", "Reference", "Branch", "Tag", "Commit",
    "Change", "ImportStatus", "ServerStorageConfiguration", "ServerConfiguration", "ObjectInfo",
    "CommonPrefix", "RepositoryProperties", "StoredObject", "WriteableObject", "ObjectReader",
    "ObjectWriter", "LakeFSDeprecationWarning", "init", "DefaultClient", "ImportResult",
    "BranchTransaction",
]  # fmt: skip


def run(script: str, *, alone: bool = False, small: bool = True) -> str:
    """What a program writes; alone: without the packages of this environment."""
    path = [str(ROOT), *([str(SMALL)] if small else [])]
    if not alone:
        path += [entry for entry in sys.path if entry]
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={"PYTHONPATH": ":".join(path), "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_names_of_modules(module: str) -> None:
    found = importlib.import_module(f"hopsworks.lakefs.{module}")
    for name in MODULES[module]:
        assert getattr(found, name) is not None, name


def test_exports() -> None:
    for name in EXPORTS:
        assert name in dir(lakefs)
        assert hasattr(lakefs, name)
    assert set(lakefs.__all__) == set(EXPORTS) - {"DefaultClient"}
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        lakefs.no_such_name
    assert lakefs.repository is sys.modules["hopsworks.lakefs.repository"]
    assert list(inspect.signature(lakefs.repository).parameters) == ["repository_id", "client"]
    assert lakefs.client.SINGLE_STORAGE_ID == ""
    assert typing.get_args(lakefs.object.ReadModes) == ("r", "rb")
    assert typing.get_args(lakefs.object.WriteModes) == ("x", "xb", "w", "wb")
    assert set(typing.get_args(lakefs.object.AllModes)) == {"r", "rb", "x", "xb", "w", "wb"}
    assert typing.get_args(lakefs.reference.ReferenceType) == (str, lakefs.Reference, lakefs.Commit)


def test_the_name_lakefs_is_the_same_module() -> None:
    script = f"""
import importlib, sys
import lakefs
import hopsworks.lakefs
assert lakefs is hopsworks.lakefs is sys.modules["lakefs"]
for name in {list(MODULES)!r}:
    module = importlib.import_module("lakefs." + name)
    assert module is sys.modules["hopsworks.lakefs." + name] is sys.modules["lakefs." + name], name
    assert module.__name__ == "hopsworks.lakefs." + name
from lakefs.client import Client
from lakefs import Branch, exceptions, repository
import lakefs.models as models
assert Client is hopsworks.lakefs.Client and exceptions is hopsworks.lakefs.exceptions
assert models.Commit is lakefs.Commit
assert repr(repository("lake", client=Client(host="h"))) == 'Repository(id="lake")'
assert repr(lakefs.repository("lake", Client(host="h"))) == 'Repository(id="lake")'
try:
    import lakefs.no_such_module
except ModuleNotFoundError as error:
    print(error)
"""
    assert run(script) == "No module named 'lakefs.no_such_module'\n"


def test_the_package_has_the_module_as_an_attribute() -> None:
    assert run("import hopsworks; print(hopsworks.lakefs.Client.__name__)") == "Client\n"


def test_without_the_small_distribution_the_name_is_free() -> None:
    script = """
import hopsworks.lakefs
hopsworks.lakefs.Client(host="h")
try:
    import lakefs
except ModuleNotFoundError as error:
    print(error)
"""
    assert run(script, alone=True, small=False) == "No module named 'lakefs'\n"


@pytest.mark.parametrize(
    ("name", "there"),
    [("lakefs", ROOT / "packages/lakefs"), ("auger.hub_api_client", ROOT / "packages/auger")],
)
def test_beside_another_hopsworks_the_remedy_is_named(
    name: str, there: Path, tmp_path: Path
) -> None:
    (tmp_path / "hopsworks").mkdir()
    (tmp_path / "hopsworks" / "__init__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import {name}"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{there}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"ImportError: {name}: the package hopsworks that is installed is another" in done.stderr
    assert "run 'pip install .'" in done.stderr


PROGRAM = """
import lakefs
from lakefs.client import SINGLE_STORAGE_ID, Client
from lakefs.exceptions import NotFoundException
from lakefs.models import ObjectInfo

client: Client = lakefs.Client(host=SINGLE_STORAGE_ID)
branch: lakefs.Branch = lakefs.repository("lake", client=client).branch("main")
try:
    with branch.object("x").reader("r") as file:
        for line in file:
            print(line.split(","))
    reveal_type([line for line in branch.object("x").reader()])
    reveal_type(branch.open("x", "rb").read())
    reveal_type(branch.open("x", "w").write("x"))
    reveal_type(lakefs.Reference("lake", "v1").open("x").readline())
    info: ObjectInfo = branch.object("x").stat()
except NotFoundException as error:
    reveal_type(error)
wrong: int = info.path
"""


def test_type_checkers_see_the_names(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
            "--cache-dir=cache", "program.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": f"{ROOT}:{SMALL}"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert 'Revealed type is "hopsworks.lakefs.exceptions.NotFoundException"' in done.stdout
    assert done.stdout.count(": error: ") == 1, done.stdout
    seen = re.findall('Revealed type is "(.*)"', done.stdout)
    assert seen[:4] == ["list[bytes]", "bytes", "int", "str"]
    assert 'has type "str", variable has type "int"' in done.stdout
    there = {path.stem for path in (SMALL / "lakefs").glob("*.pyi")}
    assert there == {"__init__", *MODULES}


def test_importing_loads_next_to_nothing() -> None:
    script = """
import sys
before = set(sys.modules)
import lakefs
loaded = set(sys.modules) - before
print(sorted(name for name in loaded if not name.startswith(("hopsworks", "lakefs"))))
"""
    assert run(script) in ("['__future__']\n", "[]\n")


def test_the_names_load_nothing_heavy() -> None:
    script = """
import sys
import lakefs
lakefs.Client, lakefs.Repository, lakefs.Branch, lakefs.ObjectInfo, lakefs.repositories
from lakefs.exceptions import NotFoundException
client = lakefs.Client(host="h", access_token="t")
heavy = {"asyncio", "inspect", "dataclasses", "typing", "json", "logging", "ssl", "socket", "http.client", "urllib.request",
         "tempfile", "numpy", "pandas", "pyarrow", "requests", "urllib3", "pydantic", "yaml", "boto3", "fsspec",
         "lakefs_sdk"}
print(sorted(heavy & set(sys.modules)))
"""
    assert run(script) == "[]\n"


def test_nothing_else_is_needed() -> None:
    script = """
import lakefs
from lakefs import branch, object, import_manager, models, config
client = lakefs.Client(host="http://127.0.0.1:9", access_token="t", timeout=1)
try:
    lakefs.repository("lake", client=client).properties
except ConnectionError as error:
    print(type(error).__name__)
"""
    assert run(script, alone=True) == "ServiceUnreachableException\n"


def test_public_names_have_a_description() -> None:
    missing = []
    for module in MODULES:
        found = importlib.import_module(f"hopsworks.lakefs.{module}")
        for name, value in vars(found).items():
            if name.startswith("_") or getattr(value, "__module__", None) != found.__name__:
                continue
            members = vars(value).items() if inspect.isclass(value) else []
            public = [(n, v) for n, v in members if not n.startswith("_") and callable(v)]
            for place, one in [(name, value), *((f"{name}.{n}", v) for n, v in public)]:
                if not inspect.getdoc(one):
                    missing.append(f"{module}.{place}")
    assert missing == []


def test_the_package_has_no_other_http_library() -> None:
    folder = Path(hopsworks.lakefs.__file__).parent
    for path in folder.rglob("*.py"):
        for line in path.read_text().splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] not in (
                    "requests", "urllib3", "httpx", "http", "lakefs", "lakefs_sdk", "pydantic",
                ), f"{path.name}: {line}"  # fmt: skip
    names = {path.name for path in (SMALL / "lakefs").iterdir() if path.suffix != ".pyi"}
    assert names - {"__pycache__"} == {"__init__.py", "py.typed"}
