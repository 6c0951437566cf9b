"""The feature store: feature groups, feature views, queries and training data.

```python
import hopsworks

fs = hopsworks.login(host="local").get_feature_store()
```
"""

import hopsworks as hopsworks  # the aliases of this package come with it
from hopsworks.version import __version__ as __version__

__all__ = ["connection"]

TYPE_CHECKING = False
if (
    TYPE_CHECKING
):  # what type checkers and editors see; at run time it is a module that can be called
    from hopsworks._classic import connection
else:

    def __getattr__(name):
        if name != "connection":
            raise AttributeError(f"module 'hsfs' has no attribute {name!r}")
        from importlib import import_module

        return import_module("hsfs.connection")


def __dir__():
    return sorted({*globals(), "connection"})
