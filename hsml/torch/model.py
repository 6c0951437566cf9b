"""The class of PyTorch models."""

from hopsworks.constants import MODEL
from hsml.core.framework_model import FrameworkModel


class Model(FrameworkModel):
    """One version of a PyTorch model; made by ``mr.torch.create_model(...)`` or read from the registry."""

    __slots__ = ()

    _FRAMEWORK = MODEL.FRAMEWORK_TORCH
