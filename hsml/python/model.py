"""The class of Python models."""

from hopsworks.constants import MODEL
from hsml.core.framework_model import FrameworkModel


class Model(FrameworkModel):
    """One version of a Python model; made by ``mr.python.create_model(...)`` or read from the registry."""

    __slots__ = ()

    _FRAMEWORK = MODEL.FRAMEWORK_PYTHON
