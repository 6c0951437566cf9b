"""Predictors of scikit-learn models."""

from __future__ import annotations

from hopsworks.constants import MODEL, PREDICTOR
from hsml.predictor import Predictor as AnyPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class Predictor(AnyPredictor):
    """Predictor of a scikit-learn model; a script is optional.

    Parameters:
        **kwargs: Arguments of :class:`hsml.predictor.Predictor`.
    """

    __slots__ = ()

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(
            model_framework=MODEL.FRAMEWORK_SKLEARN, model_server=PREDICTOR.MODEL_SERVER_PYTHON
        )
        super().__init__(**kwargs)
