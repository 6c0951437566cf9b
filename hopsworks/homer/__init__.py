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

# Public name -> module that holds it.
_LAZY = {
    "Connection": "registry_connection",
    "connection": "registry_connection",
    "Model": "model",
    "ModelRegistry": "model_registry",
    "ModelSignature": "signature",
    "infer_signature": "signature",
    "Schema": "signature",
    "ColSpec": "signature",
    "TensorSpec": "signature",
    "HomerError": "errors",
    "InvalidModelError": "errors",
    "ModelExistsError": "errors",
    "ModelNotFoundError": "errors",
    "RegistrationTimeoutError": "errors",
    "RegistryAccessError": "errors",
}

__all__ = [
    "ColSpec",
    "Connection",
    "HomerError",
    "InvalidModelError",
    "Model",
    "ModelExistsError",
    "ModelNotFoundError",
    "ModelRegistry",
    "ModelSignature",
    "RegistrationTimeoutError",
    "RegistryAccessError",
    "Schema",
    "TensorSpec",
    "connection",
    "infer_signature",
]


def __getattr__(name):
    module_name = _LAZY.get(name)
    if module_name is None:
        raise AttributeError(f"module 'homer' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"hopsworks.homer.{module_name}"), name)
    return value


def __dir__():
    return sorted({*globals(), *_LAZY})
