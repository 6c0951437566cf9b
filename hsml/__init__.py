"""Models and their serving: the registry, deployments and predictors.

```python
import hopsworks

mr = hopsworks.login(host="local").get_model_registry()
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
            raise AttributeError(f"module 'hsml' has no attribute {name!r}")
        from importlib import import_module

        return import_module("hsml.connection")


def __dir__():
    return sorted({*globals(), "connection"})
