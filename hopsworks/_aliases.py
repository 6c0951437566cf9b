"""The one import hook of the package: other names for the same module objects.

``hopsworks.hsfs[.*]`` is ``hsfs[.*]``, ``hopsworks.hsml[.*]`` is ``hsml[.*]``, ``hopsworks_common[.*]`` is
``hopsworks[.*]``, ``homer[.*]`` is ``hopsworks.homer[.*]``. An alias loads nothing until somebody imports it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

ALIASES = {
    "hopsworks.hsfs": "hsfs",
    "hopsworks.hsml": "hsml",
    "hopsworks_common": "hopsworks",
    "homer": "hopsworks.homer",
}

_PREFIXES = tuple(ALIASES)
_ModuleSpec: Any = type(sys.__spec__)
_CORE = "hopsworks._native"


def add(alias: str, real: str) -> None:
    """Let a module have another name, its submodules included; for distributions that only bring a name.

    Parameters:
        alias: The other name, for example ``"auger.hub_api_client"``.
        real: The name that the module really has.
    """
    global _PREFIXES
    ALIASES[alias] = real
    _PREFIXES = tuple(ALIASES)


def real_name(name: str) -> str | None:
    """The name that a module really has, or ``None`` when the name is not an alias."""
    if name.startswith(_PREFIXES):
        for alias, real in ALIASES.items():
            if name == alias or name.startswith(alias + "."):
                return real + name[len(alias) :]
    return None


def _spec_of_core(path: Any, target: Any) -> ModuleSpec:
    """What the other finders say about the compiled core; tells what to do when there is none."""
    for finder in sys.meta_path:
        if finder is not AliasFinder:
            spec = finder.find_spec(_CORE, path, target)
            if spec is not None:
                return spec
    import os

    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.exists(os.path.join(folder, "CMakeLists.txt")):
        raise ImportError(
            f"hopsworks comes from the source tree {folder}, which has no compiled core. Change to another folder, where "
            "Python finds the installed package, or build the core there: ./dev build",
            name=_CORE,
        )
    raise ImportError(
        f"The package hopsworks in {folder} has no compiled core for this Python. Install it again.",
        name=_CORE,
    )


class AliasFinder:
    """Finder and loader that hands out the module that an alias stands for."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of an alias; ``None`` for every other module, and for aliases of modules that do not exist."""
        if name == _CORE:
            return _spec_of_core(path, target)
        real = real_name(name)
        if real is None:
            return None
        if real not in sys.modules:
            try:
                __import__(real)
            except ModuleNotFoundError as error:
                if error.name == real:
                    return None
                raise
        return _ModuleSpec(name, AliasFinder, is_package=hasattr(sys.modules[real], "__path__"))

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        """The module that the alias stands for, already loaded."""
        module = sys.modules[real_name(spec.name) or spec.name]
        # The import system stamps a new spec on what it is given; the module keeps its own.
        spec.loader_state = (getattr(module, "__spec__", None), getattr(module, "__loader__", None))
        return module

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Nothing to run: the module was run under its own name."""
        spec = module.__spec__
        if spec is not None and spec.loader is AliasFinder and spec.loader_state is not None:
            module.__spec__, module.__loader__ = spec.loader_state


def install() -> None:
    """Put the finder in front of those of Python. May be called again.

    It comes first because an alias of a package shares that package's search path: Python's own finder would find
    the file of a submodule there and load it a second time under the alias.
    """
    if AliasFinder not in sys.meta_path:
        sys.meta_path.insert(0, AliasFinder)
