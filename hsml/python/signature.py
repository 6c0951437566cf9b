"""Making Python models in the registry of the default connection."""

from hsml.core.frameworks import FrameworkModels

__all__ = ["create_model"]

create_model = FrameworkModels("PYTHON").create_model
