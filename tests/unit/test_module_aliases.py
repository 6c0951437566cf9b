"""Other names for our modules: the same objects, whichever name is imported first."""

import importlib
import inspect
import subprocess
import sys

import pytest

import hopsworks
import hsfs
import hsml


@pytest.mark.parametrize(
    ("alias", "real"),
    [
        ("hopsworks.hsfs", "hsfs"),
        ("hopsworks.hsml", "hsml"),
        ("hopsworks.hsfs.client.exceptions", "hsfs.client.exceptions"),
        ("hopsworks.hsml.connection", "hsml.connection"),
        ("hopsworks_common", "hopsworks"),
        ("hopsworks_common.client.exceptions", "hopsworks.client.exceptions"),
        ("hopsworks_common.core.dataset_api", "hopsworks.core.dataset_api"),
        ("hopsworks_common.connection", "hopsworks.connection"),
        ("homer", "hopsworks.homer"),
        ("homer.model_registry", "hopsworks.homer.model_registry"),
    ],
)
@pytest.mark.parametrize("alias_first", [True, False])
def test_an_alias_is_the_same_module(alias, real, alias_first):
    names = (alias, real) if alias_first else (real, alias)
    script = (
        "import importlib\n"
        f"first, second = (importlib.import_module(name) for name in {names!r})\n"
        "assert first is second\n"
        f"assert first.__name__ == {real!r}, first.__name__\n"
        f"assert first.__spec__.name == {real!r}, first.__spec__\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_an_alias_of_a_missing_module_is_an_import_error_that_names_it():
    with pytest.raises(ModuleNotFoundError, match=r"hopsworks\.hsfs\.no_such_module"):
        importlib.import_module("hopsworks.hsfs.no_such_module")


def test_an_error_inside_the_real_module_is_not_hidden(tmp_path, monkeypatch):
    (tmp_path / "broken_alias_target.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from hopsworks import _aliases

    monkeypatch.setitem(_aliases.ALIASES, "hopsworks.broken", "broken_alias_target")
    monkeypatch.setattr(_aliases, "_PREFIXES", tuple(_aliases.ALIASES))
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        importlib.import_module("hopsworks.broken")


@pytest.mark.parametrize("package", [hopsworks, hsfs, hsml])
def test_connection_is_function_and_module_at_once(package):
    importlib.import_module(f"{package.__name__}.connection")
    assert callable(package.connection)
    assert package.connection.Connection is hopsworks.Connection
    names = list(inspect.signature(package.connection).parameters)
    assert names == (["args", "kwargs"] if package is not hopsworks else names)
    assert package is not hopsworks or names[:3] == ["host", "port", "project"]


def test_names_of_the_package_are_listed_and_unknown_ones_refused():
    assert {"login", "logout", "connection", "create_project", "get_current_project"} <= set(
        dir(hopsworks)
    )
    with pytest.raises(AttributeError, match="no_such_name"):
        hopsworks.no_such_name
    assert hopsworks.__version__ == hsfs.__version__ == hsml.__version__ == "5.2.1"
