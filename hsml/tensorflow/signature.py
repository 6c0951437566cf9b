"""Making TensorFlow models in the registry of the default connection."""

from hsml.core.frameworks import FrameworkModels

__all__ = ["create_model"]

create_model = FrameworkModels("TENSORFLOW").create_model
