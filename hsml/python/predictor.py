"""Predictors of Python models."""

from hopsworks.constants import MODEL, PREDICTOR
from hsml.predictor import Predictor as AnyPredictor


class Predictor(AnyPredictor):
    """Predictor of a Python model; needs a script.

    Parameters:
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.

    Raises:
        ValueError: If there is no script.
    """

    __slots__ = ()

    def __init__(self, **kwargs):
        kwargs.update(
            model_framework=MODEL.FRAMEWORK_PYTHON, model_server=PREDICTOR.MODEL_SERVER_PYTHON
        )
        super().__init__(**kwargs)
