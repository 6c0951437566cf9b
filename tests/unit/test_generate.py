"""The generator of the resource tables: what it refuses, and what it makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from tables import c_rows, model, names, reference, signatures, stubs  # noqa: E402

TYPE = '[[type]]\nname = "Thing"\nhome = "hopsworks.thing"\n'
FIELD = '[[type.field]]\nname = "size"\n'


def load(tmp_path: Path, text: str) -> model.Model:
    (tmp_path / "thing.toml").write_text(text, encoding="utf-8")
    return model.load(tmp_path)


def faults(tmp_path: Path, text: str) -> str:
    with pytest.raises(model.TableError) as caught:
        load(tmp_path, text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("projectId", "project_id"),
        ("inodeid", "inodeid"),
        ("isOldDockerImage", "is_old_docker_image"),
        ("generatorURL", "generatorurl"),
        ("generatorUrl", "generator_url"),
        ("maxUploadBatchSizeMB", "max_upload_batch_size_mb"),
        ("JSONDocument", "json_document"),
        ("s3Path", "s_3path"),
        ("apiV2Name", "api_v2name"),
        ("aB", "ab"),
        ("X1y2Z", "x1y2_z"),
        ("SUCCESS", "SUCCESS"),
        ("HOPS_START_TIME", "HOPS_START_TIME"),
        ("spark.driver.memory", "spark.driver.memory"),
        ("my-key", "my-key"),
        ("caChain", "ca_chain"),
        ("kStore", "k_store"),
    ],
)
def test_decamelize_follows_the_contract(wire, python):
    assert names.decamelize(wire) == python


def test_camel_case():
    assert names.camel_case("feature_group_id") == "featureGroupId"
    assert names.camel_case("_type") == "type"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[type]\nname = "Thing"', "resources/thing.toml: write [[type]], not [type]"),
        ("[[thing]]\n", "resources/thing.toml: unknown block 'thing'"),
        ("[[type]\n", "resources/thing.toml: not readable as TOML"),
        ('[[type]]\nhome = "x"', "resources/thing.toml: type ?: 'name' is missing"),
        ('[[type]]\nname = "Thing"', "type Thing: 'home' is missing"),
        (TYPE + 'colour = "red"', "type Thing: unknown key 'colour'"),
        (TYPE + 'python = "hsfs.thing"', "'python' is 'hsfs.thing'; write"),
        (TYPE + FIELD + 'kind = "strr"', "type Thing, field size: unknown kind 'strr'"),
        (TYPE + FIELD + 'kind = "object"', "field size: kind 'object'"),
        (TYPE + FIELD + 'kind = "object:Missing"', "field size: no type 'Missing' in resources/"),
        (TYPE + FIELD + 'kind = "union:Missing"', "field size: no union 'Missing' in resources/"),
        (TYPE + FIELD + 'kind = "flag"', "field size: kind 'flag', and only it, has 'words'"),
        (TYPE + FIELD + 'access = "x"', "field size: 'access' is 'x'; it must be one of r, rw, w"),
        (TYPE + FIELD + "init = 1", "field size: 'init' must be true or false"),
        (TYPE + FIELD + "default = [1]", "field size: 'default' must be a plain value"),
        (TYPE + FIELD + "required = true\ndefault = 1", "a required field has no default"),
        (TYPE + FIELD + FIELD, "type Thing: field size stands twice"),
        (
            TYPE + FIELD + '[[type.field]]\nname = "other"\nkey = "size"\n',
            "field other: key 'size' belongs to size",
        ),
        (
            TYPE + FIELD + '[[type.field]]\nname = "other"\nrequired = true\n',
            "field other: required, but follows the optional 'size'",
        ),
        (TYPE + 'repr = ["nothing"]\n' + FIELD, "'repr' names 'nothing', which is no field"),
        (TYPE + 'constant = { size = "x" }\n' + FIELD, "key 'size' is a constant as well"),
        (TYPE + 'ignore = ["size"]\n' + FIELD, "'ignore' names 'size', which is a field"),
        (TYPE + 'keys = "kebab"\n', "'keys' is 'kebab'"),
        (TYPE + 'extends = "Missing"\n', "extends 'Missing', which no file has"),
        (TYPE + 'extends = "Thing"\n', "type Thing: extends itself"),
        (TYPE + TYPE, "type Thing: 'Thing' is already in resources/thing.toml"),
        ('[[union]]\nname = "U"\nkey = "type"\n', "union U: 'cases' must be a table"),
        (
            '[[union]]\nname = "U"\nkey = "type"\ncases = { a = "Missing" }\n',
            "union U: no type or union 'Missing'",
        ),
        ('[[endpoint]]\nname = "e"\n', "endpoint e: 'path' is missing"),
        ('[[endpoint]]\nname = "e"\npath = "x"\nverb = "get"\n', "endpoint e: 'verb' is 'get'"),
        ('[[endpoint]]\nname = "e"\npath = "x/{a"\n', "endpoint e: path 'x/{a'"),
        ('[[endpoint]]\nname = "e"\npath = "x?a=1"\n', "endpoint e: path 'x?a=1'"),
        (
            '[[endpoint]]\nname = "e"\npath = "x"\nreturns = "array:T"\n',
            "endpoint e: 'returns' is 'array:T'",
        ),
        (
            '[[endpoint]]\nname = "e"\npath = "x"\nreturns = "Missing"\n',
            "endpoint e: no type or union 'Missing'",
        ),
        (
            '[[endpoint]]\nname = "e"\npath = "x"\nquery = { a = "n:{b}" }\n',
            "endpoint e: query 'a': a parameter stands alone",
        ),
        ('[[endpoint]]\nname = "e"\npath = "x"\nabsent = ["1"]\n', "endpoint e: 'absent' must be"),
    ],
)
def test_faults_name_file_type_and_field(tmp_path, text, named):
    assert named in faults(tmp_path, text)


def test_all_faults_are_listed_at_once(tmp_path):
    (tmp_path / "other.toml").write_text("[[type]\n", encoding="utf-8")
    listed = faults(
        tmp_path, TYPE + FIELD + 'kind = "a"\n' + FIELD.replace("size", "b") + 'kind = "c"'
    ).splitlines()
    assert len(listed) == 3
    assert any("other.toml" in line for line in listed)


def test_fields_of_an_extended_type(tmp_path):
    made = load(
        tmp_path,
        '[[type]]\nname = "Base"\nabstract = true\n'
        '[[type.field]]\nname = "a"\n[[type.field]]\nname = "b"\n[[type.field]]\nname = "c"\n'
        '[[type]]\nname = "Made"\nhome = "x"\nextends = "Base"\nomit = ["b"]\n'
        '[[type.field]]\nname = "d"\n[[type.field]]\nname = "a"\nkind = "int"\n',
    )
    assert [(row.name, row.kind) for row in made.types["Made"].fields] == [
        ("a", "int"),
        ("c", "any"),
        ("d", "any"),
    ]
    assert [row.name for row in made.concrete] == ["Made"]


def test_keys_are_spelt_as_the_type_says(tmp_path):
    fields = '[[type.field]]\nname = "two_words"\n[[type.field]]\nname = "own_key"\nkey = "OWN"\n'
    made = load(tmp_path, f'[[type]]\nname = "Made"\nhome = "x"\nkeys = "snake"\n{fields}')
    assert [row.key for row in made.types["Made"].fields] == ["two_words", "OWN"]


def test_signature_and_stub(tmp_path):
    made = load(
        tmp_path,
        TYPE + '[[type.field]]\nname = "a"\nkind = "int"\nrequired = true\n'
        '[[type.field]]\nname = "b"\nkind = "list:str"\nfallback = []\n'
        '[[type.field]]\nname = "c"\nkind = "str"\ndefault = "x"\nkeyword_only = true\n'
        '[[type.field]]\nname = "_d"\ninit = false\n',
    )
    assert signatures.text_signature(made.types["Thing"]) == "Thing(a, b=None, *, c='x', **kwargs)"
    stub = stubs.write(made)
    assert "class Thing(_Resource):" in stub
    assert "    b: list[str] | None" in stub
    compile(stub, "_native.pyi", "exec")


def test_texts_are_safe_in_c():
    assert c_rows.quote('a"b\\c\n??=é') == '"a\\"b\\\\c\\n\\077\\077=\\303\\251"'


def test_reference_lists_fields_and_calls(tmp_path):
    pages = reference.write(
        load(
            tmp_path,
            TYPE + FIELD + 'kind = "int"\ndoc = "How large."\n'
            '[[endpoint]]\nname = "thing.get"\npath = "things/{id}"\nreturns = "Thing"\nabsent = [5]\n',
        )
    )
    assert (
        "| `size` | `size` | `int \\| None` | read, write | when set | How large. |"
        in pages["thing.md"]
    )
    assert "`GET things/{id}`" in pages["thing.md"]
    assert "not found (service codes 5)" in pages["thing.md"]


def test_tables_of_the_project_compile(tmp_path):
    for _ in range(2):
        subprocess.run(
            [sys.executable, ROOT / "tools" / "generate.py", "--c-out", tmp_path],
            check=True,
            timeout=60,
        )
    made = (tmp_path / "resource_tables.inc").read_text(encoding="utf-8")
    assert "fields_FeatureGroup" in made


def test_faulty_tables_end_the_build_with_their_names(tmp_path):
    (tmp_path / "thing.toml").write_text("[[type]\n", encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            ROOT / "tools" / "generate.py",
            "--resources",
            tmp_path,
            "--c-out",
            tmp_path / "out",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert "resources/thing.toml: not readable as TOML" in run.stderr
    assert not (tmp_path / "out").exists()


def test_committed_files_are_current():
    run = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr


def test_stubs_agree_with_the_extension():
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "hopsworks._native", "--concise"],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout
