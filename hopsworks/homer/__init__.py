"""homer: the model registry of Hopsworks, object by object.

```python
import homer

with homer.connection(host="local", project="local") as connection:
    mr = connection.get_model_registry()
```

``import homer`` and ``import hopsworks.homer`` give the same module. Nothing of numpy, pandas or a machine learning
library is loaded before a call needs it.
"""

# Public name -> module that holds it.
_LAZY = {
    "Connection": "connection",
    "connection": "connection",
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

    module = import_module(f"hopsworks.homer.{module_name}")
    # The module `connection` is itself callable, so that importing it does not hide the function.
    value = module if name == module_name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_LAZY})
