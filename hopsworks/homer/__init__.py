"""homer: the model registry of Hopsworks, object by object.

```python
import homer

with homer.connection(host="local", project="local") as connection:
    mr = connection.get_model_registry()
```

``import homer`` and ``import hopsworks.homer`` give the same module. Nothing of numpy, pandas or a machine learning
library is loaded before a call needs it.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time each name is loaded when it is first used
    from hopsworks.homer.errors import (
        HomerError,
        InvalidModelError,
        MissingFilesError,
        ModelExistsError,
        ModelNotFoundError,
        RegistrationTimeoutError,
        RegistryAccessError,
    )
    from hopsworks.homer.model import Model
    from hopsworks.homer.model_registry import ModelRegistry
    from hopsworks.homer.registry_connection import Connection, connection
    from hopsworks.homer.signature import (
        ColSpec,
        ModelSignature,
        Schema,
        TensorSpec,
        infer_signature,
    )
    from hopsworks.tag import Tag

# Public name -> module that holds it.
_LAZY = {
    "Connection": "hopsworks.homer.registry_connection",
    "connection": "hopsworks.homer.registry_connection",
    "Model": "hopsworks.homer.model",
    "ModelRegistry": "hopsworks.homer.model_registry",
    "ModelSignature": "hopsworks.homer.signature",
    "infer_signature": "hopsworks.homer.signature",
    "Schema": "hopsworks.homer.signature",
    "ColSpec": "hopsworks.homer.signature",
    "TensorSpec": "hopsworks.homer.signature",
    "Tag": "hopsworks.tag",
    "HomerError": "hopsworks.homer.errors",
    "InvalidModelError": "hopsworks.homer.errors",
    "MissingFilesError": "hopsworks.homer.errors",
    "ModelExistsError": "hopsworks.homer.errors",
    "ModelNotFoundError": "hopsworks.homer.errors",
    "RegistrationTimeoutError": "hopsworks.homer.errors",
    "RegistryAccessError": "hopsworks.homer.errors",
}

__all__ = [
    "ColSpec",
    "Connection",
    "HomerError",
    "InvalidModelError",
    "MissingFilesError",
    "Model",
    "ModelExistsError",
    "ModelNotFoundError",
    "ModelRegistry",
    "ModelSignature",
    "RegistrationTimeoutError",
    "RegistryAccessError",
    "Schema",
    "Tag",
    "TensorSpec",
    "connection",
    "infer_signature",
]


if not TYPE_CHECKING:  # a checker that saw this would take any name for one

    def __getattr__(name):
        module_name = _LAZY.get(name)
        if module_name is None:
            raise AttributeError(f"module 'homer' has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(module_name), name)
        return value


def __dir__():
    return sorted({*globals(), *_LAZY})
