"""The class of scikit-learn models."""

from hopsworks.constants import MODEL
from hsml.core.framework_model import FrameworkModel


class Model(FrameworkModel):
    """One version of a scikit-learn model; made by ``mr.sklearn.create_model(...)`` or read from the registry."""

    __slots__ = ()

    _FRAMEWORK = MODEL.FRAMEWORK_SKLEARN
