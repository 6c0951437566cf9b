"""The class of TensorFlow models."""

from hopsworks.constants import MODEL
from hsml.core.framework_model import FrameworkModel


class Model(FrameworkModel):
    """One version of a TensorFlow model; made by ``mr.tensorflow.create_model(...)`` or read from the registry."""

    __slots__ = ()

    _FRAMEWORK = MODEL.FRAMEWORK_TENSORFLOW
