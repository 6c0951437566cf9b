"""lakeFS: branches, commits and merges for what lies in an object store.

```python
from hopsworks import lakefs

lakefs.init(host="http://localhost:8000", username="AKIA…", password="…")
branch = lakefs.repository("lake").branch("experiment").create("main")
branch.object("numbers.csv").upload("1,2,3")
branch.commit("numbers")
```

Importing this package loads next to nothing; the rest comes when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time the names come when they are asked for
    from hopsworks.lakefs.branch import Branch, LakeFSDeprecationWarning
    from hopsworks.lakefs.client import Client, ServerConfiguration, init
    from hopsworks.lakefs.models import (
        Change,
        Commit,
        CommonPrefix,
        ImportStatus,
        ObjectInfo,
        RepositoryProperties,
        ServerStorageConfiguration,
    )
    from hopsworks.lakefs.object import (
        ObjectReader,
        ObjectWriter,
        StoredObject,
        WriteableObject,
    )
    from hopsworks.lakefs.reference import Reference
    from hopsworks.lakefs.repository import Repository, repositories, repository
    from hopsworks.lakefs.tag import Tag
    from hopsworks.lakefs.transaction import BranchTransaction

    ImportResult = ImportStatus
    DefaultClient: Client | None

# Public name -> module of this package, and the name there; None for the module itself.
_LAZY = {
    "Client": ("client", "Client"),
    "ServerConfiguration": ("client", "ServerConfiguration"),
    "init": ("client", "init"),
    "Repository": ("repository", "Repository"),
    "repositories": ("repository", "repositories"),
    "repository": ("repository", None),
    "Reference": ("reference", "Reference"),
    "Branch": ("branch", "Branch"),
    "BranchTransaction": ("transaction", "BranchTransaction"),
    "LakeFSDeprecationWarning": ("branch", "LakeFSDeprecationWarning"),
    "Tag": ("tag", "Tag"),
    "Commit": ("models", "Commit"),
    "Change": ("models", "Change"),
    "ImportStatus": ("models", "ImportStatus"),
    "ImportResult": ("models", "ImportStatus"),
    "ServerStorageConfiguration": ("models", "ServerStorageConfiguration"),
    "ObjectInfo": ("models", "ObjectInfo"),
    "CommonPrefix": ("models", "CommonPrefix"),
    "RepositoryProperties": ("models", "RepositoryProperties"),
    "StoredObject": ("object", "StoredObject"),
    "WriteableObject": ("object", "WriteableObject"),
    "ObjectReader": ("object", "ObjectReader"),
    "ObjectWriter": ("object", "ObjectWriter"),
    "auth": ("auth", None),
    "branch": ("branch", None),
    "client": ("client", None),
    "config": ("config", None),
    "exceptions": ("exceptions", None),
    "import_manager": ("import_manager", None),
    "models": ("models", None),
    "namedtuple": ("namedtuple", None),
    "object": ("object", None),
    "reference": ("reference", None),
    "tag": ("tag", None),
}

__all__ = [
    "Branch",
    "BranchTransaction",
    "Change",
    "Client",
    "Commit",
    "CommonPrefix",
    "ImportResult",
    "ImportStatus",
    "LakeFSDeprecationWarning",
    "ObjectInfo",
    "ObjectReader",
    "ObjectWriter",
    "Reference",
    "Repository",
    "RepositoryProperties",
    "ServerConfiguration",
    "ServerStorageConfiguration",
    "StoredObject",
    "Tag",
    "WriteableObject",
    "init",
    "repositories",
    "repository",
]


def __getattr__(name):
    if name == "DefaultClient":
        return _default_client()
    try:
        module_name, attribute = _LAZY[name]
    except KeyError:
        raise AttributeError(f"module '{__name__}' has no attribute {name!r}") from None
    from importlib import import_module

    module = import_module(f"{__name__}.{module_name}")
    value = module if attribute is None else getattr(module, attribute)
    globals()[name] = value
    return value


def _default_client():
    """The default client, made now if need be; None when nothing says who asks."""
    from hopsworks.lakefs.client import default_client
    from hopsworks.lakefs.exceptions import NoAuthenticationFound

    try:
        return default_client()
    except NoAuthenticationFound:
        return None


def __dir__():
    return sorted({*globals(), *_LAZY, "DefaultClient"})
