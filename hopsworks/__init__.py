"""Hopsworks: feature store, model registry, model serving and files of a Hopsworks cluster, or of one on this machine.

```python
import hopsworks

project = hopsworks.login(host="local")
```

Importing this package changes nothing and loads next to nothing; the rest comes when it is first used.
"""

import sys

from hopsworks import _aliases
from hopsworks.version import __version__ as __version__

_aliases.install()

TYPE_CHECKING = False
if TYPE_CHECKING:  # what type checkers and editors see of the names below
    import hsfs as hsfs
    import hsml as hsml
    from hopsworks import auger as auger
    from hopsworks import client as client
    from hopsworks import constants as constants
    from hopsworks import core as core
    from hopsworks import homer as homer
    from hopsworks import lakefs as lakefs
    from hopsworks import project as project
    from hopsworks._account import get_env_vars_api, get_secrets_api, get_users_api
    from hopsworks._classic import connection
    from hopsworks._login import create_project, get_current_project, login, logout
    from hopsworks.connection import Connection
    from hopsworks.diagnostics.run import diagnose
    from hopsworks.project import Project as Project
    from hopsworks.spark import build_spark

# Public name -> (module, name there); None for the module itself. A module of that name that is callable (see
# hopsworks/connection.py) is both the function and the place of its class.
_LAZY = {
    "login": ("hopsworks._login", "login"),
    "logout": ("hopsworks._login", "logout"),
    "get_current_project": ("hopsworks._login", "get_current_project"),
    "create_project": ("hopsworks._login", "create_project"),
    "get_secrets_api": ("hopsworks._account", "get_secrets_api"),
    "get_env_vars_api": ("hopsworks._account", "get_env_vars_api"),
    "diagnose": ("hopsworks.diagnostics.run", "diagnose"),
    "get_users_api": ("hopsworks._account", "get_users_api"),
    "build_spark": ("hopsworks.spark", "build_spark"),
    "connection": ("hopsworks.connection", None),
    "Connection": ("hopsworks.connection", "Connection"),
    "project": ("hopsworks.project", None),
    "Project": ("hopsworks.project", "Project"),
    "auger": ("hopsworks.auger", None),
    "client": ("hopsworks.client", None),
    "constants": ("hopsworks.constants", None),
    "core": ("hopsworks.core", None),
    "hsfs": ("hsfs", None),
    "hsml": ("hsml", None),
    "homer": ("hopsworks.homer", None),
    "lakefs": ("hopsworks.lakefs", None),
}

__all__ = [
    "Connection",
    "build_spark",
    "connection",
    "create_project",
    "diagnose",
    "get_current_project",
    "get_env_vars_api",
    "get_secrets_api",
    "get_users_api",
    "login",
    "logout",
]


if not TYPE_CHECKING:  # a checker that saw this would take any name for one

    def __getattr__(name):
        try:
            module_name, attribute = _LAZY[name]
        except KeyError:
            raise AttributeError(f"module 'hopsworks' has no attribute {name!r}") from None
        __import__(module_name)  # importlib would be a module more to load
        module = sys.modules[module_name]
        value = module if attribute is None else getattr(module, attribute)
        globals()[name] = value
        return value


def __dir__():
    return sorted({*globals(), *_LAZY})
